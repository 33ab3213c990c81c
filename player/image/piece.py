"""One image on the short way: sampled, and drawn as bytes.

What lies over something else and is not opaque all over is drawn where it is opaque, leaves what is
below where it is clear, and is mixed with it in light where it is neither: at the edges of what was
rendered or keyed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.image.alpha import Mask, between, solid
from player.image.blending import over
from player.image.byteorder import place, put
from player.image.canvas import Canvas
from player.image.compiled import Compiled
from player.image.loose import Loose
from player.image.sample import Placement, picked_at
from player.image.tables import Bytes
from player.image.transfer import Array
from player.media.pool import shared_pool

__all__ = ["MOST_MIXED", "Dark", "Lit", "Mixed", "Piece", "Spread"]

Spread = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]
#: a chain, and the left, bottom, right and top of the canvas pixels it is for
Dark = tuple[Compiled, int, int, int, int]
Places = npt.NDArray[np.intp]
#: where a picture is opaque (h, w), and rows and columns of it, the lowest row first, that are to
#: be mixed
Edges = tuple[Mask, Places, Places]
#: light (n, 4) of the background at rows and columns of the canvas
Lit = Callable[[Places, Places], Array]

MOST_MIXED: Final = 0.125
"""How many of the canvas's pixels may have to be mixed: with more the long way is as short."""
_UNSEEN: Final = 1e-4  # light that no display's curve makes a level of


class Piece:
    """One image, sampled: where it goes, its chain, its pixels by rows; which of them there are
    of one that is turned, and the row and column to take for each place of one that is enlarged.

    `light` is the chain without the display's operations.  `mixed` is set for one that is to be
    mixed with what is below.
    """

    __slots__ = ("_solid", "blocks", "chain", "dark", "light", "loose", "mask", "mixed",
                 "placement", "spread")  # fmt: skip

    def __init__(
        self, placement: Placement, chain: Compiled, blocks: list[Any], dark: list[Dark],
        mask: Mask | None = None, spread: Spread | None = None,
    ) -> None:  # fmt: skip
        self.placement, self.chain, self.blocks = placement, chain, blocks
        self.dark, self.mask, self.spread = dark, mask, spread
        self._solid: list[Mask] | None = None
        self.light: Compiled | None = None
        self.loose: Loose | None = None
        self.mixed: Mixed | None = None

    @property
    def solid(self) -> list[Mask]:
        """Where each of the blocks with alpha is opaque."""
        if self._solid is None:
            self._solid = [solid(b[..., 3]) for *_, b in self.blocks if b.shape[2] == 4]
        return self._solid

    @property
    def opaque(self) -> bool:
        mask = self.mask
        return all((one if mask is None else one | ~mask).all() for one in self.solid)

    def covers(self, canvas: Canvas) -> bool:
        p = self.placement
        whole = (p.x1 - p.x0, p.y1 - p.y0) == (canvas.width, canvas.height)
        return whole and (self.mask is None or bool(self.mask.all()))

    @property
    def is_dark_beyond(self) -> bool:
        """Whether mattes darken more than its own pixels: the frame around a data window, too."""
        p = self.placement
        return any(x0 < p.x0 or y0 < p.y0 or x1 > p.x1 or y1 > p.y1
                   for _, x0, y0, x1, y1 in self.dark)  # fmt: skip

    @property
    def glows(self) -> bool:
        """Whether there is light where nothing is stored, that of an offset or an inversion: what
        is clear does not leave what is below as it is."""
        nothing = self._light(np.zeros((1, 1, 4), np.float32))
        return not bool((np.abs(nothing) < _UNSEEN).all())  # also what is no number

    @property
    def is_lit(self) -> bool:
        """Whether `light_at` can tell its light: not of a picture that is filtered or darkened."""
        return len(self.blocks) == 1 and not self.dark

    def edges(self, most: int) -> Edges | None:
        """None for a picture that is filtered, enlarged or darkened, that glows, or of which more
        than *most* pixels are to be mixed: they are counted before they are listed, which takes 20
        ms for a million."""
        if not self.is_lit or self.spread is not None or self.glows:
            return None
        ((_, _, block),) = self.blocks
        (opaque,) = self.solid
        rest = between(block, self.loose is not None, opaque)
        if self.mask is not None:
            opaque, rest = opaque & self.mask, rest & self.mask
        if np.count_nonzero(rest) > most:
            return None
        rows, columns = np.nonzero(rest)
        return opaque, rows, columns

    def light_at(self, rows: Places, columns: Places) -> Array:
        """Light, premultiplied RGBA (1, n, 4), at rows and columns of the canvas."""
        p = self.placement
        rows, columns = rows - p.y0, columns - p.x0
        inside = (rows >= 0) & (rows < p.y1 - p.y0) & (columns >= 0) & (columns < p.x1 - p.x0)
        everywhere = self.mask is None and bool(inside.all())
        if not everywhere:
            if self.mask is not None:
                inside[inside] = self.mask[rows[inside], columns[inside]]
            rows, columns = rows[inside], columns[inside]
        if self.spread is not None:
            rows, columns = self.spread[0][rows], self.spread[1][columns]
        ((_, _, block),) = self.blocks
        light = self._light(picked_at(block, rows, columns)[None])
        if everywhere:
            return light
        out = np.zeros((1, inside.size, 4), np.float32)
        out[0, inside] = light[0]
        return out

    def _light(self, stored: npt.NDArray[Any]) -> Array:
        if self.light is None or not stored.size:
            return np.zeros((*stored.shape[:2], 4), np.float32)
        return self.light.light(stored)

    def draw(self, out: Bytes, until: float) -> None:
        """Draw it in *out*, the canvas from its top row on."""
        p = self.placement
        target = out[::-1][p.y0 : p.y1, p.x0 : p.x1]
        if self.mixed is not None:
            ((_, _, block),) = self.blocks
            made = shared_pool.take((*block.shape[:2], 4), np.uint8)
            self.chain.to_bytes(block, made, until=until)
            solid, rows, columns = self.mixed.edges
            put(target, made, solid)
            if rows.size:
                place(target, rows, columns, self.mixed.bytes(self, until))
            return
        if self.mask is not None or self.spread is not None:
            ((_, _, block),) = self.blocks
            made = shared_pool.take((*block.shape[:2], 4), np.uint8)
            self._colour(block, made, until)
            if self.spread is not None:
                rows, columns = self.spread
                words = made.view(np.uint32)[..., 0].take(columns, axis=1)
                made = words.take(rows, axis=0)[..., None].view(np.uint8)
            put(target, made, True if self.mask is None else self.mask)
            return
        for top, end, block in self.blocks:
            self._colour(block, target[top:end], until)
            for chain, x0, y0, x1, y1 in self.dark:
                low, high = max(y0 - p.y0, top), min(y1 - p.y0, end)
                left, right = max(x0 - p.x0, 0), min(x1 - p.x0, block.shape[1])
                if high > low and right > left:
                    made = np.empty((high - low, right - left, 4), np.uint8)
                    part = block[low - top : high - top, left:right]
                    chain.to_bytes(np.ascontiguousarray(part), made, until=until)
                    put(target[low:high, left:right], made)

    def _colour(self, block: npt.NDArray[Any], out: Bytes, until: float) -> None:
        self.chain.to_bytes(block, out, until=until)
        if self.loose is not None:
            self.loose.mend(block, out, until)


class Mixed:
    """A piece over others, the uppermost first, or over the background (None: black)."""

    def __init__(self, edges: Edges, display: Compiled, base: Lit | None) -> None:
        self.edges = edges
        self.below: list[Piece] = []
        self._display = display
        self._base = base

    @property
    def count(self) -> int:
        """Pixels that are mixed."""
        return self.edges[1].size

    def bytes(self, piece: Piece, until: float) -> Bytes:
        """RGBA (n, 4) of what is between opaque and clear."""
        _, rows, columns = self.edges
        rows, columns = rows + piece.placement.y0, columns + piece.placement.x0
        light = piece.light_at(rows, columns)
        for lower in self.below:
            light = over(light, lower.light_at(rows, columns))
        if self._base is not None:
            light = over(light, self._base(rows, columns)[None])
        made: Bytes = np.empty(light.shape, np.uint8)
        self._display.show(light, made, until)
        shown: Bytes = made[0]
        return shown
