"""Recording of a connection by the player, and replay of recordings into it.

`RV_NETWORK_STREAM_STORAGE_DIR` makes every connection leave a file as RV writes it (what this
side sends).  The setting `network.record_dir`, or `rvshell record`, makes it leave both
directions in the readable form of `client.recording`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Protocol

from player.network.peer import Peer
from rvshell.client.recording import Entry, encode_rv, read_recording, write_entry
from rvshell.errors import RvshellError
from rvshell.protocol import DataEvent, Event, PixelTile, encode_data_header

__all__ = ["Recorder", "Spoofer", "make_recorder"]


class Recorder:
    """Writes one connection; a file that cannot be written ends it with a message."""

    def __init__(self, path: Path, rv: bool) -> None:
        self._rv = rv
        self._start = time.monotonic()
        self._log = logging.getLogger("player.network")
        self._path = path
        self._bytes: IO[bytes] | None = None
        self._text: IO[str] | None = None
        self._head = ""  # of the data record whose payload is sent next
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if rv:
                self._bytes = open(path, "wb")  # noqa: SIM115 - closed with the connection
                self._bytes.write(encode_rv(None))
            else:
                self._text = open(path, "w", encoding="utf-8")  # noqa: SIM115
        except OSError as error:
            self._failed(error)

    def _failed(self, error: OSError) -> None:
        self._log.warning("%s cannot be written: %s", self._path, error.strerror or error)
        self.close()

    def _add(self, way: str, text: str = "", head: str = "", data: bytes | None = None,
             size: int = 0) -> None:  # fmt: skip
        entry = Entry(time.monotonic() - self._start, way, text, head, data, size)
        try:
            if self._bytes is not None and way == "out":
                self._bytes.write(encode_rv(entry))
                self._bytes.flush()
            elif self._text is not None:
                write_entry(self._text, entry)
                self._text.flush()
        except (OSError, ValueError) as error:
            self._failed(OSError(str(error)))

    def came(self, record: object) -> None:
        """A record that was received."""
        if self._rv:
            return
        if isinstance(record, Event):
            word = "RETURNEVENT" if record.wants_reply else "EVENT"
            self._add("in", f"{word} {record.name} {record.target or '*'} {record.contents}")
        elif isinstance(record, PixelTile | DataEvent):
            head = encode_data_header(record).decode("utf-8", "replace").rpartition(") ")[0]
            self._add("in", head=head + ")", size=record.size)

    def sent(self, data: bytes | memoryview) -> None:
        """Bytes that were sent: whole MESSAGE records, or a data header and its payload."""
        raw = bytes(data)
        head, self._head = self._head, ""
        if head:  # this is its payload
            self._add("out", head=head, data=raw, size=len(raw))
            return
        while raw.startswith(b"MESSAGE "):
            length, _, rest = raw[8:].partition(b" ")
            if not length.isdigit():
                return
            self._add("out", rest[: int(length)].decode("utf-8", "replace"))
            raw = rest[int(length) :]
        found = re.match(rb"(DATAEVENT\([^)]*\)) (\d+) ", raw)
        if found is not None:
            self._head = found[1].decode("utf-8", "replace")
            if raw[found.end() :]:
                self.sent(raw[found.end() :])

    def close(self) -> None:
        """The connection ended."""
        for file in (self._bytes, self._text):
            if file is not None:
                try:
                    file.close()
                except OSError:
                    continue
        self._bytes = self._text = None


def make_recorder(peer: Peer, record_dir: str) -> Recorder | None:
    """The recorder of a connection, None when nobody wants one."""
    rv_dir = os.environ.get("RV_NETWORK_STREAM_STORAGE_DIR", "")
    if rv_dir:
        return Recorder(Path(rv_dir) / f"rv-network-stream-{id(peer):x}", True)
    if not record_dir:
        return None
    name = re.sub(r"[^A-Za-z0-9_.-]", "_", peer.contact)[:80]
    stamp = time.strftime("%Y%m%d-%H%M%S")
    return Recorder(Path(record_dir) / f"{stamp}-{name}-{id(peer) & 0xFFFF:04x}.jsonl", False)


class _Sink(Protocol):
    """Who takes what a spoofed contact says: the player's handler."""

    def event(self, peer: Peer, name: str, contents: str, wants_reply: bool) -> str: ...
    def data(
        self, peer: Peer, event: str, target: str, content_type: str, payload: bytes
    ) -> None: ...
    def connected(self, peer: Peer) -> None: ...
    def disconnected(self, peer: Peer, reason: str) -> None: ...


class Spoofer:
    """`spoofConnectionStream`: a recording as if contact `spoofer@localhost` sent it."""

    def __init__(self, sink: _Sink, make_peer: Callable[[], Peer], settle: Callable[[], None]):
        self._sink = sink
        self._make_peer = make_peer
        self._settle = settle
        self._log = logging.getLogger("player.network")
        self._tasks: set[asyncio.Task[None]] = set()

    def spoof(self, path: str, scale: float, verbose: bool) -> None:
        """Begin; what RV sent is delivered, the first record at once, later ones at `scale`
        times their recorded time (0: as fast as possible).  Replies go nowhere."""
        try:
            entries = read_recording(path)
        except RvshellError as error:
            self._log.error("spoofConnectionStream: %s", error)
            return
        sent = [e for e in entries if e.way == "out"] or entries
        task = asyncio.get_running_loop().create_task(self._run(sent, scale, verbose))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, entries: list[Entry], scale: float, verbose: bool) -> None:
        peer = self._make_peer()
        self._sink.connected(peer)
        loop = asyncio.get_running_loop()
        start = loop.time() - (entries[0].time * scale if entries else 0.0)
        for entry in entries:
            await asyncio.sleep(max(0.0, start + entry.time * scale - loop.time()))
            if verbose:
                self._log.info("spoofer: %s", (entry.head or entry.text)[:200])
            self._deliver(peer, entry)
            self._settle()
        self._sink.disconnected(peer, "disconnect")

    def _deliver(self, peer: Peer, entry: Entry) -> None:
        if entry.head:
            fields = [f for f in re.split(r"[(),]", entry.head) if f.strip()]
            if len(fields) >= 4 and fields[0] == "DATAEVENT":
                payload = entry.data if entry.data is not None else bytes(entry.size)
                self._sink.data(peer, fields[1], fields[2], fields[3], payload)
            return
        word, _, rest = entry.text.partition(" ")
        if word in ("EVENT", "RETURNEVENT"):
            name, _, rest = rest.partition(" ")
            self._sink.event(peer, name, rest.partition(" ")[2], word == "RETURNEVENT")
