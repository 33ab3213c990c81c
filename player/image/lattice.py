"""Values at the nodes of a cube, and OpenColorIO's processors that interpolate them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.image.bands import Work
from player.image.ops import Op, run_ops
from player.image.shapers import Shaper
from player.image.transfer import Array

__all__ = ["Lattice", "exact_lookup", "sampled"]

_LARGEST: Final = 129  # nodes a side that OpenColorIO takes
_KEPT: Final = 4  # processors


def _ocio() -> Any:
    import PyOpenColorIO as ocio  # 36 ms: only with a transform that needs it

    return ocio


def _processor(transforms: Sequence[Any], depth_in: Any, depth_out: Any) -> Any:
    # a configuration of its own: one remembers processors by no more of a cube than its extremes
    ocio = _ocio()
    group = ocio.GroupTransform(list(transforms))
    processor = ocio.Config.CreateRaw().getProcessor(group)
    return processor.getOptimizedCPUProcessor(depth_in, depth_out, ocio.OPTIMIZATION_DEFAULT)


def exact_lookup(cube: Array) -> Any:
    """An OpenColorIO processor for a cube (b, g, r, 3) over 0..1, trilinear and clamped, float
    to float; None when the cube is not as wide as high as deep."""
    if len(set(cube.shape[:3])) != 1 or not 2 <= cube.shape[0] <= _LARGEST:
        return None
    ocio = _ocio()
    lut = ocio.Lut3DTransform(gridSize=cube.shape[0])
    lut.setInterpolation(ocio.INTERP_LINEAR)
    lut.setData(np.ascontiguousarray(cube.transpose(2, 1, 0, 3), np.float32).ravel())
    return _processor([lut], ocio.BIT_DEPTH_F32, ocio.BIT_DEPTH_F32)


def sampled(
    ops: Sequence[Op], shaper: Shaper, spread: Callable[[Work, int], None],
    go_on: Callable[[], None],
) -> Array:  # fmt: skip
    """What *ops* make of the colours at the nodes: (n, n, n, 3), red first; not clamped where
    the last one can do without.  *spread* does work in bands; *go_on* is called now and then,
    and may raise."""
    n = shaper.size
    grid = shaper.from_cube(np.linspace(0.0, 1.0, n)).astype(np.float32)
    *others, last = ops
    end = last.beyond or last.fn
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
                made = end(run_ops(others, colours))
            values[i] = made.reshape(n, n, 4)[..., :3]

    spread(work, n)
    return np.nan_to_num(values, copy=False, nan=0.0, posinf=65504.0, neginf=-65504.0)


class Lattice:
    """(n, n, n, 3) values behind a shaper.  Thread-safe."""

    def __init__(self, values: Array, shaper: Shaper) -> None:
        self.values, self.shaper = values, shaper
        self._float: Any = None
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

    def for_bytes(self, key: Hashable, curves: Array) -> Any:
        """Half RGBA through *curves* (3, 65536 by half value: what comes before) and the cube to
        8 bits, as an OpenColorIO processor.  *key* names the curves."""
        with self._lock:
            held = self._bytes.get(key)
        if held is None:  # takes a while: nobody waits for it who has another one
            ocio = _ocio()
            first = ocio.Lut1DTransform(length=65536, inputHalfDomain=True)
            shaped = self.shaper.to_cube(curves)
            first.setData(np.ascontiguousarray(shaped.T, np.float32).ravel())
            held = _processor([first, self._cube()], ocio.BIT_DEPTH_F16, ocio.BIT_DEPTH_UINT8)
            with self._lock:
                self._bytes[key] = held
                while len(self._bytes) > _KEPT:
                    self._bytes.popitem(last=False)
        return held

    def apply(self, rgba: Array) -> Array:
        """float32 RGBA (h, w, 4), clamped to 0..1; may work in place."""
        whole = self.unclamped(rgba)
        np.clip(whole[..., :3], 0.0, 1.0, out=whole[..., :3])
        return whole

    def unclamped(self, rgba: Array) -> Array:
        """As `apply`, with whatever values the nodes have."""
        ocio = _ocio()
        with self._lock:
            if self._float is None:
                self._float = _processor([self._cube()], ocio.BIT_DEPTH_F32, ocio.BIT_DEPTH_F32)
        with np.errstate(over="ignore", invalid="ignore"):
            index = rgba[..., :3].astype(np.float16).view(np.uint16)
        whole: npt.NDArray[np.float32] = np.ascontiguousarray(rgba)
        whole[..., :3] = self.shaper.by_half.take(index, mode="clip")
        self._float.applyRGBA(whole.reshape(-1, 4))
        return whole
