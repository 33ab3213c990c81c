"""String functions and conversions.

Mu's strings are UTF-8 bytes; ``size``, indices and ``contains`` count code points, ``hash``
and ``split`` work on bytes.  A Python ``str`` stands for the bytes: pieces that are not valid
UTF-8 (cut characters) travel as surrogate escapes.  Source: ``MuLang/StringType.cpp``.
"""

from __future__ import annotations

from player.mu.lib.faults import foreign, nil_argument, out_of_range
from player.mu.numbers import f32, plain_number, to_float, to_int, wrap32
from player.mu.texts import Text as MuText
from player.mu.texts import char_text
from player.mu.types import STRING, array_of
from player.mu.values import MuArray, bounded, throw

__all__ = [
    "compare", "concat", "contains", "decode", "encode", "equal", "float_text", "hash_code",
    "index", "join", "not_equal", "of_char", "parse_bool", "parse_double", "parse_float",
    "parse_int", "replace", "size", "split", "string_array", "substr", "text_of", "vector_text",
]  # fmt: skip

Text = str | None

_STRINGS = array_of(STRING)


def encode(text: str) -> bytes:
    """The UTF-8 bytes of a Mu string."""
    return (
        text.encode("utf-8", "surrogateescape" if text.isascii() else "surrogatepass")
        if (not any("\udc80" <= c <= "\udcff" for c in text))
        else text.encode("utf-8", "surrogateescape")
    )


def decode(data: bytes) -> str:
    """A Mu string from bytes, whatever they are."""
    return data.decode("utf-8", "surrogateescape")


def string_array(items: list[Text]) -> MuArray:
    """A ``string[]``."""
    return MuArray(_STRINGS, list(items))


def concat(a: Text, b: Text) -> str:
    """``+``; nil reads as ``nil``."""
    return ("nil" if a is None else a) + ("nil" if b is None else b)


def equal(a: Text, b: Text) -> bool:
    """``==``; a nil operand throws."""
    if a is None or b is None:
        nil_argument()
    return a == b


def not_equal(a: Text, b: Text) -> bool:
    """``!=``; a nil operand throws."""
    if a is None or b is None:
        nil_argument()
    return a != b


def compare(a: Text, b: Text) -> int:
    """-1 or 1 at the first difference, else the difference of the sizes."""
    if a is None or b is None:
        nil_argument()
    for x, y in zip(a, b, strict=False):
        if x != y:
            return -1 if x < y else 1
    return len(a) - len(b)


def size(s: Text) -> int:
    """Number of code points."""
    if s is None:
        nil_argument()
    return len(s)


def index(s: Text, i: int) -> int:
    """The code point at ``i``; negative counts from the end."""
    if s is None:
        nil_argument()
    n = len(s)
    if i < 0:
        i += n
    if 0 <= i < n:
        return ord(s[i])
    out_of_range()


def substr(s: Text, start: int, length: int) -> str:
    """``length`` code points from ``start``; a length <= 0 counts back from the end.

    A length that carries the end over 32 bits is refused, as all that leave the string are.
    """
    if s is None:
        nil_argument()
    n = len(s)
    if start < 0:
        start += n
    if length <= 0:
        length = n + length - start
    if wrap32(start + length) > n:
        length = n - start
    begin = max(start, 0)
    end = begin + max(length, 0)
    if begin > n or end > n:
        foreign()
    return s[begin:end]


def contains(s: Text, search: Text) -> int:
    """Index of the first occurrence, or -1."""
    if s is None or search is None:
        nil_argument()
    return s.find(search)


def replace(s: Text, search: Text, replacement: Text) -> str:
    """The string with the first occurrence replaced."""
    if s is None or search is None or replacement is None:
        nil_argument()
    bounded(len(s) + len(replacement))
    return s.replace(search, replacement, 1)


def hash_code(s: Text) -> int:
    """The ELF hash of the bytes."""
    if s is None:
        nil_argument()
    h = 0
    for c in encode(s):
        h = ((h << 4) + (c - 256 if c > 127 else c)) & 0xFFFFFFFFFFFFFFFF
        g = h & 0xF0000000
        if g:
            h ^= g >> 24
        h &= ~g & 0xFFFFFFFFFFFFFFFF
    return wrap32(h)


def split(s: Text, delimiters: Text, sequence: bool = False) -> MuArray:
    """Pieces between any of the delimiters (empty ones dropped), or between whole separators."""
    if s is None or delimiters is None:
        nil_argument()
    if sequence:
        if not s:
            return string_array([])
        if not delimiters:
            throw("bad argument to function")
        pieces = s.split(delimiters)
        if pieces[-1] == "":
            pieces.pop()
        return string_array(list(pieces))
    if not delimiters:
        return string_array([s] if s else [])
    if len(delimiters) == 1 and delimiters < "\x80":
        return string_array([p for p in s.split(delimiters) if p])
    marks = frozenset(encode(delimiters))
    out: list[Text] = []
    piece = bytearray()
    for c in encode(s):
        if c not in marks:
            piece.append(c)
        elif piece:
            out.append(decode(bytes(piece)))
            piece.clear()
    if piece:
        out.append(decode(bytes(piece)))
    return string_array(out)


def join(strings: MuArray | None, separator: Text) -> str:
    """The strings with the separator between them; a nil among them throws."""
    if strings is None or separator is None:
        nil_argument()
    if any(i is None for i in strings.items):
        nil_argument()
    bounded(sum(map(len, strings.items)) + len(separator) * len(strings.items))
    return separator.join(strings.items)


def parse_int(s: Text) -> int:
    """``atoi``."""
    if s is None:
        nil_argument()
    return to_int(s)


def parse_float(s: Text) -> float:
    """``atof`` rounded to 32 bits."""
    if s is None:
        nil_argument()
    return f32(to_float(s))


def parse_double(s: Text) -> float:
    """``atof``."""
    if s is None:
        nil_argument()
    return to_float(s)


def parse_bool(s: Text) -> bool:
    """Only ``"true"`` is true."""
    if s is None:
        nil_argument()
    return s == "true"


def text_of(s: Text) -> str:
    """``string(s)`` of a string: a copy, ``nil`` spelled out."""
    return "nil" if s is None else s


def of_char(code: int) -> str:
    """``string(c)``: a character 0 ends a string."""
    return char_text(code) if code else MuText()


def float_text(x: float) -> str:
    """``%f``, with the sign of a NaN."""
    return plain_number(x) if x != x else f"{x:f}"


def vector_text(v: tuple[float, ...]) -> str:
    """``<x, y>`` with ``%g`` components."""
    return f"<{', '.join(map(plain_number, v))}>"
