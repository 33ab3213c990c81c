"""The state machine of one connection: greeting, heartbeat, replies in order.

Theory of operation
-------------------
    CLIENT (it dialled)                       PLAYER (it accepted; RV's side)
    start() -> greeting bytes                 - says nothing -
                                              next_event() -> Greeting, state DECIDING
                                              accept() -> greeting bytes, state OPEN
    next_event() -> Greeting, state OPEN
    ... EVENT, RETURNEVENT, data ...          ... RETURN, one for each RETURNEVENT ...
    DISCONNECT                                DISCONNECT: state CLOSED

The owner moves bytes and tells the time; this class never waits, reads a clock or opens
a socket.  Incoming: `get_buffer`/`buffer_updated`, then `next_event()` until None.
Outgoing: `send…` methods return bytes to be written in that order; what must be answered
without the owner's help (PING) is collected in `take_output()`.  While a player decides
(DECIDING) `next_event()` returns None, so that nothing a stranger sent is executed; the
bytes stay where they are.

Replies have no identifiers: the nth RETURN answers the nth RETURNEVENT.  The owner gives
a token with each request and gets it back with the reply.

The accepting side demands a greeting first and forgives nothing before it.  The dialling
side takes records in whatever order they come, since RV greets back only after its user
has agreed.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from rvshell.errors import LocalProtocolError
from rvshell.protocol.encode import (
    DISCONNECT,
    HEARTBEAT_OFF,
    HEARTBEAT_ON,
    PING,
    PONG,
    encode,
    encode_event,
)
from rvshell.protocol.frozen import frozen
from rvshell.protocol.heartbeat import Expired, Heartbeat
from rvshell.protocol.limits import MEMO_MESSAGE_SIZE, Timing
from rvshell.protocol.parser import Parser, PayloadDone
from rvshell.protocol.records import (
    APP_RV,
    Disconnect,
    Event,
    Greeting,
    Ping,
    PingPongControl,
    PixelTile,
    Pong,
    Record,
    Return,
)

__all__ = ["Connection", "ConnectionEvent", "Reply", "Role", "State"]


class Role(enum.Enum):
    """Which end of the connection this is."""

    CLIENT = "dialled"
    PLAYER = "accepted"


class State(enum.Enum):
    """How far the connection has come."""

    GREETING = "waiting for the peer's greeting"
    DECIDING = "greeted, waiting for permission"
    OPEN = "open"
    CLOSED = "closed"


@frozen
class Reply:
    """The reply to the request that was sent with `token`."""

    token: Any
    contents: str


ConnectionEvent: TypeAlias = Record | Reply | PayloadDone

# members of an enumeration are looked up slowly, and these for every record
_DECIDING: Final = State.DECIDING
_CLOSED: Final = State.CLOSED


class Connection:
    """One end of one connection.

    `name` and `app` are this side's; `app` "rv" makes the greeting RV's own form.  `now`
    is the owner's clock in seconds.  `note` gets one line for each thing mended or
    ignored.  `peer` is the peer's greeting, None before it.
    """

    def __init__(
        self,
        role: Role,
        name: str,
        app: str = APP_RV,
        *,
        now: float,
        timing: Timing | None = None,
        note: Callable[[str], None] | None = None,
    ) -> None:
        self.role = role
        self.state = State.GREETING
        self.peer: Greeting | None = None
        self.heartbeat = Heartbeat(timing or Timing(), now)
        self.parser = Parser(greeting_first=role is Role.PLAYER, note=note)
        self.get_buffer = self.parser.get_buffer
        self._greeting = encode(Greeting(name, app))
        self._note = note or (lambda text: None)
        self._waiting: deque[Any] = deque()
        self._output: list[bytes] = []
        self._asked: tuple[str, str, str] | None = None
        self._request = b""  # the record that asks it
        self._now = now

    # -- bytes in --------------------------------------------------------------------

    def buffer_updated(self, count: int, now: float) -> None:
        """`count` bytes were written at `now` to the memory that get_buffer() gave."""
        self.parser.buffer_updated(count)
        self.heartbeat.heard(now)
        self._now = now

    def receive(self, data: bytes | bytearray | memoryview, now: float) -> None:
        """Put `data` in by copying it; for tests and small things.

        Only what fits one `get_buffer()` may be passed; raises LocalProtocolError else.
        """
        room = self.get_buffer()
        if len(data) > len(room):
            raise LocalProtocolError(f"{len(data)} bytes do not fit the {len(room)} of the buffer")
        room[: len(data)] = data
        self.buffer_updated(len(data), now)

    def next_event(self) -> ConnectionEvent | None:
        """The next thing that happened, or None when more bytes (or a decision) are needed.

        PING, PONG, PINGPONGCONTROL and a repeated greeting are dealt with here.  A data
        record's payload is at `parser.payload`, see Parser.  Raises RemoteProtocolError.
        """
        while True:
            if self.state is _DECIDING or self.state is _CLOSED:
                return None
            record = self.parser.next_record()
            kind = type(record)
            if record is None or kind is PixelTile or kind is Event:
                return record
            if kind is Return:
                assert isinstance(record, Return)
                if self._waiting:
                    return Reply(self._waiting.popleft(), record.contents)
                self._note("a RETURN came that nobody asked for; dropped")
            elif isinstance(record, Ping):
                self._output.append(PONG)
            elif isinstance(record, Pong):
                self.heartbeat.pong(self._now)
            elif isinstance(record, PingPongControl):
                self.heartbeat.enabled = record.enabled
            elif isinstance(record, Greeting):
                if self.peer is None:
                    self._greeted(record)
                    return record
            elif isinstance(record, Disconnect):
                self.state = State.CLOSED
                return record
            else:
                return record

    def _greeted(self, greeting: Greeting) -> None:
        self.peer = greeting
        if self.role is Role.PLAYER:
            self.state = State.DECIDING
            self.heartbeat.hold()
        else:
            self.state = State.OPEN
            self.heartbeat.open(self._now)

    # -- bytes out -------------------------------------------------------------------

    def start(self) -> bytes:
        """The dialling side's first bytes."""
        if self.role is not Role.CLIENT:
            raise LocalProtocolError("the accepting side does not greet first")
        return self._greeting

    def accept(self, now: float) -> bytes:
        """The peer may come in: this side's greeting."""
        if self.state is not State.DECIDING:
            raise LocalProtocolError("there is nobody to let in")
        self.state = State.OPEN
        self.heartbeat.open(now)
        return self._greeting

    def request(self, name: str, contents: str, token: Any, target: str = "*") -> bytes:
        """A RETURNEVENT; `token` comes back with its Reply."""
        asked = name, contents, target
        if asked == self._asked:  # a program that asks the same thing all the time
            data = self._request
        else:
            data = encode_event(name, contents, target, wants_reply=True)
            if len(data) <= MEMO_MESSAGE_SIZE:
                self._asked, self._request = asked, data
        self._waiting.append(token)
        return data

    def control_heartbeat(self, enabled: bool) -> bytes:
        """Ask the peer to send PING or not, and do the same here: RV's PINGPONGCONTROL
        switches both ends."""
        self.heartbeat.enabled = enabled
        return HEARTBEAT_ON if enabled else HEARTBEAT_OFF

    def disconnect(self) -> bytes:
        """The polite end; without it RV shows an error box."""
        return DISCONNECT

    def take_output(self) -> bytes:
        """What this side has to say without being told to; may be empty."""
        if not self._output:
            return b""
        data = b"".join(self._output)
        self._output.clear()
        return data

    @property
    def waiting(self) -> tuple[Any, ...]:
        """The tokens of the requests without a reply, oldest first."""
        return tuple(self._waiting)

    def abandon(self) -> tuple[Any, ...]:
        """The connection is gone: the tokens that will get no reply, oldest first."""
        self.state = State.CLOSED
        tokens = tuple(self._waiting)
        self._waiting.clear()
        return tokens

    # -- time ------------------------------------------------------------------------

    def next_timer(self) -> float | None:
        """When `timer` should be called next, None for never."""
        if self.state is State.CLOSED:
            return None
        return self.heartbeat.next_check(self.parser.incomplete)

    def timer(self, now: float) -> Expired | None:
        """Called at `next_timer()` or later: a PING goes to `take_output()`, or the reason
        to close the connection is returned."""
        if self.state is State.CLOSED:
            return None
        verdict = self.heartbeat.check(now, self.parser.incomplete)
        if isinstance(verdict, Expired):
            return verdict
        if verdict:
            self._output.append(PING)
        return None
