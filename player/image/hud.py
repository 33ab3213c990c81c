"""What lies over the picture: messages and the heads-up widgets of RV.

A `Hud` is plain data, taken from the session on its thread (`heads_up.py`); `draw` runs on
the display's thread, over finished 8-bit pixels, so that nothing of it is seen by snapshots
of the source or by colour queries.  Widgets are left out of pictures too small to read them
(half blocks of a terminal): messages then belong to the terminal's last row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from player.image.glyphs import blend_text, text_width

if TYPE_CHECKING:
    from player.session.uistate import Question

__all__ = ["Hud", "Painted", "RemotePointer", "draw", "histogram", "question_boxes"]

Bytes = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]
READABLE = 180  # rows below which no text is drawn
_GREY = (200, 200, 200)
_NOWHERE = (0.0, 0.0)


class Painted(Protocol):
    """What scripts drew over a view."""

    def paint(self, pixels: Bytes) -> None:
        """Over a picture (height, width, 4) of any size, top row first, in place."""


@dataclass(frozen=True, slots=True)
class RemotePointer:
    """Somebody else's pointer, in view pixels from the bottom left; `trail` is where it was
    before, oldest first."""

    name: str
    x: float
    y: float
    trail: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Hud:
    """All that is drawn over one picture.  Texts are lines; empty fields draw nothing.

    `tile` is the box of the newest tile of a running render in view pixels (left, bottom,
    right, top), `timeline` (frame, start, end, in, out, marks), `cached` pairs of cached frames.
    """

    message: str = ""
    strip: str = ""
    info: tuple[tuple[str, str], ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    inspector: tuple[tuple[str, str], ...] = ()
    swatch: tuple[float, float, float] | None = None
    at: tuple[float, float] = _NOWHERE
    timeline: tuple[int, int, int, int, int, tuple[int, ...]] | None = None
    cached: tuple[int, ...] = ()
    tile: tuple[float, float, float, float] | None = None
    pointers: tuple[RemotePointer, ...] = ()
    histogram: bool = False
    question: Question | None = None
    scripted: Painted | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is drawn; `at` alone only says where the pointer is."""
        return replace(self, at=_NOWHERE) == Hud()


def _box(
    picture: Bytes, x0: float, y0: float, x1: float, y1: float,
    colour: Sequence[int] = (0, 0, 0), opacity: float = 0.6,
) -> None:  # fmt: skip
    """A filled box; rows from the top, ends exclusive."""
    h, w = picture.shape[:2]
    left, right = max(0, round(x0)), min(w, round(x1))
    top, bottom = max(0, round(y0)), min(h, round(y1))
    if right <= left or bottom <= top:
        return
    part = picture[top:bottom, left:right, :3]
    t = np.float32(min(max(opacity, 0.0), 1.0))
    part[...] = part * (1 - t) + np.asarray(colour, np.float32) * t + np.float32(0.5)


def _outline(picture: Bytes, x0: float, y0: float, x1: float, y1: float, colour: Sequence[int],
             width: int = 1) -> None:  # fmt: skip
    for a, b, c, d in (
        (x0 - width, y0 - width, x1 + width, y0), (x0 - width, y1, x1 + width, y1 + width),
        (x0 - width, y0, x0, y1), (x1, y0, x1 + width, y1),
    ):  # fmt: skip
        _box(picture, a, b, c, d, colour, 1.0)


def _table(
    picture: Bytes, rows: Sequence[tuple[str, str]], x: int, y: int, size: int, below: bool = True
) -> tuple[int, int]:
    """Name and value pairs on a box; returns its (width, height)."""
    names = max(text_width(n, size) for n, _ in rows)
    values = max(text_width(v, size) for _, v in rows)
    line, pad = round(size * 1.3), size // 2
    width, height = names + values + 3 * pad, line * len(rows) + 2 * pad
    top = y if below else y - height
    _box(picture, x, top, x + width, top + height)
    for i, (name, value) in enumerate(rows):
        at = top + pad + i * line
        blend_text(picture, x + pad + names - text_width(name, size), at, name, size, _GREY)
        blend_text(picture, x + 2 * pad + names, at, value, size)
    return width, height


def _timeline(picture: Bytes, hud: Hud, size: int) -> int:
    """Range, in and out, cached frames, marks, playhead; returns the rows it took."""
    if hud.timeline is None:
        return 0
    frame, start, end, first, last, marks = hud.timeline
    h, w = picture.shape[:2]
    height = round(size * 2.2)
    _box(picture, 0, h - height, w, h)
    left, right = size, w - size
    span = max(1, end - start + 1)
    y = h - round(size * 0.7)

    def x(n: float) -> float:
        return float(left + (n - start) / span * (right - left))

    _box(picture, left, y - 2, right, y + 2, (90, 90, 90), 1.0)
    _box(picture, x(first), y - 2, x(last + 1), y + 2, (170, 170, 170), 1.0)
    for a, b in zip(hud.cached[::2], hud.cached[1::2], strict=False):
        _box(picture, x(a), y + 3, x(b + 1), y + 5, (60, 170, 80), 1.0)
    for mark in marks:
        _box(picture, x(mark), y - 5, x(mark) + 2, y + 5, (230, 200, 60), 1.0)
    middle = x(frame + 0.5)
    _box(picture, middle - 2, y - 6, middle + 2, y + 6, (240, 240, 240), 1.0)
    text = str(frame)
    at = min(max(0, round(middle) - text_width(text, size) // 2), w - text_width(text, size))
    blend_text(picture, at, h - height, text, size)
    return height


def histogram(picture: Bytes) -> npt.NDArray[np.int64]:
    """Counts of red, green and blue values: shape (3, 256)."""
    return np.stack([np.bincount(picture[..., c].ravel(), minlength=256) for c in range(3)])


def _histogram(picture: Bytes, counts: npt.NDArray[np.int64], x: int, y: int) -> None:
    """Drawn with its lower left corner at x, y (rows from the top)."""
    height = 100
    _box(picture, x, y - height - 8, x + 264, y)
    # the ends are where clipping piles up: they must not flatten everything else
    top = max(1, int(counts[:, 1:255].max()))
    bars = np.minimum(counts * height // top, height)
    rows = np.arange(height)[::-1, None]
    part = picture[max(0, y - height - 4) : y - 4, x + 4 : x + 260, :3]
    for c in range(3):
        lit = (rows < bars[c][None, :])[-part.shape[0] :, : part.shape[1]]
        channel = part[..., c]
        channel[lit] = np.maximum(channel[lit], 210)


def _message(picture: Bytes, text: str, size: int) -> None:
    pad = size // 2
    width = text_width(text, size)
    _box(picture, size, size, size + width + 2 * pad, size + round(size * 1.3) + 2 * pad)
    blend_text(picture, size + pad, size + pad, text, size)


def _cross(picture: Bytes, x: int, y: int, strength: float) -> None:
    """Four arms from 2 to 10 pixels, white in a dark outline."""
    for width, colour in ((1, (0, 0, 0)), (0, (255, 255, 255))):
        for a, b in ((2, 10), (-10, -2)):
            _box(picture, x + a - width, y - width, x + b + width, y + 1 + width, colour, strength)
            _box(picture, x - width, y + a - width, x + 1 + width, y + b + width, colour, strength)


def _pointer(picture: Bytes, p: RemotePointer, size: int) -> None:
    """RV's cross, whose it is, and fainter ones where it was."""
    h = picture.shape[0]
    for at, (tx, ty) in enumerate(p.trail):
        _cross(picture, round(tx), round(h - ty), 0.5 * (at + 1) / len(p.trail))
    x, y = round(p.x), round(h - p.y)
    _cross(picture, x, y, 1.0)
    wide = text_width(p.name, size)
    _box(picture, x - wide // 2 - 3, y + 14, x + wide // 2 + 3, y + 14 + round(size * 1.3))
    blend_text(picture, x - wide // 2, y + 14, p.name, size)


def _lines_of(question: Question) -> list[str]:
    return [*question.lines, "", *(f"[{key}] {label}" for key, label, _ in question.answers)]


def question_boxes(question: Question, width: int, height: int) -> list[tuple[str, Box]]:
    """Where the answers of a question are in a picture of that size: (word, (left, top, right,
    bottom)), rows from the top.  Empty when the picture is too small to show them."""
    if height < READABLE:
        return []
    x, y, wide, line, _ = _panel(question, width, height)
    first = len(question.lines) + 1
    return [
        (word, (x, y + line * (first + i), x + wide, y + line * (first + i + 1)))
        for i, (_, _, word) in enumerate(question.answers)
    ]


def _panel(question: Question, width: int, height: int) -> tuple[int, int, int, int, int]:
    """Left, top and width of a question's text, its line height, its letters' size; in the
    middle, as large as can be read."""
    size = max(12, min(28, height // 30))
    lines = _lines_of(question)
    wide = max(text_width(text, size) for text in lines)
    while size > 8 and wide > width - 2 * size:
        size -= 1
        wide = max(text_width(text, size) for text in lines)
    line = round(size * 1.5)
    return (width - wide) // 2, max(0, height - line * len(lines)) // 2, wide, line, size


def _question(picture: Bytes, question: Question) -> None:
    h, w = picture.shape[:2]
    x, y, wide, line, size = _panel(question, w, h)
    lines = _lines_of(question)
    edge = (x - size, y - size, x + wide + size, y + line * len(lines) + size)
    _box(picture, *edge, (24, 24, 24), 0.95)
    _outline(picture, *edge, (230, 160, 40), 2)
    for _, (left, top, right, bottom) in question_boxes(question, w, h):
        _box(picture, left - size // 2, top + 1, right + size // 2, bottom - 1, (70, 70, 70), 1.0)
    for i, text in enumerate(lines):
        blend_text(picture, x, y + i * line + (line - round(size * 1.3)) // 2, text, size)


def draw(picture: Bytes, hud: Hud) -> None:
    """Draw over *picture* (height, width, 4; top row first), in place."""
    h, w = picture.shape[:2]
    counts = histogram(picture[::2, ::2]) if hud.histogram else None
    if hud.tile is not None:
        left, bottom, right, top = hud.tile
        _outline(picture, left, h - top, right, h - bottom, (255, 170, 40))
    if h < READABLE:
        return
    if hud.scripted is not None:
        hud.scripted.paint(picture)
    size = max(12, min(28, h // 45))
    below = h - _timeline(picture, hud, size)
    if hud.strip:
        width = text_width(hud.strip, size)
        _box(picture, 0, below - round(size * 1.6), width + 2 * size, below)
        blend_text(picture, size, below - round(size * 1.45), hud.strip, size)
        below -= round(size * 1.6)
    y = size * 4 if hud.message else size
    for rows in (hud.info, hud.details):
        if rows:
            y += _table(picture, rows, size, y, size)[1] + size // 2
    if hud.inspector:
        x = round(min(max(0.0, hud.at[0] + size), w - 12.0 * size))
        at = round(min(max(0.0, h - hud.at[1] + size), h - 8.0 * size))
        _, tall = _table(picture, hud.inspector, x, at, size)
        if hud.swatch is not None:
            colour = [round(255 * min(max(c, 0.0), 1.0)) for c in hud.swatch]
            _box(picture, x - size, at, x, at + tall, colour, 1.0)
    if counts is not None:
        _histogram(picture, counts, w - 264 - size, below - size)
    for pointer in hud.pointers:
        _pointer(picture, pointer, 12)
    if hud.message:
        _message(picture, hud.message, round(size * 1.2))
    if hud.question is not None:
        _question(picture, hud.question)
