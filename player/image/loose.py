"""Colour that is yet to be multiplied by alpha, the short way.

A movie or a PNG file with alpha that is not premultiplied needs all four values of a pixel for each
colour.  But most pixels are opaque, and have the colour of a picture without alpha; others are
clear, and all of one colour; and what lies between is little: it is computed.  With more than a
fifth of such pixels that takes as long as the long way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.image.alpha import between
from player.image.byteorder import place, put
from player.image.compiled import compile_ops
from player.image.nodeops import PREMULTIPLY
from player.image.ops import Op
from player.image.sample import picked_at
from player.image.tables import Bytes

__all__ = ["Loose"]

_MOST: Final = 0.2  # of the pixels may be between opaque and clear
Block = npt.NDArray[Any]


class Loose:
    """A chain that multiplies by alpha somewhere.

    `opaque` is the chain for opaque pixels.
    """

    def __init__(self, ops: Sequence[Op], at: int) -> None:
        self.opaque = compile_ops([*ops[:at], *ops[at + 1 :]])
        self._before = compile_ops(ops[: at + 1])
        self._after = compile_ops(ops[at + 1 :])

    @classmethod
    def of(cls, ops: Sequence[Op]) -> Loose | None:
        """None for a chain in which that is not the only thing that needs alpha."""
        at = next((i for i, op in enumerate(ops) if op.key == PREMULTIPLY), None)
        if at is None:
            return None
        made = cls(ops, at)
        return made if made.opaque.rgb_only else None

    @staticmethod
    def suits(block: Block) -> bool:
        """Whether pixels (h, w, 4) are few enough of those that have to be computed."""
        return bool(between(block, True).mean() <= _MOST)

    def mend(self, block: Block, out: Bytes, until: float) -> None:
        """Of stored pixels (h, w, 4), which are in *out* as if all were opaque, do what is not."""
        clear = block[..., 3] == 0
        if clear.any():
            nothing = self._computed(np.zeros((1, 1, 4), np.float32), until)
            put(out, nothing, clear)
        rows, columns = np.nonzero(between(block, True))
        if rows.size:
            some = picked_at(block, rows, columns)[None]
            light = self._before.light(some)
            place(out, rows, columns, self._computed(light, until)[0])

    def _computed(self, rgba: npt.NDArray[np.float32], until: float) -> Bytes:
        made: Bytes = np.empty(rgba.shape, np.uint8)
        self._after.show(rgba, made, until)
        return made
