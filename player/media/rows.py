"""Rows that lie apart in a frame, for the system to fill one after the other.

Measured: rows of 4 KiB read by one `readv` cost what one piece of memory costs; as a list of
memoryviews they cost more than the kernel's work, again for each read (`rvshell.vectored`).
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import overload

import numpy as np

from rvshell.vectored import readv

__all__ = ["Rows"]


class Rows(Sequence[memoryview]):
    """`count` pieces of `row` bytes of `memory` (writable), the first at `start`, `stride` bytes
    apart.  A sequence of memoryviews, made when asked for."""

    __slots__ = ("_address", "_count", "_memory", "_row", "_start", "_stride", "_table")

    def __init__(self, memory: memoryview, start: int, stride: int, row: int, count: int) -> None:
        self._memory = memory
        self._start, self._stride, self._row, self._count = start, stride, row, count
        # the last entry is for what comes behind the rows
        self._table = np.empty((count + 1, 2), np.uintp)
        self._address = ctypes.addressof(ctypes.c_char.from_buffer(memory)) + start
        self._table[:count, 0] = np.arange(count) * stride + self._address
        self._table[:count, 1] = row

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> memoryview: ...
    @overload
    def __getitem__(self, index: slice) -> list[memoryview]: ...
    def __getitem__(self, index: int | slice) -> memoryview | list[memoryview]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._count))]
        if not 0 <= index < self._count:
            raise IndexError(index)
        at = self._start + index * self._stride
        return self._memory[at : at + self._row]

    @property
    def readable(self) -> bool:
        """Does `read` work on this system?"""
        return readv is not None

    def read(self, fd: int, have: int, behind: memoryview) -> int:
        """One readv of file descriptor *fd*: the bytes of the rows from byte *have* on, then
        those of *behind* (writable); how many came, 0 at the end of the stream.

        Raises OSError (BlockingIOError when there is nothing).
        """
        assert readv is not None
        table, row = self._table, self._row
        index, offset = divmod(have, row)
        table[index] = self._address + index * self._stride + offset, row - offset
        table[self._count] = ctypes.addressof(ctypes.c_char.from_buffer(behind)), len(behind)
        address = table.ctypes.data + index * table.strides[0]
        try:
            return readv(fd, address, self._count + 1 - index)
        finally:
            if offset:
                table[index] = self._address + index * self._stride, row
