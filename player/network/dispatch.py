"""One peer's records into the handler's hands, and its mistakes kept out of the way.

The handler may raise, and a sink may give memory of the wrong size: that is logged, the
request gets its (empty) reply, the rest of the tile is read and thrown away, and the
connection stays in step.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from player.network.handler import Handler, Rows, TileSink
from player.network.peer import Peer
from rvshell.client.packing import MAX_PACKED, PACKING_EVENT, common, read_packed, unpack
from rvshell.errors import LocalProtocolError, RemoteProtocolError
from rvshell.protocol import (
    DataEvent,
    Event,
    Parser,
    PixelTile,
    PutRows,
    UnknownData,
    encode_return,
)
from rvshell.protocol.limits import BULK_THRESHOLD

__all__ = ["Dispatcher"]

_MAX_SINKS: Final = 1024
"""Destinations of large tiles, and refusals, that are remembered."""


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
        self.peer = peer
        self._parser = parser
        self._log = log
        self._note = note
        self._sinks: dict[int, tuple[PixelTile, TileSink | None]] = {}
        self._epoch: int | None = None
        self._open_tile: TileSink | None = None
        self.rows: Rows | None = None  # of the open tile, when they can be read into
        self._open_data: DataEvent | None = None

    def event(self, event: Event) -> bytes:
        """Run an event; the reply's record, or b"" when none is wanted."""
        if event.name == PACKING_EVENT:
            return encode_return(" ".join(common(event.contents))) if event.wants_reply else b""
        reply = ""
        try:
            reply = self._handler.event(self.peer, event.name, event.contents, event.wants_reply)
        except Exception:
            self._log.exception("%s: event %r failed", self.peer.label, event.name)
        if not event.wants_reply:
            return b""
        try:
            return encode_return(reply)
        except LocalProtocolError as error:
            self._log.error("%s: reply to %r: %s", self.peer.label, event.name, error)
            return encode_return("")

    def tile(self, tile: PixelTile) -> None:
        parser = self._parser
        if tile.size == 0:
            self._note(f"empty tile of {tile.media[:80]!r} ignored")
            return
        sink: TileSink | None = None
        try:
            sink = self.sink(tile)
            payload = parser.payload
            if payload is not None:
                if sink is not None:
                    sink.put(payload, 0)
                    self._handler.tiles_came(1)
                return
            self.receive(sink)
        except Exception:
            self._tile_failed(sink)

    def receive(self, sink: TileSink | None) -> None:
        """An announced tile goes to its sink, None to skip it."""
        parser = self._parser
        self._open_tile = sink
        try:
            if sink is None:
                parser.skip()
            elif (memory := sink.buffer()) is not None:
                parser.receive_into(memory)
            elif (rows := sink.rows()) is not None:
                parser.receive_rows(rows)
                self.rows = rows if rows.readable else None
            elif (pieces := sink.piecewise()) is not None:
                parser.pass_rows(pieces[0], self._guarded(sink, pieces[1]))
            else:
                parser.collect()
        except Exception:
            self._tile_failed(sink)

    def _guarded(self, sink: TileSink, put: PutRows) -> PutRows:
        """`put`, with failures dealt with as elsewhere."""

        def guarded(data: bytearray, start: int, first: int, count: int) -> None:
            try:
                put(data, start, first, count)
            except Exception:
                self._tile_failed(sink)

        return guarded

    def sink(self, tile: PixelTile) -> TileSink | None:
        """Where a tile goes, None to throw it away; remembered, since the parser gives one object
        for one header (and so that a refusal is logged once)."""
        epoch = self._handler.tile_epoch()
        if epoch is None:
            return self._handler.tile(self.peer, tile)
        if epoch != self._epoch or len(self._sinks) >= _MAX_SINKS:
            self._sinks.clear()
            self._epoch = epoch
        known = self._sinks.get(id(tile))
        if known is not None and known[0] is tile:
            return known[1]
        sink = self._handler.tile(self.peer, tile)
        # small ones that are taken have a route in the fast lane
        keep = sink is None or tile.size >= BULK_THRESHOLD
        if keep and self._handler.tile_epoch() == epoch:
            self._sinks[id(tile)] = tile, sink
        return sink

    def forget_stale(self) -> None:
        """Let go of the memory of frames that are no more, when no tile has come since."""
        if self._sinks and self._handler.tile_epoch() != self._epoch:
            self._sinks.clear()

    def failed(self, sink: TileSink | None) -> None:
        """Putting a tile failed."""
        self._tile_failed(sink)

    def _tile_failed(self, sink: TileSink | None) -> None:
        """A handler or sink raised: log it, drop the tile, stay in step."""
        self._log.exception("%s: a tile failed", self.peer.label)
        self._open_tile = self.rows = None
        self._parser.give_up()
        if sink is not None:
            self._abort_sink(sink)

    def _abort_sink(self, sink: TileSink) -> None:
        try:
            sink.aborted()
        except Exception:
            self._log.exception("%s: giving up a tile failed", self.peer.label)

    def data(self, event: DataEvent) -> None:
        parser = self._parser
        if event.event == PACKING_EVENT and event.size > MAX_PACKED:
            self._note(f"a packed tile of {event.size} bytes, dropped")
            if parser.payload is None:
                parser.skip()
        elif parser.payload is None:
            self._open_data = event
            parser.collect()
        else:
            self._deliver(event, parser.payload)

    def _deliver(self, event: DataEvent, payload: memoryview) -> None:
        if event.event == PACKING_EVENT:
            self._unpack(event.content_type, payload)
            return
        try:
            self._handler.data(
                self.peer, event.event, event.target, event.content_type, bytes(payload)
            )
        except Exception:
            self._log.exception("%s: data event %r failed", self.peer.label, event.event)

    def _unpack(self, codec: str, payload: memoryview) -> None:
        """A packed tile: the pixels are unpacked when there is a place for them."""
        try:
            tile, pixel, packed = read_packed(payload)
            sink = self._handler.tile(self.peer, tile)
            if sink is None:
                return
            pixels = unpack(codec, packed, tile.size, pixel)
        except RemoteProtocolError as error:
            self._note(f"{error}, dropped")
            return
        except Exception:
            self._tile_failed(None)
            return
        self.peer.packing = codec
        self.peer.packed += len(payload)
        self.peer.unpacked += tile.size
        try:
            sink.put(pixels, 0)
            self._handler.tiles_came(1)
        except Exception:
            self._tile_failed(sink)

    def payload_done(self) -> bool:
        """A payload is complete; True when it was a data event's."""
        payload = self._parser.payload
        data, self._open_data = self._open_data, None
        sink, self._open_tile, self.rows = self._open_tile, None, None
        if data is not None and payload is not None:
            self._deliver(data, payload)
            return True
        if sink is None:
            return False
        try:
            if payload is not None:
                sink.put(payload, 0)
            else:
                sink.done()
            self._handler.tiles_came(1)
        except Exception:
            self._tile_failed(sink)
        return False

    def unknown(self, data: UnknownData) -> None:
        """A data record that nobody knows, or a mal-formed DATAEVENT."""
        self._note(f"unknown data record {data.interp[:80]!r}, dropped")
        if self._parser.payload is None:
            self._parser.skip()

    def abort(self) -> None:
        """The connection died; so did the tile that was on its way."""
        sink, self._open_tile, self.rows = self._open_tile, None, None
        self._parser.give_up()  # it holds what puts the rows of that tile, and so this
        if sink is not None:
            self._abort_sink(sink)
