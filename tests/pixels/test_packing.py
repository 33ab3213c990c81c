"""Packed tiles: what they hold, who gets them and who never does, and hostile ones."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvshell.client import Client, packing
from rvshell.errors import RemoteProtocolError
from rvshell.pixels import Image, ImageSpec, open_image
from rvshell.pixels.canvas import Canvases
from rvshell.pixels.packing import PIECE, Packing, allowed, strips
from rvshell.protocol import (
    DataEvent,
    Event,
    PixelTile,
    encode_data_header,
    encode_return,
)
from tests.pixels.running import RunningPlayer, rvshell
from tests.pixels.test_image import arrived
from tests.pixels.test_push_verb import node_of, pixels_of

CODECS = packing.available()
HEADER = b"PIXELTILE(media=m,w=8,h=4,x=0,y=0,f=1) %d "

needs_codecs = pytest.mark.skipif(not CODECS, reason="neither lz4 nor zstandard is installed")


def payload_of(record: list[bytes]) -> memoryview:
    """What follows the header of a record."""
    return memoryview(b"".join(record).partition(b") ")[2].partition(b" ")[2])


# -- what a packed tile holds --------------------------------------------------------------


@needs_codecs
@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("pixel", [1, 4, 6, 8, 16])
def test_what_comes_out_is_what_went_in(codec: str, pixel: int) -> None:
    pixels = np.linspace(0, 9, 32 * pixel, dtype=np.float32).tobytes()[: 32 * pixel] * 4
    record = packing.pack(codec, HEADER % len(pixels), pixels, pixel)
    assert record is not None
    assert b"".join(record).startswith(b"DATAEVENT(player-pixels,*,%b)" % codec.encode())
    tile, of_pixel, data = packing.read_packed(payload_of(record))
    assert (tile.media, tile.width, tile.height, tile.size) == ("m", 8, 4, len(pixels))
    assert packing.unpack(codec, data, tile.size, of_pixel) == pixels


@needs_codecs
def test_noise_is_sent_as_it_is() -> None:
    noise = np.random.default_rng(1).bytes(4096)
    assert all(packing.pack(codec, HEADER % 4096, noise, 4) is None for codec in CODECS)


# -- hostile ones ----------------------------------------------------------------------------


def payload(header: bytes, data: bytes, pixel: int = 4) -> memoryview:
    return memoryview(len(header).to_bytes(2, "big") + bytes([pixel]) + header + data)


@pytest.mark.parametrize(
    "hostile",
    [
        payload(HEADER % (packing.MAX_RAW + 1), b"x"),
        payload(HEADER % 2_000_000_000, b"x"),
        payload(HEADER % 0, b"x"),
        payload(HEADER % 128, b""),
        payload(HEADER % 127, b"x"),
        payload(HEADER % 128, b"x", pixel=0),
        payload(b"DATAEVENT(a,b,c) 128 ", b"x"),
        payload(b"PIXELTILE(media=m) 128", b"x"),
        memoryview(b""),
        memoryview(b"\xff\xff\x04PIXEL"),
    ],
)
def test_headers_are_refused_before_anything_is_unpacked(hostile: memoryview) -> None:
    with pytest.raises(RemoteProtocolError):
        packing.read_packed(hostile)


@needs_codecs
@pytest.mark.parametrize("codec", CODECS)
def test_streams_of_another_size_are_refused(codec: str) -> None:
    bomb = packing.pack(codec, HEADER % (1 << 26), bytes(1 << 26), 4)
    assert bomb is not None
    data = bomb[1]
    assert len(data) < 1 << 20
    for size in (128, packing.MAX_RAW):
        with pytest.raises(RemoteProtocolError):
            packing.unpack(codec, memoryview(data), size, 4)
    short = packing.pack(codec, HEADER % 4096, bytes(4096), 4)
    assert short is not None
    with pytest.raises(RemoteProtocolError):
        packing.unpack(codec, memoryview(short[1]), 8192, 4)


def test_unknown_codecs_are_refused() -> None:
    with pytest.raises(RemoteProtocolError, match="not agreed on"):
        packing.unpack("os.system", memoryview(b"x"), 128, 4)


@given(st.binary(max_size=200), st.sampled_from(["lz4", "zstd", "", "x"]))
def test_garbage_is_an_error_of_the_far_end(data: bytes, codec: str) -> None:
    for hostile in (memoryview(data), payload(HEADER % 128, data or b"x")):
        try:
            tile, pixel, rest = packing.read_packed(hostile)
            packing.unpack(codec, rest, tile.size, pixel)
        except RemoteProtocolError:
            continue


@needs_codecs
def test_a_player_drops_hostile_tiles_and_serves_on(player: RunningPlayer) -> None:
    with open_image("target", 8, 4, dtype="uint8", port=player.port) as image:
        image.send(np.full((4, 8, 4), 7, np.uint8))
        assert image.sync()
        media = image.spec.media.encode()
        good = b"PIXELTILE(media=%b,w=8,h=4,x=0,y=0,f=1) 128 " % media
        outside = b"PIXELTILE(media=%b,w=8,h=4,x=4,y=0,f=1) 128 " % media
        record = packing.pack(CODECS[0], good, bytes(128), 4)
        assert record is not None
        data = record[1]
        with Client.connect(port=player.port, name="hostile") as client:
            for header, body in ((outside, data), (good, data[:-3]), (good, b"\0" * 50)):
                whole = bytes(payload(header, body))
                client.send_data(packing.PACKING_EVENT, CODECS[0], whole)
                client.send_data(packing.PACKING_EVENT, "nonsense", whole)
            client.send_data(packing.PACKING_EVENT, CODECS[0], bytes(packing.MAX_PACKED + 1))
            assert client.eval_mu("frame();") == "1"
            assert (arrived(player, image) == 7).all()
            client.send_encoded(record)
            client.eval_mu("frame();")
        assert (arrived(player, image) == 0).all()


# -- when ------------------------------------------------------------------------------------


def test_loopback_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RVSHELL_COMPRESS", raising=False)
    for address in ("127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"):
        assert not allowed(None, address)
    assert allowed(None, "10.0.0.7") is bool(CODECS)
    assert allowed(True, "127.0.0.1") is bool(CODECS)
    assert not allowed(False, "10.0.0.7")
    monkeypatch.setenv("RVSHELL_COMPRESS", "off")
    assert not allowed(None, "10.0.0.7")
    monkeypatch.setenv("RVSHELL_COMPRESS", "on")
    assert allowed(None, "127.0.0.1") is bool(CODECS)


def test_without_the_packages_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "_modules", dict.fromkeys(packing.CODECS))
    assert packing.available() == ()
    assert not allowed(True, "10.0.0.7")
    assert packing.common("lz4 zstd") == ()


def test_the_codec_is_chosen_by_the_link() -> None:
    choice = Packing()
    assert not choice.slow
    for _ in range(20):
        choice.sent(1 << 20, 0.0001)  # never made to wait
    assert not choice.slow
    for _ in range(3):
        choice.sent(1 << 20, 0.05)
    assert choice.slow and choice.link == pytest.approx((1 << 20) / 0.05)
    assert choice.choose() == ""  # nothing is agreed on yet
    choice.agree(["lz4", "zstd"])
    figures = {"lz4": (1e-9, 0.6), "zstd": (4e-9, 0.4)}
    for codec in figures:
        assert choice.choose() == codec  # each is looked at once
        seconds, rest = figures[codec]
        choice._note(codec, 1 << 20, int(rest * (1 << 20)), seconds * (1 << 20))
    assert choice.choose() == "zstd"  # 20 MB/s: what is left of the bytes is all that counts
    choice.link = 80e6
    assert choice.choose() == "lz4"
    choice.link = 900e6
    assert choice.choose() == ""
    for _ in range(64):
        choice.sent(1 << 20, 0.0001)
    assert choice.link == 1800e6


@pytest.mark.parametrize("dtype", ["uint8", "float"])
def test_what_is_large_goes_in_strips(dtype: str) -> None:
    """So that a link is known, and compressed, before a picture is through."""
    canvases = Canvases(ImageSpec("s", 1920, 1080, dtype=dtype), 1 << 30)
    canvas = canvases.create((1, "", ""), blank=True)
    small = [(canvas, (x, 0, 16, 16)) for x in range(0, 320, 16)]
    batch = [*small, (canvas, canvas.full), (canvas, (5, 6, 7, 8))]
    parts = list(strips(batch))
    assert all(sum(r[2] * r[3] for _, r in part) * canvas.pixel <= PIECE for part in parts)
    flat = [rectangle for part in parts for _, rectangle in part]
    assert flat[:20] == [r for _, r in small] and flat[-1] == (5, 6, 7, 8)
    at = 0
    for x, y, width, height in flat[20:-1]:
        assert (x, y, width) == (0, at, 1920) and width * height * canvas.pixel <= PIECE
        at += height
    assert at == 1080 and len(parts) >= 1920 * 1080 * canvas.pixel // PIECE


# -- two ends and a slow link ----------------------------------------------------------------


class SlowLink:
    """A relay to *port* that passes some megabytes a second in one direction."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        self.port: int = self._server.getsockname()[1]
        self._never = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        near, _ = self._server.accept()
        far = socket.create_connection(("127.0.0.1", self._port))
        with near, far:
            back = threading.Thread(target=self._carry, args=(far, near, 0.0))
            back.start()
            self._carry(near, far, 0.002)
            back.join(30)

    def _carry(self, source: socket.socket, target: socket.socket, pause: float) -> None:
        try:
            while data := source.recv(32 * 1024):
                target.sendall(data)
                self._never.wait(pause)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def close(self) -> None:
        """After both ends have gone."""
        self._thread.join(30)
        self._server.close()


def smooth(number: float) -> np.ndarray:
    """A picture that compresses, another for each number."""
    y, x = np.mgrid[0:256, 0:256]
    out = np.ones((256, 256, 4), np.float16)
    out[..., 0], out[..., 1], out[..., 2] = x / 256 + number % 32, y / 256, number
    return out


FRAMES = 16


def push_until(image: Image, done: Callable[[], Any]) -> int:
    """Push rounds of FRAMES pictures, more than buffers hold, until `done()`; how many."""
    for number in range(FRAMES, 200 * FRAMES, FRAMES):
        for frame in range(FRAMES):
            image.send(smooth(number - FRAMES + frame), frame=frame + 1)
        assert image.sync(60)
        if done():
            return number
    raise AssertionError("it never was")


@needs_codecs
def test_a_slow_link_is_compressed(own_player: RunningPlayer, tmp_path: Path) -> None:
    link = SlowLink(own_player.port)
    with open_image(
        "slow", 256, 256, dtype="half", port=link.port, compress=True, frames=(1, FRAMES)
    ) as image:
        count = push_until(image, lambda: image.statistics[0].packing)
        image.send(smooth(1000), frame=1)
        assert image.sync(60)
        statistics = image.statistics[0]
        assert statistics.packing in CODECS and 0 < statistics.link < 1e9
        assert statistics.wire < statistics.bytes
        for frame, number in ((1, 1000), (2, count - FRAMES + 1), (FRAMES, count - 1)):
            there = arrived(own_player, image, str(frame))
            np.testing.assert_array_equal(there, smooth(number))
        with Client.connect(port=own_player.port, name="asker") as client:
            rows = json.loads(client.request("player-admin", '{"do": "connections"}'))["ok"]
        told = [row["packing"] for row in rows if "push" in row["contact"]]
        assert len(told) == 1 and told[0].partition(" ")[0] in CODECS and told[0].endswith(":1")
    link.close()


@needs_codecs
def test_push_compresses_when_told_to(own_player: RunningPlayer) -> None:
    link = SlowLink(own_player.port)
    count = 3 * FRAMES
    raw = b"".join(smooth(number).tobytes() for number in range(count))
    done = rvshell(
        "push", "-", "--size", "256x256", "--dtype", "half", "--name", "told", "--compress", "on",
        port=link.port, data=raw,
    )  # fmt: skip
    link.close()
    assert done.returncode == 0, done.stderr
    assert re.search(r"told: [\d.]+ MB as [\d.]+ MB \(\w+\), the link takes", done.stderr)
    node = node_of(own_player, "told")
    last = pixels_of(own_player, node, str(count), "Half", 256 * 256 * 4)
    there = last.reshape(256, 256, 4)[::-1]
    np.testing.assert_array_equal(there, smooth(count - 1).astype(np.float32))


def test_push_takes_three_words_for_compress() -> None:
    done = rvshell("push", "a.exr", "--compress", "sometimes", port=1)
    assert done.returncode == 2 and "auto" in done.stderr and "Traceback" not in done.stderr


class LikeRV:
    """An end that greets as RV does, answers evaluations, knows no other event, and is slow."""

    def __init__(self) -> None:
        self.records: list[object] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        self.port: int = self._server.getsockname()[1]
        self._never = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        from rvshell.protocol import PAYLOAD_DONE, Parser

        sock, _ = self._server.accept()
        parser = Parser()
        with sock:
            while count := sock.recv_into(parser.get_buffer()[: 32 * 1024]):
                parser.buffer_updated(count)
                self._never.wait(0.002)
                while (record := parser.next_record()) is not None:
                    if record is PAYLOAD_DONE:
                        continue
                    if not self.records:
                        sock.sendall(b"GREETING 2 rv")
                    self.records.append(record)
                    if isinstance(record, PixelTile | DataEvent) and parser.payload is None:
                        parser.skip()
                    if isinstance(record, Event) and record.wants_reply:
                        evaluation = record.name == "remote-eval"
                        sock.sendall(
                            encode_return('"sourceGroup000000_source"' if evaluation else "")
                        )

    def close(self) -> None:
        self._thread.join(30)
        self._server.close()


@contextmanager
def like_rv() -> Iterator[LikeRV]:
    end = LikeRV()
    try:
        yield end
    finally:
        end.close()


@needs_codecs
def test_rv_gets_nothing_packed() -> None:
    with like_rv() as end:
        with open_image(
            "rv", 256, 256, dtype="half", port=end.port, compress=True, frames=(1, FRAMES)
        ) as image:
            push_until(image, lambda: image.statistics[0].link)
            push_until(image, lambda: True)
            assert image.statistics[0].packing == ""
            assert image.statistics[0].wire == image.statistics[0].bytes
        asked = [r for r in end.records if isinstance(r, Event) and r.name == packing.PACKING_EVENT]
        assert len(asked) == 1  # an event like any other, which it does not know
        assert not [r for r in end.records if isinstance(r, DataEvent)]


def test_rv_on_the_same_host_is_not_even_asked() -> None:
    with like_rv() as end:
        with open_image("rv", 256, 256, dtype="half", port=end.port, frames=(1, FRAMES)) as image:
            push_until(image, lambda: True)
        assert not [
            r for r in end.records if isinstance(r, Event) and r.name == packing.PACKING_EVENT
        ]


def test_the_record_is_an_ordinary_data_event() -> None:
    assert encode_data_header(DataEvent(packing.PACKING_EVENT, "*", "zstd", 5)) == (
        b"DATAEVENT(player-pixels,*,zstd) 5 "
    )
