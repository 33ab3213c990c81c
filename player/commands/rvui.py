"""Module ``rvui``: the functions of RV's user interface that scripts call (``mu_rvui/rvui``).

Functions that return functions (``setStereo("pair")``, ``showChannel(1)``) do nothing until the
returned function is called, as in RV; keys and menus do that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from player.commands.calling import Calls
from player.commands.context import Context
from player.commands.errors import CommandError, EngineError, GraphError, PropertyError
from player.commands.extra_nodes import sequence_boundaries, source_frame
from player.commands.extra_playback import feedback, set_scale, set_translation, toggle_play_verbose
from player.commands.registry import command
from player.commands.viewing import margins, view_size
from player.session.errors import SessionError

__all__ = ["ScriptErrors", "marked_boundaries"]

MODULE = "rvui"
VoidFunc = Callable[[], None]
EventFunc = Callable[[Any], None]

ScriptErrors = (CommandError, EngineError, GraphError, PropertyError, SessionError)
"""What commands raise; RV's interface functions catch everything at these places."""

_CHANNELS = ("Color", "Red", "Green", "Blue", "Alpha", "Luminance")


@command(
    "clearEverything() -> void",
    tier="A",
    module=MODULE,
    doc="Clear the session and the interface; an answer `cancel` to the first event stops it.",
)
def clear_everything(ctx: Context) -> None:
    c = Calls(ctx)
    mode, presentation = c.cacheMode(), c.presentationMode()
    events = ctx.session.events
    if events.send("before-session-clear-everything", sender="rvui").return_content == "cancel":
        return
    c.setPresentationMode(False)
    c.clearSession()
    c.setPresentationMode(presentation)
    ctx.session.ui.feedback.clear()
    c.setMargins((0.0, 0.0, 0.0, 0.0))
    c.setCacheMode(mode)
    events.send("session-clear-everything", sender="rvui")


@command(
    "setStereo(string type) -> (void;Event)",
    tier="A",
    module=MODULE,
    doc="A handler that sets the stereo mode: off, pair, mirror, anaglyph, left, right, ...",
)
def set_stereo(ctx: Context, kind: str) -> EventFunc:
    def handler(event: Any) -> None:
        c = Calls(ctx)
        mode = c.cacheMode()
        old = c.getStringProperty("@RVDisplayStereo.stereo.type")[0]
        # RV drops the cache when the number of eyes changes.
        kick = (old == "off") != (kind == "off")
        if kick:
            c.setCacheMode(0)
        c.setStringProperty("@RVDisplayStereo.stereo.type", [kind])
        c.setHardwareStereoMode(kind == "hardware" and c.stereoSupported())
        if kick:
            c.setCacheMode(mode)
        c.redraw()

    return handler


@command(
    "toggleWipe() -> void",
    tier="A",
    module=MODULE,
    doc="Toggle wipes; only when a stack is viewed and there are sources.",
)
def toggle_wipe(ctx: Context) -> None:
    c = Calls(ctx)
    node = c.viewNode()
    if node is None or not c.sources() or c.nodeType(node) != "RVStackGroup":
        return
    modes = ctx.session.events.modes
    if not modes.is_active("wipe"):
        if "wipe" not in modes.names():
            modes.define_minor("wipe")
        modes.activate("wipe")
    else:
        modes.deactivate("wipe")
    active = modes.is_active("wipe")
    Calls(ctx, "extra_commands").cprop(f"{node}.ui.wipes", 2)
    c.setIntProperty(f"{node}.ui.wipes", [int(active)], True)
    ctx.session.events.send("mode-toggled", f"wipe|{'true' if active else 'false'}", sender="Mode")
    c.redraw()


@command(
    "showChannel(int ch) -> (void;)",
    tier="B",
    module=MODULE,
    doc="A function that shows one channel (1 red ... 5 luminance), or all again.",
)
def show_channel(ctx: Context, channel: int) -> VoidFunc:
    def show() -> None:
        c = Calls(ctx)
        name = "OCIODisplay.color.channelFlood"
        if not c.propertyExists(f"@{name}"):
            name = "RVDisplayColor.color.channelFlood"
        shown = c.getIntProperty(f"@{name}")[0]
        new = 0 if shown == channel else channel
        c.setIntProperty(f"#{name}", [new])
        feedback(ctx, _CHANNELS[new] if 0 <= new < len(_CHANNELS) else str(new))

    return show


# -- marks -------------------------------------------------------------------------------


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
    """The marks (without marks: the cuts) around a frame; range limits where there is none."""
    c = Calls(ctx)
    marks = list(c.markedFrames()) or sequence_boundaries(ctx, None)
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


# -- playback and views --------------------------------------------------------------------


@command("beginning() -> void", tier="A", module=MODULE, doc="Stop and go to the in point.")
def beginning(ctx: Context) -> None:
    c = Calls(ctx)
    c.stop()
    c.setFrame(c.inPoint())
    c.redraw()


@command("ending() -> void", tier="A", module=MODULE, doc="Stop and go to the out point.")
def ending(ctx: Context) -> None:
    c = Calls(ctx)
    c.stop()
    c.setFrame(c.outPoint())
    c.redraw()


@command(
    "incN(int i) -> (void;)", tier="B", module=MODULE, doc="A function that sets the increment."
)
def inc_n(ctx: Context, i: int) -> VoidFunc:
    return lambda: Calls(ctx).setInc(i)


@command("togglePlayFunc() -> void", tier="B", module=MODULE, doc="Play or stop.")
def toggle_play_func(ctx: Context) -> None:
    toggle_play_verbose(ctx, True)


@command("togglePingPong() -> void", tier="B", module=MODULE, doc="Toggle ping-pong playback.")
def toggle_ping_pong(ctx: Context) -> None:
    c = Calls(ctx)
    on = c.playMode() != 2
    c.setPlayMode(2 if on else 0)
    feedback(ctx, f"Ping Pong Mode: {'ON' if on else 'OFF'}")


def _matched(ctx: Context, local: int, start: int, end: int) -> None:
    c = Calls(ctx)
    first, last = source_frame(ctx, start, None), source_frame(ctx, end, None)
    if first <= local <= last:
        c.setFrame(start + local - first)
    else:
        c.setFrame(start if local < first else end)


def _match(ctx: Context, forward: bool) -> None:
    c = Calls(ctx)
    if c.nodeType(c.viewNode()) != "RVSequenceGroup":
        return
    bounds = sequence_boundaries(ctx, None)
    here = c.frame()
    if len(bounds) >= 2:
        entries = len(bounds) - 1
        current = max(0, min(sum(1 for b in bounds if b <= here) - 1, entries - 1))
        other = (current + (1 if forward else -1)) % entries
        local = source_frame(ctx, here, None)
        _matched(ctx, local, bounds[other], bounds[other + 1] - 1)
    c.redraw()


@command(
    "nextMatchedFrame() -> void",
    tier="B",
    module=MODULE,
    doc="The same source frame in the next clip of the sequence.",
)
def next_matched_frame(ctx: Context) -> None:
    _match(ctx, True)


@command(
    "previousMatchedFrame() -> void",
    tier="B",
    module=MODULE,
    doc="The same source frame in the clip before.",
)
def previous_matched_frame(ctx: Context) -> None:
    _match(ctx, False)


@command("prevView() -> void", tier="B", module=MODULE, doc="The view before in the history.")
def prev_view(ctx: Context) -> None:
    c = Calls(ctx)
    node = c.previousViewNode()
    if node is not None:
        c.setViewNode(node)


@command("nextView() -> void", tier="B", module=MODULE, doc="The next view in the history.")
def next_view(ctx: Context) -> None:
    c = Calls(ctx)
    node = c.nextViewNode()
    if node is not None:
        c.setViewNode(node)


def _cycle(ctx: Context, forward: bool) -> None:
    node = Calls(ctx).viewNode()
    if node is not None:
        Calls(ctx, "extra_commands").cycleNodeInputs(node, forward)


@command(
    "cycleStackForward(Event ev) -> void", tier="B", module=MODULE, doc="Rotate the view's inputs."
)
def cycle_stack_forward(ctx: Context, event: Any) -> None:
    _cycle(ctx, True)


@command(
    "cycleStackBackward(Event ev) -> void",
    tier="B",
    module=MODULE,
    doc="Rotate the view's inputs the other way.",
)
def cycle_stack_backward(ctx: Context, event: Any) -> None:
    _cycle(ctx, False)


@command(
    "pixelRelativeScale(float scl) -> (void;)",
    tier="B",
    module=MODULE,
    doc="A function that scales the view so that an image pixel is scl view pixels.",
)
def pixel_relative_scale(ctx: Context, wanted: float) -> VoidFunc:
    def apply() -> None:
        value = _relative_scale(ctx, wanted, fit_width=False)
        if value:
            set_scale(ctx, value)
            feedback(ctx, f"Scale {max(wanted, 1.0):g}:{1.0 if wanted > 1 else 1.0 / wanted:g}")

    return apply


@command("frameWidth(Event event) -> void", tier="B", module=MODULE, doc="Fit the image's width.")
def frame_width(ctx: Context, event: Any) -> None:
    value = _relative_scale(ctx, 1.0, fit_width=True)
    if value:
        set_translation(ctx, (0.0, 0.0))
        set_scale(ctx, value)


def _relative_scale(ctx: Context, wanted: float, *, fit_width: bool) -> float:
    """The view scale for a pixel ratio; 0.0 when nothing has been drawn."""
    shown = ctx.ports.renderer.rendered()
    if not shown:
        return 0.0
    image = shown[-1]
    width, height = view_size(ctx)
    left, right, top, bottom = margins(ctx)
    width, height = width - left - right, height - top - bottom
    if fit_width:
        aspect = image.width * image.pixelAspect / max(image.height, 1)
        view_aspect = width / height
        return 1.0 if aspect > view_aspect else view_aspect / aspect
    matrix = image.globalMatrix
    row = (matrix[1], matrix[5], matrix[9])
    length = sum(v * v for v in row) ** 0.5
    current = Calls(ctx, "extra_commands").scale()
    if not length or not current or not height:
        return 0.0
    return float(image.height / (length / current * height) * wanted)
