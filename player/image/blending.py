"""How images are laid over each other, and what of them is left out.

RV draws the inputs of a stack one after the other into float buffers, the lowest first, each by the
stack's blend mode or its own; replace and dissolve are made by a shader that knows all inputs.
Nothing is clamped but what a dissolve makes.

Source: Open RV ``ImageRenderer`` (renderAllChildren, renderImage), ``StackIPNode``, the shaders.
"""

from __future__ import annotations

import numpy as np

from player.image.scene import Composite, HalfPlane, Matrix3
from player.image.transfer import Array

__all__ = ["MERGED", "blended", "kept", "merged", "over_background"]

#: composites that a shader makes of all their images, whatever these say of themselves
MERGED = ("replace", "dissolve")


def blended(kind: str, upper: Array, lower: Array, cover: Array) -> Array:
    """An image, which is where *cover* (h, w) says, over what was drawn before."""
    if kind == "add":
        return upper + lower
    if kind == "difference":
        return upper - lower
    if kind == "-difference":
        return lower - upper
    if kind in ("replace", "topmost"):
        return np.where(cover[..., None] > 0, upper, lower)
    return upper + lower * (1 - upper[..., 3:4])


def merged(scene: Composite, layers: list[tuple[Array, Array]]) -> Array:
    """All images, the first on top, each with where it is."""
    cover = np.maximum.reduce([c for _, c in layers])
    images = [i for i, _ in layers]
    if scene.kind == "dissolve" and len(images) >= 2:
        t = np.float32(min(max(scene.amount, 0.0), 1.0))
        mixed: Array = np.clip(images[1] + (images[0] - images[1]) * t, 0.0, 1.0)
        mixed[..., 3] = np.where(cover > 0, 1.0, mixed[..., 3])
        return mixed
    result = images[-1]
    for upper, mask in layers[-2::-1]:
        result = np.where(mask[..., None] > 0, upper, result)
    return result


def over_background(blend: str, upper: Array, cover: Array, base: Array) -> Array:
    """What is seen, where *cover* says, over the background."""
    if blend == "add":
        return upper + base
    if blend == "over":
        image: Array = upper + base * (1 - upper[..., 3:4])
        image[..., 3] = np.where(cover > 0, upper[..., 3], base[..., 3])
        return image
    # beyond the images there are marks only
    return upper + np.where(cover[..., None] > 0, 0, base * (1 - upper[..., 3:4]))


def kept(mask: HalfPlane, to_canvas: Matrix3, x0: int, y0: int, h: int, w: int) -> Array:
    """(h, w, 1): 1 on the side of the line that is kept.  *to_canvas* takes image space
    (height 1, origin at the lower left) to canvas pixels."""
    m = np.linalg.pinv(to_canvas)
    y, x = np.mgrid[y0 : y0 + h, x0 : x0 + w] + 0.5
    u = m[0, 0] * x + m[0, 1] * y + m[0, 2] - mask.pivot[0]
    v = m[1, 0] * x + m[1, 1] * y + m[1, 2] - mask.pivot[1]
    left = np.cos(mask.angle) * v - np.sin(mask.angle) * u > 0
    made: Array = (left != mask.swapped).astype(np.float32)[..., None]
    return made
