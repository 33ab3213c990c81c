"""The sync mode of one session: partners, handshake, sending, switching on and off."""

from __future__ import annotations

import contextlib
import logging
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from player.network.settings import Settings
from player.network.sync.agreement import Agreement
from player.network.sync.groups import Groups
from player.network.sync.inbound import Inbound
from player.network.sync.outbound import Outbound
from player.network.sync.stamps import Registers, Stamp
from player.network.sync.switches import Switches, own_name
from player.network.sync.transfer import Transfer
from player.session.events import Event, StringEvent
from player.session.session import Session
from rvshell.errors import CommandFailed

__all__ = ["Network", "Partner", "Sync", "VERSION"]

VERSION: Final = 5
OLDEST: Final = 4
_MODE: Final = "sync"
_MAX_PARTNERS: Final = 256
_MAX_SESSION: Final = 256  # characters of a session's name


class Network(Protocol):
    """What sync needs of the network; `NetworkControl` is one."""

    def set_status(self, on: bool) -> None: ...
    def connections(self) -> list[str]: ...
    def applications(self) -> list[str]: ...
    def is_incoming(self, contact: str) -> bool: ...
    def connect(self, name: str, host: str, port: int) -> None: ...
    def disconnect(self, contact: str) -> None: ...
    def host(self) -> str: ...
    def port(self) -> int: ...
    def send_event(
        self, event: str, target: str, contents: str, recipients: Sequence[str] | None
    ) -> None: ...
    def send_data_event(
        self, event: str, target: str, interp: str, data: bytes, recipients: Sequence[str] | None
    ) -> None: ...


@dataclass(slots=True)
class Partner:
    """A contact that syncs.  `version` is 0 until it was told; `player` is what a player
    (not RV) said last of itself."""

    contact: str
    session: str
    version: int = 0
    player: dict[str, Any] | None = None
    active: bool = False  # its pointer is in its window
    source: str = ""
    x: float = 0.0
    y: float = 0.0
    moved: float = 0.0
    trail: list[tuple[float, float]] = field(default_factory=list)


class Sync:
    """`evaluate(contact, text)` runs Mu with that contact's rights; `commands` has RV's
    commands as methods; `feedback(text, seconds)` shows a message; `clock` gives seconds.

    `identity` is this player's id: the lowest is the oldest, which the others follow when
    they cannot agree otherwise.
    """

    def __init__(
        self,
        session: Session,
        network: Network,
        settings: Settings,
        *,
        evaluate: Callable[[str, str], str],
        commands: Any,
        feedback: Callable[[str, float], None] = lambda text, seconds: None,
        clock: Callable[[], float] = time.monotonic,
        identity: str = "",
    ) -> None:
        self.session = session
        self.network = network
        self.settings = settings
        self.evaluate = evaluate
        self.commands = commands
        self.clock = clock
        self.on = False
        self.partners: list[Partner] = []
        self.virtual: dict[str, Partner] = {}  # pointers of partners' partners
        self.identity = identity or f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        self.registers = Registers(self.identity)
        self.groups = Groups()
        self.show_feedback = True
        self.broadcast = True
        self.mesh = False
        self.activity = clock()
        self.stamp: Stamp | None = None  # of the message being handled
        self.came_from = ""  # the contact whose message is being handled
        self.sent = self.received = 0
        self._feedback = feedback
        self._locks = 0
        self.reading = False  # a session file is being loaded
        self._bound = False
        self._greeted: set[str] = set()
        self._parted: set[str] = set()  # said goodbye, and are still connected
        self._left: set[str] = set()  # who was connected when sync was last switched off
        self._first_connect = ""
        self._delayed: list[tuple[str, str, Stamp]] | None = None
        self._depth = 0
        self._log = logging.getLogger("player.sync")
        self.outbound = Outbound(self)
        self.inbound = Inbound(self)
        self.transfer = Transfer(self)
        self.agreement = Agreement(self)
        self.switches = Switches(self)
        self.load_settings()

    def load_settings(self) -> None:
        """Take the stored switches."""
        s = self.settings
        self.groups = Groups(
            s["sync.send"],
            s["sync.block"],
            s["sync.send_pipelines"],
            s["sync.block_pipelines"],
            send_media=s["sync.send_media"],
            accept_media=s["sync.accept_media"],
        )
        self.show_feedback = s["sync.show_feedback"]
        self.mesh = s["sync.contacts_contacts"]
        self.broadcast = s["sync.broadcast"] and not self.mesh
        flags = self.session.options.flags
        self._first_connect = (
            "pull" if "syncPullFirst" in flags else "push" if "syncPushFirst" in flags else ""
        )

    # -- on and off ------------------------------------------------------------------------

    def start(self, *, everybody: bool = False) -> None:
        """Switch sync on and greet every connected RV and player; *everybody*: those, too, that
        have said goodbye."""
        if everybody:
            self._parted.clear()
        self.network.set_status(True)
        if not self.on:
            self.on = self.session.ui.sync = True
            self._left = set()
            self._bind()
            self.session.events.modes.activate(_MODE)
        self.greet_all()

    def stop(self) -> None:
        """Say goodbye to everybody and switch sync off; the connections stay."""
        if not self.on:
            return
        for contact, app in self._connected():
            if app == "rv":
                self.network.send_event("remote-sync-goodbye", "*", self.session.name, [contact])
        self._off()

    def _off(self) -> None:
        self._left = {contact for contact, _ in self._connected()}
        self.on = self.session.ui.sync = False
        self.session.events.modes.deactivate(_MODE)
        self.partners.clear()
        self.virtual.clear()
        self.session.ui.pointers.clear()
        self.session.ui.trails.clear()
        self._greeted.clear()
        self._delayed, self._depth, self._locks = None, 0, 0

    def toggle(self) -> None:
        """Tools -> Sync With Connected RVs."""
        if self.on:
            self.stop()
        else:
            self.start(everybody=True)

    def accepts_media(self) -> bool:
        """`sync.acceptingMediaChanges()`: media is not asked about while sync is off."""
        return self.groups.accept_media if self.on else True

    def automatic(self) -> None:
        """Start when an RV or player is connected, if the user wants that."""
        new = {c for c, app in self._connected() if app == "rv"} - self._left
        if self.settings["sync.auto"] and new:  # RV starts again when an rvpush comes along
            self.start()

    def remote_start(self) -> None:
        """A peer asks to sync: `sync.remoteStartUp()`."""
        if self.on or self.settings["sync.auto"]:
            self.start()
        else:
            self._log.warning("a contact wants to sync; sync.auto is off: rvshell sync on")

    def _bind(self) -> None:
        """The mode's bindings, once; they act while the mode is active."""
        if self._bound:
            return
        self._bound = True
        events = self.session.events
        if _MODE not in events.modes.names():
            events.modes.define_minor(_MODE)
        table: dict[str, Callable[[StringEvent], None]] = {
            **self.outbound.handlers(),
            **self.inbound.handlers(),
            **self.transfer.handlers(),
            **self.agreement.handlers(),
            "remote-connection-start": lambda event: self.greet_all(),
            "remote-connection-stop": lambda event: self._gone(event.contents),
            "remote-contact-error": lambda event: self.forget(event.contents),
            "remote-contact-error-show": self._error_show,
            "remote-sync-greeting": self._greeting,
            "remote-sync-version": self._version,
            "remote-sync-goodbye": self._goodbye,
            "connect-remote-friends": self._friends,
            "connect-to-friend": self._friend,
            "internal-sync-begin-accumulate": lambda event: self.accumulate(),
            "internal-sync-end-accumulate": lambda event: self.release(),
            "internal-sync-flush": lambda event: self._flush(),
        }
        for name, handler in table.items():
            events.bind(_MODE, "global", name, self._handling(handler), "sync")

    def _handling(self, handler: Callable[[Any], None]) -> Callable[[Event], None]:
        def handle(event: Event) -> None:
            event.reject()  # others want to see it, too
            handler(event)

        return handle

    def _error_show(self, event: StringEvent) -> None:
        if not self.settings["sync.show_errors"]:
            event.return_content = "no"
            event.handled = True

    # -- partners --------------------------------------------------------------------------

    def _connected(self) -> list[tuple[str, str]]:
        return list(zip(self.network.connections(), self.network.applications(), strict=False))

    def find(self, contact: str, session: str = "") -> Partner | None:
        """The partner of that contact name (and session)."""
        for partner in self.partners:
            if partner.contact == contact and session in ("", partner.session):
                return partner
        return None

    def greet_all(self) -> None:
        """Rows 1 and 2 of the handshake, to every RV that has not had them yet.

        Not to one that said goodbye: RV greets it again whenever anybody else connects, which
        switches its sync on again."""
        for contact, app in self._connected():
            known = contact in self._greeted or contact in self._parted
            if app == "rv" and not known and self.find(contact) is None:
                self._greeted.add(contact)
                send = self.network.send_event
                send("remote-eval", "*", "require sync; sync.remoteStartUp();", [contact])
                send("remote-sync-greeting", "*", self.session.name, [contact])

    def _greeting(self, event: StringEvent) -> None:
        contact, session = event.sender, event.contents
        self._parted.discard(contact)
        if not contact or not session or len(session) > _MAX_SESSION or "|" in session:
            return
        if self.find(contact, session) is None and len(self.partners) < _MAX_PARTNERS:
            self.partners.append(Partner(contact, session))
            mine = self.session.name
            send = self.network.send_event
            send("remote-sync-greeting", session, mine, [contact])
            send("remote-sync-version", session, f"{VERSION}|{mine}", [contact])
            dialled = not self.network.is_incoming(contact)
            if len(self.partners) == 1 and dialled and self.settings["sync.pull_on_join"]:
                self.transfer.expect(contact)
                send("remote-pull-session", session, mine, [contact])
            if self.mesh:
                where = f"{self.network.host() or own_name()}&{self.network.port()}"
                send("connect-remote-friends", session, f"{where}|{mine}", [contact])
            self.agreement.introduce(contact)
        self.say("Sync ON", 4.0)

    def _version(self, event: StringEvent) -> None:
        text, _, session = event.contents.partition("|")
        partner = self.find(event.sender, session.partition("|")[0])
        if partner is None:
            self._log.warning("a sync version from %s, which does not sync", event.sender)
            return
        digits = text.strip()
        partner.version = int(digits) if digits.isascii() and digits.isdigit() else 0
        if partner.version < OLDEST:
            self._log.error(
                "%s speaks sync version %s, %d or later is needed: disconnected",
                event.sender, digits[:20], OLDEST,
            )  # fmt: skip
            self.forget(event.sender)
            self.network.disconnect(event.sender)
            return
        first, self._first_connect = self._first_connect, ""
        if first == "pull":
            self.transfer.pull()
        elif first == "push":
            self.transfer.push_all()

    def _goodbye(self, event: StringEvent) -> None:
        self._parted.add(event.sender)
        self.forget(event.sender, event.contents)

    def _gone(self, contact: str) -> None:
        """The connection has ended: who comes by that name is greeted."""
        self.forget(contact)
        self._parted.discard(contact)

    def forget(self, contact: str, session: str = "") -> None:
        """A partner has gone; without any left, sync ends."""
        before = len(self.partners)
        self.partners = [
            p for p in self.partners
            if p.contact != contact or session not in ("", p.session)
        ]  # fmt: skip
        self._greeted.discard(contact)
        self.virtual = {k: v for k, v in self.virtual.items() if v.session != contact}
        self.session.ui.pointers.pop(contact, None)
        self.session.ui.trails.pop(contact, None)
        if before and not self.partners:
            self.stop()

    def _friends(self, event: StringEvent) -> None:
        """A newcomer wants our partners to dial it."""
        host, _, rest = event.contents.partition("&")
        port = rest.partition("|")[0]
        sender = self.find(event.sender)
        if sender is None or not _is_address(host, port):
            return
        mine = self.session.name
        contents = f"{sender.contact}&{host}&{port}|{mine}"
        for partner in self.partners:
            if partner.contact != sender.contact:
                self.network.send_event("connect-to-friend", mine, contents, [partner.contact])

    def _friend(self, event: StringEvent) -> None:
        """Dial a partner of a partner, unless it is one of ours."""
        fields = event.contents.partition("|")[0].split("&")
        if self.find(event.sender) is None or len(fields) != 3 or not _is_address(*fields[1:]):
            return
        name, host, port = fields
        if self.find(name) is None and name not in self.network.connections():
            self.network.connect(name, host, int(port))

    # -- sending ---------------------------------------------------------------------------

    def send(
        self,
        event: str,
        payload: str,
        stamp: Stamp | None = None,
        *,
        not_to: str = "",
        min_version: int = 0,
        players: bool | None = None,
        whole: bool = False,
    ) -> None:
        """An event to every partner but `not_to`, which is named as its originator.

        `whole` leaves the envelope away; `players` True or False picks players or RVs.
        Property events are gathered while a compound edit is open.
        """
        if self._delayed is not None and stamp is not None and event in _GATHERED and not not_to:
            if self._delayed and self._delayed[-1][0] == event:
                name, joined, first = self._delayed[-1]
                self._delayed[-1] = (name, f"{joined}&{payload}", first)
            else:
                self._delayed.append((event, payload, stamp))
            return
        self.activity = self.clock()
        mine = self.session.name
        contents = payload if whole else f"{payload}|{mine}|{not_to}"
        send = self.network.send_event
        for partner in self.partners:
            if partner.contact == not_to or partner.version < min_version:
                continue
            is_player = partner.player is not None
            if players is not None and players is not is_player:
                continue
            self.sent += 1
            if stamp is not None and is_player:
                send("remote-sync-stamp", partner.session, str(stamp), [partner.contact])
            send(event, partner.session, contents, [partner.contact])

    def accumulate(self) -> None:
        """A compound edit begins."""
        self._depth += 1
        if self._delayed is None:
            self._delayed = []

    def release(self) -> None:
        """It ends: what was gathered is sent."""
        self._depth = max(0, self._depth - 1)
        if self._depth == 0:
            self._flush()

    def _flush(self) -> None:
        delayed, self._delayed = self._delayed, None
        for event, payload, stamp in delayed or []:
            self.send(event, payload, stamp)
        if self._depth:
            self._delayed = []

    # -- the receive lock ------------------------------------------------------------------

    @property
    def locked(self) -> bool:
        """Whether a remote change is being applied."""
        return self._locks > 0 or self.reading

    @contextlib.contextmanager
    def receiving(self) -> Iterator[None]:
        """Hold the receive lock."""
        self._locks += 1
        try:
            yield
        finally:
            self._locks = max(0, self._locks - 1)

    def say(self, text: str, seconds: float = 1.0) -> None:
        """Feedback over the picture and in the log, if the user wants it."""
        self._log.info("%s", text)
        if self.show_feedback:
            self._feedback(text, seconds)

    def need_partners(self) -> None:
        """Raises CommandFailed unless somebody syncs with us."""
        if not self.partners:
            raise CommandFailed("nobody syncs with this player", hint="rvshell sync on")

    def tick(self) -> None:
        """Called a few times a second while sync is on."""
        self.reading = False
        if self.on:
            self.agreement.tick()


_GATHERED: Final = frozenset(
    {"remote-sync-graph-state", "remote-sync-new-property", "remote-sync-delete-property"}
)  # fmt: skip


def _is_address(host: str, port: str) -> bool:
    return (
        0 < len(host) <= 255
        and host.isprintable()
        and not any(c in host for c in " |&/")
        and port.isascii()
        and port.isdigit()
        and len(port) <= 5
        and 0 < int(port) < 65536
    )
