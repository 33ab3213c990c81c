"""The session's UiPort: full screen, messages and closing, for a player with or without
screens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from player.daemon.screens import Screens

__all__ = ["Face"]


class Face:
    """What commands see of the window.  There is nobody to answer an alert: RV's panel
    reports -1 when it is closed without a button."""

    def __init__(
        self, screens: Screens, report: Callable[[str], None], stop: Callable[[], None]
    ) -> None:
        self._screens = screens
        self._report = report
        self._stop = stop
        self._size = (0, 0)

    def full_screen(self) -> bool:
        return self._screens.full_screen

    def set_full_screen(self, on: bool) -> None:
        self._screens.set_full_screen(on)

    def feedback(self, text: str, seconds: float) -> None:
        self._screens.redraw()

    def alert(self, kind: int, title: str, text: str, buttons: Sequence[str]) -> int:
        word = {0: "INFO", 1: "WARNING", 2: "ERROR"}.get(kind, "INFO")
        self._report(f"{word}: {title}: {text}" if title else f"{word}: {text}")
        return -1

    def console(self, text: str) -> None:
        self._report(text)

    def close(self) -> None:
        self._stop()

    def size(self) -> tuple[int, int]:
        shown = self._screens.size()
        return shown if shown != (0, 0) else self._size

    def set_size(self, width: int, height: int) -> None:
        self._size = (width, height)

    def redraw(self) -> None:
        self._screens.redraw()
