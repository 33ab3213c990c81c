"""A server in a thread with a small handler and a clock that only tests move."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from player.network import Peer, Server
from rvshell.protocol import PixelTile, Timing
from tests.waiting import DEADLINE, until

T = TypeVar("T")
GREETING = b"NEWGREETING 6 me app"


class Sink:
    """Keeps a tile; `direct` gives memory to receive into."""

    def __init__(self, header: PixelTile, direct: bool, wrong: bool = False) -> None:
        self.header = header
        self.memory = bytearray(header.size + wrong) if direct else None
        self.data = b""
        self.state = "open"

    def buffer(self) -> memoryview | None:
        return None if self.memory is None else memoryview(self.memory)

    def rows(self) -> list[memoryview] | None:
        if self.header.view != "rows":
            return None
        self.memory = bytearray(self.header.size)
        row = self.header.size // self.header.height
        view = memoryview(self.memory)
        return [view[at : at + row] for at in range(0, self.header.size, row)]

    def piecewise(self) -> None:
        return None

    def joined(self, following: object, pitch: int) -> None:
        return None

    def put(self, data: bytearray | memoryview, start: int) -> None:
        if self.header.view == "bad":
            raise ValueError("cannot write")
        self.data = bytes(data[start : start + self.header.size])
        self.state = "done"

    def done(self) -> None:
        if self.memory is not None:
            self.data = bytes(self.memory)
        self.state = "done"

    def aborted(self) -> None:
        self.state = "aborted"


class TinyHandler:
    """Remembers everything; echoes requests; a few contents make it misbehave."""

    def __init__(self) -> None:
        self.log: list[tuple[Any, ...]] = []
        self.sinks: list[Sink] = []
        self.epoch: int | None = None  # each tile has a sink of its own
        self.came = 0
        self.allow: Callable[[Peer], Awaitable[bool]] | None = None
        self.on_connect: Callable[[Peer], None] | None = None

    async def admit(self, peer: Peer) -> bool:
        self.log.append(("admit", peer.name))
        return True if self.allow is None else await self.allow(peer)

    def connected(self, peer: Peer) -> None:
        self.log.append(("connected", peer.contact))
        if self.on_connect is not None:
            self.on_connect(peer)

    def disconnected(self, peer: Peer, reason: str) -> None:
        self.log.append(("disconnected", peer.contact, str(reason)))

    def event(self, peer: Peer, name: str, contents: str, wants_reply: bool) -> str:
        self.log.append(("event", name, contents))
        if contents == "raise":
            raise ValueError("a handler's mistake")
        if name == "repeat":
            return "x" * int(contents)
        if name == "tell":
            peer.send_event("told", "*", contents)
        return contents

    def tile_epoch(self) -> int | None:
        return self.epoch

    def tiles_came(self, count: int) -> None:
        self.came += count

    def tile(self, peer: Peer, header: PixelTile) -> Sink | None:
        self.log.append(("tile", header.media, header.size))
        if header.media == "unknown":
            return None
        if header.media == "raise":
            raise ValueError("a handler's mistake")
        sink = Sink(header, header.layer == "direct", header.view == "wrong")
        self.sinks.append(sink)
        return sink

    def data(self, peer: Peer, event: str, target: str, content_type: str, payload: bytes) -> None:
        self.log.append(("data", event, target, content_type, payload))

    def settled(self) -> None:
        return None

    def seen(self, kind: str) -> list[tuple[Any, ...]]:
        return [entry for entry in self.log if entry[0] == kind]


class Running:
    """The server's thread; everything of the server is called on its loop."""

    def __init__(self, **options: Any) -> None:
        self.handler = TinyHandler()
        self.now = 1000.0
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        options = {"timing": Timing(), "write_port_file": False, "port": 0} | options
        self.server = Server(self.handler, name="player", clock=lambda: self.now, **options)
        self.port = self.run(self.server.start())

    def run(self, awaitable: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(awaitable, self.loop).result(DEADLINE)

    def call(self, function: Callable[[], T]) -> T:
        async def there() -> T:
            return function()

        result: T = self.run(there())
        return result

    def advance(self, seconds: float) -> None:
        self.now += seconds
        self.call(self.server.tick)

    def close(self) -> None:
        if self.thread.is_alive():
            self.run(self.server.close())
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join()
            self.loop.close()

    def raw(self) -> Raw:
        return Raw(self.port)

    def greeted(self) -> Raw:
        raw = self.raw()
        raw.send(GREETING)
        raw.expect(b"GREETING 6 player")
        return raw

    def still_serves(self) -> None:
        """The next client is served, whatever happened to the last one."""
        with self.greeted() as other:
            other.ask("still there?")


class Raw:
    """A plain socket."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), DEADLINE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = self.sock.recv(count - len(data))
            assert piece, f"closed after {data!r}"
            data += piece
        return data

    def expect(self, data: bytes) -> None:
        assert self.read(len(data)) == data

    def ask(self, text: str) -> None:
        """A round trip: everything sent before has been executed."""
        contents = text.encode()
        body = b"RETURNEVENT echo * " + contents
        self.send(b"MESSAGE %d %b" % (len(body), body))
        reply = b"RETURN " + contents
        self.expect(b"MESSAGE %d %b" % (len(reply), reply))

    def closed(self) -> bytes:
        """What comes until the far end closes (or resets)."""
        data = b""
        try:
            while piece := self.sock.recv(65536):
                data += piece
        except ConnectionResetError:
            pass
        return data


def logged(caplog: Any, text: str) -> None:
    """Wait for a log line that holds `text`."""

    def found() -> bool:
        return any(text in record.getMessage() for record in list(caplog.records))

    until(found, f"log line {text!r}")


logging.getLogger("player.network").setLevel(logging.DEBUG)
