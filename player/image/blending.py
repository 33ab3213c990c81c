"""How images are laid over each other, and what of them is left out.

RV draws the inputs of a stack one after the other into float buffers, the lowest first, each by the
stack's blend mode or its own; replace and dissolve are made by a shader that knows all inputs.
Nothing is clamped but what a dissolve makes.  Here an image is kept in the box that it fills, and
only there is touched what was drawn before.

Source: Open RV ``ImageRenderer`` (renderAllChildren, renderImage), ``StackIPNode``, the shaders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.image.alpha import Mask
from player.image.scene import Composite, HalfPlane, Matrix3
from player.image.transfer import Array
from player.media.pool import shared_pool

__all__ = ["MERGED", "Layer", "blend", "common_cover", "kept", "merged", "over",
           "over_background"]  # fmt: skip

#: composites that a shader makes of all their images, whatever these say of themselves
MERGED: Final = ("replace", "dissolve")


@dataclass(frozen=True, slots=True)
class Layer:
    """Premultiplied RGBA (h, w, 4), which may be written to, its first column and its lowest row
    on a canvas, which has nothing elsewhere; and where it has something (None: everywhere)."""

    values: Array
    x: int = 0
    y: int = 0
    mask: Mask | None = None

    def box(self, canvas: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Its part of a canvas."""
        h, w = self.values.shape[:2]
        return canvas[self.y : self.y + h, self.x : self.x + w]

    def _fills(self, height: int, width: int) -> bool:
        return self.values.shape[:2] == (height, width)

    def covers(self, height: int, width: int) -> bool:
        """Whether it has something on all of a canvas."""
        return self._fills(height, width) and (self.mask is None or bool(self.mask.all()))

    def spread(self, height: int, width: int) -> Array:
        """It on a canvas of its own."""
        if self._fills(height, width):
            return self.values
        canvas = np.zeros((height, width, 4), np.float32)
        self.box(canvas)[...] = self.values
        return canvas

    def cover(self, height: int, width: int) -> Mask:
        """Where on a canvas it has something, to be read only."""
        if self.mask is not None and self._fills(height, width):
            return self.mask
        out = np.zeros((height, width), np.bool_)
        self.box(out)[...] = True if self.mask is None else self.mask
        return out


def common_cover(layers: Sequence[Layer], height: int, width: int) -> Mask | None:
    """Where on a canvas any of them has something; None for everywhere."""
    if any(layer.covers(height, width) for layer in layers):
        return None
    made: Mask = np.logical_or.reduce([layer.cover(height, width) for layer in layers])
    return made


def over(upper: Array, lower: Array) -> Array:
    """Premultiplied RGBA (h, w, 4) over another.  What is left of the lower one is told for each
    channel first: with one value for four numpy takes twice as long."""
    clear = 1 - upper[..., 3]
    out: Array = shared_pool.take(upper.shape, np.float32)
    for channel in range(4):
        out[..., channel] = clear
    out *= lower
    out += upper
    return out


def blend(kind: str, upper: Layer, lower: Array) -> None:
    """An image over what was drawn before, which becomes both."""
    part, values = upper.box(lower), upper.values
    if kind == "add":
        part += values
    elif kind == "difference":
        np.negative(lower, out=lower)
        part += values
    elif kind == "-difference":
        part -= values
    elif kind in ("replace", "topmost"):
        np.copyto(part, values, where=True if upper.mask is None else upper.mask[..., None])
    else:
        part[...] = over(values, part)


def merged(scene: Composite, layers: Sequence[Layer], height: int, width: int) -> Layer:
    """All images, the first on top, by one shader, on a canvas of this size."""
    mask = common_cover(layers, height, width)
    if scene.kind == "dissolve" and len(layers) >= 2:
        t = np.float32(min(max(scene.amount, 0.0), 1.0))
        mixed, lower = (layer.spread(height, width) for layer in layers[:2])
        mixed -= lower
        mixed *= t
        mixed += lower
        np.clip(mixed, 0.0, 1.0, out=mixed)
        np.copyto(mixed[..., 3], np.float32(1.0), where=True if mask is None else mask)
        return Layer(mixed, mask=mask)
    result = layers[-1].spread(height, width)
    for layer in layers[-2::-1]:
        blend("replace", layer, result)
    return Layer(result, mask=mask)


def over_background(kind: str, upper: Layer, base: Array) -> Array:
    """What is seen over the background, which is drawn upon."""
    part, there = upper.box(base), True if upper.mask is None else upper.mask
    if kind == "add":
        part += upper.values
        return base
    if kind == "over" or upper.mask is not None:
        part[...] = over(upper.values, part)
    if kind == "over":
        part[..., 3] *= there
    else:  # beyond the images there are marks only
        np.copyto(part, upper.values, where=np.expand_dims(there, -1))
    return base


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
