"""``extra_commands`` about playback, view and messages (Open RV, ``mu_rvui/extra_commands``)."""

from __future__ import annotations

import math
from typing import Any

from player.commands.calling import Calls, category_enabled
from player.commands.context import Context
from player.commands.registry import command
from player.commands.widgets import show_mode
from player.session.uistate import GL_LINEAR, GL_NEAREST, Feedback

__all__ = ["feedback", "step_backward", "step_forward", "toggle_play_verbose"]

MODULE = "extra_commands"


def feedback(ctx: Context, text: str | None, seconds: float = 2.0) -> None:
    """Show a message over the picture for some seconds."""
    shown = text or ""
    ctx.session.ui.feedback.append(Feedback(shown, seconds, ctx.session.clock()))
    ctx.ports.ui.feedback(shown, seconds)
    ctx.session.ui.start_timer(ctx.session.clock())
    ctx.ports.ui.redraw()


def _message(ctx: Context, text: str, duration: float, *rest: Any) -> None:
    feedback(ctx, text, duration)


for _signature, _tier in (
    (
        "displayFeedback(string text, float duration=2.0, Glyph g=nil, float[] textSizes=nil)",
        "B",
    ),
    (
        "displayFeedbackQueue(string text, float duration=2.0, Glyph g=nil, float[] textSizes=nil)",
        "C",
    ),
    ("displayFeedback2(string text, float duration)", "C"),
    ("displayFeedbackWithSizes(string text, float duration, float[] textSizes)", "C"),
    ("displayFeedbackQueue2(string text, float duration)", "C"),
    ("displayFeedbackQueueWithSizes(string text, float duration, float[] textSizes)", "C"),
):
    command(
        f"{_signature} -> void",
        tier=_tier,
        module=MODULE,
        section="window",
        doc="Show a message over the picture for some seconds.",
    )(_message)


# -- playing -----------------------------------------------------------------------------


@command(
    "isPlayable() -> bool",
    tier="A",
    module=MODULE,
    section="playback",
    doc="Whether the range has more than one frame.",
)
def is_playable(ctx: Context) -> bool:
    c = Calls(ctx)
    return bool(c.frameEnd() != c.frameStart())


@command(
    "isPlayingForwards() -> bool",
    tier="A",
    module=MODULE,
    section="playback",
    doc="Playing with a positive increment.",
)
def is_playing_forwards(ctx: Context) -> bool:
    c = Calls(ctx)
    return bool(c.isPlaying() and c.inc() > 0)


@command(
    "isPlayingBackwards() -> bool",
    tier="A",
    module=MODULE,
    section="playback",
    doc="Playing with a negative increment.",
)
def is_playing_backwards(ctx: Context) -> bool:
    c = Calls(ctx)
    return bool(c.isPlaying() and c.inc() < 0)


@command(
    "togglePlayVerbose(bool verbose) -> void",
    tier="A",
    module=MODULE,
    section="playback",
    doc="Play or stop, with or without a message.",
)
def toggle_play_verbose(ctx: Context, verbose: bool) -> None:
    c = Calls(ctx)
    if not is_playable(ctx):
        return
    c.scrubAudio(False)
    rate = c.fps()
    if c.isPlaying() or c.isBuffering():
        if verbose:
            feedback(ctx, "STOP")
        c.stop()
    elif rate <= 0:
        feedback(ctx, f"WARNING: Can't play FPS = {rate:g}")
    else:
        c.play()
        if verbose:
            feedback(ctx, "PLAY" if c.isRealtime() else "PLAY (ALL FRAMES)")


@command("togglePlay() -> void", tier="A", module=MODULE, section="playback", doc="Play or stop.")
def toggle_play(ctx: Context) -> None:
    toggle_play_verbose(ctx, True)


@command(
    "togglePlayIfNoScrub() -> void",
    tier="B",
    module=MODULE,
    section="playback",
    doc="Play or stop, unless the user was scrubbing.",
)
def toggle_play_if_no_scrub(ctx: Context) -> None:
    if not ctx.session.ui.scrubbed:
        toggle_play_verbose(ctx, True)
    ctx.session.ui.scrubbed = False


@command(
    "toggleForwardsBackwards() -> void",
    tier="A",
    module=MODULE,
    section="playback",
    doc="Change the direction of playback.",
)
def toggle_forwards_backwards(ctx: Context) -> None:
    if category_enabled(ctx, "playcontrol_category"):
        c = Calls(ctx)
        c.setInc(-c.inc())
        c.redraw()


@command(
    "toggleRealtime() -> void",
    tier="A",
    module=MODULE,
    section="playback",
    doc="Toggle between real time and all frames.",
)
def toggle_realtime(ctx: Context) -> None:
    if category_enabled(ctx, "playcontrol_category"):
        c = Calls(ctx)
        realtime = not c.isRealtime()
        c.setRealtime(realtime)
        feedback(ctx, "REALTIME" if realtime else "PLAY ALL FRAMES")


def step_forward(ctx: Context, n: int) -> None:
    """Go ``n`` frames on, wrapping at the end of the range; stops playback."""
    if not category_enabled(ctx, "playcontrol_category"):
        return
    c = Calls(ctx)
    lower, upper = _limits(c)
    target = c.frame() + n
    if (upper == c.frameEnd() or ctx.session.ui.step_wraps) and target > upper:
        target = lower + (target - upper) - 1
    _go(c, target)


def step_backward(ctx: Context, n: int) -> None:
    """Go ``n`` frames back, wrapping at the start of the range; stops playback."""
    if not category_enabled(ctx, "playcontrol_category"):
        return
    c = Calls(ctx)
    lower, upper = _limits(c)
    target = c.frame() - n
    if (lower == c.frameStart() or ctx.session.ui.step_wraps) and target < lower:
        target = upper - (lower - target) + 1
    _go(c, target)


def _limits(c: Calls) -> tuple[int, int]:
    """In and out point when the frame is between them, else the whole range."""
    if c.inPoint() <= c.frame() <= c.outPoint():
        return c.inPoint(), c.outPoint()
    return c.frameStart(), c.frameEnd()


def _go(c: Calls, frame: int) -> None:
    c.stop()
    # Frame numbers are 32 bit in Mu; the sum may have left that range.
    c.setFrame(max(-(2**31), min(frame, 2**31 - 1)))
    c.redraw()


command(
    "stepForward(int n) -> void",
    tier="A",
    module=MODULE,
    section="playback",
    doc="Step forward n frames; wraps at the end of the range.",
)(step_forward)
command(
    "stepBackward(int n) -> void",
    tier="A",
    module=MODULE,
    section="playback",
    doc="Step back n frames; wraps at the start of the range.",
)(step_backward)
for _count in (1, 10, 100):
    command(
        f"stepForward{_count}() -> void",
        tier="A",
        module=MODULE,
        section="playback",
        doc=f"stepForward({_count}).",
    )(lambda ctx, n=_count: step_forward(ctx, n))
    command(
        f"stepBackward{_count}() -> void",
        tier="A",
        module=MODULE,
        section="playback",
        doc=f"stepBackward({_count}).",
    )(lambda ctx, n=_count: step_backward(ctx, n))


@command(
    "isNarrowed() -> bool",
    tier="B",
    module=MODULE,
    section="range",
    doc="Whether the narrowed range differs from the range.",
)
def is_narrowed(ctx: Context) -> bool:
    c = Calls(ctx)
    return bool(c.frameStart() != c.narrowedFrameStart() or c.frameEnd() != c.narrowedFrameEnd())


@command("numFrames() -> int", tier="A", module=MODULE, section="range", doc="Length of the range.")
def num_frames(ctx: Context) -> int:
    c = Calls(ctx)
    return int(c.frameEnd() - c.frameStart() + 1)


@command(
    "cacheUsage() -> (float,float,int[])",
    tier="B",
    module=MODULE,
    section="caches",
    doc="(used / capacity, audio seconds, cached ranges).",
)
def cache_usage(ctx: Context) -> tuple[float, float, list[int]]:
    capacity, used, _, _, _, audio, ranges = Calls(ctx).cacheInfo()
    return (float(used) / float(capacity) if capacity else -math.nan, audio, ranges)


# -- view --------------------------------------------------------------------------------


@command("scale() -> float", tier="B", module=MODULE, section="view", doc="Scale of the view.")
def scale(ctx: Context) -> float:
    return float(Calls(ctx).getFloatProperty("#RVDispTransform2D.transform.scale")[0])


@command(
    "setScale(float s) -> void", tier="B", module=MODULE, section="view", doc="Scale the view."
)
def set_scale(ctx: Context, s: float) -> None:
    c = Calls(ctx)
    c.setFloatProperty("#RVDispTransform2D.transform.scale", [s, s])
    c.redraw()


@command(
    "translation() -> Vec2",
    tier="B",
    module=MODULE,
    section="view",
    doc="Translation of the view in image heights.",
)
def translation(ctx: Context) -> tuple[float, float]:
    values = Calls(ctx).getFloatProperty("#RVDispTransform2D.transform.translate")
    return (values[0], values[1])


@command(
    "setTranslation(Vec2 t) -> void",
    tier="B",
    module=MODULE,
    section="view",
    doc="Translate the view.",
)
def set_translation(ctx: Context, t: tuple[float, float]) -> None:
    c = Calls(ctx)
    c.setFloatProperty("#RVDispTransform2D.transform.translate", [t[0], t[1]])
    c.redraw()


@command(
    "frameImage() -> void",
    tier="B",
    module=MODULE,
    section="view",
    doc="No translation, scale 1.",
)
def frame_image(ctx: Context) -> None:
    set_translation(ctx, (0.0, 0.0))
    set_scale(ctx, 1.0)


@command(
    "centerResizeFit() -> void",
    tier="C",
    module=MODULE,
    section="view",
    doc="Frame the image and centre the window.",
)
def center_resize_fit(ctx: Context) -> None:
    frame_image(ctx)
    Calls(ctx).center()


@command(
    "toggleFilter() -> void",
    tier="C",
    module=MODULE,
    section="view",
    doc="Toggle between the nearest and the linear filter.",
)
def toggle_filter(ctx: Context) -> None:
    if category_enabled(ctx, "viewmode_category"):
        c = Calls(ctx)
        nearest = c.getFiltering() != GL_NEAREST
        c.setFiltering(GL_NEAREST if nearest else GL_LINEAR)
        feedback(ctx, "Nearest Neighbor Filter" if nearest else "Linear Filter")


@command(
    "toggleFullScreen() -> void",
    tier="C",
    module=MODULE,
    section="window",
    doc="Toggle full screen.",
)
def toggle_full_screen(ctx: Context) -> None:
    c = Calls(ctx)
    c.fullScreenMode(not c.isFullScreen())


# -- states of the user interface --------------------------------------------------------


@command(
    "setActiveState() -> void",
    tier="C",
    module=MODULE,
    section="window",
    doc="The user moved the pointer.",
)
def set_active_state(ctx: Context) -> None:
    Calls(ctx).setCursor(0)


@command(
    "setInactiveState() -> void",
    tier="C",
    module=MODULE,
    section="window",
    doc="The user did nothing for a while.",
)
def set_inactive_state(ctx: Context) -> None:
    return None


@command(
    "recordPixelInfo(Event event) -> void",
    tier="C",
    module=MODULE,
    section="window",
    doc="Remember what is under the pointer; there is none.",
)
def record_pixel_info(ctx: Context, event: Any) -> None:
    return None


@command(
    "updatePixelInfo(Event event) -> void",
    tier="C",
    module=MODULE,
    section="window",
    doc="Refresh what is under the pointer; there is none.",
)
def update_pixel_info(ctx: Context, event: Any) -> None:
    return None


@command(
    "toggleMotionScope() -> void",
    tier="C",
    module=MODULE,
    section="window",
    doc="Toggle the timeline magnifier's flag.",
)
def toggle_motion_scope(ctx: Context) -> None:
    ui = ctx.session.ui
    ui.motion_scope = not ui.motion_scope
    show_mode(ctx, "motionScope", ui.motion_scope)


@command(
    "toggleMotionScopeFromState(State state) -> void",
    tier="C",
    module=MODULE,
    section="window",
    doc="Toggle the timeline magnifier's flag.",
)
def toggle_motion_scope_from_state(ctx: Context, state: Any) -> None:
    toggle_motion_scope(ctx)


@command(
    "toggleSync() -> void",
    tier="C",
    module=MODULE,
    section="window",
    doc="Switch sync with the connected RVs and players on or off.",
)
def toggle_sync(ctx: Context) -> None:
    ctx.ports.sync.toggle()


@command(
    "activateSync() -> void",
    tier="C",
    module=MODULE,
    section="window",
    doc='Switch sync on when an application "rv" is connected.',
)
def activate_sync(ctx: Context) -> None:
    ctx.ports.sync.automatic()
