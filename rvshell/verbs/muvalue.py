"""Reading what `remote-eval` answers: Mu's display text to Python values.

    void, nil            None                  true, false        bool
    24, 24.0, 1.0h       int, float            "text", 'c'        str
    int[] {1, 2}         list                  (a, b)             tuple
    [a, b], <1, 2>       list                  Name {a, b}        Struct
    anything else        the text itself

The display form is not quite reversible: a backslash inside a string is not escaped, so `\\n`
is taken for a newline although it may have been two characters. Arrays of more than 81 elements
arrive cut short; the cut is kept as `Truncated` at their end.

`quote` goes the other way, for texts put into Mu code.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

__all__ = [
    "MEDIA",
    "NODE_TYPES",
    "TRUNCATED",
    "Struct",
    "joined",
    "lines",
    "parse_value",
    "quote",
    "read_media",
    "read_types",
    "text_array",
]

TRUNCATED = "...truncated..."


class Struct(NamedTuple):
    """`Name {field, …}`: Mu shows no field names."""

    name: str
    fields: tuple[Any, ...]


class _NoValue(Exception):
    """The text is not in display form."""


_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+(\.0)?)?h?(?![\w.])")
_SPECIAL = {
    "nan": float("nan"),
    "inf.0": float("inf"),
    "-inf.0": float("-inf"),
    "inf": float("inf"),
}
_WORD = re.compile(r"[A-Za-z_][\w.]*")
_ARRAY = re.compile(r"(\([^{}\"]*?\)|[A-Za-z_][\w.,;<>()\[\] ]*?)((?:\[\d*(?:,\d+)*\])+) ?\{")
_STRING_PIECE = re.compile(r'[^"\\]+')
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b", "r": "\r", '"': '"', "'": "'"}
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "nil": None, "void": None}
_MAX_DEPTH = 100


def parse_value(text: str) -> Any:
    """The Python value of a reply; the text itself when it is no display form."""
    stripped = text.strip()
    if not stripped:
        return None
    try:
        value, end = _value(stripped, 0, 0)
    except (_NoValue, IndexError, ValueError):
        return text
    return value if end == len(stripped) else text


def _value(s: str, i: int, depth: int) -> tuple[Any, int]:
    if depth > _MAX_DEPTH:
        raise _NoValue
    c = s[i]
    if c == '"' or c == "'":
        return _string(s, i, c)
    if c == "(":
        array = _ARRAY.match(s, i)
        if array:
            return _items(s, array.end(), "}", depth)
        items, end = _items(s, i + 1, ")", depth)
        return tuple(items), end
    if c == "[":
        return _items(s, i + 1, "]", depth)
    if c == "<":
        return _items(s, i + 1, ">", depth)
    number = _NUMBER.match(s, i)
    if number:
        digits = number.group().removesuffix("h")
        if "e" in digits or "E" in digits:
            digits = digits.removesuffix(".0")
        plain = digits.lstrip("+-").isdigit() and not number.group().endswith("h")
        return (int(digits) if plain else float(digits)), number.end()
    for name, special in _SPECIAL.items():
        if s.startswith(name, i) and not s[i + len(name) : i + len(name) + 1].isalnum():
            return special, i + len(name)
    array = _ARRAY.match(s, i)
    if array:
        return _items(s, array.end(), "}", depth)
    word = _WORD.match(s, i)
    if word:
        if word.group() in _CONSTANTS:
            return _CONSTANTS[word.group()], word.end()
        if s.startswith(" {", word.end()):
            items, end = _items(s, word.end() + 2, "}", depth)
            return Struct(word.group(), tuple(items)), end
        return word.group(), word.end()
    if s.startswith(TRUNCATED, i):
        return TRUNCATED, i + len(TRUNCATED)
    raise _NoValue


def _items(s: str, i: int, closing: str, depth: int) -> tuple[list[Any], int]:
    items: list[Any] = []
    if s[i] == closing:
        return items, i + 1
    while True:
        value, i = _value(s, i, depth + 1)
        items.append(value)
        if s[i] == closing:
            return items, i + 1
        if not s.startswith(", ", i):
            raise _NoValue
        i += 2


def _string(s: str, i: int, quote_char: str) -> tuple[str, int]:
    out: list[str] = []
    i += 1
    while True:
        c = s[i]
        if c == quote_char:
            return "".join(out), i + 1
        if c == "\\":
            following = s[i + 1 : i + 2]
            if following == "u" and re.match(r"[0-9a-fA-F]{4}", s[i + 2 : i + 6]):
                out.append(chr(int(s[i + 2 : i + 6], 16)))
                i += 6
            elif following in _ESCAPES and following:
                out.append(_ESCAPES[following])
                i += 2
            else:
                out.append("\\")
                i += 1
        else:
            piece = _STRING_PIECE.match(s, i) if quote_char == '"' else None
            if piece:
                out.append(piece.group())
                i = piece.end()
            else:
                out.append(c)
                i += 1


_QUOTED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def quote(text: str) -> str:
    """*text* as a Mu string literal."""
    if '"' not in text and "\\" not in text and text.isprintable():
        return f'"{text}"'
    return '"' + "".join(_QUOTED.get(c, c) for c in text if c != "\0") + '"'


def text_array(texts: list[str] | tuple[str, ...]) -> str:
    """A Mu literal of type string[]."""
    inner = ", ".join(map(quote, texts))
    return f"string[] {{{inner}}}"


def joined(expression: str) -> str:
    """Mu that joins a string[] into one string: long arrays are cut when shown, strings not."""
    return f'string.join({expression}, "\\n")'


NODE_TYPES = '{ string r = ""; for_each (n; nodes()) r = r + n + "\\t" + nodeType(n) + "\\n"; r; }'
"""Mu for the nodes and their types, which `read_types` reads."""

MEDIA = '{ string r = ""; for_each (s; sources()) r = r + s._0 + "\\n"; r; }'
"""Mu for the media of all sources, for `lines`; where a loop is refused see `read_media`."""


def read_types(reply: str) -> dict[str, str]:
    """Types by node from the reply to `NODE_TYPES`."""
    return dict(line.split("\t", 1) for line in lines(reply) if "\t" in line)


def read_media(reply: str) -> list[str]:
    """Media from the reply to `sources()`, the first 81 at least."""
    value = parse_value(reply)
    rows = value if isinstance(value, list) else []
    return [str(row[0]) for row in rows if isinstance(row, tuple) and row]


def lines(reply: str) -> list[str]:
    """The texts from the reply to `joined`."""
    value = parse_value(reply)
    return [line for line in value.split("\n") if line] if isinstance(value, str) else []
