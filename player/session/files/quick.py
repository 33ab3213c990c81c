"""A short cut through the grammar for the lines that files really consist of.

Nearly every property of a session file is one line as RV (or this package) writes it: a
type, a bare name, and a scalar, an empty list or a list of plain numbers or strings.  Such
a line is read with one regular expression, about six times as fast as by tokens.  What
does not match - a comment, an octal number, a declared count, a quoted name - returns None
and is left to the full parser, which therefore also reports every error.  Both readers
must agree; the tests compare them.
"""

from __future__ import annotations

import re
import struct
from typing import Final

from . import limits
from .lexer import unescape
from .model import GtoProperty, GtoType, Value
from .numbers import convert

__all__ = ["KEYWORDS", "quick_property"]

# integers without a leading zero (octal) and not -0 (which is 0), and floats; the number must
# end there
_NUMBER: Final = (
    rb"(?!-0[ \r\n])-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?=[ \r\n])"
)
_QUOTED: Final = rb'"[^"\\\r]*"'  # without escapes
_TEXT: Final = _QUOTED + rb"(?=[ \r\n])"

_LINE: Final = re.compile(
    rb"""[ \t\r\n]*+
    (?P<type>float|int|string|short|byte|double|half)(?:\[(?P<width>[1-9][0-9]{0,3})\])?[ ]
    (?P<name>[A-Za-z_][A-Za-z_0-9]*)[ ]=[ ]
    (?:
       (?P<number>NUMBER)
      |(?P<text>TEXT)
      |\[(?P<numbers>(?:[ ]NUMBER)*)[ ]\](?=[\r\n])
      |\[(?P<texts>(?:[ ]TEXT)*)[ ]\](?=[\r\n])
      |\[(?P<wide>(?:[ ]\[(?:[ ]NUMBER)+[ ]\])+)[ ]\](?=[\r\n])
      |\[(?P<pairs>(?:[ ]\[(?:[ ]TEXT)+[ ]\])+)[ ]\](?=[\r\n])
    )""".replace(b"NUMBER", _NUMBER).replace(b"TEXT", _TEXT),
    re.VERBOSE,
)
KEYWORDS: Final = frozenset(
    (b"float", b"double", b"half", b"bool", b"int", b"short", b"byte", b"string", b"as", b"GTOa")
)
_STRINGS: Final = re.compile(_QUOTED)
_PARTS: Final = re.compile(rb" \[| \]|" + _QUOTED)
_TYPE_OF: Final = {t.word.encode(): t for t in GtoType}


def _numbers(body: bytes, type_: GtoType) -> list[Value] | None:
    """The values, or None when one loses its fraction (the full parser tells of it)."""
    words = body.split()
    if type_ is GtoType.FLOAT:
        try:
            pack = struct.Struct(f"<{len(words)}f")
            return list(pack.unpack(pack.pack(*map(float, words))))
        except OverflowError:
            return [convert(float(word), type_) for word in words]
    numbers = [_number(word) for word in words]
    whole = type_ not in (GtoType.DOUBLE, GtoType.HALF)
    if whole and not all(isinstance(n, int) for n in numbers):
        return None
    return [convert(n, type_) for n in numbers]


def _number(word: bytes) -> float:
    try:
        return int(word)
    except ValueError:
        return float(word)


def quick_property(data: bytes, at: int) -> tuple[GtoProperty, int] | None:
    """The property whose line starts at byte `at` (blanks before it are skipped) and the
    offset behind it, or None when the full parser must look."""
    match = _LINE.match(data, at)
    if match is None:
        return None
    type_word, width_word, name, number, text, numbers, texts, wide, pairs = match.groups()
    if name in KEYWORDS or name.startswith(b"nan"):
        return None
    type_ = _TYPE_OF[type_word]
    textual = type_ is GtoType.STRING
    width = int(width_word) if width_word else 1
    values: list[Value] | None
    if number is not None:
        if textual or width != 1:
            return None
        values = _numbers(number, type_)
    elif numbers is not None:
        if numbers and (textual or width != 1):
            return None
        values = _numbers(numbers, type_)
    elif wide is not None:
        if textual or width > limits.MAX_WIDTH:
            return None
        if any(len(part.split()) != width for part in wide.split(b"]")[:-1]):
            return None
        values = _numbers(wide.replace(b"[", b" ").replace(b"]", b" "), type_)
    else:
        if not textual:
            return None
        if text is not None:
            if width != 1:
                return None
            values = [unescape(text[1:-1])]
        elif texts is not None:
            if width != 1:
                return None
            values = [unescape(word[1:-1]) for word in _STRINGS.findall(texts)]
        else:
            values = [unescape(word[1:-1]) for word in _STRINGS.findall(pairs)]
            if not _even(pairs, width):
                return None
    if values is None:
        return None
    dims = (width, 0, 0, 0)
    return GtoProperty(name.decode("ascii"), type_, values, dims), match.end()


def _even(pairs: bytes, width: int) -> bool:
    """Whether every inner bracket holds `width` strings."""
    count = 0
    for match in _PARTS.finditer(pairs):
        if match[0] == b" ]":
            if count != width:
                return False
            count = 0
        elif match[0] != b" [":
            count += 1
    return True
