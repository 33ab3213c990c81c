"""A tile's header and its rows, for the system to gather in one call (`rvshell.vectored`)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rvshell.vectored import writev

__all__ = ["Rows"]


class Rows:
    """`header`, then `count` pieces of `row` bytes of `memory` from the byte `start` on, `stride`
    bytes (which may be negative) apart.  A `Gathered` of the client's stream."""

    __slots__ = ("_header", "_memory", "_place", "_table", "nbytes")

    def __init__(
        self, header: bytes, memory: memoryview, start: int, stride: int, row: int, count: int
    ) -> None:
        self.nbytes = len(header) + row * count
        self._header, self._memory = np.frombuffer(header, np.uint8), memory
        self._place = start, stride, row, count
        first = np.frombuffer(memory, np.uint8).ctypes.data + start
        table = self._table = np.empty((count + 1, 2), np.uintp)
        table[0] = self._header.ctypes.data, len(header)
        table[1:, 0] = np.arange(first, first + count * stride, stride)
        table[1:, 1] = row

    @staticmethod
    def usable() -> bool:
        """Does this system have the call?"""
        return writev is not None

    def write(self, fd: int, start: int) -> int:
        """Write as much from byte *start* on as the file descriptor takes; how much.

        Raises OSError (BlockingIOError when it takes nothing now).
        """
        assert writev is not None
        table = self._table
        if start < len(self._header):
            index, offset = 0, start
        else:
            index, offset = divmod(start - len(self._header), self._place[2])
            index += 1
        whole = int(table[index, 0]), int(table[index, 1])
        table[index] = whole[0] + offset, whole[1] - offset
        address = table.ctypes.data + index * table.strides[0]
        try:
            return writev(fd, address, len(table) - index)
        finally:
            table[index] = whole

    def pieces(self) -> Iterator[memoryview]:
        """The same as buffers in order, for sockets that are none of the system's."""
        start, stride, row, count = self._place
        yield self._header.data
        for at in range(start, start + count * stride, stride):
            yield self._memory[at : at + row]
