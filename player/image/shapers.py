"""What comes before a cube: where a channel's value lies among the cube's nodes.

Three kinds: a logarithm with a toe over -0.005 to 256 for scene-linear values, none at all for the
code values of integer pixels, and one for codes that may lie beyond 0 and 1.
"""

from __future__ import annotations

from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from player.image.transfer import Array

__all__ = ["CodeShaper", "LinearShaper", "Shaper", "WideCodeShaper", "half_values"]


@lru_cache(maxsize=1)
def half_values() -> Array:
    """The float32 value of every half bit pattern, shape (65536,)."""
    values: Array = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float32)
    values.setflags(write=False)
    return values


class Shaper:
    """Between values and 0..1, where a cube of *size* nodes a side has its first and last."""

    #: whether no value lies beyond its first or last node
    is_whole = False

    def __init__(self, size: int) -> None:
        self.size = size

    def to_cube(self, x: Array) -> Array:
        """To 0..1, clamped."""
        raise TypeError(type(self).__name__)

    def from_cube(self, s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The inverse."""
        raise TypeError(type(self).__name__)

    @cached_property
    def by_half(self) -> Array:
        """`to_cube` of every half value: (65536,)."""
        return self.to_cube(half_values())


class LinearShaper(Shaper):
    """log2(x + 0.02) over -0.005 to 256, for scene-linear values.

    The toe spends fewer of the cube's cells on the dark than a pure logarithm or ACEScct do,
    which are linear in what is shown there anyway.  Zero is on the grid: transforms clamp
    there, and a cell with a bend in it is the worst there is.
    """

    _TOE, _TOP = 0.02, 256.0

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self._zero = (size - 1) // 32  # the node of 0
        stops = float(np.log2((self._TOP + self._TOE) / self._TOE))
        self._step = stops / (size - 1 - self._zero)  # from node to node

    def to_cube(self, x: Array) -> Array:
        y = np.nan_to_num(x, nan=0.0, posinf=self._TOP, neginf=0.0).astype(np.float64)
        stops = np.log2(np.maximum(y / self._TOE + 1.0, 1e-9))
        at = (stops / self._step + self._zero) / (self.size - 1)
        return np.clip(at, 0.0, 1.0).astype(np.float32)

    def from_cube(self, s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        out: npt.NDArray[np.float64] = self._TOE * np.expm1(
            np.log(2.0) * self._step * (s * (self.size - 1) - self._zero)
        )
        return out


class CodeShaper(Shaper):
    """0..1 as it is, for code values."""

    is_whole = True

    def to_cube(self, x: Array) -> Array:
        y = np.nan_to_num(x, nan=0.0, posinf=1.0, neginf=0.0)
        return np.clip(y, 0.0, 1.0).astype(np.float32)

    def from_cube(self, s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return s


class WideCodeShaper(Shaper):
    """Code values as a camera's logarithm gives them, most of the nodes between 0 and 1."""

    _VALUES = (-0.375, 0.0, 1.0, 1.5)
    _PLACES = (0.0, 1 / 16, 7 / 8, 1.0)  # of nodes, for any number of them that is 16 n + 1

    def to_cube(self, x: Array) -> Array:
        y = np.nan_to_num(x, nan=0.0, posinf=self._VALUES[-1], neginf=0.0)
        out: Array = np.interp(y, self._VALUES, self._PLACES).astype(np.float32)
        return out

    def from_cube(self, s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        out: npt.NDArray[np.float64] = np.interp(s, self._PLACES, self._VALUES)
        return out
