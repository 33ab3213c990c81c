"""Doing what a verb's function answers: sending its `Request`, showing its value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvshell.verbs.output import shell_quote
from rvshell.verbs.registry import REGISTRY, Request, home_of, load_only

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__ = ["finish", "quickly", "show"]


def show(ctx: Context, value: Any, *, answered: bool = False) -> None:
    """Print a verb's value and keep it as `$_`."""
    if value is None and not (answered and ctx.options.form):
        return
    ctx.remember(value)
    ctx.emit(value)


def finish(ctx: Context, result: Any) -> None:
    """Show a verb's value; a `Request` is sent first."""
    if not isinstance(result, Request):
        show(ctx, result)
    else:
        reply = ctx.remote.ask(result)
        show(ctx, result.read(reply) if result.read else None, answered=bool(result.read))


def quickly(ctx: Context, text: str) -> bool:
    """Run *text* when it is one simple verb with simple words; False when it is not, and nothing
    was done. What it does is what the command language would do, without loading it: a one-shot
    verb costs little more than starting Python.

    Raises what the verb raises.
    """
    from rvshell.errors import UsageError

    name, *words = text.split() or [""]
    if home_of(name) is None or any(shell_quote(w) != w for w in words):
        return False
    if ctx.options.dry_run or ctx.options.pipeline or "--help" in words:
        return False
    load_only(name)
    verb = REGISTRY.get(name)
    if verb is None or verb.tail != "words" or verb.scope == "script":
        return False
    try:
        arguments = verb.signature.bind(words)
    except UsageError:
        return False  # the language says it better, with the place
    finish(ctx, verb.func(ctx, **arguments))
    ctx.out.flush()
    return True
