"""Very many tiles: what was not written is not sent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rvshell.pixels import merging, open_image
from rvshell.pixels.canvas import MAX_RECTANGLES, Canvas, Pending
from rvshell.pixels.merging import merged
from tests.pixels.running import RunningPlayer
from tests.pixels.test_image import RNG, arrived
from tests.ports import free_port
from tests.waiting import until

RECTANGLES = st.sets(
    st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 9), st.integers(1, 9)),
    min_size=1, max_size=60,
)  # fmt: skip


def covered(rectangles: list[tuple[int, int, int, int]], size: int = 40) -> np.ndarray:
    """How many of them lie over each pixel."""
    out = np.zeros((size, size), int)
    for x, y, width, height in rectangles:
        out[y : y + height, x : x + width] += 1
    return out


@given(RECTANGLES)
@settings(deadline=None)
def test_the_same_pixels_are_covered_once(rectangles: set[tuple[int, int, int, int]]) -> None:
    fewer = merged(rectangles)
    np.testing.assert_array_equal(covered(fewer), covered(list(rectangles)) > 0)


def test_what_fills_a_rectangle_is_one() -> None:
    tiles = {(x, y, 4, 4) for x in range(8, 40, 4) for y in range(4, 20, 4)}
    assert merged(tiles) == [(8, 4, 32, 16)]


def test_beyond_all_measure_one_lies_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "_CELLS", 10)
    assert merged({(5, 6, 2, 2), (9, 10, 1, 1), (20, 30, 3, 4)}) == [(5, 6, 18, 28)]


@pytest.mark.parametrize("step", [1, 2])
def test_what_waits_covers_what_was_written(step: int) -> None:
    """Columns of single pixels, side by side or with a gap between them."""
    canvas = Canvas((1, "", ""), np.zeros((100, 400, 1), np.uint8))
    pending = Pending()
    tiles = [(x, y, 1, 1) for x in range(0, 200, step) for y in range(100)]
    gone = 0
    for tile in tiles:
        canvas.note(tile)
        gone += pending.add(canvas, tile)
    wanted = covered(tiles, 400)[:100]
    np.testing.assert_array_equal(covered(list(canvas.written), 400)[:100], wanted)
    waiting = len(pending)
    taken = [rectangle for _, rectangle in pending.take(1 << 20, 1 << 30)]
    np.testing.assert_array_equal(covered(taken, 400)[:100], wanted)
    assert len(taken) == waiting == len(tiles) - gone <= MAX_RECTANGLES + 1 and not pending


def test_what_overlaps_at_random_is_left_as_it_is() -> None:
    places = RNG.integers(0, 1990, (MAX_RECTANGLES + 500, 2)).tolist()
    tiles = list({(x, y, 5, 7) for x, y in places})
    canvas, pending = Canvas((1, "", ""), np.zeros((2000, 2000, 1), np.uint8)), Pending()
    for tile in tiles:
        canvas.note(tile)
        pending.add(canvas, tile)
    assert canvas.written == set(tiles) and len(pending) == len(tiles)
    assert {rectangle for _, rectangle in pending.take(1 << 20, 1 << 40)} == set(tiles)


def test_two_that_send_one_picture_in_very_many_tiles(tmp_path: Path) -> None:
    """The viewer comes late, so each sends all that it has written, and no black."""
    port = free_port()
    pixels = (RNG.random((100, 200, 4)) * 255).astype(np.uint8)
    with (
        open_image("shared", 200, 100, dtype="uint8", port=port) as left,
        open_image("shared", 200, 100, dtype="uint8", port=port) as right,
    ):
        for image, columns in ((left, range(100)), (right, range(100, 200))):
            for x in columns:
                for y in range(100):
                    image.send_tile(x, y, pixels[y : y + 1, x : x + 1])
        with RunningPlayer(tmp_path, port=port) as player:
            until(lambda: left.connected and right.connected)
            assert left.sync() and right.sync()
            np.testing.assert_array_equal(arrived(player, left), pixels)
