"""Layers of marks are painted once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from player.image import sheets
from player.image.marks import Mark, Pen, Shape, Text
from player.image.scene import scaling, translation
from player.image.strokes import paint

W, H = 96, 64
PLACED = translation(W / 2, H / 2) @ scaling(H, H)
MARKS: tuple[Mark, ...] = (
    Pen(((-0.4, -0.2), (0.3, 0.25)), (0.1,), (1.0, 0.5, 0.0, 0.5)),
    Shape("ellipse", (-0.2, -0.2), (0.3, 0.3), (0.0, 1.0, 0.0, 0.5)),
    Pen(((-0.5, 0.0), (0.5, 0.0)), (0.2, 0.1), mode="erase"),
    Text((-0.3, 0.1), "abc", 0.2),
)


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many marks each painting had."""
    counts: list[int] = []

    def counted(marks: Any, *rest: Any) -> Any:
        counts.append(len(marks))
        return paint(marks, *rest)

    monkeypatch.setattr(sheets, "paint", counted)
    monkeypatch.setattr(sheets, "_layers", type(sheets._layers)())
    return counts


def made(marks: tuple[Mark, ...]) -> Any:
    return sheets.sheet(marks, PLACED, H, W, (1.5, 1000))


def test_a_layer_is_what_painting_makes_of_the_marks(painted: list[int]) -> None:
    for count in (4, 1, 3, 2, 4):
        expected = paint(MARKS[:count], PLACED, H, W, (1.5, 1000))
        np.testing.assert_array_equal(made(MARKS[:count]), expected)
    assert not made(MARKS).flags.writeable


def test_only_the_stroke_that_grows_is_painted(painted: list[int]) -> None:
    points = tuple((0.01 * n, 0.3) for n in range(20))
    made((*MARKS, Pen(points[:2], (0.05,))))
    assert painted == [4, 1]
    for count in range(3, 20):
        made((*MARKS, Pen(points[:count], (0.05,))))
    assert painted[2:] == [1] * 17
    made((*MARKS, Pen(points[:19], (0.05,))))
    assert len(painted) == 19
    sheets.sheet(MARKS, PLACED @ scaling(2, 2), H, W, (1.5, 1000))  # elsewhere
    assert painted[19:] == [3, 1]


def test_old_layers_are_forgotten(painted: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    layer = W * H * 16
    monkeypatch.setattr(sheets, "_BUDGET", 3 * layer)
    for n in range(9):
        made((Pen(((0.0, 0.0), (0.1 * n, 0.1)), (0.1,)),))
        assert sum(held.nbytes for held in sheets._layers.values()) <= 3 * layer
    made((Pen(((0.0, 0.0), (0.8, 0.1)), (0.1,)),))
    assert len(painted) == 9
