"""Replies to requests that came in one read leave in one write; a lone reply is one write."""

from __future__ import annotations

import time
from typing import Final

__all__ = ["Replies"]

_DELAY: Final = 0.002
"""Seconds that a reply may wait for the ones behind it."""

_MAX_JOIN: Final = 64 * 1024
"""Bytes of replies that are joined before they are written."""


class Replies:
    """Replies that are ready and not yet written.

    `last` is when the last reply was ready, the first of those that leave together.
    """

    __slots__ = ("_ready", "_size", "last")

    def __init__(self) -> None:
        self._ready: list[bytes] = []
        self._size = 0
        self.last = 0.0

    def add(self, data: bytes) -> bool:
        """One more; True when they have waited enough or are many."""
        now = time.perf_counter()
        if not self._ready:
            self.last = now
        self._ready.append(data)
        self._size += len(data)
        return self._size > _MAX_JOIN or now > self.last + _DELAY

    def take(self) -> bytes:
        """All of them in one; b"" when there are none."""
        ready = self._ready
        if not ready:
            return b""
        data = ready[0] if len(ready) == 1 else b"".join(ready)
        ready.clear()
        self._size = 0
        return data
