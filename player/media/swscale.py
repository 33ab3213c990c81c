"""FFmpeg's conversion of YUV to RGBA into memory that is used again.

PyAV converts into a new frame each time.  The system hands out the 33 MB of a UHD one page by
page, which takes twice as long as the conversion itself, so libswscale, which PyAV brings along
and has loaded, is called with memory from the pool (`pool.py`).  The bytes are the same.
Where the library is not found, or is a later one than is known here, there is nothing to call,
and PyAV converts.
"""

from __future__ import annotations

import ctypes
import glob
import os
import re
import sys
import threading
from collections import OrderedDict
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.media.pool import shared_pool

__all__ = ["BILINEAR", "FINE", "FULL_RANGE", "REC601", "to_rgba"]

BILINEAR: Final = 2  # swscale's flags
FINE: Final = BILINEAR | 8192 | 262144  # with all of the chroma, and rounded properly
FULL_RANGE: Final = 2
REC601: Final = 5

_VERSIONS: Final = range(5, 11)  # of libswscale: FFmpeg 4 to 9
_ALIGNED: Final = 64
_KEPT: Final = 4  # contexts of a thread
_ONE: Final = 1 << 16  # contrast and saturation as they are
_FOUR_POINTERS = ctypes.c_void_p * 4
_FOUR_INTS = ctypes.c_int * 4

_mine = threading.local()


def _loaded(name: str) -> str | None:
    """The path of one of FFmpeg's libraries that this process uses."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as file:
            found = re.search(rf"(/\S*/{name}\b[^\n]*\.so[^\n]*)$", file.read(), re.MULTILINE)
        return found[1] if found else None
    except OSError:  # another system
        import av

        beside = os.path.join(os.path.dirname(av.__file__), ".dylibs", f"{name}.*.dylib")
        return next(iter(glob.glob(beside)), None) if sys.platform == "darwin" else None


class _Library:
    """libswscale's functions.  Raises OSError or AttributeError when they are not as known."""

    def __init__(self) -> None:
        paths = [_loaded(name) for name in ("libavutil", "libswscale")]
        if None in paths:
            raise OSError("FFmpeg's libraries are not found")
        self._util, scale = (ctypes.CDLL(path) for path in paths)
        if scale.swscale_version() >> 16 not in _VERSIONS:
            raise OSError("another libswscale than is known")
        c_int, pointer = ctypes.c_int, ctypes.c_void_p
        self._util.av_get_pix_fmt.argtypes = [ctypes.c_char_p]
        self._get = scale.sws_getContext
        self._get.restype = pointer
        self._get.argtypes = (c_int,) * 7 + (pointer,) * 3
        self._coefficients = scale.sws_getCoefficients
        self._coefficients.restype, self._coefficients.argtypes = pointer, [c_int]
        self._details = scale.sws_setColorspaceDetails
        self._details.argtypes = (pointer, pointer, c_int, pointer) + (c_int,) * 4
        self.scale = scale.sws_scale
        arrays = (_FOUR_POINTERS, _FOUR_INTS)
        self.scale.argtypes = (pointer, *arrays, c_int, c_int, *arrays)
        self.free = scale.sws_freeContext
        self.free.restype, self.free.argtypes = None, [pointer]

    def context(
        self, width: int, height: int, source: str, flags: int, matrix: int, full: bool
    ) -> int | None:
        formats = [self._util.av_get_pix_fmt(name.encode()) for name in (source, "rgba")]
        if min(formats) < 0:
            return None
        made: int | None = self._get(
            width, height, formats[0], width, height, formats[1], flags, None, None, None
        )
        if made:
            table = self._coefficients(matrix)
            if self._details(made, table, int(full), table, 1, 0, _ONE, _ONE) < 0:
                self.free(made)
                return None
        return made


@lru_cache(maxsize=1)
def _library() -> _Library | None:
    try:
        return _Library()
    except (OSError, AttributeError):
        return None


class _Context:
    """A conversion of one kind, freed with its last user."""

    def __init__(self, library: _Library, key: tuple[Any, ...]) -> None:
        self.library = library
        self.pointer = library.context(*key)

    def __del__(self) -> None:
        if self.pointer:
            self.library.free(self.pointer)


def to_rgba(frame: Any, flags: int, matrix: int | None, full: bool) -> npt.NDArray[np.uint8] | None:
    """PyAV's *frame* as RGBA of full range: (height, width, 4), top row first.

    *matrix* is FFmpeg's number of the colour matrix, *full* the range of the frame.  None when
    the library cannot be called.
    """
    library = _library()
    if library is None or matrix is None:
        return None
    kept: OrderedDict[Any, _Context] = _mine.__dict__.setdefault("contexts", OrderedDict())
    width, height = int(frame.width), int(frame.height)
    key = (width, height, frame.format.name, flags, matrix, full)
    context = kept.get(key)
    if context is None:
        context = kept[key] = _Context(library, key)
        while len(kept) > _KEPT:
            kept.popitem(last=False)
    if not context.pointer:
        return None
    planes = frame.planes
    room = shared_pool.take((height * width * 4 + _ALIGNED,), np.uint8)
    first = -room.ctypes.data % _ALIGNED
    out = room[first : first + height * width * 4].reshape(height, width, 4)
    source = _FOUR_POINTERS(*(p.buffer_ptr for p in planes))
    strides = _FOUR_INTS(*(p.line_size for p in planes))
    target, pitch = _FOUR_POINTERS(out.ctypes.data), _FOUR_INTS(width * 4)
    if library.scale(context.pointer, source, strides, 0, height, target, pitch) != height:
        return None
    return out
