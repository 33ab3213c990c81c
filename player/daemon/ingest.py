"""Peers' records into the session: what the network hands over, for each door of it.

Requests go to the scripting dispatcher and come back as the reply's text.  A tile goes
straight into the memory of the frames that show it, unless a script has bound the event
that RV makes of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import Final, cast

from player.daemon.limited import Limited
from player.daemon.networking import Networking
from player.media import BadTile, Landing, PixelStore
from player.network import Departure, Peer, PutMany, TileSink
from player.network.admin import ADMIN_EVENT
from player.scripting.engine import ScriptEngine
from player.session.events import PixelBlockEvent
from player.session.session import Session
from rvshell.protocol import PixelTile

__all__ = ["Ingest", "Straight"]

_PIXEL_BLOCK: Final = "pixel-block"
_MOST_TOLD: Final = 1000
"""Complaints about tiles that are remembered, so that each is logged once."""
_PLACE: Final = re.compile(r" at -?\d+,-?\d+")


class _Handed:
    """A tile that is received into memory of its own and handed on as a whole."""

    __slots__ = ()

    def buffer(self) -> memoryview | None:
        return None

    def rows(self) -> None:
        return None

    def piecewise(self) -> None:
        return None

    def joined(self, following: Iterator[TileSink], pitch: int) -> None:
        return None

    def done(self) -> None:
        return None

    def aborted(self) -> None:
        return None


class _Spread(_Handed):
    """A tile that several sources of one media name take."""

    __slots__ = ("_landings",)

    def __init__(self, landings: list[Landing]) -> None:
        self._landings = landings

    def put(self, data: bytearray | memoryview, start: int) -> None:
        for landing in self._landings:
            landing.put(data, start)


class Straight:
    """A tile whose bytes are received into the one frame they belong to, or put there."""

    __slots__ = ("_changed", "_landing", "done", "piecewise", "put", "rows")

    def __init__(self, landing: Landing, changed: Callable[[int], None]) -> None:
        self._landing = landing
        self._changed = changed
        self.put = landing.put
        self.rows = landing.rows
        self.piecewise = landing.piecewise
        self.done = landing.done

    def buffer(self) -> memoryview | None:
        return self._landing.view

    def joined(self, following: Iterator[TileSink], pitch: int) -> tuple[int, PutMany] | None:
        straight = takewhile(lambda sink: isinstance(sink, Straight), following)
        return self._landing.joined((cast(Straight, s)._landing for s in straight), pitch)

    def aborted(self) -> None:
        self._landing.done()  # the rows that came are there
        self._changed(1)


class _Scripted(_Handed):
    """A tile that a script wants to see first."""

    __slots__ = ("_deliver", "_header")

    def __init__(self, header: PixelTile, deliver: Callable[[PixelTile, bytes], None]) -> None:
        self._header = header
        self._deliver = deliver

    def put(self, data: bytearray | memoryview, start: int) -> None:
        self._deliver(self._header, bytes(data[start : start + self._header.size]))


class Ingest:
    """Implements `network.Handler` for a session.

    `networking` decides about peers and what they may do; `settle` gives the session
    its turn after a batch of records, `wake` asks for one soon; `tiles_came` counts pixels
    that landed; `report` gets lines for the log.
    """

    def __init__(
        self,
        session: Session,
        engine: ScriptEngine,
        pixels: PixelStore,
        *,
        networking: Networking,
        wake: Callable[[], None],
        settle: Callable[[], None],
        tiles_came: Callable[[int], None],
        report: Callable[[str], None],
    ) -> None:
        self._session = session
        self._dispatcher = engine.dispatcher
        self._pixels = pixels
        self._networking = networking
        self._wake = wake
        self.settled = settle
        self.tiles_came = tiles_came
        self._report = report
        self._told: set[tuple[str, ...]] = set()

    # -- peers -----------------------------------------------------------------------

    async def admit(self, peer: Peer) -> bool:
        return await self._networking.control.admit(peer)

    def connected(self, peer: Peer) -> None:
        self._session.send("remote-connection-start", peer.contact)
        self._wake()

    def disconnected(self, peer: Peer, reason: str) -> None:
        """RV's events of a departure (network.md section 8): an error is told, and may be
        kept quiet by a script, only when the peer went without a word."""
        if self._networking.control.closing:
            return
        self._networking.control.departed(peer, reason)
        self._told = {about for about in self._told if peer.contact not in about[1:]}
        session, contact = self._session, peer.contact
        if reason == Departure.LOST:
            if session.send("remote-contact-error-show", contact) != "no":
                self._report(f"WARNING: {contact}: the connection was lost")
            session.send("remote-contact-error", contact)
        session.send("remote-connection-stop", contact)
        self._wake()

    # -- records ---------------------------------------------------------------------

    def event(self, peer: Peer, name: str, contents: str, wants_reply: bool) -> str:
        if name == ADMIN_EVENT:
            return self._networking.admin.handle(peer, contents)
        if peer.trusted:
            return self._dispatcher.event(peer.contact, name, contents, wants_reply)
        sync = self._networking.sync
        return self._limited.event(
            peer, name, contents, wants_reply,
            through_bus=name == "remote-sync-eval" and sync is not None and sync.on,
        )  # fmt: skip

    def data(self, peer: Peer, event: str, target: str, content_type: str, payload: bytes) -> None:
        if peer.trusted or self._limited.may_data(peer, event):
            self._dispatcher.data(peer.contact, event, content_type, payload)

    @property
    def _limited(self) -> Limited:
        limited = self._networking.limited
        assert limited is not None
        return limited

    def tile_epoch(self) -> int | None:
        """None while a script listens to tiles."""
        return self._pixels.epoch if self._dispatcher.pixel_block_is_default() else None

    def tile(self, peer: Peer, header: PixelTile) -> Straight | _Spread | _Scripted | None:
        """Where a tile's bytes go; None throws them away (and says so once)."""
        if not peer.trusted and not self._limited.may_tile(peer):
            return None
        if header.event != _PIXEL_BLOCK or not self._dispatcher.pixel_block_is_default():
            return _Scripted(header, self._tile_event)
        try:
            landings = self._pixels.landings(
                header.media, header.frame, header.view, header.layer,
                header.x, header.y, header.width, header.height, header.size,
            )  # fmt: skip
        except BadTile as error:
            # a renderer makes the same mistake in every tile
            self._tell(
                f"ERROR: tile of {header.media} from {peer.contact}: {error}",
                header.media, peer.contact, _PLACE.sub("", str(error)),
            )  # fmt: skip
            return None
        if len(landings) == 1:
            return Straight(landings[0], self.tiles_came)
        if landings:
            return _Spread(landings)
        self._nobody(peer, header.media)
        return None

    def _nobody(self, peer: Peer, media: str) -> None:
        """RV drops tiles of unknown media without a word; the log gets one."""
        self._tell(
            f"WARNING: tiles of {media or 'unnamed media'} from {peer.contact} are dropped: "
            "no image source has that media name",
            media,
        )

    def _tell(self, text: str, *about: str) -> None:
        """Put a line into the log; once for what it is about."""
        if about in self._told:
            return
        if len(self._told) >= _MOST_TOLD:
            self._told.clear()
        self._told.add(about)
        self._report(text)

    def _tile_event(self, header: PixelTile, payload: bytes) -> None:
        self._dispatcher.tile(
            PixelBlockEvent(
                header.event, header.media, header.layer, header.view, header.frame,
                header.x, header.y, header.width, header.height, payload,
            )
        )  # fmt: skip
        self._wake()
