"""The boxes of QuickTime and MP4 files, as far as they tell what there is of a file: fragments
(``moof``) that follow the index, the index of these at the end (``mfra``), and where the last box
ends.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO, Final

__all__ = ["Fragments", "fragments_of"]

_HEAD: Final = 8
_LONG_HEAD: Final = 16
_MOST: Final = 1 << 18  # boxes that are looked at
_LARGEST_MOOF: Final = 16 << 20
_MEDIA: Final = (b"moof", b"mdat", b"moov")


class Fragments:
    """`samples` are those of all fragments by their tracks, `has_index` whether there is one of
    them, `cut_off` whether the file ends within what holds pictures."""

    def __init__(self) -> None:
        self.samples: dict[int, int] = {}
        self.has_index = False
        self.cut_off = False


def fragments_of(path: str) -> Fragments:
    """What the boxes of a file say.  Raises OSError."""
    made = Fragments()
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        for kind, start, end in _boxes(file, size):
            if end > size:
                made.cut_off = kind in _MEDIA
            elif kind == b"moof" and end - start <= _LARGEST_MOOF:
                file.seek(start)
                _count(file.read(end - start), made.samples)
            made.has_index |= kind == b"mfra" and end <= size
    return made


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start of the content, end of each box of a file."""
    at = 0
    for _ in range(_MOST):
        file.seek(at)
        head = file.read(_LONG_HEAD)
        if len(head) < _HEAD:
            return
        length, kind, start = int.from_bytes(head[:4], "big"), head[4:8], at + _HEAD
        if length == 1:
            length, start = int.from_bytes(head[8:16], "big"), at + _LONG_HEAD
        if length == 0:  # to the end of the file
            length = size - at
        if length < start - at:
            return
        at += length
        yield kind, start, at


def _within(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each box in another one."""
    at = 0
    while at + _HEAD <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if length < _HEAD:
            return
        yield data[at + 4 : at + 8], data[at + _HEAD : at + length]
        at += length


def _count(moof: bytes, samples: dict[int, int]) -> None:
    for kind, traf in _within(moof):
        if kind != b"traf":
            continue
        track = 0
        for inner, content in _within(traf):
            if inner == b"tfhd":
                track = int.from_bytes(content[4:8], "big")
            elif inner == b"trun":
                samples[track] = samples.get(track, 0) + int.from_bytes(content[4:8], "big")
