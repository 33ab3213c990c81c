"""Small texts: their width on a terminal, cutting them, and matching what was typed in part."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["Matcher", "cut", "width_of"]


def width_of(text: str) -> int:
    """Cells on a terminal."""
    if text.isascii():
        return len(text)
    from prompt_toolkit.utils import get_cwidth  # not paid for by the system shell's completion

    return get_cwidth(text)


def cut(text: str, width: int) -> str:
    """*text* in at most *width* cells, with … where something is missing."""
    if width_of(text) <= width:
        return text
    if width < 2:
        return ""
    out, room = [], width - 1
    for c in text:
        room -= width_of(c)
        if room < 0:
            break
        out.append(c)
    return "".join(out) + "…"


@lru_cache(maxsize=256)
def _subsequence(typed: str) -> re.Pattern[str]:
    return re.compile(".*?".join(map(re.escape, typed)), re.IGNORECASE | re.DOTALL)


class Matcher:
    """How well names fit what was typed: the smaller the rank the better, None not at all.

    0 begins with it, 1 a word of it begins with it, 2 it is in there, 3 its letters are in there
    in that order (only from two letters on, and only when they are not spread too far).
    """

    def __init__(self, typed: str) -> None:
        self.typed = typed
        self.lower = typed.lower()
        self.fuzzy = _subsequence(typed) if len(typed) >= 2 else None
        self.spread = 3 * len(typed) + 4

    def rank(self, name: str) -> int | None:
        """The rank of *name*."""
        if not self.typed:
            return 0
        low = name.lower()
        at = low.find(self.lower)
        if at == 0:
            return 0
        if at > 0:
            before = name[at - 1]
            if not before.isalnum() or (name[at].isupper() and before.islower()):
                return 1
            return 2
        if self.fuzzy is not None:
            found = self.fuzzy.search(name)
            if found is not None and found.end() - found.start() <= self.spread:
                return 3
        return None
