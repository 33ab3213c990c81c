"""What is known of media and of what is shown (section 3 of the vocabulary)."""

from __future__ import annotations

import re
from typing import Any

from player.commands.calling import Calls
from player.commands.context import Context
from player.commands.errors import CommandError, EngineError
from player.commands.registry import command
from player.commands.structs import (
    ChannelInfo,
    ChapterInfo,
    LayerInfo,
    SourceMediaInfo,
    ViewInfo,
)
from player.session.kinds.source import Source
from player.session.ports import MediaInfo
from player.session.visitors import Leaves

__all__ = ["media_struct"]


@command(
    "sources() -> (string,int,int,int,float,bool,bool)[]",
    tier="A",
    doc="(file, start, end, inc, fps, hasAudio, hasVideo) of every source.",
)
def sources(ctx: Context) -> list[tuple[str, int, int, int, float, bool, bool] | None]:
    found: list[tuple[str, int, int, int, float, bool, bool] | None] = []
    for node in ctx.session.sources.nodes:
        i = node.first_info
        names = node.media_names
        if i is None or not names:
            found.append(None)
            continue
        found.append((names[0], i.start, i.end, i.inc, i.fps, i.has_audio, i.has_video))
    return found


@command(
    "sourceMedia(string sourceName) -> (string,string[],string[])",
    tier="A",
    doc="(file, layers, views) of one media of a source.",
)
def source_media(ctx: Context, sourceName: str | None) -> tuple[str, list[str], list[str]]:
    if sourceName is None:
        raise CommandError("nil source")
    name, dot, rest = sourceName.partition(".")
    number = rest.partition("/")[0] if dot and "/" in rest else ""
    node = ctx.session.source_node(name)
    if node is None:
        raise CommandError("bad source name")
    index = int(number) if number.isdigit() else 0
    if not 0 <= index < min(len(node.media), len(node.media_names)):
        raise EngineError(f"Index {index} is out-of-bounds")
    info = node.media[index]
    return node.media_names[index], list(info.layers), list(info.views)


def _extension(path: str) -> str:
    return path.rpartition(".")[2].lower() if "." in path else ""


_UNLISTED = frozenset(
    {"cin", "cineon", "dpx", "gto", "iff", "jp2", "j2k", "jpg", "jpeg", "png", "hdr", "rgbe"}
    | {"rla", "rpf", "sgi", "rgb", "rgba", "bw", "tga", "targa", "tif", "tiff", "sm", "z", "zfile"}
    | {"movieproc"}
)
"""Formats whose readers in RV name the channels of a picture but not those of the media."""


def media_struct(info: MediaInfo, file: str) -> SourceMediaInfo:
    """Media information as scripts see it."""
    kind = {8: 6, 16: 5 if info.is_float else 7, 32: 1 if info.is_float else 2}.get(info.bits, 6)

    def channels(names: tuple[str, ...]) -> list[ChannelInfo]:
        return [ChannelInfo(n, kind) for n in names]

    views = [
        ViewInfo(
            name, [LayerInfo(la, channels(ch)) for la, ch in layers if la or not ch], _plain(layers)
        )
        for name, layers in info.view_layers
    ]
    for view in views:
        view.noLayerChannels = [
            ChannelInfo(c.name, kind) if isinstance(c, ChannelInfo) else ChannelInfo(c, kind)
            for c in view.noLayerChannels
        ]
    return SourceMediaInfo(
        info.width,
        info.height,
        info.uncrop_width,
        info.uncrop_height,
        info.uncrop_x,
        info.uncrop_y,
        info.bits,
        info.channels,
        info.is_float,
        1,
        info.start,
        info.end,
        info.fps,
        info.audio_channels if info.has_audio else 0,
        info.audio_rate if info.has_audio else 0.0,
        [] if _extension(file) in _UNLISTED else channels(info.channel_names),
        views,
        info.default_view,
        file,
        info.has_audio,
        info.has_video,
        [ChapterInfo(c.title, c.start, c.end) for c in info.chapters],
        info.pixel_aspect,
    )


def _plain(layers: tuple[tuple[str, tuple[str, ...]], ...]) -> list[Any]:
    return [ChannelInfo(c, 0) for name, names in layers if not name for c in names]


def _media_index(node: Source, media: str | None) -> int:
    names = list(node.media_names)
    if media is None:
        if not names or not node.media:
            raise EngineError("Index 0 is out-of-bounds")
        return 0
    if media not in names:
        raise CommandError("bad source name")
    return names.index(media)


@command(
    "sourceMediaInfo(string sourceName, string mediaName=nil) -> SourceMediaInfo",
    tier="A",
    doc="Size, range and channels of a source's media.",
)
def source_media_info(
    ctx: Context, sourceName: str | None, mediaName: str | None = None
) -> SourceMediaInfo | None:
    if sourceName is None:
        raise CommandError("nil source")
    node = ctx.session.source_node(sourceName)
    if node is None:
        return None
    if not node.media_active() and not node.media:
        raise CommandError(
            "Source is not active. A source can be activated by the Multiple Media "
            "Representations drop down menu or via the setActiveSourceMediaRep() command."
        )
    index = _media_index(node, mediaName)
    return media_struct(node.media[index], node.media_names[index])


@command(
    "sourceMediaInfoList(string nodeName) -> [SourceMediaInfo]",
    tier="B",
    doc="Information on all files of a source, last first.",
)
def source_media_info_list(ctx: Context, nodeName: str | None) -> list[SourceMediaInfo]:
    calls = Calls(ctx)
    files = calls.getStringProperty(f"{nodeName or ''}.media.movie")
    return [calls.sourceMediaInfo(nodeName, file) for file in reversed(files)]


@command("sourceNameWithoutFrame(string name) -> string", tier="B", doc="Without the last part.")
def source_name_without_frame(ctx: Context, name: str | None) -> str:
    return "/".join([part for part in (name or "").split("/") if part][:-1])


@command("sourcesAtFrame(int frame) -> string[]", tier="A", doc="Source nodes shown at a frame.")
def sources_at_frame(ctx: Context, frame: int) -> list[str]:
    leaves = Leaves()
    assert ctx.session.graph.root is not None
    ctx.session.graph.root.meta(frame, leaves)
    return [n.name for n in leaves.found]


def _image(ctx: Context, name: str | None) -> tuple[str, MediaInfo] | None:
    """Name and media of the first displayed image (of a name)."""
    for image in ctx.ports.renderer.rendered():
        full = str(image.name)
        if name is None or full.startswith(name):
            node = ctx.session.source_node(full)
            if node is not None and node.first_info is not None:
                return full, node.first_info
    return None


def _shown(ctx: Context, name: str | None) -> MediaInfo | None:
    found = _image(ctx, name)
    return found[1] if found is not None else None


_UNPREMULTIPLIED = frozenset({"png", "tga", "targa", "psd", "bmp"})
_PLACE = re.compile(r"\.(\d+)/.*/(-?\d+)[^/]*$")


def _displayed_attributes(ctx: Context, name: str | None) -> list[tuple[str, str]] | None:
    """The attributes of a picture that is shown: those of the file, and what evaluating adds."""
    found = _image(ctx, name)
    if found is None:
        return None
    full, info = found
    listed = list(info.attributes)
    kind = ctx.session.display.stereo.one("stereo.type", "off")
    place = _PLACE.search(full)
    # a bit for each eye the picture is for
    eye = 3 if kind == "off" else 2 if place is not None and place[1] == "1" else 1
    listed.append(("Eye", str(eye)))
    if place is not None:
        listed.append(("SourceFrame", place[2]))
    listed.append(("RVSource", full))
    if all(key != "AlphaType" for key, _ in listed):
        plain = _extension(info.path) in _UNPREMULTIPLIED
        listed.append(("AlphaType", "Unpremultiplied" if plain else "Premultiplied"))
    return listed


def _described(ctx: Context, name: str | None, media: str | None) -> MediaInfo | None:
    if media is None:
        return _shown(ctx, name)
    node = ctx.session.source_node(name or "")
    return node.media[_media_index(node, media)] if node is not None else None


@command(
    "sourceAttributes(string sourceName, string mediaName=nil) -> (string,string)[]",
    tier="A",
    doc="Attributes of a displayed image or of opened media.",
)
def source_attributes(
    ctx: Context, sourceName: str | None, mediaName: str | None = None
) -> list[tuple[str, str]] | None:
    if mediaName is None:
        return _displayed_attributes(ctx, sourceName)
    info = _described(ctx, sourceName, mediaName)
    return list(info.attributes) if info is not None else None


@command(
    "sourceDataAttributes(string sourceName, string mediaName=nil) -> (string,byte[])[]",
    tier="B",
    doc="Binary attributes of a displayed image or of opened media.",
)
def source_data_attributes(
    ctx: Context, sourceName: str | None, mediaName: str | None = None
) -> list[tuple[str, list[int]]] | None:
    info = _described(ctx, sourceName, mediaName)
    return [(n, list(d)) for n, d in info.data_attributes] if info is not None else None


@command(
    "sourceDisplayChannelNames(string sourceName) -> string[]",
    tier="B",
    doc="Channels of a displayed image.",
)
def source_display_channel_names(ctx: Context, sourceName: str | None) -> list[str] | None:
    info = _shown(ctx, sourceName)
    return list(info.channel_names) if info is not None else None


@command(
    "getCurrentNodesOfType(string typeName) -> string[]",
    tier="B",
    doc="The closest nodes of a type in what is shown.",
)
def get_current_nodes_of_type(ctx: Context, typeName: str | None) -> list[str]:
    if typeName is None:
        raise CommandError("nil tname")
    return [n.name for n in ctx.session.current_nodes(typeName)]


@command("getCurrentAttributes() -> (string,string)[]", tier="B", doc="Of the first image.")
def get_current_attributes(ctx: Context) -> list[tuple[str, str]] | None:
    return _displayed_attributes(ctx, None)


@command("getCurrentImageChannelNames() -> string[]", tier="B", doc="Of the first image.")
def get_current_image_channel_names(ctx: Context) -> list[str] | None:
    info = _shown(ctx, None)
    return list(info.channel_names) if info is not None else None


@command("getCurrentImageSize() -> vector float[2]", tier="B", doc="Size of the first image.")
def get_current_image_size(ctx: Context) -> tuple[float, float]:
    info = _shown(ctx, None)
    if info is not None:
        return float(info.uncrop_width), float(info.uncrop_height)
    # RV draws a stand-in of that size when there is nothing to show
    return (1280.0, 720.0) if ctx.ports.renderer.rendered() else (0.0, 0.0)


@command(
    "contentAspect() -> float",
    tier="C",
    doc="Aspect of the source under the pointer, or the closest; 0.0 when none is displayed.",
)
def content_aspect(ctx: Context) -> float:
    renderer = ctx.ports.renderer
    x, y = ctx.session.ui.pointer or (0.0, 0.0)
    for found in renderer.images_at(x, y, None, True)[:1]:
        for image in renderer.rendered():
            if image.name == found.name and image.height > 0:
                return float(image.pixelAspect * image.width / image.height)
    return 0.0


@command("isCurrentFrameError() -> bool", tier="A", doc="Whether an error image is shown.")
def is_current_frame_error(ctx: Context) -> bool:
    return ctx.ports.renderer.frame_status() > 0 and bool(ctx.ports.renderer.frame_status() & 1)


@command("isCurrentFrameIncomplete() -> bool", tier="A", doc="Whether a partial image is shown.")
def is_current_frame_incomplete(ctx: Context) -> bool:
    status = ctx.ports.renderer.frame_status()
    return status < 0 or bool(status & 24)


@command("currentFrameStatus() -> int", tier="A", doc="Bits of image states; 0 is fine.")
def current_frame_status(ctx: Context) -> int:
    return max(ctx.ports.renderer.frame_status(), 0)
