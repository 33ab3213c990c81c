"""A costly colour transform as a shaper and a cube.

An exact ACES view costs two thirds of a second a frame; the same sampled into a cube behind a
shaper (`shapers.py`, `lattice.py`) costs 16 ms, straight from half to 8 bits.  Channel-wise
operations in front of the transform are folded into the shaper, so that dragging an exposure
leaves the cube alone.

A cube of 65 nodes a side is made at once.  Where it does not show a colour within 2 of 255 it says
so itself, and those pixels are computed once and remembered (`marked.py`): all of them in a picture
that stands still, and while playing as long as there is time for it.  One that does so for many
colours of a ramp, of noise and of light of all exposures is not used (`Cube.good`), and the
transform is computed step by step.  A view that has been on for some pictures gets a cube of 129
nodes a side, of which far fewer cells are bad (`refining.py`).
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

from player.image import refining
from player.image.lattice import Curves
from player.image.marked import MarkedCube, at_once
from player.image.ops import Op, run_ops
from player.image.remembering import Memory
from player.image.shapers import LinearShaper, Shaper, WideCodeShaper
from player.image.transfer import Array

__all__ = ["FINE", "SIZE", "Cube", "cube_of", "suited"]

SIZE, FINE = 65, 129
_GOOD = 0.5
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


def suited(ops: Sequence[Op]) -> type[Shaper]:
    """The shaper for what *ops* take for light, or for codes: the one between whose nodes a grey
    ramp is straighter."""
    x = np.linspace(0.0, 1.0, 1025)

    def off(kind: type[Shaper]) -> float:
        nodes = kind(SIZE).from_cube(np.linspace(0.0, 1.0, SIZE))
        right, known = (_greys(ops, values) for values in (x, nodes))
        at = kind(SIZE).to_cube(x.astype(np.float32)) * (SIZE - 1)
        mine = [np.interp(at, np.arange(SIZE), known[:, c]) for c in range(3)]
        return float(np.abs(np.stack(mine, -1) - right).mean())

    return min((LinearShaper, WideCodeShaper), key=off)


def _greys(ops: Sequence[Op], values: npt.NDArray[np.float64]) -> Array:
    """(n, 3): what is shown of greys, 0..1."""
    rgba = np.ones((values.size, 1, 4), np.float32)
    rgba[:, 0, :3] = values[:, None]
    with np.errstate(all="ignore"):
        out: Array = np.clip(np.nan_to_num(run_ops(ops, rgba)[:, 0, :3]), 0.0, 1.0)
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
        #: how many of common colours it does not show right by itself, 0..1
        self.wrong = self._coarse.wrong(_probes())
        self.good = self.wrong <= _GOOD

    def _memory(self, key: Hashable) -> Memory:
        with self._lock:
            held = self._memories.pop(key, None) or Memory()
            self._memories[key] = held
            while len(self._memories) > _MEMORIES:
                self._memories.popitem(last=False)
            return held

    def to_bytes(
        self, curves: Curves, pixels: npt.NDArray[Any], out: npt.NDArray[np.uint8],
        until: float = inf,
    ) -> None:  # fmt: skip
        """RGB or RGBA (h, w, c) of the type of *curves*, or float32 for those of halves, through
        them and the cube to 8 bits, alpha 255.  *until* as for `Compiled.to_bytes`."""
        pixels = np.ascontiguousarray(pixels)
        fine = self._fine
        is_fine = fine is not None and fine.ready(curves.key)
        cube = fine if fine is not None and is_fine else self._coarse
        cube.to_bytes(curves, pixels, out, self._memory(curves.key), until)
        if not is_fine and pixels.shape[0] * pixels.shape[1] >= _LARGE:
            self._settle(curves)

    def apply(self, curves: Curves, rgba: Array, until: float = inf) -> Array:
        """float32 RGBA (h, w, 4) through *curves* of halves and the cube, 0..1; may work in
        place.  *until* as for `to_bytes`."""
        return (self._fine or self._coarse).apply(curves, rgba, until)

    # -- the finer one -----------------------------------------------------------------

    def _settle(self, curves: Curves) -> None:
        """Have a finer cube made once the same curves have been used for some pictures."""
        with self._lock:
            key = curves.key
            uses = self._uses[key] = self._uses.get(key, 0) + 1
            if len(self._uses) > 64:
                self._uses.clear()
                self._asked.clear()
            now = time.monotonic()
            if uses < _SETTLED or now < self._asked.get(key, -inf) + _AGAIN:
                return
            self._asked[key] = now
        refining.later(partial(self.refine, curves))

    def refine(self, curves: Curves) -> None:
        """Make the finer cube, ready for these curves."""
        fine = self._fine
        if fine is None:
            fine = MarkedCube(self._ops, self._kind(FINE), at_once, refining.go_on)
            self._fine = fine
        _keep_fine(self)
        fine.prepare(curves)

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
