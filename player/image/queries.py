"""Answers about the last picture: which images it shows, and how they lie under a point.

Besides the images of sources RV lists the pictures it makes on the way: what the display's
colour pipeline renders into, and what the viewed group renders into when it renders. Points are
view pixels, origin bottom left; RV measures them on a grid that ends one pixel early, so the
answers are a fraction of a pixel off, as RV's are.  `px` counts square pixels of the image's
height: who wants stored ones divides it by `pixelAspect`, as RV's inspector does.

Source: Open RV ``src/lib/ip/IPMu/CommandsModule.cpp`` (imagesAtPixel) and what RV answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from player.image.canvas import Drawn
from player.image.infos import ImageAtPoint, RenderedImage, flat
from player.image.scene import Box, Matrix3

__all__ = ["Pass", "image_matrix", "images_at", "listed", "seen_of"]


#: the node of a picture that is made on the way, and its tags
Pass = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class _Box:
    """An image: `matrix` takes image space (height 1, origin bottom left) to the view's
    (height 1, origin in the centre); left, right, bottom, top in image space."""

    info: RenderedImage
    matrix: Matrix3
    edges: tuple[float, float, float, float]
    scale: tuple[float, float]  # image space to pixels of the displayed frame
    own_aspect: float = 1.0  # of the picture's pixels, whatever it is shown as


def image_matrix(d: Drawn, size: tuple[int, int]) -> Matrix3:
    """Image space (height 1, origin at the image's bottom left) to the view's."""
    width, height = size
    p = d.picture
    to_pixels = np.diag([p.width / d.aspect, p.height, 1.0])
    view = np.diag([1.0 / height, 1.0 / height, 1.0])
    view[0, 2], view[1, 2] = -width / height / 2, -0.5
    return view @ d.to_canvas @ to_pixels


def _centred(aspect: float) -> Matrix3:
    matrix = np.eye(3)
    matrix[0, 2], matrix[1, 2] = -aspect / 2, -0.5
    return matrix


def _projection(size: tuple[int, int]) -> list[float]:
    width, height = size
    across = 2.0 * height / width
    return [across, 0, 0, -0.0, 0, 2.0, 0, -0.0, 0, 0, -1.0, -0.0, 0, 0, 0, 1.0]


def _named(tags: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """Each name once, as the last node says it."""
    return sorted(dict(tags).items())


def _boxes(
    drawn: Sequence[Drawn], passes: Sequence[Pass], size: tuple[int, int], device: str
) -> list[_Box]:
    width, height = size
    projection = _projection(size)
    boxes: list[_Box] = []
    count = len(passes) + len(drawn)
    aspect = width / height
    for name, tags in passes:
        centred = _centred(aspect)
        info = RenderedImage(
            name=name, node=name, index=len(boxes), width=width, height=height, bitDepth=16,
            globalMatrix=flat(centred), placementMatrix=flat(centred),
            projectionMatrix=projection, device=device, physicalDevice=device,
            imageNum=count - 1 - len(boxes), tags=_named(tags),
        )  # fmt: skip
        boxes.append(_Box(info, centred, (0.0, aspect, 0.0, 1.0), (height, height)))
    for d in drawn:
        p = d.picture
        h, w = p.stored
        left, right, bottom, top = d.quad.stencil
        matrix = image_matrix(d, size)
        info = RenderedImage(
            name=d.quad.name, node=d.quad.node, index=len(boxes), width=w, height=h,
            pixelAspect=round(d.aspect * p.height / p.width, 6),
            bitDepth=p.pixels.dtype.itemsize * 8,
            floatingPoint=p.pixels.dtype.kind == "f", numChannels=len(p.channels),
            stencilMin=(left, bottom), stencilMax=(right, top), tags=_named(d.quad.tags),
            globalMatrix=flat(matrix), placementMatrix=flat(_centred(d.aspect)),
            projectionMatrix=projection, device=device, physicalDevice=device,
            imageNum=count - 1 - len(boxes),
        )  # fmt: skip
        x0, x1, y0, y1 = (left, right, bottom, top) if p.problem else seen_of(d)
        edges = (x0 * d.aspect, x1 * d.aspect, y0, y1)
        own = info.pixelAspect if d.quad.key.pushed else p.pixel_aspect
        boxes.append(_Box(info, matrix, edges, (p.height, p.height), own))
    return boxes


def seen_of(d: Drawn) -> Box:
    """Left, right, bottom and top, in the displayed frame, of the part of the stored pixels that a
    stencil names."""
    p = d.picture
    h, w = p.stored
    left, right, bottom, top = d.quad.stencil
    x, y = (p.x + w * left) / p.width, (p.y + h * bottom) / p.height
    return x, (p.x + w * right) / p.width, y, (p.y + h * top) / p.height


def listed(
    drawn: Sequence[Drawn], passes: Sequence[Pass], size: tuple[int, int], device: str
) -> list[RenderedImage]:
    """What `renderedImages` lists: the passes, outermost first, then the sources."""
    return [box.info for box in _boxes(drawn, passes, size, device)]


def images_at(
    drawn: Sequence[Drawn], passes: Sequence[Pass], size: tuple[int, int], device: str,
    point: tuple[float, float], tag: str | None, sources_only: bool,
) -> list[ImageAtPoint]:  # fmt: skip
    """What `imagesAtPixel` answers, see there."""
    width, height = size
    seen: list[ImageAtPoint] = []
    sources = {d.quad.name for d in drawn}
    for box in _boxes(drawn, passes, size, device):
        if tag is not None and all(t[0] != tag for t in box.info.tags):
            continue
        if sources_only and box.info.name not in sources:
            continue
        found = _seen(box, point, width, height)
        if found is not None:
            seen.append(found)
    if not sources_only:
        return seen
    within = [image for image in seen if image.inside]
    return within or sorted(seen, key=lambda image: image.edge)[:1]


def _seen(box: _Box, point: tuple[float, float], width: int, height: int) -> ImageAtPoint | None:
    to_ndc = np.diag([2.0 * height / width, 2.0, 1.0]) @ box.matrix
    x = point[0] / max(width - 1.0, 1.0) * 2.0 - 1.0
    y = point[1] / max(height - 1.0, 1.0) * 2.0 - 1.0
    try:
        at = np.linalg.inv(to_ndc) @ np.array([x, y, 1.0])
    except np.linalg.LinAlgError:
        return None
    px, py = float(at[0]), float(at[1])
    left, right, bottom, top = box.edges
    inside = left <= px <= right and bottom <= py <= top
    if inside:
        # the nearest side; of equally near ones the first
        sides = (
            (px - left, (left, py)),
            (right - px, (right, py)),
            (py - bottom, (px, bottom)),
            (top - py, (px, top)),
        )
        border = min(sides, key=lambda side: side[0])[1]
    else:
        border = (min(max(px, left), right), min(max(py, bottom), top))
        px, py = border
    b = to_ndc @ np.array([*border, 1.0])
    info = box.info
    return ImageAtPoint(
        name=info.name, node=info.node, inside=inside, index=info.index, tags=info.tags,
        x=float((b[0] + 1.0) / 2.0 * width), y=float((b[1] + 1.0) / 2.0 * height),
        px=px * box.scale[0], py=py * box.scale[1], edge=float(np.hypot(b[0] - x, b[1] - y)),
        globalMatrix=info.globalMatrix, projectionMatrix=info.projectionMatrix,
        placementMatrix=info.placementMatrix, pixelAspect=info.pixelAspect,
        initPixelAspect=box.own_aspect, device=info.device,
        physicalDevice=info.physicalDevice, imageNum=info.imageNum,
    )  # fmt: skip
