"""TLS and tokens for clients: certificates that are checked or remembered, proofs, files.

A certificate is trusted when it was pinned for that host and port before (`known_hosts`, as
ssh does it), when the given or the system's authorities signed it, or when the user accepts
its fingerprint now, which pins it.  A pinned certificate that has changed is refused.

Tokens are read from a file or the environment, never from the command line, which every user
of a machine can read: `tokens` holds a line `HOST[:PORT] NAME SECRET` each.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rvshell.client.stream import dial
from rvshell.errors import ConnectionFailed, ConnectionLost, DeadlineExceeded, Refused
from rvshell.protocol.auth import AuthClient

__all__ = [
    "Pins",
    "Security",
    "Token",
    "client_context",
    "config_directory",
    "dial_tls",
    "find_token",
    "fingerprint",
    "prove",
    "shown_fingerprint",
]


def config_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """Where `known_hosts` and `tokens` are: $RVSHELL_CONFIG_DIR, else the user's `rvshell`."""
    given = environ.get("RVSHELL_CONFIG_DIR")
    if given:
        return Path(given)
    base = environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "rvshell"


def fingerprint(certificate: bytes) -> str:
    """`sha256:` and the digest of a DER certificate, in hexadecimal."""
    return f"sha256:{hashlib.sha256(certificate).hexdigest()}"


class Pins:
    """Fingerprints by host and port, a line `HOST:PORT FINGERPRINT` each."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, host: str, port: int) -> str | None:
        """The pinned fingerprint, None when there is none."""
        try:
            lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return None
        for line in reversed(lines):
            name, _, pinned = line.strip().partition(" ")
            if name == f"{host}:{port}":
                return pinned.strip()
        return None

    def add(self, host: str, port: int, pinned: str) -> None:
        """Remember a fingerprint; a file that cannot be written is no reason to stop."""
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with open(handle, "w", encoding="utf-8") as file:
                file.write(f"{host}:{port} {pinned}\n")


@dataclass(frozen=True, slots=True)
class Token:
    """A name and the secret that proves it; its text shows no secret."""

    name: str
    secret: str = field(repr=False)


def find_token(
    host: str, port: int, directory: Path, environ: Mapping[str, str] = os.environ
) -> Token | None:
    """The token for a host: $RVSHELL_TOKEN (`NAME SECRET`), $RVSHELL_TOKEN_FILE (the same in
    a file), else the line of `tokens` for `HOST:PORT` or `HOST`."""
    text = environ.get("RVSHELL_TOKEN", "")
    if not text and (path := environ.get("RVSHELL_TOKEN_FILE")):
        with contextlib.suppress(OSError):
            text = Path(path).read_text(encoding="utf-8", errors="replace")
    words = text.split()
    if len(words) >= 2:
        return Token(words[0], words[1])
    with contextlib.suppress(OSError):
        for line in (directory / "tokens").read_text(encoding="utf-8").splitlines():
            words = line.split()
            if len(words) == 3 and words[0] in (f"{host}:{port}", host):
                return Token(words[1], words[2])
    return None


@dataclass(frozen=True, slots=True)
class Security:
    """How a connection is protected.  `accept(host, port, fingerprint)` is asked about a
    certificate that nobody vouches for; `ca`, `cert`, `key` are PEM files."""

    pins: Pins
    accept: Callable[[str, int, str], bool] = lambda host, port, pinned: False
    ca: str = ""
    cert: str = ""
    key: str = ""


def client_context(security: Security, *, verify: bool) -> ssl.SSLContext:
    """A context for dialling.  Raises ConnectionFailed for files that cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if verify:
            context.load_verify_locations(security.ca or None) if security.ca else (
                context.load_default_certs()
            )
        else:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if security.cert:
            context.load_cert_chain(security.cert, security.key or None)
    except (OSError, ssl.SSLError) as error:
        raise ConnectionFailed(f"TLS files cannot be used: {error}") from None
    return context


def dial_tls(host: str, port: int, timeout: float, security: Security) -> ssl.SSLSocket:
    """A TLS connection to a trusted certificate.

    Raises ConnectionFailed (no connection, no TLS there), Refused (not trusted).
    """
    pinned = security.pins.get(host, port)
    if pinned is None:
        try:
            return _handshake(host, port, timeout, client_context(security, verify=True))
        except ssl.SSLCertVerificationError:
            pass
    sock = _handshake(host, port, timeout, client_context(security, verify=False))
    shown = fingerprint(sock.getpeercert(binary_form=True) or b"")
    if pinned is not None and pinned != shown:
        sock.close()
        raise Refused(
            f"the certificate of {host}:{port} has changed: it was {pinned}, now {shown}",
            hint="if that is right, and it is the one that the player names when it starts: "
            f"rvshell trust tls://{host}:{port} {shown}",
        )
    if pinned is None:
        if not security.accept(host, port, shown):
            sock.close()
            raise Refused(
                f"nobody vouches for the certificate of {host}:{port}: {shown}",
                hint="if it is the one that the player names when it starts: "
                f"rvshell trust tls://{host}:{port} {shown}",
            )
        security.pins.add(host, port, shown)
    return sock


def shown_fingerprint(host: str, port: int, timeout: float, security: Security) -> str:
    """The fingerprint of the certificate that is shown there, trusted or not.  Raises
    ConnectionFailed."""
    with _handshake(host, port, timeout, client_context(security, verify=False)) as sock:
        return fingerprint(sock.getpeercert(binary_form=True) or b"")


def _handshake(host: str, port: int, timeout: float, context: ssl.SSLContext) -> ssl.SSLSocket:
    sock = dial(host, port, timeout)
    try:
        return context.wrap_socket(sock, server_hostname=host)
    except ssl.SSLCertVerificationError:
        sock.close()
        raise
    except (OSError, ssl.SSLError) as error:
        sock.close()
        reason = getattr(error, "reason", None) or error
        raise ConnectionFailed(
            f"no TLS with {host}:{port}: {reason}",
            hint="does that player have --tls-cert?",
            host=host,
            port=port,
        ) from None


def prove(sock: socket.socket, token: Token, timeout: float) -> None:
    """Prove an identity on a fresh, blocking connection.

    Raises Refused, RemoteProtocolError, ConnectionLost, DeadlineExceeded.
    """
    binding = b""
    if isinstance(sock, ssl.SSLSocket):
        binding = hashlib.sha256(sock.getpeercert(binary_form=True) or b"").digest()
    auth = AuthClient(token.name, token.secret, binding)
    until = time.monotonic() + timeout
    try:
        sock.sendall(auth.start())
        while not auth.done:
            sock.settimeout(max(0.001, until - time.monotonic()))
            data = sock.recv(4096)
            if not data:
                raise ConnectionLost(
                    "the far end closed the connection instead of proving its identity",
                    hint="it is no player, or it has no tokens",
                )
            out = auth.feed(data)
            if out:
                sock.sendall(out)
    except TimeoutError:
        raise DeadlineExceeded(
            f"no proof of identity within {timeout:g} s",
            hint="it is no player, or it has no tokens",
            seconds=timeout,
        ) from None
    except OSError as error:
        if isinstance(error, ConnectionLost):
            raise
        raise ConnectionLost(f"connection lost: {error.strerror or error}") from None
