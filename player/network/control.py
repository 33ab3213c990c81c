"""RV's `remote*` commands over the server: the session's NetworkControl.

Networking may be off: settings are kept, and nothing is sent.  Dialling happens in the
background, as in RV; what went wrong is said in the log.

Source: network.md section 11.  `remoteConnections` and `remoteApplications` are in the order
of the contacts table: a contact that comes back has its old row.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

from player.network.announce import Announcer
from player.network.contacts import is_loopback
from player.network.doorman import Doorman
from player.network.handler import Departure
from player.network.outcomes import Outcomes
from player.network.peer import Peer
from player.network.server import Server
from player.network.settings import Settings
from rvshell.errors import LinkError, LocalProtocolError, RvshellError
from rvshell.protocol import DEFAULT_PORT

__all__ = ["NetworkControl"]

_FIRST_PAUSE: Final = 1.0  # seconds before a lost connection is dialled again
_LAST_PAUSE: Final = 30.0
_MAX_ROWS: Final = 20_000  # rows of contacts whose order is remembered


class NetworkControl:
    """`make` gives a server that is not started yet, for a contact name and a port.

    `told(event, contents)` sends the session's events `remote-network-start` and `-stop`.
    """

    def __init__(
        self,
        make: Callable[[str, int], Server],
        settings: Settings,
        doorman: Doorman,
        *,
        told: Callable[[str, str], object] = lambda event, contents: None,
    ) -> None:
        self._make = make
        self.settings = settings
        self.doorman = doorman
        self.told = told
        self._name = str(settings["network.name"])
        self._port = int(settings["network.port"])
        self._rows: dict[str, int] = {c.key: i for i, c in enumerate(doorman.book)}
        self._tasks: set[asyncio.Task[None]] = set()
        self._starting = False
        self._announcer = Announcer()
        self._dialled: dict[str, tuple[str, str, int]] = {}  # contact -> what was asked for
        self._log = logging.getLogger("player.network")
        self.outcomes = Outcomes()
        self.server: Server | None = None
        self.closing = False
        self.spoofer: Callable[[str, float, bool], None] | None = None

    # -- on and off ------------------------------------------------------------------------

    async def start(self) -> int:
        """Listen; the port.  Raises ConnectionFailed when no port is free."""
        server = self._make(self._name, self._port)
        port = await server.start()
        self.server = server
        if self.settings["network.zeroconf"]:
            await self._announce(port)
        self.told("remote-network-start", "")
        return port

    async def _announce(self, port: int) -> None:
        listen = str(self.settings["network.listen"])
        if is_loopback(listen):
            self._log.warning(
                "not announced: nobody could reach %s from another machine; --listen 0.0.0.0 "
                "opens the player to the network", listen,
            )  # fmt: skip
            return
        await self._announcer.start(self._name, port, tls=bool(self.settings["network.tls_cert"]))

    async def stop(self) -> None:
        """Say goodbye to everybody and stop listening."""
        server, self.server = self.server, None
        if server is not None:
            await self._announcer.stop()
            await server.close()
            if not self.closing:
                self.told("remote-network-stop", "")

    async def close(self) -> None:
        """Stop for good, with whatever is being dialled; the session hears nothing of it."""
        self.closing = True
        for task in list(self._tasks):
            task.cancel()
        await self.stop()

    def status(self) -> int:
        return int(self.server is not None)

    def set_status(self, on: bool) -> None:
        if on and self.server is None and not self._starting:
            self._starting = True
            self._background(self._start_quietly())
        elif not on and self.server is not None:
            self._background(self.stop())

    async def _start_quietly(self) -> None:
        try:
            if self.server is None:
                await self.start()
        finally:
            self._starting = False

    def _background(self, work: Coroutine[Any, Any, Any]) -> None:
        async def run() -> None:
            try:
                await work
            except RvshellError as error:
                self._log.warning("%s", error.describe())

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- peers -----------------------------------------------------------------------------

    def peers(self) -> list[Peer]:
        """Everybody who is connected, in the order of the contacts table."""
        if self.server is None:
            return []
        return sorted(self.server.peers, key=lambda p: self._rows.get(p.contact, 1 << 30))

    def peer(self, contact: str) -> Peer | None:
        """The connected peer of that contact name, or None."""
        server = self.server
        return None if server is None else server.find(contact)

    def connect(self, name: str, host: str, port: int, keep: bool = False) -> None:
        """Dial in the background; with `keep`, again and again until it succeeds."""
        self.dial_soon(name, host, port, keep)

    def dial_soon(self, name: str, host: str, port: int, keep: bool = False) -> int:
        """As `connect`; the number by which `outcomes` tells how it ended."""
        number = self.outcomes.begin()

        async def run() -> None:
            try:
                if keep:
                    await self._again(name, host, port)
                    contact = ""
                else:
                    contact = await self.dial(name, host, port)
            except RvshellError as error:
                self.outcomes.end(number, error)
                raise
            self.outcomes.end(number, contact)

        self._background(run())
        return number

    async def _again(self, name: str, host: str, port: int) -> None:
        """Dial until somebody answers, networking ends, or nobody wants it any more."""
        pause = _FIRST_PAUSE
        while self.server is not None:
            try:
                await self.dial(name, host, port)
                return
            except RvshellError as error:
                self._log.info("%s; again in %g s", error, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LAST_PAUSE)

    def departed(self, peer: Peer, reason: str) -> None:
        """A peer has gone.  One that we dialled and that was lost is dialled again."""
        there = self._dialled.pop(peer.contact, None)
        lost = reason in (Departure.LOST, Departure.DROPPED)
        if there is not None and lost and self.settings["network.reconnect"]:
            self.connect(*there, keep=True)

    async def dial(self, name: str, host: str, port: int) -> str:
        """Connect to another RV or player, unless networking is off or there is a connection
        to that very address and port already.  The contact's name, "" when networking is off."""
        server = self.server
        if server is None:
            return ""
        asked = (name, host, port)
        port = port or DEFAULT_PORT
        scheme, sign, rest = host.partition("://")
        scheme, host = (scheme, rest) if sign else ("", host)
        for peer in server.peers:
            if peer.port == port and host in (peer.address, peer.host):
                return peer.contact
        peer = await server.dial(host, port, name, scheme=scheme)
        self._dialled[peer.contact] = asked
        return peer.contact

    def disconnect(self, contact: str) -> None:
        self._dialled.pop(contact, None)
        peer = self.peer(contact)
        if peer is not None:
            peer.disconnect(polite=False)  # RV's remoteDisconnect says nothing either

    def connections(self) -> list[str]:
        return [p.contact for p in self.peers()]

    def applications(self) -> list[str]:
        return [p.app for p in self.peers()]

    def is_incoming(self, contact: str) -> bool:
        peer = self.peer(contact)
        return peer is not None and peer.incoming

    # -- contacts and settings -------------------------------------------------------------

    async def admit(self, peer: Peer) -> bool:
        """May this peer come in?"""
        if peer.contact not in self._rows and len(self._rows) < _MAX_ROWS:
            self._rows[peer.contact] = len(self._rows)
        return await self.doorman.admit(peer)

    def contacts(self) -> list[str]:
        return [row.rpartition("@")[0] for row in self._rows]

    def contact_permission(self, contact: str) -> int:
        found = self.doorman.book.get(contact)
        if found is None or found.permission is None:
            return self.doorman.permission
        return found.permission

    def set_contact_permission(self, contact: str, permission: int) -> None:
        if permission in (0, 1, 2):
            self.doorman.book.decide(contact, permission)

    def default_permission(self) -> int:
        return self.doorman.permission

    def set_default_permission(self, permission: int) -> None:
        if permission in (0, 1, 2):
            self.doorman.permission = permission

    def local_contact(self) -> str:
        return self._name

    def set_local_contact(self, name: str) -> None:
        self._name = name

    def set_port(self, port: int) -> None:
        """The port of the next start."""
        self._port = port

    def port(self) -> int:
        return self.server.port if self.server is not None else self._port

    def host(self) -> str:
        """The configured name of this machine, "" when there is none."""
        return str(self.settings["network.host"])

    def spoof(self, path: str, scale: float, verbose: bool) -> None:
        """Replay a recorded connection as if it came from a contact `spoofer@localhost`."""
        if self.spoofer is not None:
            self.spoofer(path, scale, verbose)

    # -- sending ---------------------------------------------------------------------------

    def _each(self, recipients: Sequence[str] | None, send: Callable[[Peer], None]) -> None:
        if recipients is None:
            peers = self.peers()
        else:
            found = (self.peer(contact) for contact in recipients)
            peers = [peer for peer in found if peer is not None]
        for peer in peers:
            try:
                send(peer)
            except (LinkError, LocalProtocolError) as error:
                self._log.warning("%s: %s", peer.contact, error)

    def send_message(self, text: str, recipients: Sequence[str] | None) -> None:
        self._each(recipients, lambda p: p.send_message(text))

    def send_event(
        self, event: str, target: str, contents: str, recipients: Sequence[str] | None
    ) -> None:
        self._each(recipients, lambda p: p.send_event(event, target, contents))

    def send_data_event(
        self, event: str, target: str, interp: str, data: bytes, recipients: Sequence[str] | None
    ) -> None:
        if recipients is not None:
            self._each(recipients, lambda p: p.send_data(event, target, interp, data))
