"""Announcing a player on the local network by zeroconf; only when the user asked for it.

The service `_rvplayer._tcp` tells the contact name, the port and whether TLS is spoken; it is
found by `rvshell players --network`.  Needs the package `zeroconf` (the extra `discovery`).
"""

from __future__ import annotations

import logging
import re
import socket
from typing import Any

from rvshell.client.neighbours import SERVICE, addresses_to_tell
from rvshell.errors import MissingExtra

__all__ = ["Announcer"]


class Announcer:
    """One announcement.  `interfaces` None means every one of the machine."""

    def __init__(self, interfaces: list[str] | None = None) -> None:
        self._interfaces = interfaces
        self._zeroconf: Any = None
        self._log = logging.getLogger("player.network")

    async def start(self, name: str, port: int, *, tls: bool) -> None:
        """Announce.  A network that cannot be used is told in the log, no more.

        Raises MissingExtra.
        """
        try:
            from zeroconf import InterfaceChoice, ServiceInfo
            from zeroconf.asyncio import AsyncZeroconf
        except ImportError:
            raise MissingExtra("zeroconf", "discovery", purpose="announcing a player") from None
        host = socket.gethostname().partition(".")[0]
        label = re.sub(r"[^A-Za-z0-9 _-]", "_", f"{name} on {host} {port}")[:60]
        addresses = self._interfaces or addresses_to_tell()
        info = ServiceInfo(
            SERVICE, f"{label}.{SERVICE}", port=port,
            parsed_addresses=addresses, server=f"{host}-{port}.local.",
            properties={"name": name, "tls": "1" if tls else "0"},
        )  # fmt: skip
        try:
            chosen: Any = self._interfaces or InterfaceChoice.All
            self._zeroconf = AsyncZeroconf(interfaces=chosen)
            await self._zeroconf.async_register_service(info)
        except (OSError, RuntimeError) as error:
            self._log.warning("this player cannot be announced: %s", error)
            await self.stop()

    async def stop(self) -> None:
        """Take it back."""
        zeroconf, self._zeroconf = self._zeroconf, None
        if zeroconf is not None:
            try:
                await zeroconf.async_unregister_all_services()
                await zeroconf.async_close()
            except (OSError, RuntimeError) as error:
                self._log.debug("zeroconf: %s", error)
