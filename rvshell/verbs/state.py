"""The names of the far end's state: what `status`, `$frame`, conditions and the toolbar read.

One table: name, the Mu expression that asks for it, and a line for help. `STATUS` is what
`status` and the toolbar ask for in one round trip: a Mu tuple of all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvshell.verbs.muvalue import parse_value

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["CACHE_MODES", "PLAY_MODES", "STATE", "STATUS", "ask", "read", "readable"]

PLAY_MODES = ("loop", "once", "pingpong")  # PlayLoop 0, PlayOnce 1, PlayPingPong 2
CACHE_MODES = ("off", "buffer", "greedy")  # CacheOff 0, CacheBuffer 1, CacheGreedy 2

STATE: dict[str, tuple[str, str]] = {
    "frame": ("frame()", "the current frame"),
    "start": ("frameStart()", "the first frame of the range"),
    "end": ("frameEnd()", "the last frame of the range"),
    "in": ("inPoint()", "the in point"),
    "out": ("outPoint()", "the out point"),
    "inc": ("inc()", "the step of playback, negative backwards"),
    "fps": ("fps()", "frames per second asked for"),
    "realfps": ("realFPS()", "frames per second reached"),
    "skipped": ("skipped()", "frames skipped to keep time"),
    "playing": ("isPlaying()", "true while it plays"),
    "mode": ("playMode()", "loop, once or pingpong"),
    "realtime": ("isRealtime()", "true when frames are skipped to keep time"),
    "cache": ("cacheMode()", "off, buffer or greedy"),
    "fullscreen": ("isFullScreen()", "true when the window fills the screen"),
    "view": ("viewNode()", "the node that is viewed"),
    "sources": ("sources().size()", "how many sources there are"),
    "media": ("sourcesAtFrame(frame())", "the source nodes shown at the current frame"),
    "marks": ("markedFrames()", "the marked frames"),
    "session": ("sessionFileName()", "the file of the session"),
}

STATUS = (
    "frame",
    "start",
    "end",
    "in",
    "out",
    "inc",
    "fps",
    "playing",
    "mode",
    "cache",
    "fullscreen",
    "view",
    "sources",
)


def ask(names: Iterable[str]) -> str:
    """One Mu expression for all of *names*: their values as a tuple (or the value of one)."""
    terms = [STATE[name][0] for name in names]
    return terms[0] if len(terms) == 1 else f"({', '.join(terms)})"


def read(names: Iterable[str], reply: str) -> dict[str, Any]:
    """The values by name from the reply to `ask(names)`; {} when it is not of that form."""
    listed = list(names)
    value = parse_value(reply)
    values = (value,) if len(listed) == 1 else value
    if not isinstance(values, tuple) or len(values) != len(listed):
        return {}
    return {name: readable(name, v) for name, v in zip(listed, values, strict=True)}


def readable(name: str, value: Any) -> Any:
    """Numbers that stand for words become those words."""
    words = {"mode": PLAY_MODES, "cache": CACHE_MODES}.get(name)
    if words and isinstance(value, int) and 0 <= value < len(words):
        return words[value]
    return value
