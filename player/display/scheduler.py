"""The thread that shows pictures.

The owner of the session puts its latest picture, as a job that renders it at a given size,
into a slot; a newer one replaces it (the older counts as dropped, it is never queued).
The thread takes the job when it is due, renders it once per size its sinks ask for, and
shows it.  Between jobs it polls the sinks' input and notices a changed size.  A sink that
is lost is closed and left out; the others go on.

Callbacks (`on_shown`, `on_closed`, `on_lost` with the reason and how many sinks are left) run
on this thread: whoever gets them hands over to the loop (`loop.call_soon_threadsafe`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from player.display.base import Bytes, Sink, SinkLost, Status
from player.display.promptness import promptly
from rvshell.errors import LocalError

__all__ = ["Counters", "Display", "Job"]

#: renders at (width, height, pixel aspect of the screen), with panel=False without the question
#: that is asked, with whole=True of all pixels, with out= in that memory where it can; None shows
#: nothing new
Job = Callable[..., "Bytes | None"]
_log = logging.getLogger(__name__)
_POLL = 0.015  # seconds between looks at window input
_IDLE = 0.25  # the same without a sink that has input


@dataclass(slots=True)
class Counters:
    """Pictures shown, replaced before they were shown, and jobs that failed."""

    shown: int = 0
    dropped: int = 0
    failed: int = 0


class Display:
    """Sinks served by one thread.  `factories` make the sinks on that thread."""

    def __init__(
        self,
        factories: Sequence[Callable[[], Sink]],
        *,
        on_shown: Callable[[int], None] | None = None,
        on_closed: Callable[[], None] | None = None,
        on_lost: Callable[[str, int], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.counters = Counters()
        self._factories = list(factories)
        self._on_shown, self._on_closed, self._on_lost = on_shown, on_closed, on_lost
        self._clock = clock
        self._wake = threading.Condition()
        self._slot: tuple[Job, float, int] | None = None
        self._current: Job | None = None
        self._calls: list[Callable[[Sink], None]] = []
        self._asking = self._stop = False
        self._failure = ""
        self._sizes: tuple[tuple[int, int], ...] = ()
        self._ready = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="display", daemon=True)

    # -- the owner's side --------------------------------------------------------------

    def start(self, timeout: float = 30.0) -> None:
        """Start the thread and wait until the sinks are open.  Raises what opening raised, and
        LocalError when it takes too long: they are closed then as soon as they are open."""
        self._thread.start()
        if not self._ready.wait(timeout):
            self._stop = True
            raise LocalError(f"the screen does not answer: waited {timeout:g} s")
        if self._error is not None:
            raise self._error

    def offer(self, job: Job, *, due: float = 0.0, frame: int = 0) -> None:
        """Show *job*'s picture as soon as the clock reaches *due*; replaces a waiting one."""
        with self._wake:
            if self._slot is not None:
                self.counters.dropped += 1
            self._slot = (job, due, frame)
            self._wake.notify()

    def set_full_screen(self, on: bool) -> None:
        """Full screen for every sink that can."""
        self._post(lambda sink: sink.set_full_screen(on))

    def set_status(self, status: Status) -> None:
        """What is shown, for every sink that has room to say so."""
        self._asking = status.question is not None
        self._post(lambda sink: sink.set_status(status))

    def fit(self, width: int, height: int) -> None:
        """Sinks of their own choice of size take that of a picture."""
        self._post(lambda sink: sink.fit(width, height))

    def _post(self, call: Callable[[Sink], None]) -> None:
        with self._wake:
            self._calls.append(call)
            self._wake.notify()

    def sizes(self) -> tuple[tuple[int, int], ...]:
        """The sizes the sinks last asked for, in order."""
        return self._sizes

    def stop(self, timeout: float = 5.0) -> None:
        """Close the sinks and end the thread; may be called twice."""
        with self._wake:
            self._stop = True
            self._wake.notify()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    # -- the thread --------------------------------------------------------------------

    def _run(self) -> None:
        promptly()
        sinks: list[Sink] = []
        try:
            try:
                for make in self._factories:
                    sinks.append(make())
            except BaseException as error:  # handed to start()
                self._error = error
                return
            finally:
                self._sizes = tuple(s.size() for s in sinks)
                self._ready.set()
            while self._serve(sinks):
                pass
        finally:
            for sink in sinks:
                sink.close()

    def _wait(self, sinks: list[Sink]) -> tuple[Job, float, int] | None:
        """The due job, or None after a poll interval.  Called with nothing held."""
        pause = _POLL if any(s.has_input for s in sinks) else _IDLE
        with self._wake:
            if self._slot is None and not self._stop and not self._calls:
                self._wake.wait(pause)
            slot = self._slot
            if slot is None or self._stop:
                return None
            early = slot[1] - self._clock()
            if early > 0:
                self._wake.wait(min(early, pause))
                if self._slot is not slot or slot[1] > self._clock():
                    return None
            self._slot = None
            return slot

    def _serve(self, sinks: list[Sink]) -> bool:
        slot = self._wait(sinks)
        if self._stop:
            return False
        with self._wake:
            calls, self._calls = self._calls, []
        for sink in list(sinks):
            try:
                for call in calls:
                    call(sink)
                open_ = sink.poll()
            except SinkLost as error:
                self._drop(sinks, sink, str(error))
                continue
            if not open_:
                if self._on_closed:
                    self._on_closed()
                return False
        sizes = tuple(s.size() for s in sinks)
        resized = sizes != self._sizes
        self._sizes = sizes
        if slot is not None:
            self._current = slot[0]
        if (slot is not None or resized) and self._current is not None:
            self._show(sinks, self._current)
            if slot is not None:
                self.counters.shown += 1
                if self._on_shown:
                    self._on_shown(slot[2])
        return True

    def _show(self, sinks: list[Sink], job: Job) -> None:
        made: dict[object, Bytes | None] = {}
        for sink in list(sinks):
            where = (*sink.size(), sink.pixel_aspect())
            manner: dict[str, object] = {}
            if self._asking and sink.asks_itself:
                manner["panel"] = False
            if sink.whole:
                manner["whole"] = True
            key = (where, *manner)
            if key not in made:
                # what several sinks show belongs to none of them
                if len(sinks) == 1 and (canvas := sink.canvas()) is not None:
                    manner["out"] = canvas
                try:
                    made[key] = job(*where, **manner)
                except Exception as error:  # it must not end the thread
                    self._failed(error)
                    made[key] = None
            picture = made[key]
            if picture is None:
                continue
            try:
                sink.show(picture)
            except SinkLost as error:
                self._drop(sinks, sink, str(error))

    def _failed(self, error: Exception) -> None:
        """A picture that cannot be made: one line, the same one only once in a row."""
        self.counters.failed += 1
        text = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        if text != self._failure:
            self._failure = text
            _log.error("the picture cannot be made: %s", text)
            _log.debug("where", exc_info=error)

    def _drop(self, sinks: list[Sink], sink: Sink, reason: str) -> None:
        sinks.remove(sink)
        sink.close()
        if self._on_lost:
            self._on_lost(reason, len(sinks))
