"""Floats become the halves that numpy makes of them, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from player.image.halves import half_bits


def same(values: Any) -> None:
    with np.errstate(all="ignore"):
        expected = values.astype(np.float16).view(np.uint16)
    assert np.array_equal(half_bits(values), expected)


def test_between_any_two_halves() -> None:
    """Each half, what lies in the middle between it and the next, and what is beside that."""
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)
    finite = np.sort(halves[np.isfinite(halves)])
    middle = (finite[1:] + finite[:-1]) / 2
    for values in (halves, finite, middle, np.nextafter(middle, np.float32(np.inf)),
                   np.nextafter(middle, np.float32(-np.inf))):  # fmt: skip
        same(values)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=64))
def test_any_bits(bits: list[int]) -> None:
    same(np.array(bits, np.uint32).view(np.float32))
    for one in bits:  # one that is infinite decides for its block
        same(np.array([one], np.uint32).view(np.float32))


@pytest.mark.parametrize("shape", [(0,), (3, 0, 4), (5, 7, 4), (130, 129, 4), (40000,)])
def test_any_shape(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(4)
    values = (rng.normal(size=shape) * 10.0 ** rng.integers(-9, 5, shape)).astype(np.float32)
    same(values)
    if values.ndim == 3:
        same(values[:, ::2, :3])
        same(values[::-1])
