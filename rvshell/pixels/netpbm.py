"""Netpbm pictures of a stream: PGM and PPM (P5, P6, and P2, P3 in plain text), PAM (P7) and PFM.

Up to 8 bits become uint8, more uint16, scaled to all of its range; PFM stays float.  Grey becomes
RGB.
"""

from __future__ import annotations

from itertools import islice
from re import finditer
from typing import Any, Final

import numpy as np

from rvshell.errors import MediaError
from rvshell.pixels.arrays import Pixels
from rvshell.pixels.streams import Source

__all__ = ["is_plain", "read_netpbm"]

_MAX_HEADER: Final = 1000  # bytes, comments and all
_MAX_WORD: Final = 100  # bytes of a number in plain text
_CHANNELS: Final = {b"P2": 1, b"P5": 1, b"Pf": 1, b"P3": 3, b"P6": 3, b"PF": 3}


def is_plain(start: bytes) -> bool:
    """Is it in plain text, behind which there may be white space?"""
    return start[:2] in (b"P2", b"P3")


def read_netpbm(stream: Source, start: bytes) -> Pixels:
    """(height, width, 3 or 4) from the top; `start` are its bytes so far.  Raises MediaError."""
    stream.unread(start[2:])
    magic = start[:2]
    what = "a PFM" if magic in (b"PF", b"Pf") else "a PAM" if magic == b"P7" else "a PNM"
    header = _Header(stream, what)
    words = header.fields() if magic == b"P7" else [header.word() for _ in range(3)]
    try:
        width, height, last = int(words[0]), int(words[1]), float(words[2])
        channels = _CHANNELS.get(magic) or int(words[3])
        if what != "a PFM" and not (0 < last < 65536 and last == int(last)):
            raise ValueError
    except ValueError:
        raise MediaError(f"the stream is broken: {what} header of {words}") from None
    if not (0 < width < 1 << 17 and 0 < height < 1 << 17):
        raise MediaError(f"the stream is broken: a picture of {width} x {height}")
    if not 1 <= channels <= 4:
        raise MediaError(f"{what} of {channels} channels cannot be shown", hint="1 to 4 can")
    dtype: np.dtype[Any]
    if what == "a PFM":
        dtype = np.dtype("<f4" if last < 0 else ">f4")
    else:
        dtype = np.dtype(np.uint8 if last < 256 else ">u2")
    count = width * height * channels
    if is_plain(start):
        pixels = _plain(stream, count, int(last), what)
    else:
        pixels = np.frombuffer(stream.exact(count * dtype.itemsize, what), dtype)
    pixels = pixels.reshape(height, width, channels).astype(dtype.newbyteorder("="))
    if what == "a PFM":
        pixels = pixels[::-1]  # the format runs upward
    elif last not in (255, 65535):
        full = 255 if last < 256 else 65535
        pixels = np.minimum(pixels * (full / last) + 0.5, full).astype(pixels.dtype)
    if channels < 3:
        pixels = pixels[:, :, [0, 0, 0, 1][: channels + 2]]
    return pixels


class _Header:
    """Reads a header, byte by byte: what comes behind it is pixels."""

    def __init__(self, stream: Source, what: str) -> None:
        self._stream, self._what, self._left = stream, what, _MAX_HEADER

    def _char(self) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise MediaError(f"the stream is broken: {self._what} header without end")
        return self._stream.exact(1, self._what)

    def _line(self) -> bytes:
        line = b""
        while (char := self._char()) != b"\n":
            line += char
        return line

    def word(self) -> bytes:
        """The next word and one white space; comments are skipped."""
        word = b""
        while True:
            char = self._char()
            if char == b"#" and not word:
                self._line()
            elif not char.isspace():
                word += char
            elif word:
                return word

    def fields(self) -> list[bytes]:
        """Width, height, largest value and depth of a PAM."""
        found: dict[bytes, bytes] = {}
        while (line := self._line().strip()) != b"ENDHDR":
            key, _, value = line.partition(b" ")
            if not key.startswith(b"#"):
                found[key] = value.strip()
        return [found.get(key, b"") for key in (b"WIDTH", b"HEIGHT", b"MAXVAL", b"DEPTH")]


def _plain(stream: Source, count: int, last: int, what: str) -> Pixels:
    """*count* numbers of at most *last*; nothing behind them is taken."""
    parts: list[Pixels] = []
    rest = b""
    while count:
        piece = stream.some()
        text = rest + piece
        end = max(text.rfind(space) for space in (b" ", b"\n", b"\t", b"\r")) + 1
        if not piece:
            end = len(text)
        words = text[:end].split()
        rest = text[end:]
        if len(words) > count:  # the next picture begins in it
            after = next(islice(finditer(rb"\S+", text), count, None)).start()
            words, rest = words[:count], text[after:]
        elif not (piece or words) or len(rest) > _MAX_WORD:
            raise MediaError(f"the stream ends in the middle of {what}" if not piece else _BROKEN)
        try:
            numbers = np.array(words or [b"0"]).astype(np.int64)[: len(words)]
        except (ValueError, OverflowError):
            raise MediaError(_BROKEN) from None
        if (numbers < 0).any() or (numbers > last).any():
            raise MediaError(_BROKEN)
        parts.append(numbers)
        count -= len(words)
    stream.unread(rest)
    return np.concatenate(parts)


_BROKEN: Final = "the stream is broken: a PNM of text with something else than its numbers"
