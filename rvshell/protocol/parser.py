"""The incremental parser: bytes in at one end, records out at the other.

Theory of operation
-------------------
Bytes come in as `incoming` says (`get_buffer()`, `buffer_updated()`); then the owner calls
`next_record()` until that returns None, which means that more bytes are needed.

Records that fit the receive buffer are sliced out of it.  A header costs one regular
expression and one dictionary look-up: parsed headers are remembered by their bytes,
since a renderer sends the same few thousand tile headers over and over.  Short messages
are remembered as well, and one that comes again is compared before anything else: a program
that asks the same thing all the time is answered without looking into its record.

Data records (tiles, data events) come out as a header; their payload is `payload`:

- all of it has arrived: `payload` is a view of it, valid until the next `get_buffer()`;
- it is large and still on its way: `payload` is None, and the owner must say where it
  goes before it asks for the next record (`receive_into` and the other ways of `incoming`).
  When all of it is there `next_record()` returns `PAYLOAD_DONE`, and `payload` is a view of it
  after collect(), None otherwise.

Tiles come in runs of thousands.  An owner that knows where each goes by its header may take
them out of the receive buffer itself: `held()` says what is there, `consume()` how much of it
was dealt with, `announce()` that the payload of a large one has begun and is not all there, as
if `next_record()` had given that tile, and `arrived()` whether it is complete.

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
from collections.abc import Callable
from typing import Final

from rvshell.errors import RemoteProtocolError
from rvshell.protocol.incoming import Incoming, Mode
from rvshell.protocol.limits import (
    BULK_THRESHOLD,
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
from rvshell.protocol.texts import (
    decode,
    leading_int,
    parse_data_header,
    parse_greeting,
    parse_message,
)

__all__ = ["PAYLOAD_DONE", "Parser", "PayloadDone"]


class PayloadDone(enum.Enum):
    """The type of PAYLOAD_DONE."""

    PAYLOAD_DONE = "payload done"


PAYLOAD_DONE: Final = PayloadDone.PAYLOAD_DONE
"""All bytes of the announced payload have arrived where they were sent."""

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


_NONE: Final = Mode.NONE  # members of an enumeration are looked up slowly
_BROKEN: Final = Mode.BROKEN


class Parser(Incoming):
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
        super().__init__(buffer_size)
        self._recovery = Recovery()
        self._note = note or (lambda text: None)
        self._greeting_first = greeting_first
        self._greeted = False
        self._match = (_GREETING_HEADER if greeting_first else _HEADER).match
        self._slow = False  # the slow road is not finished
        self._headers: dict[bytes, DataRecord | _TextHeader] = {}
        self._messages: dict[bytes, TextRecord] = {}
        self._last: TextRecord | None = None
        self._again: bytes | None = None  # the last short message, all of it
        self._error = ""
        self._text_word = b""  # the word of a text record in the scratch memory, or b""

    # -- for an owner that takes tiles out by itself ------------------------------------

    def held(self) -> tuple[bytearray, int, int] | None:
        """The receive buffer and the range in it that begins with the next record; None when
        that is not plainly so.  Valid until the next get_buffer()."""
        if self._mode is not _NONE or self._slow or not self._greeted:
            return None
        return self._buffer.data, self._buffer.start, self._buffer.end

    def consume(self, start: int) -> None:
        """Whole records up to this place of the buffer of `held()` have been dealt with."""
        self._buffer.start = start

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
        return self._mode is not _NONE or self._buffer.start != self._buffer.end

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
        again = self._again
        if again is not None and buffer.data.startswith(again, start, end):
            buffer.start = start + len(again)
            return self._last
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
                    self._again = bytes(buffer.data[start:stop])
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
        self._again = None
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
        self.announce(body, header.size)
        return header

    def _continue_payload(self) -> Record | PayloadDone | None:
        if self._mode is _BROKEN:
            raise RemoteProtocolError(self._error)
        if not self._complete():
            return None
        if self._text_word:
            payload, self.payload = self.payload, None
            assert payload is not None
            word, self._text_word = self._text_word, b""
            return self._text(word, payload)
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
        self._forget(_BROKEN)
        return RemoteProtocolError(reason)
