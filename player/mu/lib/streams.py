"""Module ``io``: streams over files and strings.

A file that cannot be opened gives a stream that is not open and reads as empty, as in C++.
Opening asks the context for permission. Text is UTF-8; what is no UTF-8 survives a round trip.
"""

from __future__ import annotations

import os
from typing import Any, Final

from player.mu.values import Context, needs_context, throw

__all__ = ["STREAMS", "Stream"]

_LIMIT: Final = 1 << 28
"""Bytes of a file that are read; RV has no limit."""
_APPEND: Final = 1


class Stream:
    """A stream of bytes: all of what is read is in memory, what is written goes to the file."""

    def __init__(self, data: bytes = b"", file: Any = None, open: bool = True) -> None:
        self.data = data
        self.at = 0
        self.file = file
        self.open = open
        self.written: list[str] = []

    def rest(self) -> bytes:
        """Everything that was not read yet."""
        found, self.at = self.data[self.at :], len(self.data)
        return found

    def until(self, end: bytes) -> bytes:
        """What comes before a byte, which is read too."""
        stop = self.data.find(end, self.at)
        if stop < 0:
            return self.rest()
        found, self.at = self.data[self.at : stop], stop + len(end)
        return found

    def word(self) -> str:
        """The next word between blanks, "" at the end."""
        data, at = self.data, self.at
        while at < len(data) and data[at : at + 1].isspace():
            at += 1
        start = at
        while at < len(data) and not data[at : at + 1].isspace():
            at += 1
        self.at = at
        return _text(data[start:at])

    def put(self, text: str) -> None:
        """Write a text."""
        if self.file is not None:
            self.file.write(text.encode("utf-8", "surrogateescape"))
        else:
            self.written.append(text)

    def close(self) -> None:
        """Close the file; closing twice is no matter."""
        self.open = False
        if self.file is not None:
            self.file.close()

    def __repr__(self) -> str:
        return "<#io.stream>"


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _given(text: str | None) -> str:
    if text is None:
        throw("nil argument to function")
    return text


@needs_context
def _reading(context: Context, path: str, *mode: int) -> Stream:
    context.permit("read a file", _given(path))
    try:
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_size > _LIMIT:
                throw(f"{path} is larger than {_LIMIT} bytes")
            return Stream(file.read(_LIMIT))
    except (OSError, ValueError):
        return Stream(open=False)


@needs_context
def _writing(context: Context, path: str, *mode: int) -> Stream:
    context.permit("write a file", _given(path))
    append = bool(mode and mode[0] & _APPEND)
    try:
        return Stream(file=open(path, "ab" if append else "wb", buffering=0))
    except (OSError, ValueError):
        return Stream(open=False)


@needs_context
def _reopen(context: Context, stream: Stream, path: str, mode: int) -> None:
    made = _reading(context, path)
    stream.data, stream.at, stream.open = made.data, 0, made.open


@needs_context
def _print(context: Context, stream: Stream, value: Any) -> Stream:
    if value is None:
        throw("nil argument to function")
    if isinstance(value, bool):
        text = "1" if value else "0"
    elif isinstance(value, float):
        text = f"{value:g}"
    else:
        text = value if isinstance(value, str) else str(value)
    if stream is _OUT:
        context.output(text)
    elif stream.open:
        stream.put(text)
    return stream


@needs_context
def _endl(context: Context, stream: Stream) -> Stream:
    if stream is _OUT:
        context.output("\n")
    elif stream.open:
        stream.put("\n")
    return stream


def _number(stream: Stream, make: Any) -> Any:
    try:
        return make(stream.word())
    except ValueError:
        return make(0)


_OUT: Final = Stream()
_IN: Final = "io.istream"
_TO: Final = "io.ostream"

STREAMS: Final[dict[str, Any]] = {
    "io.ifstream (io.ifstream;)": lambda: Stream(open=False),
    "io.ifstream (io.ifstream; string)": _reading,
    "io.ifstream (io.ifstream; string, int)": _reading,
    "io.ifstream.open (void; io.ifstream, string, int)": _reopen,
    "io.ofstream (io.ofstream;)": lambda: Stream(open=False),
    "io.ofstream (io.ofstream; string)": _writing,
    "io.ofstream (io.ofstream; string, int)": _writing,
    "io.isstream (io.isstream; string)": lambda text: Stream(
        _given(text).encode("utf-8", "surrogateescape")
    ),
    "io.osstream (io.osstream;)": Stream,
    # string(nil) means this one, and is nil
    "string (string; io.osstream)": lambda stream: (
        None if stream is None else "".join(stream.written)
    ),
    "io.out (io.ostream;)": lambda: _OUT,
    "io.err (io.ostream;)": lambda: _OUT,
    "io.endl (io.ostream; io.ostream)": _endl,
    "io.flush (io.ostream; io.ostream)": lambda stream: stream,
    **{
        f"io.{name}.{what} ({result}; io.{name})": call
        for name in ("ifstream", "ofstream")
        for what, result, call in (
            ("close", "void", Stream.close),
            ("is_open", "bool", lambda stream: stream.open),
        )
    },
    **{
        f"io.print (io.ostream; io.ostream, {kind})": _print
        for kind in ("string", "char", "byte", "bool", "double", "float", "int")
    },
    f"io.read_all (string; {_IN})": lambda stream: _text(stream.rest()),
    f"io.read_line (string; {_IN}, char)": lambda stream, end: _text(
        stream.until(end.encode("utf-8") if isinstance(end, str) else bytes([end & 0xFF]))
    ),
    f"io.read_int (int; {_IN})": lambda stream: _number(stream, int),
    f"io.read_float (float; {_IN})": lambda stream: _number(stream, float),
    f"io.read_double (double; {_IN})": lambda stream: _number(stream, float),
    f"io.istream.in_avail (int; {_IN})": lambda stream: len(stream.data) - stream.at,
    f"io.istream.tellg (int; {_IN})": lambda stream: stream.at,
}
