"""YUV to RGBA of 8 bits by Google's libyuv: up to ten times as fast as FFmpeg converts it.

libyuv takes 10 bits and chroma for every pixel nearly as quickly as 8 bits and chroma for every
fourth, and rounds where libswscale's quickest way cuts off.  It comes inside libavif, and that with
Pillow's wheels (`pillow.libs`) or with the system: neither is imported, one function is called.
Where it is not found, or does not give the colours that it should, libswscale converts
(`swscale.py`).

What U does to blue is kept in a byte that ends at 2.0; Rec. 709 wants 2.11 and Rec. 2020 2.14, so
that a strong blue is off by 12 of 255.  U with a sixteenth more of contrast is within 3, and made
in pieces that stay in the processor's cache.  Whether it is needed is measured once, so that a
libyuv that does better is left alone.

More than 8 bits of video range are taken for 256ths where they are 255ths: all is up to a 256th too
dark, and white is 254.  Luma that is mended as well would cost half of what libyuv saves; on the
mean it is nearer than libswscale's quickest way comes.
"""

from __future__ import annotations

import ctypes
import glob
import os
import re
import threading
from functools import cache
from importlib.util import find_spec
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from player.media.pool import shared_pool

__all__ = ["takes", "to_rgba"]

Plane = npt.NDArray[Any]

_NAMES: Final = re.compile(r"yuvj?(a?)(420|422|444)p(?:(10|12)le)?")
_CHROMA: Final = {"444": 1, "422": 2, "420": 3}  # avifPixelFormat
_MATRICES: Final = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
"""Weights of red and blue by FFmpeg's number, which is libavif's as well."""

_RGBA, _NEAREST = 1, 1  # avifRGBFormat, avifChromaUpsampling
_PIECE: Final = 1 << 19  # bytes of chroma at once
_GREY: Final = 3  # of 255, beyond which another library than is known has answered
_WRONG: Final = 16  # and of a strong colour
_OFF: Final = 4  # of 255, from which U is given more contrast

_mine = threading.local()


class _Image(ctypes.Structure):
    """avifImage: its beginning, which is the same in all of libavif 1, and room for what is not."""

    _fields_ = (
        ("width", ctypes.c_uint32), ("height", ctypes.c_uint32), ("depth", ctypes.c_uint32),
        ("chroma", ctypes.c_int), ("full", ctypes.c_int), ("position", ctypes.c_int),
        ("planes", ctypes.c_void_p * 3), ("pitches", ctypes.c_uint32 * 3), ("own", ctypes.c_int),
        ("alpha", ctypes.c_void_p), ("alpha_pitch", ctypes.c_uint32), ("own_alpha", ctypes.c_int),
        ("premultiplied", ctypes.c_int), ("icc", ctypes.c_void_p), ("icc_size", ctypes.c_size_t),
        ("primaries", ctypes.c_uint16), ("transfer", ctypes.c_uint16),
        ("matrix", ctypes.c_uint16), ("rest", ctypes.c_char * 1024),
    )  # fmt: skip


class _Target(ctypes.Structure):
    """avifRGBImage."""

    _fields_ = (
        ("width", ctypes.c_uint32), ("height", ctypes.c_uint32), ("depth", ctypes.c_uint32),
        ("format", ctypes.c_int), ("upsampling", ctypes.c_int), ("downsampling", ctypes.c_int),
        ("avoid_libyuv", ctypes.c_int), ("ignore_alpha", ctypes.c_int),
        ("premultiplied", ctypes.c_int), ("is_float", ctypes.c_int), ("threads", ctypes.c_int),
        ("pixels", ctypes.c_void_p), ("pitch", ctypes.c_uint32),
    )  # fmt: skip


class _Kind(NamedTuple):
    """What decides how a frame is converted."""

    chroma: int
    depth: int
    alpha: bool
    matrix: int
    full: bool


def _places() -> list[str]:
    """Where libavif may be, the likeliest first."""
    spec = find_spec("PIL")
    found: list[str] = []
    if spec is not None and spec.origin is not None:
        package = os.path.dirname(spec.origin)
        found += glob.glob(os.path.join(os.path.dirname(package), "pillow.libs", "libavif*.so*"))
        found += glob.glob(os.path.join(package, ".dylibs", "libavif*.dylib"))
    return [*found, "libavif.so.16", "libavif.16.dylib"]


class _Library:
    """libavif's conversion.  Raises OSError or AttributeError when it is not as known."""

    def __init__(self, path: str) -> None:
        library = ctypes.CDLL(path)
        library.avifVersion.restype = ctypes.c_char_p
        if not library.avifVersion().startswith(b"1."):
            raise OSError(f"{path} is another libavif than is known")
        if library.avifLibYUVVersion() == 0:
            raise OSError(f"{path} was built without libyuv")
        self.convert = library.avifImageYUVToRGB
        self.convert.argtypes = (ctypes.POINTER(_Image), ctypes.POINTER(_Target))


@cache
def _library() -> _Library | None:
    for path in _places():
        try:
            made = _Library(path)
        except (OSError, AttributeError):
            continue
        return made
    return None


def _answer(kind: _Kind, codes: tuple[float, float, float]) -> tuple[Plane, Plane] | None:
    """What libyuv makes of one colour of *codes* of 8 bits, and what the formula does: RGB."""
    scale = 1 << kind.depth - 8
    dtype = np.uint8 if kind.depth == 8 else np.uint16
    planes = [np.full((2, 16), code * scale, dtype) for code in codes]
    out = np.zeros((2, 16, 4), np.uint8)
    plain = kind._replace(chroma=_CHROMA["444"], alpha=False)
    if kind.depth == 12:  # only with chroma for every fourth pixel
        plain = plain._replace(chroma=_CHROMA["420"])
    if not _convert(plain, planes, None, out, False):
        return None
    red, blue = _MATRICES[kind.matrix]
    top = float((1 << kind.depth) - 1)
    if kind.full:
        y, u, v = (c * scale / top for c in codes)
        u, v = u - 128 * scale / top, v - 128 * scale / top
    else:
        y, u, v = (codes[0] - 16) / 219, (codes[1] - 128) / 224, (codes[2] - 128) / 224
    r, b = y + 2 * (1 - red) * v, y + 2 * (1 - blue) * u
    g = (y - red * r - blue * b) / (1 - red - blue)
    return out[0, 0, :3].astype(float), np.clip((r, g, b), 0, 1) * 255


@cache
def _needs_contrast(kind: _Kind) -> bool | None:
    """Whether U has to be given more, by a grey and a yellow that lacks as much of blue as there
    can be; None where libyuv does not give the colours that it should."""
    answers = [_answer(kind, codes) for codes in ((200, 128, 128), (220, 20, 130))]
    off = [np.abs(got - right) for got, right in (a for a in answers if a is not None)]
    if len(off) < len(answers) or off[0].max() > _GREY or off[1].max() > _WRONG:
        return None
    return bool(off[1][2] > _OFF)


def _stretched(chroma: Plane, depth: int) -> Plane:
    """A sixteenth more of contrast."""
    middle = 8 << depth - 8  # a sixteenth of it, in codes
    out, more = _room("out", chroma), _room("more", chroma)
    # libyuv stops at the top of more than 8 bits itself
    np.clip(chroma, middle, 247 if depth == 8 else (1 << depth) - 1, out=out)
    if depth == 8:  # to be rounded; a half of deeper ones is little
        np.add(out, 8, out=more)
    np.right_shift(more if depth == 8 else out, 4, out=more)
    np.subtract(more, middle, out=more)
    return np.add(out, more, out=out)


def _room(name: str, like: Plane) -> Plane:
    """Memory of this thread's for as much as *like*."""
    kept: dict[Any, Plane] = _mine.__dict__.setdefault("room", {})
    made = kept.get(name)
    if made is None or made.size < like.size or made.dtype != like.dtype:
        made = kept[name] = np.empty(like.size, like.dtype)
    return made[: like.size].reshape(like.shape)


def _convert(
    kind: _Kind, planes: list[Plane], alpha: Plane | None, out: Plane, contrast: bool
) -> bool:
    """Planes of (rows, samples of a row with what is left over) to RGBA; False when refused."""
    library = _library()
    if library is None:
        return False
    height, width = out.shape[:2]
    image = _Image(width, 0, kind.depth, kind.chroma, int(kind.full), matrix=kind.matrix)
    target = _Target(
        width, 0, 8, _RGBA, _NEAREST, 0, 0, 0, 0, 0, 1, out.ctypes.data, out.strides[0]
    )
    for number, plane in enumerate(planes):
        image.pitches[number] = plane.strides[0]
    half = 2 if kind.chroma == _CHROMA["420"] else 1
    rows = max(1, _PIECE // planes[1].strides[0]) * half if contrast else height
    for top in range(0, height, rows):
        image.height = target.height = count = min(rows, height - top)
        first, last = top // half, -(-(top + count) // half)
        u = planes[1][first:last]
        if contrast:
            u = _stretched(u, kind.depth)
        for number, plane in enumerate((planes[0][top:], u, planes[2][first:])):
            image.planes[number] = plane.ctypes.data
        if alpha is not None:
            image.alpha, image.alpha_pitch = alpha[top:].ctypes.data, alpha.strides[0]
        target.pixels = out[top:].ctypes.data
        if library.convert(ctypes.byref(image), ctypes.byref(target)) != 0:
            return False
    return True


def takes(matrix: int | None) -> bool:
    """Whether libyuv is there and knows FFmpeg's colour matrix of that number."""
    return matrix in _MATRICES and _library() is not None


def to_rgba(frame: Any, matrix: int | None, full: bool) -> npt.NDArray[np.uint8] | None:
    """PyAV's *frame* as RGBA of full range: (height, width, 4), top row first.

    *matrix* is FFmpeg's number of the colour matrix, *full* the range of the frame.  None when
    libyuv is not there, or has no quick way for such a frame.
    """
    found = _NAMES.fullmatch(frame.format.name)
    if found is None or matrix is None or not takes(matrix):
        return None
    alpha, chroma, depth = found[1] == "a", _CHROMA[found[2]], int(found[3] or 8)
    if depth == 12 and (alpha or chroma != _CHROMA["420"]):
        return None
    kind = _Kind(chroma, depth, alpha, matrix, full)
    contrast = _needs_contrast(kind)
    if contrast is None:
        return None
    width, height = int(frame.width), int(frame.height)
    dtype = np.uint8 if depth == 8 else np.uint16
    planes = [
        np.frombuffer(plane, dtype).reshape(-1, plane.line_size // np.dtype(dtype).itemsize)
        for plane in frame.planes
    ]
    out: npt.NDArray[np.uint8] = shared_pool.take((height, width, 4), np.uint8)
    return out if _convert(kind, planes[:3], planes[3] if alpha else None, out, contrast) else None
