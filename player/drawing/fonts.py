"""Text: how much room it takes, and its coverage.

Boxes are FTGL's, as RV's ``gltext.bounds``: (left, bottom, right, top) of the ink in pixels from
where the pen begins on the base line.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["ASCENDER", "DESCENDER", "FONT", "bounds", "coverage"]

FONT: Final = "DroidSans"
"""OpenImageIO brings it along."""
ASCENDER: Final = 2033 / 2048
"""Of a letter of size 1, in the font that RV brings along: lines are as high as its."""
DESCENDER: Final = -432 / 2048
_MARGIN: Final = 4
_LARGEST: Final = 4096
_LONGEST: Final = 1024

Box = tuple[float, float, float, float]


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:_LONGEST]


def _size(size: float) -> int:
    return max(1, min(int(size), _LARGEST))


@lru_cache(maxsize=4096)
def bounds(text: str, size: int, font: str = FONT) -> Box:
    """The box of the ink of one line."""
    import OpenImageIO as oiio

    text = _plain(text)
    if not text:
        return (0.0, 0.0, 0.0, 0.0)
    box = oiio.ImageBufAlgo.text_size(text, _size(size), font)
    if not box.defined:
        oiio.geterror()
        return (0.0, 0.0, 0.0, 0.0)
    return (float(box.xbegin), float(-box.yend), float(box.xend), float(-box.ybegin))


@lru_cache(maxsize=128)
def coverage(text: str, size: int, font: str = FONT) -> tuple[npt.NDArray[np.float32], int, int]:
    """(rows from the lowest, columns) from 0 to 1, and where the pen begins in it (x, y)."""
    import OpenImageIO as oiio

    text, size = _plain(text), _size(size)
    left, bottom, right, top = bounds(text, size, font)
    margin = _MARGIN + size // 8  # the last letter's ink goes over the box
    x, above = margin - int(left), margin + int(top)
    width, height = int(right) + x + margin + size // 4, above - int(bottom) + margin
    buffer = oiio.ImageBuf(oiio.ImageSpec(width, height, 1, "float"))
    oiio.ImageBufAlgo.zero(buffer)
    if text.strip() and not oiio.ImageBufAlgo.render_text(
        buffer, x, above, text, size, font, (1.0,)
    ):
        oiio.geterror()
    pixels: Any = buffer.get_pixels("float")
    rows = np.ascontiguousarray(pixels[::-1, :, 0], np.float32)
    rows.setflags(write=False)
    return rows, x, height - above
