"""Pixels that come faster than good pictures of them can be made.

While a renderer pushes whole frames, a filtered picture of each can take longer than until the
next: then quick ones are shown, as while playing, and a good one once nothing has come for a while.
"""

from __future__ import annotations

from typing import Final

__all__ = ["REST", "Streaming"]

REST: Final = 0.2
"""Seconds without new pixels after which a good picture is due."""

_SOON: Final = 0.1  # seconds after a picture: pixels that come so soon are a stream
_LONG: Final = 0.03  # seconds that a good picture may take in a stream of 24 frames a second


class Streaming:
    """Told of the pictures of a screen; times in seconds of one clock."""

    def __init__(self) -> None:
        self._tiles = 0
        self._came = self._offered = self._shown = 0.0
        self._stream = self._good = False
        self._took = 0.0  # the last good picture

    def offer(self, tiles: int, now: float) -> bool:
        """A picture is offered, after so many tiles in all; True when it is to be a quick one."""
        if tiles != self._tiles:
            self._tiles, self._came = tiles, now
            self._stream = now - self._shown < _SOON
        elif now - self._came >= _SOON:
            self._stream = False
        # what else is drawn in a stream must not be in the way of its next picture either
        quick = self._stream and self._took > _LONG
        self._offered, self._good = now, not quick
        return quick

    def shown(self, now: float) -> None:
        """The picture that was offered is on the screen."""
        if self._good:
            self._took = now - self._offered
        self._shown = now
