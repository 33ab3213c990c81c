"""``regex``: construction, match, smatch, replace.  Source: ``MuLang/RegexType.cpp``."""

from __future__ import annotations

from functools import lru_cache

from player.mu.lib.faults import nil_argument
from player.mu.lib.posix_match import Program, RegexBudget
from player.mu.lib.posix_parse import EXTENDED, NOSUB, RegexError
from player.mu.lib.strings import decode, encode, string_array
from player.mu.values import MuArray, MuRegex, bounded, complain, throw

__all__ = ["construct", "from_string", "match", "replace", "smatch"]


@lru_cache(maxsize=256)
def _program(pattern: str, flags: int) -> Program:
    return Program(encode(pattern), flags)


def construct(pattern: str | None, flags: int) -> MuRegex:
    """``regex(pattern, flags)``; flags replace the default, so without Extended it is basic."""
    if pattern is None:
        nil_argument()
    try:
        return MuRegex(pattern, flags, _program(pattern, flags))
    except RegexError as error:
        throw(f"Regular exression error: {error}")  # RV's spelling


def from_string(pattern: str | None) -> MuRegex:
    """``regex(pattern)``: extended syntax."""
    return construct(pattern, EXTENDED)


def _search(program: Program, text: bytes) -> list[tuple[int, int]] | None:
    try:
        found = program.search(text)
    except RegexBudget:
        complain("regular expression takes too long")
    if found is not None and program.flags & NOSUB:
        return [(0, 0)] * len(found)
    return found


def match(regex: MuRegex | None, text: str | None) -> bool:
    """Whether the text contains a match."""
    if regex is None or text is None:
        nil_argument()
    return _search(regex.program, encode(text)) is not None


def smatch(regex: MuRegex | None, text: str | None) -> MuArray | None:
    """Whole match and groups (nil when a group took no part), or nil without a match."""
    if regex is None or text is None:
        nil_argument()
    data = encode(text)
    spans = _search(regex.program, data)
    if spans is None:
        return None
    return string_array([None if b < 0 else decode(data[b:e]) for b, e in spans])


def _parts(template: bytes) -> list[tuple[bytes, int]]:
    """Pieces of a replacement: text and what follows it (group, -1 backslash, -2 nothing)."""
    parts = []
    while (at := template.find(b"\\")) >= 0:
        if at + 1 >= len(template):
            complain("trailing backslash in a replacement")
        mark = template[at + 1 : at + 2]
        if mark == b"&":
            parts.append((template[:at], 0))
        elif mark.isdigit():
            parts.append((template[:at], int(mark)))
        elif mark == b"\\":
            parts.append((template[:at], -1))
        # any other escape swallows itself and the text before it
        template = template[at + 2 :]
    if template:
        parts.append((template, -2))
    return parts


def replace(regex: MuRegex | None, text: str | None, replacement: str | None) -> str:
    """All matches replaced; ``\\1`` ... ``\\9``, ``\\0`` or ``\\&`` refer to groups.

    Each search starts afresh behind the last match, so ``^`` matches again.  A match of the
    empty string, with which RV never ends, throws.
    """
    if regex is None or text is None or replacement is None:
        nil_argument()
    rest = encode(text)
    parts = _parts(encode(replacement))
    out: list[bytes] = []
    size = len(rest)
    while (spans := _search(regex.program, rest)) is not None:
        begin, end = spans[0]
        if end == 0 or begin == end:
            complain("regular expression matches the empty string")
        out.append(rest[:begin])
        for literal, group in parts:
            out.append(literal)
            bounded(size := size + len(literal))
            if group == -1:
                out.append(b"\\")
            elif group >= 0:
                b, e = spans[group] if group < len(spans) else (0, 0)
                if b < 0 or b >= len(rest):
                    throw("bad replacement index: out of range")
                bounded(size := size + e - b)
                out.append(rest[b:e])
        rest = rest[end:]
    out.append(rest)
    return decode(b"".join(out))
