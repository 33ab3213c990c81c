"""Verbs that need no far end: help, echo, quit, unset, vars."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from rvshell.errors import MediaError
from rvshell.verbs.registry import REGISTRY, SCOPES, verb
from rvshell.verbs.state import STATE

if TYPE_CHECKING:
    from rvshell.verbs.context import Context
    from rvshell.verbs.registry import Verb

__all__ = ["describe", "markdown", "overview"]


@verb(
    "help [TEXT…] [--markdown]",
    help="List the verbs, explain one, or search verbs and RV's commands for a text.",
    example="help frame",
    scope="shell",
    aliases=("?",),
    kinds={"TEXT": "verb"},
)
def help_verb(ctx: Context, text: list[str], markdown: bool = False) -> Any:
    if markdown:
        return globals()["markdown"]()
    if not text:
        return overview()
    word = " ".join(text)
    found = REGISTRY.get(word)
    return describe(found) if found is not None else _search(word)


def overview() -> str:
    """All verbs by scope, one line each."""
    lines: list[str] = []
    for scope, heading in SCOPES.items():
        verbs = [v for v in REGISTRY if v.scope == scope]
        if verbs:
            lines += [heading + ":", *(f"  {v.text:<34.34} {v.summary}" for v in verbs), ""]
    lines.append("help VERB explains one; what is not a verb is sent as Mu: frame() + 1")
    return "\n".join(lines)


def describe(found: Verb) -> str:
    """A verb's usage, help, aliases and example."""
    lines = [f"usage: {found.text}", "", found.help, ""]
    if found.aliases:
        lines.append(f"also:    {', '.join(found.aliases)}")
    lines.append(f"example: {found.example}")
    if found.name in STATE:
        lines.append(f"in conditions and as a variable: {found.name} is {STATE[found.name][1]}")
    return "\n".join(lines)


def _search(word: str) -> str:
    """Verbs and RV commands with *word* in them."""
    from rvshell.errors import CommandFailed
    from rvshell.verbs.rvcommands import commands
    from rvshell.verbs.signature import nearest

    needle = word.lower()
    lines = [f"{v.text:<40} {v.summary}" for v in REGISTRY if needle in (v.text + v.help).lower()]
    lines += [
        f"{c.signature:<40} {c.doc}" for c in commands() if needle in (c.signature + c.doc).lower()
    ]
    if not lines:
        guess = nearest(word, REGISTRY.names())
        raise CommandFailed(
            f"nothing about {word!r}", hint=f"did you mean {guess}?" if guess else "help lists all"
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


@verb("echo [TEXT…]", help="Show the words.", example="echo frame is $frame", scope="script")
def echo(ctx: Context, text: list[str]) -> str:
    return " ".join(text)


@verb(
    "vars",
    help="List the variables of the shell.",
    example="vars",
    scope="script",
)
def variables(ctx: Context) -> dict[str, Any]:
    return {k: v for k, v in sorted(ctx.variables.items()) if k.isidentifier() and k != "_"}


@verb("unset NAME", help="Forget a variable.", example="unset shot", scope="script")
def unset(ctx: Context, name: str) -> None:
    ctx.variables.pop(name, None)


@verb(
    "tee [FILE|off]",
    help="Keep a transcript: what is shown from now on is also written to FILE (added to its "
    "end), without what looks like a secret. off ends it.",
    example="tee review.log",
    scope="script",
    kinds={"FILE": "path"},
)
def tee(ctx: Context, word: str | None = None) -> Any:
    if word is None:
        return getattr(ctx.tee, "name", "off")
    if ctx.tee is not None:
        ctx.tee.close()
        ctx.tee = None
    if word != "off":
        path = os.path.expanduser(word)
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        except OSError as error:
            raise MediaError(f"cannot write {path}: {error.strerror}", path=path) from None
        ctx.tee = os.fdopen(descriptor, "a", encoding="utf-8")
    return None


@verb(
    "completion bash|zsh|fish",
    help="Print a script that makes the system's shell complete rvshell's verbs and arguments. "
    'In ~/.bashrc: eval "$(rvshell completion bash)"; with zsh and fish in the same way.',
    example="completion bash",
    scope="shell",
)
def completion(ctx: Context, word: str) -> str:
    from importlib.resources import files

    return (files("rvshell.verbs") / "data" / f"completion.{word}").read_text("utf-8").rstrip("\n")


@verb("quit", help="Leave the shell.", example="quit", scope="shell", aliases=("exit", "bye"))
def quit_verb(ctx: Context) -> None:
    ctx.leaving = True
