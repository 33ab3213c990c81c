"""tev's packets, sans I/O.

A packet is `<u32 length of all of it> <u8 type> …`, little endian, strings ended by NUL, booleans
one byte, nothing answered.  All versions of each type are understood: a renderer keeps the one
it was written with.

    0 OpenImage v1   focus, path[:channels]                 7 v2: focus, path, channels
    1 ReloadImage    focus, name
    2 CloseImage     name
    3 UpdateImage v1 focus, name, channel, x, y, w, h, planar floats of one channel
    4 CreateImage    focus, name, w, h, n, n names
    5 UpdateImage v2 focus, name, n, n names, x, y, w, h, planar floats channel after channel
    6 UpdateImage v3 the same with n offsets and n strides (i64, in floats) before the floats
    8 VectorGraphics focus, name, append, count, commands

(Source: the protocol as the `tevclient` package and pbrt-v4's display server write it.)
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, TypeAlias

__all__ = [
    "CloseImage",
    "CreateImage",
    "MAX_PACKET",
    "OpenImage",
    "Packet",
    "PacketError",
    "ReloadImage",
    "UpdateImage",
    "VectorGraphics",
    "parse",
    "size_of",
]

MAX_PACKET: Final = 1 << 29
"""Bytes of one packet.  Senders cut images into tiles of 128 x 128; a whole float RGBA image of
5,792 x 5,792 fits, and the first word of an HTTP request, read as a length, does not."""

MAX_CHANNELS: Final = 1024
MAX_STRING: Final = 4096
MAX_SIDE: Final = 1 << 17


class PacketError(ValueError):
    """Bytes that are no packet of tev; one line says why."""


@dataclass(frozen=True, slots=True)
class OpenImage:
    """Load a file of the viewer's machine; `channels` selects a layer, or is empty."""

    path: str
    channels: str = ""
    focus: bool = True


@dataclass(frozen=True, slots=True)
class ReloadImage:
    """Read the file of an image again."""

    name: str
    focus: bool = True


@dataclass(frozen=True, slots=True)
class CloseImage:
    """Forget an image."""

    name: str


@dataclass(frozen=True, slots=True)
class CreateImage:
    """A blank image of float channels."""

    name: str
    width: int
    height: int
    channels: tuple[str, ...]
    focus: bool = True


@dataclass(frozen=True, slots=True)
class UpdateImage:
    """Pixels of a rectangle, `x`, `y` from the upper left corner, rows from the top.

    Value i of channel c is float number `offsets[c] + i * strides[c]` of `data`.
    """

    name: str
    channels: tuple[str, ...]
    x: int
    y: int
    width: int
    height: int
    offsets: tuple[int, ...]
    strides: tuple[int, ...]
    data: memoryview
    focus: bool = False


@dataclass(frozen=True, slots=True)
class VectorGraphics:
    """Lines and text over an image: `count` drawing commands, not taken apart."""

    name: str
    count: int
    append: bool = False
    focus: bool = False


Packet: TypeAlias = (
    OpenImage | ReloadImage | CloseImage | CreateImage | UpdateImage | VectorGraphics
)


def size_of(head: bytes) -> int:
    """The length of the packet whose first four bytes these are.  Raises PacketError."""
    size = int(struct.unpack("<I", head)[0])
    if not 5 <= size <= MAX_PACKET:
        raise PacketError(f"a packet of {size} bytes: this is not tev's protocol")
    return size


class _Reader:
    """Takes values off the front of a packet."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._at = 0

    def number(self, kind: str) -> int:
        size = struct.calcsize("<" + kind)
        if self._at + size > len(self._data):
            raise PacketError("a packet that ends too early")
        value: int = struct.unpack_from("<" + kind, self._data, self._at)[0]
        self._at += size
        return value

    def numbers(self, kind: str, count: int) -> tuple[int, ...]:
        return tuple(self.number(kind) for _ in range(count))

    def flag(self) -> bool:
        return self.number("B") != 0

    def string(self) -> str:
        window = bytes(self._data[self._at : self._at + MAX_STRING])
        end = window.find(b"\0")
        if end < 0:
            raise PacketError("a text without an end")
        self._at += end + 1
        return window[:end].decode("utf-8", "replace")

    def names(self) -> tuple[str, ...]:
        count = self.number("i")
        if not 1 <= count <= MAX_CHANNELS:
            raise PacketError(f"an image of {count} channels")
        return tuple(self.string() for _ in range(count))

    def rest(self) -> memoryview:
        return self._data[self._at :]


def parse(data: memoryview) -> Packet:
    """A packet without its length: type and all that follows.  Raises PacketError."""
    reader = _Reader(data)
    kind = reader.number("B")
    if kind in (0, 7):
        focus, path = reader.flag(), reader.string()
        if kind == 7:
            return OpenImage(path, reader.string(), focus)
        head, colon, tail = path.rpartition(":")
        if not colon or (len(head) == 1 and tail[:1] in ("/", "\\")):  # C:/ is a drive
            return OpenImage(path, "", focus)
        return OpenImage(head, tail, focus)
    if kind == 1:
        return ReloadImage(focus=reader.flag(), name=reader.string())
    if kind == 2:
        return CloseImage(reader.string())
    if kind == 4:
        focus, name = reader.flag(), reader.string()
        width, height = reader.numbers("i", 2)
        _check_size(width, height)
        return CreateImage(name, width, height, reader.names(), focus)
    if kind in (3, 5, 6):
        return _update(reader, kind)
    if kind == 8:
        focus, name, append = reader.flag(), reader.string(), reader.flag()
        return VectorGraphics(name, reader.number("i"), append, focus)
    raise PacketError(f"a packet of type {kind}: this is not tev's protocol")


def _update(reader: _Reader, kind: int) -> UpdateImage:
    focus, name = reader.flag(), reader.string()
    channels = reader.names() if kind > 3 else (reader.string(),)
    x, y, width, height = reader.numbers("i", 4)
    _check_size(width, height)
    count, pixels = len(channels), width * height
    if kind == 6:
        offsets, strides = reader.numbers("q", count), reader.numbers("q", count)
    else:
        offsets, strides = tuple(pixels * i for i in range(count)), (1,) * count
    data = reader.rest()
    for offset, stride in zip(offsets, strides, strict=True):
        last = offset + (pixels - 1) * stride
        if offset < 0 or stride < 0 or (last + 1) * 4 > len(data):
            raise PacketError(f"an update of {width} x {height} with too few values")
    return UpdateImage(name, channels, x, y, width, height, offsets, strides, data, focus)


def _check_size(width: int, height: int) -> None:
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise PacketError(f"an image of {width} x {height} pixels")
