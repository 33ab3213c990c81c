"""Typing a value: event table ``textentry`` (``mu_rvui/rvui``, startTextEntryMode).

Characters come from events that carry a key, as those of a window and a terminal do; one that
a script sends by name carries none, and types nothing, as in RV.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import Any, Final

from player.commands.calling import Calls
from player.commands.context import Context
from player.commands.extra_playback import feedback

__all__ = ["TextEntry", "whole_number"]

Handler = Callable[[Any], object]
_LONGEST: Final = 4096
_WHOLE: Final = re.compile(r"\s*[+-]?[0-9]+")


def whole_number(text: str) -> int:
    """The integer a text begins with; ValueError without one."""
    match = _WHOLE.match(text)
    if match is None:
        raise ValueError(f"no number: {text}")
    return int(match[0])


class TextEntry:
    """What is being typed in one session, and who gets it.

    ``active``: whether something is asked for; ``prompt``, ``text``: what is shown; ``take`` gets
    the text, an empty one only with ``empty_too``.
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self.active = False
        self.prompt = ""
        self.text = ""
        self.take: Callable[[str], object] = lambda text: None
        self.empty_too = False

    def starter(
        self, prompt: Callable[[], str], take: Callable[[str], object], empty_too: bool = False
    ) -> Handler:
        """A handler that asks for a text and gives it to `take`."""

        def start(event: Any) -> None:
            self.prompt, self.take, self.empty_too = prompt() or "", take, empty_too
            self.active = True
            self._ctx.session.events.push_event_table("textentry")
            self.clear(event)
            key = getattr(event, "key", None)
            if isinstance(key, int) and (ord("0") <= key <= ord("9") or key == ord(".")):
                self.insert(event)

        return start

    def _show(self) -> None:
        """On the screens only: a message that scripts could see is sent when it is over."""
        self._ctx.session.ui.typing = self.prompt + self.text
        Calls(self._ctx).redraw()

    def insert(self, event: Any) -> None:
        key = getattr(event, "key", None)
        if isinstance(key, int) and 0 < key < 0x110000 and len(self.text) < _LONGEST:
            self.text += chr(key)
            self._show()

    def erase(self, event: Any) -> None:
        self.text = self.text[:-1]
        self._show()

    def clear(self, event: Any) -> None:
        self.text = ""
        self._show()

    def _over(self) -> None:
        self.active = False
        self._ctx.session.ui.typing = ""
        events = self._ctx.session.events
        if any(table.name == "textentry" for table in events.modes.stack()):
            events.pop_event_table("textentry")

    def commit(self, event: Any) -> None:
        self._over()
        if self.text or self.empty_too:
            with contextlib.suppress(Exception):  # whatever a script's function may raise
                self.take(self.text)
        Calls(self._ctx).redraw()

    def cancel(self, event: Any) -> None:
        feedback(self._ctx, "Cancelled")
        self._over()
        Calls(self._ctx).redraw()

    def ignore(self, event: Any) -> None:
        return None

    def bindings(self) -> list[tuple[str, Handler, str]]:
        """Event, handler and documentation, in table ``textentry``."""
        return [
            (f"key-down--{key}", handler, "")
            for key, handler in (
                ("enter", self.commit),
                ("keypad-enter", self.commit),
                ("backspace", self.erase),
                ("delete", self.erase),
                ("escape", self.cancel),
                ("control--a", self.clear),
                ("meta--a", self.clear),
            )
        ]

    def patterns(self) -> list[tuple[str, Handler, str]]:
        """The same for regular expressions, in the order in which they are tried."""
        return [
            ("^key-down--..+", self.ignore, ""),
            ("^key-down.*", self.insert, ""),
            ("^pointer-.*--push", self.cancel, ""),
        ]
