"""Frames that are missing from a sequence, told as RV tells them.

RV shows the nearest earlier frame in their place and sends `missing-image` when it has drawn
that; the interface's own binding puts a message over the picture for a second.  Here it is sent
once for each image that comes on the screen so.  The words below the picture say it as long as
that frame is shown (`ImageRenderer.status`), the log once for each sequence.

Source: Open RV ``src/lib/ip/IPCore/Session.cpp`` (userRender), reference manual, chapter 5.
"""

from __future__ import annotations

from collections.abc import Callable

from player.daemon.screens import Screens
from player.image import ImageRenderer, gaps_of
from player.session.events import RenderEvent
from player.session.session import Session

__all__ = ["Gaps"]


class Gaps:
    """Watches what the screens show of a session."""

    def __init__(
        self, session: Session, renderer: ImageRenderer, screens: Screens,
        report: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._session = session
        self._renderer = renderer
        self._screens = screens
        self._report = report
        self._shown: set[str] = set()
        self._told: set[str] = set()

    def update(self) -> None:
        """Tell of the missing frames that came on the screen since the last turn."""
        gaps = self._renderer.gaps()
        shown, self._shown = self._shown, {d.quad.name for d in gaps}
        if self._shown == shown:
            return
        for d in gaps:
            if d.quad.name in shown:
                continue
            if d.quad.key.media not in self._told:
                self._told.add(d.quad.key.media)
                self._report(f"WARNING: {gaps_of([d])[0]}")
            contents = f"{d.picture.missing};{d.quad.name}"
            width, height = self._screens.size()
            event = RenderEvent("missing-image", contents, (float(width), float(height)))
            self._session.events.dispatch(event)
        self._screens.tell()
