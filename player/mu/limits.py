"""Bounds of one evaluation: time and memory.

Theory of operation
-------------------
Generated code has no checks in its loops. One watching thread looks a few dozen times a second at
the evaluations that run, and raises :class:`MuLimit` inside the thread of one that is over its
time, or during which the process has grown too much. No ``try`` of a Mu program catches that.
What allocates a lot in one step (a string, a resized array) checks for itself, because the
watcher cannot interrupt a single operation.

A host that has a deadline of its own runs the interpreter without this one.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable
from functools import partial
from time import monotonic, sleep
from typing import Any, Final, TypeVar

from player.mu.values import MuLimit

__all__ = ["DEPTH", "Bounds", "resident"]

T = TypeVar("T")

DEPTH: Final = 12_000
"""How deep calls may nest; the real interpreter manages about 10,000."""

_PERIOD: Final = 0.02
_AGAIN: Final = 0.25
"""Seconds after which the exception is raised again: something may have swallowed it."""

_PAGE: Final = 4096


class _Expired(MuLimit):
    """Raised asynchronously; its text is put in by the evaluation it hits."""

    def __init__(self) -> None:
        super().__init__("evaluation stopped")


class _Watch:
    """One evaluation under observation.

    ``ended`` is set by the evaluation, ``raising`` by the watcher around what it raises: that
    is how the two agree without a lock, which an exception raised from outside could leave
    locked behind it.
    """

    __slots__ = ("again", "deadline", "ended", "memory", "raising", "reason", "taken", "thread")

    def __init__(self, thread: int, deadline: float, memory: int) -> None:
        self.thread = thread
        self.deadline = deadline
        self.memory = memory
        self.reason = ""
        self.again = 0.0
        self.raising = False
        self.ended = False
        self.taken = False


_lock = threading.Condition()
_watched: list[_Watch] = []
_watcher: threading.Thread | None = None


def resident() -> int:
    """Bytes of memory this process holds; 0 where that cannot be read."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return 0


def _observe() -> None:
    while True:
        with _lock:
            _watched[:] = [watch for watch in _watched if not watch.ended]
            _lock.wait(_PERIOD if _watched else None)
            current = list(_watched)
        now, held = monotonic(), -1
        for watch in current:
            if watch.memory and held < 0:
                held = resident()
            if now >= watch.deadline:
                watch.reason = "time"
            elif watch.memory and held > watch.memory:
                watch.reason = "memory"
            else:
                continue
            if now >= watch.again:
                watch.again = now + _AGAIN
                watch.raising = True
                if not watch.ended:
                    _raise(watch.thread)
                watch.raising = False


def _raise(thread: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(_Expired))


class Bounds:
    """Limits of evaluations: ``deadline`` seconds and ``memory`` bytes of growth, 0 for none."""

    def __init__(self, deadline: float = 0.0, memory: int = 0) -> None:
        self.deadline = deadline
        self.memory = memory
        self._inside = False

    def run(self, func: Callable[..., T], *args: Any) -> T:
        """Call ``func``; MuLimit when it goes over a limit. Nested calls share the outer's."""
        if self._inside:
            return func(*args)
        depth = sys.getrecursionlimit()
        self._inside = True
        try:
            if depth < DEPTH:
                sys.setrecursionlimit(DEPTH)
            if self.deadline <= 0 and self.memory <= 0:
                return func(*args)
            return self._watched(partial(func, *args))
        finally:
            self._inside = False
            sys.setrecursionlimit(depth)

    def _watched(self, func: Callable[[], T]) -> T:
        limit = self.deadline if self.deadline > 0 else float("inf")
        memory = resident() + self.memory if self.memory > 0 else 0
        watch = _Watch(threading.get_ident(), monotonic() + limit, memory)
        try:
            try:
                _begin(watch)
                return func()
            finally:
                _end(watch)
        except _Expired:
            _end(watch)
            if watch.reason == "memory":
                text = f"more than {self.memory >> 20} MiB of memory"
                raise MuLimit(f"evaluation stopped: {text}") from None
            raise MuLimit(f"evaluation stopped after {self.deadline:g} seconds") from None


def _begin(watch: _Watch) -> None:
    global _watcher
    with _lock:
        if _watcher is None or not _watcher.is_alive():
            _watcher = threading.Thread(target=_observe, name="mu limits", daemon=True)
            _watcher.start()
        _watched.append(watch)
        _lock.notify()


def _end(watch: _Watch) -> None:
    """The evaluation is over: nothing is raised in its thread any more when this returns.

    What may be on its way cannot be called back: clearing it leaves CPython 3.11 with its
    breaker set for ever, and in an endless loop where a trace function is set. So another is
    raised in its place, and waited for.
    """
    while True:
        try:
            watch.ended = True
            while watch.raising:
                sleep(0)
            if not watch.reason or watch.taken:
                return
            watch.taken = True
            _raise(watch.thread)
            while True:
                pass
        except _Expired:
            if watch.taken:
                return
