"""What the network asks of the program behind it.

Everything is called on the event loop's thread, for each peer in the order its records
came, and never for a peer before it was admitted.  An exception out of a handler is
contained: it is logged, the request gets an empty reply, the tile is dropped, and the
connection stays.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol, TypeAlias

from rvshell.protocol import Pieces, PixelTile, PutRows

if TYPE_CHECKING:
    from player.network.peer import Peer

__all__ = ["Departure", "Handler", "PutMany", "Rows", "TileSink"]

PutMany: TypeAlias = Callable[[bytearray, int, int, int], None]
"""`put(data, start, first, count)`: payloads of `count` joined tiles, from the tile `first` on, are
in `data`, the first of them from `start` on, during the call."""


class Departure(enum.StrEnum):
    """Why a peer left; what `Handler.disconnected` gets as its reason.

    RV tells its scripts different things: an error event only for LOST, nothing for a
    session that was closed (network dialog, `contactError`).
    """

    DISCONNECT = "disconnect"  # it said DISCONNECT
    LOST = "lost"  # it closed without saying so, or the network failed
    DROPPED = "dropped"  # dropped by this side: a limit, a deadline, broken framing
    LOCAL = "local"  # this side called Peer.disconnect
    SHUTDOWN = "shutdown"  # the server stopped


class Rows(Pieces, Protocol):
    """Pieces of memory of one length that together take a tile."""

    @property
    def readable(self) -> bool:
        """Does `read` work on this system?"""

    def read(self, fd: int, have: int, behind: memoryview) -> int:
        """Read from file descriptor *fd* into the pieces from their byte *have* on and then
        into *behind*; how many bytes.  Raises OSError."""


class TileSink(Protocol):
    """Where one tile's pixels go."""

    def buffer(self) -> memoryview | None:
        """The destination itself, writable, contiguous and of exactly the tile's size in
        bytes, for reception without a copy; None when its rows lie apart."""

    def rows(self) -> Rows | None:
        """The destination in pieces of one length that together take the tile, when they are
        long enough to be received into; None otherwise.  Asked when `buffer()` gave None."""

    def piecewise(self) -> tuple[int, PutRows] | None:
        """The bytes of a row, and a function that copies whole rows out of a buffer, for a large
        tile that comes bit by bit; None when it must be put as a whole.  Asked when `buffer()`
        and `rows()` gave None."""

    def put(self, data: bytearray | memoryview, start: int) -> None:
        """The whole payload, from a place in `data` on, which is valid only during the call.
        Nothing else is called for this tile."""

    def joined(self, following: Iterator[TileSink], pitch: int) -> tuple[int, PutMany] | None:
        """One function for tiles that come one after the other, whose payloads lie `pitch` bytes
        apart in a buffer: this sink's and those of the first of `following`; and of how many
        tiles, at least two.  None when there is none: they go to different places, or overlap
        so that the later one would not win."""

    def done(self) -> None:
        """The payload is complete in `buffer()`, `rows()` or by what `piecewise()` gave."""

    def aborted(self) -> None:
        """The connection died, or writing failed, in the middle of the payload."""


class Handler(Protocol):
    """The program behind the listener."""

    async def admit(self, peer: Peer) -> bool:
        """May this peer come in?  Asked once its greeting is read and before it is
        answered; may take as long as a person takes.  False resets the connection, as RV
        does."""

    def connected(self, peer: Peer) -> None:
        """The peer was admitted and greeted."""

    def disconnected(self, peer: Peer, reason: str) -> None:
        """The peer is gone; `reason` is a Departure.  Only after `connected`."""

    def event(self, peer: Peer, name: str, contents: str, wants_reply: bool) -> str:
        """EVENT or RETURNEVENT.  The result is the reply's contents, ignored when none is
        wanted."""

    def tile(self, peer: Peer, header: PixelTile) -> TileSink | None:
        """A tile begins; None reads it and throws it away.  Every earlier record of this
        peer has been executed."""

    def tile_epoch(self) -> int | None:
        """As long as this stays the same, `tile` would give the same sink for the same header,
        and the sink may be used again; None when a tile must be asked for each time."""

    def tiles_came(self, count: int) -> None:
        """So many tiles have been put where they belong since the last call."""

    def data(self, peer: Peer, event: str, target: str, content_type: str, payload: bytes) -> None:
        """A DATAEVENT, complete.  There is no reply."""

    def settled(self) -> None:
        """Everything that came with one read has been executed and its replies are on
        their way: the time for what follows from it."""
