"""Completion of `player`'s options in the system's shell.

The scripts of `rvshell completion` call `player --complete WORD…` with the words up to the cursor;
what is no option and no value of one is left to the shell, which knows files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from player.options.table import INERT, OPTIONS

__all__ = ["completions"]

_ON: Final = ("0", "1")
_VALUES: Final[dict[str, tuple[str, ...]]] = {
    "display": ("window", "terminal", "kitty", "sixel", "blocks", "web", "png", "null"),
    "log-level": ("error", "warning", "info", "debug"),
    "profile": ("display", "output"),
    "scopes": ("view", "control", "pixels", "media", "eval", "python", "default", "all"),
    "comp": ("over", "add", "difference", "replace", "topmost"),
    "layout": ("packed", "row", "column", "grid", "manual"),
    "stereo": (
        "left", "right", "pair", "mirror", "hsqueezed", "vsqueezed", "anaglyph", "lumanaglyph",
        "checker", "scanline",
    ),
    "view": ("defaultSequence", "defaultStack", "defaultLayout"),
}  # fmt: skip


def completions(words: Sequence[str]) -> list[str]:
    """What the last of *words* could become, in alphabetical order."""
    typed = words[-1] if words else ""
    before = words[-2].lstrip("-") if len(words) > 1 and words[-2].startswith("-") else ""
    if before in _VALUES:
        *rest, last = typed.split(",")  # --display window,web
        head = "".join(f"{word}," for word in rest)
        return sorted(head + value for value in _VALUES[before] if value.startswith(last))
    option = next((o for o in OPTIONS if o.name == before), None)
    if option is not None and option.takes == "0/1":
        return [value for value in _ON if value.startswith(typed)]
    if not typed.startswith("-"):
        return []
    names = [o for o in OPTIONS if o.name not in INERT]
    long = typed.startswith("--")  # every option may be written so
    spelled = [f"--{o.name}" if long else o.spelling for o in names]
    return sorted(name for name in spelled if name.startswith(typed))
