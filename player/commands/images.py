"""Image sources and tiles: the first part of section 4 of the vocabulary."""

from __future__ import annotations

from player.commands.context import Context
from player.commands.errors import CommandError, EngineError
from player.commands.registry import command
from player.session.events import Event, PixelBlockEvent
from player.session.kinds.imagesource import ImageSource
from player.session.ports import MediaInfo

__all__: list[str] = []

SECTION = "images"


@command(
    "newImageSource(string mediaName, int width, int height, int uncropWidth, int uncropHeight, "
    "int uncropX, int uncropY, float pixelAspect, int channels, int bitsPerChannel, "
    "bool floatingPoint, int startFrame, int endFrame, float fps, string[] layers=nil, "
    "string[] views=nil) -> string",
    tier="A",
    section=SECTION,
    doc="Make a source for pushed pixels; its node.",
)
def new_image_source(
    ctx: Context,
    mediaName: str | None,
    width: int,
    height: int,
    uncropWidth: int,
    uncropHeight: int,
    uncropX: int,
    uncropY: int,
    pixelAspect: float,
    channels: int,
    bitsPerChannel: int,
    floatingPoint: bool,
    startFrame: int,
    endFrame: int,
    fps: float,
    layers: list[str] | None = None,
    views: list[str] | None = None,
) -> str:
    if mediaName is None:
        raise CommandError("nil source name")
    bits = bitsPerChannel if bitsPerChannel in (8, 16, 32) else 8
    info = MediaInfo(
        path=mediaName,
        width=width,
        height=height,
        uncrop_width=uncropWidth,
        uncrop_height=uncropHeight,
        uncrop_x=uncropX,
        uncrop_y=uncropY,
        pixel_aspect=pixelAspect,
        channels=channels,
        bits=bits,
        is_float=bits == 32 or (bits == 16 and floatingPoint),
        start=startFrame,
        end=endFrame,
        fps=fps,
        views=tuple(v or "" for v in views or ()),
        layers=tuple(la or "" for la in layers or ()),
    )
    return ctx.session.sources.add_image(info).name


@command(
    "newImageSourcePixels(string sourceName, int frame, string layer=nil, string view=nil)"
    " -> string",
    tier="A",
    section=SECTION,
    doc="Allocate zeroed pixels of a frame; the property's name, nil if it is no image source.",
)
def new_image_source_pixels(
    ctx: Context,
    sourceName: str | None,
    frame: int,
    layer: str | None = None,
    view: str | None = None,
) -> str | None:
    if sourceName is None:
        raise CommandError("nil source name")
    node = ctx.session.graph.find(sourceName)
    if not isinstance(node, ImageSource):
        return None
    try:
        key = node.allocate(frame, "-" if view is None else view, "-" if layer is None else layer)
    except MemoryError as error:  # not in RV, which allocates until the machine is full
        raise CommandError(str(error)) from None
    except ValueError as error:
        raise EngineError(str(error)) from None
    return f"{node.name}.image.{key}"


@command(
    "insertCreatePixelBlock(Event event) -> void",
    tier="A",
    section=SECTION,
    doc="Copy the tile of a pixel-block event into the image sources of its media.",
)
def insert_create_pixel_block(ctx: Context, event: Event | None) -> None:
    if not isinstance(event, PixelBlockEvent):
        raise CommandError("bad event type")
    try:
        landed = ctx.ports.pixels.store(
            event.media, event.frame, event.view, event.layer, event.x, event.y,
            event.width, event.height, memoryview(event.payload),
        )  # fmt: skip
    except ValueError as error:
        text = str(error)
        if text.startswith("Received"):
            ctx.session.warn(f"ERROR: {text}")
            raise CommandError("bad pixel block recieved") from None
        raise EngineError(text) from None
    ctx.session.sources.pixels_landed(landed)
