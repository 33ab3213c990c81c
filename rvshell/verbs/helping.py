"""What `help` shows: an overview to start from, one verb, one of RV's commands, a topic, a search.

All of it is read from the registry of verbs, the table of RV's commands and the `topics`.
"""

from __future__ import annotations

import re
from textwrap import fill
from typing import TYPE_CHECKING

from rvshell.errors import CommandFailed
from rvshell.verbs.output import cut
from rvshell.verbs.registry import REGISTRY, SCOPES
from rvshell.verbs.state import STATE
from rvshell.verbs.topics import TOPICS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rvshell.verbs.registry import Verb

__all__ = ["KEYWORDS", "describe", "explain", "has_something_about", "markdown", "overview"]

_START = """\
Start here:
  add shot.1001-1100#.exr   load media (Tab completes names)
  play, stop, frame 1017    playback
  push beauty.exr           send the pixels of a picture
  peek                      show here what is displayed
  frame() + 1               what is no verb is sent as Mu; py CODE is Python
  ? exposure                find verbs, RV's commands and properties by a word

Commands go to the far end: the player or RV that this shell is connected to.
"""

# words of the language and its signs: `help language` has them
KEYWORDS = ("if", "else", "for", "while", "repeat", "def", "@", "@all", "!", ">", ">>", "|", "$")
MOST_PROPERTIES = 20  # in one search
_USAGE = 26  # cells of a usage in the overview
_PIECE = re.compile(r"\[[^\]]*\]|\S+")
_WIDTH = 79  # of what is explained, where the terminal has as much


def overview(width: int = 0) -> str:
    """Where to start, then all verbs by scope, one line each, cut to *width* cells (0: not)."""
    lines: list[str] = [_START]
    for scope, heading in SCOPES.items():
        verbs = [v for v in REGISTRY if v.scope == scope]
        if verbs:
            shown = (f"  {_short(v):<{_USAGE}} {v.summary}" for v in verbs)
            lines += [heading + ":", *(cut(line, width) if width else line for line in shown), ""]
    lines.append("help VERB explains one, help WORD finds what has to do with a word.")
    lines.append(fill(f"Topics: help {', help '.join([*TOPICS, 'state'])}.", min(width or 79, 79)))
    return "\n".join(lines)


def _short(found: Verb) -> str:
    """The usage in the room of the overview: without what does not fit there."""
    shown: str
    shown, *words = _PIECE.findall(found.text)
    for i, word in enumerate(words):
        last = i == len(words) - 1
        if len(shown) + len(word) + (1 if last else 3) > _USAGE:
            return shown + " …"
        shown += " " + word
    return shown


def explain(word: str, properties: Iterable[str] = (), width: int = 0) -> str:
    """A verb, a topic, a command of RV, or whatever has the words in it; *properties* are addresses
    (`#Type.component.name`) to be searched as well. Raises CommandFailed."""
    found = REGISTRY.get(word)
    if found is not None:
        return describe(found, width)
    if word in TOPICS:
        return TOPICS[word]
    if word == "state":
        return "\n".join(f"{name:<12} {doc}" for name, (_, doc) in STATE.items())
    if word in KEYWORDS:
        return TOPICS["language"]
    return _command(word) or _search(word, properties)


def describe(found: Verb, width: int = 0) -> str:
    """A verb's usage, help, options, aliases, examples and exit statuses, in lines of at most
    *width* cells (0: 79)."""
    width = min(width or _WIDTH, _WIDTH)
    signature = found.signature

    def item(head: str, text: str) -> str:
        """A paragraph with its head before it."""
        return fill(
            f"{head:<9}{text}",
            max(width, 30),
            subsequent_indent=" " * 9,
            break_on_hyphens=False,
            break_long_words=False,
        )

    usage = fill(f"usage: {found.text}", width, subsequent_indent=" " * 7, break_on_hyphens=False)
    lines = [usage, "", fill(found.help, width, break_on_hyphens=False), ""]
    if found.aliases:
        lines.append(item("also:", ", ".join(found.aliases)))
    if signature.options:
        shown = (f"{o.flag} {o.value}".strip() for o in signature.options)
        lines.append(item("options:", ", ".join(shown)))
    lines.append(f"example: {found.example}")
    lines += [f"{'':<9}{example}" for example in found.more]
    if found.name in STATE:
        lines.append(item("value:", f"${found.name}, and {found.name} in a condition: "
                                    f"{STATE[found.name][1]}"))  # fmt: skip
    lines.append(item("status:", _statuses(found)))
    return "\n".join(lines)


def _statuses(found: Verb) -> str:
    """The exit statuses a verb can end with."""
    special = {
        "expect": "0 it holds, 7 it does not",
        "wait": "0 it came, 5 not in time",
        "echo": "0 ok",
    }
    if found.name in special:
        return f"{special[found.name]}, 2 usage"
    if found.scope == "shell":
        return "0 ok, 1 failed, 2 usage"
    if found.scope == "script":
        return "0 ok, 2 usage, else that of what was run"
    return "0 ok, 1 failed, 2 usage, 3 no connection, 4 refused, 5 time-out, 6 error of the far end"


def _command(word: str) -> str:
    """One of RV's commands, in Mu and in Python; "" when there is none of that name."""
    from rvshell.verbs.rvcommands import commands

    name = word.removeprefix("rv.").removesuffix("()")
    lines: list[str] = []
    for c in commands():
        if name in (c.name, f"{c.module}.{c.name}"):
            lead = "" if c.module == "commands" else c.module + "."
            lines += [f"{lead}{c.signature}", f"  {c.doc}", f"  Python: rv.{c.module}.{c.name}(…)"]
    return "\n".join(lines)


def has_something_about(word: str) -> bool:
    """Would a search find anything?"""
    try:
        return len(word) > 3 and bool(_search(word, ()))
    except CommandFailed:
        return False


def _search(word: str, properties: Iterable[str]) -> str:
    """Verbs, RV commands and properties with all the words in them."""
    from rvshell.verbs.rvcommands import commands
    from rvshell.verbs.signature import nearest

    # `events` is to find what speaks of one event
    needles = [n[:-1] if len(n) > 3 and n[-1] == "s" else n for n in word.lower().split()]

    def fits(*texts: str) -> bool:
        text = " ".join(texts).lower()
        return all(n in text for n in needles)

    def nearness(name: str, *texts: str) -> int:
        """What is called so comes first, then what is about it."""
        return 0 if fits(name) else 1 if fits(*texts) else 2

    verbs = [v for v in REGISTRY if fits(v.text, *v.aliases, v.help, v.example)]
    verbs.sort(key=lambda v: nearness(" ".join((v.name, *v.aliases)), v.text, v.summary))
    lines = [f"{_short(v):<{_USAGE}} {v.summary}" for v in verbs]
    lines += [f"help {topic}" for topic, text in TOPICS.items() if fits(topic, text)]
    known = [c for c in commands() if fits(c.signature, c.doc)]
    known.sort(key=lambda c: nearness(c.name, c.signature))
    lines += [
        f"{'' if c.module == 'commands' else c.module + '.'}{c.signature}\n    {c.doc}".rstrip()
        for c in known
    ]
    found = [address for address in properties if fits(address)]
    lines += [f"set {address} …" for address in found[:MOST_PROPERTIES]]
    if len(found) > MOST_PROPERTIES:
        lines.append(f"… and {len(found) - MOST_PROPERTIES} properties more: set # and Tab")
    if not lines:
        guess = nearest(word, [*REGISTRY.names(), *TOPICS])
        raise CommandFailed(
            f"nothing about {word!r}",
            hint=f"did you mean help {guess}?" if guess else "help lists all",
        )
    return "\n".join(lines)


def markdown() -> str:
    """The README's table of verbs."""
    lines: list[str] = []
    for scope, heading in SCOPES.items():
        verbs = [v for v in REGISTRY if v.scope == scope]
        if verbs:
            lines += [f"### {heading}", "", "| verb | what it does | example |", "|---|---|---|"]
            lines += [
                f"| `{_cell(v.text)}` | {_cell(v.help)} | `{_cell(v.example)}` |" for v in verbs
            ]
            lines.append("")
    return "\n".join(lines).rstrip()


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
