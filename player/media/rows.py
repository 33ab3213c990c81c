"""Rows that lie apart in a frame, for the system to fill one after the other.

Python's own `recvmsg_into` takes a list of memoryviews and spends more on 512 of them than the
kernel does on filling them, again for each read.  `readv` takes a table of addresses and lengths;
one numpy expression makes it.  Measured: rows of 4 KiB then cost what one piece of memory costs.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from typing import Any, Final, overload

import numpy as np

__all__ = ["Rows"]

_MOST: Final = 1024  # entries of a table; POSIX: IOV_MAX


def _system_readv() -> Any:
    """The C library's readv; None where there is none."""
    try:
        call = ctypes.CDLL(None, use_errno=True).readv
    except (AttributeError, OSError, TypeError):  # Windows
        return None
    call.restype = ctypes.c_ssize_t
    call.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
    return call


_readv: Final = _system_readv()


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
        return _readv is not None

    def read(self, fd: int, have: int, behind: memoryview) -> int:
        """One readv of file descriptor *fd*: the bytes of the rows from byte *have* on, then
        those of *behind* (writable); how many came, 0 at the end of the stream.

        Raises OSError (BlockingIOError when there is nothing).
        """
        table, row = self._table, self._row
        index, offset = divmod(have, row)
        table[index] = self._address + index * self._stride + offset, row - offset
        table[self._count] = ctypes.addressof(ctypes.c_char.from_buffer(behind)), len(behind)
        entries = min(self._count + 1 - index, _MOST)
        got = int(_readv(fd, table.ctypes.data + index * table.strides[0], entries))
        if offset:
            table[index] = self._address + index * self._stride, row
        if got < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return got
