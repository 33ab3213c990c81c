"""Which cells of a sampled cube do not show a transform within 2 of 255.

A view's gamut mapping has bends that no lattice follows: the ACES 2 views are 37 of 255 off in
some of the cells that a bend runs through.  Which cells to look at is read from the samples:
where second differences along the edges of the interpolation's tetrahedra leave room for more
than a part of the limit once they are shown, be it by a curve or by a bend: two bends in one cell
hide each other from the nodes.  Those cells are compared with what is right at some points in
each, and the more a cell is off there, the more points of it are looked at.

What no look at some points finds are single colours at which OpenColorIO itself jumps: its ACES 2
views take six in a million of the brightest (light of over 128) for black, and what differs
from those by a hundred thousandth, as all their neighbours among half values do, for white.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import permutations, product
from typing import Final

import numpy as np
import numpy.typing as npt

from player.image.bands import Work
from player.image.endings import Ending
from player.image.lattice import Lattice
from player.image.transfer import Array

__all__ = ["bad_cells", "steep_cells"]

# off by more at a point that is looked at: off by 2 after rounding somewhere between them; where
# the nodes tell of sharp bends by less
_LIMIT, _SHARP_LIMIT = 1.25 / 255, 1.0 / 255
_DOUBT, _SHARP = 0.6 / 255, 3.0 / 255
_ROUNDED: Final = 0.02  # of a cell: more than what a half is off,
_SEEN: Final = 0.5 / 255  # and how far off that may be shown
_MARGIN: Final = 0.02  # beyond 0..1 nothing is seen
_NEAR_CORNERS: Final = [*product((0.1, 0.9), repeat=3)]
_NEAR_EDGES: Final = [p for p in product((0.2, 0.5, 0.8), repeat=3) if p.count(0.5) == 1]
#: where cells are looked at that were off by so much of the limit so far: the middle and a point
#: in each of the six tetrahedra a cell is interpolated by, another one in each, and where a bend
#: shows that cuts a corner or an edge off
_LOOKS: Final = [
    (0.0, np.array([(0.5, 0.5, 0.5), *permutations((0.25, 0.5, 0.75))])),
    (0.3, np.array([*permutations((0.15, 0.3, 0.9))])),
    (0.5, np.array(_NEAR_CORNERS + _NEAR_EDGES)),
]
#: the edges of the tetrahedra
_EDGES: Final = [d for d in product((0, 1), repeat=3) if any(d)]
_NODES: Final = [*product((0, 1), repeat=3)]
_AT_ONCE: Final = 1 << 11  # cells

Cells = npt.NDArray[np.intp]


def bad_cells(
    lattice: Lattice, light: Callable[[Array], Array], spread: Callable[[Work, int], None],
    go_on: Callable[[], None],
) -> npt.NDArray[np.bool_]:  # fmt: skip
    """(n-1, n-1, n-1), of a cube of n nodes a side: whether the cell is bad.

    *light* takes RGBA (m, 1, 4) of what goes into the cube, may work in place, and gives what is
    right before the ending.  *spread* does work in bands; *go_on* is called now and then, and may
    raise.
    """
    n = lattice.shaper.size - 1
    doubts = _doubts(lattice, go_on).ravel()
    limit = np.where(doubts > _SHARP, _SHARP_LIMIT, _LIMIT).astype(np.float32)
    worst = np.zeros_like(doubts)
    cells = np.flatnonzero(doubts > _DOUBT)
    dark, bright = (end.reshape(-1, 3) for end in _ends(lattice))
    for share, points in _LOOKS:
        so_far = worst[cells] / limit[cells]
        cells = cells[(so_far >= share) & (so_far <= 1.0)]

        def work(
            first: int, end: int, cells: Cells = cells, points: npt.NDArray[np.float64] = points
        ) -> None:
            for at in range(first, end, _AT_ONCE):
                go_on()
                some = cells[at : min(at + _AT_ONCE, end)]
                corners = np.stack(np.unravel_index(some, (n, n, n)), -1)
                off, wrong = _off(lattice, light, corners, points)
                if not lattice.ending.is_nothing:
                    # a display's curve makes most of it at the darkest place of the cell: in a
                    # narrow one where light leaves the gamut no point lies there
                    wrong *= bright[some] > 0.0
                    shift = _shift(lattice.ending, np.maximum(dark[some], 0.0), wrong).max(axis=-1)
                    np.maximum(off, shift, out=off)
                worst[some] = np.maximum(worst[some], off)

        spread(work, cells.size)
    return (worst > limit).reshape(n, n, n)


def steep_cells(lattice: Lattice) -> npt.NDArray[np.bool_]:
    """(n-1, n-1, n-1), of a cube of n nodes a side: whether it may be seen that what comes into
    the cell was rounded to halves."""
    dark, bright = _ends(lattice)
    seen = _shift(lattice.ending, np.maximum(dark, 0.0), _ROUNDED * (bright - dark))
    return np.asarray((seen > _SEEN).any(axis=-1))


def _ends(lattice: Lattice) -> tuple[Array, Array]:
    """The darkest and the brightest that the nodes of each cell hold, as far as it can be seen:
    (n-1, n-1, n-1, 3)."""
    n = lattice.shaper.size - 1
    seen = np.clip(lattice.values, -_MARGIN, 1 + _MARGIN)
    nodes = [seen[tuple(slice(k, n + k) for k in node)] for node in _NODES]
    return reduce(np.minimum, nodes), reduce(np.maximum, nodes)


def _off(
    lattice: Lattice, light: Callable[[Array], Array], corners: Cells,
    points: npt.NDArray[np.float64],
) -> tuple[Array, Array]:  # fmt: skip
    """How far off each of the cells with these first nodes (m, 3) is shown at *points*, 0..1, and
    how far off what is stored is, by channel."""
    ending, shape = lattice.ending, (corners.shape[0], points.shape[0], 3)
    at = (corners[:, None, :] + points) / (lattice.shaper.size - 1)
    rgba = np.ones((shape[0] * shape[1], 1, 4), np.float32)
    # what pixels can be
    rgba[:, 0, :3] = lattice.shaper.from_cube(at).reshape(-1, 3).astype(np.float16)
    with np.errstate(all="ignore"):
        right = ending.stored(np.nan_to_num(light(rgba.copy())[:, 0, :3])).reshape(shape)
    mine = lattice.interpolated(rgba)[:, 0, :3].reshape(shape)
    shown = np.abs(ending.shown(right) - ending.shown(mine)).max(axis=(1, 2))
    return shown, np.abs(right - mine).max(axis=1)


def _shift(ending: Ending, stored: Array, by: Array) -> Array:
    """How far off what is stored (..., 3) is shown when it is wrong by so much."""
    out: Array = np.abs(ending.shown(stored + by) - ending.shown(stored))
    return out


def _doubts(lattice: Lattice, go_on: Callable[[], None]) -> Array:
    """How far off each cell may be shown.

    Between two nodes a curve with the second difference D is off by D/8, a bend that makes the
    second differences D and E at both ends by DE/(D + E).
    """
    values, ending = lattice.values, lattice.ending
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
            if not ending.is_nothing:  # at its steepest
                ends = [seen[_part(edge, end)] for end in (0, 1)]
                dark = np.clip(np.minimum(*ends) - off, 0.0, 1.0)
                off = np.abs(ending.channel(channel, dark + off) - ending.channel(channel, dark))
            for axis in range(3):  # a cell has the edge on all its sides
                if not edge[axis]:
                    low = (slice(None),) * axis
                    off = np.maximum(off[(*low, slice(None, -1))], off[(*low, slice(1, None))])
            np.maximum(worst, off, out=worst)
    return worst


def _part(edge: tuple[int, ...], end: int) -> tuple[slice, ...]:
    """The nodes that begin, or end, an edge."""
    return tuple((slice(1, None) if end else slice(None, -1)) if k else slice(None) for k in edge)
