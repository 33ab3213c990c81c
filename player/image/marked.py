"""A cube that says by itself where it is wrong, and what is right there.

Asking for each pixel whether its cell is a bad one (`judging.py`) would cost as much as the cube
itself.  So it is the cube that tells: the first node of each bad cell holds a colour that is out
of all bounds, and whatever touches it comes out as one corner of the RGB cube that the view hardly
reaches.  Finding that in the finished picture costs half a millisecond.  The pixels found are
remembered (`remembering.py`) or computed; those for which there is no time are made by the same
cube without marks.

Floats are looked up, and remembered, as halves.  Where the cube is good a colour changes by little
from one half to the next; where it is not a view may be as steep as it likes (half codes of a
camera's logarithm are up to 70 of 255 off), so in a picture that stands still those floats are
computed as they are.  So are always floats beyond the last half, which an exposure in front of the
view may bring down.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property, partial
from itertools import product
from math import inf
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.image.bands import Work, in_bands
from player.image.byteorder import usual
from player.image.endings import Ending
from player.image.judging import bad_cells, steep_cells
from player.image.lattice import Curves, Lattice, sampled
from player.image.ops import Op, run_ops
from player.image.remembering import Keys, Memory, channels_of, keys_of
from player.image.shapers import Shaper
from player.image.tables import described, opaque
from player.image.transfer import Array

__all__ = ["MarkedCube", "at_once"]

_SAME: Final = 0.5 / 255
_MARK: Final = 1e12  # times the least weight that a node can have is still out of all bounds
_BOUNDS: Final = 1e6
_AT_ONCE: Final = 1 << 11  # pixels that are computed before the time is looked at again,
_ANYHOW: Final = 1  # and how often: what stays on becomes right on a busy machine too
_OPAQUE: Final = np.uint32(0xFF000000)
_SIZE: Final = np.uint16(0x7FFF)  # of a half without its sign
_INFINITE: Final = np.uint16(0x7C00)
_LAST: Final = 65504.0  # half

Bytes = npt.NDArray[np.uint8]


def at_once(work: Work, height: int) -> None:
    """As `in_bands`, by the calling thread alone."""
    work(0, height)


class MarkedCube:
    """Sampled operations that show each colour within 2 of 255 as long as there is time to.

    *spread* does the work of making it; *go_on* is called now and then while it is made, and
    may raise.  Thread-safe.
    """

    def __init__(
        self, ops: Sequence[Op], shaper: Shaper,
        spread: Callable[[Work, int], None] = in_bands, go_on: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self._exact = partial(run_ops, tuple(ops))
        last = next((n for n in range(len(ops), 0, -1) if not ops[n - 1].per_channel), 0)
        values = sampled(ops[:last], shaper, spread, go_on)
        ending = Ending(ops[last:], values)
        self.plain = Lattice(ending.stored(values), shaper, ending)
        self.bad = bad_cells(self.plain, partial(run_ops, ops[:last]), spread, go_on)
        #: whether what lies below the cube, and above it, is computed
        self.open = (self._goes_on(0.0), self._goes_on(1.0))
        corner = self._unreached()
        shown = ending.shown(np.array(corner, np.float32)) * 255 + 0.5
        #: what marks a pixel, as R, G, B, 255 in memory
        self.mark = np.array([*shown, 255]).astype(np.uint8).view("<u4")[0]
        marked = self.plain.values.copy()
        marked[self._nodes()] = np.where(corner, _MARK, -_MARK)
        self._marked = Lattice(marked, shaper, ending)

    @cached_property
    def steep(self) -> npt.NDArray[np.bool_]:
        """As `steep_cells`; what goes on beyond the cube is taken for steep."""
        steep = steep_cells(self.plain)
        for place, is_open in zip((0, -1), self.open, strict=True):
            if is_open:
                steep[place] = steep[:, place] = steep[:, :, place] = True
        return steep

    def _goes_on(self, end: float) -> bool:
        """Whether colours beyond one end of the cube are others than those at the end."""
        shaper = self.plain.shaper
        if shaper.is_whole:
            return False
        edge = float(shaper.from_cube(np.array([end]))[0])
        rng = np.random.default_rng(11)
        inside = np.ones((1 << 12, 1, 4), np.float32)
        inside[..., :3] = shaper.from_cube(rng.random((inside.shape[0], 1, 3)))
        beyond = inside.copy()
        axis = rng.integers(0, 3, inside.shape[0])
        rows = np.arange(inside.shape[0])
        inside[rows, 0, axis] = edge
        far = np.exp2(rng.uniform(-8, 15, inside.shape[0]))
        beyond[rows, 0, axis] = edge + (far if end else -far)
        with np.errstate(all="ignore"):
            ends = [np.clip(np.nan_to_num(self._exact(c)[..., :3]), 0, 1) for c in (inside, beyond)]
        return bool(np.abs(ends[0] - ends[1]).max() > _SAME)

    def _unreached(self) -> tuple[int, int, int]:
        """The corner of the RGB cube that the fewest nodes are at."""
        values = self.plain.values
        ends = (values < 0.5 / 255, values >= 254.5 / 255)
        counts = {
            corner: np.count_nonzero(np.logical_and.reduce(
                [ends[corner[c]][..., c] for c in range(3)]
            ))
            for corner in product((0, 1), repeat=3)
        }  # fmt: skip
        found = min(counts, key=lambda corner: counts[corner])
        return (found[0], found[1], found[2])

    def _nodes(self) -> npt.NDArray[np.bool_]:
        """The nodes to mark: every pixel in a bad cell has some of its first node, but for those
        at the end of the cube."""
        nodes = np.pad(self.bad, ((0, 1),) * 3, mode="edge")
        for place, is_open in zip((0, -1), self.open, strict=True):
            if is_open:
                nodes[place] = nodes[:, place] = nodes[:, :, place] = True
        return nodes

    def wrong(self, colours: Array) -> float:
        """The share of (n, 1, 4) colours that lie in bad cells, 0..1."""
        n = self.plain.shaper.size - 1
        at = self.plain.shaper.to_cube(colours[:, 0, :3]) * np.float32(n)
        cell = np.minimum(at, np.float32(n - 1)).astype(np.intp)
        return float(self.bad[cell[:, 0], cell[:, 1], cell[:, 2]].mean())

    def ready(self, key: Hashable) -> bool:
        """Whether `prepare` has been done for some curves."""
        return self._marked.has(key)

    def prepare(self, curves: Curves) -> Any:
        """The OpenColorIO processor that makes marked pictures, as `Lattice.for_bytes`."""
        return self._marked.for_bytes(curves)

    def to_bytes(
        self, curves: Curves, pixels: npt.NDArray[Any], out: Bytes, memory: Memory,
        until: float = inf,
    ) -> None:  # fmt: skip
        """Contiguous RGB or RGBA (h, w, c) of the type of *curves*, or float32 for those of
        halves, through them and the cube to 8 bits, alpha 255.  *memory* belongs to the curves;
        computing goes on *until* a time of `time.monotonic`, and a little of it is always done.
        """
        processor = self.prepare(curves)

        def work(first: int, end: int) -> None:
            given = pixels[first:end]
            with np.errstate(over="ignore"):
                stored = given.astype(curves.dtype, copy=False)
            with usual(out[first:end]) as rows:
                processor.apply(described(stored), described(rows))
                opaque(rows)
                words = rows.view("<u4")[..., 0]
                found = np.flatnonzero(words == self.mark)
                if found.size:
                    keys = keys_of(stored, found)
                    made = self._mended(keys, curves, memory, until)
                    if until == inf and given is not stored:
                        colours = given.reshape(-1, given.shape[-1])
                        self._mend_floats(made, keys, colours, found, curves)
                    down = found // rows.shape[1]
                    across = found - down * rows.shape[1]
                    words[down, across] = made | _OPAQUE
                if given is not stored:
                    self._mend_beyond(words, stored, given, curves, until)

        in_bands(work, pixels.shape[0])

    def _mend_floats(
        self, made: npt.NDArray[np.uint32], keys: Keys, colours: Array,
        found: npt.NDArray[np.intp], curves: Curves,
    ) -> None:  # fmt: skip
        """Compute those of the *found* ones of (n, 3 or 4) colours for which it makes a difference
        that their *keys* are of halves."""
        halves = np.stack(channels_of(keys), -1).astype(np.uint16)
        steep = np.flatnonzero(self.steep[self.plain.cells(halves, curves)])
        floats = colours.take(found[steep], axis=0)[:, :3]
        between = np.flatnonzero((floats != halves[steep].view(np.float16)).any(axis=1))
        if between.size:
            light = curves.light(_opaque(floats[between]))
            made[steep[between]] = _words(self._right(light))

    def _mend_beyond(
        self, words: npt.NDArray[np.uint32], stored: npt.NDArray[Any], given: Array,
        curves: Curves, until: float,
    ) -> None:  # fmt: skip
        """Show the floats that halves do not reach: what is in front of the cube may bring them
        down to where it is not the same for all of them."""
        size = stored.view(np.uint16) & _SIZE
        if size.max() < _INFINITE:
            return
        found = np.flatnonzero((size[..., :3] == _INFINITE).any(axis=-1))
        colours = given.reshape(-1, given.shape[-1])
        for at in range(0, found.size, _AT_ONCE):
            some = found[at : at + _AT_ONCE]
            light = curves.light(_opaque(colours[some, :3]))
            down, across = np.divmod(some, words.shape[1])
            words[down, across] = _words(self._by_time(light, until)) | _OPAQUE

    def _by_time(self, light: Array, until: float) -> Array:
        """Light (n, 1, 4) as it is shown: computed as long as there is time, else by the cube."""
        return self._right(light) if time.monotonic() < until else self.plain.apply(light)

    def _mended(
        self, keys: Keys, curves: Curves, memory: Memory, until: float
    ) -> npt.NDArray[np.uint32]:
        """What colours are: known, computed or by the plain cube."""
        out, missing = memory.recall(keys)
        for at in range(0, missing.size, _AT_ONCE):
            some = missing[at : at + _AT_ONCE]
            wanted = keys[some]
            made, unknown = memory.recall(wanted)  # by the last round, in a ramp
            if unknown.size:
                new = wanted[unknown]
                light = _opaque(curves.at(channels_of(new)))
                in_time = at < _ANYHOW * _AT_ONCE or time.monotonic() < until
                made[unknown] = _words(self._right(light) if in_time else self.plain.apply(light))
                if in_time:
                    memory.keep(new, made[unknown])
            out[some] = made
        return out

    def _right(self, rgba: Array) -> Array:
        """RGBA (n, 1, 4) computed, 0..1."""
        with np.errstate(all="ignore"):
            right: Array = np.clip(np.nan_to_num(self._exact(rgba)), 0.0, 1.0)
        return right

    def apply(self, curves: Curves, rgba: Array, until: float = inf) -> Array:
        """float32 RGBA (h, w, 4) through *curves*, which are those of halves, and the cube: 0..1;
        may work in place.  *until* as for `to_bytes`."""
        before = rgba[..., :3].reshape(-1, 3).copy()
        out = self._marked.interpolated(rgba, curves)
        flat = out.reshape(-1, 4)
        beyond = (np.abs(before) > _LAST).any(axis=1)
        wrong = np.flatnonzero((np.abs(flat[:, 0]) > _BOUNDS) | beyond)
        self._marked.ended(out)
        for at in range(0, wrong.size, _AT_ONCE):
            some = wrong[at : at + _AT_ONCE]
            light = curves.light(_opaque(before[some]))
            flat[some, :3] = self._by_time(light, until)[:, 0, :3]
        return out


def _opaque(colours: npt.NDArray[Any]) -> Array:
    """(n, 3) as float32 RGBA (n, 1, 4)."""
    rgba = np.ones((colours.shape[0], 1, 4), np.float32)
    rgba[:, 0, :3] = colours
    return rgba


def _words(shown: Array) -> npt.NDArray[np.uint32]:
    """RGBA (n, 1, 4), 0..1, as R + 256 G + 65,536 B."""
    out = np.zeros((shown.shape[0], 4), np.uint8)
    out[:, :3] = shown[:, 0, :3] * 255 + np.float32(0.5)
    return out.view("<u4")[:, 0]
