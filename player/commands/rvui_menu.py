"""Module ``rvui``, third part: what RV's menus do (``mu_rvui/rvui``).

A menu item is a function, or a call that makes one: ``setLinConvert("sRGB")`` changes nothing
until the function it returns is called with an event.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from player.commands.calling import Calls
from player.commands.context import Context
from player.commands.extra_playback import feedback
from player.commands.registry import command
from player.commands.rvui_look import toggle_int
from player.commands.rvui_marks import ScriptErrors

__all__: list[str] = []

MODULE = "rvui"
VoidFunc = Callable[[], None]
EventFunc = Callable[[Any], None]

_LOGS: Final = {
    "Cineon Log": 1,
    "Kodak Log": 1,
    "Viper Log": 2,
    "ALEXA LogC": 3,
    "ALEXA LogC Film": 4,
    "SONY S-Log": 5,
    "Red Log": 6,
    "Red Log Film": 7,
    "SMPTE 2084": 8,
    "Hybrid Log-Gamma": 9,
}
"""Names of the menu and their ``color.logtype``."""

_GAMMAS: Final = {"Gamma 2.2": 2.2, "Gamma 2.4": 2.4}


# -- playback and marks --------------------------------------------------------------------


@command("stopFunc() -> void", tier="B", module=MODULE, doc="Stop playback.")
def stop_func(ctx: Context) -> None:
    Calls(ctx).stop()


@command("togglePlayOnce() -> void", tier="B", module=MODULE, doc="Toggle playing once.")
def toggle_play_once(ctx: Context) -> None:
    c = Calls(ctx)
    on = c.playMode() != 1
    c.setPlayMode(1 if on else 0)
    feedback(ctx, f"Play Once Mode: {'ON' if on else 'OFF'}")


@command("gotoFrame(string text) -> void", tier="B", module=MODULE, doc="Go to a frame.")
def goto_frame(ctx: Context, text: str) -> None:
    c = Calls(ctx)
    c.setFrame(int(text))
    c.redraw()


@command(
    "setFPSFunc(float rate) -> (void;)",
    tier="B",
    module=MODULE,
    doc="A function that sets the playback rate.",
)
def set_fps_func(ctx: Context, rate: float) -> VoidFunc:
    return lambda: Calls(ctx).setFPS(rate)


@command("resetRange() -> void", tier="B", module=MODULE, doc="No narrowed range any more.")
def reset_range(ctx: Context) -> None:
    c = Calls(ctx)
    c.narrowToRange(c.frameStart(), c.frameEnd())


@command("narrowToInOut() -> void", tier="B", module=MODULE, doc="Narrow the range to in and out.")
def narrow_to_in_out(ctx: Context) -> None:
    c = Calls(ctx)
    c.narrowToRange(c.inPoint(), c.outPoint())


@command(
    "markAnnotatedFrames() -> void", tier="B", module=MODULE, doc="Mark the frames drawn upon."
)
def mark_annotated_frames(ctx: Context) -> None:
    c = Calls(ctx)
    for frame in Calls(ctx, "extra_commands").findAnnotatedFrames(None):
        c.markFrame(frame, True)
    c.redraw()


@command(
    "clearMarksInRange() -> void", tier="B", module=MODULE, doc="Remove the marks from in to out."
)
def clear_marks_in_range(ctx: Context) -> None:
    c = Calls(ctx)
    first, last = c.inPoint(), c.outPoint()
    for frame in list(c.markedFrames()):
        if first <= frame <= last:
            c.markFrame(frame, False)
    c.redraw()


# -- colour --------------------------------------------------------------------------------


@command(
    "setDispConvert(string type) -> (void;Event)",
    tier="B",
    module=MODULE,
    doc="A handler that sets the display conversion: sRGB, Rec709, Gamma 2.2, Gamma 2.4 or none.",
)
def set_disp_convert(ctx: Context, kind: str | None) -> EventFunc:
    def handler(event: Any) -> None:
        c = Calls(ctx)
        c.setIntProperty("@RVDisplayColor.color.sRGB", [int(kind == "sRGB")])
        c.setIntProperty("@RVDisplayColor.color.Rec709", [int(kind == "Rec709")])
        c.setFloatProperty("@RVDisplayColor.color.gamma", [_GAMMAS.get(kind or "", 1.0)])
        c.redraw()

    return handler


@command(
    "setLinConvert(string type) -> (void;Event)",
    tier="B",
    module=MODULE,
    doc="A handler that sets the conversion to linear: a log curve, sRGB, Rec709, Gamma 2.2, none.",
)
def set_lin_convert(ctx: Context, kind: str | None) -> EventFunc:
    def handler(event: Any) -> None:
        c = Calls(ctx)
        try:
            c.setIntProperty("#RVLinearize.color.logtype", [_LOGS.get(kind or "", 0)])
            c.setIntProperty("#RVLinearize.color.sRGB2linear", [int(kind == "sRGB")])
            c.setIntProperty("#RVLinearize.color.Rec709ToLinear", [int(kind == "Rec709")])
            gamma = 2.2 if kind == "Gamma 2.2" else 1.0
            c.setFloatProperty("#RVLinearize.color.fileGamma", [gamma])
        except ScriptErrors as error:
            feedback(ctx, f"Unable to set linear conversion: {error}")
            return
        feedback(ctx, f"{kind} -> Linear" if kind else "No Conversion to Linear")

    return handler


@command(
    "toggleUnpremult() -> void", tier="B", module=MODULE, doc="Toggle unpremultiplied display."
)
def toggle_unpremult(ctx: Context) -> None:
    c = Calls(ctx)
    prop = "@RVDisplayColor.color.premult"
    now = c.getIntProperty(prop)[0]
    c.setIntProperty(prop, [0 if now == -1 else -1])
    feedback(ctx, "Unpremult Display" if now == 0 else "No Unpremult Display")


@command(
    "alphaTypeFunc(int alphaType) -> (void;)",
    tier="B",
    module=MODULE,
    doc="A function that says what alpha means in the file.",
)
def alpha_type_func(ctx: Context, kind: int) -> VoidFunc:
    def apply() -> None:
        try:
            Calls(ctx).setIntProperty("#RVLinearize.color.alphaType", [kind])
        except ScriptErrors as error:
            feedback(ctx, f"Unable to set alpha type: {error}")

    return apply


@command(
    "channelOrder(string order) -> (void;)",
    tier="B",
    module=MODULE,
    doc="A function that sets the order of the display's channels, as RGBA.",
)
def channel_order(ctx: Context, order: str) -> VoidFunc:
    def apply() -> None:
        c = Calls(ctx)
        name = "OCIODisplay.color.channelOrder"
        if not c.propertyExists(f"@{name}"):
            name = "RVDisplayColor.color.channelOrder"
        c.setStringProperty(f"#{name}", [order])
        feedback(ctx, f"Channel Order => {order}")

    return apply


for _signature, _prop, _doc in (
    ("toggleFileLUT() -> void", "#RVLinearize.lut.active", "Toggle the file LUT."),
    ("toggleLookLUT() -> void", "#RVLookLUT.lut.active", "Toggle the look LUT."),
    ("toggleCacheLUT() -> void", "#RVCacheLUT.lut.active", "Toggle the pre-cache LUT."),
):
    command(_signature, tier="B", module=MODULE, doc=_doc)(
        lambda ctx, prop=_prop: toggle_int(ctx, prop)
    )


# -- views and sources ---------------------------------------------------------------------


@command(
    "setCompositeMode(string type) -> (void;Event)",
    tier="B",
    module=MODULE,
    doc="A handler that sets the composite mode of the stacks shown.",
)
def set_composite_mode(ctx: Context, kind: str) -> EventFunc:
    def handler(event: Any) -> None:
        Calls(ctx).setStringProperty("#RVStack.composite.type", [kind])
        Calls(ctx).redraw()

    return handler


@command(
    "setCompModeAndView(string ctype, string view) -> (void;Event)",
    tier="B",
    module=MODULE,
    doc="A handler that sets the default stack's composite mode, and the view.",
)
def set_comp_mode_and_view(ctx: Context, kind: str | None, view: str) -> EventFunc:
    def handler(event: Any) -> None:
        c = Calls(ctx)
        if kind is not None:
            c.setStringProperty("defaultStack_stack.composite.type", [kind])
        playing = c.isPlaying()
        if playing:
            c.stop()
        c.setViewNode(view)
        if playing:
            c.play()
        c.redraw()

    return handler


@command(
    "resetAudioOffsets(Event event) -> void",
    tier="B",
    module=MODULE,
    doc="Sound offsets to 0, of the session and of all sources.",
)
def reset_audio_offsets(ctx: Context, event: Any) -> None:
    c = Calls(ctx)
    c.setFloatProperty("#RVSoundTrack.audio.offset", [0.0], True)
    for source in c.nodesOfType("RVFileSource"):
        c.setFloatProperty(f"{source}.group.audioOffset", [0.0], True)
    c.redraw()


@command(
    "pixelAspectFunc(float a) -> (void;)",
    tier="B",
    module=MODULE,
    doc="A function that sets the pixel aspect of the sources shown.",
)
def pixel_aspect_func(ctx: Context, aspect: float) -> VoidFunc:
    def apply() -> None:
        c = Calls(ctx)
        for info in c.metaEvaluate(c.frame()):
            if info.nodeType == "RVLensWarp":
                outer = c.nodeGroup(c.nodeGroup(info.node) or info.node)
                if outer is not None and c.nodeType(outer) == "RVSourceGroup":
                    c.setFloatProperty(f"{info.node}.warp.pixelAspectRatio", [aspect])
        c.redraw()

    return apply


# -- the session ---------------------------------------------------------------------------


@command(
    "setBGPattern(Event event, string bgmethod) -> void",
    tier="B",
    module=MODULE,
    doc="Set the background.",
)
def set_bg_pattern(ctx: Context, event: Any, method: str) -> None:
    Calls(ctx).setBGMethod(method)


@command(
    "cacheModeFunc(int mode) -> (void;Event)",
    tier="B",
    module=MODULE,
    doc="A handler that sets the cache mode.",
)
def cache_mode_func(ctx: Context, mode: int) -> EventFunc:
    return lambda event: Calls(ctx).setCacheMode(mode)


@command(
    "toggleCacheModeFunc(int mode) -> (void;Event)",
    tier="B",
    module=MODULE,
    doc="A handler that sets a cache mode, or switches it off.",
)
def toggle_cache_mode_func(ctx: Context, mode: int) -> EventFunc:
    def handler(event: Any) -> None:
        c = Calls(ctx)
        c.setCacheMode(0 if c.cacheMode() == mode else mode)

    return handler


for _name, _where in (("Top", "top"), ("Bottom", "bottom")):

    def _toggle(ctx: Context, event: Any, name: str = _name) -> None:
        c = Calls(ctx)
        getattr(c, f"show{name}ViewToolbar")(not getattr(c, f"is{name}ViewToolbarVisible")())

    command(
        f"toggle{_name}ViewToolbar(Event event) -> void",
        tier="C",
        module=MODULE,
        doc=f"Toggle the {_where} tool bar's flag.",
    )(_toggle)
