"""A colour matrix among channel-wise operations: saturation, hue, a single channel.

What comes before the matrix is a table of the stored values, what comes after it an even table of
those that make a difference, and OpenColorIO runs the three in one pass without the interpreter:
six times as quick as the same by blocks.  A curve that no even table follows closely (it is looked
at for every half value) keeps going by blocks.
"""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.image.bands import in_bands
from player.image.endings import curve
from player.image.ops import Matrix4, Op
from player.image.shapers import half_values
from player.image.tables import Bytes, described, lut_of, processor_of
from player.image.transfer import Array

__all__ = ["Mixed", "mixed"]

_LENGTHS: Final = (1 << 12, 1 << 16)  # of the table behind the matrix
_CLOSE: Final = 0.5 / 255
_SEEN: Final = 0.01 / 255
_LIMIT: Final = 65504.0
_BEYOND: Final = 1e12  # of what halves can hold


@lru_cache(maxsize=1)
def _finite() -> Array:
    """All the values that halves have, in order."""
    values = half_values()
    return np.unique(values[np.isfinite(values)])


@lru_cache(maxsize=16)  # while a saturation is dragged what comes after it stays
def _even(ops: tuple[Op, ...]) -> tuple[float, float, Array] | None:
    """The values between which the result of channel-wise operations changes, and what it is at
    even distances from one to the other; None when no table is close enough."""
    values = _finite()
    exact = curve(ops, values).T
    beyond = curve(ops, np.array([-_BEYOND, _BEYOND], np.float32)).T
    if np.abs(beyond - exact[[0, -1]]).max() > _SEEN:
        return None  # a matrix leads there
    changing = (np.abs(exact - exact[0]) > _SEEN).any(axis=1)
    still = (np.abs(exact - exact[-1]) > _SEEN).any(axis=1)
    if not changing.any():
        return 0.0, 1.0, exact[[0, 0]]
    low = float(values[max(int(changing.argmax()) - 1, 0)])
    high = float(values[min(len(values) - int(still[::-1].argmax()), len(values) - 1)])
    for length in _LENGTHS:
        places = np.linspace(low, high, length)
        table = curve(ops, places.astype(np.float32)).T
        made = np.stack([np.interp(values, places, table[:, c]) for c in range(3)], 1)
        if np.abs(made - exact).max() <= _CLOSE:
            return low, high, table
    return None


class Mixed:
    """*before* is (3, n) float32 by stored value of *dtype*, or None for nothing, *after* the
    first value, the last and what they and those between become, behind *matrix*.  Thread-safe."""

    def __init__(
        self, before: Array | None, matrix: Matrix4, after: tuple[float, float, Array],
        dtype: np.dtype[Any],
    ) -> None:  # fmt: skip
        self._before, self._matrix, self._after = before, matrix, after
        self._dtype = dtype
        self._processor: Any = None
        self._lock = Lock()

    def apply(self, pixels: npt.NDArray[Any], out: Bytes) -> None:
        """Pixels (h, w, 3 or 4) that are `large` to RGBA (h, w, 4), alpha 255."""
        processor = self._made()
        colours = pixels[..., :3]  # zero times a broken alpha is not zero; full it becomes so

        def work(first: int, end: int) -> None:
            processor.apply(described(colours[first:end]), described(out[first:end]))

        in_bands(work, pixels.shape[0])

    def _made(self) -> Any:
        with self._lock:
            if self._processor is None:
                import PyOpenColorIO as ocio

                steps: list[Any] = []
                if self._before is not None:
                    steps.append(_table(self._before.T, self._dtype == np.float16))
                low, high, table = self._after
                even = np.diag([1 / (high - low)] * 3 + [1.0])
                even[:3, 3] = -low / (high - low)
                linear = even @ self._matrix
                offset = [*linear[:3, 3], 0.0]
                linear[:3, 3] = 0.0
                steps.append(ocio.MatrixTransform(linear.ravel().tolist(), offset))
                steps.append(_table(table, False))
                self._processor = processor_of(steps, self._dtype, np.dtype(np.uint8))
            return self._processor


def _table(values: Array, half: bool) -> Any:
    return lut_of(np.nan_to_num(values, nan=0.0, posinf=_LIMIT, neginf=-_LIMIT), half)


def mixed(ops: tuple[Op, ...], before: Array | None, dtype: np.dtype[Any]) -> Mixed | None:
    """For a chain of which one step is a matrix that mixes channels and the others are
    channel-wise; *before* is what those in front of it make of each stored value.  None for other
    chains, and where a table is not close enough."""
    at = [n for n, op in enumerate(ops) if not op.per_channel]
    matrix = ops[at[0]].matrix if len(at) == 1 else None
    if matrix is None:
        return None
    after = _even(ops[at[0] + 1 :])
    return None if after is None else Mixed(before, matrix, after, dtype)
