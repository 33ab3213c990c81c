"""Tiles of any size, split anywhere, through parser, dispatcher and fast lane into frames."""

from __future__ import annotations

import logging
import os
from types import SimpleNamespace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from player.daemon.ingest import Straight
from player.media import BadTile, PixelStore
from player.network.dispatch import Dispatcher
from player.network.lane import Lane
from rvshell.protocol import PAYLOAD_DONE, Event, Parser, PixelTile, encode_data_header
from rvshell.protocol.encode import encode_event

PIPE = 60_000  # bytes that a pipe takes at once
WIDTH, HEIGHT = 1200, 200  # rows of 4,800 bytes: wide tiles are received row by row


class StoreHandler:
    """Tiles into a store, as the player's own handler does it."""

    def __init__(self) -> None:
        self.store = PixelStore()
        self.asked = 0
        self.came = 0
        self.events: list[str] = []
        self.refused: list[str] = []
        self.scripted = False
        self.define(WIDTH)

    def define(self, width: int) -> None:
        size = (width, HEIGHT, 0, 0)
        self.store.remove("s")
        self.store.define("s", "m", width, HEIGHT, size, 4, 8, False, 1, 9, 24.0, (), ("a", "b"))

    def tile_epoch(self) -> int | None:
        return None if self.scripted else self.store.epoch

    def tiles_came(self, count: int) -> None:
        self.came += count

    def tile(self, peer: Any, t: PixelTile) -> Any:
        self.asked += 1
        try:
            landings = self.store.landings(
                t.media, t.frame, t.view, t.layer, t.x, t.y, t.width, t.height, t.size
            )
        except BadTile as error:
            self.refused.append(str(error))
            return None
        if not landings:
            return None
        (one,) = landings
        return Straight(one, self.tiles_came)

    def event(self, peer: Any, name: str, contents: str, wants_reply: bool) -> str:
        self.events.append(contents)
        if contents.startswith("size"):
            self.define(int(contents[4:]))
        return ""


class Pipe:
    """What a link does with the bytes of a socket, without one."""

    def __init__(self, handler: Any) -> None:
        self.parser = Parser()
        peer: Any = SimpleNamespace(label="test")
        self.notes: list[str] = []
        self.dispatch = Dispatcher(
            handler, peer, self.parser, logging.getLogger("t"), self.notes.append
        )
        self.lane = Lane(handler, self.parser, self.dispatch)
        self.feed(b"GREETING 1 a", [1 << 20])

    def feed(self, data: bytes, reads: list[int]) -> None:
        view, turn = memoryview(data), 0
        while len(view):
            left = min(reads[turn % len(reads)], len(view))
            turn += 1
            if self.dispatch.rows is not None and turn % 4 and self.parser.missing:
                view = view[self.scattered(view[:left]) :]
                continue
            buffers = self.parser.get_buffers() if turn % 3 else [self.parser.get_buffer()]
            count = 0
            for buffer in buffers:
                part = min(len(buffer), left - count)
                buffer[:part] = view[count : count + part]
                count += part
            del buffer, buffers
            self.parser.buffer_updated(count)
            view = view[count:]
            if not (turn % 2 and self.lane.go_on()):
                self.process()

    def scattered(self, data: memoryview) -> int:
        """Let the rows of the open tile be filled by the system; how much of the data fitted."""
        reader, writer = os.pipe()
        try:
            sent = os.write(writer, data[:PIPE])
            assert self.dispatch.rows is not None
            window = self.parser.window()
            count = self.dispatch.rows.read(reader, self.parser.have, window)
            assert count == min(sent, self.parser.missing + len(window))
            del window
        finally:
            os.close(reader)
            os.close(writer)
        self.parser.buffer_updated(count)
        if not self.lane.go_on():
            self.process()
        return count

    def process(self) -> None:
        if self.lane.running:
            self.lane.run()
        while (event := self.parser.next_record()) is not None:
            if isinstance(event, PixelTile):
                self.dispatch.tile(event)
                self.lane.run()
            elif event is PAYLOAD_DONE:
                self.dispatch.payload_done()
                self.lane.run()
            elif isinstance(event, Event):
                self.dispatch.event(event)


@st.composite
def tile(draw: st.DrawFn) -> PixelTile:
    kinds = ["small", "small", "grid", "narrow", "wide", "strip", "full", "bad"]
    kind = draw(st.sampled_from(kinds))
    if kind == "small":
        w, h = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    elif kind == "grid":
        x, y = draw(st.integers(0, 9)), draw(st.integers(0, 9))
        return PixelTile("m", "a", x=x * 16, y=y * 16, width=16, height=16, frame=1, size=1024)
    elif kind == "narrow":  # large, with rows that are too short to be received each by itself
        w, h = draw(st.integers(100, 900)), draw(st.integers(180, HEIGHT))
    elif kind == "wide":
        w, h = draw(st.integers(1024, WIDTH - 1)), draw(st.integers(20, 60))
    elif kind == "strip":
        w, h = WIDTH, draw(st.integers(1, 64))
    elif kind == "full":
        w, h = WIDTH, HEIGHT
    else:
        return PixelTile("m", x=WIDTH - 3, y=0, width=7, height=2, frame=1, size=56)
    x, y = draw(st.integers(0, WIDTH - w)), draw(st.integers(0, HEIGHT - h))
    layer, frame = draw(st.sampled_from(["-", "a", "b"])), draw(st.integers(0, 3))
    return PixelTile("m", layer, x=x, y=y, width=w, height=h, frame=frame, size=w * h * 4)


@st.composite
def neighbours(draw: st.DrawFn) -> list[PixelTile]:
    """Tiles at even distances in one direction, or backwards; some of them overlap."""
    w, h = draw(st.integers(2, 40)), draw(st.integers(2, 40))
    count = draw(st.integers(2, 12))
    across = draw(st.booleans())
    room, size = (WIDTH, w) if across else (HEIGHT, h)
    step = draw(st.integers(1, max(1, min(3 * size, (room - size) // count))))
    at = draw(st.integers(0, room - size - step * (count - 1)))
    places = [at + number * step for number in range(count)]
    if draw(st.booleans()):
        places.reverse()
    other = draw(st.integers(0, (HEIGHT if across else WIDTH) - (h if across else w)))
    return [
        PixelTile(
            "m", "a", x=place if across else other, y=other if across else place, width=w,
            height=h, frame=1, size=w * h * 4,
        )
        for place in places
    ]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.one_of(neighbours(), tile().map(lambda one: [one])), min_size=1, max_size=12).map(
        lambda groups: [one for group in groups for one in group]
    ),
    st.lists(st.sampled_from([1 << 20, 300_000, 65_536, 5000, 777]), min_size=1, max_size=6),
    st.integers(0, 2**32 - 1),
)
def test_every_tile_lands_where_it_belongs(
    tiles: list[PixelTile], reads: list[int], seed: int
) -> None:
    handler = StoreHandler()
    pipe = Pipe(handler)
    rng = np.random.default_rng(seed)
    model: dict[tuple[int, str], np.ndarray] = {}
    stream, good = b"", 0
    # the second time the routes are known, the third the trains; then some tiles do not come
    for t in [*tiles, *tiles, *tiles, *tiles[::2], *tiles]:
        pixels = rng.integers(0, 256, (t.height, t.width, 4), np.uint8)
        stream += encode_data_header(t) + pixels.tobytes()
        if t.x + t.width > WIDTH:
            continue
        key = max(t.frame, 1), "a" if t.layer == "-" else t.layer
        frame = model.setdefault(key, np.zeros((HEIGHT, WIDTH, 4), np.uint8))
        frame[t.y : t.y + t.height, t.x : t.x + t.width] = pixels
        good += 1
    pipe.feed(stream, reads)
    assert handler.came == good
    for (number, layer), frame in model.items():
        got = handler.store.frame("s", number, "", layer)
        assert got is not None
        np.testing.assert_array_equal(got, frame)


def grid(width: int = WIDTH) -> list[PixelTile]:
    return [
        PixelTile("m", x=x, y=y, width=16, height=16, frame=1, size=1024)
        for y in range(0, HEIGHT - 16, 16) for x in range(0, width - 16, 16)
    ]  # fmt: skip


def encoded(tiles: list[PixelTile], value: int) -> bytes:
    return b"".join(encode_data_header(t) + bytes([value]) * t.size for t in tiles)


def test_a_known_header_is_not_asked_for_again() -> None:
    handler = StoreHandler()
    pipe = Pipe(handler)
    for value in range(5):
        pipe.feed(encoded(grid(), value), [1 << 20])
    assert handler.asked <= len(grid()) + 1  # the very first goes the ordinary way
    assert handler.came == 5 * len(grid())


def test_a_source_that_changes_between_two_tiles_is_asked_for_again() -> None:
    handler = StoreHandler()
    pipe = Pipe(handler)
    small = encoded(grid(600), 1)
    pipe.feed(small, [1 << 20])
    # in one read: the source gets smaller, then the same tiles and one that is outside now
    outside = PixelTile("m", x=WIDTH - 16, y=0, width=16, height=16, frame=1, size=1024)
    pipe.feed(encoded([outside], 2), [1 << 20])
    assert not handler.refused
    pipe.feed(encode_event("remote-eval", "size600") + small + encoded([outside], 2), [1 << 20])
    assert len(handler.refused) == 1
    frame = handler.store.frame("s", 1)
    assert frame is not None and frame.shape[1] == 600
    assert frame[:176, :576].all()


def test_neighbours_are_put_together() -> None:
    handler = StoreHandler()
    pipe = Pipe(handler)
    tiles = grid()
    alone: list[int] = []
    ordinary = handler.store.landings

    def watched(landing: Any) -> Any:
        put = landing.put
        landing.put = lambda data, start: (alone.append(start), put(data, start))
        return landing

    def landings(*place: Any) -> Any:
        return [watched(landing) for landing in ordinary(*place)]

    handler.store.landings = landings  # type: ignore[method-assign]
    for value in range(2):
        pipe.feed(encoded(tiles, value), [1 << 20])
    before = len(alone)
    for value in (2, 3, 4):
        pipe.feed(encoded(tiles, value), [1 << 20])
    # x has one digit, two, three or four: four trains a line, and one of a single tile
    assert len(alone) - before <= 3 * (len(tiles) // 74 + 1)
    frame = handler.store.frame("s", 1)
    assert frame is not None and (frame[:192, : 74 * 16] == 4).all()
    handler.store.take_changed()
    pipe.feed(encoded(tiles, 5), [1 << 20])
    assert handler.store.take_changed() == [("s", "1;a")]
    assert handler.store.newest("s", 1) == ((73 * 16, 11 * 16, 16, 16), 6 * len(tiles))
    assert handler.came == 6 * len(tiles)


def test_what_fails_while_it_comes_row_by_row_is_dropped_and_the_next_is_served() -> None:
    handler = StoreHandler()
    pipe = Pipe(handler)
    narrow = PixelTile("m", x=0, y=0, width=400, height=200, frame=1, size=320_000)
    real, fails = handler.tile, [True]

    def broken(data: bytearray, start: int, first: int, count: int) -> None:
        if first > 50 and fails.pop():
            raise ValueError("cannot write")

    def tile(peer: Any, header: PixelTile) -> Any:
        sink = real(peer, header)
        if not fails:
            return sink
        return SimpleNamespace(
            buffer=lambda: None, rows=lambda: None, piecewise=lambda: (1600, broken),
            put=sink.put, done=sink.done, aborted=lambda: None, joined=lambda *_: None,
        )  # fmt: skip

    handler.tile = tile  # type: ignore[method-assign]
    pipe.feed(encoded([narrow], 1), [20_000])
    assert not fails and handler.came == 0
    handler.store.epoch += 1
    pipe.feed(encoded([narrow], 2) + encode_event("remote-eval", "next"), [20_000])
    frame = handler.store.frame("s", 1)
    assert frame is not None and (frame[:, :400] == 2).all()
    assert handler.events == ["next"] and handler.came == 1


def test_refusals_are_reported_once() -> None:
    handler = StoreHandler()
    pipe = Pipe(handler)
    bad = PixelTile("m", x=WIDTH, y=0, width=16, height=16, frame=1, size=1024)
    for _ in range(50):
        pipe.feed(encoded([bad], 1), [1 << 20])
    assert len(handler.refused) == 1 and "bad pixel block recieved" in handler.refused[0]


def test_scripts_that_listen_see_every_tile() -> None:
    handler = StoreHandler()
    pipe = Pipe(handler)
    pipe.feed(encoded(grid(), 1), [1 << 20])
    handler.scripted = True
    asked = handler.asked
    pipe.feed(encoded(grid(), 2), [1 << 20])
    assert handler.asked == asked + len(grid())
