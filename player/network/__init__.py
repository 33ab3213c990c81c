"""RV's network, from the player's side: listener, peers, heartbeat, port file.

`Server` listens and dials; the program behind it implements `Handler`.  `NetworkControl` is
what scripts see of it: RV's `remote*` commands.
"""

from __future__ import annotations

from player.network.control import NetworkControl
from player.network.handler import Departure, Handler, TileSink
from player.network.peer import Peer
from player.network.server import Server

__all__ = ["Departure", "Handler", "NetworkControl", "Peer", "Server", "TileSink"]
