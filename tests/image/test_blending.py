"""Composites over what is behind them, frames of pictures that are made on the way, and wipes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.image.room import Array, Room, room
from tests.image.test_annotations import component
from tests.image.test_combining import H, W, flat, layer, marked, same

GREY = 0.18
HALF = (0.3, 0.2, 0.1, 0.5)


def stacked(r: Room, kind: str, *images: Array) -> None:
    for name, pixels in zip("abc", images, strict=False):
        r.push(pixels, dtype=np.float32, name=name)
    r.do.setViewNode("defaultStack")
    r.set("#RVStack.composite.type", kind)


# -- over a background -----------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "expected"), [
    ("over", lambda a, b: a + (1 - a[..., 3:]) * (b + (1 - b[..., 3:]) * GREY)),
    ("add", lambda a, b: a + b + GREY),
    ("difference", lambda a, b: a - b),  # the lowest image replaces what is behind it
    ("-difference", lambda a, b: b - a),
    ("topmost", lambda a, b: a),
    ("replace", lambda a, b: a),
])  # fmt: skip
@pytest.mark.parametrize("quick", [False, True])
def test_a_stack_over_a_background(kind: str, expected: Any, quick: bool) -> None:
    a, b = layer(1), layer(2) * 0.5
    with room(W, H) as r:
        r.do.setBGMethod("grey18")
        stacked(r, kind, a, b)
        same(r.shown(quick=quick), expected(a, b))


@pytest.mark.parametrize(("mode", "expected"), [
    ("", lambda a: a), ("over", lambda a: a + GREY * (1 - a[..., 3:])), ("add", lambda a: a + GREY),
])  # fmt: skip
def test_a_sequence_that_blends(mode: str, expected: Any) -> None:
    a = layer(1)
    with room(W, H) as r:
        r.do.setBGMethod("grey18")
        r.push(a, dtype=np.float32)
        if mode:
            r.set("#RVSequence.composite.inputBlendModes", mode)
        same(r.shown(), expected(a))


@pytest.mark.parametrize("mode", ["anaglyph", "scanline"])
def test_eyes_that_are_merged_hide_the_background(mode: str) -> None:
    with room(W, H) as r:
        r.do.setBGMethod("white")
        stacked(r, "over", flat(*HALF))
        r.set("#RVDisplayStereo.stereo.type", mode)
        same(r.shown(), flat(*HALF))


def test_marks_lie_over_a_difference() -> None:
    """They are drawn when their image has been: those of the lower one take part in it."""
    a, b = marked(seed=1), marked(seed=2)
    with room(W, H) as r:
        stacked(r, "difference", a, b)
        for number, x in enumerate((-0.5, 0.5)):
            component(r, f"sourceGroup00000{number}_paint", "rect:1:1:u", min=[x - 0.2, -0.2],
                      max=[x + 0.2, 0.2], borderWidth=0.0,
                      innerColor=[1.0, 0.5, 0.0, 1.0])  # fmt: skip
        shown = r.shown()
        rows = slice(H // 2 - 4, H // 2 + 4)
        same(shown[rows, 12:20], np.broadcast_to((1.0, 0.5, 0.0, 1.0), (8, 8, 4)))
        same(shown[rows, 44:52], (a - (1.0, 0.5, 0.0, 1.0))[rows, 44:52])


# -- frames ----------------------------------------------------------------------------------


def inverted(r: Room, group: str) -> None:
    r.do.newNode("RVColor", "look")
    r.do.setNodeInputs("look", [group])
    r.do.setViewNode("look")
    r.set("look.color.invert", 1)


@pytest.mark.parametrize("group", ["defaultStack", "defaultSequence"])
def test_a_group_is_coloured_as_a_picture(group: str) -> None:
    """What is around an image in the frame of its group is coloured, what lies beyond is not."""
    with room(96, H) as r:  # wider than the group
        r.push(flat(0.25, 0.25, 0.25, 1, w=W, h=H), name="wide")
        r.push(flat(0.25, 0.25, 0.25, 1, w=H, h=H), name="square")
        r.do.setNodeInputs("defaultStack", ["sourceGroup000001", "sourceGroup000000"])
        r.set("#RVTransform2D.transform.active", 1)
        inverted(r, group)
        if group == "defaultSequence":
            r.do.setFrame(2)
        else:
            r.set("defaultStack_t_sourceGroup000000.transform.scale", 0.0001, 0.0001)
        expected = np.zeros((H, 96, 4))
        expected[:, 16:80] = 1.0
        expected[:, 32:64] = 0.75
        same(r.shown(), expected)


def test_a_group_that_is_coloured_ends_at_its_frame() -> None:
    with room(96, H) as r:
        r.push(flat(0.25, 0.25, 0.25, 1))
        r.do.setViewNode("defaultStack")
        r.set("defaultStack_t_sourceGroup000000.transform.scale", 4.0, 4.0)
        same(r.shown(), flat(0.25, 0.25, 0.25, 1, w=96))
        inverted(r, "defaultStack")
        expected = np.zeros((H, 96, 4))
        expected[:, 16:80] = 0.75
        same(r.shown(), expected)


@pytest.mark.parametrize("kind", ["replace", "dissolve"])
@pytest.mark.parametrize("quick", [False, True])
def test_what_a_shader_merges_is_looked_at_within_its_frame(kind: str, quick: bool) -> None:
    """Zooming and panning move what is in the picture, not the picture; over moves all."""
    a = flat(0.5, 0.25, 0.125, 1)
    with room(96, H) as r:
        stacked(r, kind, a, a)
        r.set("#RVDispTransform2D.transform.scale", 3.0, 3.0)
        expected = np.zeros((H, 96, 4))
        expected[:, 16:80] = (0.5, 0.25, 0.125, 1)
        same(r.shown(quick=quick), expected)
        r.set("#RVStack.composite.type", "over")
        same(r.shown(quick=quick), flat(0.5, 0.25, 0.125, 1, w=96))


def test_a_stack_in_a_sequence_ends_at_its_frame() -> None:
    with room(96, H) as r:
        r.push(flat(0.5, 0.25, 0.125, 1))
        r.do.newNode("RVSequenceGroup", "cut")
        r.do.setNodeInputs("cut", ["defaultStack"])
        r.do.setViewNode("cut")
        r.set("defaultStack_t_sourceGroup000000.transform.scale", 3.0, 3.0)
        expected = np.zeros((H, 96, 4))
        expected[:, 16:80] = (0.5, 0.25, 0.125, 1)
        same(r.shown(), expected)


def test_the_opacity_of_an_entry_comes_before_what_colours_the_sequence() -> None:
    with room(W, H) as r:
        r.push(flat(0.5, 0.5, 0.5, 1), dtype=np.float32)
        r.set("#RVSequence.composite.inputOpacities", 0.5)
        r.do.newNode("RVColor", "look")
        r.do.setNodeInputs("look", ["defaultSequence"])
        r.do.setViewNode("look")
        r.set("look.color.gamma", 0.5, 0.5, 0.5)
        same(r.shown(), flat(*[0.25**2] * 3, 1))


def test_what_belongs_to_files_does_nothing_to_a_sequence() -> None:
    with room(W, H) as r:
        pixels = marked()
        r.push(pixels)
        r.do.newNode("RVFormat", "crop")
        r.do.setNodeInputs("crop", ["defaultSequence"])
        r.do.setViewNode("crop")
        r.set("crop.crop.active", 1)
        r.set("crop.crop.xmax", 5)
        r.set("crop.crop.ymax", 5)
        same(r.shown(), pixels)


# -- wipes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("quick", [False, True])
def test_the_last_transform_before_a_stack_says_what_is_seen(quick: bool) -> None:
    a, b = marked(seed=1), marked(seed=2)
    with room(W, H) as r:
        stacked(r, "over", a, b)
        own, last = "sourceGroup000000_transform2D", "defaultStack_t_sourceGroup000000"
        r.set(f"{own}.stencil.visibleBox", 0.5, 1.0, 0.0, 1.0)
        same(r.shown(quick=quick), a)
        r.set(f"{last}.transform.active", 0)
        expected = np.where(np.arange(W)[None, :, None] < W // 2, b, a)
        same(r.shown(quick=quick), expected)
        r.set(f"{last}.transform.active", 1)
        r.set(f"{last}.stencil.visibleBox", 0.0, 0.5, 0.0, 1.0)
        same(r.shown(quick=quick), np.where(np.arange(W)[None, :, None] < W // 2, a, b))
        r.do.setViewNode("defaultSequence")
        same(r.shown(quick=quick), a)


def test_a_wipe_counts_in_the_stored_pixels() -> None:
    """Half of a data window, not half of the frame around it."""
    a = np.ones((H, 32, 4))
    with room(W, H) as r:
        stacked(r, "over")
        r.push(a, uncrop_width=W, uncrop_height=H, uncrop_x=16, name="a")
        r.set("defaultStack_t_sourceGroup000000.stencil.visibleBox", 0.0, 0.25, 0.0, 1.0)
        expected = np.zeros((H, W, 4))
        expected[:, 16:24] = 1
        same(r.shown(), expected)
        corners = r.do.imageGeometry("sourceGroup000000_source")
        assert [tuple(c) for c in corners] == [(16, 0), (24, 0), (24, H), (16, H)]


@pytest.mark.parametrize("quick", [False, True])
def test_a_wiped_sequence_is_cut_in_its_frame(quick: bool) -> None:
    """Not in the image that it shows, which is narrower."""
    with room(W, H) as r:
        r.push(flat(1, 1, 1, 1), name="wide")
        r.push(flat(1, 1, 1, 1, w=H, h=H), name="square")
        r.do.newNode("RVStackGroup", "stack")
        r.do.setNodeInputs("stack", ["defaultSequence"])
        r.do.setViewNode("stack")
        r.do.setFrame(2)
        r.set("stack_t_defaultSequence.stencil.visibleBox", 0.0, 0.375, 0.0, 1.0)
        expected = np.zeros((H, W, 4))
        expected[:, 16:24] = 1
        same(r.shown(quick=quick), expected)


@pytest.mark.parametrize("quick", [False, True])
def test_a_wipe_turns_with_its_image(quick: bool) -> None:
    with room(H, H) as r:
        stacked(r, "over", flat(1, 1, 1, 1, w=H, h=H))
        t = "defaultStack_t_sourceGroup000000"
        r.set(f"{t}.transform.rotate", 90.0)
        r.set(f"{t}.stencil.visibleBox", 0.0, 0.25, 0.0, 1.0)
        expected = np.zeros((H, H, 4))
        expected[3 * H // 4 :] = 1  # clockwise: the left side goes up
        same(r.shown(quick=quick), expected)
        r.set(f"{t}.transform.rotate", 45.0)
        y, x = np.mgrid[0:H, 0:H] + 0.5 - H / 2
        across, up = (x - y) / np.sqrt(2), (x + y) / np.sqrt(2)
        clear = np.minimum(np.abs(np.abs(up) - H / 2), np.abs(across + H / 4)) > 1.5
        inside = (across < -H / 4) & (across > -H / 2) & (np.abs(up) < H / 2)
        clear &= np.abs(across + H / 2) > 1.5
        assert inside.sum() > 40
        assert np.abs(r.shown(quick=quick)[..., 0] - 255 * inside)[clear].max() <= 1.5


def test_a_wiped_image_that_is_moved_ends_at_the_frame_it_had() -> None:
    """RV cuts it out in a picture of its own size."""
    with room(96, H) as r:
        stacked(r, "over", flat(1, 1, 1, 1))
        t = "defaultStack_t_sourceGroup000000"
        r.set(f"{t}.transform.translate", 0.25, 0.0)
        r.set(f"{t}.stencil.visibleBox", 0.25, 1.0, 0.0, 1.0)
        expected = np.zeros((H, 96, 4))
        expected[:, 16 + 16 + 8 : 80] = 1
        same(r.shown(), expected)
