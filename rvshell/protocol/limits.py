"""Every number that bounds RV's wire, each with its reason.

RV's own library bounds almost nothing (a 1,024,000-byte header and a 32-bit length);
the limits here are what a hardened speaker needs while every real client still fits.
Times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rvshell.protocol.frozen import frozen

__all__ = [
    "BULK_THRESHOLD",
    "CONNECT_PORT_FALLBACK",
    "DEFAULT_PORT",
    "GREETING_TIMEOUT",
    "HEADER_WINDOW",
    "MAX_CONTROL",
    "MAX_DATA",
    "MAX_HEADER",
    "MAX_MESSAGE",
    "MAX_RESYNC",
    "MEMO_MESSAGE_SIZE",
    "MEMO_RECORDS",
    "PING_INTERVAL",
    "PONG_TIMEOUT",
    "RECEIVE_BUFFER",
    "SCRATCH_KEEP",
    "SCRATCH_STEP",
    "TRANSFER_TIMEOUT",
    "Timing",
]

DEFAULT_PORT: Final = 45124  # RvNetworkDialog's default, `-networkPort`
CONNECT_PORT_FALLBACK: Final = 10  # RV tries this many ports after the first

# -- sizes in bytes ------------------------------------------------------------------

MAX_HEADER: Final = 64 * 1024
"""Record word or data header before its `) `: no real one exceeds a few hundred bytes.
(RV gives up at 1,024,000 bytes, after having read them one by one.)"""

MAX_CONTROL: Final = 64 * 1024
"""GREETING, NEWGREETING, PING, PONG, PINGPONGCONTROL: a name or one character."""

MAX_MESSAGE: Final = 64 * 1024 * 1024
"""MESSAGE: the longest are session files sent as text and long source lists."""

MAX_DATA: Final = 2**31 - 1
"""PIXELTILE, DATAEVENT and other data records: RV keeps the length in a signed 32-bit
int; `session-data` of a sync peer really carries whole image sources."""

MAX_RESYNC: Final = 64 * 1024
"""How much unknown text is searched for the next known record before giving up: more
than any record that a client with a wrong length could have cut."""

RECEIVE_BUFFER: Final = 256 * 1024
"""The one receive buffer of a connection.  Records up to this size are sliced out of it.
Measured: of a buffer that leaves the processor's nearer caches (four times this) the pixels of
256x256 tiles are copied a tenth slower; a large tile need not fit, its rows are handed out."""

HEADER_WINDOW: Final = 4 * 1024
"""How much is read at a time right behind a bulk payload: another bulk record is the
likely next thing, and all of its payload that is read together with its header has to
be copied."""

BULK_THRESHOLD: Final = 64 * 1024
"""Payloads from this size up are announced before they have arrived, so that they can be
received straight into their destination; below it the copy is cheaper than the two
calls."""

SCRATCH_STEP: Final = 1024 * 1024
"""First size of the scratch memory for records larger than the receive buffer; it doubles
as bytes arrive, so a declared length alone allocates nothing."""

SCRATCH_KEEP: Final = 16 * 1024 * 1024
"""Scratch memory up to this size is kept for the next record (fresh pages cost more than
the copy), anything larger is given back."""

# -- memory of parsed headers --------------------------------------------------------

MEMO_RECORDS: Final = 16 * 1024
"""Parsed tile headers and short messages that are remembered; a UHD frame in 32x32
tiles has 8,160 headers, which come again with the next view or pass."""

MEMO_MESSAGE_SIZE: Final = 256
"""Messages longer than this are not remembered: programs differ, polls are short."""

# -- times in seconds ----------------------------------------------------------------

GREETING_TIMEOUT: Final = 30.0
"""From accept to the last byte of the peer's greeting (RV waits for ever)."""

PING_INTERVAL: Final = 15.0
"""A PING follows this much silence (RV: PingInterval)."""

PONG_TIMEOUT: Final = 600.0
"""Silence after which a peer with a heartbeat is gone (RV: PongTimeout)."""

TRANSFER_TIMEOUT: Final = 600.0
"""Silence in the middle of a record, or right behind the greeting (RV: TransferTimeout)."""


@frozen
class Timing:
    """The clocks of one connection, in seconds; defaults are RV's.

    `heartbeat` False means that this side neither sends PING nor drops a silent peer.
    """

    greeting: float = GREETING_TIMEOUT
    ping_interval: float = PING_INTERVAL
    pong_timeout: float = PONG_TIMEOUT
    transfer: float = TRANSFER_TIMEOUT
    heartbeat: bool = True

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Timing:
        """RV's three variables, whole seconds: RV_CONNECTION_PONG_TIMEOUT,
        RV_CONNECTION_PING_INTERVAL (zero, negative or no number: heartbeat off) and
        RV_CONNECTION_TRANSFERTIMEOUT (ignored unless positive).

        Source: TwkQtChat/Connection.cpp, the constructor.
        """

        def seconds(variable: str, default: float) -> float:
            text = environ.get(variable)
            return default if text is None else float(_whole_number(text))

        pong = seconds("RV_CONNECTION_PONG_TIMEOUT", PONG_TIMEOUT)
        ping = seconds("RV_CONNECTION_PING_INTERVAL", PING_INTERVAL)
        transfer = seconds("RV_CONNECTION_TRANSFERTIMEOUT", TRANSFER_TIMEOUT)
        return cls(
            ping_interval=ping if ping > 0 else PING_INTERVAL,
            pong_timeout=pong if pong > 0 else PONG_TIMEOUT,
            transfer=transfer if transfer > 0 else TRANSFER_TIMEOUT,
            heartbeat=ping > 0 and pong > 0,
        )


def _whole_number(text: str) -> int:
    """The leading integer of *text* as C's atoi reads it, 0 when there is none."""
    text = text.strip()
    end = 1 if text[:1] in ("+", "-") else 0
    while end < len(text) and text[end] in "0123456789":
        end += 1
    try:
        return int(text[:end])
    except ValueError:
        return 0
