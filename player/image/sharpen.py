"""RVUnsharpMask: away from a Gaussian blur, where the difference is worth it.

The blur is two passes of a window that is cut off and weighed anew at the edges.  Beyond a
radius of 5 RV takes its samples in pairs, so that an odd last one is left out; so do we.

Source: Open RV ``UnsharpMaskIPNode``, ``FilterGaussian*.glsl`` and ``FilterUnsharpMask.glsl``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from player.image.ops import PropertyReader
from player.image.transfer import Array

__all__ = ["Sharpen", "gaussian", "sharpen_of", "unsharp"]

_PLAIN = 5  # the largest radius of which every pixel is a sample of its own


@dataclass(frozen=True, slots=True)
class Sharpen:
    """A step over the pixels of a whole image.  `threshold` is a difference of values;
    `height` the image's in pixels, which `radius` counts in."""

    amount: float
    threshold: float
    radius: int
    height: int = 0


def sharpen_of(node: PropertyReader, height: int = 0) -> Sharpen | None:
    """The step of an RVUnsharpMask node; None where it does nothing: not active, an amount
    of 1 or less, no radius."""
    amount = float(node.one("node.amount", 1.0))
    radius = float(node.one("node.unsharpRadius", 5.0))
    if not node.one("node.active", 1) or not amount > 1.0 or not 1.0 <= radius < math.inf:
        return None
    threshold = float(node.one("node.threshold", 5.0)) / 255.0
    return Sharpen(amount, threshold, min(int(radius), 4096), height)


def _pass(rgb: Array, reach: int, radius: float, spacing: float, paired: bool) -> Array:
    """One direction (the first axis): *reach* pixels to each side, *spacing* image pixels
    from one to the next."""
    n = len(rgb)
    total = rgb.copy()
    weights = np.ones((n, 1, 1), np.float32)
    place = np.arange(n)
    left, right = np.minimum(place, reach), np.minimum(n - 1 - place, reach)
    if paired:
        left, right = left // 2 * 2, right // 2 * 2
    for r in range(1, min(reach, n - 1) + 1):
        weight = np.float32(math.exp(-3.0 * (r * spacing / radius) ** 2))
        first = int(np.searchsorted(left, r))  # the window grows from the left edge on
        if first < n:
            total[first:] += weight * rgb[first - r : n - r]
            weights[first:] += weight
        last = n - int(np.searchsorted(right[::-1], r))
        if last > 0:
            total[:last] += weight * rgb[r : last + r]
            weights[:last] += weight
    total /= weights
    return total


def gaussian(rgb: Array, radius: int, spacing: float = 1.0) -> Array:
    """*rgb* (h, w, 3) float32 blurred over *radius* image pixels; *spacing* is how many of
    them one of its own pixels is."""
    reach = max(1, round(radius / spacing))
    paired = radius > _PLAIN and spacing == 1.0
    across = _pass(rgb.swapaxes(0, 1), reach, float(radius), spacing, paired).swapaxes(0, 1)
    return np.ascontiguousarray(_pass(across, reach, float(radius), spacing, paired))


def unsharp(rgba: Array, step: Sharpen, spacing: float = 1.0) -> Array:
    """*rgba* (h, w, 4) float32 sharpened; alpha is kept."""
    out = rgba.copy()
    with np.errstate(all="ignore"):
        soft = gaussian(np.ascontiguousarray(rgba[..., :3], np.float32), step.radius, spacing)
        away = rgba[..., :3] - soft
        out[..., :3] = np.where(
            np.abs(away) > np.float32(step.threshold),
            away * np.float32(step.amount) + soft,
            rgba[..., :3],
        )
    return out
