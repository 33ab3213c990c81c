"""What RV's stock overlay scripts draw over each picture.

    frameburn OPACITY GREY SIZE            the frame's number, lower right; red where it is missing
    watermark TEXT OPACITY                 a text across the middle
    bug FILE [OPACITY HEIGHT X Y]          a logo, X and Y from the upper left corner
    matte ASPECT OPACITY                   bars beside a picture of that aspect

Places, sizes and colours are those of Open RV's package ``rvio_basic_scripts``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from player.drawing.canvas import Colour, Drawing
from player.drawing.fonts import bounds
from player.drawing.pen import Pen, read_picture
from rvshell.errors import UsageError

__all__ = ["OVERLAYS", "Place", "overlay"]

_MARGIN: Final = 6
_LABEL: Final = 18  # points of a matte's aspect
_SIDES: Final = 100  # pixels that a watermark leaves free
_LARGEST: Final = 4096


@dataclass(frozen=True, slots=True)
class Place:
    """What is drawn on: a picture of *width* x *height* pixels, its frame, and whether another
    frame is shown in place of this one.  Scripts are also told which eye it is for, of one or
    of two, and what is known of it, by names."""

    width: int
    height: int
    frame: int
    missing: bool = False
    stereo: bool = False
    right_eye: bool = False
    facts: tuple[tuple[str, str], ...] = ()


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"-overlay {name} {text}", hint="it needs a number there") from None


def _least(name: str, words: Sequence[str], count: int, usage: str) -> None:
    if len(words) < count:
        raise UsageError(f"-overlay {name} {' '.join(words)}".rstrip(), hint=f"{name} {usage}")


def _frameburn(words: Sequence[str], place: Place) -> Drawing:
    opacity, grey, size = (_number("frameburn", word) for word in words[:3])
    pen = Pen(place.width, place.height)
    pen.size = max(1, int(size))
    text = f"{place.frame:04d}"
    width, _ = pen.extent("0" * len(text))
    colour = (1.0, 0.0, 0.0, opacity) if place.missing else (grey, grey, grey, opacity)
    pen.text(place.width - width - _MARGIN, _MARGIN, text, colour)
    return pen.drawing


@lru_cache(maxsize=16)
def _watermark_size(text: str, width: int) -> int:
    """RV goes up by fives until the text is too wide, and then two steps back."""
    size = 10
    while size < _LARGEST:
        size += 5
        left, _, right, _ = bounds(text, size)
        if not 0 < int(left + right) < width - _SIDES:
            break
    return max(1, size - 10)


def _watermark(words: Sequence[str], place: Place) -> Drawing:
    text, opacity = words[0], _number("watermark", words[1])
    pen = Pen(place.width, place.height)
    pen.size = _watermark_size(text, place.width)
    width, height = pen.extent(text)
    x, y = (place.width - int(width)) // 2, (place.height - height) / 2
    pen.text(x, y, text, (1.0, 1.0, 1.0, opacity))
    return pen.drawing


@lru_cache(maxsize=8)
def _logo(path: str) -> Any:
    try:
        return read_picture(path)
    except OSError as error:
        raise UsageError(f"-overlay bug {error}") from None


def _bug(words: Sequence[str], place: Place) -> Drawing:
    logo = _logo(words[0])
    rows, columns = logo.shape[:2]
    given = [_number("bug", word) for word in words[1:5]]
    opacity, size, x, y = (given + [0.3, rows, 10, 10][len(given) :])[:4]
    height = int(size)
    pen = Pen(place.width, place.height)
    at = place.height - height - int(y)
    pen.picture(logo, int(x), at, height * columns / rows, height, opacity)
    return pen.drawing


def _matte(words: Sequence[str], place: Place) -> Drawing:
    aspect, opacity = (_number("matte", word) for word in words[:2])
    pen = Pen(place.width, place.height)
    pen.size = _LABEL
    w, h = place.width, place.height
    own = w / h
    if aspect <= 0 or own == aspect:
        return pen.drawing
    black: Colour = (0.0, 0.0, 0.0, opacity)
    _, high = pen.extent(words[0])
    bar = (1 - own / aspect) / 2
    if own < aspect:
        pen.rectangle(0, 0, w, bar * h, black)
        pen.rectangle(0, (1 - bar) * h, w, h, black)
        x, y = float(_MARGIN), bar * h - high - _MARGIN
    else:
        inset = (w - h * aspect) / 2
        pen.rectangle(0, 0, inset, h, black)
        pen.rectangle(w - inset, 0, w, h, black)
        x, y = _MARGIN - bar, h - high - _MARGIN
    pen.text(x, y, words[0], (0.2, 0.2, 0.2, opacity))
    return pen.drawing


_Draw = Callable[[Sequence[str], Place], Drawing]
OVERLAYS: Final[dict[str, tuple[_Draw, int, str]]] = {
    "frameburn": (_frameburn, 3, "OPACITY GREY SIZE"),
    "watermark": (_watermark, 2, "TEXT OPACITY"),
    "bug": (_bug, 1, "FILE [OPACITY HEIGHT X Y]"),
    "matte": (_matte, 2, "ASPECT OPACITY"),
}
"""What draws, how many words it needs, and how it is written."""


def overlay(words: Sequence[str], place: Place) -> Drawing:
    """What `-overlay` *words* draws there.  Raises UsageError."""
    name, *rest = words
    draw, count, usage = OVERLAYS[name]
    _least(name, rest, count, usage)
    return draw(rest, place)
