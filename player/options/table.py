"""The one table of command line options; parsing and `player --help` both read it.

`takes` names the arguments: a capital word is text, `N` an integer, `F` a number (both
may be arithmetic), `[N]` an optional integer, `WORD...` everything up to the next option.
`field` is the field of `Options` that a plain option sets; an empty one means that
`parser` has a rule of its own for it.  INERT options are RV's that mean nothing to a
player without GPU and audio hardware: they are checked, kept in `Options.accepted`, and
have no effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["INERT", "OPTIONS", "Option", "SECTIONS", "find", "names"]


@dataclass(frozen=True, slots=True)
class Option:
    """One option: `name` as RV spells it behind a single dash, or ours behind two."""

    name: str
    takes: str
    field: str
    help: str
    section: str
    ours: bool = False

    @property
    def spelling(self) -> str:
        return f"--{self.name}" if self.ours else f"-{self.name}"


def _section(title: str, *rows: tuple[str, str, str, str], ours: bool = False) -> list[Option]:
    return [Option(name, takes, field, text, title, ours) for name, takes, field, text in rows]


_OURS: Final = _section(
    "This player",
    ("listen", "ADDRESS", "listen", "address to listen on (127.0.0.1; 0.0.0.0 for every network)"),
    ("port", "N", "port", "port to listen on, as -networkPort (45124, then the next ten)"),
    ("tag", "NAME", "tag", "mark of the port file, as -networkTag; rvpush -tag finds it"),
    ("no-network", "", "", "do not listen"),
    ("tls-cert", "FILE", "", "certificate (PEM): TLS beside plain RV on the same port"),
    ("tls-key", "FILE", "", "its private key (PEM)"),
    ("tls-ca", "FILE", "", "authorities of client certificates (PEM)"),
    ("token-file", "FILE", "", "tokens by which contacts prove who they are: NAME SECRET a line"),
    ("ask-local", "", "", "ask about programs of this user, too (the ends of tunnels)"),
    ("scopes", "WORDS", "", "what allowed contacts may do: view,control,pixels,media,eval,python"),
    ("station", "", "", "a viewing station: new contacts are denied, none may send code"),
    ("set", "NAME=VALUE", "", "any setting that `rvshell network config` lists, for this run"),
    (
        "display",
        "KIND",
        "",
        "where the picture goes: window, terminal (kitty, sixel or blocks force its way), web (a "
        "page for a browser on this machine), png, null; several with commas (a window on a "
        "desktop, else the terminal)",
    ),
    ("size", "WxH", "", "size of the picture in pixels, for png and a new window"),
    (
        "snapshot",
        "FILE",
        "snapshot",
        "write the displayed frame to FILE (png, jpg...; .exr gets the light before the display's "
        "curve) and end; with --display png the player stays, and FILE follows what is shown",
    ),
    (
        "exact",
        "",
        "exact",
        "compute every colour of a still picture exactly, without tables (slow)",
    ),
    (
        "render-cursor",
        "",
        "render_cursor",
        "outline the newest tile of a running render for a second "
        "(the event toggle-render-cursor switches it)",
    ),
    (
        "export",
        "PATTERN",
        "export",
        "write the frames of the view to files, OUT.####.png (or exr, tif, jpg...), or to a movie "
        "with sound, OUT.mov (or mp4, mkv, webm, avi, mxf...), and end",
    ),
    ("frames", "RANGE", "frames", "the frames to export: 1-10, 5, 1-20x2 (in to out point)"),
    (
        "codec",
        "NAME",
        "codec",
        "encoder of an exported movie: prores_ks, libx264...; of EXR: piz, dwaa...",
    ),
    (
        "quality",
        "F",
        "quality",
        "quality of an exported movie, 0 to 1, if its encoder has one; of EXR: 45",
    ),
    (
        "outparams",
        "NAME=VALUE...",
        "",
        "parameters of an exported movie, as rvio's: vc:OPTION, ac:OPTION, of:OPTION, pix_fmt, "
        "timecode, reelname, title...",
    ),
    ("outfps", "F", "out_fps", "frames per second of an exported movie (the session's)"),
    ("outpa", "RATIO", "pixel_aspect", "pixel aspect that an exported movie tells: 16:9, 1.33"),
    ("audiocodec", "NAME", "audio_codec", "encoder of an exported movie's sound"),
    ("audiochannels", "N", "audio_channels", "channels of an exported movie's sound (2)"),
    ("comment", "TEXT", "comment", "comment in an exported movie"),
    ("copyright", "TEXT", "copyright", "copyright notice in an exported movie"),
    (
        "url-schemes",
        "LIST",
        "url_schemes",
        "kinds of media URLs that may be opened, with commas (http,https); experimental",
    ),
    ("url-insecure", "", "", "open https media whose certificate cannot be checked"),
    ("url-ca", "FILE", "url_ca", "certificates (PEM) that media servers are checked against"),
    (
        "url-header",
        "TEXT",
        "",
        "header of every media request, as 'Authorization: Bearer ...'; never shown in logs",
    ),
    ("url-timeout", "F", "url_timeout", "seconds a media server may be silent (15)"),
    ("prebuffer", "F", "prebuffer", "seconds of a URL in memory before it plays (2)"),
    ("profile", "NAME", "", "session profile: display (as RV's window) or output (as export)"),
    ("log-level", "LEVEL", "", "messages on stderr: error, warning, info or debug"),
    ours=True,
)

_RV: Final = [
    *_section(
        "Sources (inside [ and ] for that source only)",
        ("pa", "F", "", "pixel aspect ratio"),
        ("ro", "N", "", "frames added to the source's range"),
        ("rs", "N", "", "frame the source's range starts at"),
        ("fps", "F", "fps", "frames per second, of one source or of all"),
        ("ao", "F", "", "audio offset in seconds"),
        ("so", "F", "", "stereo relative eye offset"),
        ("rso", "F", "", "stereo right eye offset"),
        ("volume", "F", "volume", "audio volume, of one source or of the session (1)"),
        ("fcdl", "FILE", "", "file CDL"),
        ("lcdl", "FILE", "", "look CDL"),
        ("flut", "FILE", "file_lut", "file LUT"),
        ("llut", "FILE", "look_lut", "look LUT"),
        ("pclut", "FILE", "", "pre-cache LUT"),
        ("cmap", "CHANNELS", "", "channel map, names separated by commas"),
        ("select", "TYPE NAME", "", "show one view, layer or channel"),
        ("mediaRepName", "NAME", "", "name of the media representation"),
        ("mediaRepSource", "NODE", "", "source that the representation belongs to, or last"),
        ("crop", "N N N N", "", "crop box xmin ymin xmax ymax"),
        ("uncrop", "N N N N", "", "place in a larger image: width height x y"),
        ("in", "N", "", "cut in frame"),
        ("out", "N", "", "cut out frame"),
        ("noMovieAudio", "", "", "ignore the movie's own audio"),
        ("inparams", "KEY=VALUE...", "", "parameters of the reader"),
        ("noSequence", "", "no_sequence", "treat every file as a source of its own"),
        ("inferSequence", "", "infer_sequence", "turn one image into its sequence"),
        ("autoRetime", "0/1", "auto_retime", "retime sources of another rate in new views (1)"),
        (
            "progressiveSourceLoading",
            "0/1",
            "progressive_loading",
            "open media while the session goes on (0)",
        ),
    ),
    *_section(
        "Playback",
        ("play", "", "play", "play when loaded"),
        ("playMode", "N", "play_mode", "0 by context, 1 every frame, 2 realtime (0)"),
        ("loopMode", "N", "loop_mode", "0 loop, 1 once, 2 ping-pong (0)"),
        ("noaudio", "", "", "no audio"),
        ("audioGlobalOffset", "F", "audio_offset", "audio offset in seconds"),
        (
            "audioModule",
            "NAME",
            "audio_module",
            "where sound goes: alsa, pulseaudio, jack, sdl, null (whatever works)",
        ),
        ("audioDevice", "NAME", "audio_device", "sound device, or a part of its name"),
        ("audioRate", "F", "audio_rate", "samples per second (48000)"),
    ),
    *_section(
        "View",
        ("view", "NAME", "view", "view to start with (defaultSequence)"),
        ("over", "", "", "stack the sources, composite over"),
        ("diff", "", "", "stack the sources, composite difference"),
        ("replace", "", "", "stack the sources, topmost image replaces"),
        ("topmost", "", "", "stack the sources, show the topmost only"),
        ("layer", "", "", "as -topmost, with strict frame ranges"),
        ("tile", "", "", "tile the sources"),
        ("wipe", "", "", "stack the sources with wipes"),
        (
            "comp",
            "MODE",
            "composite",
            "composite of stacks: over, add, difference, replace, topmost",
        ),
        ("layout", "MODE", "layout", "mode of layouts: packed, row, column, grid, manual"),
        ("sessionType", "TYPE", "", "sequence or stack (deprecated, use -view)"),
        ("stereo", "MODE", "stereo", "left, right, pair, mirror, anaglyph, checker, ..."),
        ("stereoSwap", "0/1", "stereo_swap", "exchange the eyes (0)"),
        ("fullscreen", "", "fullscreen", "full screen"),
    ),
    *_section(
        "Image and display",
        ("gamma", "F", "gamma", "display gamma; any but 1 wins over -rec709 and -sRGB"),
        ("sRGB", "", "srgb", "display linear as sRGB"),
        ("rec709", "", "rec709", "display linear as Rec709; wins over -sRGB"),
        ("brightness", "F", "brightness", "display brightness in stops (0)"),
        ("dlut", "FILE", "display_lut", "display LUT"),
        ("resampleMethod", "NAME", "resample", "area, linear, cubic or nearest (area)"),
        ("maxbits", "N", "max_bits", "bits a channel is reduced to (32: not at all)"),
        ("nofloat", "", "no_float", "turn floating point images into integers"),
        ("s", "F", "scale", "scale of every image, once (1)"),
        ("bg", "NAME", "background", "black, white, grey18, grey50, checker or crosshatch"),
    ),
    *_section(
        "Caching",
        ("c", "", "", "region cache: from the in to the out point"),
        ("l", "", "", "look-ahead cache (on by default)"),
        ("nc", "", "", "no cache"),
        ("cram", "F", "region_cache_gb", "memory of the region cache in GB (1)"),
        ("lram", "F", "lookahead_cache_gb", "memory of the look-ahead cache in GB (1)"),
        ("bwait", "F", "max_wait", "longest wait for the cache in seconds (5)"),
        (
            "lookback",
            "F",
            "lookback",
            "percent of the look-ahead behind the frame, if RV_ACTIVE_TAIL_CACHING is set (25)",
        ),
        ("rthreads", "N", "reader_threads", "number of reader threads"),
    ),
    *_section(
        "Network",
        ("network", "", "", "listen (the player always does, unless --no-network)"),
        ("networkPort", "N", "port", "port to listen on (45124, then the next ten)"),
        ("networkHost", "HOST", "network_host", "the name that myNetworkHost() tells"),
        ("networkTag", "NAME", "tag", "mark of the port file"),
        ("networkConnect", "HOST [N]", "", "connect to another player or RV (port 45124)"),
        ("networkUser", "NAME", "user", "own contact name (login name)"),
        ("networkPerm", "N", "", "contacts from elsewhere: 0 ask, 1 allow, 2 deny (0)"),
    ),
    *_section(
        "Scripting",
        ("eval", "MU", "eval_mu", "Mu to run once when the sources are loaded"),
        ("pyeval", "PYTHON", "eval_python", "Python to evaluate once when the sources are loaded"),
        ("flags", "NAME[=VALUE]...", "", "flags for scripts (commandLineFlag)"),
        ("sendEvent", "NAME TEXT...", "", "send event external-NAME when loaded"),
        ("nopackages", "", "", "load no packages: no colour set-up of new sources"),
        ("reuse", "0/1", "reuse_session", "an rvlink URL replaces the session (1)"),
    ),
    *_section(
        "Other",
        ("help", "", "", "this text"),
        ("version", "", "", "print the version"),
        ("formats", "", "", "list the readable formats"),
        ("encodeURL", "", "", "print this command line as an rvlink URL"),
        ("bakeURL", "", "", "print this command line as a baked rvlink URL"),
        ("debug", "TOPIC...", "", "messages about events, nodes, cache, playback, ..."),
    ),
]

#: name -> arguments, of RV's options without effect here
INERT: Final[dict[str, str]] = {
    line.partition(" ")[0]: line.partition(" ")[2]
    for line in """\
ns
noRanges
vsync N
workItemThreads N
present
presentAudio N
presentDevice NAME
presentVideoFormat NAME
presentDataFormat NAME
screen N
noBorders
geometry N N [N] [N]
fitMedia
init FILE
nomb
cli
vram F
noPBO
prefetch
useAppleClientStorage
useThreadedUpload
yuv
audiofs N
audioCachePacket N
audioMinCache F
audioMaxCache F
audioPrecision N
audioNice N
audioNoLock N
audioPreRoll N
audioDeviceLatency F
apple
cinalt
exrcpus N
exrRGBA
exrInherit
exrNoOneChannel
exrIOMethod N [N]
exrReadWindowIsDisplayWindow
exrReadWindow N
jpegRGBA
jpegIOMethod N [N]
cinpixel NAME
cinchroma
cinIOMethod N [N]
dpxpixel NAME
dpxchroma
dpxIOMethod N [N]
tgaIOMethod N [N]
tiffIOMethod N [N]
lic FILE
noPrefs
resetPrefs
prefsPath DIR
qtcss FILE
qtstyle NAME
qtdesktop N
xl
mouse N
strictlicense
scheduler NAME
priorities N N
sleep N""".splitlines()
}

OPTIONS: Final[tuple[Option, ...]] = (
    *_OURS,
    *_RV,
    *(Option(name, takes, "", "", "Accepted without effect") for name, takes in INERT.items()),
)
SECTIONS: Final = tuple(dict.fromkeys(option.section for option in OPTIONS))

_BY_NAME: Final = {option.name: option for option in OPTIONS}


def _folded(name: str) -> str:
    return name.replace("-", "").lower()


_BY_FOLDED: Final = {_folded(option.name): option for option in OPTIONS}


def names() -> list[str]:
    """Every spelling, for suggestions."""
    return [option.spelling for option in OPTIONS]


def find(word: str) -> Option | None:
    """The option that a word with its dashes means.

    One dash takes RV's spelling only; two dashes take any option, in RV's spelling or with
    dashes (`--network-port`).
    """
    if word.startswith("--"):
        return _BY_NAME.get(word[2:]) or _BY_FOLDED.get(_folded(word[2:]))
    option = _BY_NAME.get(word[1:])
    return option if option is not None and not option.ours else None
