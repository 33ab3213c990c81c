"""Tiles that landed, told to the session: properties at once, events collected.

RV fires a handful of events for every tile.  A renderer sends a hundred thousand a second, so
they are sent once for everything that came within a while; what scripts ask for (properties,
pixel values, exports) is right at once all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from player.media import PixelStore
from player.session.kinds.imagesource import ImageSource
from player.session.session import Session

__all__ = ["Landed"]

_EVERY: Final = 0.5  # seconds between two rounds of events


class Landed:
    """Watches the pixel store of a session."""

    def __init__(self, session: Session, pixels: PixelStore) -> None:
        self._session = session
        self._pixels = pixels
        self._next = 0.0
        self.changes = 0
        """How many revisions of the graph are due to pixels that landed (not to scripts that are
        told of them)."""
        pixels.created = self._created

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Count the revisions made meanwhile."""
        session = self._session
        before = session.graph.revision - session.handled
        yield
        self.changes += session.graph.revision - session.handled - before

    def _created(self, source: str, key: str) -> None:
        node = self._session.graph.exact(source)
        if isinstance(node, ImageSource):
            with self._counted():
                node.note_pixels(key)

    def announce(self, now: float) -> float | None:
        """Send the events that are due; the seconds until the next ones are, None when there
        are none."""
        if not self._pixels.has_changed:
            return None
        if now < self._next:
            return self._next - now
        self._next = now + _EVERY
        with self._counted():
            self._session.sources.pixels_landed(self._pixels.take_changed())
        return None
