"""Float pictures are shown by tables of halves; what would be seen of that is computed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest

from player.image import renderer
from player.image.between import Between
from player.image.compiled import compile_ops
from player.image.ops import channelwise
from tests.image.test_pictures import add, room, shown  # noqa: F401  (a fixture)

LUMA = np.array([0.2126, 0.7152, 0.0722])
COLOUR, DISPLAY = "#RVColor.color.", "#RVDisplayColor.color."


def grey(x: Any) -> Any:
    return (x @ LUMA)[..., None]


#: lowest and highest light, properties, what is to be seen
CASES: dict[str, tuple[float, float, dict[str, list[float]], Any]] = {
    "as it is": (0, 1, {}, lambda x: x),
    "contrast": (0, 1, {COLOUR + "contrast": [30.0] * 3}, lambda x: (x - 0.5) * 31 + 0.5),
    "beyond the last half": (5e4, 3e5, {COLOUR + "exposure": [-18.0] * 3}, lambda x: x * 2**-18),
    "below the first": (0, 1e-5, {COLOUR + "exposure": [17.0] * 3}, lambda x: x * 2**17),
    "a position": (1000, 1001, {COLOUR + "offset": [-1000.0] * 3}, lambda x: x - 1000),
    "gammas": (
        0, 1e-5, {COLOUR + "gamma": [3.0] * 3, DISPLAY + "gamma": [1.5]}, lambda x: x ** (1 / 4.5),
    ),
    "a matrix, then darker": (
        5e4, 3e5, {COLOUR + "saturation": [0.5], DISPLAY + "brightness": [-18.0]},
        lambda x: (x + grey(x)) / 2 * 2**-18,
    ),
    "a matrix, a curve, darker": (
        5e4, 3e5,
        {COLOUR + "saturation": [0.5], DISPLAY + "gamma": [2.0], DISPLAY + "brightness": [-10.0]},
        lambda x: np.sqrt((x + grey(x)) / 2) * 2**-10,
    ),
    "a curve, a matrix, darker": (
        200, 400,
        {COLOUR + "gamma": [0.5] * 3, COLOUR + "saturation": [0.5],
         DISPLAY + "brightness": [-17.0]},
        lambda x: (x**2 + grey(x**2)) / 2 * 2**-17,
    ),
}  # fmt: skip


@pytest.mark.parametrize("quick", [True, False], ids=["playing", "still"])
@pytest.mark.parametrize("size", [(160, 90), (400, 225)], ids=["small", "large"])
@pytest.mark.parametrize("name", list(CASES))
def test_light_between_halves(
    room: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str,  # noqa: F811
    size: tuple[int, int], quick: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr(renderer, "_MENDING", 1e6)  # there is time
    low, high, properties, wanted = CASES[name]
    light = np.random.default_rng(7).uniform(low, high, (*size[::-1], 3)).astype(np.float32)
    path = str(tmp_path / "light.exr")
    out = oiio.ImageOutput.create(path)
    assert out is not None
    out.open(path, oiio.ImageSpec(*size, 3, "float"))
    out.write_image(light)
    out.close()
    add(room, path)
    room.do.setIntProperty(DISPLAY + "sRGB", [0])
    room.do.setFloatProperty(DISPLAY + "gamma", [1.0])
    for key, values in properties.items():
        room.do.setFloatProperty(key, values)
    right = np.clip(wanted(light.astype(np.float64)), 0, 1) * 255
    assert np.abs(shown(room, quick, size) - right).max() <= 0.8


def test_tables_between_other_steps() -> None:
    """As for composites and turned images, which are not shown at once."""
    steps = [
        channelwise("squared", lambda x: x * x),
        channelwise("darker", lambda x: x / np.float32(1 << 20)),
    ]
    rgba = np.random.default_rng(7).uniform(6e4, 5e5, (20, 30, 4)).astype(np.float32)
    with np.errstate(over="ignore"):
        made = compile_ops(steps).apply(rgba.copy())
    np.testing.assert_allclose(made[..., :3], rgba[..., :3] ** 2 / (1 << 20), rtol=2e-3)
    np.testing.assert_array_equal(made[..., 3], rgba[..., 3])


def test_plain_curves_are_nowhere_steep() -> None:
    """They cost nothing more."""
    halves = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float32)
    with np.errstate(all="ignore"):
        curve = np.nan_to_num(np.clip(halves, 0, 1) ** (1 / 2.4) * 255).astype(np.uint8)[None]
        assert not Between([], curve).anywhere
        bright = np.nan_to_num(np.clip(halves * 64, 0, 1) * 255).astype(np.uint8)[None]
        assert not Between([], bright).anywhere
    steps = np.where(halves > 0.5, 255, 0).astype(np.uint8)[None]
    assert Between([], steps).anywhere
