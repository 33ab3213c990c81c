"""Work on a picture in bands of rows, shared with whatever processors are idle.

The caller does bands itself, one after the other, and helper threads take others meanwhile:
with nobody free it does them all, and never waits for a helper that has not begun.  Few
large bands, since between two of them a thread asks for the interpreter, and while pixels
pour in over the network each time may cost it a millisecond.  With no processor idle at this
moment nobody is asked for help: a helper that has begun a band and has to wait for a processor
costs more than it saves.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final

__all__ = ["Work", "in_bands"]

_BANDS: Final = 4
_MOST_HELPERS: Final = 3
_RUNNING: Final = "/proc/loadavg"

#: does rows first..end (exclusive)
Work = Callable[[int, int], None]


def _processors() -> int:
    """How many this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):  # no such thing on this system
        return os.cpu_count() or 1


class _Round:
    """One picture's bands.  `done` is released with the last band that anybody took."""

    def __init__(self, work: Work, height: int, bands: int) -> None:
        self._work = work
        self._edges = [height * i // bands for i in range(bands + 1)]
        self._lock = threading.Lock()
        self._next = 0
        self._left = bands
        self.failure: BaseException | None = None
        self.done = threading.Lock()
        self.done.acquire()

    def help(self) -> None:
        """Do bands until none is left."""
        while True:
            with self._lock:
                band = self._next
                self._next += 1
            if band >= len(self._edges) - 1:
                return
            try:
                self._work(self._edges[band], self._edges[band + 1])
            except BaseException as error:  # raised by whoever wanted the picture
                self.failure = error
            with self._lock:
                self._left -= 1
                if not self._left:
                    self.done.release()


class _Helpers:
    """Threads made with the first picture, one fewer than there are processors."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[_Round] = SimpleQueue()
        self._lock = threading.Lock()
        self._started = False
        self.count = min(_MOST_HELPERS, _processors() - 1)

    def call(self, round_: _Round) -> None:
        if not self._started:
            with self._lock:
                if not self._started:
                    self._started = True
                    for number in range(self.count):
                        threading.Thread(
                            target=self._serve, name=f"bands-{number}", daemon=True
                        ).start()
        for _ in range(self.count):
            self._queue.put(round_)

    def _serve(self) -> None:
        while True:
            self._queue.get().help()


_helpers = _Helpers()


def _idle() -> bool:
    """Whether a processor has nothing to do right now.

    Linux tells how many threads run or wait for a processor at this moment, of which one is the
    caller.  Averages, as other systems have, would slow down a minute that follows a busy one.
    """
    try:
        with open(_RUNNING, "rb") as file:
            running = int(file.read(64).split()[3].split(b"/")[0])
    except (OSError, ValueError, IndexError):
        return True
    return running <= _helpers.count


def in_bands(work: Work, height: int) -> None:
    """Call *work* for bands that make up 0..*height*, on several threads at once.

    *work* must release the interpreter for its bulk, or nothing is gained.  Raises what a
    band raised.
    """
    bands = min(_BANDS, height)
    if not _helpers.count or bands < 2 or not _idle():
        work(0, height)
        return
    round_ = _Round(work, height, bands)
    _helpers.call(round_)
    round_.help()
    round_.done.acquire()
    if round_.failure is not None:
        raise round_.failure
