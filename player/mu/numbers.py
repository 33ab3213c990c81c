"""Arithmetic of Mu's number types: fixed widths, C division, rounding to float and half."""

from __future__ import annotations

import math
import struct

from player.mu.values import complain

__all__ = [
    "bits_as_bool", "bits_as_float", "bits_as_int", "div_float", "f16", "f32",
    "float_to_int", "idiv", "imod", "mod_float",
    "number_text", "plain_number", "to_float", "to_int", "wrap8", "wrap16", "wrap32", "wrap64",
]  # fmt: skip

_F32 = struct.Struct("<f")
_F16 = struct.Struct("<e")


def wrap8(n: int) -> int:
    """A byte, signed as C's char is; it prints as 0..255."""
    return ((n + 0x80) & 0xFF) - 0x80


def wrap16(n: int) -> int:
    return ((n + 0x8000) & 0xFFFF) - 0x8000


def wrap32(n: int) -> int:
    return ((n + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def wrap64(n: int) -> int:
    return ((n + (1 << 63)) & 0xFFFFFFFFFFFFFFFF) - (1 << 63)


def f32(x: float) -> float:
    """Rounded to 32 bits; too large becomes infinite."""
    try:
        return float(_F32.unpack(_F32.pack(x))[0])
    except OverflowError:
        return math.inf if x > 0 else -math.inf


def f16(x: float) -> float:
    """Rounded to 16 bits; from an int by way of a float, as C++ goes."""
    try:
        if type(x) is int:
            x = f32(x)
        return float(_F16.unpack(_F16.pack(x))[0])
    except OverflowError:
        return math.inf if x > 0 else -math.inf


def bits_as_float(n: int) -> float:
    """The bits of an int, read as a float."""
    return float(_F32.unpack((n & 0xFFFFFFFF).to_bytes(4, "little"))[0])


def bits_as_int(x: float) -> int:
    """The bits of a float, read as an int."""
    return int.from_bytes(_F32.pack(x), "little", signed=True)


def bits_as_bool(n: int) -> bool:
    """The first byte of an int, read as a bool."""
    return n & 0xFF != 0


def idiv(a: int, b: int) -> int:
    """C division, truncating; RV dies of a zero divisor, we throw."""
    if b == 0:
        complain("integer division by zero")
    q = abs(a) // abs(b)
    return q if (a < 0) == (b < 0) else -q


def imod(a: int, b: int) -> int:
    """C remainder: the sign of the dividend."""
    if b == 0:
        complain("integer division by zero")
    r = abs(a) % abs(b)
    return -r if a < 0 else r


def div_float(a: float, b: float) -> float:
    """IEEE division."""
    try:
        return a / b
    except ZeroDivisionError:
        if a == 0:
            return -math.nan  # what the processor makes of it
        if a != a:
            return a
        negative = (math.copysign(1.0, a) < 0) != (math.copysign(1.0, b) < 0)
        return -math.inf if negative else math.inf


def mod_float(a: float, b: float) -> float:
    """C ``fmod``."""
    try:
        return math.fmod(a, b)
    except ValueError:
        return -math.nan


def float_to_int(x: float, bits: int = 32) -> int:
    """C conversion as x86 does it: truncation, out of range gives the smallest integer."""
    low = -(1 << (bits - 1))
    if x != x or not low - 1 < x < -low:
        return low
    return int(x)


def to_int(text: str | None) -> int:
    """C ``atoi``."""
    digits = ""
    for c in (text or "").lstrip(" \t\n\v\f\r"):
        if c.isascii() and (c.isdigit() or (c in "+-" and not digits)):
            digits += c
        else:
            break
    return wrap32(int(digits)) if digits.strip("+-") else 0


def to_float(text: str | None) -> float:
    """C ``atof``: the longest prefix that is a number, else 0."""
    s = (text or "").strip()
    for end in range(len(s), 0, -1):
        head = s[:end]
        if "_" in head:
            continue
        try:
            return float(head)
        except ValueError:
            continue
    return 0.0


def plain_number(x: float) -> str:
    """Six digits, with the sign of a NaN."""
    if x != x:
        return "-nan" if math.copysign(1.0, x) < 0 else "nan"
    return f"{x:g}"


def number_text(x: float) -> str:
    """A float as replies show it: six digits, ``.0`` appended to integral values."""
    if x != x:
        return "-nan" if math.copysign(1.0, x) < 0 else "nan"
    s = f"{x:g}"
    if math.isinf(x) or x == math.floor(x):
        s += ".0"
    return s
