"""32-bit float arithmetic where RV's truncations make the last bit visible."""

from __future__ import annotations

import struct

__all__ = ["c_int", "f32"]

_PACK = struct.Struct("<f")


def c_int(x: float) -> int:
    """``x`` cut to a 32-bit integer; what is none, or too large for one, is the smallest, as on
    the processors RV runs on."""
    return int(x) if -2147483649.0 < x < 2147483648.0 else -2147483648


def f32(x: float) -> float:
    """``x`` as a 32-bit float keeps it."""
    try:
        value: float = _PACK.unpack(_PACK.pack(x))[0]
    except OverflowError:
        return float("inf") if x > 0 else float("-inf")
    return value
