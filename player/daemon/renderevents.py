"""What scripts are told around each picture: `pre-render`, `render` (who listens draws over it:
`scriptdrawing.py`), `post-render` and, when it is on the screens, `per-render-event-processing`,
the moment in which RV lets packages change the session and look after what they wait for.

Scripts that ask for a new picture each time would keep a processor busy; as a monitor does in
RV, the events after a picture come sixty times a second at most.  Without a screen they are sent
when there would be another picture.

Source: Open RV ``Session::preRender``, ``postRender`` and ``GLView::eventProcessingTimeout``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from player.daemon.scriptdrawing import RENDER, ScriptDrawing
from player.image.hud import Painted
from player.session.events import RenderEvent
from player.session.session import Session

__all__ = ["RenderEvents"]

_NAMES: Final = (RENDER, "pre-render", "post-render", "per-render-event-processing")
_APART: Final = 1 / 60  # seconds


class RenderEvents:
    """Sends the events of a session's pictures.  `size` is the view's in pixels, `wake` asks for
    a turn of the session after what scripts did, `draw` what they draw.  On the loop only."""

    def __init__(
        self, session: Session, size: Callable[[], tuple[float, float]],
        wake: Callable[[], None], draw: ScriptDrawing,
    ) -> None:  # fmt: skip
        self._session = session
        self._size = size
        self._wake = wake
        self._draw = draw
        self._loop = asyncio.get_running_loop()
        self._sent = 0.0
        self._due: asyncio.TimerHandle | None = None

    @property
    def wanted(self) -> bool:
        """Whether anybody listens."""
        return any(map(self._session.events.is_bound, _NAMES))

    def before(self) -> Painted | None:
        """A picture is about to be made; gives what scripts draw over it."""
        self._render("pre-render")
        return self._draw()

    def after(self) -> None:
        """A picture is on the screens."""
        if self._due is None and self.wanted:
            left = self._sent + _APART - self._loop.time()
            self._due = self._loop.call_later(max(0.0, left), self._send)

    def _send(self) -> None:
        self._due = None
        self._sent = self._loop.time()
        self._render("post-render")
        if self._session.events.is_bound("per-render-event-processing"):
            self._session.send("per-render-event-processing")
        self._wake()

    def _render(self, name: str) -> None:
        events = self._session.events
        if events.is_bound(name):
            events.dispatch(RenderEvent(name, "", self._size()))
