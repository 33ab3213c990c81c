"""JPEG of highest quality by FFmpeg: 9 ms for 720p, where a PNG takes 40."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from player.display.base import Bytes

__all__ = ["JpegEncoder"]


class JpegEncoder:
    """Encodes pictures of any size; not thread-safe."""

    def __init__(self) -> None:
        self._context: Any = None
        self._missing = False

    def encode(self, picture: Bytes) -> bytes | None:
        """RGBA uint8 as JPEG with full colour resolution; None without PyAV."""
        if self._missing:
            return None
        try:
            import av
        except ImportError:
            self._missing = True
            return None
        height, width = picture.shape[:2]
        c = self._context
        if c is None or (c.width, c.height) != (width, height):
            c = av.CodecContext.create("mjpeg", "w")
            c.width, c.height, c.pix_fmt = width, height, "yuvj444p"
            c.time_base = Fraction(1, 24)
            c.qmin = c.qmax = 2
            c.thread_count = 1
            self._context = c
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgba")
        return b"".join(bytes(p) for p in c.encode(frame.reformat(format="yuvj444p")))
