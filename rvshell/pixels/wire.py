"""Rectangles of canvases as buffers for one gathering system call.

Rows that lie together, and long rows, are sent from where they are; short rows are copied
together first, since a buffer of its own for each costs more than the copy.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rvshell.client.stream import Buffer
from rvshell.pixels.canvas import Canvas, Rectangle
from rvshell.pixels.rows import Rows
from rvshell.protocol import encode_tile_header, encode_tile_names

__all__ = ["TileEncoder"]

_MANY: Final = 16
"""Rows from which a table of them is worth a system call of its own."""

_LONG_ROW: Final = 3 * 1024
"""Bytes from which a row is worth a buffer of its own (measured)."""


class TileEncoder:
    """Turns rectangles of an image's canvases into tile records."""

    def __init__(self, media: str) -> None:
        self._media = media
        self._names: dict[tuple[str, str], bytes] = {}

    def header(self, canvas: Canvas, rectangle: Rectangle) -> bytes:
        """The header of a rectangle's record."""
        x, y, width, height = rectangle
        frame, view, layer = canvas.key
        names = self._names.get((view, layer))
        if names is None:
            names = encode_tile_names(self._media, layer or "-", view or "-")
            self._names[view, layer] = names
        size = width * height * canvas.pixel
        return encode_tile_header(names, width, height, x, y, frame, size)

    def encode(self, rectangles: Iterable[tuple[Canvas, Rectangle]]) -> tuple[list[Buffer], int]:
        """The records as buffers in order, and the bytes of pixels in them."""
        out: list[Buffer] = []
        total = 0
        for canvas, rectangle in rectangles:
            x, y, width, height = rectangle
            header = self.header(canvas, rectangle)
            pixel = canvas.pixel
            memory, origin, stride = canvas.place
            row = width * pixel
            size = row * height
            total += size
            start = origin + y * stride + x * pixel
            if row == stride or height == 1:
                out += (header, memory[start : start + size])
            elif row >= _LONG_ROW and height >= _MANY and Rows.usable():
                out.append(Rows(header, memory, start, stride, row, height))
            elif row >= _LONG_ROW:
                out.append(header)
                out += [
                    memory[at : at + row] for at in range(start, start + height * stride, stride)
                ]
            else:
                left = x * pixel
                out += (header, canvas.rows[y : y + height, left : left + row].tobytes())
        return out, total
