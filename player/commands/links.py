"""``rvlink://`` URLs: a command line for a running player, filtered by an allow-list.

A link comes from a web page or a mail. What it may say is `rvshell.rvlink`'s business (media,
their per-source options, playback and view; everything else refuses the whole link); here is what
a running session makes of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from player.commands.calling import Calls
from player.commands.context import Context
from player.commands.errors import EngineError, PropertyError
from player.commands.registry import command
from rvshell import rvlink
from rvshell.errors import UsageError

__all__ = ["Link", "LinkError", "parse"]


_JOINING = {"-network": 0, "-networkConnect": 2, "-flags": 1}  # words and their values


class LinkError(ValueError):
    """The link is malformed or asks for something a link may not do."""


@dataclass(slots=True)
class Link:
    """What a link asks for. ``media`` is in the notation of addSources, brackets included."""

    media: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)
    join: tuple[str, int] | None = None  # the session to join by sync
    inherited: dict[str, list[str]] = field(default_factory=dict)

    def sources(self) -> list[str]:
        """The media; those in brackets have what is said outside and not by themselves."""
        words: list[str] = []
        own: set[str] = set()
        for word in self.media:
            if word == "[":
                own.clear()
            elif word == "]":
                for option, given in self.inherited.items():
                    if option not in own:
                        words += given
            elif rvlink.is_option(word):
                own.add("-" + word[1:])
            words.append(word)
        return words


def parse(url: str) -> Link:
    """Decode a link and check every word against the list. Raises :class:`LinkError`."""
    link = Link()
    try:
        listed = rvlink.parse(url)
    except UsageError as error:
        raise LinkError(str(error)) from None
    link.join = rvlink.session_to_join(listed)
    words = iter(listed)
    inside = False
    for word in words:
        option = "-" + word.lstrip("-")
        if word in ("[", "]"):
            inside = word == "["
            link.media.append(word)
        elif inside:
            link.media.append(f"+{word[1:]}" if rvlink.is_option(word) else word)
        elif link.join is not None and option in _JOINING:
            for _ in range(_JOINING[option]):
                next(words)
        elif word.startswith("-") and option in rvlink.INHERITED:
            taken = [next(words) for _ in range(rvlink.INHERITED[option])]
            link.inherited[option] = [f"+{option[1:]}", *taken]
        elif not word.startswith("-") or option not in rvlink.ALLOWED:
            link.media.append(word)
        elif rvlink.ALLOWED[option]:
            link.values[option] = next(words)
        else:
            link.flags.add(option)
    return link


def _number(text: str, option: str) -> float:
    try:
        value = float(text)
        if not math.isfinite(value):
            raise ValueError
    except ValueError:
        raise LinkError(f"{option}: {text!r} is not a number") from None
    return value


@command(
    "sessionFromUrl(string url) -> void",
    tier="B",
    section="session",
    doc="Open an rvlink:// URL: its media replace the session's (-reuse 0 adds them).",
)
def session_from_url(ctx: Context, url: str) -> None:
    if url is None:
        raise PropertyError("nil argument to function")
    try:
        link = parse(url)
        number = {o: _number(link.values[o], o) for o in _NUMBERS if o in link.values}
    except LinkError as error:
        ctx.ports.ui.console(f"ERROR: sessionFromUrl: {error}\n")
        raise EngineError(f"sessionFromUrl: {error}") from None
    c = Calls(ctx)
    merge = link.values.get("-reuse") == "0"
    media = link.sources()
    if media:
        if "-inferSequence" in link.flags:
            whole = ctx.session.ports.media.sequence_of
            media = [w if w in "[]" else whole(w)[0] or w for w in media]
        if not merge:
            c.clearSession()
        if number.get("-autoRetime") == 0:
            for view in ("defaultSequence", "defaultStack", "defaultLayout"):
                c.setIntProperty(f"{view}.timing.retimeInputs", [0], True)
        c.addSources(media, "drop-no-sequence" if "-noSequence" in link.flags else "", False, merge)
        c.waitForProgressiveLoading()
    if link.join is not None:
        ctx.ports.network.set_status(True)
        ctx.ports.network.connect("", *link.join)
    if "-fps" in number:
        c.setFPS(number["-fps"])
    _views(ctx, link)
    _look(c, link, number)
    _playback(c, link, number)


_STACKS = {"-over": "over", "-diff": "difference", "-replace": "replace", "-topmost": "topmost",
           "-layer": "topmost", "-wipe": "over"}  # fmt: skip
_NUMBERS = ("-fps", "-gamma", "-brightness", "-volume", "-s", "-maxbits", "-stereoSwap",
            "-loopMode", "-autoRetime")  # fmt: skip
_SESSION_TYPES = {"sequence": "defaultSequence", "stack": "defaultStack"}


def _views(ctx: Context, link: Link) -> None:
    """What is looked at, and how it is composed."""
    c = Calls(ctx)
    kinds = [flag for flag in _STACKS if flag in link.flags]
    composite = _STACKS[kinds[0]] if kinds else link.values.get("-comp", "")
    view = "defaultStack" if kinds else "defaultLayout" if "-tile" in link.flags else ""
    view = link.values.get("-view", view)
    view = _SESSION_TYPES.get(link.values.get("-sessionType", ""), view)
    if composite:
        c.setStringProperty("defaultStack_stack.composite.type", [composite], True)
    if layout := link.values.get("-layout", "packed" if "-tile" in link.flags else ""):
        c.setStringProperty("defaultLayout.layout.mode", [layout], True)
    if view:
        c.setViewNode(view)
    if "-wipe" in link.flags and not c.isModeActive("wipe"):
        Calls(ctx, "rvui").toggleWipe()


def _look(c: Calls, link: Link, number: dict[str, float]) -> None:
    """Colour, stereo and format, of the nodes that there are."""
    for option, name in (
        ("-gamma", "#RVDisplayColor.color.gamma"),
        ("-brightness", "#RVDisplayColor.color.brightness"),
        ("-volume", "#RVSoundTrack.audio.volume"),
        ("-s", "#RVFormat.geometry.scale"),
    ):
        if option in number:
            c.setFloatProperty(name, [number[option]], True)
    for flag, name, value in (
        ("-sRGB", "#RVDisplayColor.color.sRGB", 1),
        ("-rec709", "#RVDisplayColor.color.Rec709", 1),
        ("-nofloat", "#RVFormat.color.allowFloatingPoint", 0),
    ):
        if flag in link.flags:
            c.setIntProperty(name, [value], True)
    for option, name in (
        ("-maxbits", "#RVFormat.color.maxBitDepth"),
        ("-stereoSwap", "#RVDisplayStereo.stereo.swap"),
    ):
        if option in number:
            c.setIntProperty(name, [int(number[option])], True)
    if "-resampleMethod" in link.values:
        method = link.values["-resampleMethod"]
        c.setStringProperty("#RVFormat.geometry.resampleMethod", [method], True)
    if "-stereo" in link.values:
        c.setStringProperty("#RVDisplayStereo.stereo.type", [link.values["-stereo"]], True)
    if "-bg" in link.values:
        c.setBGMethod(link.values["-bg"])


def _playback(c: Calls, link: Link, number: dict[str, float]) -> None:
    for flag, mode in (("-nc", 0), ("-c", 2), ("-l", 1)):
        if flag in link.flags:
            c.setCacheMode(mode)
            break
    if "-playMode" in link.values:
        c.setRealtime(link.values["-playMode"] == "2")
    if number.get("-loopMode") in (0, 1, 2):
        c.setPlayMode(int(number["-loopMode"]))
    if "-fullscreen" in link.flags and not c.isFullScreen():
        c.fullScreenMode(True)
    if "-play" in link.flags:
        c.play()
