"""Decoded pictures, kept within a byte budget and read ahead.

The owner says what is wanted (`want`: keys in order of importance); workers read what is
missing in that order, and what is wanted least goes first when room is needed.  A new list
cancels the old one: a worker finishes the picture in its hands and looks again.  A picture
somebody waits for (`get`) comes before everything else: it is read where it is needed, and
one worker less begins another meanwhile.

Room is made before a picture is read, by the size that is `expected` of it or else that of the
last one, so that the pictures in the workers' hands count too: the memory stays within the
budget, not just what is held.
What a reader decodes on its way (a movie's group of pictures) is offered by `passed` and kept
when it is wanted.  Pictures that share their pixels (a frame that stands in for missing ones)
count once.  A picture with a problem is a stand-in: it is shown for a moment, then
looked for again.

Keys are any hashable; the `read` function makes the picture of one and must not raise.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import suppress

from player import heap
from player.media.picture import Picture
from player.media.spare import shared_spares

__all__ = ["FrameCache"]

Read = Callable[[Hashable], Picture]
Passed = Callable[[Hashable], Iterable[tuple[Hashable, Picture]]]
_NICE = 10  # decoding yields to the loop and to the display
_RETRY = 1.0  # seconds a stand-in is believed
_MOST_STAND_INS = 4096
_WORTH_GIVING_BACK = 64 << 20  # bytes let go of at once, not for other pictures


class FrameCache:
    """Pictures by key.  Thread-safe; `close` ends the workers.

    `budget` is in bytes; 0 keeps nothing.  `on_filled` is called from a worker after each
    picture it read (for progress), and only wakes somebody up.  `expected` tells the bytes of a
    picture that may be of another size than the last one, 0 for any other.
    """

    def __init__(
        self,
        read: Read,
        budget: int = 1 << 30,
        *,
        workers: int = 2,
        on_filled: Callable[[], None] | None = None,
        passed: Passed | None = None,
        expected: Callable[[Hashable], int] = lambda key: 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._passed = passed
        self._expected = expected
        self._budget = budget
        self._on_filled = on_filled
        self._clock = clock
        self._pictures: OrderedDict[Hashable, Picture] = OrderedDict()
        self._stand_ins: dict[Hashable, tuple[Picture, float]] = {}
        self._holders: dict[int, int] = {}  # by the identity of what the bytes are in
        self._used = 0
        self._let_go = 0
        self._order: list[Hashable] = []
        self._rank: dict[Hashable, int] = {}
        self._cursor = 0
        self._reading: dict[Hashable, int] = {}
        self._typical = 0
        self._urgent = 0
        self._epoch = 0
        self._closed = False
        self._wake = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._workers = max(1, workers)

    # -- reading -----------------------------------------------------------------------

    def get(self, key: Hashable) -> Picture:
        """The picture of *key*: from memory, from a worker that is on it, or read now."""
        with self._wake:
            while key in self._reading and key not in self._pictures:
                self._wake.wait()
            held = self.peek(key)
            if held is not None:
                if key in self._pictures:
                    self._pictures.move_to_end(key)
                return held
            epoch = self._epoch
            self._reading[key] = self._size_of(key)
            self._urgent += 1
        made: Picture | None = None
        try:
            made = self._read(key)
        finally:
            with self._wake:
                self._urgent -= 1
            self._finish(key, made, epoch)
        return made

    def get_soon(self, key: Hashable, patience: float) -> Picture | None:
        """As `get`, but None when a worker that reads ahead does not bring it in time.

        For media that may be slow: whoever shows pictures does not wait for a server.
        """
        with self._wake:
            if key in self._rank and self._threads and self._budget > 0:
                self._cursor = min(self._cursor, self._rank[key])
                self._wake.notify_all()
                self._wake.wait_for(lambda: self.peek(key) is not None, patience)
                return self.peek(key)
        return self.get(key)

    def hasten(self, key: Hashable) -> bool:
        """Let a worker read *key* before all else; False when there is none to do it."""
        with self._wake:
            if not self._threads or self._closed or self._budget <= 0 or self._lately_failed(key):
                return False
            if not self._order or self._order[0] != key:
                self._order = [key, *(k for k in self._order if k != key)]
                self._rank = {k: rank for rank, k in enumerate(self._order)}
            self._cursor = 0
            self._wake.notify_all()
            return True

    def peek(self, key: Hashable) -> Picture | None:
        """The picture if it is in memory."""
        with self._wake:
            held = self._pictures.get(key)
            if held is None and key in self._stand_ins:
                picture, until = self._stand_ins[key]
                if self._clock() < until:
                    return picture
                del self._stand_ins[key]
            return held

    def _finish(self, key: Hashable, made: Picture | None, epoch: int) -> None:
        passed = list(self._passed(key)) if self._passed is not None else []
        with self._wake:
            self._reading.pop(key, None)
            # a picture of before `clear` may be out of date
            if made is not None and epoch == self._epoch:
                if made.problem:
                    if len(self._stand_ins) >= _MOST_STAND_INS:
                        self._stand_ins.clear()
                    self._stand_ins[key] = (made, self._clock() + _RETRY)
                else:
                    self._typical = made.nbytes
                    self._insert(key, made)
                for other, picture in passed:
                    if other in self._rank and not picture.problem:
                        self._insert(other, picture)
            self._wake.notify_all()

    def _insert(self, key: Hashable, made: Picture) -> None:
        if key in self._pictures or made.nbytes > self._budget:
            return
        rank = self._rank.get(key, len(self._order))
        where = id(made.storage)
        if where in self._holders or self._make_room(made.nbytes, rank):
            self._pictures[key] = made
            self._holders[where] = self._holders.get(where, 0) + 1
            if self._holders[where] == 1:
                self._used += made.nbytes

    def _make_room(self, size: int, rank: int) -> bool:
        """Drop what is wanted less than *rank* until *size* bytes are free, if that helps."""
        while self._used + size > self._budget:
            victim = self._least_wanted()
            if victim is None or self._rank.get(victim, len(self._order) + 1) < rank:
                return False
            gone = self._drop(victim)
            if gone.keeper is not None and victim not in self._rank:
                self._drop_with(gone.keeper)
        return True

    def _drop_with(self, keeper: object) -> None:
        """Drop what nobody wants of pictures that give their memory back together."""
        pictures = self._pictures.items()
        for key in [k for k, p in pictures if k not in self._rank and p.keeper is keeper]:
            self._drop(key)

    def _least_wanted(self) -> Hashable | None:
        """What nobody asked for, longest unused first; else the last of the wanted ones."""
        worst: Hashable | None = None
        rank = -1
        for key in self._pictures:
            at = self._rank.get(key)
            if at is None:
                return key
            if at > rank:
                worst, rank = key, at
        return worst

    # -- reading ahead -----------------------------------------------------------------

    def want(self, keys: Sequence[Hashable]) -> None:
        """What to have in memory, the most urgent first; replaces what was wanted before."""
        with self._wake:
            self._order = list(dict.fromkeys(keys))
            self._rank = {key: rank for rank, key in enumerate(self._order)}
            self._cursor = 0
            if not self._threads and keys and self._budget > 0 and not self._closed:
                for n in range(self._workers):
                    thread = threading.Thread(target=self._work, name=f"cache-{n}", daemon=True)
                    self._threads.append(thread)
                    thread.start()
            self._wake.notify_all()

    def cancel(self) -> None:
        """Read no further ahead; what is in memory stays."""
        self.want(())

    def _next(self, take: bool = False) -> Hashable | None:
        """The first wanted key that is missing and for which there can be room."""
        if self._budget <= 0 or (self._urgent and len(self._reading) >= self._workers):
            return None
        while self._cursor < len(self._order):
            key = self._order[self._cursor]
            if key in self._pictures or key in self._reading or self._lately_failed(key):
                self._cursor += 1
                continue
            needed = self._size_of(key) + sum(self._reading.values())
            if needed <= self._budget and self._has_room(needed, self._cursor, take):
                return key
            return None
        return None

    def _size_of(self, key: Hashable) -> int:
        """Bytes that a picture is likely to need."""
        return self._expected(key) or self._typical

    def _lately_failed(self, key: Hashable) -> bool:
        held = self._stand_ins.get(key)
        return held is not None and self._clock() < held[1]

    def _has_room(self, size: int, rank: int, take: bool) -> bool:
        if self._used + size <= self._budget:
            return True
        if take:
            return self._make_room(size, rank)
        victim = self._least_wanted()
        return victim is not None and self._rank.get(victim, len(self._order) + 1) > rank

    def _work(self) -> None:
        with suppress(OSError, AttributeError):  # Linux: a thread has a priority of its own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        while True:
            with self._wake:
                key = self._next(take=True)
                while key is None and not self._closed:
                    self._rest()
                    key = self._next(take=True)
                if self._closed or key is None:
                    return
                self._reading[key] = self._size_of(key)
                epoch = self._epoch
            made: Picture | None = None
            try:
                made = self._read(key)
            except Exception as error:  # a reader that breaks its promise ends no worker
                made = Picture.placeholder(1, 1, f"cannot be read: {error}")
            finally:
                self._finish(key, made, epoch)
            made = None
            if self._on_filled is not None:
                self._on_filled()

    def _rest(self) -> None:
        """Nothing to read: wait for a change, or give the memory of what was dropped back."""
        if self._let_go < _WORTH_GIVING_BACK:
            self._wake.wait()
            return
        self._let_go = 0
        self._wake.release()
        try:
            shared_spares().clear()
            heap.give_back()
        finally:
            self._wake.acquire()

    # -- state -------------------------------------------------------------------------

    @property
    def budget(self) -> int:
        return self._budget

    @property
    def used(self) -> int:
        """Bytes held."""
        return self._used

    @property
    def typical(self) -> int:
        """Bytes of the picture read last; 0 before the first."""
        return self._typical

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

    def _drop(self, key: Hashable) -> Picture:
        gone = self._pictures.pop(key)
        where = id(gone.storage)
        self._holders[where] -= 1
        if not self._holders[where]:
            del self._holders[where]
            self._used -= gone.nbytes
        return gone

    def set_budget(self, budget: int) -> None:
        """Change the budget; what no longer fits goes at once."""
        with self._wake:
            self._budget = budget
            before = self._used
            while self._used > budget:
                victim = self._least_wanted()
                if victim is None:
                    break
                self._drop(victim)
            self._let_go += before - self._used
            self._wake.notify_all()

    def set_workers(self, workers: int) -> None:
        """How many threads read ahead; before the first `want` only."""
        self._workers = max(1, workers)

    def clear(self) -> None:
        """Drop every picture; one being read is not kept either."""
        with self._wake:
            self._epoch += 1
            self._let_go += self._used
            self._pictures.clear()
            self._holders.clear()
            self._stand_ins.clear()
            self._used = 0
            self._cursor = 0
            self._wake.notify_all()

    def forget(self, key: Hashable) -> None:
        """Drop one picture: it is out of date."""
        with self._wake:
            if key in self._pictures:
                self._drop(key)
                self._cursor = 0

    def keep_only(self, keys: Iterable[Hashable]) -> None:
        """Drop every picture but those of *keys*, and read no further ahead."""
        with self._wake:
            kept = set(keys)
            before = self._used
            for key in [k for k in self._pictures if k not in kept]:
                self._drop(key)
            self._let_go += before - self._used
            self._stand_ins.clear()
            self._order, self._rank, self._cursor = [], {}, 0
            self._wake.notify_all()

    def close(self, timeout: float = 5.0) -> None:
        """End the workers after the picture in their hands."""
        with self._wake:
            self._closed = True
            self._order, self._rank, self._cursor = [], {}, 0
            self._wake.notify_all()
        for thread in self._threads:
            thread.join(timeout)
