"""Events of the far end, printed above the prompt when the user asked for them.

What comes in is shown at most `RATE` lines a second: a render that sends a thousand events must
not bury the user. The rest is counted and told in one line.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

from rvshell.verbs.output import escape

__all__ = ["PENDING", "REQUEST", "EventPrinter", "open_requests", "request_text"]

RATE = 10  # lines a second
MAX_TEXT = 200  # characters shown of an event's contents


REQUEST = "player-permission-request"
"""The event by which a player asks attached shells about a stranger."""


PENDING = ("player-admin", '{"do": "pending"}')
"""The question for requests that are open already: event and contents."""


def open_requests(reply: str) -> list[str]:
    """The contents of a `REQUEST` for each request that a reply to `PENDING` tells of."""
    try:
        return [json.dumps(asked) for asked in json.loads(reply)["ok"]]
    except (ValueError, TypeError, KeyError):
        return []


def request_text(contents: str) -> str:
    """Who wants to connect, from where, what it could do, and how to answer; "" for rubbish."""
    try:
        asked = json.loads(contents)
        number, seconds = int(asked["id"]), float(asked["seconds_left"])
        who = f"{asked['contact']} ({asked['address']}, program {asked['app'] or 'unknown'})"
        scopes = ", ".join(str(s) for s in asked["scopes"])
    except (ValueError, TypeError, KeyError):
        return ""
    return escape(
        f"{who} wants to connect; it could: {scopes}. Within {seconds:.0f} s: "
        f"allow {number}, allow {number} --always, deny {number}, deny {number} --always"
    )


class EventPrinter:
    """Prints events whose name matches; also calls what `on EVENT` asked for."""

    def __init__(
        self,
        show: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.show = show
        self.clock = clock
        self.pattern: re.Pattern[str] | None = None
        self.on = False
        self.dropped = 0
        self._second = 0.0
        self._shown = 0

    def came(self, name: str, contents: str) -> None:
        """An event; called in the link's thread."""
        if name == REQUEST:
            text = request_text(contents)
            if text:
                self.show(text)
            return
        if not self.on or (self.pattern is not None and not self.pattern.search(name)):
            return
        now = self.clock()
        if now - self._second >= 1.0:
            if self.dropped:
                self.show(f"… {self.dropped} more events")
            self._second, self._shown, self.dropped = now, 0, 0
        if self._shown >= RATE:
            self.dropped += 1
            return
        self._shown += 1
        text = contents if len(contents) <= MAX_TEXT else contents[:MAX_TEXT] + "…"
        self.show(f"[{escape(name)}] {escape(text).replace(chr(10), ' ')}".rstrip())
