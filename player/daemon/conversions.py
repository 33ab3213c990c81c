"""What rvio's command line changes of what a session shows, as properties of its nodes.

``-inlog``, ``-insrgb``, ``-ingamma``, ``-exposure``, ``-flip``, ``-inchannelmap`` and their like
are set on the nodes of all sources, also of those that a session file brings, when everything is
loaded (``makeInputMovie`` of Open RV's rvio), a mode of ``-outstereo`` on the display.
``-outsrgb``, ``-out709`` and ``-outgamma`` replace the display's own colour, also in front of files
of linear light; where more than that is done to a picture (``finishes``), they are done with it.
Mirroring is that of the sources alone: rvio also does it for the places in a layout, where the
second would undo the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from player.options.arithmetic import evaluate
from player.session.node import Node
from player.session.session import Session
from rvshell.errors import UsageError

__all__ = ["changes_output", "convert", "scaled"]

_LINEARISE: Final = {
    "inlog": ("color.logtype", 1), "inlogc": ("color.logtype", 3),
    "inredlog": ("color.logtype", 6),
    "inredlogfilm": ("color.logtype", 7), "insrgb": ("color.sRGB2linear", 1),
    "in709": ("color.Rec709ToLinear", 1),
}  # fmt: skip
_COLOUR: Final = {"ingamma": "color.gamma", "exposure": "color.exposure"}
_MIRROR: Final = {"flip": "transform.flip", "flop": "transform.flop"}
_OUTPUT: Final = frozenset(
    ("outsrgb", "out709", "outgamma", "outlog", "outlogc", "outredlog", "outredlogfilm", "outaces")
)

Words = Mapping[str, tuple[str, ...]]
"""rvio's words without their dash, with what stands behind each."""


def _number(words: Words, name: str) -> float:
    text = " ".join(words[name])
    try:
        return float(evaluate(text))
    except ValueError:
        raise UsageError(f"-{name} {text}".rstrip(), hint="it needs a number") from None


def _all(session: Session, kind: str, name: str, values: Iterable[object]) -> None:
    wanted = list(values)
    for node in session.graph.by_type(kind):
        if node.prop(name) is not None:
            node.assign(name, wanted)


def _is_of_a_source(node: Node) -> bool:
    return node.group is not None and node.group.type == "RVSourceGroup"


def changes_output(words: Words) -> bool:
    """Whether the colours of the output are given."""
    return not _OUTPUT.isdisjoint(words)


def convert(session: Session, words: Words, *, on_display: bool = True) -> None:
    """Apply the words to a session that is loaded; *on_display*: the display's colour is to be
    that of the output, otherwise it is to leave pictures as they are.  Raises UsageError."""
    for word, (name, value) in _LINEARISE.items():
        if word in words:
            _all(session, "RVLinearize", name, [value])
    if "filegamma" in words:
        _all(session, "RVLinearize", "color.fileGamma", [_number(words, "filegamma")])
    for word, name in _COLOUR.items():
        if word in words:
            _all(session, "RVColor", name, [_number(words, word)] * 3)
    for word, name in _MIRROR.items():
        for node in session.graph.by_type("RVTransform2D"):
            if word in words and _is_of_a_source(node):
                node.assign(name, [1])
    if "resize" in words:
        width, height = _resized(words["resize"])
        _all(session, "RVFormat", "geometry.xresize", [width])
        _all(session, "RVFormat", "geometry.yresize", [height])
    if words.get("inchannelmap"):
        _all(session, "RVChannelMap", "format.channels", words["inchannelmap"])
    mode = words.get("outstereo", ())
    if mode and mode[0] != "separate":
        _all(session, "RVDisplayStereo", "stereo.type", mode)
    if changes_output(words):
        _all(session, "RVDisplayColor", "color.sRGB", [int(on_display and "outsrgb" in words)])
        _all(session, "RVDisplayColor", "color.Rec709", [int(on_display and "out709" in words)])
        gamma = _number(words, "outgamma") if on_display and "outgamma" in words else 1.0
        _all(session, "RVDisplayColor", "color.gamma", [gamma])


def _resized(texts: tuple[str, ...]) -> tuple[int, int]:
    """`-resize WIDTH [HEIGHT]`; 0 is what keeps the aspect."""
    try:
        sides = [int(evaluate(text)) for text in texts]
    except ValueError:
        sides = []
    if not 1 <= len(sides) <= 2 or min(sides) < 0 or not any(sides) or max(sides) > 16384:
        raise UsageError(f"-resize {' '.join(texts)}", hint="-resize 640 480, 1920 0 or 0 1080")
    return sides[0], sides[1] if len(sides) == 2 else 0


def scaled(size: tuple[int, int], words: Words) -> tuple[int, int]:
    """The size of the output with `-scale`.  Raises UsageError."""
    if "scale" not in words:
        return size
    factor = _number(words, "scale")
    width, height = (int(side * factor + 0.49) for side in size)
    if not (1 <= width <= 16384 and 1 <= height <= 16384):
        raise UsageError(f"-scale {factor:g} of {size[0]}x{size[1]} is no size")
    return width, height
