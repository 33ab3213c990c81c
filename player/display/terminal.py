"""The terminal as a screen.

The picture is drawn on the alternate screen with the cursor hidden; the last row says what is
shown, or the newest line that somebody wrote to standard error, which would otherwise land in
the middle of the picture.  Everything is put back on exit.

Half blocks work everywhere, and are what is used inside tmux, which keeps no graphics when
panes are switched.  Outside it the terminal is asked: kitty's protocol is taken if it
answers for it (through shared memory when it can read ours), sixel if its device attributes
name it.
"""

from __future__ import annotations

import fcntl
import os
import select
import struct
import sys
import termios
import time
from collections.abc import Mapping
from contextlib import suppress

from player.display.base import Bytes, OnInput, SinkLost, Status
from player.display.capture import Capture, same_terminal
from player.display.graphics import SharedPictures, kitty, sixel
from player.display.halfblock import HalfBlocks
from player.display.lastrow import cells, fitted, last_row, plain
from player.display.ttykeys import TtyInput
from player.session.uistate import Question
from rvshell.errors import LocalError

__all__ = ["TerminalSink", "ask", "best_protocol"]

_ENTER = b"\x1b[?1049h\x1b[?25l\x1b[2J"
_LEAVE = b"\x1b[0m\x1b[?25h\x1b[?1049l"
_MOUSE_ON, _MOUSE_OFF = b"\x1b[?1002h\x1b[?1006h", b"\x1b[?1006l\x1b[?1002l"
_QUESTION = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
_ATTRIBUTES = b"\x1b[c"
_NEWS = 5.0  # seconds that a line of standard error is shown
_HINT = "space plays, ← → step, ctrl-c ends"
_PATIENCE = 2.0  # seconds for an answer; every terminal gives one


def best_protocol(environment: Mapping[str, str] = os.environ) -> str:
    """ "kitty", "sixel", "blocks" by what the environment says of the terminal, "" if nothing."""
    if environment.get("TMUX") or environment.get("TERM", "").startswith(("tmux", "screen")):
        return "blocks"
    if environment.get("TERM", "") in ("linux", "dumb", ""):
        return "blocks"
    program = environment.get("TERM_PROGRAM", "").lower()
    if environment.get("KITTY_WINDOW_ID") or environment.get("TERM") == "xterm-kitty":
        return "kitty"
    if program in ("ghostty", "wezterm"):
        return "kitty"
    if program in ("mlterm", "contour") or environment.get("TERM") in ("foot", "mlterm"):
        return "sixel"
    return ""


def ask(out: int, keys: int, shared: SharedPictures | None = None) -> tuple[str, bool]:
    """(protocol, whether it reads our shared memory) by the terminal's own answers.

    *keys* must be in non-canonical mode.  Every terminal answers the device attributes, so
    they come last and end the wait.
    """
    question = _QUESTION + (shared.question() if shared is not None else b"") + _ATTRIBUTES
    try:
        os.write(out, question)
    except OSError:
        return "blocks", False
    answer = b""
    while b"c" not in answer.rpartition(b"\x1b[?")[2] or b"\x1b[?" not in answer:
        if not select.select([keys], [], [], _PATIENCE)[0]:
            break
        piece = os.read(keys, 1024)
        if not piece:
            break
        answer += piece
    if b"\x1b_Gi=31;OK" in answer:
        return "kitty", b"\x1b_Gi=32;OK" in answer
    attributes = answer.rpartition(b"\x1b[?")[2].partition(b"c")[0].split(b";")
    return ("sixel" if b"4" in attributes[1:] else "blocks"), False


class TerminalSink:
    """Pictures on the terminal of file descriptor *out*.

    With *keys* (a descriptor) key presses and the mouse become RV's events for *on_input*.
    """

    name = "terminal"
    has_input = True
    asks_itself = False
    whole = False

    def __init__(
        self,
        out: int | None = None,
        *,
        protocol: str = "",
        keys: int | None = None,
        on_input: OnInput | None = None,
    ) -> None:
        self._out = sys.stdout.fileno() if out is None else out
        if not os.isatty(self._out):
            raise LocalError(
                "standard output is no terminal to show pictures on",
                hint="--display png --snapshot FILE, or --display null",
            )
        self._protocol = protocol or best_protocol()
        self._keys = keys if keys is not None and os.isatty(keys) else None
        self._input = TtyInput(on_input, self._geometry_of_input) if on_input else None
        self._blocks = HalfBlocks()
        self._shared: SharedPictures | None = None
        self._open = False
        self._geometry = (0, 0)
        self._mode: list[object] | None = None
        self._capture: Capture | None = None
        self._status = ""
        self._line = ""
        self._question: Question | None = None
        self._hint_until = time.monotonic() + _NEWS
        self._enter()

    def _enter(self) -> None:
        if self._keys is not None:
            self._mode = termios.tcgetattr(self._keys)
            raw = termios.tcgetattr(self._keys)
            # ISIG stays: Ctrl-C still works; IXON goes: Ctrl-Q is a key of RV's
            raw[3] &= ~(termios.ICANON | termios.ECHO)
            raw[0] &= ~(termios.IXON | termios.ICRNL)
            termios.tcsetattr(self._keys, termios.TCSADRAIN, raw)
        self._choose()
        self._open = True
        try:
            self._write(_ENTER + (_MOUSE_ON if self._input is not None else b""))
        except SinkLost:
            self.close()
            raise
        if same_terminal(self._out, 2):
            self._capture = Capture()

    def _choose(self) -> None:
        """The protocol, by asking if nothing else tells."""
        local = not (os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"))
        shared = SharedPictures() if local else None
        if self._protocol in ("", "kitty") and self._keys is not None:
            found, reads = ask(self._out, self._keys, shared)
            self._protocol = self._protocol or found
            if reads and self._protocol == "kitty":
                self._shared, shared = shared, None
        if shared is not None:
            shared.close()
        self._protocol = self._protocol or "blocks"

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._out, view) :]
            except BlockingIOError:
                select.select([], [self._out], [], 1.0)
            except OSError as error:
                raise SinkLost(f"terminal: {error.strerror}") from None

    def cells(self) -> tuple[int, int, int, int]:
        """(columns, rows of the picture, pixel width, pixel height of the whole terminal);
        pixels are 0 when unknown."""
        try:
            data = fcntl.ioctl(self._out, termios.TIOCGWINSZ, b"\0" * 8)
            rows, columns, width, height = struct.unpack("HHHH", data)
        except OSError:
            rows = columns = width = height = 0
        rows = rows or 24
        return columns or 80, max(1, rows - 1), width, height * max(1, rows - 1) // rows

    def size(self) -> tuple[int, int]:
        columns, rows, width, height = self.cells()
        if self._protocol == "blocks":
            return columns, rows * 2
        if width and height:
            k = min(1.0, 1280 / width, 800 / height)
            width, height = max(1, round(width * k)), max(1, round(height * k))
        else:
            width, height = columns * 8, rows * 16
        if self._protocol == "sixel":  # bands of six, of which none reaches into the last row
            height = max(6, height - height % 6)
        return width, height

    def _geometry_of_input(self) -> tuple[int, int, int, int]:
        columns, rows, *_ = self.cells()
        return (columns, rows, *self.size())

    def pixel_aspect(self) -> float:
        columns, rows, width, height = self.cells()
        if self._protocol != "blocks" or not (width and height):
            return 1.0
        return (width / columns) / (height / rows / 2)

    def canvas(self) -> None:
        return None

    def show(self, picture: Bytes) -> None:
        columns, rows, *_ = self.cells()
        if (columns, rows) != self._geometry:
            self._geometry = (columns, rows)
            self._blocks.reset()
            self._line = ""
            self._write(b"\x1b[0m\x1b[2J")
        if self._protocol == "kitty":
            if self._shared is not None:
                self._write(b"\x1b[1;1H" + self._shared.kitty(picture, columns, rows))
            else:
                self._write(b"\x1b[1;1H" + kitty(picture, columns, rows))
        elif self._protocol == "sixel":
            self._write(b"\x1b[1;1H" + sixel(picture))
        else:
            data = self._blocks.encode(picture[: rows * 2, :columns])
            if data:
                self._write(data)
            self._ask()
        self._last_row()

    def _ask(self) -> None:
        """The question in letters, where half blocks are too coarse to write with."""
        asked = self._question
        if asked is None:
            return
        columns, rows = self._geometry
        lines = [*asked.lines, "", *(f"[{key}] {label}" for key, label, _ in asked.answers)]
        wide = min(columns, max(cells(plain(line)) for line in lines) + 4)
        for row, line in enumerate(["", *lines, ""][:rows], 1):
            text = fitted(f"  {plain(line)}", wide)
            place = b"\x1b[%d;1H\x1b[0;7m" % row
            self._write(place + text.encode("utf-8", "replace") + b"\x1b[0m")

    def _last_row(self) -> None:
        """What is shown, and beside it for a while the newest line of standard error and what to
        press.  Where there is no room for all, news goes before the rest."""
        if self._geometry == (0, 0):
            return
        columns, rows = self._geometry
        newest = self._capture.newest(_NEWS) if self._capture is not None else ""
        hint = _HINT if self._keys is not None and time.monotonic() < self._hint_until else ""
        if self._question is not None:
            newest = hint = ""
        line = last_row(self._status, newest, hint, columns - 1)
        if line != self._line:
            self._line = line
            place = b"\x1b[%d;1H\x1b[0;2m\x1b[2K" % (rows + 1)
            self._write(place + line.encode("utf-8", "replace") + b"\x1b[0m")

    def poll(self) -> bool:
        if self._open and self._geometry != (0, 0):
            self._last_row()
        if self._keys is None or self._input is None:
            return True
        while select.select([self._keys], [], [], 0)[0]:
            try:
                data = os.read(self._keys, 4096)
            except OSError as error:
                raise SinkLost(f"terminal: {error.strerror}") from None
            if not data:
                raise SinkLost("the terminal was closed")
            self._input.feed(data)
        self._input.flush()
        return True

    def set_full_screen(self, on: bool) -> None:
        return None

    def set_status(self, status: Status) -> None:
        self._status = plain(status.text)
        if status.question != self._question:
            self._question = status.question
            self._blocks.reset()  # its letters are no part of the picture

    def fit(self, width: int, height: int) -> None:
        return None

    def close(self) -> None:
        if self._open:
            self._open = False
            end = b"\x1b_Ga=d,q=2\x1b\\" if self._protocol == "kitty" else b""
            with suppress(SinkLost):  # nobody may be there to see it
                self._write(_MOUSE_OFF + end + _LEAVE)
        if self._mode is not None and self._keys is not None:
            with suppress(termios.error):  # the terminal may be gone
                termios.tcsetattr(self._keys, termios.TCSADRAIN, self._mode)  # type: ignore[arg-type]
            self._mode = None
        if self._shared is not None:
            self._shared.close()
            self._shared = None
        if self._capture is not None:
            self._capture.close()
            self._capture = None
