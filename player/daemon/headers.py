"""What rvio's words tell in the headers of picture files: curves, aspects, ``-outparams``.

    NAME:TYPE=VALUE[,VALUE...]   an attribute of EXR: f i s sv v2i v2f v3i v3f b2i b2f c m33f m44f
    passthrough=REGEX            attributes of the media whose names match, into EXR
    film/slate_info=TEXT ...     fields of DPX (`player.image.film`)

As in RV's writers (``IOexr``, ``IOdpx``), which pass over what is not for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from player.daemon.finishes import transfer_of
from player.finishing.curves import ACES
from player.image.export import ACES_FLAG, Attribute
from player.options import Options
from player.session.kinds.filesource import FileSource
from player.session.session import Session
from rvshell.errors import UsageError

__all__ = ["exr_attributes", "given_parameters"]

_TYPES: Final[dict[str, tuple[str, int]]] = {
    "f": ("", 1), "i": ("", 1), "s": ("", 1), "sv": ("", 0), "v2i": ("vec2i", 2),
    "v2f": ("vec2", 2), "v3i": ("vec3i", 3), "v3f": ("vec3", 3), "b2i": ("box2i", 4),
    "b2f": ("box2", 4), "c": ("float[8]", 8), "m33f": ("matrix33", 9), "m44f": ("matrix44", 16),
}  # fmt: skip
"""OpenImageIO's words, and how many values; the last is repeated when there are fewer."""
_OWN: Final = re.compile(r"([^:]+):([a-z0-9]+)")
_NOT_PASSED: Final = re.compile(
    r"(IOexr/|ColorSpace/).*|View|Sequence|Eye|File|SourceFrame|AlphaType|RVSource|EXR/("
    r"compression|dataWindow|displayWindow|lineOrder|screenWindowCenter|screenWindowWidth|"
    r"pixelAspectRatio|ChannelsRead|ChannelsInFile|ChannelSamplingInFile|AlphaType)"
)


def given_parameters(options: Options) -> dict[str, str]:
    """The words of ``-outparams`` by name; the last of a name counts."""
    return {name: value for name, _, value in (word.partition("=") for word in options.out_params)}


def _converted(name: str, kind: str, text: str) -> Attribute:
    if kind in ("s", "sv"):
        if kind == "s":
            return name, "", text
        parts = tuple(part for part in text.split(",") if part)
        return name, f"string[{len(parts)}]", parts
    word, count = _TYPES[kind]
    whole = kind in ("i", "v2i", "v3i", "b2i")
    try:
        values: list[Any] = [
            int(float(part)) if whole else float(part) for part in text.split(",") if part
        ]
    except ValueError:
        values = []
    if not values:
        raise UsageError(f"-outparams {name}:{kind}={text}", hint="it needs numbers with commas")
    values = (values + values[-1:] * count)[:count]
    return (name, "", values[0]) if count == 1 else (name, word, tuple(values))


def _passed(pattern: str, session: Session) -> Iterable[Attribute]:
    try:
        wanted = re.compile(pattern)
    except re.error as error:
        raise UsageError(f"-outparams passthrough={pattern}: {error}") from None
    for node in session.graph.by_type("RVFileSource"):
        for info in node.media if isinstance(node, FileSource) else ():
            for name, text in info.attributes if info is not None else ():
                if wanted.search(name) and not _NOT_PASSED.fullmatch(name):
                    yield name.removeprefix("EXR/"), "", text


def exr_attributes(options: Options, session: Session) -> list[Attribute]:
    """The attributes of EXR files.  Raises UsageError."""
    made: list[Attribute] = []
    transfer = transfer_of(options)
    if transfer and transfer != "Linear":
        made.append(("transferFunction", "", transfer))
    if "outgamma" in options.conversions:
        made.append(("gamma", "", float(_gamma(options.conversions))))
    if "outaces" in options.conversions:
        made += [
            ("chromaticities", "float[8]", ACES), ("adoptedNeutral", "vec2", ACES[6:]),
            (ACES_FLAG, "", 1), ("openexr:ACESContainerPolicy", "", "none"),
        ]  # fmt: skip
    for word in options.out_params:
        name, _, text = word.partition("=")
        found = _OWN.fullmatch(name)
        if name == "passthrough":
            made += _passed(text, session)
        elif found is not None and found[2] in _TYPES:
            made.append(_converted(found[1], found[2], text))
    return made


def _gamma(words: Mapping[str, tuple[str, ...]]) -> float:
    from player.options.arithmetic import evaluate

    return float(evaluate(words["outgamma"][0]))
