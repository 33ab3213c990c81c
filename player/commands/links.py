"""``rvlink://`` URLs: a command line for a running player, filtered by an allow-list.

A link comes from a web page or a mail. RV filters a few options out of it; here only the options
of a list get in, and only with values of their kind: media, their per-source options, playback
and view. Everything else (code, network, flags, files to write) refuses the whole link.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from player.commands.calling import Calls
from player.commands.context import Context
from player.commands.errors import CommandError, EngineError
from player.commands.registry import command

__all__ = ["Link", "LinkError", "decode", "parse", "split"]

_MAX_LENGTH: Final = 1 << 20
_MAX_ARGUMENTS: Final = 10_000

_FLAGS: Final = frozenset({"-play", "-l", "-c", "-nc", "-nofloat", "-fullscreen"})
_VALUES: Final = frozenset({"-fps", "-view", "-reuse", "-playMode", "-sessionType"})
_SOURCE_OPTION: Final = re.compile(r"[-+][A-Za-z][A-Za-z]*\Z")
_SOURCE_OPTIONS: Final = frozenset(
    {
        "ao", "audioOffset", "bcolor", "bedgecolor", "c", "cmap", "crop", "cs", "fcdl", "fps",
        "in", "lcdl", "llut", "lut", "mediaRepName", "mediaRepSource", "noMovieAudio", "out",
        "pa", "pixelAspect", "plut", "rangeOffset", "rangeStart", "ro", "rs", "so", "stereo",
        "stereoOffset", "uncrop", "vol", "volume", "flut", "clut", "select",
    }
)  # fmt: skip


class LinkError(ValueError):
    """The link is malformed or asks for something a link may not do."""


@dataclass(slots=True)
class Link:
    """What a link asks for. ``media`` is in the notation of addSources, brackets included."""

    media: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)


def decode(url: str) -> str:
    """The command line of a link, percent-encoded or baked. Raises :class:`LinkError`."""
    if len(url) > _MAX_LENGTH:
        raise LinkError("link too long")
    if not url.startswith("rvlink://"):
        raise LinkError(f"not an rvlink:// URL: {url[:60]}")
    rest = url[len("rvlink://") :]
    if rest.startswith("baked/"):
        digits = re.sub(r"[^0-9A-Fa-f]", "", rest[len("baked/") :])
        data = bytes.fromhex(digits[: len(digits) // 2 * 2])
    else:
        data = re.sub(
            rb"%([0-9A-Fa-f]{2})",
            lambda m: bytes.fromhex(m.group(1).decode()),
            rest.encode(),
        )
        data = data.removesuffix(b"/")
    if b"\0" in data:
        raise LinkError("link contains a NUL byte")
    return data.decode("utf-8", "replace")


def split(line: str) -> list[str]:
    """Arguments of a link's command line: white space separates, ``'`` toggles quoting."""
    arguments: list[str] = []
    word: list[str] = []
    quoted = started = False
    for char in line:
        if char == "'":
            quoted = not quoted
            started = True
        elif char.isspace() and not quoted:
            if started:
                arguments.append("".join(word))
                word, started = [], False
        else:
            word.append(char)
            started = True
        if len(arguments) > _MAX_ARGUMENTS:
            raise LinkError("link has too many arguments")
    if word:
        arguments.append("".join(word))
    return arguments


def parse(url: str) -> Link:
    """Decode a link and check every argument against the list. Raises :class:`LinkError`."""
    link = Link()
    arguments = split(decode(url))
    i = 0
    depth = 0
    while i < len(arguments):
        argument = arguments[i]
        i += 1
        if argument in ("[", "]"):
            depth += 1 if argument == "[" else -1
            if depth not in (0, 1):
                raise LinkError("unbalanced brackets in the link")
            link.media.append(argument)
        elif depth and _SOURCE_OPTION.match(argument):
            if argument[1:] not in _SOURCE_OPTIONS:
                raise LinkError(f"a link may not use source option {argument}")
            link.media.append("+" + argument[1:])
        elif argument.startswith("-") and not depth:
            name = "-" + argument.lstrip("-")
            if name in _FLAGS:
                link.flags.add(name)
            elif name in _VALUES:
                if i >= len(arguments):
                    raise LinkError(f"{argument} needs a value")
                link.values[name] = arguments[i]
                i += 1
            else:
                raise LinkError(f"a link may not use option {argument}")
        else:
            link.media.append(argument)
    if depth:
        raise LinkError("unbalanced brackets in the link")
    return link


def _number(text: str, option: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise LinkError(f"{option}: {text!r} is not a number") from None


@command(
    "sessionFromUrl(string url) -> void",
    tier="B",
    section="session",
    doc="Open an rvlink:// URL: its media replace the session's (-reuse 0 adds them).",
)
def session_from_url(ctx: Context, url: str) -> None:
    if url is None:
        raise CommandError("nil url")
    try:
        link = parse(url)
        fps = _number(link.values["-fps"], "-fps") if "-fps" in link.values else None
    except LinkError as error:
        ctx.ports.ui.console(f"ERROR: sessionFromUrl: {error}\n")
        raise EngineError(f"sessionFromUrl: {error}") from None
    c = Calls(ctx)
    merge = link.values.get("-reuse") == "0"
    if link.media:
        if not merge:
            c.clearSession()
        c.addSources(link.media, "", False, merge)
        c.waitForProgressiveLoading()
    if fps is not None:
        c.setFPS(fps)
    if "-view" in link.values:
        c.setViewNode(link.values["-view"])
    if "-playMode" in link.values:
        c.setRealtime(link.values["-playMode"] == "2")
    if "-play" in link.flags:
        c.play()
