"""Numbers out of properties, and the operation that RVColor and RVDisplayColor share."""

from __future__ import annotations

import math

import numpy as np

from player.image.ops import Op, PropertyReader, channelwise
from player.image.transfer import Array

__all__ = ["gamma_op", "number", "three"]


def three(node: PropertyReader, name: str, default: float) -> tuple[float, float, float]:
    values = node.get(name)
    if len(values) == 1:
        return (float(values[0]),) * 3
    if len(values) < 3:
        return (default, default, default)
    return (float(values[0]), float(values[1]), float(values[2]))


def number(node: PropertyReader, name: str, default: float) -> float:
    value = node.one(name, default)
    return float(default if value is None else value)


def gamma_op(values: tuple[float, float, float]) -> Op:
    exponents = [1.0 / g if g else math.inf for g in values]

    def apply(rgb: Array) -> Array:
        base = np.maximum(rgb, 0)
        return np.power(base, np.asarray(exponents, np.float32)).astype(np.float32, copy=False)

    return channelwise(("gamma", values), apply)
