"""Verbs that send code and events as they are: the original's second tab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvshell.errors import UsageError
from rvshell.verbs.muvalue import parse_value
from rvshell.verbs.registry import Request, verb

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__: list[str] = []


def mu_result(ctx: Context) -> Any:
    """How a Mu reply is shown: as RV wrote it, or as a value when JSON is asked for."""
    return parse_value if ctx.options.form else _verbatim


def _verbatim(reply: str) -> str | None:
    return reply or None


@verb(
    "mu CODE",
    help="Evaluate Mu and show its answer as RV writes it. What is not a verb is Mu anyway; this "
    "word is for Mu that begins like a verb.",
    example="mu frame() + 1",
    more=("mu { int n = 0; for_each (s; sources()) n += 1; n; }",),
    scope="code",
    aliases=("eval",),
    tail="raw",
    pipelines=True,
)
def mu(ctx: Context, code: str) -> Request:
    return Request(code, mu_result(ctx))


@verb(
    "py CODE",
    help="Evaluate a Python expression and show its text.",
    example="py rv.commands.frame()",
    more=("py [n for n in rv.commands.nodes() if 'Color' in n]",),
    scope="code",
    tail="python",
    pipelines=True,
)
def py(ctx: Context, code: str) -> Request:
    return Request(code, _verbatim, "remote-pyeval")


@verb(
    "pyexec CODE",
    help="Execute Python statements at the far end. They give no answer; errors are only seen in "
    "the far end's log.",
    example="pyexec rv.commands.setFrame(10)",
    scope="code",
    tail="python",
    pipelines=True,
)
def pyexec(ctx: Context, code: str) -> Request:
    return Request(code, None, "remote-pyexec")


@verb(
    "event EVENT [TEXT…] [--reply]",
    help="Send an event with text as its contents. With --reply wait for the answer and show it.",
    example="event my-event some text --reply",
    more=("event key-down--right-arrow",),
    scope="code",
)
def event(ctx: Context, event: str, text: list[str], reply: bool = False) -> Any:
    if not event or " " in event or "\n" in event:
        raise UsageError(f"event: {event!r} is no event name", hint="a name without blanks")
    contents = " ".join(text)
    if reply:
        return Request(contents, _verbatim, event)
    ctx.remote.send_event(event, contents)
    return None
