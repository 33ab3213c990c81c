"""Pictures through a costly view are right where its cube is not."""

from __future__ import annotations

from collections import OrderedDict
from math import inf
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

from player.image import baked
from player.image.compiled import compile_ops
from player.image.ocio import ocio_ops
from player.image.ops import Op, channelwise, run_ops
from player.image.shapers import LinearShaper
from player.image.transfer import Array
from tests.image.room import hdr_picture, noise, ramp

CONFIG = "ocio://studio-config-latest"
SHAPE = (60, 160)


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


@pytest.mark.parametrize("kind", ["ramp", "noise", "picture", "light"])
@pytest.mark.parametrize("gain", [1.0, 2.5])
def test_a_still_picture_is_within_2_of_255(aces: tuple[Op, ...], kind: str, gain: float) -> None:
    ops = (channelwise(("gain", gain), lambda x: x * np.float32(gain)), *aces)
    chain = compile_ops(ops)
    light = picture(kind)
    out = np.zeros((*SHAPE, 4), np.uint8)
    chain.to_bytes(light.astype(np.float16), out)
    playing = off(out, ops, light)
    chain.to_bytes(light.astype(np.float16), out, until=inf)
    still = off(out, ops, light)
    assert still <= 2 and still <= playing
    for _ in range(8):  # what has been judged meanwhile
        chain.to_bytes(light.astype(np.float16), out, until=inf)
    assert off(out, ops, light) <= 2
    assert (out[..., 3] == 255).all()
    made = chain.apply(light.copy(), shown=True, until=inf)
    assert off(np.clip(made, 0, 1) * 255 + 0.5, ops, light) <= 2


def test_nothing_is_judged_twice(aces: tuple[Op, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    chain = compile_ops((channelwise("same", lambda x: x), *aces))
    half = picture("ramp").astype(np.float16)
    out = np.zeros((*SHAPE, 4), np.uint8)
    monkeypatch.setattr(baked, "_cubes", OrderedDict())  # one that has seen nothing yet
    cube = chain._cube(np.dtype(np.float16))
    judge, asked = cube._mender._judge, [0]

    def counted(*given: Any) -> Any:
        asked[0] += 1
        return judge(*given)

    monkeypatch.setattr(cube._mender, "_judge", counted)
    for _ in range(100):  # parts of cells are judged some at a time
        before = asked[0]
        chain.to_bytes(half, out, until=inf)
        if asked[0] == before:
            break
    else:
        raise AssertionError("it is never done with judging")
    assert before > 0
    assert off(out, chain.ops, half.astype(np.float32)) <= 2  # also by the parts of cells


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
    out = np.zeros((*SHAPE, 4), np.uint8)
    compile_ops(aces).to_bytes(light.astype(np.float16), out)
    assert off(out, aces, light) > 2


def test_playing_mends_when_there_is_time_and_tries_again_after_a_while(
    aces: tuple[Op, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = compile_ops((channelwise("once more", lambda x: x), *aces))
    light = picture("light")
    half = light.astype(np.float16)
    cube = chain._cube(np.dtype(np.float16))
    now = [100.0]
    monkeypatch.setattr(baked, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def worst(until: float) -> int:
        out = np.zeros((*SHAPE, 4), np.uint8)
        chain.to_bytes(half, out, until=until)
        return off(out, chain.ops, light)

    cube._pace = 0.0
    assert worst(100.02) <= 2  # nobody knows yet what it takes
    cube._pace = 0.03 / half[..., 0].size  # a machine with other things to do
    assert worst(100.02) > 2
    assert worst(100.05) <= 2
    cube._pace = 0.03 / half[..., 0].size
    tries = next(n for n in range(1000) if worst(100.02) <= 2)
    assert 5 < tries < 100
    assert worst(99.0) > 2  # too late already
