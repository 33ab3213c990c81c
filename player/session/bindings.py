"""Event tables: which function runs for an event name.

A table holds at most one action for each exact name, and regular expressions in the order in
which they were bound. An exact binding wins; the expressions of a table are consulted only when
the table has no exact binding (Open RV, ``TwkApp/EventTable``). Patterns are POSIX extended
regular expressions, found anywhere in the name unless they are anchored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["Action", "BindingError", "EventTable", "NoSuchMode", "posix_pattern"]


class BindingError(ValueError):
    """A binding request that names something unknown; the text is RV's."""


class NoSuchMode(BindingError):
    """The mode does not exist."""

    def __init__(self, name: str) -> None:
        super().__init__(f"No mode named {name}")


class Action:
    """One bound function. Identity matters: rebinding makes a new action.

    ``report_once`` silences every failure after the first (Mu handlers; Python handlers print
    each traceback, as RV does). ``builtin`` marks the player's own default binding, for which
    faster paths exist.
    """

    __slots__ = ("builtin", "doc", "failed", "func", "report_once")

    def __init__(
        self,
        func: Callable[[Any], object],
        doc: str = "",
        *,
        report_once: bool = False,
        builtin: bool = False,
    ) -> None:
        self.func = func
        self.doc = doc
        self.report_once = report_once
        self.builtin = builtin
        self.failed = False


_CLASSES = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r" \t\n\r\f\v",
    "blank": r" \t",
    "punct": r"!-/:-@\[-`{-~",
    "cntrl": r"\x00-\x1f\x7f",
    "print": r"\x20-\x7e",
    "graph": r"\x21-\x7e",
    "xdigit": "0-9A-Fa-f",
}


def _bracket(text: str, start: int) -> tuple[str, int]:
    """Translate the bracket expression at ``text[start] == "["``; returns (regex, next index)."""
    i = start + 1
    out = ["["]
    if i < len(text) and text[i] == "^":
        out.append("^")
        i += 1
    first = True
    while i < len(text):
        char = text[i]
        if char == "]" and not first:
            return "".join([*out, "]"]), i + 1
        if char == "[" and i + 1 < len(text) and text[i + 1] in ":.=":
            kind = text[i + 1]
            end = text.find(kind + "]", i + 2)
            if end < 0:
                break
            name = text[i + 2 : end]
            if kind == ":":
                if name not in _CLASSES:
                    raise BindingError(f"Invalid character class name: {text}")
                out.append(_CLASSES[name])
            else:
                out.append(re.escape(name))
            i = end + 2
        else:
            out.append("\\" + char if char in "\\[]^&~|" else char)
            i += 1
        first = False
    raise BindingError(f"Unmatched [, [^, [:, [., or [=: {text}")


def posix_pattern(text: str) -> re.Pattern[str]:
    """Compile a POSIX extended regular expression for searching.

    Raises :class:`BindingError` when the expression is malformed.
    """
    out: list[str] = []
    i = 0
    quantified = False
    while i < len(text):
        char = text[i]
        if char in "[\\":
            quantified = False
        if char == "[":
            piece, i = _bracket(text, i)
            out.append(piece)
            continue
        if char == "\\":
            if i + 1 >= len(text):
                raise BindingError(f"Trailing backslash: {text}")
            following = text[i + 1]
            # Only these keep a meaning behind a backslash; \d and friends are plain letters.
            if following in "wWsSbB" or following in "123456789":
                out.append("\\" + following)
            elif following in "<>":
                out.append(r"\b")
            else:
                out.append(re.escape(following))
            i += 2
            continue
        if char in "*+?" and quantified:
            # "a*?" is "(a*)?" here, neither lazy nor possessive nor an error.
            if out[-1] != char:
                out[-1] = "*"
            i += 1
            continue
        quantified = char in "*+?"
        if char == "$":
            char = r"\Z"
        if char == "(" and text[i + 1 : i + 2] == "?":
            raise BindingError(f"Invalid preceding regular expression: {text}")
        out.append(char)
        i += 1
    try:
        return re.compile("".join(out), re.DOTALL)
    except (re.error, OverflowError, RecursionError) as error:
        raise BindingError(f"{error}: {text}") from None


class EventTable:
    """The bindings of one mode under one table name.

    ``bbox`` is the pointer rectangle (x0, y0, x1, y1) set by setEventTableBBox; a headless
    player only remembers it.
    """

    __slots__ = ("_exact", "_patterns", "bbox", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.bbox: tuple[int, int, int, int] | None = None
        self._exact: dict[str, Action] = {}
        self._patterns: list[tuple[str, re.Pattern[str], Action]] = []

    def bind(self, event: str, action: Action) -> None:
        """Bind an exact name; an earlier binding of that name is replaced."""
        self._exact[event] = action

    def bind_pattern(self, pattern: str, action: Action) -> None:
        """Bind every name in which ``pattern`` is found; the same text again replaces."""
        compiled = posix_pattern(pattern)
        self.unbind_pattern(pattern)
        self._patterns.append((pattern, compiled, action))

    def unbind(self, event: str) -> None:
        """Remove an exact binding; nothing happens when there is none."""
        self._exact.pop(event, None)

    def unbind_pattern(self, pattern: str) -> None:
        """Remove a pattern by its text; nothing happens when there is none."""
        self._patterns = [entry for entry in self._patterns if entry[0] != pattern]

    def query(self, event: str) -> Action | None:
        """The action for a name: exact first, then the first pattern found in it."""
        action = self._exact.get(event)
        if action is not None or not self._patterns:
            return action
        for _, compiled, bound in self._patterns:
            if compiled.search(event):
                return bound
        return None

    def exact(self) -> Iterator[tuple[str, Action]]:
        """Exact bindings sorted by event name."""
        return iter(sorted(self._exact.items()))

    def patterns(self) -> Iterator[tuple[str, Action]]:
        """Bound expressions in the order in which they are tried."""
        return ((text, action) for text, _, action in self._patterns)
