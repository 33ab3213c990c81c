"""A colour matrix among channel-wise operations: saturation, hue, a single channel.  Or none.

What comes before the matrix is a table of the stored values, what comes after it an even table of
those that make a difference (`even.py`), and OpenColorIO runs the three in one pass without the
interpreter: six times as quick as the same by blocks.  A curve that no even table follows closely
keeps going by blocks.
"""

from __future__ import annotations

from threading import Lock
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.image.bands import in_bands
from player.image.even import Even, even, rooted
from player.image.ops import Matrix4, Op
from player.image.tables import Bytes, described, lut_of, opaque, processor_of
from player.image.transfer import Array

__all__ = ["Mixed", "mixed", "unmixed"]

_LIMIT: Final = 65504.0


class Mixed:
    """*before* is (3, n) float32 by stored value of *dtype*, or None for nothing, *after* what
    values, or their roots, become behind *matrix*.  Thread-safe."""

    def __init__(
        self, before: Array | None, matrix: Matrix4, after: Even, dtype: np.dtype[Any],
        roots: bool = False,
    ) -> None:  # fmt: skip
        self._before, self._matrix, self._after = before, matrix, after
        self._dtype, self._roots = dtype, roots
        self._processor: Any = None
        self._lock = Lock()

    def apply(self, pixels: npt.NDArray[Any], out: Bytes) -> None:
        """Pixels (h, w, 3 or 4) that are `packed` to RGBA (h, w, 4), alpha 255."""
        in_bands(lambda first, end: self.rows(pixels[first:end], out[first:end]), pixels.shape[0])

    def rows(self, pixels: npt.NDArray[Any], out: Bytes) -> None:
        """As `apply`, by the calling thread alone."""
        if self._roots:
            with np.errstate(invalid="ignore"):  # of what is below 0 there is none, and none shown
                pixels = np.sqrt(pixels)
        colours = pixels[..., :3]  # zero times a broken alpha is not zero; full it becomes so
        self._made().apply(described(colours), described(out))
        opaque(out)  # a broken colour makes alpha so

    def _made(self) -> Any:
        with self._lock:
            if self._processor is None:
                import PyOpenColorIO as ocio

                steps: list[Any] = []
                if self._before is not None:
                    steps.append(_table(self._before.T, self._dtype == np.float16))
                low, high = self._after.low, self._after.high
                scaled = np.diag([1 / (high - low)] * 3 + [1.0])
                scaled[:3, 3] = -low / (high - low)
                linear = scaled @ self._matrix
                offset = [*linear[:3, 3], 0.0]
                linear[:3, 3] = 0.0
                steps.append(ocio.MatrixTransform(linear.ravel().tolist(), offset))
                steps.append(_table(self._after.table, False))
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
    after = even(ops[at[0] + 1 :])
    return None if after is None else Mixed(before, matrix, after, dtype)


def unmixed(ops: tuple[Op, ...]) -> Mixed | None:
    """As `mixed`, for float32 through a chain all of which is channel-wise."""
    for make in (even, rooted):
        if (after := make(ops)) is not None:
            return Mixed(None, np.eye(4), after, np.dtype(np.float32), make is rooted)
    return None
