"""Pictures made in memory that keeps the bytes of a pixel the other way round."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from player.commands import Context
from player.commands.calling import Calls
from player.image import baked
from player.image.baked import Cube
from player.image.byteorder import put, usual
from player.image.lattice import Curves
from player.image.ops import general
from player.image.shapers import LinearShaper, half_values
from tests.image.room import Room, noise, room

Bytes = npt.NDArray[np.uint8]


def turned(height: int, width: int) -> tuple[Bytes, Bytes]:
    """A picture's RGBA, and the bytes B, G, R and one that is not used, which it is a view of."""
    flat = np.full(8 + height * width * 4, 9, np.uint8)
    rgba = flat[7:-1].reshape(height, width, 4)[..., ::-1]
    return rgba, flat[8:].reshape(height, width, 4)


def pixels(height: int, width: int) -> Bytes:
    return np.random.default_rng(height).integers(0, 256, (height, width, 4), np.uint8)


@given(st.integers(1, 9), st.integers(1, 9), st.booleans(), st.booleans())
def test_pixels_are_copied_to_either_order(h: int, w: int, up: bool, one: bool) -> None:
    picture = pixels(1, 1) if one else pixels(h, w)
    rgba, bgrx = turned(h, w)
    plain = np.zeros((h, w, 4), np.uint8)
    for out in (rgba, plain):
        put(out[::-1] if up else out, picture[::-1] if up else picture)
        assert np.array_equal(out, np.broadcast_to(picture, (h, w, 4)))
    assert np.array_equal(bgrx[..., :3], rgba[..., 2::-1])


def test_only_memory_of_another_order_is_replaced() -> None:
    plain = np.zeros((3, 5, 4), np.uint8)
    with usual(plain[::-1]) as out:
        assert np.shares_memory(out, plain)
    rgba, bgrx = turned(3, 5)
    part = bgrx[1:, 1:4].copy()
    with usual(rgba[1:, 1:4]) as out:
        out[...] = pixels(2, 3)
    assert np.array_equal(bgrx[1:, 1:4, :3], pixels(2, 3)[..., 2::-1])
    assert (bgrx[0, :, :3] == part[0, 0, 0]).all()  # what lies around it is as it was


def graded(r: Room) -> None:
    r.set("#RVDisplayColor.color.sRGB", 1)
    r.set("#RVColor.color.exposure", 0.5, 0.25, -0.5)


def saturated(r: Room) -> None:
    r.set("#RVColor.color.saturation", 0.4)


def letterboxed(r: Room) -> None:
    r.do.setMargins((40.0, 10.0, 5.0, 20.0))


def on_a_checker(r: Room) -> None:
    letterboxed(r)
    r.do.setBGMethod("checker")


def matted(r: Room) -> None:
    r.set("rv.matte.show", 1)
    r.set("rv.matte.aspect", 2.5)
    r.set("rv.matte.opacity", 0.5)


def pointed_at(r: Room) -> None:
    r.session.ui.pointer = (30.0, 20.0)


@pytest.mark.parametrize("large", [True, False], ids=["large", "small"])
@pytest.mark.parametrize("quick", [True, False], ids=["playing", "still"])
@pytest.mark.parametrize(("channels", "dtype"), [(4, np.float16), (3, np.uint8), (1, np.uint16)])
@pytest.mark.parametrize(
    "change", [graded, saturated, letterboxed, on_a_checker, matted, pointed_at],
    ids=lambda f: f.__name__,
)  # fmt: skip
def test_a_picture_is_made_in_the_memory_of_a_screen(
    change: Callable[[Room], None], channels: int, dtype: Any, quick: bool, large: bool
) -> None:
    w, h = (384, 216) if large else (96, 54)
    values = np.clip(noise(h, w), 0, 1)[..., :channels]
    if channels == 4:
        values[..., 3] = 1.0
    if np.dtype(dtype).kind == "u":
        values = values * np.iinfo(dtype).max
    with room(w, h) as r:
        r.push(values, dtype)
        change(r)
        r.session.settle()
        right = r.renderer.job(quick=quick)(w, h, 1.0)
        rgba, bgrx = turned(h, w)
        made = r.renderer.job(quick=quick)(w, h, 1.0, out=rgba)
        assert made is rgba
        assert np.array_equal(bgrx[..., :3], right[..., 2::-1])
        assert r.renderer.shown_pixel(5, 7) == tuple(v / 255 for v in right[-8, 5, :3])


def test_what_lies_over_a_picture_is_drawn_on_a_copy() -> None:
    with room(384, 216) as r:
        r.push(noise(216, 384))
        Calls(Context(r.session), "extra_commands").displayFeedback("hello", 60.0)
        r.session.settle()
        rgba, bgrx = turned(216, 384)
        made = r.renderer.job()(384, 216, 1.0, out=rgba)
        assert made is not rgba and (bgrx == 9).all()
        assert np.array_equal(made, r.renderer.job()(384, 216, 1.0))


def test_a_sampled_view_coarse_and_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baked, "FINE", 9)

    def mixed(rgba: Any) -> Any:
        rgba[..., :3] = 0.8 * rgba[..., :3] + 0.2 * rgba[..., 2::-1] ** 2
        return rgba

    light = np.clip(noise(200, 400), 0.0, 1.0).astype(np.float16)
    columns = np.ascontiguousarray(np.broadcast_to(half_values(), (3, 65536)))
    curves = Curves((), columns, light.dtype)
    cube = Cube([general("mixed", mixed, rgb_only=True, heavy=True)], LinearShaper)
    for fine in (False, True):
        if fine:
            cube.refine(curves)
        plain = np.zeros((200, 400, 4), np.uint8)
        rgba, bgrx = turned(200, 400)
        for out in (plain, rgba):
            cube.to_bytes(curves, light, out)
        assert np.array_equal(bgrx[..., :3], plain[..., 2::-1])
        assert plain[..., :3].std() > 10
