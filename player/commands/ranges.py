"""Frame range, in and out points, marks: section 2 of the vocabulary."""

from __future__ import annotations

from player.commands.context import Context
from player.commands.errors import CommandError
from player.commands.registry import command
from player.session.frames import property_frames

__all__: list[str] = []


@command("frameStart() -> int", tier="A", doc="First frame of the view's range.")
def frame_start(ctx: Context) -> int:
    return ctx.session.playback.start


@command("frameEnd() -> int", tier="A", doc="Last frame of the view's range.")
def frame_end(ctx: Context) -> int:
    return ctx.session.playback.end


@command(
    "setFrameStart(int frame) -> void",
    tier="A",
    doc="Override the start of the range until it is derived anew.",
)
def set_frame_start(ctx: Context, frame: int) -> None:
    p = ctx.session.playback
    p.set_range(frame, p.range_end)


@command(
    "setFrameEnd(int frame) -> void",
    tier="A",
    doc="Override the end of the range until it is derived anew.",
)
def set_frame_end(ctx: Context, frame: int) -> None:
    p = ctx.session.playback
    p.set_range(p.range_start, frame + 1)


@command("narrowedFrameStart() -> int", tier="A", doc="Start of the narrowed range.")
def narrowed_frame_start(ctx: Context) -> int:
    return ctx.session.playback.narrowed_start


@command("narrowedFrameEnd() -> int", tier="A", doc="End of the narrowed range.")
def narrowed_frame_end(ctx: Context) -> int:
    return ctx.session.playback.narrowed_end - 1


@command(
    "narrowToRange(int frameStart, int frameEnd) -> void",
    tier="A",
    doc="Limit frame, in and out to part of the range.",
)
def narrow_to_range(ctx: Context, frameStart: int, frameEnd: int) -> None:
    ctx.session.playback.set_narrowed(frameStart, frameEnd + 1)


@command("inPoint() -> int", tier="A", doc="In point.")
def in_point(ctx: Context) -> int:
    return ctx.session.playback.in_point


@command("outPoint() -> int", tier="A", doc="Out point (inclusive).")
def out_point(ctx: Context) -> int:
    return ctx.session.playback.out_point - 1


@command("setInPoint(int frame) -> void", tier="A", doc="Set the in point.")
def set_in_point(ctx: Context, frame: int) -> None:
    ctx.session.playback.set_in(frame)


@command("setOutPoint(int frame) -> void", tier="A", doc="Set the out point (inclusive).")
def set_out_point(ctx: Context, frame: int) -> None:
    ctx.session.playback.set_out(frame)


@command("markFrame(int frame, bool mark) -> void", tier="A", doc="Set or remove a mark.")
def mark_frame(ctx: Context, frame: int, mark: bool) -> None:
    if mark:
        ctx.session.playback.mark(frame)
    else:
        ctx.session.playback.unmark(frame)


@command("isMarked(int frame) -> bool", tier="A", doc="Whether the frame is marked.")
def is_marked(ctx: Context, frame: int) -> bool:
    return ctx.session.playback.is_marked(frame)


@command("markedFrames() -> int[]", tier="A", doc="Marked frames, sorted.")
def marked_frames(ctx: Context) -> list[int]:
    return list(ctx.session.playback.marks)


@command(
    "mapPropertyToGlobalFrames(string propName, int maxDepth, string root=nil) -> int[]",
    tier="B",
    doc="Frames held in properties of that name below a node, as frames of that node.",
)
def map_property_to_global_frames(
    ctx: Context, propName: str | None, maxDepth: int, root: str | None = None
) -> list[int]:
    if propName is None:
        raise CommandError("nil name")
    graph = ctx.session.graph
    start = graph.root if root is None else graph.find(root)
    if start is None:
        raise CommandError("Bad node name")
    return property_frames(start, propName, maxDepth)
