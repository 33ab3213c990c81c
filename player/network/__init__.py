"""RV's network, from the player's side: listener, peers, contacts, permissions, sync.

Theory of operation
-------------------
    socket -> server -> link -> (protection: TLS, token) -> greeting -> doorman -> handler

`Server` listens and dials; the program behind it implements `Handler`.  Every connection is
decided about by the `Doorman` once its greeting is read, from the `ContactBook` (a journal
that is written at once) or by asking the user; what it may do afterwards are its *scopes*
(`scopes`), which the daemon enforces before anything of it is run.  `kernel` tells whose
program a local connection is: those of the player's own user are never asked about and may
do everything, as in RV.  `NetworkControl` is what scripts see: RV's `remote*` commands.
`Admin` is the door for the player's own questions (rvshell network, contacts, sync...), for
programs of the same user only.  `Settings` are the user's file, environment and flags.
`recorder` keeps what is said; `announce` tells the local network, if asked; `sync` is RV's
sync mode.

What RV does otherwise on purpose is in network.md's list of mistakes: a denial here blocks
nothing, a stored "deny" counts, names may hold `@`, a second contact of the same name is let
in as `name@host#2`, and DISCONNECT is one `remote-connection-stop`, not two.  (RV sends that
event when the socket closes and, after a DISCONNECT, once more for a contact that it has
already forgotten; every other way of leaving is one event there, too, so no script can count
on two, and one that counts departures is right with one.)
"""

from __future__ import annotations

from player.network.book import ContactBook
from player.network.control import NetworkControl
from player.network.doorman import Doorman, Pending
from player.network.handler import Departure, Handler, PutMany, TileSink
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
    "PutMany",
    "Server",
    "Settings",
    "TileSink",
    "config_directory",
]
