"""What lies between two halves, where that is seen.

Float pixels are looked up as halves.  From one half to the next most chains change by far less
than a code of the screen; but a contrast of thirty, an offset that takes a thousand away, or light
beyond the last half (65,504: depth, positions) shown 18 stops darker, do not.  Where a table is
steep those floats that are no halves are computed as they are.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from math import inf
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.image.ops import Op, run_ops
from player.image.tables import quantise
from player.image.transfer import Array

__all__ = ["Between"]

_INFINITE: Final = 0x7C00  # the code of the last half; those of negative ones begin at
_NEGATIVE: Final = 0x8000
_AT_ONCE: Final = 1 << 14  # pixels that are computed before the time is looked at again
_RELATIVE: Final = np.float32(2.0**-8)


class Between:
    """The steep places of channel-wise *ops*, whose table (1 or 3, 65,536) by half is *table*.

    Bytes are steep where they change by two from one half to the next, floats where they change by
    1/256, or by that share of their value.
    """

    def __init__(self, ops: Sequence[Op], table: npt.NDArray[Any]) -> None:
        self._ops = tuple(ops)
        wide = table.astype(np.int16) if table.dtype == np.uint8 else table
        steep = np.zeros(table.shape, bool)
        with np.errstate(invalid="ignore", over="ignore"):
            for first in (0, _NEGATIVE):
                part = wide[:, first : first + _INFINITE + 1]
                change = np.abs(np.diff(part, axis=1))
                if table.dtype == np.uint8:
                    found = change >= 2
                else:
                    found = change > _RELATIVE * np.maximum(1, np.abs(part[:, :-1]))
                steep[:, first : first + _INFINITE] |= found
                steep[:, first + 1 : first + _INFINITE + 1] |= found
        self._steep = steep if steep.any() else None

    @property
    def anywhere(self) -> bool:
        """Whether the table is steep at all."""
        return self._steep is not None

    def find(self, floats: npt.NDArray[Any], index: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
        """Which of the pixels (rows, width, channels) of float32 lie between the halves whose codes
        *index* has, where that makes a difference; flat."""
        steep = self._steep
        channels = min(3, floats.shape[-1]) if floats.shape[-1] >= 3 else 1
        wanted = np.zeros(floats.shape[:-1], bool)
        if steep is not None:
            with np.errstate(invalid="ignore"):
                for c in range(channels):
                    codes = index[..., c]
                    column = steep[min(c, len(steep) - 1)]
                    if not column.any():
                        continue
                    hit = column.take(codes, mode="clip")
                    if hit.any():
                        hit &= codes.view(np.float16) != floats[..., c]
                        wanted |= hit
        return np.flatnonzero(wanted)

    def computed(self, colours: npt.NDArray[Any]) -> Array:
        """float32 RGBA (n, 4) of (n, channels), every step as it is."""
        rgba = np.ones((len(colours), 4), np.float32)
        rgba[:, :3] = colours[:, :3] if colours.shape[1] >= 3 else colours[:, :1]
        with np.errstate(all="ignore"):
            return run_ops(self._ops, rgba)

    def mend(
        self, floats: npt.NDArray[Any], index: npt.NDArray[Any], out: npt.NDArray[np.uint8],
        until: float = inf,
    ) -> None:  # fmt: skip
        """Bring *out*, RGBA bytes (rows, width, 4) that are those of the halves *index*, in order
        where the pixels are *floats*, as long as there is time *until* (of `time.monotonic`)."""
        if self._steep is None:
            return
        width = floats.shape[1]
        rows = max(1, _AT_ONCE // max(1, width))
        for y in range(0, len(floats), rows):
            part = floats[y : y + rows]
            found = self.find(part, index[y : y + rows])
            if found.size:
                down, across = np.divmod(found, width)
                shown = quantise(self.computed(part[down, across])[:, :3])
                out[y + down, across, :3] = shown
            if time.monotonic() > until:
                return
