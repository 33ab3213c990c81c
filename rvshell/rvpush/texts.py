"""What each rvpush command sends: a pure function of its arguments.

Source: Open RV src/bin/apps/rvpush/RvPusher.cpp; user manual chapter "RVPUSH".  Unlike
the original, quotes and backslashes in file names are escaped.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["COMMANDS", "Push", "push_for", "start_arguments"]

COMMANDS = (
    "set",
    "merge",
    "mu-eval",
    "mu-eval-return",
    "py-eval",
    "py-eval-return",
    "py-exec",
    "url",
)
_EVENTS = {"mu": "remote-eval", "py": "remote-pyeval"}
_SWITCH = re.compile(r"-[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Push:
    """One event: its name, contents and whether the answer is wanted."""

    event: str
    contents: str
    returns: bool = False


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _media(words: Sequence[str], exists: Callable[[str], bool]) -> str:
    """The words as a Mu list; `-x` between brackets becomes `+x`, paths absolute."""
    out = []
    inside = False
    for word in words:
        if word in ("[", "]"):
            inside = word == "["
        elif inside and _SWITCH.match(word):
            word = f"+{word[1:]}"
        if word and not os.path.isabs(word) and exists(word):
            word = os.path.abspath(word)
        out.append(_quoted(word))
    return ", ".join(out)


def push_for(
    command: str, words: Sequence[str], exists: Callable[[str], bool] = os.path.exists
) -> Push:
    """The event of a command (one of COMMANDS); `exists` is asked about relative paths."""
    if command in ("set", "merge"):
        merge = command == "merge"
        clear = "" if merge else "require rvui; rvui.clearEverything(); "
        flag = "true" if merge else "false"
        files = _media(words, exists)
        return Push(
            "remote-eval",
            f'{{ {clear}addSources(string[] {{{files}}}, "rvpush", false, {flag}); '
            "mainWindowWidget().raise(); }",
        )
    if command == "url":
        url = _quoted(" ".join(words))
        text = f"{{ mainWindowWidget().raise(); sessionFromUrl({url}); }}"
        return Push("remote-eval", text)
    text = "".join(f"{word} " for word in words)  # the original's trailing blank
    if command == "py-exec":
        return Push("remote-pyexec", text)
    return Push(_EVENTS[command[:2]], text, command.endswith("-return"))


def start_arguments(command: str, words: Sequence[str], tag: str) -> list[str]:
    """The command line of a player started to do this command."""
    out = ["-networkTag", tag] if tag else []
    out.append("-network")
    if command.startswith("mu-"):
        return [*out, "-eval", " ".join(words)]
    if command.startswith("py-"):
        return [*out, "-pyeval", " ".join(words)]
    return [*out, " ".join(words)] if command == "url" else [*out, *words]
