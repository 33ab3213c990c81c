"""What channel-wise operations show of any float, as an even table.

A table by half needs each value as a half first, which costs more than everything else that is done
with it.  Between its places an even one is straight, so it is only taken where that is close for
every value that a half can have; curves that are steepest at 0, as a gamma is, where the table is
one of the values' roots.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from player.image.endings import curve
from player.image.ops import Op
from player.image.shapers import half_values
from player.image.transfer import Array

__all__ = ["Even", "even", "rooted"]

_LENGTHS: Final = (1 << 12, 1 << 16)
_CLOSE: Final = 0.5 / 255
_SEEN: Final = 0.01 / 255
_BEYOND: Final = 1e12  # of what halves can hold


@dataclass(frozen=True, slots=True)
class Even:
    """The values *low* and *high*, or their roots, between which the result changes, and what it is
    at even distances from one to the other: (n, 3)."""

    low: float
    high: float
    table: Array


@lru_cache(maxsize=1)
def _finite() -> Array:
    """All the values that halves have, in order."""
    values = half_values()
    return np.unique(values[np.isfinite(values)])


@lru_cache(maxsize=16)  # while a saturation is dragged what comes after it stays
def even(ops: tuple[Op, ...]) -> Even | None:
    """None when no table is close enough."""
    return _Search(ops).found(1)


@lru_cache(maxsize=16)
def rooted(ops: tuple[Op, ...]) -> Even | None:
    """As `even`, of the roots of values; those below 0 are taken for 0."""
    return _Search(ops).found(2)


class _Search:
    """What operations make of the values of halves."""

    def __init__(self, ops: tuple[Op, ...]) -> None:
        self._ops = ops
        self._values = _finite()
        self._exact = curve(ops, self._values).T
        beyond = curve(ops, np.array([-_BEYOND, _BEYOND], np.float32)).T
        self._ends = float(np.abs(beyond - self._exact[[0, -1]]).max()) <= _SEEN

    def found(self, power: int) -> Even | None:
        """A table of the values to 1 / *power*."""
        if not self._ends:
            return None  # values lead there
        values, exact = self._values, self._exact
        changing = (np.abs(exact - exact[0]) > _SEEN).any(axis=1)
        still = (np.abs(exact - exact[-1]) > _SEEN).any(axis=1)
        if not changing.any():
            return Even(0.0, 1.0, exact[[0, 0]])
        low = float(values[max(int(changing.argmax()) - 1, 0)])
        high = float(values[min(len(values) - int(still[::-1].argmax()), len(values) - 1)])
        if power != 1:
            if low < 0.0:
                return None
            values = np.power(np.maximum(values, 0.0), 1 / power, dtype=np.float32)
            low, high = low ** (1 / power), high ** (1 / power)
        for length in _LENGTHS:
            places = np.linspace(low, high, length)
            table = curve(self._ops, (places**power).astype(np.float32)).T
            made = np.stack([np.interp(values, places, table[:, c]) for c in range(3)], 1)
            if np.abs(made - exact).max() <= _CLOSE:
                return Even(low, high, table)
        return None
