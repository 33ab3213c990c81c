"""RV's numeric conversions: what a value becomes in a property of a given type."""

from __future__ import annotations

import math
import struct
from typing import Final

from .model import GtoType

__all__ = ["convert", "to_float32", "to_half"]

_FLOAT: Final = struct.Struct("<f")
_HALF: Final = struct.Struct("<e")


def to_float32(value: float) -> float:
    """`value` rounded to a 32-bit float; too large becomes infinite, as a C cast does."""
    try:
        return float(_FLOAT.unpack(_FLOAT.pack(value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def to_half(value: float) -> float:
    """`value` rounded to a 16-bit float; too large becomes infinite."""
    try:
        return float(_HALF.unpack(_HALF.pack(value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def _integer(value: float) -> int:
    """A C cast to int: toward zero; out of range and NaN give INT_MIN, as on x86."""
    if isinstance(value, int):
        return (value + 0x80000000) % 0x100000000 - 0x80000000
    if not -2147483649.0 < value < 2147483648.0:
        return -0x80000000
    return int(value)


def convert(value: float, type_: GtoType) -> float:
    """`value` as RV's text reader stores it in a property of `type_` (numeric types)."""
    if type_ is GtoType.FLOAT:
        return to_float32(float(value))
    if type_ is GtoType.INT:
        return _integer(value)
    if type_ is GtoType.HALF:
        return to_half(float(value))
    if type_ is GtoType.DOUBLE:
        return float(value)
    if type_ is GtoType.SHORT:
        return _integer(value) & 0xFFFF
    return _integer(value) & 0xFF
