"""Exact pictures: by tables where a table is exact, else step by step."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from player.image import shortway
from player.image.ops import Op, channelwise, colour_matrix, general
from player.image.render import render, render_float
from player.image.scene import FetchKey, Quad, View
from player.image.tables import quantise
from player.image.transfer import linear_to_srgb
from player.media import Picture

CURVES = (colour_matrix(np.diag([2.0, 1.5, 0.7, 1.0])), channelwise("srgb", linear_to_srgb))
MIXED = (general("swap", lambda x: x[..., [1, 2, 0, 3]], rgb_only=True), *CURVES)


def noise(channels: str, dtype: type[np.generic]) -> Picture:
    values = np.random.default_rng(5).random((48, 64, len(channels))) * 1.3 - 0.1
    if np.dtype(dtype).kind == "u":
        values = np.clip(values, 0, 1) * np.iinfo(dtype).max
    return Picture(values.astype(dtype), tuple(channels), 64, 48)


@pytest.mark.parametrize("ops", [CURVES, MIXED], ids=["curves", "mixed"])
@pytest.mark.parametrize("size", [(64, 48), (96, 72), (90, 48)], ids=["as it is", "larger", "wide"])
@pytest.mark.parametrize(
    ("channels", "dtype"),
    [("RGB", np.float16), ("RGBA", np.float32), ("RGB", np.uint8), ("Y", np.uint16)],
)
def test_exact_pictures_are_what_computing_gives(
    channels: str, dtype: type[np.generic], size: tuple[int, int], ops: tuple[Op, ...]
) -> None:
    picture = noise(channels, dtype)
    view = View(Quad(FetchKey("s", "m", 1)), display=ops)
    made = render(view, *size, lambda key: picture, exact=True).pixels
    values, _ = render_float(view, *size, lambda key: picture, exact=True)
    assert (made[..., :3] == quantise(values[::-1])[..., :3]).all()


def test_the_quick_way_is_taken_for_a_table_only(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[bool] = []
    way = shortway.short_way

    def watched(*args: object) -> object:
        found = way(*args)  # type: ignore[arg-type]
        taken.append(found is not None)
        return found

    monkeypatch.setattr(importlib.import_module("player.image.render"), "short_way", watched)
    for picture, ops, size in [
        (noise("RGB", np.float16), CURVES, (64, 48)),
        (noise("RGB", np.float16), MIXED, (64, 48)),
        (noise("RGB", np.float32), CURVES, (64, 48)),
        (noise("RGB", np.float16), CURVES, (65, 48)),
        (noise("RGB", np.float16), CURVES, (128, 96)),
    ]:
        view = View(Quad(FetchKey("s", "m", 1)), display=ops)
        render(view, *size, lambda key, p=picture: p, exact=True)
    assert taken == [True, False, False, False, False]
