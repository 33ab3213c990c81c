"""Pixels leave from where the caller has them, as long as their rows are contiguous."""

from __future__ import annotations

import sys
import threading
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rvshell.client import Client
from rvshell.client.stream import Buffer
from rvshell.pixels import open_image
from rvshell.pixels.canvas import Canvas, Canvases
from rvshell.pixels.spec import ImageSpec
from rvshell.pixels.wire import TileEncoder
from tests.pixels.running import RunningPlayer
from tests.pixels.test_image import arrived
from tests.waiting import DEADLINE

WIDTH, HEIGHT = 320, 64  # float RGBA: rows of 5 KiB
ALL = np.random.default_rng(6).random((HEIGHT, WIDTH + 40, 8), np.float32)

Arrangement = Callable[[np.ndarray], np.ndarray]


def whole(pixels: np.ndarray) -> np.ndarray:
    """A picture by itself, its channels interleaved."""
    return pixels.reshape(HEIGHT, -1, 4)[:, :WIDTH].copy()


def part(pixels: np.ndarray) -> np.ndarray:
    """Rows of a wider picture, which lie apart."""
    return pixels.reshape(HEIGHT, -1, 4)[:, 20 : 20 + WIDTH]


def upside_down(pixels: np.ndarray) -> np.ndarray:
    return part(pixels)[::-1]


def every_other_row(pixels: np.ndarray) -> np.ndarray:
    return np.repeat(part(pixels), 2, axis=0)[::2]


def address(view: memoryview | np.ndarray) -> int:
    return int(np.asarray(view).__array_interface__["data"][0])


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Buffer]:
    """What the sender hands to the socket."""
    buffers: list[Buffer] = []
    encode = TileEncoder.encode

    def recorded(self: TileEncoder, rectangles: object) -> tuple[list[Buffer], int]:
        out = encode(self, rectangles)  # type: ignore[arg-type]
        buffers.extend(out[0])
        return out

    monkeypatch.setattr(TileEncoder, "encode", recorded)
    return buffers


@pytest.mark.parametrize("arrangement", [whole, part, upside_down, every_other_row])
@pytest.mark.parametrize("bottom_up", [False, True])
def test_rows_are_sent_from_where_they_are(
    player: RunningPlayer, sent: list[Buffer], arrangement: Arrangement, bottom_up: bool
) -> None:
    pixels = arrangement(ALL)
    memory = pixels if pixels.base is None else pixels.base
    first = min(address(memory), address(pixels[-1]), address(pixels[0]))
    end = max(address(pixels[-1]), address(pixels[0])) + WIDTH * 16
    with open_image("mine", WIDTH, HEIGHT, port=player.port) as image:
        image.send(pixels, copy=False, bottom_up=bottom_up)
        assert image.sync()
        upright = pixels[::-1] if bottom_up else pixels
        np.testing.assert_array_equal(arrived(player, image), upright)
    pieces = [
        piece
        for buffer in sent
        for piece in ([buffer] if isinstance(buffer, bytes | memoryview) else buffer.pieces())
    ]
    # headers are bytes or read-only; what is the caller's can be told by its address
    mine = [p for p in pieces if isinstance(p, memoryview) and first <= address(p) < end]
    assert sum(piece.nbytes for piece in mine) == pixels.nbytes
    assert sum(len(p) for p in pieces) < pixels.nbytes + 200  # and nothing else but a header


def test_no_memory_is_taken_for_a_frame(player: RunningPlayer) -> None:
    pixels = np.ones((512, 1100, 4), np.float32)[:, 50:1074]  # 8 MiB, rows apart
    with open_image("large", 1024, 512, port=player.port) as image:
        image.sync()
        tracemalloc.start()
        try:
            image.send(pixels, copy=False)
            assert image.sync()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < pixels.nbytes / 8


def test_pixels_that_lie_apart_are_copied_once(player: RunningPlayer) -> None:
    """Four of eight interleaved channels: their rows are not contiguous."""
    pixels = ALL[:, :WIDTH, :4]
    with open_image("some", WIDTH, HEIGHT, port=player.port) as image:
        image.send(pixels, copy=False)
        assert image.sync()
        np.testing.assert_array_equal(arrived(player, image), pixels)


def held_back(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Pixels are with the system once the first is set, and leave when the second is."""
    sending, go = threading.Event(), threading.Event()
    send = Client.send_encoded

    def held(self: Client, buffers: list[memoryview], unsent: int) -> None:
        sending.set()
        go.wait(DEADLINE)
        send(self, buffers, unsent)

    monkeypatch.setattr(Client, "send_encoded", held)
    return sending, go


@pytest.mark.parametrize("patience", [0.0, None])
def test_a_frame_is_not_written_over_while_it_is_sent(
    player: RunningPlayer, monkeypatch: pytest.MonkeyPatch, patience: float | None
) -> None:
    """Memory is kept for one frame; the next one comes while it is with the system."""
    sending, go = held_back(monkeypatch)
    with open_image(
        "tight", 8, 8, frames=(1, 3), port=player.port, memory=0, patience=patience
    ) as image:
        image.send(np.full((8, 8, 4), 1, np.float32), frame=1)
        assert sending.wait(DEADLINE)
        words = {"frame": 2}
        more = threading.Thread(
            target=image.send, args=(np.full((8, 8, 4), 2, np.float32),), kwargs=words
        )
        more.start()
        more.join(0.2)  # it waits, or has given the first frame up
        go.set()
        more.join()
        assert image.sync()
        for frame in (1, 2):
            assert set(arrived(player, image, str(frame)).reshape(-1)) == {float(frame)}


def test_threads_that_wait_for_room_begin_one_frame(
    player: RunningPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending, go = held_back(monkeypatch)
    with open_image("one", 8, 8, frames=(1, 2), port=player.port, memory=0, patience=None) as image:
        image.send(np.full((8, 8, 4), 1, np.float32), frame=1)
        assert sending.wait(DEADLINE)
        threads = [
            threading.Thread(
                target=image.send_tile,
                args=(0, y, np.full((1, 8, 4), y, np.float32)), kwargs={"frame": 2},
            )
            for y in range(8)
        ]  # fmt: skip
        for thread in threads:
            thread.start()
        threads[0].join(0.2)  # all of them wait
        go.set()
        for thread in threads:
            thread.join()
        assert image.sync()
        assert image._canvases.used == image.spec.frame_bytes
        rows = arrived(player, image, "2")
        np.testing.assert_array_equal(rows[:, 0, 0], np.arange(8))


def test_a_frame_that_is_given_up_meanwhile_is_begun_again(player: RunningPlayer) -> None:
    """Another thread's frame takes the place of this one's while its pixels are fetched."""

    class Slow:
        def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
            image.send(np.full((8, 8, 4), 2, np.float32), frame=2)
            return np.full((4, 8, 4), 3, np.float32)

    with open_image("two", 8, 8, frames=(1, 2), port=player.port, memory=0) as image:
        image.send(np.full((8, 8, 4), 1, np.float32), frame=1)
        assert image.sync()
        image.send_tile(0, 0, Slow(), frame=1)
        assert image.sync()
        assert set(arrived(player, image, "2").reshape(-1)) == {2.0}
        first = arrived(player, image, "1")
        assert set(first[:4].reshape(-1)) == {3.0} and set(first[4:].reshape(-1)) == {1.0}


def test_memory_that_a_thread_writes_to_is_not_used_again() -> None:
    """The caller's memory takes its place in the middle of a large tile."""
    spec = ImageSpec("n", 8, 8)
    canvases = Canvases(spec, 1 << 20)
    canvas = canvases.create((1, "", ""), blank=True)
    mine = canvas.array
    canvas.writers += 1
    canvases.lend(canvas, np.ones((8, 8, 4), np.float32), read=False)
    assert not np.shares_memory(canvases.create((2, "", ""), blank=True).array, mine)


def test_one_row_many_times_over(player: RunningPlayer) -> None:
    row = np.arange(1024 * 4, dtype=np.float32).reshape(1, 1024, 4)
    with open_image("row", 1024, 32, port=player.port) as image:
        image.send(np.broadcast_to(row, (32, 1024, 4)), copy=False)
        assert image.sync()
        np.testing.assert_array_equal(arrived(player, image), np.repeat(row, 32, 0))


@pytest.mark.parametrize("rectangle", [(0, 0, 64, 64), (3, 5, 20, 30)])
def test_a_sender_sees_one_memory_or_the_other(rectangle: tuple[int, int, int, int]) -> None:
    """The caller's memory may run upward or downward, and change at any line of the encoder."""
    pixels = np.arange(64 * 64 * 4, dtype=np.uint8).reshape(64, 64, 4)
    x, y, width, height = rectangle
    wanted = pixels[y : y + height, x : x + width].tobytes()
    line = 0
    while True:
        canvas = Canvas((1, "", ""), pixels.copy())
        left = line

        def trace(frame: Any, event: str, _: object, canvas: Canvas = canvas) -> Any:
            nonlocal left
            if frame.f_globals["__name__"] not in ("rvshell.pixels.wire", "rvshell.pixels.canvas"):
                return None
            left -= event == "line"
            if left == 0:
                sys.settrace(None)
                canvas.set_array(pixels[::-1].copy()[::-1], True)
            return trace

        sys.settrace(trace)
        try:
            buffers, _ = TileEncoder("x").encode([(canvas, rectangle)])
        finally:
            sys.settrace(None)
        assert b"".join(bytes(b) for b in buffers[1:]) == wanted, line  # type: ignore[arg-type]
        if left > 0:
            return  # every line was one
        line += 1
