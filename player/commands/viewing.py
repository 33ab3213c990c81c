"""Display, view and rendering, and the audio textures: sections 11 and 12 of the vocabulary."""

from __future__ import annotations

from player.commands.context import Context
from player.commands.errors import CommandError
from player.commands.registry import command
from player.commands.structs import VideoDeviceState
from player.session.events import RenderEvent
from player.session.uistate import BACKGROUNDS, GL_LINEAR, GL_NEAREST

__all__ = ["view_size"]

SECTION = "view"

Vec4 = tuple[float, float, float, float]


@command("redraw() -> void", tier="A", section=SECTION, doc="Ask for a redraw.")
def redraw(ctx: Context) -> None:
    ctx.ports.ui.redraw()


@command(
    "viewSize() -> vector float[2]",
    tier="B",
    section=SECTION,
    doc="Width and height of the view in pixels.",
)
def view_size(ctx: Context) -> tuple[float, float]:
    for width, height in (ctx.ports.renderer.view_size(), ctx.ports.ui.size()):
        if width > 0 and height > 0:
            return (float(width), float(height))
    return ctx.session.ui.view_size


@command(
    "setViewSize(int width, int height) -> void",
    tier="B",
    section=SECTION,
    doc="Resize the view.",
)
def set_view_size(ctx: Context, width: int, height: int) -> None:
    if width <= 0 or height <= 0 or width > 32768 or height > 32768:
        raise CommandError(f"bad view size {width}x{height}")
    old = view_size(ctx)
    ctx.session.ui.view_size = (float(width), float(height))
    ctx.ports.ui.set_size(width, height)
    new = view_size(ctx)
    if new != old:
        events = ctx.session.events
        events.dispatch(RenderEvent("view-size-changed", "", new))
        events.send("view-resized", f"{old[0]:g} {old[1]:g}|{new[0]:g} {new[1]:g}")


@command(
    "margins() -> vector float[4]",
    tier="B",
    section=SECTION,
    doc="Margins left, right, top, bottom in pixels.",
)
def margins(ctx: Context) -> Vec4:
    return ctx.session.ui.margins


@command(
    "setMargins(vector float[4] margins, bool allDevices=false) -> void",
    tier="B",
    section=SECTION,
    doc="Set the margins; -1 keeps one. margins-changed carries the old ones.",
)
def set_margins(ctx: Context, values: Vec4, everywhere: bool) -> None:
    ui = ctx.session.ui
    old = ui.margins
    new = [before if value == -1.0 else value for value, before in zip(values, old, strict=True)]
    ui.margins = (new[0], new[1], new[2], new[3])
    text = " ".join(f"{value:g}" for value in old)
    ctx.session.events.send("margins-changed", text, sender="session")


@command("bgMethod() -> string", tier="B", section=SECTION, doc="Name of the background pattern.")
def bg_method(ctx: Context) -> str:
    return ctx.session.ui.background


@command(
    "setBGMethod(string methodName) -> void",
    tier="B",
    section=SECTION,
    doc="Set the background: black, white, grey18, grey50, checker or crosshatch.",
)
def set_bg_method(ctx: Context, name: str | None) -> None:
    if name is None:
        raise CommandError("nil bg method")
    ctx.session.ui.background = name if name in BACKGROUNDS else BACKGROUNDS[0]
    ctx.session.events.send("bg-pattern-change", "")
    ctx.ports.ui.redraw()


@command(
    "getFiltering() -> int", tier="C", section=SECTION, doc="Filter of the view, as in OpenGL."
)
def get_filtering(ctx: Context) -> int:
    return ctx.session.ui.filtering


@command(
    "setFiltering(int filterType) -> void",
    tier="C",
    section=SECTION,
    doc="Set the filter of the view: 9729 linear, 9728 nearest.",
)
def set_filtering(ctx: Context, kind: int) -> None:
    if kind not in (GL_LINEAR, GL_NEAREST):
        raise CommandError("setFiltering only accepts GL_LINEAR or GL_NEAREST")
    ctx.session.ui.filtering = kind


@command("getRendererType() -> string", tier="C", section=SECTION, doc="Name of the renderer.")
def get_renderer_type(ctx: Context) -> str:
    return "Composite"


@command(
    "setRendererType(string name) -> void", tier="C", section=SECTION, doc="There is only one."
)
def set_renderer_type(ctx: Context, name: str | None) -> None:
    if name is None:
        raise CommandError("nil argument")


@command(
    "setHardwareStereoMode(bool active) -> void",
    tier="C",
    section=SECTION,
    doc="There is no hardware stereo.",
)
def set_hardware_stereo_mode(ctx: Context, active: bool) -> None:
    return None


@command(
    "stereoSupported() -> bool",
    tier="C",
    section=SECTION,
    doc="Whether the display hardware does stereo: false.",
)
def stereo_supported(ctx: Context) -> bool:
    return False


@command(
    "videoState() -> VideoDeviceState",
    tier="B",
    section=SECTION,
    doc="State of the presentation device; nil, there is none.",
)
def video_state(ctx: Context) -> VideoDeviceState | None:
    return None


@command(
    "videoDeviceIDString(string moduleName, string deviceName, int idtype) -> string",
    tier="C",
    section=SECTION,
    doc="Text that identifies a video device in the settings.",
)
def video_device_id_string(ctx: Context, module: str, device: str, kind: int) -> str:
    if kind == 5:
        return module or ""
    return f"{module or ''}/{device or ''}"


@command(
    "refreshOutputVideoDevice() -> void",
    tier="C",
    section=SECTION,
    doc="Nothing to refresh without a presentation device.",
)
def refresh_output_video_device(ctx: Context) -> None:
    return None


@command("devicePixelRatio() -> float", tier="C", section=SECTION, doc="Pixels of a point: 1.0.")
def device_pixel_ratio(ctx: Context) -> float:
    return 1.0


@command(
    "queryDriverAttribute(string attribute) -> string",
    tier="C",
    section=SECTION,
    doc='Attribute of the display driver, as set; "" if never set.',
)
def query_driver_attribute(ctx: Context, attribute: str) -> str:
    return ctx.session.ui.driver_attributes.get(attribute or "", "")


@command(
    "setDriverAttribute(string attribute, string value) -> void",
    tier="C",
    section=SECTION,
    doc="Remember an attribute of the display driver.",
)
def set_driver_attribute(ctx: Context, attribute: str, value: str) -> None:
    kept = ctx.session.ui.driver_attributes
    if attribute in kept or len(kept) < 1000:
        kept[attribute or ""] = value or ""


@command("audioTextureID() -> int", tier="C", section="audio", doc="No audio texture: 0.")
def audio_texture_id(ctx: Context) -> int:
    return 0


@command(
    "audioTextureComplete() -> float",
    tier="C",
    section="audio",
    doc="How much of the audio texture is done: 1.0.",
)
def audio_texture_complete(ctx: Context) -> float:
    return 1.0
