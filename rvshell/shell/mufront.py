"""The front end of the Mu language, when it is installed: is a text complete, what is wrong where,
what its pieces are.

It comes with the player (``player.mu.frontend``); a client alone does without, by a scan of
brackets and strings. It is imported in the background, so that nobody waits for it.
"""

from __future__ import annotations

import sys
import threading
from functools import lru_cache
from types import ModuleType

from rvshell.errors import ScriptError
from rvshell.script.syntax import Source

__all__ = ["FORCE", "check", "coloured", "preload"]

FORCE = "Alt-Enter sends it all the same"
_NAME = "player.mu.frontend"
_MAX = 200_000  # characters; what is longer is not worth a key stroke's time


def preload() -> None:
    """Import it in a thread."""
    threading.Thread(target=_front, name="mu-front-end", daemon=True).start()


def _front() -> ModuleType | None:
    try:
        from player.mu import frontend
    except ImportError:
        return None
    return frontend


def check(source: Source, start: int = 0, end: int | None = None) -> ScriptError | None:
    """What is wrong with the Mu between two offsets of a source: Incomplete when more text could
    mend it, None when nothing is or when there is no front end."""
    front = _front()
    text = source.text[start:end]
    if front is None or len(text) > _MAX:
        return None
    try:
        found = front.check(text)
    except (RecursionError, ValueError):
        return None
    if found is None:
        return None
    pos = start + found.offset
    if found.incomplete:
        error: ScriptError = source.incomplete(found.message, pos, "more")
        error.hint = "the text goes on"
        return error
    return source.error(found.message, pos, FORCE)


@lru_cache(maxsize=4)
def coloured(text: str) -> tuple[tuple[tuple[str, str], ...], ...] | None:
    """The lines of a Mu text in pieces (style, text); None when there is no front end (yet)."""
    front = sys.modules.get(_NAME)
    if front is None or len(text) > _MAX or not hasattr(front, "highlight"):
        return None
    lines: list[list[tuple[str, str]]] = [[]]
    at = 0
    for span in [*front.highlight(text), None]:
        start, end = (span.start, span.end) if span is not None else (len(text), len(text))
        style = f"class:{span.category}" if span is not None else ""
        for piece, name in ((text[at:start], ""), (text[start:end], style)):
            first, *more = piece.split("\n")
            lines[-1].append((name, first))
            for line in more:
                lines.append([(name, line)])
        at = end
    return tuple(tuple(piece for piece in line if piece[1]) for line in lines)
