"""Opening a connection to any kind of address, as a plain connected socket.

    host:port           as RV's clients do it
    tls://host:port     TLS, see `secure`
    ssh://…             through an ssh process, see `tunnel`

A token that is known for the host is proved first.  TLS is carried by a thread between the
encrypted socket and one end of a socket pair, so that both skins of the client, and their
gathering writes, work on ordinary sockets.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Final

from rvshell.client.secure import Pins, Security, Token, config_directory, dial_tls, find_token
from rvshell.client.secure import prove as prove_identity
from rvshell.client.stream import dial
from rvshell.client.tunnel import Tunnel
from rvshell.errors import ConnectionFailed, LinkError, RvshellError

__all__ = ["Opened", "open_connection"]

_PIECE: Final = 256 * 1024


class Opened:
    """A connected socket and what has to be closed with it."""

    def __init__(self, sock: socket.socket, tunnel: Tunnel | None = None) -> None:
        self.sock = sock
        self._tunnel = tunnel

    def explain(self, error: RvshellError) -> RvshellError:
        """An error of the connection, with what ssh had to say about it."""
        if self._tunnel is None or not isinstance(error, LinkError):
            return error
        said = self._tunnel.trouble()
        if not said:
            return error
        return ConnectionFailed(f"ssh to {self._tunnel.destination}: {said}")

    def close(self) -> None:
        """Close everything."""
        with contextlib.suppress(OSError):
            self.sock.close()
        if self._tunnel is not None:
            self._tunnel.close()


def open_connection(
    scheme: str,
    host: str,
    port: int,
    *,
    timeout: float,
    user: str = "",
    ssh_port: int = 0,
    accept: Callable[[str, int, str], bool] | None = None,
    token: Token | None = None,
) -> Opened:
    """Connect by `scheme` ("", "tls" or "ssh") and prove an identity if a token is known.

    Raises ConnectionFailed, ConnectionLost, DeadlineExceeded, Refused, RemoteProtocolError.
    """
    directory = config_directory()
    if token is None:
        token = find_token(host, port, directory)
    tunnel: Tunnel | None = None
    sock: socket.socket
    if scheme == "ssh":
        tunnel = Tunnel(f"{user}@{host}" if user else host, port, ssh_port)
        sock = tunnel.sock
    elif scheme == "tls":
        pins = Pins(directory / "known_hosts")
        security = Security(pins) if accept is None else Security(pins, accept)
        sock = dial_tls(host, port, timeout, security)
    else:
        sock = dial(host, port, timeout)
    opened = Opened(sock, tunnel)
    try:
        if token is not None:
            prove_identity(sock, token, timeout)
        if isinstance(sock, ssl.SSLSocket):
            opened.sock = _carried(sock)
    except RvshellError as error:
        explained = opened.explain(error)
        opened.close()
        raise explained from None
    return opened


def _carried(secure: ssl.SSLSocket) -> socket.socket:
    """One end of a socket pair whose bytes a thread carries through TLS."""
    ours, theirs = socket.socketpair()
    threading.Thread(target=_carry, args=(secure, theirs), name="tls", daemon=True).start()
    return ours


def _carry(secure: ssl.SSLSocket, plain: socket.socket) -> None:
    """Until either side ends.  TLS sockets may not be used by two threads, so one does both
    directions: what waits to be written keeps its side from being read."""
    secure.setblocking(False)
    plain.setblocking(False)
    outward = inward = memoryview(b"")
    with secure, plain, contextlib.suppress(OSError):
        while True:
            if not outward:
                outward = _taken(plain, outward)
            if not inward:
                inward = _taken(secure, inward)
            if outward is _END or inward is _END:
                break
            outward = _given(secure, outward)
            inward = _given(plain, inward)
            readers = [s for s, full in ((plain, outward), (secure, inward)) if not full]
            writers = [s for s, full in ((secure, outward), (plain, inward)) if full]
            if not (secure.pending() and not inward):
                # a TLS socket may have to read in order to write
                select.select({*readers, secure} if not inward else readers, writers, [], 1.0)
        for sock, rest in ((secure, outward), (plain, inward)):
            if rest and rest is not _END:
                sock.setblocking(True)
                sock.sendall(rest)


_END = memoryview(b"\0")
_WANTS = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


def _taken(sock: socket.socket, nothing: memoryview) -> memoryview:
    try:
        data = sock.recv(_PIECE)
    except _WANTS:
        return nothing
    except OSError:
        return _END
    return memoryview(data) if data else _END


def _given(sock: socket.socket, data: memoryview) -> memoryview:
    while data:
        try:
            data = data[sock.send(data) :]
        except _WANTS:
            break
    return data
