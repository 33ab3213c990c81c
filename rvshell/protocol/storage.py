"""Where received bytes go: the receive buffer and the scratch memory behind it.

One fixed buffer holds whole records, which are sliced out of it as memoryviews.  It
starts small, so that a thousand idle connections cost little, and is replaced by the
full size the first time a read fills it.  Records larger than the buffer that have no
destination of their own go to the scratch memory, which grows only as bytes arrive: a
header that promises two gigabytes allocates nothing.
"""

from __future__ import annotations

from typing import Final

from rvshell.protocol.limits import RECEIVE_BUFFER, SCRATCH_KEEP, SCRATCH_STEP

__all__ = ["ReceiveBuffer", "Scratch"]

_FIRST_SIZE: Final = 64 * 1024
_CHEAP_MOVE: Final = 4 * 1024  # moving so few bytes costs less than a second, short read


class ReceiveBuffer:
    """A fixed byte buffer with a read end (`start`) and a write end (`end`).

    The parser reads `data` and `view` between the two directly; views handed out stay
    valid until the next `room()`.
    """

    __slots__ = ("_full_size", "capacity", "data", "end", "start", "view")

    def __init__(self, size: int = RECEIVE_BUFFER) -> None:
        self._full_size = size
        self.capacity = min(size, _FIRST_SIZE)
        self.data = bytearray(self.capacity)
        self.view = memoryview(self.data)
        self.start = 0
        self.end = 0

    @property
    def full_size(self) -> int:
        """The most a record may take to be held whole."""
        return self._full_size

    def room(self) -> memoryview:
        """Memory for the next bytes, never empty as long as the record in it fits."""
        start, end = self.start, self.end
        if end == self.capacity < self._full_size:
            self._grow()
        elif start == end:
            self.start = self.end = 0
        elif start and (end - start <= _CHEAP_MOVE or self.capacity - end < self.capacity // 2):
            self.view[: end - start] = self.view[start:end]
            self.start, self.end = 0, end - start
        return self.view[self.end :]

    def _grow(self) -> None:
        """Go to the full size; a new object, so that views handed out stay valid."""
        data = bytearray(self._full_size)
        count = self.end - self.start
        data[:count] = self.view[self.start : self.end]
        self.data, self.view = data, memoryview(data)
        self.capacity = self._full_size
        self.start, self.end = 0, count


class Scratch:
    """Memory for one payload at a time, grown as its bytes arrive and used again."""

    __slots__ = ("_data",)

    def __init__(self) -> None:
        self._data = bytearray()

    def room(self, have: int, size: int) -> memoryview:
        """Memory for bytes `have` … of a payload of `size` bytes; never empty before its
        end.  `have` bytes have been written so far."""
        data = self._data
        if have >= len(data):
            step = min(max(SCRATCH_STEP, min(len(data), SCRATCH_KEEP)), size - have)
            try:
                data.extend(bytes(step))
            except BufferError:  # somebody still holds a view of it
                self._data = bytearray(have + step)
                self._data[:have] = memoryview(data)[:have]
        return memoryview(self._data)[have:size]

    def take(self, size: int) -> memoryview:
        """The complete payload.  Memory of ordinary size is kept for the next one, larger
        memory goes with the view."""
        view = memoryview(self._data)[:size]
        if len(self._data) > SCRATCH_KEEP:
            self._data = bytearray()
        return view
