"""The linear filter of upright pictures, block by block.

A texture's bilinear filter; a picture that is shown at less than half its size is averaged
over whole blocks of pixels first (at most four taps a side: more cost more than they show).
Rows are converted to float once, blended into the rows of the result, then columns: a block
of rows stays in the processor's cache all the while, which makes it five times as quick as
whole-picture steps.  Filtering works on stored values, before any colour operation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from player.image.bands import in_bands
from player.image.compiled import to_float
from player.image.scene import Matrix3
from player.image.shapers import half_values
from player.image.transfer import Array

__all__ = ["filtered"]

_PIXELS = 1 << 15  # of a block of the result
_HUGE = np.float32(1e37)  # stands for infinity where pixels are blended


def _floats(pixels: npt.NDArray[Any]) -> Array:
    if pixels.dtype == np.float16:
        index = np.ascontiguousarray(pixels).view(np.uint16)
        return half_values().take(index, mode="clip")
    return to_float(pixels)


class _Axis:
    """For each place of the result two neighbours in the source and the weight of the second;
    the source counted in blocks of `step` pixels."""

    def __init__(self, at: npt.NDArray[np.floating[Any]], size: int) -> None:
        spacing = float(np.abs(np.diff(at[:2])).max()) if len(at) > 1 else 1.0
        self.step = min(max(1, int(spacing + 0.01)), size)
        self.count = size // self.step
        taps = min(self.step, 4)
        self.taps = sorted({int((i + 0.5) * self.step / taps) for i in range(taps)})
        place = at / self.step - 0.5
        low = np.floor(place)
        self.weight = (place - low).astype(np.float32)
        self.low = np.clip(low, 0, self.count - 1).astype(np.intp)
        self.high = np.clip(low + 1, 0, self.count - 1).astype(np.intp)
        self.plain = self.step == 1 and not self.weight.any()


def _gathered(pixels: npt.NDArray[Any], first: int, last: int, axis: _Axis) -> Array:
    """Blocks of rows *first* to *last* (inclusive) averaged to one row each."""
    s = axis.step
    rows = pixels[first * s : (last + 1) * s]
    if s == 1:
        return _floats(rows)
    total = _floats(rows[axis.taps[0] :: s])
    for tap in axis.taps[1:]:
        total += _floats(rows[tap::s])
    return total


def _columns(rows: Array, axis: _Axis) -> Array:
    s = axis.step
    if s > 1:
        width = axis.count * s
        total = rows[:, axis.taps[0] : width : s].copy()
        for tap in axis.taps[1:]:
            total += rows[:, tap:width:s]
        rows = total
    if not axis.weight.any():
        return rows.take(axis.low, axis=1)
    left = rows.take(axis.low, axis=1)
    right = rows.take(axis.high, axis=1)
    right -= left
    right *= axis.weight[None, :, None]
    right += left
    out: Array = right
    return out


def filtered(
    pixels: npt.NDArray[Any], inverse: Matrix3, x0: int, y0: int, x1: int, y1: int
) -> list[tuple[int, int, Array]]:
    """(first row, end, float32 (rows, x1 - x0, channels)) of the canvas box x0..x1, y0..y1, in
    order, rows relative to y0; *inverse* maps canvas pixels to stored ones and does not rotate.

    Integers come out as 0..1.
    """
    h, w = pixels.shape[:2]
    across = _Axis((np.arange(x0, x1) + 0.5) * float(inverse[0, 0]) + float(inverse[0, 2]), w)
    down = _Axis((np.arange(y0, y1) + 0.5) * float(inverse[1, 1]) + float(inverse[1, 2]), h)
    scale = np.float32(1.0 / ((len(down.taps)) * (len(across.taps))))
    rows = max(4, _PIXELS // max(1, x1 - x0))
    height = y1 - y0
    blocks: dict[int, tuple[int, int, Array]] = {}

    def work(first: int, last: int) -> None:
        for top in range(first * rows, min(last * rows, height), rows):
            end = min(top + rows, height)
            block = _block(pixels, down, across, top, end)
            if scale != 1.0:
                block *= scale
            blocks[top] = top, end, block

    in_bands(work, -(-height // rows))
    return [blocks[top] for top in sorted(blocks)]


def _block(pixels: npt.NDArray[Any], down: _Axis, across: _Axis, top: int, end: int) -> Array:
    low, high = down.low[top:end], down.high[top:end]
    first, last = int(min(low.min(), high.min())), int(max(low.max(), high.max()))
    low, high, weight = low - first, high - first, down.weight[top:end]
    try:
        with np.errstate(invalid="raise", over="ignore"):
            source = _gathered(pixels, first, last, down)
            return _columns(_blended(source, low, high, weight), across)
    except FloatingPointError:  # between two infinite pixels lies no number
        with np.errstate(invalid="ignore", over="ignore"):
            source = np.clip(_gathered(pixels, first, last, down), -_HUGE, _HUGE)
            return _columns(_blended(source, low, high, weight), across)


def _blended(
    source: Array, low: npt.NDArray[np.intp], high: npt.NDArray[np.intp], weight: Array
) -> Array:
    block = source.take(low, axis=0)
    if weight.any():
        other = source.take(high, axis=0)
        other -= block
        other *= weight[:, None, None]
        block += other
    return block
