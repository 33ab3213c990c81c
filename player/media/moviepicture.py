"""A decoded frame of a movie, kept as the decoder gave it until it is shown.

Planes of 4:2:0 hold half the bytes of RGB, deep 4:2:2 two thirds, and most frames that
are decoded on the way to another one are never shown: so frames are cached as they come and
turned into RGB(A), 8 or 16 bits, when somebody looks.  `accurate` conversion interpolates the
chroma and rounds properly (within 1 of 255 of the formula); the quick one, ten times as
fast and always 8 bits, is for pictures that are on screen for a twenty-fourth of a second.

The matrix is the one the file names.  Without one it is what RV assumes: Rec. 601 full
range for the JPEG family, Rec. 709 for the others that are made for today's displays, and by
the number of lines for what is older than both.
"""

from __future__ import annotations

import re
import threading
from typing import Any, Final

import numpy as np

from player.media.picture import Picture, Pixels

__all__ = ["MoviePicture", "frame_bytes", "target_format"]

_JPEG: Final = frozenset({"mjpeg", "mjpegb", "ljpeg", "jpegls"})
_MODERN: Final = frozenset({"h264", "hevc", "vvc", "av1", "vp9", "prores", "dnxhd", "cfhd"})
_HD_LINES: Final = 720
_HIGH_DEPTH: Final = ("10", "12", "14", "16", "48", "64", "p010", "xyz", "f32", "gray9")
_UNKNOWN_SPACES: Final = (0, 2, 3)  # RGB, unspecified, reserved

_DEEP_YUV: Final = re.compile(r"(yuv4\d\dp)(10|12|14|16)le")
_BILINEAR, _FULL_CHROMA, _ACCURATE = 2, 8192, 262144  # swscale's flags

#: 8 bits of four channels: pixels are moved as machine words, and deep ones convert three times
#: as fast as to 16 bits
_QUICK: Final[tuple[str, Any, tuple[str, ...]]] = ("rgba", np.uint8, ("R", "G", "B", "A"))

_mine = threading.local()


def target_format(context: Any) -> tuple[str, Any, tuple[str, ...]]:
    """(FFmpeg's format, numpy type, channel names) that a codec's frames are shown in."""
    name = str(context.pix_fmt or "")
    try:
        components = context.format.components
        alpha = any(c.is_alpha for c in components) or name == "pal8"
        deep = any(c.bits > 8 for c in components)
    except AttributeError:
        alpha, deep = "a" in name.split("p")[0], any(t in name for t in _HIGH_DEPTH)
    if alpha:
        names: tuple[str, ...] = ("R", "G", "B", "A")
        return ("rgba64le", np.uint16, names) if deep else ("rgba", np.uint8, names)
    names = ("R", "G", "B")
    return ("rgb48le", np.uint16, names) if deep else ("rgb24", np.uint8, names)


def frame_bytes(frame: Any) -> int:
    """Bytes that a decoded frame holds."""
    return sum(plane.buffer_size for plane in frame.planes)


def _matrix(frame: Any, codec: str) -> int | None:
    if frame.format.is_rgb:
        return None
    named = int(frame.colorspace)
    if named not in _UNKNOWN_SPACES:
        return named
    if codec in _JPEG or (codec not in _MODERN and frame.height < _HD_LINES):
        return 5  # Rec. 601
    return 1  # Rec. 709


def _shallow(frame: Any) -> Any:
    """A deep planar YUV frame cut to 8 bits, in a frame of this thread's that the next call
    overwrites; any other frame as it is.

    FFmpeg converts 8 bits of YUV ten times as fast as it converts 10, and numpy takes the low
    bits off at the speed of a copy.
    """
    found = _DEEP_YUV.fullmatch(frame.format.name)
    if found is None:
        return frame
    kept: dict[Any, Any] = _mine.__dict__.setdefault("shallow", {})
    key = (found[1], frame.width, frame.height)
    made = kept.get(key)
    if made is None:
        from av import VideoFrame

        kept.clear()
        made = kept[key] = VideoFrame(frame.width, frame.height, found[1])
    bits = np.uint16(int(found[2]) - 8)
    for deep, low in zip(frame.planes, made.planes, strict=True):
        source = np.frombuffer(deep, np.uint16).reshape(deep.height, -1)[:, : deep.width]
        target = np.frombuffer(low, np.uint8).reshape(low.height, -1)[:, : low.width]
        np.right_shift(source, bits, out=target, casting="unsafe")
    return made


def _convert(
    frame: Any, codec: str, target: tuple[str, Any, tuple[str, ...]], quick: bool
) -> Pixels:
    """(height, width, channels), rows bottom-up: a view of FFmpeg's own memory."""
    from av.video.reformatter import VideoReformatter

    kept: dict[bool, Any] = _mine.__dict__.setdefault("reformatters", {})
    reformatter = kept.get(quick)
    if reformatter is None:
        reformatter = kept[quick] = VideoReformatter()
    name, dtype, channels = target
    flags = _BILINEAR if quick else _BILINEAR | _FULL_CHROMA | _ACCURATE
    matrix = _matrix(frame, codec)
    full = codec in _JPEG and not frame.format.name.startswith("yuvj") and not frame.color_range
    out = reformatter.reformat(
        _shallow(frame) if quick else frame, format=name, src_colorspace=matrix,
        interpolation=flags, src_color_range=2 if full else int(frame.color_range),
        dst_color_range=2, threads=1 if quick else 0,
    )  # fmt: skip
    plane = out.planes[0]
    item = np.dtype(dtype).itemsize
    count = len(channels)
    rows = np.ndarray(
        (out.height, out.width, count), dtype, buffer=memoryview(plane),
        strides=(plane.line_size, count * item, item),
    )  # fmt: skip
    turns = round(float(getattr(frame, "rotation", 0) or 0) / 90) % 4
    if turns:
        rows = np.rot90(rows, turns)
    return rows[::-1]


class MoviePicture(Picture):
    """A picture whose `pixels` are converted each time they are asked for.

    `developed` gives a plain Picture to work with; whoever shows a picture calls it once.
    """

    __slots__ = ("_codec", "_decoded", "_size", "_target")
    _decoded: Any
    _size: int
    _codec: str
    _target: tuple[str, Any, tuple[str, ...]]

    def __init__(
        self, decoded: Any, codec: str, target: tuple[str, Any, tuple[str, ...]], *,
        width: int, height: int, pixel_aspect: float, frame: int,
        attributes: tuple[tuple[str, str], ...], problem: str = "",
    ) -> None:  # fmt: skip
        values: dict[str, Any] = {
            "channels": target[2], "width": width, "height": height, "x": 0, "y": 0,
            "pixel_aspect": pixel_aspect, "frame": frame, "premultiplied": len(target[2]) == 3,
            "chromaticities": None, "attributes": attributes, "problem": problem, "blank": False,
            "_decoded": decoded, "_codec": codec, "_target": target,
            "_size": frame_bytes(decoded),  # caches ask for it several times
        }  # fmt: skip
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def pixels(self) -> Pixels:
        return _convert(self._decoded, self._codec, self._target, False)

    @property
    def nbytes(self) -> int:
        return self._size

    @property
    def is_cropped(self) -> bool:
        return False

    def developed(self, quick: bool = False) -> Picture:
        target = _QUICK if quick else self._target
        pixels = _convert(self._decoded, self._codec, target, quick)
        return Picture(
            pixels, target[2], self.width, self.height, pixel_aspect=self.pixel_aspect,
            frame=self.frame, premultiplied=self.premultiplied, attributes=self.attributes,
            problem=self.problem,
        )  # fmt: skip

    def shown_as(self, frame: int, problem: str = "") -> MoviePicture:
        """The same pixels for another frame number (a held frame, a stand-in)."""
        return MoviePicture(
            self._decoded, self._codec, self._target, width=self.width, height=self.height,
            pixel_aspect=self.pixel_aspect, frame=frame, attributes=self.attributes,
            problem=problem,
        )  # fmt: skip

    def with_problem(self, problem: str) -> Picture:
        return self.shown_as(self.frame, problem)

    def __repr__(self) -> str:
        return f"MoviePicture({self.width}x{self.height}, frame {self.frame})"
