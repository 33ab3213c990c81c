"""How a pen covers pixels: a ribbon along its points, or stamps side by side.

A width is the distance of the edge from the middle of the stroke, so what is drawn is twice as
wide.  The points are smoothed first (Catmull-Rom, centripetal) where they lie far apart, by the
width of a ribbon, by a quarter of it for stamps; those of a ribbon that are less than its width
apart are passed over then.  The hard brush fades within two pixels of its edge, the soft one from
its middle on.  Stamps add up where they overlap, which is what makes an air brush of little opacity
visible; a ribbon covers a pixel once.

Source: Open RV ``TwkPaint/Path``, the paint shaders of ``TwkGLF``, ``PaintIPNode``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.image.marks import Pen

__all__ = ["Points", "segments", "smoothed", "stamps", "touch"]

Field = npt.NDArray[Any]  # float32, over the pixels of a box
Points = npt.NDArray[np.float64]  # (n, 2) in image heights

_SAME: Final = float(np.finfo(np.float32).eps)  # squared distance of points that are one
_BETWEEN: Final = {False: 8, True: 2000}  # parts of what is between two points, at most
_BORDER: Final = 2.0  # pixels in which the hard brush fades
_THINNEST: Final = (
    1.0  # pixels from the middle to the edge: RV's lines vanish when they are thinner
)
_STEP: Final = {False: 1.0, True: 0.25}  # of the width, for ribbons and stamps
_FINEST: Final = {False: 3.0, True: 0.25}  # pixels, which are enough for a curve


def _curve(p: list[Points], count: int) -> Points:
    """*count* - 1 points between the second and the third of four."""
    t = [0.0]
    for a, b in pairwise(p):
        t.append(t[-1] + max(math.sqrt(float(np.hypot(*(b - a)))), 1e-9))
    at = (t[1] + (t[2] - t[1]) * np.arange(1, count) / count)[:, None]

    def between(a: Points, b: Points, first: int, last: int) -> Points:
        return (a * (t[last] - at) + b * (at - t[first])) / (t[last] - t[first])

    a1, a2, a3 = (between(p[i], p[i + 1], i, i + 1) for i in range(3))
    b1, b2 = between(a1, a2, 0, 2), between(a2, a3, 1, 3)
    return between(b1, b2, 1, 2)


def smoothed(
    points: Points, widths: Points, step: float, finest: float, most: int
) -> tuple[Points, Points]:
    """Points (n, 2) and their widths (n) with others between them where they are further apart than
    *step* widths, though no closer than *finest*, and no more than *most* parts of each part;
    fewer than three are left as they are."""
    kept = [0]
    for i in range(1, len(points)):
        d = points[i] - points[kept[-1]]
        if float(d @ d) > _SAME:
            kept.append(i)
    kept[-1] = len(points) - 1
    if len(kept) < 3:
        return points, widths
    p, w = points[kept], widths[kept]
    out, wide = [p[:1]], [w[:1]]
    last = len(p) - 1
    for i in range(1, last + 1):
        far = float(np.hypot(*(p[i] - p[i - 1])))
        apart = np.float32(max(min(w[i], w[i - 1]) * step, finest))  # single, as RV counts
        count = int(min(float(np.float32(min(far, 1e30)) / apart), most))
        if count > 1 and far > 0:
            before = p[i - 2] if i > 1 else 2 * p[0] - p[1]
            behind = p[i + 1] if i < last else 2 * p[last] - p[last - 1]
            out.append(_curve([before, p[i - 1], p[i], behind], count))
            wide.append(w[i - 1] + (w[i] - w[i - 1]) * np.arange(1, count) / count)
        out.append(p[i : i + 1])
        wide.append(w[i : i + 1])
    return np.concatenate(out), np.concatenate(wide)


def touch(pen: Pen) -> Callable[[Field, Field | float], Field]:
    """How much of a pixel is covered at a distance from the middle, by a brush of a radius; both
    in pixels."""
    if not pen.soft:

        def hard(distance: Field, radius: Field | float) -> Field:
            radius = np.maximum(radius, np.float32(_THINNEST))
            t = np.clip((radius - distance) / np.minimum(radius, np.float32(_BORDER)), 0.0, 1.0)
            made: Field = t * t * (3 - 2 * t)
            return made

        return hard

    def soft(distance: Field, radius: Field | float) -> Field:
        r = np.minimum(distance / np.maximum(radius, np.float32(1e-3)), 1.0)
        made: Field = np.exp(-4 * r * r) - np.float32(math.exp(-4)) * r
        return made

    return soft


def _placed(pen: Pen, unit: float) -> tuple[Points, Points]:
    points = np.asarray(pen.points, np.float64)
    widths = np.resize(np.asarray(pen.widths, np.float64), len(points))
    stamped = pen.stamped
    finest = _FINEST[stamped] / max(unit, 1e-6)
    return smoothed(points, widths, _STEP[stamped], finest, _BETWEEN[stamped])


def stamps(pen: Pen, unit: float) -> Iterator[tuple[Points, float]]:
    """Where a pen that stamps does so, and how wide; *unit* is a height in pixels."""
    yield from zip(*_placed(pen, unit), strict=True)


def segments(pen: Pen, unit: float) -> Iterator[tuple[Points, Points, float, float]]:
    """The straight parts of a ribbon, from one point to another, with the width of each."""
    points, widths = _placed(pen, unit)
    kept = [0]
    for i in range(1, len(points)):
        wide = max(widths[i], widths[kept[-1]])
        if float(np.hypot(*(points[i] - points[kept[-1]]))) > wide:
            kept.append(i)
    if len(kept) == 1:
        yield points[0], points[0], float(widths[0]), float(widths[0])
    for a, b in pairwise(kept):
        yield points[a], points[b], float(widths[a]), float(widths[b])
