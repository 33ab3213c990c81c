"""The session: the one owner of state."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from player.session.graph import Graph
from player.session.ports import Ports
from player.session.timeline.playback import Playback
from player.session.uistate import UiState

if TYPE_CHECKING:
    from player.session.events import EventBus

__all__ = ["Options", "Profile", "Session"]

Profile = Literal["display", "output"]


@dataclass(slots=True)
class Options:
    """What the command line decided."""

    play: bool = False
    flags: dict[str, str] = field(default_factory=dict)


class Session:
    """One RV session.

    ``profile`` is "display" (a player: display group, defaults for new media) or "output" (what
    batch export uses: ``defaultOutputGroup``, no packages). ``clock`` gives seconds; ``events``
    is the bus that events go through (made when not given).
    """

    def __init__(
        self,
        profile: Profile = "display",
        *,
        ports: Ports | None = None,
        clock: Callable[[], float] = time.monotonic,
        events: EventBus | None = None,
        options: Options | None = None,
    ) -> None:
        if events is None:
            from player.session.events import EventBus

            events = EventBus()
        self.profile: Profile = profile
        self.ports = ports if ports is not None else Ports()
        self.clock = clock
        self.events = events
        self.options = options if options is not None else Options()
        self.graph = Graph(self.emit)
        self.playback = Playback(self.emit, clock)
        self.ui = UiState(started=clock())
        self._wakeups: list[Callable[[], None]] = []

    def emit(self, name: str, contents: str = "") -> object:
        """Send an internal event and wake the subsystems."""
        return self.events.send(name, contents)

    def on_change(self, wakeup: Callable[[], None]) -> None:
        """Register a wake-up flag: called without data after changes."""
        self._wakeups.append(wakeup)
