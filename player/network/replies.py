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
    """Replies that are ready and not yet written."""

    __slots__ = ("_by", "_ready", "_size")

    def __init__(self) -> None:
        self._ready: list[bytes] = []
        self._size = 0
        self._by = 0.0

    def begin(self) -> None:
        """Records are about to be executed: their replies may wait for each other from now."""
        self._by = time.perf_counter() + _DELAY

    def add(self, data: bytes) -> bool:
        """One more; True when they have waited enough or are many."""
        self._ready.append(data)
        self._size += len(data)
        return self._size > _MAX_JOIN or time.perf_counter() > self._by

    def take(self) -> bytes:
        """All of them in one; b"" when there are none."""
        ready = self._ready
        if not ready:
            return b""
        data = ready[0] if len(ready) == 1 else b"".join(ready)
        ready.clear()
        self._size = 0
        return data
