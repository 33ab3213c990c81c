"""Events and the bus that takes them through the bindings.

Theory of operation
-------------------
``EventBus.send`` is synchronous: it returns when every handler that wanted the event has run, in
the middle of the command that caused it. A handler consumes the event unless it calls
``reject()``; then the next candidate is asked. An error in a handler is reported to ``on_error``
and never reaches the sender; the event still counts as consumed unless it was rejected before
the error (Open RV, ``TwkApp/Document.executeAction``, ``FunctionAction``).

Looking an event up means asking a handful of tables. The result is remembered for each name
until any mode, table or binding changes (``Modes.revision``), so that events nobody listens to
cost one dictionary look-up: ``has_listener`` is that look-up, and callers use it to avoid
building contents. ``sole_builtin`` tells that the player's own default binding is the only one,
which lets the network skip the event object altogether.

When a handler changes bindings and then rejects, the search is done again and goes on behind the
handler just run; if that one is gone it starts from the top, as in RV, but not for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import monotonic
from typing import Final

from player.session.bindings import Action
from player.session.modes import Modes

__all__ = [
    "EVENT_CATEGORIES",
    "MAX_DEPTH",
    "DataEvent",
    "Event",
    "EventBus",
    "EventCategories",
    "KeyEvent",
    "PixelBlockEvent",
    "PointerEvent",
    "RenderEvent",
    "StringEvent",
]

MAX_DEPTH: Final = 40
"""Events sent by handlers of events, and so on; deeper ones are dropped (RV would crash)."""

MAX_RESTARTS: Final = 64
"""Searches begun anew for one event because handlers removed themselves and rejected."""

_CACHE_LIMIT: Final = 4096

EVENT_CATEGORIES: Final[tuple[str, ...]] = (
    "annotate_category",
    "annotate_airbrush_category",
    "annotate_burn_category",
    "annotate_clone_category",
    "annotate_dodge_category",
    "annotate_harderase_category",
    "annotate_pen_category",
    "annotate_sample_category",
    "annotate_select_category",
    "annotate_smudge_category",
    "annotate_softerase_category",
    "annotate_text_category",
    "backwardplay_category",
    "clear_category",
    "export_category",
    "flowpt_category",
    "help_category",
    "info_category",
    "mark_category",
    "media_category",
    "panzoom_category",
    "playcontrol_category",
    "playcontrol_click_category",
    "playmode_loop_category",
    "playmode_once_category",
    "playmode_pingpong_category",
    "presentation_category",
    "screeningroom_category",
    "sessionmanager_category",
    "source_category",
    "system_category",
    "unclassified_category",
    "viewmode_category",
    "view_navigation_category",
    "wipes_category",
)
"""What setFilterLiveReviewEvents switches together (Open RV, ``EventCategories``)."""


class Event:
    """What every handler gets. ``time`` is seconds since the first event of the program."""

    __slots__ = ("handled", "name", "time")

    def __init__(self, name: str) -> None:
        self.name = name
        self.handled = False
        self.time = 0.0

    def reject(self) -> None:
        """Let the next candidate have the event."""
        self.handled = False


class StringEvent(Event):
    """A generic event: text in, text out. ``contents_array`` is attached by graph events."""

    __slots__ = ("contents", "contents_array", "return_content", "sender")

    def __init__(
        self,
        name: str,
        contents: str = "",
        sender: str = "",
        contents_array: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.handled = False
        self.time = 0.0
        self.contents = contents
        self.sender = sender
        self.contents_array = contents_array
        self.return_content = ""


class DataEvent(Event):
    """Bytes with a type, from DATAEVENT messages and HTTP replies.

    ``text`` is the textual form of the payload when there is one.
    """

    __slots__ = ("content_type", "data", "return_content", "sender", "text")

    def __init__(
        self,
        name: str,
        content_type: str,
        data: bytes,
        sender: str = "",
        text: str | None = None,
    ) -> None:
        super().__init__(name)
        self.content_type = content_type
        self.data = data
        self.sender = sender
        self.text = text
        self.return_content = ""


class PixelBlockEvent(Event):
    """A tile: header fields as sent, ``payload`` the raw bytes, rows bottom-up.

    Scripts see only its name and time; insertCreatePixelBlock reads the rest. ``layer`` and
    ``view`` are ``-`` for the source's default.
    """

    __slots__ = ("frame", "height", "layer", "media", "payload", "view", "width", "x", "y")

    def __init__(
        self,
        name: str,
        media: str,
        layer: str,
        view: str,
        frame: int,
        x: int,
        y: int,
        width: int,
        height: int,
        payload: bytes | bytearray | memoryview,
    ) -> None:
        super().__init__(name)
        self.media = media
        self.layer = layer
        self.view = view
        self.frame = frame
        self.x = x
        self.y = y
        self.width = width
        self.height = height
        self.payload = payload


class RenderEvent(Event):
    """Sent around drawing; ``domain`` is (width, height) of the view in pixels."""

    __slots__ = ("contents", "domain", "vertical_flip")

    def __init__(
        self,
        name: str,
        contents: str = "",
        domain: tuple[float, float] = (0.0, 0.0),
        vertical_flip: bool = False,
    ) -> None:
        super().__init__(name)
        self.contents = contents
        self.domain = domain
        self.vertical_flip = vertical_flip


class KeyEvent(Event):
    """A key press with the modifier mask."""

    __slots__ = ("key", "modifiers")

    def __init__(self, name: str, key: int = 0, modifiers: int = 0) -> None:
        super().__init__(name)
        self.key = key
        self.modifiers = modifiers


class PointerEvent(Event):
    """A pointer in view pixels, origin bottom-left; ``reference`` is where it was pressed."""

    __slots__ = ("buttons", "domain", "modifiers", "pointer", "reference")

    def __init__(
        self,
        name: str,
        pointer: tuple[float, float],
        domain: tuple[float, float],
        *,
        reference: tuple[float, float] | None = None,
        buttons: int = 0,
        modifiers: int = 0,
    ) -> None:
        super().__init__(name)
        self.pointer = pointer
        self.domain = domain
        self.reference = pointer if reference is None else reference
        self.buttons = buttons
        self.modifiers = modifiers


class EventCategories:
    """User actions that can be blocked by category; unknown names are enabled."""

    def __init__(self) -> None:
        self._disabled: set[str] = set()

    def enable(self, category: str) -> None:
        self._disabled.discard(category)

    def disable(self, category: str) -> None:
        if category:
            self._disabled.add(category)

    def is_enabled(self, category: str) -> bool:
        return category not in self._disabled

    def filter_all(self, block: bool) -> None:
        """Disable (or enable) every known category."""
        for category in EVENT_CATEGORIES:
            if block:
                self.disable(category)
            else:
                self.enable(category)


class EventBus:
    """Modes, bindings and delivery for one session.

    ``clock`` gives monotonic seconds. ``on_error(event, action, error)`` is told of failing
    handlers. ``trace``, when set, sees every event as it is sent, before any handler.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.modes = Modes()
        self.categories = EventCategories()
        self.on_error: Callable[[Event, Action, Exception], None] | None = None
        self.trace: Callable[[Event], None] | None = None
        self._clock = clock
        self._epoch: float | None = None
        self._depth = 0
        self._cache: dict[str, tuple[Action, ...]] = {}
        self._revision = -1

    # -- sending -------------------------------------------------------------------------

    def send(
        self,
        name: str,
        contents: str = "",
        *,
        sender: str = "",
        contents_array: Iterable[str] = (),
    ) -> StringEvent:
        """Send a generic event and return it, with its return content, after all handlers ran."""
        event = StringEvent(name, contents, sender, tuple(contents_array))
        self.dispatch(event)
        return event

    def dispatch(self, event: Event) -> bool:
        """Take any event through the bindings; True when a handler consumed it."""
        if self.trace is not None:
            self.trace(event)
        actions = self._actions(event.name)
        if not actions:
            return False
        if self._depth >= MAX_DEPTH:
            self._failed(event, actions[0], RecursionError("events nested too deeply"))
            return False
        event.time = self._now()
        self._depth += 1
        try:
            return self._run(event, actions)
        finally:
            self._depth -= 1

    def _run(self, event: Event, actions: tuple[Action, ...]) -> bool:
        modes = self.modes
        revision = modes.revision
        index = 0
        restarts = 0
        while index < len(actions):
            action = actions[index]
            event.handled = True
            try:
                action.func(event)
            except Exception as error:
                self._failed(event, action, error)
            if event.handled:
                return True
            index += 1
            if modes.revision != revision:
                revision = modes.revision
                actions = tuple(modes.candidates(event.name))
                if action in actions:
                    index = actions.index(action) + 1
                else:
                    index = 0
                    restarts += 1
                    if restarts > MAX_RESTARTS:
                        break
        return False

    def _failed(self, event: Event, action: Action, error: Exception) -> None:
        silent = action.report_once and action.failed
        action.failed = True
        if self.on_error is not None and not silent:
            self.on_error(event, action, error)

    def _now(self) -> float:
        now = self._clock()
        if self._epoch is None:
            self._epoch = now
        return now - self._epoch

    # -- questions -----------------------------------------------------------------------

    def has_listener(self, name: str) -> bool:
        """Whether sending ``name`` would reach anything (a trace counts)."""
        return self.trace is not None or self.is_bound(name)

    def is_bound(self, name: str) -> bool:
        """Whether anything is bound to ``name``."""
        return bool(self._actions(name))

    def sole_builtin(self, name: str) -> Action | None:
        """The default binding of ``name`` if nothing else could see the event, else None."""
        if self.trace is not None:
            return None
        actions = self._actions(name)
        if len(actions) == 1 and actions[0].builtin:
            return actions[0]
        return None

    @property
    def depth(self) -> int:
        """How many events are being handled at the moment, each inside the one before."""
        return self._depth

    def _actions(self, name: str) -> tuple[Action, ...]:
        if self._revision != self.modes.revision or len(self._cache) >= _CACHE_LIMIT:
            self._cache.clear()
            self.modes.refresh()
            self._revision = self.modes.revision
        found = self._cache.get(name)
        if found is None:
            found = self._cache[name] = tuple(self.modes.candidates(name))
        return found

    # -- bindings (the calls scripts make; errors as in player.session.modes) ---------------

    def bind(
        self,
        mode: str,
        table: str,
        event: str,
        func: Callable[[Event], object],
        doc: str = "",
        *,
        report_once: bool = False,
        builtin: bool = False,
    ) -> None:
        """Bind ``func`` to an event name in a mode's table, replacing an earlier binding."""
        action = Action(func, doc, report_once=report_once, builtin=builtin)
        self.modes.bind(mode, table, event, action)

    def bind_regex(
        self,
        mode: str,
        table: str,
        pattern: str,
        func: Callable[[Event], object],
        doc: str = "",
        *,
        report_once: bool = False,
    ) -> None:
        """Bind ``func`` to every event name in which the POSIX expression is found."""
        self.modes.bind_pattern(mode, table, pattern, Action(func, doc, report_once=report_once))

    def unbind(self, mode: str, table: str, event: str) -> None:
        self.modes.unbind(mode, table, event)

    def unbind_regex(self, mode: str, table: str, pattern: str) -> None:
        self.modes.unbind_pattern(mode, table, pattern)

    def push_event_table(self, name: str) -> None:
        self.modes.push_table(name)

    def pop_event_table(self, name: str | None = None) -> None:
        self.modes.pop_table(name)
