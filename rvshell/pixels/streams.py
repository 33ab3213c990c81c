"""Where one picture of a stream ends and the next begins.

`ffmpeg -f image2pipe`, `cat *.exr` and renderers write pictures one after the other.  Most
formats do not say their length in front, so it is found by walking through their structure;
nothing is decoded here and nothing but that one picture is kept.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import BinaryIO, Final

from rvshell.errors import MediaError

__all__ = ["MAX_PICTURE", "WALKERS", "Source", "kind_of"]

MAX_PICTURE: Final = 2**31 - 1
"""Bytes of one picture; no real one is larger, and a broken length must not eat the memory."""

PNG: Final = b"\x89PNG\r\n\x1a\n"
EXR: Final = b"\x76\x2f\x31\x01"
JPEG: Final = b"\xff\xd8\xff"
Y4M: Final = b"YUV4MPEG2"


class Source:
    """A binary stream (buffered) into which bytes that were read too far can be put back."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._back = b""

    def unread(self, data: bytes) -> None:
        """These bytes come first again."""
        self._back = data + self._back

    def read(self, size: int) -> bytes:
        """At most *size* bytes, b"" at the end only."""
        if self._back:
            data, self._back = self._back[:size], self._back[size:]
            return data
        return self._stream.read(size)

    def some(self) -> bytes:
        """What is there, up to 64 KiB; waits for the first byte; b"" at the end only."""
        if self._back:
            data, self._back = self._back, b""
            return data
        read1 = getattr(self._stream, "read1", self._stream.read)
        found: bytes = read1(65536)
        return found

    def read_into(self, memory: memoryview) -> int:
        """Fill *memory*; the number of bytes there were."""
        have = 0
        while have < len(memory):
            data = self.read(min(len(memory) - have, 1 << 20))
            if not data:
                break
            memory[have : have + len(data)] = data
            have += len(data)
        return have

    def exact(self, size: int, what: str) -> bytes:
        """*size* bytes.  Raises MediaError when the stream ends before, or the size is absurd."""
        if not 0 <= size <= MAX_PICTURE:
            raise MediaError(f"the stream is broken: {what} of {size} bytes")
        data = bytearray()
        while len(data) < size:
            piece = self.read(min(size - len(data), 1 << 24))
            if not piece:
                raise MediaError(f"the stream ends in the middle of {what}")
            data += piece
        return bytes(data)


def kind_of(start: bytes) -> str:
    """png, exr, jpg, pnm (PAM and PFM too) or y4m by the first 9 bytes; "" for none of them."""
    if start.startswith(PNG):
        return "png"
    if start.startswith(EXR):
        return "exr"
    if start.startswith(JPEG):
        return "jpg"
    if start.startswith(Y4M):
        return "y4m"
    if start[:1] == b"P" and start[1:2] in b"23567Ff" and start[2:3].isspace():
        return "pnm"
    return ""


def png(stream: Source, start: bytes) -> bytes:
    """A PNG: chunks up to IEND."""
    out = bytearray(start)
    at = 8
    while True:
        if len(out) < at + 8:
            out += stream.exact(at + 8 - len(out), "a PNG")
        length, word = struct.unpack_from(">I4s", out, at)
        at += 12 + length
        out += stream.exact(at - len(out), "a PNG")
        if word == b"IEND":
            return bytes(out)


def jpg(stream: Source, start: bytes) -> bytes:
    """A JPEG: segments, and entropy-coded data up to the next real marker."""
    out = bytearray(start)
    at = 2

    def need(count: int) -> None:
        while len(out) < count:
            piece = stream.some()
            if not piece:
                raise MediaError("the stream ends in the middle of a JPEG")
            out.extend(piece)

    while True:
        need(at + 2)
        if out[at] != 0xFF:
            raise MediaError("the stream is broken: a JPEG without a marker where one must be")
        marker = out[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
        elif marker == 0xD9:
            stream.unread(bytes(out[at + 2 :]))
            return bytes(out[: at + 2])
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:
            at += 2
        else:
            need(at + 4)
            at += 2 + int(struct.unpack_from(">H", out, at + 2)[0])
            if marker == 0xDA:
                at = _scan(out, at, need)


def _scan(out: bytearray, at: int, need: Callable[[int], None]) -> int:
    """The end of entropy-coded data: the next FF that is neither stuffed nor a restart."""
    while True:
        found = out.find(b"\xff", at)
        if found < 0:
            at = len(out)
            need(at + 1)
            continue
        need(found + 2)
        if out[found + 1] == 0 or 0xD0 <= out[found + 1] <= 0xD7:
            at = found + 2
            continue
        return found


# -- OpenEXR ---------------------------------------------------------------------------------

_LINES: Final = {0: 1, 1: 1, 2: 1, 3: 16, 4: 32, 5: 16, 6: 32, 7: 32, 8: 32, 9: 256}


def exr(stream: Source, start: bytes) -> bytes:
    """An OpenEXR file: headers, tables of chunks, and the chunks up to the last of them."""
    out = bytearray(start)

    def need(count: int) -> None:
        if len(out) < count:
            out.extend(stream.exact(count - len(out), "an EXR"))

    need(8)
    flags = struct.unpack_from("<I", out, 4)[0]
    multi_part, deep = bool(flags & 0x1000), bool(flags & 0x800)
    at, counts, kinds = 8, [], []
    while True:
        need(at + 1)
        if out[at] == 0:
            at += 1
            if not multi_part:
                break
            need(at + 1)
            if out[at] == 0:
                at += 1
                break
            continue
        attributes, at = _attributes(out, at, need)
        counts.append(_chunks(attributes))
        kinds.append(attributes.get(b"type", b"").rstrip(b"\0"))
        if not multi_part:
            at += 1
            break
    total = sum(counts)
    need(at + 8 * total)
    offsets = struct.unpack_from(f"<{total}Q", out, at)
    last = max(offsets, default=0)
    if last == 0:
        raise MediaError("the EXR in the stream has no table of chunks: it was never finished")
    head = last + (4 if multi_part else 0)
    need(head)
    part = struct.unpack_from("<I", out, last)[0] if multi_part else 0
    kind = kinds[part] if part < len(kinds) else b""
    tiled = bool(flags & 0x200) or b"tile" in kind
    head += 16 if tiled else 4
    if deep or kind.startswith(b"deep"):
        need(head + 24)
        table, samples = struct.unpack_from("<QQ", out, head)
        need(head + 24 + table + samples)
    else:
        need(head + 4)
        need(head + 4 + struct.unpack_from("<I", out, head)[0])
    return bytes(out)


def _attributes(
    out: bytearray, at: int, need: Callable[[int], None]
) -> tuple[dict[bytes, bytes], int]:
    """One header's attributes by name; the position of its terminating zero."""
    found: dict[bytes, bytes] = {}
    while True:
        need(at + 1)
        if out[at] == 0:
            return found, at
        words = []
        for _ in range(2):
            end = at
            while True:
                need(end + 1)
                if out[end] == 0:
                    break
                end += 1
                if end - at > 255:
                    raise MediaError("the stream is broken: an EXR attribute without an end")
            words.append(bytes(out[at:end]))
            at = end + 1
        need(at + 4)
        size = struct.unpack_from("<I", out, at)[0]
        need(at + 4 + size)
        found[words[0]] = bytes(out[at + 4 : at + 4 + size])
        at += 4 + size


def _chunks(attributes: dict[bytes, bytes]) -> int:
    """The number of chunks of a part."""
    try:
        if b"chunkCount" in attributes:
            return int(struct.unpack("<i", attributes[b"chunkCount"])[0])
        x0, y0, x1, y1 = struct.unpack("<4i", attributes[b"dataWindow"])
        width, height = x1 - x0 + 1, y1 - y0 + 1
        if b"tiles" in attributes:
            tile_w, tile_h, mode = struct.unpack("<IIB", attributes[b"tiles"])
            return _tiles(width, height, tile_w, tile_h, mode & 0xF, mode >> 4)
        lines = _LINES[attributes[b"compression"][0]]
        return int(-(-height // lines))
    except (KeyError, IndexError, struct.error, ZeroDivisionError):
        raise MediaError("the stream is broken: an EXR header that cannot be read") from None


def _tiles(width: int, height: int, tile_w: int, tile_h: int, levels: int, up: int) -> int:
    def count(w: int, h: int) -> int:
        return int(-(-w // tile_w) * -(-h // tile_h))

    def sizes(full: int) -> list[int]:
        out = []
        while True:
            out.append(max(1, full))
            if full <= 1:
                return out
            full = -(-full // 2) if up else full // 2

    if levels == 0:
        return count(width, height)
    if levels == 1:
        n = len(sizes(max(width, height)))
        ws, hs = sizes(width), sizes(height)
        ws += [1] * (n - len(ws))
        hs += [1] * (n - len(hs))
        return sum(count(w, h) for w, h in zip(ws, hs, strict=True))
    return sum(count(w, h) for w in sizes(width) for h in sizes(height))


WALKERS: Final[dict[str, Callable[[Source, bytes], bytes]]] = {"png": png, "jpg": jpg, "exr": exr}
"""kind -> a function that reads the rest of one picture; `start` are its bytes so far."""
