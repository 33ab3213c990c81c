"""Pictures through a costly view are right where its cube is not."""

from __future__ import annotations

from collections import OrderedDict
from itertools import product
from math import inf
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import PyOpenColorIO as ocio
import pytest

from player.image import baked, marked
from player.image.compiled import Compiled, compile_ops
from player.image.marked import at_once
from player.image.ocio import ocio_ops
from player.image.ops import Op, channelwise, colour_matrix, run_ops
from player.image.render import render
from player.image.scene import FetchKey, Quad, View
from player.image.shapers import CodeShaper, LinearShaper
from player.image.transfer import Array
from player.media import Picture
from tests.image.room import hdr_picture, noise, ramp

CONFIG = "ocio://studio-config-latest"
SHAPE = (63, 160)
_MIXING = [[0.7, 0.2, 0.1, 0], [0.1, 0.8, 0.1, 0], [0.0, 0.1, 0.9, 0], [0, 0, 0, 1]]


class _Node:
    """An OCIODisplay node, as far as a transform reads it."""

    values: ClassVar = {"ocio.function": "display", "ocio.inColorSpace": "ACEScg"}

    def one(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def get(self, name: str) -> list[Any]:
        return [self.values[name]] if name in self.values else []


@pytest.fixture(scope="module")
def aces() -> tuple[Op, ...]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OCIO", CONFIG)
        return tuple(ocio_ops(_Node(), "OCIODisplay"))


def picture(kind: str) -> Array:
    made = {"ramp": ramp, "noise": noise, "picture": hdr_picture}
    if kind in made:
        out = made[kind](*SHAPE)
    elif kind == "channels":  # grey, R, G, B, C, M and Y from 0 to 1, to 16, and by stops
        out = np.ones((*SHAPE, 4))
        ranges = (np.linspace(0, 1, SHAPE[1]), np.linspace(0, 16, SHAPE[1]),
                  0.18 * np.exp2(np.linspace(-6, 6, SHAPE[1])))  # fmt: skip
        for row in range(SHAPE[0]):
            which = [c for c in product((0, 1), repeat=3) if any(c)][row % 7]
            out[row, :, :3] = ranges[row // 7 % 3][:, None] * which
    else:  # all exposures and saturations
        rng = np.random.default_rng(9)
        out = np.ones((*SHAPE, 4))
        stops = np.exp2(rng.uniform(-10, 9, (*SHAPE, 1)))
        out[..., :3] = stops * rng.uniform(0.02, 1, (*SHAPE, 3))
    out[..., 3] = 1
    return out.astype(np.float16).astype(np.float32)


def off(made: Any, ops: tuple[Op, ...], light: Array) -> int:
    right = np.clip(np.nan_to_num(run_ops(ops, light.copy())), 0, 1) * 255 + 0.5
    return int(np.abs(made[..., :3].astype(int) - right[..., :3].astype(int)).max())


@pytest.mark.parametrize("kind", ["ramp", "channels", "noise", "picture", "light"])
@pytest.mark.parametrize("gain", [1.0, 2.5])
def test_a_picture_is_within_2_of_255(aces: tuple[Op, ...], kind: str, gain: float) -> None:
    ops = (channelwise(("gain", gain), lambda x: x * np.float32(gain)), *aces)
    chain = compile_ops(ops)
    light = picture(kind)
    out = np.zeros((*SHAPE, 4), np.uint8)
    for _ in range(3):  # computed, then remembered
        chain.to_bytes(light.astype(np.float16), out)
        assert off(out, ops, light) <= 2
        assert (out[..., 3] == 255).all()
    made = chain.apply(light.copy(), shown=True)
    assert off(np.clip(made, 0, 1) * 255 + 0.5, ops, light) <= 2


@pytest.mark.parametrize("gain", [1.0, 8.0])
def test_codes_are_within_2_of_255(aces: tuple[Op, ...], gain: float) -> None:
    """Integer pixels whose first operation mixes channels: a cube over the codes themselves."""
    ops = (colour_matrix(gain * np.array(_MIXING)), *aces)
    chain = compile_ops(ops)
    codes = (np.clip(picture("noise"), 0, 1) * 255 + 0.5).astype(np.uint8)
    codes[0, :256:2] = 255
    codes[1] = np.linspace(0, 255, SHAPE[1])[:, None]
    out = np.zeros((*SHAPE, 4), np.uint8)
    chain.to_bytes(codes, out)
    assert isinstance(chain._cube(codes.dtype)._coarse.plain.shaper, CodeShaper)
    assert off(out, ops, codes.astype(np.float32) / np.float32(255)) <= 2


def computed(chain: Compiled, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many colours a chain computes from now on, with a cube that has seen nothing yet."""
    monkeypatch.setattr(baked, "_cubes", OrderedDict())
    cube = chain._cube(np.dtype(np.float16))._coarse
    exact, asked = cube._exact, [0]

    def counted(rgba: Array) -> Any:
        asked[0] += rgba.shape[0]
        return exact(rgba)

    monkeypatch.setattr(cube, "_exact", counted)
    return asked


def test_nothing_is_computed_twice(aces: tuple[Op, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    chain = compile_ops((channelwise("same", lambda x: x), *aces))
    half = picture("channels").astype(np.float16)
    out = np.zeros((*SHAPE, 4), np.uint8)
    asked = computed(chain, monkeypatch)
    chain.to_bytes(half, out)
    first = asked[0]
    assert 100 < first < np.unique(half.reshape(-1, 4), axis=0).shape[0]
    before = out.copy()
    for _ in range(3):
        chain.to_bytes(half, out)
    assert asked[0] == first and (out == before).all()


def test_other_curves_before_the_same_cube_are_other_colours(aces: tuple[Op, ...]) -> None:
    """What is remembered of one exposure is not shown at another one."""
    light = picture("channels")
    out = np.zeros((*SHAPE, 4), np.uint8)
    for gain in (1.0, 0.5, 1.0, 3.0, 0.7, 0.9, 1.0):
        ops = (channelwise(("other", gain), lambda x, g=gain: x * np.float32(g)), *aces)
        compile_ops(ops).to_bytes(light.astype(np.float16), out)
        assert off(out, ops, light) <= 2


def test_the_shaper_and_its_inverse() -> None:
    nodes = np.linspace(0.0, 1.0, 65)
    shaper = LinearShaper(65)
    values = shaper.from_cube(nodes)
    assert np.abs(shaper.to_cube(values.astype(np.float32)) - nodes).max() < 1e-6
    assert 0.0 in np.round(values, 12)  # zero is a node: transforms have a bend there
    assert values[0] < 0 and abs(values[-1] - 256) < 1e-6
    odd = np.array([np.nan, np.inf, -np.inf, 1e9, -1e9], np.float32)
    zero = shaper.to_cube(np.zeros(1, np.float32)).item()
    assert shaper.to_cube(odd).tolist()[1:] == [1.0, zero, 1.0, 0.0]


def test_the_cube_alone_is_not_enough(aces: tuple[Op, ...]) -> None:
    light = picture("light")
    cube = compile_ops(aces)._cube(np.dtype(np.float16))
    assert off(cube._coarse.plain.apply(light.copy()) * 255 + 0.5, aces, light) > 2


def test_while_playing_it_is_mended_as_long_as_there_is_time(
    aces: tuple[Op, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = compile_ops((channelwise("once more", lambda x: x), *aces))
    light = picture("light")
    half = light.astype(np.float16)
    now = [100.0]
    monkeypatch.setattr(marked, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(marked, "in_bands", at_once)
    monkeypatch.setattr(marked, "_AT_ONCE", 64)
    monkeypatch.setattr(marked, "_ANYHOW", 0)
    cube = chain._cube(np.dtype(np.float16))._coarse
    exact = cube._exact

    def slow(rgba: Array) -> Any:
        now[0] += 0.001
        return exact(rgba)

    monkeypatch.setattr(cube, "_exact", slow)

    def wrong(until: float) -> int:
        out = np.zeros((*SHAPE, 4), np.uint8)
        chain.to_bytes(half, out, until=until)
        return int((np.abs(out[..., :3].astype(int) - right).max(-1) > 2).sum())

    right = (np.clip(run_ops(aces, light.copy())[..., :3], 0, 1) * 255 + 0.5).astype(np.uint8)
    assert wrong(now[0]) > 10  # too late already: as the cube shows it
    left = [wrong(now[0] + 0.003) for _ in range(40)]
    assert left[0] > 0 and left == sorted(left, reverse=True)
    assert left[-1] == 0  # what is looked at for a while
    assert wrong(now[0]) == 0  # and that costs nothing
    for held in chain._cube(np.dtype(np.float16))._memories.values():
        held._words[:] = 0
    monkeypatch.setattr(marked, "_ANYHOW", 1)  # a little is done on a machine without time, too
    left = [wrong(now[0] - 1.0) for _ in range(80)]
    assert left[0] > 0 and left == sorted(left, reverse=True) and left[-1] == 0
    floats = chain.apply(light.copy(), shown=True, until=now[0])
    assert off(np.clip(floats, 0, 1) * 255 + 0.5, aces, light) > 2


def view_of(
    monkeypatch: pytest.MonkeyPatch, config: str, display: str, view: str, space: str
) -> tuple[Compiled, Any]:
    """A view's chain, and OpenColorIO's own processor."""
    monkeypatch.setenv("OCIO", config)
    chosen = {"ocio.function": "display", "ocio.inColorSpace": space,
              "ocio_display.display": display, "ocio_display.view": view}  # fmt: skip
    node = _Node()
    monkeypatch.setattr(node, "values", chosen, raising=False)
    processor = ocio.Config.CreateFromFile(config).getProcessor(
        ocio.DisplayViewTransform(src=space, display=display, view=view)
    )
    return compile_ops(ocio_ops(node, "OCIODisplay")), processor.getDefaultCPUProcessor()


def eight_bits(cpu: Any, light: Array) -> npt.NDArray[np.int_]:
    """RGB (h, w, 3 or 4) through OpenColorIO, 0..255."""
    right = np.array(light[..., :3], np.float32, order="C")
    cpu.applyRGB(right.reshape(-1, 3))
    return (np.clip(np.nan_to_num(right), 0, 1) * 255 + 0.5).astype(int)


VIEWS = (
    ("ocio://cg-config-v1.0.0_aces-v1.3_ocio-v2.1", "Rec.1886 Rec.709 - Display",
     "ACES 1.0 - SDR Video", "Linear Rec.709 (sRGB)"),
    ("ocio://cg-config-v1.0.0_aces-v1.3_ocio-v2.1", "P3-D65 - Display", "ACES 1.0 - SDR Cinema",
     "ACEScct"),
    ("ocio://cg-config-v1.0.0_aces-v1.3_ocio-v2.1", "Rec.2100-PQ - Display",
     "ACES 1.1 - HDR Video (1000 nits & Rec.2020 lim)", "ACEScg"),
    (CONFIG, "Rec.1886 Rec.709 - Display", "ACES 2.0 - SDR 100 nits (Rec.709)",
     "ARRI LogC3 (EI800)"),
    (CONFIG, "sRGB - Display", "ACES 2.0 - SDR 100 nits (Rec.709)", "Linear Rec.709 (sRGB)"),
    (CONFIG, "sRGB - Display", "Un-tone-mapped", "ACEScg"),
)  # fmt: skip


@pytest.mark.parametrize(("config", "display", "view", "space"), VIEWS)
def test_other_views_of_other_spaces(
    config: str, display: str, view: str, space: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pure powers and ST 2084 after a gamut mapping, light and camera codes before it: within 2 of
    255 of OpenColorIO itself, and none of them is left to be computed for each pixel."""
    chain, cpu = view_of(monkeypatch, config, display, view, space)
    if any(o.heavy for o in chain.ops):
        assert chain._cube(np.dtype(np.float16)).good
    kinds = [("ramp", np.float16), ("channels", np.float16), ("noise", np.float16),
             ("picture", np.float32)]  # fmt: skip
    if space == "ACEScct":  # what integers hold
        kinds = [("noise", np.float16), ("noise", np.uint8), ("channels", np.uint16)]
    for kind, dtype in kinds:
        light = picture(kind)
        if np.dtype(dtype).kind == "u":
            most = np.iinfo(dtype).max
            stored = (np.clip(light, 0, 1) * most + 0.5).astype(dtype)
            light = stored.astype(np.float32) / np.float32(most)
        else:
            stored = light.astype(dtype)
        right = eight_bits(cpu, light)
        for pixels in (stored, np.ascontiguousarray(stored[..., :3])):
            out = np.zeros((*SHAPE, 4), np.uint8)
            chain.to_bytes(pixels, out)
            assert np.abs(out[..., :3] - right).max() <= 2, (kind, dtype)
            assert (out[..., 3] == 255).all()


BENDS = (
    ("ocio://cg-config-v2.1.0_aces-v1.3_ocio-v2.3", "Display P3 - Display",
     "ACES 1.0 - SDR Video", "Linear Rec.709 (sRGB)",
     [(0.5785, 0.0975, -0.0191), (0.7788, 0.0893, -0.0289), (0.735, 0.086, -0.0283)]),
    ("ocio://studio-config-v1.0.0_aces-v1.3_ocio-v2.1", "sRGB - Display",
     "ACES 1.0 - SDR Video", "Log3G10 REDWideGamutRGB",
     [(0.58, 0.9136, 0.771), (0.6416, 0.951, 0.809), (0.615, 0.9243, 0.777)]),
    ("ocio://studio-config-v1.0.0_aces-v1.3_ocio-v2.1", "ST2084-P3-D65 - Display",
     "ACES 1.1 - HDR Video (1000 nits & P3 lim)", "Log3G10 REDWideGamutRGB",
     [(-0.0165, 1.163, 1.0176), (0.651, 1.181, 1.038), (0.943, 1.153, 0.779)]),
)  # fmt: skip


@pytest.mark.parametrize(("config", "display", "view", "space", "colours"), BENDS)
def test_bends_that_hide_each_other_from_the_nodes(
    config: str, display: str, view: str, space: str, colours: list[tuple[float, float, float]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Colours of cells whose nodes tell of less than 1.5 of 255 and which are up to 7 off."""
    chain, cpu = view_of(monkeypatch, config, display, view, space)
    half = np.array([colours], np.float16)
    out = np.zeros((1, len(colours), 4), np.uint8)
    chain.to_bytes(half, out)
    right = eight_bits(cpu, half)
    assert np.abs(out[..., :3] - right).max() <= 2
    cube = chain._cube(np.dtype(np.float16))._coarse
    alone = cube.plain.apply(np.concatenate([half, half[..., :1]], -1).astype(np.float32))
    assert np.abs(alone[..., :3] * 255 - right).max() > 2.5


@pytest.mark.parametrize("gain", [1.0, 1.25])
def test_floats_and_integers_that_stand_still_are_not_taken_for_halves(
    gain: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a view is steep a half code of a camera is dozens of 255 beside the real one."""
    config = "ocio://studio-config-v1.0.0_aces-v1.3_ocio-v2.1"
    names = ("Rec.1886 Rec.709 - Display", "ACES 1.0 - SDR Video", "ARRI LogC3 (EI800)")
    chain, cpu = view_of(monkeypatch, config, *names)
    x = np.geomspace(1e-3, 50.0, 300, dtype=np.float32)
    light = np.ones((70, 300, 4), np.float32)  # ramps of all hues
    hue = np.arange(70)[:, None] / 70 * 6 + [0, 4, 2]
    light[..., :3] = x[:, None] * np.clip(np.abs(hue % 6 - 3) - 1, 0, 1)[:, None]
    to_log = ocio.Config.CreateFromFile(config).getProcessor("ACEScg", names[2])
    to_log.getDefaultCPUProcessor().applyRGBA(light.reshape(-1, 4))
    codes = (np.clip(light, 0, 1) * 65535 + 0.5).astype(np.uint16)
    ops = (channelwise(("code gain", gain), lambda v: v * np.float32(gain)), *chain.ops)
    view = View(Quad(FetchKey("s", "m", 1)), display=ops)
    for pixels in (light, codes):
        values = pixels / np.float32(65535) if pixels is codes else light
        right = eight_bits(cpu, values * np.float32(gain))
        rounded = eight_bits(cpu, values.astype(np.float16).astype(np.float32) * np.float32(gain))
        assert np.abs(rounded - right).max() > 5
        stored = Picture(pixels, ("R", "G", "B", "A"), 300, 70)
        made = render(view, 300, 70, lambda key, p=stored: p).pixels[::-1]
        assert np.abs(made[..., :3] - right).max() <= 2
        shown = compile_ops(ops).apply(values.copy(), shown=True)  # on the long way
        assert np.abs((np.clip(shown[..., :3], 0, 1) * 255 + 0.5).astype(int) - right).max() <= 2


def test_floats_are_remembered_as_halves_where_nobody_sees_it(
    aces: tuple[Op, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = compile_ops((channelwise("floats", lambda x: x), *aces))
    rng = np.random.default_rng(4)
    light = picture("light") * rng.uniform(0.9996, 1.0004, (*SHAPE, 4)).astype(np.float32)
    out = np.zeros((*SHAPE, 4), np.uint8)
    asked = computed(chain, monkeypatch)
    counts = []
    for until in (inf, inf, 0.0):  # standing still, again, and playing
        asked[0] = 0
        chain.to_bytes(light, out, until=until)
        assert off(out, aces, light) <= 2
        counts.append(asked[0])
    assert counts[0] > 1000 and counts[1] < counts[0] / 2 and counts[2] < counts[0] / 100


@pytest.mark.parametrize("stops", [-10, -17, -24])
@pytest.mark.parametrize("until", [inf, 0.0], ids=["still", "playing"])
def test_floats_beyond_halves_that_are_shown_darker(
    aces: tuple[Op, ...], stops: int, until: float
) -> None:
    rng = np.random.default_rng(8)
    light = np.ones((*SHAPE, 4), np.float32)
    light[..., :3] = np.exp2(rng.uniform(14, 28, (*SHAPE, 1))) * rng.uniform(0.3, 1, (*SHAPE, 3))
    light[:9, :, 1] *= -0.01
    gain = np.float32(2.0**stops)
    ops = (channelwise(("gain", stops), lambda x: x * gain), *aces)
    chain = compile_ops(ops)
    out = np.zeros((*SHAPE, 4), np.uint8)
    chain.to_bytes(light, out, until=until)
    wanted = np.clip(np.nan_to_num(run_ops(ops, light.copy())), 0, 1)[..., :3] * 255
    floats = np.clip(chain.apply(light.copy(), shown=True, until=until), 0, 1)[..., :3] * 255
    for made in (out[..., :3], floats):
        beyond = np.abs(light[..., :3]).max(axis=-1) > 65504
        wrong = np.abs(made - wanted).max(axis=-1)[beyond] > (2 if until else 24)
        assert wrong.mean() <= (0 if until else 0.01)
