"""What both skins of the client share: the connection, what comes in, and evaluation.

`Core` wraps the sans-I/O connection of the dialling side.  A skin moves bytes in
(`get_buffer`, `buffer_updated`) and out, and waits; the core turns replies into finished
`Pending`s and everything else into callbacks and `messages`.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from rvshell.errors import ConnectionLost, LocalProtocolError, Refused, RemoteError, RvshellError
from rvshell.protocol import (
    PAYLOAD_DONE,
    Connection,
    DataEvent,
    Disconnect,
    Event,
    Expired,
    Greeting,
    PixelTile,
    Reply,
    Role,
    Timing,
    UnknownData,
    UnknownMessage,
    encode_data_header,
)

__all__ = [
    "Core",
    "EventCallback",
    "MAX_MESSAGES",
    "Pending",
    "check_granted",
    "check_mu",
    "tile_views",
]

EventCallback: TypeAlias = Callable[[Event], None]
Buffer: TypeAlias = bytes | bytearray | memoryview

MAX_MESSAGES: Final = 1000
"""Events that are kept for `messages`; older ones go, the callbacks have seen them."""

_MU_ERROR: Final = "ERROR: remote-eval: "
_MU_EXCEPTION: Final = re.compile(r'ERROR: remote-eval: exception: "(.*?)"\n', re.DOTALL)


class Pending:
    """A request whose reply is on its way.

    `done`, then `contents` (the reply) or `error`.  Skins offer ways to wait.
    """

    __slots__ = ("callback", "contents", "done", "error", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.done = False
        self.contents = ""
        self.error: RvshellError | None = None
        self.callback: Callable[[Pending], None] | None = None

    def finish(self, contents: str, error: RvshellError | None = None) -> None:
        """The reply has come, or never will."""
        self.done = True
        self.contents = contents
        self.error = error
        if self.callback is not None:
            self.callback(self)

    def result(self) -> str:
        """The reply.  Raises its error, or LocalProtocolError when it is not there yet."""
        if not self.done:
            raise LocalProtocolError(f"the reply to {self.name!r} has not come yet")
        if self.error is not None:
            raise self.error
        return self.contents


class Core:
    """The state of one client connection."""

    def __init__(self, name: str, app: str, *, now: float, timing: Timing) -> None:
        self.notes: deque[str] = deque(maxlen=100)
        self.connection = Connection(
            Role.CLIENT, name, app, now=now, timing=timing, note=self.notes.append
        )
        self.get_buffer = self.connection.get_buffer
        self.callbacks: list[EventCallback] = []
        self.messages: deque[Event | DataEvent | UnknownMessage] = deque(maxlen=MAX_MESSAGES)
        self.error: RvshellError | None = None
        self._open: PixelTile | DataEvent | UnknownData | None = None

    @property
    def peer(self) -> Greeting | None:
        """The far end's greeting, None before it."""
        return self.connection.peer

    def buffer_updated(self, count: int, now: float) -> bytes:
        """Work off `count` received bytes; what is to be written because of them.

        Raises RemoteProtocolError, after which the connection is of no use.
        """
        connection = self.connection
        connection.buffer_updated(count, now)
        while (event := connection.next_event()) is not None:
            if type(event) is Reply:
                event.token.finish(event.contents)
            elif isinstance(event, Event):
                self.messages.append(event)
                for callback in tuple(self.callbacks):
                    callback(event)
            elif isinstance(event, Disconnect):
                self.fail(ConnectionLost("the far end said DISCONNECT"))
            elif isinstance(event, (PixelTile, UnknownData, DataEvent)):
                self._bulk(event)
            elif event is PAYLOAD_DONE:
                self._open = None
            elif isinstance(event, UnknownMessage):
                self.messages.append(event)
        return connection.take_output()

    def _bulk(self, record: PixelTile | UnknownData | DataEvent) -> None:
        """Data from the far end is noted and thrown away: a client shows no pixels."""
        if isinstance(record, DataEvent):
            self.messages.append(record)
        if self.connection.parser.payload is None:
            self.connection.parser.skip()

    def request(self, name: str, contents: str, target: str = "*") -> tuple[Pending, bytes]:
        """A RETURNEVENT: its handle and its bytes.  Raises LocalProtocolError, or what
        ended the connection."""
        if self.error is not None:
            self.check()
        pending = Pending(name)
        return pending, self.connection.request(name, contents, pending, target)

    def check(self) -> None:
        """Raise what ended the connection, if anything did."""
        if self.error is not None:
            raise type(self.error)(self.error.message, hint=self.error.hint)

    def fail(self, error: RvshellError) -> None:
        """The connection is gone: every open request fails with `error`."""
        if self.error is None:
            # not with the frames it came through: they hold the client, and what its user has
            error.__traceback__ = error.__context__ = None
            self.error = error
        for pending in self.connection.abandon():
            pending.finish("", error)

    def end_of_stream(self) -> ConnectionLost:
        """What it means that the far end has closed without DISCONNECT."""
        if self.peer is None:
            return ConnectionLost(
                "the far end closed the connection before it greeted",
                hint="it may have refused this client, or know another of the same name",
            )
        return ConnectionLost("the far end closed the connection")

    def timer(self, now: float) -> bytes:
        """Look at the clocks; what is to be written.  Fails the connection when the far
        end is silent too long."""
        expired = self.connection.timer(now)
        if isinstance(expired, Expired):
            self.fail(ConnectionLost(f"connection given up: {expired.reason}"))
        return self.connection.take_output()


def check_granted(reply: str) -> None:
    """Raise Refused when an error text is a player's word that its user has not granted this."""
    _, said, reason = reply.partition("\n")[0].partition("permission denied: ")
    what, needs, scope = reason.rstrip('"').rpartition(" needs scope ")
    if said and needs:
        raise Refused(
            f"permission denied: {what} needs the scope {scope}",
            hint=f"who runs the player may grant it: contacts set NAME@HOST --scopes …,{scope}",
        )


def check_mu(code: str, reply: str) -> str:
    """A remote-eval reply, or RemoteError (Refused) when it is RV's error text.

    RV has no error flag; its text begins `ERROR: remote-eval: exception: "…"`.
    """
    if not reply.startswith(_MU_ERROR):
        return reply
    check_granted(reply)
    found = _MU_EXCEPTION.match(reply)
    what = found[1] if found else reply.partition("\n")[0].removeprefix(_MU_ERROR)
    raise RemoteError(f"Mu: {what}", hint="RV prints the details", text=reply, code=code)


def tile_views(
    header: PixelTile, data: Buffer, more: Iterable[Buffer] = ()
) -> list[bytes | memoryview]:
    """A tile as buffers to be written one after the other, never joined: its header, its pixels.

    `data` and `more` are C-contiguous; together they are the payload, whose size is
    taken from them.  Raises LocalProtocolError.
    """
    if type(data) is bytes and not more:  # nothing to look at; the most usual small tile
        views: list[bytes | memoryview] = [b"", data]
        size = len(data)
    else:
        views = [b"", *map(_flat, (data, *more))]
        size = sum(map(len, views))
    if header.size != size:
        header = PixelTile(
            header.media,
            header.layer,
            header.view,
            header.x,
            header.y,
            header.width,
            header.height,
            header.frame,
            header.event,
            size,
        )
    views[0] = encode_data_header(header)
    return views


def _flat(part: Buffer) -> memoryview:
    view = memoryview(part)
    if not view.c_contiguous:
        raise LocalProtocolError(
            "pixels must be contiguous in memory", hint="numpy.ascontiguousarray() helps"
        )
    return view if view.format == "B" and view.ndim == 1 else view.cast("B")
