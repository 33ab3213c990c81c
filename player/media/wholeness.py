"""Whether a movie's file is all there: copies that broke off, transfers that still go on.

FFmpeg ends such a file as it ends any other.  What tells is the container: QuickTime's and MP4's
list where each frame lies, or end within a fragment (`boxes.py`), Matroska and AVI say at the
beginning how long they are, MXF where its footer is (0 when it was written without going back:
there the frames are counted), and a transport stream, which is as long as what is there, ends
within a packet.

No claim is made of a length alone: containers are wrong about theirs by a frame or two, or give
that of the sound.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO, Final

from player.media.boxes import fragments_of

__all__ = ["end_of_pictures", "is_cut_off", "last_whole", "nothing_from"]

_EBML: Final = b"\x1a\x45\xdf\xa3"
_SEGMENT: Final = b"\x18\x53\x80\x67"
_HEAD: Final = 4096  # bytes in which the lengths are
_RIFF_HEAD: Final = 8
_MOST_RIFFS: Final = 4096  # of a gigabyte each
_MXF_HEAD: Final = bytes.fromhex("060e2b34020501010d0102010102")  # of its first partition
_MXF_KEY: Final = 16
_MXF_PACK: Final = bytes.fromhex("060e2b34020501010d01020101")  # of any partition
_MXF_FILL: Final = bytes.fromhex("060e2b34010101020301021001")
_FOOTER_AT: Final = 24  # bytes into the value of a partition pack,
_COUNTS_AT: Final = 32  # and how many bytes of metadata and of index follow it
_PACKETS: Final = (
    (188, 0),
    (192, 4),
    (204, 0),
)  # size, and the sync's place
_SYNC: Final = 0x47
_LOOKED_AT: Final = 64  # frames at the end of an index


def _number(data: bytes, at: int) -> tuple[int, int]:
    """(value, place behind it) of one of Matroska's lengths; -1 when it is left open."""
    first = data[at]
    width = 9 - first.bit_length()
    value = int.from_bytes(data[at : at + width], "big") & ((1 << 7 * width) - 1)
    return (-1 if value == (1 << 7 * width) - 1 else value), at + width


def _said_end(data: bytes) -> int:
    """Where the file should end by its beginning, 0 when that does not say it."""
    if data[:4] == _EBML:
        length, at = _number(data, 4)
        at += length
        if length >= 0 and data[at : at + 4] == _SEGMENT:
            length, at = _number(data, at + 4)
            return at + length if length > 0 else 0
    return 0


def _value_at(data: bytes) -> tuple[int, int]:
    """Where the value of an MXF item begins that *data* begins with, and ends."""
    width = data[_MXF_KEY] & 0x7F if data[_MXF_KEY] & 0x80 else 0
    start = _MXF_KEY + 1 + width
    length = int.from_bytes(data[_MXF_KEY + 1 : start], "big") if width else data[_MXF_KEY]
    return start, start + length


def _footer_of(file: BinaryIO, size: int) -> tuple[int, bool] | None:
    """Where the footer of an MXF file begins and whether it is all there; None when the file has no
    header that says it."""
    file.seek(0)
    head = file.read(_HEAD)
    if not head.startswith(_MXF_HEAD):
        return None
    at = _value_at(head)[0] + _FOOTER_AT
    footer = int.from_bytes(head[at : at + 8], "big")
    if not footer:
        return None
    file.seek(min(footer, size))
    data = file.read(_HEAD)
    if data[: len(_MXF_PACK)] != _MXF_PACK[: len(data)]:
        return None  # it is somewhere else
    with suppress(IndexError):
        start, end = _value_at(data)
        at = start + _COUNTS_AT
        counts = [int.from_bytes(data[n : n + 8], "big") for n in (at, at + 8)]
        if end <= len(data):
            if data[end : end + len(_MXF_FILL)] == _MXF_FILL:
                end += _value_at(data[end:])[1]
            return footer, footer + end + sum(counts) <= size
    return footer, False


def end_of_pictures(path: str) -> int:
    """Of a local MXF file that ends within its footer, which FFmpeg then does not open, or takes
    for pictures: where the footer begins; 0 for all others."""
    with suppress(OSError, IndexError, ValueError), open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        found = _footer_of(file, size)
        if found is not None and not found[1] and found[0] < size:
            return found[0]
    return 0


def _riff_end(file: BinaryIO, size: int) -> int:
    """Where an AVI file should end: each gigabyte or so is a RIFF of its own."""
    at = 0
    for _ in range(_MOST_RIFFS):
        file.seek(at)
        head = file.read(_RIFF_HEAD)
        if head[:4] != b"RIFF" or len(head) < _RIFF_HEAD:
            break
        at += _RIFF_HEAD + int.from_bytes(head[4:], "little")
        if at >= size:
            break
    return at


def _ends_in_a_packet(data: bytes, size: int) -> bool:
    """Whether a transport stream does, by its first packets."""
    for length, sync in _PACKETS:
        found = data[sync::length]
        if len(found) > 1 and set(found) == {_SYNC}:
            return size % length != 0
    return False


def is_cut_off(path: str, stream: Any) -> bool:
    """Whether the local file ends before its frames do; False when it does not tell."""
    with suppress(OSError, IndexError, AttributeError):
        size = os.path.getsize(path)
        kind = stream.container.format.name
        with open(path, "rb") as file:
            head = file.read(_HEAD)
            if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
                return _riff_end(file, size) > size
            found = _footer_of(file, size)
        if kind == "mpegts":
            return _ends_in_a_packet(head, size)
        if found is not None:
            return not found[1]
        said = _said_end(head)
        if said:
            return said > size
        if "mp4" in kind:
            boxes = fragments_of(path)
            if boxes.samples:
                return boxes.cut_off
            entries = stream.index_entries
            last = range(max(0, len(entries) - _LOOKED_AT), len(entries))
            return any(entries[n].pos + entries[n].size > size for n in last)
    return False


def nothing_from(path: str, first: int, last: int) -> Callable[[int], int]:
    """Of a file that is cut off, in which *last* was found when *first* was looked for: which frame
    there is for an index, as long as the file does not grow.  Nothing is said of those between."""
    size = _size(path)

    def nearest(index: int) -> int:
        return last if index >= first and _size(path) == size else index

    return nearest


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return -1


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
            return min(index, there[-1]) if _size(path) == size else index

        return nearest
    return None
