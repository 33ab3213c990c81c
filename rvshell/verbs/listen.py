"""Asking the far end to tell of its events, the way RV's Python network library does.

A Mu function is defined there and bound to the event; it sends the event on to every contact
with this shell's name and rejects it, so that nothing else is disturbed. The name of the
function holds the contact name, so that a second shell does not define it again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rvshell.verbs.muvalue import quote
from rvshell.verbs.registry import Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rvshell.verbs.remote import Remote

__all__ = ["listen", "subscription"]


def subscription(contact: str, event: str) -> str:
    """Mu that sends *event* on to *contact* from now on; its value is `true`."""
    name = re.sub(r"\W", "_", f"rvshell_{contact}_{event}")
    return (
        "require commands; "
        f"function: {name} (void; Event event) {{ "
        "for_each (c; commands.remoteConnections()) { "
        f"if (regex({quote(contact + '@')}).match(c)) "
        f'commands.remoteSendEvent({quote(event)}, "*", event.contents(), string[] {{c}}); }} '
        "event.reject(); } "
        f'commands.bind("default", "global", {quote(event)}, {name}, "told to rvshell"); true;'
    )


def listen(remote: Remote, events: Sequence[str]) -> list[str]:
    """Subscribe to *events*; returns those that the far end agreed to tell of."""
    replies = remote.ask_raw([Request(subscription(remote.name, e)) for e in events])
    return [e for e, r in zip(events, replies, strict=True) if r == "true"]
