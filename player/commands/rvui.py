"""Module ``rvui``: the functions of RV's user interface that scripts call (``mu_rvui/rvui``).

Functions that return functions (``setStereo("pair")``, ``showChannel(1)``) do nothing until the
returned function is called, as in RV; keys and menus do that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from player.commands.calling import Calls
from player.commands.context import Context
from player.commands.extra_playback import feedback, set_scale, set_translation, toggle_play_verbose
from player.commands.extra_sources import sequence_boundaries, source_frame
from player.commands.registry import command
from player.commands.viewing import margins, view_size
from player.commands.wipes import show_wipes

__all__: list[str] = []

MODULE = "rvui"
VoidFunc = Callable[[], None]
EventFunc = Callable[[Any], None]

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
    doc="Toggle wipes; only when a stack is viewed. What they have cut off comes back at the end.",
)
def toggle_wipe(ctx: Context) -> None:
    c = Calls(ctx)
    node = c.viewNode()
    if node is None or not c.sources() or c.nodeType(node) != "RVStackGroup":
        return
    if not ctx.session.events.modes.is_active("wipe"):
        show_wipes(ctx, True)
    else:
        show_wipes(ctx, False)
        extra = Calls(ctx, "extra_commands")
        for transform in extra.nodesInEvalPath(c.frame(), "RVTransform2D"):
            c.setFloatProperty(f"{transform}.stencil.visibleBox", [0.0, 1.0, 0.0, 1.0])
        flag = f"{node}.ui.wipes"
        extra.cprop(flag, 2)
        c.setIntProperty(flag, [0], True)
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
    """Rotate the inputs of the view; in another view than a stack or a folder those of the input
    under the pointer, if that is one."""
    c = Calls(ctx)
    node = c.viewNode()
    if node is None:
        return
    many = ("RVStackGroup", "RVFolderGroup")
    if c.nodeType(node) not in many:
        below = c.inputAtPixel(ctx.session.ui.pointer or (0.0, 0.0), False)
        if below is not None and c.nodeType(below) in many:
            node = below
    inputs = c.nodeConnections(node, False)[0]
    if len(inputs) >= 2:
        c.setNodeInputs(node, [*inputs[1:], inputs[0]] if forward else [inputs[-1], *inputs[:-1]])


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


@command(
    "computePixelRelativeScale(float scl, bool fitWidthOnly, bool silent=false) -> float",
    tier="B",
    module=MODULE,
    doc="The view scale at which an image pixel is scl view pixels, or the width fits.",
)
def compute_pixel_relative_scale(
    ctx: Context, wanted: float, fit_width: bool, silent: bool
) -> float:
    found = _relative_scale(ctx, wanted, fit_width=fit_width)
    return found or float(Calls(ctx, "extra_commands").scale())


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
