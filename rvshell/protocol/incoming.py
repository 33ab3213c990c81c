"""Where the bytes of a connection go: the receive buffer, and a payload on its way.

Theory of operation
-------------------
The owner asks `get_buffer()` where the next bytes should go, puts them there (a socket
receives straight into that memory) and reports their number to `buffer_updated()`.
These are the verbs of asyncio's BufferedProtocol.

Text and small payloads go through the receive buffer.  A large payload is announced by the
parser while it is still on its way, and the owner says where it goes: `receive_into(memory)`,
`receive_rows(rows)`, `pass_rows(row, put)`, `collect()` or `skip()`.  The first two bypass the
receive buffer with what is still to come.

Behind a payload that was received directly only a small window is read, because the next
large payload is probably right behind its header and what is read with the header has
to be copied.  An owner that can receive into several pieces of memory at once uses
`get_buffers()`: the missing pieces of the payload and that window in one system call.

Nothing here knows what a record is: that is the parser's, which is built on top.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeAlias, overload

from rvshell.errors import LocalProtocolError
from rvshell.protocol.limits import HEADER_WINDOW, RECEIVE_BUFFER
from rvshell.protocol.storage import ReceiveBuffer, Scratch

__all__ = ["Incoming", "Mode", "Pieces", "PutRows"]

PutRows: TypeAlias = Callable[[bytearray, int, int, int], None]
"""`put(data, start, first, count)`: whole rows of a payload, `count` of them from its row `first`
on, are in `data` from `start` on, during the call."""


class Pieces(Protocol):
    """Pieces of memory in order: a list of memoryviews will do."""

    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: int) -> memoryview: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[memoryview]: ...


_GATHER: Final = 512  # pieces of memory for one system call; Linux allows 1024
_GATHER_BYTES: Final = 512 * 1024  # more is hardly ever there at once


class Mode(enum.Enum):
    """What becomes of the payload that is on its way."""

    NONE = "no payload is on its way"
    UNDECIDED = "announced, the owner has not said yet"
    BUFFER = "kept in the receive buffer until complete"
    INTO = "received into the owner's memory"
    ROWS = "handed out of the receive buffer row by row"
    SCRATCH = "received into the scratch memory"
    SKIP = "read and thrown away"
    BROKEN = "the stream cannot be read on"


# members of an enumeration are looked up slowly, and these several times for every read
_NONE: Final = Mode.NONE
_UNDECIDED: Final = Mode.UNDECIDED
_BUFFER: Final = Mode.BUFFER
_INTO: Final = Mode.INTO
_ROWS: Final = Mode.ROWS
_SCRATCH: Final = Mode.SCRATCH
_SKIP: Final = Mode.SKIP


class Incoming:
    """The memory of one direction of one connection."""

    def __init__(self, buffer_size: int = RECEIVE_BUFFER) -> None:
        self._buffer = ReceiveBuffer(buffer_size)
        self._scratch = Scratch()
        # the payload on its way
        self._mode = _NONE
        self._size = 0
        self._have = 0
        self._target: memoryview | None = None
        self._rows: Pieces = ()
        self._row = 0  # bytes of each of the rows
        self._put: PutRows | None = None
        self._window = False
        self.payload: memoryview | None = None

    # -- bytes in --------------------------------------------------------------------

    def get_buffer(self) -> memoryview:
        """Writable memory for the next bytes, at least one; views handed out earlier are
        no longer valid."""
        self.payload = None
        if self._mode is _NONE and not self._window:
            return self._buffer.room()
        if self._mode is _INTO:
            if self._target is not None:
                return self._target[self._have :]
            index, offset = divmod(self._have, self._row)
            return self._rows[index][offset:]
        if self._mode is _SCRATCH:
            return self._scratch.room(self._have, self._size)
        if self._window:
            self._window = False
            return self._buffer.room()[:HEADER_WINDOW]
        return self._buffer.room()

    def get_buffers(self) -> list[memoryview]:
        """As get_buffer(), in pieces that are to be filled one after the other: what is
        missing of a payload, and room for the header behind it."""
        if self._mode is not _INTO:
            return [self.get_buffer()]
        self.payload = None
        buffer = self._buffer
        if self._target is not None:
            pieces = [self._target[self._have :]]
        else:
            index, offset = divmod(self._have, self._row)
            last = index + max(1, _GATHER_BYTES // self._row)
            pieces = list(self._rows[index : min(last, index + _GATHER)])
            if offset:
                pieces[0] = pieces[0][offset:]
            if index + len(pieces) < len(self._rows):
                return pieces
        pieces.append(buffer.room()[:HEADER_WINDOW])
        return pieces

    def buffer_updated(self, count: int) -> None:
        """`count` bytes have been written to the memory that get_buffer(s)() gave."""
        if self._mode is _INTO:
            missing = self._size - self._have
            if count > missing:
                self._buffer.end += count - missing
                count = missing
            self._have += count
        elif self._mode is _SCRATCH:
            self._have += count
        else:
            self._buffer.end += count

    @property
    def missing(self) -> int:
        """Bytes that a payload on its way to the owner's memory still needs; 0 without one."""
        return self._size - self._have if self._mode is _INTO else 0

    @property
    def receiving_rows(self) -> bool:
        """True while a payload goes to rows: get_buffer() gives one of them at a time."""
        return self._mode is _INTO and self._target is None

    @property
    def have(self) -> int:
        """Bytes of the payload on its way that are where they belong."""
        return self._have

    def window(self) -> memoryview:
        """Room for what comes behind a payload that goes to rows, for an owner that fills them
        by itself: first the missing bytes of the payload, then this."""
        self.payload = None
        return self._buffer.room()[:HEADER_WINDOW]

    def arrived(self) -> bool:
        """Is a payload complete that goes to where it belongs as it comes?  As if `next_record()`
        had given PAYLOAD_DONE."""
        mode = self._mode
        if mode is _ROWS:
            self._hand_out()
        elif mode is not _INTO:
            return False
        if self._have < self._size:
            return False
        self._forget(_NONE)
        self._window = mode is _INTO
        return True

    @property
    def halfway(self) -> bool:
        """True while a payload goes to where it belongs as it comes, and is not complete."""
        return self._mode is _INTO or self._mode is _ROWS

    # -- payloads on their way -------------------------------------------------------

    def receive_into(self, memory: memoryview) -> None:
        """The announced payload goes to `memory`: writable, contiguous, exactly its size.

        Raises LocalProtocolError when it is not, or when nothing is announced.
        """
        if self._mode is not _UNDECIDED:
            self._announced()
        if memory.readonly or not memory.c_contiguous or memory.nbytes != self._size:
            raise LocalProtocolError(
                f"memory of {memory.nbytes} bytes cannot take a payload of {self._size}",
                hint="it must be writable, contiguous and of exactly that size",
            )
        target = memory if memory.format == "B" and memory.ndim == 1 else memory.cast("B")
        buffer = self._buffer
        have = buffer.end - buffer.start
        target[:have] = buffer.view[buffer.start : buffer.end]
        buffer.start = buffer.end
        self._target, self._have = target, have
        self._mode = _INTO

    def receive_rows(self, rows: Pieces) -> None:
        """The announced payload goes to these pieces of memory in turn: writable bytes, all of
        one length, together exactly its size.

        Raises LocalProtocolError when they are not, or when nothing is announced.
        """
        self._announced()
        row = len(rows[0]) if rows else 0
        if row * len(rows) != self._size or not row:
            raise LocalProtocolError(
                f"{len(rows)} rows of {row} bytes cannot take a payload of {self._size}"
            )
        buffer = self._buffer
        have = buffer.end - buffer.start
        start = buffer.start
        for index in range(-(-have // row)):
            stop = min(start + row, buffer.end)
            rows[index][: stop - start] = buffer.view[start:stop]
            start = stop
        buffer.start = buffer.end
        self._target, self._rows, self._row, self._have = None, rows, row, have
        self._mode = _INTO

    def pass_rows(self, row: int, put: PutRows) -> None:
        """The announced payload consists of rows of *row* bytes, too short to be received each by
        itself: they come through the receive buffer, and *put* takes them out of it as soon as
        they are whole, so that no half payload waits there and has to be moved.

        Raises LocalProtocolError when they are not that, or when nothing is announced.
        """
        self._announced()
        if row < 1 or self._size % row or row > self._buffer.full_size:
            raise LocalProtocolError(f"rows of {row} bytes cannot take a payload of {self._size}")
        self._row, self._put, self._have = row, put, 0
        self._mode = _ROWS
        self._hand_out()  # what is here already need not be moved to make room

    def _hand_out(self) -> None:
        """The whole rows in the receive buffer to whom they belong."""
        buffer, row = self._buffer, self._row
        start, have = buffer.start, self._have
        count = min(buffer.end - start, self._size - have) // row
        if count:
            buffer.start = start + count * row
            self._have = have + count * row
            assert self._put is not None
            self._put(buffer.data, start, have // row, count)

    def collect(self) -> None:
        """The announced payload shall be handed out whole, as `payload`."""
        self._announced()
        if self._size <= self._buffer.full_size:
            self._mode = _BUFFER
        else:
            self._to_scratch()

    def skip(self) -> None:
        """The announced payload (or what is missing of it) is to be thrown away."""
        if self._mode is _INTO or self._mode is _ROWS:
            self._target, self._rows, self._put = None, (), None
        else:
            self._announced()
            self._have = 0
        self._mode = _SKIP

    def give_up(self) -> None:
        """Whatever the owner did with the last payload failed: throw away what is still to
        come of it, if anything."""
        if self._mode in (_UNDECIDED, _INTO, _ROWS):
            self.skip()

    def _announced(self) -> None:
        if self._mode is not _UNDECIDED:
            raise LocalProtocolError("no payload waits for a destination")

    # -- for the parser --------------------------------------------------------------

    def announce(self, start: int, size: int) -> None:
        """A payload of `size` bytes has begun at the place `start` of the receive buffer; where it
        goes is said next."""
        self._buffer.start = start
        self._size = size
        self._mode = _UNDECIDED
        self.payload = None

    def _to_scratch(self) -> None:
        buffer = self._buffer
        have = 0
        while buffer.start < buffer.end:
            room = self._scratch.room(have, self._size)
            count = min(len(room), buffer.end - buffer.start)
            room[:count] = buffer.view[buffer.start : buffer.start + count]
            room.release()
            buffer.start += count
            have += count
        self._have = have
        self._mode = _SCRATCH

    def _complete(self) -> bool:
        """Is all of the payload there?  Then it is no longer on its way, and `payload` is a view
        of it when it was kept here."""
        mode, buffer = self._mode, self._buffer
        if mode is _UNDECIDED:
            raise LocalProtocolError("say where the announced payload goes first")
        if mode is _ROWS:
            self._hand_out()
            mode = self._mode  # whoever was given the rows may have given up
        payload = None
        if mode is _BUFFER:
            stop = buffer.start + self._size
            if stop > buffer.end:
                return False
            payload = buffer.view[buffer.start : stop]
            buffer.start = stop
        elif mode is _SKIP:
            count = min(buffer.end - buffer.start, self._size - self._have)
            buffer.start += count
            self._have += count
        if mode is not _BUFFER and self._have < self._size:
            return False
        self._forget(_NONE)
        if mode is _SCRATCH:
            payload = self._scratch.take(self._size)
        self._window = mode is _INTO or mode is _SCRATCH
        self.payload = payload
        return True

    def _forget(self, mode: Mode) -> None:
        self._mode = mode
        self._target, self._rows, self._put = None, (), None
