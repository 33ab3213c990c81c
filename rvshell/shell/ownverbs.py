"""Verbs of the prompt itself: events, history, timing, keys, editing, prompt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from prompt_toolkit.enums import EditingMode

from rvshell.errors import CommandFailed, UsageError
from rvshell.shell.keys import KEYS
from rvshell.verbs.registry import REGISTRY, Verb

if TYPE_CHECKING:
    from rvshell.shell.prompt import Shell
    from rvshell.verbs.context import Context

__all__ = ["install"]


def _shell(ctx: Context) -> Shell:
    found = ctx.extras.get("shell")
    if found is None:
        raise CommandFailed("this is for the prompt", hint="rvshell HOST:PORT opens it")
    return found  # type: ignore[no-any-return]


def events(ctx: Context, word: str | None = None, text: list[str] | None = None) -> Any:
    printer = _shell(ctx).events
    if word is None:
        shown = printer.pattern.pattern if printer.pattern else "."
        return f"on, {shown}" if printer.on else "off"
    if word == "off":
        printer.on = False
        return None
    pattern = "|".join(text or []) or "."
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise UsageError(f"events: {pattern!r} is no regular expression: {error}") from None
    if not ctx.remote.subscribe(pattern):
        raise CommandFailed("events: the far end does not tell of its events")
    printer.pattern, printer.on = compiled, True
    return None


def history(ctx: Context, text: list[str] | None = None, n: int = 20) -> Any:
    from rvshell.shell.history import search

    lines = _shell(ctx).session.history.get_strings()
    if text:
        return search(lines, " ".join(text), n)
    first = max(0, len(lines) - n)
    if ctx.options.form:
        return [{"n": i + 1, "line": lines[i]} for i in range(first, len(lines))]
    return [f"{i + 1:>5}  {lines[i]}" for i in range(first, len(lines))]


def timing(ctx: Context, word: str | None = None) -> Any:
    shell = _shell(ctx)
    if word is None:
        return "on" if shell.timing else "off"
    shell.timing = word == "on"
    return None


def jobs(ctx: Context) -> Any:
    return [
        {
            "job": j.number,
            "state": "running" if j.status is None else f"ended {j.status}",
            "progress": j.progress,
            "command": j.text,
        }
        for j in _shell(ctx).jobs.jobs
    ]


def keys(ctx: Context) -> Any:
    return dict(KEYS)


def editing(ctx: Context, word: str | None = None) -> Any:
    app = _shell(ctx).session.app
    if word is None:
        return "vi" if app.editing_mode == EditingMode.VI else "emacs"
    mode = EditingMode.VI if word == "vi" else EditingMode.EMACS
    app.editing_mode = _shell(ctx).session.editing_mode = mode
    return None


def prompt(ctx: Context, text: list[str] | None = None) -> Any:
    shell = _shell(ctx)
    if not text:
        return shell.form
    shell.form = " ".join(text)
    if not shell.form.endswith(" "):
        shell.form += " "
    return None


_TABLE: tuple[tuple[str, Any, str, str], ...] = (
    (
        "events [on|off|filter] [TEXT…]",
        events,
        "Show events of the far end above the prompt. Without TEXT all, else those whose names "
        "match a regular expression; at most ten lines a second.",
        "events filter ^play source",
    ),
    (
        "history [TEXT…] [-n N]",
        history,
        "Show the last lines typed. That is 20, or N; with TEXT those that hold all its words. "
        "!N runs line number N again.",
        "history -n 5",
    ),
    (
        "timing [on|off]",
        timing,
        "Say after each line how long it took. That is here, on the wire, and at the far end.",
        "timing on",
    ),
    (
        "jobs",
        jobs,
        "List what runs beside the prompt. A line that ends with ' &' does, over a connection of "
        "its own; the progress of a push is in the toolbar.",
        "jobs",
    ),
    ("keyhelp", keys, "List the keys of the prompt.", "keyhelp"),
    ("editing [emacs|vi]", editing, "Show or choose the keys of the prompt.", "editing vi"),
    (
        "prompt [TEXT…]",
        prompt,
        "Show or set the prompt. %t target, %h host, %p port, %n name of the far end, %v view, "
        "%f frame, %e last frame, %s play state, %m mode; [ ] is left out when nothing in it is "
        "known.",
        "prompt '%h[ %f/%e]> '",
    ),
)


def install() -> None:
    """Put these verbs into the registry (once)."""
    for text, func, help_text, example in _TABLE:
        if text.partition(" ")[0] not in REGISTRY:
            REGISTRY.add(Verb(text, func, help=help_text, example=example, scope="shell"))
