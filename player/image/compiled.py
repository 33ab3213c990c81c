"""A chain of colour operations compiled into few passes over the pixels.

Runs of channel-wise operations become one table with an entry for each of the 65,536 half
values: looking up the bit patterns costs 8 ms for a 1080p RGBA frame where the same
arithmetic costs 60.  A chain that is channel-wise from end to end becomes one table that
gives 8-bit values at once (`tables.py`).  Between tables stand matrices (one multiplication)
and general steps, on float32.  The table is exact for half pixels; integers of 8 and 16 bits
index tables of their own, floats are rounded to half first, and computed where that would be seen
(`between.py`, `marked.py`).

A chain with a costly step (an OpenColorIO view, a cube) that ends on a screen is sampled
into a cube from its first channel-mixing step on (`baked.py`).  Nothing of this is rebuilt
unless an operation's key changes.

Work goes in blocks of rows that stay in the cache.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt

from player.image.baked import Cube, cube_of, suited
from player.image.between import Between
from player.image.byteorder import usual
from player.image.halves import half_bits
from player.image.lattice import Curves
from player.image.mixed import Mixed, mixed, unmixed
from player.image.ops import Op, join, run_ops
from player.image.shapers import CodeShaper, Shaper, half_values
from player.image.tables import Bytes, ByteTable, FloatTable, large, packed, quantise
from player.image.transfer import Array

__all__ = ["Compiled", "as_rgba", "compile_ops", "to_float"]

_HALF = np.dtype(np.float16)
_BLOCK = 1 << 14  # pixels per block: with the indices numpy makes of them, half a megabyte


def _input_values(dtype: np.dtype[Any]) -> Array:
    if dtype == np.uint8:
        return np.arange(256, dtype=np.float32) / np.float32(255)
    if dtype == np.uint16:
        return np.arange(65536, dtype=np.float32) / np.float32(65535)
    return half_values()


def to_float(pixels: npt.NDArray[Any]) -> Array:
    """Stored pixels as float32: integers to 0..1, floats as they are."""
    if pixels.dtype == np.uint8:
        return pixels * np.float32(1 / 255)
    if pixels.dtype == np.uint16:
        return pixels * np.float32(1 / 65535)
    return pixels.astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Table:
    """One table over stored values: (3, n) float32, or shared by the three channels."""

    columns: Array
    same: bool
    between: Between | None = None  # of tables by half

    @classmethod
    def of(cls, columns: Array, ops: Sequence[Op] | None = None) -> _Table:
        first, second, third = columns
        same = np.array_equal(first, second, equal_nan=True) and np.array_equal(
            first, third, equal_nan=True
        )
        return cls(columns, same, None if ops is None else Between(ops, columns))

    def apply(self, rgba: Array) -> Array:
        index = half_bits(rgba)
        between = self.between
        if between is not None and between.anywhere:
            down, across = np.divmod(between.find(rgba, index), rgba.shape[1])
            light = rgba[down, across]
        if self.same:
            rgba[..., :3] = self.columns[0].take(index[..., :3], mode="clip")
        else:
            for c in range(3):
                rgba[..., c] = self.columns[c].take(index[..., c], mode="clip")
        if between is not None and between.anywhere and light.size:
            rgba[down, across, :3] = between.computed(light)[:, :3]
        return rgba


def _table(ops: Sequence[Op], dtype: np.dtype[Any]) -> Array:
    values = _input_values(dtype)
    rgba = np.empty((values.size, 4), np.float32)
    rgba[:, :3] = values[:, None]
    rgba[:, 3] = 1.0
    with np.errstate(all="ignore"):
        out = run_ops(ops, rgba)
    return np.ascontiguousarray(out[:, :3].T)


class Compiled:
    """A chain ready to run.  Thread-safe; made by `compile_ops`."""

    def __init__(self, ops: Sequence[Op]) -> None:
        self.ops = join(ops)
        self.is_channelwise = all(o.per_channel for o in self.ops)
        #: whether `to_bytes` can do it: no alpha, no noise in the colour
        self.rgb_only = all(o.rgb_only for o in self.ops)
        self._byte_tables: dict[np.dtype[Any], ByteTable] = {}
        self._steps: list[_Table | Op] | None = None
        self._last: tuple[list[_Table | Op], Bytes, Between] | None = None
        self._between: Between | None = None
        self._split = next((i for i, o in enumerate(self.ops) if not o.per_channel), 0)
        #: the channel-wise operations that it begins with, as tables, and what follows them
        self._float_tables: dict[np.dtype[Any], FloatTable] = {}
        self._rest: list[_Table | Op] | None = None
        self._mixes: dict[np.dtype[Any], Mixed | None] = {}
        self._screen: tuple[Mixed | None] | None = None
        self._curves: dict[np.dtype[Any], Curves] = {}
        self._shaper: type[Shaper] | None = None

    # -- 8-bit straight from stored pixels ---------------------------------------------

    def byte_table(self, dtype: np.dtype[Any]) -> ByteTable:
        """The whole chain by stored value; only for channel-wise ones."""
        held = self._byte_tables.get(dtype)
        if held is None:
            table = quantise(_table(self.ops, dtype))
            held = self._byte_tables[dtype] = ByteTable(table, dtype)
        return held

    def to_bytes(self, pixels: npt.NDArray[Any], out: Bytes, *, until: float = inf) -> None:
        """Stored pixels (h, w, c) to *out* (h, w, 4) RGBA; only for `rgb_only` chains.

        One channel is shown as grey, two as grey with alpha left out, alpha as 255.  *until* is
        the time (of `time.monotonic`) by which what a sampled transform shows wrong is to be
        computed: infinite for pictures that stand still; when it is over that is shown as it is.
        """
        if self.is_channelwise:
            self._by_table(pixels, out, until)
        elif any(o.heavy for o in self.ops) and (cube := self._cube(pixels.dtype)).good:
            if pixels.shape[2] < 3:
                pixels = _four(pixels)
            dtype = _HALF if pixels.dtype == np.float32 else pixels.dtype
            cube.to_bytes(self.curves(dtype), pixels, out, until)
        elif large(pixels) and (mixed := self._mixed(pixels.dtype)) is not None:
            mixed.apply(pixels, out)
        else:
            self._by_steps(pixels, out)

    def _mixed(self, dtype: np.dtype[Any]) -> Mixed | None:
        if dtype not in self._mixes:
            before = self.ops[: self._split]
            made = None
            if not before or dtype != np.float32:  # of floats there is no table
                made = mixed(self.ops, _table(before, dtype) if before else None, dtype)
            self._mixes[dtype] = made
        return self._mixes[dtype]

    def _unmixed(self) -> Mixed | None:
        if self._screen is None:
            self._screen = (unmixed(self.ops),)
        return self._screen[0]

    def light(self, pixels: npt.NDArray[Any]) -> Array:
        """Stored pixels (h, w, 1, 3 or 4) of any type to float32 RGBA, of their own."""
        if pixels.shape[2] >= 3 and pixels.dtype != np.float32:
            return self.floats(pixels)
        return self.apply(as_rgba(pixels))

    def floats(self, pixels: npt.NDArray[Any]) -> Array:
        """Stored RGB or RGBA pixels (h, w, c) of 8 or 16 bits to float32 RGBA."""
        dtype, end = pixels.dtype, len(self.ops) if self.is_channelwise else self._split
        table = self._float_tables.get(dtype)
        if table is None:
            made = FloatTable(_table(self.ops[:end], dtype), dtype)
            table = self._float_tables[dtype] = made
        if self._rest is None:
            self._rest = _stepped(self.ops[end:])
        return self._run(self._rest, table.apply(pixels))

    def show(self, rgba: Array, out: Bytes, until: float = inf) -> None:
        """What a screen shows of float32 RGBA (h, w, 4) that was put together: to *out*, alpha
        255, within one of 255 of `apply`; *rgba* may be overwritten."""
        made = self._unmixed() if self.is_channelwise else self._mixed(np.dtype(np.float32))
        if made is not None and packed(rgba):
            made.rows(rgba, out)
        else:
            out[...] = quantise(self.apply(rgba, shown=True, until=until))
            out[..., 3] = 255

    def curves(self, dtype: np.dtype[Any]) -> Curves:
        """What comes before the cube, for pixels of 8 or 16 bits."""
        held = self._curves.get(dtype)
        if held is None:
            before = self.ops[: self._split]
            key = (dtype.name, *(o.key for o in before))
            light = partial(run_ops, before)
            held = self._curves[dtype] = Curves(key, _table(before, dtype), dtype, light)
        return held

    def _cube(self, dtype: np.dtype[Any]) -> Cube:
        """From the first channel-mixing step on; what comes into it are the codes of integer
        pixels, or light, or what a camera makes of it."""
        ops = self.ops[self._split :]
        if dtype.kind == "u" and self._split == 0:
            return cube_of(ops, CodeShaper)
        if self._shaper is None:
            self._shaper = suited(ops)
        return cube_of(ops, self._shaper)

    def _by_table(self, pixels: npt.NDArray[Any], out: Bytes, until: float) -> None:
        if pixels.dtype != np.float32:
            self.byte_table(pixels.dtype).apply(pixels, out)
            return
        stored = half_bits(pixels).view(np.float16)
        table = self.byte_table(_HALF)
        table.apply(stored, out)
        if self._between is None:
            self._between = Between(self.ops, table.table)
        if self._between.anywhere:
            self._between.mend(pixels, stored.view(np.uint16), out, until)

    def _by_steps(self, pixels: npt.NDArray[Any], out: Bytes) -> None:
        """Block by block in float; the last channel-wise run gives the bytes by table."""
        steps, table, between = self._to_last()
        h, w = pixels.shape[:2]
        rows = max(1, _BLOCK // max(1, w))
        for y in range(0, h, rows):
            block = as_rgba(pixels[y : y + rows])
            for step in steps:
                block = step.apply(block) if isinstance(step, _Table) else step.fn(block)
            index = half_bits(block)
            with usual(out[y : y + rows]) as dest:
                if table.shape[0] == 1:
                    np.take(table[0], index, out=dest, mode="clip")
                else:
                    for i in range(3):
                        dest[..., i] = table[i].take(index[..., i], mode="clip")
                dest[..., 3] = 255
                between.mend(block, index, dest)

    def _to_last(self) -> tuple[list[_Table | Op], Bytes, Between]:
        """The steps but the last channel-wise run, and that as bytes by half value."""
        if self._last is None:
            end = len(self.ops)
            while end and self.ops[end - 1].per_channel:
                end -= 1
            table = quantise(_table(self.ops[end:], np.dtype(np.float16)))
            if (table[0] == table[1]).all() and (table[0] == table[2]).all():
                table = table[:1]
            self._last = (_stepped(self.ops[:end]), table, Between(self.ops[end:], table))
        return self._last

    # -- float ------------------------------------------------------------------------

    def steps(self) -> list[_Table | Op]:
        """Tables and single steps in order."""
        if self._steps is None:
            self._steps = _stepped(self.ops)
        return self._steps

    def apply(
        self, rgba: Array, *, exact: bool = False, shown: bool = False, until: float = inf
    ) -> Array:
        """float32 RGBA (h, w, 4) through the chain, in place where possible.

        *exact* skips the tables (half precision between steps) and computes every step.
        *shown* says that the result goes to an 8-bit screen: a costly transform may then be
        a sampled one; *until* as for `to_bytes`.
        """
        if not self.ops:
            return rgba
        if exact:
            return run_ops(self.ops, rgba)
        if shown and self.rgb_only and any(o.heavy for o in self.ops):
            cube = self._cube(rgba.dtype)
            if cube.good:
                return cube.apply(self.curves(_HALF), rgba, until)
        return self._run(self.steps(), rgba)

    @staticmethod
    def _run(steps: Sequence[_Table | Op], rgba: Array) -> Array:
        h, w = rgba.shape[:2]
        rows = max(1, _BLOCK // max(1, w))
        with np.errstate(over="ignore", invalid="ignore"):
            for y in range(0, h, rows):
                block = rgba[y : y + rows]
                for step in steps:
                    block = step.apply(block) if isinstance(step, _Table) else step.fn(block)
                if block.base is not rgba:
                    rgba[y : y + rows] = block
        return rgba


def _stepped(ops: Sequence[Op]) -> list[_Table | Op]:
    """Runs of channel-wise operations as tables, the others as they are."""
    made: list[_Table | Op] = []
    run: list[Op] = []
    for op in [*ops, None]:
        if op is not None and op.per_channel:
            run.append(op)
            continue
        if len(run) == 1 and run[0].matrix is not None:
            made.append(run[0])  # a multiplication is cheaper than a table
        elif run:
            made.append(_Table.of(_table(run, np.dtype(np.float16)), run))
        run = []
        if op is not None:
            made.append(op)
    return made


def _four(pixels: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """RGBA with alpha as it is or full, grey spread, in the stored type."""
    h, w, c = pixels.shape
    if c == 4:
        return pixels
    out = np.ones((h, w, 4), pixels.dtype)
    out[..., :3] = pixels[..., :3] if c == 3 else pixels[..., :1]
    return out


def as_rgba(pixels: npt.NDArray[Any]) -> Array:
    """Stored pixels (h, w, 1, 3 or 4) as float32 RGBA of their own; grey is spread."""
    four = _four(pixels)
    if four.dtype == np.float16:
        return half_values().take(four.view(np.uint16), mode="clip")
    return to_float(four) if four.dtype != np.float32 else four.copy()


_compiled: OrderedDict[Hashable, Compiled] = OrderedDict()


def compile_ops(ops: Sequence[Op]) -> Compiled:
    """The compiled chain of *ops*, remembered by their keys (the 64 last used)."""
    key = tuple(o.key for o in ops)
    held = _compiled.get(key)
    if held is None:
        held = _compiled[key] = Compiled(ops)
        while len(_compiled) > 64:
            _compiled.popitem(last=False)
    else:
        _compiled.move_to_end(key)
    return held
