"""TLS and tokens of the listening side, from the settings' files.

With a certificate the one port serves both: a connection that begins with TLS's first byte is
encrypted, any other is plain RV.  Tokens are in a file of lines `NAME SECRET`, or of one
secret alone for any name; the file must not be readable by others.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import socket
import ssl
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from rvshell.client.secure import fingerprint
from rvshell.errors import UsageError

__all__ = ["Protection", "begins_tls", "load_protection"]

_HANDSHAKE: Final = 0x16  # the first byte of a TLS connection
_MAX_TOKENS: Final = 1 << 20  # bytes of the file
_MIN_SECRET: Final = 16  # characters: what an eavesdropper cannot guess


@dataclass(frozen=True, slots=True)
class Protection:
    """`binding` is the SHA-256 of the certificate, which proofs under TLS include."""

    context: ssl.SSLContext | None = None
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)
    binding: bytes = b""


def load_protection(cert: str, key: str, ca: str, token_file: str) -> Protection:
    """From the files that are given ("" for none).

    Raises UsageError, which never holds a secret, for files that cannot be used.
    """
    tokens = _tokens(token_file) if token_file else {}
    if not cert:
        if key or ca:
            raise UsageError("--tls-key and --tls-ca need --tls-cert")
        return Protection(None, tokens)
    for path in filter(None, (cert, key, ca)):
        if not os.path.exists(path):
            raise UsageError(f"{path}: no such file")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        _load(context, cert, key)
        with open(cert, encoding="ascii") as file:
            text = file.read()
        begin = text.index("-----BEGIN CERTIFICATE-----")
        der = ssl.PEM_cert_to_DER_cert(text[begin : text.index("-----END", begin) + 25])
        if ca:
            context.load_verify_locations(ca)
            context.verify_mode = ssl.CERT_OPTIONAL
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
        raise UsageError(
            f"TLS files cannot be used: {reason}", hint=f"{cert} {key}".strip()
        ) from None
    logging.getLogger("player.network").info("TLS with certificate %s", fingerprint(der))
    return Protection(context, tokens, hashlib.sha256(der).digest())


def _load(context: ssl.SSLContext, cert: str, key: str) -> None:
    """The certificate and its key, which may be in one file.  Raises UsageError, OSError."""
    try:
        context.load_cert_chain(cert, key or None)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise UsageError(f"{key or cert}: is not the private key of {cert}") from None
        with open(key or cert, encoding="ascii", errors="replace") as file:
            if "PRIVATE KEY-----" in file.read():
                raise
        raise UsageError(
            f"{key or cert}: holds no private key (PEM)", hint="--tls-key FILE names it"
        ) from None


def _tokens(path: str) -> dict[str, str]:
    try:
        with open(path, encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(_MAX_TOKENS)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path} cannot be read: {reason}") from None
    if stat.S_ISREG(mode) and mode & 0o077:
        raise UsageError(f"{path} can be read by others", hint=f"chmod 600 {path}")
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        name, secret = ("*", words[0]) if len(words) == 1 else (words[0], words[1])
        if len(words) > 2 or len(secret) < _MIN_SECRET:
            raise UsageError(
                f"{path}:{number}: not a NAME and a SECRET of at least {_MIN_SECRET} characters"
            )
        found[name] = secret
    return found


async def begins_tls(sock: socket.socket, timeout: float) -> bool:
    """Whether the first byte of a fresh connection is TLS's; it stays unread.

    Raises TimeoutError when nothing comes, OSError when the connection ends.
    """
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[None] = loop.create_future()

    def ready() -> None:
        if not readable.done():
            readable.set_result(None)

    loop.add_reader(sock.fileno(), ready)
    try:
        await asyncio.wait_for(readable, timeout)
        first = sock.recv(1, socket.MSG_PEEK)
    finally:
        loop.remove_reader(sock.fileno())
    return first[:1] == bytes([_HANDSHAKE])
