"""Module ``rvui``, fourth part: modes in which the user types or drags a value.

Packages bind these functions to keys of their own. What they change is what the default
bindings change (``editing``): a mode that a package starts is left by the same keys.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from player.commands.context import Context
from player.commands.editing import editing_of
from player.commands.parameters import Parameter
from player.commands.registry import command

__all__: list[str] = []

MODULE: Final = "rvui"
EventFunc = Callable[[Any], object]
_LEAST: Final = "-3.40282e+38"


# -- typing --------------------------------------------------------------------------------


@command(
    "startTextEntryMode((string;) prompt, (void;string) func, bool okWhenEmpty=false)"
    " -> (void;Event)",
    tier="B",
    module=MODULE,
    doc="A handler that asks for a text; what is typed goes to a function.",
)
def start_text_entry_mode(
    ctx: Context,
    prompt: Callable[[], str] | None,
    func: Callable[[str], object] | None,
    empty_too: bool,
) -> EventFunc:
    ask = prompt if prompt is not None else str
    take = func if func is not None else lambda text: None
    return editing_of(ctx).entry.starter(ask, take, empty_too)


_HANDLERS: Final = {
    "entry": (
        ("selfInsert", "insert", "Type the character of a key."),
        ("backwardDeleteChar", "erase", "Take back what was typed last."),
        ("killAllText", "clear", "Take back all that was typed."),
        ("commitEntry", "commit", "Use what was typed."),
        ("cancelEntry", "cancel", "End typing."),
        ("ignoreEntry", "ignore", "Do nothing."),
    ),
    "parameters": (
        ("beginParamScrub", "begin", "Begin to drag a parameter."),
        ("dragParamScrub", "drag", "Drag a parameter."),
        ("selectParamTile", "select_tile", "Edit the picture under the pointer only."),
        ("toggleParamLocked", "lock", "Stay in the mode until it is left by a key, or not."),
        ("releaseParam", "end", "Leave the mode, unless it is locked."),
        ("releaseParamForce", "leave", "Leave the mode."),
        ("incrementParam", "more", "A little more."),
        ("decrementParam", "less", "A little less."),
        ("resetParam", "reset", "The value of the beginning."),
        ("helpParam", "help", "Show the keys of the mode."),
    ),
    "drag": (
        ("beginMoveOrZoom", "begin_view", "Begin to drag the view."),
        ("dragMove", "move", "Move the view."),
        ("dragZoom", "zoom", "Zoom about the point that was pressed."),
        ("beginScrub", "begin_scrub", "Begin to scrub."),
        ("releaseScrub", "release_scrub", "End scrubbing; a click plays or stops."),
        ("doubleClick", "double", "View the input under the pointer."),
    ),
}
"""By what they act on: functions of an event, the method that does it, documentation."""


def _declare(name: str, part: str, method: str, doc: str) -> None:
    @command(f"{name}(Event event) -> void", tier="B", module=MODULE, doc=doc)
    def run(ctx: Context, event: Any) -> None:
        getattr(getattr(editing_of(ctx), part), method)(event)


for _part, _listed in _HANDLERS.items():
    for _name, _method, _doc in _listed:
        _declare(_name, _part, _method, _doc)


@command(
    "dragMoveLocked(bool lockToAxis, Event event) -> void",
    tier="B",
    module=MODULE,
    doc="Move the view, perhaps along one axis only.",
)
def drag_move_locked(ctx: Context, lock: bool, event: Any) -> None:
    editing_of(ctx).drag.move(event, lock)


@command(
    "dragScrub(bool enable, Event event) -> void",
    tier="B",
    module=MODULE,
    doc="Scrub; enable scrubs even where scrubbing is disabled.",
)
def drag_scrub(ctx: Context, enable: bool, event: Any) -> None:
    editing_of(ctx).drag.scrub(event)


# -- parameters ----------------------------------------------------------------------------


@command(
    f"startParameterMode(string param, float scl, float reset, float minValue={_LEAST},"
    " (float;) granularity=nil, float precision=0.1) -> (void;Event)",
    tier="B",
    module=MODULE,
    doc="A handler that lets a property be changed by dragging, keys and the wheel.",
)
def start_parameter_mode(
    ctx: Context,
    prop: str | None,
    scale: float,
    reset: float,
    least: float,
    granularity: Callable[[], float] | None,
    precision: float,
) -> EventFunc:
    lowest = -math.inf if least < -3.4e38 else least

    def start(event: Any) -> None:
        unit = granularity() if granularity is not None else 0.0
        what = Parameter(prop or "", scale, reset, lowest, unit, precision)
        editing_of(ctx).parameters.start(what, event)

    return start


@command("paramPrompt() -> string", tier="B", module=MODULE, doc="What asks for a number.")
def param_prompt(ctx: Context) -> str:
    return editing_of(ctx).parameters.prompt()


@command("getParamValue() -> float", tier="B", module=MODULE, doc="The value that is edited.")
def get_param_value(ctx: Context) -> float:
    return editing_of(ctx).parameters.value()


@command("setParamValue(string text) -> void", tier="B", module=MODULE, doc="Set it to a number.")
def set_param_value(ctx: Context, text: str | None) -> None:
    editing_of(ctx).parameters.set_text(text or "")


@command(
    "setParamChannel(int chan, Event event) -> void",
    tier="B",
    module=MODULE,
    doc="Edit one channel of a colour (0, 1, 2), or all (-1).",
)
def set_param_channel(ctx: Context, channel: int, event: Any) -> None:
    editing_of(ctx).parameters.choose(channel, event)
