"""Pictures from a pipe: raw frames of a given geometry, or a stream of PNG, JPEG, EXR, PPM, PFM
or YUV4MPEG2, recognised by their first bytes.

Raw frames are rows from the top, components interleaved, little endian: what
`ffmpeg -f rawvideo -pix_fmt rgba` writes.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import numpy as np

from rvshell.errors import MediaError, UsageError
from rvshell.pixels.arrays import Pixels
from rvshell.pixels.files import ImageFile
from rvshell.pixels.spec import DTYPES
from rvshell.pixels.streams import WALKERS, Source, kind_of
from rvshell.pixels.y4m import read_y4m

__all__ = ["Geometry", "Picture", "read_pictures"]

_PEEK: Final = 9  # bytes that tell all kinds apart
_MAX_HEADER: Final = 1000  # bytes of a PPM header, comments and all


@dataclass(frozen=True, slots=True)
class Geometry:
    """Of raw frames: width, height, channels (1 to 4), dtype (uint8, uint16, half, float)."""

    width: int
    height: int
    channels: int = 4
    dtype: str = "uint8"


@dataclass(slots=True)
class Picture:
    """One picture of a stream: (view, layer, pixels) planes and its shape at the far end.

    `pixels` are (height, width, channels), top row first, of `dtype`.
    """

    planes: list[tuple[str, str, Pixels]]
    dtype: str
    width: int
    height: int
    window: tuple[int, int, int, int] | None = None
    pixel_aspect: float = 1.0
    fps: float = 0.0  # 0: not said

    @property
    def channels(self) -> int:
        """Channels of every plane."""
        return int(self.planes[0][2].shape[2])


def read_pictures(stream: BinaryIO, geometry: Geometry | None) -> Iterator[Picture]:
    """The pictures of a stream, one at a time; raw frames with *geometry*.

    Raises MediaError: not a known kind, or broken, or it ends in the middle of a picture.
    """
    source = Source(stream)
    if geometry is not None:
        yield from _raw(source, geometry)
        return
    start = source.read(_PEEK)
    if not start:
        raise MediaError("nothing came through the pipe")
    while start:
        kind = kind_of(start)
        if kind == "y4m":
            for pixels, dtype, aspect, fps in read_y4m(source, start):
                height, width = pixels.shape[:2]
                yield Picture([("", "", pixels)], dtype, width, height, None, aspect, fps)
            return
        if kind in ("pnm", "pfm"):
            yield _netpbm(source, start, kind)
        elif kind:
            yield _decoded(WALKERS[kind](source, start), kind)
        else:
            raise MediaError(
                f"the pipe does not hold pictures: it begins with {start!r}",
                hint="PNG, JPEG, EXR, PPM, PFM and Y4M do; raw frames need their geometry: "
                "--size 1920x1080 --channels 4 --dtype uint8",
            )
        start = source.read(_PEEK)


def _raw(stream: Source, g: Geometry) -> Iterator[Picture]:
    if not 1 <= g.channels <= 4 or g.dtype not in DTYPES:
        raise UsageError(
            f"raw frames of {g.channels} channels of {g.dtype!r} are not possible",
            hint=f"1 to 4 channels of {', '.join(DTYPES)}",
        )
    dtype = np.dtype(DTYPES[g.dtype][2])
    size = g.width * g.height * g.channels * dtype.itemsize
    seen = 0
    while True:
        data = np.empty(size, np.uint8)
        have = stream.read_into(data.data)
        if have == 0:
            if not seen:
                raise MediaError("nothing came through the pipe")
            return
        if have < size:
            raise MediaError(
                f"frame {seen + 1} has {have} bytes where {size} are needed",
                hint="do --size, --channels and --dtype fit the stream?",
            )
        seen += 1
        pixels = data.view(dtype).reshape(g.height, g.width, g.channels)
        yield Picture([("", "", pixels)], g.dtype, g.width, g.height)


def _decoded(data: bytes, kind: str) -> Picture:
    """A picture that OpenImageIO decodes; it reads files only, so it gets one."""
    try:
        handle, path = tempfile.mkstemp(suffix=f".{kind}")
    except OSError as error:
        raise MediaError(
            f"a {kind.upper()} of the pipe cannot be kept for a moment: {error.strerror}",
            hint="$TMPDIR says where",
        ) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        image = ImageFile(path)
        try:
            planes = [(p.view, p.layer, image.read(p)) for p in image.planes]
        finally:
            image.close()
        whole = image.window == (0, 0, image.width, image.height)
        return Picture(
            planes, image.dtype, image.width, image.height, None if whole else image.window,
            image.pixel_aspect,
        )  # fmt: skip
    except MediaError as error:
        raise MediaError(error.message.replace(path, f"a {kind.upper()} in the pipe")) from None
    except OSError as error:
        raise MediaError(f"{path}: {error.strerror}", path=path) from None
    finally:
        os.unlink(path)


def _netpbm(stream: Source, start: bytes, kind: str) -> Picture:
    """P5, P6 (8 and 16 bit) and PFM."""
    what = f"a {kind.upper()}"
    stream.unread(start[2:])
    words: list[bytes] = []
    seen = 0
    while len(words) < 3:
        word = b""
        while (char := stream.exact(1, what)).strip():
            word += char
            if word == b"#":
                while stream.exact(1, what) != b"\n":
                    seen += 1
                word = b""
                break
        words += [word] if word else []
        seen += 1 + len(word)
        if seen > _MAX_HEADER:
            raise MediaError(f"the stream is broken: {what} header without end")
    try:
        width, height, last = int(words[0]), int(words[1]), float(words[2])
        if kind == "pnm" and not 0 < last < 65536:
            raise ValueError
    except ValueError:
        raise MediaError(f"the stream is broken: {what} header of {words}") from None
    if not (0 < width < 1 << 17 and 0 < height < 1 << 17):
        raise MediaError(f"the stream is broken: a picture of {width} x {height}")
    channels = 1 if start[:2] in (b"P5", b"Pf") else 3
    dtype: np.dtype[Any]
    if kind == "pfm":
        dtype = np.dtype("<f4" if last < 0 else ">f4")
    else:
        dtype = np.dtype(np.uint8 if last < 256 else ">u2")
    data = stream.exact(width * height * channels * dtype.itemsize, what)
    pixels = np.frombuffer(data, dtype).reshape(height, width, channels)
    pixels = pixels.astype(dtype.newbyteorder("="))
    if kind == "pfm":
        pixels = pixels[::-1]  # the format runs upward
    elif last not in (255, 65535):
        full = 255 if last < 256 else 65535
        pixels = (pixels * (full / last) + 0.5).astype(pixels.dtype)
    if channels == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    name = {1: "uint8", 2: "uint16", 4: "float"}[dtype.itemsize]
    return Picture([("", "", pixels)], name, width, height)
