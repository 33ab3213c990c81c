"""Finding a port, as RV does: probe each candidate by connecting, bind the first that is
silent.

Source: TwkQtChat/Server.cpp and Client.cpp.  Differences: loopback only unless told
otherwise (RV listens on every interface), and when another program takes the port
between probe and bind the search goes on.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Mapping
from enum import Enum
from typing import Final

from rvshell.errors import ConnectionFailed

__all__ = ["find_sockets", "port_fallback"]

PROBE_TIMEOUT: Final = 0.3
"""Seconds that a probe waits, as RV's."""

BACKLOG: Final = 128


def port_fallback(default: int, environ: Mapping[str, str]) -> int:
    """How many ports are tried after the first: TWK_SERVER_PORT_FALLBACK_COUNT or
    `default`."""
    try:
        return max(0, int(environ["TWK_SERVER_PORT_FALLBACK_COUNT"]))
    except (KeyError, ValueError):
        return default


async def find_sockets(host: str, port: int, fallback: int) -> list[socket.socket]:
    """Listening, non-blocking sockets on one port, the main address first.

    Raises ConnectionFailed with RV's error text (without `ERROR: `).
    """
    if port == 0:
        return await _bind(host, 0, configured=0)
    last = min(65535, port + port_fallback(fallback, os.environ))
    for candidate in range(port, last + 1):
        if await asyncio.to_thread(_probe, candidate) is _Probe.ANSWERS:
            continue
        try:
            return await _bind(host, candidate, configured=port)
        except _TakenMeanwhile:
            continue
    raise ConnectionFailed(
        f"RvNetwork: cannot find a free network port, tried {port}-{last}",
        hint="another port can be given with -networkPort",
        host=host,
        port=port,
    )


class _TakenMeanwhile(Exception):
    """Somebody began to listen between the probe and the bind."""


class _Probe(Enum):
    ANSWERS = "somebody listens"
    SILENT = "nobody says anything"  # a listener whose queue is full, perhaps
    REFUSED = "nobody listens"


def _probe(port: int) -> _Probe:
    """In a thread, by the kernel's word alone: however busy this process is, a listener that
    takes the connection is never mistaken for one that does not."""
    try:
        socket.create_connection(("127.0.0.1", port), PROBE_TIMEOUT).close()
    except TimeoutError:
        return _Probe.SILENT
    except OSError:
        return _Probe.REFUSED
    return _Probe.ANSWERS


async def _addresses(host: str) -> list[tuple[socket.AddressFamily, str]]:
    if host in ("127.0.0.1", "localhost"):
        return [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
    if host in ("", "*", "0.0.0.0", "any"):
        return [(socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, 0, type=socket.SOCK_STREAM)
    except OSError:
        raise ConnectionFailed.unresolvable(host) from None
    return [(family, str(address[0])) for family, _, _, _, address in found[:1]]


async def _bind(host: str, port: int, *, configured: int) -> list[socket.socket]:
    """Sockets on all of the host's addresses; the first must succeed, others may not
    exist (a machine without IPv6)."""
    sockets: list[socket.socket] = []
    for family, address in await _addresses(host):
        try:
            sock = _listen(family, address, port)
        except OSError as error:
            if sockets:
                continue
            if (
                error.errno == errno.EADDRINUSE
                and await asyncio.to_thread(_probe, port) is not _Probe.REFUSED
            ):
                raise _TakenMeanwhile from None
            raise ConnectionFailed(
                "RvNetwork could not listen to the network port "
                f"{configured} - {error.strerror or error}",
                host=host,
                port=configured,
            ) from None
        port = sock.getsockname()[1]
        sockets.append(sock)
    return sockets


def _listen(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, port))
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock
