"""Mu's ``State``: what ``commands.data()`` gives to Mu programs.

Mu packages begin with ``State state = data();`` (Open RV, ``mu_rvui/rvtypes``). There is one
object for the session; what a program stores in it stays, for programs of all connections. Its
class is declared by the module ``rvtypes`` (``modules/rvtypes.mu``), its first values are set by
``rvui.initStateObject``. Fields that the player's commands keep in
:class:`~player.session.uistate.UiState` or, of a text that is typed, in
:class:`~player.commands.textentry.TextEntry` are read and written there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from player.commands.textentry import TextEntry
from player.mu.declarations import zero
from player.mu.types import ClassType
from player.mu.values import MuObject
from player.session.uistate import UiState

__all__ = ["WIDGETS", "live_widget", "new_state"]


class _Live(NamedTuple):
    """How a field is read from the interface's memory and written there."""

    read: Callable[[UiState], Any]
    write: Callable[[UiState, Any], None]


def _attribute(name: str) -> _Live:
    return _Live(lambda ui: getattr(ui, name), lambda ui, value: setattr(ui, name, value))


class _Fields(list[Any]):
    """The values of the state object; some live elsewhere."""

    def __init__(
        self, values: list[Any], ui: Callable[[], UiState], live: dict[int, _Live]
    ) -> None:
        super().__init__(values)
        self._ui = ui
        self._live = live

    def __getitem__(self, index: Any) -> Any:
        found = self._live.get(index)
        return super().__getitem__(index) if found is None else found.read(self._ui())

    def __setitem__(self, index: Any, value: Any) -> None:
        found = self._live.get(index)
        if found is None:
            super().__setitem__(index, value)
        else:
            found.write(self._ui(), value)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))


def _of_entry(entry: Callable[[], TextEntry], name: str) -> _Live:
    return _Live(lambda ui: getattr(entry(), name), lambda ui, v: setattr(entry(), name, v))


WIDGETS: Final = {
    "wipe": "wipe",
    "timeline": "timeline",
    "motionScope": "motionScope",
    "imageInfo": "imageinfo",
    "inspector": "inspector",
    "infoStrip": "infoStrip",
    "processInfo": "processinfo",
    "sourceDetails": "sourcedetails",
}
"""Fields of the state that hold a widget once it was shown, and the widgets' modes."""


def _of_widget(mode: str, shown: Callable[[str], MuObject | None]) -> _Live:
    """A field that holds the widget ``shown`` gives for a mode, or what a program stored."""
    kept: list[Any] = []

    def read(ui: UiState) -> Any:
        if not kept:
            made = shown(mode)
            if made is None:
                return None
            kept.append(made)
        return kept[-1]

    return _Live(read, lambda ui, value: kept.append(value))


def live_widget(made: MuObject, active: Callable[[], bool]) -> MuObject:
    """The same object; its field ``_active`` tells what ``active`` does, whatever is stored."""
    at = [name for name, _ in made.cls.fields].index("_active")
    live = {at: _Live(lambda ui: active(), lambda ui, value: None)}
    return MuObject(made.cls, _Fields(list(made.fields), lambda: UiState(), live))


def new_state(
    kind: ClassType,
    ui: Callable[[], UiState],
    entry: Callable[[], TextEntry],
    shown: Callable[[str], MuObject | None],
) -> MuObject:
    """A state object of class ``kind``, as empty as one that was just made.

    ``shown(mode)`` gives the widget of a mode, None before it was shown for the first time.
    """
    names = [name for name, _ in kind.fields]
    live = {
        "prompt": _of_entry(entry, "prompt"),
        "text": _of_entry(entry, "text"),
        "textEntry": _of_entry(entry, "active"),
        "textOkWhenEmpty": _of_entry(entry, "empty_too"),
        "scrubbed": _attribute("scrubbed"),
        "stepWraps": _attribute("step_wraps"),
        "showMatte": _attribute("show_matte"),
        "matteAspect": _Live(
            lambda ui: ui.matte_aspect or 1.85,
            lambda ui, value: setattr(ui, "matte_aspect", value),
        ),
        "matteOpacity": _attribute("matte_opacity"),
        "pointerPosition": _Live(
            lambda ui: ui.pointer or (0.0, 0.0),
            lambda ui, value: setattr(ui, "pointer", value),
        ),
    }
    live |= {name: _of_widget(mode, shown) for name, mode in WIDGETS.items()}
    at = {names.index(name): found for name, found in live.items()}
    return MuObject(kind, _Fields([zero(field) for _, field in kind.fields], ui, at))
