"""Modules ``math`` and ``math_util``, and the vector functions.

Functions on ``float`` compute in double precision and round, as the C library's do.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any, Final

from player.mu.numbers import div_float, f32, wrap32
from player.mu.values import Context, needs_context

__all__ = ["MATHEMATICS"]

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
    except ZeroDivisionError:
        return math.inf


def _keep(function: Callable[[float], float]) -> Callable[[float], float]:
    """floor and ceil keep infinities and NaN."""
    return lambda x: x if math.isinf(x) or math.isnan(x) else float(function(x))


_ONE: Final[dict[str, Callable[..., float]]] = {
    "acos": _nan(math.acos, math.nan), "asin": _nan(math.asin, math.nan), "atan": math.atan,
    "cbrt": math.cbrt, "ceil": _keep(math.ceil), "cos": _nan(math.cos), "exp": _nan(math.exp),
    "floor": _keep(math.floor), "inversesqrt": lambda x: div_float(1.0, _nan(math.sqrt)(x)),
    "log": _log(math.log, -math.nan), "log10": _log(math.log10, math.nan), "sin": _nan(math.sin),
    "sqrt": _nan(math.sqrt), "tan": _nan(math.tan), "abs": abs,
}  # fmt: skip
_TWO: Final[dict[str, Callable[..., float]]] = {
    "atan2": math.atan2, "hypot": math.hypot, "pow": _nan(_pow),
    "max": lambda a, b: a if a > b else b, "min": lambda a, b: a if a < b else b,
}  # fmt: skip


def _rounded(function: Callable[..., float]) -> Callable[..., float]:
    return lambda *args: f32(function(*args))


def _vector(function: Callable[..., Vector]) -> Callable[..., Vector]:
    return lambda *args: tuple(f32(x) for x in function(*args))


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


def _smoothstep(edge0: float, edge1: float, x: float) -> float:
    if x < edge0:
        return 0.0
    if x >= edge1:
        return 1.0
    u = div_float(x - edge0, edge1 - edge0)
    return u * u * (3 - 2 * u)


def _linstep(edge0: float, edge1: float, x: float) -> float:
    if x < edge0:
        return 0.0
    return 1.0 if x >= edge1 else div_float(x - edge0, edge1 - edge0)


def _clamp(x: float, low: float, high: float) -> float:
    return low if x < low else min(x, high)


def _generator(context: Context) -> random.Random:
    found: random.Random = context.scratch.setdefault("random", random.Random())
    return found


@needs_context
def _random(context: Context, *limits: float) -> float:
    low, high = (0.0, limits[0]) if len(limits) == 1 else (limits[0], limits[1])
    return f32(_generator(context).uniform(low, high))


@needs_context
def _random_int(context: Context, limit: int) -> int:
    return _generator(context).randrange(max(1, limit)) if limit > 0 else 0


@needs_context
def _seed(context: Context, value: int) -> None:
    _generator(context).seed(value)


@needs_context
def _gauss(context: Context, deviation: float) -> float:
    return f32(_generator(context).gauss(0.0, deviation))


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
        out[f"math_util.lerp ({v}; {v}, {v}, float)"] = _vector(
            lambda a, b, u: tuple(x + (y - x) * u for x, y in zip(a, b, strict=True))
        )
    out["math_util.lerp (float; float, float, float)"] = _rounded(lambda a, b, u: a + (b - a) * u)
    out["math_util.clamp (float; float, float, float)"] = _rounded(_clamp)
    out["math_util.degrees (float; float)"] = _rounded(math.degrees)
    out["math_util.radians (float; float)"] = _rounded(math.radians)
    out["math_util.smoothstep (float; float, float, float)"] = _rounded(_smoothstep)
    out["math_util.linstep (float; float, float, float)"] = _rounded(_linstep)
    out["math_util.step (float; float, float)"] = lambda edge, x: 0.0 if x < edge else 1.0
    out["math_util.random (float; float)"] = _random
    out["math_util.random (float; float, float)"] = _random
    out["math_util.random (int; int)"] = _random_int
    out["math_util.seed (void; int)"] = _seed
    out["math_util.gauss (float; float)"] = _gauss
    return out


MATHEMATICS: Final = _table()
