"""Types and signatures from text, as ``builtins.tsv`` and host registrations write them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from player.mu import types as t

__all__ = ["Param", "parse_params", "parse_type", "split_commas"]

Lookup = Callable[[str], t.Type | None]


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter: its type, name (may be empty) and the text of its default, if any."""

    type: t.Type
    name: str = ""
    default: str | None = None


def split_commas(text: str, separator: str = ",") -> list[str]:
    """Parts at top-level separators; brackets and quotes are respected."""
    parts, depth, start, quote = [], 0, 0, False
    for i, c in enumerate(text):
        if c == '"':
            quote = not quote
        elif quote:
            continue
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == separator and not depth:
            parts.append(text[start:i])
            start = i + 1
    parts.append(text[start:])
    return [p.strip() for p in parts]


def parse_type(text: str, lookup: Lookup) -> t.Type:
    """The type a text names; a name nobody knows becomes an opaque handle."""
    text = text.strip().rstrip("&")
    if text.startswith("?"):
        return t.PatternType(text, True)
    if text.endswith("]") and not text.startswith("["):
        depth, i = 0, len(text) - 1
        while i >= 0:
            depth += {"]": 1, "[": -1}.get(text[i], 0)
            if not depth:
                break
            i -= 1
        head, inside = text[:i], text[i + 1 : -1]
        if head.startswith("vector "):
            return t.vector_of(int(inside))
        dims = tuple(int(d) for d in inside.split(",")) if inside else None
        return t.array_of(parse_type(head, lookup), dims)
    if text.startswith("["):
        return t.list_of(parse_type(text[1:-1], lookup))
    if text.startswith("("):
        inner = text[1:-1]
        halves = split_commas(inner, ";")
        if len(halves) == 2:
            args = [parse_type(a, lookup) for a in split_commas(halves[1]) if a]
            return t.function_of(parse_type(halves[0], lookup), *args)
        parts = [parse_type(p, lookup) for p in split_commas(inner)]
        return parts[0] if len(parts) == 1 else t.tuple_of(*parts)
    return lookup(text) or t.OpaqueType(text)


def parse_params(text: str, lookup: Lookup) -> list[Param]:
    """Parameters from ``int a, string b=nil``."""
    params = []
    for part in split_commas(text):
        if not part:
            continue
        head, equals, default = part.partition("=")
        words = head.strip()
        name = ""
        tail = words.rpartition(" ")
        if tail[0] and tail[2].isidentifier() and tail[0] not in ("vector",):
            words, name = tail[0].strip(), tail[2]
        params.append(Param(parse_type(words, lookup), name, default.strip() if equals else None))
    return params
