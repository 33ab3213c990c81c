"""Recorded connections: a readable form of our own, and RV's.

Ours is one JSON object a line: `t` seconds since the beginning, `way` "in" (what the recording
side received) or "out" (what it sent), and either `text` (a MESSAGE as it stands on the wire)
or `head` and `data` (a data record: its header and its bytes in base64; `size` alone when the
bytes were not kept, as with tiles that went straight into a picture).

RV's (RV_NETWORK_STREAM_STORAGE_DIR, network.md section 13) holds only what RV sent: Qt's
QDataStream, big endian, magic 312967, version 1, then time (f64), kind (0 message, 1 data),
QString and, for data, QByteArray.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from rvshell.errors import MediaError
from rvshell.protocol import DataEvent, PixelTile
from rvshell.protocol.texts import parse_data_header

if TYPE_CHECKING:
    from rvshell.client.blocking import Client

__all__ = ["MAGIC", "Entry", "encode_rv", "read_recording", "send_data_entry", "write_entry"]

MAGIC: Final = 312967
_VERSION: Final = 1
_MAX_LINE: Final = 1 << 30
_MAX_FILE: Final = 1 << 32


@dataclass(frozen=True, slots=True)
class Entry:
    """One record.  `head` is "" for a MESSAGE, whose text is `text`; `data` None means that
    the bytes were not kept (there were `size` of them)."""

    time: float
    way: str  # "in" or "out"
    text: str = ""
    head: str = ""
    data: bytes | None = None
    size: int = 0


def write_entry(file: IO[str], entry: Entry) -> None:
    """Add one line in our form."""
    found: dict[str, Any] = {"t": round(entry.time, 6), "way": entry.way}
    if entry.head:
        found["head"] = entry.head
        found["size"] = entry.size
        if entry.data is not None:
            found["data"] = base64.b64encode(entry.data).decode("ascii")
    else:
        found["text"] = entry.text
    file.write(json.dumps(found, ensure_ascii=False) + "\n")


def read_recording(path: str | Path) -> list[Entry]:
    """All records of a file of either form.  Raises MediaError."""
    name = str(path)
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise MediaError(f"{name}: {error.strerror or error}", path=name) from None
    if data[:4] == struct.pack(">i", MAGIC):
        return list(_read_rv(data, name))
    entries = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            entries.append(_read_line(line, f"{name}:{number}"))
    if not entries:
        raise MediaError(f"{name} is no recording", path=name)
    return entries


def _read_line(line: bytes, where: str) -> Entry:
    try:
        found = json.loads(line)
        way, time = found["way"], float(found["t"])
        if way not in ("in", "out") or not time >= 0:
            raise ValueError("way")
        if "head" not in found:
            return Entry(time, way, text=str(found["text"]))
        raw = found.get("data")
        data = None if raw is None else base64.b64decode(raw, validate=True)
        size = int(found.get("size", 0)) if data is None else len(data)
        return Entry(time, way, head=str(found["head"]), data=data, size=size)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise MediaError(f"{where}: no line of a recording", path=where) from None


class _Stream:
    def __init__(self, data: bytes, name: str) -> None:
        self.data = data
        self.name = name
        self.at = 0

    def take(self, size: int) -> bytes:
        if size < 0 or self.at + size > len(self.data):
            raise MediaError(f"{self.name}: the recording ends in the middle", path=self.name)
        piece = self.data[self.at : self.at + size]
        self.at += size
        return piece

    def number(self, form: str) -> Any:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def string(self) -> str:
        size = self.number(">I")
        if size == 0xFFFFFFFF:
            return ""
        return self.take(size).decode("utf-16-be", "replace")

    def array(self) -> bytes:
        size = self.number(">I")
        return b"" if size == 0xFFFFFFFF else self.take(size)


def _read_rv(data: bytes, name: str) -> Iterator[Entry]:
    stream = _Stream(data, name)
    stream.take(4)
    version = stream.number(">i")
    if version != _VERSION:
        raise MediaError(f"{name}: version {version} of RV's recordings is unknown", path=name)
    while stream.at < len(data):
        time = float(stream.number(">d"))
        kind = stream.number(">i")
        if kind == 0:
            yield Entry(time, "out", text=stream.string())
        elif kind == 1:
            head = stream.string()
            payload = stream.array()
            yield Entry(time, "out", head=head, data=payload, size=len(payload))
        else:
            raise MediaError(f"{name}: a record of unknown kind {kind}", path=name)


def send_data_entry(client: Client, entry: Entry) -> None:
    """Send a data record again; bytes that were not kept are zeros."""
    data = entry.data if entry.data is not None else bytes(entry.size)
    record = parse_data_header(entry.head + " ", len(data))
    if isinstance(record, PixelTile) and data:
        client.send_tile(record, data)
    elif isinstance(record, DataEvent) and data:
        client.send_data(record.event, record.content_type, data, record.target)


def encode_rv(entry: Entry | None) -> bytes:
    """An entry in RV's form, or its file header for None."""
    if entry is None:
        return struct.pack(">ii", MAGIC, _VERSION)
    text = (entry.head or entry.text).encode("utf-16-be")
    head = struct.pack(">diI", entry.time, 1 if entry.head else 0, len(text)) + text
    if not entry.head:
        return head
    data = entry.data if entry.data is not None else bytes(entry.size)
    return head + struct.pack(">I", len(data)) + data
