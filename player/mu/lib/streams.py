"""Module ``io``: streams over strings and files, and directories.

Streams move bytes, as C++'s do; text is UTF-8. Opening a file asks the context for permission;
a file that cannot be opened gives a stream that is not open and has failed.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any, Final

from player.mu import types as t
from player.mu.lib.faults import nil_argument
from player.mu.lib.strings import decode, encode
from player.mu.numbers import f32, to_int, wrap8
from player.mu.texts import char_text
from player.mu.values import (
    Context,
    MuArray,
    MuCons,
    MuStream,
    MuTuple,
    complain,
    needs_context,
    throw,
)

__all__ = ["STREAMS"]

_BAD, _EOF, _FAIL = 1, 2, 4
_APPEND: Final = 1
_SPACE: Final = b" \t\n\v\f\r"
_NUMBER: Final = re.compile(rb"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_ENTRY: Final = t.tuple_of(t.STRING, t.INT)
_ENTRIES: Final = t.list_of(_ENTRY)
_FILE_TYPES: Final = {
    stat.S_IFIFO: 1, stat.S_IFCHR: 2, stat.S_IFDIR: 4, stat.S_IFBLK: 6, stat.S_IFREG: 8,
    stat.S_IFLNK: 10, stat.S_IFSOCK: 12,
}  # fmt: skip


class _Stream(MuStream):
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

    def get(self) -> int:
        """The next byte, -1 at the end."""
        if self.state or self.at >= len(self.data):
            self.state |= _EOF | _FAIL
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
            self.state |= _FAIL
            return False
        while self.at < len(self.data) and self.data[self.at] in _SPACE:
            self.at += 1
        if self.at >= len(self.data):
            self.state |= _EOF | _FAIL
        return not self.state

    def word(self) -> str:
        """What stands before the next white space."""
        if not self.skip_space():
            return ""
        begin = self.at
        while self.at < len(self.data) and self.data[self.at] not in _SPACE:
            self.at += 1
        if self.at >= len(self.data):
            self.state |= _EOF
        return decode(bytes(self.data[begin : self.at]))

    def integer(self) -> int:
        """The number a word begins with; a comma at its end is left for the next read."""
        word = self.word()
        if word.endswith(","):
            self.at -= 1
            self.state &= ~_EOF
        return to_int(word)

    def number(self) -> float:
        """The number that follows, 0 when there is none."""
        if not self.skip_space():
            return 0.0
        found = _NUMBER.match(self.data, self.at)
        if found is None:
            self.state |= _FAIL
            return 0.0
        self.at = found.end()
        if self.at >= len(self.data):
            self.state |= _EOF
        return float(found.group())

    def seek(self, to: int) -> _Stream:
        """Go to a position."""
        self.state &= ~_EOF
        if self.state:
            return self
        if 0 <= to <= len(self.data):
            self.at = to
        else:
            self.state |= _FAIL
        return self

    # -- writing ---------------------------------------------------------------------------

    def put(self, data: bytes) -> _Stream:
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


def _opened(kind: str, context: Context, path: str | None, mode: int) -> _Stream:
    stream = _Stream(kind)
    _open(context, stream, path, mode)
    return stream


@needs_context
def _open(context: Context, stream: _Stream, path: str | None, mode: int) -> None:
    if path is None:
        nil_argument()
    writes = stream.kind == "io.ofstream"
    context.permit("write a file" if writes else "read a file", path)
    stream.name, stream.path = path, Path(path)
    stream.at = stream.state = 0
    try:
        if writes:
            with stream.path.open("ab" if mode & _APPEND else "wb"):
                pass
        else:
            context.charge(stream.path.stat().st_size)
            stream.data[:] = stream.path.read_bytes()
    except (OSError, ValueError):
        stream.path = None
        stream.state = _FAIL


def _close(stream: _Stream) -> None:
    stream.path = None
    stream.state = _FAIL


def _opener(kind: str) -> Any:
    @needs_context
    def call(context: Context, path: str | None, mode: int = 0) -> _Stream:
        return _opened(kind, context, path, mode)

    return call


@needs_context
def _standard_output(context: Context) -> _Stream:
    stream = _Stream("io.ostream", "*standard out*")
    stream.context = context
    return stream


@needs_context
def _standard_error(context: Context) -> _Stream:
    stream = _Stream("io.ostream", "*standard error*")
    stream.context = context
    return stream


def _no_input() -> _Stream:
    complain("io.in is not available in this player")


def _string_input(text: str | None) -> _Stream:
    if text is None:
        nil_argument()
    return _Stream("io.isstream", text, encode(text))


def _read_string(stream: _Stream, count: int) -> str:
    for _ in range(count - 1):
        stream.word()
        if stream.state & _FAIL:
            break
    return stream.word()


def _read_char(stream: _Stream) -> int:
    return stream.get() if stream.skip_space() else 0


def _read_all(stream: _Stream) -> bytes:
    rest = b"" if stream.state else bytes(stream.data[stream.at :])
    stream.at += len(rest)
    stream.state |= _EOF | _FAIL
    return rest


def _read_byte(stream: _Stream) -> int:
    byte = stream.get()
    return wrap8(byte) if byte >= 0 else 0


def _read_into(stream: _Stream, array: MuArray | None, count: int) -> int:
    if array is None:
        nil_argument()
    found = b"" if stream.state else bytes(stream.data[stream.at : stream.at + max(0, count)])
    stream.at += len(found)
    stream.count = len(found)
    array.items.extend(map(wrap8, found))
    return len(found)


def _unget(stream: _Stream) -> _Stream:
    stream.state &= ~_EOF
    if stream.at == 0 or stream.state:
        stream.state |= _BAD
    else:
        stream.at -= 1
    return stream


def _put_back(stream: _Stream, byte: int) -> _Stream:
    before = stream.at
    if before and not stream.state & ~_EOF and stream.data[before - 1] == byte & 255:
        return _unget(stream)
    stream.state |= _BAD
    return stream


def _seek_from(stream: _Stream, offset: int, whence: int) -> _Stream:
    origin = {1: stream.at, 2: len(stream.data)}.get(whence, 0)
    return stream.seek(origin + offset)


def _tell(stream: _Stream) -> int:
    return -1 if stream.state else stream.at


def _set_state(stream: _Stream, bits: int) -> None:
    stream.state = bits & 7


def _print_text(stream: _Stream, text: str | None) -> _Stream:
    if text is None:
        nil_argument()
    return stream.put(encode(text))


def _written(text: Any) -> Any:
    """A function that writes what ``text`` makes of a value."""
    return lambda stream, value: stream.put(text(value).encode())


def _directory(path: str | None) -> MuCons | None:
    if path is None:
        nil_argument()
    try:
        names = [".", "..", *sorted(os.listdir(path))]
        kinds = [_FILE_TYPES.get(_kind(path, n), 0) for n in names]
    except (OSError, ValueError):
        throw("posix exception")
    out: MuCons | None = None
    for name, kind in zip(reversed(names), reversed(kinds), strict=True):
        out = MuCons(MuTuple(_ENTRY, [decode(os.fsencode(name)), kind]), out, _ENTRIES)
    return out


def _kind(path: str, name: str) -> int:
    try:
        return stat.S_IFMT(os.lstat(os.path.join(path, name)).st_mode)
    except OSError:
        return 0


STREAMS: Final[dict[str, Any]] = {
    "bool (bool; io.stream)": lambda s: not s.state & (_FAIL | _BAD),
    "! (bool; io.stream)": lambda s: bool(s.state & (_FAIL | _BAD)),
    "string (string; io.osstream)": lambda s: None if s is None else decode(bytes(s.data)),
    "io.stream.bad (bool; io.stream)": lambda s: bool(s.state & _BAD),
    "io.stream.eof (bool; io.stream)": lambda s: bool(s.state & _EOF),
    "io.stream.fail (bool; io.stream)": lambda s: bool(s.state & (_FAIL | _BAD)),
    "io.stream.good (bool; io.stream)": lambda s: not s.state,
    "io.stream.rdstate (int; io.stream)": lambda s: s.state,
    "io.stream.clear (void; io.stream)": lambda s: _set_state(s, 0),
    "io.stream.clear (void; io.stream, int)": _set_state,
    "io.stream.setstate (void; io.stream, int)": lambda s, bits: _set_state(s, s.state | bits),
    "io.isstream (io.isstream; string)": _string_input,
    "io.osstream (io.osstream;)": lambda: _Stream("io.osstream"),
    "io.ifstream (io.ifstream;)": lambda: _Stream("io.ifstream"),
    "io.ifstream (io.ifstream; string)": _opener("io.ifstream"),
    "io.ifstream (io.ifstream; string, int)": _opener("io.ifstream"),
    "io.ofstream (io.ofstream;)": lambda: _Stream("io.ofstream"),
    "io.ofstream (io.ofstream; string)": _opener("io.ofstream"),
    "io.ofstream (io.ofstream; string, int)": _opener("io.ofstream"),
    "io.ifstream.open (void; io.ifstream, string, int)": _open,
    "io.ofstream.open (void; io.ofstream, string, int)": _open,
    "io.ifstream.close (void; io.ifstream)": _close,
    "io.ofstream.close (void; io.ofstream)": _close,
    "io.ifstream.is_open (bool; io.ifstream)": lambda s: s.path is not None,
    "io.ofstream.is_open (bool; io.ofstream)": lambda s: s.path is not None,
    "io.in (io.istream;)": _no_input,
    "io.out (io.ostream;)": _standard_output,
    "io.err (io.ostream;)": _standard_error,
    "io.istream.gcount (int; io.istream)": lambda s: s.count,
    "io.istream.gets (string; io.istream, string)": lambda s, ends: s.until(encode(ends)),
    "io.istream.in_avail (int; io.istream)": lambda s: len(s.data) - s.at,
    "io.istream.putback (io.istream; io.istream, int)": _put_back,
    "io.istream.unget (io.istream; io.istream)": _unget,
    "io.istream.read (byte; io.istream)": _read_byte,
    "io.istream.read (int; io.istream, byte[], int)": _read_into,
    "io.istream.seekg (io.istream; io.istream, int)": lambda s, to: s.seek(to),
    "io.istream.seekg (io.istream; io.istream, int, int)": _seek_from,
    "io.istream.tellg (int; io.istream)": _tell,
    "io.ostream.seekp (io.ostream; io.ostream, int)": lambda s, to: s.seek(to),
    "io.ostream.tellp (int; io.ostream)": _tell,
    "io.ostream.putc (io.ostream; io.ostream, char)": lambda s, c: s.put(bytes([c & 255])),
    "io.ostream.write (io.ostream; io.ostream, byte)": lambda s, b: s.put(bytes([b & 255])),
    "io.ostream.write (io.ostream; io.ostream, byte[])": (
        lambda s, array: s.put(bytes(b & 255 for b in array.items))
    ),
    "io.print (io.ostream; io.ostream, string)": _print_text,
    "io.print (io.ostream; io.ostream, char)": lambda s, c: s.put(bytes([c & 255])),
    "io.print (io.ostream; io.ostream, byte)": _written(str),
    "io.print (io.ostream; io.ostream, bool)": _written(lambda b: "1" if b else "0"),
    "io.print (io.ostream; io.ostream, double)": _written("{:g}".format),
    "io.print (io.ostream; io.ostream, float)": _written("{:g}".format),
    "io.print (io.ostream; io.ostream, int)": _written(str),
    "io.endl (io.ostream; io.ostream)": lambda s: s.put(b"\n"),
    "io.flush (io.ostream; io.ostream)": lambda s: s,
    "io.read_all (string; io.istream)": lambda s: decode(_read_all(s)),
    "io.read_all_bytes (byte[]; io.istream)": (
        lambda s: MuArray(t.array_of(t.BYTE), [wrap8(b) for b in _read_all(s)])
    ),
    "io.read_bool (bool; io.istream)": lambda s: bool(s.integer()),
    "io.read_byte (byte; io.istream)": lambda s: wrap8(s.integer()),
    "io.read_char (char; io.istream)": _read_char,
    "io.read_double (double; io.istream)": lambda s: s.number(),
    "io.read_float (float; io.istream)": lambda s: f32(s.number()),
    "io.read_int (int; io.istream)": lambda s: s.integer(),
    "io.read_line (string; io.istream, char)": (lambda s, end: s.until(encode(char_text(end)))),
    "io.read_string (string; io.istream is, int count = 1)": _read_string,
    "io.directory ([(string,int)]; string)": _directory,
}
