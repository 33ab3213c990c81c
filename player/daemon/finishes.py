"""rvio's words about the output as a `Finish`, and as what the headers of files tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from player.finishing import Finish
from player.finishing.curves import ILLUMINANTS
from player.options import Options
from player.options.arithmetic import evaluate
from rvshell.errors import UsageError

__all__ = ["finish_of", "leader_finish", "transfer_of"]

Words = Mapping[str, tuple[str, ...]]

_CURVES: Final = frozenset(("outlog", "outlogc", "outredlog", "outredlogfilm", "outsrgb", "out709"))
_OF_LEADERS: Final = frozenset(("outlog", "outredlog", "outredlogfilm"))
"""Curves that rvio puts on leaders, too; they are painted in the values of the file otherwise."""
_TRANSFERS: Final = (
    ("outredlogfilm", "RedLogFilm"), ("outredlog", "RedLog"), ("outlog", "Cineon Log"),
    ("outaces", "Linear"), ("outlogc", "ARRI LogC"), ("out709", "Rec709"), ("outsrgb", "sRGB"),
    ("outgamma", "Gamma"),
)  # fmt: skip
_FLOATS: Final = frozenset(("float", "half", "double"))


def _numbers(words: Words, name: str) -> list[float]:
    try:
        return [float(evaluate(text)) for text in words[name]]
    except ValueError:
        raise UsageError(f"-{name} {' '.join(words[name])}", hint="it needs numbers") from None


def _kind(words: Words) -> str:
    """The type of number that is asked for, as rvio reads it."""
    if "out8" in words:
        return "uint8"
    if "outhalf" in words:
        return "float16"
    if "outformat" not in words:
        return ""
    bits, name = int(words["outformat"][0]), words["outformat"][1]
    if bits <= 0:
        return ""
    if bits <= 8:
        return "uint8"
    if name not in _FLOATS:
        return "uint16"
    return "float16" if bits <= 16 else "float32"


def _white(words: Words) -> tuple[float, float] | None:
    if "outillum" in words:
        name = words["outillum"][0]
        if name not in ILLUMINANTS:
            raise UsageError(
                f"{name} is not a standard illuminant", hint=f"there are {', '.join(ILLUMINANTS)}"
            )
        return ILLUMINANTS[name]
    if "outwhite" not in words:
        return None
    x, y = _numbers(words, "outwhite")
    if not 0 < y < 1 or not 0 <= x < 1:
        raise UsageError(f"-outwhite {x:g} {y:g} is no white", hint="CIE x and y: 0.3127 0.3290")
    return x, y


def _samples(words: Words) -> tuple[int, int, int, int] | None:
    if "yrybya" in words:
        y, ry, by, a = (int(text) for text in words["yrybya"])
    elif "yryby" in words:
        (y, ry, by), a = (int(text) for text in words["yryby"]), 0
    else:
        return None
    if y < 1 or ry < 1 or by < 0 or a < 0 or max(y, ry, by, a) > 64:
        raise UsageError("-yryby needs samples of 1 and more", hint="-yryby 1 2 2")
    return y, ry, by, a


def finish_of(words: Words) -> Finish:
    """What the words do to pictures.  Raises UsageError."""
    gamma = _numbers(words, "outgamma")[0] if "outgamma" in words else 1.0
    if gamma <= 0:
        raise UsageError(f"-outgamma {gamma:g}", hint="it needs a number above 0")
    alpha = "premult" if "outpremult" in words else ""
    channels = ("R", "G", "B") if "outrgb" in words else words.get("outchannelmap", ())
    if len(channels) > 4:
        raise UsageError(f"-outchannelmap {' '.join(channels)}", hint="at most four: R G B A")
    return Finish(
        gamma=gamma, curves=_CURVES.intersection(words), aces="outaces" in words,
        white=_white(words), channels=channels, samples=_samples(words), kind=_kind(words),
        alpha=alpha or ("unpremult" if "outunpremult" in words else ""),
    )  # fmt: skip


def leader_finish(finish: Finish) -> Finish:
    """What is done to leaders: sRGB, Rec. 709, a gamma and another white are not for them."""
    return Finish(
        curves=finish.curves & _OF_LEADERS, channels=finish.channels, alpha=finish.alpha,
        samples=finish.samples, kind=finish.kind,
    )  # fmt: skip


def transfer_of(options: Options) -> str:
    """The name of the output's curve as RV's files tell it; "" where it is not said."""
    words = options.conversions
    return next((name for word, name in _TRANSFERS if word in words), "")
