"""Network events into the session: what the daemon calls for each record.

The usual request is a short Mu text answered by the default binding. For it the event object, the
search through the bindings and the return content are skipped: one dictionary look-up says that
nothing else is listening, and the evaluator is called with the text.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from player.commands.context import Context
from player.scripting.handlers import Evaluators
from player.session.events import DataEvent, PixelBlockEvent

__all__ = ["Dispatcher"]


class Dispatcher:
    """Takes events of peers through the bindings. Nothing a peer sends raises out of it.

    ``report`` is told of failures that are the player's own (one line each, newline included).
    """

    def __init__(
        self, context: Context, evaluators: Evaluators, report: Callable[[str], None]
    ) -> None:
        self._context = context
        self._bus = context.session.events
        self._report = report
        self._pyeval = evaluators.pyeval
        self._pyexec = evaluators.pyexec
        self._fast: dict[str, Callable[[str], str]] = {
            "remote-eval": evaluators.mu,  # its own prefix is the default
            "remote-sync-eval": partial(evaluators.mu, prefix="remote-sync-eval"),
            "remote-pyeval": self._evaluate,
            "remote-pyexec": self._execute,
        }

    def _evaluate(self, text: str) -> str:
        return self._pyeval(text, None, self._context.sender)

    def _execute(self, text: str) -> str:
        return self._pyexec(text, None, self._context.sender)

    def event(self, contact: str, name: str, contents: str, wants_reply: bool = True) -> str:
        """EVENT or RETURNEVENT from ``contact``; the contents of the reply."""
        context = self._context
        context.sender = contact
        try:
            fast = self._fast.get(name)
            if fast is not None and self._bus.sole_builtin(name) is not None:
                return fast(contents)
            return self._bus.send(name, contents, sender=contact).return_content
        except Exception as error:
            self._report(f"ERROR: event {name} of {contact}: {type(error).__name__}: {error}\n")
            return ""
        finally:
            context.sender = ""

    def data(self, contact: str, name: str, content_type: str, payload: bytes) -> str:
        """DATAEVENT from ``contact``: a raw data event; its return content goes nowhere."""
        event = DataEvent(name, content_type, payload, contact)
        self._context.sender = contact
        try:
            self._bus.dispatch(event)
        except Exception as error:
            self._report(f"ERROR: data event {name} of {contact}: {error}\n")
        finally:
            self._context.sender = ""
        return event.return_content

    def pixel_block_is_default(self) -> bool:
        """Whether a tile may go straight to its landings, without an event."""
        return self._bus.sole_builtin("pixel-block") is not None

    def tile(self, event: PixelBlockEvent) -> bool:
        """A tile as an event through the bindings; whether something consumed it."""
        try:
            return self._bus.dispatch(event)
        except Exception as error:
            self._report(f"ERROR: tile {event.media}: {error}\n")
            return False
