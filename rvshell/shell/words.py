"""Small texts: their width on a terminal, cutting them, and matching what was typed in part."""

from __future__ import annotations

from rvshell.verbs import output

__all__ = ["cut", "rank", "scattered", "width_of"]


def width_of(text: str) -> int:
    """Cells on a terminal."""
    if text.isascii():
        return len(text)
    from prompt_toolkit.utils import get_cwidth  # not paid for by the system shell's completion

    return get_cwidth(text)


def cut(text: str, width: int) -> str:
    """*text* in at most *width* cells, with … where something is missing."""
    if width < 2 and width_of(text) > width:
        return ""
    return output.cut(text, width, width_of)


def rank(name: str, low: str, typed: str) -> int | None:
    """How well *name* (in lower case *low*) fits *typed* (in lower case): 0 it begins with it,
    1 a word of it does, 2 it is in there; None not at all."""
    at = low.find(typed)
    if at <= 0:
        return None if at else 0
    before = name[at - 1]
    if not before.isalnum() or (name[at].isupper() and before.islower()):
        return 1
    return 2


def scattered(low: str, typed: str) -> bool:
    """Are the letters of *typed* in *low* in that order, and not spread too far?"""
    first = at = low.find(typed[0])
    if at < 0:
        return False
    for c in typed[1:]:
        at = low.find(c, at + 1)
        if at < 0:
            return False
    return at - first < 3 * len(typed) + 4
