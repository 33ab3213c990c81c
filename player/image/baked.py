"""A costly colour transform as a shaper and a cube.

An exact ACES view costs half a second a frame; the same sampled into a 65³ cube behind a
shaper costs 18 ms, straight from half to 8 bits.  Channel-wise operations in front of the
transform are folded into the shaper, so that dragging an exposure leaves the cube alone.

Two shapers: a logarithm with a toe over -0.005 to 256 for scene-linear values, and none at all
for the code values of integer pixels.  A cube
is judged when it is made, on a ramp, on noise and on colours of all exposures; one that is
more than 2/255 off for more than one colour in a hundred is not used (`Cube.good`), and the
transform is computed step by step.  Where a cube that is used is not good enough for a pixel,
it is computed (`mending.py`): always in a picture that stands still, and while playing as long
as there is time for it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from functools import lru_cache, partial
from math import inf
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from player.image.bands import in_bands
from player.image.mending import Mender, Places
from player.image.ops import Op, run_ops
from player.image.tables import described, opaque
from player.image.transfer import Array

__all__ = ["SIZE", "Cube", "CodeShaper", "LinearShaper", "cube_of", "exact_lookup"]

SIZE = 65
_GOOD = 2.5 / 255  # off by 2 after rounding
_BLOCK = 1 << 15  # pixels
_FORGETTING = 0.98


class LinearShaper:
    """log2(x + 0.02) over -0.005 to 256, for scene-linear values.

    The toe spends fewer of the cube's cells on the dark than a pure logarithm or ACEScct do,
    which are linear in what is shown there anyway.  Zero is on the grid: transforms clamp
    there, and a cell with a bend in it is the worst there is.
    """

    _TOE, _TOP = 0.02, 256.0
    _ZERO = 2  # the node of 0
    _STEP = float(np.log2((_TOP + _TOE) / _TOE)) / (SIZE - 1 - _ZERO)  # stops from node to node

    @classmethod
    def to_cube(cls, x: Array) -> Array:
        """To 0..1, clamped."""
        y = np.nan_to_num(x, nan=0.0, posinf=cls._TOP, neginf=0.0).astype(np.float64)
        stops = np.log2(np.maximum(y / cls._TOE + 1.0, 1e-9))
        return np.clip((stops / cls._STEP + cls._ZERO) / (SIZE - 1), 0.0, 1.0).astype(np.float32)

    @classmethod
    def from_cube(cls, s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The inverse."""
        out: npt.NDArray[np.float64] = cls._TOE * np.expm1(
            np.log(2.0) * cls._STEP * (s * (SIZE - 1) - cls._ZERO)
        )
        return out


class CodeShaper:
    """0..1 as it is, for code values."""

    @staticmethod
    def to_cube(x: Array) -> Array:
        """Clamped to 0..1."""
        y = np.nan_to_num(x, nan=0.0, posinf=1.0, neginf=0.0)
        return np.clip(y, 0.0, 1.0).astype(np.float32)

    @staticmethod
    def from_cube(s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The same."""
        return s


Shaper = type[LinearShaper] | type[CodeShaper]


@lru_cache(maxsize=1)
def _probes() -> Array:
    """Colours that a cube is judged by: (n, 1, 4) float32."""
    rng = np.random.default_rng(7)
    ramp = np.repeat(np.geomspace(1e-3, 16.0, 1024)[:, None], 3, axis=1)
    noise = rng.uniform(-0.1, 1.4, (1024, 3))
    scene = np.exp2(rng.uniform(-8, 4, (4096, 1))) * rng.uniform(0.3, 1.0, (4096, 3))
    out = np.ones((ramp.shape[0] + noise.shape[0] + scene.shape[0], 1, 4), np.float32)
    out[:, 0, :3] = np.concatenate([ramp, noise, scene])
    out.setflags(write=False)
    return out


@lru_cache(maxsize=1)
def _half_values() -> Array:
    return np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float32)


_half_shapers: dict[str, Array] = {}


def _half_shaper(shaper: Shaper) -> Array:
    """The shaper by half value: (65536,)."""
    held = _half_shapers.get(shaper.__name__)
    if held is None:
        held = _half_shapers[shaper.__name__] = shaper.to_cube(_half_values())
    return held


def _ocio() -> Any:
    import PyOpenColorIO as ocio  # 36 ms: only with a transform that needs it

    return ocio


def _processor(transforms: Sequence[Any], depth_in: Any, depth_out: Any) -> Any:
    ocio = _ocio()
    group = ocio.GroupTransform(list(transforms))
    processor = ocio.Config.CreateRaw().getProcessor(group)
    return processor.getOptimizedCPUProcessor(depth_in, depth_out, ocio.OPTIMIZATION_DEFAULT)


def exact_lookup(cube: Array) -> Any:
    """An OpenColorIO processor for a cube (b, g, r, 3) over 0..1, trilinear and clamped, float
    to float; None when the cube is not as wide as high as deep."""
    if len(set(cube.shape[:3])) != 1 or not 2 <= cube.shape[0] <= 129:
        return None
    ocio = _ocio()
    lut = ocio.Lut3DTransform(gridSize=cube.shape[0])
    lut.setInterpolation(ocio.INTERP_LINEAR)
    lut.setData(np.ascontiguousarray(cube.transpose(2, 1, 0, 3), np.float32).ravel())
    return _processor([lut], ocio.BIT_DEPTH_F32, ocio.BIT_DEPTH_F32)


class Cube:
    """Sampled operations, ready for half and float pixels.

    `good` tells whether it may stand for the operations where the result is shown in 8 bits.
    Thread-safe.
    """

    def __init__(self, ops: Sequence[Op], shaper: Shaper) -> None:
        self.shaper = shaper
        grid = shaper.from_cube(np.linspace(0.0, 1.0, SIZE)).astype(np.float32)
        samples = np.ones((SIZE, SIZE * SIZE, 1, 4), np.float32)
        square = samples.reshape(SIZE, SIZE, SIZE, 4)
        square[..., 0] = grid[:, None, None]
        square[..., 1] = grid[None, :, None]
        square[..., 2] = grid[None, None, :]
        with np.errstate(all="ignore"):
            for i in range(SIZE):  # in pieces: operations make copies
                samples[i] = run_ops(ops, samples[i].copy())
        self._values = np.nan_to_num(square[..., :3], nan=0.0, posinf=65504.0, neginf=-65504.0)
        self._float: Any = None
        self._bytes: OrderedDict[Hashable, Any] = OrderedDict()
        self._places: OrderedDict[Hashable, Places] = OrderedDict()
        self._pace = 0.0  # seconds that a pixel takes to be mended
        self._lock = Lock()
        self._exact = partial(run_ops, tuple(ops))
        self._mender = Mender(
            SIZE, shaper.to_cube, shaper.from_cube, self._exact, lambda rgba: self.apply(rgba)
        )
        self.error = self._judge(ops)
        self.good = self.error <= _GOOD

    def _judge(self, ops: Sequence[Op]) -> float:
        """The 99th percentile of the difference of what is shown, 0..1."""
        probes = _probes()
        if self.shaper is CodeShaper:
            probes = np.clip(probes, 0.0, 1.0)
        with np.errstate(all="ignore"):
            exact = run_ops(ops, probes.copy())[..., :3]
        mine = self.apply(probes.copy())[..., :3]
        difference = np.abs(np.clip(np.nan_to_num(exact), 0, 1) - np.clip(mine, 0, 1))
        return float(np.percentile(difference, 99))

    def _cube(self) -> Any:
        ocio = _ocio()
        lut = ocio.Lut3DTransform(gridSize=SIZE)
        lut.setInterpolation(ocio.INTERP_TETRAHEDRAL)
        lut.setData(np.ascontiguousarray(self._values, np.float32).ravel())
        return lut

    def _for_bytes(self, key: Hashable, curves: Array) -> Any:
        ocio = _ocio()
        with self._lock:
            held = self._bytes.get(key)
            if held is None:
                first = ocio.Lut1DTransform(length=65536, inputHalfDomain=True)
                shaped = self.shaper.to_cube(curves)
                first.setData(np.ascontiguousarray(shaped.T, np.float32).ravel())
                held = self._bytes[key] = _processor(
                    [first, self._cube()], ocio.BIT_DEPTH_F16, ocio.BIT_DEPTH_UINT8
                )
                while len(self._bytes) > 4:
                    self._bytes.popitem(last=False)
            return held

    def _places_of(self, key: Hashable, curves: Array) -> Places:
        with self._lock:
            held = self._places.get(key)
            if held is None:
                held = self._places[key] = self._mender.places(curves)
                while len(self._places) > 4:
                    self._places.popitem(last=False)
            return held

    def affords(self, pixels: int, until: float) -> bool:
        """Whether so many pixels can be mended until a time of `time.monotonic`, going by what
        the last ones took.  Each no makes the next one less likely: things may have changed."""
        if until == inf:
            return True
        if until <= 0.0:
            return False
        if time.monotonic() + self._pace * pixels < until:
            return True
        self._pace *= _FORGETTING
        return False

    def mend(
        self, key: Hashable, curves: Array, pixels: npt.NDArray[np.float16],
        out: npt.NDArray[np.uint8],
    ) -> None:  # fmt: skip
        """Compute again, in *out* of `to_bytes`, the pixels that the cube does not show within
        2 of 255."""
        begun = time.monotonic()
        places = self._places_of(key, curves)
        height, width = pixels.shape[:2]
        rows = max(1, _BLOCK // max(1, width))

        def work(first: int, end: int) -> None:
            for y in range(first, end, rows):
                block = pixels[y : min(y + rows, end)]
                index = block.reshape(-1, pixels.shape[2]).view(np.uint16)
                wrong = self._mender.faulty(places, index)
                if wrong.size:
                    rgb = np.stack([curves[i].take(index[wrong, i]) for i in range(3)], -1)
                    right = np.clip(self._right(rgb), 0.0, 1.0) * 255 + 0.5
                    down, across = np.divmod(wrong, width)
                    out[y + down, across, :3] = right.astype(np.uint8)

        in_bands(work, height)
        self._pace = (time.monotonic() - begun) / max(1, height * width)

    def _right(self, rgb: Array) -> Array:
        """(n, 3) computed exactly, finite."""
        rgba = np.ones((rgb.shape[0], 1, 4), np.float32)
        rgba[:, 0, :3] = rgb
        with np.errstate(all="ignore"):
            right: Array = np.nan_to_num(self._exact(rgba)[:, 0, :3])
        return right

    def apply_carefully(self, rgba: Array) -> Array:
        """As `apply`, with the pixels computed that the cube does not show within 2 of 255."""
        before = rgba[..., :3].reshape(-1, 3).copy()
        with np.errstate(over="ignore", invalid="ignore"):
            index = before.astype(np.float16).view(np.uint16)
        out = self.apply(rgba)
        values = np.broadcast_to(_half_values(), (3, 65536))
        wrong = self._mender.faulty(self._places_of("", values), index)
        if wrong.size:
            out.reshape(-1, 4)[wrong, :3] = self._right(before[wrong])
        return out

    def to_bytes(
        self, key: Hashable, curves: Array, pixels: npt.NDArray[np.float16],
        out: npt.NDArray[np.uint8],
    ) -> None:  # fmt: skip
        """Half RGBA (h, w, 4) through *curves* (3, 65536 by half value: what comes before) and
        the cube to 8 bits, alpha 255.  *key* names the curves."""
        processor = self._for_bytes(key, curves)
        pixels = np.ascontiguousarray(pixels)
        target = out if out.strides[1:] == (4, 1) else np.empty(out.shape, np.uint8)

        def work(first: int, end: int) -> None:
            rows = target[first:end]
            processor.apply(described(pixels[first:end]), described(rows))
            opaque(rows)

        in_bands(work, pixels.shape[0])
        if target is not out:
            out[...] = target

    def apply(self, rgba: Array) -> Array:
        """float32 RGBA (h, w, 4); may work in place."""
        ocio = _ocio()
        with self._lock:
            if self._float is None:
                self._float = _processor([self._cube()], ocio.BIT_DEPTH_F32, ocio.BIT_DEPTH_F32)
        with np.errstate(over="ignore", invalid="ignore"):
            index = rgba[..., :3].astype(np.float16).view(np.uint16)
        whole = np.ascontiguousarray(rgba)
        whole[..., :3] = _half_shaper(self.shaper).take(index, mode="clip")
        self._float.applyRGBA(whole.reshape(-1, 4))
        return whole


_cubes: OrderedDict[Hashable, Cube] = OrderedDict()
_lock = Lock()


def cube_of(ops: Sequence[Op], shaper: Shaper = LinearShaper) -> Cube:
    """The cube of *ops*, remembered by their keys (the 8 last used)."""
    key = (shaper.__name__, *(o.key for o in ops))
    with _lock:
        held = _cubes.get(key)
        if held is None:
            held = _cubes[key] = Cube(ops, shaper)
            while len(_cubes) > 8:
                _cubes.popitem(last=False)
        else:
            _cubes.move_to_end(key)
        return held
