"""The terminal as a screen.

The picture is drawn on the alternate screen with the cursor hidden; both are restored on
exit.  Half blocks work everywhere; kitty's and sixel's protocols are used when the
environment names a terminal that has them, or on request.  Inside tmux half blocks are
used unless passthrough is asked for: tmux keeps no graphics when panes are switched.
"""

from __future__ import annotations

import fcntl
import os
import select
import struct
import sys
import termios
from collections.abc import Mapping

from player.display.base import Bytes, InputEvent, OnInput, SinkLost
from player.display.graphics import kitty, sixel
from player.display.halfblock import HalfBlocks

__all__ = ["TerminalSink", "best_protocol"]

_ENTER = b"\x1b[?1049h\x1b[?25l\x1b[2J"
_LEAVE = b"\x1b[0m\x1b[?25h\x1b[?1049l"
_KEYS = {" ": "space", "\r": "return", "\n": "return", "\t": "tab", "\x7f": "backspace",
         "\x1b": "escape", "\x1b[A": "up", "\x1b[B": "down", "\x1b[C": "right", "\x1b[D": "left",
         "\x1b[H": "home", "\x1b[F": "end", "\x1b[5~": "page-up",
         "\x1b[6~": "page-down"}  # fmt: skip


def best_protocol(environment: Mapping[str, str] = os.environ) -> str:
    """ "kitty", "sixel" or "blocks", by what the environment says of the terminal."""
    if environment.get("TMUX") or environment.get("TERM", "").startswith(("tmux", "screen")):
        return "blocks"
    program = environment.get("TERM_PROGRAM", "").lower()
    if environment.get("KITTY_WINDOW_ID") or environment.get("TERM") == "xterm-kitty":
        return "kitty"
    if program in ("ghostty", "wezterm"):
        return "kitty"
    if program in ("mlterm", "contour") or environment.get("TERM") in ("foot", "mlterm"):
        return "sixel"
    return "blocks"


class TerminalSink:
    """Pictures on the terminal of file descriptor *out*.

    With *keys* (a descriptor) key presses become RV key events for *on_input*.
    """

    name = "terminal"

    def __init__(
        self,
        out: int | None = None,
        *,
        protocol: str = "",
        keys: int | None = None,
        on_input: OnInput | None = None,
        reserve: int = 0,
    ) -> None:
        self._out = sys.stdout.fileno() if out is None else out
        self._protocol = protocol or best_protocol()
        self._keys = keys
        self._on_input = on_input
        self._reserve = reserve  # rows at the bottom left to others
        self._blocks = HalfBlocks()
        self._open = False
        self._geometry = (0, 0)
        self._mode: list[object] | None = None
        self._enter()

    def _enter(self) -> None:
        if self._keys is not None and os.isatty(self._keys):
            self._mode = termios.tcgetattr(self._keys)
            raw = termios.tcgetattr(self._keys)
            raw[3] &= ~(termios.ICANON | termios.ECHO)  # ISIG stays: Ctrl-C still works
            termios.tcsetattr(self._keys, termios.TCSADRAIN, raw)
        self._write(_ENTER)
        self._open = True

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._out, view) :]
            except BlockingIOError:
                select.select([], [self._out], [], 1.0)
            except OSError as error:
                self._open = False
                raise SinkLost(f"terminal: {error.strerror}") from None

    def cells(self) -> tuple[int, int, int, int]:
        """(columns, rows, pixel width, pixel height); pixels are 0 when unknown."""
        try:
            data = fcntl.ioctl(self._out, termios.TIOCGWINSZ, b"\0" * 8)
            rows, columns, width, height = struct.unpack("HHHH", data)
        except OSError:
            rows = columns = width = height = 0
        return columns or 80, max(1, (rows or 24) - self._reserve), width, height

    def size(self) -> tuple[int, int]:
        columns, rows, width, height = self.cells()
        if self._protocol == "blocks":
            return columns, rows * 2
        if width and height:
            return min(width, 1280), min(height, 800)
        return columns * 8, rows * 16

    def pixel_aspect(self) -> float:
        columns, rows, width, height = self.cells()
        if self._protocol != "blocks" or not (width and height):
            return 1.0
        return (width / columns) / (height / rows / 2)

    def show(self, picture: Bytes) -> None:
        columns, rows, *_ = self.cells()
        if (columns, rows) != self._geometry:
            self._geometry = (columns, rows)
            self._blocks.reset()
            self._write(b"\x1b[0m\x1b[2J")
        if self._protocol == "kitty":
            self._write(b"\x1b[1;1H" + kitty(picture, columns, rows))
        elif self._protocol == "sixel":
            self._write(b"\x1b[1;1H" + sixel(picture))
        else:
            data = self._blocks.encode(picture[: rows * 2, :columns])
            if data:
                self._write(data)

    def poll(self) -> bool:
        if self._keys is None:
            return True
        while select.select([self._keys], [], [], 0)[0]:
            try:
                data = os.read(self._keys, 64)
            except OSError:
                return False
            if not data:
                return False
            self._key(data.decode("utf-8", "replace"))
        return True

    def _key(self, text: str) -> None:
        if self._on_input is None:
            return
        names = [text] if text in _KEYS else list(text)
        for one in names:
            name = _KEYS.get(one, one)
            prefix = "shift--" if len(one) == 1 and one.isupper() else ""
            self._on_input(InputEvent(f"key-down--{prefix}{name}", key=ord(one[0])))

    def set_full_screen(self, on: bool) -> None:
        return None

    def close(self) -> None:
        if self._mode is not None and self._keys is not None:
            termios.tcsetattr(self._keys, termios.TCSADRAIN, self._mode)  # type: ignore[arg-type]
            self._mode = None
        if self._open:
            self._open = False
            end = b"\x1b_Ga=d,q=2\x1b\\" if self._protocol == "kitty" else b""
            try:
                self._write(end + _LEAVE)
            except SinkLost:
                return
