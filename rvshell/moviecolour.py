"""The colours of a movie's frames, for the player and for whoever pushes movies to it.

The matrix is the one the file names.  Without one it is what RV assumes: Rec. 601 full range for
the JPEG family, Rec. 709 for the others that are made for today's displays, and by the number of
lines for what is older than both.

16 bits of RGB are made to reach their top.  libswscale converts deep YUV to 16 bits of RGB that end
short of 65535: white of video range (940 of 10 bits) comes out as 65283, which is 254 of 255, and
the whole picture with it darker by a 256th; 10 bits of full range, and of alpha, as 65472.  How
short is measured once for each format, with a white frame, so that a libswscale that does better is
left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["every_line", "matrix_of", "range_of", "stretch"]

Pixels = npt.NDArray[Any]

_JPEG: Final = frozenset({"mjpeg", "mjpegb", "ljpeg", "jpegls"})
_MODERN: Final = frozenset({"h264", "hevc", "vvc", "av1", "vp9", "prores", "dnxhd", "cfhd"})
_HD_LINES: Final = 720
_UNKNOWN_SPACES: Final = (0, 2, 3)  # RGB, unspecified, reserved
_REC709, _REC601 = 1, 5  # FFmpeg's numbers of matrices
_FULL_RANGE: Final = 2  # and of ranges
_FINE: Final = 2 | 8192 | 262144  # bilinear, with all of the chroma, and rounded properly

_PLANES: Final = re.compile(r"yuva?4\d\dp(\d+)le")
_SIDE: Final = 16  # pixels of the white frame
_TOP: Final = 65535

_ROWS: Final = 64  # that stay in the processor's cache

#: (frame, format of 16 bits, FFmpeg's number of the matrix, of the range) to (height, width,
#: channels)
Convert = Callable[[Any, str, int, int], Pixels]


def matrix_of(frame: Any, codec: str) -> int | None:
    """FFmpeg's number of the matrix of a decoded frame; None for RGB."""
    if frame.format.is_rgb:
        return None
    named = int(frame.colorspace)
    if named not in _UNKNOWN_SPACES:
        return named
    if codec in _JPEG or (codec not in _MODERN and frame.height < _HD_LINES):
        return _REC601
    return _REC709


def range_of(frame: Any, codec: str) -> int:
    """FFmpeg's number of the range of a decoded frame: 1 video, 2 full, 0 unsaid (video)."""
    said = int(frame.color_range)
    unsaid_jpeg = codec in _JPEG and not said and not frame.format.name.startswith("yuvj")
    return _FULL_RANGE if unsaid_jpeg else said


def every_line(frame: Any, reformat: Callable[..., Any], matrix: int | None, span: int) -> Any:
    """YUV with chroma for each pixel, in 16 bits, of a deep frame with fewer lines of chroma;
    other frames as they are.  `reformat` is that of a `VideoReformatter`.

    On the way from two lines of chroma to 16 bits of RGB libswscale 9 overflows and gives other
    colours; in two steps it costs the same and is exact.
    """
    if frame.format.chroma_height(frame.height) >= frame.height:
        return frame
    alpha = any(c.is_alpha for c in frame.format.components)
    return reformat(
        frame, format="yuva444p16le" if alpha else "yuv444p16le", interpolation=_FINE,
        src_colorspace=matrix, dst_colorspace=matrix, src_color_range=span or 1,
        dst_color_range=span or 1, threads=1,
    )  # fmt: skip


@lru_cache(maxsize=64)
def _shifts(name: str, bits: int, target: str, span: int, convert: Convert) -> tuple[int, int]:
    """What is missing, of colours and of alpha, as the shift that gives it; 0 for nothing."""
    from av import VideoFrame

    white = VideoFrame(_SIDE, _SIDE, name)
    for number, plane in enumerate(white.planes):
        full = span == 2 or number == 3
        level = 1 << (bits - 1)
        if number in (0, 3):
            level = (1 << bits) - 1 if full else 235 << (bits - 8)
        plane.update(np.full(plane.buffer_size // 2, level, np.uint16).tobytes())
    corner = convert(white, target, 1, span)[0, 0]
    missing = [_TOP - int(corner[0]), _TOP - int(corner[3]) if len(corner) == 4 else 0]
    colour, alpha = (16 - m.bit_length() if m.bit_length() <= 8 else 0 for m in missing)
    return colour % 16, alpha % 16


def _raise(samples: Pixels, shift: int) -> None:
    if shift:
        np.minimum(samples, _TOP - (_TOP >> shift), out=samples)
        samples += samples >> shift


def stretch(rows: Pixels, frame: Any, target: str, span: int, convert: Convert) -> None:
    """Raise *rows* in place so that white is 65535: *convert* made them of the deep *frame* in the
    format *target*; *span* is the frame's range, as FFmpeg numbers it."""
    found = _PLANES.fullmatch(frame.format.name)
    if found is None or int(found[1]) <= 8:
        return
    colour, alpha = _shifts(frame.format.name, int(found[1]), target, span, convert)
    for first in range(0, len(rows), _ROWS):
        part = rows[first : first + _ROWS]
        if colour == alpha or part.shape[2] == 3:
            _raise(part, colour)
        else:
            _raise(part[..., :3], colour)
            _raise(part[..., 3:], alpha)
