"""Where canvases get their memory, and where it goes when they are given up.

Memory that a viewer on this machine may look into (`rvshell.client.sharing`) is one piece for all
canvases of an image, in slots of a canvas each.  Where there is none, or no slot is left, arrays
are the process's own, and their pixels are sent.
"""

from __future__ import annotations

import math
import mmap
from typing import Any, Final, NamedTuple

import numpy as np

from rvshell.client.sharing import Memory
from rvshell.pixels.arrays import Pixels

__all__ = ["Piece", "Stock"]

_KEPT: Final = 2  # arrays that are kept for new canvases
_MORE: Final = 16
"""Slots beyond what is kept: of layers of one frame, which is kept whole, and of what a viewer
that was lost may still read."""


class Piece(NamedTuple):
    """An array, and where it begins in the shared memory, in bytes; -1 when it is not there."""

    array: Pixels
    start: int = -1


class Stock:
    """Arrays (height, width, channels) of one type, in shared memory when `limit` bytes of it
    are wanted and to be had."""

    def __init__(self, shape: tuple[int, int, int], dtype: np.dtype[Any], limit: int = 0) -> None:
        self._shape = shape
        self._dtype = dtype
        self._kept: list[Piece] = []
        self._free: list[int] = []
        self.memory: Memory | None = None
        self._pixels = memoryview(b"")
        size = math.prod(shape) * dtype.itemsize
        self._slot = -(-size // mmap.PAGESIZE) * mmap.PAGESIZE
        if limit:
            count = limit // size + _MORE
            try:
                self.memory = Memory(count * self._slot)
            except OSError:
                return
            self._pixels = self.memory.pixels
            self._free = [n * self._slot for n in range(count)][::-1]

    def take(self, *, blank: bool) -> Piece:
        """An array; zero when `blank`, else of undefined contents."""
        if self._kept:
            piece = self._kept.pop()
            if blank:
                piece.array.fill(0)
            return piece
        if self._free:
            start = self._free.pop()
            return Piece(np.ndarray(self._shape, self._dtype, self._pixels, start), start)
        return Piece((np.zeros if blank else np.empty)(self._shape, self._dtype))

    def put_back(self, piece: Piece, *, unread: bool) -> None:
        """What is not used any more.  With `unread` a viewer may still look at it: then it stays
        as it is."""
        shared = piece.start >= 0
        if unread and shared:
            return
        if len(self._kept) < _KEPT:
            self._kept.append(piece)
        elif shared:
            assert self.memory is not None
            self.memory.forget(piece.start, self._slot)
            self._free.append(piece.start)

    def close(self) -> None:
        """No viewer is let in any more."""
        if self.memory is not None:
            self.memory.close()
