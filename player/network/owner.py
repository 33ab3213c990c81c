"""What a link needs of its server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from player.network.handler import Handler
from player.network.peer import Peer
from player.network.recorder import Recorder
from rvshell.protocol import Timing
from rvshell.protocol.auth import AuthServer

__all__ = ["Owner"]

Link = TypeVar("Link", contravariant=True)


class Owner(Protocol[Link]):
    """The server, as its links see it; `clock` gives seconds."""

    handler: Handler
    clock: Callable[[], float]
    timing: Timing
    name: str
    app: str

    def contact_for(self, name: str, host: str) -> str:
        """A contact name that no other peer has."""

    def gate(self, peer: Peer) -> AuthServer | None:
        """How an identity is proved on this connection before the greeting, if at all."""

    def recorder(self, peer: Peer) -> Recorder | None:
        """Who keeps what is said on this connection, if anybody."""

    def opened(self, link: Link) -> None:
        """The socket is there."""

    def closed(self, link: Link) -> None:
        """The socket is gone."""
