"""Questions about the picture: the second part of section 4 of the vocabulary.

All of them are about the last picture rendered; the renderer port knows it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from player.commands.context import Context
from player.commands.errors import CommandError, EngineError, PropertyError
from player.commands.registry import command
from player.session.node import Node

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__: list[str] = []

SECTION = "pixels"

Vec2 = tuple[float, float]
Vec4 = tuple[float, float, float, float]
_BLACK: Vec4 = (0.0, 0.0, 0.0, 0.0)


def _four(values: Sequence[float]) -> Vec4:
    return (values[0], values[1], values[2], values[3]) if len(values) == 4 else _BLACK


@command(
    "sourcePixelValue(string sourceName, float px, float py) -> vector float[4]",
    tier="A",
    section=SECTION,
    doc="Linear colour of a pixel of a displayed source, as read.",
)
def source_pixel_value(ctx: Context, sourceName: str | None, px: float, py: float) -> Vec4:
    return _four(ctx.ports.renderer.source_pixel(sourceName, px, py))


@command(
    "framebufferPixelValue(float px, float py) -> vector float[4]",
    tier="B",
    section=SECTION,
    doc="Colour of a pixel of the view as displayed.",
)
def framebuffer_pixel_value(ctx: Context, px: float, py: float) -> Vec4:
    if ctx.session.profile == "output":
        # without a window there is no framebuffer to read in RV either
        raise EngineError("no framebuffer")
    return _four(ctx.ports.renderer.framebuffer_pixel(px, py))


def _first_source(ctx: Context) -> Any | None:
    for image in ctx.ports.renderer.rendered():
        if ctx.session.source_node(str(image.name)) is not None:
            return image
    return None


@command(
    "getCurrentPixelValue(vector float[2] point) -> vector float[4]",
    tier="B",
    section=SECTION,
    doc="Colour of the first displayed image; x 0..aspect, y 0..1 from the bottom.",
)
def get_current_pixel_value(ctx: Context, point: Vec2) -> Vec4:
    image = _first_source(ctx)
    if image is None or image.width < 1 or image.height < 1:
        return _BLACK
    x, y = (v if math.isfinite(v) else 0.0 for v in point)
    column = min(max(int(x * image.height), 0), image.width - 1)
    row = min(max(int(y * image.height), 0), image.height - 1)
    return _four(ctx.ports.renderer.source_pixel(image.name, float(column), float(row)))


@command(
    "imagesAtPixel(vector float[2] point, string tag=nil, bool sourcesOnly=false)"
    " -> PixelImageInfo[]",
    tier="A",
    section=SECTION,
    doc="The displayed images seen from a point of the view, topmost first.",
)
def images_at_pixel(
    ctx: Context, point: Vec2, tag: str | None = None, sourcesOnly: bool = False
) -> list[Any]:
    return ctx.ports.renderer.images_at(point[0], point[1], tag, sourcesOnly)


@command(
    "sourceAtPixel(vector float[2] p) -> PixelSourceInfo[]",
    tier="B",
    section=SECTION,
    doc="imagesAtPixel(p, nil, true).",
)
def source_at_pixel(ctx: Context, p: Vec2) -> list[Any]:
    return ctx.ports.renderer.images_at(p[0], p[1], None, True)


def _outermost(node: Node) -> Node:
    while node.group is not None:
        node = node.group
    return node


@command(
    "inputAtPixel(vector float[2] point, bool strict=true) -> string",
    tier="B",
    section=SECTION,
    doc="The view's input under a point; nil if none, or the closest when not strict.",
)
def input_at_pixel(ctx: Context, point: Vec2, strict: bool = True) -> str | None:
    view = ctx.session.view
    if view is None or not view.inputs:
        return None
    images = ctx.ports.renderer.images_at(point[0], point[1], None, False)
    if not images:
        return None
    only = view.inputs[0].name if len(view.inputs) == 1 else None
    if only is not None and (images[0].inside or not strict):
        return only
    graph = ctx.session.graph
    known = [(i, graph.exact(i.node)) for i in images if i.node]
    inside = [_outermost(n) for i, n in known if n is not None and i.inside]
    for node in inside:
        if node in view.inputs:
            return node.name
    if strict:
        return None
    near = [(i.edge, _outermost(n)) for i, n in known if n is not None]
    for _, node in sorted(near, key=lambda pair: pair[0]):
        if node in view.inputs:
            return node.name
    return None


class _Space:
    """The affine map between a displayed image (height 1, origin bottom-left) and the view."""

    def __init__(self, ctx: Context, name: str | None):
        if name is None:
            raise PropertyError("nil argument to function")
        corners = ctx.ports.renderer.image_geometry(name, False)
        if len(corners) != 4:
            raise CommandError(f"bad image name '{name}'")
        image = next(
            (i for i in ctx.ports.renderer.rendered() if str(i.name).startswith(name)), None
        )
        self.aspect = 1.0
        if image is not None and image.height > 0:
            self.aspect = image.width / image.height * (image.pixelAspect or 1.0)
        (x0, y0), (x1, y1), _, (x3, y3) = corners
        self.origin = (x0, y0)
        self.right = ((x1 - x0) / self.aspect, (y1 - y0) / self.aspect)
        self.up = (x3 - x0, y3 - y0)

    def to_event(self, x: float, y: float) -> Vec2:
        return (
            self.origin[0] + x * self.right[0] + y * self.up[0],
            self.origin[1] + x * self.right[1] + y * self.up[1],
        )

    def to_image(self, x: float, y: float, name: str) -> Vec2:
        (a, c), (b, d) = self.right, self.up
        det = a * d - b * c
        if det == 0.0:
            raise CommandError(f"bad image name '{name}'")
        dx, dy = x - self.origin[0], y - self.origin[1]
        return ((d * dx - b * dy) / det, (a * dy - c * dx) / det)


@command(
    "eventToImageSpace(string sourceName, vector float[2] point, "
    "bool normalizedImageOrigin=false) -> vector float[2]",
    tier="B",
    section=SECTION,
    doc="A point of the view in image space: height 1, origin bottom-left or in the centre.",
)
def event_to_image_space(
    ctx: Context, sourceName: str | None, point: Vec2, normalizedImageOrigin: bool = False
) -> Vec2:
    space = _Space(ctx, sourceName)
    x, y = space.to_image(point[0], point[1], sourceName or "")
    return (x - space.aspect / 2, y - 0.5) if normalizedImageOrigin else (x, y)


@command(
    "imageToEventSpace(string sourceName, vector float[2] point, "
    "bool normalizedImageOrigin=false) -> vector float[2]",
    tier="B",
    section=SECTION,
    doc="The inverse of eventToImageSpace.",
)
def image_to_event_space(
    ctx: Context, sourceName: str | None, point: Vec2, normalizedImageOrigin: bool = False
) -> Vec2:
    space = _Space(ctx, sourceName)
    x, y = point
    return (
        space.to_event(x + space.aspect / 2, y + 0.5)
        if normalizedImageOrigin
        else (space.to_event(x, y))
    )


@command(
    "eventToCameraSpace(string sourceName, vector float[2] point) -> vector float[2]",
    tier="B",
    section=SECTION,
    doc="A point of the view in camera space: height 1, origin in the centre of the view.",
)
def event_to_camera_space(ctx: Context, sourceName: str | None, point: Vec2) -> Vec2:
    if sourceName is None:
        raise CommandError("nil name")
    _Space(ctx, sourceName)
    width, height = ctx.ports.renderer.view_size()
    return ((point[0] - width / 2) / height, (point[1] - height / 2) / height)


@command(
    "ndcToEventSpace(vector float[2] point) -> vector float[2]",
    tier="B",
    section=SECTION,
    python=False,
    doc="-1..1 over the smaller side of the view, centred, as a point of the view.",
)
def ndc_to_event_space(ctx: Context, point: Vec2) -> Vec2:
    width, height = ctx.ports.renderer.view_size()
    side = min(width, height)
    return (
        (point[0] + 1.0) * 0.5 * side + (width - side) * 0.5,
        (point[1] + 1.0) * 0.5 * side + (height - side) * 0.5,
    )


@command(
    "renderedImages() -> RenderedImageInfo[]",
    tier="A",
    section=SECTION,
    doc="Every image of the last picture.",
)
def rendered_images(ctx: Context) -> list[Any]:
    return ctx.ports.renderer.rendered()


@command(
    "sourcesRendered() -> RenderedSourceInfo[]",
    tier="B",
    section=SECTION,
    doc="Those of renderedImages that show a source.",
)
def sources_rendered(ctx: Context) -> list[Any]:
    images = ctx.ports.renderer.rendered()
    return [i for i in images if "source" in i.name and "switch" not in i.name]


@command(
    "imageGeometry(string name, bool useStencil=true) -> (vector float[2])[]",
    tier="A",
    section=SECTION,
    doc="Corners of a displayed image from the bottom left, counter-clockwise.",
)
def image_geometry(ctx: Context, name: str | None, useStencil: bool = True) -> list[Vec2]:
    if name is None:
        raise CommandError("nil source name")
    return ctx.ports.renderer.image_geometry(name, useStencil)


@command(
    "imageGeometryByIndex(int index, bool useStencil=true) -> (vector float[2])[]",
    tier="B",
    section=SECTION,
    doc="The same for the image of an index.",
)
def image_geometry_by_index(ctx: Context, index: int, useStencil: bool = True) -> list[Vec2]:
    for image in ctx.ports.renderer.rendered():
        if image.index == index:
            return ctx.ports.renderer.image_geometry(image.name, useStencil)
    return []


@command(
    "imageGeometryByTag(string name, string value, bool useStencil=true) -> (vector float[2])[]",
    tier="B",
    section=SECTION,
    doc="The same for the first image that carries a tag.",
)
def image_geometry_by_tag(
    ctx: Context, name: str | None, value: str | None, useStencil: bool = True
) -> list[Vec2]:
    if name is None or value is None:
        raise CommandError("missing tag name or value")
    for image in ctx.ports.renderer.rendered():
        if (name, value) in image.tags:
            return ctx.ports.renderer.image_geometry(image.name, useStencil)
    return []


@command(
    "sourceGeometry(string name) -> (vector float[2])[]",
    tier="B",
    section=SECTION,
    doc="imageGeometry(name).",
)
def source_geometry(ctx: Context, name: str | None) -> list[Vec2]:
    return image_geometry(ctx, name)


def _export(ctx: Context, filename: str | None, source: bool) -> None:
    if filename is None:
        raise CommandError("nil filename")
    try:
        ctx.ports.renderer.export(filename, source)
    except OSError as error:
        raise EngineError(str(error)) from None


@command(
    "exportCurrentFrame(string filename) -> void",
    tier="B",
    section=SECTION,
    doc="Write the view to an image file; .tif without an extension.",
)
def export_current_frame(ctx: Context, filename: str | None) -> None:
    _export(ctx, filename, False)


@command(
    "exportCurrentSourceFrame(string filename) -> void",
    tier="B",
    section=SECTION,
    doc="Write the first displayed source to an image file; .tif without an extension.",
)
def export_current_source_frame(ctx: Context, filename: str | None) -> None:
    _export(ctx, filename, True)
