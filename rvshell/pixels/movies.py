"""Movies as pictures to push, by PyAV (extra `player`): 8 bit as uint8 RGB(A), more as uint16.

Colours are those that the player shows of the file (`player.media.moviepicture`): the matrix that
it names, else what RV assumes of its codec; chroma is interpolated and values are rounded.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from rvshell.errors import MediaError, MissingExtra
from rvshell.pixels.arrays import Pixels
from rvshell.pixels.pipe import Picture

__all__ = ["is_movie_name", "read_movie"]

_EXTENSIONS: Final = frozenset(
    ("avi", "flv", "gif", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "mxf", "ogv",
     "ts", "webm", "wmv", "y4m")
)  # fmt: skip

_JPEG: Final = frozenset(("mjpeg", "mjpegb", "ljpeg", "jpegls"))
_MODERN: Final = frozenset(("h264", "hevc", "vvc", "av1", "vp9", "prores", "dnxhd", "cfhd"))
_HD_LINES: Final = 720
_REC709, _REC601, _UNKNOWN = 1, 5, (0, 2, 3)  # FFmpeg's numbers of matrices
_FINE: Final = 2 | 8192 | 262144  # bilinear, with all of the chroma, and rounded properly
_FULL_RANGE: Final = 2
_LENIENT: Final = 19  # PyAV's version from which text that is not UTF-8 is no error


def is_movie_name(path: str) -> bool:
    """Whether the extension is one of a movie."""
    return os.path.splitext(path)[1][1:].lower() in _EXTENSIONS


def read_movie(path: str) -> Iterator[Picture]:
    """The pictures of the first video stream, in order of time.

    Raises MediaError (missing, unreadable, no video) and MissingExtra.
    """
    try:
        import av
        import av.logging
        import av.video.reformatter
    except ImportError:
        raise MissingExtra("av", "player", purpose=f"reading {path}") from None
    if not os.path.exists(path):
        raise MediaError(f"{path}: no such file", path=path)
    av.logging.set_level(None)  # any level hangs FFmpeg's threads at exit
    old = int(av.__version__.partition(".")[0]) < _LENIENT
    words: dict[str, Any] = {"metadata_errors": "replace"} if old else {}
    try:
        with av.open(path, **words) as container:
            if not container.streams.video:
                raise MediaError(f"{path}: has no video", path=path)
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            rate = stream.average_rate or stream.guessed_rate
            aspect = float(stream.sample_aspect_ratio or 1) or 1.0
            convert = _Converter(stream.codec_context.name, av.video.reformatter.VideoReformatter())
            for frame in container.decode(stream):
                pixels = convert(frame)
                height, width = pixels.shape[:2]
                yield Picture(
                    [("", "", pixels)], str(pixels.dtype), width, height, None, aspect,
                    float(rate or 24),
                )  # fmt: skip
    except (av.error.FFmpegError, OSError, ValueError) as error:
        text = getattr(error, "strerror", None) or str(error)
        raise MediaError(f"{path}: cannot be read: {text}", path=path) from None


class _Converter:
    """Frames of a codec to (height, width, 3 or 4) of uint8 or uint16, top row first."""

    def __init__(self, codec: str, reformatter: Any) -> None:
        self._codec = codec
        self._reformat = reformatter.reformat

    def __call__(self, frame: Any) -> Pixels:
        form = frame.format
        deep = max(c.bits for c in form.components) > 8
        alpha = any(c.is_alpha for c in form.components) or form.name == "pal8"
        matrix = None if form.is_rgb else self._matrix(frame)
        span = int(frame.color_range)
        if self._codec in _JPEG and not span and not form.name.startswith("yuvj"):
            span = _FULL_RANGE
        if deep and form.chroma_height(frame.height) < frame.height:
            # from two lines of chroma straight to 16 bits of RGB libswscale 9 overflows
            frame = self._reformat(
                frame, format="yuva444p16le" if alpha else "yuv444p16le", interpolation=_FINE,
                src_colorspace=matrix, dst_colorspace=matrix, src_color_range=span or 1,
                dst_color_range=span or 1, threads=1,
            )  # fmt: skip
        layout = ("rgba64le" if deep else "rgba") if alpha else ("rgb48le" if deep else "rgb24")
        pixels: Pixels = self._reformat(
            frame, format=layout, interpolation=_FINE, src_colorspace=matrix,
            src_color_range=span, dst_color_range=_FULL_RANGE,
        ).to_ndarray()  # fmt: skip
        turns = round(float(getattr(frame, "rotation", 0) or 0) / 90) % 4
        return np.rot90(pixels, turns) if turns else pixels

    def _matrix(self, frame: Any) -> int:
        named = int(frame.colorspace)
        if named not in _UNKNOWN:
            return named
        old = self._codec not in _MODERN and frame.height < _HD_LINES
        return _REC601 if old or self._codec in _JPEG else _REC709
