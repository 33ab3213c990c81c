"""``rvlink://`` URLs: a command line for a running player, filtered by an allow-list.

A link comes from a web page or a mail. What it may say is `rvshell.rvlink`'s business (media,
their per-source options, playback and view; everything else refuses the whole link); here is what
a running session makes of it.
"""

from __future__ import annotations

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
        elif not word.startswith("-") or option not in rvlink.ALLOWED:
            link.media.append(word)
        elif rvlink.ALLOWED[option]:
            link.values[option] = next(words)
        else:
            link.flags.add(option)
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
        raise PropertyError("nil argument to function")
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
    if link.join is not None:
        ctx.ports.network.set_status(True)
        ctx.ports.network.connect("", *link.join)
    if fps is not None:
        c.setFPS(fps)
    if "-view" in link.values:
        c.setViewNode(link.values["-view"])
    if "-playMode" in link.values:
        c.setRealtime(link.values["-playMode"] == "2")
    if "-play" in link.flags:
        c.play()
