"""Decoded pictures, kept within a byte budget and read ahead.

Modes are RV's: off, buffer (look-ahead: the frames from the playhead on, in play
direction) and greedy (the region from its first frame until the budget is full).  The
owner says what is wanted (`want`: keys in order of importance); workers read what is
missing in that order, and what is wanted least goes first when room is needed.  A new list
cancels the old one: a worker finishes the picture in its hands and looks again.

Keys are any hashable; the `read` function makes the picture of one and must not raise.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import suppress

from player.media.picture import Picture

__all__ = ["FrameCache"]

Read = Callable[[Hashable], Picture]
_NICE = 10  # decoding yields to the loop and to the display


class FrameCache:
    """Pictures by key.  Thread-safe; `close` ends the workers.

    `budget` is in bytes; 0 keeps nothing.  `on_filled` is called from a worker after each
    picture it read (for progress), and only wakes somebody up.
    """

    def __init__(
        self,
        read: Read,
        budget: int = 1 << 30,
        *,
        workers: int = 2,
        on_filled: Callable[[], None] | None = None,
    ) -> None:
        self._read = read
        self._budget = budget
        self._on_filled = on_filled
        self._pictures: OrderedDict[Hashable, Picture] = OrderedDict()
        self._used = 0
        self._wanted: dict[Hashable, int] = {}
        self._reading: set[Hashable] = set()
        self._full = False
        self._epoch = 0
        self._closed = False
        self._wake = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._workers = workers

    # -- reading -----------------------------------------------------------------------

    def get(self, key: Hashable) -> Picture:
        """The picture of *key*: from memory, from a worker that is on it, or read now."""
        with self._wake:
            while key in self._reading and key not in self._pictures:
                self._wake.wait()
            held = self._pictures.get(key)
            if held is not None:
                self._pictures.move_to_end(key)
                return held
            epoch = self._epoch
            self._reading.add(key)
        made: Picture | None = None
        try:
            made = self._read(key)
        finally:
            self._finish(key, made, epoch)
        return made

    def peek(self, key: Hashable) -> Picture | None:
        """The picture if it is in memory."""
        with self._wake:
            return self._pictures.get(key)

    def _finish(self, key: Hashable, made: Picture | None, epoch: int) -> None:
        with self._wake:
            self._reading.discard(key)
            # a picture of before `clear` may be out of date; a stand-in is looked for again
            if made is not None and not made.problem and epoch == self._epoch:
                self._insert(key, made)
            self._wake.notify_all()

    def _insert(self, key: Hashable, made: Picture) -> None:
        if made.nbytes > self._budget or key in self._pictures:
            return
        rank = self._wanted.get(key, len(self._wanted))
        while self._used + made.nbytes > self._budget:
            victim = self._least_wanted()
            if victim is None or self._wanted.get(victim, len(self._wanted) + 1) < rank:
                self._full = True
                return
            self._used -= self._pictures.pop(victim).nbytes
        self._pictures[key] = made
        self._used += made.nbytes

    def _least_wanted(self) -> Hashable | None:
        """What nobody asked for, longest unused first; else the last of the wanted ones."""
        worst: Hashable | None = None
        rank = -1
        for key in self._pictures:
            at = self._wanted.get(key)
            if at is None:
                return key
            if at > rank:
                worst, rank = key, at
        return worst

    # -- reading ahead -----------------------------------------------------------------

    def want(self, keys: Sequence[Hashable]) -> None:
        """What to have in memory, the most urgent first; replaces what was wanted before."""
        with self._wake:
            self._wanted = {key: rank for rank, key in reversed(list(enumerate(keys)))}
            self._full = False
            if not self._threads and keys and self._budget > 0 and not self._closed:
                for n in range(self._workers):
                    thread = threading.Thread(target=self._work, name=f"cache-{n}", daemon=True)
                    self._threads.append(thread)
                    thread.start()
            self._wake.notify_all()

    def cancel(self) -> None:
        """Read no further ahead; what is in memory stays."""
        self.want(())

    def _next(self) -> Hashable | None:
        if self._full or self._budget <= 0:
            return None
        for key in sorted(self._wanted, key=self._wanted.__getitem__):
            if key not in self._pictures and key not in self._reading:
                return key
        return None

    def _work(self) -> None:
        with suppress(OSError, AttributeError):  # Linux: a thread has a priority of its own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        while True:
            with self._wake:
                key = self._next()
                while key is None and not self._closed:
                    self._wake.wait()
                    key = self._next()
                if self._closed or key is None:
                    return
                self._reading.add(key)
                epoch = self._epoch
            made: Picture | None = None
            try:
                made = self._read(key)
            except Exception:  # a reader that breaks its promise must not end the worker
                made = None
            finally:
                if made is None or made.problem:
                    with self._wake:
                        self._wanted.pop(key, None)  # tried; shown as a stand-in when asked for
                self._finish(key, made, epoch)
            if self._on_filled is not None:
                self._on_filled()

    # -- state -------------------------------------------------------------------------

    @property
    def budget(self) -> int:
        return self._budget

    @property
    def used(self) -> int:
        """Bytes held."""
        return self._used

    @property
    def busy(self) -> bool:
        """Whether workers still have something to read."""
        with self._wake:
            return bool(self._reading) or self._next() is not None

    def wait_idle(self, timeout: float) -> bool:
        """Wait until nothing is left to read ahead; False when the time is over."""
        with self._wake:
            return self._wake.wait_for(lambda: not self._reading and self._next() is None, timeout)

    def keys(self) -> list[Hashable]:
        with self._wake:
            return list(self._pictures)

    def set_budget(self, budget: int) -> None:
        """Change the budget; what no longer fits goes at once."""
        with self._wake:
            self._budget = budget
            self._full = False
            while self._used > budget:
                victim = self._least_wanted()
                if victim is None:
                    break
                self._used -= self._pictures.pop(victim).nbytes
            self._wake.notify_all()

    def clear(self) -> None:
        """Drop every picture; one being read is not kept either."""
        with self._wake:
            self._epoch += 1
            self._pictures.clear()
            self._used = 0
            self._full = False
            self._wake.notify_all()

    def keep_only(self, keys: Iterable[Hashable]) -> None:
        """Drop every picture but those of *keys*, and read no further ahead."""
        with self._wake:
            kept = set(keys)
            for key in [k for k in self._pictures if k not in kept]:
                self._used -= self._pictures.pop(key).nbytes
            self._wanted = {}
            self._wake.notify_all()

    def close(self, timeout: float = 5.0) -> None:
        """End the workers after the picture in their hands."""
        with self._wake:
            self._closed = True
            self._wanted = {}
            self._wake.notify_all()
        for thread in self._threads:
            thread.join(timeout)
