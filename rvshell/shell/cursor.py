"""What is being typed at the cursor: verb, argument, condition, code, a string in code…

This reads unfinished text, so it cannot be the parser of the language: it is a scan from the
start that knows quotes, brackets and where statements begin, and is never wrong by more than a
poorer menu.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

__all__ = ["Here", "open_call", "where"]

_BLOCK = ("if", "while")
_NAME_END = re.compile(r"[A-Za-z_][\w.]*$")
_DOLLAR_END = re.compile(r"\$(\w*)$")
_CALL_END = re.compile(r"([A-Za-z_][\w.]*)\s*$")
_VERB = re.compile(r"[A-Za-z_][\w-]*$|\?$")


class Here(NamedTuple):
    """`kind` of what stands at the cursor, the part of it `typed` and its offset `start`; the
    `verb` of the statement with the `words` before; the `call` around a string."""

    kind: str
    typed: str
    start: int
    verb: str = ""
    words: tuple[str, ...] = ()
    call: str = ""


def where(before: str, mode: str, tail: Callable[[str], str | None]) -> Here:
    """The place at the end of *before*. *tail* says how a verb reads its rest."""
    if mode != "verbs":
        if not before.startswith(":"):
            return code(before, 0, mode, "")
        inner = where(before[1:], "verbs", tail)
        return inner._replace(start=inner.start + 1)
    dollar = _DOLLAR_END.search(before)
    start = _statement_start(before)
    while (brace := re.match(r"[{}\s]+", before[start:])) is not None:
        start += brace.end()
    text = before[start:]
    if text.startswith("!"):
        return _word(text[1:], start + 1, "file")
    first = re.match(r"[A-Za-z_][\w-]*|\?|@[\w.,:*-]*", text)
    if first is None:
        return code(before, start, "mu", "") if text else Here("statement", "", len(before))
    if first.end() == len(text):
        if dollar:
            return Here("variable", dollar.group(), dollar.start())
        return Here("statement", text, start)
    name = first.group()
    if name.startswith("@") and text[first.end() :].strip(" ") != text[first.end() :]:
        rest = text[first.end() :].lstrip()
        inner = where(rest, mode, tail)
        return inner._replace(start=inner.start + len(before) - len(rest))
    kind = tail(name)
    following = text[first.end()]
    if following == "." or following == "(" or (kind is None and name not in _BLOCK):
        if following in " \t" and name in ("for", "repeat", "def", "else"):
            return Here("argument", "", len(before), name)
        return _dotted_statement(before, start, text) or code(before, start, "mu", "")
    offset = start + first.end()
    rest = before[offset:]
    blanks = len(rest) - len(rest.lstrip(" \t"))
    if kind in ("raw", "python"):
        return code(before, offset + blanks, "mu" if kind == "raw" else "python", name)
    if dollar:
        return Here("variable", dollar.group(), dollar.start(), name)
    if kind == "expr" or name in _BLOCK:
        found = _NAME_END.search(rest)
        typed = found.group() if found else ""
        option = rest.rsplit(" ", 1)[-1]
        if option.startswith("--"):
            return Here("argument", option, len(before) - len(option), name, ())
        return Here("condition", typed, len(before) - len(typed), name)
    return _word(rest, offset, "argument", name)


def _dotted_statement(before: str, start: int, text: str) -> Here | None:
    """`extra_commands.st`: still one name, with verbs and commands to choose from."""
    if re.fullmatch(r"[A-Za-z_][\w.]*", text):
        return Here("mu", text, start)
    return None


def _statement_start(text: str) -> int:
    """Where the last statement of *text* begins."""
    start, i, n = 0, 0, len(text)
    stack: list[str] = []
    blocks: list[int] = []
    while i < n:
        c = text[i]
        if c == "\\":
            i += 2
            continue
        if c in "'\"":
            end = i + 1
            while end < n and text[end] != c:
                end += 2 if text[end] == "\\" and c == '"' else 1
            if end >= n:
                return start
            i = end + 1
            continue
        if c == "$" and text[i + 1 : i + 2] == "(":
            stack.append("$")
            blocks.append(start)
            start = i = i + 2
            continue
        if c in "([":
            stack.append(c)
        elif c in ")]" and stack:
            if stack.pop() == "$" and blocks:
                start = blocks.pop()
        elif c == "#" and i > 0 and text[i - 1] in " \t\n" and text[i + 1 : i + 2] in (" ", ""):
            end = text.find("\n", i)
            i = n if end < 0 else end
            continue
        elif (c in ";\n" and (not stack or stack[-1] == "$")) or (
            c in "{}" and not stack and _opens_block(text[start:i])
        ):
            start = i + 1
        i += 1
    while start < n and text[start] in " \t":
        start += 1
    return start


def _opens_block(statement: str) -> bool:
    first = statement.strip().partition(" ")[0]
    return first in ("if", "else", "for", "repeat", "while", "def", "", "}")


def _word(rest: str, offset: int, kind: str, verb: str = "") -> Here:
    """The last word of *rest*, with its quotes understood, and the words before it."""
    words: list[str] = []
    current: list[str] = []
    start, quote, inside, i = 0, "", False, 0
    redirect = False
    while i < len(rest):
        c = rest[i]
        if quote:
            if c == quote:
                quote = ""
            else:
                current.append(c)
        elif c in "'\"":
            if not inside:
                inside, start = True, i + 1
            quote = c
        elif c == "\\" and i + 1 < len(rest):
            if not inside:
                inside, start = True, i
            i += 1
            current.append(rest[i])
        elif c in " \t":
            if inside:
                words.append("".join(current))
                current, inside = [], False
        elif c in ">|":
            redirect, words, current, inside = True, [], [], False
        else:
            if not inside:
                inside, start = True, i
            current.append(c)
        i += 1
    typed = "".join(current) if inside else ""
    begin = offset + (start if inside else len(rest))
    if redirect:
        return Here("file", typed, begin, "", tuple(words))
    return Here(kind, typed, begin, verb, tuple(words))


def code(before: str, start: int, language: str, verb: str) -> Here:
    """A place in Mu or Python that begins at *start*."""
    text = before[start:]
    quote, opened, i = "", 0, 0
    while i < len(text):
        c = text[i]
        if quote:
            if c == "\\":
                i += 1
            elif c == quote:
                quote = ""
        elif c == '"' or (c == "'" and language == "python"):
            quote, opened = c, i
        elif c == "#" and language == "python":
            end = text.find("\n", i)
            i = len(text) if end < 0 else end
        i += 1
    if quote:
        call = open_call(text[:opened])
        return Here(
            "string", text[opened + 1 :], start + opened + 1, verb, (), call[0] if call else ""
        )
    found = _NAME_END.search(text)
    typed = found.group() if found else ""
    return Here(language, typed, len(before) - len(typed), verb)


def open_call(text: str) -> tuple[str, int] | None:
    """The name of the innermost call that is still open, and the index of its argument."""
    stack: list[tuple[str, int]] = []
    quote, i = "", 0
    while i < len(text):
        c = text[i]
        if quote:
            if c == "\\":
                i += 1
            elif c == quote:
                quote = ""
        elif c == '"':
            quote = c
        elif c in "([{":
            found = _CALL_END.search(text[:i]) if c == "(" else None
            stack.append((found.group(1) if found else "", 0))
        elif c in ")]}":
            if stack:
                stack.pop()
        elif c == "," and stack:
            name, index = stack[-1]
            stack[-1] = (name, index + 1)
        i += 1
    for name, index in reversed(stack):
        if name:
            return name, index
    return None
