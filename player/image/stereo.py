"""Stereo modes: where each eye goes, and how two eyes become one picture.

Positions are in image space (height 1).  RV's mirror mode has the right eye on the left
half and the left eye flopped on the right half; vsqueezed the left eye at the bottom;
checker and scanline are counted from the bottom left of the window.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from player.image.ops import LUMA
from player.image.scene import Matrix3, scaling, translation

Pixels = npt.NDArray[Any]

__all__ = ["EYE_MATRICES", "MODES", "combine", "needs_both_eyes"]

MODES = ("off", "mono", "left", "right", "pair", "mirror", "hsqueezed", "vsqueezed", "anaglyph",
         "lumanaglyph", "checker", "scanline")  # fmt: skip


def needs_both_eyes(mode: str) -> bool:
    """Whether the eyes are evaluated apart in this mode (unknown ones count as off)."""
    return mode in MODES[2:]


def _pair(eye: str, aspect: float) -> Matrix3:
    side = -1 if eye == "left" else 1
    return translation(side * 0.25 * aspect, 0) @ scaling(0.5, 0.5)


def _mirror(eye: str, aspect: float) -> Matrix3:
    side, flop = (1, -1.0) if eye == "left" else (-1, 1.0)
    return translation(side * 0.25 * aspect, 0) @ scaling(0.5 * flop, 0.5)


def _hsqueezed(eye: str, aspect: float) -> Matrix3:
    side = -1 if eye == "left" else 1
    return translation(side * 0.25 * aspect, 0) @ scaling(0.5, 1.0)


def _vsqueezed(eye: str, aspect: float) -> Matrix3:
    return translation(0, -0.25 if eye == "left" else 0.25) @ scaling(1.0, 0.5)


EYE_MATRICES: dict[str, Callable[[str, float], Matrix3]] = {
    "pair": _pair,
    "mirror": _mirror,
    "hsqueezed": _hsqueezed,
    "vsqueezed": _vsqueezed,
}


def combine(
    mode: str, eyes: Mapping[str, Pixels], drawn: Pixels | None = None, first: int = 0
) -> Pixels:
    """Two canvases (height, width, 4; row 0, which is the picture's row *first*, lowest) as one.
    *drawn* (height, width) is where the right eye drew something, for modes in which both lie
    apart."""
    left, right = eyes["left"], eyes["right"]
    if mode in EYE_MATRICES:
        assert drawn is not None
        return np.where(drawn[..., None], right, left)
    out = left.copy()
    if mode == "anaglyph":
        out[..., 1:3] = right[..., 1:3]
        out[..., 3] = np.maximum(left[..., 3], right[..., 3])
    elif mode == "lumanaglyph":
        weights = LUMA.astype(np.float32)
        out[..., 0] = left[..., :3] @ weights
        out[..., 1:3] = (right[..., :3] @ weights)[..., None]
        out[..., 3] = np.maximum(left[..., 3], right[..., 3])
    elif mode == "checker":
        even = first % 2
        out[even::2, 1::2] = right[even::2, 1::2]
        out[1 - even :: 2, 0::2] = right[1 - even :: 2, 0::2]
    elif mode == "scanline":
        out[first % 2 :: 2] = right[first % 2 :: 2]
    return out
