"""Contacts that may look, but bind nothing, are told when the session's state changes.

Who may run code binds events in Mu and has them sent to itself.  A contact without the scope
`eval` asks the player to (`player-admin`, question `watch`): `on`, the events, `event`, what to
send then, and `code`, Mu that is evaluated with that contact's own rights.  It gets the value, the
name and the contents of the event, separated by tabs.  However often an event happens in one turn
of the loop, it is told once.

Who wants the events themselves asks by `hear` (`on`: their names, or none for all): it gets every
one of `_AUDIBLE` as `rvshell-event`, name and contents separated by a tab, as many of one turn as
`_MAX_HEARD`.  What clients send to each other, keys, and questions are nobody else's business.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable
from typing import Any, Final

from player.network import Peer
from player.network.admin import Admin
from player.session.events import Event
from player.session.session import Session
from rvshell.errors import LocalProtocolError, UsageError

__all__ = ["Telling"]

_MODE: Final = "player-telling"
_MAX_EVENTS: Final = 100
_MAX_BOUND: Final = 500  # by all contacts together
_MAX_CODE: Final = 4096
_MAX_HEARD: Final = 200  # events told to one contact in one turn of the loop
_HEARING: Final = "player-hearing"
_AUDIBLE: Final = (
    "^((after|before|cache|frame|graph|image|media|narrowed|new|play|range|read|session|source)-"
    "|(fps-changed|mark-frame|unmark-frame|realtime-play-mode|missing-image|file-changed)$)"
)
"""What the player itself tells of its session."""
_NEVER: Final = ("pixel", "key-", "pointer-", "stylus-", "remote-eval", "remote-py", "remote-sync")
"""Events that are too many, or nobody else's business."""


class _Watch:
    """What one contact wants to know."""

    def __init__(self, peer: Peer, event: str, code: str, names: frozenset[str]) -> None:
        self.peer = peer
        self.event = event
        self.code = code
        self.names = names


class Telling:
    """`evaluate(peer, text)` is the reply to Mu of a contact, with its rights."""

    def __init__(self, session: Session, evaluate: Callable[[Peer, str], str]) -> None:
        self._events = session.events
        self._evaluate = evaluate
        self._watches: dict[str, _Watch] = {}
        self._bound: set[str] = set()
        self._due: dict[str, str] = {}
        self._ears: dict[str, tuple[Peer, frozenset[str]]] = {}
        self._heard: list[tuple[str, str]] = []
        self._hearing = False  # is the mode made?

    def join(self, admin: Admin) -> None:
        """Answer the questions `watch` and `hear`."""
        admin.add_open("watch", self._watch)
        admin.add_open("hear", self._hear)

    def _watch(self, peer: Peer, question: dict[str, Any]) -> bool:
        _check_may_look(peer, "watching")
        event, code = str(question["event"]), str(question["code"])
        names = frozenset(n for n in map(str, question["on"]) if not n.startswith(_NEVER))
        new = names - self._bound
        much = len(names) > _MAX_EVENTS or len(code) > _MAX_CODE
        if much or len(self._bound) + len(new) > _MAX_BOUND or not event.startswith("rvshell-"):
            raise UsageError("watch: too much at once, or no event of rvshell's")
        if not self._bound:
            self._events.modes.define_minor(_MODE)
            self._events.modes.activate(_MODE)
        for name in new:
            self._events.bind(_MODE, "global", name, self._happened, "told to contacts")
            self._bound.add(name)
        self._watches[peer.contact] = _Watch(peer, event, code, names)
        return True

    def _happened(self, event: Event) -> None:
        event.reject()  # whoever else listens hears it, too
        if not self._watches:
            return
        if not self._due:
            asyncio.get_running_loop().call_soon(self._tell)
        self._due[event.name] = str(getattr(event, "contents", ""))

    def _tell(self) -> None:
        due, self._due = self._due, {}
        for contact, watch in tuple(self._watches.items()):
            if not watch.peer.connected:
                del self._watches[contact]
                continue
            names = [n for n in due if n in watch.names]
            if not names:
                continue
            value = self._evaluate(watch.peer, watch.code)
            if value.startswith("ERROR"):
                continue
            text = value.strip('"').replace("\\t", "\t")
            for name in names:
                with contextlib.suppress(LocalProtocolError):  # a NUL in it
                    watch.peer.send_event(watch.event, "*", f"{text}\t{name}\t{due[name]}")

    # -- events as they are ----------------------------------------------------------------

    def _hear(self, peer: Peer, question: dict[str, Any]) -> bool:
        _check_may_look(peer, "hearing events")
        names = frozenset(map(str, question["on"]))
        if len(names) > _MAX_EVENTS:
            raise UsageError("hear: too much at once")
        for name in sorted(names):
            if not re.search(_AUDIBLE, name):
                raise UsageError(f"permission denied: hearing {name} needs scope eval")
        if not self._hearing:
            self._events.modes.define_minor(_HEARING)
            self._events.bind_regex(_HEARING, "global", _AUDIBLE, self._came, "told to contacts")
            self._hearing = True
        self._events.modes.activate(_HEARING)
        self._ears[peer.contact] = (peer, names)
        return True

    def _came(self, event: Event) -> None:
        event.reject()
        if not self._heard:
            asyncio.get_running_loop().call_soon(self._pass_on)
        if len(self._heard) < _MAX_HEARD:
            self._heard.append((event.name, str(getattr(event, "contents", ""))))

    def _pass_on(self) -> None:
        heard, self._heard = self._heard, []
        for contact, (peer, names) in tuple(self._ears.items()):
            if not peer.connected:
                del self._ears[contact]
                continue
            for name, contents in heard:
                if not names or name in names:
                    with contextlib.suppress(LocalProtocolError):  # a NUL in it
                        peer.send_event("rvshell-event", "*", f"{name}\t{contents}")
        if not self._ears:
            self._events.modes.deactivate(_HEARING)


def _check_may_look(peer: Peer, what: str) -> None:
    """Raises UsageError for a contact that may not even ask."""
    if "view" not in peer.scopes and not peer.trusted:
        raise UsageError(f"permission denied: {what} needs scope view")
