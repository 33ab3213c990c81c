"""Streams of module ``io``: bytes, a position, and the states of C++'s streams."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from player.mu.lib.strings import decode
from player.mu.numbers import to_int
from player.mu.values import Context, MuStream

__all__ = ["BAD", "EOF", "FAIL", "Stream"]

BAD, EOF, FAIL = 1, 2, 4

_SPACE: Final = b" \t\n\v\f\r"
_NUMBER: Final = re.compile(rb"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


class Stream(MuStream):
    """A stream that reads from, or writes to, its own bytes."""

    def __init__(self, kind: str, name: str = "", data: bytes = b"") -> None:
        super().__init__(kind, name)
        self.data = bytearray(data)
        self.at = 0
        self.state = 0
        self.count = 0
        self.path: Path | None = None
        self.context: Context | None = None

    # -- reading ---------------------------------------------------------------------------

    def fill(self) -> bool:
        """Get more data; whether there were any. A string or a file has all from the start."""
        return False

    def more(self) -> bool:
        """Whether there is a byte at the position."""
        return self.at < len(self.data) or self.fill()

    def rest(self) -> bytes:
        """All that is left; the stream is at its end then."""
        found = b""
        if not self.state:
            while self.fill():
                pass
            found = bytes(self.data[self.at :])
        self.at += len(found)
        self.state |= EOF | FAIL
        return found

    def upto(self, count: int) -> bytes:
        """So many bytes, or what is left of them."""
        found = b""
        if not self.state:
            while len(self.data) - self.at < count and self.fill():
                pass
            found = bytes(self.data[self.at : self.at + max(0, count)])
        self.at += len(found)
        self.count = len(found)
        return found

    def get(self) -> int:
        """The next byte, -1 at the end."""
        if self.state or (self.at >= len(self.data) and not self.fill()):
            self.state |= EOF | FAIL
            self.count = 0
            return -1
        self.count = 1
        self.at += 1
        return self.data[self.at - 1]

    def until(self, ends: bytes) -> str:
        """Text before the next of some bytes, which are read, too."""
        out = bytearray()
        while (byte := self.get()) >= 0 and byte not in ends:
            out.append(byte)
        return decode(bytes(out))

    def skip_space(self) -> bool:
        """Go to what is no white space; whether there is any."""
        if self.state:
            self.state |= FAIL
            return False
        while (more := self.more()) and self.data[self.at] in _SPACE:
            self.at += 1
        if not more:
            self.state |= EOF | FAIL
        return not self.state

    def word(self) -> str:
        """What stands before the next white space."""
        if not self.skip_space():
            return ""
        begin = self.at
        while (more := self.more()) and self.data[self.at] not in _SPACE:
            self.at += 1
        if not more:
            self.state |= EOF
        return decode(bytes(self.data[begin : self.at]))

    def integer(self) -> int:
        """The number a word begins with; a comma at its end is left for the next read."""
        word = self.word()
        if word.endswith(","):
            self.at -= 1
            self.state &= ~EOF
        return to_int(word)

    def number(self) -> float:
        """The number that follows, 0 when there is none."""
        if not self.skip_space():
            return 0.0
        end = self.at
        while (end < len(self.data) or self.fill()) and self.data[end] not in _SPACE:
            end += 1
        found = _NUMBER.match(self.data, self.at)
        if found is None:
            self.state |= FAIL
            return 0.0
        self.at = found.end()
        if self.at >= len(self.data):
            self.state |= EOF
        return float(found.group())

    def seek(self, to: int) -> Stream:
        """Go to a position."""
        self.state &= ~EOF
        if self.state:
            return self
        if 0 <= to <= len(self.data):
            self.at = to
        else:
            self.state |= FAIL
        return self

    # -- writing ---------------------------------------------------------------------------

    def put(self, data: bytes) -> Stream:
        """Write at the position."""
        if self.state:
            return self
        if self.context is not None:
            self.context.output(decode(data))
        elif self.path is not None:
            with self.path.open("ab") as file:
                file.write(data)
        else:
            self.data[self.at : self.at + len(data)] = data
        self.at += len(data)
        return self
