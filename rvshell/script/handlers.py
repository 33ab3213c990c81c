"""`on EVENT VERB…`: commands that run when the far end tells of an event.

Events may arrive at any time and in any thread; they are only noted here. What they ask for runs
between statements and while the shell waits, never in the middle of something.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Any

from rvshell.errors import CommandFailed, RvshellError, UsageError

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__ = ["Handlers", "on", "off"]

MAX_PENDING = 1000  # events that wait to be handled; a handler slower than its event loses some


class Handlers:
    """Texts by event pattern, and the events that wait for them."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.texts: dict[str, str] = {}
        self.pending: deque[tuple[str, str, str]] = deque(maxlen=MAX_PENDING)
        self._running = False

    @classmethod
    def of(cls, ctx: Context) -> Handlers:
        """The handlers of a context, made when first asked for."""
        found = ctx.extras.get("handlers")
        if not isinstance(found, Handlers):
            found = ctx.extras["handlers"] = cls(ctx)
            ctx.remote.listeners.append(found.came)
        return found

    @classmethod
    def drain_of(cls, ctx: Context) -> None:
        """Run what waits in a context, when it has handlers."""
        if "handlers" in ctx.extras:
            cls.of(ctx).drain()

    def came(self, name: str, contents: str) -> None:
        """An event; may be called from another thread."""
        for pattern, text in tuple(self.texts.items()):
            if re.search(pattern, name):
                self.pending.append((name, contents, text))

    def drain(self) -> None:
        """Run what waits. An error of a handler is told and ends only that handler."""
        if self._running:
            return
        from rvshell.script.checks import report

        self._running = True
        runner = self.ctx.extras["runner"]
        try:
            while self.pending:
                name, contents, text = self.pending.popleft()
                self.ctx.variables["event"], self.ctx.variables["contents"] = name, contents
                if not text:
                    self.ctx.emit({"event": name, "contents": contents})
                    continue
                try:
                    runner.nested(lambda text=text: runner.run_text(text, ""))
                except RvshellError as error:
                    if isinstance(error, UsageError):
                        error.line = 0
                    error.message = f"on {name}: {error.message}"
                    report(self.ctx, error)
        finally:
            self._running = False


def on(ctx: Context, event: str | None = None, text: list[str] | None = None) -> Any:
    """`on EVENT TEXT…`, or the list."""
    handlers = Handlers.of(ctx)
    if event is None:
        return dict(handlers.texts)
    pattern = event if event[:1] == "^" else f"^{re.escape(event)}$"
    try:
        re.compile(pattern)
    except re.error as error:
        raise UsageError(f"on: {event!r} is no regular expression: {error}") from None
    if not ctx.remote.subscribe(pattern):
        raise CommandFailed(f"on: the far end does not tell of {event}")
    handlers.texts[pattern] = text[0] if text and len(text) == 1 else " ".join(text or [])
    return None


def off(ctx: Context, event: str) -> None:
    """`off EVENT`: forget what was to be done."""
    handlers = Handlers.of(ctx)
    pattern = event if event[:1] == "^" else f"^{re.escape(event)}$"
    if handlers.texts.pop(pattern, None) is None:
        raise CommandFailed(f"off: nothing is done on {event}", hint="on lists what is")
