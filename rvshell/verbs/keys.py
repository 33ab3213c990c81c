"""The verb `keys`: playback by single keys, from a terminal or from a device.

On a terminal each key acts at once and one line shows the state. From a pipe every character is a
key, so that a small device (an Arduino, a foot switch, a MIDI bridge) needs no more than one
character for each of its buttons.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rvshell.errors import RvshellError
from rvshell.verbs.output import escape
from rvshell.verbs.registry import Request, verb
from rvshell.verbs.state import ask, read

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__ = ["BINDINGS", "Keys"]

# key -> (Mu, what it does); arrows and page keys by the names that `Keys` gives them
BINDINGS: dict[str, tuple[str, str]] = {
    " ": ("{ if (isPlaying()) stop(); else play(); }", "play or stop"),
    "right": ("extra_commands.stepForward(1)", "one frame forward (also .)"),
    "left": ("extra_commands.stepBackward(1)", "one frame back (also ,)"),
    "up": ("extra_commands.stepForward(10)", "ten frames forward"),
    "down": ("extra_commands.stepBackward(10)", "ten frames back"),
    "home": ("setFrame(inPoint())", "to the in point (also <)"),
    "end": ("setFrame(outPoint())", "to the out point (also >)"),
    "j": ("{ setInc(-1); play(); }", "play backwards"),
    "k": ("stop()", "stop"),
    "l": ("{ setInc(1); play(); }", "play forwards"),
    "i": ("setInPoint(frame())", "in point here"),
    "o": ("setOutPoint(frame())", "out point here"),
    "r": ("{ setInPoint(frameStart()); setOutPoint(frameEnd()); }", "in and out to the ends"),
    "m": ("markFrame(frame(), true)", "mark the frame"),
    "u": ("markFrame(frame(), false)", "remove the mark"),
    "f": ("fullScreenMode(!isFullScreen())", "full screen"),
    "t": ("setRealtime(!isRealtime())", "skip frames to keep time, or show every frame"),
}
_SAME = {".": "right", ",": "left", "<": "home", ">": "end"}
_ARROWS = {"A": "up", "B": "down", "C": "right", "D": "left", "H": "home", "F": "end"}
_QUIT = frozenset("q\x03\x04")
_SHOWN = ("frame", "start", "end", "fps", "playing")


class Keys:
    """Bytes to names of keys; an escape sequence may come in pieces."""

    def __init__(self) -> None:
        self._pending = ""

    def feed(self, text: str) -> list[str]:
        """The keys that *text* completes."""
        found: list[str] = []
        text = self._pending + text
        self._pending = ""
        i = 0
        while i < len(text):
            if text[i] != "\x1b":
                found.append(_SAME.get(text[i], text[i]))
                i += 1
                continue
            if i + 2 >= len(text) and text[i + 1 : i + 2] in ("", "[", "O"):
                self._pending = text[i:]
                break
            if text[i + 1] in "[O" and text[i + 2] in _ARROWS:
                found.append(_ARROWS[text[i + 2]])
                i += 3
            else:
                i += 1
        return found


@verb(
    "keys [--list]",
    help="Drive playback by single keys until q. Space plays and stops, the arrows step, j k l "
    "play backwards, stop and play, i o set in and out. --list shows all of them. From a pipe each "
    "character is a key, for control devices.",
    example="keys",
    more=("keys --list",),
    scope="playback",
)
def keys(ctx: Context, list: bool = False) -> object:
    if list:
        return {name if name != " " else "space": what for name, (_, what) in BINDINGS.items()}
    terminal = sys.stdin.isatty()
    decoder = Keys()
    with _single_keys(terminal):
        if terminal:
            ctx.say("keys: space, arrows, j k l, i o m f; q ends")
        _show(ctx, terminal)
        while data := os.read(sys.stdin.fileno(), 1024):
            for key in decoder.feed(data.decode("utf-8", "replace")):
                if key in _QUIT:
                    return None
                if key in BINDINGS:
                    try:
                        ctx.remote.ask(Request(BINDINGS[key][0]))
                    except RvshellError as error:
                        ctx.complain(f"rvshell: {error.describe()}")
            _show(ctx, terminal)
    return None


@contextmanager
def _single_keys(terminal: bool) -> Iterator[None]:
    """A terminal that gives each key at once and shows none."""
    if not terminal:
        yield
        return
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
        print(file=sys.stderr)


def _show(ctx: Context, terminal: bool) -> None:
    """The state on one line, in place."""
    if not terminal:
        return
    state = read(_SHOWN, ctx.remote.mu(ask(_SHOWN)))
    if state:
        sign = "playing" if state["playing"] else "stopped"
        text = f"{sign} {state['frame']} of {state['start']}-{state['end']} at {state['fps']:g} fps"
        print(f"\r{escape(text):<60}", end="", file=sys.stderr, flush=True)
