"""The result of parsing a command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["DISPLAYS", "Options"]

#: Where the picture may go (`--display`).
DISPLAYS = ("window", "terminal", "kitty", "sixel", "blocks", "web", "png", "null")


def _empty() -> Mapping[str, str]:
    return MappingProxyType({})


def _empty_accepted() -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({})


def _empty_defaults() -> Mapping[str, object]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Everything that a command line says.  Paths are as given; None means "not given"."""

    # -- media: files, patterns, "[", "]" and the +words between brackets, in order
    inputs: tuple[str, ...] = ()
    no_sequence: bool = False
    infer_sequence: bool = False
    auto_retime: bool = True
    progressive_loading: bool = False

    # -- what `[ ]` sources inherit (bare files never do); names as in SourceArgs
    source_defaults: Mapping[str, object] = field(default_factory=_empty_defaults)

    # -- network
    network: bool = True
    listen: str = "127.0.0.1"
    port: int | None = None
    network_host: str = ""
    tag: str = ""
    connect: tuple[str, int] | None = None
    user: str = ""
    permission: int | None = None
    port_file: str = ""
    settings: Mapping[str, str] = field(default_factory=_empty)  # of player.network.settings

    # -- playback and view
    play: bool = False
    play_mode: int = 0
    loop_mode: int = 0
    fps: float = 0.0
    view: str = ""
    composite: str = ""
    layout: str = ""
    wipe: bool = False
    stereo: str = ""
    stereo_swap: bool = False
    fullscreen: bool = False

    # -- image and display
    display: str = ""
    size: tuple[int, int] | None = None
    snapshot: str = ""
    exact: bool = False
    render_cursor: bool = False
    profile: str = "display"
    gamma: float = 1.0
    srgb: bool = False
    rec709: bool = False
    brightness: float = 0.0
    display_lut: str = ""
    file_lut: str = ""
    look_lut: str = ""
    resample: str = "area"
    max_bits: int = 32
    no_float: bool = False
    scale: float = 1.0
    background: str = "black"

    # -- caching: 0 off, 1 look-ahead, 2 region (as setCacheMode); sizes in GB, wait in seconds
    cache_mode: int = 1
    region_cache_gb: float = 1.0
    lookahead_cache_gb: float = 1.0
    max_wait: float = 5.0
    lookback: float = 25.0
    reader_threads: int | None = None

    # -- audio
    audio: bool = True
    volume: float = 1.0
    audio_offset: float = 0.0
    audio_module: str = ""
    audio_device: str = ""
    audio_rate: float = 48000.0

    # -- media from the network: schemes that may be opened, headers as "Name: value"
    url_schemes: str = "http,https"
    url_insecure: bool = False
    url_ca: str = ""
    url_headers: tuple[str, ...] = field(default=(), repr=False)
    url_timeout: float = 15.0
    prebuffer: float = 2.0

    # -- export: a file name pattern ("" for none), and the frames as a range text
    export: str = ""
    as_rvio: bool = False  # by the rules of rvio where they are others
    conversions: Mapping[str, tuple[str, ...]] = field(default_factory=_empty_accepted)  # rvio's
    overlays: tuple[tuple[str, ...], ...] = ()  # scripts and their arguments, rvio's -overlay
    leaders: tuple[tuple[str, ...], ...] = ()
    frames: str = ""

    # -- movies: empty names, 0 and None are "as is usual"
    out_fps: float = 0.0
    codec: str = ""
    quality: float | None = None
    out_params: tuple[str, ...] = ()
    pixel_aspect: str = ""
    audio_codec: str = ""
    audio_channels: int = 2
    comment: str = ""
    copyright: str = ""

    # -- scripting
    eval_mu: str = ""
    eval_python: str = ""
    flags: Mapping[str, str] = field(default_factory=_empty)
    send_events: tuple[tuple[str, str], ...] = ()
    packages: bool = True
    reuse_session: bool = True

    # -- about the process
    show: str = ""  # "", "help", "version", "formats", "encode-url", "bake-url"
    log_level: str = "info"
    debug: tuple[str, ...] = ()
    accepted: Mapping[str, tuple[str, ...]] = field(default_factory=_empty_accepted)
    warnings: tuple[str, ...] = ()
