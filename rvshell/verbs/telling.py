"""Having the far end tell of its state: Mu that works in a real RV as in our player.

A minor mode of this shell's own is defined there, so that no binding of anybody else is
replaced; its handlers send one event, `rvshell-state`, with the whole state in it to this
shell's contact, and reject what they handled so that every other handler still sees it.
Events that the user asks for by name (`events`, `on`) are sent on by `rvshell-event`.

Source of the behaviour: reference of events (RV sends no event to a client that did not ask),
rvNetwork.py (a client binds a function that calls remoteSendEvent).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rvshell.verbs.muvalue import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "EVENT",
    "GRAPH",
    "PLAYBACK",
    "STATE",
    "TOLD",
    "define",
    "forward",
    "hear",
    "is_heard",
    "leave",
    "subscribe",
    "watch",
]

TOLD = "rvshell-state"
EVENT = "rvshell-event"

#: Mu for the state of the far end: tab-separated, in the order of `Board`'s fields.
STATE = (
    '("%d\\t%d\\t%d\\t%d\\t%d\\t%d\\t%g\\t%g\\t%d\\t%d\\t%d\\t%s\\t%d" % (commands.frame(), '
    "commands.frameStart(), commands.frameEnd(), commands.inPoint(), commands.outPoint(), "
    "commands.inc(), commands.fps(), commands.realFPS(), "
    "(if commands.isPlaying() then 1 else 0), commands.playMode(), commands.cacheMode(), "
    'commands.viewNode(), (if commands.isModeActive("sync") then 1 else 0)))'
)

#: events after which the state may be another
PLAYBACK = (
    "frame-changed",
    "play-start",
    "play-stop",
    "play-inc",
    "play-mode-changed",
    "fps-changed",
    "range-changed",
    "narrowed-range-changed",
    "new-in-point",
    "new-out-point",
    "cache-mode-changed",
    "after-graph-view-change",
)

#: events after which nodes, media or contacts may be others
GRAPH = (
    "new-node",
    "graph-after-delete-node",
    "after-source-delete",
    "after-node-delete",
    "source-group-complete",
    "source-media-set",
    "after-clear-session",
    "after-session-read",
    "mark-frame",
    "unmark-frame",
    "remote-connection-start",
    "remote-connection-stop",
)


def _to(contact: str) -> str:
    """The regular expression (POSIX extended) of a contact's name in `remoteConnections`."""
    return quote("^" + re.sub(r"([][.(){}*+?^$|\\])", r"[\1]", contact) + "@")


def _send(contact: str, mode: str, event: str, text: str) -> str:
    """Mu that sends an event with *text* (an expression) to *contact*; when that is gone, which
    may have had no time to say so, the mode ends itself."""
    return (
        "bool there = false; for_each (c; commands.remoteConnections()) { "
        f"if (regex({_to(contact)}).match(c)) {{ there = true; "
        f'commands.remoteSendEvent("{event}", "*", {text}, string[] {{c}}); }} }} '
        f"if (!there) commands.deactivateMode({quote(mode)});"
    )


def watch() -> str:
    """The question by which a player that lets us evaluate nothing tells of its state."""
    import json

    names = [*PLAYBACK, *GRAPH]
    return json.dumps({"do": "watch", "event": TOLD, "code": STATE + ";", "on": names})


def hear(patterns: Iterable[str]) -> str:
    """The question by which a player that lets us bind nothing sends us its events: those of
    these names, or all when a pattern is more than one name."""
    import json

    names = []
    for pattern in patterns:
        name = re.sub(r"\\(.)", r"\1", pattern[1:-1])
        if pattern != f"^{re.escape(name)}$":
            return json.dumps({"do": "hear", "on": []})
        names.append(name)
    return json.dumps({"do": "hear", "on": names})


def is_heard(reply: str) -> bool:
    """Does the answer to `hear` say yes?  Raises Refused when it says why not."""
    import json

    from rvshell.errors import Refused

    try:
        answer = json.loads(reply)
    except (ValueError, RecursionError):
        return False
    if not isinstance(answer, dict):
        return False
    if "error" in answer:
        raise Refused(str(answer["error"]), hint=str(answer.get("hint", "")))
    return answer.get("ok") is True


def define(mode: str) -> str:
    """Mu that makes the empty minor mode *mode* and switches it on; its value is `true`."""
    name = quote(mode)
    return f"commands.defineMinorMode({name}); commands.activateMode({name}); true;"


def subscribe(contact: str, mode: str) -> str:
    """Mu after which the far end tells *contact* of its state; its value is `true`.

    *mode* names the minor mode and its functions; Mu takes a name once, so it must be new.
    """
    tell = f"{mode}_tell"
    binds = "".join(
        f'commands.bind({quote(mode)}, "global", {quote(e)}, {tell}, "told to rvshell"); '
        for e in (*PLAYBACK, *GRAPH)
    )
    return (
        "require commands; "
        f"function: {tell} (void; Event event) {{ "
        f'let text = {STATE} + "\\t" + event.name() + "\\t" + event.contents(); '
        f"{_send(contact, mode, TOLD, 'text')} "
        "event.reject(); } "
        f"commands.defineMinorMode({quote(mode)}); {binds}"
        f"commands.activateMode({quote(mode)}); true;"
    )


def forward(contact: str, mode: str, serial: int, pattern: str) -> str:
    """Mu after which events that match the regular expression *pattern* are told as well;
    *serial* makes its function's name new."""
    tell = f"{mode}_event{serial}"
    text = 'event.name() + "\\t" + event.contents()'
    return (
        "require commands; "
        f"function: {tell} (void; Event event) {{ "
        f"{_send(contact, mode, EVENT, text)} "
        "event.reject(); } "
        f'commands.bindRegex({quote(mode)}, "global", {quote(pattern)}, {tell}, "told"); true;'
    )


def leave(mode: str) -> str:
    """Mu that ends the telling; other clients' handlers stay as they are."""
    name = quote(mode)
    return f"{{ if (commands.isModeActive({name})) commands.deactivateMode({name}); true; }}"
