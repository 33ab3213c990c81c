"""Drawing in the coordinates of RV's scripts.

Their projection ends at the last pixel's number (``glyph.setupProjection``: 0 to width - 1), so a
picture is spread by a pixel in each direction.  Text has a size that stays set, as ``gltext``'s.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from player.drawing.canvas import Colour, Drawing
from player.drawing.fonts import ASCENDER, DESCENDER, bounds

__all__ = ["Pen", "largest_fitting", "read_picture"]


class Pen:
    """Draws on a picture of *width* by *height* pixels."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.drawing = Drawing()
        self.size = 12
        self._x = width / (width - 1) if width > 1 else 1.0
        self._y = height / (height - 1) if height > 1 else 1.0

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a place lies, in pixels."""
        return x * self._x, y * self._y

    def polygon(self, *points: tuple[float, float], colour: Any, **more: Any) -> None:
        self.drawing.polygon([self.at(*p) for p in points], colour, **more)

    def rectangle(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        self.polygon((x0, y0), (x1, y0), (x1, y1), (x0, y1), colour=colour)

    def line(
        self, start: tuple[float, float], end: tuple[float, float], colour: Colour, **more: Any
    ) -> None:
        self.drawing.line(self.at(*start), self.at(*end), colour, **more)

    # -- text --------------------------------------------------------------------------

    def bounds(self, text: str) -> tuple[float, float, float, float]:
        return bounds(text, self.size)

    def extent(self, text: str) -> tuple[float, float]:
        """Width and height as RV's scripts reckon them: with the room in front once more."""
        left, bottom, right, top = self.bounds(text)
        return left + right, bottom + top

    def line_height(self) -> float:
        return self.size * (ASCENDER - DESCENDER)

    def text(self, x: float, y: float, text: str, colour: Colour, *, upward: bool = False) -> None:
        """Text whose pen begins at x, y; *upward*: it runs up, and x, y are of the turned page."""
        if upward:
            px, py = self.at(-y, x)
            self.drawing.text(0, 0, text, self.size, colour, matrix=(0, 1, -1, 0, px, py))
        else:
            px, py = self.at(x, y)
            self.drawing.text(px, py, text, self.size, colour)

    def picture(
        self, pixels: Any, x: float, y: float, width: float, height: float, opacity: float = 1.0
    ) -> None:
        (x0, y0), (x1, y1) = self.at(x, y), self.at(x + width, y + height)
        self.drawing.texture(pixels, (x1 - x0, 0, 0, y1 - y0, x0, y0), (1, 1, 1, opacity))


def largest_fitting(fits: Callable[[int], bool]) -> int:
    """The size of text that RV's scripts find between 4 and 2048, which they lower by 2."""
    low, high = 4, 2048
    while high - low > 1:
        middle = (low + high) // 2
        if fits(middle):
            low = middle
        else:
            high = middle
    return low - 2


def read_picture(path: str) -> Any:
    """The first picture of a file as RGBA floats, lowest row first, not multiplied by alpha.

    Raises OSError with the reason.
    """
    import OpenImageIO as oiio

    if not os.path.isfile(path):
        raise OSError(f"{path}: no such file")
    file = oiio.ImageInput.open(path)
    if file is None:
        raise OSError(f"{path}: {' '.join(oiio.geterror().split())}")
    try:
        spec = file.spec()
        alone = bool(spec.getattribute("oiio:UnassociatedAlpha"))
        data = file.read_image("float")
        if data is None:
            raise OSError(f"{path}: {' '.join(file.geterror().split())}")
    finally:
        file.close()
    values = np.asarray(data, np.float32).reshape(spec.height, spec.width, spec.nchannels)
    made = np.ones((spec.height, spec.width, 4), np.float32)
    if spec.nchannels < 3:
        made[..., :3] = values[..., :1]
    else:
        made[..., :3] = values[..., :3]
    if spec.nchannels in (2, 4) or spec.alpha_channel >= 0:
        made[..., 3] = values[..., spec.alpha_channel if spec.alpha_channel >= 0 else -1]
        if not alone:
            there = made[..., 3:] > 0
            made[..., :3] = np.where(there, made[..., :3] / np.where(there, made[..., 3:], 1), 0)
    return np.ascontiguousarray(np.clip(np.nan_to_num(made), 0, 1)[::-1])
