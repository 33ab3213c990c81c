"""What RVOverlay draws at a frame, as plain shapes (`marks.py`).

Mattes come first (the session's, unless the node has `matte.*` of its own), then the components
`rect:NAME`, `text:NAME` (one string for each frame: burn-in) and `window:NAME`: a four-cornered
hole in a cover over the image, or its outline, with corners for each frame.

Source: Open RV ``IPBaseNodes/OverlayIPNode``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from player.image.marks import (
    CLEAR,
    Colour,
    Component,
    Mark,
    Matte,
    Pen,
    Point,
    Polygon,
    Shape,
    Text,
)

__all__ = ["overlaid"]

_BLACK: Colour = (0.0, 0.0, 0.0, 1.0)
_OUTLINE: Colour = (0.4, 0.4, 1.0, 1.0)
_CORNERS = ("UL", "UR", "LR", "LL")


def overlaid(node: Any, session: Any, frame: int, eye: int | None) -> list[Mark]:
    """The marks of an RVOverlay node at a frame, in drawing order; *session* is the node whose
    mattes count."""
    out: list[Mark] = []
    matte = _matte(node, session)
    if matte is not None:
        out.append(matte)
    if node.one("overlay.show", 1) != 1:
        return out
    names = (name.rpartition(".")[0] for name in node.props)
    for component in dict.fromkeys(n for n in names if n.startswith(("rect:", "text:", "window:"))):
        r = Component(node, component)
        if int(r.one("eye", 2)) not in (2, eye or 0) or not r.one("active", 1):
            continue
        if component.startswith("window:"):
            out += _window(r, frame)
        elif component.startswith("rect:"):
            out.append(_rectangle(r))
        else:
            out += _text(r, frame)
    return out


def _matte(node: Any, session: Any) -> Matte | None:
    def one(name: str, default: float) -> float:
        shared = session.one(f"matte.{name}", default) if session is not None else default
        return float(node.one(f"matte.{name}", shared))

    if not one("show", 0):
        return None
    opacity, aspect = one("opacity", 0.66), one("aspect", 1.33)
    centre = list(node.get("matte.centerPoint"))
    if len(centre) != 2 and session is not None:
        centre = list(session.get("matte.centerPoint"))
    return Matte(
        aspect if aspect > 0 else 1.33,
        min(opacity, 1.0) if opacity > 0 else 0.66,
        one("heightVisible", -1.0),
        (float(centre[0]), float(centre[1])) if len(centre) == 2 else (0.0, 0.0),
    )


def _rectangle(r: Component) -> Mark:
    at = r.point("position")
    width, height = float(r.one("width", 1.0)), float(r.one("height", 1.0))
    end = (at[0] + width, at[1] + height)
    return Shape("rect", at, end, r.colour("color", _BLACK), CLEAR, 0.0)


def _scaled(at: Point, scale: Point) -> Point:
    """Pixels of a picture of that size, from its lower left, in image space."""
    aspect = scale[0] / scale[1]
    return (aspect * (at[0] - scale[0] / 2) / scale[0], (at[1] - scale[1] / 2) / scale[1])


def _pixel_scale(r: Component) -> Point | None:
    scale = r.point("pixelScale")
    return scale if scale[0] > 0 and scale[1] > 0 else None


def _text(r: Component, frame: int) -> Iterator[Mark]:
    texts = [str(v) for v in r.values("text")]
    if not texts:
        return
    at, scale = r.point("position"), _pixel_scale(r)
    index = min(max(0, frame - int(r.one("firstFrame", 1))), len(texts) - 1)
    size = float(r.one("size", 0.01)) * 12.5 * float(r.one("scale", 1.0))
    yield Text(
        _scaled(at, scale) if scale else at, texts[index], size, r.colour("color"),
        float(r.one("rotation", 0.0)),
    )  # fmt: skip


def _window(r: Component, frame: int) -> Iterator[Mark]:
    tables = {f"{c}{axis}": r.values(f"window{c}{axis}") for c in _CORNERS for axis in "xy"}
    counts = [len(t) for t in tables.values()]
    animated = max(counts) > 1
    aspect, scale = float(r.one("imageAspect", 0.0)), _pixel_scale(r)
    if min(counts) < 1 or (animated and not len(r.values("firstFrame"))):
        return
    if aspect <= 0 and scale is None:
        return
    index = min(max(0, frame - int(r.one("firstFrame", 1))), max(counts) - 1)

    def corner(name: str) -> Point:
        x, y = tables[f"{name}x"], tables[f"{name}y"]
        at = (float(x[index if index < len(x) else 0]), float(y[index if index < len(y) else 0]))
        return _scaled(at, scale) if aspect <= 0 and scale is not None else at

    ul, ur, lr, ll = (corner(name) for name in _CORNERS)
    if aspect <= 0 and scale is not None:
        aspect = scale[0] / scale[1]
    smooth = bool(r.one("antialias", 0))
    width = float(r.one("outlineWidth", 3.0))
    cover = r.colour("windowColor", _BLACK)
    sides = ((ul, ur), (ul, ll), (ur, lr), (ll, lr))
    soft = str(r.one("outlineBrush", "gauss")) == "gauss"
    # as in RV the width counts in widths: of the picture it was drawn for, or of this one
    own = r.one("imageAspect", 0.0) or scale is None
    wide = width if own or scale is None else width / scale[0]
    pen = Pen((), (wide,), soft=soft, pixels=bool(own))
    if r.one("windowActive", 0):
        yield from (Polygon(points, cover) for points in _around(ul, ur, lr, ll, aspect))
        if smooth:
            yield from (replace(pen, points=side, colour=cover) for side in sides)
    if r.one("outlineActive", 0):
        colour = r.colour("outlineColor", _OUTLINE)
        if smooth:
            yield from (replace(pen, points=side, colour=colour) for side in sides)
        else:
            yield Polygon((ul, ur, lr, ll), colour, True)


def _around(
    ul: Point, ur: Point, lr: Point, ll: Point, aspect: float
) -> Iterator[tuple[Point, ...]]:
    """The image without the window: four corners, then the top, bottom, left and right."""
    left, right, bottom, top = -aspect / 2, aspect / 2, -0.5, 0.5
    yield ((left, top), (ul[0], top), ul, (left, ul[1]))
    yield ((ur[0], top), (right, top), (right, ur[1]), ur)
    yield (lr, (right, lr[1]), (right, bottom), (lr[0], bottom))
    yield ((left, ll[1]), ll, (ll[0], bottom), (left, bottom))
    yield ((ul[0], top), (ur[0], top), ur, ul)
    yield (ll, lr, (lr[0], bottom), (ll[0], bottom))
    yield ((left, ul[1]), ul, ll, (left, ll[1]))
    yield (ur, (right, ur[1]), (right, lr[1]), lr)
