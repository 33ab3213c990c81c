"""RV's network protocol, sans I/O: no sockets, no clocks, no threads, standard library only.

- `records`: the records as frozen dataclasses
- `encode`: records to bytes
- `parser`: bytes to records, incrementally; on top of `incoming`: payloads straight to where
  they belong
- `connection`: greeting, permission, heartbeat and replies, for either end
- `limits`: every number, with its reason

A player and a client talking without a network:

>>> client = Connection(Role.CLIENT, "rvshell-1", "rvshell", now=0.0)
>>> player = Connection(Role.PLAYER, "player", now=0.0)
>>> player.receive(client.start() + client.request("remote-eval", "frame();", "t"), now=0.0)
>>> player.next_event()
Greeting(name='rvshell-1', app='rvshell')
>>> client.receive(player.accept(now=0.0), now=0.0)
>>> player.next_event()
Event(name='remote-eval', contents='frame();', target='*', wants_reply=True)
"""

from __future__ import annotations

from rvshell.protocol import limits
from rvshell.protocol.connection import Connection, ConnectionEvent, Reply, Role, State
from rvshell.protocol.encode import (
    encode,
    encode_data_header,
    encode_event,
    encode_message,
    encode_return,
    encode_tile_header,
    encode_tile_names,
)
from rvshell.protocol.heartbeat import Expired, Heartbeat
from rvshell.protocol.incoming import Pieces, PutRows
from rvshell.protocol.limits import DEFAULT_PORT, Timing
from rvshell.protocol.parser import PAYLOAD_DONE, Parser, PayloadDone
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
    Record,
    Return,
    TextRecord,
    UnknownData,
    UnknownMessage,
)

__all__ = [
    "APP_RV",
    "DEFAULT_PORT",
    "PAYLOAD_DONE",
    "Connection",
    "ConnectionEvent",
    "DataEvent",
    "DataRecord",
    "Disconnect",
    "Event",
    "Expired",
    "Greeting",
    "Heartbeat",
    "Parser",
    "PayloadDone",
    "Pieces",
    "Ping",
    "PingPongControl",
    "PixelTile",
    "Pong",
    "PutRows",
    "Record",
    "Reply",
    "Return",
    "Role",
    "State",
    "TextRecord",
    "Timing",
    "UnknownData",
    "UnknownMessage",
    "encode",
    "encode_data_header",
    "encode_event",
    "encode_message",
    "encode_return",
    "encode_tile_header",
    "encode_tile_names",
    "limits",
]
