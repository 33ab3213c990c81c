"""RV's default bindings of keys and a few other events (``mu_rvui/rvui``).

Scripts drive a player with ``sendInternalEvent("key-down--right")``, so the keys must do what
they do in RV. Keys that open an editor or a dialog are left out: there is nobody to type.
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


def _extra(name: str, *args: Any) -> Run:
    return lambda ctx, event: getattr(Calls(ctx, "extra_commands"), name)(*args)


def _command(name: str, *args: Any) -> Run:
    return lambda ctx, event: getattr(Calls(ctx), name)(*args)


def _at_frame(name: str) -> Run:
    return lambda ctx, event: getattr(Calls(ctx), name)(Calls(ctx).frame())


def _cache(mode: int) -> Run:
    def run(ctx: Context, event: Any) -> None:
        c = Calls(ctx)
        c.setCacheMode(0 if c.cacheMode() == mode else mode)
        c.redraw()

    return run


def _stereo(kind: str) -> Run:
    return lambda ctx, event: Calls(ctx, "rvui").setStereo(kind)(event)


def _rotate(degrees: float) -> Run:
    return lambda ctx, event: rotate(ctx, degrees, True, "#RVTransform2D.transform.rotate")


def _nudge(x: float, y: float, zoom: float) -> Run:
    return lambda ctx, event: nudge(ctx, x, y, zoom)


def _table(name: str, push: bool) -> Run:
    def run(ctx: Context, event: Any) -> None:
        events = ctx.session.events
        if push:
            events.push_event_table(name)
        elif any(table.name == name for table in events.modes.stack()):
            events.pop_event_table(name)
        feedback(ctx, f"{name.capitalize()} Keys {'' if push else 'Off'}".rstrip())

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
    (" ", _PLAY, _rvui("togglePlayFunc"), "Toggle Play"),
    ("down", _PLAY, _rvui("togglePlayFunc"), "Toggle Play"),
    ("up", _PLAY, _extra("toggleForwardsBackwards"), "Toggle Forward/Backward Playback"),
    ("right", _PLAY, _extra("stepForward1"), "Step Forward 1 Frame"),
    ("left", _PLAY, _extra("stepBackward1"), "Move Back One Frame"),
    (".", _PLAY, _made("incN", 1), "Set Frame Increment to 1 (forward)"),
    (",", "backwardplay_category", _made("incN", -1), "Set Frame Increment to -1 (reverse)"),
    ("A", _PLAY, _extra("toggleRealtime"), "Toggle Real-Time Playback"),
    ("P", "playmode_pingpong_category", _rvui("togglePingPong"), "Toggle Ping/Pong Playback"),
    ("home", _PLAY, _rvui("beginning"), "Go to Beginning of In/Out Range"),
    ("end", _PLAY, _rvui("ending"), "Go to End of In/Out Region"),
    ("alt--right", _PLAY, _rvui("nextMarkedFrame"), "Go to Next Marked Frame"),
    ("alt--left", _PLAY, _rvui("previousMarkedFrame"), "Go to Previous Marked Frame"),
    (">", _PLAY, _rvui("nextMatchedFrame"), "Go to Matching Frame of Next Source"),
    ("<", _PLAY, _rvui("previousMatchedFrame"), "Go to Matching Frame of Previous Source"),
    ("[", _MARK, _at_frame("setInPoint"), "Set In Point"),
    ("]", _MARK, _at_frame("setOutPoint"), "Set Out Point"),
    ("\\", _MARK, _rvui("resetInOutPoints"), "Reset In/Out Points"),
    ("m", _MARK, _rvui("toggleMark"), "Toggle Mark At Frame"),
    ("|", _MARK, _rvui("setInOutMarkedRange"), "Set In/Out Range From Surrounding Marks"),
    ("control--right", _MARK, _rvui("nextMarkedRange"), "Set In/Out to Next Marked Range"),
    ("control--left", _MARK, _rvui("previousMarkedRange"), "Set In/Out to Previous Marked Range"),
    ("page-up", _MARK, _rvui("nextMarkedRange"), "Set In/Out to Next Marked Range"),
    ("page-down", _MARK, _rvui("previousMarkedRange"), "Set In/Out to Previous Marked Range"),
    ("control--up", _MARK, _rvui("expandMarkedRange"), "Expand In/Out to Neighbouring Ranges"),
    ("control--down", _MARK, _rvui("contractMarkedRange"), "Contract In/Out to Marks Inside"),
    ("shift--left", _VIEW, _rvui("prevView"), "Go to Previous View"),
    ("shift--right", _VIEW, _rvui("nextView"), "Go to Next View"),
    (")", _VIEW, _rvui_event("cycleStackForward"), "Cycle Image Stack Forwards"),
    ("(", _VIEW, _rvui_event("cycleStackBackward"), "Cycle Image Stack Backwards"),
    ("c", _VIEW, _made("showChannel", 0), "Normal Color Channel Display"),
    ("r", _VIEW, _made("showChannel", 1), "Show Red Channel"),
    ("g", _VIEW, _made("showChannel", 2), "Show Green Channel"),
    ("b", _VIEW, _made("showChannel", 3), "Show Blue Channel"),
    ("a", _VIEW, _made("showChannel", 4), "Show Alpha Channel"),
    ("l", _VIEW, _made("showChannel", 5), "Show Image Luminance"),
    ("n", _VIEW, _extra("toggleFilter"), "Toggle Nearest Neighbor/Linear Filter"),
    ("p", _VIEW, _rvui("togglePremult"), "Toggle Premult Display"),
    ("D", _VIEW, _rvui("toggleDisplayLUT"), "Toggle Display LUT"),
    ("M", _VIEW, _rvui("cycleMatteOpacity"), "Cycle Matte Opacity"),
    ("control--m", _VIEW, _rvui("cycleMatte"), "Cycle Mattes"),
    ("control--1", _VIEW, _made("pixelRelativeScale", 1.0), "Scale 1:1"),
    ("f", "presentation_category", _extra("frameImage"), "Frame Image in View"),
    ("control--f", "presentation_category", _rvui_event("frameWidth"), "Frame Image Width"),
    ("control--p", "presentation_category", _rvui("togglePresentationMode"), "Presentation Mode"),
    ("I", _SOURCE, _rvui("toggleInvert"), "Toggle Color Invert"),
    ("T", _SOURCE, _rvui("toggleLuminanceLUT"), "Toggle Current Luminance LUT"),
    ("X", _SOURCE, _rvui("toggleFlop"), "Flop Image"),
    ("Y", _SOURCE, _rvui("toggleFlip"), "Flip Image"),
    ("alt--l", _SOURCE, _rotate(-90.0), "Rotate Image 90deg Counter-Clockwise"),
    ("alt--r", _SOURCE, _rotate(90.0), "Rotate Image 90deg Clockwise"),
    ("shift--home", _SOURCE, _rvui("resetAllColorParameters"), "Reset All Color"),
    ("C", _SYSTEM, _cache(2), "Toggle Region Caching"),
    ("control--l", _SYSTEM, _cache(1), "Toggle Look-Ahead Caching"),
    ("R", _SYSTEM, _command("reload"), "Force Reload of Current Source"),
    ("control--R", _SYSTEM, _extra("reloadInOut"), "Reload In/Out Region"),
    ("control--C", _SYSTEM, _extra("loadCurrentSourcesChangedFrames"), "Load Changed Frames"),
    ("control--w", _SYSTEM, _command("close"), "Close Session"),
    ("control--q", _SYSTEM, _command("close"), "Close Session"),
    ("control--N", "clear_category", _rvui("clearEverything"), "Clear Session"),
    ("f1", _SYSTEM, _command("toggleMenuBar"), "Toggle Menu Bar Visibility"),
    ("f2", _INFO, _rvui("toggleTimeline"), "Toggle Heads-Up Timeline"),
    ("f3", _INFO, _extra("toggleMotionScope"), "Toggle Timeline Magnifier"),
    ("f4", _INFO, _rvui("toggleInfo"), "Toggle Heads-Up Image Info"),
    ("f5", _INFO, _rvui("toggleColorInspector"), "Toggle Heads-Up Color Inspector"),
    ("f6", "wipes_category", _rvui("toggleWipe"), "Toggle Wipes"),
    ("f7", _INFO, _rvui("toggleInfoStrip"), "Toggle Heads-Up Info Strip"),
    ("f8", _INFO, _rvui("toggleProcessInfo"), "Toggle Heads-Up Process Progress"),
    ("f11", _INFO, _rvui("toggleSourceDetails"), "Toggle Heads-Up Source Details"),
    ("i", _INFO, _rvui("toggleInfo"), "Toggle Heads-Up Image Info"),
    ("t", _SYSTEM, _rvui("toggleTimeline"), "Toggle Heads-Up Timeline"),
    ("tab", _SYSTEM, _rvui("toggleTimeline"), "Toggle Heads-Up Timeline"),
    ("~", _SYSTEM, _rvui("toggleTimeline"), "Toggle Timeline"),
    ("alt--s", "", _table("stereo", True), "Turn On Stereo Keys"),
    ("alt--n", _VIEW, _table("nudge", True), "Turn On Nudge Keys"),
    *(
        (str(n), _SOURCE, _made("pixelRelativeScale", float(n)), f"Scale {n}:1")
        for n in range(1, 9)
    ),
    *(
        (f"control--{n}", _SOURCE, _made("pixelRelativeScale", 1.0 / n), f"Scale 1:{n}")
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
    ("alt--s", _table("stereo", False), "Turn Off Stereo Keys"),
)

_NUDGE: Final = (
    *(
        (f"{prefix}{key}", _nudge(x * size, y * size, 1.0), f"Nudge {key.capitalize()}")
        for prefix, size in (("", 0.01), ("control--", 0.001), ("shift--", 0.1))
        for key, x, y in (("right", -1, 0), ("left", 1, 0), ("up", 0, -1), ("down", 0, 1))
    ),
    ("z", _nudge(0.0, 0.0, 1.1), "Nudge Zoom-In"),
    ("control--z", _nudge(0.0, 0.0, 1.01), "Nudge Zoom-In Slightly"),
    ("alt--n", _table("nudge", False), "Turn Off Nudge Keys"),
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
    ("toggle-hud-timeline-widget", _SYSTEM, _rvui("toggleTimeline"), "Toggle timeline via event"),
    (
        "toggle-hud-timeline-mag-widget",
        _SYSTEM,
        _extra("toggleMotionScope"),
        "Toggle timeline magnifier via event",
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
