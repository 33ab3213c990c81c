"""The listener: RV's port search, the peers, the clocks, and an orderly end.

Theory of operation
-------------------
`start()` finds a port as RV does (probe by connecting, then bind), listens on the
loopback addresses unless told otherwise, and writes the port file.  Sockets are accepted
here rather than by asyncio's server, because each link reads its own socket (link.py).
One task looks at all clocks once a second; tests pass a clock of their own and call
`tick()`.  `close()` says DISCONNECT to everybody and waits for it to be written.

Sources: RvNetworkDialog.cpp (start and stop), TwkQtChat/Server.cpp (port search).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import sys
import time
from collections.abc import Callable
from typing import Final

from player.network.contacts import unique_contact
from player.network.handler import Departure, Handler
from player.network.link import Link
from player.network.listening import find_sockets
from player.network.peer import Peer
from player.network.portfile import PortFile
from player.network.protection import Protection, begins_tls
from player.network.recorder import Recorder, make_recorder
from rvshell.client.dialing import open_connection
from rvshell.client.stream import needs_more
from rvshell.errors import ConnectionFailed, DeadlineExceeded
from rvshell.protocol import APP_RV, DEFAULT_PORT, Role, Timing
from rvshell.protocol.auth import AuthServer
from rvshell.protocol.limits import CONNECT_PORT_FALLBACK

__all__ = ["Server"]

TICK: Final = 1.0
"""Seconds between two looks at the clocks; they are all 15 s and more."""

MAX_PEERS: Final = 512
"""Connections at a time, with or without a greeting; more are closed at once."""


class Server:
    """Listens for peers and hands their records to `handler`.

    `name` is what this player calls itself in its greeting; `greeting_app` "rv" (RV's
    own form of greeting) is what every client expects.  `host` is an address or name;
    "127.0.0.1" and "localhost" also listen on ::1, "" and "0.0.0.0" everywhere.  `port` 0
    lets the system choose.  `fallback` is the number of ports tried after `port`
    (TWK_SERVER_PORT_FALLBACK_COUNT in the environment replaces it).  `tag` names the
    port file.  `clock` gives seconds, of any epoch.  `protection` brings TLS and tokens.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        name: str,
        host: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
        fallback: int = CONNECT_PORT_FALLBACK,
        tag: str = "",
        greeting_app: str = APP_RV,
        clock: Callable[[], float] = time.monotonic,
        timing: Timing | None = None,
        write_port_file: bool = True,
        protection: Protection | None = None,
    ) -> None:
        self.handler = handler
        self.name = name
        self.app = greeting_app
        self.clock = clock
        self.timing = timing or Timing.from_environment(os.environ)
        self.host = host
        self.port = port  # the actual one once started
        self.record_dir = ""  # connections that begin are recorded there
        self._fallback = fallback
        self._protection = protection or Protection()
        self._log = logging.getLogger("player.network")
        self._links: set[Link] = set()
        self._sockets: list[socket.socket] = []
        self._ticker: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[object]] = set()
        self._port_file = PortFile(tag) if write_port_file else None
        self._idle = asyncio.Event()
        self._idle.set()

    # -- life ------------------------------------------------------------------------

    async def start(self) -> int:
        """Listen; the actual port.  Raises ConnectionFailed after printing RV's error
        text on stderr; RV then goes on without a network, and so may the caller."""
        try:
            self._sockets = await find_sockets(self.host, self.port, self._fallback)
        except ConnectionFailed as error:
            print(f"ERROR: {error}", file=sys.stderr, flush=True)
            raise
        self.port = self._sockets[0].getsockname()[1]
        loop = asyncio.get_running_loop()
        for sock in self._sockets:
            loop.add_reader(sock.fileno(), self._accept, sock)
        if self._port_file is not None:
            self._port_file.write(self.port)
        # last: whoever waits for this line may look for the file
        print(f"INFO: listening on port {self.port}", file=sys.stderr, flush=True)
        self._ticker = loop.create_task(self._tick_for_ever())
        return self.port

    @property
    def listening(self) -> bool:
        """True between start() and close()."""
        return bool(self._sockets)

    async def close(self, deadline: float = 2.0) -> None:
        """Stop listening, say DISCONNECT to all, wait at most `deadline` seconds until
        that is written, then cut off whoever is left.  May be called twice."""
        loop = asyncio.get_running_loop()
        for sock in self._sockets:
            loop.remove_reader(sock.fileno())
            sock.close()
        self._sockets = []
        if self._port_file is not None:
            self._port_file.remove()
        if self._ticker is not None:
            self._ticker.cancel()
            self._ticker = None
        for link in list(self._links):
            link.leave(Departure.SHUTDOWN)
        for wait in (deadline, 0.5):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), wait)
            for link in list(self._links):
                link.abort()
        for task in list(self._tasks):
            task.cancel()

    def tick(self) -> None:
        """Look at the clocks: send PING where it is due, drop who is silent too long."""
        now = self.clock()
        for link in list(self._links):
            link.tick(now)

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self.tick()

    # -- peers -----------------------------------------------------------------------

    @property
    def peers(self) -> tuple[Peer, ...]:
        """Everybody who is connected, in the order of their arrival."""
        connected = [link.peer for link in self._links if link.connected]
        return tuple(sorted(connected, key=lambda peer: (peer.since, peer.contact)))

    def find(self, contact: str) -> Peer | None:
        """The connected peer of that contact name, None when there is none."""
        links = (link for link in self._links if link.connected)
        return next((link.peer for link in links if link.peer.contact == contact), None)

    def broadcast(self, name: str, target: str, contents: str) -> None:
        """Send an event to every peer.  Raises LocalProtocolError when it cannot be
        carried."""
        for peer in self.peers:
            peer.send_event(name, target, contents)

    async def dial(
        self,
        host: str,
        port: int = DEFAULT_PORT,
        name: str = "",
        *,
        timeout: float = 30.0,
        scheme: str = "",
    ) -> Peer:
        """Connect to another RV or player: greet first, and wait for its greeting.

        `name` is only a label for the log, as in RV's remoteConnect.  Port 0 means 45124.
        `scheme` and tokens as for rvshell's clients (client.dialing).

        Raises ConnectionFailed, ConnectionLost, Refused, DeadlineExceeded (no greeting: the
        far end may be asking its user).
        """
        port = port or DEFAULT_PORT
        loop = asyncio.get_running_loop()
        label = f"{name} at {host}:{port}" if name else f"{host}:{port}"
        deadline = loop.time() + timeout
        link = await self._dial_socket(host, port, label, timeout, scheme)
        try:
            return await asyncio.wait_for(
                asyncio.shield(link.ready), max(0.0, deadline - loop.time())
            )
        except TimeoutError:
            link.abort()
            raise DeadlineExceeded(
                f"{label} did not greet within {timeout:g} s",
                hint="its user may be being asked",
                seconds=timeout,
            ) from None

    async def _dial_socket(
        self, host: str, port: int, label: str, timeout: float, scheme: str
    ) -> Link:
        loop = asyncio.get_running_loop()
        if needs_more(scheme, host):
            opened = await asyncio.to_thread(open_connection, scheme, host, port, timeout=timeout)
            opened.sock.setblocking(False)
            _, link = await loop.create_connection(
                lambda: Link(self, self._log, Role.CLIENT, opened.sock, (host, port)),
                sock=opened.sock,
            )
            link.ends_with(opened.close)
            return link
        try:
            _, link = await asyncio.wait_for(
                loop.create_connection(lambda: Link(self, self._log, Role.CLIENT), host, port),
                timeout,
            )
        except TimeoutError:
            raise ConnectionFailed.timed_out(host, port, timeout) from None
        except ConnectionRefusedError:
            raise ConnectionFailed.refused(host, port) from None
        except socket.gaierror:
            raise ConnectionFailed.unresolvable(host, port) from None
        except OSError as error:
            raise ConnectionFailed(
                f"no connection to {label}: {error.strerror}", host=host, port=port
            ) from None
        return link

    # -- for the links ---------------------------------------------------------------

    def contact_for(self, name: str, host: str) -> str:
        """A contact name that no other peer has."""
        return unique_contact(name, host, {link.peer.contact for link in self._links})

    def gate(self, peer: Peer) -> AuthServer | None:
        """See link.Owner: a peer may prove a name when there are tokens."""
        protection = self._protection
        if not protection.tokens:
            return None
        return AuthServer(protection.tokens, protection.binding if peer.secure else b"")

    def recorder(self, peer: Peer) -> Recorder | None:
        """See link.Owner."""
        return make_recorder(peer, self.record_dir)

    def opened(self, link: Link) -> None:
        """See link.Owner."""
        self._links.add(link)
        self._idle.clear()

    def closed(self, link: Link) -> None:
        """See link.Owner."""
        self._links.discard(link)
        if not self._links:
            self._idle.set()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:  # out of descriptors: the next tick may have some
                self._log.error("cannot accept a connection: %s", error)
                return
            if len(self._links) >= MAX_PEERS:
                self._log.warning("more than %d connections: one refused", MAX_PEERS)
                sock.close()
                continue
            sock.setblocking(False)
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            task = asyncio.get_running_loop().create_task(self._attach(sock))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _attach(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        context = self._protection.context
        try:
            if context is not None and await begins_tls(sock, self.timing.greeting):
                await loop.connect_accepted_socket(
                    lambda: Link(self, self._log, Role.PLAYER, None), sock,
                    ssl=context, ssl_handshake_timeout=self.timing.greeting,
                )  # fmt: skip
                return
            await loop.connect_accepted_socket(
                lambda: Link(self, self._log, Role.PLAYER, sock), sock
            )
        except TimeoutError:
            self._log.debug("a connection said nothing")
            sock.close()
        except OSError as error:
            self._log.debug("a connection went away at once: %s", error)
            sock.close()
