"""Pixels leave from where the caller has them, as long as their rows are contiguous."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from rvshell.client.stream import Buffer
from rvshell.pixels import open_image
from rvshell.pixels.wire import TileEncoder
from tests.pixels.running import RunningPlayer
from tests.pixels.test_image import arrived

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
