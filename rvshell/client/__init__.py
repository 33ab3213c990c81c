"""Clients of RV and the player: `Client` (blocking), `AsyncClient` (asyncio), discovery.

Each is imported on first use: looking for players loads no client, and the blocking skin loads
neither asyncio nor numpy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rvshell.client.aio import AsyncClient
    from rvshell.client.blocking import Client
    from rvshell.client.core import Pending
    from rvshell.client.discovery import PlayerInfo, find_players

__all__ = ["AsyncClient", "Client", "Pending", "PlayerInfo", "find_players"]

_HOMES = {
    "AsyncClient": "aio",
    "Client": "blocking",
    "Pending": "core",
    "PlayerInfo": "discovery",
    "find_players": "discovery",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"rvshell.client.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'rvshell.client' has no attribute {name!r}")
