"""Where a sampled cube is not good enough, and what is right there.

A view's gamut mapping has bends that no lattice follows: the ACES 2 views are 10 of 255 off
in some of the cells that a bend runs through, so the pixels in such cells are computed exactly.
A cell is judged when a picture first has a pixel in it, at thirteen points in it; pictures have
colours in a few thousand of the 262,144 cells, and what has been judged is remembered.  Values
outside of the cube are always computed.

A cell's number is the sum of three parts, one from each channel, that a table gives for every
half value; the part of a value outside of the cube is so large that the sum is no cell's.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.image.transfer import Array

__all__ = ["Mender"]

_LIMIT: Final = 1.0 / 255  # off by more at a point that is looked at: off by 2 between them
#: the middle of a cell, and two points in each of the six tetrahedra it is interpolated by
_POINTS: Final = np.array(
    [(0.5, 0.5, 0.5), *permutations((0.25, 0.5, 0.75)), *permutations((0.15, 0.3, 0.9))]
)
_AT_ONCE: Final = 1 << 12  # cells
_GOOD, _UNKNOWN, _BAD = 0, 1, 2

Parts = npt.NDArray[np.int32]


class Mender:
    """The faults of one cube of *size* nodes a side.

    *to_cube* and *from_cube* are its shaper's; *exact* and *sampled* take RGBA (n, 1, 4) of
    what goes into the cube and may work in place.  Any thread may use it: two that judge the
    same cell find the same.
    """

    def __init__(
        self, size: int, to_cube: Callable[[Array], Array],
        from_cube: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]],
        exact: Callable[[Array], Array], sampled: Callable[[Array], Array],
    ) -> None:  # fmt: skip
        self._cells = size - 1
        self._to_cube, self._from_cube = to_cube, from_cube
        self._exact, self._sampled = exact, sampled
        self._count = self._cells**3
        # whatever has a channel outside of the cube is wrong
        self._state = np.full(4 * self._count, _BAD, np.uint8)
        self._state[: self._count] = _UNKNOWN

    def parts(self, curves: Array) -> Parts:
        """What each of (3, n) values of the channels adds to the number of a cell."""
        ends = self._from_cube(np.array([0.0, 1.0]))
        with np.errstate(invalid="ignore"):
            outside = np.isfinite(curves) & ((curves < ends[0]) | (curves > ends[1]))
            place = np.minimum(self._to_cube(curves) * self._cells, self._cells - 1)
        steps = np.array([[self._cells**2], [self._cells], [1]], np.int32)
        return np.where(outside, np.int32(self._count), place.astype(np.int32) * steps)

    def faulty(self, parts: Parts, index: npt.NDArray[np.uint16]) -> npt.NDArray[np.intp]:
        """Which of n colours the cube does not show right; *index* (n, 3) names their parts."""
        cell = parts[0].take(index[:, 0])
        cell += parts[1].take(index[:, 1])
        cell += parts[2].take(index[:, 2])
        doubtful = np.flatnonzero(self._state.take(cell))
        if doubtful.size:
            cell = cell[doubtful]
            state = self._state.take(cell)
            unknown = np.unique(cell[state == _UNKNOWN])
            if unknown.size:
                for at in range(0, unknown.size, _AT_ONCE):
                    self._judge(unknown[at : at + _AT_ONCE])
                doubtful = doubtful[self._state.take(cell) == _BAD]
        return doubtful

    def _judge(self, cells: Parts) -> None:
        n = self._cells
        corner = np.stack(np.unravel_index(cells, (n, n, n)), -1)
        inside = self._from_cube((corner[:, None, :] + _POINTS) / n).reshape(-1, 3)
        rgba = np.ones((inside.shape[0], 1, 4), np.float32)
        rgba[:, 0, :3] = inside.astype(np.float16)  # what pixels can be
        with np.errstate(all="ignore"):
            right: Any = np.nan_to_num(self._exact(rgba.copy())[..., :3])
            mine: Any = self._sampled(rgba)[..., :3]
        error = np.abs(np.clip(right, 0, 1) - np.clip(mine, 0, 1))
        worst = error.reshape(cells.size, -1).max(axis=1)
        self._state[cells] = np.where(worst > _LIMIT, _BAD, _GOOD)
