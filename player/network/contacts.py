"""Who a peer is: contact names, and which addresses count as this machine.

RV names a contact `<greeting name>@<host>`, the host by reverse lookup, and refuses a
second one of the same name.  Real clients share names all the time (every rvpush is
`rvpush-1`), so here the second is let in as `name@host#2`: behind the host, because Mu
code of clients searches `remoteConnections()` for `<name>@`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Collection
from typing import Final

__all__ = ["clean_name", "host_name", "is_local", "is_loopback", "unique_contact"]

LOOKUP_TIMEOUT: Final = 2.0
"""Seconds for a reverse lookup: without an answer the address itself is the host's name."""

MAX_NAME: Final = 256
"""Characters of a name that are kept; a greeting may carry 64 KiB."""


def is_local(address: str) -> bool:
    """True for 127.0.0.1, ::ffff:127.0.0.1 and ::1: what RV accepts without asking.

    Other loopback addresses and this machine's own do not count, in RV either.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped or parsed) in ("127.0.0.1", "::1")


def is_loopback(host: str) -> bool:
    """Whether what listens on `host` can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def clean_name(name: str) -> str:
    """A peer's own name made safe for logs, lists and files: no control characters."""
    text = "".join(c if c.isprintable() else "?" for c in name[:MAX_NAME])
    return text or "unknown"


def unique_contact(name: str, host: str, taken: Collection[str]) -> str:
    """`name@host`, or `name@host#2`, `#3` … when that is taken."""
    contact = f"{name}@{host}"
    if contact not in taken:
        return contact
    number = 2
    while f"{contact}#{number}" in taken:
        number += 1
    return f"{contact}#{number}"


async def host_name(address: str) -> str:
    """The name of the machine at `address`, or the address itself when it has none."""
    if is_local(address):
        return "localhost"
    if not address:
        return "unknown.host"
    loop = asyncio.get_running_loop()
    try:
        name, _ = await asyncio.wait_for(
            loop.getnameinfo((address, 0), socket.NI_NUMERICSERV), LOOKUP_TIMEOUT
        )
    except (OSError, TimeoutError):
        return address
    return clean_name(name)
