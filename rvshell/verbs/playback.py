"""Verbs of playback: what the original's first tab does, and the rest of the transport."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvshell.errors import UsageError
from rvshell.verbs.muvalue import parse_value
from rvshell.verbs.registry import Request, verb
from rvshell.verbs.state import CACHE_MODES, PLAY_MODES, STATE, readable

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__: list[str] = []


def _query(name: str) -> Request:
    return Request(STATE[name][0], lambda reply: readable(name, parse_value(reply)), again=True)


def _float(value: float) -> str:
    """A Mu float literal: setFPS(24) would find no function."""
    text = repr(float(value))
    return text if "e" not in text else f"{value:f}"


@verb(
    "play",
    help="Start playback.",
    example="play",
    more=("play; wait frame >= 20 --timeout 10; stop",),
    scope="playback",
    pipelines=True,
)
def play(ctx: Context) -> Request:
    return Request("play()")


@verb(
    "stop",
    help="Stop playback.",
    example="stop",
    scope="playback",
    aliases=("pause",),
    pipelines=True,
)
def stop(ctx: Context) -> Request:
    return Request("stop()")


@verb(
    "toggle",
    help="Play when stopped, stop when playing.",
    example="toggle",
    scope="playback",
    pipelines=True,
)
def toggle(ctx: Context) -> Request:
    return Request("{ if (isPlaying()) stop(); else play(); }")


@verb(
    "step [N]",
    help="Go N frames forward (1) and show the frame.",
    example="step 10",
    more=("repeat 24 -i 0.5 { step }  # one frame each half second",),
    scope="playback",
    aliases=("next",),
    pipelines=True,
)
def step(ctx: Context, n: int = 1) -> Request:
    return _step(n)


@verb(
    "back [N]",
    help="Go N frames backward (1) and show the frame.",
    example="back",
    scope="playback",
    aliases=("prev",),
    pipelines=True,
)
def back(ctx: Context, n: int = 1) -> Request:
    return _step(-n)


def _step(n: int) -> Request:
    call = f"extra_commands.stepForward({n})" if n >= 0 else f"extra_commands.stepBackward({-n})"
    return Request(f"{call}; frame();", parse_value)


@verb(
    "frame [FRAME]",
    help="Show the current frame, or go to FRAME.",
    example="frame 1017",
    more=(
        "frame       # which one is shown?",
        "frame 1 > now.txt",
    ),
    scope="playback",
    aliases=("goto", "seek"),
    pipelines=True,
)
def frame(ctx: Context, frame: int | None = None) -> Request:
    return _query("frame") if frame is None else Request(f"setFrame({frame})")


@verb(
    "first",
    help="Go to the in point.",
    example="first",
    scope="playback",
    pipelines=True,
)
def first(ctx: Context) -> Request:
    return Request("setFrame(inPoint())")


@verb("last", help="Go to the out point.", example="last", scope="playback", pipelines=True)
def last(ctx: Context) -> Request:
    return Request("setFrame(outPoint())")


@verb(
    "in [FRAME|here|reset]",
    help="Show or set the in point: a frame, here (the current one), or reset (the start of the "
    "range).",
    example="in 1001",
    more=("in here; out 1050; play",),
    scope="playback",
    pipelines=True,
)
def in_point(ctx: Context, word: int | str | None = None) -> Request:
    return _limit("in", "setInPoint", "frameStart()", word)


@verb(
    "out [FRAME|here|reset]",
    help="Show or set the out point: a frame, here (the current one), or reset (the end of the "
    "range).",
    example="out here",
    scope="playback",
    pipelines=True,
)
def out_point(ctx: Context, word: int | str | None = None) -> Request:
    return _limit("out", "setOutPoint", "frameEnd()", word)


def _limit(name: str, command: str, reset: str, word: int | str | None) -> Request:
    if word is None:
        return _query(name)
    return Request(f"{command}({ {'here': 'frame()', 'reset': reset}.get(str(word), word) })")


@verb(
    "range",
    help="Show the frame range and the in and out points.",
    example="range --json",
    scope="playback",
    pipelines=True,
)
def frame_range(ctx: Context) -> Request:
    def read(reply: str) -> Any:
        value = parse_value(reply)
        if not isinstance(value, tuple):
            return value
        return dict(zip(("start", "end", "in", "out"), value, strict=False))

    return Request("(frameStart(), frameEnd(), inPoint(), outPoint())", read)


@verb(
    "inc [N]",
    help="Show or set the step of playback. A negative one plays backwards.",
    example="inc -1",
    more=("inc -2; play",),
    scope="playback",
    pipelines=True,
)
def inc(ctx: Context, n: int | None = None) -> Request:
    return _query("inc") if n is None else Request(f"setInc({n})")


@verb(
    "fps [FPS]",
    help="Show or set the frames per second.",
    example="fps 23.976",
    scope="playback",
    pipelines=True,
)
def fps(ctx: Context, fps: float | None = None) -> Request:
    if fps is None:
        return _query("fps")
    if fps <= 0:
        raise UsageError(f"fps: {fps:g} is not above 0", hint="for example fps 24")
    return Request(f"setFPS({_float(fps)})")


@verb(
    "mode [loop|once|pingpong]",
    help="Show or set what happens at the end of the range: it begins again (loop), stops (once) "
    "or turns round (pingpong).",
    example="mode pingpong",
    scope="playback",
    pipelines=True,
)
def mode(ctx: Context, word: str | None = None) -> Request:
    return _query("mode") if word is None else Request(f"setPlayMode({PLAY_MODES.index(word)})")


@verb(
    "realtime [on|off]",
    help="Show or set skipping of frames to keep time.",
    example="realtime off",
    scope="playback",
    pipelines=True,
)
def realtime(ctx: Context, word: str | None = None) -> Request:
    return _query("realtime") if word is None else Request(f"setRealtime({_bool(word)})")


def _bool(word: str) -> str:
    return "true" if word == "on" else "false"


@verb(
    "fullscreen [on|off|toggle]",
    help="Show, set or toggle full screen.",
    example="fullscreen on",
    scope="playback",
    pipelines=True,
)
def fullscreen(ctx: Context, word: str | None = None) -> Request:
    if word is None:
        return _query("fullscreen")
    if word == "toggle":
        return Request("fullScreenMode(!isFullScreen())")
    return Request(f"fullScreenMode({_bool(word)})")


@verb(
    "cache [off|buffer|greedy]",
    help="Show or set the cache: off, look-ahead (buffer) or the whole region (greedy).",
    example="cache buffer",
    scope="playback",
    pipelines=True,
)
def cache(ctx: Context, word: str | None = None) -> Request:
    if word is None:
        return _query("cache")
    return Request(f"setCacheMode({('CacheOff', 'CacheBuffer', 'CacheGreedy')[_index(word)]})")


def _index(word: str) -> int:
    return CACHE_MODES.index(word)


@verb(
    "mark [FRAME]",
    help="Mark FRAME, or the current frame.",
    example="mark 1020",
    more=("for f in 1001 1024 1077 { mark $f }",),
    scope="playback",
    pipelines=True,
)
def mark(ctx: Context, frame: int | None = None) -> Request:
    return Request(f"markFrame({'frame()' if frame is None else frame}, true)")


@verb(
    "unmark [FRAME]",
    help="Remove the mark of FRAME, or of the current frame.",
    example="unmark 1020",
    scope="playback",
    pipelines=True,
)
def unmark(ctx: Context, frame: int | None = None) -> Request:
    return Request(f"markFrame({'frame()' if frame is None else frame}, false)")


@verb(
    "marks",
    help="List the marked frames.",
    example="marks",
    more=("marks --json",),
    scope="playback",
    pipelines=True,
)
def marks(ctx: Context) -> Request:
    return Request("markedFrames()", parse_value)
