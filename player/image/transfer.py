"""Transfer functions: code values to linear light and back.

Every function takes and returns float32 arrays of any shape, works on unclamped values and
leaves its argument alone.  The formulas are those of Open RV's shaders (reference manual,
"Image processing"); where RV's form differs from the standard's (HLG scaled to 10 = 1000
nits, PQ with 1.0 = 100 nits, sRGB and Rec. 709 of negative values = 0) RV's is kept.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

__all__ = [
    "Array",
    "LOG_CURVES",
    "cineon_to_linear",
    "hlg_to_linear",
    "linear_to_rec709",
    "linear_to_srgb",
    "logc_to_linear",
    "power",
    "pq_to_linear",
    "rec709_to_linear",
    "redlog_to_linear",
    "srgb_to_linear",
    "viper_to_linear",
]

Array = npt.NDArray[np.float32]
_F = np.float32


def power(x: Array, exponent: float) -> Array:
    """max(x, 0) to the *exponent*."""
    return np.power(np.maximum(x, _F(0)), _F(exponent)).astype(np.float32, copy=False)


def srgb_to_linear(x: Array) -> Array:
    x = np.maximum(x, _F(0))
    return np.where(x <= _F(0.04045), x / _F(12.92), power((x + _F(0.055)) / _F(1.055), 2.4))


def linear_to_srgb(x: Array) -> Array:
    x = np.maximum(x, _F(0))
    return np.where(x <= _F(0.0031308), x * _F(12.92), _F(1.055) * power(x, 1 / 2.4) - _F(0.055))


def rec709_to_linear(x: Array) -> Array:
    x = np.maximum(x, _F(0))
    return np.where(x <= _F(0.081), x / _F(4.5), power((x + _F(0.099)) / _F(1.099), 1 / 0.45))


def linear_to_rec709(x: Array) -> Array:
    x = np.maximum(x, _F(0))
    return np.where(x <= _F(0.018), x * _F(4.5), _F(1.099) * power(x, 0.45) - _F(0.099))


def _density(code: float) -> float:
    return float(10.0 ** (code * 0.002 / 0.6))


def cineon_to_linear(
    x: Array, white: float = 685.0, black: float = 95.0, break_point: float | None = None
) -> Array:
    """Cineon printing density; a soft clip begins at *break_point* when it is below white."""
    clipped = np.minimum(x, _F(1))
    lo, hi = _density(black), _density(white)
    if hi == lo:
        return np.zeros_like(x)
    codes = np.power(10.0, clipped.astype(np.float64) * (1023.0 * 0.002 / 0.6))
    out = (np.maximum(codes - lo, 0.0) / (hi - lo)).astype(np.float32)
    brk = white if break_point is None else break_point
    if brk < white:
        s = (white - brk) / 100.0
        p = brk / 1023.0
        k0 = (_density(brk) - lo) / (hi - lo)
        k1 = (1.0 - k0) / (500.0 * s) ** s if s else 0.0
        soft = np.power(np.maximum(1023.0 * (clipped - p), 0.0), s) * k1 + k0
        out = np.where(clipped >= p, soft, out).astype(np.float32)
    return out


def viper_to_linear(x: Array) -> Array:
    clipped = np.minimum(x, _F(1)).astype(np.float64)
    return (np.power(10.0, 2.048 * clipped) * 0.0359824060427).astype(np.float32)


def redlog_to_linear(x: Array) -> Array:
    magnitude = (np.power(10.0, 2.0 * np.abs(x).astype(np.float64)) - 1.0) / 99.0
    return (np.sign(x) * magnitude).astype(np.float32)


def logc_to_linear(x: Array) -> Array:
    """ARRI LogC at EI 800."""
    low = _F(0.18630110) * x - _F(0.017290485)
    exponent = np.minimum(4.0454770 * x.astype(np.float64) - 1.5596811, 38.0)
    high = (0.18 * np.power(10.0, exponent) - 0.0094090095).astype(np.float32)
    return np.where(x <= _F(0.14965814), low, high)


def pq_to_linear(x: Array) -> Array:
    """SMPTE ST 2084, 1.0 = 100 nits."""
    y = np.power(np.maximum(x, 0).astype(np.float64), 1 / 78.84375)
    below = np.maximum(18.8515625 - 18.6875 * y, 1e-9)
    out = 100.0 * np.power(np.maximum(y - 0.8359375, 0.0) / below, 1 / 0.1593017578125)
    return np.minimum(out, 3e38).astype(np.float32)


def hlg_to_linear(rgb: Array) -> Array:
    """Hybrid log-gamma with the system gamma of 1.2; needs all three channels (last axis)."""
    v = np.maximum(rgb, 0).astype(np.float64)
    high = (np.exp(np.minimum((v - 0.55991073) / 0.17883277, 80.0)) + 0.28466892) / 12.0
    e = np.where(v <= 0.5, v * v / 3.0, high)
    y = e @ np.array([0.2627, 0.6780, 0.0593])
    gain = np.power(np.maximum(y, 0.0001 ** (1 / 1.2)), 0.2) * 10.0
    out: Array = np.minimum(e * gain[..., None], 3e38).astype(np.float32)
    return out


#: RVLinearize color.logtype -> channel-wise curve (1 and 7 take parameters, 9 all channels)
LOG_CURVES: dict[int, Callable[[Array], Array]] = {
    2: viper_to_linear,
    3: logc_to_linear,
    4: logc_to_linear,
    6: redlog_to_linear,
    7: cineon_to_linear,
    8: pq_to_linear,
}
