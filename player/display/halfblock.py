"""A picture as 24-bit half blocks: two pixels a cell, only changed cells sent.

Each cell is U+2584 (lower half block) with the upper pixel as background and the lower as
foreground.  A whole frame is a numpy array of fixed-width byte records; a changed frame is
the runs of cells that differ from the last one, each behind a cursor position.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from player.display.base import Bytes

__all__ = ["HalfBlocks"]

_TEMPLATE = b"\x1b[48;2;000;000;000;38;2;000;000;000m\xe2\x96\x84"
_DIGITS = np.array([list(f"{i:03d}".encode()) for i in range(256)], np.uint8)
_PLACES = (7, 11, 15, 24, 28, 32)


class HalfBlocks:
    """Encoder for one terminal area; remembers the cells it sent last."""

    def __init__(self) -> None:
        self._cells: npt.NDArray[np.uint8] | None = None

    def reset(self) -> None:
        """Send every cell next time (the screen was cleared or resized)."""
        self._cells = None

    def encode(self, picture: Bytes, *, row: int = 1, column: int = 1) -> bytes:
        """Bytes that turn the screen into *picture* ((2·rows, columns, 3 or 4) uint8) with
        its top left cell at *row*, *column* (from 1); empty when nothing changed."""
        rgb = picture[: picture.shape[0] // 2 * 2, :, :3]
        cells = np.concatenate([rgb[0::2], rgb[1::2]], axis=2)  # upper, lower
        rows, columns = cells.shape[:2]
        old = self._cells
        if old is not None and old.shape == cells.shape:
            changed = (old != cells).any(axis=2)
        else:
            changed = np.ones((rows, columns), bool)
        self._cells = cells
        if not changed.any():
            return b""
        records = np.empty((rows, columns, len(_TEMPLATE)), np.uint8)
        lines = np.flatnonzero(changed.any(axis=1))
        records[lines] = np.frombuffer(_TEMPLATE, np.uint8)
        for place, channel in zip(_PLACES, range(6), strict=True):
            records[lines, :, place : place + 3] = _DIGITS[cells[lines, :, channel]]
        out: list[bytes] = []
        for y in lines:
            flags = changed[y]
            edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.view(np.int8), [0]))))
            start, end = int(edges[0]), int(edges[1])
            for begin, stop in [*zip(edges[2::2], edges[3::2], strict=True), (-1, -1)]:
                if begin >= 0 and begin - end <= 1:
                    end = int(stop)  # a gap of one cell costs less than a cursor move
                    continue
                out.append(b"\x1b[%d;%dH" % (y + row, start + column))
                out.append(records[y, start:end].tobytes())
                start, end = int(begin), int(stop)
        out.append(b"\x1b[0m")
        return b"".join(out)
