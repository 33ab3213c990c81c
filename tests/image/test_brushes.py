"""What a pen's brush covers: profiles, stamps, smoothing, and pens that multiply."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.image.room import Array, room
from tests.image.test_annotations import GREY, H, W, component, grid, prepared

WHITE = [1.0, 1.0, 1.0, 1.0]


def cover(shown: Array) -> Array:
    """How much white lies over the grey."""
    made: Array = (shown[..., 0] / 255 - GREY) / (1 - GREY)
    return made


def fading(distance: Any, radius: float) -> Any:
    """The soft brush: a bell that is nothing at its edge."""
    r = np.minimum(np.asarray(distance) / radius, 1)
    return np.exp(-4 * r**2) - np.exp(-4) * r


@pytest.mark.parametrize("splat", [0, 1])
def test_one_touch_of_a_soft_brush(splat: int) -> None:
    x, y = grid()
    with room(W, H) as r:
        node = prepared(r)
        component(r, node, "pen:1:1:u", points=[0.1, 0.0], width=0.3, brush="gauss", color=WHITE,
                  splat=splat)  # fmt: skip
        assert np.abs(cover(r.shown()) - fading(np.hypot(x - 0.1, y), 0.3)).max() < 0.01


def test_stamps_add_up_and_ribbons_do_not() -> None:
    """An air brush of little opacity is seen because its stamps, a quarter of its width apart,
    lie over each other."""
    x, y = grid()
    points = [-0.5, 0.0, 0.0, 0.0, 0.5, 0.0]
    with room(W, H) as r:
        node = prepared(r)
        component(r, node, "pen:1:1:u", points=points, width=0.1, brush="gauss", splat=1,
                  color=[1.0, 1.0, 1.0, 0.15])  # fmt: skip
        left = np.ones((H, W))
        for at in np.linspace(-0.5, 0.5, 41):
            left *= 1 - 0.15 * fading(np.hypot(x - at, y), 0.1)
        assert (1 - left)[H // 2, W // 2] > 0.4
        assert np.abs(cover(r.shown()) - (1 - left)).max() < 0.015
        component(r, node, "pen:1:1:u", splat=0)
        alone = 0.15 * fading(np.abs(y), 0.1) * (np.abs(x) <= 0.5)
        inner = np.abs(x) < 0.49
        assert np.abs(cover(r.shown()) - alone)[inner].max() < 0.01


def test_two_points_are_two_stamps() -> None:
    """As in RV, which smooths from three points on."""
    with room(W, H) as r:
        node = prepared(r)
        component(r, node, "pen:1:1:u", points=[-0.5, 0.0, 0.5, 0.0], width=0.05, splat=1,
                  color=WHITE)  # fmt: skip
        row = cover(r.shown())[H // 2]
        middle = W // 2
        at = [round(W / 2 + sign * 0.5 * H) for sign in (-1, 1)]
        assert row[at].min() > 0.99 and row[middle - 60 : middle + 60].max() < 0.01


def test_a_stroke_is_a_curve_through_its_points() -> None:
    """Centripetal Catmull-Rom: symmetric here, and beyond the straight line between points."""
    x, y = grid()
    with room(W, H) as r:
        node = prepared(r)
        points = [-0.5, -0.2, -0.2, 0.2, 0.2, 0.2, 0.5, -0.2]
        component(r, node, "pen:1:1:u", points=points, width=0.02, color=WHITE)
        marked = cover(r.shown()) > 0.5
        assert np.abs(marked.astype(int) - marked[:, ::-1]).sum() < 12
        for px, py in zip(points[0::2], points[1::2], strict=True):
            assert marked[np.hypot(x - px, y - py) < 0.012].all()
        top = y[marked & (np.abs(x) < 0.05)].max()
        assert 0.2 + 0.02 + 0.02 < top < 0.3  # a straight line would end at 0.22


def test_a_width_for_each_point_or_the_first_for_all() -> None:
    with room(W, H) as r:
        node = prepared(r)
        component(r, node, "pen:1:1:u", points=[-0.5, 0.0, 0.5, 0.0], width=[0.05, 0.15],
                  color=WHITE)  # fmt: skip
        for at in (-0.4, 0.0, 0.4):
            column = cover(r.shown())[:, round(W / 2 + at * H)]
            assert (column > 0.5).sum() / H == pytest.approx(2 * (0.1 + at * 0.1), abs=3 / H)
        component(r, node, "pen:1:1:u", width=[0.05, 0.15, 0.2])
        assert (cover(r.shown())[:, W // 2] > 0.5).sum() / H == pytest.approx(0.1, abs=3 / H)


@pytest.mark.parametrize(("light", "times"), [(0.25, 1.5), (0.25, 0.5)])
def test_dodging_and_burning_multiply_what_is_there(light: float, times: float) -> None:
    """Mode 2, also over another stroke; an eraser brings back what was there before all."""
    x, y = grid()
    with room(W, H) as r:
        node = prepared(r)
        component(r, node, "pen:1:1:u", points=[-0.5, 0.0, 0.5, 0.0], width=0.1,
                  color=[0.4, 0.2, 0.0, 1.0])  # fmt: skip
        component(r, node, "pen:2:1:u", points=[0.0, -0.4, 0.0, 0.4], width=0.1, mode=2,
                  color=[times, 1.0, 1.0, 0.05])  # fmt: skip
        component(r, node, "pen:3:1:u", points=[0.0, 0.4, 0.5, 0.4], width=0.04, mode=1,
                  color=[0.0, 0.0, 0.0, 1.0])  # fmt: skip
        shown = r.shown() / 255
        across, down = np.abs(y) < 0.08, (np.abs(x) < 0.08) & (np.abs(y) < 0.3)
        for where, colour in (
            (across & ~down & (np.abs(x) > 0.12) & (np.abs(x) < 0.5), (0.4, 0.2, 0.0)),
            (across & down, (0.4 * times, 0.2, 0.0)),
            (~(np.abs(y) < 0.11) & down, (light * times, light, light)),
            ((np.abs(x - 0.03) < 0.03) & (np.abs(y - 0.4) < 0.02), (light, light, light)),
        ):
            assert where.sum() > 50
            assert np.abs(shown[where] - colour).max() < 1.5 / 255, colour


def lettered(r: Any, node: str, text: str, **style: str) -> Array:
    component(r, node, "text:1:1:u", position=[-0.5, 0.0], text=text, fontSize=0.4, color=WHITE,
              startFrame=1, duration=1, fontFamily="", fontWeight="normal", fontStyle="normal",
              textDecoration="none")  # fmt: skip
    component(r, node, "text:1:1:u", **style)
    return cover(r.shown())


def test_the_styles_of_text() -> None:
    x, y = grid()
    with room(W, H) as r:
        node = prepared(r)
        plain = lettered(r, node, "HI")
        top, foot = (np.abs(y - v) < 0.02 for v in (0.26, 0.03))
        left = [x[band & (plain > 0.5)].min() for band in (top, foot)]
        assert left[0] == pytest.approx(left[1], abs=1.5 / H)
        assert lettered(r, node, "HI", fontWeight="bold").sum() > 1.2 * plain.sum()
        slanted = lettered(r, node, "HI", fontStyle="italic")
        left = [x[band & (slanted > 0.5)].min() for band in (top, foot)]
        assert left[0] - left[1] == pytest.approx(0.23 * 0.2, abs=2.5 / H)
        below = (lettered(r, node, "HI", textDecoration="underline") > 0.5) & (y < -0.02)
        assert below.any() and not ((plain > 0.5) & (y < -0.02)).any()
        assert x[below].max() > x[plain > 0.5].max() - 0.03

        def wide(text: str, family: str) -> float:
            lit = x[lettered(r, node, text, fontFamily=family) > 0.5]
            return float(lit.max() - lit.min())

        assert wide("iiii", "") < 0.5 * wide("mmmm", "")
        assert wide("iiii", "Courier New") > 0.7 * wide("mmmm", "Courier New")
        assert wide("HHHH", "Times New Roman") != wide("HHHH", "")
