"""What the fingers type that come from psql, vi, IPython or RV's own tools, and what it is here.

Nothing of it could mean anything else: none is a verb or Mu that runs. The prompt does it and says
what it is called here, so that the next time it is typed so.
"""

from __future__ import annotations

import re

from rvshell.verbs.registry import REGISTRY

__all__ = ["meant"]

_LEAVE = (r"\q", ":q", ":q!", ":qa", ":wq", ":x", ":quit", ":exit", "/quit", "/exit", "q")
_HELP = (r"\?", r"\h", ":h", ":help", "/help", "/?", "h", "man")
_SAME = {
    **dict.fromkeys((*_LEAVE, "quit()", "exit()"), "quit"),
    **dict.fromkeys((*_HELP, "help()"), "help"),
    r"\d": "nodes --types",
    r"\l": "targets",
    r"\s": "history",
    r"\timing": "timing on",
    r"\conninfo": "status",
    "rvls": "sources",
    "ls": "sources",
    "info": "status",
}
# a word that others go behind
_LEADS = {
    r"\d": "props",
    r"\h": "help",
    ":h": "help",
    ":help": "help",
    "man": "help",
    r"\c": "connect",
    r"\i": "source",
    r"\cd": "cd",
    r"\echo": "echo",
    r"\set": "set",
    r"\!": "!",
    ":!": "!",
}
_ASKED = re.compile(r"([A-Za-z][\w.-]*)\?{1,2}")  # frame? as in IPython


def meant(text: str) -> str:
    """The line that *text* would be here; "" when it is no habit of another program."""
    line = text.strip().removesuffix(";").rstrip()
    if line in REGISTRY:
        return ""
    if line in _SAME:
        return _SAME[line]
    if asked := _ASKED.fullmatch(line):
        return f"help {asked[1]}"
    lead, _, rest = line.partition(" ")
    if rest.strip() and lead in _LEADS and lead not in REGISTRY:
        return f"{_LEADS[lead]} {rest.strip()}"
    return ""
