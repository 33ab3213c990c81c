"""RV's default bindings of keys and a few other events (``mu_rvui/rvui``).

Scripts drive a player with ``sendInternalEvent("key-down--right")``, so the keys must do what
they do in RV. Their documentation is RV's: the menu item's name for keys that have one. Keys
that open a dialog answer as if it had been cancelled; those that ask for a value take what is
typed in a window (:mod:`player.commands.textentry`).
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from player.commands.calling import Calls, category_enabled
from player.commands.context import Context
from player.commands.editing import editing_of
from player.commands.extra_playback import feedback
from player.commands.parameters import PARAMETERS
from player.commands.pointers import install_pointers
from player.commands.registry import command
from player.commands.rvui_look import nudge, rotate
from player.commands.rvui_marks import ScriptErrors
from player.commands.textentry import whole_number

__all__ = ["KEYS", "Key", "install_keys"]

Handler = Callable[[Any], object]
Run = Callable[[Context, Any], object]


@dataclass(frozen=True, slots=True)
class Key:
    """One binding: event table, event, category that must be enabled ("" for none), action."""

    table: str
    event: str
    category: str
    run: Run
    doc: str


def _rvui(name: str, *args: Any) -> Run:
    return lambda ctx, event: getattr(Calls(ctx, "rvui"), name)(*args)


def _rvui_event(name: str) -> Run:
    return lambda ctx, event: getattr(Calls(ctx, "rvui"), name)(event)


def _made(name: str, *args: Any) -> Run:
    """A function of rvui that returns the function to call."""
    return lambda ctx, event: getattr(Calls(ctx, "rvui"), name)(*args)()


def _made_for_event(name: str, *args: Any) -> Run:
    """A function of rvui that returns the handler to call."""
    return lambda ctx, event: getattr(Calls(ctx, "rvui"), name)(*args)(event)


def _extra(name: str, *args: Any) -> Run:
    return lambda ctx, event: getattr(Calls(ctx, "extra_commands"), name)(*args)


def _command(name: str, *args: Any) -> Run:
    return lambda ctx, event: getattr(Calls(ctx), name)(*args)


def _at_frame(name: str) -> Run:
    return lambda ctx, event: getattr(Calls(ctx), name)(Calls(ctx).frame())


def _cache(mode: int) -> Run:
    return _made_for_event("toggleCacheModeFunc", mode)


def _stereo(kind: str) -> Run:
    return _made_for_event("setStereo", kind)


def _rotate(degrees: float) -> Run:
    return lambda ctx, event: rotate(ctx, degrees, True, "#RVTransform2D.transform.rotate")


def _nudge(x: float, y: float, zoom: float) -> Run:
    return lambda ctx, event: nudge(ctx, x, y, zoom)


def _table(name: str, message: str) -> Run:
    """Push an event table, and tell its keys until further notice; "" takes it off again."""

    def run(ctx: Context, event: Any) -> None:
        events = ctx.session.events
        if message:
            feedback(ctx, message, 10e6)
            events.push_event_table(name)
            return
        feedback(ctx, f"{name.capitalize()} Keys Off")
        if any(table.name == name for table in events.modes.stack()):
            events.pop_event_table(name)

    return run


def _widget(name: str) -> Run:
    """A widget of ours over the picture, on and off."""

    def run(ctx: Context, event: Any) -> None:
        ctx.session.ui.hud ^= {name}
        Calls(ctx).redraw()

    return run


def _save(ctx: Context, event: Any) -> None:
    c = Calls(ctx)
    name = c.sessionFileName()
    if name.endswith(".rv"):  # any other name has to be chosen first
        c.saveSession(name)


def _random_table(ctx: Context, event: Any) -> None:
    """A luminance table of up to 24 random colours, the first one black."""
    count = random.randrange(25)
    table = [0.0] * 3 + [random.random() for _ in range(3 * (count - 1))] if count else []
    c = Calls(ctx)
    try:
        c.setFloatProperty("#RVColor.luminanceLUT.lut", table, True)
        c.setStringProperty("#RVColor.luminanceLUT.name", ["Random"])
        c.setIntProperty("#RVColor.luminanceLUT.active", [1])
        c.setIntProperty("#RVColor.luminanceLUT.size", [count])
    except ScriptErrors as error:
        feedback(ctx, f"Unable to set LUT for #RVColor: {error}")
        return
    feedback(ctx, "Using Random Color Luminance LUT")
    c.redraw()


def _set_fps(ctx: Context, text: str) -> None:
    rate = float(text)
    if rate > 0:
        Calls(ctx).setFPS(rate)
    else:
        feedback(ctx, "ERROR: FPS must be larger than 0")


def _set_display_gamma(ctx: Context, text: str) -> None:
    c = Calls(ctx)
    c.setFloatProperty("@RVDisplayColor.color.gamma", [float(text)])
    c.setIntProperty("@RVDisplayColor.color.Rec709", [0])
    c.setIntProperty("@RVDisplayColor.color.sRGB", [0])


def _gamma_prompt(ctx: Context) -> str:
    gamma = Calls(ctx).getFloatProperty("@RVDisplayColor.color.gamma")[0]
    return f"Display Gamma Correction [{gamma:g}]: "


def _warning(text: str) -> Run:
    return lambda ctx, event: feedback(ctx, f"WARNING: {text}")


def _missing_image(ctx: Context, event: Any) -> None:
    frame, _, source = event.contents.partition(";")
    media = os.path.basename(Calls(ctx).sourceMedia(source)[0])
    feedback(ctx, f"MISSING: frame {frame} of {media}", 1.0)


def _nothing(ctx: Context, event: Any) -> None:
    return None


_PLAY = "playcontrol_category"
_VIEW = "viewmode_category"
_SOURCE = "source_category"
_MARK = "mark_category"
_SYSTEM = "system_category"
_INFO = "info_category"

_GLOBAL: Final[tuple[tuple[str, str, Run, str], ...]] = (
    (" ", _PLAY, _rvui("togglePlayFunc"), "Play"),
    ("down", _PLAY, _rvui("togglePlayFunc"), "Toggle Play"),
    ("up", _PLAY, _extra("toggleForwardsBackwards"), "Reverse"),
    ("right", _PLAY, _extra("stepForward1"), "Step Forward"),
    ("left", _PLAY, _extra("stepBackward1"), "Step Backward"),
    (".", _PLAY, _made("incN", 1), "Play Forward"),
    (",", "backwardplay_category", _made("incN", -1), "Play Backward"),
    ("A", _PLAY, _extra("toggleRealtime"), "Play All Frames"),
    ("P", "playmode_pingpong_category", _rvui("togglePingPong"), "PingPong"),
    ("home", _PLAY, _rvui("beginning"), "Jump To Beginning"),
    ("end", _PLAY, _rvui("ending"), "Jump To Ending"),
    ("alt--right", _PLAY, _rvui("nextMarkedFrame"), "Next Marked Frame"),
    ("alt--left", _PLAY, _rvui("previousMarkedFrame"), "Prev Marked Frame"),
    (">", _PLAY, _rvui("nextMatchedFrame"), "Matching Frame Of Next Source"),
    ("<", _PLAY, _rvui("previousMatchedFrame"), "Matching Frame Of Previous Source"),
    ("[", _MARK, _at_frame("setInPoint"), "Set Range In Point"),
    ("]", _MARK, _at_frame("setOutPoint"), "Set Range Out Point"),
    ("\\", _MARK, _rvui("resetInOutPoints"), "Reset Range"),
    ("m", _MARK, _rvui("toggleMark"), "Mark Frame"),
    ("|", _MARK, _rvui("setInOutMarkedRange"), "Set Range From Marks/Boundaries"),
    ("control--right", _MARK, _rvui("nextMarkedRange"), "Next Range From Marks/Boundaries"),
    ("control--left", _MARK, _rvui("previousMarkedRange"), "Prev Range From Marks/Boundaries"),
    ("page-up", _MARK, _rvui("nextMarkedRange"), "Set In/Out to Next Marked Range"),
    ("page-down", _MARK, _rvui("previousMarkedRange"), "Set In/Out to Previous Marked Range"),
    ("control--up", _MARK, _rvui("expandMarkedRange"), "Expand Range From Marks/Boundaries"),
    ("control--down", _MARK, _rvui("contractMarkedRange"), "Contract Range From Marks/Boundaries"),
    ("shift--left", _VIEW, _rvui("prevView"), "Go to Previous View"),
    ("shift--right", _VIEW, _rvui("nextView"), "Go to Next View"),
    (")", _VIEW, _rvui_event("cycleStackForward"), "Cycle Stack Forward"),
    ("(", _VIEW, _rvui_event("cycleStackBackward"), "Cycle Stack Backward"),
    ("c", _VIEW, _made("showChannel", 0), "Color (All Channels)"),
    ("r", _VIEW, _made("showChannel", 1), "Red"),
    ("g", _VIEW, _made("showChannel", 2), "Green"),
    ("b", _VIEW, _made("showChannel", 3), "Blue"),
    ("a", _VIEW, _made("showChannel", 4), "Alpha"),
    ("l", _VIEW, _made("showChannel", 5), "Luminance"),
    ("n", _VIEW, _extra("toggleFilter"), "Linear Filter"),
    ("p", _VIEW, _rvui("togglePremult"), "Toggle Premult Display"),
    ("D", _VIEW, _rvui("toggleDisplayLUT"), "Display LUT Active"),
    ("M", _VIEW, _rvui("cycleMatteOpacity"), "Cycle Matte Opacity"),
    ("control--m", _VIEW, _rvui("cycleMatte"), "Cycle Mattes"),
    ("control--1", _VIEW, _made("pixelRelativeScale", 1.0), "Scale 1:1"),
    ("f", "presentation_category", _extra("frameImage"), "Frame"),
    ("control--f", "presentation_category", _rvui_event("frameWidth"), "Frame Width"),
    ("control--p", "presentation_category", _rvui("togglePresentationMode"), "Presentation Mode"),
    ("I", _SOURCE, _rvui("toggleInvert"), "Invert"),
    ("L", _SOURCE, _made_for_event("setLinConvert", "Cineon Log"), "Cineon/DPX Log"),
    ("T", _SOURCE, _rvui("toggleLuminanceLUT"), "Active"),
    ("X", _SOURCE, _rvui("toggleFlop"), "Flop"),
    ("Y", _SOURCE, _rvui("toggleFlip"), "Flip"),
    ("alt--l", _SOURCE, _rotate(-90.0), "Rotate Image 90deg Counter-Clockwise"),
    ("alt--r", _SOURCE, _rotate(90.0), "Rotate Image 90deg Clockwise"),
    ("shift--home", _SOURCE, _rvui("resetAllColorParameters"), "Reset All Color"),
    ("C", _SYSTEM, _cache(2), "Toggle Region Caching"),
    ("control--l", _SYSTEM, _cache(1), "Toggle Look-Ahead Caching"),
    ("R", _SYSTEM, _command("reload"), "Force Reload Current Frame"),
    ("control--R", _SYSTEM, _extra("reloadInOut"), "Force Reload Region"),
    ("control--C", _SYSTEM, _extra("loadCurrentSourcesChangedFrames"), "Reload Changed Frames"),
    ("control--w", _SYSTEM, _command("close"), "Close Session"),
    ("control--q", _SYSTEM, _command("close"), "Close Session"),
    ("control--N", "clear_category", _rvui("clearEverything"), "Clear"),
    ("f1", _SYSTEM, _command("toggleMenuBar"), "Menu Bar"),
    ("f2", _INFO, _rvui("toggleTimeline"), "Timeline"),
    ("f3", _INFO, _extra("toggleMotionScope"), "Timeline Magnifier"),
    ("f4", _INFO, _rvui("toggleInfo"), "Image Info"),
    ("f5", _INFO, _rvui("toggleColorInspector"), "Color Inspector"),
    ("f6", "wipes_category", _rvui("toggleWipe"), "Wipes"),
    ("f7", _INFO, _rvui("toggleInfoStrip"), "Info Strip"),
    ("f8", _INFO, _rvui("toggleProcessInfo"), "Process Info"),
    ("f11", _INFO, _rvui("toggleSourceDetails"), "Source Details"),
    ("i", _INFO, _rvui("toggleInfo"), "Toggle Heads-Up Image Info"),
    ("t", _SYSTEM, _rvui("toggleTimeline"), "Toggle Heads-Up Timeline"),
    ("tab", _SYSTEM, _rvui("toggleTimeline"), "Toggle Heads-Up Timeline"),
    ("*", _SOURCE, _random_table, "Random"),
    ("control--s", "export_category", _save, "Save Session"),
    ("control--S", "export_category", _nothing, "Save Session As..."),
    ("control--e", "export_category", _nothing, "Quicktime Movie..."),
    ("control--i", "media_category", _nothing, "Open..."),
    ("control--o", "media_category", _nothing, "Merge..."),
    ("control--O", "media_category", _nothing, "Open in New Session..."),
    ("~", _SYSTEM, _rvui("toggleTimeline"), "Toggle Timeline"),
    (
        "alt--s",
        "",
        _table("stereo", "Stereo Keys (a, d, s, h, <, >, m, S, o, toggle off)..."),
        "Turn On Stereo Keys",
    ),
    ("alt--n", _VIEW, _table("nudge", "Nudge Keys (toggle)..."), "Turn On Nudge Keys"),
    *((str(n), _SOURCE, _made("pixelRelativeScale", float(n)), f"{n}:1") for n in range(1, 9)),
    *(
        (f"control--{n}", _SOURCE, _made("pixelRelativeScale", 1.0 / n), f"1:{n}")
        for n in range(2, 9)
    ),
)

_STEREO: Final = (
    ("a", _stereo("anaglyph"), "Anaglyph Mode"),
    ("l", _stereo("lumanaglyph"), "Luminance Anaglyph Mode"),
    ("d", _stereo("checker"), "Checked Stereo Mode"),
    ("k", _stereo("scanline"), "Scanline Stereo Mode"),
    ("s", _stereo("pair"), "Side-by-Side Stereo Mode"),
    ("p", _stereo("pair"), "Side-by-Side Stereo Mode"),
    ("m", _stereo("mirror"), "Mirrored Side-by-Side Stereo Mode"),
    ("z", _stereo("hsqueezed"), "Horizontal Squeezed Stereo Mode"),
    ("v", _stereo("vsqueezed"), "Vertical Squeezed Stereo Mode"),
    ("h", _stereo("hardware"), "Hardware Stereo Mode"),
    (",", _stereo("left"), "Left Eye Only Stereo Mode"),
    (".", _stereo("right"), "Right Eye Only Stereo Mode"),
    ("<", _stereo("left"), "Left Eye Only Stereo Mode"),
    (">", _stereo("right"), "Right Eye Only Stereo Mode"),
    ("O", _stereo("off"), "Stereo Off"),
    ("S", _rvui("toggleSwapEyes"), "Swap Eyes"),
    ("/", _rvui_event("resetStereoOffsets"), "Reset Stereo Offsets"),
    ("alt--s", _table("stereo", ""), "Turn Off Stereo Keys"),
)

_NUDGE: Final = (
    *(
        (f"{prefix}{key}", _nudge(x * size, y * size, 1.0), f"Nudge {key.capitalize()}{how}")
        for prefix, size, how in (
            ("", 0.01, ""),
            ("control--", 0.001, " Tiny"),
            ("shift--", 0.1, " Big"),
        )
        for key, x, y in (("right", -1, 0), ("left", 1, 0), ("up", 0, -1), ("down", 0, 1))
    ),
    ("z", _nudge(0.0, 0.0, 1.1), "Nudge Zoom-In"),
    ("control--z", _nudge(0.0, 0.0, 1.01), "Nudge Big Zoom-Out"),
    ("alt--n", _table("nudge", ""), "Turn Off Nudge Keys"),
)

_PARAMETER_KEYS: Final = (
    ("global", "e", "exposure", _SOURCE, "Exposure"),
    ("global", "S", "saturation", _SOURCE, "Saturation"),
    ("global", "h", "hue", _SOURCE, "Hue"),
    ("global", "y", "gamma", _SOURCE, "Gamma"),
    ("global", "k", "contrast", _SOURCE, "Contrast"),
    ("global", "B", "brightness", _VIEW, "Display Brightness (Interactive)"),
    ("global", "control--v", "globalVolume", _SYSTEM, "Volume"),
    ("stereo", "o", "stereoOffset", _VIEW, "Edit Stereo Offset"),
    ("stereo", "r", "stereoROffset", _VIEW, "Edit Right-Eye-Only Stereo Offset"),
    ("stereo", "c", "sourceStereoOffset", _VIEW, "Edit Source/Clip Stereo Offset"),
    ("stereo", "R", "sourceStereoROffset", _VIEW, "Edit Source/Clip Right-Eye-Only Stereo Offset"),
)

_ENTRY_KEYS: Final = (
    ("G", _PLAY, "Go To Frame..."),
    ("keypad-enter", _PLAY, "Set Frame Number Using Keyboard"),
    ("F", _PLAY, "Custom..."),
    ("v", _VIEW, "Display Gamma..."),
)

_PATTERNS: Final = (
    (".*--caplock.*", _warning("cap-lock is ON")),
    (".*--scrolllock.*", _warning("scroll-lock is ON")),
)

_OTHERS: Final = (
    ("pointer--wheeldown", _PLAY, _extra("stepForward1"), "Step Forward 1 Frame"),
    ("pointer--wheelup", _PLAY, _extra("stepBackward1"), "Step Backward 1 Frame"),
    *(
        (f"pointer-{held}wheel{way}", _PLAY, _extra(f"step{word}{n}"), f"Step {word} {n} Frames")
        for held, n in (("-control--", 10), ("3--", 10), ("-alt-control--", 100), ("2-3--", 100))
        for way, word in (("down", "Forward"), ("up", "Backward"))
    ),
    ("toggle-hud-info-widget", _SYSTEM, _rvui("toggleInfo"), "Toggle info widget via event"),
    (
        "toggle-hud-timeline-widget",
        _SYSTEM,
        _rvui("toggleTimeline"),
        "Toggle timeline widget via event",
    ),
    (
        "toggle-hud-timeline-mag-widget",
        _SYSTEM,
        _extra("toggleMotionScope"),
        "Toggle timeline magnifier widget via event",
    ),
    (
        "toggle-hud-histogram-widget",
        _SYSTEM,
        _widget("histogram"),
        "Toggle the histogram via event",
    ),
    (
        "toggle-render-cursor",
        _SYSTEM,
        _widget("render-cursor"),
        "Toggle the outline of the newest tile via event",
    ),
    ("key-up--alt--alt", "", _nothing, "Intercept Menu Navigation"),
    ("remote-connection-start", "", _extra("activateSync"), "Auto start sync mode"),
)

KEYS: Final[tuple[Key, ...]] = (
    *(Key("global", f"key-down--{k}", category, run, doc) for k, category, run, doc in _GLOBAL),
    *(Key("global", event, category, run, doc) for event, category, run, doc in _OTHERS),
    *(Key("stereo", f"key-down--{k}", _VIEW, run, doc) for k, run, doc in _STEREO),
    *(Key("nudge", f"key-down--{k}", _VIEW, run, doc) for k, run, doc in _NUDGE),
)
"""The default bindings that are one action, in mode ``default``."""


def install_keys(ctx: Context) -> None:
    """Bind :data:`KEYS`, what is edited and typed, and the pointer in the session of ``ctx``."""
    events = ctx.session.events
    edited = editing_of(ctx)
    entry, mode = edited.entry, edited.parameters
    c = Calls(ctx)

    def guarded(category: str, run: Handler) -> Handler:
        def handle(event: Any) -> None:
            if not category or category_enabled(ctx, category):
                run(event)

        return handle

    def bind(table: str, event: str, handler: Handler, doc: str) -> None:
        events.bind("default", table, event, handler, doc, report_once=True, builtin=True)

    bind("global", "missing-image", partial(_missing_image, ctx), "")
    for key in KEYS:
        bind(key.table, key.event, guarded(key.category, partial(key.run, ctx)), key.doc)
    for table, name, what, category, doc in _PARAMETER_KEYS:
        bind(
            table,
            f"key-down--{name}",
            guarded(category, partial(mode.start, PARAMETERS[what])),
            doc,
        )
    go = entry.starter(lambda: "Go To Frame: ", lambda text: c.setFrame(whole_number(text)))
    enter = {
        "G": go,
        "keypad-enter": go,
        "F": entry.starter(lambda: f"FPS [{c.fps():g}]: ", partial(_set_fps, ctx)),
        "v": entry.starter(partial(_gamma_prompt, ctx), partial(_set_display_gamma, ctx)),
    }
    for name, category, doc in _ENTRY_KEYS:
        bind("global", f"key-down--{name}", guarded(category, enter[name]), doc)
    patterns = [("global", "key-down--keypad-[0-9.].*", go, "")]
    patterns += [("global", text, partial(run, ctx), "") for text, run in _PATTERNS]
    for table, listed in (("paramscrub", mode), ("textentry", entry)):
        for name, handler, doc in listed.bindings():
            bind(table, name, handler, doc)
        patterns += [(table, *rest) for rest in listed.patterns()]
    for table, text, handler, doc in patterns:
        events.bind_regex("default", table, text, handler, doc, report_once=True)
    install_pointers(ctx)


@command(
    "defineDefaultBindings() -> void",
    tier="B",
    module="rvui",
    doc="Bind the default keys and the pointer anew, whatever was bound to them.",
)
def define_default_bindings(ctx: Context) -> None:
    install_keys(ctx)
