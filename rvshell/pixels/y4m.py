"""YUV4MPEG2 streams (`ffmpeg -f yuv4mpegpipe`) as RGB.

8 bit becomes uint8 RGB, more bits uint16.  The matrix is BT.709 from 720 lines up, BT.601
below, as players have it when nothing is said; range is limited unless `XCOLORRANGE=FULL`.
Chroma is replicated (nearest), which is what a first look needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from rvshell.errors import MediaError
from rvshell.pixels.arrays import Pixels
from rvshell.pixels.streams import Source

__all__ = ["read_y4m"]

_LINE: Final = 4096  # bytes of a header line
_CHROMA: Final = re.compile(r"(420|422|444|440|411|mono)(?:jpeg|mpeg2|paldv)?(alpha)?(?:p?(\d+))?")
_SHIFTS: Final = {"420": (1, 1), "422": (1, 0), "444": (0, 0), "440": (0, 1), "411": (2, 0)}


def read_y4m(stream: Source, start: bytes) -> Iterator[tuple[Pixels, str, float, float]]:
    """(pixels, dtype, pixel aspect, fps) of each frame.  Raises MediaError."""
    fields = _line(stream, start).decode("ascii", "replace").split()[1:]
    tags = {f[0]: f[1:] for f in fields if f[0] != "X"}
    full_range = "XCOLORRANGE=FULL" in fields
    try:
        width, height = int(tags["W"]), int(tags["H"])
    except (KeyError, ValueError):
        raise MediaError("the stream is broken: a Y4M header without a size") from None
    chroma = _CHROMA.fullmatch(tags.get("C", "420jpeg"))
    if chroma is None or not (0 < width < 1 << 16 and 0 < height < 1 << 16):
        raise MediaError(f"a Y4M of {width} x {height} {tags.get('C', '')} is not understood")
    bits = int(chroma[3] or 8)
    if not 8 <= bits <= 16:
        raise MediaError(f"a Y4M of {bits} bits is not understood")
    convert = _Converter(width, height, chroma[1], bool(chroma[2]), bits, full_range)
    aspect, fps = _ratio(tags.get("A", ""), 1.0), _ratio(tags.get("F", ""), 24.0)
    while True:
        begin = stream.read(1)
        if not begin:
            return
        if not _line(stream, begin).startswith(b"FRAME"):
            raise MediaError("the stream is broken: a Y4M frame without its mark")
        data = stream.exact(convert.size, "a Y4M frame")
        yield convert(data), "uint8" if bits == 8 else "uint16", aspect, fps


def _line(stream: Source, start: bytes) -> bytes:
    line = bytearray(start)
    while not line.endswith(b"\n"):
        if len(line) > _LINE:
            raise MediaError("the stream is broken: a Y4M line without end")
        line += stream.exact(1, "a Y4M header")
    return bytes(line)


def _ratio(text: str, default: float) -> float:
    top, _, bottom = text.partition(":")
    try:
        value = int(top) / int(bottom)
    except (ValueError, ZeroDivisionError):
        return default
    return value if 0.001 < value < 1e6 else default


class _Converter:
    """Planar YUV of one format to interleaved RGB(A)."""

    def __init__(
        self, width: int, height: int, chroma: str, alpha: bool, bits: int, full: bool
    ) -> None:
        self._bits, self._full, self._alpha = bits, full, alpha
        self._dtype = np.dtype(np.uint8 if bits == 8 else "<u2")
        right, down = _SHIFTS.get(chroma, (0, 0))
        small = (-(-height // (1 << down)), -(-width // (1 << right)))
        self._shapes = [(height, width)]
        if chroma != "mono":
            self._shapes += [small, small]
        if alpha:
            self._shapes.append((height, width))
        self._repeat = (1 << down, 1 << right)
        self.size = sum(h * w for h, w in self._shapes) * self._dtype.itemsize
        kr, kb = (0.2126, 0.0722) if height >= 720 else (0.299, 0.114)
        kg = 1 - kr - kb
        self._red, self._blue = 2 * (1 - kr), 2 * (1 - kb)
        self._green = (-self._blue * kb / kg, -self._red * kr / kg)

    def __call__(self, data: bytes) -> Pixels:
        flat = np.frombuffer(data, self._dtype)
        planes, at = [], 0
        for height, width in self._shapes:
            planes.append(flat[at : at + height * width].reshape(height, width))
            at += height * width
        height, width = self._shapes[0]
        top = (1 << self._bits) - 1
        unit = 1 << (self._bits - 8)
        low, y_range, c_range = (0, top, top) if self._full else (16 * unit, 219 * unit, 224 * unit)
        out_max = 255 if self._bits == 8 else 65535
        luma = (planes[0].astype(np.float32) - low) * (out_max / y_range)
        out = np.empty(
            (height, width, 4 if self._alpha else 3), np.uint8 if self._bits == 8 else np.uint16
        )
        if len(planes) < 3:
            rgb = [luma, luma, luma]
        else:
            u, v = (self._chroma(p, unit, out_max / c_range) for p in planes[1:3])
            green = luma + self._green[0] * u + self._green[1] * v
            rgb = [luma + self._red * v, green, luma + self._blue * u]
        for index, plane in enumerate(rgb):
            out[..., index] = np.clip(plane + 0.5, 0, out_max)
        if self._alpha:
            out[..., 3] = planes[-1].astype(np.float32) * (out_max / top)
        return out

    def _chroma(self, plane: Pixels, unit: int, gain: float) -> npt.NDArray[np.float32]:
        height, width = self._shapes[0]
        signed = (plane.astype(np.float32) - 128 * unit) * gain
        wide = np.repeat(np.repeat(signed, self._repeat[0], 0), self._repeat[1], 1)
        return wide[:height, :width]
