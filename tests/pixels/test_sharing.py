"""Pixels that a player copies out of the sender's memory, and what may go wrong with that."""

from __future__ import annotations

import fcntl
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvshell.client import Client, sharing
from rvshell.errors import RemoteProtocolError
from rvshell.pixels import Image, open_image
from rvshell.pixels.stock import Stock
from rvshell.protocol import PAYLOAD_DONE, Event, Greeting, Parser, PixelTile, encode_return
from tests.pixels.running import RunningPlayer
from tests.pixels.test_image import arrived
from tests.pixels.test_push_verb import pixels_of
from tests.waiting import until

pytestmark = pytest.mark.skipif(not sharing.possible(), reason="memfd is Linux's")

RNG = np.random.default_rng(11)
W, H = 256, 128  # a tile of 32 KiB and more is told of


def noise(dtype: str, width: int = W, height: int = H, channels: int = 4) -> np.ndarray:
    kind = {"uint8": np.uint8, "uint16": np.uint16, "half": np.float16, "float": np.float32}[dtype]
    values = RNG.integers(0, 1024, (height, width, channels))
    return values.astype(kind) if dtype.startswith("uint") else (values / 64).astype(kind)


def agreed(image: Image, blank: np.ndarray) -> None:
    """Push until the player has taken something out of our memory."""

    def taken() -> bool:
        image.send(blank)
        return image.sync() and image.statistics[0].shared > 0

    until(taken, "the player to share")


# -- what arrives --------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["uint8", "half", "float"])
def test_frames_strips_and_tiles_arrive(player: RunningPlayer, dtype: str) -> None:
    with open_image("shared", W, H, dtype=dtype, port=player.port) as image:
        agreed(image, np.zeros_like(noise(dtype)))
        want = noise(dtype)
        image.send(want)
        for x, y, width, height in ((0, 32, W, 64), (64, 3, 130, 100), (W - 128, H - 64, 128, 64)):
            tile = noise(dtype, width, height)
            image.send_tile(x, y, tile)
            want[y : y + height, x : x + width] = tile
        image.send_tile(7, 9, tile[:3, :5])  # too small to be told of
        want[9:12, 7:12] = tile[:3, :5]
        assert image.sync()
        np.testing.assert_array_equal(arrived(player, image), want)


def test_layers_views_and_frames(player: RunningPlayer) -> None:
    words: dict[str, Any] = {"layers": ("diffuse", "depth.z"), "views": ("left", "right")}
    with open_image("many", W, H, dtype="half", port=player.port, frames=(1, 2), **words) as image:
        agreed(image, noise("half"))
        pixels = {}
        for frame, layer, view in ((1, "diffuse", "right"), (2, "depth.z", "left")):
            pixels[frame] = noise("half")
            image.send(pixels[frame], frame=frame, layer=layer, view=view)
        assert image.sync()
        np.testing.assert_array_equal(arrived(player, image, "1:right;diffuse"), pixels[1])
        np.testing.assert_array_equal(arrived(player, image, "2:left;depth*z"), pixels[2])


def test_what_is_overwritten_on_the_way_arrives_whole(player: RunningPlayer) -> None:
    with open_image("again", W, H, dtype="uint8", port=player.port) as image:
        agreed(image, noise("uint8"))
        for value in range(200):
            image.send(np.full((H, W, 4), value, np.uint8))
        assert image.sync()
        assert (arrived(player, image) == 199).all()


def test_several_sources_and_scripts_get_them_too(tmp_path: Path) -> None:
    """What cannot be copied row by row is put as a whole."""
    with (
        RunningPlayer(tmp_path) as player,
        open_image("spread", W, H, dtype="uint8", port=player.port) as image,
    ):
        agreed(image, noise("uint8"))
        other = player.ask(
            f'newImageSource("spread", {W}, {H}, {W}, {H}, 0, 0, 1.0, 4, 8, false, 1, 1, 24.0, '
            "nil, nil);"
        ).strip('"')
        tile = noise("uint8", 128, 64)
        image.send_tile(64, 32, tile)
        assert image.sync()
        for node in (image.nodes[0], other):
            there = pixels_of(player, node, "1", "Byte", W * H * 4).reshape(H, W, 4)[::-1]
            np.testing.assert_array_equal(there[32:96, 64:192], tile)
        player.ask(
            'commands.bind("default", "global", "pixel-block", \\: (void; Event e) '
            '{ markFrame(1, true); insertCreatePixelBlock(e); }, "mine");'
        )
        image.send_tile(64, 32, tile[::-1])
        assert image.sync()
        assert player.ask("markedFrames();") == "int[] {1}"
        np.testing.assert_array_equal(arrived(player, image)[32:96, 64:192], tile[::-1])


def test_a_player_without_a_place_for_them_goes_on(player: RunningPlayer) -> None:
    """A tile that is refused is logged and nobody else's work."""
    with open_image("gone", W, H, dtype="uint8", port=player.port) as image:
        agreed(image, noise("uint8"))
        player.ask("clearSession();")
        image.send(noise("uint8"))
        assert image.sync()
        until(lambda: [line for line in player.log if "tiles of gone" in line], "a line in the log")


# -- who shares ------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["share", "environment", "compress"])
def test_not_when_it_is_not_wanted(
    player: RunningPlayer, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words: dict[str, Any] = {"share": {"share": False}, "compress": {"compress": True}}.get(how, {})
    if how == "environment":
        monkeypatch.setenv("RVSHELL_SHARE", "off")
    with open_image("own", W, H, dtype="uint8", port=player.port, **words) as image:
        for _ in range(5):
            pixels = noise("uint8")
            image.send(pixels)
            assert image.sync()
        assert image.statistics[0].shared == 0
        np.testing.assert_array_equal(arrived(player, image), pixels)


class FarEnd(threading.Thread):
    """A viewer that evaluates to a node's name, has `offer` for what it is offered, and answers
    what it is told of with `copied`, or not at all when that is None."""

    def __init__(self, offer: str, copied: str | None) -> None:
        super().__init__(daemon=True)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.server.getsockname()[1]
        self.memory: memoryview | None = None
        self.told: list[str] = []
        self.tiles: list[PixelTile] = []
        self._offer, self._copied = offer, copied
        self.start()

    def _answer(self, event: Event) -> str | None:
        if event.name != sharing.SHARING_EVENT:
            return '"node"' if event.name == "remote-eval" else ""
        if event.contents.startswith("offer"):
            self.memory = sharing.offered(event.contents).pixels
            return self._offer
        self.told.append(event.contents)
        return self._copied

    def run(self) -> None:
        sock, _ = self.server.accept()
        parser = Parser()
        with sock:
            while count := sock.recv_into(parser.get_buffer()):
                parser.buffer_updated(count)
                while (record := parser.next_record()) is not None:
                    if isinstance(record, Greeting):
                        sock.sendall(b"GREETING 2 rv")
                    elif isinstance(record, PixelTile):
                        self.tiles.append(record)
                        if parser.payload is None:
                            parser.skip()
                    elif record is not PAYLOAD_DONE and isinstance(record, Event):
                        answer = self._answer(record)
                        if answer is not None and record.wants_reply:
                            sock.sendall(encode_return(answer))


@contextmanager
def far_end(offer: str, copied: str | None) -> Iterator[FarEnd]:
    end = FarEnd(offer, copied)
    try:
        yield end
    finally:
        end.server.close()


def test_rv_gets_the_pixels() -> None:
    with far_end("", None) as end:
        with open_image("rv", W, H, dtype="uint8", port=end.port) as image:
            for _ in range(5):
                image.send(noise("uint8"))
                assert image.sync()
        assert not end.told and end.tiles


def test_what_is_refused_is_sent() -> None:
    with (
        far_end(sharing.SHARED, "") as end,
        open_image("no", W, H, dtype="uint8", port=end.port) as image,
    ):

        def refused() -> bool:
            image.send(noise("uint8"))
            return image.sync() and bool(end.told)

        until(refused, "the far end to refuse")
        image.send(noise("uint8"))
        assert image.sync()
        told, sent = len(end.told), len(end.tiles)
        assert {(t.x, t.y, t.width, t.height) for t in end.tiles} == {(0, 0, W, H)}
        image.send(noise("uint8"))
        assert image.sync()
        assert (len(end.told), len(end.tiles)) == (told, sent + 1)  # it is not told again


def test_memory_that_a_viewer_may_still_read_stays_as_it_is() -> None:
    """Frame 1 is given up for want of room before the viewer has copied it."""
    with far_end(sharing.SHARED, None) as end:
        image = open_image(
            "slow", W, H, dtype="uint8", port=end.port, frames=(1, 9),
            memory=W * H * 4, patience=0.01,
        )  # fmt: skip
        first = noise("uint8")

        def told() -> bool:
            image.send(first, frame=1)
            return bool(end.told)

        until(told, "the far end to be told of a frame")
        for frame in range(2, 10):
            image.send(noise("uint8"), frame=frame)
        assert end.memory is not None
        ((tile, start, stride),) = sharing.read_tiles(end.told[0], end.memory, {})
        rows = np.frombuffer(end.memory, np.uint8, tile.height * stride, start)
        np.testing.assert_array_equal(rows.reshape(H, W, 4)[::-1], first)
        image.close(flush=False)


def test_memory_is_given_back() -> None:
    stock = Stock((64, 1024, 4), np.dtype(np.uint8), 1 << 20)
    assert stock.memory is not None
    descriptor = int(stock.memory.offer.split()[2])
    pieces = [stock.take(blank=True) for _ in range(20)]
    for piece in pieces:
        piece.array.fill(7)
    kept = os.fstat(descriptor).st_blocks * 512
    assert len({p.start for p in pieces}) == 20 and kept >= 20 * (256 << 10)
    for piece in pieces:
        stock.put_back(piece, unread=False)
    assert os.fstat(descriptor).st_blocks * 512 <= 3 * (256 << 10)
    again = [stock.take(blank=True) for _ in range(30)]
    assert not any(piece.array.any() for piece in again)
    assert [p.start >= 0 for p in again] == [True] * 20 + [False] * 10
    stock.close()


# -- who must not be believed ------------------------------------------------------------------


def memfd(name: str = "rvshell-pixels", size: int = 8192, seals: int = fcntl.F_SEAL_SHRINK) -> int:
    fd = os.memfd_create(name, os.MFD_ALLOW_SEALING)
    os.ftruncate(fd, size)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
    return fd


def test_offers_that_are_not_what_they_say(tmp_path: Path) -> None:
    memory = sharing.Memory(4096)
    good = memory.offer
    assert len(sharing.offered(good).pixels) == 4096
    word, pid, descriptor, size, token = good.split()
    plain = os.open(tmp_path, os.O_RDONLY)
    ends = os.pipe()
    others = [memfd("other"), memfd(seals=0), memfd(), plain, *ends]
    bad = [
        " ".join((word, pid, descriptor, size, token[::-1])),
        " ".join((word, pid, descriptor, "5000", token)),
        " ".join((word, pid, descriptor, "9" * 15, token)),
        " ".join((word, "999999999", descriptor, size, token)),
        *(" ".join((word, pid, str(fd), "4096", token)) for fd in (*others, 99999)),
        "offer", "offer 1 2 3", good + " ", "offer ../1 1 1 " + token, "", "tiles",
    ]  # fmt: skip
    for offer in bad:
        with pytest.raises(RemoteProtocolError):
            sharing.offered(offer)
    for fd in others:
        os.close(fd)
    memory.close()
    with pytest.raises(RemoteProtocolError):
        sharing.offered(good)


HEAD = "PIXELTILE(media=m,w=4,h=4,x=0,y=0,f=1) 64"


@pytest.mark.parametrize(
    "line",
    [
        f"{HEAD} 0", f"{HEAD} 0 15", f"{HEAD} 4033 16", f"{HEAD} 0 2000", f"{HEAD} -1 16", HEAD,
        "PIXELTILE(media=m,w=4,h=0,x=0,y=0,f=1) 64 0 16", "PIXELTILE(w=4,h=-1) 64 0 64",
        "PIXELTILE(media=m,w=4,h=3) 64 0 64", "DATAEVENT(a,b,c) 1 0 1", "", "\n", f"{HEAD} 0 16 ",
        f"{HEAD} 0 9999999999", f"{HEAD} 999999999999999 16",
    ],
)  # fmt: skip
def test_tiles_outside_of_the_memory_are_refused(line: str) -> None:
    memory = memoryview(bytearray(4096))
    assert len(list(sharing.read_tiles(f"tiles\n{HEAD} 4032 16", memory, {}))) == 1
    with pytest.raises(RemoteProtocolError):
        list(sharing.read_tiles(f"tiles\n{line}", memory, {}))


@given(st.text(max_size=200) | st.from_regex(r"tiles\n(PIXELTILE\([wh=,0-9-]*\) \d+ \d+ \d+\n?)+"))
def test_garbage_is_refused_or_lies_inside(text: str) -> None:
    memory = memoryview(bytes(1000))
    try:
        for tile, start, stride in sharing.read_tiles(text, memory, {}):
            row = tile.size // tile.height
            assert start >= 0 and row <= stride
            assert start + (tile.height - 1) * stride + row <= 1000
    except RemoteProtocolError:
        pass


def test_a_player_refuses_and_serves_on(player: RunningPlayer) -> None:
    memory = sharing.Memory(1 << 16)
    with Client.connect(port=player.port, name="hostile") as client:
        tell = f"tiles\n{HEAD} 0 16"
        assert client.request(sharing.SHARING_EVENT, tell) == ""  # nothing was offered
        assert client.request(sharing.SHARING_EVENT, "offer 1 1 1 " + "0" * 64) == ""
        assert client.request(sharing.SHARING_EVENT, "nonsense") == ""
        assert client.request(sharing.SHARING_EVENT, memory.offer) == sharing.SHARED
        assert client.request(sharing.SHARING_EVENT, tell) == sharing.COPIED  # nobody has it
        assert client.request(sharing.SHARING_EVENT, f"tiles\n{HEAD} 65535 16") == ""
        assert client.request(sharing.SHARING_EVENT, "tiles\n\n") == ""
        assert client.eval_mu("frame();") == "1"
    memory.close()


def test_the_last_view_lets_the_memory_go() -> None:
    def mapped() -> int:
        return Path("/proc/self/maps").read_text().count("rvshell-pixels")

    before = mapped()
    memory = sharing.Memory(1 << 20)
    shared = sharing.offered(memory.offer)
    np.frombuffer(memory.pixels, np.uint8)[:] = 5
    memory.close()
    del memory
    shared.copied(1 << 30)
    assert shared.pixels[12345] == 5 and mapped() == before + 1
    del shared
    assert mapped() == before
