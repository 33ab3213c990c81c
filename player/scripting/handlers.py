"""The player's own bindings: remote evaluation, pixel tiles, keys.

They sit in mode ``default``, table ``global``, like RV's, so that a script can replace or precede
them. They are marked as built in: while nothing else could see such an event, the dispatcher
calls the evaluator directly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from player.commands.calling import Calls
from player.commands.context import Context
from player.commands.keys import install_keys
from player.commands.registry import Registry
from player.commands.wipes import follow_view
from player.session.events import Event, StringEvent

__all__ = ["EVALUATORS", "Evaluate", "Evaluators", "install_default_bindings"]

Evaluate = Callable[[str], str]

EVALUATORS: Final = ("remote-eval", "remote-sync-eval", "remote-pyeval", "remote-pyexec")
"""Events whose contents are code."""


class Evaluators(Protocol):
    """Who runs the code."""

    def mu(self, text: str, prefix: str = "remote-eval") -> str:
        """Reply to a Mu text; ``prefix`` names the event in error replies."""

    def pyeval(self, text: str, event: StringEvent | None = None, sender: str = "") -> str:
        """Reply to a Python expression."""

    def pyexec(self, text: str, event: StringEvent | None = None, sender: str = "") -> str:
        """Reply to Python statements."""


def install_default_bindings(
    context: Context, registry: Registry, evaluators: Evaluators, *, keys: bool
) -> None:
    """Bind the evaluators, the tile handler and, for a player with a face, RV's keys and wipes."""
    bus = context.session.events

    def mu(event: Event) -> None:
        assert isinstance(event, StringEvent)
        context.sender = event.sender
        event.return_content = evaluators.mu(event.contents, event.name)

    def pyeval(event: Event) -> None:
        assert isinstance(event, StringEvent)
        context.sender = event.sender
        answer = evaluators.pyeval(event.contents, event, event.sender)
        if answer:
            event.return_content = answer

    def pyexec(event: Event) -> None:
        assert isinstance(event, StringEvent)
        context.sender = event.sender
        evaluators.pyexec(event.contents, event, event.sender)

    def tile(event: Event) -> None:
        registry.get("insertCreatePixelBlock").func(context, event)
        session = context.session
        now = session.clock()
        if now - session.ui.last_pixel_redraw > 1.0:
            Calls(context).redraw()
            session.ui.last_pixel_redraw = now

    for name, func, doc in (
        ("remote-eval", mu, ""),
        ("remote-sync-eval", mu, "Evaluate Mu text of a sync peer"),
        ("remote-pyeval", pyeval, "Evaluate python expression returning result"),
        ("remote-pyexec", pyexec, "Execute python command (no return value)"),
        ("pixel-block", tile, ""),
    ):
        bus.bind("default", "global", name, func, doc, builtin=True)
    if keys:
        install_keys(context)
        follow_view(context)
