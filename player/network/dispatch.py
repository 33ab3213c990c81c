"""One peer's records into the handler's hands, and its mistakes kept out of the way.

The handler may raise, and a sink may give memory of the wrong size: that is logged, the
request gets its (empty) reply, the rest of the tile is read and thrown away, and the
connection stays in step.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from player.network.handler import Handler, TileSink
from player.network.peer import Peer
from rvshell.errors import LocalProtocolError
from rvshell.protocol import DataEvent, Event, Parser, PixelTile, UnknownData, encode_return

__all__ = ["Dispatcher"]


class Dispatcher:
    """Calls the handler for one peer; `note` logs an oddity of that peer."""

    def __init__(
        self,
        handler: Handler,
        peer: Peer,
        parser: Parser,
        log: logging.Logger,
        note: Callable[[str], None],
    ) -> None:
        self._handler = handler
        self._peer = peer
        self._parser = parser
        self._log = log
        self._note = note
        self._open_tile: TileSink | None = None
        self._open_data: DataEvent | None = None

    def event(self, event: Event) -> bytes:
        """Run an event; the reply's record, or b"" when none is wanted."""
        reply = ""
        try:
            reply = self._handler.event(self._peer, event.name, event.contents, event.wants_reply)
        except Exception:
            self._log.exception("%s: event %r failed", self._peer.label, event.name)
        if not event.wants_reply:
            return b""
        try:
            return encode_return(reply)
        except LocalProtocolError as error:
            self._log.error("%s: reply to %r: %s", self._peer.label, event.name, error)
            return encode_return("")

    def tile(self, tile: PixelTile) -> None:
        parser = self._parser
        if tile.size == 0:
            self._note(f"empty tile of {tile.media[:80]!r} ignored")
            return
        sink: TileSink | None = None
        try:
            sink = self._handler.tile(self._peer, tile)
            memory = None if sink is None else sink.buffer()
            payload = parser.payload
            if payload is not None:
                if sink is None:
                    return
                if memory is None:
                    sink.write(payload)
                else:
                    memory[:] = payload
                sink.done()
                return
            if sink is None:
                parser.skip()
            elif memory is None:
                parser.collect()
            else:
                parser.receive_into(memory)
            self._open_tile = sink
        except Exception:
            self._tile_failed(sink)

    def _tile_failed(self, sink: TileSink | None) -> None:
        """A handler or sink raised: log it, drop the tile, stay in step."""
        self._log.exception("%s: a tile failed", self._peer.label)
        self._open_tile = None
        self._parser.give_up()
        if sink is not None:
            self._abort_sink(sink)

    def _abort_sink(self, sink: TileSink) -> None:
        try:
            sink.aborted()
        except Exception:
            self._log.exception("%s: giving up a tile failed", self._peer.label)

    def data(self, event: DataEvent) -> None:
        parser = self._parser
        if parser.payload is None:
            self._open_data = event
            parser.collect()
        else:
            self._deliver(event, parser.payload)

    def _deliver(self, event: DataEvent, payload: memoryview) -> None:
        try:
            self._handler.data(
                self._peer, event.event, event.target, event.content_type, bytes(payload)
            )
        except Exception:
            self._log.exception("%s: data event %r failed", self._peer.label, event.event)

    def payload_done(self) -> None:
        payload = self._parser.payload
        data, self._open_data = self._open_data, None
        sink, self._open_tile = self._open_tile, None
        if data is not None and payload is not None:
            self._deliver(data, payload)
        if sink is None:
            return
        try:
            if payload is not None:
                sink.write(payload)
            sink.done()
        except Exception:
            self._tile_failed(sink)

    def unknown(self, data: UnknownData) -> None:
        """A data record that nobody knows, or a mal-formed DATAEVENT."""
        self._note(f"unknown data record {data.interp[:80]!r}, dropped")
        if self._parser.payload is None:
            self._parser.skip()

    def abort(self) -> None:
        """The connection died; so did the tile that was on its way."""
        sink, self._open_tile = self._open_tile, None
        if sink is not None:
            self._abort_sink(sink)
