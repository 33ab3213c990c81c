"""The slow road: headers that are odd, cut off, or no headers at all.

`Recovery` looks at the bytes where a record should begin after the parser's regular
expression has not matched, and says which of these it is: a header spelled in a way that
RV accepts (spaces inside a tile header, an unknown data record), the beginning of a
header whose rest has not arrived, or unknown text.  It remembers how far it has looked,
so that a header arriving byte by byte costs no more than one arriving whole.
"""

from __future__ import annotations

import re
from typing import Final

from rvshell.protocol.frozen import frozen
from rvshell.protocol.limits import MAX_HEADER, MAX_RESYNC

__all__ = ["GREETING_WORDS", "Header", "MalformedHeader", "Recovery", "TEXT_WORDS", "show"]

TEXT_WORDS: Final = frozenset(
    (b"MESSAGE", b"PING", b"PONG", b"PINGPONGCONTROL", b"GREETING", b"NEWGREETING")
)
GREETING_WORDS: Final = frozenset((b"GREETING", b"NEWGREETING"))
_BEGINNINGS: Final = (*(word + b" " for word in TEXT_WORDS), b"PIXELTILE", b"DATAEVENT")

_KNOWN: Final = re.compile(
    rb"(?:(?:NEW)?GREETING|PINGPONGCONTROL|MESSAGE|P[IO]NG) {1,2}\+?[0-9]{1,10} "
    rb"|(?:PIXELTILE|DATAEVENT)\("
)
_KNOWN_LENGTH: Final = 32  # no match of _KNOWN is longer
_LINE_ENDS: Final = re.compile(rb"[\r\n]*")
# RV takes a second blank for an empty size and reads on; a row of them is no header
_SIZE: Final = re.compile(rb" {1,16}([^ ]{0,65})( ?)")
_DIGITS: Final = re.compile(rb"\+?[0-9]{0,64}")
_SHOWN: Final = 40  # bytes of unknown text that a log line shows


class MalformedHeader(Exception):
    """The bytes cannot be read on from here; the text says why."""


@frozen
class Header:
    """A complete header: its word (`MESSAGE`, or a data record's up to the parenthesis),
    the size and the offset of the payload."""

    word: bytes
    size: int
    body: int


class Recovery:
    """What is known about the odd bytes at the start of the receive buffer.

    Offsets are kept relative to the start, which the buffer may move.
    """

    __slots__ = ("_searched", "_skipped", "_space", "_unknown")

    def __init__(self) -> None:
        self._space = -1  # of the first space
        self._searched = 0  # bytes that hold no end of the header
        self._skipped = -1  # bytes of unknown text passed over; -1: not skipping
        self._unknown = b""

    @property
    def skipping(self) -> bool:
        """True while unknown text is being passed over."""
        return self._skipped >= 0

    def reset(self) -> None:
        """The header is complete (or gone)."""
        self._space = -1
        self._searched = 0

    # -- headers ---------------------------------------------------------------------

    def begins_record(self, data: bytearray, start: int, end: int) -> bool:
        """False when these bytes cannot be the beginning of a known record; the first one
        may be enough to tell."""
        head = bytes(data[start : min(end, start + 16)])
        return any(word.startswith(head[: len(word)]) for word in _BEGINNINGS)

    def line_ends(self, data: bytearray, start: int, end: int) -> int:
        """The offset behind line ends: some clients write one after each record."""
        found = _LINE_ENDS.match(data, start, end)
        return found.end() if found else start

    def header(self, data: bytearray, start: int, end: int) -> Header | bool:
        """A header, True when its rest has not arrived, False when it is none.

        Raises MalformedHeader: too long, or a size that is none.
        """
        if self._space < 0:
            space = data.find(b" ", start + self._searched, end)
            if space < 0:
                return self._wait(start, end)
            self._space = space - start
            self._searched = self._space
        stop = start + self._space
        word = bytes(data[start:stop])
        if word not in TEXT_WORDS and not word.endswith(b")"):
            if word.count(b"(") <= word.count(b")"):
                return False
            # a space in a media name: the header runs on to the next ") "
            close = data.find(b") ", max(stop, start + self._searched - 1), end)
            if close < 0:
                return self._wait(start, end)
            stop = close + 1
            word = bytes(data[start:stop])
        if len(word) > MAX_HEADER:
            raise MalformedHeader(f"a header of over {MAX_HEADER} bytes")
        return self._size(word, data, stop, end)

    def _wait(self, start: int, end: int) -> bool:
        self._searched = end - start
        if self._searched > MAX_HEADER:
            raise MalformedHeader(f"a header of over {MAX_HEADER} bytes")
        return True

    def _size(self, word: bytes, data: bytearray, stop: int, end: int) -> Header | bool:
        name = show(word.partition(b"(")[0])
        found = _SIZE.match(data, stop, end)
        assert found is not None  # `stop` is a space
        digits, blank = found[1], found[2]
        if not _DIGITS.fullmatch(digits):
            raise MalformedHeader(f"{name}: the size is no number: {show(digits)}")
        if not blank:
            if found.end() < end:
                raise MalformedHeader(f"{name}: the size is no number: {show(digits)}")
            return True
        if not digits.lstrip(b"+"):
            raise MalformedHeader(f"{name}: the size is missing")
        return Header(word, int(digits), found.end())

    # -- unknown text ----------------------------------------------------------------

    def skip(self, data: bytearray, start: int, end: int) -> tuple[int, bool]:
        """Pass over unknown text: the offset of the next known record and True, or of
        where the search must go on when more has arrived and False.

        Raises MalformedHeader when MAX_RESYNC bytes hold no known record.
        """
        first = 0
        if self._skipped < 0:
            self._skipped = 0
            self._unknown = bytes(data[start : min(end, start + _SHOWN)])
            first = 1  # what stands here is no record, even if it begins like one
        self.reset()
        found = _KNOWN.search(data, start + first, end)
        stop = end if found is None else found.start()
        self._skipped += stop - start
        if self._skipped > MAX_RESYNC:
            raise MalformedHeader(
                f"no record in {MAX_RESYNC} bytes of unknown text: {show(self._unknown)}"
            )
        if found is not None:
            return stop, True
        keep = min(_KNOWN_LENGTH, end - start - first)
        self._skipped -= keep
        return end - keep, False

    def resynchronised(self) -> str:
        """The known record was found; one line about what was passed over."""
        text = f"skipped {self._skipped} bytes of unknown text: {show(self._unknown)}"
        self._skipped = -1
        self._unknown = b""
        return text


def show(data: bytes) -> str:
    """Bytes for a log line: short, printable, quoted."""
    cut = "…" if len(data) > _SHOWN else ""
    return repr(data[:_SHOWN])[1:] + cut
