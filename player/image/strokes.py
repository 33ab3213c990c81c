"""Marks turned into pixels: coverage by distance, one pixel of soft edge.

A layer is float32 RGBA, premultiplied, row 0 lowest, as a canvas is; where a pen made something
brighter or darker three more values say how much of each colour below passes.  Each mark's
coverage is computed within its own bounding box; that of pens is told by `brush.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from player.image.brush import segments, stamps, touch
from player.image.glyphs import text_mask
from player.image.marks import Colour, Mark, Matte, Pen, Point, Polygon, Shape, Text
from player.image.scene import Matrix3

__all__ = ["laid", "matte_boxes", "paint"]

Field = npt.NDArray[Any]  # float32, over the pixels of a box

_LARGEST = 400  # pixels of letters
_SLANT = 0.2  # how far letters lean, of their height


def laid(layer: Field, values: Field) -> Field:
    """A layer over RGBA values of its size."""
    alpha = layer[..., 3:4]
    out: Field
    if layer.shape[2] == 4:
        out = layer + values * (1 - alpha)
        return out
    out = np.empty_like(values)
    out[..., :3] = layer[..., :3] + values[..., :3] * layer[..., 4:]
    out[..., 3:] = alpha + values[..., 3:] * (1 - alpha)
    return out


class _Layer:
    """Where marks are drawn: image space to pixels by *matrix*."""

    def __init__(self, height: int, width: int, matrix: Matrix3) -> None:
        self.pixels = np.zeros((height, width, 4), np.float32)
        self.passing: Field | None = None  # of each colour below, where that is not 1 - alpha
        self.height, self.width = height, width
        self._matrix = matrix
        self.unit = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))  # pixels of a height

    def at(self, p: Point) -> npt.NDArray[np.float64]:
        out: npt.NDArray[np.float64] = (self._matrix @ np.array([p[0], p[1], 1.0]))[:2]
        return out

    def box(
        self, low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]
    ) -> tuple[slice, slice] | None:
        """The pixels of a box in canvas coordinates; None outside."""
        if not (np.isfinite(low).all() and np.isfinite(high).all()):
            return None
        x0, y0 = (int(np.floor(np.clip(v, -1e6, 1e6))) for v in low)
        x1, y1 = (int(np.ceil(np.clip(v, -1e6, 1e6))) + 1 for v in high)
        x0, y0, x1, y1 = max(0, x0), max(0, y0), min(self.width, x1), min(self.height, y1)
        return (slice(y0, y1), slice(x0, x1)) if x1 > x0 and y1 > y0 else None

    @staticmethod
    def centres(box: tuple[slice, slice]) -> tuple[Field, Field]:
        y = np.arange(box[0].start, box[0].stop, dtype=np.float32)[:, None] + np.float32(0.5)
        x = np.arange(box[1].start, box[1].stop, dtype=np.float32)[None, :] + np.float32(0.5)
        return x, y

    def over(self, box: tuple[slice, slice], cover: Field, colour: Colour) -> None:
        alpha = (cover * np.float32(colour[3]))[..., None]
        part = self.pixels[box]
        part *= 1 - alpha
        part += alpha * np.array([*colour[:3], 1.0], np.float32)
        if self.passing is not None:
            self.passing[box] *= 1 - alpha

    def erase(self, box: tuple[slice, slice], cover: Field, colour: Colour) -> None:
        """Bring back what was there before all marks."""
        alpha = (cover * np.float32(colour[3]))[..., None]
        self.pixels[box] *= 1 - alpha
        if self.passing is not None:
            self.passing[box] += (1 - self.passing[box]) * alpha

    def scale(self, box: tuple[slice, slice], cover: Field, colour: Colour) -> None:
        """Multiply what is there by a colour, whose alpha has no part in it."""
        if self.passing is None:
            self.passing = np.repeat(1 - self.pixels[..., 3:4], 3, axis=-1)
        alpha = cover[..., None]
        factor = 1 - alpha + alpha * np.array(colour[:3], np.float32)
        part = self.pixels[box]
        part[..., :3] *= factor
        part[..., 3:] += (1 - part[..., 3:]) * alpha
        self.passing[box] *= factor

    def made(self) -> Field:
        if self.passing is None:
            return self.pixels
        return np.concatenate([self.pixels, self.passing], axis=-1)

    def start(self, below: Field) -> None:
        """Go on with a layer that is there."""
        self.pixels[...] = below[..., :4]
        if below.shape[2] > 4:
            self.passing = below[..., 4:].copy()


def _segment(
    x: Field, y: Field, a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]
) -> tuple[Field, Field]:
    """Distance of pixels from a segment, and which part of it is nearest."""
    d = b - a
    length = float(d @ d)
    if length < 1e-12:
        length = 1.0  # a point: d is nothing
    t = np.clip(((x - a[0]) * d[0] + (y - a[1]) * d[1]) / length, 0.0, 1.0)
    out: Field = np.hypot(x - (a[0] + t * d[0]), y - (a[1] + t * d[1])).astype(np.float32)
    return out, t.astype(np.float32)


def _edge(distance: Field, radius: float) -> Field:
    """Coverage of what lies within *radius*."""
    out: Field = np.clip(np.float32(radius + 0.5) - distance, 0.0, 1.0)
    return out


def _pen(layer: _Layer, pen: Pen) -> None:
    """A stroke.  Stamps each cover what the ones before left, the parts of a ribbon do not add
    up."""
    if not (np.isfinite(pen.points).all() and np.isfinite(pen.widths).all()):
        return
    covers, unit = touch(pen), layer.unit
    reach = max(max(pen.widths) * unit, 1.0) + 1.5
    corners = [layer.at(p) for p in pen.points]
    # a curve between points may go a little beyond them
    reach += max((float(np.hypot(*(b - a))) for a, b in pairwise(corners)), default=0.0) / 4
    whole = layer.box(np.min(corners, axis=0) - reach, np.max(corners, axis=0) + reach)
    if whole is None:
        return
    left = np.ones((layer.height, layer.width), np.float32)  # of the layer, or of a pixel
    opacity = np.float32(1.0 if pen.mode == "scale" else pen.colour[3])
    if pen.stamped:
        for point, width in stamps(pen, unit):
            at = layer.at((point[0], point[1]))
            radius = width * unit
            box = layer.box(at - radius - 1, at + radius + 1)
            if box is not None:
                x, y = layer.centres(box)
                distance = np.hypot(x - np.float32(at[0]), y - np.float32(at[1]))
                left[box] *= 1 - opacity * covers(distance, radius)
        colour = (*pen.colour[:3], 1.0)
    else:
        for p, q, wide, narrow in segments(pen, unit):
            a, b = layer.at((p[0], p[1])), layer.at((q[0], q[1]))
            far = max(wide, narrow, 0.0) * unit + 1.5
            box = layer.box(np.minimum(a, b) - far, np.maximum(a, b) + far)
            if box is None:
                continue
            distance, t = _segment(*layer.centres(box), a, b)
            radius_at = np.float32(wide * unit) + t * np.float32((narrow - wide) * unit)
            np.minimum(left[box], 1 - covers(distance, radius_at), out=left[box])
        colour = pen.colour
    draw = {"erase": layer.erase, "scale": layer.scale}.get(pen.mode, layer.over)
    draw(whole, 1 - left[whole], colour)


def _text(layer: _Layer, text: Text, matrix: Matrix3) -> None:
    if not np.isfinite((text.size * layer.unit, text.rotation, *text.at)).all():
        return
    size = min(_LARGEST, max(4, round(text.size * layer.unit)))
    turn = np.radians(text.rotation)
    spin = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    for number, line in enumerate(text.text.split("\n")):
        mask = text_mask(line, size, text.font)
        rows, columns = mask.shape
        foot = round(rows * 0.25)
        if text.underlined and line:
            thick = max(1, round(size / 18))
            mask = mask.copy()
            top = rows - foot + max(1, round(size / 10))
            mask[top : top + thick] = 255
        k = text.size / size  # image heights of one pixel of the mask
        base = foot + number * rows
        lean = _SLANT if text.slanted else 0.0
        local = np.array([[k, lean * k, -lean * k * foot], [0, k, -base * k], [0, 0, 1]])
        move = np.array([[1, 0, text.at[0]], [0, 1, text.at[1]], [0, 0, 1]])
        to_canvas = matrix @ move @ spin @ local  # mask pixels, from its lower left
        corners = to_canvas @ np.array([[0, columns, columns, 0], [0, 0, rows, rows], [1, 1, 1, 1]])
        box = layer.box(corners[:2].min(axis=1) - 1, corners[:2].max(axis=1) + 1)
        if box is None or abs(np.linalg.det(to_canvas[:2, :2])) < 1e-12:
            continue
        m = np.linalg.inv(to_canvas)
        x, y = layer.centres(box)
        u = (m[0, 0] * x + m[0, 1] * y + m[0, 2]).astype(np.int32)
        v = np.floor(m[1, 0] * x + m[1, 1] * y + m[1, 2]).astype(np.int32)
        inside = (u >= 0) & (u < columns) & (v >= 0) & (v < rows)
        up = mask[::-1]
        cover = up[np.clip(v, 0, rows - 1), np.clip(u, 0, columns - 1)] * (inside / np.float32(255))
        layer.over(box, cover.astype(np.float32), text.colour)


def _local(
    layer: _Layer, shape: Shape, matrix: Matrix3, margin: float
) -> tuple[tuple[slice, slice], Field, Field] | None:
    """(box, x, y) of the pixels around a shape, x and y in image space."""
    ends = np.array([shape.a, shape.b])
    low, high = ends.min(axis=0) - margin, ends.max(axis=0) + margin
    corners = matrix @ np.array(
        [[low[0], high[0], high[0], low[0]], [low[1], low[1], high[1], high[1]], [1, 1, 1, 1]]
    )
    box = layer.box(corners[:2].min(axis=1) - 1, corners[:2].max(axis=1) + 1)
    if box is None:
        return None
    m = np.linalg.inv(matrix)
    px, py = layer.centres(box)
    x = m[0, 0] * px + m[0, 1] * py + m[0, 2]
    y = m[1, 0] * px + m[1, 1] * py + m[1, 2]
    return box, x.astype(np.float32), y.astype(np.float32)


def _box_distance(x: Field, y: Field, shape: Shape) -> Field:
    """Signed distance from a rectangle, negative inside, in image heights."""
    (x0, y0), (x1, y1) = shape.a, shape.b
    dx = np.abs(x - np.float32((x0 + x1) / 2)) - np.float32(abs(x1 - x0) / 2)
    dy = np.abs(y - np.float32((y0 + y1) / 2)) - np.float32(abs(y1 - y0) / 2)
    outside = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0))
    return (outside + np.minimum(np.maximum(dx, dy), 0)).astype(np.float32)


def _ellipse_distance(x: Field, y: Field, shape: Shape) -> Field:
    """As `_box_distance`, to first order (exact on the outline)."""
    (x0, y0), (x1, y1) = shape.a, shape.b
    rx, ry = max(abs(x1 - x0) / 2, 1e-6), max(abs(y1 - y0) / 2, 1e-6)
    u, v = (x - (x0 + x1) / 2) / rx, (y - (y0 + y1) / 2) / ry
    radius = np.hypot(u, v)
    gradient = np.hypot(u / rx, v / ry) / np.maximum(radius, 1e-6)
    return ((radius - 1) / np.maximum(gradient, 1e-6)).astype(np.float32)


def _arrow_distance(x: Field, y: Field, shape: Shape) -> Field:
    """A shaft with a head two and a half times as wide to each side."""
    a, b = np.array(shape.a), np.array(shape.b)
    d = b - a
    length = float(np.hypot(*d)) or 1e-6
    d = d / length
    along = (x - a[0]) * d[0] + (y - a[1]) * d[1]
    aside = np.abs((x - a[0]) * -d[1] + (y - a[1]) * d[0])
    half = shape.thickness / 2
    head = min(length, 5 * shape.thickness)
    neck = length - head
    shaft = np.maximum(np.maximum(-along, along - neck), aside - half)
    slope = 2.5 * shape.thickness / head
    tip = np.maximum(neck - along, (aside - (length - along) * slope) / np.hypot(1, slope))
    out: Field = np.minimum(shaft, tip).astype(np.float32)
    return out


def _shape(layer: _Layer, shape: Shape, matrix: Matrix3) -> None:
    if shape.kind == "line":
        ends, half = (layer.at(shape.a), layer.at(shape.b)), shape.width * layer.unit / 2
        box = layer.box(np.min(ends, axis=0) - half - 1.5, np.max(ends, axis=0) + half + 1.5)
        if box is not None:
            distance, _ = _segment(*layer.centres(box), *ends)
            layer.over(box, _edge(distance, half), shape.border)
        return
    margin = shape.width + (3 * shape.thickness if shape.kind == "arrow" else 0.0)
    found = _local(layer, shape, matrix, margin)
    if found is None:
        return
    box, x, y = found
    measure = {"rect": _box_distance, "ellipse": _ellipse_distance, "arrow": _arrow_distance}
    distance = measure[shape.kind](x, y, shape) * np.float32(layer.unit)
    if shape.inner[3] > 0:
        layer.over(box, np.clip(0.5 - distance, 0, 1), shape.inner)
    if shape.border[3] > 0 and shape.width > 0:
        half = max(shape.width * layer.unit / 2, 0.5)
        layer.over(box, _edge(np.abs(distance), half), shape.border)


def _polygon(layer: _Layer, shape: Polygon) -> None:
    """Filled where a ray crosses its edges an odd number of times: at pixel centres."""
    corners = [layer.at(p) for p in shape.points]
    box = layer.box(np.min(corners, axis=0) - 1, np.max(corners, axis=0) + 1)
    if box is None:
        return
    x, y = layer.centres(box)
    inside = np.zeros((box[0].stop - box[0].start, box[1].stop - box[1].start), bool)
    for a, b in zip(corners, [*corners[1:], corners[0]], strict=True):
        if shape.outline:
            inside |= _segment(x, y, a, b)[0] <= 0.5
            continue
        crosses = (a[1] > y) != (b[1] > y)
        slope = (b[0] - a[0]) / (b[1] - a[1]) if a[1] != b[1] else 0.0
        inside ^= crosses & (x < a[0] + (y - a[1]) * slope)
    layer.over(box, inside.astype(np.float32), shape.colour)


def matte_boxes(matte: Matte, aspect: float) -> Iterator[tuple[float, float, float, float]]:
    """The left, bottom, right and top of what a matte covers of an image of that aspect."""
    height, (cx, cy) = matte.height, matte.centre
    sides = height > 0
    if not sides:
        height, cx = min(aspect / matte.aspect, 1.0), 0.0
    half = aspect / 2
    above, below = cy + height / 2, cy - height / 2
    yield -half, above, half, 0.5
    yield -half, -0.5, half, below
    if sides:
        wide = matte.aspect * height
        yield -half, below, -half + max((aspect - wide) / 2 + cx, 0.0), above
        yield half - max((aspect - wide) / 2 - cx, 0.0), below, half, above


def _matte(layer: _Layer, matte: Matte, aspect: float) -> None:
    for left, bottom, right, top in matte_boxes(matte, aspect):
        if right > left and top > bottom:
            corners = ((left, top), (right, top), (right, bottom), (left, bottom))
            _polygon(layer, Polygon(corners, (0.0, 0.0, 0.0, matte.opacity)))


def paint(
    marks: Iterable[Mark], matrix: Matrix3, height: int, width: int,
    image: tuple[float, int] = (1.0, 1000), below: Field | None = None,
) -> Field:  # fmt: skip
    """The layer of *marks*, over a copy of *below*: *matrix* maps image space to its pixels.
    *image* is the aspect of the image and its width in pixels."""
    layer = _Layer(height, width, matrix)
    if below is not None:
        layer.start(below)
    if layer.unit < 1e-6:
        return layer.made()
    for mark in marks:
        if isinstance(mark, Pen):
            wide = tuple(w / max(image[1], 1) for w in mark.widths) if mark.pixels else mark.widths
            _pen(layer, replace(mark, widths=wide))
        elif isinstance(mark, Text):
            _text(layer, mark, matrix)
        elif isinstance(mark, Polygon):
            _polygon(layer, mark)
        elif isinstance(mark, Matte):
            _matte(layer, mark, image[0])
        else:
            _shape(layer, mark, matrix)
    return layer.made()
