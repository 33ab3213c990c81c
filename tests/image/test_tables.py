"""Tables applied to whole pictures, and pictures done in bands."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from player.image import bands
from player.image.bands import in_bands
from player.image.sample import Placement, nearest_indices, pick_nearest
from player.image.tables import ByteTable, opaque

KINDS = [np.uint8, np.uint16, np.float16]


def stored(dtype: Any, shape: tuple[int, int, int]) -> npt.NDArray[Any]:
    """Every bit pattern there is, infinities and what is no number among them."""
    rng = np.random.default_rng(3)
    if dtype is np.uint8:
        return rng.integers(0, 256, shape, np.uint8)
    patterns = rng.integers(0, 65536, shape, np.uint16)
    patterns.reshape(-1)[:65536] = np.arange(65536, dtype=np.uint16)
    return patterns.view(dtype)


@pytest.mark.parametrize("same", [True, False], ids=["one curve", "three curves"])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("dtype", KINDS, ids=lambda d: d.__name__)
@pytest.mark.parametrize("large", [True, False], ids=["large", "small"])
def test_every_value_goes_by_its_entry(large: bool, dtype: Any, channels: int, same: bool) -> None:
    rng = np.random.default_rng(4)
    entries = 256 if dtype is np.uint8 else 65536
    table = rng.integers(0, 256, (1 if same else 3, entries), np.uint8)
    table = np.ascontiguousarray(np.broadcast_to(table, (3, entries)))
    pixels = stored(dtype, (300 if large else 30, 260, channels) if large else (9, 7290, channels))
    out = np.zeros((*pixels.shape[:2], 4), np.uint8)
    ByteTable(table, np.dtype(dtype)).apply(pixels, out)
    index = pixels.view(np.uint16) if dtype is np.float16 else pixels
    for i in range(3):
        assert (out[..., i] == table[i][index[..., i if channels > 1 else 0]]).all()
    assert (out[..., 3] == 255).all()


def test_rows_may_run_upwards_and_lie_in_a_larger_picture() -> None:
    table = np.ascontiguousarray(np.broadcast_to(np.arange(65536) % 251, (3, 65536)), np.uint8)
    pixels = stored(np.float16, (600, 700, 4))[::-2, 20:520]
    whole = np.zeros((400, 640, 4), np.uint8)
    out = whole[::-1][50:350, 100:600]
    ByteTable(table, np.dtype(np.float16)).apply(pixels, out)
    assert (out[..., :3] == table[0][pixels.view(np.uint16)[..., :3]]).all()
    assert (out[..., 3] == 255).all()
    assert whole[:40].max() == 0 and whole[:, :100].max() == 0 and whole[:, 600:].max() == 0


def test_a_picture_that_lies_by_columns() -> None:
    table = np.ascontiguousarray(np.broadcast_to(np.arange(65536) % 251, (3, 65536)), np.uint8)
    pixels = stored(np.float16, (700, 300, 3)).transpose(1, 0, 2)
    out = np.zeros((300, 700, 4), np.uint8)
    ByteTable(table, np.dtype(np.float16)).apply(pixels, out)
    assert (out[..., :3] == table[0][np.ascontiguousarray(pixels).view(np.uint16)]).all()


def test_alpha_alone_is_filled() -> None:
    for pixels in (np.full((5, 8, 4), 7, np.uint8), np.full((5, 9, 4), 7, np.uint8)[::-1, 1::2]):
        opaque(pixels)
        assert (pixels[..., 3] == 255).all() and (pixels[..., :3] == 7).all()


@pytest.fixture(autouse=True)
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bands, "_idle", lambda: True)


@pytest.mark.parametrize("helpers", [0, 1, 3])
def test_every_row_is_done_once(helpers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made = bands._Helpers()
    made.count = helpers
    monkeypatch.setattr(bands, "_helpers", made)
    for height in (1, 2, 3, 7, 720):
        rows: list[int] = []
        lock = threading.Lock()

        def work(first: int, end: int, rows: list[int] = rows, lock: Any = lock) -> None:
            with lock:
                rows.extend(range(first, end))

        in_bands(work, height)
        assert sorted(rows) == list(range(height))


def test_a_helper_that_is_busy_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made = bands._Helpers()
    made.count = 1
    monkeypatch.setattr(bands, "_helpers", made)
    begun, leave = threading.Event(), threading.Event()

    def slow(first: int, end: int) -> None:
        if threading.current_thread() is not mine:
            begun.set()
            leave.wait(60)
        else:
            begun.wait(60)  # so that the helper gets a band

    mine = threading.Thread(target=lambda: in_bands(slow, 4), daemon=True)
    mine.start()
    assert begun.wait(60)
    done: list[int] = []
    in_bands(lambda first, end: done.append(end - first), 40)  # the only helper is stuck
    assert sum(done) == 40
    leave.set()
    mine.join(60)
    assert not mine.is_alive()


def test_without_an_idle_processor_nobody_is_asked_for_help(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()
    made = bands._Helpers()
    made.count = 1  # of two processors
    monkeypatch.setattr(bands, "_helpers", made)
    told = tmp_path / "loadavg"
    monkeypatch.setattr(bands, "_RUNNING", str(told))
    # the minute before says nothing, what runs now does
    for line, idle in (("9.31 4.20 1.10 1/98 2193\n", True), ("0.02 0.01 0.00 2/98 2193\n", False)):
        told.write_text(line)
        assert bands._idle() is idle
    whole: list[tuple[int, int]] = []
    in_bands(lambda first, end: whole.append((first, end)), 40)
    assert whole == [(0, 40)]
    told.unlink()  # another system
    assert bands._idle()


def test_what_fails_in_a_band_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    made = bands._Helpers()
    made.count = 1
    monkeypatch.setattr(bands, "_helpers", made)

    def work(first: int, end: int) -> None:
        raise ValueError(f"rows {first} to {end}")

    with pytest.raises(ValueError, match="rows"):
        in_bands(work, 100)


@pytest.mark.parametrize("flip", [1.0, -1.0])
@pytest.mark.parametrize("dtype, channels", [(np.float16, 4), (np.uint8, 4), (np.float16, 3)])
@pytest.mark.parametrize("scale", [1.37, 1.5, 1.0, 3.0, 4 / 3, 0.5])
def test_nearest_pixels_of_any_layout(dtype: Any, channels: int, flip: float, scale: float) -> None:
    pixels = stored(np.uint8, (180, 320, channels * np.dtype(dtype).itemsize)).view(dtype)
    inverse = np.array(
        [[scale, 0.0, 3.0], [0.0, flip * scale, 2.0 if flip > 0 else 170.0], [0.0, 0.0, 1.0]]
    )
    place = Placement(5, 3, 105, 50, inverse, True)
    rows, columns = nearest_indices(place, 320, 180)
    expected = pixels[rows][:, columns]
    as_bits = np.uint8 if dtype is np.uint8 else np.uint16
    for layout in (pixels, np.asfortranarray(pixels), pixels[::-1].copy()[::-1]):
        made = pick_nearest(layout, place)
        assert np.ascontiguousarray(made).view(as_bits).tolist() == expected.view(as_bits).tolist()
