"""Modules ``math`` and ``math_util``, the vector functions, and the bits of ``half``.

Functions of ``math`` on ``float`` compute in double precision and round, as the C library's do;
those of ``math_util`` round after every step.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any, Final

from player.mu.lib.single import Single
from player.mu.numbers import div_float, f16, f32, wrap32

__all__ = ["MATHEMATICS", "half_number"]

Vector = tuple[float, ...]


def _nan(function: Callable[..., float], nan: float = -math.nan) -> Callable[..., float]:
    """C's answer where Python raises: not a number (of a sign), or infinity on overflow."""

    def call(*args: float) -> float:
        try:
            return float(function(*args))
        except ValueError:
            return nan
        except OverflowError:
            return math.inf

    return call


def _log(function: Callable[[float], float], nan: float) -> Callable[[float], float]:
    def call(x: float) -> float:
        if x == 0:
            return -math.inf
        return nan if x < 0 else function(x)

    return call


def _pow(a: float, b: float) -> float:
    try:
        return math.pow(a, b)
    except (ValueError, OverflowError) as error:
        if a and isinstance(error, ValueError):
            return -math.nan
        odd = b % 2.0 in (1.0, -1.0)
        return math.copysign(math.inf, a) if odd else math.inf


def _hypot(a: float, b: float) -> float:
    """Not a number with the sign of the one that came in."""
    if (a != a or b != b) and not (math.isinf(a) or math.isinf(b)):
        return a + b
    return math.hypot(a, b)


def _keep(function: Callable[[float], float]) -> Callable[[float], float]:
    """floor and ceil keep infinities, NaN and the sign of a zero."""
    return lambda x: x if math.isinf(x) or math.isnan(x) else math.copysign(function(x), x)


_ONE: Final[dict[str, Callable[..., float]]] = {
    "acos": _nan(math.acos, math.nan), "asin": _nan(math.asin, math.nan), "atan": math.atan,
    "cbrt": math.cbrt, "ceil": _keep(math.ceil), "cos": _nan(math.cos), "exp": _nan(math.exp),
    "floor": _keep(math.floor), "inversesqrt": lambda x: div_float(1.0, _nan(math.sqrt)(x)),
    "log": _log(math.log, -math.nan), "log10": _log(math.log10, math.nan), "sin": _nan(math.sin),
    "sqrt": _nan(math.sqrt), "tan": _nan(math.tan),
    "abs": lambda x: x if x > 0 else -x,
}  # fmt: skip
_TWO: Final[dict[str, Callable[..., float]]] = {
    "atan2": lambda a, b: a + b if a != a or b != b else math.atan2(a, b),
    "hypot": _hypot, "pow": _pow,
    "max": lambda a, b: a if a > b else b, "min": lambda a, b: a if a < b else b,
}  # fmt: skip


def _rounded(function: Callable[..., float]) -> Callable[..., float]:
    return lambda *args: f32(function(*args))


def _dot(a: Vector, b: Vector) -> float:
    total = 0.0
    for x, y in zip(a, b, strict=True):
        total = f32(total + f32(x * y))
    return total


def _mag(a: Vector) -> float:
    return f32(math.sqrt(_dot(a, a)))


def _normalize(a: Vector) -> Vector:
    length = _mag(a)
    return tuple(f32(div_float(x, length)) for x in a)


def _cross(a: Vector, b: Vector) -> Vector:
    if len(a) != 3:
        return a
    return tuple(
        f32(f32(a[i] * b[j]) - f32(a[j] * b[i])) for i, j in ((1, 2), (2, 0), (0, 1))
    )  # fmt: skip


# -- math_util -----------------------------------------------------------------------------------


def _single(function: Callable[..., float]) -> Callable[..., float]:
    """A function of floats that rounds after every step."""
    return lambda *args: float(function(*map(Single, args)))


def _linstep(edge0: Single, edge1: Single, x: Single) -> float:
    inverted = edge0 > edge1
    low, high = (edge1, edge0) if inverted else (edge0, edge1)
    if x < low:
        return 1.0 if inverted else 0.0
    if x < high:
        return (x - high) / (low - high) if inverted else (x - low) / (high - low)
    return 0.0 if inverted else 1.0


def _smoothstep(edge0: Single, edge1: Single, x: Single) -> float:
    inverted = edge0 > edge1
    low, high = (edge1, edge0) if inverted else (edge0, edge1)
    u = (x - low) / (high - low)
    if u < 0.0:
        value = Single(0.0)
    elif u < 1.0:
        square = u * u
        value = -2.0 * (square * u) + 3.0 * square
    else:
        value = Single(1.0)
    return 1.0 - value if inverted else value


def _hermite(p0: Single, p1: Single, r0: Single, r1: Single, u: Single) -> float:
    u2 = u * u
    u3 = u2 * u
    a, b = u3 * 2.0, u2 * 3.0
    return p0 * (a - b) + p1 * (-a + b) + r0 * (u3 - 2.0 * u2 + u) + r1 * (u3 - u2)


def _lerp(a: Single, b: Single, u: Single) -> Single:
    return b * u + a * (1.0 - u)


def _vector_lerp(a: Vector, b: Vector, u: float) -> Vector:
    pairs = zip(a, b, strict=True)
    return tuple(float(_lerp(Single(x), Single(y), Single(u))) for x, y in pairs)


def _rotate(point: Vector, axis: Vector, angle: float) -> Vector:
    """A point turned around an axis by an angle in radians."""
    c, s = Single(f32(_ONE["cos"](angle))), Single(f32(_ONE["sin"](angle)))
    px, py, pz = map(Single, point)
    x, y, z = map(Single, axis)
    t = 1.0 - c
    tx, ty, sx, sy, sz = t * x, t * y, s * x, s * y, s * z
    txy, txz, tyz = tx * y, tx * z, ty * z
    return (
        float(px * (tx * x + c) + py * (txy - sz) + pz * (txz + sy)),
        float(px * (txy + sz) + py * (ty * y + c) + pz * (tyz - sx)),
        float(px * (txz - sy) + py * (tyz + sx) + pz * (t * z * z + c)),
    )


def _clamp(x: float, low: float, high: float) -> float:
    if x < low:
        return low
    return high if x > high else x


# -- half ----------------------------------------------------------------------------------------


def _half_bits(x: float) -> int:
    bits: int = struct.unpack("<h", struct.pack("<e", x))[0]
    return bits


def _half_of_bits(bits: int) -> float:
    value: float = struct.unpack("<e", struct.pack("<h", bits))[0]
    return value


def half_number(x: float) -> float:
    """The bits of a half, taken as a number and made a half again."""
    return f16(float(_half_bits(x)))


def _bits(x: float) -> int:
    """``half.bits``: RV converts the result once more than it means to."""
    return _half_bits(f16(float(_half_bits(x) & 0xFFFF)))


def _round(x: float, keep: int) -> float:
    """Rounded to ``keep`` bits of significand; away from infinity."""
    if not 0 <= keep < 10:
        return x
    bits = _half_bits(x)
    sign, rest = bits & 0x8000, bits & 0x7FFF
    cut = rest >> (9 - keep)
    rounded = (cut + (cut & 1)) << (9 - keep)
    if rounded >= 0x7C00:
        rounded = rest >> (10 - keep) << (10 - keep)
    whole = sign | rounded
    return _half_of_bits(whole - 0x10000 if sign else whole)


def _table() -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, function in _ONE.items():
        out[f"math.{name} (double; double)"] = function
        out[f"math.{name} (float; float)"] = _rounded(function)
    for name, function in _TWO.items():
        out[f"math.{name} (double; double, double)"] = function
        out[f"math.{name} (float; float, float)"] = _rounded(function)
    out["math.abs (int; int)"] = lambda a: wrap32(abs(a))
    out["math.max (int; int, int)"] = max
    out["math.min (int; int, int)"] = min
    for size in (2, 3, 4):
        v = f"vector float[{size}]"
        out[f"dot (float; {v}, {v})"] = _dot
        out[f"mag (float; {v})"] = _mag
        out[f"normalize ({v}; {v})"] = _normalize
        out[f"cross ({v}; {v}, {v})"] = _cross
        out[f"math_util.lerp ({v}; {v}, {v}, float)"] = _vector_lerp
    out["math_util.lerp (float; float, float, float)"] = _single(_lerp)
    out["math_util.clamp (float; float, float, float)"] = _clamp
    out["math_util.degrees (float; float)"] = lambda x: f32(x * 57.29578)
    out["math_util.radians (float; float)"] = lambda x: f32(x * 0.017453293)
    out["math_util.smoothstep (float; float, float, float)"] = _single(_smoothstep)
    out["math_util.linstep (float; float, float, float)"] = _single(_linstep)
    out["math_util.hermite (float; float, float, float, float, float)"] = _single(_hermite)
    out["math_util.rotate (vector float[3]; vector float[3], vector float[3], float)"] = _rotate
    out["math_util.step (float; float, float)"] = lambda edge, x: 0.0 if x < edge else 1.0
    out["half.bits (short; half)"] = _bits
    out["half.convert (half; short)"] = _half_of_bits
    out["half.round (half; half value, int bits)"] = _round
    return out


MATHEMATICS: Final = _table()
