"""Pictures that are not multiplied by alpha take the short way, as long as few of their pixels are
between opaque and clear."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

from player.image import loose, shortway
from player.image.render import render, render_float
from player.image.tables import quantise
from tests.image.room import Room, room

WIDTH, HEIGHT = 96, 64
LOOKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "linear light": {"#RVLinearize.color.sRGB2linear": 1, "#RVDisplayColor.color.sRGB": 1},
    "brighter": {"#RVColor.color.exposure": (1.0, 0.0, -1.0), "#RVDisplayColor.color.sRGB": 1},
    "less colour": {"#RVColor.color.saturation": 0.3, "#RVLinearize.color.sRGB2linear": 1},
    "a hue": {"#RVColor.color.hue": 1.0},
    "one channel": {"#RVDisplayColor.color.channelFlood": 2},
    "raised blacks": {"#RVDisplayColor.color.brightness": 0.2},
}


def figure(soft: float) -> Any:
    """A disc of noise before nothing; at its edge, *soft* of the radius wide, alpha falls."""
    rng = np.random.default_rng(3)
    out = rng.random((HEIGHT, WIDTH, 4))
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    far = np.hypot(x - WIDTH / 2, y - HEIGHT / 2) / (HEIGHT / 2)
    out[..., 3] = np.clip((1 - far) / soft, 0, 1)
    return out


@pytest.fixture(autouse=True)
def edges_may_be_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of pictures as small as these edges are a larger part."""
    monkeypatch.setattr(shortway, "MOST_MIXED", 0.25)
    monkeypatch.setattr(loose, "_MOST", 0.25)


def watch(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each picture that is rendered took the short way."""
    taken: list[bool] = []
    way = shortway.short_way

    def watched(*args: Any) -> Any:
        made = way(*args)
        taken.append(made is not None)
        return made

    monkeypatch.setattr(importlib.import_module("player.image.render"), "short_way", watched)
    return taken


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float16, np.float32])
@pytest.mark.parametrize("size", [(WIDTH, HEIGHT), (40, 30), (200, 150)])
@pytest.mark.parametrize("filter", ["nearest", "linear"])
def test_the_short_way_is_the_long_way(
    monkeypatch: pytest.MonkeyPatch, look: str, dtype: Any, size: tuple[int, int], filter: str
) -> None:
    taken = watch(monkeypatch)
    kind = np.dtype(dtype)
    scale = np.iinfo(kind).max if kind.kind == "u" else 1
    with room(*size) as r:
        r.push(figure(0.1) * scale, dtype)
        r.set("#RVLinearize.color.alphaType", 2)
        for name, values in LOOKS[look].items():
            r.set(name, *(values if isinstance(values, tuple) else (values,)))
        r.session.settle()
        scene, fetch = r.renderer.view(), r.renderer.fetch
        made = render(scene, *size, fetch, filter)
        whole, _ = render_float(scene, *size, fetch, filter)
    assert taken == [True]
    off = np.abs(made.pixels[::-1].astype(int) - quantise(whole))[..., :3]
    assert off.max() <= 2


def test_what_is_soft_all_over_takes_the_long_way(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = watch(monkeypatch)
    with room(WIDTH, HEIGHT) as r:
        r.push(figure(0.9) * 255, np.uint8)
        r.set("#RVLinearize.color.alphaType", 2)
        r.session.settle()
        scene, fetch = r.renderer.view(), r.renderer.fetch
        made = render(scene, WIDTH, HEIGHT, fetch, "nearest")
        whole, _ = render_float(scene, WIDTH, HEIGHT, fetch, "nearest")
        with monkeypatch.context() as patch:  # the same, had it gone the short way
            patch.setattr("player.image.loose._MOST", 1.0)
            short = render(scene, WIDTH, HEIGHT, fetch, "nearest")
    for one in (made, short):
        assert np.abs(one.pixels[::-1].astype(int) - quantise(whole))[..., :3].max() <= 2
    assert taken == [False, True]


def compare(monkeypatch: pytest.MonkeyPatch, r: Room, size: tuple[int, int]) -> list[bool]:
    """Whether the short way was taken, which must be the long one."""
    taken = watch(monkeypatch)
    r.session.settle()
    scene, fetch = r.renderer.view(), r.renderer.fetch
    made = render(scene, *size, fetch, "nearest")
    whole, _ = render_float(scene, *size, fetch, "nearest")
    assert np.abs(made.pixels[::-1].astype(int) - quantise(whole))[..., :3].max() <= 2
    return taken


def premultiplied(soft: float) -> Any:
    pixels = figure(soft)
    pixels[..., :3] *= pixels[..., 3:]
    return pixels


@pytest.mark.parametrize("soft", [0.05, 0.9])
@pytest.mark.parametrize("view", ["defaultLayout", "defaultStack"])
@pytest.mark.parametrize("background", ["black", "checker"])
def test_pictures_with_alpha(
    monkeypatch: pytest.MonkeyPatch, view: str, soft: float, background: str
) -> None:
    """A sheet of renders, and renders over each other: only what is soft all over takes the long
    way, and that, too, only over something."""
    with room(WIDTH, HEIGHT) as r:
        for number in range(4):
            r.push(premultiplied(soft), np.float16, f"m{number}")
        r.do.setViewNode(view)
        r.do.setBGMethod(background)
        lone = view == "defaultLayout" and background == "black"
        assert compare(monkeypatch, r, (WIDTH, HEIGHT)) == [soft < 0.5 or lone]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float16, np.float32])
@pytest.mark.parametrize("loose", [False, True])
@pytest.mark.parametrize("background", ["black", "checker", "grey18"])
def test_over_a_plate(
    monkeypatch: pytest.MonkeyPatch, look: str, dtype: Any, loose: bool, background: str
) -> None:
    kind = np.dtype(dtype)
    scale = np.iinfo(kind).max if kind.kind == "u" else 1
    element = figure(0.1) if loose else premultiplied(0.1)
    if not loose:
        element[:4, :9, :3] = 0.5  # light that hides nothing
    with room(WIDTH, HEIGHT) as r:
        r.push(element * scale, dtype, "element")
        plate = np.random.default_rng(5).random((30, 40, 3))
        r.push(plate, np.float16, "plate")
        r.push(premultiplied(0.1), np.float16, "hidden")
        r.do.setViewNode("defaultStack")
        r.do.setBGMethod(background)
        r.set("sourceGroup000000_cacheLUT.lut.active", 0)
        if loose:
            r.set("sourceGroup000000_tolinPipeline_0.color.alphaType", 2)
        for name, values in LOOKS[look].items():
            r.set(name, *(values if isinstance(values, tuple) else (values,)))
        assert compare(monkeypatch, r, (WIDTH, HEIGHT)) == [True]


@pytest.mark.parametrize("turned", [0.0, 30.0])
@pytest.mark.parametrize("kind", ["over", "replace", "topmost"])
def test_elements_that_were_moved(
    monkeypatch: pytest.MonkeyPatch, turned: float, kind: str
) -> None:
    """They lie partly over a plate and partly over nothing."""
    with room(WIDTH, HEIGHT) as r:
        for number in range(2):
            r.push(premultiplied(0.1), np.float16, f"m{number}")
        r.push(np.random.default_rng(5).random((HEIGHT, WIDTH, 3)), np.uint8, "plate")
        r.do.setViewNode("defaultStack")
        r.set("#RVStack.composite.type", kind)
        moved = [n for n in r.do.nodesOfType("RVTransform2D") if n.startswith("sourceGroup")]
        for number, node in enumerate(moved):
            r.set(f"{node}.transform.translate", 0.3 - 0.3 * number, 0.2)
            r.set(f"{node}.transform.rotate", turned * number)
        r.set(f"{moved[2]}.transform.scale", 0.4, 0.4)
        assert compare(monkeypatch, r, (WIDTH, HEIGHT)) == [kind != "replace"]
