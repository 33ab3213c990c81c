"""Everything else: section 14 of the vocabulary."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from player.commands.context import Context
from player.commands.errors import CommandError, EngineError
from player.commands.registry import command
from player.commands.structs import IOFormat, IOParameter

__all__ = ["VERSION", "as_kind_of"]

SECTION = "misc"

VERSION = (3, 1, 0)
"""The Open RV version whose behaviour is followed."""

_READ_IMAGE, _WRITE_IMAGE, _READ_MOVIE = 2, 1, 16


@command(
    "eval(string text) -> string",
    tier="A",
    section=SECTION,
    doc='Evaluate Mu text: "TYPE => VALUE", "" for no value, "ERROR: ..." for an error.',
)
def evaluate(ctx: Context, text: str) -> str:
    if text is None:
        raise CommandError("nil text")
    if ctx.session.ui.mu_eval is None:
        raise EngineError("eval: no Mu interpreter is attached")
    return ctx.session.ui.mu_eval(text)


@command("getVersion() -> int[]", tier="A", section=SECTION, doc="[major, minor, revision] of RV.")
def get_version(ctx: Context) -> list[int]:
    return list(VERSION)


@command("getReleaseVariant() -> string", tier="B", section=SECTION, doc="Kind of build.")
def get_release_variant(ctx: Context) -> str:
    return "RELEASE"


@command(
    "getApplicationType() -> string",
    tier="B",
    section=SECTION,
    python=False,
    doc="Kind of application.",
)
def get_application_type(ctx: Context) -> str:
    return "OpenRV"


@command("shortAppName() -> string", tier="B", section=SECTION, doc="Short application name.")
def short_app_name(ctx: Context) -> str:
    return "rv"


@command("isDebug() -> bool", tier="B", section=SECTION, doc="Whether this is a debug build.")
def is_debug(ctx: Context) -> bool:
    return False


@command("theTime() -> float", tier="B", section=SECTION, doc="Seconds since the start.")
def the_time(ctx: Context) -> float:
    return ctx.session.clock() - ctx.session.ui.started


@command("startTimer() -> void", tier="B", section=SECTION, doc="(Re)start the user timer.")
def start_timer(ctx: Context) -> None:
    ctx.session.ui.start_timer(ctx.session.clock())


@command("elapsedTime() -> float", tier="B", section=SECTION, doc="Seconds on the user timer.")
def elapsed_time(ctx: Context) -> float:
    return ctx.session.ui.elapsed(ctx.session.clock())


@command("stopTimer() -> float", tier="B", section=SECTION, doc="Stop the timer; its seconds.")
def stop_timer(ctx: Context) -> float:
    return ctx.session.ui.stop_timer(ctx.session.clock())


@command("isTimerRunning() -> bool", tier="B", section=SECTION, doc="Whether the timer runs.")
def is_timer_running(ctx: Context) -> bool:
    ui = ctx.session.ui
    return ui.timer_start is not None and ui.timer_stopped is None


@command(
    "watchFile(string filename, bool watch) -> void",
    tier="B",
    section=SECTION,
    doc="Watch a file; when it changes, event file-changed is sent with its path.",
)
def watch_file(ctx: Context, path: str, watch: bool) -> None:
    if path is None:
        raise CommandError("nil filename")
    watched = ctx.session.ui.watched
    if not watch:
        watched.discard(path)
    elif len(watched) < 10_000:
        watched.add(path)
    else:
        raise CommandError("too many watched files")


def as_kind_of(default: Any, stored: Any) -> Any:
    """A stored setting in the type of the default, as Qt's variants convert."""
    if isinstance(default, bool):
        return stored not in (False, 0, 0.0, "", "0", "false")
    try:
        if isinstance(default, int):
            return int(stored)
        if isinstance(default, float):
            return float(stored)
    except (TypeError, ValueError):
        return type(default)()
    if isinstance(default, str | bytes):
        if isinstance(stored, bool):
            return "true" if stored else "false"
        return stored if isinstance(stored, str) else str(stored)
    if isinstance(default, list):
        return list(stored) if isinstance(stored, list) else [stored]
    return None


@command(
    "readSetting(string group, string name, SettingsValue defaultValue) -> SettingsValue",
    tier="B",
    section=SECTION,
    python=False,
    doc="A setting of this session, or the default.",
)
def read_setting(ctx: Context, group: str, name: str, default: Any) -> Any:
    key = (group or "", name or "")
    settings = ctx.session.ui.settings
    return as_kind_of(default, settings[key]) if key in settings else default


@command(
    "writeSetting(string group, string name, SettingsValue value) -> void",
    tier="B",
    section=SECTION,
    python=False,
    doc="Keep a setting in this session.",
)
def write_setting(ctx: Context, group: str, name: str, value: Any) -> None:
    settings = ctx.session.ui.settings
    if (group, name) in settings or len(settings) < 10_000:
        settings[group or "", name or ""] = value


_FORMATS = (
    ("exr", "OpenEXR image file", _READ_IMAGE | _WRITE_IMAGE),
    ("tif", "TIFF image file", _READ_IMAGE | _WRITE_IMAGE),
    ("tiff", "TIFF image file", _READ_IMAGE | _WRITE_IMAGE),
    ("dpx", "Digital picture exchange image", _READ_IMAGE | _WRITE_IMAGE),
    ("cin", "Kodak Cineon image", _READ_IMAGE),
    ("jpg", "JPEG image", _READ_IMAGE | _WRITE_IMAGE),
    ("jpeg", "JPEG image", _READ_IMAGE | _WRITE_IMAGE),
    ("png", "Portable network graphics image", _READ_IMAGE | _WRITE_IMAGE),
    ("tga", "Truevision Targa image", _READ_IMAGE | _WRITE_IMAGE),
    ("bmp", "Windows bitmap image", _READ_IMAGE | _WRITE_IMAGE),
    ("hdr", "Radiance image", _READ_IMAGE | _WRITE_IMAGE),
    ("sgi", "SGI image", _READ_IMAGE | _WRITE_IMAGE),
    ("psd", "Photoshop image", _READ_IMAGE),
    ("mov", "QuickTime movie", _READ_MOVIE),
    ("mp4", "MPEG-4 movie", _READ_MOVIE),
    ("mxf", "Material exchange format movie", _READ_MOVIE),
    ("mkv", "Matroska movie", _READ_MOVIE),
    ("movieproc", "Procedural movie", _READ_MOVIE),
)


@command(
    "ioFormats() -> IOFormat[]",
    tier="B",
    section=SECTION,
    doc="File formats: extension, description, capabilities, codecs.",
)
def io_formats(ctx: Context) -> list[IOFormat]:
    return [IOFormat(extension, text, flags, [], []) for extension, text, flags in _FORMATS]


@command(
    "ioParameters(string extension, bool forEncode, string codec=nil) -> IOParameter[]",
    tier="B",
    section=SECTION,
    doc="Parameters of a format's encoder: none can be set.",
)
def io_parameters(
    ctx: Context, extension: str | None, encode: bool, codec: str | None
) -> list[IOParameter]:
    if extension is None:
        raise CommandError("nil extension")
    if codec is None:
        raise CommandError("nil codec")
    return []


@command("cacheDir() -> string", tier="B", section=SECTION, doc="This user's cache directory.")
def cache_dir(ctx: Context) -> str:
    from platformdirs import user_cache_dir

    return user_cache_dir("rvshell", appauthor=False)


@command(
    "optionsNoPackages() -> int", tier="B", section=SECTION, doc="Whether -nopackages was given."
)
def options_no_packages(ctx: Context) -> int:
    return int(bool(getattr(ctx.session.options, "no_packages", False)))


@command(
    "optionsProgressiveLoading() -> int",
    tier="B",
    section=SECTION,
    doc="Whether -progressiveSourceLoading was given.",
)
def options_progressive_loading(ctx: Context) -> int:
    return int(bool(getattr(ctx.session.options, "progressive_loading", False)))


@command("licensingState() -> int", tier="C", section=SECTION, doc="Always 2: no licence needed.")
def licensing_state(ctx: Context) -> int:
    return 2


@command(
    "validateShotgunToken(int port=-1, string tag=nil) -> string",
    tier="C",
    section=SECTION,
    doc='Nothing to validate: "".',
)
def validate_shotgun_token(ctx: Context, port: int, tag: str | None) -> str:
    return ""


def _nothing(ctx: Context, *args: Any) -> None:
    return None


for _signature, _doc in (
    ("launchTLI() -> void", "Launch a licence dialog; there is none."),
    ("rvioSetup() -> void", "Prepare batch export; nothing to do."),
    ("logMetrics(string event) -> void", "No usage is reported to anybody."),
    (
        "logMetricsWithProperties(string event, string properties) -> void",
        "No usage is reported to anybody.",
    ),
):
    command(_signature, tier="C", section=SECTION, doc=_doc)(_nothing)


@command(
    "hopProfDynName(string name) -> void", tier="C", section=SECTION, doc="Profiling mark; nothing."
)
def hop_prof_dyn_name(ctx: Context, name: str | None) -> None:
    if name is None:
        raise CommandError("hopProfDynName: nil node name")


_KEY = b"not a secret"


def _mixed(data: bytes) -> bytes:
    return bytes(b ^ _KEY[i % len(_KEY)] for i, b in enumerate(data))


@command(
    "encodePassword(string password) -> string",
    tier="C",
    section=SECTION,
    doc="Obfuscate a text against a casual glance; this is no encryption.",
)
def encode_password(ctx: Context, password: str | None) -> str:
    return base64.b64encode(_mixed((password or "").encode())).decode()


@command(
    "decodePassword(string password) -> string",
    tier="C",
    section=SECTION,
    doc="Undo encodePassword.",
)
def decode_password(ctx: Context, password: str | None) -> str:
    if password is None:
        raise CommandError("Null password could not be decoded.")
    try:
        return _mixed(base64.b64decode(password, validate=True)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


@command("crash() -> void", tier="C", section=SECTION, doc="Crash deliberately; refused.")
def crash(ctx: Context) -> None:
    raise EngineError("crash: this player declines")
