"""A scene rendered on the CPU.

Canvases are float32 RGBA, row 0 lowest, as large as the window.  A quad is sampled at the
canvas's pixels first and coloured afterwards, as a fragment shader does; composites blend
unclamped floats; the display operations run once over the whole picture, background
included.

The common case, one upright opaque picture whose colour does not depend on alpha, takes the
short way: stored pixels are picked (while playing) or filtered (a frame that stands still)
and go through one table or cube straight to 8 bits.  Everything else, and exact pictures,
take the long way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from player.image.compiled import Bytes, compile_ops, quantise
from player.image.filtering import filtered
from player.image.nodeops import linearize_ops
from player.image.ops import Op
from player.image.reformat import reformat
from player.image.sample import Placement, pick_nearest, place, sample
from player.image.scene import (
    Composite,
    FetchKey,
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
from player.image.stereo import EYE_MATRICES, combine
from player.image.strokes import paint
from player.image.transfer import Array
from player.media.picture import Picture

__all__ = ["Drawn", "Fetch", "Rendered", "background", "render", "render_float"]

#: gives the picture of a key; never raises, a problem is in the picture
Fetch = Callable[[FetchKey], Picture]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One source image as it was drawn, for queries.  `to_canvas` maps the displayed frame's
    pixel coordinates (origin bottom left) to canvas pixels."""

    quad: Quad
    picture: Picture
    to_canvas: Matrix3
    aspect: float


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished picture: RGBA uint8 (height, width, 4), top row first."""

    pixels: Bytes
    drawn: tuple[Drawn, ...] = ()
    frame: int = 1
    status: int = 0
    problems: tuple[str, ...] = field(default=())


_GREYS = {"grey18": 0.18, "grey50": 0.5, "white": 1.0}


def background(kind: str, width: int, height: int) -> Array:
    """The pattern behind everything, alpha 0; unknown names are black."""
    out = np.zeros((height, width, 4), np.float32)
    if kind in _GREYS:
        out[..., :3] = _GREYS[kind]
    elif kind == "checker":
        y, x = np.mgrid[0:height, 0:width] // 16
        out[..., :3] = np.where((x + y) % 2, 0.4, 0.6)[..., None]
    elif kind == "crosshatch":
        y, x = np.mgrid[0:height, 0:width]
        out[..., :3] = np.where(((x + y) % 16 == 0) | ((x - y) % 16 == 0), 0.5, 0.2)[..., None]
    return out


class _Canvas:
    """One rendering: window size, pictures, and what was drawn."""

    def __init__(
        self, view: View, width: int, height: int, fetch: Fetch, filter: str, exact: bool = False
    ) -> None:
        self.exact = exact
        self.width, self.height = width, height
        self.filter = filter
        self.drawn: list[Drawn] = []
        self._fetch = fetch
        left, right, top, bottom = view.margins
        across, up = width - left - right, height - top - bottom
        if across < 1 or up < 1 or min(view.margins) < 0:  # they leave nothing: not for this screen
            left, bottom, across, up = 0.0, 0.0, float(width), float(height)
        self.aspect = across / up
        # image space (height 1, centred) to pixels
        self.pixels = translation(left + across / 2, bottom + up / 2) @ scaling(up, up)

    def blank(self) -> Array:
        return np.zeros((self.height, self.width, 4), np.float32)

    def locate(self, quad: Quad, outer: Matrix3) -> Drawn:
        """Fetch a quad's picture and work out where it goes."""
        picture = reformat(self._fetch(quad.key), quad.reformat)
        own = 1.0 if quad.square else (quad.pixel_aspect or picture.pixel_aspect)
        aspect = picture.width * own / picture.height
        fit = self.fit(quad, aspect)
        m = scaling(aspect / picture.width, 1.0 / picture.height)
        m = translation(-aspect / 2, -0.5) @ m
        m = translation(quad.offset * aspect, 0.0) @ quad.matrix @ scaling(fit, fit) @ m
        made = Drawn(quad, picture, self.pixels @ outer @ m, aspect)
        self.drawn.append(made)
        return made

    def fit(self, quad: Quad, aspect: float) -> float:
        """How much an image is shrunk to the frame of its view."""
        limit = self.aspect if quad.fit_aspect < 0 else quad.fit_aspect
        return limit / aspect if 0 < limit < aspect else 1.0

    def placement(self, d: Drawn) -> tuple[Placement, Matrix3]:
        p = d.picture
        h, w = p.pixels.shape[:2]
        stored = d.to_canvas @ translation(p.x, p.y)
        left, right, bottom, top = d.quad.stencil
        visible = (
            max(0.0, left * p.width - p.x), max(0.0, bottom * p.height - p.y),
            min(float(w), right * p.width - p.x), min(float(h), top * p.height - p.y),
        )  # fmt: skip
        if visible[2] <= visible[0] or visible[3] <= visible[1]:
            return Placement(0, 0, 0, 0, np.eye(3), True), stored
        return place(stored, w, h, (self.width, self.height), visible), stored

    def draw_quad(self, quad: Quad, outer: Matrix3) -> tuple[Array, Array] | None:
        """(canvas, coverage (h, w)) with one image on it; None when nothing is visible."""
        d = self.locate(quad, outer)
        if d.picture.blank:
            return None
        p, _ = self.placement(d)
        if p.empty:
            return None
        values, mask = sample(d.picture.pixels, d.picture.channels, p, self.filter)
        fit = self.fit(quad, d.aspect)
        base = self.pixels @ outer @ translation(quad.offset * d.aspect, 0.0) @ quad.matrix
        values = self.run(
            np.ascontiguousarray(values), quad_ops(quad, d.picture), base,
            scaling(fit, fit), (p.x0, p.y0),
        )  # fmt: skip
        if quad.opacity != 1.0:
            values *= np.float32(quad.opacity)
        canvas = self.blank()
        cover = np.zeros((self.height, self.width), np.float32)
        box = (slice(p.y0, p.y1), slice(p.x0, p.x1))
        inside = np.ones(values.shape[:2], np.float32) if mask is None else mask.astype(np.float32)
        canvas[box] = values * inside[..., None]
        cover[box] = inside
        return canvas, cover

    def run(
        self, values: Array, steps: tuple[Step, ...], base: Matrix3, inner: Matrix3,
        corner: tuple[int, int],
    ) -> Array:  # fmt: skip
        """Colour operations and annotations in order.  *base* maps the finished scene's space
        to canvas pixels, *inner* image space to the scene's own; *corner* is where *values*
        begins on the canvas."""
        run: list[Op] = []
        for step in (*steps, None):
            if isinstance(step, Op):
                run.append(step)
                continue
            if run:
                values = compile_ops(run).apply(values, exact=self.exact)
                run = []
            if isinstance(step, Strokes):
                try:
                    matrix = base @ np.linalg.inv(step.matrix) @ inner
                except np.linalg.LinAlgError:
                    continue
                matrix = translation(-corner[0], -corner[1]) @ matrix
                layer = paint(step.marks, matrix, *values.shape[:2])
                values = layer + values * (1 - layer[..., 3:4])
        return values

    def draw(self, scene: Scene, outer: Matrix3) -> tuple[Array, Array] | None:
        if isinstance(scene, Quad):
            return self.draw_quad(scene, outer)
        inner = outer @ scene.matrix
        layers = [self.draw(c, inner) for c in scene.children]
        present = [layer for layer in layers if layer is not None]
        if not present:
            return None
        if scene.kind == "topmost":
            present = present[:1]
        canvas, cover = _composite(present, scene)
        if scene.ops:
            base = self.pixels @ outer @ scene.matrix
            canvas = self.run(np.ascontiguousarray(canvas), scene.ops, base, identity(), (0, 0))
        if scene.opacity != 1.0:
            canvas = canvas * np.float32(scene.opacity)
        return canvas, cover


def quad_ops(quad: Quad, picture: Picture) -> tuple[Step, ...]:
    """The whole colour chain of a source image, with what is painted on it."""
    linear: tuple[Op, ...] = ()
    if quad.linearize is not None:
        alpha = len(picture.channels) in (2, 4)
        linear = linearize_ops(
            quad.linearize,
            premultiplied=picture.premultiplied,
            has_alpha=alpha,
            chromaticities=picture.chromaticities,
        )
    return (*quad.before, *linear, *quad.ops)


def _composite(layers: list[tuple[Array, Array]], scene: Composite) -> tuple[Array, Array]:
    """Blend layers, the first on top.  Unclamped, as RV's float buffers."""
    cover = np.maximum.reduce([c for _, c in layers])
    images = [i for i, _ in layers]
    kind = scene.kind
    result = images[-1]
    if kind == "dissolve" and len(images) >= 2:
        t = np.float32(min(max(scene.amount, 0.0), 1.0))
        mixed = np.clip(images[1] + (images[0] - images[1]) * t, 0.0, 1.0)
        mixed[..., 3] = np.where(cover > 0, 1.0, mixed[..., 3])
        return mixed, cover
    for upper, mask in reversed(layers[:-1]):
        if kind == "add":
            result = upper + result
        elif kind == "difference":
            result = upper - result
        elif kind == "-difference":
            result = result - upper
        elif kind == "replace":
            result = np.where(mask[..., None] > 0, upper, result)
        else:
            result = upper + result * (1 - upper[..., 3:4])
    return result, cover


def _camera(view: View, window: float) -> Matrix3:
    """Where the view's picture lies; *window* is the shape of what the margins leave."""
    fit = window / view.aspect if view.aspect > window else 1.0
    return scaling(*view.zoom) @ translation(*view.pan) @ scaling(fit, fit)


def _eye_matrix(view: View, name: str, canvas: _Canvas, scene: Scene | None) -> Matrix3:
    make = EYE_MATRICES.get(view.stereo)
    if make is None:
        return identity()
    aspect = view.aspect or canvas.aspect
    if view.aspect == 0 and isinstance(scene, Quad):
        # the pair lies side by side at the image's own aspect, not the window's
        probe = _Canvas(view, canvas.width, canvas.height, canvas._fetch, "nearest")
        aspect = min(probe.locate(scene, identity()).aspect, canvas.aspect)
    return make(name, aspect)


def render_float(
    view: View, width: int, height: int, fetch: Fetch, filter: str = "linear", *,
    display: bool = True, exact: bool = False, shown: bool = False,
) -> tuple[Array, tuple[Drawn, ...]]:  # fmt: skip
    """The view as float32 RGBA (height, width, 4), row 0 lowest, unclamped."""
    canvas = _Canvas(view, width, height, fetch, filter, exact)
    camera = _camera(view, canvas.aspect)
    base = background(view.background, width, height)
    eyes: dict[str, Array] = {}
    pairs = {"left": view.left, "right": view.right}
    if view.right is None or view.stereo in ("off", "mono", "left"):
        pairs = {"left": view.left}
    elif view.stereo == "right":
        pairs = {"left": view.right}
    for name, scene in pairs.items():
        image = base.copy()
        if scene is not None:
            placed = camera @ _eye_matrix(view, name, canvas, scene)
            made = canvas.draw(scene, placed)
            if made is not None:
                upper, cover = made
                if view.blends:
                    image = upper + image * (1 - upper[..., 3:4])
                    image[..., 3] = np.where(cover > 0, upper[..., 3], image[..., 3])
                else:
                    image = np.where(cover[..., None] > 0, upper, image)
        eyes[name] = image
    out = combine(view.stereo, eyes, base) if len(eyes) == 2 else eyes["left"]
    out = np.ascontiguousarray(out, np.float32)
    if display and view.display:
        out = compile_ops(view.display).apply(out, exact=exact, shown=shown)
    return out, tuple(canvas.drawn)


def _status(drawn: tuple[Drawn, ...], view: View) -> int:
    if not drawn:
        return 2 if view.left is None else 0
    return 1 if any(d.picture.problem for d in drawn) else 0


def _short_way(view: View, canvas: _Canvas) -> Bytes | None:
    """One upright opaque picture by table; None when the scene needs the long way."""
    quad = view.left
    mono = view.right is None or view.stereo in ("off", "mono", "left")
    if not isinstance(quad, Quad) or not mono or quad.opacity != 1.0 or view.blends:
        return None
    d = canvas.locate(quad, _camera(view, canvas.aspect))
    p, _ = canvas.placement(d)
    steps = [*quad_ops(quad, d.picture), *view.display]
    chain = compile_ops([s for s in steps if isinstance(s, Op)])
    plain = d.picture.channels in (("R", "G", "B", "A"), ("R", "G", "B"), ("Y",), ("R",))
    painted = any(isinstance(s, Strokes) for s in steps)
    if painted or p.empty or not p.upright or not chain.rgb_only or d.picture.blank or not plain:
        canvas.drawn.clear()
        return None
    full = p.x1 - p.x0 == canvas.width and p.y1 - p.y0 == canvas.height
    out = np.empty((canvas.height, canvas.width, 4), np.uint8)
    if not full:
        edge = background(view.background, 2, 2)
        if view.background in ("checker", "crosshatch"):
            edge = background(view.background, canvas.width, canvas.height)
            out[:] = quantise(compile_ops(view.display).apply(edge))[::-1]
        else:
            out[:] = quantise(compile_ops(view.display).apply(edge))[0, 0]
    target = out[::-1][p.y0 : p.y1, p.x0 : p.x1]
    if canvas.filter == "nearest":
        chain.to_bytes(pick_nearest(d.picture.pixels, p), target)
    else:
        for top, end, block in filtered(d.picture.pixels, p.inverse, p.x0, p.y0, p.x1, p.y1):
            chain.to_bytes(block, target[top:end])
    out[..., 3] = 255
    return out


def render(
    view: View, width: int, height: int, fetch: Fetch, filter: str = "linear", *,
    exact: bool = False,
) -> Rendered:  # fmt: skip
    """The view as it is shown.  *filter* is "nearest" (quick) or "linear"; *exact* computes
    every colour operation without tables."""
    width, height = max(1, width), max(1, height)
    if not exact:
        canvas = _Canvas(view, width, height, fetch, filter)
        quick = _short_way(view, canvas)
        if quick is not None:
            drawn = tuple(canvas.drawn)
            return _finish(quick, drawn, view)
    values, drawn = render_float(view, width, height, fetch, filter, exact=exact, shown=True)
    pixels: npt.NDArray[np.uint8] = quantise(values[::-1])
    pixels[..., 3] = 255
    return _finish(pixels, drawn, view)


def _finish(pixels: Bytes, drawn: tuple[Drawn, ...], view: View) -> Rendered:
    problems = tuple(dict.fromkeys(d.picture.problem for d in drawn if d.picture.problem))
    return Rendered(pixels, drawn, view.frame, _status(drawn, view), problems)
