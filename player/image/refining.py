"""A fine cube that says by itself where it is wrong.

A cube of 129 nodes a side shows all but a few colours in ten thousand within 2 of 255, of a view
whose 65 nodes are wrong for one in a hundred.  Making it takes two seconds of a processor, so it
is made by a thread that gives way to all others once a view has been on for a while, and the
coarse one serves until then.

Asking for each pixel whether its cell is one of the bad ones would cost as much as the cube
itself.  So it is the cube that tells: the first node of each bad cell holds a colour that is out
of all bounds, and whatever touches it comes out as one corner of the RGB cube that the view never
reaches.  Finding that in the finished picture costs half a millisecond; the pixels found are
made by the same cube without such marks, and computed where that is not good enough
(`mending.py`).

Which cells to judge is read from the samples: where second differences along the edges of
the interpolation's tetrahedra leave room for more than the limit, be it by a curve or by a bend.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from functools import partial
from itertools import product
from queue import SimpleQueue
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.image.lattice import Lattice, sampled
from player.image.mending import Mender, Places
from player.image.ops import Op, run_ops
from player.image.shapers import Shaper
from player.image.transfer import Array

__all__ = ["SIZE", "Fine", "finished", "later"]

SIZE: Final = 129
_NICE: Final = 15
_PATIENCE: Final = 10.0  # seconds, for a piece of work that takes a twentieth of one
_DOUBT, _SUSPICION = 1.5 / 255, 3.0 / 255
_SAME: Final = 0.5 / 255
_MARGIN: Final = 0.02  # beyond 0..1 nothing is seen
_MARK: Final = 1e12  # times the least weight that a node can have is still out of all bounds
#: the edges of the six tetrahedra that a cell is interpolated by
_EDGES: Final = [d for d in product((0, 1), repeat=3) if any(d)]

_log = logging.getLogger(__name__)


def _doubts(values: Array) -> Array:
    """How far off each cell may be.

    Between two nodes a curve with the second difference D is off by D/8, a bend that makes the
    second differences D and E at both ends by DE/(D + E).
    """
    n = values.shape[0]
    worst = np.zeros((n - 1, n - 1, n - 1), np.float32)
    for channel in range(3):
        seen = np.clip(values[..., channel], -_MARGIN, 1 + _MARGIN)
        padded = np.pad(seen, 1, mode="reflect", reflect_type="odd")
        for edge in _EDGES:
            _go_on()
            ahead, back = (
                padded[tuple(slice(1 + s * k, n + 1 + s * k) for k in edge)] for s in (1, -1)
            )
            bend = np.abs(ahead + back - 2 * seen)
            here, there = bend[_part(edge, 0)], bend[_part(edge, 1)]
            with np.errstate(invalid="ignore", divide="ignore"):
                off = np.nan_to_num(here * there / (here + there))
            np.maximum(off, np.maximum(here, there) / 8, out=off)
            for axis in range(3):  # a cell has the edge on all its sides
                if not edge[axis]:
                    low = (slice(None),) * axis
                    off = np.maximum(off[(*low, slice(None, -1))], off[(*low, slice(1, None))])
            np.maximum(worst, off, out=worst)
    return worst


def _part(edge: tuple[int, ...], end: int) -> tuple[slice, ...]:
    """The nodes that begin, or end, an edge."""
    return tuple((slice(1, None) if end else slice(None, -1)) if k else slice(None) for k in edge)


class Fine:
    """The fine cube of *ops*.  Thread-safe."""

    def __init__(self, ops: Sequence[Op], shaper: Shaper) -> None:
        self._exact = partial(run_ops, tuple(ops))
        self.plain = Lattice(sampled(ops, shaper, _go_on), shaper)
        self.mender = Mender(shaper, self._exact, self.plain.apply)
        doubts = _doubts(self.plain.values)
        doubtful, suspicious = (np.flatnonzero(doubts > d) for d in (_DOUBT, _SUSPICION))
        bad = self.mender.settle(doubtful, suspicious, _go_on)
        self.mender.open = (self._goes_on(0.0), self._goes_on(1.0))
        corner = self._unreached()
        #: what marks a pixel, as R, G, B, 255 in memory
        self.mark = np.array([*(255 * c for c in corner), 255], np.uint8).view("<u4")[0]
        marked = self.plain.values.copy()
        marked[self._nodes(bad)] = np.where(corner, _MARK, -_MARK)
        self._marked = Lattice(marked, shaper)

    def _goes_on(self, end: float) -> bool:
        """Whether colours beyond one end of the cube are others than those at the end."""
        shaper = self.plain.shaper
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
        """The corner of the RGB cube that the fewest nodes show."""
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

    def _nodes(self, bad: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
        """The nodes to mark: every pixel in a bad cell has some of its first node, but for those
        at the end of the cube."""
        n = self.plain.shaper.size
        cells = np.zeros((n - 1) ** 3, np.bool_)
        cells[bad] = True
        nodes = np.pad(cells.reshape(n - 1, n - 1, n - 1), ((0, 1),) * 3, mode="edge")
        for place, is_open in zip((0, -1), self.mender.open, strict=True):
            if is_open:
                nodes[place] = nodes[:, place] = nodes[:, :, place] = True
        return nodes

    def ready(self, key: Hashable) -> bool:
        """Whether `processor` has it at hand."""
        return self._marked.has(key)

    def processor(self, key: Hashable, curves: Array) -> Any:
        """As `Lattice.for_bytes`, with marks."""
        return self._marked.for_bytes(key, curves)

    def right(
        self, places: Places, curves: Array, pixels: npt.NDArray[np.float16], *, computed: bool
    ) -> npt.NDArray[np.uint8]:
        """What marked pixels (n, 3 or more) are: (n, 3).  Not *computed*: by the cube alone."""
        index = pixels.view(np.uint16)
        rgba = np.ones((index.shape[0], 1, 4), np.float32)
        for channel in range(3):
            rgba[:, 0, channel] = curves[channel].take(index[:, channel])
        wrong = self.mender.faulty(places, index) if computed else np.empty(0, np.intp)
        exact = rgba[wrong]
        out: Array = self.plain.apply(rgba)[:, 0, :3]
        if wrong.size:
            with np.errstate(all="ignore"):
                out[wrong] = np.clip(np.nan_to_num(self._exact(exact)[:, 0, :3]), 0.0, 1.0)
        made: npt.NDArray[np.uint8] = (out * 255 + np.float32(0.5)).astype(np.uint8)
        return made


class _Ended(Exception):
    """The process ends: nobody needs what is being made."""


_ending = threading.Event()


def _go_on() -> None:
    if _ending.is_set():
        raise _Ended


_jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()
_start = threading.Lock()
_started: list[threading.Thread] = []


def later(job: Callable[[], None]) -> None:
    """Do something when there is time for it, after what was asked for before."""
    with _start:
        if not _started:
            _started.append(threading.Thread(target=_serve, name="refining", daemon=True))
            _started[0].start()
            # an interpreter that ends must not find it within OpenColorIO
            atexit.register(_end, _started[0])
    _jobs.put(job)


def _end(thread: threading.Thread) -> None:
    _ending.set()
    _jobs.put(_go_on)
    thread.join(_PATIENCE)


def finished(timeout: float) -> bool:
    """Wait until everything asked for so far is done; False when the time is over."""
    done = threading.Event()
    later(done.set)
    return done.wait(timeout)


def _serve() -> None:
    with suppress(OSError, AttributeError):  # Linux: a thread has a priority of its own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
    while True:
        job = _jobs.get()
        try:
            job()
        except _Ended:
            return
        except Exception:  # the coarse cube goes on serving
            _log.exception("a finer cube of a colour transform could not be made")
        del job
