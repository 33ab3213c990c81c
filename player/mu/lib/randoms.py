"""Random numbers of ``math_util``: the C library's, as RV on Linux draws them.

A seed gives the sequence that RV gives. What was never seeded begins like the C library, with
the seed 1; each interpreter has a sequence of its own.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Any, Final

from player.mu.lib.single import Single
from player.mu.numbers import f32
from player.mu.values import Context, needs_context

__all__ = ["RANDOMS"]

Vector = tuple[float, ...]

_LARGEST: Final = 2**31 - 1
_WARM_UP: Final = 310


class _Library:
    """``srand`` and ``rand`` of glibc: an additive feedback generator of degree 31."""

    def __init__(self, seed: int) -> None:
        word = seed or 1
        state = [word & 0xFFFFFFFF]
        for _ in range(30):
            high = int(word / 127773)
            word = 16807 * (word - high * 127773) - 2836 * high
            if word < 0:
                word += _LARGEST
            state.append(word)
        self._state = deque(state, 31)
        for _ in range(3):
            self._state.append(self._state[0])
        for _ in range(_WARM_UP):
            self.next()

    def next(self) -> int:
        """From 0 to 2**31 - 1."""
        state = self._state
        word = (state[0] + state[-3]) & 0xFFFFFFFF
        state.append(word)
        return word >> 1

    def upto(self, limit: float) -> Single:
        """A number between 0 and ``limit``."""
        return Single(f32(self.next() / _LARGEST * limit))


def _library(context: Context) -> _Library:
    found: _Library | None = context.scratch.get("random")
    if found is None:
        found = context.scratch["random"] = _Library(1)
    return found


@needs_context
def _seed(context: Context, value: int) -> None:
    context.scratch["random"] = _Library(value)


@needs_context
def _random(context: Context, limit: float) -> float:
    return float(_library(context).upto(limit))


@needs_context
def _random_between(context: Context, low: float, high: float) -> float:
    return float(_library(context).upto(f32(high - low)) + low)


@needs_context
def _random_int(context: Context, limit: int) -> int:
    return int(math.fmod(_library(context).next(), limit)) if limit else 0


@needs_context
def _gauss(context: Context, deviation: float) -> float:
    """Normal deviates by the polar method; the second of each pair is not used."""
    library = _library(context)
    square = Single(0.0)
    y = Single(0.0)
    while square > 1.0 or square == 0.0:
        x = library.upto(2.0) - 1.0
        y = library.upto(2.0) - 1.0
        square = x * x + y * y
    factor = -2.0 * Single(f32(math.log(square))) / square
    return float(y * f32(math.sqrt(factor)) * deviation)


@needs_context
def _inside_sphere(context: Context) -> Vector:
    """A point of the unit ball, each as likely as another."""
    library = _library(context)
    while True:
        x, y, z = (library.upto(2.0) - 1.0 for _ in range(3))
        if x * x + y * y + z * z <= 1.0:
            return (float(x), float(y), float(z))


RANDOMS: Final[dict[str, Any]] = {
    "math_util.random (float; float)": _random,
    "math_util.random (float; float, float)": _random_between,
    "math_util.random (int; int)": _random_int,
    "math_util.seed (void; int)": _seed,
    "math_util.gauss (float; float)": _gauss,
    "math_util.sphrand (vector float[3];)": _inside_sphere,
}
