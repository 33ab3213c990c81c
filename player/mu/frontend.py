"""What an editor or a prompt asks about a text before it is sent: pure functions, no state.

The parser is the interpreter's own, with actions that do nothing. What a name is comes from the
text alone and from a list of type names; a program that the real session knows more about may
get an answer here that is too strict or too mild, never one that runs anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from player.mu.lexer import NAME, PATTERN, Token, scan
from player.mu.parser import parse
from player.mu.types import PRIMITIVES

__all__ = ["KNOWN_TYPES", "Diagnosis", "Span", "check", "highlight"]

KNOWN_TYPES: Final = frozenset(PRIMITIVES) | {
    "Event", "MenuItem", "SettingsValue", "RenderedImageInfo", "PixelImageInfo",
    "SourceMediaInfo", "MetaEvalInfo", "NodeRangeInfo", "NodeImageGeometry", "PropertyInfo",
    "IOFormat", "IOParameter", "VideoDeviceState", "ChannelInfo", "LayerInfo", "ViewInfo",
    "ChapterInfo",
}  # fmt: skip
"""The language's own types and those of RV's signatures."""

_CONTINUES: Final = frozenset(
    {
        "=", "+", "-", "*", "/", "%", "&", "|", "^", "~", "!", "&&", "||", "==", "!=", "eq", "neq",
        "<", ">", "<=", ">=", "<<", ">>", ",", ".", ":", "->", ":=", "ASSIGN_OP", "if", "then",
        "else", "let", "global", "case", "do", "for", "for_each", "for_index", "while", "repeat",
        "try", "catch", "throw", "return", "function:", "method:", "class:", "interface:",
        "union:", "module:", "documentation:", "alias:", "operator:",
    }
)  # fmt: skip
_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
_DECLARES: Final = frozenset({"class:", "interface:", "union:"})
_CATEGORIES: Final = {
    "STRING": "string", "CHAR": "string", "FLOAT": "number", "INT": "number",
    "word": "keyword", "op": "keyword", "punct": "operator", "junk": "error",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is wrong with a text. ``incomplete``: nothing yet, more has to come.

    ``line`` and ``column`` count from 1, columns in characters; ``offset`` from 0.
    """

    incomplete: bool
    message: str
    line: int
    column: int
    offset: int


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text from ``start`` to ``end`` (offsets) and its category: ``keyword``,
    ``type``, ``name``, ``string``, ``number``, ``comment``, ``operator`` or ``error``."""

    start: int
    end: int
    category: str


def check(text: str, types: Iterable[str] = KNOWN_TYPES) -> Diagnosis | None:
    """What keeps a text from being a program; None when nothing does.

    ``types`` are the names that stand for types.
    """
    tokens = scan(text)
    unclosed = _unclosed(text, tokens)
    if unclosed is not None:
        return unclosed
    reader = _Reader(_kinds(tokens, frozenset(types)))
    finished = parse(text, reader)
    if finished and reader.where < 0:
        return None
    offset = reader.where if reader.where >= 0 else len(text)
    at_end = offset >= len(text)
    if at_end and tokens and (tokens[-1].kind in _CONTINUES):
        return _at(text, len(text), True, f"more has to follow {tokens[-1].text!r}")
    if at_end:
        return _at(text, len(text.rstrip()), False, "unexpected end of the text (a ';' missing?)")
    found = next((t for t in tokens if t.pos == offset), None)
    return _at(text, offset, False, f"unexpected {found.text if found else text[offset]!r}")


def highlight(text: str, types: Iterable[str] = KNOWN_TYPES) -> list[Span]:
    """The pieces of a text by category; white space is in none."""
    known = set(types)
    spans: list[Span] = []
    at = 0
    while at < len(text):
        match = PATTERN.match(text, at)
        assert match is not None
        start, at = at, match.end()
        group = match.lastgroup or ""
        word = match.group()
        if group == "skip":
            if word.startswith("/"):
                spans.append(Span(start, at, "comment"))
            continue
        if group == "open":
            rest = "comment" if word == "/*" else "string"
            spans.append(Span(start, len(text), rest))
            break
        if word == "/" and text.startswith("//", start):
            # a comment needs its newline; at the end of a text it is not one yet
            spans.append(Span(start, len(text), "comment"))
            break
        if group == "name":
            category = "keyword" if word in _words() else "type" if word in known else "name"
            spans.append(Span(start, at, category))
        else:
            spans.append(Span(start, at, _CATEGORIES[group]))
    return spans


def _words() -> frozenset[str]:
    from player.mu.lexer import KEYWORDS

    return KEYWORDS | {"true", "false", "vector"}


def _at(text: str, offset: int, incomplete: bool, message: str) -> Diagnosis:
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return Diagnosis(incomplete, message, line, column, offset)


def _unclosed(text: str, tokens: list[Token]) -> Diagnosis | None:
    """A bracket, string or comment that is still open, or a bracket that closes another."""
    open_: list[Token] = []
    for token in tokens:
        if token.kind in _CLOSING:
            open_.append(token)
        elif token.kind in _CLOSING.values():
            if not open_:
                return _at(text, token.pos, False, f"{token.text!r} closes nothing")
            if _CLOSING[open_[-1].kind] != token.kind:
                begin = open_[-1]
                line = text.count("\n", 0, begin.pos) + 1
                message = f"{token.text!r} does not close the {begin.text!r} of line {line}"
                return _at(text, token.pos, False, message)
            open_.pop()
    end = tokens[-1].pos + len(tokens[-1].text) if tokens else 0
    at = end
    while at < len(text):
        match = PATTERN.match(text, at)
        assert match is not None
        if match.lastgroup == "open":
            what = "comment" if match.group() == "/*" else "string"
            return _at(text, at, True, f"the {what} is not closed")
        at = match.end()
    if open_:
        return _at(text, open_[-1].pos, True, f"{open_[-1].text!r} is not closed")
    return None


def _kinds(tokens: list[Token], types: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """What each name is, in the order the parser asks."""
    known = set(types)
    tags = _tags(tokens)
    scoped = heading = False
    for i, token in enumerate(tokens):
        if token.kind in ("{", ";"):
            heading = False
        if token.kind != NAME:
            continue
        after = tokens[i + 1].kind if i + 1 < len(tokens) else ""
        before = tokens[i - 1].kind if i else ""
        behind, scoped = scoped and before == ".", False
        if before in _DECLARES:
            known.add(token.text)
            heading = True
            yield "IDENTIFIER", token.text
        elif heading and before in (":", ","):
            yield "TYPE", token.text
        elif behind and after == ".":
            scoped = True
            yield "MODULE", token.text
        elif before == ".":
            # behind a type or module a name has to be something declared
            found = "TAG" if token.text in tags else "SYMBOL" if behind else "IDENTIFIER"
            yield ("TYPE" if after == NAME else found), token.text
        elif i in tags.values():
            yield "IDENTIFIER", token.text
        elif token.text in tags:
            yield "TAG", token.text
        elif before == ":=" and token.text not in known:
            scoped = after == "."
            yield ("MODULE" if scoped else "SYMBOL"), token.text
        elif token.text == "vector":
            yield "MODIFIER", token.text
        elif token.text in known and after != ":=":
            scoped = after == "."
            yield "TYPE", token.text
        elif after == NAME and tokens[i + 1].text not in known:
            # two names in a row: the first is a type that only the session knows
            yield "TYPE", token.text
        elif after == "." and _declares_below(tokens, i):
            scoped = True
            yield "MODULE", token.text
        else:
            yield "IDENTIFIER", token.text


def _tags(tokens: list[Token]) -> dict[str, int]:
    """The tags of the unions that a text declares, and the token that declares each."""
    out: dict[str, int] = {}
    inside = False
    for i, token in enumerate(tokens):
        if token.kind == "{" and i > 1 and tokens[i - 2].kind == "union:":
            inside = True
        if inside and token.kind == NAME and tokens[i - 1].kind in ("{", "|"):
            out.setdefault(token.text, i)
        if token.kind == "}":
            inside = False
    return out


def _declares_below(tokens: list[Token], i: int) -> bool:
    """Whether ``a.b.C x`` starts here: a dotted path that a name follows."""
    while i + 2 < len(tokens) and tokens[i + 1].kind == "." and tokens[i + 2].kind == NAME:
        i += 2
    return i + 1 < len(tokens) and tokens[i + 1].kind == NAME


class _Reader:
    """An assembler whose actions do nothing."""

    def __init__(self, kinds: Iterator[tuple[str, Any]]) -> None:
        self._kinds = kinds
        self.values: list[Any] = []
        self.position = 0
        self.where = -1

    def classify(self, name: str) -> tuple[str, Any]:
        return next(self._kinds, ("IDENTIFIER", name))

    def left_over(self, values: list[Any]) -> None:
        pass

    def report(self, message: str) -> None:
        if self.where < 0:
            self.where = self.position

    def __getattr__(self, action: str) -> Callable[..., Any]:
        return lambda *values: None
