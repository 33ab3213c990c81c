"""A connected socket for the blocking client: bytes out while reading what comes in.

Writing everything before reading anything deadlocks as soon as both directions are full,
so the socket is non-blocking, and whoever waits to write also reads.  Any socket object
will do: an accepted one, one end of an ssh tunnel, an SSLSocket whose handshake is done.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Protocol, TypeAlias

from rvshell.errors import ConnectionFailed, ConnectionLost, DeadlineExceeded

__all__ = ["UNSENT", "Buffer", "Gathered", "Stream", "dial", "is_loopback", "needs_more"]

UNSENT: Final = 1 << 20
"""Bytes that may wait in the kernel to be sent.  Linux would take four megabytes, which have left
the processor's cache when they are sent: frames go out 1.5 times as fast without."""

_GATHER = 512  # buffers in one sendmsg; Linux allows 1024
_WANT = (BlockingIOError, InterruptedError)


def connection_failed(error: Exception, host: str, port: int, timeout: float) -> ConnectionFailed:
    """Why there is no connection, of what connecting raised."""
    if isinstance(error, TimeoutError):
        return ConnectionFailed.timed_out(host, port, timeout)
    if isinstance(error, ConnectionRefusedError):
        return ConnectionFailed.refused(host, port)
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return ConnectionFailed.unresolvable(host, port)
    reason = getattr(error, "strerror", None) or error
    return ConnectionFailed(f"no connection to {host}:{port}: {reason}", host=host, port=port)


def dial(host: str, port: int, timeout: float) -> socket.socket:
    """A connected TCP socket.  Raises ConnectionFailed."""
    # text is put through the IDNA codec, whose tables are dear to load
    name: Any = host.encode("ascii") if host.isascii() else host
    try:
        sock = socket.create_connection((name, port), timeout)
    except (OSError, UnicodeError, OverflowError) as error:
        raise connection_failed(error, host, port, timeout) from None
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    _limit(sock, UNSENT)
    with contextlib.suppress(OSError, AttributeError):
        if is_loopback(sock.getpeername()[0]):
            # bbr, the default of some machines, paces loopback down by a third
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"cubic")
    return sock


def _limit(sock: Any, unsent: int) -> None:
    with contextlib.suppress(OSError, AttributeError):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, unsent)


def is_loopback(address: str) -> bool:
    """Is an IP address this machine's own loopback?"""
    return address == "::1" or address.startswith(("127.", "::ffff:127."))


def needs_more(scheme: str, host: str) -> bool:
    """Whether dialling takes more than a socket: TLS, ssh, or a token that may be known.
    Local players are found without looking at any file."""
    if scheme or "RVSHELL_TOKEN" in os.environ or "RVSHELL_TOKEN_FILE" in os.environ:
        return True
    return host not in ("127.0.0.1", "::1", "localhost")


class Gathered(Protocol):
    """A buffer in pieces that writes itself, for very many pieces."""

    nbytes: int

    def write(self, fd: int, start: int) -> int:
        """Write from byte *start* on what the file descriptor takes; how much.  Raises OSError."""

    def pieces(self) -> Iterator[memoryview]:
        """The same as buffers in order."""


Buffer: TypeAlias = bytes | memoryview | Gathered


class Stream:
    """`received` is called when the socket may have bytes; it reads by `recv_into`.

    `plain` is False for a TLS socket, which may hold bytes that `wait_readable` does not see.
    """

    def __init__(self, sock: socket.socket, received: Callable[[], object]) -> None:
        self.sock = sock
        self._received = received
        sock.setblocking(False)
        self._fd = sock.fileno()
        self._poll_in = select.poll()
        self._poll_in.register(self._fd, select.POLLIN)
        self._poll_both = select.poll()
        self._poll_both.register(self._fd, select.POLLIN | select.POLLOUT)
        # sendmsg gathers header and pixels without joining them; TLS sockets have none
        self.plain = type(sock) is socket.socket
        self._unsent = UNSENT
        self.moved = 0.0  # the monotonic time when the system had room again after it had none

    def limit(self, unsent: int) -> None:
        """Let so many bytes wait in the kernel to be sent, instead of UNSENT."""
        if unsent != self._unsent:
            self._unsent = unsent
            _limit(self.sock, unsent)

    def recv_into(self, memory: memoryview) -> int | None:
        """Bytes read, 0 at the end of the stream, None when there are none yet."""
        try:
            return self.sock.recv_into(memory)
        except _WANT:
            return None
        except OSError as error:
            if _tls_wants(error):
                return None
            raise ConnectionLost(f"connection lost: {error.strerror or error}") from None

    def wait_readable(self, until: float) -> bool:
        """Wait for bytes until the monotonic time `until`; False when it passed."""
        left = until - time.monotonic()
        return bool(self._poll_in.poll(max(0.0, left) * 1000))

    def send_one(self, data: bytes, until: float) -> None:
        """As `send`, for a record in one piece: the usual request."""
        sent = 0
        try:
            sent = self.sock.send(data)
        except OSError as error:
            self._blocked(error, until)
        if sent < len(data):
            self._send([memoryview(data)[sent:]], until)

    def send(self, buffers: Sequence[Buffer], until: float) -> None:
        """Write all of it, reading meanwhile.  Raises ConnectionLost, DeadlineExceeded."""
        simple: list[bytes | memoryview] = []
        for buffer in buffers:
            if isinstance(buffer, bytes | memoryview):
                simple.append(buffer)
            elif self.plain:
                self._send(simple, until)
                simple = []
                self._gather(buffer, until)
            else:
                simple += buffer.pieces()
        self._send(simple, until)

    def _gather(self, buffer: Gathered, until: float) -> None:
        at = 0
        while at < buffer.nbytes:
            try:
                at += buffer.write(self._fd, at)
            except _WANT:
                self._wait_writable(until)
            except OSError as error:
                raise ConnectionLost(f"connection lost: {error.strerror or error}") from None

    def _send(self, buffers: Sequence[bytes | memoryview], until: float) -> None:
        index, count = 0, len(buffers)
        rest: bytes | memoryview | None = None
        while index < count or rest is not None:
            try:
                if rest is not None:
                    sent = self.sock.send(rest)
                    rest = None if sent == len(rest) else memoryview(rest)[sent:]
                    continue
                if self.plain and count - index > 1:
                    group = buffers[index : index + _GATHER]
                    sent = self.sock.sendmsg(group)
                else:
                    group = buffers[index : index + 1]
                    sent = self.sock.send(group[0])
            except OSError as error:
                self._blocked(error, until)
                continue
            if sent == sum(map(len, group)):
                index += len(group)
                continue
            for buffer in group:
                index += 1
                if sent < len(buffer):
                    rest = memoryview(buffer)[sent:]
                    break
                sent -= len(buffer)

    def _blocked(self, error: OSError, until: float) -> None:
        """Writing did not work: wait until it may, or raise ConnectionLost."""
        if not isinstance(error, _WANT) and not _tls_wants(error):
            raise ConnectionLost(f"connection lost: {error.strerror or error}") from None
        self._wait_writable(until)

    def _wait_writable(self, until: float) -> None:
        left = until - time.monotonic()
        ready = self._poll_both.poll(max(0.0, left) * 1000)
        if not ready:
            raise DeadlineExceeded(
                "the far end does not take any more data", hint="is it busy or stopped?"
            )
        if ready[0][1] & select.POLLOUT:
            self.moved = time.monotonic()
        if ready[0][1] & ~select.POLLOUT:
            self._received()

    def abort(self) -> None:
        """End what another thread waits for: the connection is over."""
        with contextlib.suppress(OSError):
            # not that of a TLS socket, which belongs to the other thread
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the socket; may be called twice."""
        self.sock.close()


def _tls_wants(error: OSError) -> bool:
    """True for SSLWantReadError and SSLWantWriteError, without importing ssl."""
    return type(error).__name__ in ("SSLWantReadError", "SSLWantWriteError")
