"""Very many rectangles as fewer that cover the same pixels, and no others.

What was not written must not be sent: another process may have sent it, or this one before the
picture was given up and begun again.  The edges of all rectangles make a grid, whose cells are
covered or not; runs of covered cells in a row, and equal rows, are rectangles again.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import Final

import numpy as np

__all__ = ["merged"]

_CELLS: Final = 1 << 26  # of a grid; beyond that one rectangle around all of it has to do

_Rectangle = tuple[int, int, int, int]


def merged(rectangles: Collection[_Rectangle]) -> list[_Rectangle]:
    """(x, y, width, height) of fewer rectangles, which do not overlap."""
    table = np.array(list(rectangles), np.int64).reshape(-1, 4)
    table[:, 2:] += table[:, :2]
    left, low, right, high = table.T
    xs, ys = np.unique(table[:, ::2]), np.unique(table[:, 1::2])
    if len(xs) * len(ys) > _CELLS:
        x, y = int(xs[0]), int(ys[0])
        return [(x, y, int(xs[-1]) - x, int(ys[-1]) - y)]
    grid = np.zeros((len(ys) - 1, len(xs) + 1), np.int8)  # a column without anything on each side
    places = zip(
        np.searchsorted(xs, left) + 1, np.searchsorted(xs, right) + 1,
        np.searchsorted(ys, low), np.searchsorted(ys, high), strict=True,
    )  # fmt: skip
    for first, end, bottom, top in places:
        grid[bottom:top, first:end] = 1
    found: list[_Rectangle] = []
    changes = np.flatnonzero((grid[1:] != grid[:-1]).any(axis=1)) + 1
    edges = [0, *changes.tolist(), len(grid)]
    for bottom, top in pairwise(edges):
        y, height = int(ys[bottom]), int(ys[top] - ys[bottom])
        steps = np.diff(grid[bottom])
        for first, end in zip(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1), strict=True):
            found.append((int(xs[first]), y, int(xs[end] - xs[first]), height))
    return found
