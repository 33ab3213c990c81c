"""The format operator ``%`` of strings.

Every value goes through C's ``snprintf`` with its own piece of the format, so integers print
their low 32 bits (shorts and bytes sign-extended) and widths count bytes.  A format RV would
hang on (a lone ``%`` at the end, ``%*d``, ``%#x``) throws.  Source: ``format_op`` in
``MuLang/StringType.cpp``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from player.mu import types as t
from player.mu.display import render
from player.mu.lib.faults import nil_argument
from player.mu.lib.strings import decode, encode
from player.mu.texts import char_text
from player.mu.values import (
    MuArray,
    MuException,
    MuFunction,
    MuObject,
    MuRegex,
    MuTuple,
    MuVariant,
    bounded,
    complain,
    throw,
)

__all__ = ["format_object", "format_opaque", "format_tuple", "format_value"]

_SPEC = re.compile(r"%([-+ 0]*)([0-9]*)(?:\.([0-9]+))?([a-zA-Z%])")
_INTEGERS = (t.INT, t.CHAR, t.SHORT, t.BYTE, t.INT64)
_FLOATS = (t.FLOAT, t.DOUBLE, t.HALF)
_WIDTH_MAX = 1 << 20
_CHARS = t.array_of(t.CHAR)


def _dynamic_type(value: Any, static: t.Type) -> t.Type | None:
    """The type an object has by itself (not by declaration); None for nil."""
    if value is None:
        return None
    if isinstance(value, MuObject):
        return value.cls
    if isinstance(value, (MuArray, MuTuple, MuFunction)):
        return value.type
    if isinstance(value, MuVariant):
        return value.tag
    if isinstance(value, str):
        return t.STRING
    if isinstance(value, MuException):
        return t.EXCEPTION
    if isinstance(value, MuRegex):
        return t.REGEX
    return static


def _pad(text: str, flags: str, width: int) -> str:
    short = width - (len(text) if text.isascii() else len(encode(text)))
    if short <= 0:
        return text
    return text + " " * short if "-" in flags else " " * short + text


def _integer(value: int, flags: str, width: int, precision: int | None, key: str) -> str:
    value &= 0xFFFFFFFF
    sign = ""
    if key == "d":
        if value >= 0x80000000:
            sign, value = "-", 0x100000000 - value
        elif "+" in flags:
            sign = "+"
        elif " " in flags:
            sign = " "
        digits = str(value)
    else:
        digits = {"u": "{:d}", "o": "{:o}", "x": "{:x}", "X": "{:X}"}[key].format(value)
    if precision is not None:
        digits = "" if precision == 0 and value == 0 else digits.rjust(precision, "0")
    elif "0" in flags and "-" not in flags:
        digits = digits.rjust(width - len(sign), "0")
    return _pad(sign + digits, flags, width)


def _float(value: float, flags: str, width: int, precision: int | None, key: str) -> str:
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    if not sign:
        sign = "+" if "+" in flags else " " if " " in flags else ""
    value = abs(value)
    if value != value or value == math.inf:
        body = "nan" if value != value else "inf"
        return _pad(sign + (body.upper() if key.isupper() else body), flags, width)
    body = f"%.{6 if precision is None else precision}{key}" % value
    if "0" in flags and "-" not in flags:
        body = body.rjust(width - len(sign), "0")
    return _pad(sign + body, flags, width)


def _string(text: str, flags: str, width: int, precision: int | None) -> str:
    text = text.partition("\0")[0]
    if precision is not None:
        text = text[:precision] if text.isascii() else decode(encode(text)[:precision])
    return _pad(text, flags, width)


def _as_text(value: Any, kind: t.Type | None) -> str:
    if kind is t.STRING:
        return "nil" if value is None else str(value)
    if kind is _CHARS:
        return "nil" if value is None else "".join(map(char_text, value.items))
    if kind is None:
        return f"<#opaque {'0' if value is None else hex(id(value))}>"
    return render(kind, value, True)


def _format(fmt: str, args: Sequence[tuple[Any, t.Type | None]]) -> str:
    out: list[str] = []
    pos = number = 0
    last = ""
    size = len(fmt)
    while pos < size:
        at = fmt.find("%", pos)
        if at < 0:
            out.append(fmt[pos:])
            break
        if at > pos:
            out.append(fmt[pos:at])
        match = _SPEC.match(fmt, at)
        if match is None:
            complain(f"incomplete format at '{fmt[at : at + 8]}'")
        pos = match.end()
        flags, width_text, precision_text, key = match.groups()
        if key == "%":
            out.append("%")
            continue
        if number >= len(args):
            break
        value, kind = args[number]
        number += 1
        if len(width_text) > 7 or len(precision_text or "") > 7:
            complain("field width of a format is too large")
        width = int(width_text or 0)
        precision = None if precision_text is None else int(precision_text)
        if max(width, precision or 0) > _WIDTH_MAX:
            complain("field width of a format is too large")
        if key in "dDouXx":
            if kind not in _INTEGERS:
                _bad_type(number, key, kind)
            if key == "D":  # no conversion of today's C library: printed as it stands
                last = match.group()
            else:
                n = value
                last = _integer(n, flags, width, precision, key)
        elif key in "fFeEgG":
            if kind not in _FLOATS:
                _bad_type(number, key, kind)
            last = _float(value, flags, width, precision, key)
        elif key == "c":
            if kind is not t.CHAR:
                _bad_type(number, key, kind)
            last = char_text(value) if value else ""
        elif key == "s":
            last = _string(_as_text(value, kind), flags, width, precision)
        # any other letter consumes its value and prints what was printed last
        out.append(last)
    bounded(sum(map(len, out)))
    return "".join(out)


def _bad_type(number: int, key: str, kind: t.Type | None) -> None:
    name = "nil" if kind is None else kind.name
    throw(
        f"incompatible argument type for function: argument {number} of format operator (%) "
        f"has type {name} which is incompatible with format %{key}"
    )


def format_value(kind: t.Type, fmt: str | None, value: Any) -> str:
    """``fmt % value`` for a value of a known type."""
    if fmt is None:
        nil_argument()
    return _format(fmt, ((value, kind),))


def format_object(fmt: str | None, value: Any, static: t.Type) -> str:
    """``fmt % object`` (no tuple): the object's own type decides."""
    if fmt is None:
        nil_argument()
    return _format(fmt, ((value, _dynamic_type(value, static)),))


def format_opaque(fmt: str | None, value: Any, _static: t.Type) -> str:
    """``fmt % handle``."""
    if fmt is None:
        nil_argument()
    return _format(fmt, ((value, None),))


def format_tuple(fmt: str | None, value: MuTuple | None, _static: t.Type) -> str:
    """``fmt % (a, b)``: the fields supply the values."""
    if fmt is None:
        nil_argument()
    if value is None:
        throw("nil argument to function: nil tuple argument to format operator (%)")
    return _format(fmt, list(zip(value.items, value.type.elems, strict=True)))
