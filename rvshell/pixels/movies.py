"""Movies as pictures to push, by PyAV (extra `player`): 8 bit as uint8 RGB(A), more as uint16.

Colours are those that the player shows of the file (`rvshell.moviecolour`); chroma is interpolated
and values are rounded.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from rvshell.errors import MediaError, MissingExtra
from rvshell.moviecolour import every_line, matrix_of, range_of, stretch
from rvshell.pixels.arrays import Pixels
from rvshell.pixels.pipe import Picture

__all__ = ["is_movie_name", "read_movie"]

_EXTENSIONS: Final = frozenset(
    ("avi", "flv", "gif", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "mxf", "ogv",
     "ts", "webm", "wmv", "y4m")
)  # fmt: skip

_DEEP: Final = ("rgb48le", "rgba64le")
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
        matrix, span = matrix_of(frame, self._codec), range_of(frame, self._codec)
        layout = ("rgba64le" if deep else "rgba") if alpha else ("rgb48le" if deep else "rgb24")
        pixels = self._rgb(frame, layout, matrix, span)
        if deep:
            stretch(pixels, frame, layout, span, self._rgb)
        turns = round(float(getattr(frame, "rotation", 0) or 0) / 90) % 4
        return np.rot90(pixels, turns) if turns else pixels

    def _rgb(self, frame: Any, layout: str, matrix: int | None, span: int) -> Pixels:
        if layout in _DEEP:
            frame = every_line(frame, self._reformat, matrix, span)
        pixels: Pixels = self._reformat(
            frame, format=layout, interpolation=_FINE, src_colorspace=matrix,
            src_color_range=span, dst_color_range=_FULL_RANGE,
        ).to_ndarray()  # fmt: skip
        return pixels
