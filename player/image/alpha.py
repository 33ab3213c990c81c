"""What alpha says of stored pixels: opaque, clear, or something between."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["Mask", "between", "softness", "solid"]

Mask = npt.NDArray[np.bool_]

_ACROSS: Final = 64  # rows and columns of a picture by which it is judged
_NEARLY: Final = 0.001
_LEAST, _MOST = (np.float16(1 + off).view(np.uint16) for off in (-_NEARLY, _NEARLY))


def solid(alpha: npt.NDArray[Any]) -> Mask:
    """Where alpha is full, or nearly."""
    made: Mask
    if alpha.dtype == np.float16:  # by their bits: numpy compares halves one by one
        made = alpha.view(np.uint16) - _LEAST <= _MOST - _LEAST  # below 0: large
    elif alpha.dtype.kind == "f":
        made = np.abs(alpha - 1) <= _NEARLY
    else:
        made = alpha == np.iinfo(alpha.dtype).max
    return made


def _bare(pixels: npt.NDArray[Any]) -> Mask:
    """Of pixels (h, w, 4): where nothing is, neither alpha nor colour."""
    size = pixels.dtype.itemsize * 4
    words = np.ascontiguousarray(pixels).view(np.uint32 if size == 4 else np.uint64)
    made: Mask = words[..., 0] == 0
    if size == 16:
        made &= words[..., 1] == 0
    return made


def between(pixels: npt.NDArray[Any], loose: bool, opaque: Mask | None = None) -> Mask:
    """Which pixels (h, w, 4) are neither opaque nor clear.  *loose* are colours that are yet to be
    multiplied by alpha; *opaque* is what `solid` says, if it is known."""
    alpha = pixels[..., 3]
    clear = alpha == 0 if loose else _bare(pixels)
    return ~((solid(alpha) if opaque is None else opaque) | clear)


def softness(pixels: npt.NDArray[Any], loose: bool) -> float:
    """How many of a picture's pixels are between opaque and clear, 0..1: by some of them."""
    h, w = pixels.shape[:2]
    some = pixels[:: max(1, h // _ACROSS), :: max(1, w // _ACROSS)]
    return float(between(some, loose).mean())
