"""From what a file says to what a node keeps.

Source: Open RV ``src/lib/files/LUT/ReadLUT.cpp`` (simplifyPreLUT, compilePreLUT,
resamplePowerOfTwo), ``LUTmath.cpp``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from player.media.luts.formats import Curve, Floats, RawTable

__all__ = ["IDENTITY", "LookUpTable", "shaped"]

IDENTITY: Final = tuple(float(i % 5 == 0) for i in range(16))


@dataclass(frozen=True, slots=True)
class LookUpTable:
    """What a file puts into a node: `size` (x, y, z) of a cube or (n,) of a channel table,
    `values` and `pre` triplets, `matrix` 16 numbers (row-major) applied before the table."""

    size: tuple[int, ...]
    values: list[float]
    pre: list[float]
    matrix: tuple[float, ...]
    gamma: float


def shaped(raw: RawTable, *, power_of_two: bool, samples: int) -> LookUpTable:
    """The table as RV keeps it; ValueError for curves that a channel table cannot have."""
    size, data = raw.size, raw.data
    if power_of_two and len(size) == 3:
        size, data = _enlarged(size, data)
    matrix, curves, straight = _simplified(raw.curves)
    pre = np.zeros((0, 3), np.float32)
    if len(curves) == 3 and all(len(c[0]) for c in curves):
        pre, matrix = _compiled(curves, max(samples, 2))
    if len(size) == 1 and not straight:
        raise ValueError(
            "can't handle non-linear prelut with a channel lut. Try baking the non-linear "
            "portion of the prelut into the channel lut"
        )
    return LookUpTable(size, data.ravel().tolist(), pre.ravel().tolist(), matrix, raw.gamma)


# -- curves before a table -------------------------------------------------------------------


def _straight(curve: Curve) -> bool:
    x, y = curve
    a, b = x[-1] - x[0], y[-1] - y[0]
    inner = slice(1, len(x) - 1)
    return bool((a * (y[inner] - y[0]) - b * (x[inner] - x[0]) == 0).all())


def _simplified(curves: list[Curve]) -> tuple[tuple[float, ...], list[Curve], bool]:
    """A matrix in place of straight curves; the curves that are left; whether all were."""
    if all(len(x) < 2 for x, _ in curves):
        return IDENTITY, [], True
    judged = [_straight(c) if len(c[0]) >= 2 else None for c in curves]
    linear = False not in judged
    if len(curves) < 3 or not all(judged):
        return IDENTITY, curves, linear
    matrix = np.eye(4, dtype=np.float32)
    for i, (x, y) in enumerate(curves):
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = (y[-1] - y[0]) / (x[-1] - x[0])
        matrix[i, i] = slope
        matrix[i, 3] = y[0] - slope * x[0]
    return tuple(matrix.ravel().tolist()), [], linear


def _compiled(curves: list[Curve], samples: int) -> tuple[Floats, tuple[float, ...]]:
    """(samples, 3) at equal steps, and the matrix that brings colours into 0..1."""
    matrix = np.eye(4, dtype=np.float32)
    out = np.empty((samples, 3), np.float32)
    t = np.arange(samples, dtype=np.float32) / np.float32(samples - 1)
    for q, (x, y) in enumerate(curves):
        offset, scale = x.min(), x.max() - x.min()
        with np.errstate(divide="ignore", invalid="ignore"):
            x = ((x - offset) / scale).astype(np.float32)
            matrix[q, q] = np.float32(1.0) / scale
            matrix[q, 3] = 0.0 - offset / scale
            i1 = np.searchsorted(x, t, side="left")
            i0 = np.maximum(i1 - 1, 0)
            past = i1 >= len(x)
            i1 = np.where(past, len(x) - 1, i1)
            i0 = np.where(past, len(x) - 1, i0)
            u = (t - x[i0]) / (x[i1] - x[i0])
            mixed = y[i0] * (np.float32(1.0) - u) + y[i1] * u
        out[:, q] = np.where(x[i1] != x[i0], mixed, y[i0])
    return out, tuple(matrix.ravel().tolist())


# -- cubes -----------------------------------------------------------------------------------


def _enlarged(size: tuple[int, ...], data: Floats) -> tuple[tuple[int, ...], Floats]:
    """The cube with sides of powers of two, trilinear; as it is when they are."""
    wanted = tuple(max(1 << max(n - 1, 0).bit_length(), 2) for n in size)
    if all(n >= 2 and n & (n - 1) == 0 for n in size) or min(size) < 1:
        return size, data
    x, y, z = size
    cube = data.reshape(z, y, x, 3)
    for axis, n in ((2, wanted[0]), (1, wanted[1]), (0, wanted[2])):
        cube = _along(cube, axis, n)
    return wanted, cube.reshape(-1, 3)


def _along(cube: npt.NDArray[np.float32], axis: int, n: int) -> npt.NDArray[np.float32]:
    """`n` steps along one axis, linear between the old ones."""
    last = cube.shape[axis] - 1
    at = np.arange(n, dtype=np.float32) / np.float32(n - 1) * np.float32(last)
    low = at.astype(np.int64)
    high = np.minimum(low + 1, last)
    shape = [1, 1, 1, 1]
    shape[axis] = n
    t = (at - low.astype(np.float32)).reshape(shape)
    a, b = np.take(cube, low, axis), np.take(cube, high, axis)
    mixed: npt.NDArray[np.float32] = (a * (np.float32(1.0) - t) + b * t).astype(np.float32)
    return mixed
