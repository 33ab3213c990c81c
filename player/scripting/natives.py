"""The Python commands that are not generated from the registry.

RV implements these in C for Python alone, with other arguments than the Mu commands of the same
name, and with the interpreter's own texts for wrong arguments (Open RV, ``PyTwkApp/PyCommands``,
``RvCommon/PyUICommands``, ``RvApp/PyCommandsModule``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from player.commands.context import Context
from player.commands.misc import as_kind_of
from player.commands.registry import Registry
from player.scripting.deadline import Guard, ScriptTimeout
from player.scripting.pyevent import PyEvent
from player.session.bindings import BindingError
from player.session.events import Event

__all__ = ["MU_ONLY", "ScriptFailure", "make_natives", "script_handler"]

MU_ONLY: Final = frozenset(
    {
        "audioCacheInfo",
        "getApplicationType",
        "httpPut",
        "javascriptMuExport",
        "mainViewWidget",
        "mainWindowWidget",
        "ndcToEventSpace",
        "openUrlFromUrl",
        "optionsPlayReset",
        "readSetting",
        "remoteConnectionIsIncoming",
        "showDiagnostics",
        "writeSetting",
    }
)
"""Commands that Mu has and Python has not (under these names)."""


class ScriptFailure(Exception):
    """A script raised something that is no ordinary error, SystemExit for one."""


def script_handler(guard: Guard, func: Callable[[PyEvent], object]) -> Callable[[Event], None]:
    """A Python function as an event handler: under the deadline, unable to end the player."""

    def handle(event: Event) -> None:
        try:
            guard.run(func, PyEvent(event))
        except (Exception, ScriptTimeout):
            raise
        except BaseException as error:
            raise ScriptFailure(f"{type(error).__name__}: {error}") from error

    return handle


_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "str": (str,),
    "int": (int,),
    "list": (list,),
    "Event": (PyEvent,),
}


def _check(args: tuple[Any, ...], kinds: str, optional: int = 0) -> None:
    """Refuse wrong arguments with the interpreter's own words."""
    wanted = kinds.split()
    least, most = len(wanted) - optional, len(wanted)
    if not least <= len(args) <= most:
        if least == most:
            amount = f"exactly {most}"
        elif len(args) < least:
            amount = f"at least {least}"
        else:
            amount = f"at most {most}"
        plural = "" if amount.endswith(" 1") else "s"
        raise TypeError(f"function takes {amount} argument{plural} ({len(args)} given)")
    for i, (value, kind) in enumerate(zip(args, wanted, strict=False), 1):
        if kind in _KINDS and not isinstance(value, _KINDS[kind]):
            given = "None" if value is None else type(value).__name__
            raise TypeError(f"argument {i} must be {kind}, not {given}")


def make_natives(context: Context, registry: Registry, guard: Guard) -> dict[str, Any]:
    """Name -> function, for ``rv.commands``."""
    bus = context.session.events
    ui = context.session.ui

    def bind(*args: Any) -> int:
        """bind(mode, table, event, function, documentation) -> 1"""
        _check(args, "str str str object str")
        mode, table, event, func, doc = args
        try:
            bus.bind(mode, table, event, script_handler(guard, func), doc)
        except BindingError:
            raise Exception("Bad argument") from None
        return 1

    def bindRegex(*args: Any) -> int:
        """bindRegex(mode, table, pattern, function, documentation) -> 1"""
        _check(args, "str str str object str")
        mode, table, pattern, func, doc = args
        try:
            bus.bind_regex(mode, table, pattern, script_handler(guard, func), doc)
        except BindingError:
            raise Exception("Bad argument") from None
        return 1

    def defineModeMenu(*args: Any) -> int:
        """defineModeMenu(mode, menu, strict=0) -> 1; menus are not shown by this player."""
        _check(args, "str list int", optional=1)
        try:
            bus.modes.find(args[0])
        except BindingError:
            raise Exception("Bad argument") from None
        return 1

    def insertCreatePixelBlock(*args: Any) -> None:
        """insertCreatePixelBlock(event): land the tile of a pixel-block event."""
        _check(args, "Event")
        guard.host += 1
        guard.calls += 1
        try:
            command = registry.get("insertCreatePixelBlock")
            command.func(context, args[0].event)
        except Exception as error:
            raise Exception(f"ERROR: {error}") from None
        finally:
            guard.host -= 1
            guard.resume()

    def data(*args: Any) -> Any:
        """data() -> the session's data object"""
        _check(args, "")
        return ui.data

    def readSettings(*args: Any) -> Any:
        """readSettings(group, name, default) -> value, in the default's type"""
        _check(args, "str str object")
        group, name, default = args
        if default is None:
            raise Exception(
                "readSettings: default return value is None or undefined, "
                "but must match setting type"
            )
        if (group, name) not in ui.settings:
            return default
        return as_kind_of(default, ui.settings[group, name])

    def writeSettings(*args: Any) -> None:
        """writeSettings(group, name, value)"""
        _check(args, "str str object")
        ui.settings[args[0], args[1]] = args[2]

    def popupMenu(*args: Any) -> None:
        """popupMenu(event, menu): nothing pops up without a window."""
        _check(args, "Event list")

    def popupMenuAtPoint(*args: Any) -> None:
        """popupMenuAtPoint(x, y, menu): nothing pops up without a window."""
        _check(args, "int int list")

    def consoleWrite(*args: Any) -> None:
        """consoleWrite(text): a line for the console."""
        _check(args, "str")
        context.ports.ui.console(args[0])

    def javascriptExport(*args: Any) -> None:
        """javascriptExport(page): no web views here."""
        _check(args, "int")

    def widget() -> None:
        """A window widget: None, there is no window."""

    return {
        "bind": bind,
        "bindRegex": bindRegex,
        "consoleWrite": consoleWrite,
        "data": data,
        "defineModeMenu": defineModeMenu,
        "insertCreatePixelBlock": insertCreatePixelBlock,
        "javascriptExport": javascriptExport,
        "popupMenu": popupMenu,
        "popupMenuAtPoint": popupMenuAtPoint,
        "readSettings": readSettings,
        "sessionBottomToolBar": widget,
        "sessionGLView": widget,
        "sessionTopToolBar": widget,
        "sessionWindow": widget,
        "writeSettings": writeSettings,
    }
