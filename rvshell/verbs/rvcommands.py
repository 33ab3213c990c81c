"""The table of RV's scripting commands that completion, hints and help read.

One line a command in `data/commands.tsv`: module, Mu signature, one line of documentation.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

__all__ = ["RvCommand", "commands", "events"]


class RvCommand(NamedTuple):
    """A command of RV: `signature` as `name(type arg, …) -> type`."""

    module: str
    name: str
    signature: str
    doc: str


@cache
def events() -> tuple[str, ...]:
    """The names of RV's events, sorted."""
    from importlib.resources import files

    text = (files("rvshell.verbs") / "data" / "events.txt").read_text(encoding="utf-8")
    return tuple(text.split())


@cache
def commands() -> tuple[RvCommand, ...]:
    """All commands, sorted by module and name."""
    from importlib.resources import files

    text = (files("rvshell.verbs") / "data" / "commands.tsv").read_text(encoding="utf-8")
    found = []
    for line in text.splitlines():
        module, signature, doc = line.split("\t")
        found.append(RvCommand(module, signature.partition("(")[0], signature, doc))
    return tuple(found)
