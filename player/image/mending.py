"""Where a sampled cube is not good enough, and what is right there.

A view's gamut mapping has bends that no lattice follows: the ACES 2 views are 10 of 255 off
in some of the cells that a bend runs through.  A picture that stands still is looked at, so
its pixels in such cells are computed exactly.  A cell is judged when a picture first has a
pixel in it, at thirteen points in it; pictures have colours in a few thousand of the 262,144
cells, and what has been judged is remembered.  Values outside of the cube are always computed.
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
_OUTSIDE: Final = 255
_UNKNOWN, _GOOD, _BAD = 0, 1, 2

Cells = npt.NDArray[np.uint8]


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
        self._state = np.zeros(self._cells**3, np.uint8)

    def cells(self, curves: Array) -> Cells:
        """The cell of each value of *curves* (any shape), along an axis."""
        ends = self._from_cube(np.array([0.0, 1.0]))
        with np.errstate(invalid="ignore"):
            outside = np.isfinite(curves) & ((curves < ends[0]) | (curves > ends[1]))
            place = np.minimum(self._to_cube(curves) * self._cells, self._cells - 1)
        return np.where(outside, np.uint8(_OUTSIDE), place.astype(np.uint8))

    def faulty(self, red: Cells, green: Cells, blue: Cells) -> npt.NDArray[np.intp]:
        """Which of n colours, given by their cells, the cube does not show right."""
        n = self._cells
        outside = (red == _OUTSIDE) | (green == _OUTSIDE) | (blue == _OUTSIDE)
        index = (red.astype(np.int32) * n + green) * n + blue
        index[outside] = 0
        state = self._state.take(index)
        unknown = np.unique(index[state == _UNKNOWN])
        if unknown.size:
            for at in range(0, unknown.size, _AT_ONCE):
                self._judge(unknown[at : at + _AT_ONCE])
            state = self._state.take(index)
        return np.flatnonzero((state == _BAD) | outside)

    def _judge(self, cells: npt.NDArray[np.int32]) -> None:
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
