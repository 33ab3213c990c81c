"""The space a scene is drawn in: where images lie, what is behind them, how they are coloured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from math import inf
from typing import Self

import numpy as np

from player.image.alpha import Mask
from player.image.facts import facts_of
from player.image.nodeops import linearize_ops
from player.image.ops import Op
from player.image.reformat import reformat
from player.image.sample import Placement, place
from player.image.scene import (
    WHOLE,
    Box,
    Composite,
    FetchKey,
    Late,
    Matrix3,
    Quad,
    Reformat,
    Scene,
    Step,
    View,
    identity,
    scaling,
    translation,
)
from player.image.stereo import EYE_MATRICES
from player.media.picture import Picture

__all__ = ["Canvas", "Cut", "Drawn", "Fetch", "Placed", "around", "camera", "eyes_of",
           "frame_matrix", "quad_ops", "quads_of"]  # fmt: skip

#: gives the picture of a key; never raises, a problem is in the picture
Fetch = Callable[[FetchKey], Picture]


#: a box of a frame, and what maps the frame's fractions to canvas pixels
Cut = tuple[Box, Matrix3]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One source image as it was drawn, for queries.  `to_canvas` maps the displayed frame's
    pixel coordinates (origin bottom left) to canvas pixels; `cuts` are what is seen of it."""

    quad: Quad
    picture: Picture
    to_canvas: Matrix3
    aspect: float
    cuts: tuple[Cut, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """An image, where it falls, its colour chain with what is painted on it, and what is cut out
    of it slantwise."""

    drawn: Drawn
    placement: Placement
    steps: tuple[Step, ...]
    slanting: list[Cut]


class Canvas:
    """One rendering: window size, pictures, and what was drawn."""

    def __init__(
        self, view: View, width: int, height: int, fetch: Fetch, filter: str,
        exact: bool = False, until: float = inf,
    ) -> None:  # fmt: skip
        self.view, self.exact, self.until = view, exact, until
        self.width, self.height = width, height
        self.rows = (0, height)
        self.filter = filter
        self.drawn: list[Drawn] = []
        self._fetch = fetch
        self._held: dict[tuple[FetchKey, Reformat], Picture] = {}
        self._placed: dict[tuple[int, bytes], Placed] = {}  # for all parts
        left, right, top, bottom = view.margins
        across, up = width - left - right, height - top - bottom
        if across < 1 or up < 1 or min(view.margins) < 0:  # they leave nothing: not for this screen
            left, bottom, across, up = 0.0, 0.0, float(width), float(height)
        self.aspect = across / up
        # image space (height 1, centred) to pixels
        self.pixels = translation(left + across / 2, bottom + up / 2) @ scaling(up, up)

    def eyes(self) -> Iterator[tuple[str, Scene | None, Matrix3]]:
        """What is drawn of the view, by `eyes_of`, and where each lies."""
        for name, scene in eyes_of(self.view).items():
            placed = camera(self.view, self.aspect) @ _eye_matrix(self.view, name, self, scene)
            yield name, scene, placed

    def part(self, first: int, end: int) -> Self:
        """The same rendering of some rows only, counted from the lowest.  The pictures of what was
        located here are those of the part."""
        made = copy(self)
        made.rows, made.drawn = (first, end), []
        return made

    def hold(self) -> None:
        """Have the pixels of what was located, which some pictures make when they are asked."""
        for known, picture in self._held.items():
            self._held[known] = picture.developed()
        self._placed.clear()

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of what is drawn."""
        first, end = self.rows
        return end - first, self.width

    def _taken(self, quad: Quad) -> tuple[Picture, float]:
        """A quad's picture and its shape."""
        known = (quad.key, quad.reformat)
        picture = self._held.get(known)
        if picture is None:
            picture = self._held[known] = reformat(self._fetch(quad.key), quad.reformat)
        own = 1.0 if quad.square else (quad.pixel_aspect or picture.pixel_aspect)
        return picture, picture.width * own / picture.height

    def shape_of(self, quad: Quad) -> float:
        """Width by height of a quad's image."""
        return self._taken(quad)[1]

    def locate(self, quad: Quad, outer: Matrix3, frames: tuple[Cut, ...] = ()) -> Drawn:
        """Fetch a quad's picture and work out where it goes; *frames* are those of the pictures
        that it is a part of."""
        picture, aspect = self._taken(quad)
        fit = self.fit(quad, aspect)
        m = scaling(aspect / picture.width, 1.0 / picture.height)
        m = translation(quad.offset * aspect - aspect / 2, -0.5) @ m
        m = quad.matrix @ scaling(fit, fit) @ quad.inner @ m
        cuts = [*frames]
        if quad.cut:
            cuts.append((WHOLE, self.pixels @ outer @ frame_matrix(aspect)))
        for box, shape, before in quad.clips:
            placed = outer @ quad.matrix @ np.linalg.pinv(before)
            cuts.append((box, self.pixels @ placed @ frame_matrix(shape or self.aspect)))
        made = Drawn(quad, picture, self.pixels @ outer @ m, aspect, tuple(cuts))
        self.drawn.append(made)
        return made

    def placed(self, quad: Quad, outer: Matrix3) -> Placed:
        """As `locate`, with what else is the same for all parts."""
        known = (id(quad), outer.tobytes())
        made = self._placed.get(known)
        if made is None:
            d = self.locate(quad, outer)
            steps = quad_ops(quad, d.picture)
            made = self._placed[known] = Placed(d, self.placement(d), steps, self.slanting(d))
        else:
            self.drawn.append(made.drawn)
        return made

    def fit(self, quad: Quad, aspect: float) -> float:
        """How much an image is shrunk to the frame of its view."""
        limit = self.aspect if quad.fit_aspect < 0 else quad.fit_aspect
        return limit / aspect if 0 < limit < aspect else 1.0

    def placement(self, d: Drawn) -> Placement:
        """Where an image falls, in all rows.  What is cut out of it slantwise is not considered
        (`slanting`)."""
        p = d.picture
        h, w = p.stored
        stored = d.to_canvas @ translation(p.x, p.y)
        visible = (0.0, 0.0, float(w), float(h))
        for box, matrix in self._cuts(d):
            within = _straight(stored, matrix)
            if within is not None:
                visible = _common(visible, _corners(within, box))
        if visible[2] <= visible[0] or visible[3] <= visible[1]:
            return Placement(0, 0, 0, 0, np.eye(3), True)
        return place(stored, w, h, self.width, self.height, visible)

    @staticmethod
    def _cuts(d: Drawn) -> list[Cut]:
        if not d.quad.cut:
            return list(d.cuts)
        h, w = d.picture.stored
        stored = d.to_canvas @ translation(d.picture.x, d.picture.y) @ scaling(w, h)
        return [(d.quad.stencil, stored), *d.cuts]

    def slanting(self, d: Drawn) -> list[Cut]:
        """What is cut out of an image other than along rows and columns of the canvas."""
        turned = max(abs(d.to_canvas[0, 1]), abs(d.to_canvas[1, 0])) >= 1e-9
        return [c for c in self._cuts(d) if turned or _straight(d.to_canvas, c[1]) is None]

    def inside(self, box: Box, matrix: Matrix3) -> Mask:
        """Which pixels of the rows that are drawn are within a box of a frame."""
        first, end = self.rows
        kept = np.zeros(self.shape, np.bool_)
        if abs(matrix[0, 1]) < 1e-9 and abs(matrix[1, 0]) < 1e-9:
            x0, y0, x1, y1 = _corners(matrix, box)
            if np.isfinite((x0, y0, x1, y1)).all():
                # as a picture's pixels: those whose centre is inside
                c0, r0, c1, r1 = (
                    int(np.clip(np.ceil(v - 0.5 - 1e-6), -1e6, 1e6)) for v in (x0, y0, x1, y1)
                )
                kept[max(r0 - first, 0) : max(r1 - first, 0), max(c0, 0) : max(c1, 0)] = True
            return kept
        m = np.linalg.pinv(matrix)
        y, x = np.mgrid[first:end, 0 : self.width] + 0.5
        u = m[0, 0] * x + m[0, 1] * y + m[0, 2]
        v = m[1, 0] * x + m[1, 1] * y + m[1, 2]
        kept[...] = (u >= box[0]) & (u < box[1]) & (v >= box[2]) & (v < box[3])
        return kept


def frame_matrix(aspect: float) -> Matrix3:
    """A frame's fractions to image space."""
    return translation(-aspect / 2, -0.5) @ scaling(aspect, 1.0)


def _straight(picture: Matrix3, frame: Matrix3) -> Matrix3 | None:
    """What maps a frame's fractions to pixels of a picture; None when it turns."""
    if not (np.isfinite(picture).all() and np.isfinite(frame).all()):
        return None
    m: Matrix3 = np.linalg.pinv(picture) @ frame
    if max(abs(m[0, 1]), abs(m[1, 0])) < 1e-6 or max(abs(m[0, 0]), abs(m[1, 1])) < 1e-6:
        return m
    return None


def _corners(matrix: Matrix3, box: Box) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of a box of a frame that does not turn."""
    ends = matrix @ np.array([[box[0], box[1]], [box[2], box[3]], [1.0, 1.0]])
    low, high = ends[:2].min(axis=1), ends[:2].max(axis=1)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _common(
    a: tuple[float, float, float, float], b: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    return (max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3]))


def quad_ops(quad: Quad, picture: Picture) -> tuple[Step, ...]:
    """The whole colour chain of a source image, with what is painted on it."""
    linear: tuple[Op, ...] = ()
    if quad.linearize is not None:
        linear = linearize_ops(quad.linearize, facts_of(picture, quad.attributes))
    later: list[Step] = []
    for step in quad.ops:
        if isinstance(step, Late):
            later += linearize_ops(step.node, facts_of(picture, quad.attributes))
        else:
            later.append(step)
    return (*quad.before, *linear, *later)


def around(scene: Composite, child: Scene, outer: Matrix3, window: float) -> Matrix3:
    """Where a child of a scene lies, whose own matrix comes after that; *window* is the shape of
    what the margins leave."""
    k = window / child.frame if child.frame > window else 1.0
    return outer @ scene.matrix @ scene.inner @ scaling(k, k)


def quads_of(scene: Scene | None, outer: Matrix3, window: float) -> Iterator[tuple[Quad, Matrix3]]:
    """All images of a scene, in the order in which they are drawn, and where each lies."""
    if isinstance(scene, Quad):
        yield scene, outer
    elif scene is not None:
        for child in scene.children:
            yield from quads_of(child, around(scene, child, outer, window), window)


def camera(view: View, window: float) -> Matrix3:
    """Where the view's picture lies; *window* is the shape of what the margins leave."""
    fit = window / view.aspect if view.aspect > window else 1.0
    return scaling(*view.zoom) @ translation(*view.pan) @ scaling(fit, fit)


def eyes_of(view: View) -> dict[str, Scene | None]:
    """What is drawn of a view: both eyes, or one, which is called the left."""
    if view.right is None or view.stereo in ("off", "mono", "left"):
        return {"left": view.left}
    if view.stereo == "right":
        return {"left": view.right}
    return {"left": view.left, "right": view.right}


def _eye_matrix(view: View, eye: str, canvas: Canvas, scene: Scene | None) -> Matrix3:
    """Where the stereo mode of a view puts what the left or right eye sees."""
    make = EYE_MATRICES.get(view.stereo)
    if make is None:
        return identity()
    aspect = view.aspect or canvas.aspect
    if view.aspect == 0 and isinstance(scene, Quad):
        # the pair lies side by side at the image's own aspect, not the window's
        aspect = min(canvas.shape_of(scene), canvas.aspect)
    return make(eye, aspect)
