"""What a player's user has to grant before a verb can do anything there.

A player tells what it grants (`player-admin`, question `me`); RV grants everything. The table is
for hints only: the far end decides.
"""

from __future__ import annotations

from collections.abc import Collection

__all__ = ["SCOPES", "needed", "summary"]

SCOPES = ("view", "control", "pixels", "media", "eval", "python")

_ALWAYS = {
    name: scope
    for scope, names in {
        "control": "play stop pause toggle step next back prev first last mark unmark keys event "
        "set",
        "pixels": "push",
        "media": "add load clear reload",
        "python": "py pyexec save",
        "own": "network contacts pending allow deny dial sync record",
    }.items()
    for name in names.split()
}
_WITH_WORDS = dict.fromkeys(
    ["frame", "in", "out", "inc", "fps", "mode", "realtime", "fullscreen", "cache", "view"],
    "control",
)


def needed(words: list[str], granted: Collection[str]) -> str:
    """Why the verb of this line will be refused, or "" when it will not (as far as is known)."""
    if not granted or not words:
        return ""
    verb = words[0]
    scope = _ALWAYS.get(verb) or (_WITH_WORDS.get(verb) if len(words) > 1 else None)
    if scope is None or scope in granted:
        return ""
    return "only the player's own user may" if scope == "own" else f"{scope} is not granted here"


def summary(granted: Collection[str]) -> str:
    """What is granted in a few words; "" when it is everything, or not known."""
    missing = [s for s in SCOPES if s not in granted]
    if not granted or not missing:
        return ""
    if set(granted) == {"view"}:
        return "view only"
    return "no " + ", ".join(missing)
