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
_DIGITS = np.array([f"{i:03d}" for i in range(256)], "S3")
#: the six numbers of a record, each assigned as one three-byte field
_RECORD = np.dtype(
    {
        "names": ["r", "g", "b", "R", "G", "B"],
        "formats": ["S3"] * 6,
        "offsets": [7, 11, 15, 24, 28, 32],
        "itemsize": len(_TEMPLATE),
    }
)


class HalfBlocks:
    """Encoder for one terminal area; remembers the cells it sent last."""

    def __init__(self) -> None:
        self._cells: npt.NDArray[np.uint64] | None = None

    def reset(self) -> None:
        """Send every cell next time (the screen was cleared or resized)."""
        self._cells = None

    def encode(self, picture: Bytes, *, row: int = 1, column: int = 1) -> bytes:
        """Bytes that turn the screen into *picture* ((2·rows, columns, 4) uint8) with its top
        left cell at *row*, *column* (from 1); empty when nothing changed."""
        whole = np.ascontiguousarray(picture[: picture.shape[0] // 2 * 2])
        colours = whole.view("<u4")[..., 0] & np.uint32(0xFFFFFF)
        cells = colours[0::2].astype(np.uint64) << np.uint64(24) | colours[1::2]
        old = self._cells
        if old is not None and old.shape == cells.shape:
            changed = old != cells
        else:
            changed = np.ones(cells.shape, bool)
        self._cells = cells
        lines = np.flatnonzero(changed.any(axis=1))
        if not len(lines):
            return b""
        records = self._records(whole[2 * lines], whole[2 * lines + 1])
        out: list[bytes] = []
        whole_lines = changed.all(axis=1)
        for number, y in enumerate(lines):
            if whole_lines[y]:
                out += (b"\x1b[%d;%dH" % (y + row, column), records[number].tobytes())
                continue
            flags = changed[y]
            edges = np.flatnonzero(np.diff(flags.view(np.int8), prepend=0, append=0))
            start, end = int(edges[0]), int(edges[1])
            for begin, stop in [*zip(edges[2::2], edges[3::2], strict=True), (-1, -1)]:
                if begin >= 0 and begin - end <= 1:
                    end = int(stop)  # a gap of one cell costs less than a cursor move
                    continue
                out.append(b"\x1b[%d;%dH" % (y + row, start + column))
                out.append(records[number, start:end].tobytes())
                start, end = int(begin), int(stop)
        out.append(b"\x1b[0m")
        return b"".join(out)

    @staticmethod
    def _records(upper: Bytes, lower: Bytes) -> npt.NDArray[np.void]:
        """The record of every cell: (lines, columns)."""
        lines, columns = upper.shape[:2]
        plain = np.empty((lines * columns, len(_TEMPLATE)), np.uint8)
        plain[...] = np.frombuffer(_TEMPLATE, np.uint8)
        records = plain.view(_RECORD)[:, 0]
        for half, names in ((upper, "rgb"), (lower, "RGB")):
            flat = half.reshape(-1, half.shape[2])
            for channel, name in enumerate(names):
                records[name] = _DIGITS[flat[:, channel]]
        out: npt.NDArray[np.void] = records.reshape(lines, columns)
        return out
