"""Which cells of a sampled cube do not show a transform within 2 of 255.

A view's gamut mapping has bends that no lattice follows: the ACES 2 views are 37 of 255 off in
some of the cells that a bend runs through.  Which cells to look at is read from the samples:
where second differences along the edges of the interpolation's tetrahedra leave room for more
than the limit, be it by a curve or by a bend.  Those cells are compared with what is right at
thirteen points in each, and the worst of the others at more.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations, product
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.image.bands import Work
from player.image.shapers import Shaper
from player.image.transfer import Array

__all__ = ["bad_cells"]

# off by more at a point that is looked at: off by 2 after rounding somewhere between them
_LIMIT: Final = 1.0 / 255
_DOUBT, _SUSPICION = 1.5 / 255, 3.0 / 255
_MARGIN: Final = 0.02  # beyond 0..1 nothing is seen
#: the middle of a cell, and two points in each of the six tetrahedra it is interpolated by
_POINTS: Final = np.array(
    [(0.5, 0.5, 0.5), *permutations((0.25, 0.5, 0.75)), *permutations((0.15, 0.3, 0.9))]
)
#: where a bend that cuts a corner or an edge off shows
_MORE_POINTS: Final = np.array(
    [*product((0.2, 0.5, 0.8), repeat=3), *product((0.1, 0.9), repeat=3)]
)
#: the edges of the tetrahedra
_EDGES: Final = [d for d in product((0, 1), repeat=3) if any(d)]
_AT_ONCE: Final = 1 << 11  # cells

Cells = npt.NDArray[np.intp]


def bad_cells(
    values: Array, shaper: Shaper,
    exact: Callable[[Array], Array], shown: Callable[[Array], Array],
    spread: Callable[[Work, int], None], go_on: Callable[[], None],
) -> npt.NDArray[np.bool_]:  # fmt: skip
    """(n-1, n-1, n-1), of a cube with (n, n, n, 3) *values*: whether it is bad.

    *exact* and *shown* take RGBA (m, 1, 4) of what goes into the cube, may work in place, and
    give what is right and what the cube shows.  *spread* does work in bands; *go_on* is called
    now and then, and may raise.
    """
    n = shaper.size - 1
    doubts = _doubts(values, go_on).ravel()
    bad = np.zeros(n**3, np.bool_)
    for doubt, points in ((_DOUBT, _POINTS), (_SUSPICION, _MORE_POINTS)):
        cells = np.flatnonzero((doubts > doubt) & ~bad)

        def work(
            first: int, end: int, cells: Cells = cells, points: npt.NDArray[np.float64] = points
        ) -> None:
            for at in range(first, end, _AT_ONCE):
                go_on()
                some = cells[at : min(at + _AT_ONCE, end)]
                corner = np.stack(np.unravel_index(some, (n, n, n)), -1)
                inside = shaper.from_cube((corner[:, None, :] + points) / n)
                bad[some] = _off(inside, exact, shown) > _LIMIT

        spread(work, cells.size)
    return bad.reshape(n, n, n)


def _off(
    colours: npt.NDArray[np.float64],
    exact: Callable[[Array], Array],
    shown: Callable[[Array], Array],
) -> Array:
    """How far off the worst of the (cells, points, 3) colours of each cell is shown, 0..1."""
    rgba = np.ones((colours.shape[0] * colours.shape[1], 1, 4), np.float32)
    rgba[:, 0, :3] = colours.reshape(-1, 3).astype(np.float16)  # what pixels can be
    with np.errstate(all="ignore"):
        right: Any = np.nan_to_num(exact(rgba.copy())[..., :3])
        mine: Any = shown(rgba)[..., :3]
    error = np.abs(np.clip(right, 0, 1) - np.clip(mine, 0, 1))
    worst: Array = error.reshape(colours.shape[0], -1).max(axis=1)
    return worst


def _doubts(values: Array, go_on: Callable[[], None]) -> Array:
    """How far off each cell may be.

    Between two nodes a curve with the second difference D is off by D/8, a bend that makes the
    second differences D and E at both ends by DE/(D + E).
    """
    n = values.shape[0]
    worst = np.zeros((n - 1, n - 1, n - 1), np.float32)
    for channel in range(3):
        seen = np.clip(values[..., channel], -_MARGIN, 1 + _MARGIN)
        padded = np.pad(seen, 1, mode="reflect", reflect_type="odd")
        for edge in _EDGES:
            go_on()
            ahead, back = (
                padded[tuple(slice(1 + s * k, n + 1 + s * k) for k in edge)] for s in (1, -1)
            )
            bend = np.abs(ahead + back - 2 * seen)
            here, there = bend[_part(edge, 0)], bend[_part(edge, 1)]
            with np.errstate(invalid="ignore", divide="ignore"):
                off = np.nan_to_num(here * there / (here + there))
            np.maximum(off, np.maximum(here, there) / 8, out=off)
            for axis in range(3):  # a cell has the edge on all its sides
                if not edge[axis]:
                    low = (slice(None),) * axis
                    off = np.maximum(off[(*low, slice(None, -1))], off[(*low, slice(1, None))])
            np.maximum(worst, off, out=worst)
    return worst


def _part(edge: tuple[int, ...], end: int) -> tuple[slice, ...]:
    """The nodes that begin, or end, an edge."""
    return tuple((slice(1, None) if end else slice(None, -1)) if k else slice(None) for k in edge)
