"""Where a sampled cube is not good enough, and what is right there.

A view's gamut mapping has bends that no lattice follows: the ACES 2 views are 10 of 255 off
in some of the cells that a bend runs through, so pixels in such places are computed exactly.
A cell is judged, at thirteen points in it, when a picture first has a pixel in it (those of a
fine cube before, `refining.py`); pictures have colours in a few thousand of the 262,144 cells, and
what has been judged is remembered.  A bad cell is good in most places all the same, so that each
of its 64 parts is judged as well: a few hundred with each picture, and until then
all pixels in it are computed.  Values outside of the cube are computed, unless it is known that
they come out as those at its end.

The numbers of a cell and of its part are sums of what tables give for each channel's half value;
what they give outside of the cube is so large that the sum is no cell's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations, product
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.image.shapers import Shaper
from player.image.transfer import Array

__all__ = ["Mender", "Places"]

# off by more at a point that is looked at: off by 2 after rounding somewhere between them
_LIMIT: Final = 1.0 / 255
_PART_LIMIT: Final = 1.2 / 255
#: the middle of a cell, and two points in each of the six tetrahedra it is interpolated by
_POINTS: Final = np.array(
    [(0.5, 0.5, 0.5), *permutations((0.25, 0.5, 0.75)), *permutations((0.15, 0.3, 0.9))]
)
#: where a bend that cuts a corner or an edge off shows
_MORE_POINTS: Final = np.array(
    [*product((0.2, 0.5, 0.8), repeat=3), *product((0.1, 0.9), repeat=3)]
)
_SPLIT: Final = 4  # parts of a cell along an axis
_PARTS: Final = _SPLIT**3
_PART_POINTS: Final = np.array([*product((0.0, 0.5, 1.0), repeat=3)])
_AT_ONCE: Final = 1 << 12  # cells
_PARTS_AT_ONCE: Final = 1 << 8
_UNKNOWN, _GOOD, _BAD = 0, 1, 2

Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Places:
    """What the half values of three channels (3, 65536) add to the numbers of a cell and of
    the part of it."""

    cell: Numbers
    part: npt.NDArray[np.uint8]


class Mender:
    """The faults of one cube.

    *exact* and *sampled* take RGBA (n, 1, 4) of what goes into the cube and may work in place.
    Any thread may use it: two that judge the same cell find the same.
    """

    def __init__(
        self, shaper: Shaper, exact: Callable[[Array], Array], sampled: Callable[[Array], Array]
    ) -> None:
        self._cells = shaper.size - 1
        self._shaper = shaper
        self._exact, self._sampled = exact, sampled
        #: whether what lies below the cube, and above it, is computed
        self.open = (True, True)
        self._count = self._cells**3
        self._state = np.zeros(4 * self._count, np.uint8)
        self._state[self._count :] = _BAD  # a channel lies outside
        self._parts = np.zeros(self._count * _PARTS, np.uint8)  # of which little is touched

    def settle(
        self, doubtful: npt.NDArray[np.intp], suspicious: npt.NDArray[np.intp],
        go_on: Callable[[], None] = lambda: None,
    ) -> npt.NDArray[np.intp]:  # fmt: skip
        """Judge cells by their numbers now and take all others for good; which are bad.  At the
        *suspicious* ones is looked again, and closer, where nothing was found.  *go_on* is called
        now and then, and may raise."""
        state = self._state[: self._count]
        state[:] = _GOOD
        for cells, points in ((doubtful, _POINTS), (suspicious, _MORE_POINTS)):
            left = cells[state[cells] == _GOOD]
            for at in range(0, left.size, _AT_ONCE):
                go_on()
                some = left[at : at + _AT_ONCE]
                state[some] = self._judge(some, points, _LIMIT)
        return np.flatnonzero(state == _BAD)

    def places(self, curves: Array) -> Places:
        """Where (3, n) values of the channels lie."""
        n = self._cells
        ends = self._shaper.from_cube(np.array([0.0, 1.0]))
        with np.errstate(invalid="ignore"):
            below, above = self.open[0] & (curves < ends[0]), self.open[1] & (curves > ends[1])
            outside = np.isfinite(curves) & (below | above)
            fine = np.minimum(self._shaper.to_cube(curves) * (n * _SPLIT), n * _SPLIT - 1)
        cell, part = np.divmod(fine.astype(np.int32), _SPLIT)
        cell *= np.array([[n * n], [n], [1]], np.int32)
        part *= np.array([[_SPLIT**2], [_SPLIT], [1]], np.int32)
        cell[outside] = self._count
        return Places(cell, part.astype(np.uint8))

    def faulty(self, places: Places, index: npt.NDArray[np.uint16]) -> npt.NDArray[np.intp]:
        """Which of n colours are to be computed; *index* (n, 3 or more) are their places."""
        cell = places.cell[0].take(index[:, 0])
        cell += places.cell[1].take(index[:, 1])
        cell += places.cell[2].take(index[:, 2])
        found = np.flatnonzero(self._state.take(cell) != _GOOD)
        if not found.size:
            return found
        cell = cell[found]
        unknown = np.unique(cell[self._state.take(cell) == _UNKNOWN])
        for at in range(0, unknown.size, _AT_ONCE):
            some = unknown[at : at + _AT_ONCE]
            self._state[some] = self._judge(some, _POINTS, _LIMIT)
        bad = self._state.take(cell) == _BAD
        found, cell = found[bad], cell[bad]
        part = places.part[0].take(index[found, 0])
        part += places.part[1].take(index[found, 1])
        part += places.part[2].take(index[found, 2])
        inside = np.flatnonzero(cell < self._count)
        number = cell[inside] * _PARTS + part[inside]
        unknown = np.unique(number[self._parts.take(number) == _UNKNOWN])[:_PARTS_AT_ONCE]
        if unknown.size:
            self._parts[unknown] = self._judge(unknown, _PART_POINTS, _PART_LIMIT, _SPLIT)
        keep = np.ones(found.size, bool)
        keep[inside] = self._parts.take(number) != _GOOD
        return np.compress(keep, found)

    def _judge(
        self,
        numbers: npt.NDArray[Any],
        points: npt.NDArray[np.float64],
        limit: float,
        split: int = 1,
    ) -> npt.NDArray[np.uint8]:
        """_GOOD or _BAD for cells, or for their parts, by *points* in each."""
        n = self._cells
        cells, parts = np.divmod(numbers, split**3)
        corner = np.stack(np.unravel_index(cells, (n, n, n)), -1)
        within = np.stack(np.unravel_index(parts, (split, split, split)), -1)
        at = corner[:, None, :] + (within[:, None, :] + points) / split
        inside = self._shaper.from_cube(at / n).reshape(-1, 3)
        rgba = np.ones((inside.shape[0], 1, 4), np.float32)
        rgba[:, 0, :3] = inside.astype(np.float16)  # what pixels can be
        with np.errstate(all="ignore"):
            right: Any = np.nan_to_num(self._exact(rgba.copy())[..., :3])
            mine: Any = self._sampled(rgba)[..., :3]
        error = np.abs(np.clip(right, 0, 1) - np.clip(mine, 0, 1))
        worst = error.reshape(numbers.size, -1).max(axis=1)
        return np.where(worst > limit, np.uint8(_BAD), np.uint8(_GOOD))
