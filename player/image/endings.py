"""What comes after a cube: the display's curve, and how the light before it is stored.

Where a view leaves the gamut its light crosses zero as smoothly as anywhere else, but a display's
curve is at its steepest there, and for a pure power or ST 2084 without limit: no cube follows
that.  So the cube holds light, and the curve is a table behind it.  The nodes hold a root of the
light with a straight toe, so that an even table has entries enough in the dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from player.image.ops import Op, run_ops
from player.image.tables import lut_of
from player.image.transfer import Array

__all__ = ["Ending", "curve"]

_LENGTH: Final = 1 << 16
_TOE: Final = 0.1
_SAME: Final = 0.1 / 255


class Ending:
    """Channel-wise *ops* that follow light whose *values* are (..., 3): nothing when there are no
    *ops*.  Immutable."""

    def __init__(self, ops: Sequence[Op], values: Array) -> None:
        self.is_nothing = not ops
        self._scale = 1.0
        if ops:
            light = np.geomspace(1e-4, 65504.0, 1 << 12).astype(np.float32)
            made = curve(ops, light)
            grows = np.flatnonzero((np.abs(made - made[:, -1:]) > _SAME).any(axis=0))
            top = light[min(grows[-1] + 1, light.size - 1)] if grows.size else light[0]
            brightest = np.clip(values.max(), light[0], top)
            self._scale = 1.0 / float(_rooted(brightest.reshape(1))[0])
        #: (3, n): what is shown of the stored values from 0 to 1
        self.table = self._table(ops)

    def _table(self, ops: Sequence[Op]) -> Array:
        stored = np.linspace(0.0, 1.0, _LENGTH if ops else 2) / self._scale
        light = (stored + _TOE) ** 2 - _TOE**2 if ops else stored
        return curve(ops, light.astype(np.float32))

    def stored(self, light: Array) -> Array:
        """What nodes hold for light."""
        return light if self.is_nothing else _rooted(light) * np.float32(self._scale)

    def shown(self, stored: Array) -> Array:
        """What stored values (..., 3) are shown as, 0..1."""
        return np.stack([self.channel(c, stored[..., c]) for c in range(3)], -1)

    def channel(self, channel: int, stored: Array) -> Array:
        """`shown` of the values of one channel."""
        held: Array = np.clip(stored, 0.0, 1.0)
        if self.is_nothing:
            return held
        index = (held * np.float32(_LENGTH - 1) + np.float32(0.5)).astype(np.intp)
        out: Array = self.table[channel].take(index)
        return out

    def transforms(self) -> list[Any]:
        """As OpenColorIO's."""
        return [] if self.is_nothing else [lut_of(self.table.T, False)]


def _rooted(light: Array) -> Array:
    with np.errstate(invalid="ignore"):
        root = np.sqrt(light + np.float32(_TOE**2)) - np.float32(_TOE)
    out: Array = np.where(light > 0.0, root, light * np.float32(0.5 / _TOE))
    return out


def curve(ops: Sequence[Op], values: Array) -> Array:
    """(3, n): what channel-wise operations make of values, 0..1."""
    rgba = np.ones((values.size, 4), np.float32)
    rgba[:, :3] = values[:, None]
    with np.errstate(all="ignore"):
        made = np.nan_to_num(run_ops(ops, rgba)[:, :3])
    out: Array = np.ascontiguousarray(np.clip(made, 0.0, 1.0).T, np.float32)
    return out
