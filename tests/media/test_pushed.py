"""Tiles: where they land, what is refused, which frame shows."""

from __future__ import annotations

import numpy as np
import pytest

from player.media.pushed import BadTile, PixelStore


def make(
    channels: int = 4, bits: int = 8, is_float: bool = False, size: tuple[int, int] = (8, 6),
    views: tuple[str, ...] = (), layers: tuple[str, ...] = (), budget: int = 1 << 20,
) -> PixelStore:  # fmt: skip
    store = PixelStore(budget)
    w, h = size
    store.define("s", "m", w, h, (w, h, 0, 0), channels, bits, is_float, 1, 5, 24.0, views, layers)
    return store


@pytest.mark.parametrize(("bits", "is_float", "dtype"), [
    (8, False, np.uint8), (16, False, np.uint16), (16, True, np.float16), (32, True, np.float32),
    (32, False, np.float32), (10, False, np.uint8),
])  # fmt: skip
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 6])
def test_tiles_are_bit_exact(bits: int, is_float: bool, dtype: type, channels: int) -> None:
    store = make(channels, bits, is_float)
    rng = np.random.default_rng(channels)
    tile = (rng.random((3, 4, channels)) * 200).astype(dtype)
    assert store.store("m", 1, "-", "-", 2, 1, 4, 3, tile.tobytes()) == [("s", "1")]
    got = store.frame("s", 1)
    assert got is not None and got.dtype == dtype
    kept = min(channels, 4)
    np.testing.assert_array_equal(got[1:4, 2:6], tile[:, :, :kept])
    assert not got[0].any() and not got[4:].any() and not got[:, :2].any()


@pytest.mark.parametrize(("x", "y", "w", "h"), [(0, 0, 8, 6), (0, 2, 8, 3), (3, 5, 4, 1)])
def test_contiguous_tiles_are_received_in_place(x: int, y: int, w: int, h: int) -> None:
    store = make()
    (place,) = store.landings("m", 1, "-", "-", x, y, w, h, w * h * 4)
    assert place.view is not None and place.view.nbytes == w * h * 4
    place.view[:] = bytes(range(w * h * 4 % 256)) * 0 + bytes([7]) * (w * h * 4)
    before = store.stamp("s", 1)
    place.done()
    assert store.stamp("s", 1) != before
    got = store.frame("s", 1)
    assert got is not None and (got[y : y + h, x : x + w] == 7).all()
    assert got.sum() == 7 * w * h * 4


def test_narrow_tiles_are_not() -> None:
    (place,) = make().landings("m", 1, "-", "-", 0, 0, 4, 2, 32)
    assert place.view is None


@pytest.mark.parametrize(("x", "y", "w", "h", "nbytes"), [
    (0, 0, 8, 6, 191), (0, 0, 8, 6, 193), (1, 0, 8, 6, 192), (0, 1, 8, 6, 192), (-1, 0, 2, 2, 16),
    (0, -1, 2, 2, 16), (0, 0, 0, 0, 0), (0, 0, -2, -2, 16), (2**31, 0, 1, 1, 4),
])  # fmt: skip
def test_wrong_tiles_are_refused(x: int, y: int, w: int, h: int, nbytes: int) -> None:
    with pytest.raises(BadTile, match="bad pixel block recieved"):
        make().landings("m", 1, "-", "-", x, y, w, h, nbytes)


def test_unknown_media_is_dropped_silently() -> None:
    assert make().landings("M", 1, "-", "-", 0, 0, 1, 1, 4) == []


def test_views_and_layers() -> None:
    store = make(views=("left", "right"), layers=("a.b", "c"))
    assert store.allocate("s", 1) == "1:left;a*b"
    assert store.allocate("s", 99, "c", "right") == "5:right;c"
    with pytest.raises(BadTile, match=r"^Bad view name: up$"):
        store.allocate("s", 1, "", "up")
    with pytest.raises(BadTile, match=r"^Bad layer name: z$"):
        store.landings("m", 1, "left", "z", 0, 0, 1, 1, 4)
    assert store.keys("s") == ["1:left;a*b", "5:right;c"]


def test_a_frame_without_pixels_shows_the_nearest_earlier_one() -> None:
    store = make()
    assert store.frame("s", 3) is None
    for frame in (2, 4):
        store.store("m", frame, "-", "-", 0, 0, 1, 1, bytes([frame] * 4))
    shown = [int(store.frame("s", f)[0, 0, 0]) for f in range(1, 6)]  # type: ignore[index]
    assert shown == [2, 2, 2, 4, 4]


def test_memory_has_a_budget() -> None:
    store = make(budget=8 * 6 * 4 * 2)
    store.allocate("s", 1)
    store.allocate("s", 2)
    with pytest.raises(BadTile, match="pixel memory"):
        store.landings("m", 3, "-", "-", 0, 0, 1, 1, 4)
    store.remove("s")
    assert store.used == 0


def test_every_source_of_the_media_takes_the_tile() -> None:
    store = make()
    store.define("t", "m", 8, 6, (8, 6, 0, 0), 4, 8, False, 1, 1, 24.0, (), ())
    assert store.store("m", 3, "", "", 0, 0, 1, 1, b"\1\2\3\4") == [("s", "3"), ("t", "1")]
