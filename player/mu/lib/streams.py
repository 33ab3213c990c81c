"""Module ``io``: streams over strings and files, and directories.

Streams move bytes, as C++'s do; text is UTF-8. Opening a file asks the context for permission;
a file that cannot be opened gives a stream that is not open and has failed.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any, Final

from player.mu import types as t
from player.mu.lib.faults import nil_argument
from player.mu.lib.stream import BAD, EOF, FAIL, Stream
from player.mu.lib.strings import decode, encode
from player.mu.numbers import f32, wrap8
from player.mu.texts import char_text
from player.mu.values import (
    Context,
    MuArray,
    MuCons,
    MuTuple,
    complain,
    needs_context,
    throw,
)

__all__ = ["STREAMS"]

_APPEND: Final = 1
_ENTRY: Final = t.tuple_of(t.STRING, t.INT)
_ENTRIES: Final = t.list_of(_ENTRY)
_FILE_TYPES: Final = {
    stat.S_IFIFO: 1, stat.S_IFCHR: 2, stat.S_IFDIR: 4, stat.S_IFBLK: 6, stat.S_IFREG: 8,
    stat.S_IFLNK: 10, stat.S_IFSOCK: 12,
}  # fmt: skip


def _opened(kind: str, context: Context, path: str | None, mode: int) -> Stream:
    stream = Stream(kind)
    _open(context, stream, path, mode)
    return stream


@needs_context
def _open(context: Context, stream: Stream, path: str | None, mode: int) -> None:
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
        stream.state = FAIL


def _close(stream: Stream) -> None:
    stream.path = None
    stream.state = FAIL


def _opener(kind: str) -> Any:
    @needs_context
    def call(context: Context, path: str | None, mode: int = 0) -> Stream:
        return _opened(kind, context, path, mode)

    return call


@needs_context
def _standard_output(context: Context) -> Stream:
    stream = Stream("io.ostream", "*standard out*")
    stream.context = context
    return stream


@needs_context
def _standard_error(context: Context) -> Stream:
    stream = Stream("io.ostream", "*standard error*")
    stream.context = context
    return stream


def _no_input() -> Stream:
    complain("io.in is not available in this player")


def _string_input(text: str | None) -> Stream:
    if text is None:
        nil_argument()
    return Stream("io.isstream", text, encode(text))


def _read_string(stream: Stream, count: int) -> str:
    for _ in range(count - 1):
        stream.word()
        if stream.state & FAIL:
            break
    return stream.word()


def _read_char(stream: Stream) -> int:
    return stream.get() if stream.skip_space() else 0


def _read_byte(stream: Stream) -> int:
    byte = stream.get()
    return wrap8(byte) if byte >= 0 else 0


def _read_into(stream: Stream, array: MuArray | None, count: int) -> int:
    if array is None:
        nil_argument()
    found = stream.upto(count)
    array.items.extend(map(wrap8, found))
    return len(found)


def _unget(stream: Stream) -> Stream:
    stream.state &= ~EOF
    if stream.at == 0 or stream.state:
        stream.state |= BAD
    else:
        stream.at -= 1
    return stream


def _put_back(stream: Stream, byte: int) -> Stream:
    before = stream.at
    if before and not stream.state & ~EOF and stream.data[before - 1] == byte & 255:
        return _unget(stream)
    stream.state |= BAD
    return stream


def _seek_from(stream: Stream, offset: int, whence: int) -> Stream:
    origin = {1: stream.at, 2: len(stream.data)}.get(whence, 0)
    return stream.seek(origin + offset)


def _tell(stream: Stream) -> int:
    return -1 if stream.state else stream.at


def _set_state(stream: Stream, bits: int) -> None:
    stream.state = bits & 7


def _print_text(stream: Stream, text: str | None) -> Stream:
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
    "bool (bool; io.stream)": lambda s: not s.state & (FAIL | BAD),
    "! (bool; io.stream)": lambda s: bool(s.state & (FAIL | BAD)),
    "string (string; io.osstream)": lambda s: None if s is None else decode(bytes(s.data)),
    "io.stream.bad (bool; io.stream)": lambda s: bool(s.state & BAD),
    "io.stream.eof (bool; io.stream)": lambda s: bool(s.state & EOF),
    "io.stream.fail (bool; io.stream)": lambda s: bool(s.state & (FAIL | BAD)),
    "io.stream.good (bool; io.stream)": lambda s: not s.state,
    "io.stream.rdstate (int; io.stream)": lambda s: s.state,
    "io.stream.clear (void; io.stream)": lambda s: _set_state(s, 0),
    "io.stream.clear (void; io.stream, int)": _set_state,
    "io.stream.setstate (void; io.stream, int)": lambda s, bits: _set_state(s, s.state | bits),
    "io.isstream (io.isstream; string)": _string_input,
    "io.osstream (io.osstream;)": lambda: Stream("io.osstream"),
    "io.ifstream (io.ifstream;)": lambda: Stream("io.ifstream"),
    "io.ifstream (io.ifstream; string)": _opener("io.ifstream"),
    "io.ifstream (io.ifstream; string, int)": _opener("io.ifstream"),
    "io.ofstream (io.ofstream;)": lambda: Stream("io.ofstream"),
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
    "io.read_all (string; io.istream)": lambda s: decode(s.rest()),
    "io.read_all_bytes (byte[]; io.istream)": (
        lambda s: MuArray(t.array_of(t.BYTE), [wrap8(b) for b in s.rest()])
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
