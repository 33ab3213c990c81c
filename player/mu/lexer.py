"""Mu's tokens.

One compiled regular expression; what it matches last by name order is looked up in the
keyword table. Whether a name is a type decides the grammar (``T x`` against ``a (b)``), so
names are turned into TYPE tokens here, from what earlier texts declared and from what this
text has declared so far (``class: X``, ``union: X``, ``X := T;``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

__all__ = ["COLON_WORDS", "Token", "tokenize"]

COLON_WORDS: Final = {
    "function:": "FUNCTION",
    "\\:": "FUNCTION",
    "method:": "METHOD",
    "class:": "CLASS",
    "interface:": "INTERFACE",
    "union:": "UNION",
    "module:": "MODULE",
    "documentation:": "DOCUMENTATION",
    "alias:": "ALIAS",
}
_KINDS: Final = {
    "++": "INC", "--": "INC",
    "+=": "ASSIGN_OP", "-=": "ASSIGN_OP", "*=": "ASSIGN_OP", "/=": "ASSIGN_OP", "%=": "ASSIGN_OP",
    "&=": "ASSIGN_OP", "^=": "ASSIGN_OP", "|=": "ASSIGN_OP", "<<=": "ASSIGN_OP",
    ">>=": "ASSIGN_OP", "==": "EQ_OP", "!=": "EQ_OP", "eq": "EQ_OP", "neq": "EQ_OP",
    "<=": "REL_OP", ">=": "REL_OP", "<": "REL_OP", ">": "REL_OP",
    "<<": "SHIFT_OP", ">>": "SHIFT_OP",
    "+": "PLUS", "-": "MINUS", "*": "STAR", "/": "SLASH", "%": "PERCENT",
    "...": "ELLIPSIS", "true": "TRUE", "false": "FALSE", "vector": "VECTOR",
}  # fmt: skip
_RESERVED: Final = frozenset({"const", "yield"})
_PATTERN: Final = re.compile(
    r"""(?P<skip>[ \t\r\n\ufeff]+|//[^\n]*\n|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z))
    |(?P<op>operator:\s*\S+)
    |(?P<colon>(?:function|method|class|interface|union|module|documentation|alias):|\\:)
    |(?P<STRING>\"\"\"(?:\\[\s\S]|[^\\])*?\"\"\"|"(?:\\[\s\S]|[^"\\])*")
    |(?P<CHAR>'\\[btnfr\\]'|'\\u[0-9a-fA-F]{4,}'|'\\''|'[^']{1,4}')
    |(?P<FLOAT>\d*\.\d+(?:[eE][+-]?\d+)?|\d+\.(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)
    |(?P<INT>0x[0-9a-fA-F]+|\d+)
    |(?P<TYPEVAR>'[A-Za-z_]\w*)
    |(?P<NAME>[A-Za-z_][A-Za-z_0-9]*)
    |(?P<punct>\.\.\.|<<=|>>=|[-+*/%&^|]=|\+\+|--|&&|\|\||==|!=|<=|>=|<<|>>|:=|->|[-;,.()\[\]{}=+*/%&|^~!<>:])
    |(?P<junk>[\s\S])""",
    re.VERBOSE | re.ASCII,
)


class Token:
    """A token: ``kind`` (terminal of the grammar), ``text``, ``pos`` (offset in the text)."""

    __slots__ = ("kind", "pos", "text")

    def __init__(self, kind: str, text: str, pos: int) -> None:
        self.kind = kind
        self.text = text
        self.pos = pos

    def __repr__(self) -> str:
        return f"{self.kind}:{self.text!r}"


def _scan(text: str, literals: dict[str, str]) -> list[Token]:
    out: list[Token] = []
    for match in _PATTERN.finditer(text):
        group = match.lastgroup
        if group == "skip":
            continue
        word = match.group()
        if group == "NAME":
            kind = _KINDS.get(word) or literals.get(word) or "NAME"
            if word in _RESERVED:
                kind = "JUNK"
        elif group == "punct":
            kind = _KINDS.get(word) or literals.get(word) or "JUNK"
        elif group == "colon":
            kind = COLON_WORDS[word]
        elif group == "op":
            kind = "OPERATOR_NAME"
        elif group == "junk":
            kind = "JUNK"
        else:
            kind = str(group)
        out.append(Token(kind, word, match.start()))
    return out


def _rhs_is_type(tokens: list[Token], start: int, types: set[str]) -> bool:
    """Whether what follows ``X :=`` is written as a type."""
    if start >= len(tokens):
        return False
    kind, text = tokens[start].kind, tokens[start].text
    if kind == "VECTOR" or (kind == "NAME" and text in types):
        return not (start + 1 < len(tokens) and tokens[start + 1].kind == "DOT")
    return kind in ("LPAR", "LSQB") and _rhs_is_type(tokens, start + 1, types)


def tokenize(text: str, literals: dict[str, str], is_type: Callable[[str], bool]) -> list[Token]:
    """Tokens of a text, names of types classified.

    ``is_type`` tells whether a (dotted) name is a type known from before; ``literals`` maps
    the grammar's literal texts to terminal names.
    """
    tokens = _scan(text, literals)
    local: set[str] = set()
    out: list[Token] = []
    i = 0
    count = len(tokens)
    while i < count:
        token = tokens[i]
        if token.kind == "NAME" and not (out and out[-1].kind == "DOT"):
            path = token.text
            last = i if path in local or is_type(path) else -1
            j = i
            while j + 2 < count and tokens[j + 1].kind == "DOT" and tokens[j + 2].kind == "NAME":
                path = f"{path}.{tokens[j + 2].text}"
                j += 2
                if path in local or is_type(path):
                    last = j
            defines = i + 1 < count and tokens[i + 1].text == ":="
            if last >= 0 and not (last == i and defines):
                name = "".join(t.text for t in tokens[i : last + 1])
                out.append(Token("TYPE", name, token.pos))
                i = last + 1
                continue
            if defines:
                known = local | {t.text for t in tokens[i + 2 :] if is_type(t.text)}
                if _rhs_is_type(tokens, i + 2, known):
                    local.add(token.text)
        if token.kind in ("CLASS", "INTERFACE", "UNION") and i + 1 < count:
            local.add(tokens[i + 1].text)
        out.append(token)
        i += 1
    return out
