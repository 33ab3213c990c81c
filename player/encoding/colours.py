"""RGB of full range into the frames of an encoder.

YUV is that of Rec. 709 in video range, as RV writes it; the JPEG family has Rec. 601, in full
range where its pixel format says so, and so have small pictures of codecs that cannot say what
theirs is: that is what all readers take them for, RV too.  libswscale converts, with rounding.
It takes 16 bits of RGB to end at 65280 where the result is YUV, so that white of 10 bits becomes
943 rather than 940; how the white of a format comes out is looked at once, and the pictures are
lowered by that 256th when it is too bright.
"""

from __future__ import annotations

import re
import threading
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.media.pyav import import_av
from rvshell.errors import LocalError

__all__ = ["Colours"]

Pixels = npt.NDArray[Any]

_FINE: Final = 2 | 8192 | 262144  # bilinear, with all of the chroma, and rounded properly
_REC709, _REC601, _RGB = 1, 6, 0  # FFmpeg's numbers of matrices
_AS_SWSCALE: Final = 5  # its own number for Rec. 601
_VIDEO, _FULL = 1, 2  # and of ranges
_JPEG: Final = frozenset(("mjpeg", "ljpeg", "jpegls"))
_SILENT: Final = re.compile(r"mpeg4|mpeg1video|libvpx|msmpeg4.*|h263p?|huffyuv|ffvhuff|utvideo")
_HD_LINES: Final = 720
_SIDE: Final = 16


class Colours:
    """Makes frames of the pixel format *name* for the encoder *codec* and *lines*.  Thread-safe.

    `deep` says whether pictures of 16 bits are wanted, `has_alpha` whether their alpha is kept,
    `matrix` and `range` are FFmpeg's numbers
    of what the frames are in, `grain` is what width and height are multiples of.
    """

    def __init__(self, name: str, codec: str, lines: int) -> None:
        self._av = import_av()
        try:
            format = self._av.VideoFormat(name, 64, 64)
        except ValueError:
            raise LocalError(f"{name}: FFmpeg has no such pixel format") from None
        self.name = name
        self.is_rgb = bool(format.is_rgb) or format.has_palette
        self.deep = max(c.bits for c in format.components) > 8
        self.has_alpha = any(c.is_alpha for c in format.components)
        old = codec in _JPEG or (_SILENT.fullmatch(codec) is not None and lines < _HD_LINES)
        self.range = _FULL if self.is_rgb or name.startswith("yuvj") else _VIDEO
        self.matrix = _RGB if self.is_rgb else _REC601 if old else _REC709
        # a codec with less chroma than pixels needs all of these in both directions
        self.grain = (
            64 // max(1, format.chroma_width(64)), 64 // max(1, format.chroma_height(64))
        )  # fmt: skip
        self._mine = threading.local()
        self._lower = self.deep and not self.is_rgb and self._white_is_too_bright()

    def padded(self, size: tuple[int, int]) -> tuple[int, int]:
        """The size with room for whole samples of chroma."""
        (width, height), (across, down) = size, self.grain
        return -(-width // across) * across, -(-height // down) * down

    def frame(self, pixels: Pixels) -> Any:
        """A frame of (height, width, 4) of 8 or, when `deep`, 16 bits, top row first.

        What is missing to whole samples of chroma repeats the last column and row.
        """
        height, width = pixels.shape[:2]
        wider, higher = self.padded((width, height))
        if (wider, higher) != (width, height):
            extra = ((0, higher - height), (0, wider - width), (0, 0))
            pixels = np.pad(pixels, extra, mode="edge")
        if self._lower:
            pixels = pixels - (pixels >> 8)
        return self._converted(np.ascontiguousarray(pixels))

    def _converted(self, pixels: Pixels) -> Any:
        source = "rgba64le" if pixels.dtype == np.uint16 else "rgba"
        made = self._av.VideoFrame.from_ndarray(pixels, format=source)
        reformatter = self._mine.__dict__.get("reformatter")
        if reformatter is None:
            reformatter = self._mine.reformatter = self._av.video.reformatter.VideoReformatter()
        if self.is_rgb:
            frame = reformatter.reformat(made, format=self.name, interpolation=_FINE)
        else:
            matrix = _AS_SWSCALE if self.matrix == _REC601 else self.matrix
            frame = reformatter.reformat(
                made, format=self.name, interpolation=_FINE, dst_colorspace=matrix,
                src_color_range=_FULL, dst_color_range=self.range,
            )  # fmt: skip
        frame.colorspace, frame.color_range = self.matrix, self.range
        for name in ("color_primaries", "color_trc"):
            if hasattr(frame, name):  # not in all versions of PyAV
                setattr(frame, name, _REC709)  # which some encoders look at here
        return frame

    def _white_is_too_bright(self) -> bool:
        white = np.full((_SIDE, _SIDE, 4), 65535, np.uint16)
        frame = self._converted(white)
        plane = frame.planes[0]
        bits = max(c.bits for c in frame.format.components)
        wanted = (1 << bits) - 1 if self.range == _FULL else 235 << (bits - 8)
        kind = ">u2" if frame.format.name.endswith("be") else "<u2"
        return bool(np.frombuffer(plane, kind)[0] > wanted)
