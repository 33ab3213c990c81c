"""Arrays that are used again.

A fresh 66 MB allocation costs more than filling it (the kernel hands out zeroed pages one
fault at a time), so the memory of pictures nobody holds any more is kept for the next
picture of the same size.  An array handed out is owned by whoever holds it; when its last
holder lets go, a finaliser on the owner puts the memory back.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["ArrayPool", "shared_pool"]

_SMALL = 1 << 16  # below this an allocation is cheaper than the book-keeping


class _Owner(np.ndarray):
    """An ndarray that can be weakly referenced as the base of the views handed out."""


class ArrayPool:
    """Free memory blocks by size, at most `budget` bytes kept.  Thread-safe."""

    def __init__(self, budget: int = 256 << 20) -> None:
        self._budget = budget
        self._free: OrderedDict[int, list[npt.NDArray[np.uint8]]] = OrderedDict()
        self._held = 0
        # a finaliser may run inside take() when the collector strikes: reentrant
        self._lock = threading.RLock()

    @property
    def held(self) -> int:
        """Bytes kept for reuse."""
        return self._held

    def take(self, shape: tuple[int, ...], dtype: Any) -> npt.NDArray[Any]:
        """An uninitialised array of *shape* and *dtype*."""
        dt = np.dtype(dtype)
        size = int(np.prod(shape, dtype=np.int64)) * dt.itemsize
        if size < _SMALL:
            return np.empty(shape, dt)
        with self._lock:
            blocks = self._free.get(size)
            block = blocks.pop() if blocks else None
            if blocks is not None and not blocks:
                del self._free[size]
            if block is not None:
                self._held -= size
        if block is None:
            block = np.empty(size, np.uint8)
        owner = block.view(_Owner)
        weakref.finalize(owner, self._give_back, block).atexit = False
        made: npt.NDArray[Any] = owner.view(dt).reshape(shape).view(np.ndarray)
        return made

    def _give_back(self, block: npt.NDArray[np.uint8]) -> None:
        with self._lock:
            if block.nbytes > self._budget:
                return
            self._free.setdefault(block.nbytes, []).append(block)
            self._free.move_to_end(block.nbytes)
            self._held += block.nbytes
            while self._held > self._budget:
                size, blocks = next(iter(self._free.items()))
                blocks.pop()
                self._held -= size
                if not blocks:
                    del self._free[size]

    def clear(self) -> None:
        """Give all free memory back to the system."""
        with self._lock:
            self._free.clear()
            self._held = 0


#: the pool all readers share
shared_pool = ArrayPool()
