"""Records to bytes.

What RV's protocol cannot carry (a space in an event name, a comma in a media name, an
empty data payload) is refused here with `LocalProtocolError`, before anything is sent:
on the wire it would desynchronise the far end or be lost without a word.  A data
record's bytes are its header only; the payload follows it in a write of its own and is
never joined to it, because joining costs a copy of every pixel.
"""

from __future__ import annotations

import functools
from typing import Final

from rvshell.errors import LocalProtocolError
from rvshell.protocol.limits import MAX_CONTROL, MAX_DATA, MAX_MESSAGE
from rvshell.protocol.records import (
    APP_RV,
    DataEvent,
    DataRecord,
    Disconnect,
    Event,
    Greeting,
    Ping,
    PingPongControl,
    PixelTile,
    Pong,
    Return,
    TextRecord,
    UnknownData,
    UnknownMessage,
)

__all__ = [
    "DISCONNECT",
    "HEARTBEAT_OFF",
    "HEARTBEAT_ON",
    "PING",
    "PONG",
    "encode",
    "encode_data_header",
    "encode_event",
    "encode_message",
    "encode_return",
    "encode_tile_header",
    "encode_tile_names",
]

PING: Final = b"PING 1 p"
PONG: Final = b"PONG 1 p"
HEARTBEAT_ON: Final = b"PINGPONGCONTROL 1 1"
HEARTBEAT_OFF: Final = b"PINGPONGCONTROL 1 0"
DISCONNECT: Final = b"MESSAGE 10 DISCONNECT"

_TILE_RESERVED: Final = frozenset("=,() ")
_DATA_RESERVED: Final = frozenset("(),")


def encode(record: TextRecord) -> bytes:
    """One text record, complete.  Raises LocalProtocolError."""
    match record:
        case Event():
            return encode_event(record.name, record.contents, record.target, record.wants_reply)
        case Return():
            return encode_return(record.contents)
        case Greeting():
            return _greeting(record)
        case Ping():
            return PING
        case Pong():
            return PONG
        case PingPongControl():
            return HEARTBEAT_ON if record.enabled else HEARTBEAT_OFF
        case Disconnect():
            return DISCONNECT
        case UnknownMessage():
            return encode_message(record.text)


def encode_message(text: str) -> bytes:
    """`MESSAGE` with any text, as RV's remoteSendMessage sends it.  Raises
    LocalProtocolError for an empty or too long one."""
    if not text:
        raise LocalProtocolError(
            "an empty message cannot be sent", hint="RV reads size 0 as no size at all"
        )
    return _message(text)


def encode_event(name: str, contents: str, target: str = "*", wants_reply: bool = False) -> bytes:
    """`MESSAGE n EVENT name target contents`, or RETURNEVENT.

    Raises LocalProtocolError: a space or NUL in `name` or `target`, a NUL in `contents`
    (RV cuts there; bytes travel as data), more than MAX_MESSAGE bytes.
    """
    if not name or " " in name or "\0" in name:
        raise LocalProtocolError(
            f"event name {name!r} cannot be sent", hint="one word without spaces is needed"
        )
    if " " in target or "\0" in target:
        raise LocalProtocolError(
            f"event target {target!r} cannot be sent", hint="RV ignores it; by custom it is *"
        )
    if "\0" in contents:
        raise LocalProtocolError(
            f"the contents of event {name!r} hold a NUL", hint="send bytes with send_data()"
        )
    keyword = "RETURNEVENT" if wants_reply else "EVENT"
    return _message(f"{keyword} {name} {target} {contents}")


def encode_return(contents: str) -> bytes:
    """`MESSAGE n RETURN contents`; cut at the first NUL as RV does.

    The space behind RETURN is written even when there are no contents: clients wait for
    it.  Raises LocalProtocolError above MAX_MESSAGE bytes.
    """
    if "\0" in contents:
        contents = contents[: contents.index("\0")]
    return _message("RETURN " + contents)


def encode_data_header(record: DataRecord) -> bytes:
    """The header of a data record up to the blank before its `record.size` bytes.

    A tile's `layer` and `view` are left out when "-" and its `event` when "pixel-block",
    as RV's own rvshell does.  Raises LocalProtocolError for names that RV's tokeniser
    would cut, and for a size that is not 1 … MAX_DATA.
    """
    size = record.size
    if not 0 < size <= MAX_DATA:
        raise LocalProtocolError(
            f"a payload of {size} bytes cannot be sent", hint=f"1 to {MAX_DATA} bytes are allowed"
        )
    match record:
        case PixelTile():
            names = encode_tile_names(record.media, record.layer, record.view, record.event)
            return encode_tile_header(
                names, record.width, record.height, record.x, record.y, record.frame, size
            )
        case DataEvent():
            fields = (record.event, record.target, record.content_type)
            if not all(fields) or any(_DATA_RESERVED.intersection(f) for f in fields):
                raise LocalProtocolError(
                    f"data event {fields!r} cannot be sent",
                    hint="event, target and content type are needed, without ( ) and commas",
                )
            return b"DATAEVENT(%b) %d " % (_word(",".join(fields)), size)
        case UnknownData():
            if not record.interp.endswith(")"):
                raise LocalProtocolError(
                    f"data record {record.interp!r} cannot be sent", hint="it must end in ')'"
                )
            return b"%b %d " % (_word(record.interp), size)


def encode_tile_header(
    names: bytes, width: int, height: int, x: int, y: int, frame: int, size: int
) -> bytes:
    """A tile's header from its `encode_tile_names` and numbers; `size` bytes follow it.

    For senders of very many tiles: nothing is checked here.
    """
    return b"PIXELTILE(%bw=%d,h=%d,x=%d,y=%d,f=%d) %d " % (names, width, height, x, y, frame, size)


@functools.lru_cache(maxsize=256)
def encode_tile_names(
    media: str, layer: str = "-", view: str = "-", event: str = "pixel-block"
) -> bytes:
    """The name fields of a tile header: checked once, they are the same for all tiles.

    Raises LocalProtocolError for names that RV's tokeniser would cut.
    """
    parts: list[str] = []
    for key, value, default in (
        ("event", event, "pixel-block"),
        ("media", media, None),
        ("layer", layer, "-"),
        ("view", view, "-"),
    ):
        if value == default:
            continue
        if not value or not _TILE_RESERVED.isdisjoint(value):
            raise LocalProtocolError(
                f"{key} name {value!r} cannot be sent in a tile header",
                hint="it must not be empty or hold = , ( ) or a space",
            )
        parts.append(f"{key}={value},")
    return _word("".join(parts))


def _word(text: str) -> bytes:
    if " " in text:
        raise LocalProtocolError(
            f"data header {text!r} cannot be sent", hint="spaces are not allowed in it"
        )
    return _utf8(text)


def _greeting(greeting: Greeting) -> bytes:
    if greeting.app == APP_RV:
        word, payload = b"GREETING", _utf8(greeting.name)
    else:
        if not greeting.name or " " in greeting.name or " " in greeting.app:
            raise LocalProtocolError(
                f"greeting {greeting.name!r} {greeting.app!r} cannot be sent",
                hint="name and app are one word each",
            )
        word, payload = b"NEWGREETING", _utf8(f"{greeting.name} {greeting.app}")
    if not 0 < len(payload) <= MAX_CONTROL:
        raise LocalProtocolError(
            f"a name of {len(payload)} bytes cannot be sent",
            hint=f"1 to {MAX_CONTROL} bytes are allowed",
        )
    return b"%b %d %b" % (word, len(payload), payload)


def _message(text: str) -> bytes:
    if len(text) < MAX_MESSAGE and text.isascii():  # as many bytes as characters
        return f"MESSAGE {len(text)} {text}".encode()
    payload = _utf8(text)
    if len(payload) > MAX_MESSAGE:
        raise LocalProtocolError(
            f"a message of {len(payload)} bytes cannot be sent",
            hint=f"{MAX_MESSAGE} bytes are the limit; use a data event",
        )
    return b"MESSAGE %d %b" % (len(payload), payload)


def _utf8(text: str) -> bytes:
    """UTF-8; file names that were no valid UTF-8 go back to their bytes, other stray
    surrogates become `?`, so that no text can fail to be sent."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        pass
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")
