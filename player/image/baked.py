"""A costly colour transform as a shaper and a cube.

An exact ACES view costs two thirds of a second a frame; the same sampled into a cube behind a
shaper (`shapers.py`, `lattice.py`) costs 16 ms, straight from half to 8 bits.  Channel-wise
operations in front of the transform are folded into the shaper, so that dragging an exposure
leaves the cube alone.

A cube of 65 nodes a side is made at once.  It is judged when it is made, on a ramp, on noise
and on colours of all exposures; one that is more than 2/255 off for more than one colour in a
hundred is not used (`Cube.good`), and the transform is computed step by step.  Where a cube that
is used is not good enough, it says so itself, and those pixels are computed once and remembered
(`marked.py`): all of them in a picture that stands still, and while playing as long as there is
time for it.  A view that has been on for some pictures gets a cube of 129 nodes a side, of which
far fewer cells are bad (`refining.py`).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from functools import lru_cache, partial
from math import inf
from threading import Lock

import numpy as np
import numpy.typing as npt

from player.image import refining
from player.image.marked import MarkedCube, at_once
from player.image.ops import Op, run_ops
from player.image.remembering import Memory
from player.image.shapers import LinearShaper, Shaper
from player.image.transfer import Array

__all__ = ["FINE", "SIZE", "Cube", "cube_of"]

SIZE, FINE = 65, 129
_GOOD = 2.5 / 255  # off by 2 after rounding
_MEMORIES = 4  # of so many curves
_SETTLED = 12  # pictures after which a finer cube is worth making,
_LARGE = 1 << 16  # and of how many pixels
_AGAIN = 60.0  # seconds until one whose place others took is made again
_MOST_FINE = 2  # cubes that have a finer one: 100 MB each


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


class Cube:
    """Sampled operations, ready for half and float pixels.

    `good` tells whether it may stand for the operations where the result is shown in 8 bits.
    Thread-safe.
    """

    def __init__(self, ops: Sequence[Op], kind: type[Shaper]) -> None:
        self._ops, self._kind = tuple(ops), kind
        self._coarse = MarkedCube(self._ops, kind(SIZE))
        self._fine: MarkedCube | None = None
        self._memories: OrderedDict[Hashable, Memory] = OrderedDict()
        self._lock = Lock()
        self._asked: dict[Hashable, float] = {}  # when a finer one was
        self._uses: dict[Hashable, int] = {}
        self.error = self._judge()
        self.good = self.error <= _GOOD

    def _judge(self) -> float:
        """The 99th percentile of the difference of what is shown, 0..1."""
        probes = _probes()
        if self._kind is not LinearShaper:  # code values
            probes = np.clip(probes, 0.0, 1.0)
        with np.errstate(all="ignore"):
            exact = run_ops(self._ops, probes.copy())[..., :3]
        mine = self._coarse.plain.apply(probes.copy())[..., :3]
        difference = np.abs(np.clip(np.nan_to_num(exact), 0, 1) - np.clip(mine, 0, 1))
        return float(np.percentile(difference, 99))

    def _memory(self, key: Hashable) -> Memory:
        with self._lock:
            held = self._memories.pop(key, None) or Memory()
            self._memories[key] = held
            while len(self._memories) > _MEMORIES:
                self._memories.popitem(last=False)
            return held

    def to_bytes(
        self, key: Hashable, curves: Array, pixels: npt.NDArray[np.float16],
        out: npt.NDArray[np.uint8], until: float = inf,
    ) -> None:  # fmt: skip
        """Half RGBA (h, w, 4) through *curves* (3, 65536 by half value: what comes before) and
        the cube to 8 bits, alpha 255.  *key* names the curves.  *until* as for
        `Compiled.to_bytes`."""
        pixels = np.ascontiguousarray(pixels)
        fine = self._fine
        is_fine = fine is not None and fine.ready(key)
        cube = fine if fine is not None and is_fine else self._coarse
        cube.to_bytes(key, curves, pixels, out, self._memory(key), until)
        if not is_fine and pixels.shape[0] * pixels.shape[1] >= _LARGE:
            self._settle(key, curves)

    def apply(self, rgba: Array, until: float = inf) -> Array:
        """float32 RGBA (h, w, 4), 0..1; may work in place.  *until* as for `to_bytes`."""
        return (self._fine or self._coarse).apply(rgba, until)

    # -- the finer one -----------------------------------------------------------------

    def _settle(self, key: Hashable, curves: Array) -> None:
        """Have a finer cube made once the same curves have been used for some pictures."""
        with self._lock:
            uses = self._uses[key] = self._uses.get(key, 0) + 1
            if len(self._uses) > 64:
                self._uses.clear()
                self._asked.clear()
            now = time.monotonic()
            if uses < _SETTLED or now < self._asked.get(key, -inf) + _AGAIN:
                return
            self._asked[key] = now
        refining.later(partial(self.refine, key, curves))

    def refine(self, key: Hashable, curves: Array) -> None:
        """Make the finer cube, ready for these curves."""
        fine = self._fine
        if fine is None:
            fine = MarkedCube(self._ops, self._kind(FINE), at_once, refining.go_on)
            self._fine = fine
        _keep_fine(self)
        fine.prepare(key, curves)

    def coarsen(self) -> None:
        """Drop the finer cube."""
        self._fine = None


_cubes: OrderedDict[Hashable, Cube] = OrderedDict()
_lock = Lock()


_with_fine: list[Cube] = []


def _keep_fine(cube: Cube) -> None:
    """The cubes that had their finer one made or used last keep it."""
    with _lock:
        if cube in _with_fine:
            _with_fine.remove(cube)
        _with_fine.append(cube)
        dropped = [_with_fine.pop(0) for _ in range(len(_with_fine) - _MOST_FINE)]
    for one in dropped:
        one.coarsen()


def cube_of(ops: Sequence[Op], kind: type[Shaper] = LinearShaper) -> Cube:
    """The cube of *ops*, remembered by their keys (the 8 last used)."""
    key = (kind.__name__, *(o.key for o in ops))
    with _lock:
        held = _cubes.get(key)
        if held is None:
            held = _cubes[key] = Cube(ops, kind)
            while len(_cubes) > 8:
                gone = _cubes.popitem(last=False)[1]
                if gone in _with_fine:
                    _with_fine.remove(gone)
        else:
            _cubes.move_to_end(key)
        return held
