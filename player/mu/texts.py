"""The values of literals. Source: Open RV's ``MuLang/Lexer.l``."""

from __future__ import annotations

import re

from player.mu.numbers import f32

__all__ = ["Text", "char_text", "char_value", "float_number", "int_value", "string_value"]


class Text(str):
    """A string that is an object of its own even when it is short: ``eq`` compares objects, and
    Python has only one empty string and one of each single character."""

    __slots__ = ()


_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}
_PLAIN = re.compile(r"\\(u[0-9a-fA-F]{4,}|[0-3][0-7][0-7]|[\s\S])")
_MAX = (1 << 63) - 1


def int_value(text: str) -> tuple[bool, int]:
    """(is int64, value): base-0 rules of C; a literal of 2147483647 is already an int64."""
    if text[:2] in ("0x", "0X"):
        value = int(text, 16)
    elif text.startswith("0") and len(text) > 1:
        octal = re.match(r"[0-7]*", text)
        value = int((octal.group() if octal else "") or "0", 8)
    else:
        value = int(text)
    value = min(value, _MAX)
    return value >= 2147483647, value


def float_number(text: str) -> float:
    """The value of a float literal, rounded to 32 bits."""
    return f32(float(text))


def _code_point(digits: str, base: int) -> str:
    number = int(digits, base)
    return chr(number) if number < 0x110000 else "\ufffd"


def string_value(text: str) -> str:
    """The string of a literal, quotes included; unknown escapes keep their backslash, and it
    ends at a NUL, as C's strings do."""
    verbatim = text.startswith('"""') and len(text) >= 6
    body = (text[3:-3] if verbatim else text[1:-1]).replace("\r\n", "\n")
    known = {"r": "\r", '"': '"', "\\": "\\"} if verbatim else _ESCAPES

    def escape(match: re.Match[str]) -> str:
        code = match.group(1)
        if len(code) > 1:
            return _code_point(code[1:], 16) if code[0] == "u" else _code_point(code, 8)
        return known.get(code) or match.group()

    value = _PLAIN.sub(escape, body).partition("\0")[0] if "\\" in body else body
    return value if len(value) > 1 else Text(value)


def char_text(code: int) -> str:
    """The text of a character; ValueError when UTF-8 has none for it."""
    if 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF):
        raise ValueError(code)
    return chr(code)


def char_value(text: str) -> int | None:
    """The code point of a character literal; None when it holds more than one."""
    body = text[1:-1]
    if body.startswith("\\u"):
        return int(body[2:], 16)
    if body.startswith("\\") and len(body) == 2:
        found = {**_ESCAPES, "'": "'"}.get(body[1])
        return ord(found) if found else None
    return ord(body) if len(body) == 1 else None
