"""The few words of the X protocol that hand over a picture, as bytes.

X Window System Protocol 11 (encoding, appendix B), MIT-SHM 1.2, and the format of Xauthority
files.  Everything is little-endian, which servers take from any client.  No sockets here.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = [
    "BadAnswer", "Server", "attach", "cookie", "create_gc", "display_number", "drawable_facts",
    "extension", "put", "setup", "setup_length", "setup_parsed", "shm_version",
]  # fmt: skip

SETUP_HEAD: Final = 8
PACKET: Final = 32  # bytes of an error, an event, and of a reply at least
ERROR, REPLY = 0, 1  # first byte of a packet; others are events

_COOKIE: Final = b"MIT-MAGIC-COOKIE-1"
_LOCAL, _WILD = 256, 65535  # families of an Xauthority entry
_Z_PIXMAP: Final = 2
_NO_EXPOSURES: Final = 1 << 16


class BadAnswer(Exception):
    """The server does not speak as expected, or refuses."""


@dataclass(frozen=True, slots=True)
class Server:
    """What a server says of itself: the first of our resource numbers, whether it keeps pixels
    with the lowest byte first, the masks of red, green and blue of its visuals, and the bits
    that a pixel of a depth takes."""

    base: int
    low_first: bool
    visuals: dict[int, tuple[int, int, int]]
    bits: dict[int, int]


def display_number(name: str) -> str | None:
    """The number in a DISPLAY of this machine (`:0`, `unix:0.1`); None for another's."""
    found = re.fullmatch(r"(?:unix)?:(\d{1,5})(?:\.\d+)?", name)
    return found[1] if found else None


def _entries(data: bytes) -> Iterator[tuple[int, list[bytes]]]:
    at = 0
    while at + 2 <= len(data):
        (family,) = struct.unpack_from(">H", data, at)
        at += 2
        parts = []
        for _ in range(4):
            if at + 2 > len(data):
                return
            (length,) = struct.unpack_from(">H", data, at)
            parts.append(data[at + 2 : at + 2 + length])
            at += 2 + length
        yield family, parts


def cookie(data: bytes, host: str, number: str) -> bytes:
    """The cookie of an Xauthority file for a display of *host*; empty when there is none."""
    for family, (address, display, name, secret) in _entries(data):
        mine = family == _WILD or (family == _LOCAL and address == host.encode())
        if mine and name == _COOKIE and display in (b"", number.encode()):
            return secret
    return b""


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def setup(secret: bytes) -> bytes:
    """The first bytes of a client."""
    name = _COOKIE if secret else b""
    head = struct.pack("<BxHHHHxx", ord("l"), 11, 0, len(name), len(secret))
    return head + _padded(name) + _padded(secret)


def setup_length(head: bytes) -> int:
    """Bytes that follow the SETUP_HEAD ones.  Raises BadAnswer when the server refuses."""
    if head[0] != 1:
        raise BadAnswer("the server refuses the connection")
    return int(struct.unpack_from("<H", head, 6)[0]) * 4


def setup_parsed(data: bytes) -> Server:
    """What follows the head.  Raises BadAnswer."""
    try:
        base, vendor, screens, formats, order = struct.unpack_from("<4xI8xH2xBBB", data)
        at = 32 + vendor + -vendor % 4
        bits = {}
        for _ in range(formats):
            depth, per_pixel = struct.unpack_from("<BB", data, at)
            bits[depth] = per_pixel
            at += 8
        visuals = {}
        for _ in range(screens):
            (depths,) = struct.unpack_from("<B", data, at + 39)
            at += 40
            for _ in range(depths):
                (count,) = struct.unpack_from("<H", data, at + 2)
                at += 8
                for _ in range(count):
                    number, *masks = struct.unpack_from("<I4xIII", data, at)
                    visuals[number] = (masks[0], masks[1], masks[2])
                    at += 24
    except struct.error:
        raise BadAnswer("a greeting that is too short") from None
    return Server(base, order == 0, visuals, bits)


def extension(name: bytes) -> bytes:
    """QueryExtension.  Its reply: present, major opcode, first event at bytes 8, 9, 10."""
    return struct.pack("<BxHHxx", 98, 2 + (len(name) + 3) // 4, len(name)) + _padded(name)


def drawable_facts(window: int) -> tuple[bytes, bytes]:
    """GetWindowAttributes (reply: the visual at bytes 8 to 11) and GetGeometry (the depth in
    byte 1)."""
    return struct.pack("<BxHI", 3, 2, window), struct.pack("<BxHI", 14, 2, window)


def create_gc(number: int, window: int) -> bytes:
    """CreateGC, without events for what is covered."""
    return struct.pack("<BxHIIII", 55, 5, number, window, _NO_EXPOSURES, 0)


def shm_version(opcode: int) -> bytes:
    """Its reply: major and minor version at bytes 8 and 10."""
    return struct.pack("<BBH", opcode, 0, 1)


def attach(opcode: int, segment: int) -> bytes:
    """AttachFd: goes along with the descriptor of the memory, which the server only reads."""
    return struct.pack("<BBHIB3x", opcode, 6, 3, segment, 1)


def detach(opcode: int, segment: int) -> bytes:
    return struct.pack("<BBHI", opcode, 2, 2, segment)


def put(
    opcode: int, window: int, gc: int, width: int, height: int, depth: int, segment: int,
    offset: int,
) -> bytes:  # fmt: skip
    """PutImage of a whole picture in a segment, answered by an event."""
    return struct.pack(
        "<BBHIIHHHHHHhhBBBxII", opcode, 3, 10, window, gc, width, height, 0, 0, width, height,
        0, 0, depth, _Z_PIXMAP, 1, segment, offset,
    )  # fmt: skip


def completed(packet: bytes) -> int:
    """The segment of a Completion event: the server has read what is there."""
    return int(struct.unpack_from("<I", packet, 12)[0])
