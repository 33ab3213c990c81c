"""Types and signatures from text, as ``vocabulary.tsv`` and host registrations write them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from player.mu import types as t

__all__ = ["Argument", "parse_arguments", "parse_type", "split_commas"]

Lookup = Callable[[str], t.Type | None]

_OPEN = frozenset("([{")
_CLOSE = frozenset(")]}")


@dataclass(frozen=True, slots=True)
class Argument:
    """A parameter: its type, name (may be empty) and the text of its default, if any."""

    type: t.Type
    name: str = ""
    default: str | None = None


def split_commas(text: str, separator: str = ",") -> list[str]:
    """Parts at top-level separators; brackets and quotes are respected."""
    parts, depth, start, quoted = [], 0, 0, False
    for i, c in enumerate(text):
        if c == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif c in _OPEN:
            depth += 1
        elif c in _CLOSE:
            depth -= 1
        elif c == separator and not depth:
            parts.append(text[start:i])
            start = i + 1
    parts.append(text[start:])
    return [p.strip() for p in parts]


@lru_cache(maxsize=256)
def _pattern(name: str) -> t.PatternType:
    return t.PatternType(name)


def _bracket(text: str) -> int:
    """Where the bracket that the last character closes was opened."""
    depth = 0
    for i in range(len(text) - 1, -1, -1):
        depth += {"]": 1, "[": -1}.get(text[i], 0)
        if not depth:
            return i
    raise ValueError(f"bad type {text!r}: brackets do not match")


def parse_type(text: str, lookup: Lookup) -> t.Type:
    """The type a text names; a name that ``lookup`` does not know becomes an opaque handle.

    ValueError when the text is no type.
    """
    text = text.strip()
    if text.endswith("&"):
        return t.reference_to(parse_type(text[:-1], lookup))
    if text.startswith("?"):
        return _pattern(text)
    if text == "(;)":
        return t.AMBIGUOUS
    if text.endswith("]") and not (text.startswith("[") and _bracket(text) == 0):
        start = _bracket(text)
        head, inside = text[:start], text[start + 1 : -1]
        if head.startswith("vector "):
            return t.vector_of(int(inside))
        dims = tuple(int(d) for d in inside.split(",")) if inside else None
        return t.array_of(parse_type(head, lookup), dims)
    if text.startswith("["):
        return t.list_of(parse_type(text[1:-1], lookup))
    if text.startswith("("):
        halves = split_commas(text[1:-1], ";")
        if len(halves) == 2:
            args = [parse_type(a, lookup) for a in split_commas(halves[1]) if a]
            return t.function_of(parse_type(halves[0], lookup), *args)
        parts = [parse_type(p, lookup) for p in split_commas(text[1:-1])]
        return parts[0] if len(parts) == 1 else t.tuple_of(*parts)
    return lookup(text) or t.OpaqueType(text)


def parse_arguments(text: str, lookup: Lookup, separator: str = ",") -> list[Argument]:
    """Parameters from ``int a, string b = nil``."""
    out = []
    for part in split_commas(text, separator):
        if not part:
            continue
        head, equals, default = part.partition("=")
        words = head.strip()
        name = ""
        before, space, last = words.rpartition(" ")
        if space and last.isidentifier() and before != "vector":
            words, name = before.strip(), last
        out.append(Argument(parse_type(words, lookup), name, default.strip() if equals else None))
    return out
