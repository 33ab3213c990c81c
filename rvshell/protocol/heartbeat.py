"""The clocks of one connection; the time is always passed in, in seconds of any epoch.

    accept --greeting deadline--> greeting --(permission: no clock)--> open

Open: any byte from the peer restarts the silence.  After `ping_interval` of silence a PING
is due, and again each `ping_interval`; after `pong_timeout` the peer is gone, unless it
has turned the heartbeat off.  In the middle of a record, and right behind the greeting
until anything else has come, `transfer` ends the connection whether there is a heartbeat
or not.  Source: TwkQtChat/Connection.cpp; RV counts silence by records instead of bytes,
which would drop a slow but healthy transfer.
"""

from __future__ import annotations

import enum

from rvshell.protocol.frozen import frozen
from rvshell.protocol.limits import Timing

__all__ = ["Expired", "Heartbeat"]


@frozen
class Expired:
    """A clock has run out: close the connection.  `quiet`: nothing worth a log line."""

    reason: str
    quiet: bool = False


class _Stage(enum.Enum):
    GREETING = "waiting for the peer's greeting"
    HELD = "greeted; somebody is being asked"
    OPEN = "open"


class Heartbeat:
    """Decides when to PING and when to give up.

    `enabled` says whether this side pings; PINGPONGCONTROL sets it.  `rtt` is the last
    round trip in seconds, None before the first PONG.
    """

    def __init__(self, timing: Timing, now: float) -> None:
        self.timing = timing
        self.enabled = timing.heartbeat
        self.rtt: float | None = None
        self._stage = _Stage.GREETING
        self._since = now
        self._heard = now
        self._pinged = 0.0
        self._unanswered = False
        self._fresh = True

    def hold(self) -> None:
        """The greeting is complete; nothing runs while the user is being asked."""
        self._stage = _Stage.HELD

    def open(self, now: float) -> None:
        """Both sides have been greeted."""
        self._stage = _Stage.OPEN
        self._heard = now

    def heard(self, now: float) -> None:
        """Bytes have come."""
        self._heard = now
        if self._stage is _Stage.OPEN:
            self._fresh = False

    def pong(self, now: float) -> None:
        """A PONG has come."""
        if self._unanswered:
            self._unanswered = False
            self.rtt = now - self._pinged

    def next_check(self, incomplete: bool) -> float | None:
        """When `check` should be called next, None for never."""
        timing = self.timing
        if self._stage is _Stage.GREETING:
            return self._since + timing.greeting
        if self._stage is _Stage.HELD:
            return None
        times: list[float] = []
        if incomplete or self._fresh:
            times.append(self._heard + timing.transfer)
        if self.enabled:
            times.append(self._ping_due())
            times.append(self._heard + timing.pong_timeout)
        return min(times, default=None)

    def check(self, now: float, incomplete: bool) -> Expired | bool:
        """What is due at `now`: the end, True for a PING (which then counts as sent), or
        False.  `incomplete` says that a record has begun and not ended."""
        timing = self.timing
        if self._stage is _Stage.GREETING:
            if now < self._since + timing.greeting:
                return False
            return Expired(f"no greeting within {timing.greeting:g} s", quiet=True)
        if self._stage is _Stage.HELD:
            return False
        if (incomplete or self._fresh) and now >= self._heard + timing.transfer:
            return Expired("timed out waiting for data transfer")
        if not self.enabled:
            return False
        if now >= self._heard + timing.pong_timeout:
            return Expired(f"no sign of life for {timing.pong_timeout:g} s")
        if now < self._ping_due():
            return False
        self._pinged = now
        self._unanswered = True
        return True

    def _ping_due(self) -> float:
        last = max(self._heard, self._pinged) if self._unanswered else self._heard
        return last + self.timing.ping_interval
