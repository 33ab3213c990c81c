"""What a terminal sends, as RV's key and pointer events.

An incremental parser: bytes come in pieces, escape sequences may be cut anywhere.  Keys with
modifiers are xterm's (`CSI 1 ; m A`), the mouse SGR's (`CSI < b ; x ; y M`), alt a leading
escape.  An escape that nothing follows is the key itself once `flush` is called.
"""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Callable

from player.display.base import InputEvent
from player.display.naming import Pointer, key_event

__all__ = ["TtyInput"]

_CURSOR = {"A": "up", "B": "down", "C": "right", "D": "left", "H": "home", "F": "end",
           "P": "f1", "Q": "f2", "R": "f3", "S": "f4"}  # fmt: skip
_TILDE = {1: "home", 2: "insert", 3: "delete", 4: "end", 5: "page-up", 6: "page-down", 7: "home",
          8: "end", 11: "f1", 12: "f2", 13: "f3", 14: "f4", 15: "f5", 17: "f6", 18: "f7",
          19: "f8", 20: "f9", 21: "f10", 23: "f11", 24: "f12"}  # fmt: skip
_PLAIN = {"\r": "enter", "\n": "enter", "\t": "tab", "\x7f": "backspace", "\x08": "backspace"}
_SEQUENCE = re.compile(
    rb"\x1b\[<(\d+);(\d+);(\d+)([Mm])"  # mouse
    rb"|\x1b\[(\d*)(?:;(\d+))?([A-Za-z~])"  # cursor and function keys
    rb"|\x1bO([A-Z])"  # the same, in application mode
    rb"|\x1b[_P][^\x1b]*\x1b\\"  # answers of the terminal
    rb"|\x1b\[\?[\d;]*[a-z]"
)
_PARTIAL = re.compile(rb"\x1b(?:\[[<?]?[\d;]*|O|[_P][^\x1b]*\x1b?)?\Z")
_LIMIT = 4096  # bytes of an unfinished sequence


def _held(code: int) -> set[str]:
    """xterm's modifier parameter: 1 + shift 1 + alt 2 + control 4 + meta 8."""
    bits = (("shift", 1), ("alt", 2), ("control", 4), ("meta", 8))
    return {name for name, bit in bits if (code - 1) & bit}


class TtyInput:
    """Feeds on bytes; `picture` tells columns, rows, and width and height in picture pixels."""

    def __init__(
        self, on_input: Callable[[InputEvent], None],
        picture: Callable[[], tuple[int, int, int, int]],
    ) -> None:  # fmt: skip
        self._on_input = on_input
        self._picture = picture
        self._buffer = b""
        self._pointer = Pointer()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, data: bytes) -> None:
        """Bytes that were read."""
        self._buffer += data
        while self._buffer:
            if self._buffer[0] != 0x1B:
                self._text()
                continue
            match = _SEQUENCE.match(self._buffer)
            if match is not None:
                self._buffer = self._buffer[match.end() :]
                self._sequence(match)
            elif _PARTIAL.match(self._buffer) and len(self._buffer) < _LIMIT:
                return  # the rest is on its way
            else:
                self._escaped()

    def flush(self) -> None:
        """Nothing more came: an escape that stands alone is the key."""
        if self._buffer == b"\x1b":
            self._buffer = b""
            self._on_input(key_event("escape"))
        elif self._buffer.startswith(b"\x1b") and len(self._buffer) == 2:
            self._escaped()

    def _text(self) -> None:
        end = self._buffer.find(b"\x1b")
        piece = self._buffer if end < 0 else self._buffer[:end]
        self._buffer = self._buffer[len(piece) :]
        for char in self._decoder.decode(piece):
            self._char(char, set())

    def _char(self, char: str, held: set[str]) -> None:
        if char in _PLAIN:
            self._on_input(key_event(_PLAIN[char], held))
        elif char < " ":
            self._on_input(key_event(chr(ord(char) | 0x60), held | {"control"}))
        else:
            shift = {"shift"} if char.isupper() else set()
            self._on_input(key_event(char, held | shift))

    def _escaped(self) -> None:
        """Escape and a character: alt."""
        rest = self._buffer[1:]
        if not rest or rest[0] == 0x1B:
            self._buffer = rest
            self._on_input(key_event("escape"))
            return
        self._buffer = rest[1:]
        if rest[0] < 0x80:
            self._char(chr(rest[0]), {"alt"})

    def _sequence(self, match: re.Match[bytes]) -> None:
        button, x, y, how, number, modifiers, letter, application = match.groups()
        if button is not None:
            self._mouse(int(button), int(x), int(y), how == b"M")
            return
        word: str | None = None
        held = _held(int(modifiers)) if modifiers else set()
        if application is not None:
            word = _CURSOR.get(application.decode())
        elif letter == b"~":
            word = _TILDE.get(int(number or 0))
        elif letter == b"Z":
            word, held = "tab", held | {"shift"}
        elif letter is not None:
            word = _CURSOR.get(letter.decode())
        if word:
            self._on_input(key_event(word, held))

    def _mouse(self, code: int, column: int, row: int, down: bool) -> None:
        columns, rows, width, height = self._picture()
        x = (column - 0.5) / max(1, columns) * width
        y = height - (row - 0.5) / max(1, rows) * height
        if not 0 <= y <= height:
            return
        self._pointer.place(x, y, width, height)
        held = {name for name, bit in (("shift", 4), ("alt", 8), ("control", 16)) if code & bit}
        if code & 64:
            made = self._pointer.wheel(not code & 1, held)
        elif code & 32:
            made = self._pointer.move(held)
        elif down:
            made = self._pointer.press((code & 3) + 1, held, time.monotonic())
        else:
            made = self._pointer.release((code & 3) + 1, held)
        for event in made:
            self._on_input(event)
