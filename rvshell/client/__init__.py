"""Clients of RV and the player: `Client` (blocking), `AsyncClient` (asyncio), discovery.

The blocking skin loads neither asyncio nor numpy; the asyncio skin is imported on first
use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvshell.client.blocking import Client
from rvshell.client.core import Pending

if TYPE_CHECKING:
    from rvshell.client.aio import AsyncClient
    from rvshell.client.discovery import PlayerInfo, find_players

__all__ = ["AsyncClient", "Client", "Pending", "PlayerInfo", "find_players"]


def __getattr__(name: str) -> Any:
    if name == "AsyncClient":
        from rvshell.client.aio import AsyncClient

        return AsyncClient
    if name in ("PlayerInfo", "find_players"):
        from rvshell.client import discovery

        return getattr(discovery, name)
    raise AttributeError(f"module 'rvshell.client' has no attribute {name!r}")
