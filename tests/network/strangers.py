"""Peers that are not local, on one machine: 127.0.0.2 is "elsewhere" for RV and the player."""

from __future__ import annotations

import socket

from rvshell import Client
from tests.waiting import DEADLINE

__all__ = ["stranger"]


def stranger(port: int, name: str = "bob", app: str = "rv", address: str = "127.0.0.2") -> Client:
    """A client whose connection comes from another address than RV counts as local."""
    sock = socket.create_connection(("127.0.0.1", port), DEADLINE, source_address=(address, 0))
    return Client(sock, name=name, app=app, timeout=DEADLINE)
