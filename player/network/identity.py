"""What the machine and TLS tell of a peer, before it says anything itself."""

from __future__ import annotations

import asyncio

from player.network.contacts import clean_name
from player.network.kernel import socket_owner
from player.network.peer import Peer

__all__ = ["by_tls", "find_owner"]


def by_tls(transport: asyncio.Transport) -> tuple[str, str]:
    """The version of TLS, and who a verified certificate is for; both "" without."""
    secure = transport.get_extra_info("ssl_object")
    if secure is None:
        return "", ""
    subject = dict(pair[0] for pair in (secure.getpeercert() or {}).get("subject", ()))
    proof = ""
    if subject:  # it was verified
        proof = f"certificate:{clean_name(str(subject.get('commonName', 'unknown')))}"
    return secure.version() or "TLS", proof


def find_owner(peer: Peer, transport: asyncio.Transport | None) -> None:
    """Whose program a local peer is.  Early, since one that sends and closes at once has no
    owner any more; and again at its greeting, since one that we dialled may not have accepted
    yet."""
    ours = transport.get_extra_info("sockname") if transport is not None else None
    if peer.local and peer.owner is None and ours:
        peer.owner = socket_owner((peer.address, peer.port), ours[:2])
