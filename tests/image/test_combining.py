"""Stacks, layouts, stereo, wipes, transforms and formats: a screen's pixels against numpy.

Pictures are as large as the view, so that every pixel of the source is one of the screen
unless a case moves it; expected pictures are put together by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from player.image.reformat import channel_planes
from player.image.render import render, render_float
from player.image.tables import quantise
from tests.image.room import Array, Room, room
from tests.image.test_annotations import component

W, H = 64, 32


def flat(*rgba: float, w: int = W, h: int = H) -> Array:
    out = np.empty((h, w, 4))
    out[:] = rgba
    return out


def marked(w: int = W, h: int = H, seed: int = 1) -> Array:
    """Every pixel another colour, opaque."""
    out = np.random.default_rng(seed).uniform(0.1, 0.9, (h, w, 4))
    out[..., 3] = 1
    return out.astype(np.float16).astype(np.float64)


def layer(seed: int, w: int = W, h: int = H) -> Array:
    """Premultiplied noise with alpha."""
    rng = np.random.default_rng(seed)
    out = rng.uniform(0, 1, (h, w, 4))
    out[..., :3] *= out[..., 3:]
    return out.astype(np.float16).astype(np.float64)


def bytes_of(x: Array) -> Array:
    return np.clip(x[..., :3], 0, 1) * 255


def same(shown: Array, expected: Array, tolerance: float = 1.5) -> None:
    off = np.abs(shown - bytes_of(expected))
    assert off.max() <= tolerance, (off.max(), np.argwhere(off > tolerance)[:4].tolist())


# -- composites ------------------------------------------------------------------------------


def over(layers: list[Array]) -> Array:
    out = layers[-1]
    for a in layers[-2::-1]:
        out = a + out * (1 - a[..., 3:])
    return out


def folded(combine: Callable[[Array, Array], Array]) -> Callable[[list[Array]], Array]:
    def run(layers: list[Array]) -> Array:
        out = layers[-1]
        for a in layers[-2::-1]:
            out = combine(a, out)
        return out

    return run


COMPOSITES: dict[str, Callable[[list[Array]], Array]] = {
    "over": over,
    "add": folded(lambda a, b: a + b),
    "difference": folded(lambda a, b: a - b),
    "-difference": folded(lambda a, b: b - a),
    "replace": lambda layers: layers[0],
    "topmost": lambda layers: layers[0],
    "anything else": over,
}


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("kind", COMPOSITES)
def test_a_stack(kind: str, count: int) -> None:
    layers = [layer(10 + i) for i in range(count)]
    with room(W, H) as r:
        for i, pixels in enumerate(layers):
            r.push(pixels, name=f"m{i}")
        r.do.setViewNode("defaultStack")
        r.set("#RVStack.composite.type", kind)
        top = COMPOSITES[kind](layers)
        # over a black background: what is not covered is black already
        same(r.shown(), top)
        same(r.shown(quick=True), top)
        same(r.shown(exact=True), top)


@pytest.mark.parametrize("amount", [0.0, 0.25, 1.0])
def test_a_dissolve(amount: float) -> None:
    a, b = marked(seed=1), marked(seed=2)
    with room(W, H) as r:
        r.push(a, name="a")
        r.push(b, name="b")
        r.do.setViewNode("defaultStack")
        r.set("#RVStack.composite.type", "dissolve")
        r.set("#RVStack.composite.dissolveAmount", amount)
        same(r.shown(), b + (a - b) * amount)


@pytest.mark.parametrize(("name", "level"), [("grey18", 0.18), ("grey50", 0.5), ("white", 1.0)])
def test_the_background_shows_through_a_stack_only(name: str, level: float) -> None:
    pixels = layer(3)
    with room(W, H) as r:
        r.push(pixels)
        r.do.setBGMethod(name)
        same(r.shown(), pixels)  # a sequence replaces it
        r.do.setViewNode("defaultStack")
        same(r.shown(), pixels + level * (1 - pixels[..., 3:]))


def test_wipes_are_stencils() -> None:
    a, b = marked(seed=1), marked(seed=2)
    with room(W, H) as r:
        r.push(a, name="a")
        r.push(b, name="b")
        r.do.setViewNode("defaultStack")
        r.set("#RVStack.composite.type", "replace")
        node = r.do.nodesOfType("RVTransform2D")
        of_a = next(n for n in node if n.startswith("defaultStack_t_") and n.endswith("000000"))
        r.set(f"{of_a}.stencil.visibleBox", 0.25, 0.75, 0.0, 0.5)  # left, right, bottom, top
        expected = b.copy()
        expected[: H // 2, W // 4 : 3 * W // 4] = a[: H // 2, W // 4 : 3 * W // 4]
        same(r.shown(), expected)
        r.set(f"{of_a}.transform.active", 0)  # the stencil goes with it
        same(r.shown(), a)


# -- layouts ---------------------------------------------------------------------------------


def place(canvas: Array, picture: Array, x: float, y: float, scale: float) -> None:
    """Put a flat picture onto the canvas, heights from its centre."""
    h, w = canvas.shape[:2]
    aspect = picture.shape[1] / picture.shape[0]
    left = (x - aspect * scale / 2 + w / h / 2) * h
    bottom = (y - scale / 2 + 0.5) * h
    right, top = left + aspect * scale * h, bottom + scale * h
    canvas[round(bottom) : round(top), round(left) : round(right)] = picture[0, 0]


COLOURS = [(0.8, 0.1, 0.1, 1), (0.1, 0.8, 0.1, 1), (0.1, 0.1, 0.8, 1), (0.8, 0.8, 0.1, 1)]


@pytest.mark.parametrize(("mode", "count", "tiles"), [
    ("row", 2, [(-0.5, 0, 0.5), (0.5, 0, 0.5)]),
    ("column", 2, [(0, 0.25, 0.5), (0, -0.25, 0.5)]),
    ("grid", 4, [(-0.5, 0.25, 0.5), (0.5, 0.25, 0.5), (-0.5, -0.25, 0.5), (0.5, -0.25, 0.5)]),
    ("packed", 4, [(-0.5, 0.25, 0.5), (0.5, 0.25, 0.5), (-0.5, -0.25, 0.5), (0.5, -0.25, 0.5)]),
    ("packed2", 4, [(-0.5, 0.25, 0.5), (0.5, 0.25, 0.5), (-0.5, -0.25, 0.5), (0.5, -0.25, 0.5)]),
    ("packed", 3, None),
])  # fmt: skip
def test_a_layout(mode: str, count: int, tiles: list[tuple[float, float, float]] | None) -> None:
    pictures = [flat(*COLOURS[i]) for i in range(count)]
    with room(W, H) as r:
        for i, pixels in enumerate(pictures):
            r.push(pixels, name=f"m{i}")
        r.do.setViewNode("defaultLayout")
        r.set("defaultLayout.layout.mode", mode)
        shown = r.shown()
        if tiles is None:  # all are whole and none lies over another
            for colour in COLOURS[:count]:
                hits = (np.abs(shown - bytes_of(np.array(colour))) <= 1.5).all(-1)
                assert hits.sum() == W * H / 4
            return
        expected = flat(0, 0, 0, 0)
        for picture, (x, y, scale) in zip(pictures, tiles, strict=True):
            place(expected, picture, x, y, scale)
        same(shown, expected)


@pytest.mark.parametrize(("settings", "tiles"), [
    ({"gridColumns": 1}, [(0, 0.25, 0.5), (0, -0.25, 0.5)]),
    ({"gridRows": 1}, [(-0.5, 0, 0.5), (0.5, 0, 0.5)]),
    ({"gridColumns": 2, "gridRows": 5}, [(-0.5, 0, 0.5), (0.5, 0, 0.5)]),  # columns come first
    ({"gridRows": 1, "spacing": 0.5}, [(-0.5, 0, 0.25), (0.5, 0, 0.25)]),  # smaller, in place
    ({"gridRows": 1, "spacing": 1.5}, [(-0.5, 0, 0.5), (0.5, 0, 0.5)]),  # not larger
])  # fmt: skip
def test_a_grid(settings: dict[str, Any], tiles: list[tuple[float, float, float]]) -> None:
    pictures = [flat(*COLOURS[i]) for i in range(2)]
    with room(W, H) as r:
        for i, pixels in enumerate(pictures):
            r.push(pixels, name=f"m{i}")
        r.do.setViewNode("defaultLayout")
        for name, value in settings.items():
            r.set(f"defaultLayout.layout.{name}", value)
        r.set("defaultLayout.layout.mode", "grid")
        expected = flat(0, 0, 0, 0)
        for picture, (x, y, scale) in zip(pictures, tiles, strict=True):
            place(expected, picture, x, y, scale)
        same(r.shown(), expected)


def test_a_manual_layout_is_left_alone() -> None:
    with room(W, H) as r:
        for i in range(2):
            r.push(flat(*COLOURS[i]), name=f"m{i}")
        r.do.setViewNode("defaultLayout")
        r.set("defaultLayout.layout.mode", "manual")
        for i, x in enumerate((-0.75, 0.75)):
            node = f"defaultLayout_t_sourceGroup00000{i}"
            r.set(f"{node}.transform.translate", x, 0.0)
            r.set(f"{node}.transform.scale", 0.25, 0.25)
        expected = flat(0, 0, 0, 0)
        place(expected, flat(*COLOURS[0]), -0.75, 0, 0.25)
        place(expected, flat(*COLOURS[1]), 0.75, 0, 0.25)
        same(r.shown(), expected)


# -- stereo ----------------------------------------------------------------------------------


def two_eyes(r: Room, left: Array, right: Array) -> None:
    r.push(left, name="s", views=("left", "right"))
    h, w = left.shape[:2]
    for view, pixels in (("left", left), ("right", right)):
        data = np.ascontiguousarray(pixels, np.float16).tobytes()
        r.store.store("s", 1, view, "-", 0, 0, w, h, data)


def halves(left: Array, right: Array, axis: int) -> Array:
    """Two pictures at half the size along an axis, by the linear filter, side by side."""
    half = [(p[:, 0::2] + p[:, 1::2]) / 2 if axis else (p[0::2] + p[1::2]) / 2
            for p in (left, right)]  # fmt: skip
    return np.concatenate(half, axis=axis)


def rows_and_columns() -> tuple[Array, Array]:
    y, x = np.mgrid[0:H, 0:W]
    return y, x


def luma(p: Array) -> Array:
    return p[..., :3] @ np.array([0.2126, 0.7152, 0.0722])


def anaglyph(a: Array, b: Array) -> Array:
    return np.stack([a[..., 0], b[..., 1], b[..., 2], a[..., 3]], -1)


def lumanaglyph(a: Array, b: Array) -> Array:
    return np.stack([luma(a), luma(b), luma(b), a[..., 3]], -1)


def checker(a: Array, b: Array) -> Array:
    y, x = rows_and_columns()
    return np.where(((x + y) % 2 == 0)[..., None], a, b)


def scanline(a: Array, b: Array) -> Array:
    y, _ = rows_and_columns()
    return np.where((y % 2 == 0)[..., None], b, a)


STEREO: dict[str, Callable[[Array, Array], Array]] = {
    "off": lambda a, b: a,
    "mono": lambda a, b: a,
    "left": lambda a, b: a,
    "right": lambda a, b: b,
    "hsqueezed": lambda a, b: halves(a, b, 1),
    "vsqueezed": lambda a, b: halves(a, b, 0),
    "anaglyph": anaglyph,
    "lumanaglyph": lumanaglyph,
    "checker": checker,
    "scanline": scanline,
}


@pytest.mark.parametrize("mode", STEREO)
def test_a_stereo_mode(mode: str) -> None:
    a, b = marked(seed=5), marked(seed=6)
    with room(W, H) as r:
        two_eyes(r, a, b)
        r.set("#RVDisplayStereo.stereo.type", mode)
        same(r.shown(), STEREO[mode](a, b))
        if "squeezed" not in mode:
            same(r.shown(quick=True), STEREO[mode](a, b))
        if mode not in ("off", "mono"):
            r.set("#RVDisplayStereo.stereo.swap", 1)
            same(r.shown(), STEREO[mode](b, a))


@pytest.mark.parametrize("mode", [*list(STEREO)[2:], "pair", "mirror"])
@pytest.mark.parametrize("background", ["black", "checker"])
def test_the_short_way_of_two_eyes_is_the_long_way(mode: str, background: str) -> None:
    """Eyes that leave some of the background, through a display; exact ones go the long way."""
    with room(W, H) as r:
        two_eyes(r, marked(seed=5), marked(seed=6))
        r.do.setBGMethod(background)
        r.set("#RVDisplayStereo.stereo.type", mode)
        r.set("#RVDisplayStereo.stereo.relativeOffset", 0.125)
        r.set("#RVColor.color.saturation", 0.5)
        r.set("#RVDisplayColor.color.sRGB", 1)
        assert np.abs(r.shown() - r.shown(exact=True)).max() <= 1.0
        assert len(r.renderer.rendered()) == (1 if mode in ("left", "right") else 2) + 2
        r.set("#RVDisplayColor.color.brightness", 0.5)
        r.set("#RVDisplayColor.color.channelFlood", 4)  # the display mixes channels as well
        assert np.abs(r.shown() - r.shown(exact=True)).max() <= 1.0


@pytest.mark.parametrize(("mode", "left", "right"), [("pair", -1, 1), ("mirror", 1, -1)])
def test_both_eyes_side_by_side(mode: str, left: int, right: int) -> None:
    with room(W, H) as r:
        two_eyes(r, flat(*COLOURS[0]), flat(*COLOURS[1]))
        r.set("#RVDisplayStereo.stereo.type", mode)
        expected = flat(0, 0, 0, 0)
        place(expected, flat(*COLOURS[0]), left * 0.5, 0, 0.5)
        place(expected, flat(*COLOURS[1]), right * 0.5, 0, 0.5)
        same(r.shown(), expected)


def test_mirror_flops_the_left_eye() -> None:
    a = marked(seed=5)
    with room(W, H) as r:
        two_eyes(r, a, a)
        r.set("#RVDisplayStereo.stereo.type", "mirror")
        shown = r.shown()
        rows = slice(H // 4, 3 * H // 4)
        np.testing.assert_allclose(shown[rows, W // 2 :], shown[rows, W // 2 - 1 :: -1], atol=1)


def test_stereo_offsets_move_the_eyes_apart() -> None:
    a, b = flat(*COLOURS[0]), flat(*COLOURS[1])
    with room(W, H) as r:
        two_eyes(r, a, b)
        r.set("#RVDisplayStereo.stereo.type", "left")
        r.set("#RVDisplayStereo.stereo.relativeOffset", 0.25)
        shown = r.shown()
        assert (shown[:, : 3 * W // 4, 0] > 200).all() and not shown[:, 3 * W // 4 :].any()
        r.set("#RVDisplayStereo.stereo.type", "right")
        r.set("#RVDisplayStereo.stereo.rightOffset", 0.125)
        shown = r.shown()
        start = W // 4 + W // 8
        assert (shown[:, start:, 1] > 200).all() and not shown[:, :start].any()
        r.set("#RVDisplayStereo.stereo.type", "off")
        same(r.shown(), a)


# -- transforms and formats ------------------------------------------------------------------


TRANSFORMS: dict[str, tuple[list[tuple[Any, ...]], Callable[[Array], Array]]] = {
    "flip": ([("transform.flip", 1)], lambda p: p[::-1]),
    "flop": ([("transform.flop", 1)], lambda p: p[:, ::-1]),
    "both": ([("transform.flip", 1), ("transform.flop", 1)], lambda p: p[::-1, ::-1]),
    "half turn": ([("transform.rotate", 180.0)], lambda p: p[::-1, ::-1]),
    "inactive": ([("transform.flip", 1), ("transform.active", 0)], lambda p: p),
    "right": (
        [("transform.translate", 0.25, 0.0)],
        lambda p: np.concatenate([0 * p[:, : H // 4], p[:, : -H // 4]], 1),
    ),
    "up": (
        [("transform.translate", 0.0, 0.5)],
        lambda p: np.concatenate([0 * p[: H // 2], p[: H // 2]], 0),
    ),
}


@pytest.mark.parametrize("case", TRANSFORMS)
def test_a_transform(case: str) -> None:
    properties, reference = TRANSFORMS[case]
    pixels = marked()
    with room(W, H) as r:
        r.push(pixels)
        for name, *values in properties:
            r.set(f"#RVTransform2D.{name}", *values)
        same(r.shown(), reference(pixels), 2.0)
        same(r.shown(quick=True), reference(pixels), 2.0)


@pytest.mark.parametrize(("angle", "turn"), [(90.0, 1), (-90.0, 3), (270.0, 3)])
def test_a_quarter_turn_is_clockwise(angle: float, turn: int) -> None:
    pixels = marked(32, 32)
    with room(32, 32) as r:
        r.push(pixels)
        r.set("#RVTransform2D.transform.rotate", angle)
        # row 0 is the lowest: what looks clockwise is rot90 of the array as it lies
        same(r.shown(), np.rot90(pixels, turn), 2.0)


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_scale_about_the_centre(scale: float) -> None:
    with room(W, H) as r:
        r.push(flat(*COLOURS[0]))
        r.set("#RVTransform2D.transform.scale", scale, scale)
        expected = flat(0, 0, 0, 0)
        if scale < 1:
            place(expected, flat(*COLOURS[0]), 0, 0, scale)
        else:
            expected = flat(*COLOURS[0])
        same(r.shown(), expected)


def test_twice_the_size_shows_each_pixel_twice() -> None:
    pixels = marked()
    with room(W, H) as r:
        r.push(pixels)
        r.set("#RVTransform2D.transform.scale", 2.0, 2.0)
        middle = pixels[H // 4 : 3 * H // 4, W // 4 : 3 * W // 4]
        same(r.shown(quick=True), middle.repeat(2, 0).repeat(2, 1))


def test_view_pan_comes_before_zoom() -> None:
    with room(W, H) as r:
        r.push(flat(*COLOURS[0]))
        r.set("#RVDispTransform2D.transform.scale", 0.5, 0.5)
        r.set("#RVDispTransform2D.transform.translate", 0.5, 0.0)
        expected = flat(0, 0, 0, 0)
        place(expected, flat(*COLOURS[0]), 0.25, 0, 0.5)
        same(r.shown(), expected)


FORMATS: dict[str, tuple[list[tuple[Any, ...]], Callable[[Array], Array]]] = {
    "crop": (
        [("crop.active", 1), ("crop.xmin", 8), ("crop.ymin", 4), ("crop.xmax", 39),
         ("crop.ymax", 19)],
        lambda p: p[4:20, 8:40],
    ),
    "crop outside": (
        [("crop.active", 1), ("crop.xmin", 8), ("crop.ymin", 4), ("crop.xmax", W),
         ("crop.ymax", 19)],
        lambda p: p,
    ),
    "uncrop": (
        [("uncrop.active", 1), ("uncrop.width", 128), ("uncrop.height", 64), ("uncrop.x", 16),
         ("uncrop.y", 8)],
        lambda p: np.pad(p, ((64 - 8 - H, 8), (16, 128 - 16 - W), (0, 0))),
    ),
    "half": (
        [("geometry.scale", 0.5)],
        lambda p: (p[0::2, 0::2] + p[1::2, 0::2] + p[0::2, 1::2] + p[1::2, 1::2]) / 4,
    ),
    "exact size": (
        [("geometry.xresize", 32), ("geometry.yresize", 16), ("geometry.xfit", 8)],
        lambda p: (p[0::2, 0::2] + p[1::2, 0::2] + p[0::2, 1::2] + p[1::2, 1::2]) / 4,
    ),
    "fit": (
        [("geometry.xfit", 32), ("geometry.yfit", 100)],
        lambda p: (p[0::2, 0::2] + p[1::2, 0::2] + p[0::2, 1::2] + p[1::2, 1::2]) / 4,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FORMATS)
def test_a_format(case: str) -> None:
    properties, reference = FORMATS[case]
    pixels = marked()
    expected = reference(pixels)
    with room(expected.shape[1], expected.shape[0]) as r:
        node = r.push(pixels)
        r.do.setViewNode(r.do.nodeGroup(node))
        for name, *values in properties:
            r.set(f"#RVFormat.{name}", *values)
        same(r.shown(), expected, 2.0)


def test_format_depth_and_channels() -> None:
    pixels = layer(2)
    with room(W, H) as r:
        node = r.push(pixels)
        r.set("#RVFormat.color.allowFloatingPoint", 0)
        r.set("#RVFormat.color.maxBitDepth", 8)
        r.set("#RVColor.color.scale", 8.0, 8.0, 8.0)
        # eighths of 255 steps show that it was reduced before the colour
        steps = np.round(np.clip(pixels, 0, 1) * 255) / 255
        same(r.shown(), steps * [8, 8, 8, 1])
        r.set("#RVFormat.color.maxBitDepth", 0)
        r.set("#RVFormat.color.allowFloatingPoint", 1)
        r.set("#RVColor.color.scale", 1.0, 1.0, 1.0)
        r.set(f"{r.do.nodeGroup(node)}_channelMap.format.channels", "B", "nothing", "G", "R", "A")
        same(r.shown(), pixels[..., [2, 1, 0, 3]])
        r.set(f"{r.do.nodeGroup(node)}_channelMap.format.channels", "nothing")
        same(r.shown(), pixels)


@pytest.mark.parametrize(
    ("wanted", "planes"),
    [
        ("", ""),
        ("nothing", ""),
        ("R", "R"),
        ("RG", "RG"),
        ("ABGR", "ABGR"),
        ("BB", "BB"),
        ("RGR", "RGRG"),
        ("RGBB", "RGBB"),
        ("RRR", "RRRR"),
        ("GBBB", "GBBBB"),
        ("RGBR", "RGBRGB"),
        ("RGBAB", "RGBABA"),
    ],
)
def test_channels_become_planes_as_in_rv(wanted: str, planes: str) -> None:
    """A repeated plane brings along what is behind it."""
    names = [wanted] if wanted == "nothing" else list(wanted)
    assert "".join("RGBA"[i] for i in channel_planes(names, "RGBA")) == planes


@pytest.mark.parametrize("aspect", [2.0, 0.5])
def test_pixel_aspect(aspect: float) -> None:
    """A picture of 32 x 32 pixels is shown twice as wide, or half as wide, as high."""
    colour = flat(*COLOURS[0], w=32, h=32)
    with room(64, 32) as r:
        r.push(colour, pixel_aspect=aspect)
        lit = (r.shown()[16, :, 0] > 100).nonzero()[0]
        assert (lit[0], lit[-1] + 1) == ((0, 64) if aspect == 2.0 else (24, 40))
        r.set("#RVLensWarp.warp.pixelAspectRatio", 1.5)
        lit = (r.shown()[16, :, 0] > 100).nonzero()[0]
        assert (lit[0], lit[-1] + 1) == (8, 56)
        r.set("#RVLensWarp.node.active", 0)
        lit = (r.shown()[16, :, 0] > 100).nonzero()[0]
        assert (lit[0], lit[-1] + 1) == (16, 48)


def test_the_pixel_aspect_of_a_pushed_picture_is_a_property() -> None:
    with room(64, 32) as r:
        node = r.push(flat(*COLOURS[0], w=32, h=32))
        for aspect, ends in ((0.0, (16, 48)), (2.0, (0, 64)), (0.5, (24, 40))):
            r.set(f"{node}.image.pixelAspect", aspect)
            lit = (r.shown()[16, :, 0] > 100).nonzero()[0]
            assert (lit[0], lit[-1] + 1) == ends


def test_a_data_window_lies_in_its_display_window() -> None:
    pixels = marked(16, 8)
    with room(W, H) as r:
        r.push(pixels, uncrop_width=W, uncrop_height=H, uncrop_x=10, uncrop_y=5)
        expected = flat(0, 0, 0, 0)
        expected[5:13, 10:26] = pixels
        same(r.shown(), expected)
        same(r.shown(quick=True), expected)


def test_a_sequence_fits_pictures_of_other_shapes() -> None:
    """The wide picture sets the width, so the square one keeps its height."""
    with room(W, H) as r:
        r.push(flat(*COLOURS[0]), name="a")
        r.push(flat(*COLOURS[1], w=32, h=32), name="b")
        same(r.shown(), flat(*COLOURS[0]))
        r.do.setFrame(2)
        expected = flat(0, 0, 0, 0)
        expected[:, 16:48] = COLOURS[1]
        same(r.shown(), expected)


def middle(colour: tuple[float, ...], size: int) -> Array:
    """A square of *size* in the middle of a square window of `W`."""
    out = flat(0, 0, 0, 0, h=W)
    edge = (W - size) // 2
    out[edge : edge + size, edge : edge + size] = colour
    return out


@pytest.mark.parametrize("kind", ["Sequence", "Stack"])
@pytest.mark.parametrize(("interactive", "size"), [(1, W), (0, H)])
def test_an_interactive_size_is_the_window_s(kind: str, interactive: int, size: int) -> None:
    """A square picture beside one twice as wide, in a square window: the node's own frame is as
    wide as the wider one, which leaves half of the height; the window's is all of it."""
    with room(W, W) as r:
        r.push(flat(*COLOURS[1], w=W, h=W), name="square")
        r.push(flat(*COLOURS[0], w=2 * W, h=W), name="wide")
        r.do.setViewNode(f"default{kind}")
        r.set(f"#RV{kind}.output.interactiveSize", interactive)
        if kind == "Stack":
            r.set("#RVStack.composite.type", "topmost")
        expected = middle(COLOURS[1], size)
        same(r.shown(), expected)
        same(r.shown(quick=True), expected)


def extent(shown: Array) -> tuple[int, ...]:
    """(left, right, upper, lower) end of what is not black."""
    lit = shown[..., :3].max(axis=-1) > 20
    x, y = lit.any(0).nonzero()[0], lit.any(1).nonzero()[0]
    return int(x[0]), int(x[-1]) + 1, int(y[0]), int(y[-1]) + 1


@pytest.mark.parametrize("interactive", [0, 1])
@pytest.mark.parametrize("inner", ["Sequence", "Stack", "Switch"])
@pytest.mark.parametrize(("own", "box"), [
    # shrunk to its frame, and with that to the window; or to a frame that the window holds
    ((2 * W, W), (0, 64, 24, 40)), ((W // 2, W), (16, 48, 28, 36)),
])  # fmt: skip
def test_groups_in_a_stack_with_the_window_s_size_do_not_run_over(
    own: tuple[int, int], box: tuple[int, ...], inner: str, interactive: int
) -> None:
    """The same as with a frame of its own that has the window's shape."""
    with room(W, W) as r:
        r.push(flat(*COLOURS[0], w=4 * W, h=W), name="wide")
        source = r.do.nodesOfType("RVSourceGroup")[0]
        framed(r, "inner", inner, own, source)
        framed(r, "outer", "Stack", (W, W), "inner")
        r.do.setIntProperty("outer_stack.output.interactiveSize", [interactive], True)
        r.do.setViewNode("outer")
        assert extent(r.shown()) == box
        assert extent(r.shown(quick=True)) == box


@pytest.mark.parametrize("kind", ["Sequence", "Stack", "Switch"])
def test_a_frame_of_its_own_is_fitted_into_the_window(kind: str) -> None:
    """The picture fills its frame's height, which is half of the window's."""
    with room(W, W) as r:
        r.push(flat(*COLOURS[0], w=W, h=W), name="square")
        framed(r, "framed", kind, (2 * W, W), r.do.nodesOfType("RVSourceGroup")[0])
        r.do.setViewNode("framed")
        assert extent(r.shown()) == extent(r.shown(quick=True)) == (16, 48, 16, 48)


def test_only_the_view_node_has_an_interactive_size() -> None:
    """Another node above it has a frame of its own, which is the sequence's here."""
    with room(W, W) as r:
        r.push(flat(*COLOURS[1], w=W, h=W), name="square")
        r.push(flat(*COLOURS[0], w=2 * W, h=W), name="wide")
        r.do.newNode("RVRetimeGroup", "above")
        r.do.setNodeInputs("above", ["defaultSequence"])
        assert r.do.getIntProperty("defaultSequence_sequence.output.interactiveSize") == [1]
        r.do.setViewNode("above")
        same(r.shown(), middle(COLOURS[1], H))


@pytest.mark.parametrize(("mode", "size"), [("hsqueezed", H), ("anaglyph", W)])
def test_no_interactive_size_where_each_eye_has_half_of_the_window(mode: str, size: int) -> None:
    with room(W, W) as r:
        r.push(flat(*COLOURS[1], w=W, h=W), name="square")
        r.push(flat(*COLOURS[0], w=2 * W, h=W), name="wide")
        r.set("#RVDisplayStereo.stereo.type", mode)
        shown = r.shown()[:, W // 4]
        assert (shown.max(axis=-1) > 0).sum() == size


def framed(r: Room, group: str, kind: str, size: tuple[int, int], *inputs: str) -> None:
    """A group with a frame of its own."""
    r.do.newNode(f"RV{kind}Group", group)
    r.do.setNodeInputs(group, list(inputs))
    node = f"{group}_{kind.lower()}"
    r.do.setIntProperty(f"{node}.output.autoSize", [0], True)
    if kind != "Switch":
        r.do.setIntProperty(f"{node}.output.interactiveSize", [0], True)
    r.do.setIntProperty(f"{node}.output.size", list(size), True)


@pytest.mark.parametrize("outer", ["Sequence", "Stack", "Switch"])
@pytest.mark.parametrize("inner", ["Sequence", "Stack", "Switch"])
def test_groups_in_groups_are_fitted_level_by_level(inner: str, outer: str) -> None:
    """RV's fitToAspect, once for each: a frame that is wider than the next is shrunk to it, and
    what was shrunk to a narrow one stays so in a wider one."""
    with room(W, H) as r:
        r.push(flat(*COLOURS[0], w=4 * H, h=H))  # four times as wide as high
        source = r.do.nodesOfType("RVSourceGroup")[0]
        framed(r, "narrow", inner, (H, H), source)
        framed(r, "upper", outer, (W, H), "narrow")
        r.do.setViewNode("upper")
        expected = flat(0, 0, 0, 0)
        expected[12:20, 16:48] = COLOURS[0]
        same(r.shown(), expected)
        framed(r, "wide", inner, (W, H), source)
        framed(r, "square", outer, (H, H), "wide")
        r.do.setViewNode("square")
        same(r.shown(), expected)


def test_a_group_in_a_layout_keeps_its_frame() -> None:
    with room(W, H) as r:
        r.push(flat(*COLOURS[0], w=4 * H, h=H))
        framed(r, "narrow", "Sequence", (H, H), r.do.nodesOfType("RVSourceGroup")[0])
        r.do.newNode("RVLayoutGroup", "upper")
        r.do.setNodeInputs("upper", ["narrow"])
        r.do.setViewNode("upper")
        expected = flat(0, 0, 0, 0)
        expected[12:20, 16:48] = COLOURS[0]
        same(r.shown(), expected)


@pytest.mark.parametrize("group", ["Sequence", "Stack", "Switch", ""])
def test_what_moves_an_image_is_shrunk_with_it(group: str) -> None:
    """RV fits what the transform made of the image: half of the way for half of the size; the
    window's frame is no other."""
    with room(W, H) as r:
        r.push(flat(*COLOURS[0], w=4 * H, h=H))
        source = r.do.nodesOfType("RVSourceGroup")[0]
        if group:
            framed(r, "narrow", group, (W, H), source)
        r.do.setViewNode("narrow" if group else source)
        r.set(f"{source}_transform2D.transform.translate", 0.5, 0.25)
        expected = flat(0, 0, 0, 0)
        expected[12:28, 8:] = COLOURS[0]
        same(r.shown(), expected)
        same(r.shown(quick=True), expected)


def test_the_opacity_of_a_sequence_entry() -> None:
    pixels = marked()
    with room(W, H) as r:
        r.push(pixels)
        r.set("#RVSequence.composite.inputOpacities", 0.25)
        same(r.shown(), pixels * 0.25)


def test_margins_keep_the_picture_away_from_the_edges() -> None:
    with room(W, H) as r:
        r.push(flat(*COLOURS[0]))
        r.do.setMargins((16.0, 16.0, 8.0, 8.0))  # left, right, top, bottom
        expected = flat(0, 0, 0, 0)
        expected[8:24, 16:48] = COLOURS[0]
        same(r.shown(), expected)
        r.do.setMargins((0.0, 32.0, 0.0, 0.0))
        expected = flat(0, 0, 0, 0)
        expected[8:24, :32] = COLOURS[0]
        same(r.shown(quick=True), expected)
        r.do.setMargins((60.0, 60.0, 0.0, 0.0))  # nothing would be left of this screen
        same(r.shown(), flat(*COLOURS[0]))


def test_the_short_way_through_a_stack_is_the_long_way() -> None:
    """Opaque images that overlap; exact pictures always take the long way."""
    with room(W, H) as r:
        for i in range(3):
            r.push(marked(seed=i), name=f"m{i}")
        r.do.setViewNode("defaultStack")
        for i, (x, y, scale) in enumerate(((0.3, 0.1, 0.5), (-0.4, 0.0, 0.7), (0.0, 0.0, 0.9))):
            node = f"defaultStack_t_sourceGroup00000{i}"
            r.set(f"{node}.transform.translate", x, y)
            r.set(f"{node}.transform.scale", scale, scale)
        r.set("#RVDisplayColor.color.sRGB", 1)
        long = r.shown(exact=True)
        assert np.abs(r.shown() - long).max() <= 1.0
        assert len(r.renderer.rendered()) == 3 + 2  # hidden or not, they are all there
        r.do.setBGMethod("checker")
        assert np.abs(r.shown() - r.shown(exact=True)).max() <= 1.0
        # the lowest one see-through: only black may be left out
        below = marked(seed=2)
        below[..., 3] = 0.5
        data = np.ascontiguousarray(below, np.float16).tobytes()
        r.store.store("m2", 1, "-", "-", 0, 0, W, H, data)
        assert np.abs(r.shown() - r.shown(exact=True)).max() <= 1.0


def test_a_stack_in_a_stack_can_be_wiped() -> None:
    a, b = marked(seed=1), marked(seed=2)
    with room(W, H) as r:
        r.push(a, name="a")
        r.push(b, name="b")
        for group, inputs in (("inner", ["sourceGroup000000"]),
                              ("outer", ["inner", "sourceGroup000001"])):  # fmt: skip
            r.do.newNode("RVStackGroup", group)
            r.do.setNodeInputs(group, inputs)
        r.do.setViewNode("outer")
        r.set("outer_stack.composite.type", "replace")
        same(r.shown(), a)
        r.set("outer_t_inner.stencil.visibleBox", 0.0, 0.5, 0.25, 1.0)
        expected = b.copy()
        expected[H // 4 :, : W // 2] = a[H // 4 :, : W // 2]
        same(r.shown(), expected)
        same(r.shown(quick=True), expected)


# -- blending by input -----------------------------------------------------------------------


@pytest.mark.parametrize(("modes", "expected"), [
    # three sequences in a stack, the first on top; each with its own way onto what is below
    (("add", "over", "over"), lambda a, b, c: a + over([b, c])),
    (("over", "add", "over"), lambda a, b, c: over([a, b + c])),
    (("difference", "add", ""), lambda a, b, c: a - (b + c)),
    (("-difference", "over", "add"), lambda a, b, c: over([b, c]) - a),
    (("replace", "add", "over"), lambda a, b, c: a),
    (("what", "add", "over"), lambda a, b, c: over([a, b + c])),
])  # fmt: skip
def test_sequences_bring_their_blend_modes(
    modes: tuple[str, ...], expected: Callable[[Array, Array, Array], Array]
) -> None:
    layers = [layer(n) * 0.5 for n in (1, 2, 3)]
    with room(W, H) as r:
        names = []
        for name, pixels, mode in zip("abc", layers, modes, strict=True):
            source = r.push(pixels, dtype=np.float32, name=name)
            names.append(r.do.newNode("RVSequenceGroup", f"seq_{name}"))
            r.do.setNodeInputs(names[-1], [r.do.nodeGroup(source)])
            r.set(f"seq_{name}_sequence.composite.inputBlendModes", mode)
        stack = r.do.newNode("RVStackGroup", "stack")
        r.do.setNodeInputs(stack, names)
        r.do.setViewNode(stack)
        same(r.shown(), expected(*layers))
        # a merged composite asks nobody
        r.set("stack_stack.composite.type", "replace")
        same(r.shown(), layers[0])


@pytest.mark.parametrize(("kind", "expected"), [
    ("over", lambda a, b: over([b, a])), ("difference", lambda a, b: b - a),
    ("-difference", lambda a, b: a - b), ("add", lambda a, b: a + b), ("replace", lambda a, b: a),
    ("topmost", lambda a, b: a),
])  # fmt: skip
def test_a_stack_that_is_not_reversed(kind: str, expected: Callable[[Array, Array], Array]) -> None:
    """`mode.supportReversedOrderBlending` 0: inputs are drawn in their order."""
    layers = [layer(n) for n in (1, 2)]
    with room(W, H) as r:
        for name, pixels in zip("ab", layers, strict=True):
            r.push(pixels, dtype=np.float32, name=name)
        r.do.setViewNode("defaultStack")
        r.set("defaultStack_stack.composite.type", kind)
        r.set("defaultStack_stack.mode.supportReversedOrderBlending", 0)
        same(r.shown(), expected(*layers))


# -- the right eye's own transform -----------------------------------------------------------

RIGHT: dict[str, tuple[list[tuple[Any, ...]], Callable[[Array], Array]]] = {
    "flip": ([("flip", 1)], lambda p: p[::-1]),
    "flop": ([("flop", 1)], lambda p: p[:, ::-1]),
    "half turn": ([("rotate", 180.0)], lambda p: p[::-1, ::-1]),
    "translate": ([("translate", 0.25, 0.0)],
                  lambda p: np.concatenate([0 * p[:, : H // 4], p[:, : -H // 4]], 1)),
    "all": ([("flop", 1), ("rotate", 180.0), ("translate", 0.0, 0.5)],
            lambda p: np.concatenate([0 * p[: H // 2], p[::-1][: H // 2]], 0)),
}  # fmt: skip


@pytest.mark.parametrize("case", RIGHT)
@pytest.mark.parametrize("node", ["#RVSourceStereo", "#RVDisplayStereo"])
def test_the_right_eye_s_own_transform(case: str, node: str) -> None:
    """Mirrors, turns (clockwise) and moves the right eye only, and only in a stereo mode."""
    values, expected = RIGHT[case]
    a, b = marked(seed=5), marked(seed=6)
    with room(W, H) as r:
        two_eyes(r, a, b)
        for name, *value in values:
            r.set(f"{node}.rightTransform.{name}", *value)
        same(r.shown(), a)
        r.set("#RVDisplayStereo.stereo.type", "left")
        same(r.shown(), a)
        r.set("#RVDisplayStereo.stereo.type", "right")
        same(r.shown(), expected(b))
        # swapped, it is the other image that the right eye's transform is for
        r.set("#RVDisplayStereo.stereo.swap", 1)
        same(r.shown(), expected(a))
        r.set("#RVSourceStereo.stereo.swap", 1)
        same(r.shown(), expected(b))


def test_source_and_display_add_up() -> None:
    a, b = marked(seed=5), marked(seed=6)
    with room(W, H) as r:
        two_eyes(r, a, b)
        r.set("#RVDisplayStereo.stereo.type", "right")
        for node in ("#RVSourceStereo", "#RVDisplayStereo"):
            r.set(f"{node}.rightTransform.flip", 1)  # twice is not at all
            r.set(f"{node}.rightTransform.translate", 0.125, 0.0)
            r.set(f"{node}.stereo.rightOffset", 0.0625)
        moved = int(0.25 * H + 0.125 * W)
        same(r.shown(), np.concatenate([0 * b[:, :moved], b[:, :-moved]], 1))


def test_offsets_count_in_the_image_and_stay_with_the_eye() -> None:
    """A part of the image's width, whatever its scale; swapping exchanges images only."""
    a, b = marked(seed=5), marked(seed=6)
    with room(W, H) as r:
        two_eyes(r, a, b)
        r.set("#RVSourceStereo.stereo.relativeOffset", 0.25)
        r.set("#RVDisplayStereo.stereo.type", "left")
        same(r.shown(), np.concatenate([a[:, W // 4 :], 0 * a[:, : W // 4]], 1))
        r.set("#RVDisplayStereo.stereo.swap", 1)
        same(r.shown(), np.concatenate([b[:, W // 4 :], 0 * b[:, : W // 4]], 1))
        r.set("#RVDisplayStereo.stereo.swap", 0)
        r.set("#RVTransform2D.transform.scale", 2.0, 2.0)
        shown = r.shown(quick=True)
        # twice as large, moved by half a screen: its middle quarter from 3/4 to the left
        big = a.repeat(2, 0).repeat(2, 1)[H // 2 : 3 * H // 2]
        same(shown, big[:, W : 2 * W])


@pytest.mark.parametrize("kind", ["over", "add", "difference", "-difference", "dissolve"])
@pytest.mark.parametrize("turned", [False, True])
def test_pictures_made_by_parts_are_the_whole(
    kind: str, turned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """See-through images, one of them wiped and painted on, over a pattern, in two eyes whose rows
    take turns: some rows at a time, as while playing, and all at once."""
    monkeypatch.setattr(import_module("player.image.render"), "_PART", 5 * W)
    with room(W, H) as r:
        r.push(layer(1), name="a")
        r.push(layer(2, w=48, h=20), name="b")
        r.do.setViewNode("defaultStack")
        r.set("#RVStack.composite.type", kind)
        r.set("#RVDisplayStereo.stereo.type", "scanline" if turned else "checker")
        r.set("#RVDisplayStereo.stereo.relativeOffset", 0.125)
        r.set("#RVDisplayColor.color.sRGB", 1)
        r.do.setBGMethod("crosshatch")
        node = "defaultStack_t_sourceGroup000001"
        r.set(f"{node}.transform.rotate", 33.0 if turned else 0.0)
        r.set(f"{node}.transform.translate", 0.2, 0.1)
        r.set("defaultStack_t_sourceGroup000000.stencil.visibleBox", 0.1, 0.9, 0.2, 1.0)
        r.set(f"{node}.transform.scale", 0.5, 0.5)
        # beyond the edges of its image, into rows in which that is not
        component(r, "sourceGroup000000_paint", "pen:1:1:u", points=[-0.2, -0.3, 0.7, 0.9],
                  width=0.1, color=[1.0, 0.0, 0.0, 0.5])  # fmt: skip
        component(r, "sourceGroup000001_paint", "pen:1:1:u", points=[-0.9, -0.9, 0.1, 0.2],
                  width=0.1, color=[0.0, 1.0, 0.0, 0.5])  # fmt: skip
        view = r.renderer.view()
        whole, drawn = render_float(view, W, H, r.renderer.fetch, "nearest")
        made = render(view, W, H, r.renderer.fetch, "nearest")
        assert np.abs(made.pixels[::-1].astype(int) - quantise(whole))[..., :3].max() <= 1
        assert (made.pixels[..., 3] == 255).all()
        assert [d.quad.name for d in made.drawn] == [d.quad.name for d in drawn]
        assert len(drawn) == 4


@pytest.mark.parametrize("angle", [33.0, 90.0, 200.0])
@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32])
def test_turned_images_take_the_short_way_while_playing(
    angle: float, dtype: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_module("player.image.render")
    with room(W, H) as r:
        scale = 255 if dtype is np.uint8 else 1
        for seed, name in enumerate("ab"):
            r.push(marked(seed=seed) * scale, dtype, name)
        r.do.setViewNode("defaultStack")
        r.do.setBGMethod("checker")
        r.set("#RVDisplayColor.color.sRGB", 1)
        r.set("#RVColor.color.saturation", 0.5)
        for number, turn in enumerate((angle, angle / 3)):
            node = f"defaultStack_t_sourceGroup00000{number}"
            r.set(f"{node}.transform.rotate", turn)
            r.set(f"{node}.transform.translate", 0.2 * number, 0.1)
            r.set(f"{node}.transform.scale", 0.8, 0.8)
        view = r.renderer.view()
        whole, _ = render_float(view, W, H, r.renderer.fetch, "nearest")
        monkeypatch.setattr(module._Drawing, "by_parts", None)
        made = render(view, W, H, r.renderer.fetch, "nearest")
        # over a pattern the lowest has to be opaque, and is
        assert np.abs(made.pixels[::-1].astype(int) - quantise(whole))[..., :3].max() <= 1
        backwards = np.zeros((H, W, 4), np.uint8)[..., ::-1]  # as a screen has it
        render(view, W, H, r.renderer.fetch, "nearest", out=backwards)
        np.testing.assert_array_equal(backwards[..., :3], made.pixels[..., :3])


@pytest.mark.parametrize("short", [True, False])
def test_a_picture_in_its_own_size_is_not_filtered(
    short: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("shortway", "sample"):
        monkeypatch.setattr(import_module(f"player.image.{name}"), "filtered", None)
    pixels = marked() if short else layer(1)
    with room(W, H) as r:
        r.push(pixels)
        r.set("#RVTransform2D.transform.flop", 1)
        if not short:
            r.do.setViewNode("defaultStack")
            r.do.setBGMethod("grey18")
            pixels = pixels + 0.18 * (1 - pixels[..., 3:])
        same(r.shown(), pixels[:, ::-1])
        with pytest.raises(TypeError):
            r.shown(size=(W // 2, H))  # which is
