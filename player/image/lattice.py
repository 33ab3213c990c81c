"""Values at the nodes of a cube, and OpenColorIO's processors that interpolate them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.image.bands import Work
from player.image.endings import Ending
from player.image.ops import Op, run_ops
from player.image.shapers import Shaper
from player.image.tables import lut_of, processor_of
from player.image.transfer import Array

__all__ = ["Curves", "Lattice", "exact_lookup", "sampled"]

_LARGEST: Final = 129  # nodes a side that OpenColorIO takes
_KEPT: Final = 4  # processors
_FLOAT: Final = np.dtype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """What comes before a cube: (3, n) *columns* by stored value, where n is 256 for uint8 and
    65,536 for uint16 and float16; *light* is what they are made of, and gives RGBA for floats.
    Equal *keys* are equal curves."""

    key: Hashable
    columns: Array
    dtype: np.dtype[Any]
    light: Callable[[Array], Array] = lambda rgba: rgba

    def at(self, stored: Sequence[npt.NDArray[Any]]) -> Array:
        """What comes into the cube for stored R, G and B, (n,) each: (n, 3)."""
        return np.stack([self.columns[c].take(stored[c]) for c in range(3)], -1)


def _ocio() -> Any:
    import PyOpenColorIO as ocio  # 36 ms: only with a transform that needs it

    return ocio


def exact_lookup(cube: Array) -> Any:
    """An OpenColorIO processor for a cube (b, g, r, 3) over 0..1, trilinear and clamped, float
    to float; None when the cube is not as wide as high as deep."""
    if len(set(cube.shape[:3])) != 1 or not 2 <= cube.shape[0] <= _LARGEST:
        return None
    ocio = _ocio()
    lut = ocio.Lut3DTransform(gridSize=cube.shape[0])
    lut.setInterpolation(ocio.INTERP_LINEAR)
    lut.setData(np.ascontiguousarray(cube.transpose(2, 1, 0, 3), np.float32).ravel())
    return processor_of([lut], _FLOAT, _FLOAT)


def sampled(
    ops: Sequence[Op], shaper: Shaper, spread: Callable[[Work, int], None],
    go_on: Callable[[], None],
) -> Array:  # fmt: skip
    """What *ops* make of the colours at the nodes: (n, n, n, 3), red first.  *spread* does work
    in bands; *go_on* is called now and then, and may raise."""
    n = shaper.size
    grid = shaper.from_cube(np.linspace(0.0, 1.0, n)).astype(np.float32)
    values = np.empty((n, n, n, 3), np.float32)

    def work(first: int, last: int) -> None:
        for i in range(first, last):  # in pieces: operations make copies
            go_on()
            colours = np.ones((n * n, 1, 4), np.float32)
            square = colours.reshape(n, n, 4)
            square[..., 0] = grid[i]
            square[..., 1] = grid[:, None]
            square[..., 2] = grid[None, :]
            with np.errstate(all="ignore"):
                made = run_ops(ops, colours)
            values[i] = made.reshape(n, n, 4)[..., :3]

    spread(work, n)
    return np.nan_to_num(values, copy=False, nan=0.0, posinf=65504.0, neginf=-65504.0)


class Lattice:
    """(n, n, n, 3) values between a shaper and an ending.  Thread-safe."""

    def __init__(self, values: Array, shaper: Shaper, ending: Ending) -> None:
        self.values, self.shaper, self.ending = values, shaper, ending
        self._floats: list[Any] = []
        self._places: tuple[Hashable, Array] | None = None
        self._bytes: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def _cube(self) -> Any:
        ocio = _ocio()
        lut = ocio.Lut3DTransform(gridSize=self.shaper.size)
        lut.setInterpolation(ocio.INTERP_TETRAHEDRAL)
        lut.setData(np.ascontiguousarray(self.values, np.float32).ravel())
        return lut

    def has(self, key: Hashable) -> bool:
        """Whether the processor of some curves is there."""
        with self._lock:
            return key in self._bytes

    def for_bytes(self, curves: Curves) -> Any:
        """Stored pixels through *curves*, the cube and the ending to 8 bits, as an OpenColorIO
        processor."""
        with self._lock:
            held = self._bytes.get(curves.key)
        if held is None:  # takes a while: nobody waits for it who has another one
            first = lut_of(self._placed(curves).T, curves.dtype == np.float16)
            steps = [first, self._cube(), *self.ending.transforms()]
            held = processor_of(steps, curves.dtype, np.dtype(np.uint8))
            with self._lock:
                self._bytes[curves.key] = held
                while len(self._bytes) > _KEPT:
                    self._bytes.popitem(last=False)
        return held

    def _placed(self, curves: Curves) -> Array:
        """Where among the nodes what is stored lies: as the columns of *curves*."""
        held = self._places
        if held is None or held[0] != curves.key:
            held = self._places = (curves.key, self.shaper.to_cube(curves.columns))
        return held[1]

    def cells(self, stored: npt.NDArray[Any], curves: Curves) -> tuple[npt.NDArray[np.intp], ...]:
        """The first nodes of the cells that (n, 3) stored values lie in, by channel."""
        last, columns = np.float32(self.shaper.size - 2), self._placed(curves)
        at = [columns[c].take(stored[:, c]) * (last + 1) for c in range(3)]
        return tuple(np.minimum(a, last).astype(np.intp) for a in at)

    def apply(self, rgba: Array) -> Array:
        """float32 RGBA (h, w, 4), what is shown 0..1; may work in place."""
        return self.ended(self.interpolated(rgba))

    def interpolated(self, rgba: Array, curves: Curves | None = None) -> Array:
        """As `apply`, before the ending; through *curves* of halves first."""
        with np.errstate(over="ignore", invalid="ignore"):
            index = rgba[..., :3].astype(np.float16).view(np.uint16)
        whole: npt.NDArray[np.float32] = np.ascontiguousarray(rgba)
        if curves is None:
            whole[..., :3] = self.shaper.by_half.take(index, mode="clip")
        else:
            for c, places in enumerate(self._placed(curves)):
                whole[..., c] = places.take(index[..., c], mode="clip")
        self._processors()[0].applyRGBA(whole.reshape(-1, 4))
        return whole

    def ended(self, rgba: Array) -> Array:
        """The rest of `apply`."""
        for processor in self._processors()[1:]:
            processor.applyRGBA(rgba.reshape(-1, 4))
        np.clip(rgba[..., :3], 0.0, 1.0, out=rgba[..., :3])
        return rgba

    def _processors(self) -> list[Any]:
        with self._lock:
            if not self._floats:
                steps = [self._cube(), *self.ending.transforms()]
                self._floats = [processor_of([step], _FLOAT, _FLOAT) for step in steps]
            return self._floats
