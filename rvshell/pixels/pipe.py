"""Pictures from a pipe: raw frames of a given geometry, or a stream of PNG, JPEG, EXR, PPM,
PAM, PFM or YUV4MPEG2, recognised by their first bytes.

Raw frames are rows from the top, components interleaved, little endian: what
`ffmpeg -f rawvideo -pix_fmt rgba` writes.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np

from rvshell.errors import MediaError, UsageError
from rvshell.pixels.arrays import Pixels
from rvshell.pixels.files import ImageFile, around
from rvshell.pixels.netpbm import is_plain, read_netpbm
from rvshell.pixels.spec import DTYPES
from rvshell.pixels.streams import MAX_PICTURE, WALKERS, Source, kind_of
from rvshell.pixels.y4m import read_y4m

__all__ = ["Geometry", "Picture", "read_pictures"]

_PEEK: Final = 9  # bytes that tell all kinds apart


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
        if kind == "pnm":
            yield _netpbm(source, start)
        elif kind:
            yield _decoded(WALKERS[kind](source, start), kind)
        else:
            raise MediaError(
                f"the pipe does not hold pictures: it begins with {start!r}",
                hint="PNG, JPEG, EXR, PPM, PAM, PFM and Y4M do; raw frames need their geometry: "
                "--size 1920x1080 --channels 4 --dtype uint8",
            )
        plain = is_plain(start)
        start = source.read(_PEEK)
        while plain and start[:1].isspace():
            start = start[1:] + source.read(1)


def _raw(stream: Source, g: Geometry) -> Iterator[Picture]:
    if not 1 <= g.channels <= 4 or g.dtype not in DTYPES:
        raise UsageError(
            f"raw frames of {g.channels} channels of {g.dtype!r} are not possible",
            hint=f"1 to 4 channels of {', '.join(DTYPES)}",
        )
    dtype = np.dtype(DTYPES[g.dtype][2])
    size = g.width * g.height * g.channels * dtype.itemsize
    if size > MAX_PICTURE:
        raise UsageError(
            f"raw frames of {g.width} x {g.height} are not possible: {size} bytes each",
            hint=f"{MAX_PICTURE} at most",
        )
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
            whole = 0, 0, image.width, image.height
            # a crop may be another one in the next picture
            window = whole if around([whole, image.window]) == whole else image.window
            planes = [(p.view, p.layer, image.read(p, window)) for p in image.planes]
        finally:
            image.close()
        return Picture(
            planes, image.dtype, image.width, image.height, None if window == whole else window,
            image.pixel_aspect,
        )  # fmt: skip
    except MediaError as error:
        raise MediaError(error.message.replace(path, f"a {kind.upper()} in the pipe")) from None
    except OSError as error:
        raise MediaError(f"{path}: {error.strerror}", path=path) from None
    finally:
        os.unlink(path)


def _netpbm(stream: Source, start: bytes) -> Picture:
    pixels = read_netpbm(stream, start)
    height, width = pixels.shape[:2]
    name = {1: "uint8", 2: "uint16", 4: "float"}[pixels.itemsize]
    return Picture([("", "", pixels)], name, width, height)
