"""Drawing a picture onto a canvas through an affine matrix.

`Placement` relates canvas pixels (centres at half integers, row 0 lowest) to the stored
pixels of a picture.  An upright placement (no rotation; flips are fine) is separable: one
index vector for the columns, one for the rows.  Three filters: `nearest` for speed,
`linear` as RV's texture filter, and for pictures shown much smaller a box average over the
covered pixels, in front of `linear`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.image.bands import in_bands
from player.image.compiled import to_float
from player.image.filtering import filtered
from player.image.scene import Matrix3
from player.image.transfer import Array
from player.media.picture import Picture
from player.media.pool import shared_pool

__all__ = ["Placement", "Warp", "expand", "pick", "picked_at", "place",
           "sample", "whole"]  # fmt: skip

Pixels = npt.NDArray[Any]
_PART: Final = 1 << 15  # pixels that are made at once
_EXACT, _OFF = 1e-9, 1e-4  # of a pixel's size, and of its place
_MOST_IN_CYCLE: Final = 3
_MOST_PLACES: Final = 1 << 21  # pixels of a picture whose places are remembered: 16 MB


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a picture falls: the canvas box x0..x1, y0..y1 (exclusive) and the matrix from
    canvas pixel coordinates to stored pixel coordinates."""

    x0: int
    y0: int
    x1: int
    y1: int
    inverse: Matrix3
    upright: bool

    @property
    def empty(self) -> bool:
        return self.x1 <= self.x0 or self.y1 <= self.y0

    def within(self, first: int, end: int) -> Placement:
        """Of it what falls in these rows."""
        return replace(self, y0=max(self.y0, first), y1=min(self.y1, end))

    def meets(self, other: Placement) -> bool:
        """Whether both may be seen in the same place."""
        if self.empty or other.empty:
            return False
        across = self.x0 < other.x1 and other.x0 < self.x1
        return across and self.y0 < other.y1 and other.y0 < self.y1

    @property
    def one_to_one(self) -> bool:
        """Whether each canvas pixel is exactly one stored pixel (flips are fine)."""
        m = self.inverse
        scales = abs(abs(m[0, 0]) - 1) < _EXACT and abs(abs(m[1, 1]) - 1) < _EXACT
        offsets = np.array([m[0, 2], m[1, 2]])
        return bool(self.upright and scales and np.allclose(offsets, np.rint(offsets), 0, _OFF))

    def among(self, stored: tuple[int, int], pixels: Pixels) -> Placement:
        """The same place in coordinates of *pixels* that are all there is of a *stored* (height,
        width) picture."""
        if pixels.shape[:2] == stored:
            return self
        scale = np.diag([pixels.shape[1] / stored[1], pixels.shape[0] / stored[0], 1.0])
        return replace(self, inverse=scale @ self.inverse)

    def columns(self) -> npt.NDArray[np.float64]:
        """Stored x coordinate of each canvas column's centre."""
        m = self.inverse
        centres = np.arange(self.x0, self.x1, dtype=np.float64) + 0.5
        return centres * float(m[0, 0]) + float(m[0, 2])

    def rows(self) -> npt.NDArray[np.float64]:
        m = self.inverse
        centres = np.arange(self.y0, self.y1, dtype=np.float64) + 0.5
        return centres * float(m[1, 1]) + float(m[1, 2])


def place(
    to_canvas: Matrix3, width: int, height: int, across: int, up: int,
    visible: tuple[float, float, float, float] | None = None,
) -> Placement:  # fmt: skip
    """The placement of a *width* x *height* picture whose pixel coordinates (0..width from
    the left, 0..height from the bottom) *to_canvas* maps to canvas pixels.

    The canvas has *across* x *up* pixels; *visible* is an x0, y0, x1, y1 box in picture pixels.
    """
    vx0, vy0, vx1, vy1 = visible or (0.0, 0.0, float(width), float(height))
    corners = to_canvas @ np.array([[vx0, vx1, vx1, vx0], [vy0, vy0, vy1, vy1], [1, 1, 1, 1]])
    upright = abs(to_canvas[0, 1]) < 1e-9 and abs(to_canvas[1, 0]) < 1e-9
    determinant = np.linalg.det(to_canvas[:2, :2])
    if not np.isfinite(corners).all() or abs(determinant) < 1e-12:
        return Placement(0, 0, 0, 0, np.eye(3), True)
    # a pixel is covered when its centre is inside; the tolerance keeps exact fits exact
    low = np.ceil(np.clip(corners[:2].min(axis=1), -1e6, 1e6) - 0.5 - 1e-6)
    high = np.ceil(np.clip(corners[:2].max(axis=1), -1e6, 1e6) - 0.5 - 1e-6)
    x0, y0 = max(0, int(low[0])), max(0, int(low[1]))
    x1, y1 = min(across, int(high[0])), min(up, int(high[1]))
    return Placement(x0, y0, x1, y1, np.linalg.inv(to_canvas).astype(np.float64), bool(upright))


def expand(pixels: Pixels, names: tuple[str, ...]) -> Array:
    """(..., c) stored pixels as float32 RGBA: grey for one channel, missing alpha is 1."""
    values = to_float(pixels)
    c = values.shape[-1]
    if c == 4 and names[:4] == ("R", "G", "B", "A"):
        return values
    out = np.empty((*values.shape[:-1], 4), np.float32)
    out[..., 3] = 1.0
    if set(names) & {"R", "G", "B"} and c > 1:
        out[..., :3] = 0.0
        for i, name in enumerate(names[:c]):
            if name in "RGBA":
                out[..., "RGBA".index(name)] = values[..., i]
        return out
    if c >= 3:
        out[..., : min(c, 4)] = values[..., :4]
        return out
    out[..., :3] = values[..., :1]
    if c == 2:
        out[..., 3] = values[..., 1]
    return out


def whole(picture: Picture) -> Array:
    """The displayed frame of a picture as float32 RGBA, nothing where nothing is stored."""
    values = expand(picture.pixels, picture.channels)
    if not picture.is_cropped:
        return values
    out = np.zeros((picture.height, picture.width, 4), np.float32)
    h, w = values.shape[:2]
    x0, y0 = max(0, picture.x), max(0, picture.y)
    x1, y1 = min(picture.width, picture.x + w), min(picture.height, picture.y + h)
    if x1 > x0 and y1 > y0:
        out[y0:y1, x0:x1] = values[y0 - picture.y : y1 - picture.y, x0 - picture.x : x1 - picture.x]
    return out


def _nearest(at: npt.NDArray[np.float64], size: int) -> npt.NDArray[np.intp]:
    return np.clip(np.floor(at), 0, size - 1).astype(np.intp)


def nearest_indices(p: Placement, width: int, height: int) -> tuple[Any, Any]:
    """(row index, column index): slices where the mapping is one to one, else arrays."""

    def simplify(index: npt.NDArray[np.intp]) -> Any:
        if len(index) > 1:
            steps = np.diff(index)
            step = int(steps[0])
            if step > 0 and (steps == step).all():
                return slice(int(index[0]), int(index[-1]) + 1, step)
        return index

    rows, columns = nearest_places(p, width, height)
    return simplify(rows), simplify(columns)


def nearest_places(
    p: Placement, width: int, height: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The row and the column of a picture that is nearest to each row and column of the box."""
    return _nearest(p.rows(), height), _nearest(p.columns(), width)


@lru_cache(maxsize=2)
def _every_place(
    x: tuple[int, int, float, float], y: tuple[int, int, float, float], width: int, height: int
) -> npt.NDArray[np.intp]:
    """For each pixel of a box its place in a picture of *width* x *height*, nearest neighbour.
    *x*, *y*: first, end, scale and offset from the canvas to the picture."""
    rows, columns = (
        _nearest((np.arange(a[0], a[1], dtype=np.float64) + 0.5) * a[2] + a[3], size)
        for a, size in ((y, height), (x, width))
    )
    places: npt.NDArray[np.intp] = rows[:, None] * width + columns
    places.setflags(write=False)
    return places


def _cycle(index: Any, length: int) -> tuple[list[int], int] | None:
    """Indices that come again, so much further on: the first of them, and how much.  For most
    sizes that are seen (two thirds, a half, a third) they are two or one; None for more than
    _MOST_IN_CYCLE."""
    if isinstance(index, slice):
        return [int(index.start)], int(index.step)
    for count in range(1, min(_MOST_IN_CYCLE, length - 1) + 1):
        steps = index[count:] - index[:-count]
        if steps[0] > 0 and (steps == steps[0]).all():
            return [int(i) for i in index[:count]], int(steps[0])
    return None


def _pick_words(words: Pixels, picked: Pixels, rows: Any, columns: Any) -> bool:
    """Pixels as machine words, (h, w), each of a few regular lattices in one pass; False, and
    nothing done, when there is no such regularity."""
    height, width = picked.shape
    down, across = _cycle(rows, height), _cycle(columns, width)
    if down is None or across is None:
        return False
    for a, y in enumerate(down[0]):
        for b, x in enumerate(across[0]):
            target = picked[a :: len(down[0]), b :: len(across[0])]
            lattice = words[y :: down[1], x :: across[1]]
            target[...] = lattice[: target.shape[0], : target.shape[1]]
    return True


def pick_nearest(pixels: Pixels, p: Placement) -> Pixels:
    """Stored pixels of an upright placement, nearest neighbour, in the stored type."""
    height, width, channels = pixels.shape
    rows, columns = nearest_indices(p, width, height)
    size = channels * pixels.itemsize
    word = _word(pixels)
    picked: Pixels
    if isinstance(columns, slice) and (word is None or columns == slice(0, width, 1)):
        picked = pixels[rows][:, columns]  # as it lies there
        return picked
    if word is None or pixels.strides[1:] != (size, pixels.itemsize):
        picked = pixels[rows].take(np.arange(width)[columns], axis=1, mode="clip")
        return picked
    # whole pixels are moved as one machine word each
    words = pixels.view(word)[..., 0]
    box = (p.y1 - p.y0, p.x1 - p.x0)
    picked = shared_pool.take((*box, channels), pixels.dtype)
    target = picked.view(word)[..., 0]
    if _pick_words(words, target, rows, columns):
        return picked
    if pixels.flags.c_contiguous and box[0] * box[1] <= _MOST_PLACES:
        m = p.inverse
        places = _every_place(
            (p.x0, p.x1, float(m[0, 0]), float(m[0, 2])),
            (p.y0, p.y1, float(m[1, 1]), float(m[1, 2])), width, height,
        )  # fmt: skip
        np.take(words.reshape(-1), places, out=target, mode="clip")
    else:  # rows may lie anywhere
        some = words[rows]
        np.take(some, np.arange(some.shape[1])[columns], axis=1, out=target, mode="clip")
    return picked


def _word(pixels: Pixels) -> Any:
    """The type of a number that is as large as a pixel; None for other sizes."""
    return {4: np.uint32, 8: np.uint64, 16: np.complex128}.get(pixels.shape[2] * pixels.itemsize)


def picked_at(pixels: Pixels, rows: Pixels, columns: Pixels) -> Pixels:
    """The pixels of two index arrays of one shape."""
    word = _word(pixels)
    if word is None or not pixels.flags.c_contiguous:
        chosen: Pixels = pixels[rows, columns]
        return chosen
    places = rows * pixels.shape[1]
    places += columns
    words: Pixels = pixels.view(word).reshape(-1).take(places, mode="clip")
    return words.view(pixels.dtype).reshape(*rows.shape, pixels.shape[2])


def _box(pixels: Pixels, p: Placement) -> tuple[Pixels | Array, int, int]:
    """Averages of whole blocks when a turned picture is shown smaller than half size, and the
    size of a block."""
    step_x = max(1, int(np.hypot(p.inverse[0, 0], p.inverse[1, 0]) + 0.01))
    step_y = max(1, int(np.hypot(p.inverse[0, 1], p.inverse[1, 1]) + 0.01))
    if step_x < 2 and step_y < 2:
        return pixels, 1, 1
    h, w = pixels.shape[:2]
    step_x, step_y = min(step_x, w), min(step_y, h)
    h2, w2 = h // step_y * step_y, w // step_x * step_x
    # at most four taps a side: more cost more than they show
    taps_x = sorted({int((i + 0.5) * step_x / min(step_x, 4)) for i in range(min(step_x, 4))})
    taps_y = sorted({int((i + 0.5) * step_y / min(step_y, 4)) for i in range(min(step_y, 4))})
    total: Array | None = None
    for ty in taps_y:
        for tx in taps_x:
            part = to_float(pixels[ty:h2:step_y, tx:w2:step_x])
            total = part if total is None else np.add(total, part, out=total)
    assert total is not None
    total *= np.float32(1.0 / (len(taps_x) * len(taps_y)))
    return total, step_x, step_y


def _lerp_index(
    at: npt.NDArray[np.float64], size: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Array]:
    at = at - 0.5
    low = np.floor(at)
    t = (at - low).astype(np.float32)
    a = np.clip(low, 0, size - 1).astype(np.intp)
    b = np.clip(low + 1, 0, size - 1).astype(np.intp)
    return a, b, t


#: from where a displayed point is taken, both in stored pixel coordinates
Warp = Callable[[Any, Any], tuple[Any, Any]]


def sample(
    pixels: Pixels, names: tuple[str, ...], p: Placement, filter: str, warp: Warp | None = None
) -> tuple[Array, Any]:
    """(float32 RGBA of the placement's box, coverage mask or None when all is covered).

    *filter* is "nearest" or "linear".  What *warp* takes from outside of the stored pixels has
    the colour of their edge.
    """
    if warp is None and (filter == "nearest" or p.one_to_one):
        picked, mask = pick(pixels, p)
        return expand(picked, names), mask
    if p.upright and warp is None:
        out = np.empty((p.y1 - p.y0, p.x1 - p.x0, pixels.shape[2]), np.float32)
        for top, end, block in filtered(pixels, p.inverse, p.x0, p.y0, p.x1, p.y1):
            out[top:end] = block
        return expand(out, names), None
    values, mask = _turned(pixels, p, filter == "nearest", warp)
    return expand(values, names), mask


def pick(pixels: Pixels, p: Placement) -> tuple[Pixels, npt.NDArray[np.bool_] | None]:
    """(nearest stored pixels of the placement's box in their own type, which of them there are:
    None for all)."""
    if p.upright:
        return pick_nearest(pixels, p), None
    return _turned(pixels, p, True, None)


def _turned(
    pixels: Pixels, p: Placement, nearest: bool, warp: Warp | None
) -> tuple[Pixels, npt.NDArray[np.bool_]]:
    """Stored pixels of the box, or float32 by the linear filter, and which of them there are,
    where columns stay no columns."""
    source, step_x, step_y = (pixels, 1, 1) if nearest else _box(pixels, p)
    h, w = pixels.shape[:2]
    height, width = p.y1 - p.y0, p.x1 - p.x0
    out = np.empty((height, width, pixels.shape[2]), pixels.dtype if nearest else np.float32)
    mask = np.empty((height, width), np.bool_)
    m, xs = p.inverse, np.arange(p.x0, p.x1) + 0.5
    rows = max(4, _PART // width)

    def work(first: int, last: int) -> None:
        for top in range(first, last, rows):
            some = slice(top, min(top + rows, last))
            ys = np.arange(p.y0 + some.start, p.y0 + some.stop)[:, None] + 0.5
            u = m[0, 0] * xs + (m[0, 1] * ys + m[0, 2])
            v = m[1, 0] * xs + (m[1, 1] * ys + m[1, 2])
            mask[some] = (u >= 0) & (u < w) & (v >= 0) & (v < h)
            if warp is not None:
                u, v = (np.clip(np.nan_to_num(at), -1e6, 1e6) for at in warp(u, v))
            if nearest:
                out[some] = picked_at(pixels, _nearest(v, h), _nearest(u, w))
            else:
                out[some] = _between(source, u / step_x, v / step_y)

    in_bands(work, height)
    return out, mask


def _between(source: Pixels, u: Pixels, v: Pixels) -> Array:
    """The linear filter at places in pixels of *source*."""
    ax, bx, tx = _lerp_index(u, source.shape[1])
    ay, by, ty = _lerp_index(v, source.shape[0])
    tx, ty = tx[..., None], ty[..., None]

    def along(y: Pixels) -> Array:
        left, right = (to_float(picked_at(source, y, x)) for x in (ax, bx))
        left *= 1 - tx
        right *= tx
        left += right
        return left

    low, high = along(ay), along(by)
    low *= 1 - ty
    high *= ty
    low += high
    return low
