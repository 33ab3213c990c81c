"""Stored pixels that are a part of a frame: with RVFormat, and in what is told of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.image.room import Array, room
from tests.image.test_combining import H, W, marked, same

#: 32 x 16 stored pixels in a frame of 64 x 32, eight from the left and four from the bottom
WINDOW = {"uncrop_width": W, "uncrop_height": H, "uncrop_x": 8, "uncrop_y": 4}


def framed(size: tuple[int, int], left: int, bottom: int, pixels: Array) -> Array:
    out = np.zeros((size[1], size[0], 4))
    h, w = pixels.shape[:2]
    out[bottom : bottom + h, left : left + w] = pixels
    return out


def twice(pixels: Array, across: int, down: int) -> Array:
    return np.repeat(np.repeat(pixels, across, 1), down, 0)


CASES: dict[str, tuple[dict[str, Any], Any]] = {
    "a crop is of the stored pixels, and all there is": (
        {"crop.active": 1, "crop.xmin": 4, "crop.ymin": 2, "crop.xmax": 31, "crop.ymax": 15},
        lambda p: p[2:16, 4:32]),
    "a box beyond them is ignored": (
        {"crop.active": 1, "crop.xmin": 4, "crop.ymin": 2, "crop.xmax": 32, "crop.ymax": 15},
        lambda p: framed((W, H), 8, 4, p)),
    "a canvas has its own place for them": (
        {"uncrop.active": 1, "uncrop.width": 80, "uncrop.height": 40, "uncrop.x": 3,
         "uncrop.y": 5},
        lambda p: framed((80, 40), 3, 40 - 5 - 16, p)),
    "a width is theirs": (
        {"geometry.xresize": 64}, lambda p: framed((128, 64), 16, 8, twice(p, 2, 2))),
    "both sizes are theirs, and change the shape of the frame": (
        {"geometry.xresize": 64, "geometry.yresize": 16},
        lambda p: framed((128, 32), 16, 4, twice(p, 2, 1))),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_format_of_a_data_window(case: str) -> None:
    properties, expected = CASES[case]
    colours = np.repeat(np.repeat(marked(4, 2), 8, 1), 8, 0)  # even areas: only edges are filtered
    wanted = expected(colours)
    with room(wanted.shape[1], wanted.shape[0]) as r:
        node = r.push(colours, **WINDOW)
        r.do.setViewNode(r.do.nodeGroup(node))
        for name, value in properties.items():
            r.set(f"#RVFormat.{name}", value)
        shown = r.shown()
        still = np.ones(shown.shape[:2], bool)
        for axis in (0, 1):
            for step in (-1, 1):
                still &= (np.roll(wanted, step, axis) == wanted).all(-1)
        assert still.sum() > 100
        assert np.abs(shown - 255 * wanted[..., :3])[still].max() <= 1.5


def test_a_canvas_that_is_no_larger_shows_the_pixels_as_they_are() -> None:
    pixels = marked(32, 16)
    with room(32, 16) as r:
        node = r.push(pixels, **WINDOW)
        r.do.setViewNode(r.do.nodeGroup(node))
        for name, value in {"active": 1, "width": 32, "height": 16}.items():
            r.set(f"#RVFormat.uncrop.{name}", value)
        same(r.shown(), pixels)


@pytest.mark.parametrize("aspect", [0.5, 1.0, 2.0])
def test_places_count_square_pixels_of_the_height(aspect: float) -> None:
    """`px` of imagesAtPixel: RV's inspector divides it by the pixel aspect."""
    with room(256, H) as r:
        r.push(marked(32, 32), pixel_aspect=aspect)
        shown = 32 * aspect
        x = 128 - shown / 2 + 0.75 * shown
        (found,) = r.do.imagesAtPixel((x, 8.0), None, True)
        assert (found.px, found.py) == pytest.approx((0.75 * shown, 8.0), abs=1)
        assert found.pixelAspect == aspect
