"""One connection on the event loop: bytes from the socket to the handler and back.

Theory of operation
-------------------
asyncio receives straight into the memory that the protocol's parser names: its receive
buffer, or the destination of a tile.  After each read everything that is complete is
executed, in order, before the loop goes on.  Where the socket itself is at hand (no TLS)
reading goes on without a turn of the loop (`eager`) as long as there is more and the time
slice lasts.

Replies to requests that came in one read leave in one write (`replies`).  Nothing that a link
has points back at it once it is over, so that it is freed at once: a cycle would wait for the
collector, which a large player hardly ever runs.

The life of a link:

    connection_made -> greeting -> _admission (a task; stranger's bytes wait) -> open
        -> closing: DISCONNECT, an error, or this side's wish -> connection_lost

A peer that sends its last records and goes away at once must still have them executed:
writing to it fails, and asyncio then closes the socket with received bytes unread, so
`connection_lost` drains the socket before it says good-bye.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Callable
from typing import Any, Final, cast

from player.network.contacts import clean_name, host_name, is_local
from player.network.dispatch import Dispatcher
from player.network.eager import READ_ON, Eager
from player.network.gate import Gate
from player.network.handler import Departure
from player.network.identity import by_tls, find_owner
from player.network.kernel import round_trip, shorten_queue
from player.network.lane import Lane
from player.network.notes import Notes
from player.network.outgoing import MAX_REPLIES, Outgoing, Overflow
from player.network.owner import Owner
from player.network.peer import Peer
from player.network.recorder import Recorder
from player.network.replies import Replies
from rvshell.errors import ConnectionLost, Refused, RemoteProtocolError
from rvshell.protocol import (
    PAYLOAD_DONE,
    Connection,
    DataEvent,
    Disconnect,
    Event,
    Expired,
    Greeting,
    PixelTile,
    Role,
    UnknownData,
)

__all__ = ["Link"]

_FLUSH_TIMEOUT: Final = 5.0
"""Seconds that a closed link may take to get its last bytes out."""

_GRACE: Final = 1.0
"""Seconds that a permission question may go on after the peer has gone."""


class Link(asyncio.BufferedProtocol):
    """See the module; `role` CLIENT when this side dialled."""

    def __init__(
        self,
        owner: Owner[Link],
        log: logging.Logger,
        role: Role,
        sock: Any = None,
        address: tuple[str, int] | None = None,
    ) -> None:
        self._owner = owner
        self._address = address  # when the socket itself does not tell: a tunnel
        self._companion: Callable[[], None] | None = None
        self.recorder: Recorder | None = None
        self._gate: Gate | None = None
        self._log = log
        self._role = role
        self._sock: socket.socket | None = sock if type(sock) is socket.socket else None
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None
        self._deciding = False
        self._busy = False
        self._closing = False
        self._gone = False  # the socket is gone, the admission is not
        self._eof = False
        self._choked = False  # too many replies wait: no more requests
        self._finished = False
        self._departure = Departure.LOST
        self._leaving: asyncio.TimerHandle | None = None
        self.connected = False
        self.bytes_in = 0
        self.ready: asyncio.Future[Peer] = asyncio.get_running_loop().create_future()

    # -- from asyncio ----------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._out = Outgoing(self._transport.write)
        owner = self._owner
        now = owner.clock()
        there = self._address or transport.get_extra_info("peername") or ("", 0)
        address, port = there[:2]
        self.peer = Peer(
            self,
            address=address,
            port=port,
            local=is_local(address),
            incoming=self._role is Role.PLAYER,
            since=now,
        )
        if self.peer.local:
            shorten_queue(transport.get_extra_info("socket"))
        find_owner(self.peer, self._transport)
        note = Notes(self._log, self.peer)
        self._connection = Connection(
            self._role, owner.name, owner.app, now=now, timing=owner.timing, note=note
        )
        self._dispatch = Dispatcher(
            owner.handler, self.peer, self._connection.parser, self._log, note
        )
        self._replies = Replies()
        self._eager = Eager(self._sock, self._connection, self._dispatch)
        self._lane = Lane(owner.handler, self._connection.parser, self._dispatch)
        owner.opened(self)
        self.peer.secure, self.peer.proof = by_tls(self._transport)
        if self._role is Role.PLAYER:
            proof = owner.gate(self.peer)
            self._gate = None if proof is None else Gate(proof)
        if self._role is Role.CLIENT:
            self._out.reply(self._connection.start())

    # -- proving an identity, before anything else ---------------------------------------

    def _gate_came(self, count: int) -> None:
        gate = self._gate
        assert gate is not None
        try:
            passed = gate.came(count)
        except (Refused, RemoteProtocolError) as error:
            self._out.reply(gate.answer)
            self._drop(str(error))
            return
        self._out.reply(gate.answer)
        if not passed:
            return
        if gate.name:
            self.peer.proof = f"token:{clean_name(gate.name)}"
        self._gate = None
        rest = gate.leftover
        while rest and not self._closing:
            room = self._connection.get_buffer()
            piece = rest[: len(room)]
            if not piece:
                return
            room[: len(piece)] = piece
            rest = rest[len(piece) :]
            self._arrived(len(piece))

    def get_buffer(self, sizehint: int) -> memoryview:
        if self._gate is not None:
            return self._gate.memory
        return self._connection.get_buffer()

    def buffer_updated(self, nbytes: int) -> None:
        if self._gate is not None:
            self._gate_came(nbytes)
            return
        before = self._replies.last
        self._arrived(nbytes)
        if self._sock is None:
            return
        if nbytes >= READ_ON or self._connection.parser.receiving_rows:
            self._eager.read_on(self._may_read, self._completed, self._middle)
        elif seconds := self._replies.last - before:
            self._eager.answered(seconds, self._replies, self._may_read, self._arrived)

    def eof_received(self) -> bool:
        # what was sent before the admission waits for it, with the socket open
        self._eof = True
        if self._deciding:
            self._expect_end()
        return self._deciding and not self.peer.secure  # TLS cannot stay half open

    def pause_writing(self) -> None:
        self._out.pause()

    def resume_writing(self) -> None:
        self._out.resume()
        if self._choked and self._out.replies == 0 and not self._closing:
            self._choked = False
            self._reading(True)
            asyncio.get_running_loop().call_soon(self._process)

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone = True
        self._out.shut()
        if self._leaving is not None:
            self._leaving.cancel()
        if exc is not None and not self._closing and self._gate is None:
            self._eager.drain(self._may_drain, self._arrived)
        if self._deciding:
            self._expect_end()
        else:
            self._finish()

    # -- reading ---------------------------------------------------------------------

    def _arrived(self, count: int) -> None:
        self.bytes_in += count
        self._connection.buffer_updated(count, self._owner.clock())
        if not self._deciding:
            self._process()
        elif not len(self._connection.get_buffer()):
            self._reading(False)  # a stranger may fill the receive buffer, no more

    def _middle(self, count: int) -> None:
        """Bytes from the middle of a payload: nothing is complete."""
        self.bytes_in += count
        self._connection.buffer_updated(count, self._owner.clock())

    def _completed(self, count: int) -> None:
        """Bytes with which something may be complete, when peers are not being decided about."""
        self._middle(count)
        # tiles that follow each other do not need more than the lane
        if self.recorder is not None or not self._lane.go_on():
            self._process()

    def _may_read(self) -> bool:
        return not (self._closing or self._deciding or self._choked)

    def _may_drain(self) -> bool:
        return not self._closing

    def _reading(self, on: bool) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if on:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    # -- records ---------------------------------------------------------------------

    def _process(self) -> None:
        """Execute every record that is complete; their replies leave together."""
        if self._busy or self._deciding:
            return
        self._busy = True
        next_event = self._connection.next_event
        dispatch = self._dispatch
        tile = dispatch.tile
        # (each record of a connection that is recorded has to be seen)
        lane = self._lane if self.recorder is None else None
        executed = False  # something that the session must react to; tiles tell it themselves
        try:
            if lane is not None and lane.running and not (self._closing or self._choked):
                lane.run()
            while not (self._closing or self._choked):
                event = next_event()
                if event is None:
                    break
                if self.recorder is not None:
                    self.recorder.came(event)
                if type(event) is PixelTile:
                    tile(event)
                    if lane is not None:
                        lane.run()
                    continue
                if event is PAYLOAD_DONE:
                    executed |= dispatch.payload_done()
                    if lane is not None:
                        lane.run()
                    continue
                executed = True
                if type(event) is Event:
                    reply = dispatch.event(event)
                    if reply and self._replies.add(reply):
                        self._flush()
                elif isinstance(event, DataEvent):
                    dispatch.data(event)
                elif isinstance(event, Greeting):
                    self._greeted(event)
                    break
                elif isinstance(event, Disconnect):
                    self._departure = Departure.DISCONNECT
                    self._close()
                elif isinstance(event, UnknownData):
                    dispatch.unknown(event)
        except RemoteProtocolError as error:
            self._drop(str(error))
        finally:
            self._busy = False
        output = self._connection.take_output()
        if output:
            self._replies.add(output)
        self._flush()
        if executed and self.connected:
            self._settled()

    def _settled(self) -> None:
        try:
            self._owner.handler.settled()
        except Exception:
            self._log.exception("%s: settling failed", self.peer.label)

    # -- the greeting ----------------------------------------------------------------

    def _greeted(self, greeting: Greeting) -> None:
        self._deciding = True
        find_owner(self.peer, self._transport)
        self.peer.name = clean_name(greeting.name)
        self.peer.app = clean_name(greeting.app) if greeting.app else ""
        self._task = asyncio.get_running_loop().create_task(self._admission())

    async def _admission(self) -> None:
        peer, owner = self.peer, self._owner
        peer.host = await host_name(peer.address)
        peer.contact = owner.contact_for(peer.name, peer.host)
        allowed = False
        try:
            allowed = await owner.handler.admit(peer)
        except Exception:
            self._log.exception("%s: admission failed", peer.label)
        except asyncio.CancelledError:
            self._log.info("%s: gone before it was admitted", peer.label)
        self._deciding = False
        if self._closing:
            if self._gone:
                self._finish()
            return
        if allowed:
            self._admitted()
        else:
            self._departure = Departure.DROPPED
            self.abort()
        if self._gone:
            self._finish()

    def _admitted(self) -> None:
        if self._role is Role.PLAYER:
            self._out.reply(self._connection.accept(self._owner.clock()))
        self.connected = True
        self.recorder = self._owner.recorder(self.peer)
        try:
            self._owner.handler.connected(self.peer)
        except Exception:
            self._log.exception("%s: connected() failed", self.peer.label)
        if not self.ready.done():
            self.ready.set_result(self.peer)
        self._process()
        self._reading(True)
        if self._eof:
            self._close()

    def _expect_end(self) -> None:
        """The peer has gone while it is being decided about: do not ask for ever."""
        if self._task is not None:
            asyncio.get_running_loop().call_later(_GRACE, self._task.cancel)

    # -- writing and leaving -----------------------------------------------------------

    def _flush(self) -> None:
        data = self._replies.take()
        if not data:
            return
        if self.recorder is not None:
            self.recorder.sent(data)
        self._out.reply(data)
        if self._out.replies > MAX_REPLIES and not self._choked:
            self._choked = True
            self._reading(False)

    def send(self, data: bytes | memoryview, name: str = "") -> None:
        """An event or other record, behind the replies that are ready."""
        if not self.connected or self._closing:
            return
        self._flush()
        if self.recorder is not None:
            self.recorder.sent(data)
        try:
            self._out.event(data, name)
        except Overflow:
            self._drop(f"it does not read; {self._out.queued} bytes were waiting", abort=True)

    def ends_with(self, close: Callable[[], None]) -> None:
        """Something else that is to be closed, in a thread, when this connection ends."""
        self._companion = close

    def tick(self, now: float) -> None:
        """Look at the clocks."""
        if self._closing or self._gone:
            return
        self._lane.forget_stale()
        self._dispatch.forget_stale()
        expired = self._connection.timer(now)
        if isinstance(expired, Expired):
            self._drop(expired.reason, quiet=expired.quiet, abort=True)
            return
        output = self._connection.take_output()
        if output:
            self._out.reply(output)

    def leave(self, departure: Departure = Departure.LOCAL, *, polite: bool = True) -> None:
        """This side goes: DISCONNECT when `polite`, then close."""
        if self._closing or self._gone:
            return
        self._departure = departure
        self._flush()
        if polite and self.connected:
            self._out.reply(self._connection.disconnect())
        if self._deciding and self._task is not None:
            self._task.cancel()  # nobody needs the answer any more
        self._close()

    def _drop(self, reason: str, *, quiet: bool = False, abort: bool = False) -> None:
        level = logging.DEBUG if quiet else logging.WARNING
        self._log.log(level, "%s: connection closed: %s", self.peer.label, reason)
        self._departure = Departure.DROPPED
        if abort:
            self.abort()
        else:
            self._close()

    def _close(self) -> None:
        """Close once everything is written, or after a while."""
        if self._closing or self._transport is None:
            return
        self._flush()
        self._closing = True
        self._out.hand_over()
        self._transport.close()
        loop = asyncio.get_running_loop()
        self._leaving = loop.call_later(_FLUSH_TIMEOUT, self._transport.abort)

    def abort(self) -> None:
        """Close now, whatever has not been written."""
        self._closing = True
        if self._transport is not None:
            self._transport.abort()

    def _finish(self) -> None:
        """The end, once."""
        if self._finished:
            return
        self._finished = self._closing = True
        self._dispatch.abort()
        self._lane.forget()
        if self._task is not None:
            self._task.cancel()
        if not self.ready.done():
            self.ready.set_exception(ConnectionLost(f"{self.peer.label} closed the connection"))
            self.ready.exception()  # nobody may be waiting for it
        if self.recorder is not None:
            self.recorder.close()
        self._owner.closed(self)
        if self._companion is not None:
            threading.Thread(target=self._companion, name="tunnel-end", daemon=True).start()
        if self.connected:
            self.connected = False
            try:
                self._owner.handler.disconnected(self.peer, self._departure)
            except Exception:
                self._log.exception("%s: disconnected() failed", self.peer.label)
        self.peer.forget()
        self._transport = None

    # -- for Peer --------------------------------------------------------------------

    @property
    def bytes_out(self) -> int:
        """See Peer."""
        return self._out.total

    @property
    def rtt(self) -> float | None:
        """See Peer."""
        heard = self._connection.heartbeat.rtt
        if heard is not None or self._transport is None:
            return heard
        return round_trip(self._transport.get_extra_info("socket"))
