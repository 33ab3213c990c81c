"""32-bit float arithmetic where RV's truncations make the last bit visible."""

from __future__ import annotations

import struct

__all__ = ["f32"]

_PACK = struct.Struct("<f")


def f32(x: float) -> float:
    """``x`` as a 32-bit float keeps it."""
    try:
        value: float = _PACK.unpack(_PACK.pack(x))[0]
    except OverflowError:
        return float("inf") if x > 0 else float("-inf")
    return value
