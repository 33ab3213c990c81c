"""Arithmetic in 32 bits, step by step."""

from __future__ import annotations

from player.mu.numbers import div_float, f32

__all__ = ["Single"]


class Single(float):
    """A float whose operations round to 32 bits."""

    def __add__(self, other: float) -> Single:
        return Single(f32(float(self) + other))

    def __sub__(self, other: float) -> Single:
        return Single(f32(float(self) - other))

    def __rsub__(self, other: float) -> Single:
        return Single(f32(other - float(self)))

    def __mul__(self, other: float) -> Single:
        return Single(f32(float(self) * other))

    __rmul__ = __mul__

    def __truediv__(self, other: float) -> Single:
        return Single(f32(div_float(float(self), other)))

    def __neg__(self) -> Single:
        return Single(-float(self))
