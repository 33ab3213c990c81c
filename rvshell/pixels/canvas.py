"""The newest pixels of each frame, view and layer, and what of them has to be sent.

See the package for the idea.  Nothing here locks or waits; `Image` holds the lock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from rvshell.pixels.arrays import Pixels
from rvshell.pixels.merging import merged
from rvshell.pixels.spec import ImageSpec

__all__ = [
    "MAX_RECTANGLES",
    "Canvas",
    "CanvasKey",
    "Canvases",
    "Pending",
    "Rectangle",
    "fewer",
    "has_contiguous_rows",
]

CanvasKey: TypeAlias = tuple[int, str, str]
"""Frame, view and layer as the wire names them ("" for the default)."""

Rectangle: TypeAlias = tuple[int, int, int, int]
"""x, y, width, height in pixels from the lower left corner of the stored pixels."""

MAX_RECTANGLES: Final = 8192
"""Rectangles of one canvas that wait, or are known to be written; when there are more they are
merged.  A 1080p frame in tiles of 16 x 16 has 8,160."""

_ROUGH: Final = 8 * MAX_RECTANGLES  # beyond that, when merging does not help, all of it is sent

_POOL: Final = 2  # arrays of given-up canvases that are kept for new ones


class Canvas:
    """One frame of one view and layer: `array` (height, width, channels), bottom row first.

    `borrowed` means that the memory is the caller's.  `place` is (memory, origin, stride): the
    memory as flat bytes, in which wire row r begins at `origin + r * stride`; one value, since a
    sender may look while the canvas is given other memory.  `written` are the rectangles that
    were ever written: a viewer that comes gets these only, since the others may be another
    process's.
    """

    __slots__ = (
        "_most",
        "_rows",
        "array",
        "borrowed",
        "key",
        "pixel",
        "place",
        "writers",
        "written",
    )

    def __init__(self, key: CanvasKey, array: Pixels, borrowed: bool = False) -> None:
        self.key = key
        self.writers = 0  # threads that are writing pixels without the lock
        self.written: set[Rectangle] = set()
        self._most = MAX_RECTANGLES
        self.set_array(array, borrowed)

    def set_array(self, array: Pixels, borrowed: bool) -> None:
        """Take other memory of the same shape; its rows are contiguous."""
        height, width, channels = array.shape
        self.array = array
        self.borrowed = borrowed
        self.pixel = channels * array.itemsize
        row = width * self.pixel
        stride: int = array.strides[0] if height > 1 else row
        lowest = array if stride > 0 else array[::-1]
        span = (height - 1) * abs(stride) + row
        whole = lowest.flags.c_contiguous
        memory = lowest.reshape(-1).view(np.uint8) if whole else _as_bytes(lowest, (span,), (1,))
        self.place = memory.data, 0 if stride > 0 else span - row, stride
        self._rows: tuple[Pixels, npt.NDArray[np.uint8]] | None = None

    @property
    def rows(self) -> npt.NDArray[np.uint8]:
        """Its pixels as bytes: (height, bytes of a row); made for the first tile of short rows."""
        array, made = self.array, self._rows
        if made is None or made[0] is not array:
            height, width, _ = array.shape
            rows = _as_bytes(array, (height, width * self.pixel), (array.strides[0], 1))
            made = self._rows = array, rows
        return made[1]

    @property
    def nbytes(self) -> int:
        """Bytes of its pixels."""
        return int(self.array.nbytes)

    def note(self, rectangle: Rectangle) -> None:
        """A rectangle has been written."""
        written = self.written
        if rectangle not in written:
            if rectangle == self.full:
                self.written = {self.full}
            elif self.full not in written:
                written.add(rectangle)
                if len(written) > self._most:
                    self.written, self._most = fewer(written, self.full)

    @property
    def full(self) -> Rectangle:
        """The rectangle of all of it."""
        height, width = self.array.shape[:2]
        return 0, 0, width, height


def fewer(rectangles: set[Rectangle], full: Rectangle) -> tuple[set[Rectangle], int]:
    """Fewer rectangles that cover the same where there are such, and how many there may be before
    that is tried again."""
    some = set(merged(rectangles))
    if len(some) >= len(rectangles):  # those that overlap at random
        some = rectangles
    if len(some) > _ROUGH:
        return {full}, MAX_RECTANGLES
    return some, max(MAX_RECTANGLES, 2 * len(some))


def _as_bytes(
    array: Pixels, shape: tuple[int, ...], strides: tuple[int, ...]
) -> npt.NDArray[np.uint8]:
    """The memory from the first byte of *array* on, seen as bytes in another arrangement."""
    first = array[0, 0, :1].view(np.uint8)
    return np.lib.stride_tricks.as_strided(first, shape, strides)


def has_contiguous_rows(array: Pixels) -> bool:
    """Can the rows of *array* be sent from where they are?  Not when all of them are one."""
    itemsize = array.itemsize
    channels = array.shape[2]
    return (
        (channels == 1 or array.strides[2] == itemsize)
        and (array.shape[1] == 1 or array.strides[1] == itemsize * channels)
        and (array.shape[0] == 1 or array.strides[0] != 0)
    )


class Canvases:
    """The canvases of an image, oldest first, within `limit` bytes where possible."""

    def __init__(self, spec: ImageSpec, limit: int) -> None:
        width, height = spec.size
        self.shape = (height, width, spec.channels)
        self.dtype = np.dtype(spec.numpy_dtype)
        self.limit = limit
        self.used = 0
        self._all: dict[CanvasKey, Canvas] = {}
        self._pool: list[Pixels] = []

    def get(self, key: CanvasKey) -> Canvas | None:
        """The canvas of *key*, if it is kept."""
        return self._all.get(key)

    def __iter__(self) -> Iterator[Canvas]:
        return iter(list(self._all.values()))

    def over(self, more: int) -> bool:
        """Would *more* bytes exceed the limit?"""
        return self.used + more > self.limit

    def oldest(self, but_frame: int) -> list[Canvas]:
        """Canvases of other frames than *but_frame* that nobody writes to, oldest first."""
        return [c for c in self._all.values() if c.key[0] != but_frame and not c.writers]

    def create(self, key: CanvasKey, *, blank: bool) -> Canvas:
        """A new canvas, black when `blank`, else of undefined contents."""
        if self._pool:
            array = self._pool.pop()
            if blank:
                array.fill(0)
        else:
            array = (np.zeros if blank else np.empty)(self.shape, self.dtype)
        return self._add(Canvas(key, array))

    def adopt(self, key: CanvasKey, array: Pixels) -> Canvas:
        """A canvas over the caller's memory, bottom row first."""
        return self._add(Canvas(key, array, borrowed=True))

    def _add(self, canvas: Canvas) -> Canvas:
        self._all[canvas.key] = canvas
        self.used += canvas.nbytes
        return canvas

    def own(self, canvas: Canvas, *, copy: bool) -> None:
        """Let a canvas of borrowed memory have its own, with the same pixels if `copy`."""
        if canvas.borrowed:
            array = self._pool.pop() if self._pool else np.empty(self.shape, self.dtype)
            if copy:
                array[...] = canvas.array
            canvas.set_array(array, False)

    def lend(self, canvas: Canvas, array: Pixels, *, read: bool) -> None:
        """Let a canvas use the caller's memory from now on; `read`: its own is being sent from."""
        self._keep(canvas, read)
        canvas.set_array(array, True)

    def forget(self, canvas: Canvas, *, read: bool) -> None:
        """Give a canvas up; `read`: its memory is being sent from."""
        del self._all[canvas.key]
        self.used -= canvas.nbytes
        self._keep(canvas, read)

    def _keep(self, canvas: Canvas, read: bool) -> None:
        """Keep a canvas' memory for another one, unless somebody else has it."""
        if not (canvas.borrowed or canvas.writers or read) and len(self._pool) < _POOL:
            self._pool.append(canvas.array)


class Pending:
    """What one target has not been sent: rectangles in order, none twice.

    A rectangle that waits already, or lies in a canvas that is to be sent whole, is coalesced.
    """

    def __init__(self) -> None:
        self._order: deque[tuple[Canvas, Rectangle]] = deque()
        self._waiting: dict[Canvas, set[Rectangle]] = {}
        self._most: dict[Canvas, int] = {}

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def __contains__(self, canvas: Canvas) -> bool:
        return canvas in self._waiting

    def add(self, canvas: Canvas, rectangle: Rectangle) -> int:
        """Put a rectangle in; the number of rectangles that this made superfluous.

        A Ctrl-C in the middle of it may lose the rectangle, and nothing else.
        """
        waiting = self._waiting.get(canvas)
        gone = 0
        if waiting is None:
            waiting = set()
        elif rectangle in waiting or canvas.full in waiting:
            return 1
        elif rectangle == canvas.full:
            gone = len(waiting)
            waiting = set()
        self._order.append((canvas, rectangle))
        waiting.add(rectangle)
        if len(waiting) > self._most.get(canvas, MAX_RECTANGLES):
            some, self._most[canvas] = fewer(waiting, canvas.full)
            if some is not waiting:
                gone += len(waiting) - len(some)
                self._order.extend((canvas, one) for one in some)
                waiting = some
        self._waiting[canvas] = waiting
        return gone

    def take(self, most: int, most_bytes: int) -> list[tuple[Canvas, Rectangle]]:
        """Take the next rectangles out: at most *most*, and about *most_bytes*."""
        taken: list[tuple[Canvas, Rectangle]] = []
        order, left = self._order, most_bytes
        while order and len(taken) < most and left > 0:
            canvas, rectangle = item = order.popleft()
            waiting = self._waiting.get(canvas)
            if waiting is None or rectangle not in waiting:
                continue  # replaced by a larger one, or its canvas was given up
            waiting.remove(rectangle)
            if not waiting:
                del self._waiting[canvas]
                self._most.pop(canvas, None)
            taken.append(item)
            left -= rectangle[2] * rectangle[3] * canvas.pixel
        return taken

    def drop(self, canvas: Canvas) -> int:
        """Forget a canvas; the number of rectangles that will not be sent."""
        self._most.pop(canvas, None)
        return len(self._waiting.pop(canvas, ()))

    def clear(self) -> None:
        """Forget everything."""
        self._order.clear()
        self._most.clear()
        self._waiting.clear()
