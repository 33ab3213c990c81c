"""RV's records as frozen dataclasses: what the parser hands out and the serialiser takes.

A connection is a stream of records `<WORD> <decimal byte count> <bytes>` with nothing
between them (Open RV: TwkQtChat/Connection.cpp).  Text records are complete when they
are handed out.  *Data* records (`PixelTile`, `DataEvent`, `UnknownData`) are headers
only; `size` is the length of the payload in bytes, which travels separately as a
memoryview so that megabytes are never held in a record.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from rvshell.protocol.frozen import frozen

__all__ = [
    "APP_RV",
    "DataEvent",
    "DataRecord",
    "Disconnect",
    "Event",
    "Greeting",
    "Ping",
    "PingPongControl",
    "PixelTile",
    "Pong",
    "Record",
    "Return",
    "TextRecord",
    "UnknownData",
    "UnknownMessage",
]

APP_RV: Final = "rv"
"""The app name of RV itself: its greeting is GREETING, everybody else's NEWGREETING."""


@frozen
class Greeting:
    """`GREETING n name` when `app` is "rv", else `NEWGREETING n name app`.

    A name with spaces survives only in the first form; the second keeps the first word
    as name, the second as app and drops the rest.
    """

    name: str
    app: str = APP_RV


@frozen
class Ping:
    """`PING 1 p`: answer with PONG."""


@frozen
class Pong:
    """`PONG 1 p`."""


@frozen
class PingPongControl:
    """`PINGPONGCONTROL 1 1` or `… 0`: the receiver shall (not) send PING."""

    enabled: bool


@frozen
class Event:
    """`MESSAGE n EVENT name target contents`, or RETURNEVENT when `wants_reply`.

    `name` and `target` hold no space; `contents` is verbatim, up to its first NUL.
    RV ignores `target`; by custom it is `*`.
    """

    name: str
    contents: str = ""
    target: str = "*"
    wants_reply: bool = False


@frozen
class Return:
    """`MESSAGE n RETURN contents`: the reply to the oldest unanswered RETURNEVENT."""

    contents: str = ""


@frozen
class Disconnect:
    """`MESSAGE 10 DISCONNECT`: the sender is about to close and this is no error."""


@frozen
class UnknownMessage:
    """A MESSAGE that is none of the above; RV drops it without a word."""

    text: str


@frozen
class PixelTile:
    """`PIXELTILE(media=…,layer=…,view=…,w=…,h=…,x=…,y=…,f=…) size` and its pixels.

    `x`, `y` (lower left corner), `width`, `height` are pixels of the image, `frame` the
    frame number; rows run upward.  `layer` and `view` are "-" when not given, numbers 0,
    `event` "pixel-block".  `size` is the payload in bytes as declared by the sender: it
    need not fit the geometry.  Source: IPCore/Session.cpp, pixelBlockEvent.
    """

    media: str = ""
    layer: str = "-"
    view: str = "-"
    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0
    frame: int = 0
    event: str = "pixel-block"
    size: int = 0


@frozen
class DataEvent:
    """`DATAEVENT(event,target,content_type) size` and its bytes; never answered."""

    event: str
    target: str = "*"
    content_type: str = ""
    size: int = 0


@frozen
class UnknownData:
    """A data record with another word, or a DATAEVENT with fewer than two fields.

    `interp` is the header up to its `)`; the payload is to be read and thrown away.
    """

    interp: str
    size: int = 0


TextRecord: TypeAlias = (
    Greeting | Ping | Pong | PingPongControl | Event | Return | Disconnect | UnknownMessage
)
DataRecord: TypeAlias = PixelTile | DataEvent | UnknownData
Record: TypeAlias = TextRecord | DataRecord
