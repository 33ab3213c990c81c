"""Images that are put together in floats: from tables, by boxes, to 8 bits, over patterns."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from player.image.alpha import solid
from player.image.blending import Layer, blend, common_cover, merged, over
from player.image.compiled import Compiled
from player.image.even import even
from player.image.ops import Op, channelwise, run_ops
from player.image.patterns import Pattern, background
from player.image.render import render, render_float
from player.image.scene import Composite
from player.image.tables import FloatTable, quantise
from tests.image.room import room
from tests.image.test_combining import H, W, flat, layer
from tests.image.test_mixed import CHAINS
from tests.image.test_tables import KINDS, stored


@pytest.mark.parametrize("kind", ["black", "grey50", "checker", "crosshatch", "no such"])
@pytest.mark.parametrize("first", [0, 7, 33])
def test_a_pattern_is_what_its_shader_makes_of_each_pixel(kind: str, first: int) -> None:
    y, x = np.mgrid[first : first + 50, 0:70]
    grey = {
        "grey50": np.full(x.shape, 0.5),
        "checker": np.where((x // 20 + y // 20) % 2, 0.20, 0.15),
        "crosshatch": np.where(((x + y) % 8 == 0) | ((x - y) % 8 == 0), 0.25, 0.18),
    }.get(kind, np.zeros(x.shape))
    wanted = np.dstack([grey, grey, grey, np.zeros(x.shape)]).astype(np.float32)
    made = background(kind, 70, 50, first)
    assert (made == wanted).all()
    pattern = Pattern(kind, 70)
    assert (pattern.rows[pattern.kinds(y), x] == wanted).all()


@pytest.mark.parametrize("same", [True, False], ids=["one curve", "three curves"])
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("dtype", KINDS, ids=lambda d: d.__name__)
@pytest.mark.parametrize("numbers", [True, False], ids=["numbers", "anything"])
@pytest.mark.parametrize("large", [True, False], ids=["large", "small"])
def test_every_value_becomes_the_float_of_its_entry(
    large: bool, numbers: bool, dtype: Any, channels: int, same: bool
) -> None:
    rng = np.random.default_rng(4)
    entries = 256 if dtype is np.uint8 else 65536
    table = rng.normal(0, 1e4, (1 if same else 3, entries)).astype(np.float32)
    table = np.broadcast_to(table, (3, entries)).copy()
    pixels = stored(dtype, (300, 260, channels) if large else (9, 7290, channels))
    if dtype is np.float16:
        if numbers:
            pixels = np.where(np.isfinite(pixels), pixels, np.float16(-0.5))
        else:
            table[:, 0x7C00:0x7E00] = np.inf  # of what is infinite, and of some that is no number
            table[:, 0xFC00:] = np.nan
    made = FloatTable(table, np.dtype(dtype)).apply(pixels)
    index = pixels.view(np.uint16) if dtype is np.float16 else pixels
    for i in range(3):
        np.testing.assert_array_equal(made[..., i], table[i][index[..., i]])
    full = entries - 1
    alpha = np.ones(made.shape[:2])
    if channels == 4:
        alpha = pixels[..., 3] if dtype is np.float16 else pixels[..., 3] / full
    np.testing.assert_allclose(made[..., 3], alpha, rtol=1e-6)


def power(exponent: float) -> Op:
    return channelwise(("power", exponent), lambda x: np.power(np.maximum(x, 0), exponent))


STEPS = channelwise("steps", lambda x: np.floor(x * 4) / 4)
SCREENS: dict[str, list[Op]] = {
    **CHAINS,
    "nothing": [],
    "a steep gamma": [power(1 / 2.6)],
    "no table": [STEPS],
    "darker than halves": [channelwise("dark", lambda x: x * np.float32(2**-20))],
}


@pytest.mark.parametrize("name", SCREENS)
def test_what_a_screen_shows_of_floats(name: str) -> None:
    rng = np.random.default_rng(5)
    light = rng.normal(0.4, 1.0, (40, 60, 4)).astype(np.float32)
    light[0, :4, 0] = 0.0, 1.0, -0.0, 60000.0
    light[1, :, :3] = np.geomspace(1e-7, 1e6, 60)[:, None]
    wanted = quantise(run_ops(SCREENS[name], light.copy()))
    light[2, :3, :3] = np.array([np.nan, np.inf, -np.inf])[:, None]
    light[3, :, 3] = np.nan  # alpha has no part in it
    whole = np.full((80, 60, 4), 7, np.uint8)
    out = whole[::-1][20:60]  # rows may run either way
    Compiled(SCREENS[name]).show(light.copy(), out)
    off = np.abs(out.astype(int) - wanted)[..., :3]
    off[2, :3] = 0
    assert off.max() <= 1
    assert (out[..., 3] == 255).all()
    assert (whole[:20] == 7).all() and (whole[60:] == 7).all()
    if name in ("nothing", "a steep gamma"):
        assert out[2, :3, 0].tolist() == [0, 255, 0]


def test_a_table_of_roots_where_a_curve_is_steep() -> None:
    assert even((power(1 / 2.6),)) is None
    assert Compiled([power(1 / 2.6)])._unmixed() is not None
    assert Compiled([STEPS])._unmixed() is None


KINDS_OF = ["over", "add", "difference", "-difference", "replace", "dissolve"]


@pytest.mark.parametrize("kind", KINDS_OF)
@pytest.mark.parametrize("seed", range(6))
def test_boxes_are_blended_as_whole_canvases(kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    h, w = 12, 17
    layers, wholes, covers = [], [], []
    for _ in range(3):
        y, x = int(rng.integers(0, 6)), int(rng.integers(0, 9))
        size = (h, w) if rng.random() < 0.3 else (int(rng.integers(1, h - y)), 8)
        y, x = (0, 0) if size == (h, w) else (y, x)
        values = rng.normal(0.5, 0.5, (*size, 4)).astype(np.float32)
        mask = rng.random(size) < 0.7 if rng.random() < 0.5 else None
        if mask is not None:
            values *= mask[..., None]
        one = Layer(values, x, y, mask)
        whole, cover = np.zeros((h, w, 4), np.float32), np.zeros((h, w), bool)
        one.box(whole)[...], one.box(cover)[...] = values, True if mask is None else mask
        layers.append(one)
        wholes.append(whole)
        covers.append(cover)
    a, b, c = wholes
    wanted = {
        "over": a + (b + c * (1 - b[..., 3:])) * (1 - a[..., 3:]),
        "add": a + b + c,
        "difference": a - (b - c),
        "-difference": c - b - a,
        "replace": np.where(covers[0][..., None], a, np.where(covers[1][..., None], b, c)),
        "dissolve": np.clip(b + (a - b) * np.float32(0.25), 0, 1),
    }[kind]
    covered = np.logical_or.reduce(covers)
    if kind == "dissolve":
        wanted[..., 3] = np.where(covered, 1, wanted[..., 3])
    if kind in ("replace", "dissolve"):
        made = merged(Composite(kind=kind, children=(), amount=0.25), layers, h, w)
    else:
        result = c.copy()
        for one in layers[1::-1]:
            blend(kind, one, result)
        made = Layer(result, mask=common_cover(layers, h, w))
    np.testing.assert_allclose(made.spread(h, w), wanted, atol=1e-5)
    np.testing.assert_array_equal(made.cover(h, w), covered)


def test_over_is_premultiplied_over() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.random((2, 5, 7, 4), np.float32)
    np.testing.assert_allclose(over(a, b), a + b * (1 - a[..., 3:]), atol=1e-6)


@pytest.mark.parametrize("kind", ["over", "add", "difference", "dissolve"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float16])
def test_composites_while_playing_go_through_no_halves_and_no_closer_look(
    kind: str, dtype: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither is a soft picture sampled for the short way, only to find that it is soft."""
    with room(W, H) as r:
        scale = np.iinfo(dtype).max if np.dtype(dtype).kind == "u" else 1
        for seed in range(2):
            r.push(layer(seed=seed, w=2 * W, h=2 * H) * scale, dtype, f"m{seed}")
        r.do.setViewNode("defaultStack")
        r.do.setBGMethod("checker")
        r.set("#RVStack.composite.type", kind)
        r.set("#RVDisplayColor.color.sRGB", 1)
        r.set("#RVLinearize.color.alphaType", 2)
        r.session.settle()
        view = r.renderer.view()
        whole, _ = render_float(view, W, H, r.renderer.fetch, "nearest")
        monkeypatch.setattr(import_module("player.image.tables"), "_SOME", 1)
        monkeypatch.setattr(import_module("player.image.compiled"), "half_bits", None)
        monkeypatch.setattr(import_module("player.image.shortway"), "_sampled", None)
        made = render(view, W, H, r.renderer.fetch, "nearest")
        assert np.abs(made.pixels[::-1].astype(int) - quantise(whole))[..., :3].max() <= 1


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("loose", [False, True])
def test_alpha_above_one_is_not_opaque(loose: bool, dtype: Any) -> None:
    """RV's formula is told to no limit: twice covered takes from what is below."""
    alpha = np.array([-1, 0, 0.5, 0.9985, 0.9995, 1, 1.0005, 1.003, 2, np.inf, np.nan], dtype)
    assert solid(alpha).tolist() == [False] * 4 + [True] * 3 + [False] * 4
    with room(W, H) as r:
        upper = np.full((H, W, 4), 0.25)
        upper[..., 3] = 1.0
        upper[:4, :, 3] = 2.0
        r.push(upper, dtype, "a")
        r.push(layer(1, w=W, h=H), dtype, "b")
        r.do.setViewNode("defaultStack")
        r.set("#RVLinearize.color.alphaType", 2 if loose else 1)
        r.session.settle()
        view = r.renderer.view()
        whole, _ = render_float(view, W, H, r.renderer.fetch, "nearest")
        made = render(view, W, H, r.renderer.fetch, "nearest")
        assert np.abs(made.pixels[::-1].astype(int) - quantise(whole))[..., :3].max() <= 1


@pytest.mark.parametrize("quick", [True, False], ids=["playing", "standing still"])
@pytest.mark.parametrize(
    ("name", "values", "light"),
    [("offset", (0.25, 0.25, 0.25), 0.25), ("invert", (1,), 1.0)],
)
def test_light_where_nothing_is_stored_is_added_to_what_is_below(
    name: str, values: tuple[float, ...], light: float, quick: bool
) -> None:
    """What is clear is not left out: an offset gives it light, though no alpha."""
    keyed = np.zeros((H, W, 4))
    keyed[:, W // 2 :] = [0.5, 0.5, 0.5, 1]
    with room(W, H) as r:
        node = r.do.nodeGroup(r.push(keyed))
        r.push(flat(0.125, 0.125, 0.125, 1), name="plate")
        r.do.setViewNode("defaultStack")
        r.set(f"{node}_colorPipeline_0.color.{name}", *values)
        shown = r.shown(quick=quick)
    assert np.abs(shown[:, : W // 2] - min(0.125 + light, 1) * 255).max() <= 1


@pytest.mark.parametrize("quick", [True, False], ids=["playing", "standing still"])
def test_mattes_darken_the_frame_around_a_data_window(quick: bool) -> None:
    with room(W, H) as r:
        node = r.do.nodeGroup(r.push(flat(0.5, 0.5, 0.5, 1, w=W // 2, h=H // 2)[..., :3]))
        r.do.setBGMethod("grey18")
        for name, value in [("active", 1), ("width", W), ("height", H), ("x", 16), ("y", 8)]:
            r.set(f"{node}_format.uncrop.{name}", value)
        for matte, setting in [("show", 1), ("aspect", 4.0), ("opacity", 0.75)]:
            r.set(f"{r.do.nodesOfType('RVSession')[0]}.matte.{matte}", setting)
        shown = r.shown(quick=quick)
    # 16 rows of 32 are left: 4 to 1
    assert np.abs(shown[:8] - 0.18 * 0.25 * 255).max() <= 1
    assert np.abs(shown[24:] - 0.18 * 0.25 * 255).max() <= 1
    assert np.abs(shown[8:24, :16] - 0.18 * 255).max() <= 1
    assert np.abs(shown[8:24, 16:48] - 127.5).max() <= 1
