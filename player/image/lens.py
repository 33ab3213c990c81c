"""Lens distortion: where in the stored picture a displayed pixel comes from.

RVLensWarp is a lookup in the source, so it acts before every colour operation.  A point at
distance r from the lens centre (in units of the focal length) is taken from r times a
polynomial of r², plus a tangential term; outside of the picture its edge is repeated.

Source: Open RV ``LensWarpIPNode`` and its shaders.  Two of their conventions are kept: the
centre counts from the top left, except in the 3DE4 model, and the constant term ``d`` is
only there when a radial coefficient is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from player.image.ops import PropertyReader

__all__ = ["Lens", "lens_of"]

Points = npt.NDArray[np.float64]
Pair = tuple[float, float]

#: coefficients each of the polynomial models reads
_READ = {
    "brown": ("k1", "k2", "k3", "p1", "p2"),
    "opencv": ("k1", "k2", "p1", "p2"),
    "adobe": ("k1", "k2", "k3", "p1", "p2"),
    "pfbarrel": ("k1", "k2"),
    "nuke": ("k1", "k2"),
    "rv4.0.10": ("k1", "k2", "k3", "p1", "p2"),
}
_ANAMORPHIC = "tde4_ldp_anamorphic_deg_6"
_TERMS = ("02", "22", "04", "24", "44", "06", "26", "46", "66")


@dataclass(frozen=True, slots=True)
class Lens:
    """A distortion.  `centre` is in fractions of the picture from its lower left, `focal`
    in those of the length that the model measures by: "side" is the longer one, "diagonal"
    half the diagonal, "barrel" that as PFBarrel has it.  `terms` are the nine pairs of the
    anamorphic model, or nothing."""

    centre: Pair
    focal: Pair
    radial: tuple[float, float, float] = (0.0, 0.0, 0.0)
    constant: float = 1.0
    tangential: Pair = (0.0, 0.0)
    terms: tuple[Pair, ...] = ()
    measure: str = "side"

    def _unit(self, width: float, height: float) -> float:
        if self.measure == "diagonal":
            return math.hypot(width, height) / 2
        longer = max(width, height)
        if self.measure == "barrel":
            return longer * math.sqrt(1.0 + (height / width) ** 2) / 2
        return longer

    def source(
        self, x: Points, y: Points, width: float, height: float, pixel_aspect: float = 1.0
    ) -> tuple[Points, Points]:
        """Where the pixels at *x*, *y* are taken from: pixel coordinates from the lower left of
        a picture of *width* x *height* pixels of that shape."""
        unit = self._unit(width * max(pixel_aspect, 1.0), height / min(pixel_aspect, 1.0))
        fx, fy = unit * self.focal[0], unit * self.focal[1]
        cx, cy = width * self.centre[0], height * self.centre[1]
        if not (fx and fy):
            return x, y
        u, v = (cx - x) / fx, (cy - y) / fy
        square = u * u + v * v
        if self.terms:
            sx, sy = self._anamorphic(u, v, square)
            return cx - fx * u * sx, cy - fy * v * sy
        scale: Points | float = 1.0
        if any(self.radial):
            k1, k2, k3 = self.radial
            scale = ((k3 * square + k2) * square + k1) * square + self.constant
        p1, p2 = self.tangential
        tx = 2 * p2 * u * v + p1 * (square + 2 * u * u)
        ty = p2 * (square + 2 * v * v) + 2 * p1 * u * v
        return cx - fx * (u * scale + tx), cy - fy * (v * scale + ty)

    def _anamorphic(self, u: Points, v: Points, square: Points) -> tuple[Points, Points]:
        phi = np.arctan2(v, u)
        two, four, six = np.cos(2 * phi), np.cos(4 * phi), np.cos(6 * phi)
        out = []
        for c02, c22, c04, c24, c44, c06, c26, c46, c66 in zip(*self.terms, strict=True):
            sixth = c06 + c26 * two + c46 * four + c66 * six
            fourth = c04 + c24 * two + c44 * four
            out.append(1 + ((sixth * square + fourth) * square + c02 + c22 * two) * square)
        return out[0], out[1]


def _number(node: PropertyReader, name: str, default: float) -> float:
    value = node.one(f"warp.{name}", default)
    number = float(default if value is None else value)
    return number if math.isfinite(number) else default


def _pair(node: PropertyReader, name: str, default: float) -> Pair:
    values: list[Any] = node.get(f"warp.{name}")
    pair = (float(values[0]), float(values[1])) if len(values) >= 2 else (default, default)
    return pair if all(math.isfinite(v) for v in pair) else (default, default)


def lens_of(node: PropertyReader) -> Lens | None:
    """The distortion of an RVLensWarp node; None when it is none."""
    if not node.one("node.active", 1):
        return None
    model = str(node.one("warp.model", "brown"))
    centre, offset = _pair(node, "center", 0.5), _pair(node, "offset", 0.0)
    crop = (_number(node, "cropRatioX", 1.0), _number(node, "cropRatioY", 1.0))
    focal = (_number(node, "fx", 1.0), _number(node, "fy", 1.0))
    if model == _ANAMORPHIC:
        terms = tuple((_number(node, f"cx{t}", 0.0), _number(node, f"cy{t}", 0.0)) for t in _TERMS)
        if not any(any(pair) for pair in terms):
            return None
        at = (centre[0] - offset[0], centre[1] - offset[1])
        return Lens(at, _times(focal, crop), terms=terms, measure="diagonal")
    if model not in _READ:
        return None
    k1, k2, k3, p1, p2 = (
        _number(node, name, 0.0) if name in _READ[model] else 0.0
        for name in ("k1", "k2", "k3", "p1", "p2")
    )
    constant = _number(node, "d", 1.0)
    if model == "brown":
        centre = (centre[0] + offset[0], centre[1] + offset[1])
    elif model == "adobe":
        constant = 0.99
    elif model == "pfbarrel":
        focal = (1.0, 1.0)
    elif model == "rv4.0.10":
        k1, k2, k3, p1, p2 = -k1, -k2, -k3, -p2, -p1
        centre = (centre[0] + offset[0] / 2, centre[1] + offset[1] / 2)
        crop = (crop[0] / 2, crop[1] / 2)
    if not any((k1, k2, k3, p1, p2)):
        return None
    return Lens(
        (centre[0], 1.0 - centre[1]), _times(focal, crop), (k1, k2, k3), constant, (p1, p2),
        measure="barrel" if model == "pfbarrel" else "side",
    )  # fmt: skip


def _times(a: Pair, b: Pair) -> Pair:
    return (a[0] * b[0], a[1] * b[1])
