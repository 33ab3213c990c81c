"""One connected program, as the rest of the player sees it."""

from __future__ import annotations

from typing import Final, Protocol

from rvshell.protocol import DataEvent, encode_data_header, encode_event, encode_message

__all__ = ["Peer", "Wire"]


class Wire(Protocol):
    """What a peer needs of its connection; the properties of `Peer` say what each is."""

    @property
    def connected(self) -> bool: ...
    @property
    def bytes_in(self) -> int: ...
    @property
    def bytes_out(self) -> int: ...
    @property
    def rtt(self) -> float | None: ...

    def send(self, data: bytes | memoryview, name: str = "") -> None:
        """Send a record; `name` is that of an event."""

    def leave(self, *, polite: bool = True) -> None:
        """Send DISCONNECT (unless not `polite`) and close once everything is written."""


class _Nobody:
    """The wire of a peer that is not connected: nothing is sent."""

    connected = True
    bytes_in = bytes_out = 0
    rtt: float | None = None

    def send(self, data: bytes | memoryview, name: str = "") -> None:
        return None

    def leave(self, *, polite: bool = True) -> None:
        return None


_NOBODY: Final = _Nobody()


class _Gone(_Nobody):
    """The wire of a peer that has left: its last figures."""

    connected = False

    def __init__(self, wire: Wire) -> None:
        self.bytes_in, self.bytes_out, self.rtt = wire.bytes_in, wire.bytes_out, wire.rtt


class Peer:
    """A peer's identity and counters, and the way to talk to it.

    `contact` (`name@host`, unique among the connected) is the name that scripts use;
    `name`, `app` are what it said of itself, `host`, `address`, `port` where it is;
    `local` as RV defines it (contacts.is_local), `incoming` False when this side dialled;
    `since` is the server's clock at the connection, in seconds.  `owner` is the user id of
    the program when it is local and the kernel tells; `secure` is the TLS version or "";
    `proof` names the token or certificate that proved who it is.  Admission sets `scopes`
    (what it may do) and `trusted` (a program of the player's own user).  `packing` is the codec of
    its last compressed tile or "", `packed` and `unpacked` are the bytes of all of them.
    """

    def __init__(
        self,
        wire: Wire | None,
        *,
        address: str,
        port: int,
        local: bool,
        incoming: bool,
        since: float,
    ) -> None:
        self._wire: Wire = wire or _NOBODY  # a spoofed peer has none
        self.address = address
        self.port = port
        self.local = local
        self.incoming = incoming
        self.since = since
        self.name = ""
        self.app = ""
        self.host = ""
        self.contact = ""
        self.owner: int | None = None
        self.secure = ""
        self.proof = ""
        self.scopes: frozenset[str] = frozenset()
        self.trusted = False
        self.packing = ""
        self.packed = self.unpacked = 0

    def __repr__(self) -> str:
        return f"<Peer {self.label} app={self.app!r}>"

    @property
    def label(self) -> str:
        """The contact name, or the address before there is one; for logs."""
        return self.contact or f"{self.address or 'unknown'}:{self.port}"

    @property
    def connected(self) -> bool:
        """True from the exchanged greetings until it leaves."""
        return self._wire.connected

    @property
    def bytes_in(self) -> int:
        """Bytes received."""
        return self._wire.bytes_in

    @property
    def bytes_out(self) -> int:
        """Bytes given to the operating system or the transport."""
        return self._wire.bytes_out

    @property
    def rtt(self) -> float | None:
        """Seconds between the last PING and its PONG; before the first what TCP measured, None
        where that is not known."""
        return self._wire.rtt

    def send_event(self, name: str, target: str, contents: str) -> None:
        """Send `EVENT name target contents`; nothing happens when the peer is gone.

        Events that their successors overtake (outgoing.COALESCABLE) may be dropped when
        the peer does not read.  Raises LocalProtocolError when it cannot be carried.
        """
        self._wire.send(encode_event(name, contents, target), name)

    def send_message(self, text: str) -> None:
        """Send a MESSAGE of any text, as it is.  Raises LocalProtocolError."""
        self._wire.send(encode_message(text))

    def send_data(
        self, event: str, target: str, content_type: str, payload: bytes | memoryview
    ) -> None:
        """Send `DATAEVENT(event,target,content_type)` with `payload`, at least one byte.

        Raises LocalProtocolError when it cannot be carried.
        """
        view = memoryview(payload).cast("B")
        header = encode_data_header(DataEvent(event, target, content_type, view.nbytes))
        self._wire.send(header)
        self._wire.send(view)

    def disconnect(self, *, polite: bool = True) -> None:
        """Send DISCONNECT (unless not `polite`) and close once everything is written."""
        self._wire.leave(polite=polite)

    def forget(self) -> None:
        """It has left: keep its figures, not its connection."""
        self._wire = _Gone(self._wire)
