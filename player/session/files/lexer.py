"""Tokens of text GTO, exactly as RV's scanner cuts them.

Theory of operation
-------------------
RV's scanner (Open RV: src/lib/files/Gto/Lexer.l) is a longest-match scanner over bytes.
One regular expression does the same in a single pass: its alternatives are ordered so that
the first that matches is the longest.  Only words made purely of letters, digits and
underscores can be a name *or* a number (`1e5`, `0x1F`, `nan`, `12`); they are matched
whole and classified afterwards, where a number wins over a name as in RV.

Strings are matched with their quotes and unescaped afterwards.  Bytes are decoded as UTF-8
with "surrogateescape", so whatever bytes a file holds come back on writing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

__all__ = ["KEYWORD", "NAME", "NUMBER", "PUNCT", "STRING", "TYPES", "Token", "tokens", "unescape"]

#: Kinds of token.  A NAME is a bare word; STRING a quoted one; the parser takes both alike.
NAME, STRING, NUMBER, KEYWORD, PUNCT, END, BAD = range(7)

TYPES: Final = frozenset(("float", "double", "half", "int", "short", "byte", "bool", "string"))
_KEYWORDS: Final = TYPES | {"as", "GTOa"}


class Token(NamedTuple):
    """One token: `value` is text for names, strings, keywords and punctuation, a number
    for numbers; `at` is the byte offset where it starts."""

    kind: int
    value: str | int | float
    at: int


_TOKEN: Final = re.compile(
    rb"""(?:[ \t]+|\r?\n|\#[^\n]*\n)*+      # blanks and comments; a comment needs its line end
    (?:
      (?P<float>[0-9]*\.[0-9]+(?:[Ee][+-]?[0-9]+)?
               |[0-9]+\.(?:[Ee][+-]?[0-9]+)?
               |[0-9]+[Ee][+-][0-9]+)
     |(?P<word>[A-Za-z0-9_]+)
     |"(?P<text>[^"\\]*+(?:\\.[^"\\]*+)*+)"
     |(?P<dots>\.\.\.)
     |(?P<char>'(?:\\[btnfr\\]|\\u[0-9a-fA-F]{4,}|[^\n])')
     |(?P<punct>[\[\]{}():=,\-])
     |(?P<end>\Z)
     |(?P<bad>.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_HEX: Final = re.compile(rb"0x[0-9a-fA-F]+")
_EXPONENT: Final = re.compile(rb"[0-9]+[Ee][0-9]+")
_NAN: Final = re.compile(rb"nan(?:0x[0-9a-fA-F]+)?")
_ESCAPE: Final = re.compile(
    rb"\r\n|\\(?:u(?P<hex>[0-9a-fA-F]{4,})|(?P<octal>[0-3][0-7][0-7])|(?P<plain>[btnfr\"\\]))"
)
_PLAIN: Final = {
    b"b": b"\b", b"t": b"\t", b"n": b"\n", b"f": b"\f", b"r": b"\r", b'"': b'"', b"\\": b"\\",
}  # fmt: skip
_LONG_MAX: Final = (1 << 63) - 1  # RV reads integers with strtol, which stops there


def _escape(match: re.Match[bytes]) -> bytes:
    if digits := match["hex"]:
        return bytes([int(digits[-2:], 16)])  # RV keeps the low byte only
    if digits := match["octal"]:
        return bytes([int(digits, 8)])
    if letter := match["plain"]:
        return _PLAIN[letter]
    return b"\n"


def unescape(body: bytes) -> str:
    """The text of a quoted string; unknown escapes stay as they are."""
    if b"\\" in body or b"\r" in body:
        body = _ESCAPE.sub(_escape, body)
    return body.decode("utf-8", "surrogateescape")


def _integer(word: bytes) -> int:
    """strtol(word, 0, 0): 0x is hexadecimal, a leading 0 octal up to the first 8 or 9."""
    if word.startswith(b"0x"):
        value = int(word, 16)
    elif word.startswith(b"0") and len(word) > 1:
        octal = re.match(rb"[0-7]+", word)
        value = int(octal[0], 8) if octal else 0
    else:
        value = int(word[:40])  # past 40 digits it has long saturated
    return min(value, _LONG_MAX)


def _word(word: bytes, at: int) -> Token:
    first = word[0]
    if first > 0x39 or first == 0x5F:  # not a digit
        text = word.decode("ascii")
        if text in _KEYWORDS:
            return Token(KEYWORD, text, at)
        if first == 0x6E and _NAN.fullmatch(word):
            return Token(NUMBER, 0.0, at)  # RV reads nan as 0
        return Token(NAME, text, at)
    if word.isdigit() or _HEX.fullmatch(word):
        return Token(NUMBER, _integer(word), at)
    if _EXPONENT.fullmatch(word):
        return Token(NUMBER, float(word), at)
    return Token(NAME, word.decode("ascii"), at)


def _char(body: bytes, at: int) -> Token:
    """A quoted character is an integer."""
    inner = body[1:-1]
    if inner.startswith(b"\\u") and len(inner) > 2:
        return Token(NUMBER, min(int(inner[2:], 16), _LONG_MAX), at)
    if len(inner) == 2:
        return Token(NUMBER, _PLAIN[inner[1:]][0], at)
    return Token(NUMBER, inner[0], at)


def tokens(data: bytes, start: int = 0) -> Iterator[Token]:
    """The tokens of `data` from byte `start`; the last is END, or BAD where scanning fails."""
    for match in _TOKEN.finditer(data, start):
        kind = match.lastgroup
        if kind == "word":
            yield _word(match["word"], match.start("word"))
        elif kind == "punct":
            yield Token(PUNCT, match["punct"].decode("ascii"), match.start("punct"))
        elif kind == "text":
            yield Token(STRING, unescape(match["text"]), match.start("text") - 1)
        elif kind == "float":
            yield Token(NUMBER, float(match["float"]), match.start("float"))
        elif kind == "char":
            yield _char(match["char"], match.start("char"))
        elif kind == "dots":
            yield Token(PUNCT, "...", match.start("dots"))
        elif kind == "end":
            yield Token(END, "", match.start("end"))
            return
        else:
            bad = match["bad"]
            at = match.start("bad")
            yield Token(BAD, "unterminated string" if bad == b'"' else repr(bad)[1:], at)
            return
