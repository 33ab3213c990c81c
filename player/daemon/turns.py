"""When the loop gives the session its turn: after input, and when the clock says so."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

__all__ = ["Turns"]

_AFTER_FAILURE: Final = 0.25
"""Seconds until the next turn after one that raised."""

_log = logging.getLogger("player.daemon")


class Turns:
    """Calls `turn` once after any number of wake-ups, and again at the time it returns.

    `turn()` does the work and returns the loop time of the next one, or None for "when
    something happens".  Used from the loop's thread, except `wake_from_thread`.
    """

    def __init__(self, turn: Callable[[], float | None]) -> None:
        self._turn = turn
        self._loop = asyncio.get_running_loop()
        self._soon: asyncio.Handle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._later: asyncio.TimerHandle | None = None
        self._within = 0.0  # seconds that `_later` was asked for
        self._closed = False

    def wake(self) -> None:
        """Something changed: a turn follows what the loop has in hand."""
        if self._soon is None and not self._closed:
            self._soon = self._loop.call_soon(self._run)

    def now(self) -> None:
        """A turn at once: a batch of input has just been executed.  Saves the round of the
        loop that `wake` takes, which is most of what a small request costs."""
        if self._soon is not None:
            self._soon.cancel()
        self._run()

    def wake_within(self, seconds: float) -> None:
        """Something changed that need not be looked at at once: a turn follows, but not one
        for each of many such calls."""
        if self._soon is not None or self._closed:
            return
        if self._later is not None and self._within <= seconds:
            return  # asked before, and for as soon: no need to look at the clock
        due = self._loop.time() + seconds
        if self._later is not None:
            if self._later.when() <= due:
                return
            self._later.cancel()
        self._later, self._within = self._loop.call_at(due, self._run), seconds

    def time(self) -> float:
        """The loop's clock, in seconds."""
        return self._loop.time()

    def wake_from_thread(self) -> None:
        """`wake`, from any thread; nothing happens once the loop is closed."""
        try:
            self._loop.call_soon_threadsafe(self.wake)
        except RuntimeError:  # the loop has ended
            return

    def close(self) -> None:
        """No turn any more."""
        self._closed = True
        for handle in (self._soon, self._timer, self._later):
            if handle is not None:
                handle.cancel()

    def _run(self) -> None:
        self._soon = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if self._closed:
            return
        try:
            due = self._turn()
        except Exception:  # one turn that fails must not be the last one
            _log.exception("a turn failed")
            due = self._loop.time() + _AFTER_FAILURE
        if due is not None and self._soon is None:
            self._timer = self._loop.call_at(due, self._run)
