"""Whether a movie's file is all there: copies that broke off, transfers that still go on.

FFmpeg ends such a file as it ends any other.  What tells is the container: QuickTime's and MP4's
list where each frame lies, Matroska and AVI say at the beginning how long they are.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

__all__ = ["is_cut_off", "last_whole"]

_EBML: Final = b"\x1a\x45\xdf\xa3"
_SEGMENT: Final = b"\x18\x53\x80\x67"
_HEAD: Final = 4096  # bytes in which the lengths are
_AVI_HEAD: Final = 8
_LOOKED_AT: Final = 64  # frames at the end of an index


def _number(data: bytes, at: int) -> tuple[int, int]:
    """(value, place behind it) of one of Matroska's lengths; -1 when it is left open."""
    first = data[at]
    width = 9 - first.bit_length()
    value = int.from_bytes(data[at : at + width], "big") & ((1 << 7 * width) - 1)
    return (-1 if value == (1 << 7 * width) - 1 else value), at + width


def _said_end(data: bytes) -> int:
    """Where the file should end by its beginning, 0 when that does not say it."""
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return _AVI_HEAD + int.from_bytes(data[4:8], "little")
    if data[:4] == _EBML:
        length, at = _number(data, 4)
        at += length
        if length >= 0 and data[at : at + 4] == _SEGMENT:
            length, at = _number(data, at + 4)
            return at + length if length > 0 else 0
    return 0


def is_cut_off(path: str, stream: Any) -> bool:
    """Whether the local file ends before its frames do; False when it does not tell."""
    with suppress(OSError, IndexError, AttributeError):
        size = os.path.getsize(path)
        with open(path, "rb") as file:
            said = _said_end(file.read(_HEAD))
        if said:
            return said > size
        if "mp4" in stream.container.format.name:
            entries = stream.index_entries
            last = range(max(0, len(entries) - _LOOKED_AT), len(entries))
            return any(entries[n].pos + entries[n].size > size for n in last)
    return False


def last_whole(path: str, stream: Any) -> Callable[[int], int] | None:
    """Of a file that is cut off and whose frames stand alone: which frame there is for an index,
    itself or the last one, as long as the file does not grow.  None when its container does not
    list them."""
    with suppress(OSError, AttributeError):
        size = os.path.getsize(path)
        ends = [entry.pos + entry.size for entry in stream.index_entries]
        there = [n for n, end in enumerate(ends) if end <= size]
        if not there or len(ends) != stream.frames:
            return None

        def nearest(index: int) -> int:
            try:
                return min(index, there[-1]) if os.path.getsize(path) == size else index
            except OSError:
                return index

        return nearest
    return None
