"""One tile's place in a frame: contiguous memory, rows, or a strided view to copy into.

A landing is made once for a header and used for every tile with that header; `put` is the one
function that runs half a million times a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.media.rows import Rows

__all__ = ["LONG_ROW", "Buffer", "Landing", "void"]

LONG_ROW: Final = 4096
"""Bytes from which a row is worth being received into by itself.  Measured: with rows of 1 KiB the
kernel needs twice as long to scatter them as it takes to copy them out of the receive buffer,
which is in the processor's cache; with rows of 4 KiB scattering costs no more than one piece."""

SHORT_ROW: Final = 1024
"""Bytes below which neighbouring tiles are worth being put by one assignment, which fills memory in
order.  Measured: half the time for rows of 64 bytes, five sixths for 256, the same for 1024."""

_void_types: dict[int, np.dtype[Any]] = {}


def void(nbytes: int) -> np.dtype[Any]:
    """The opaque type of so many bytes: assigning it is one memcpy an element."""
    dtype = _void_types.get(nbytes)
    if dtype is None:
        if len(_void_types) > 4096:
            _void_types.clear()
        dtype = _void_types[nbytes] = np.dtype(f"V{nbytes}")
    return dtype


class Buffer:
    """The pixels of one (frame, view, layer)."""

    __slots__ = (
        "array", "clean", "height", "key", "memory", "newest", "pixel", "row", "source", "width",
        "writes",
    )  # fmt: skip

    def __init__(self, source: str, key: str, array: npt.NDArray[Any]) -> None:
        self.source = source
        self.key = key
        self.clean = True  # nothing was written since the last take_changed()
        self.array = array
        self.height, self.width, channels = array.shape
        self.pixel = channels * array.itemsize
        self.row = self.width * self.pixel
        self.memory = memoryview(array.reshape(-1).view(np.uint8))  # type: ignore[arg-type]
        self.writes = 0
        self.newest = (0, 0, 0, 0)


class Landing:
    """Where the bytes of one tile go in one source; good for any number of such tiles, until
    the store's `epoch` changes.

    `view` is a writable memoryview of exactly the tile's bytes in wire order when they are
    contiguous in the frame; receive into it and call `done()`.  `rows()` gives the same piece
    by piece for narrow tiles.  `put(data, start)` copies a whole tile from a buffer.
    """

    __slots__ = (
        "_buffer", "_changed", "_pieces", "_rectangle", "_rows", "_target", "key", "put", "source",
        "view",
    )  # fmt: skip

    def __init__(
        self,
        source: str,
        key: str,
        view: memoryview | None,
        buffer: Buffer,
        target: npt.NDArray[Any],
        rectangle: tuple[int, int, int, int],
        changed: list[Buffer],
        rows: tuple[int, int, int, int] | None = None,
        declared: int = 0,
    ) -> None:
        """`declared`: channels on the wire when more than are kept, else 0."""
        self.source = source
        self.key = key
        self.view = view
        self._buffer = buffer
        self._target = target
        self._rectangle = rectangle
        self._changed = changed
        self._rows = rows  # first byte, bytes between rows, bytes of a row, rows
        self._pieces: tuple[int, Callable[[bytearray, int, int, int], None]] | None = None
        # (no method of this one: a ring would keep the frame's memory until the collector looks)
        self.put: Callable[[bytearray | memoryview, int], None] = _putter(
            buffer, target, rectangle, changed, declared
        )

    def rows(self) -> Rows | None:
        """The rows of a narrow tile in the frame; None when it is to be copied."""
        if self._rows is None or self._rows[2] < LONG_ROW:
            return None
        return Rows(self._buffer.memory, *self._rows)

    def piecewise(self) -> tuple[int, Callable[[bytearray, int, int, int], None]] | None:
        """Bytes of a row of a narrow tile, and `put(data, start, first, count)`, which copies
        that many of its rows, from its row `first` on, out of a buffer; None when the whole tile
        must be put.  `done()` follows."""
        if self._rows is None:
            return None
        if self._pieces is None:
            target, dtype = self._target, self._target.dtype

            def put(data: bytearray, start: int, first: int, count: int) -> None:
                target[first : first + count] = np.frombuffer(data, dtype, count, start)

            self._pieces = self._rows[2], put
        return self._pieces

    def joined(
        self, following: Iterable[Landing], pitch: int
    ) -> tuple[int, Callable[[bytearray, int, int, int], None]] | None:
        """How many tiles this one and the first of those that follow make that are at even
        distances in one direction of a frame, of one size and side by side; and
        `put(data, start, first, count)`, which copies `count` of them, from the tile `first` on,
        out of a buffer in which they begin `pitch` bytes apart.

        None when there is one only, and when their rows are so long that an assignment for each
        tile is as good.
        """
        if self._rows is None or self._rows[2] >= SHORT_ROW:
            return None
        buffer = self._buffer
        x, y, width, height = self._rectangle
        dx = dy = 0
        places = [self._rectangle]
        for number, other in enumerate(following, 1):
            if number == 1:
                dx, dy = other._rectangle[0] - x, other._rectangle[1] - y
                if (dx and dy) or (abs(dx) < width and abs(dy) < height):
                    return None
            place = (x + number * dx, y + number * dy, width, height)
            if other._buffer is not buffer or other._rectangle != place or other._rows is None:
                break
            places.append(place)
        if len(places) == 1:
            return None
        start, stride, row, _ = self._rows
        dtype, step = void(row), dx * buffer.pixel + dy * buffer.row
        shape = len(places), height
        target = np.ndarray(shape, dtype, buffer.array, start, (step, stride))
        source_strides, changed, ndarray = (pitch, row), self._changed, np.ndarray

        def put(data: bytearray, start: int, first: int, count: int) -> None:
            source = ndarray((count, height), dtype, data, start, source_strides)
            target[first : first + count] = source
            buffer.writes += count
            buffer.newest = places[first + count - 1]
            if buffer.clean:
                buffer.clean = False
                changed.append(buffer)

        return len(places), put

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Copy a whole tile in, in wire order."""
        self.put(memoryview(data), 0)

    def done(self) -> None:
        """The bytes were received into `view` or `rows()`."""
        _wrote(self._buffer, self._rectangle, self._changed)


def _wrote(buffer: Buffer, rectangle: tuple[int, int, int, int], changed: list[Buffer]) -> None:
    buffer.writes += 1
    buffer.newest = rectangle
    if buffer.clean:
        buffer.clean = False
        changed.append(buffer)


def _putter(
    buffer: Buffer,
    target: npt.NDArray[Any],
    rectangle: tuple[int, int, int, int],
    changed: list[Buffer],
    declared: int,
) -> Callable[[bytearray | memoryview, int], None]:
    """A function that copies a tile out of a buffer; it runs half a million times a second.

    Of `declared` channels on the wire, when that is not 0, those of the target are kept.
    """
    dtype, count, frombuffer = target.dtype, target.size, np.frombuffer

    if declared:
        height, width, kept = target.shape

        def put_kept(data: bytearray | memoryview, start: int) -> None:
            tile = frombuffer(data, dtype, height * width * declared, start)
            target[...] = tile.reshape(height, width, declared)[:, :, :kept]
            _wrote(buffer, rectangle, changed)

        return put_kept

    def put(data: bytearray | memoryview, start: int) -> None:
        target[...] = frombuffer(data, dtype, count, start)
        buffer.writes += 1
        buffer.newest = rectangle
        if buffer.clean:
            buffer.clean = False
            changed.append(buffer)

    return put
