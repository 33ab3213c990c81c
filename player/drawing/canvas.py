"""A list of what is drawn, and blending it into a picture.

Coordinates are pixels from the lower left corner; a pixel is filled when its middle lies within,
as OpenGL does without multisampling.  Colours are RGBA, and what is drawn is blended with its
alpha into all four channels of the picture unless another blending is set, also beyond 1 where the
picture holds floats.  Of a picture of bytes, which is a screen's, the alpha stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.drawing.fonts import FONT, coverage

__all__ = ["Blend", "Colour", "Drawing", "Matrix", "NO_BLEND", "OVER", "PLAIN"]

Pixels = npt.NDArray[Any]
Colour = tuple[float, float, float, float]
Matrix = tuple[float, float, float, float, float, float]
"""x' = a x + c y + e, y' = b x + d y + f, as (a, b, c, d, e, f)."""
Point = tuple[float, float]
Blend = tuple[str, str]
"""What the drawn and what the picture's values are multiplied by."""

PLAIN: Final[Matrix] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
OVER: Final[Blend] = ("src_alpha", "one_minus_src_alpha")
NO_BLEND: Final[Blend] = ("one", "zero")


@dataclass(frozen=True, slots=True)
class _Clear:
    colour: Colour


@dataclass(frozen=True, slots=True, eq=False)
class _Polygon:
    points: Pixels  # (n, 2)
    colours: Pixels  # (n, 4)
    blend: Blend
    stipple: Pixels | None  # (32, 32) of bool, row 0 lowest


@dataclass(frozen=True, slots=True)
class _Line:
    start: Point
    end: Point
    colour: Colour
    width: float
    smooth: bool
    blend: Blend


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    size: int
    font: str
    matrix: Matrix  # of the pen's pixels
    colour: Colour


@dataclass(frozen=True, slots=True, eq=False)
class _Texture:
    pixels: Pixels  # (h, w, 4), row 0 lowest
    matrix: Matrix  # of the texture's unit square
    colour: Colour
    blend: Blend


class Drawing:
    """Collects what is drawn; ``paint`` does it."""

    def __init__(self) -> None:
        self._drawn: list[Any] = []

    def __bool__(self) -> bool:
        """Whether there is anything to paint."""
        return bool(self._drawn)

    def clear(self, colour: Colour) -> None:
        """Forget what was drawn, and fill the picture."""
        self._drawn = [_Clear(colour)]

    def polygon(
        self, points: Sequence[Point], colours: Colour | Sequence[Colour], *,
        blend: Blend = OVER, stipple: Pixels | None = None,
    ) -> None:  # fmt: skip
        """A convex polygon of one colour, or of one for each corner."""
        shades = np.array(colours, np.float64)
        if shades.ndim == 1:
            shades = np.repeat(shades[None], len(points), 0)
        self._drawn.append(_Polygon(np.array(points, np.float64), shades, blend, stipple))

    def rectangle(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        self.polygon(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), colour)

    def line(
        self, start: Point, end: Point, colour: Colour, *, width: float = 1.0,
        smooth: bool = False, blend: Blend = OVER,
    ) -> None:  # fmt: skip
        self._drawn.append(_Line(start, end, colour, width, smooth, blend))

    def text(
        self, x: float, y: float, text: str, size: int, colour: Colour, *,
        font: str = FONT, matrix: Matrix = PLAIN,
    ) -> None:  # fmt: skip
        """A line of text whose pen begins at x, y of *matrix*."""
        a, b, c, d, e, f = matrix
        placed = (a, b, c, d, a * x + c * y + e, b * x + d * y + f)
        if text:
            self._drawn.append(_Text(text, size, font, placed, colour))

    def texture(
        self, pixels: Pixels, matrix: Matrix, colour: Colour = (1, 1, 1, 1), *,
        blend: Blend = OVER,
    ) -> None:  # fmt: skip
        """A picture (rows, columns, 4), lowest row first, whose unit square *matrix* places."""
        self._drawn.append(_Texture(pixels, matrix, colour, blend))

    def scaled(self, across: float, along: float) -> Drawing:
        """The same for a picture that has so many times the columns and rows."""
        made = Drawing()
        made._drawn = [_SCALERS[type(item)](item, across, along) for item in self._drawn]
        return made

    def paint(self, pixels: Pixels) -> None:
        """Draw into a picture (height, width, 4) of float32 or uint8 whose top row comes first."""
        canvas = pixels[::-1]
        for item in self._drawn:
            _PAINTERS[type(item)](canvas, item)


def _factor(name: str, source: Pixels, there: Pixels) -> Pixels | float:
    if name in ("zero", "one"):
        return float(name == "one")
    kind = name.removeprefix("one_minus_")
    values = {
        "src_alpha": source[..., 3:4], "dst_alpha": there[..., 3:4], "src_color": source,
        "dst_color": there,
    }[kind]  # fmt: skip
    return 1 - values if kind != name else values


def _mix(canvas: Pixels, place: Any, source: Pixels, covered: Pixels | None, blend: Blend) -> None:
    """Blend *source* (h, w, 4 or broadcastable) into a part of the canvas where *covered*."""
    target = canvas[place]
    bytes_ = canvas.dtype == np.uint8
    there = target.astype(np.float32) / np.float32(255) if bytes_ else target
    source = np.broadcast_to(source, there.shape)
    made = source * _factor(blend[0], source, there) + there * _factor(blend[1], source, there)
    if covered is not None:
        made = np.where(covered[..., None], made, there)
    if bytes_:
        target[..., :3] = np.clip(made[..., :3], 0, 1) * 255 + np.float32(0.5)
    else:
        target[...] = made


def _box(canvas: Pixels, low: Any, high: Any) -> tuple[int, int, int, int]:
    """The pixels whose middles may lie between two corners: x, end of x, y, end of y."""
    height, width = canvas.shape[:2]
    x0, y0 = (int(np.ceil(v - 0.5)) for v in low)
    x1, y1 = (int(np.ceil(v - 0.5)) for v in high)
    return max(0, x0), min(width, x1), max(0, y0), min(height, y1)


def _is_upright(points: Pixels) -> bool:
    if len(points) != 4:
        return False
    xs, ys = set(points[:, 0]), set(points[:, 1])
    return len(xs) == 2 and len(ys) == 2 and len({tuple(p) for p in points.tolist()}) == 4


def _paint_clear(canvas: Pixels, item: _Clear) -> None:
    _mix(canvas, ..., np.array(item.colour, np.float32), None, NO_BLEND)


def _paint_polygon(canvas: Pixels, item: _Polygon) -> None:
    points = item.points
    if len(points) < 3 or not np.isfinite(points).all():
        return
    x0, x1, y0, y1 = _box(canvas, points.min(0), points.max(0))
    if x1 <= x0 or y1 <= y0:
        return
    flat = bool((item.colours == item.colours[0]).all())
    place = (slice(y0, y1), slice(x0, x1))
    if flat and item.stipple is None and _is_upright(points):
        _mix(canvas, place, item.colours[0].astype(np.float32), None, item.blend)
        return
    y, x = np.mgrid[y0:y1, x0:x1] + 0.5
    covered = np.zeros(x.shape, bool)
    values = np.zeros((*x.shape, 4))
    if flat:
        values[...] = item.colours[0]
    for n in range(1, len(points) - 1):
        corners = points[[0, n, n + 1]]
        inside, weights = _triangle(corners, x, y)
        inside &= ~covered
        covered |= inside
        if not flat:
            shades = item.colours[[0, n, n + 1]]
            values[inside] = sum(w[inside][:, None] * s for w, s in zip(weights, shades))  # noqa: B905
    if item.stipple is not None:
        rows, columns = np.arange(y0, y1) % 32, np.arange(x0, x1) % 32
        covered &= item.stipple[rows[:, None], columns[None, :]]
    _mix(canvas, place, values.astype(np.float32), covered, item.blend)


def _triangle(p: Pixels, x: Pixels, y: Pixels) -> tuple[Pixels, tuple[Pixels, Pixels, Pixels]]:
    """Which pixels lie within, and the weights of the corners there."""
    (ax, ay), (bx, by), (cx, cy) = p
    area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    if abs(area) < 1e-12:
        nothing = np.zeros(x.shape)
        return np.zeros(x.shape, bool), (nothing, nothing, nothing)
    wb = ((x - ax) * (cy - ay) - (cx - ax) * (y - ay)) / area
    wc = ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) / area
    wa = 1 - wb - wc
    return (wa >= 0) & (wb >= 0) & (wc >= 0), (wa, wb, wc)


def _paint_line(canvas: Pixels, item: _Line) -> None:
    a, b = np.array(item.start), np.array(item.end)
    half = max(1.0, item.width) / 2
    along = b - a
    length = float(np.hypot(*along))
    if not np.isfinite(length):
        return
    if not item.smooth and 0 in along.tolist() and length > 0:  # upright: whole pixels
        across = np.array([half if along[0] == 0 else 0.0, half if along[1] == 0 else 0.0])
        x0, x1, y0, y1 = _box(canvas, np.minimum(a, b) - across, np.maximum(a, b) + across)
        if x1 > x0 and y1 > y0:
            place = (slice(y0, y1), slice(x0, x1))
            _mix(canvas, place, np.array(item.colour, np.float32), None, item.blend)
        return
    x0, x1, y0, y1 = _box(canvas, np.minimum(a, b) - half - 1, np.maximum(a, b) + half + 1)
    if x1 <= x0 or y1 <= y0:
        return
    y, x = np.mgrid[y0:y1, x0:x1] + 0.5
    unit = along / length if length else np.zeros(2)
    ahead = (x - a[0]) * unit[0] + (y - a[1]) * unit[1]
    aside = np.abs((y - a[1]) * unit[0] - (x - a[0]) * unit[1])
    if item.smooth:
        cover = np.clip(half + 0.5 - aside, 0, 1) * np.clip(ahead + 0.5, 0, 1)
        cover *= np.clip(length - ahead + 0.5, 0, 1)
    else:
        cover = ((aside <= half) & (ahead >= 0) & (ahead < length)).astype(np.float64)
    source = np.empty((*x.shape, 4), np.float32)
    source[...] = item.colour
    source[..., 3] *= cover
    _mix(canvas, (slice(y0, y1), slice(x0, x1)), source, cover > 0, item.blend)


def _paint_text(canvas: Pixels, item: _Text) -> None:
    cover, px, py = coverage(item.text, item.size, item.font)
    a, b, c, d, e, f = item.matrix
    upright = abs(b) + abs(c) < 1e-9 and abs(a - 1) < 0.01 and abs(d - 1) < 0.01
    if upright:  # RV's letters lie between pixels at most by what is rounded here
        x, y = round(e) - px, round(f) - py
        x0, y0 = max(0, x), max(0, y)
        x1 = min(canvas.shape[1], x + cover.shape[1])
        y1 = min(canvas.shape[0], y + cover.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        part = cover[y0 - y : y1 - y, x0 - x : x1 - x]
        place = (slice(y0, y1), slice(x0, x1))
    else:
        moved = (a, b, c, d, e - a * px - c * py, f - b * px - d * py)
        found = _sampled(canvas, cover[..., None], moved, clamp=False)
        if found is None:
            return
        place, values, _ = found
        part = values[..., 0]
    red, green, blue, alpha = item.colour
    if canvas.dtype == np.uint8:
        source = np.empty((*part.shape, 4), np.float32)
        source[...] = item.colour
        source[..., 3] *= part
        _mix(canvas, place, source, None, OVER)
        return
    share = (part * np.float32(alpha))[..., None]
    there = canvas[place]
    there *= 1 - share
    there[..., :3] += share * np.array((red, green, blue), np.float32)
    there[..., 3:] += share * share


def _paint_texture(canvas: Pixels, item: _Texture) -> None:
    height, width = item.pixels.shape[:2]
    a, b, c, d, e, f = item.matrix
    texels = (a / width, b / width, c / height, d / height, e, f)
    found = _sampled(canvas, item.pixels, texels, clamp=True)
    if found is None:
        return
    place, values, inside = found
    _mix(canvas, place, values * np.array(item.colour, np.float32), inside, item.blend)


def _sampled(
    canvas: Pixels, texels: Pixels, matrix: Matrix, *, clamp: bool
) -> tuple[Any, Pixels, Pixels] | None:
    """Where texels that *matrix* places lie on the canvas, their values there and the pixels
    that they cover.  What is made smaller is averaged first, as mip-maps do."""
    a, b, c, d, e, f = matrix
    area = a * d - b * c
    if abs(area) < 1e-12 or not np.isfinite(matrix).all():
        return None
    while abs(area) < 0.36 and min(texels.shape[:2]) > 1:
        height, width = (n - n % 2 for n in texels.shape[:2])
        part = texels[:height, :width]
        texels = (part[::2, ::2] + part[1::2, ::2] + part[::2, 1::2] + part[1::2, 1::2]) / 4
        a, b, c, d = 2 * a, 2 * b, 2 * c, 2 * d
        area *= 4
    height, width = texels.shape[:2]
    corners = np.array([[a * u + c * v + e, b * u + d * v + f]
                        for u in (0, width) for v in (0, height)])  # fmt: skip
    x0, x1, y0, y1 = _box(canvas, corners.min(0), corners.max(0))
    if x1 <= x0 or y1 <= y0:
        return None
    y, x = np.mgrid[y0:y1, x0:x1] + 0.5
    x, y = x - e, y - f
    u, v = (d * x - c * y) / area, (a * y - b * x) / area
    inside = (u >= 0) & (u < width) & (v >= 0) & (v < height)
    if not clamp:
        texels = np.pad(texels, ((1, 1), (1, 1), (0, 0)))
        u, v, width, height = u + 1, v + 1, width + 2, height + 2
    u, v = np.clip(u - 0.5, 0, width - 1), np.clip(v - 0.5, 0, height - 1)
    u0, v0 = u.astype(int), v.astype(int)
    u1, v1 = np.minimum(u0 + 1, width - 1), np.minimum(v0 + 1, height - 1)
    s, t = (u - u0)[..., None], (v - v0)[..., None]
    low = texels[v0, u0] * (1 - s) + texels[v0, u1] * s
    high = texels[v1, u0] * (1 - s) + texels[v1, u1] * s
    values = (low * (1 - t) + high * t).astype(np.float32)
    return (slice(y0, y1), slice(x0, x1)), values, inside


_PAINTERS: Final[dict[type, Callable[[Pixels, Any], None]]] = {
    _Clear: _paint_clear, _Polygon: _paint_polygon, _Line: _paint_line, _Text: _paint_text,
    _Texture: _paint_texture,
}  # fmt: skip


def _scaled_matrix(matrix: Matrix, x: float, y: float) -> Matrix:
    a, b, c, d, e, f = matrix
    return (a * x, b * y, c * x, d * y, e * x, f * y)


def _scaled_line(item: _Line, x: float, y: float) -> _Line:
    (ax, ay), (bx, by) = item.start, item.end
    return replace(
        item, start=(ax * x, ay * y), end=(bx * x, by * y), width=item.width * (x + y) / 2
    )


_SCALERS: Final[dict[type, Callable[[Any, float, float], Any]]] = {
    _Clear: lambda item, x, y: item,
    _Polygon: lambda item, x, y: replace(item, points=item.points * (x, y)),
    _Line: _scaled_line,
    _Text: lambda item, x, y: replace(item, matrix=_scaled_matrix(item.matrix, x, y)),
    _Texture: lambda item, x, y: replace(item, matrix=_scaled_matrix(item.matrix, x, y)),
}
