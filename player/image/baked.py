"""A costly colour transform as a shaper and a cube.

An exact ACES view costs two thirds of a second a frame; the same sampled into a cube behind a
shaper (`shapers.py`, `lattice.py`) costs 16 ms, straight from half to 8 bits.  Channel-wise
operations in front of the transform are folded into the shaper, so that dragging an exposure
leaves the cube alone.

A cube of 65 nodes a side is made at once.  It is judged when it is made, on a ramp, on noise
and on colours of all exposures; one that is more than 2/255 off for more than one colour in a
hundred is not used (`Cube.good`), and the transform is computed step by step.  Where a cube that
is used is not good enough for a pixel, it is computed (`mending.py`): always in a picture that
stands still, and while playing as long as there is time for it.  A view that has been on for some
pictures gets a cube of 129 nodes a side, with which mending costs next to nothing
(`refining.py`).
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
from player.image.bands import in_bands
from player.image.byteorder import usual
from player.image.lattice import Lattice, sampled
from player.image.mending import Mender, Places
from player.image.ops import Op, run_ops
from player.image.shapers import LinearShaper, Shaper, half_values
from player.image.tables import described, opaque
from player.image.transfer import Array

__all__ = ["SIZE", "Cube", "cube_of"]

SIZE = 65
_GOOD = 2.5 / 255  # off by 2 after rounding
_BLOCK = 1 << 15  # pixels
_AT_ONCE = 1 << 12  # pixels that are computed before the time is looked at: two milliseconds
_FORGETTING = 0.98
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
        self._exact = partial(run_ops, self._ops)
        self._lattice = Lattice(sampled(self._ops, kind(SIZE)), kind(SIZE))
        self._mender = Mender(self._lattice.shaper, self._exact, self._lattice.apply)
        self._places: OrderedDict[Hashable, Places] = OrderedDict()
        self._pace = 0.0  # seconds that a pixel takes to be mended
        self._lock = Lock()
        self._fine: refining.Fine | None = None
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
            exact = self._exact(probes.copy())[..., :3]
        mine = self._lattice.apply(probes.copy())[..., :3]
        difference = np.abs(np.clip(np.nan_to_num(exact), 0, 1) - np.clip(mine, 0, 1))
        return float(np.percentile(difference, 99))

    def _places_of(self, mender: Mender, key: Hashable, curves: Array) -> Places:
        with self._lock:
            held = self._places.get((mender, key))
            if held is None:
                held = self._places[mender, key] = mender.places(curves)
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

    def _mend(
        self, key: Hashable, curves: Array, pixels: npt.NDArray[np.float16],
        out: npt.NDArray[np.uint8],
    ) -> None:  # fmt: skip
        """Compute again, in *out*, the pixels that the coarse cube does not show within 2 of
        255."""
        places = self._places_of(self._mender, key, curves)
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

    def _right(self, rgb: Array) -> Array:
        """(n, 3) computed exactly, finite."""
        rgba = np.ones((rgb.shape[0], 1, 4), np.float32)
        rgba[:, 0, :3] = rgb
        with np.errstate(all="ignore"):
            right: Array = np.nan_to_num(self._exact(rgba)[:, 0, :3])
        return right

    def apply_carefully(self, rgba: Array) -> Array:
        """As `apply`, with the pixels computed that the cube does not show within 2 of 255."""
        fine = self._fine
        mender, lattice = (
            (self._mender, self._lattice) if fine is None else (fine.mender, fine.plain)
        )
        before = rgba[..., :3].reshape(-1, 3).copy()
        with np.errstate(over="ignore", invalid="ignore"):
            index = before.astype(np.float16).view(np.uint16)
        out = lattice.apply(rgba)
        values = np.broadcast_to(half_values(), (3, 65536))
        wrong = mender.faulty(self._places_of(mender, "", values), index)
        if wrong.size:
            out.reshape(-1, 4)[wrong, :3] = self._right(before[wrong])
        return out

    def to_bytes(
        self, key: Hashable, curves: Array, pixels: npt.NDArray[np.float16],
        out: npt.NDArray[np.uint8], until: float = 0.0,
    ) -> None:  # fmt: skip
        """Half RGBA (h, w, 4) through *curves* (3, 65536 by half value: what comes before) and
        the cube to 8 bits, alpha 255.  *key* names the curves.  *until* as for
        `Compiled.to_bytes`."""
        pixels = np.ascontiguousarray(pixels)
        fine = self._fine
        if fine is not None and fine.ready(key):
            self._by_fine(fine, key, curves, pixels, out, until)
            return
        count = pixels.shape[0] * pixels.shape[1]
        with usual(out) as target:
            self._by_coarse(key, curves, pixels, target)
            if self.affords(count, until):
                begun = time.monotonic()
                self._mend(key, curves, pixels, target)
                self._pace = (time.monotonic() - begun) / max(1, count)
        if count >= _LARGE:
            self._settle(key, curves)

    def _by_coarse(
        self, key: Hashable, curves: Array, pixels: npt.NDArray[np.float16],
        target: npt.NDArray[np.uint8],
    ) -> None:  # fmt: skip
        processor = self._lattice.for_bytes(key, curves)

        def work(first: int, end: int) -> None:
            rows = target[first:end]
            processor.apply(described(pixels[first:end]), described(rows))
            opaque(rows)

        in_bands(work, pixels.shape[0])

    def _by_fine(
        self, fine: refining.Fine, key: Hashable, curves: Array, pixels: npt.NDArray[np.float16],
        out: npt.NDArray[np.uint8], until: float,
    ) -> None:  # fmt: skip
        processor = fine.processor(key, curves)
        places = self._places_of(fine.mender, key, curves)

        def work(first: int, end: int) -> None:
            band = pixels[first:end]
            with usual(out[first:end]) as rows:
                processor.apply(described(band), described(rows))
                opaque(rows)
                found = np.flatnonzero(rows.view("<u4")[..., 0] == fine.mark)
                for at in range(0, found.size, _AT_ONCE):
                    down, across = np.divmod(found[at : at + _AT_ONCE], rows.shape[1])
                    in_time = until > 0.0 and time.monotonic() < until
                    rows[down, across, :3] = fine.right(
                        places, curves, band[down, across], computed=in_time
                    )

        in_bands(work, pixels.shape[0])

    def apply(self, rgba: Array) -> Array:
        """float32 RGBA (h, w, 4); may work in place."""
        return self._lattice.apply(rgba)

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
            fine = self._fine = refining.Fine(self._ops, self._kind(refining.SIZE))
        _keep_fine(self)
        fine.processor(key, curves)

    def coarsen(self) -> None:
        """Drop the finer cube."""
        with self._lock:
            self._fine = None
            self._places.clear()


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
