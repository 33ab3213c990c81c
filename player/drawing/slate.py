"""The leader of RV's stock script ``simpleslate``: a slate of names and values.

    simpleslate SIDETEXT [BACKGROUND] NAME=VALUE[=VALUE...] ...

A text runs up the left side, next to a clapboard's stripes; ramps, greys and colours for
adjusting a screen stand at the right, unless a picture is the background.  Measures are those of
Open RV's package ``rvio_basic_scripts`` and of its ``glyph`` functions.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np

from player.drawing.canvas import NO_BLEND, Colour, Drawing
from player.drawing.overlays import Place
from player.drawing.pen import Pen, largest_fitting, read_picture
from rvshell.errors import UsageError

__all__ = ["LEADERS", "leader"]

LEADERS: Final = frozenset(("simpleslate",))

_GROUND: Final[Colour] = (0.18, 0.18, 0.18, 1.0)
_STRIPES, _WIDE = 10, 50
_SIDE: Final[Colour] = (0.5, 0.5, 0.6, 1.0)
_LARGEST_SIDE, _LARGEST_TEXT = 80, 100
_TEXT: Final[Colour] = (0.75, 0.75, 0.75, 1.0)
_RIGHT: Final = 60  # pixels of the ramps and what stands beside them
_PATCH: Final = 20
_PATCHES: Final = ("000", "111", "110", "101", "011", "001", "010", "100")  # right to left
_CHECKER: Final = np.add.outer(np.arange(32), np.arange(32)) % 2 == 0

Pairs = list[tuple[str, str]]


@lru_cache(maxsize=4)
def _background(path: str) -> Any:
    try:
        return read_picture(path)
    except OSError as error:
        raise UsageError(f"-leader simpleslate {error}") from None


def _pairs(words: Sequence[str]) -> Pairs:
    pairs: Pairs = []
    for n, word in enumerate(words):
        parts = [part for part in word.split("=") if part]
        if len(parts) > 1:
            pairs += [(parts[0] if i == 0 else "", value) for i, value in enumerate(parts[1:])]
        elif parts and not (n == 0 and os.path.exists(word)):
            pairs.append(("", parts[0]))
    return pairs


def _stripes(pen: Pen) -> None:
    step = pen.height // _STRIPES
    for outlined in (False, True):
        for i in range(-1, _STRIPES):
            grey = (i + 1) % 2 * 0.3 + 0.1
            low, middle, high = step * i, step * (i + 1), step * (i + 2)
            corners = [(0, low), (_WIDE, middle), (_WIDE, high), (0, middle)]
            colour = (grey, grey, grey, 1.0)
            if not outlined:
                pen.polygon(*corners, colour=colour)
                continue
            for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
                pen.line(start, end, colour, smooth=True)


def _adjustment(pen: Pen) -> None:
    """A ramp, greys of every other pixel, where a screen's gamma shows them, and colours."""
    w, h = pen.width, pen.height
    black, white = (0.0, 0.0, 0.0, 1.0), (1.0, 1.0, 1.0, 1.0)
    pen.polygon(
        (w - 20, 0), (w, 0), (w, h), (w - 20, h), colour=(black, black, white, white)
    )  # fmt: skip
    column = ((w - 30, 0), (w - 20, 0), (w - 20, h), (w - 30, h))
    pen.polygon(*column, colour=black)
    pen.polygon(*column, colour=white, stipple=_CHECKER)
    pen.size = 10
    grey = (0.5, 0.5, 0.5, 1.0)
    for gamma in (2.2, 1.8, 1.0):
        y = h * 0.5 ** (1 / gamma)
        pen.text(w - _RIGHT, y - 3, f"{gamma:.1f}", grey)
        pen.line((w - 45, y), (w - 30, y), grey, smooth=True, blend=NO_BLEND)
    for i, digits in enumerate(_PATCHES):
        r, g, b = map(float, digits)
        x = w - _RIGHT - _PATCH * (i + 1)
        pen.rectangle(x, h - _PATCH, x + _PATCH, h, (r, g, b, 1.0))


def _fit_line(pen: Pen, text: str, width: int, height: int) -> int:
    def fits(size: int) -> bool:
        pen.size = size
        wide, high = pen.extent(text)
        return int(wide) <= width and int(high) <= height

    return largest_fitting(fits)


def _side(pen: Pen, text: str) -> float:
    """Draw the text along the side; how high its letters are."""
    if not text:
        return 0.0
    pen.size = max(1, min(_fit_line(pen, text, int(pen.height * 0.8), _LARGEST_SIDE), 80))
    wide, high = pen.extent(text)
    pen.text((pen.height - wide) / 2, -(high + 20) - _WIDE, text, _SIDE, upward=True)
    return high


def _extent(pen: Pen, pairs: Pairs, margin: int) -> tuple[int, int, int]:
    """Width and height of the table, and of that the names' width, in whole pixels."""
    names = values = height = 0
    for name, value in pairs:
        names = int(max(names, pen.extent(name)[0]))
        _, bottom, right, _ = pen.bounds(value)
        values = int(max(values, right + bottom))  # sic
        height = int(height + pen.line_height())
    return names + values, height + 2 * margin, names


def _table(pen: Pen, pairs: Pairs, left: float) -> None:
    margin = pen.width // 24
    room = (pen.width - left - _RIGHT - margin, pen.height * 0.9)

    def fits(size: int) -> bool:
        pen.size = size
        width, height, _ = _extent(pen, pairs, margin)
        return width <= int(room[0]) and height <= int(room[1])

    pen.size = max(1, min(_LARGEST_TEXT, largest_fitting(fits)))
    width, height, names = _extent(pen, pairs, margin)
    x = int((pen.width - left - width - margin - _RIGHT) / 2 + left)
    y = (pen.height - height) // 2
    bar, bottom = x + names + margin // 4, y - margin
    pen.line(
        (bar, bottom + margin // 2), (bar, bottom + height - margin // 2), (*_TEXT[:3], 0.25),
        smooth=True,
    )  # fmt: skip
    for name, value in reversed(pairs):
        pen.text(x + names - pen.extent(name)[0], y, name, (*_TEXT[:3], 0.75))
        pen.text(x + names + margin // 2, y, value, _TEXT)
        y = int(y + pen.line_height())


def leader(words: Sequence[str], place: Place) -> Drawing:
    """What `-leader` *words* draws there.  Raises UsageError."""
    texts = list(words[1:])
    pen = Pen(place.width, place.height)
    pen.drawing.clear(_GROUND)
    if len(texts) > 1 and os.path.exists(texts[1]):
        pen.picture(_background(texts[1]), 0, 0, place.width, place.height)
    else:
        _stripes(pen)
        _adjustment(pen)
    high = _side(pen, texts[0] if texts else "")
    pairs = _pairs(texts[1:])
    if pairs:
        _table(pen, pairs, high + 20 + _WIDE)
    return pen.drawing
