"""The incremental parser: bytes in at one end, records out at the other.

Theory of operation
-------------------
The owner asks `get_buffer()` where the next bytes should go, puts them there (a socket
receives straight into that memory) and reports their number to `buffer_updated()`.
These are the verbs of asyncio's BufferedProtocol.  It then calls `next_record()` until
that returns None, which means that more bytes are needed.

Records that fit the receive buffer are sliced out of it.  A header costs one regular
expression and one dictionary look-up: parsed headers are remembered by their bytes,
since a renderer sends the same few thousand tile headers over and over.

Data records (tiles, data events) come out as a header; their payload is `payload`:

- all of it has arrived: `payload` is a view of it, valid until the next `get_buffer()`;
- it is large and still on its way: `payload` is None, and the owner must say where it
  goes before it asks for the next record: `receive_into(memory)`, `receive_rows(rows)`,
  `pass_rows(row, put)`, `collect()` or `skip()`.  The first two bypass the receive buffer with
  what is still to come.  When all of it is there `next_record()` returns `PAYLOAD_DONE`, and
  `payload` is a view of it after collect(), None otherwise.

Behind a payload that was received directly only a small window is read, because the next
large payload is probably right behind its header and what is read with the header has
to be copied.  An owner that can receive into several pieces of memory at once uses
`get_buffers()`: the missing pieces of the payload and that window in one system call.

Tiles come in runs of thousands.  An owner that knows where each goes by its header may take
them out of the receive buffer itself: `held()` says what is there, `consume()` how much of it
was dealt with, `announce()` that a large one has begun, `arrived()` whether it is complete.

When the bytes are no record
----------------------------
Before the greeting nothing is forgiven: a web page must not be able to smuggle records in
the body of an HTTP request.  After it, line ends between records are skipped, and
unknown text is skipped up to the next known record word within MAX_RESYNC bytes (clients
that count characters instead of bytes cut their own records short).  What cannot be
mended raises RemoteProtocolError, once and for all.

Source of the framing: Open RV, TwkQtChat/Connection.cpp.  Where RV goes deaf, this
parser recovers or refuses.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeAlias, overload

from rvshell.errors import LocalProtocolError, RemoteProtocolError
from rvshell.protocol.limits import (
    BULK_THRESHOLD,
    HEADER_WINDOW,
    MAX_CONTROL,
    MAX_DATA,
    MAX_MESSAGE,
    MEMO_MESSAGE_SIZE,
    MEMO_RECORDS,
    RECEIVE_BUFFER,
)
from rvshell.protocol.records import (
    DataRecord,
    Event,
    Ping,
    PingPongControl,
    PixelTile,
    Pong,
    Record,
    Return,
    TextRecord,
    UnknownMessage,
)
from rvshell.protocol.recovery import (
    GREETING_WORDS,
    TEXT_WORDS,
    Header,
    MalformedHeader,
    Recovery,
    show,
)
from rvshell.protocol.storage import ReceiveBuffer, Scratch
from rvshell.protocol.texts import (
    decode,
    leading_int,
    parse_data_header,
    parse_greeting,
    parse_message,
)

__all__ = ["PAYLOAD_DONE", "Parser", "PayloadDone", "Pieces", "PutRows"]

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


class PayloadDone(enum.Enum):
    """The type of PAYLOAD_DONE."""

    PAYLOAD_DONE = "payload done"


PAYLOAD_DONE: Final = PayloadDone.PAYLOAD_DONE
"""All bytes of the announced payload have arrived where they were sent."""

_GATHER: Final = 512  # pieces of memory for one system call; Linux allows 1024
_GATHER_BYTES: Final = 512 * 1024  # more is hardly ever there at once

# A well-formed header; anything else takes the slow road.
_HEADER: Final = re.compile(
    rb"((?:PIXELTILE|DATAEVENT)\([^ )]*\)|MESSAGE|P[IO]NG|PINGPONGCONTROL|(?:NEW)?GREETING)"
    rb" +\+?([0-9]{1,19}) "
)
_GREETING_HEADER: Final = re.compile(rb"((?:NEW)?GREETING) +\+?([0-9]{1,19}) ")


class _TextHeader:
    """A parsed header of a text record."""

    __slots__ = ("size", "word")

    def __init__(self, word: bytes, size: int) -> None:
        self.word = word
        self.size = size


class _Mode(enum.Enum):
    """What becomes of the payload that is on its way."""

    NONE = "no payload is on its way"
    UNDECIDED = "announced, the owner has not said yet"
    BUFFER = "kept in the receive buffer until complete"
    INTO = "received into the owner's memory"
    ROWS = "handed out of the receive buffer row by row"
    SCRATCH = "received into the scratch memory"
    SKIP = "read and thrown away"
    BROKEN = "the stream cannot be read on"


_NONE: Final = _Mode.NONE  # members of an enumeration are looked up slowly
_INTO: Final = _Mode.INTO
_ROWS: Final = _Mode.ROWS
_SCRATCH: Final = _Mode.SCRATCH


class Parser:
    """Incremental parser of one direction of one connection.

    `greeting_first` True demands that the first record be a greeting (the accepting
    side); otherwise other records may come before it, but unknown text still may not.
    `note` is called with one line for each thing that was mended.

    Raises RemoteProtocolError from `next_record()`; from then on every call raises it.
    """

    def __init__(
        self,
        *,
        greeting_first: bool = True,
        note: Callable[[str], None] | None = None,
        buffer_size: int = RECEIVE_BUFFER,
    ) -> None:
        self._buffer = ReceiveBuffer(buffer_size)
        self._scratch = Scratch()
        self._recovery = Recovery()
        self._note = note or (lambda text: None)
        self._greeting_first = greeting_first
        self._greeted = False
        self._match = (_GREETING_HEADER if greeting_first else _HEADER).match
        self._slow = False  # the slow road is not finished
        self._headers: dict[bytes, DataRecord | _TextHeader] = {}
        self._messages: dict[bytes, TextRecord] = {}
        self._last: TextRecord | None = None
        self._error = ""
        # the payload on its way
        self._mode = _Mode.NONE
        self._text_word = b""  # the word of a text record in the scratch memory, or b""
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
        if self._mode is not _Mode.INTO:
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
        return self._size - self._have if self._mode is _Mode.INTO else 0

    @property
    def receiving_rows(self) -> bool:
        """True while a payload goes to rows: get_buffer() gives one of them at a time."""
        return self._mode is _Mode.INTO and self._target is None

    @property
    def have(self) -> int:
        """Bytes of the payload on its way that are where they belong."""
        return self._have

    def window(self) -> memoryview:
        """Room for what comes behind a payload that goes to rows, for an owner that fills them
        by itself: first the missing bytes of the payload, then this."""
        self.payload = None
        return self._buffer.room()[:HEADER_WINDOW]

    def held(self) -> tuple[bytearray, int, int] | None:
        """The receive buffer and the range in it that begins with the next record; None when
        that is not plainly so.  Valid until the next get_buffer()."""
        if self._mode is not _Mode.NONE or self._slow or not self._greeted:
            return None
        return self._buffer.data, self._buffer.start, self._buffer.end

    def consume(self, start: int) -> None:
        """Whole records up to this place of the buffer of `held()` have been dealt with."""
        self._buffer.start = start

    def announce(self, start: int, size: int) -> None:
        """The payload of a tile whose header was found in the buffer of `held()` begins at this
        place of it and is not all there: as if `next_record()` had given that tile."""
        self._buffer.start = start
        self._size = size
        self._mode = _Mode.UNDECIDED
        self.payload = None

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
        self._mode = _NONE
        self._target, self._rows, self._put = None, (), None
        self._window = mode is _INTO
        return True

    @property
    def halfway(self) -> bool:
        """True while a payload goes to where it belongs as it comes, and is not complete."""
        return self._mode is _INTO or self._mode is _ROWS

    def tile_at(self, start: int) -> tuple[bytes, PixelTile] | None:
        """The tile whose header is at a place of the buffer of `held()`, and the header as it
        is there; None when it is something else or not all there."""
        found = self._match(self._buffer.data, start, self._buffer.end)
        if found is None:
            return None
        header = self._headers.get(found[0])
        if header is None:
            if not found[1].startswith(b"PIXELTILE"):
                return None
            header = self._remember(found)
        return (found[0], header) if type(header) is PixelTile else None

    @property
    def incomplete(self) -> bool:
        """True in the middle of a record."""
        return self._mode is not _Mode.NONE or self._buffer.start != self._buffer.end

    # -- records out -----------------------------------------------------------------

    def next_record(self) -> Record | PayloadDone | None:
        """The next record, PAYLOAD_DONE, or None when more bytes are needed."""
        if self._mode is not _NONE:
            return self._continue_payload()
        buffer = self._buffer
        start, end = buffer.start, buffer.end
        if start == end:
            return None
        if self._slow:
            return self._slow_road()
        found = self._match(buffer.data, start, end)
        if found is None:
            return self._slow_road()
        header = self._headers.get(found[0])
        if header is None:
            header = self._remember(found)
        body = found.end()
        stop = body + header.size
        if stop > end:
            return self._await(header, body)
        buffer.start = stop
        if type(header) is _TextHeader:
            if header.word == b"MESSAGE" and header.size <= MEMO_MESSAGE_SIZE:
                key = bytes(buffer.data[body:stop])
                record = self._messages.get(key)
                if record is not None:
                    self._last = record
                    return record
            return self._text(header.word, buffer.view[body:stop])
        assert not isinstance(header, _TextHeader)
        self.payload = buffer.view[body:stop]
        return header

    def _remember(self, found: re.Match[bytes]) -> DataRecord | _TextHeader:
        header = self._parse_header(found[1], int(found[2]))
        if len(self._headers) >= MEMO_RECORDS:
            self._headers.clear()
        self._headers[found[0]] = header
        return header

    def _parse_header(self, word: bytes, size: int) -> DataRecord | _TextHeader:
        """A header's word and size to a record; limits are checked here."""
        if word in TEXT_WORDS:
            limit = MAX_MESSAGE if word == b"MESSAGE" else MAX_CONTROL
            if size > limit:
                raise self._fail(f"{word.decode()} of {size} bytes is over the limit of {limit}")
            return _TextHeader(word, size)
        if size > MAX_DATA:
            raise self._fail(
                f"{show(word.partition(b'(')[0])} of {size} bytes is over the limit of {MAX_DATA}"
            )
        return parse_data_header(decode(word), size)

    def _text(self, word: bytes, payload: memoryview) -> TextRecord:
        record: TextRecord
        if word == b"MESSAGE":
            record = self._message(payload)
        elif word == b"PING":
            record = Ping()
        elif word == b"PONG":
            record = Pong()
        elif word == b"PINGPONGCONTROL":
            record = PingPongControl(leading_int(decode(payload)) != 0)
        else:
            record = parse_greeting(payload, new=word == b"NEWGREETING")
            self._greeted = True
            self._match = _HEADER.match
        self._last = record
        return record

    def _message(self, payload: memoryview) -> TextRecord:
        if len(payload) > MEMO_MESSAGE_SIZE:
            return parse_message(payload)
        key = bytes(payload)
        record = self._messages.get(key)
        if record is None:
            record = parse_message(key)
            if len(self._messages) >= MEMO_RECORDS:
                self._messages.clear()
            self._messages[key] = record
        return record

    # -- payloads on their way -------------------------------------------------------

    def receive_into(self, memory: memoryview) -> None:
        """The announced payload goes to `memory`: writable, contiguous, exactly its size.

        Raises LocalProtocolError when it is not, or when nothing is announced.
        """
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
        self._mode = _Mode.INTO

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
        self._mode = _Mode.INTO

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
            self._mode = _Mode.BUFFER
        else:
            self._to_scratch()

    def skip(self) -> None:
        """The announced payload (or what is missing of it) is to be thrown away."""
        if self._mode is _INTO or self._mode is _ROWS:
            self._target, self._rows, self._put = None, (), None
        else:
            self._announced()
            self._have = 0
        self._mode = _Mode.SKIP

    def give_up(self) -> None:
        """Whatever the owner did with the last payload failed: throw away what is still to
        come of it, if anything."""
        if self._mode in (_Mode.UNDECIDED, _Mode.INTO, _Mode.ROWS):
            self.skip()

    def _announced(self) -> None:
        if self._mode is not _Mode.UNDECIDED:
            raise LocalProtocolError("no payload waits for a destination")

    def _await(self, header: DataRecord | _TextHeader, body: int) -> Record | None:
        """A header whose payload has not arrived completely."""
        buffer = self._buffer
        whole = body - buffer.start + header.size
        if isinstance(header, _TextHeader):
            if whole > buffer.full_size:
                buffer.start = body
                self._text_word, self._size = header.word, header.size
                self._to_scratch()
            return None
        if whole <= buffer.full_size and header.size < BULK_THRESHOLD:
            return None
        buffer.start = body
        self._size = header.size
        self._mode = _Mode.UNDECIDED
        self.payload = None
        return header

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
        self._mode = _Mode.SCRATCH

    def _continue_payload(self) -> Record | PayloadDone | None:
        mode, buffer = self._mode, self._buffer
        if mode is _Mode.BROKEN:
            raise RemoteProtocolError(self._error)
        if mode is _Mode.UNDECIDED:
            raise LocalProtocolError("say where the announced payload goes first")
        payload = None
        if mode is _ROWS:
            self._hand_out()
            mode = self._mode  # whoever was given the rows may have given up
        if mode is _Mode.BUFFER:
            stop = buffer.start + self._size
            if stop > buffer.end:
                return None
            payload = buffer.view[buffer.start : stop]
            buffer.start = stop
        elif mode is _Mode.SKIP:
            count = min(buffer.end - buffer.start, self._size - self._have)
            buffer.start += count
            self._have += count
        if mode is not _Mode.BUFFER and self._have < self._size:
            return None
        self._mode = _Mode.NONE
        self._target, self._rows, self._put = None, (), None
        if mode is _Mode.SCRATCH:
            payload = self._scratch.take(self._size)
        self._window = mode is _Mode.INTO or mode is _Mode.SCRATCH
        if self._text_word:
            assert payload is not None
            word, self._text_word = self._text_word, b""
            return self._text(word, payload)
        self.payload = payload
        return PAYLOAD_DONE

    # -- the slow road ---------------------------------------------------------------

    def _slow_road(self) -> Record | PayloadDone | None:
        """Odd, cut-off or unknown bytes at the start of the buffer (recovery.py)."""
        buffer, recovery = self._buffer, self._recovery
        if self._greeted and not self._slow:
            start = recovery.line_ends(buffer.data, buffer.start, buffer.end)
            if start != buffer.start:
                buffer.start = start
                return self.next_record()
        self._slow = True
        try:
            if not recovery.skipping:
                header = self._odd_header()
                if header is True:
                    return None
                if header is not False:
                    return self._odd_record(header)
            buffer.start, found = recovery.skip(buffer.data, buffer.start, buffer.end)
        except MalformedHeader as error:
            raise self._fail(f"{error}{self._cause()}") from None
        if not found:
            return None
        self._slow = False
        self._note(recovery.resynchronised() + self._cause())
        return self.next_record()

    def _odd_header(self) -> Header | bool:
        """Recovery.header(), with nothing forgiven before the greeting."""
        buffer, recovery = self._buffer, self._recovery
        data, start, end = buffer.data, buffer.start, buffer.end
        if self._greeted:
            return recovery.header(data, start, end)
        header = (
            recovery.header(data, start, end) if recovery.begins_record(data, start, end) else False
        )
        if header is True:
            return True
        if header is False:
            raise MalformedHeader(f"this is not RV's protocol: {show(bytes(data[start:end]))}")
        if self._greeting_first and header.word not in GREETING_WORDS:
            word = header.word.partition(b"(")[0]
            raise MalformedHeader(f"bad greeting: the first record is {show(word)}")
        return header

    def _odd_record(self, odd: Header) -> Record | None:
        self._recovery.reset()
        self._slow = False
        header = self._parse_header(odd.word, odd.size)
        buffer = self._buffer
        stop = odd.body + header.size
        if stop > buffer.end:
            return self._await(header, odd.body)
        buffer.start = stop
        payload = buffer.view[odd.body : stop]
        if isinstance(header, _TextHeader):
            return self._text(header.word, payload)
        self.payload = payload
        return header

    def _cause(self) -> str:
        """Why the record before unknown text may have been too short, for the log."""
        match self._last:
            case Event(contents=text) | Return(contents=text) | UnknownMessage(text=text):
                if not text.isascii():
                    return (
                        "; the message before it is not ASCII: its sender probably counted "
                        "characters instead of UTF-8 bytes"
                    )
        return ""

    def _fail(self, reason: str) -> RemoteProtocolError:
        self._error = reason  # not the exception: its traceback holds whoever called
        self._mode = _Mode.BROKEN
        self._target, self._rows, self._put = None, (), None
        return RemoteProtocolError(reason)
