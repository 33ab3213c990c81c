"""A scene rendered on the CPU.

Canvases are float32 RGBA, row 0 lowest, as large as the window.  A quad is sampled at the
canvas's pixels first and coloured afterwards, as a fragment shader does; composites blend
unclamped floats; the display operations run once over the whole picture, background
included.  The common cases have a shorter way (`shortway.py`); the others are made by parts while
playing, some rows at a time.  All ways give the same picture (`tests/image/test_ways.py`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, Final

import numpy as np

from player.image.alpha import Mask
from player.image.bands import in_bands
from player.image.blending import (
    MERGED,
    Layer,
    blend,
    common_cover,
    kept,
    merged,
    over_background,
)
from player.image.canvas import (
    Canvas,
    Drawn,
    Fetch,
    around,
    frame_matrix,
    quads_of,
)
from player.image.compiled import compile_ops
from player.image.lens import Lens
from player.image.ops import Op
from player.image.patterns import Pattern, background
from player.image.reformat import MOST_PIXELS
from player.image.sample import Placement, Warp, expand, pick, sample, whole
from player.image.scene import (
    WHOLE,
    Composite,
    Matrix3,
    Quad,
    Scene,
    Step,
    Strokes,
    View,
    identity,
    scaling,
    translation,
)
from player.image.sharpen import Sharpen, unsharp
from player.image.sheets import sheet
from player.image.shortway import short_way
from player.image.stereo import EYE_MATRICES, combine
from player.image.strokes import laid
from player.image.tables import Bytes, quantise
from player.image.transfer import Array
from player.media.pool import shared_pool

__all__ = [
    "Drawn",
    "Fetch",
    "Rendered",
    "background",
    "gaps_of",
    "problems_of",
    "render",
    "render_float",
]

_RGBA = ("R", "G", "B", "A")
_NOTHING: Final = Layer(np.zeros((0, 0, 4), np.float32))
_PART = 1 << 17  # pixels that are made at once
_FEWEST_ROWS = 4


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished picture: RGBA uint8 (height, width, 4), top row first."""

    pixels: Bytes
    drawn: tuple[Drawn, ...] = ()
    frame: int = 1
    status: int = 0
    problems: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Place:
    """Where values lie: `base` maps the finished scene's space to canvas pixels, `inner` that of
    an image to it, `corner` is the pixel they begin at; `aspect` and `width` (in
    pixels) are the image's."""

    base: Matrix3
    inner: Matrix3
    corner: tuple[int, int]
    aspect: float
    width: int


class _Drawing(Canvas):
    """The long way: every image on a canvas of its own."""

    def draw_quad(
        self, quad: Quad, outer: Matrix3, under: Array | None = None, kind: str = ""
    ) -> Layer | None:
        """One image; over *under*, which is drawn upon, if that is given, and then its mask is
        still that of the image.  None when nothing is visible."""
        placed = self.placed(quad, outer)
        d, p, steps = placed.drawn, placed.placement.within(*self.rows), placed.steps
        if d.picture.blank or placed.placement.empty:
            return None
        if p.empty:  # it is seen in other rows, and counts here
            return self._marked(self._upon(under, kind, _NOTHING), quad, d, outer, steps)
        lens = quad.lens
        if lens is not None or any(isinstance(s, Sharpen) for s in steps):
            d, steps, lens = self._developed(d, steps, lens)
            p = self.placement(d).within(*self.rows)
        pixels = d.picture.pixels
        there, names = p.among(d.picture.stored, pixels), d.picture.channels
        place = self._place(quad, d, outer, (p.x0, p.y0))
        colour = tuple(s for s in steps if not isinstance(s, Strokes))
        if self.filter == "nearest" and lens is None:
            picked, mask = pick(pixels, there)
            values = self._coloured(picked, names, colour, place)
        else:
            values, mask = sample(pixels, names, there, self.filter, _warp(lens, d))
            values = self.run(np.ascontiguousarray(values), colour, place)
        if quad.opacity != 1.0:
            values *= np.float32(quad.opacity)
        if quad.mask is not None:
            k = scaling(d.picture.width / d.aspect, d.picture.height)
            values *= kept(quad.mask, d.to_canvas @ k, p.x0, p.y0, *values.shape[:2])
        if quad.cut:  # which holds for what is painted as well
            values = self.run(values, _strokes(steps), place)
        made = Layer(values, p.x0, p.y0 - self.rows[0])
        for cut in placed.slanting:
            within = made.box(self.inside(*cut))
            mask = within if mask is None else mask & within
        if mask is not None:
            values *= mask[..., None]
            made = replace(made, mask=mask)
        return self._marked(self._upon(under, kind, made), quad, d, outer, steps)

    def _upon(self, under: Array | None, kind: str, layer: Layer) -> Layer:
        """A layer as it is, or on the canvas over which it was laid."""
        if under is None:
            return layer
        blend(kind, layer, under)
        covers = layer.covers(*self.shape)
        return Layer(under, mask=None if covers else layer.cover(*self.shape))

    def _coloured(
        self, picked: Array, names: tuple[str, ...], colour: tuple[Step, ...], place: _Place
    ) -> Array:
        """Stored pixels as float32 RGBA through the colour operations."""
        ops = [step for step in colour if isinstance(step, Op)]
        chain = compile_ops(ops)
        plain = names in (_RGBA, _RGBA[:3]) and picked.dtype != np.float32
        if plain and len(ops) == len(colour) and not self.exact:
            return chain.floats(picked)
        return self.run(np.ascontiguousarray(expand(picked, names)), colour, place)

    def _place(self, quad: Quad, d: Drawn, outer: Matrix3, corner: tuple[int, int]) -> _Place:
        fit = self.fit(quad, d.aspect)
        inner = scaling(fit, fit) @ quad.inner @ translation(quad.offset * d.aspect, 0.0)
        base = self.pixels @ outer @ quad.matrix
        return _Place(base, inner, corner, d.aspect, d.picture.width)

    def _marked(
        self, layer: Layer, quad: Quad, d: Drawn, outer: Matrix3, steps: tuple[Step, ...]
    ) -> Layer:
        """An image with what is painted on one of which everything is seen: that may go over the
        image's edges.  *steps* are those left to do."""
        strokes = _strokes(steps)
        if not strokes or quad.cut:
            return layer
        place = self._place(quad, d, outer, (0, self.rows[0]))
        canvas = self.run(layer.spread(*self.shape), strokes, place)
        return Layer(canvas, mask=layer.cover(*self.shape))

    def _developed(
        self, d: Drawn, steps: tuple[Step, ...], lens: Lens | None
    ) -> tuple[Drawn, tuple[Step, ...], Lens | None]:
        """An image whose own pixels went through what looks at their neighbours, what is left
        to do, and the distortion that is."""
        last = max((n for n, s in enumerate(steps) if isinstance(s, Sharpen)), default=-1)
        picture = d.picture
        if last < 0 and not picture.is_cropped:
            return d, steps, lens
        if picture.width * picture.height > MOST_PIXELS:  # an absurd canvas: drawn as it is
            return d, tuple(s for s in steps if not isinstance(s, Sharpen)), lens
        values = whole(picture)
        w, h = picture.width, picture.height
        if last >= 0:
            if lens is not None:
                same = Placement(0, 0, w, h, identity(), True)
                warp = _warp(lens, replace(d, picture=replace(picture, x=0, y=0)))
                values, _ = sample(values, _RGBA, same, "linear", warp)
            # painted marks are placed by the image alone here
            first = (replace(s, matrix=None) if isinstance(s, Strokes) else s
                     for s in steps[: last + 1])  # fmt: skip
            image = scaling(w / d.aspect, h) @ translation(d.aspect / 2, 0.5)
            place = _Place(image, identity(), (0, 0), d.aspect, w)
            values = self.run(np.ascontiguousarray(values), tuple(first), place)
            lens = None
        made = replace(picture, pixels=values, channels=_RGBA, x=0, y=0)
        return replace(d, picture=made), steps[last + 1 :], lens

    def run(self, values: Array, steps: tuple[Step, ...], place: _Place) -> Array:
        """Colour operations, filters and annotations in order."""
        run: list[Op] = []
        for step in (*steps, None):
            if isinstance(step, Op):
                run.append(step)
                continue
            if run:
                values = compile_ops(run).apply(values, exact=self.exact)
                run = []
            if isinstance(step, Sharpen):
                unit = float(np.sqrt(abs(np.linalg.det(place.base[:2, :2]))))
                spacing = step.height / unit if step.height and unit > 1e-6 else 1.0
                values = unsharp(values, step, spacing)
            if isinstance(step, Strokes):
                try:
                    inner = place.inner if step.matrix is None else np.linalg.inv(step.matrix)
                except np.linalg.LinAlgError:
                    continue
                matrix = place.base @ inner
                matrix = translation(-place.corner[0], -place.corner[1]) @ matrix
                image = (place.aspect, place.width)
                h, w = values.shape[:2]
                layer = sheet(step.marks, matrix, h, w, image)
                values = laid(layer, values)
        return values

    def draw(
        self, scene: Scene, outer: Matrix3, under: Array | None = None, kind: str = ""
    ) -> Layer | None:
        """As `draw_quad`, of any scene."""
        if isinstance(scene, Quad):
            return self.draw_quad(scene, outer, under, kind)
        made = self._drawn(scene, outer)
        if made is None:
            return None
        if not (scene.ops or scene.mask or scene.clips or scene.framed or scene.opacity != 1.0):
            return self._upon(under, kind, made)
        canvas, cover = made.spread(*self.shape), made.cover(*self.shape)
        frame = scene.aspect or self.aspect
        placed = self.pixels @ outer @ scene.matrix
        count = len(scene.ops)
        while count and isinstance(scene.ops[count - 1], Strokes):
            count -= 1  # marks come last, and may go beyond the frame
        place = _Place(placed, identity(), (0, self.rows[0]), frame, self.width)
        if count:
            canvas = self.run(np.ascontiguousarray(canvas), scene.ops[:count], place)
        if scene.opacity != 1.0:
            canvas = canvas * np.float32(scene.opacity)
        if scene.mask is not None:
            corner = translation(-frame / 2, -0.5)
            canvas = canvas * kept(scene.mask, placed @ corner, 0, self.rows[0], *cover.shape)
        if scene.framed and (scene.aspect or scene.ops):
            within = self.inside(WHOLE, placed @ frame_matrix(frame))
            canvas, cover = canvas * within[..., None], within
        for box, shape, before in scene.clips:
            at = self.pixels @ outer @ scene.matrix @ np.linalg.pinv(before)
            within = self.inside(box, at @ frame_matrix(shape or self.aspect))
            canvas, cover = canvas * within[..., None], cover & within
        made = self._upon(under, kind, Layer(canvas, mask=cover))
        if count < len(scene.ops):
            canvas = self.run(np.ascontiguousarray(made.values), scene.ops[count:], place)
            made = replace(made, values=canvas)
        return made

    def _drawn(self, scene: Composite, outer: Matrix3) -> Layer | None:
        """What the inputs of a composite make together."""
        children = [(c, around(scene, c, outer, self.aspect)) for c in scene.children]
        if scene.kind in MERGED:
            layers = [self.draw(c, at) for c, at in children]
            there = [layer for layer in layers if layer is not None]
            return merged(scene, there, *self.shape) if there else None
        if scene.kind == "topmost":
            there = [layer for c, at in children if (layer := self.draw(c, at)) is not None]
            return there[0] if there else None
        result: Array | None = None
        made: list[Layer] = []
        drawn: list[Drawn] = []
        for child, at in reversed(children):  # the lowest first, as they are drawn
            before = len(self.drawn)
            layer = self.draw(child, at, result, child.blend or scene.kind)
            drawn[:0] = self.drawn[before:]
            del self.drawn[before:]
            if layer is not None:
                made.append(layer)
                if len(children) > 1:
                    result = layer.spread(*self.shape)
        self.drawn += drawn  # told from the top down
        if result is None:
            return made[0] if made else None
        return Layer(result, mask=common_cover(made, *self.shape))

    def picture(self, *, display: bool = True, shown: bool = False) -> Array:
        """The view, unclamped; `shown` as for `Compiled.apply`."""
        view, (first, end) = self.view, self.rows
        nothing = not Pattern(view.background, 1).rows.any()
        base = np.zeros((1, 1, 4), np.float32)
        if not nothing:
            base = background(view.background, self.width, end - first, first)
        eyes: dict[str, Array] = {}
        covers: dict[str, Mask] = {}
        for name, scene, placed in self.eyes():
            made = None if scene is None else self.draw(scene, placed)
            if view.stereo in EYE_MATRICES:
                covers[name] = (made or _NOTHING).cover(*self.shape)
            if made is None:
                image = np.empty((*self.shape, 4), np.float32)
                image[...] = base
            elif nothing or (made.covers(*self.shape) and not view.blend):
                image = made.spread(*self.shape)  # which is nothing itself where it covers nothing
            else:
                image = over_background(view.blend, made, base.copy())
            eyes[name] = image
        out = eyes["left"]
        if len(eyes) == 2:
            drawn = None
            if view.stereo in EYE_MATRICES:  # marks go over the edges of their image
                drawn = covers["right"] | (eyes["right"] != base).any(axis=-1)
            out = combine(view.stereo, eyes, drawn, first)
        out = np.ascontiguousarray(out, np.float32)
        if display and view.display:
            chain = compile_ops(view.display)
            out = chain.apply(out, exact=self.exact, shown=shown, until=self.until)
        return out

    def by_parts(self) -> Bytes | None:
        """The view as bytes, top row first, made by rows that stay in the processor's cache, on
        all processors; None where it needs neighbours or another size of an image."""
        if self.exact or self.filter != "nearest":
            return None
        for _, scene, placed in self.eyes():
            if scene is None:
                continue
            if not _by_pixels(scene):
                return None
            for quad, outer in quads_of(scene, placed, self.aspect):
                d = self.locate(quad, outer)
                if quad.lens is not None and d.picture.is_cropped:
                    return None
        self.hold()
        out = shared_pool.take((self.height, self.width, 4), np.uint8)
        rows = max(_FEWEST_ROWS, _PART // self.width)
        display = compile_ops(self.view.display)

        def work(first: int, end: int) -> None:
            for y in range(first, end, rows):
                top = min(y + rows, end)
                values = self.part(y, top).picture(display=False)
                display.show(values, out[::-1][y:top], self.until)

        in_bands(work, self.height)
        return out


def _strokes(steps: tuple[Step, ...]) -> tuple[Strokes, ...]:
    return tuple(s for s in steps if isinstance(s, Strokes))


def _warp(lens: Lens | None, d: Drawn) -> Warp | None:
    """A distortion in stored pixel coordinates."""
    if lens is None:
        return None
    p = d.picture
    own = d.aspect * p.height / p.width

    def taken(u: Any, v: Any) -> tuple[Any, Any]:
        x, y = lens.source(u + p.x, v + p.y, p.width, p.height, own)
        return x - p.x, y - p.y

    return taken


def _by_pixels(scene: Scene) -> bool:
    """Whether each pixel can be made by itself."""
    if any(isinstance(step, Sharpen) for step in scene.ops):
        return False
    return isinstance(scene, Quad) or all(_by_pixels(child) for child in scene.children)


def render_float(
    view: View, width: int, height: int, fetch: Fetch, filter: str = "linear", *,
    display: bool = True, exact: bool = False, shown: bool = False, until: float = inf,
) -> tuple[Array, tuple[Drawn, ...]]:  # fmt: skip
    """The view as float32 RGBA (height, width, 4), row 0 lowest, unclamped.  *until*: as for
    `render`, where it is *shown*."""
    canvas = _Drawing(view, width, height, fetch, filter, exact, until)
    return canvas.picture(display=display, shown=shown), tuple(canvas.drawn)


def _status(drawn: tuple[Drawn, ...], view: View) -> int:
    if not drawn:
        return 2 if view.left is None else 0
    return 1 if any(d.picture.problem for d in drawn) else 0


def render(
    view: View, width: int, height: int, fetch: Fetch, filter: str = "linear", *,
    exact: bool = False, until: float = inf, out: Bytes | None = None,
) -> Rendered:  # fmt: skip
    """The view as it is shown.  *filter* is "nearest" (quick) or "linear"; *exact* computes
    every colour operation, or uses tables that hold what computing would give; *until* is the
    time by which what sampled transforms show wrong is to be mended (`Compiled.to_bytes`); *out*
    is where the picture may be made (`byteorder.py`)."""
    width, height = max(1, width), max(1, height)
    canvas = _Drawing(view, width, height, fetch, filter, exact, until)
    pixels = short_way(view, canvas, out)
    if pixels is None:
        pixels = canvas.by_parts()
    if pixels is None:
        canvas.drawn.clear()
        pixels = quantise(canvas.picture(shown=True)[::-1])
        pixels[..., 3] = 255
    return _finish(pixels, tuple(canvas.drawn), view)


def _finish(pixels: Bytes, drawn: tuple[Drawn, ...], view: View) -> Rendered:
    return Rendered(pixels, drawn, view.frame, _status(drawn, view), problems_of(drawn))


def gaps_of(drawn: Iterable[Drawn]) -> tuple[str, ...]:
    """Which frames are missing from their sequences, and what is shown in place of each."""
    told = (
        f"{os.path.basename(d.quad.key.media)}: frame {d.picture.missing} is missing, "
        f"{d.picture.frame} is shown"
        for d in drawn
        if d.picture.missing is not None
    )
    return tuple(dict.fromkeys(told))


def problems_of(drawn: Iterable[Drawn]) -> tuple[str, ...]:
    """Why pictures are stand-ins; each reason once.  An image source whose pixels have not come
    yet is empty, which is no problem."""
    reasons = (d.picture.problem for d in drawn if not d.quad.key.pushed)
    return tuple(dict.fromkeys(reason for reason in reasons if reason))
