"""Matrices between colour spaces: primaries, adaptation, saturation and hue."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from player.image.ops import LUMA, Matrix4

__all__ = ["D65", "REC709", "adapt", "hue_matrix", "primaries_matrix", "rgb_to_xyz",
           "saturation_matrix", "to_rec709"]  # fmt: skip

Pair = tuple[float, float]
Matrix3 = npt.NDArray[np.float64]

D65: Pair = (0.3127, 0.329)
REC709: tuple[Pair, Pair, Pair, Pair] = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), D65)

_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


def _xyz(xy: Pair) -> npt.NDArray[np.float64]:
    x, y = xy
    return np.array([x / y, 1.0, (1.0 - x - y) / y])


def rgb_to_xyz(primaries: Sequence[Pair]) -> Matrix3:
    """RGB to XYZ (Y of white = 1) for red, green, blue and white (x, y)."""
    columns = np.stack([_xyz(p) for p in primaries[:3]], axis=1)
    scale = np.linalg.solve(columns, _xyz(primaries[3]))
    return columns * scale


def adapt(source: Pair, target: Pair) -> Matrix3:
    """Bradford adaptation of XYZ from one neutral to another."""
    if source == target:
        return np.eye(3)
    ratio = (_BRADFORD @ _xyz(target)) / (_BRADFORD @ _xyz(source))
    out: Matrix3 = np.linalg.inv(_BRADFORD) @ np.diag(ratio) @ _BRADFORD
    return out


def _homogeneous(m: Matrix3) -> Matrix4:
    out = np.eye(4)
    out[:3, :3] = m
    return out


def to_rec709(primaries: Sequence[Pair], neutral: Pair | None = None) -> Matrix4:
    """File primaries to Rec. 709, adapted from the file's neutral (or white) to D65."""
    white = neutral or primaries[3]
    return _homogeneous(
        np.linalg.inv(rgb_to_xyz(REC709)) @ adapt(white, D65) @ rgb_to_xyz(primaries)
    )


def primaries_matrix(primaries: Sequence[Pair], neutral: Pair) -> Matrix4:
    """Rec. 709 to display primaries, adapted from D65 to *neutral*."""
    return _homogeneous(
        np.linalg.inv(rgb_to_xyz(primaries)) @ adapt(D65, neutral) @ rgb_to_xyz(REC709)
    )


def saturation_matrix(amount: float) -> Matrix4:
    """lerp(luminance, colour, amount)."""
    return _homogeneous(np.tile(LUMA * (1.0 - amount), (3, 1)) + amount * np.eye(3))


def hue_matrix(radians: float) -> Matrix4:
    """Turn colours about the grey axis; the Rec. 709 luminance stays what it was."""
    if not math.isfinite(radians):
        radians = 0.0  # no turn there is
    c, s = math.cos(radians), math.sin(radians)
    k = np.ones((3, 3)) / 3.0
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3.0)
    turn = c * np.eye(3) + s * cross + (1 - c) * k
    return _homogeneous(turn + np.ones((3, 1)) @ (LUMA - LUMA @ turn)[None, :])
