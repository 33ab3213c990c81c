"""RV's `remote*` commands over the server: the session's NetworkControl.

Networking may be off: settings are kept, and nothing is sent.  Dialling happens in the
background, as in RV; what went wrong is said in the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from player.network.peer import Peer
from player.network.server import Server
from rvshell.errors import LinkError, RvshellError

__all__ = ["ASK", "ALLOW", "DENY", "NetworkControl"]

ASK, ALLOW, DENY = 0, 1, 2


class NetworkControl:
    """`make` gives a server that is not started yet, for a contact name and a port."""

    def __init__(
        self, make: Callable[[str, int], Server], *, name: str, port: int, permission: int = ASK
    ) -> None:
        self._make = make
        self._name = name
        self._port = port
        self._permission = permission
        self._permissions: dict[str, int] = {}
        self._known: dict[str, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = logging.getLogger("player.network")
        self.server: Server | None = None

    # -- on and off ------------------------------------------------------------------------

    async def start(self) -> int:
        """Listen; the port.  Raises ConnectionFailed when no port is free."""
        server = self._make(self._name, self._port)
        port = await server.start()
        self.server = server
        return port

    async def stop(self) -> None:
        """Say goodbye to everybody and stop listening."""
        server, self.server = self.server, None
        if server is not None:
            await server.close()

    async def close(self) -> None:
        """Stop for good, with whatever is being dialled."""
        for task in list(self._tasks):
            task.cancel()
        await self.stop()

    def status(self) -> int:
        return int(self.server is not None)

    def set_status(self, on: bool) -> None:
        if on and self.server is None:
            self._background(self._start_quietly())
        elif not on and self.server is not None:
            self._background(self.stop())

    async def _start_quietly(self) -> None:
        if self.server is None:
            await self.start()

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

    def _peers(self) -> tuple[Peer, ...]:
        return self.server.peers if self.server is not None else ()

    def _named(self, contact: str) -> Peer | None:
        return next((p for p in self._peers() if p.contact == contact), None)

    def connect(self, name: str, host: str, port: int) -> None:
        server = self.server
        if server is None:
            return

        async def dial() -> None:
            await server.dial(host, port, name)

        self._background(dial())

    def disconnect(self, contact: str) -> None:
        peer = self._named(contact)
        if peer is not None:
            peer.disconnect(polite=False)  # RV's remoteDisconnect says nothing either

    def connections(self) -> list[str]:
        return [p.contact for p in self._peers()]

    def applications(self) -> list[str]:
        return [p.app for p in self._peers()]

    def is_incoming(self, contact: str) -> bool:
        peer = self._named(contact)
        return peer is not None and peer.incoming

    # -- contacts and settings -------------------------------------------------------------

    async def admit(self, peer: Peer) -> bool:
        """May this peer come in?  Programs of this machine always; others as permitted."""
        self._known[peer.name] = None
        permission = self.contact_permission(peer.contact)
        if peer.local or permission == ALLOW:
            return True
        self._log.warning(
            "%s (%s) refused: contacts of other machines need -networkPerm 1",
            peer.contact, peer.address,
        )  # fmt: skip
        return False

    def contacts(self) -> list[str]:
        return list(self._known)

    def contact_permission(self, contact: str) -> int:
        return self._permissions.get(contact, self._permission)

    def set_contact_permission(self, contact: str, permission: int) -> None:
        self._permissions[contact] = permission

    def default_permission(self) -> int:
        return self._permission

    def set_default_permission(self, permission: int) -> None:
        self._permission = permission

    def local_contact(self) -> str:
        return self._name

    def set_local_contact(self, name: str) -> None:
        self._name = name

    def port(self) -> int:
        return self.server.port if self.server is not None else self._port

    # -- sending ---------------------------------------------------------------------------

    def _each(self, recipients: Sequence[str] | None, send: Callable[[Peer], None]) -> None:
        for peer in self._peers():
            if recipients is None or peer.contact in recipients:
                try:
                    send(peer)
                except LinkError as error:
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
