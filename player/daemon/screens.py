"""Between the session and the screens: pictures out, keys and pointers in.

A picture is offered when what the session shows differs from what was offered last, and
only when the display has shown that one: `update` is cheap when there is nothing to do.
What tells is a stamp of everything a picture depends on: the graph's revision, the frame,
the background, what lies over the picture, and a count of tiles.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from player.daemon.renderevents import RenderEvents
from player.daemon.scriptdrawing import ScriptDrawing
from player.daemon.streaming import REST, Streaming
from player.display import Display, InputEvent, Sink, open_sink
from player.image import ImageRenderer, Status
from player.image.hud import question_boxes
from player.scripting.pen import Pens
from player.session.events import KeyEvent, PointerEvent, RenderEvent
from player.session.session import Session
from player.session.uistate import Question

__all__ = ["Screens", "default_display"]


def default_display() -> str:
    """Where pictures go when nobody said: a window on a desktop, the terminal of an
    interactive shell, else nowhere."""
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return "window"
    return "terminal" if sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb" else ""


class Screens:
    """The sinks of a player.  `kinds` as `--display` takes them; none at all is fine.

    `wake` asks the loop for a turn, from any thread; `closed` is called (on the loop) when
    the user closed the window; `report` gets lines for the log.  A window takes the size of
    the first picture unless `fixed`.  With `pens` scripts draw over it.
    """

    def __init__(
        self,
        session: Session,
        renderer: ImageRenderer,
        *,
        kinds: Sequence[str],
        size: tuple[int, int],
        full_screen: bool,
        wake: Callable[[], None],
        closed: Callable[[], None],
        report: Callable[[str], None],
        pens: Pens,
        fixed: bool = False,
    ) -> None:
        self._session = session
        self._renderer = renderer
        self._wake = wake
        self._closed = closed
        self._report = report
        self._loop = asyncio.get_running_loop()
        drawing = ScriptDrawing(session, pens, renderer.view_size)
        self._events = RenderEvents(session, renderer.view_size, wake, drawing)
        self._shown: object = None
        self._busy = False
        self._offered = 0.0
        self._pressed: tuple[float, float] | None = None
        self._status = Status()
        self._view_size = (0, 0)
        self._fitted = fixed or full_screen
        self._expiry: asyncio.TimerHandle | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._streaming = Streaming()
        self.tiles = 0
        self._tiles_offered = self._tiles_shown = 0
        self._asked: tuple[int, float] = (0, 0.0)  # the question that is shown, since when
        self.answered: Callable[[int, str], None] = lambda number, word: None
        self.was_shown: Callable[[], None] = lambda: None
        """Called on the loop after each picture."""
        self.full_screen = full_screen
        self._display: Display | None = None
        self._terminal = any(k.split(":")[0] in _TERMINALS for k in kinds)
        self.watched = any(k.split(":")[0] not in _UNSEEN for k in kinds)
        """Whether somebody looks at a screen."""
        if kinds:
            renderer.screens = self._sizes
            make: list[Callable[[], Sink]] = [
                partial(
                    open_sink, kind, width=size[0], height=size[1], on_input=self._input_came,
                    full_screen=full_screen, announce=self._announce, light=renderer.light,
                    keys=sys.stdin.fileno() if sys.stdin and sys.stdin.isatty() else None,
                )
                for kind in kinds
            ]  # fmt: skip
            self._display = Display(
                make, on_shown=self._was_shown, on_closed=self._was_closed, on_lost=self._was_lost
            )

    @property
    def open(self) -> bool:
        """Whether there is a screen at all."""
        return self._display is not None

    @property
    def ready(self) -> bool:
        """Whether the last picture offered has been shown: the next one will be, too."""
        return not self._busy

    def tile_counts(self) -> dict[str, int]:
        """How many tiles `came`, and how many of them were there when the newest picture that is
        `shown` was made: all, where nothing shows."""
        return {"came": self.tiles, "shown": self._tiles_shown if self.open else self.tiles}

    async def start(self) -> None:
        """Open the sinks.  Raises what opening them raised (LocalError, MissingExtra...)."""
        if self._display is None:
            return
        # the display's thread takes the interpreter a hundred times a picture: the loop must
        # hand it over sooner than after Python's 5 ms
        sys.setswitchinterval(_SWITCH)
        if self._terminal:
            # a terminal that is closed takes its screen along, not the player
            self._loop.add_signal_handler(signal.SIGHUP, self._hung_up)
        await self._loop.run_in_executor(None, self._display.start)

    def give_up(self) -> None:
        """Go on without a screen: opening it failed."""
        self._display = None

    async def stop(self) -> None:
        """Close the sinks; whatever was there before is restored."""
        if self._expiry is not None:
            self._expiry.cancel()
        if self._rest is not None:
            self._rest.cancel()
        if self._display is not None:
            await self._loop.run_in_executor(None, self._display.stop)

    def set_full_screen(self, on: bool) -> None:
        """Full screen for whatever can."""
        self.full_screen = on
        if self._display is not None:
            self._display.set_full_screen(on)

    def size(self) -> tuple[int, int]:
        """Pixels of the first screen; (0, 0) without one."""
        return next(iter(self._sizes()), (0, 0))

    def _sizes(self) -> tuple[tuple[int, int], ...]:
        return self._display.sizes() if self._display is not None else ()

    # -- pictures out ----------------------------------------------------------------------

    def give_way(self) -> None:
        """Pixels pour in: where they hold up a picture of playing, its thread gets the
        interpreter and the processor's memory for a moment."""
        if self._busy and self._session.playback.playing:
            late = time.monotonic() - self._offered
            if _LATE < late < _STUCK:
                time.sleep(_MOMENT)

    def redraw(self) -> None:
        """Show the picture again even if nothing changed."""
        self._shown = None

    def _stamp(self) -> object:
        """What the picture of now is made of."""
        session = self._session
        return (
            session.graph.revision, session.playback.frame, session.ui.background,
            self.tiles, session.ui.margins, session.playback.playing, session.ui.filtering,
            frozenset(session.ui.hud), session.ui.pointer if session.ui.hud else None,
            session.ui.question,
        )  # fmt: skip

    def update(self) -> None:
        """Offer the picture of now, if it is another one and the screen is ready."""
        session, display = self._session, self._display
        if self._busy or (display is None and not self._events.wanted):
            return
        if self._stamp() == self._shown:
            return
        self._renderer.scripted = self._events.before()
        self._shown = self._stamp()
        if display is None:  # scripts are told of what would be shown
            self._events.after()
            return
        self._busy = True
        self._offered = time.monotonic()
        self._tiles_offered = self.tiles
        self._fit()
        self.tell()
        self._expect_expiry()
        streaming = self._streaming.offer(self.tiles, self._loop.time())
        if streaming:
            self._rest_later()
        job = self._renderer.job(quick=session.playback.playing or streaming)
        display.offer(job, frame=session.playback.frame)

    def _rest_later(self) -> None:
        """Show a good picture when no more pixels come for a while."""
        if self._rest is not None:
            self._rest.cancel()
        self._rest = self._loop.call_later(REST, self._rested)

    def _rested(self) -> None:
        self._rest = None
        self.redraw()
        self._wake()

    def _fit(self) -> None:
        """The window takes the size of the first picture there is."""
        if self._fitted or self._display is None:
            return
        size = self._renderer.natural_size()
        if size is not None:
            self._fitted = True
            self._display.fit(*size)

    def tell(self) -> None:
        """Say below the picture what is shown, when that is something else than before."""
        status = self._renderer.status()
        if status != self._status and self._display is not None:
            self._status = status
            self._display.set_status(status)

    def _expect_expiry(self) -> None:
        """Come back when the message on the picture has had its time."""
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        left = self._renderer.message_left()
        if left is not None:
            self._expiry = self._loop.call_later(left + 0.01, self._expired)

    def _expired(self) -> None:
        self._expiry = None
        self.redraw()
        self._wake()

    def _was_shown(self, frame: int) -> None:
        def ready() -> None:
            self._busy = False
            self._tiles_shown = self._tiles_offered
            self._streaming.shown(self._loop.time())
            question = self._session.ui.question
            if question is not None and question.number != self._asked[0]:
                self._asked = (question.number, self._loop.time())
            size = self.size()
            if size != self._view_size and size != (0, 0):
                self._resized(size)
            self.was_shown()
            self._events.after()

        self._on_loop(ready)

    def _resized(self, size: tuple[int, int]) -> None:
        old, self._view_size = self._view_size, size
        if old == (0, 0):
            return
        events = self._session.events
        events.dispatch(RenderEvent("view-size-changed", "", (float(size[0]), float(size[1]))))
        events.dispatch(RenderEvent("layout", "", (float(size[0]), float(size[1]))))
        events.send("view-resized", f"{old[0]} {old[1]}|{size[0]} {size[1]}")

    def _was_closed(self) -> None:
        self._on_loop(self._closed)

    def _was_lost(self, reason: str, left: int) -> None:
        def lost() -> None:
            self._busy = False
            if left == 0 and self._session.ports.network.status() == 0:
                self._report(f"WARNING: {reason}; nobody could reach the player any more")
                self._closed()
                return
            self._report(f"WARNING: {reason}; the player goes on without it")

        self._on_loop(lost)

    def _hung_up(self) -> None:
        """SIGHUP: writing to the terminal will fail from now on; the sink finds out itself."""
        self.redraw()
        self._wake()

    def _announce(self, text: str) -> None:
        self._on_loop(partial(self._report, text))

    def _on_loop(self, call: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(call)
            self._wake()

    # -- questions -------------------------------------------------------------------------

    def _answer(self, question: Question, event: InputEvent) -> bool:
        """Take what answers the question; whether this did, or would have.

        It comes from the user's own hand only: scripts and contacts can send the session
        keys, but nothing that gets here.  What was typed before anybody can have read the
        question is thrown away (a page sees to that itself).
        """
        if event.name == "answer":
            if event.key == question.number:
                self.answered(question.number, event.text)
            return True
        word = ""
        if event.name.startswith("key-down--"):
            word = next((w for k, _, w in question.answers if event.name[10:] == k), "")
        elif event.name in ("pointer-1--push", "pointer-1--double"):
            for known, box in question_boxes(question, event.width, event.height):
                left, top, right, bottom = box
                if left <= event.x < right and top <= event.height - event.y < bottom:
                    word = known
        if not word:
            return False
        shown, since = self._asked
        if shown == question.number and self._loop.time() - since >= _UNREAD:
            self.answered(question.number, word)
        return True

    # -- input -----------------------------------------------------------------------------

    def _input_came(self, event: InputEvent) -> None:
        self._on_loop(partial(self._input, event))

    def _input(self, event: InputEvent) -> None:
        """A key or pointer as RV's event of that name."""
        session = self._session
        if session.ui.question is not None and self._answer(session.ui.question, event):
            return
        if session.ui.blocked:
            return
        events = session.events
        if event.name == "frame":  # a page's slider
            session.playback.set_frame(
                min(max(event.key, session.playback.range_start), session.playback.range_end - 1)
            )
            return
        if event.name == "answer":  # a page's, to a question that is over
            return
        if event.name == "drop":
            session.sources.enqueue([event.text], True, False, "drop")
            return
        if event.name.startswith("key-"):
            events.dispatch(KeyEvent(event.name, event.key, event.modifiers))
            return
        at = (event.x, event.y)
        session.ui.pointer = None if event.name.endswith("--leave") else at
        if event.name.endswith(("--push", "--double")) or self._pressed is None:
            self._pressed = at
        domain = (float(event.width), float(event.height))
        events.dispatch(
            PointerEvent(
                event.name, at, domain, reference=self._pressed, buttons=event.buttons,
                modifiers=event.modifiers,
            )
        )  # fmt: skip
        if event.name.endswith(("--release", "--move")):
            self._pressed = None


_SWITCH = 0.0005  # seconds
_LATE = 0.008  # seconds after which a picture while playing is held up by something
_STUCK = 0.05  # ... and after which it is held up by something else than pixels
_MOMENT = 0.001
_UNREAD = 0.7  # seconds that a question must have been on the screen before it is answered
_TERMINALS = ("terminal", "kitty", "sixel", "blocks")
_UNSEEN = ("null", "png")
