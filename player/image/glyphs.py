"""Text as coverage: what OpenImageIO's built-in fonts draw, kept for the next frame."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Mask", "blend_text", "font_of", "text_mask", "text_width"]

Mask = npt.NDArray[np.uint8]  # (height, width) coverage, top row first

_FONT = "DroidSansMono"
_FIXED = ("mono", "courier", "consol", "menlo", "typewriter")
_SERIFS = ("serif", "times", "georgia", "garamond", "palatino", "roman")


def font_of(family: str, bold: bool = False, italic: bool = False) -> tuple[str, bool]:
    """The built-in font that is nearest to one of another name, and whether it is still to be
    slanted.  Without a name it is one without serifs, as RV's own."""
    name = family.lower()
    if any(word in name for word in _FIXED):
        return "DroidSansMono", italic
    if "sans" not in name and any(word in name for word in _SERIFS):
        style = ("Bold" if bold else "") + ("Italic" if italic else "")
        return "DroidSerif" + (f"-{style}" if style else ""), False
    return "DroidSans-Bold" if bold else "DroidSans", italic


@lru_cache(maxsize=512)
def text_mask(text: str, size: int, font: str = _FONT) -> Mask:
    """One line of *text*, *size* pixels high letters: coverage of shape (line height, width).

    The baseline lies a quarter of the line height above the lowest row.  Characters that the
    font does not have are drawn as its box.
    """
    import OpenImageIO as oiio

    size = max(4, min(size, 512))
    text = "".join(c if c.isprintable() else " " for c in text)[:512]
    box = oiio.ImageBufAlgo.text_size(text, size, font) if text.strip() else None
    width = max(1, box.xend + 2 if box is not None else 1)
    height = round(size * 1.3)
    buffer = oiio.ImageBuf(oiio.ImageSpec(width, height, 1, "uint8"))
    oiio.ImageBufAlgo.zero(buffer)
    if box is not None:
        base = height - round(height * 0.25)
        oiio.ImageBufAlgo.render_text(buffer, 0, base, text, size, font, (1.0,))
        oiio.geterror()
    pixels = buffer.get_pixels("uint8")
    if pixels is None:
        return np.zeros((height, width), np.uint8)
    out: Mask = np.ascontiguousarray(pixels[..., 0]).reshape(height, width)
    out.setflags(write=False)
    return out


def text_width(text: str, size: int) -> int:
    """Pixels that *text* takes."""
    return int(text_mask(text, size).shape[1])


def blend_text(
    picture: npt.NDArray[Any], x: int, y: int, text: str, size: int,
    colour: tuple[int, int, int] = (235, 235, 235), opacity: float = 1.0,
) -> None:  # fmt: skip
    """Draw *text* into an RGB(A) uint8 picture with its upper left corner at x, y (top row
    first); what lies outside is cut off."""
    mask = text_mask(text, size)
    top, left = max(0, y), max(0, x)
    bottom, right = (
        min(picture.shape[0], y + mask.shape[0]),
        min(picture.shape[1], x + mask.shape[1]),
    )
    if bottom <= top or right <= left:
        return
    part = picture[top:bottom, left:right, :3]
    cover = mask[top - y : bottom - y, left - x : right - x, None].astype(np.float32)
    cover *= np.float32(opacity / 255)
    part[...] = part + (np.asarray(colour, np.float32) - part) * cover + np.float32(0.5)
