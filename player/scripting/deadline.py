"""Deadlines for scripts: no client's code may freeze the player for the others.

Theory of operation
-------------------
Scripts run on the main thread, in the middle of the event loop, because they act on the session.
To stop one, an exception has to be raised inside it. While scripts run, an interval timer
(``setitimer``, SIGALRM) ticks a few times a second; the Python signal handler, which always runs
on the main thread, looks at the clock and raises :class:`ScriptTimeout` when the running script
is over its time. A signal also ends a blocking call (``time.sleep``, a socket read) and a runaway
regular expression, which a watchdog thread could not: it would wait for the interpreter lock. The
timer is stopped again when no script has run for a while, so that an idle player sleeps.

What counts is the time of the script's own code on the clock, so that sleeping counts, and of each
command what it computes, up to a second. A command that waits (a slow disk), or that has much to do
at once (a session of thousands of sources), is no reason to stop a script which RV would let
finish; a loop that calls commands without end is stopped like any other.

Raising anywhere would tear the session apart when it lands in the middle of a command. So the
handler raises only in the script's own code: commands run inside brackets (``guard.host += 1;
guard.calls += 1``), there only ``expired`` is set, and the bracket raises on the way back into the
script. A handler bound by a script, called from inside a command, is script code
again (:meth:`Guard.run` nests): it ends with :class:`ScriptExpired`, an ordinary error that the
event bus reports; the command finishes, and the outer script is stopped when it gets control.

``ScriptTimeout`` derives from BaseException so that ``except Exception`` in a script does not
catch it. A script that catches everything is interrupted again at the next tick.

Without signals (another thread than the main one, Windows) there is no deadline.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, thread_time
from types import FrameType
from typing import Any, Final, TypeVar

from player.mu.limits import resident

__all__ = ["DEFAULT_LIMIT", "DEFAULT_MEMORY", "Guard", "ScriptExpired", "ScriptTimeout"]

T = TypeVar("T")

DEFAULT_LIMIT: Final = 10.0
"""Seconds a script may run. rvshell waits 30 s for an answer, most clients less."""

DEFAULT_MEMORY: Final = 4 << 30
"""Bytes the player may grow by while a script runs."""

_PERIOD: Final = 0.1
_IDLE_TICKS: Final = 20
_OF_A_COMMAND: Final = 1.0
"""Seconds of one command that count at most."""

_MEASURE: Final = 0.5
"""Seconds for which what the player holds counts as known when a script starts."""


class ScriptTimeout(BaseException):
    """Raised inside a script that is over its time."""


class ScriptExpired(Exception):
    """A script was stopped because it was over its time."""


class Guard:
    """The deadline of whatever script runs at the moment.

    ``limit`` is seconds, ``memory`` bytes of growth, 0 for none. ``host`` is above 0 while a
    command runs, ``calls`` tells one from the next; see the module text. One guard serves all
    scripts of a player. ``clock`` and ``work`` give seconds, of the day and of this thread's
    processor.
    """

    def __init__(
        self, limit: float = DEFAULT_LIMIT, memory: int = DEFAULT_MEMORY, *,
        clock: Callable[[], float] = monotonic, work: Callable[[], float] = thread_time,
    ) -> None:  # fmt: skip
        self.limit = limit
        self.memory = memory
        self._clock = clock
        self._work = work
        self._ceiling = 0
        self._held = 0
        self._measure_at = 0.0
        self._grown = False
        self.host = 0
        self.calls = 0
        self.expired = False
        self._running = False
        self._spent = 0.0
        self._seen = 0.0
        self._seen_work: float | None = None
        self._call = -1
        self._of_call = 0.0
        self._enabled = False
        self._armed = False
        self._idle = 0

    # -- starting and stopping -----------------------------------------------------------

    def start(self) -> bool:
        """Install the signal handler; False where there are no signals or off the main thread."""
        if self._enabled:
            return True
        usable = hasattr(signal, "setitimer")
        if not usable or threading.current_thread() is not threading.main_thread():
            return False
        signal.signal(signal.SIGALRM, self._tick)
        self._enabled = True
        return True

    def close(self) -> None:
        """Stop the timer and remove the handler."""
        if self._enabled:
            self._enabled = False
            self._disarm()
            signal.signal(signal.SIGALRM, signal.SIG_DFL)

    # -- running scripts -----------------------------------------------------------------

    def run(self, func: Callable[..., T], *args: Any) -> T:
        """Call script code under the deadline. Raises :class:`ScriptExpired` when it is over.

        Nests: inside a command, it runs with what is left of the outer script's time.
        """
        if self._running:
            return self._nested(func, args)
        self.host = 0
        self.expired = self._grown = False
        now = self._clock()
        if self.memory > 0 and now >= self._measure_at:  # asking costs as much as a small script
            self._held, self._measure_at = resident(), now + _MEASURE
        self._ceiling = self._held + self.memory if self.memory > 0 else 0
        self._spent, self._seen, self._seen_work, self._call = 0.0, now, None, -1
        self._running = True
        if not self._armed:
            self._arm()
        try:
            try:
                return func(*args)
            finally:
                self._running = False
        except ScriptTimeout:
            self._running = False
            raise ScriptExpired(self._text()) from None

    def _nested(self, func: Callable[..., T], args: tuple[Any, ...]) -> T:
        outer = self.host
        try:
            try:
                self.host = 0
                if self.expired:
                    raise ScriptTimeout
                return func(*args)
            finally:
                self.host = outer
        except ScriptTimeout:
            self.host = outer
            raise ScriptExpired(self._text()) from None

    def resume(self) -> None:
        """Called by host code right before it returns into the script (``host`` already 0)."""
        if self.expired and self._running and not self.host:
            raise ScriptTimeout

    @contextmanager
    def uncounted(self) -> Iterator[None]:
        """The player's own work in the midst of a script: nothing stops it, and its time is not
        the script's."""
        limit, self.limit = self.limit, 0.0
        self.host += 1
        try:
            yield
        finally:
            self.host -= 1
            self.limit = limit
            self._seen, self._seen_work = self._clock(), None
        self.resume()

    @property
    def running(self) -> bool:
        """Whether script code is on the stack."""
        return self._running

    def _text(self) -> str:
        if self._grown:
            return f"evaluation stopped: more than {self.memory >> 20} MiB of memory"
        return f"evaluation stopped after {self.limit:g} seconds"

    # -- watching ------------------------------------------------------------------------

    def _arm(self) -> None:
        if self._enabled:
            self._armed = True
            self._idle = 0
            signal.setitimer(signal.ITIMER_REAL, _PERIOD, _PERIOD)

    def _disarm(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        self._armed = False

    def _tick(self, number: int, frame: FrameType | None) -> None:
        if not self._running:
            self._idle += 1
            if self._idle > _IDLE_TICKS:
                self._disarm()
            return
        self._idle = 0
        self._count()
        if self.limit <= 0 or self._spent < self.limit:
            if not self._ceiling or resident() <= self._ceiling:
                return
            self._grown = True
        self.expired = True
        if not self.host:
            raise ScriptTimeout

    def _count(self) -> None:
        """Add what was spent since the last tick; all of it goes to what runs now."""
        now, work = self._clock(), self._work()
        spent = now - self._seen
        if self.host:
            if self._call != self.calls:
                self._call, self._of_call = self.calls, 0.0
            worked = 0.0 if self._seen_work is None else work - self._seen_work
            spent = min(worked, max(0.0, _OF_A_COMMAND - self._of_call))
            self._of_call += worked
        self._spent += spent
        self._seen, self._seen_work = now, work
