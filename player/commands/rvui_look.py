"""Module ``rvui``, second part: toggles of colour, transform, matte and stereo properties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from player.commands.calling import Calls
from player.commands.context import Context
from player.commands.extra_playback import feedback
from player.commands.registry import command
from player.commands.rvui_marks import ScriptErrors
from player.commands.widgets import show_mode

__all__ = ["nudge", "rotate", "toggle_int"]

MODULE = "rvui"

_DEFAULTS = (
    ("gamma", 1.0),
    ("exposure", 0.0),
    ("offset", 0.0),
    ("saturation", 1.0),
    ("hue", 0.0),
    ("contrast", 0.0),
)
_MATTES = (1.33, 1.66, 1.85, 2.35, 2.40)


def toggle_int(ctx: Context, prop: str) -> int | None:
    """Flip a 0/1 property; the new value, or None (and a message) when it does not exist."""
    c = Calls(ctx)
    try:
        new = 0 if c.getIntProperty(prop)[0] else 1
        c.setIntProperty(prop, [new])
    except (*ScriptErrors, IndexError) as error:
        feedback(ctx, f"Unable to toggle {prop}: {error}")
        return None
    c.redraw()
    return new


def _toggle(prop: str) -> Callable[..., None]:
    def run(ctx: Context, *args: Any) -> None:
        toggle_int(ctx, prop)

    return run


for _signature, _prop, _doc in (
    ("toggleFlip() -> void", "#RVTransform2D.transform.flip", "Flip the image."),
    ("toggleFlop() -> void", "#RVTransform2D.transform.flop", "Flop the image."),
    ("toggleSwapEyes() -> void", "@RVDisplayStereo.stereo.swap", "Swap the eyes."),
    ("toggleDisplayLUT() -> void", "@RVDisplayColor.lut.active", "Toggle the display LUT."),
    (
        "toggleLuminanceLUT() -> void",
        "#RVColor.luminanceLUT.active",
        "Toggle the luminance LUT.",
    ),
):
    command(_signature, tier="B", module=MODULE, doc=_doc)(_toggle(_prop))


@command("toggleInvert() -> void", tier="B", module=MODULE, doc="Toggle inverted colours.")
def toggle_invert(ctx: Context) -> None:
    new = toggle_int(ctx, "#RVColor.color.invert")
    if new is not None:
        feedback(ctx, "Invert Display" if new else "No Invert Display")


@command("togglePremult() -> void", tier="B", module=MODULE, doc="Toggle premultiplied display.")
def toggle_premult(ctx: Context) -> None:
    new = toggle_int(ctx, "@RVDisplayColor.color.premult")
    if new is not None:
        feedback(ctx, "Premult Display" if new else "No Premult Display")


@command(
    "resetAllColorParameters() -> void",
    tier="B",
    module=MODULE,
    doc="Neutral gamma, exposure, offset, saturation, hue and contrast.",
)
def reset_all_color_parameters(ctx: Context) -> None:
    c = Calls(ctx)
    for name, value in _DEFAULTS:
        prop = f"#RVColor.color.{name}"
        try:
            c.setFloatProperty(prop, [value] * len(c.getFloatProperty(prop)))
        except ScriptErrors as error:
            feedback(ctx, f"Unable to fill property values: {error}")
    c.redraw()


def rotate(ctx: Context, degrees: float, additive: bool, prop: str) -> None:
    """Rotate images by, or to, an angle."""
    c = Calls(ctx)
    now = c.getFloatProperty(prop)[0]
    c.setFloatProperty(prop, [now + degrees if additive else degrees])
    c.redraw()


@command(
    "rotateImage(float deg, bool additive, "
    'string prop="#RVTransform2D.transform.rotate") -> (void;)',
    tier="B",
    module=MODULE,
    doc="A function that rotates the image.",
)
def rotate_image(ctx: Context, degrees: float, additive: bool, prop: str) -> Callable[[], None]:
    return lambda: rotate(ctx, degrees, additive, prop)


def nudge(ctx: Context, x: float, y: float, zoom: float) -> None:
    """Move and scale the view a little."""
    c = Calls(ctx)
    translate = c.getFloatProperty("#RVDispTransform2D.transform.translate")
    scale = c.getFloatProperty("#RVDispTransform2D.transform.scale")
    c.setFloatProperty(
        "#RVDispTransform2D.transform.translate", [translate[0] + x, translate[1] + y]
    )
    c.setFloatProperty("#RVDispTransform2D.transform.scale", [scale[0] * zoom, scale[1] * zoom])
    c.redraw()


@command(
    "resetStereoOffsets(Event event) -> void",
    tier="B",
    module=MODULE,
    doc="Stereo offsets to 0, of the display and of all sources.",
)
def reset_stereo_offsets(ctx: Context, event: Any) -> None:
    c = Calls(ctx)
    nodes = ["@RVDisplayStereo", *c.nodesOfType("RVSourceStereo")]
    for node in nodes:
        for name in ("relativeOffset", "rightOffset"):
            c.setFloatProperty(f"{node}.stereo.{name}", [0.0], True)
    c.redraw()


def _show_matte(ctx: Context) -> None:
    Calls(ctx).setIntProperty("#Session.matte.show", [int(ctx.session.ui.show_matte)], True)


def _matte_aspect(ctx: Context, aspect: float, reset: bool = True) -> None:
    c = Calls(ctx)
    ctx.session.ui.matte_aspect = aspect
    c.setFloatProperty("#Session.matte.aspect", [aspect], True)
    if not reset:
        return
    c.setFloatProperty("#Session.matte.centerPoint", [0.0, 0.0], True)
    c.setFloatProperty("#Session.matte.heightVisible", [-1.0], True)


@command(
    "setMatte(float maspect, bool resetCenter=true) -> (void;)",
    tier="B",
    module=MODULE,
    doc="A function that shows a matte of an aspect ratio; 0 hides it.",
)
def set_matte(ctx: Context, aspect: float, reset: bool) -> Callable[[], None]:
    def apply() -> None:
        ctx.session.ui.show_matte = aspect > 0.0
        _show_matte(ctx)
        if aspect > 0.0:
            _matte_aspect(ctx, aspect, reset)
            if reset:
                feedback(ctx, f"Matte Aspect Ratio {aspect:g}")
        else:
            feedback(ctx, "No Matte")
        Calls(ctx).redraw()

    return apply


@command(
    "setMatteOpacity(float mop) -> (void;)",
    tier="B",
    module=MODULE,
    doc="A function that sets the opacity of the matte.",
)
def set_matte_opacity(ctx: Context, opacity: float) -> Callable[[], None]:
    def apply() -> None:
        ctx.session.ui.matte_opacity = opacity
        Calls(ctx).setFloatProperty("#Session.matte.opacity", [opacity], True)
        Calls(ctx).redraw()

    return apply


@command("cycleMatte() -> void", tier="B", module=MODULE, doc="The next matte aspect ratio.")
def cycle_matte(ctx: Context) -> None:
    ui = ctx.session.ui
    wider = [a for a in _MATTES if ui.show_matte and a > ui.matte_aspect]
    ui.show_matte = True
    _matte_aspect(ctx, wider[0] if wider else _MATTES[0])
    _show_matte(ctx)
    feedback(ctx, f"Matte Aspect Ratio {ui.matte_aspect:g}")


@command("cycleMatteOpacity() -> void", tier="B", module=MODULE, doc="The next matte opacity.")
def cycle_matte_opacity(ctx: Context) -> None:
    ui = ctx.session.ui
    if not ui.show_matte:
        ui.show_matte, ui.matte_opacity = True, 0.33
    elif ui.matte_opacity < 0.66:
        ui.matte_opacity = 0.66
    elif ui.matte_opacity < 1.0:
        ui.matte_opacity = 1.0
    else:
        ui.show_matte = False
    Calls(ctx).setFloatProperty("#Session.matte.opacity", [ui.matte_opacity], True)
    _show_matte(ctx)
    feedback(ctx, f"Matte Opacity {ui.matte_opacity:g}" if ui.show_matte else "Matte Off")


def _hud(name: str, mode: str) -> Callable[..., None]:
    def run(ctx: Context, *args: Any) -> None:
        c, ui = Calls(ctx), ctx.session.ui
        if name == "inspector" and not c.sources():
            return
        ui.hud ^= {name}
        show_mode(ctx, mode, name in ui.hud)
        c.redraw()

    return run


for _signature, _widget, _mode, _doc in (
    ("toggleColorInspector", "inspector", "inspector", "Toggle the colour under the pointer."),
    ("toggleInfo", "info", "imageinfo", "Toggle the attributes of the image."),
    ("toggleInfoStrip", "strip", "infoStrip", "Toggle the line with name, frame and time."),
    ("toggleProcessInfo", "process", "processinfo", "Toggle the progress of what is going on."),
    ("toggleSourceDetails", "details", "sourcedetails", "Toggle the details of the source."),
    ("toggleTimeline", "timeline", "timeline", "Toggle the timeline."),
):
    command(f"{_signature}() -> void", tier="C", module=MODULE, doc=_doc)(_hud(_widget, _mode))


@command(
    "togglePresentationMode() -> void",
    tier="C",
    module=MODULE,
    doc="There is no presentation device.",
)
def toggle_presentation_mode(ctx: Context) -> None:
    c = Calls(ctx)
    c.setPresentationMode(not c.presentationMode())
    c.redraw()
