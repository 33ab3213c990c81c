"""Mu's tokens.

``scan`` cuts a text into tokens that do not depend on anything else. What a *name* is (a type, a
module, a variable, something unknown ...) is asked only when the parser takes it, because it
depends on what the text has declared until then and on what stands before the dot:
``Scoping.classify``. Source: Open RV's ``MuLang/Lexer.l``.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["KEYWORDS", "NAME", "PATTERN", "Token", "scan"]

NAME: Final = "NAME"
"""The kind of a token that has to be classified."""

KEYWORDS: Final = frozenset(
    {
        "nil", "if", "then", "else", "case", "do", "for", "let", "for_each", "for_index",
        "repeat", "while", "break", "continue", "try", "catch", "const", "throw", "return",
        "require", "use", "global", "yield", "eq", "neq", "_",
    }
)  # fmt: skip
_LONG: Final = {
    "++": "INCREMENT", "--": "INCREMENT",
    **dict.fromkeys(["+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=", "<<=", ">>="], "ASSIGN_OP"),
    "\\:": "function:", "true": "BOOL", "false": "BOOL",
}  # fmt: skip
PATTERN: Final = re.compile(
    r"""(?P<skip>[ \t\n\ufeff]+|\r\n|//[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)
    |(?P<op>operator:[ \t]*)
    |(?P<word>(?:function|method|class|interface|union|module|documentation|alias|type):|\\:)
    |(?P<STRING>\"\"\"(?:\\[\s\S]|[^\\])*?\"\"\"|"(?!"")(?:\\[\s\S]|[^"\\])*"|""(?!"))
    |(?P<CHAR>'\\[btnfr\\]'|'\\u[0-9a-fA-F]{4,}'|'\\''|'[^']{1,4}')
    |(?P<FLOAT>\d*\.\d+(?:[eE][+-]?\d+)?|\d+\.(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)
    |(?P<INT>0x[0-9a-fA-F]+|\d+)
    |(?P<name>[A-Za-z_][A-Za-z_0-9]*)
    |(?P<open>"|/\*)
    |(?P<punct>\.\.\.\.?|\.\.|<<=|>>=|[-+*/%&^|]=|\+\+|--|&&|\|\||==|!=|<=|>=|<<|>>|:=|->|=>
       |[-;,.()\[\]{}=+*/%&|^~!<>:'])
    |(?P<junk>[\s\S])""",
    re.VERBOSE | re.ASCII,
)
_OPERATOR: Final = re.compile(r"[^ \t]+")


class Token:
    """A token: ``kind`` (terminal of the grammar), ``text``, ``pos`` (offset in the text)."""

    __slots__ = ("kind", "pos", "text")

    def __init__(self, kind: str, text: str, pos: int) -> None:
        self.kind = kind
        self.text = text
        self.pos = pos

    def __repr__(self) -> str:
        return f"{self.kind}:{self.text!r}"


def scan(text: str) -> list[Token]:
    """The tokens of a text, without an end mark.

    A string or comment that is never closed swallows the rest; a NUL, or a character beyond
    ASCII outside of strings, ends the text.
    """
    nul = text.find("\0")
    if nul >= 0:
        text = text[:nul]
    out: list[Token] = []
    match_at = PATTERN.match
    at, end = 0, len(text)
    while at < end:
        match = match_at(text, at)
        assert match is not None
        group = match.lastgroup
        start, at = at, match.end()
        if group == "skip":
            continue
        word = match.group()
        if group == "name":
            kind = _LONG.get(word) or (word if word in KEYWORDS else NAME)
        elif group == "punct" or group == "word":
            kind = _LONG.get(word, word)
        elif group == "op":
            out.append(Token("operator:", word, start))
            name = _OPERATOR.match(text, at)
            if name is not None:
                out.append(Token("IDENTIFIER", name.group(), at))
                at = name.end()
            continue
        elif group == "open":
            break
        elif group == "junk":
            if not word.isascii():
                # RV's scanner hands such a byte on as a negative number, which ends the text
                break
            kind = "JUNK"
        elif group == "CHAR" and not word.isascii() and len(word.encode("utf-8", "replace")) > 6:
            # a character constant holds at most four bytes
            kind, at = "'", start + 1
            word = "'"
        else:
            kind = str(group)
        out.append(Token(kind, word, start))
    return out
