"""``extra_commands`` about sources and cuts (``mu_rvui/extra_commands``)."""

from __future__ import annotations

import math
from typing import Any

from player.commands.calling import Calls
from player.commands.context import Context
from player.commands.extra_properties import set_values
from player.commands.registry import command
from player.commands.structs import MetaEvalInfo

__all__ = ["sequence_boundaries", "source_frame"]

MODULE = "extra_commands"
_SOURCES = ("RVFileSource", "RVImageSource")


@command(
    "sequenceBoundaries(string node=nil) -> int[]",
    tier="B",
    module=MODULE,
    section="range",
    doc="Global start frames of a sequence's cuts, the end boundary included.",
)
def sequence_boundaries(ctx: Context, node: str | None) -> list[int]:
    c = Calls(ctx)
    return list(c.mapPropertyToGlobalFrames("edl.frame", 1, c.viewNode() if node is None else node))


@command(
    "findAnnotatedFrames(string node=nil) -> int[]",
    tier="C",
    module=MODULE,
    section="range",
    doc="Frames with paint strokes, relative to the node (default: the view).",
)
def find_annotated_frames(ctx: Context, node: str | None) -> list[int]:
    c = Calls(ctx)
    root = c.viewNode() if node is None else node
    bounds = sequence_boundaries(ctx, None) or [c.frameStart()]
    made: list[str] = []
    for frame in bounds:
        for info in c.metaEvaluate(frame, root):
            name = f"{info.node}.find.frames"
            if info.nodeType != "RVPaint" or c.propertyExists(name):
                continue
            found = []
            for prop in c.properties(info.node):
                head, _, last = prop.rpartition(".")
                kind, _, number = head.rpartition(".")[2].partition(":")
                is_order = kind == "frame" and last == "order" and number.lstrip("-").isdigit()
                if is_order and c.propertyInfo(prop).size > 0:
                    found.append(int(number))
            set_values(ctx, name, 2, found)
            made.append(name)
    frames = list(c.mapPropertyToGlobalFrames("find.frames", 1, None))
    for name in made:
        if c.propertyExists(name):
            c.deleteProperty(name)
    return frames


@command(
    "currentImageAspect() -> float",
    tier="B",
    module=MODULE,
    section="sources",
    doc="Width / height of the current image.",
)
def current_image_aspect(ctx: Context) -> float:
    width, height = Calls(ctx).getCurrentImageSize()
    if height:
        return float(width) / float(height)
    return math.inf if width else -math.nan  # as the processor divides 0 by 0


@command(
    "sourceImageStructure(string n, string m=nil) -> (int, int, int, int, bool, int)",
    tier="B",
    module=MODULE,
    section="sources",
    doc="(width, height, bits, channels, is float, planes) of a source's media.",
)
def source_image_structure(
    ctx: Context, node: str, media: str | None
) -> tuple[int, int, int, int, bool, int] | None:
    info = Calls(ctx).sourceMediaInfo(node, media)
    if info is None:
        return None
    return (
        info.uncropWidth,
        info.uncropHeight,
        info.bitsPerChannel,
        info.channels,
        info.isFloat,
        info.planes,
    )


@command(
    "sourceMetaInfoAtFrame(int atframe, string root=nil) -> MetaEvalInfo",
    tier="B",
    module=MODULE,
    section="sources",
    doc="The first source evaluated at a frame; nil when there is none.",
)
def source_meta_info_at_frame(ctx: Context, frame: int, root: str | None) -> MetaEvalInfo | None:
    for info in Calls(ctx).metaEvaluate(frame, root):
        if info.nodeType in _SOURCES:
            found: MetaEvalInfo = info
            return found
    return None


@command(
    "sourceFrame(int atframe, string root=nil) -> int",
    tier="B",
    module=MODULE,
    section="sources",
    doc="The source's frame at a frame of the view.",
)
def source_frame(ctx: Context, frame: int, root: str | None) -> int:
    info = source_meta_info_at_frame(ctx, frame, root)
    return frame if info is None else info.frame


@command(
    "isSessionEmpty() -> bool",
    tier="A",
    module=MODULE,
    section="sources",
    doc="Whether there are no sources.",
)
def is_session_empty(ctx: Context) -> bool:
    return not Calls(ctx).sources()


@command(
    "reloadInOut() -> void",
    tier="B",
    module=MODULE,
    section="sources",
    doc="Reload the frames between in and out.",
)
def reload_in_out(ctx: Context) -> None:
    c = Calls(ctx)
    c.reload(c.inPoint(), c.outPoint())


@command(
    "loadCurrentSourcesChangedFrames() -> void",
    tier="B",
    module=MODULE,
    section="sources",
    doc="Reload the changed frames of the current file sources.",
)
def load_current_sources_changed_frames(ctx: Context) -> None:
    c = Calls(ctx)
    names = [info.node for info in c.metaEvaluateClosestByType(c.frame(), "RVFileSource")]
    if names:
        c.loadChangedFrames(names)


@command(
    'nodesUnderPointer(Event event, string typeName="") -> string[][]',
    tier="C",
    module=MODULE,
    section="pixels",
    doc="Evaluation paths under the pointer: none without one.",
)
def nodes_under_pointer(ctx: Context, event: Any, kind: str | None) -> list[list[str]]:
    return []
