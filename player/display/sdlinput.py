"""SDL's input events as RV's event names.

SDL names keys as they are engraved; RV wants the character typed.  Letters, digits and
everything with control or alt come from the key itself; a sign that needs shift is taken
from the text event that follows its key.
"""

from __future__ import annotations

import ctypes
import time
from typing import Any

from player.display.base import InputEvent
from player.display.naming import MODIFIERS, Pointer, key_event

__all__ = ["SdlInput"]

_SPECIAL = {
    "Return": "enter", "Escape": "escape", "Tab": "tab", "Backspace": "backspace",
    "Delete": "delete", "Left": "left", "Right": "right", "Up": "up", "Down": "down",
    "Home": "home", "End": "end", "PageUp": "page-up", "PageDown": "page-down",
    "Insert": "insert", "Keypad Enter": "keypad-enter", "Pause": "pause", "Space": " ",
    "PrintScreen": "print", "Menu": "menu", "CapsLock": "caplock", "Numlock": "numlock",
    "ScrollLock": "scrolllock", "Left Shift": "shift", "Right Shift": "shift",
    "Left Ctrl": "control", "Right Ctrl": "control", "Left Alt": "alt", "Right Alt": "alt-gr",
    "Left GUI": "meta", "Right GUI": "meta", "Help": "help", "Clear": "clear",
}  # fmt: skip


class SdlInput:
    """Translates the events of one window.  `translate` gives RV's events for one of SDL's."""

    def __init__(self, sdl: Any) -> None:
        self._sdl = sdl
        self._pointer = Pointer()
        # followed key by key: SDL's own state is that of the newest event, not of this one
        self._modifiers: set[str] = set()
        self._pending: int | None = None  # key that waits for its text
        self._typed: dict[int, str] = {}

    def _names(self, state: int) -> set[str]:
        sdl = self._sdl
        bits = {"alt": sdl.KMOD_LALT, "control": sdl.KMOD_CTRL, "meta": sdl.KMOD_GUI,
                "shift": sdl.KMOD_SHIFT}  # fmt: skip
        return {name for name, bit in bits.items() if state & bit}

    def _held(self) -> set[str]:
        return self._modifiers

    def translate(self, event: Any, size: tuple[int, int]) -> list[InputEvent]:
        """RV's events for an SDL event in a window of *size*; none for most."""
        sdl, kind = self._sdl, event.type
        if kind == sdl.SDL_KEYDOWN:
            return self._key_down(event.key)
        if kind == sdl.SDL_KEYUP:
            return self._key_up(event.key)
        if kind == sdl.SDL_TEXTINPUT:
            return self._text(event.text.text)
        if kind == sdl.SDL_MOUSEMOTION:
            self._place(event.motion.x, event.motion.y, size)
            return self._pointer.move(self._held())
        if kind in (sdl.SDL_MOUSEBUTTONDOWN, sdl.SDL_MOUSEBUTTONUP):
            b = event.button
            self._place(b.x, b.y, size)
            if kind == sdl.SDL_MOUSEBUTTONUP:
                return self._pointer.release(int(b.button), self._held())
            return self._pointer.press(int(b.button), self._held(), time.monotonic())
        if kind == sdl.SDL_MOUSEWHEEL and event.wheel.y:
            x, y = ctypes.c_int(), ctypes.c_int()
            sdl.SDL_GetMouseState(ctypes.byref(x), ctypes.byref(y))
            self._place(x.value, y.value, size)
            notches = min(abs(int(event.wheel.y)), 20)
            return notches * self._pointer.wheel(event.wheel.y > 0, self._held())
        if kind in (sdl.SDL_DROPFILE, sdl.SDL_DROPTEXT):
            return self._dropped(event.drop)
        if kind == sdl.SDL_WINDOWEVENT:
            if event.window.event == sdl.SDL_WINDOWEVENT_FOCUS_GAINED:
                self._modifiers = self._names(int(sdl.SDL_GetModState()))
            verb = {
                sdl.SDL_WINDOWEVENT_ENTER: "enter", sdl.SDL_WINDOWEVENT_LEAVE: "leave",
                sdl.SDL_WINDOWEVENT_FOCUS_GAINED: "activate",
            }.get(event.window.event)  # fmt: skip
            return self._pointer.crossing(verb, self._held()) if verb else []
        return []

    def _dropped(self, drop: Any) -> list[InputEvent]:
        """A file or an address let go over the window."""
        # the field reads as bytes, a copy; what is to be freed is the pointer itself
        place = ctypes.addressof(drop) + type(drop).file.offset
        pointer = ctypes.c_void_p.from_address(place).value
        if not pointer:
            return []
        text = ctypes.string_at(pointer).decode("utf-8", "surrogateescape").strip()
        self._sdl.SDL_free(ctypes.c_void_p(pointer))
        return [InputEvent("drop", text=text)] if text and "\0" not in text else []

    def _place(self, x: int, y: int, size: tuple[int, int]) -> None:
        self._pointer.place(float(x), float(size[1] - y), *size)  # RV counts 1..height upwards

    # -- keys --------------------------------------------------------------------------

    def _word(self, symbol: int) -> str:
        name = str(self._sdl.SDL_GetKeyName(symbol).decode("utf-8", "replace"))
        if name in _SPECIAL:
            return _SPECIAL[name]
        if name.startswith("Keypad "):
            return f"keypad-{name[7:].lower()}"
        return name.lower() if len(name) > 1 or name.isalpha() else name

    def _follow(self, key: Any, word: str, down: bool) -> set[str]:
        """The modifiers after this key."""
        self._modifiers = self._names(int(key.keysym.mod))
        if word in MODIFIERS:
            (self._modifiers.add if down else self._modifiers.discard)(word)
        return self._modifiers

    def _key_down(self, key: Any) -> list[InputEvent]:
        symbol = int(key.keysym.sym)
        word = self._word(symbol)
        held = self._follow(key, word, True)
        self._pending = None
        if not word:
            return []
        if len(word) == 1 and word != " ":
            if "shift" in held and word.isalpha():
                word = word.upper()
            elif self._waits_for_text(held, key):
                self._pending = symbol
                return []
        self._typed[symbol] = word
        return [key_event(word, held)]

    def _waits_for_text(self, held: set[str], key: Any) -> bool:
        third_level = bool(key.keysym.mod & (self._sdl.KMOD_MODE | self._sdl.KMOD_RALT))
        return ("shift" in held or third_level) and not held & {"control", "alt", "meta"}

    def _text(self, data: bytes) -> list[InputEvent]:
        text = data.split(b"\0")[0].decode("utf-8", "replace")
        if self._pending is None or not text:
            return []
        symbol, self._pending = self._pending, None
        self._typed[symbol] = text[0]
        return [key_event(text[0], self._held())]

    def _key_up(self, key: Any) -> list[InputEvent]:
        symbol = int(key.keysym.sym)
        word = self._typed.pop(symbol, None) or self._word(symbol)
        held = self._follow(key, word, False)
        return [key_event(word, held, down=False)] if word else []
