"""The door for the player's own questions: `rvshell network`, `contacts`, `pending`, `sync`.

One event, `player-admin`, whose contents and reply are JSON: `{"do": NAME, ...}` is answered
by `{"ok": VALUE}` or `{"error": TEXT, "hint": TEXT}`.  RV knows no such event and answers
with nothing, by which rvshell tells the two apart.  Everybody may ask what was added by
`add_open` (`me`: what they are to this player); the rest is for programs of the player's own
user and refused to other contacts.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from player.network.book import PERMISSIONS, Contact
from player.network.control import NetworkControl
from player.network.peer import Peer
from player.network.scopes import NAMES, parse_scopes
from player.network.settings import parse_permission
from rvshell import __version__
from rvshell.errors import CommandFailed, RvshellError, UsageError

__all__ = ["ADMIN_EVENT", "Admin"]

ADMIN_EVENT: Final = "player-admin"

Answer = Callable[[dict[str, Any]], Any]


class Admin:
    """Answers admin questions; further rooms add theirs with `add`.

    `later(call)` runs something once the reply is on its way (stopping the network closes
    the very connection that asked).
    """

    def __init__(
        self, control: NetworkControl, *, later: Callable[[Callable[[], object]], object]
    ) -> None:
        self._control = control
        self._later = later
        self._log = logging.getLogger("player.network")
        self._open: dict[str, Callable[[Peer, dict[str, Any]], Any]] = {
            "me": lambda peer, question: _told(peer)
        }
        self._answers: dict[str, Answer] = {
            "status": self._status,
            "connections": self._connections,
            "disconnect": self._disconnect,
            "dial": self._dial,
            "dialled": self._dialled,
            "start": self._start,
            "stop": self._stop,
            "contacts": self._contacts,
            "contact-set": self._contact_set,
            "contact-remove": self._contact_remove,
            "pending": self._pending,
            "answer": self._answer,
            "config": self._config,
            "config-set": self._config_set,
            "config-reset": self._config_reset,
        }

    def add(self, name: str, answer: Answer) -> None:
        """One more question."""
        self._answers[name] = answer

    def add_open(self, name: str, answer: Callable[[Peer, dict[str, Any]], Any]) -> None:
        """A question that every contact may ask."""
        self._open[name] = answer

    def handle(self, peer: Peer, contents: str) -> str:
        """The reply to a question of a peer."""
        try:
            question = json.loads(contents)
            name = question["do"]
            if name in self._open:
                return self._answered(name, partial(self._open[name], peer), question)
            answer = self._answers[name]
        except (ValueError, TypeError, KeyError, RecursionError):
            return _error(UsageError("no such question", hint=", ".join(self._answers)))
        if not peer.trusted:
            self._log.warning(
                "%s: permission denied: %s is for the player's own user", peer.label, name
            )
            return _error(CommandFailed("permission denied: only the player's own user may"))
        return self._answered(name, answer, question)

    def _answered(self, name: str, answer: Answer, question: dict[str, Any]) -> str:
        try:
            return json.dumps({"ok": answer(question)})
        except RvshellError as error:
            return _error(error)
        except (TypeError, ValueError, KeyError) as error:
            return _error(UsageError(f"{name}: {error}"))

    # -- the network -----------------------------------------------------------------------

    def _status(self, question: dict[str, Any]) -> dict[str, Any]:
        control = self._control
        count = len(control.peers())
        running = control.status() == 1
        state = f"Running / {count} Connection{'' if count == 1 else 's'}"
        return {
            "state": state if running else "Not Running",
            "running": running,
            "connections": count,
            "name": control.local_contact(),
            "port": control.port(),
            "pending": len(control.doorman.pending),
        }

    def _connections(self, question: dict[str, Any]) -> list[dict[str, Any]]:
        server = self._control.server
        now = server.clock() if server is not None else 0.0
        return [
            {
                "contact": p.contact,
                "app": p.app,
                "direction": "in" if p.incoming else "out",
                "address": p.address,
                "seconds": round(now - p.since, 1),
                "bytes_in": p.bytes_in,
                "bytes_out": p.bytes_out,
                "scopes": "all" if p.trusted else " ".join(s for s in NAMES if s in p.scopes),
                "rtt_ms": None if p.rtt is None else round(p.rtt * 1000, 2),
                "packing": p.packing and f"{p.packing} {p.unpacked / max(p.packed, 1):.1f}:1",
                "secure": p.secure,
                "proof": p.proof,
            }
            for p in self._control.peers()
        ]

    def _disconnect(self, question: dict[str, Any]) -> None:
        peer = self._control.peer(str(question["contact"]))
        if peer is None:
            raise CommandFailed(
                f"{question['contact']} is not connected", hint="rvshell connections"
            )
        self._later(peer.disconnect)

    def _dial(self, question: dict[str, Any]) -> int:
        """The number by which "dialled" asks how it went."""
        if self._control.status() != 1:
            raise CommandFailed("networking is off", hint="rvshell network start")
        host, port = str(question["host"]), int(question.get("port") or 0)
        return self._control.dial_soon(str(question.get("name", "")), host, port)

    def _dialled(self, question: dict[str, Any]) -> str | None:
        """The contact that was dialled, None while that is under way."""
        return self._control.outcomes.ask(int(question["number"]))

    def _start(self, question: dict[str, Any]) -> dict[str, Any]:
        self._control.set_status(True)
        return self._status(question)

    def _stop(self, question: dict[str, Any]) -> None:
        others = len(self._control.peers()) - 1
        if others > 0 and not question.get("force"):
            raise CommandFailed(
                f"{others} other connection{'s' if others > 1 else ''} still active",
                hint="--force stops all the same",
            )
        self._later(lambda: self._control.set_status(False))

    # -- contacts --------------------------------------------------------------------------

    def _contacts(self, question: dict[str, Any]) -> list[dict[str, Any]]:
        connected = {p.contact: p for p in self._control.peers()}
        rows = [_row(c, c.key in connected) for c in self._control.doorman.book]
        known = {c.key for c in self._control.doorman.book}
        for contact, peer in connected.items():
            if contact not in known and question.get("local", True):
                rows.append(_row(Contact(peer.name, peer.host, app=peer.app), True, "local"))
        return rows

    def _found(self, question: dict[str, Any]) -> str:
        key = str(question["contact"])
        if self._control.doorman.book.get(key) is None:
            raise CommandFailed(f"no contact {key}", hint="rvshell contacts lists them")
        return key

    def _contact_set(self, question: dict[str, Any]) -> dict[str, Any]:
        key = str(question["contact"])
        if "@" not in key:
            raise UsageError(f"{key!r} is no contact", hint="NAME@HOST")
        text, words = question.get("permission"), question.get("scopes")
        permission = None if text is None else parse_permission(str(text))
        scopes = None if words is None else parse_scopes(words)
        contact = self._control.doorman.book.decide(
            key, permission, None if scopes is None else tuple(s for s in NAMES if s in scopes)
        )
        peer = self._control.peer(key)
        if peer is not None and not peer.trusted and scopes is not None:
            peer.scopes = scopes  # what it was granted counts at once
        return _row(contact, peer is not None)

    def _contact_remove(self, question: dict[str, Any]) -> None:
        self._control.doorman.book.remove(self._found(question))

    def _pending(self, question: dict[str, Any]) -> list[dict[str, object]]:
        return [p.described() for p in self._control.doorman.pending]

    def _answer(self, question: dict[str, Any]) -> str:
        words = question.get("scopes")
        scopes = None if words is None else parse_scopes(words)
        pending = self._control.doorman.answer(int(question["id"]), str(question["answer"]), scopes)
        return pending.contact

    # -- configuration ---------------------------------------------------------------------

    def _config(self, question: dict[str, Any]) -> list[dict[str, Any]]:
        return self._control.settings.listed()

    def _config_set(self, question: dict[str, Any]) -> str:
        name = str(question["name"])
        self._control.settings.store(name, question["value"])
        return self._used(name)

    def _config_reset(self, question: dict[str, Any]) -> str:
        """RV's "Reset to Defaults" resets the port alone; with a name, that setting."""
        name = str(question.get("name") or "network.port")
        self._control.settings.store(name, None)
        return self._used(name)

    def _used(self, name: str) -> str:
        """Take a changed setting over where that is possible; when it counts."""
        control, value = self._control, self._control.settings[name]
        doorman = control.doorman
        if name == "network.default_permission":
            doorman.permission = value
        elif name == "network.ask_timeout":
            doorman.ask_timeout = value
        elif name == "network.ask_local":
            doorman.ask_local = value
        elif name == "network.scopes":
            doorman.scopes = frozenset(value)
        elif name == "network.proven_scopes":
            doorman.proven_scopes = frozenset(value)
        elif name.startswith("sync."):
            return "when sync starts next"
        else:
            if name == "network.name":
                control.set_local_contact(value)
            elif name == "network.port":
                control.set_port(value)
            return "when networking starts next"
        return "at once"


def _told(peer: Peer) -> dict[str, Any]:
    """What a peer is told about itself, and about who answers."""
    return {
        "program": "player",
        "version": __version__,
        "contact": peer.contact,
        "scopes": [*NAMES, "own"] if peer.trusted else [s for s in NAMES if s in peer.scopes],
    }


def _row(contact: Contact, connected: bool, permission: str = "") -> dict[str, Any]:
    """The columns of RV's dialog, and ours."""
    stored = "default" if contact.permission is None else PERMISSIONS[contact.permission]
    return {
        "connected": connected,
        "name": contact.name,
        "machine": contact.host,
        "permission": permission or stored,
        "app": contact.app,
        "scopes": "default" if contact.scopes is None else " ".join(contact.scopes),
        "address": contact.address,
        "first": contact.first,
        "last": contact.last,
        "proof": contact.proof,
    }


def _error(error: RvshellError) -> str:
    return json.dumps({"error": str(error), "hint": error.hint})
