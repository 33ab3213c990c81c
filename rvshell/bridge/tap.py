"""`rvshell tap LISTEN TARGET`: what any client and any RV say to each other, shown live.

    rvshell tap 45999 127.0.0.1:45124      then let the client connect to port 45999

Bytes are handed on as they come, unchanged and before anything is decoded; the decoder reads a
copy. So a tap never changes a conversation, and what cannot be decoded is told as such and goes
on being handed on. A reader that is slow slows the writer down, as without the tap.

`--record PREFIX` keeps each connection N as PREFIX-N.client and PREFIX-N.rv, the bytes of the
two directions, and PREFIX-N.jsonl, one line a record with its time, so that a conversation can be
replayed or read later.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
import time
from collections import deque
from collections.abc import Sequence
from typing import IO, Any, TextIO

from rvshell.errors import (
    EXIT_INTERRUPTED,
    EXIT_OK,
    ConnectionFailed,
    MediaError,
    RemoteProtocolError,
    UsageError,
)
from rvshell.protocol import (
    DataEvent,
    Disconnect,
    Event,
    Greeting,
    Parser,
    PayloadDone,
    Ping,
    PingPongControl,
    PixelTile,
    Pong,
    Return,
    UnknownData,
    UnknownMessage,
)

__all__ = ["HELP", "Decoder", "Tap", "hexdump", "main", "summary"]

HELP = """\
usage: rvshell tap [OPTION…] [ADDRESS:]PORT HOST[:PORT]

Listens on PORT and hands everything on to the RV or player at HOST:PORT and back, showing what
is said. Let the client connect to PORT instead. Ends with Ctrl-C.

  --filter REGEX     only records whose line matches
  --hex              also the bytes, 256 of each piece at most
  --no-ping          not the heartbeat
  --json             one JSON document a line
  --record PREFIX    keep the bytes of both directions and an index
  --count N          end after N connections have ended

example: rvshell tap 45999 127.0.0.1:45124 --filter remote-eval
"""

_SWITCHES: dict[str, tuple[str, Any]] = {
    "--hex": ("hex", True),
    "--json": ("form", "json"),
    "--no-ping": ("ping", False),
}
_PIECE = 1 << 16
_SHOWN = 200  # characters of a text
_DUMPED = 256  # bytes of a piece
_WAITING = 10_000  # requests remembered for their reply's time


def summary(record: object) -> str:
    """A record on one line, with nothing in it that a terminal would obey."""
    if isinstance(record, Greeting):
        return f"GREETING {_text(record.name)} {_text(record.app)}"
    if isinstance(record, Event):
        kind = "RETURNEVENT" if record.wants_reply else "EVENT"
        to = "" if record.target == "*" else f" to {_text(record.target)}"
        return f"{kind} {_text(record.name)}{to} {_quoted(record.contents)}"
    if isinstance(record, Return):
        return f"RETURN {_quoted(record.contents)}"
    if isinstance(record, Disconnect):
        return "DISCONNECT"
    if isinstance(record, PixelTile):
        return (
            f"PIXELTILE {_text(record.media)} layer={_text(record.layer)} "
            f"view={_text(record.view)} frame={record.frame} x={record.x} y={record.y} "
            f"{record.width}x{record.height} {record.size} bytes"
        )
    if isinstance(record, DataEvent):
        return f"DATAEVENT {_text(record.event)} {_text(record.content_type)} {record.size} bytes"
    if isinstance(record, Ping | Pong):
        return type(record).__name__.upper()
    if isinstance(record, PingPongControl):
        return f"PINGPONGCONTROL {int(record.enabled)}"
    if isinstance(record, UnknownMessage | UnknownData):
        return f"unknown {_quoted(repr(record))}"
    return _quoted(repr(record))


def _text(text: str) -> str:
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _quoted(text: str) -> str:
    more = f"… ({len(text)} characters)" if len(text) > _SHOWN else ""
    return json.dumps(_text_lines(text[:_SHOWN]), ensure_ascii=False) + more


def _text_lines(text: str) -> str:
    return "".join(c if c.isprintable() or c in "\n\t" else repr(c)[1:-1] for c in text)


def hexdump(data: bytes, limit: int = _DUMPED) -> str:
    """Bytes as rows of sixteen with their letters."""
    rows = []
    for at in range(0, min(len(data), limit), 16):
        row = data[at : min(at + 16, limit)]
        letters = "".join(chr(b) if 32 <= b < 127 else "." for b in row)
        rows.append(f"    {at:06x}  {row.hex(' '):<47}  {letters}")
    if len(data) > limit:
        rows.append(f"    … {len(data) - limit} more bytes")
    return "\n".join(rows)


class Decoder:
    """One direction: bytes in, records out. After bytes that are no records it gives up."""

    def __init__(self) -> None:
        self.parser = Parser()
        self.broken = ""
        self.fed = 0

    def feed(self, data: bytes) -> list[object]:
        """The records that *data* completes; payloads are passed over."""
        self.fed += len(data)
        found: list[object] = []
        view = memoryview(data)
        try:
            while len(view) and not self.broken:
                room = self.parser.get_buffer()
                count = min(len(room), len(view))
                room[:count] = view[:count]
                self.parser.buffer_updated(count)
                view = view[count:]
                while (record := self.parser.next_record()) is not None:
                    if isinstance(record, PayloadDone):
                        continue
                    found.append(record)
                    if self.parser.payload is None and isinstance(
                        record, PixelTile | DataEvent | UnknownData
                    ):
                        self.parser.skip()
        except RemoteProtocolError as error:
            self.broken = str(error)
        return found


class _Talk:
    """One connection through the tap."""

    def __init__(self, tap: Tap, number: int) -> None:
        self.tap = tap
        self.number = number
        self.decoders = {"→": Decoder(), "←": Decoder()}
        self.asked: deque[float] = deque(maxlen=_WAITING)
        self.files: dict[str, IO[bytes]] = {}
        self.index: TextIO | None = None
        self._open = contextlib.ExitStack()
        if tap.record:
            prefix = f"{tap.record}-{number}"
            try:
                for way, end in (("→", "client"), ("←", "rv")):
                    file = open(f"{prefix}.{end}", "wb")  # noqa: SIM115
                    self.files[way] = self._open.enter_context(file)
                index = open(f"{prefix}.jsonl", "w", encoding="utf-8")  # noqa: SIM115
                self.index = self._open.enter_context(index)
            except OSError as error:
                tap.show(f"#{number} is not recorded: {error.strerror}")

    def came(self, way: str, data: bytes) -> None:
        now = time.monotonic()
        if way in self.files:
            self.files[way].write(data)
        if self.tap.hex:
            self.tap.show(f"#{self.number} {way} {len(data)} bytes\n{hexdump(data)}")
        decoder = self.decoders[way]
        if decoder.broken:
            return
        for record in decoder.feed(data):
            took = ""
            if isinstance(record, Event) and record.wants_reply:
                self.asked.append(now)
            elif isinstance(record, Return) and self.asked:
                took = f"{(now - self.asked.popleft()) * 1000:.2f} ms"
            self.tap.told(self.number, way, record, took, now)
            if self.index is not None:
                entry = self.tap.entry(self.number, way, record, took, now)
                self.index.write(json.dumps(entry, ensure_ascii=False) + "\n")
        if decoder.broken:
            self.tap.show(f"#{self.number} {way} not RV's protocol any more: {decoder.broken}")

    def close(self) -> None:
        self._open.close()


class Tap:
    """Listens, dials the target for each client, hands on and shows."""

    def __init__(
        self,
        listen: tuple[str, int],
        target: tuple[str, int],
        *,
        pattern: str = "",
        hex: bool = False,
        ping: bool = True,
        form: str = "",
        record: str = "",
        count: int = 0,
        out: TextIO | None = None,
    ) -> None:
        self.listen = listen
        self.target = target
        try:
            self.pattern = re.compile(pattern)
        except re.error as error:
            raise UsageError(f"tap: {pattern!r} is no regular expression: {error}") from None
        self.hex = hex
        self.ping = ping
        self.form = form
        self.record = record
        self.count = count
        self.out = out or sys.stdout
        self.port = 0
        self.talks = 0
        self.ended = 0
        self.started = time.monotonic()
        self.finished = asyncio.Event()
        self.stopped = False  # by a signal
        self._tasks: set[asyncio.Task[Any]] = set()

    def show(self, text: str) -> None:
        """A line for a person; JSON output has only records."""
        if not self.form:
            print(text, file=self.out, flush=True)

    def entry(self, number: int, way: str, record: object, took: str, now: float) -> dict[str, Any]:
        """A record as JSON has it."""
        found: dict[str, Any] = {
            "time": round(now - self.started, 6),
            "connection": number,
            "from": "client" if way == "→" else "rv",
            "record": type(record).__name__,
            "text": summary(record),
        }
        if took:
            found["ms"] = float(took.partition(" ")[0])
        return found

    def told(self, number: int, way: str, record: object, took: str, now: float) -> None:
        """Show a record, when it is wanted."""
        line = summary(record)
        beat = isinstance(record, Ping | Pong)
        if (beat and not self.ping) or not self.pattern.search(line):
            return
        if self.form:
            text = json.dumps(self.entry(number, way, record, took, now), ensure_ascii=False)
            print(text, file=self.out, flush=True)
        else:
            since = f"{now - self.started:9.3f}"
            self.show(f"{since} #{number} {way} {line}{'  ' + took if took else ''}")

    async def run(self) -> None:
        """Until cancelled, or `count` connections have ended. Raises ConnectionFailed."""
        host, port = self.listen
        try:
            server = await asyncio.start_server(self._client, host, port)
        except OSError as error:
            number = error.errno or 0  # asyncio's own words name the address again
            reason = os.strerror(number) if number > 0 else error.strerror
            raise ConnectionFailed(
                f"cannot listen on {host}:{port}: {reason}",
                hint="another port, as in rvshell tap 45999 127.0.0.1:45124",
                host=host,
                port=port,
            ) from None
        try:
            self.port = server.sockets[0].getsockname()[1]
            print(
                f"tap: listening on port {self.port} for {self.target[0]}:{self.target[1]}",
                file=sys.stderr,
                flush=True,
            )
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self._stop)
            await self.finished.wait()
        finally:
            server.close()  # (waiting for that, from Python 3.12 on, is waiting for the clients)
            for task in tuple(self._tasks):
                task.cancel()

    def _stop(self) -> None:
        self.stopped = True
        self.finished.set()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._talk(reader, writer)
        except asyncio.CancelledError:
            writer.close()  # the tap ends; asyncio would call this an error
        finally:
            self._tasks.discard(task)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection, from its beginning to its end."""
        self.talks += 1
        talk = _Talk(self, self.talks)
        peer = writer.get_extra_info("peername")
        self.show(f"#{talk.number} from {peer[0]}:{peer[1]}")
        try:
            far_reader, far_writer = await asyncio.open_connection(*self.target)
        except OSError as error:
            self.show(f"#{talk.number} no connection to the target: {error.strerror or error}")
            writer.close()
        else:
            await asyncio.gather(
                self._pump(talk, "→", reader, far_writer),
                self._pump(talk, "←", far_reader, writer),
            )
            far_writer.close()
            writer.close()
        talk.close()
        sizes = " ".join(f"{way} {d.fed} bytes" for way, d in talk.decoders.items())
        self.show(f"#{talk.number} ended; {sizes}")
        self.ended += 1
        if self.count and self.ended >= self.count:
            self.finished.set()

    async def _pump(
        self, talk: _Talk, way: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Hand on until the sender closes its side, then close that side for the receiver."""
        with contextlib.suppress(OSError):
            while data := await reader.read(_PIECE):
                writer.write(data)
                talk.came(way, data)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()
                return
        writer.transport.abort()  # the sender is gone: so is this end


def _address(text: str, host: str, port: int | None) -> tuple[str, int]:
    given, colon, number = text.rpartition(":")
    if not colon:
        given, number = ("", text) if text.isdecimal() else (text, "")
    if not number and port is not None:
        number = str(port)
    if not number.isdecimal() or not 0 <= int(number) <= 65535:
        raise UsageError(f"tap: {text!r} has no port", hint="rvshell tap 45999 127.0.0.1:45124")
    return given.strip("[]") or host, int(number)


def main(argv: Sequence[str]) -> int:
    """`rvshell tap …`; returns the exit status. Raises what `rvshell.errors` has."""
    words: list[str] = []
    options: dict[str, Any] = {}
    values = {"--filter": "pattern", "--record": "record", "--count": "count"}
    i = 0
    while i < len(argv):
        word = argv[i]
        if word in ("-h", "--help"):
            print(HELP, end="")
            return 0
        if word in values:
            i += 1
            if i >= len(argv):
                raise UsageError(f"tap: {word} needs a value", hint="rvshell tap --help")
            options[values[word]] = argv[i]
        elif word in _SWITCHES:
            options.update([_SWITCHES[word]])
        elif word.startswith("-"):
            raise UsageError(f"tap: unknown option {word}", hint="rvshell tap --help")
        elif word not in ("→", "->", "to"):
            words.append(word)
        i += 1
    if len(words) != 2:
        raise UsageError("tap: where to listen, and for whom?", hint="rvshell tap --help")
    if not str(options.get("count", "0")).isdecimal():
        raise UsageError(f"tap: --count: {options['count']!r} is not a number")
    options["count"] = int(options.get("count", 0))
    listen, target = _address(words[0], "127.0.0.1", None), _address(words[1], "127.0.0.1", 45124)
    record = options.get("record", "")
    if record and not os.access(os.path.dirname(os.path.abspath(record)), os.W_OK):
        raise MediaError(f"tap: cannot write {record}-1.client", path=record)

    async def work() -> int:
        tap = Tap(listen, target, **options)
        await tap.run()
        return EXIT_INTERRUPTED if tap.stopped else EXIT_OK

    return asyncio.run(work())
