"""Players of the local network that announce themselves by zeroconf.

Needs the package `zeroconf` (the extra `discovery`), which is loaded only when asked.
"""

from __future__ import annotations

import importlib
import socket
import time
from dataclasses import dataclass
from typing import Any, Final

from rvshell.errors import MissingExtra

__all__ = ["SERVICE", "Neighbour", "addresses_to_tell", "find_neighbours"]

SERVICE: Final = "_rvplayer._tcp.local."


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A player that announced itself."""

    name: str
    host: str
    port: int
    tls: bool


def addresses_to_tell() -> list[str]:
    """This machine's addresses, the one towards the network first; never none."""
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("192.0.2.1", 9))  # nothing is sent: only the route is looked up
            found.append(str(sock.getsockname()[0]))
        except OSError:
            found.append("127.0.0.1")
    return found


def find_neighbours(seconds: float = 1.5, interfaces: list[str] | None = None) -> list[Neighbour]:
    """Who answers within `seconds`, by name.  Raises MissingExtra."""
    try:
        library: Any = importlib.import_module("zeroconf")
    except ImportError:
        raise MissingExtra("zeroconf", "discovery", purpose="finding players") from None
    names: set[str] = set()

    class Listener(library.ServiceListener):  # type: ignore[misc]
        def add_service(self, zeroconf: Any, kind: str, name: str) -> None:
            names.add(name)

        def update_service(self, zeroconf: Any, kind: str, name: str) -> None:
            names.add(name)

        def remove_service(self, zeroconf: Any, kind: str, name: str) -> None:
            names.discard(name)

    try:
        zeroconf = library.Zeroconf(interfaces=interfaces or library.InterfaceChoice.All)
    except OSError:
        return []
    try:
        browser = library.ServiceBrowser(zeroconf, SERVICE, Listener())
        time.sleep(seconds)
        found = [_neighbour(zeroconf.get_service_info(SERVICE, n, 500)) for n in sorted(names)]
        browser.cancel()
    finally:
        zeroconf.close()
    return [n for n in found if n is not None]


def _neighbour(info: Any) -> Neighbour | None:
    addresses = info.parsed_addresses() if info is not None else []
    if not addresses:
        return None
    properties = {k: v for k, v in info.properties.items() if isinstance(k, bytes)}
    name = (properties.get(b"name") or b"").decode("utf-8", "replace")
    text = "".join(c if c.isprintable() else "?" for c in name[:100])
    return Neighbour(text, addresses[0], int(info.port), properties.get(b"tls") == b"1")
