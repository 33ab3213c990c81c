"""Keys and pointers by RV's event names, the same for every screen.

`key-down--alt-control--x`, `pointer-1--shift--drag`: modifiers come in RV's order, an upper
case letter or a sign carries no shift of its own, a space is a blank (``key-down-- ``).
A pointer's buttons are those that are held; when one is pressed while another is down, or the
modifiers change in the middle of a drag, RV ends the old gesture with a release and begins
a new one with a push: `Pointer` does the same (Open RV, ``RvCommon/QTTranslator``).
"""

from __future__ import annotations

from collections.abc import Iterable

from player.display.base import InputEvent

__all__ = ["MODIFIERS", "Pointer", "key_event", "modifier_mask"]

#: modifier -> bit of Event.modifiers(); in the order of event names
MODIFIERS = {"alt": 4, "control": 2, "meta": 8, "shift": 1}

_DOUBLE = 0.4  # seconds between the clicks of a double click (Qt's default)
_NEAR = 4  # pixels between them


def modifier_mask(held: Iterable[str]) -> int:
    """The bits of Event.modifiers()."""
    return sum(MODIFIERS[m] for m in set(held))


def _joined(held: Iterable[str], shift: bool) -> str:
    names = [m for m in MODIFIERS if m in held and (shift or m != "shift")]
    return f"-{'-'.join(names)}-" if names else ""


def key_event(word: str, held: Iterable[str] = (), *, down: bool = True) -> InputEvent:
    """The event of a key: *word* is the character typed or RV's name (`page-up`, `f5`)."""
    held = set(held)
    # the character that was typed already says that shift was held
    shown = not (len(word) == 1 and not word.islower() and not word.isdigit() and word != " ")
    name = f"key-{'down' if down else 'up'}-{_joined(held, shown)}-{word}"
    code = ord(word) if len(word) == 1 else 0
    return InputEvent(name, key=code, modifiers=modifier_mask(held))


class Pointer:
    """One pointer of one screen: what happens to it becomes RV's events, in order.

    Positions are pixels from the bottom left of a *width* x *height* picture; times are
    seconds of any clock.
    """

    def __init__(self) -> None:
        self._held: frozenset[int] = frozenset()
        self._modifiers: frozenset[str] = frozenset()
        self._at = (0.0, 0.0)
        self._size = (0, 0)
        self._clicked: tuple[int, float, float, float] | None = None

    def _event(self, verb: str, held: Iterable[int], modifiers: Iterable[str]) -> InputEvent:
        buttons = "".join(f"{b}-" for b in sorted(held))
        name = f"pointer-{buttons}{_joined(modifiers, True)}-{verb}"
        mask = sum(1 << (b - 1) for b in held if b <= 3)
        return InputEvent(
            name, *self._at, *self._size, modifiers=modifier_mask(modifiers), buttons=mask
        )

    def place(self, x: float, y: float, width: int, height: int) -> None:
        """Where the pointer is."""
        self._at, self._size = (x, y), (width, height)

    def press(self, button: int, modifiers: Iterable[str], now: float) -> list[InputEvent]:
        """A button went down."""
        out = []
        if self._held:
            out.append(self._event("release", self._held, self._modifiers))
        self._held, self._modifiers = self._held | {button}, frozenset(modifiers)
        verb = "push"
        last = self._clicked
        self._clicked = (button, now, *self._at)
        if last is not None and last[0] == button and now - last[1] <= _DOUBLE:
            near = max(abs(last[2] - self._at[0]), abs(last[3] - self._at[1])) <= _NEAR
            if near and len(self._held) == 1:
                verb, self._clicked = "double", None
        out.append(self._event(verb, self._held, self._modifiers))
        return out

    def release(self, button: int, modifiers: Iterable[str]) -> list[InputEvent]:
        """A button went up."""
        if button not in self._held:
            return []
        out = [self._event("release", self._held, modifiers)]
        self._held, self._modifiers = self._held - {button}, frozenset(modifiers)
        if self._held:
            out.append(self._event("push", self._held, self._modifiers))
        return out

    def move(self, modifiers: Iterable[str]) -> list[InputEvent]:
        """The pointer moved."""
        now = frozenset(modifiers)
        if not self._held:
            return [self._event("move", (), now)]
        out = []
        if now != self._modifiers:
            out.append(self._event("release", self._held, self._modifiers))
            out.append(self._event("push", self._held, now))
            self._modifiers = now
        out.append(self._event("drag", self._held, now))
        return out

    def wheel(self, up: bool, modifiers: Iterable[str]) -> list[InputEvent]:
        """One notch of the wheel."""
        return [self._event("wheelup" if up else "wheeldown", self._held, modifiers)]

    def crossing(self, verb: str, modifiers: Iterable[str] = ()) -> list[InputEvent]:
        """`enter`, `leave` or `activate`."""
        return [self._event(verb, self._held, modifiers)]
