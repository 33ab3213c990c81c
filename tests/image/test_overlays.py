"""RVOverlay: mattes and windows, by geometry.

Expected pixels are worked out from the documented rectangles: image height 1, origin at the
centre, a pixel belongs to what its centre lies in.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.image.room import Array, Room, room
from tests.image.test_combining import bytes_of, flat, layer, marked, same

W, H = 160, 100
ASPECT = W / H


def grid() -> tuple[Array, Array]:
    y, x = np.mgrid[0:H, 0:W]
    return (x + 0.5) / H - ASPECT / 2, (y + 0.5) / H - 0.5


def rectangle(left: float, bottom: float, right: float, top: float) -> Array:
    x, y = grid()
    return (x > left) & (x < right) & (y > bottom) & (y < top)


def matte(r: Room, prefix: str = "rv", **values: Any) -> None:
    for name, value in values.items():
        prop = f"{prefix}.matte.{name}"
        given = value if isinstance(value, tuple) else (value,)
        if not r.do.propertyExists(prop):
            r.do.newProperty(prop, 1 if isinstance(given[0], float) else 2, len(given))
        r.set(prop, *given)


# what is darkened, by the numbers of the session
MATTES: dict[str, tuple[dict[str, Any], Any]] = {
    "wider": ({"aspect": 2.4}, lambda x, y: np.abs(y) > ASPECT / 2.4 / 2),
    # by the whole height nothing is hidden: sides only come with a height of their own
    "narrower": ({"aspect": 1.2}, lambda x, y: y > 1),
    "height": ({"aspect": 1.2, "heightVisible": 0.8},
               lambda x, y: (np.abs(y) > 0.4) | (np.abs(x) > 0.48)),
    "centre": ({"aspect": 1.2, "heightVisible": 0.6, "centerPoint": (0.1, -0.1)},
               lambda x, y: (np.abs(y + 0.1) > 0.3) | (np.abs(x - 0.1) > 0.36)),
    "centre without height": ({"aspect": 2.0, "centerPoint": (0.3, 0.05)},
                              lambda x, y: np.abs(y - 0.05) > ASPECT / 4),
    "wider than the image": ({"aspect": 3.0, "heightVisible": 0.7},
                             lambda x, y: np.abs(y) > 0.35),
    "no aspect": ({"aspect": 0.0, "heightVisible": 0.5},
                  lambda x, y: (np.abs(y) > 0.25) | (np.abs(x) > 1.33 * 0.25)),
}  # fmt: skip


@pytest.mark.parametrize("case", MATTES)
def test_a_matte(case: str) -> None:
    values, hidden = MATTES[case]
    pixels = marked(W, H)
    with room(W, H) as r:
        r.push(pixels)
        matte(r, show=1, opacity=0.25, **values)
        expected = np.where(hidden(*grid())[..., None], pixels * 0.75, pixels)
        for way in ({}, {"quick": True}, {"exact": True}):
            same(r.shown(**way), expected)
        r.set("rv.matte.show", 0)
        same(r.shown(), pixels)


def test_a_matte_is_part_of_its_image() -> None:
    """Its opacity counts before the display's curve, it moves and turns with the image, colour
    queries see it, and a source may have its own."""
    pixels = marked(W, H)
    with room(W, H) as r:
        node = r.push(pixels)
        matte(r, show=1, opacity=0.5, aspect=1.2, heightVisible=0.8, centerPoint=(0.2, 0.0))
        r.set("#RVColor.color.scale", 0.5, 0.5, 0.5)
        r.set("#RVDisplayColor.color.gamma", 2.2)
        r.set("#RVTransform2D.transform.flop", 1)
        x, y = grid()
        hidden = (np.abs(y) > 0.4) | (np.abs(x - 0.2) > 0.48)
        expected = np.where(hidden[..., None], pixels * 0.25, pixels * 0.5)[:, ::-1]
        same(r.shown(), expected ** (1 / 2.2))
        assert hidden[2, 2] and not hidden[50, 100]
        seen = r.renderer.framebuffer_pixel(W - 2.5, 2.5)
        assert seen[:3] == pytest.approx(tuple((pixels[2, 2, :3] * 0.25) ** (1 / 2.2)), abs=2e-3)
        overlay = f"{r.do.nodeGroup(node)}_overlay"
        matte(r, overlay, show=0)
        same(r.shown(), (pixels * 0.5)[:, ::-1] ** (1 / 2.2))
        matte(r, overlay, show=1, opacity=1.0)
        expected = np.where(hidden[..., None], 0, pixels * 0.5)[:, ::-1]
        same(r.shown(), np.maximum(expected, 0) ** (1 / 2.2))


def test_each_image_of_a_layout_has_its_matte() -> None:
    with room(W, H) as r:
        r.push(flat(0.5, 0.5, 0.5, 1, w=W, h=H), name="a")
        r.push(flat(0.8, 0.8, 0.8, 1, w=W, h=H), name="b")
        r.set("defaultLayout.layout.mode", "column")
        r.do.setViewNode("defaultLayout")
        matte(r, show=1, opacity=1.0, aspect=ASPECT * 2.5)
        expected = flat(0, 0, 0, 1, w=W, h=H)
        for bottom, value in ((0, 0.8), (H // 2, 0.5)):  # half as large, one over the other
            expected[bottom + 15 : bottom + 35, W // 4 : 3 * W // 4, :3] = value
        same(r.shown(), expected)


def window(r: Room, node: str, **values: Any) -> None:
    widths = {"outlineColor": 4, "windowColor": 4, "pixelScale": 2}
    for name, value in values.items():
        given = list(value) if isinstance(value, (tuple, list)) else [value]
        kind = 8 if isinstance(given[0], str) else 1 if isinstance(given[0], float) else 2
        prop = f"{node}.window:w.{name}"
        if not r.do.propertyExists(prop):
            r.do.newProperty(prop, kind, widths.get(name, 1))
        r.set(prop, *given)


def corners(left: float, bottom: float, right: float, top: float) -> dict[str, float]:
    return {"windowULx": left, "windowULy": top, "windowURx": right, "windowURy": top,
            "windowLLx": left, "windowLLy": bottom, "windowLRx": right,
            "windowLRy": bottom}  # fmt: skip


def test_a_window() -> None:
    pixels = marked(W, H)
    with room(W, H) as r:
        node = f"{r.do.nodeGroup(r.push(pixels))}_overlay"
        window(r, node, windowActive=1, imageAspect=ASPECT, windowColor=(0.5, 0.0, 0.0, 0.5),
               **corners(-0.5, -0.3, 0.3, 0.2))  # fmt: skip
        inside = rectangle(-0.5, -0.3, 0.3, 0.2)
        cover = pixels * 0.5 + np.array([0.25, 0, 0, 0.5])
        expected = np.where(inside[..., None], pixels, cover)
        same(r.shown(), expected)
        window(r, node, eye=1)
        same(r.shown(), pixels)
        window(r, node, eye=2)
        r.set(f"{node}.overlay.show", 0)
        same(r.shown(), pixels)


def test_a_window_in_pixels_with_corners_for_each_frame() -> None:
    """A window in pixels of a picture of half the size, animated from frame 2 on."""
    pixels = marked(W, H)
    with room(W, H) as r:
        node = f"{r.do.nodeGroup(r.push(pixels, start=1, end=4))}_overlay"
        given: dict[str, Any] = dict(corners(10.0, 10.0, 60.0, 40.0))
        given["windowURx"] = given["windowLRx"] = [40.0, 60.0]
        window(r, node, windowActive=1, pixelScale=(80.0, 50.0), **given)
        same(r.shown(), pixels)  # corners of frames need to know their first
        window(r, node, firstFrame=2)
        for frame, right in ((1, 80), (2, 80), (3, 120), (4, 120)):
            r.do.setFrame(frame)
            expected = np.zeros((H, W, 4))
            expected[20:80, 20:right] = pixels[20:80, 20:right]
            same(r.shown(), expected)


def test_the_outline_of_a_window() -> None:
    pixels = flat(0.1, 0.1, 0.1, 1, w=W, h=H)
    with room(W, H) as r:
        node = f"{r.do.nodeGroup(r.push(pixels))}_overlay"
        window(r, node, outlineActive=1, imageAspect=ASPECT, **corners(-0.5, -0.3, 0.3, 0.2))
        x, y = grid()
        dx = np.maximum(-0.5 - x, x - 0.3)
        dy = np.maximum(-0.3 - y, y - 0.2)
        distance = np.where((dx > 0) & (dy > 0), np.hypot(dx, dy), np.maximum(dx, dy))
        shown = r.shown()
        blue = np.abs(shown - [102, 102, 255]).max(-1) <= 1.5
        assert blue.sum() > 200 and (np.abs(distance[blue]) < 0.011).all()
        assert np.abs(shown[~blue] - 25.5).max() <= 1.5
        # a wide smooth line: 16 pixels of an image 160 wide, in widths, to each side
        window(r, node, antialias=1, outlineWidth=16.0, outlineBrush="circle",
               outlineColor=(1.0, 1.0, 0.0, 1.0))  # fmt: skip
        shown = r.shown()
        assert np.abs(shown[np.abs(distance) < 0.079] - [255, 255, 0]).max() <= 1.5
        assert np.abs(shown[np.abs(distance) > 0.101] - 25.5).max() <= 1.5


@pytest.mark.parametrize("missing", [{"imageAspect": 0.0}, {"windowActive": 0}, {"windowULx": []}])
def test_a_window_that_lacks_something_draws_nothing(missing: dict[str, Any]) -> None:
    pixels = marked(W, H)
    with room(W, H) as r:
        node = f"{r.do.nodeGroup(r.push(pixels))}_overlay"
        window(r, node, windowActive=1, imageAspect=ASPECT, **corners(-0.5, -0.3, 0.3, 0.2))
        assert np.abs(r.shown() - bytes_of(pixels)).max() > 10
        for name, value in missing.items():
            prop = f"{node}.window:w.{name}"
            if value == []:
                r.do.deleteProperty(prop)
            else:
                r.set(prop, value)
        same(r.shown(), pixels)


def test_bare_rectangles_are_black_and_as_large_as_the_image() -> None:
    with room(W, H) as r:
        node = f"{r.do.nodeGroup(r.push(layer(1, W, H)))}_overlay"
        r.do.newProperty(f"{node}.rect:r.position", 1, 2)
        r.set(f"{node}.rect:r.position", 0.0, -0.5)
        shown = r.shown()
        assert shown[2:-2, W // 2 + 2 :].max() == 0 and shown[:, : W // 2 - 2].max() > 200
