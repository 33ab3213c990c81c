"""Feeding bytes to a parser in pieces, and collecting what comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rvshell.protocol import PAYLOAD_DONE, DataEvent, Parser, PixelTile, Record, UnknownData

DATA = (PixelTile, DataEvent, UnknownData)
Got = list[tuple[Record, bytes]]
GREETING = b"GREETING 1 a"


class Feeder:
    """Pushes pieces into a parser and answers its announcements with `where`."""

    row = 400  # bytes of a row when a payload goes out row by row

    def __init__(
        self,
        *,
        greeting_first: bool = True,
        where: str = "collect",
        buffer_size: int = 1 << 20,
        note: Callable[[str], None] | None = None,
    ) -> None:
        self.parser = Parser(greeting_first=greeting_first, buffer_size=buffer_size, note=note)
        self.where = where
        self.got: Got = []
        self._into = bytearray()

    def _put(self, data: bytearray, start: int, first: int, count: int) -> None:
        assert first * self.row == len(self._into)
        self._into += data[start : start + count * self.row]

    def feed(self, data: bytes) -> Got:
        view = memoryview(data)
        while len(view):
            room = self.parser.get_buffer()
            assert len(room)
            count = min(len(room), len(view))
            room[:count] = view[:count]
            del room
            self.parser.buffer_updated(count)
            view = view[count:]
            self.drain()
        return self.got

    def drain(self) -> None:
        parser = self.parser
        while (record := parser.next_record()) is not None:
            if record is PAYLOAD_DONE:
                header = self.got.pop()[0]
                if self.where == "collect":
                    assert parser.payload is not None
                    self.got.append((header, bytes(parser.payload)))
                elif self.where in ("into", "rows"):
                    assert parser.payload is None
                    self.got.append((header, bytes(self._into)))
                else:
                    self.got.append((header, b""))
            elif isinstance(record, DATA) and parser.payload is None:
                self.got.append((record, b""))
                if self.where == "collect":
                    parser.collect()
                elif self.where == "into":
                    self._into = bytearray(record.size)
                    parser.receive_into(memoryview(self._into))
                elif self.where == "rows":
                    self._into = bytearray()
                    parser.pass_rows(self.row, self._put)
                else:
                    parser.skip()
            else:
                payload = bytes(parser.payload or b"") if isinstance(record, DATA) else b""
                self.got.append((record, payload))


def parse_all(data: bytes, size: int | None = None, *, greeting_first: bool = False) -> Got:
    """All records in `data`, fed whole or in pieces of `size` bytes."""
    feeder = Feeder(greeting_first=greeting_first)
    for piece in pieces(data, size or max(1, len(data))):
        feeder.feed(piece)
    assert not feeder.parser.incomplete
    return feeder.got


def pieces(data: bytes, size: int) -> Iterable[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))
