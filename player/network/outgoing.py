"""The bounded queue in front of a peer that does not read as fast as it is written to.

Records go to the transport as long as that takes them; what it does not take waits here,
in order.  Events that are overtaken by their successors (`frame-changed` at 24 a second)
are coalescable: when the queue is full the oldest of them go first.  If that is not
enough the peer is beyond help and `Overflow` says so.  Replies are never dropped: their
amount is bounded by not reading the next request (`replies_waiting`).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import Final

__all__ = ["COALESCABLE", "MAX_QUEUED", "MAX_REPLIES", "Outgoing", "Overflow"]

MAX_QUEUED: Final = 8 * 1024 * 1024
"""Bytes of events that wait for a slow reader: minutes of ordinary events."""

MAX_REPLIES: Final = 8 * 1024 * 1024
"""Bytes of replies that wait before the peer's next requests are left unread: a client
that pipelines a hundred thousand requests before it reads still gets through."""

COALESCABLE: Final = frozenset(
    {
        "frame-changed",
        "new-in-point",
        "new-out-point",
        "pixel-block",
        "play-start",
        "play-stop",
        "pointer--move",
        "range-changed",
        "view-size-changed",
    }
)
"""Events whose latest instance tells all that the earlier ones told."""


class Overflow(Exception):
    """The queue is full of what must not be dropped."""


class Outgoing:
    """Bytes to one transport, in order, with a bound.

    `write` is the transport's write; `pause` and `resume` are called from the transport's
    flow control.
    """

    __slots__ = ("_limit", "_paused", "_queue", "_write", "dropped", "queued", "replies", "total")

    def __init__(
        self, write: Callable[[bytes | memoryview], None], limit: int = MAX_QUEUED
    ) -> None:
        self._write = write
        self._limit = limit
        self._paused = False
        self._queue: deque[tuple[str, bytes | memoryview]] = deque()
        self.queued = 0  # bytes waiting here
        self.replies = 0  # of these, replies
        self.dropped = 0  # events that were coalesced away
        self.total = 0  # bytes given to the transport

    def reply(self, data: bytes) -> None:
        """A reply, or several in one: never dropped."""
        if self._paused:
            self._queue.append(("RETURN", data))
            self.queued += len(data)
            self.replies += len(data)
        else:
            self.total += len(data)
            self._write(data)

    def event(self, data: bytes | memoryview, name: str = "") -> None:
        """An event or other record; `name` is the event's.  Raises Overflow."""
        if not self._paused:
            self.total += len(data)
            self._write(data)
            return
        if self.queued - self.replies >= self._limit:
            self._coalesce()
        self._queue.append((name, data))
        self.queued += len(data)

    def _coalesce(self) -> None:
        """Drop coalescable events that a later one of the same name overtakes, oldest
        first, until three quarters of the bound; raise Overflow when that is too little."""
        later = Counter(name for name, _ in self._queue if name in COALESCABLE)
        kept: deque[tuple[str, bytes | memoryview]] = deque()
        target = self._limit * 3 // 4
        for name, data in self._queue:
            if later[name] > 1 and self.queued - self.replies > target:
                later[name] -= 1
                self.queued -= len(data)
                self.dropped += 1
            else:
                kept.append((name, data))
        self._queue = kept
        if self.queued - self.replies >= self._limit:
            raise Overflow

    def pause(self) -> None:
        """The transport is full."""
        self._paused = True

    def resume(self) -> None:
        """The transport takes more; it may pause again while it is being given it."""
        self._paused = False
        while self._queue and not self._paused:
            name, data = self._queue.popleft()
            self.queued -= len(data)
            if name == "RETURN":
                self.replies -= len(data)
            self.total += len(data)
            self._write(data)

    def hand_over(self) -> None:
        """Give everything to the transport, whatever it says: it is about to close."""
        self.resume()
        while self._queue:
            self.resume()

    def shut(self) -> None:
        """The transport is gone: from now on everything is dropped."""
        self._write = _nowhere
        self._queue.clear()
        self.queued = self.replies = 0
        self._paused = False


def _nowhere(data: bytes | memoryview) -> None:
    """Where bytes for a closed connection go."""
