"""Packed tiles: pixels compressed on their way between a sender of ours and a player.

RV knows nothing of this and never gets one.  A sender that finds its link slow asks with the
event `player-pixels` (contents: the codecs it has, separated by blanks) and packs only when the
reply names codecs; RV replies to an event that it does not know with nothing.  A packed tile is

    DATAEVENT(player-pixels,*,CODEC) SIZE payload
    payload:  length of the header (2 bytes, big-endian)   bytes of a pixel (1 byte)
              the tile's header as on RV's wire, with the size of its pixels   compressed bytes

The pixels are shuffled first: the first bytes of all pixels, then the second ones, and so on, which
brings exponents, signs and constant channels together.  Codecs come from the optional packages
`lz4` and `zstandard` (`pip install rvshell[compress]`); without them nobody asks.

What comes in may be hostile: a tile of more than MAX_RAW bytes is refused by its header, memory
for the pixels is what the header says and no more, and a stream that would give more or less is an
error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, Final

from rvshell.errors import RemoteProtocolError
from rvshell.protocol import DataEvent, PixelTile, encode_data_header
from rvshell.protocol.texts import parse_data_header

__all__ = [
    "CODECS",
    "MAX_PACKED",
    "MAX_RAW",
    "PACKING_EVENT",
    "available",
    "common",
    "pack",
    "read_packed",
    "shuffled",
    "unpack",
]

PACKING_EVENT: Final = "player-pixels"

MAX_RAW: Final = 4 << 20
"""Bytes of pixels in one packed tile: bounds what one costs the far end in time and memory."""

MAX_PACKED: Final = MAX_RAW + 64 * 1024
"""Bytes of a packed tile's payload; one that did not get smaller is not sent packed."""

CODECS: Final = ("lz4", "zstd")
"""Known codecs, the quickest first."""

_PACKAGES: Final = {"lz4": "lz4.block", "zstd": "zstandard"}
_HEADER: Final = re.compile(rb"(PIXELTILE\([^ )]*\)) ([0-9]{1,10}) ")
_ZSTD_LEVEL: Final = 1

_modules: dict[str, Any] = {}


def _module(codec: str) -> Any:
    """The package of a codec, None without it."""
    if codec not in _modules:
        try:
            _modules[codec] = import_module(_PACKAGES[codec])
        except (ImportError, KeyError):
            _modules[codec] = None
    return _modules[codec]


def available() -> tuple[str, ...]:
    """The codecs whose packages are installed."""
    return tuple(codec for codec in CODECS if _module(codec) is not None)


def common(contents: str) -> tuple[str, ...]:
    """The codecs of a question, or of its reply, that this side has too."""
    words = set(contents[:200].split())
    return tuple(codec for codec in available() if codec in words)


def shuffled(pixels: bytes, pixel: int) -> bytes:
    """Byte 0 of every pixel, then byte 1 of every pixel, …"""
    return b"".join([pixels[at::pixel] for at in range(pixel)])


def _unshuffled(planes: bytes, pixel: int) -> bytearray:
    out = bytearray(len(planes))
    count = len(planes) // pixel
    view = memoryview(planes)
    for at in range(pixel):
        out[at::pixel] = view[at * count : (at + 1) * count]
    return out


def pack(codec: str, header: bytes, pixels: bytes, pixel: int) -> list[bytes] | None:
    """A packed tile's record as buffers in order; None when packing does not make it smaller.

    `header` is the tile's (`encode_tile_header`), `pixel` the bytes of a pixel, at most 255.
    `codec` must be available.
    """
    planes = shuffled(pixels, pixel)
    module = _module(codec)
    if codec == "lz4":
        packed: bytes = module.compress(planes, store_size=False)
    else:
        packed = module.ZstdCompressor(level=_ZSTD_LEVEL).compress(planes)
    size = 3 + len(header) + len(packed)
    if size > 0.9 * (len(header) + len(pixels)):
        return None
    record = encode_data_header(DataEvent(PACKING_EVENT, "*", codec, size))
    return [record + len(header).to_bytes(2, "big") + bytes([pixel]) + header, packed]


def read_packed(payload: memoryview) -> tuple[PixelTile, int, memoryview]:
    """The tile's header, the bytes of a pixel and the compressed bytes of a payload.

    Raises RemoteProtocolError when it is not well formed, or larger than MAX_RAW.
    """
    length = int.from_bytes(payload[:2], "big")
    head = bytes(payload[3 : 3 + length])
    found = _HEADER.fullmatch(head)
    if found is None or len(payload) <= 3 + length:
        raise RemoteProtocolError("a packed tile without a tile's header")
    size, pixel = int(found[2]), payload[2]
    if not 0 < size <= MAX_RAW:
        raise RemoteProtocolError(f"a packed tile of {size} bytes, {MAX_RAW} are allowed")
    if pixel == 0 or size % pixel:
        raise RemoteProtocolError(f"a packed tile of {size} bytes in pixels of {pixel}")
    tile = parse_data_header(found[1].decode("utf-8", "replace"), size)
    assert isinstance(tile, PixelTile)
    return tile, pixel, payload[3 + length :]


def _lz4(module: Any, data: memoryview, size: int) -> bytes:
    return bytes(module.decompress(data, uncompressed_size=size))


def _zstd(module: Any, data: memoryview, size: int) -> bytes:
    # without a limit of its own it would allocate whatever the frame says
    if module.frame_content_size(data) != size:
        raise ValueError("its frame is of another size")
    return bytes(module.ZstdDecompressor(max_window_size=2 * MAX_RAW).decompress(data))


_UNPACK: Final[dict[str, Callable[[Any, memoryview, int], bytes]]] = {"lz4": _lz4, "zstd": _zstd}


def _errors(codec: str, module: Any) -> Iterable[type[Exception]]:
    own = getattr(module, "LZ4BlockError" if codec == "lz4" else "ZstdError", ValueError)
    return (own, ValueError, MemoryError, OverflowError)


def unpack(codec: str, data: memoryview, size: int, pixel: int) -> bytearray:
    """The `size` bytes of pixels in compressed bytes.

    Raises RemoteProtocolError for an unknown codec, and when they are not exactly that.
    """
    module = _module(codec) if codec in _UNPACK else None
    if module is None:
        raise RemoteProtocolError(f"a tile packed with {codec[:20]!r}, which was not agreed on")
    try:
        planes = _UNPACK[codec](module, data, size)
    except tuple(_errors(codec, module)) as error:
        raise RemoteProtocolError(f"a packed tile that cannot be unpacked: {error}") from None
    if len(planes) != size:
        raise RemoteProtocolError(f"a packed tile of {len(planes)} bytes instead of {size}")
    return _unshuffled(planes, pixel)
