"""Reading on from a socket without a turn of the loop: for large payloads, and for short questions
one after the other, those turns and being woken for them are most of the overhead."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from typing import Final

from player.network.dispatch import Dispatcher
from player.network.replies import Replies
from rvshell.protocol import Connection

__all__ = ["READ_ON", "Eager"]

READ_ON: Final = 16 * 1024
"""A read of at least so many bytes is followed by another at once."""

_SLICE: Final = 0.004
"""Seconds that one link may go on reading before the others get their turn."""

_FAST: Final = 32 * 1024
_PAUSE: Final = 1
"""In the middle of a payload that comes in pieces of _FAST bytes or more the next piece is a few
microseconds away: waiting for it here, at most so many milliseconds, costs a tenth of what a
turn of the loop does."""

_PROMPT: Final = 0.0003
_CONVERSATION: Final = 4
_MONOLOGUE: Final = -60
"""A peer that asks again within _PROMPT seconds of a reply, so many times in a row, is in a
conversation: its next request is looked for at the socket without going to sleep, for so many
seconds.  One that then leaves us waiting has to ask promptly so many times more."""


class Eager:
    """Reads from `sock` into the memory that the connection names; without a socket (TLS) never.

    `arrived(count)` is told what may have completed a record, `middle(count)` what cannot have.
    """

    def __init__(
        self, sock: socket.socket | None, connection: Connection, dispatcher: Dispatcher
    ) -> None:
        self._sock = sock
        self._connection = connection
        self._dispatcher = dispatcher
        self._poll = select.poll()
        if sock is not None:
            self._poll.register(sock, select.POLLIN)
        self._prompt = 0  # requests in a row that came right behind a reply

    def read_on(
        self,
        going: Callable[[], bool],
        arrived: Callable[[int], None],
        middle: Callable[[int], None],
    ) -> None:
        """Read while there is more and `going()`, for one time slice."""
        sock = self._sock
        if sock is None:
            return
        stop = time.perf_counter() + _SLICE
        parser, dispatcher = self._connection.parser, self._dispatcher
        while going():
            missing, rows = parser.missing, dispatcher.rows
            try:
                if rows is not None and missing:
                    room = missing
                    count = rows.read(sock.fileno(), parser.have, parser.window())
                else:
                    buffers = parser.get_buffers()
                    room = len(buffers[0])
                    if len(buffers) == 1:
                        count = sock.recv_into(buffers[0])
                    else:
                        count = sock.recvmsg_into(buffers)[0]
            except OSError:  # nothing there; or the end, which the transport will see too
                return
            if count == 0:
                return
            # a short read means that there is no more for now; a window was meant to be short
            more = count >= room or count >= READ_ON
            if missing > count:  # the middle of a payload
                middle(count)
                more = count == room or (count >= _FAST and bool(self._poll.poll(_PAUSE)))
            else:
                arrived(count)
            if not more or time.perf_counter() > stop:
                return

    def answered(
        self,
        seconds: float,
        replies: Replies,
        going: Callable[[], bool],
        arrived: Callable[[int], None],
    ) -> None:
        """A request was answered, so many seconds after the one before it.  In a conversation:
        answer one after the other while `going()`, for one time slice."""
        if seconds > _PROMPT:
            self._prompt = min(self._prompt, 0)
        elif self._prompt < _CONVERSATION:
            self._prompt += 1
        elif self._sock is not None:
            self._converse(self._sock, replies, going, arrived)

    def _converse(
        self,
        sock: socket.socket,
        replies: Replies,
        going: Callable[[], bool],
        arrived: Callable[[int], None],
    ) -> None:
        get_buffer, clock, recv_into = (
            self._connection.get_buffer, time.perf_counter, sock.recv_into
        )  # fmt: skip
        stop = clock() + _SLICE
        while going():
            before = replies.last
            memory, late = get_buffer(), min(stop, before + _PROMPT)
            while True:  # the shorter the way back to the socket, the sooner it is answered
                try:
                    count = recv_into(memory)
                    break
                except BlockingIOError:
                    if clock() < late:
                        continue
                    if late < stop:
                        self._prompt = _MONOLOGUE
                    return
                except OSError:  # the transport will see it too
                    return
            if count:
                arrived(count)
            if replies.last == before or replies.last > stop:
                return

    def drain(self, going: Callable[[], bool], arrived: Callable[[int], None]) -> None:
        """What the peer sent before the connection broke is still in the socket."""
        if self._sock is None:
            return
        try:
            while going() and (memory := self._connection.get_buffer()):
                count = self._sock.recv_into(memory)
                if count == 0:
                    return
                arrived(count)
        except OSError:
            return
