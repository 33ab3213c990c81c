"""The patterns behind everything, those of RV's shaders: squares of 20 pixels, lines of one pixel
every 8.

A few kinds of rows come again from the lowest up.  So what a pattern becomes is worked out for
those, and whole rows are copied.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.image.transfer import Array

__all__ = ["Pattern", "background"]

_GREYS: Final = {"black": 0.0, "grey18": 0.18, "grey50": 0.5, "white": 1.0}


class Pattern:
    """The pattern *kind* of *width* pixels; unknown names are black.

    `rows` are the kinds of rows, float32 RGBA (n, width, 4) with alpha 0.
    """

    def __init__(self, kind: str, width: int) -> None:
        x = np.arange(width)
        self._thick = 20 if kind == "checker" else 1
        if kind == "checker":
            y = np.arange(2)[:, None]
            grey = np.where((x // 20 + y) % 2, 0.20, 0.15)
        elif kind == "crosshatch":
            y = np.arange(8)[:, None]
            grey = np.where(((x + y) % 8 == 0) | ((x - y) % 8 == 0), 0.25, 0.18)
        else:
            grey = np.full((1, width), _GREYS.get(kind, 0.0))
        self.rows: Array = np.zeros((*grey.shape, 4), np.float32)
        self.rows[..., :3] = grey[..., None]

    def kinds(self, y: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Which of `rows` are those at *y*, from the lowest."""
        found: npt.NDArray[Any] = y // self._thick % len(self.rows)
        return found


def background(kind: str, width: int, height: int, first: int = 0) -> Array:
    """What is behind everything, float32 RGBA (height, width, 4) with alpha 0, from the row
    *first* on."""
    pattern = Pattern(kind, width)
    out: Array = pattern.rows[pattern.kinds(np.arange(first, first + height))]
    return out
