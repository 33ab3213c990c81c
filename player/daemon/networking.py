"""Everything of the network that a player has, put together for the daemon.

The settings, the contacts, the doorman who asks, RV's `remote*` commands, the admin door and
the limits of what contacts may do; what they need of the session comes in here.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import tempfile
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from player.commands.calling import Calls
from player.commands.extra_playback import feedback
from player.daemon import showing
from player.daemon.limited import Limited
from player.daemon.telling import Telling
from player.network import (
    ContactBook,
    Doorman,
    NetworkControl,
    Peer,
    Pending,
    Server,
    Settings,
    config_directory,
)
from player.network.admin import Admin
from player.network.contacts import is_loopback
from player.network.handler import Handler
from player.network.protection import load_protection
from player.network.recorder import Spoofer
from player.network.scopes import ALL, NAMES
from player.network.settings import check
from player.network.sync import Sync
from player.network.sync.door import SyncDoor
from player.options import Options
from player.scripting.engine import ScriptEngine
from player.session.session import Session
from player.session.uistate import Question
from rvshell.errors import CommandFailed

__all__ = ["ANSWERS", "Networking"]

_SHELL: Final = "rv-shell"  # the program that shows questions at its prompt
ANSWERS: Final = (
    ("o", "allow once", "allow"),
    ("a", "always allow", "always"),
    ("d", "deny", "deny"),
    ("n", "never allow", "never"),
)
_LONGEST: Final = 60  # characters of a name in a question
_TICK: Final = 0.25  # seconds between two looks at sync


class Networking:
    """Made before the session (which holds `control`), bound to it afterwards."""

    def __init__(
        self, options: Options, report: Callable[[str], None], wake: Callable[[], None]
    ) -> None:
        self.options = options
        self._wake = wake
        self._report = report
        self._log = logging.getLogger("player.network")
        self.settings = Settings(config_directory(), flags=_flags(options))
        settings = self.settings
        directory = settings.directory
        self.book = ContactBook(None if directory is None else directory / "contacts.jsonl")
        self.doorman = Doorman(
            self.book,
            permission=settings["network.default_permission"],
            scopes=frozenset(settings["network.scopes"]),
            proven_scopes=frozenset(settings["network.proven_scopes"]),
            ask_timeout=settings["network.ask_timeout"],
            ask_local=settings["network.ask_local"],
            require_proof=settings["network.require_proof"],
            require_tls=settings["network.require_tls"],
            told=self._asked,
            gone=self._answered,
        )
        self._protection = load_protection(
            settings["network.tls_cert"],
            settings["network.tls_key"],
            settings["network.tls_ca"],
            settings["network.token_file"],
        )
        self.control = NetworkControl(self._make_server, settings, self.doorman, told=self._tell)
        self.admin = Admin(self.control, later=asyncio.get_running_loop().call_soon)
        self.record_dir = str(settings["network.record_dir"])
        self.admin.add("record", self._record)
        self._session: Session | None = None
        self._handler: Handler | None = None
        self.limited: Limited | None = None
        self.sync: Sync | None = None
        self._ticker: asyncio.Task[None] | None = None

    def bind(self, session: Session, engine: ScriptEngine, handler: Handler) -> None:
        """The session that the network serves, and who takes the peers' records."""
        self._session = session
        self._handler = handler
        self.limited = Limited(engine, self._report)
        self.sync = Sync(
            session,
            self.control,
            self.settings,
            evaluate=partial(self._evaluate, engine),
            commands=Calls(engine.context),
            feedback=partial(feedback, engine.context),
        )
        session.ports.sync = self.sync
        self.control.spoofer = Spoofer(handler, self._spoofed_peer, self._wake).spoof
        SyncDoor(self.sync).join(self.admin)
        Telling(session, self.limited.mu).join(self.admin)
        showing.join(self.admin, session)
        loop = asyncio.get_running_loop()
        self._ticker = loop.create_task(self._tick())
        # nobody can ask a player that does not listen to listen again
        loop.add_signal_handler(signal.SIGUSR1, lambda: self.control.set_status(True))

    def _evaluate(self, engine: ScriptEngine, contact: str, text: str) -> str:
        """Mu of a sync partner, with the rights of that contact."""
        peer = self.control.peer(contact)
        if peer is None or self.limited is None:
            return ""
        if peer.trusted:
            return engine.mu(text, "remote-sync-eval")
        return self.limited.mu(peer, text, "remote-sync-eval")

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            if self.sync is not None and self.sync.on:
                self.sync.tick()
                self._wake()

    def close(self) -> None:
        """No ticks any more."""
        if self._ticker is not None:
            self._ticker.cancel()
            self._ticker.get_loop().remove_signal_handler(signal.SIGUSR1)

    def _make_server(self, name: str, port: int) -> Server:
        assert self._handler is not None
        settings = self.settings
        listen = settings["network.listen"]
        if not is_loopback(listen) and not settings["network.tls_cert"]:
            self._log.warning(
                "listening on %s without TLS: what contacts send and see can be read and "
                "changed on the way; --tls-cert and --tls-key, or ssh://, protect it (rvshell help "
                "security)", listen,
            )  # fmt: skip
        server = Server(
            self._handler,
            name=name,
            host=listen,
            port=port,
            fallback=settings["network.port_search"],
            tag=self.options.tag,
            protection=self._protection,
        )
        server.record_dir = self.record_dir
        return server

    def _record(self, question: dict[str, Any]) -> None:
        """Record connections that begin from now on into a directory, or no longer ("")."""
        directory = str(question["directory"])
        if directory:
            try:
                os.makedirs(directory, exist_ok=True)
                tempfile.TemporaryFile(dir=directory).close()
            except OSError as error:
                raise CommandFailed(
                    f"{directory} cannot be written: {error.strerror or error}"
                ) from None
        self.record_dir = directory
        if self.control.server is not None:
            self.control.server.record_dir = self.record_dir

    def _spoofed_peer(self) -> Peer:
        peer = Peer(None, address="127.0.0.1", port=0, local=True, incoming=True, since=0.0)
        peer.name, peer.host, peer.app = "spoofer", "localhost", "rv"
        peer.contact = "spoofer@localhost"
        peer.scopes, peer.trusted = ALL, True
        return peer

    # -- what the session is told ----------------------------------------------------------

    def _tell(self, event: str, contents: str) -> None:
        if self._session is not None:
            self._session.send(event, contents)

    def _asked(self, pending: Pending) -> None:
        """A question for whoever is there: an event for attached shells, and the screens; the
        log has it already."""
        text = json.dumps(pending.described())
        self._tell("player-permission-request", text)
        for peer in self.control.peers():
            if peer.trusted and peer.app == _SHELL:
                peer.send_event("player-permission-request", "*", text)
        self._show_question()

    def _answered(self, pending: Pending) -> None:
        self._tell("player-permission-done", json.dumps({"id": pending.id}))
        self._show_question()

    def _show_question(self) -> None:
        """The oldest question is the one on the screens."""
        if self._session is not None:
            first = next(iter(self.doorman.pending), None)
            self._session.ui.question = None if first is None else asked(first)
            self._session.ports.ui.redraw()
            self._wake()

    def answer(self, number: int, word: str) -> None:
        """What somebody at a screen answered."""
        with contextlib.suppress(CommandFailed):  # somebody else was quicker
            self.doorman.answer(number, word)


def asked(pending: Pending) -> Question:
    """A contact's request as the screens show it: who, from where, and what it could do."""
    peer = pending.peer
    where = f"from {peer.address}" if peer.address else "from nowhere known"
    scopes = ", ".join(s for s in NAMES if s in pending.scopes) or "nothing"
    return Question(
        pending.id,
        (
            f"{shortened(pending.contact)} wants to connect",
            f"{where}, program {shortened(peer.app) or 'unknown'}",
            f"it could: {scopes}",
        ),
        ANSWERS,
    )


def shortened(text: str) -> str:
    """A name that a stranger chose, no longer than can be shown."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _flags(options: Options) -> dict[str, Any]:
    """The settings that the command line gives.  Raises UsageError for those of its own words."""
    for name, value in options.settings.items():
        check(name, value)
    given = {
        "network.name": options.user,
        "network.port": options.port,
        "network.listen": "" if options.listen == "127.0.0.1" else options.listen,
        "network.host": options.network_host,
        "network.default_permission": options.permission,
        **options.settings,
    }
    found = {name: value for name, value in given.items() if value not in (None, "")}
    for flag, name in (
        ("syncWithContactsContacts", "sync.contacts_contacts"),
        ("syncBroadcastExternalEvents", "sync.broadcast"),
    ):
        if flag in options.flags:
            found[name] = options.flags[flag] == "true"
    return found
