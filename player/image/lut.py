"""Look-up tables stored in properties: channel curves, cubes, luminance tables.

`lut.lut` holds red-fastest triplets for a cube and a triplet an entry for a channel table, as
`lut.prelut` does (Open RV ``src/lib/ip/IPCore/LUTIPNode.cpp``). Inputs are clamped to the table,
cubes are interpolated trilinearly, alpha is kept (RV's LUT component, reference manual
"RVLinearize" and "RVLookLUT").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from player.image.lattice import exact_lookup
from player.image.ocio import file_ops
from player.image.ops import LUMA, Op, PropertyReader, channelwise, colour_matrix, general
from player.image.transfer import Array, power

__all__ = ["PropertyReader", "apply_cube", "apply_curves", "luminance_op", "lut_ops"]


def apply_curves(x: Array, curves: Array) -> Array:
    """*x* (..., 3) through *curves* (3, n), linear interpolation, clamped at the ends."""
    n = curves.shape[1]
    at = np.clip(np.nan_to_num(x), 0.0, 1.0) * np.float32(n - 1)
    low = np.minimum(at.astype(np.int32), max(0, n - 2))
    t = at - low
    out = np.empty_like(x)
    for c in range(3):
        i = low[..., c]
        a, b = curves[c][i], curves[c][np.minimum(i + 1, n - 1)]
        out[..., c] = a + (b - a) * t[..., c]
    return out


def apply_cube(x: Array, cube: Array) -> Array:
    """*x* (..., 3) through *cube* (b, g, r, 3), trilinear, clamped."""
    sizes = np.array(cube.shape[2::-1])  # r, g, b
    at = np.clip(np.nan_to_num(x), 0.0, 1.0) * (sizes - 1).astype(np.float32)
    low = np.minimum(at.astype(np.int32), np.maximum(sizes - 2, 0))
    t = (at - low).astype(np.float32)
    high = np.minimum(low + 1, sizes - 1)
    out = np.zeros(x.shape, np.float32)
    for corner in range(8):
        r = high[..., 0] if corner & 1 else low[..., 0]
        g = high[..., 1] if corner & 2 else low[..., 1]
        b = high[..., 2] if corner & 4 else low[..., 2]
        weight = (
            (t[..., 0] if corner & 1 else 1 - t[..., 0])
            * (t[..., 1] if corner & 2 else 1 - t[..., 1])
            * (t[..., 2] if corner & 4 else 1 - t[..., 2])
        )
        out += cube[b, g, r] * weight[..., None]
    return out


def _matrix(values: Sequence[float]) -> Op | None:
    if len(values) != 16:
        return None
    m = np.asarray(values, np.float64).reshape(4, 4)
    return None if np.array_equal(m, np.eye(4)) else colour_matrix(m)


def lut_ops(node: PropertyReader, *, conditioning: bool = True) -> tuple[Op, ...]:
    """The `lut.*` component of a node as colour operations; none unless it is active."""
    if node.one("lut.active", 0) != 1:
        return ()
    values = np.asarray(node.get("lut.lut"), np.float32)
    sizes = [int(s) for s in node.get("lut.size")[:3]]
    cubic = len(sizes) == 3 and min(sizes) > 0
    if values.size < 6 or not sizes or sizes[0] <= 0:
        path = str(node.one("lut.file", "") or "")
        steps = [_matrix(node.get("lut.inMatrix")), *(file_ops(path) if path else ()),
                 _matrix(node.get("lut.outMatrix"))]  # fmt: skip
        return tuple(s for s in steps if s is not None)
    key = (values.tobytes(), tuple(sizes))
    out: list[Op] = []
    pre = np.asarray(node.get("lut.prelut"), np.float32)
    gamma = float(node.one("lut.conditioningGamma", 1.0) or 1.0)
    if conditioning and cubic and pre.size and gamma != 1.0:
        out.append(channelwise(("gamma", gamma), lambda x: power(x, gamma)))
    before, after = _matrix(node.get("lut.inMatrix")), _matrix(node.get("lut.outMatrix"))
    if before:
        out.append(before)
    if cubic:
        if values.size != 3 * sizes[0] * sizes[1] * sizes[2]:
            return ()
        if pre.size >= 6 and pre.size % 3 == 0:
            curves = np.ascontiguousarray(pre.reshape(-1, 3).T)
            out.append(channelwise(("pre", pre.tobytes()), lambda x: apply_curves(x, curves)))
        cube = values.reshape(sizes[2], sizes[1], sizes[0], 3)

        quick = exact_lookup(cube)

        def through(rgba: Array) -> Array:
            if quick is None:
                rgba[..., :3] = apply_cube(rgba[..., :3], cube)
                return rgba
            whole = np.ascontiguousarray(rgba, np.float32)
            whole[..., :3] = np.nan_to_num(whole[..., :3])
            quick.applyRGBA(whole.reshape(-1, 4))
            return whole

        out.append(general(("cube", key), through, rgb_only=True))
    else:
        n = values.size // 3
        curves3 = np.ascontiguousarray(values[: 3 * n].reshape(n, 3).T)
        out.append(channelwise(("curves", key), lambda x: apply_curves(x, curves3)))
    if after:
        out.append(after)
    return tuple(out)


def luminance_op(node: PropertyReader) -> Op | None:
    """`luminanceLUT.*`: the colour is replaced by the table's entry for its luminance."""
    if not node.one("luminanceLUT.active", 0):
        return None
    values = np.asarray(node.get("luminanceLUT.lut"), np.float32)
    if values.size < 6:
        return None
    n = int(node.one("luminanceLUT:output.size", 256) or 256)
    if not 2 <= n <= 65536:
        return None
    table = values[: values.size // 3 * 3].reshape(-1, 3)
    at, grid = np.linspace(0.0, 1.0, n), np.linspace(0.0, 1.0, len(table))
    sampled = np.stack([np.interp(at, grid, table[:, c]) for c in range(3)])
    curves = sampled.astype(np.float16).astype(np.float32)
    weights = LUMA.astype(np.float32)
    half = np.float32(0.5 / (n - 1))  # RV reads half an entry before

    def replace(rgba: Array) -> Array:
        y = rgba[..., :3] @ weights - half
        rgba[..., :3] = apply_curves(np.repeat(y[..., None], 3, axis=-1), curves)
        return rgba

    return general(("luminance", values.tobytes(), n), replace, rgb_only=True)
