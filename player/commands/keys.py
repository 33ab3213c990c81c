"""RV's default bindings of keys and a few other events (``mu_rvui/rvui``).

Scripts drive a player with ``sendInternalEvent("key-down--right")``, so the keys must do what
they do in RV. Their documentation is RV's: the menu item's name for keys that have one. Keys
that open an editor or a dialog are left out: there is nobody to type.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from player.commands.calling import Calls, category_enabled
from player.commands.context import Context
from player.commands.extra_playback import feedback
from player.commands.pointers import install_pointers
from player.commands.rvui_look import nudge, rotate

__all__ = ["KEYS", "Key", "install_keys"]

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


def _histogram(ctx: Context, event: Any) -> None:
    ctx.session.ui.hud ^= {"histogram"}
    Calls(ctx).redraw()


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
    ("toggle-hud-histogram-widget", _SYSTEM, _histogram, "Toggle the histogram via event"),
    ("key-up--alt--alt", "", _nothing, "Intercept Menu Navigation"),
    ("remote-connection-start", "", _extra("activateSync"), "Auto start sync mode"),
)

KEYS: Final[tuple[Key, ...]] = (
    *(Key("global", f"key-down--{k}", category, run, doc) for k, category, run, doc in _GLOBAL),
    *(Key("global", event, category, run, doc) for event, category, run, doc in _OTHERS),
    *(Key("stereo", f"key-down--{k}", _VIEW, run, doc) for k, run, doc in _STEREO),
    *(Key("nudge", f"key-down--{k}", _VIEW, run, doc) for k, run, doc in _NUDGE),
)
"""All default bindings, in mode ``default``."""


def install_keys(ctx: Context) -> None:
    """Bind :data:`KEYS` and the pointer in the session of ``ctx``."""
    events = ctx.session.events

    def handler(key: Key) -> Callable[[Any], None]:
        def handle(event: Any) -> None:
            if not key.category or category_enabled(ctx, key.category):
                key.run(ctx, event)

        return handle

    for key in KEYS:
        events.bind(
            "default", key.table, key.event, handler(key), key.doc, report_once=True, builtin=True
        )
    install_pointers(ctx)
