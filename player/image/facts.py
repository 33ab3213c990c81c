"""What an image says of its own colours: attributes of the file, and those a user set.

RV's colour nodes read them where a property leaves the choice to the image: alpha type,
primaries, adopted neutral, a linear scale, Cineon code values, the bounds of its colours.  Text
attributes come from the readers; `attributes.*` of the source node are added to them and win.

Source: Open RV ``SourceIPNode::addUserAttributes``, ``FileSpaceLinearizeIPNode``, ``ColorIPNode``.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from player.image.colorspace import REC709
from player.media.picture import Chromaticities, Picture

__all__ = ["Attributes", "ColourFacts", "bounds_of", "facts_of", "note_profile", "profile_note",
           "user_attributes"]  # fmt: skip

_log = logging.getLogger(__name__)

Pair = tuple[float, float]
#: (name, text or numbers)
Attributes = tuple[tuple[str, str | tuple[float, ...]], ...]

_PRIMARIES = tuple(f"ColorSpace/{c}Primary" for c in ("Red", "Green", "Blue", "White"))


@dataclass(frozen=True, slots=True)
class ColourFacts:
    """What RVLinearize wants to know of an image.  `neutral` None: the white of its
    primaries.  Of `white`, `black` and `break_point` 0 means that it does not say."""

    premultiplied: bool = True
    has_alpha: bool = True
    chromaticities: Chromaticities | None = None
    neutral: Pair | None = None
    scale: float = 1.0
    white: float = 0.0
    black: float = 0.0
    break_point: float = 0.0


def user_attributes(node: Any) -> Attributes:
    """The `attributes.*` properties of a source node: one text, or one to four numbers."""
    found: list[tuple[str, str | tuple[float, ...]]] = []
    for name in getattr(node, "props", ()):
        if not str(name).startswith("attributes."):
            continue
        values = node.get(name)
        if len(values) == 1 and isinstance(values[0], str):
            found.append((name[11:], values[0]))
        elif 1 <= len(values) <= 4 and all(isinstance(v, (int, float)) for v in values):
            found.append((name[11:], tuple(float(v) for v in values)))
    return tuple(found)


def _numbers(value: str | tuple[float, ...] | None) -> tuple[float, ...]:
    if isinstance(value, str):
        try:
            value = tuple(float(word) for word in value.strip("()").split())
        except ValueError:
            return ()
    return value if value and all(math.isfinite(v) for v in value) else ()


def _pair(value: str | tuple[float, ...] | None) -> Pair | None:
    numbers = _numbers(value)
    return (numbers[0], numbers[1]) if len(numbers) == 2 and numbers[1] else None


_PROFILE = "ColorSpace/ICC/Description"


def profile_note(picture: Picture) -> str:
    """What becomes of the ICC profile of a picture; "" when it has none.  As in RV by default
    only its name matters: source_setup takes one of sRGB for sRGB."""
    name = dict(picture.attributes).get(_PROFILE)
    if name is None:
        return ""
    return f"{name or 'without a name'} ({'taken for sRGB' if 'sRGB' in name else 'not applied'})"


@lru_cache(maxsize=512)
def _say(media: str, note: str) -> None:
    _log.info("%s: ICC profile %s", media, note)


def note_profile(media: str, picture: Picture) -> None:
    """One line in the log for media whose ICC profile is not applied."""
    note = profile_note(picture)
    if note.endswith("(not applied)"):
        _say(media, note)


def bounds_of(attributes: Attributes) -> Pair | None:
    """The attribute ColorBounds, which `color.normalize` of RVColor divides by."""
    numbers = _numbers(dict(attributes).get("ColorBounds"))
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None


def facts_of(picture: Picture, user: Attributes = ()) -> ColourFacts:
    """What a picture and the user's attributes of its source say."""
    made = ColourFacts(
        picture.premultiplied, len(picture.channels) in (2, 4), picture.chromaticities
    )
    given: Iterable[tuple[str, Any]] = (*picture.attributes, *user)
    named = {name: value for name, value in given if name.startswith("ColorSpace/")}
    kind = dict(user).get("AlphaType")
    if isinstance(kind, str):
        made = replace(made, premultiplied=kind != "Unpremultiplied")
    if not named:
        return made
    pairs = [p for p in (_pair(named.get(name)) for name in _PRIMARIES) if p is not None]
    if len(pairs) == 4:
        made = replace(made, chromaticities=(pairs[0], pairs[1], pairs[2], pairs[3]))
    neutral = _pair(named.get("ColorSpace/AdoptedNeutral"))
    if neutral is not None:
        made = replace(
            made, neutral=neutral, chromaticities=made.chromaticities or REC709
        )  # fmt: skip

    def one(name: str, least: float, otherwise: float) -> float:
        numbers = _numbers(named.get(f"ColorSpace/{name}"))
        return numbers[0] if len(numbers) == 1 and numbers[0] >= least else otherwise

    return replace(
        made,
        scale=one("LinearScale", -math.inf, 1.0),
        white=one("WhitePoint", 1.0, 0.0),
        black=one("BlackPoint", 1.0, 0.0),
        break_point=one("BreakPoint", 1.0, 0.0),
    )
