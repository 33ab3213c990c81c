"""RV's network, from the player's side: listener, peers, heartbeat, port file.

`Server` listens and dials; the program behind it implements `Handler`.  `NetworkControl` is
what scripts see of it: RV's `remote*` commands.  `Doorman` decides who comes in, by the
`ContactBook` and by asking; `scopes` says what a contact may do; `Settings` are the user's.
"""

from __future__ import annotations

from player.network.book import ContactBook
from player.network.control import NetworkControl
from player.network.doorman import Doorman, Pending
from player.network.handler import Departure, Handler, TileSink
from player.network.peer import Peer
from player.network.server import Server
from player.network.settings import Settings, config_directory

__all__ = [
    "ContactBook",
    "Departure",
    "Doorman",
    "Handler",
    "NetworkControl",
    "Peer",
    "Pending",
    "Server",
    "Settings",
    "TileSink",
    "config_directory",
]
