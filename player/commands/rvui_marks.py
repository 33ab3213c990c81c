"""Module ``rvui``: marks, and in and out points from marks."""

from __future__ import annotations

from player.commands.calling import Calls
from player.commands.context import Context
from player.commands.errors import CommandError, EngineError, GraphError, PropertyError
from player.commands.extra_sources import sequence_boundaries
from player.commands.registry import command
from player.session.errors import SessionError

__all__ = ["ScriptErrors", "marked_boundaries"]

MODULE = "rvui"

ScriptErrors = (CommandError, EngineError, GraphError, PropertyError, SessionError)
"""What commands raise; RV's interface functions catch everything at these places."""


@command("toggleMark() -> void", tier="A", module=MODULE, doc="Mark or unmark the frame.")
def toggle_mark(ctx: Context) -> None:
    c = Calls(ctx)
    c.markFrame(c.frame(), not c.isMarked(c.frame()))
    c.redraw()


@command("clearAllMarks() -> void", tier="B", module=MODULE, doc="Remove all marks.")
def clear_all_marks(ctx: Context) -> None:
    c = Calls(ctx)
    for frame in list(c.markedFrames()):
        c.markFrame(frame, False)
    c.redraw()


@command("markSequence() -> void", tier="B", module=MODULE, doc="Mark the cuts of the view.")
def mark_sequence(ctx: Context) -> None:
    c = Calls(ctx)
    for frame in sequence_boundaries(ctx, None):
        c.markFrame(frame, True)
    c.redraw()


def marked_boundaries(ctx: Context, frame: int, inclusive: bool = True) -> tuple[int, int]:
    """The marks (without marks: the cuts) around a frame; range limits where there is none.

    Raises PropertyError when there are neither marks nor cuts at all.
    """
    c = Calls(ctx)
    marks = list(c.markedFrames()) or sequence_boundaries(ctx, None)
    if not marks:
        raise PropertyError("out of range")
    index = sum(1 for m in marks if m <= frame) - 1
    start, end = c.frameStart(), c.frameEnd()
    lower = start if index < 0 else marks[index]
    if not inclusive and index >= 0 and marks[index] == frame:
        lower = start if index == 0 else marks[index - 1]
    upper = end + 1 if index + 1 >= len(marks) else marks[index + 1]
    return lower, upper


@command(
    "markedBoundariesAroundFrame(int f, bool inclusive=true) -> (int,int)",
    tier="B",
    module=MODULE,
    doc="The marks or cuts around a frame.",
)
def marked_boundaries_around_frame(ctx: Context, frame: int, inclusive: bool) -> tuple[int, int]:
    return marked_boundaries(ctx, frame, inclusive)


@command("nextMarkedFrame() -> void", tier="A", module=MODULE, doc="Go to the next mark or cut.")
def next_marked_frame(ctx: Context) -> None:
    c = Calls(ctx)
    try:
        target = marked_boundaries(ctx, c.frame())[1]
    except ScriptErrors:
        target = c.frameEnd()
    c.setFrame(target)
    c.redraw()


@command(
    "previousMarkedFrame() -> void", tier="A", module=MODULE, doc="Go to the mark or cut before."
)
def previous_marked_frame(ctx: Context) -> None:
    c = Calls(ctx)
    try:
        target = marked_boundaries(ctx, c.frame(), False)[0]
    except ScriptErrors:
        target = c.frameStart()
    c.setFrame(target)
    c.redraw()


def _in_out_around(ctx: Context, frame: int) -> None:
    c = Calls(ctx)
    start, end = marked_boundaries(ctx, frame)
    playing = c.isPlaying() or c.isBuffering()
    if playing:
        c.stop()
    c.setInPoint(start)
    c.setOutPoint(end - 1)
    c.setFrame(start)
    if playing:
        c.play()
    c.redraw()


@command(
    "setInOutMarkedRange() -> void",
    tier="B",
    module=MODULE,
    doc="In and out from the marks around the frame.",
)
def set_in_out_marked_range(ctx: Context) -> None:
    _in_out_around(ctx, Calls(ctx).frame())


def _whole_range(c: Calls) -> None:
    c.setInPoint(c.frameStart())
    c.setOutPoint(c.frameEnd())


def _neighbour(ctx: Context, forward: bool) -> None:
    c = Calls(ctx)
    try:
        start, end = marked_boundaries(ctx, c.frame())
        if start != c.inPoint() or end != c.outPoint() + 1:
            c.setInPoint(start)
            c.setOutPoint(end - 1)
        elif forward:
            last = end - 1
            _in_out_around(ctx, c.frameStart() if last >= c.frameEnd() else last + 1)
        else:
            _in_out_around(ctx, c.frameEnd() if start <= c.frameStart() else start - 1)
    except ScriptErrors:
        _whole_range(c)


@command("nextMarkedRange() -> void", tier="B", module=MODULE, doc="In and out to the next range.")
def next_marked_range(ctx: Context) -> None:
    _neighbour(ctx, True)


@command(
    "previousMarkedRange() -> void",
    tier="B",
    module=MODULE,
    doc="In and out to the range before.",
)
def previous_marked_range(ctx: Context) -> None:
    _neighbour(ctx, False)


@command(
    "expandMarkedRange() -> void",
    tier="B",
    module=MODULE,
    doc="Extend in and out to the neighbouring marks.",
)
def expand_marked_range(ctx: Context) -> None:
    c = Calls(ctx)
    marks = list(c.markedFrames())
    start, end, first, last = c.frameStart(), c.frameEnd(), c.inPoint(), c.outPoint()
    bounds = [start, *marks, end] if marks else sequence_boundaries(ctx, None)
    new_in = next((b for b in reversed(bounds) if b < first), first)
    new_out = next((b for b in bounds if b > last + 1), last)
    if new_out == end:
        new_out = end + 1
    c.setInPoint(new_in)
    c.setOutPoint(new_out - 1)


@command(
    "contractMarkedRange() -> void",
    tier="B",
    module=MODULE,
    doc="Shrink in and out to the marks inside.",
)
def contract_marked_range(ctx: Context) -> None:
    c = Calls(ctx)
    bounds = list(c.markedFrames()) or sequence_boundaries(ctx, None)
    first, last = c.inPoint(), c.outPoint()
    new_in = next((b for b in bounds if b > first), first)
    new_out = next((b for b in reversed(bounds) if b < last + 1), last)
    if new_in < new_out - 1:
        c.setInPoint(new_in)
        c.setOutPoint(new_out - 1)


@command(
    "resetInOutPoints() -> void",
    tier="A",
    module=MODULE,
    doc="In and out to the whole range; once more brings them back.",
)
def reset_in_out_points(ctx: Context) -> None:
    c = Calls(ctx)
    points = (c.inPoint(), c.outPoint())
    whole = (c.frameStart(), c.frameEnd())
    if points != whole:
        ctx.session.ui.saved_in_out = points
        _whole_range(c)
    elif ctx.session.ui.saved_in_out is not None:
        saved = ctx.session.ui.saved_in_out
        c.setInPoint(saved[0])
        c.setOutPoint(saved[1])
