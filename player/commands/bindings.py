"""Events, bindings and modes: section 8 of the vocabulary (``MuTwkApp/CommandsModule``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from player.commands.context import Context
from player.commands.errors import CommandError, EngineError
from player.commands.registry import command
from player.session.bindings import BindingError, NoSuchMode

__all__: list[str] = []

SECTION = "events"


def _text(*values: str | None) -> None:
    if any(value is None for value in values):
        raise CommandError("Nil argument to function")


@command(
    "bind(string modeName, string tableName, string eventName, (void;Event) func, "
    "string description=nil) -> void",
    tier="A",
    section=SECTION,
    doc="Bind a function to an event name in a table of a mode, replacing an earlier binding.",
)
def bind(
    ctx: Context, mode: str, table: str, event: str, func: Callable[[Any], object], doc: str | None
) -> None:
    _text(mode, table, event)
    if func is None:
        raise CommandError("Nil argument to function")
    try:
        ctx.session.events.bind(mode, table, event, func, doc or "", report_once=True)
    except BindingError as error:
        raise CommandError(str(error)) from None


@command(
    "bindRegex(string modeName, string tableName, string eventPattern, (void;Event) func, "
    "string description=nil) -> void",
    tier="A",
    section=SECTION,
    doc="Bind a function to all event names in which a POSIX extended expression is found.",
)
def bind_regex(
    ctx: Context,
    mode: str,
    table: str,
    pattern: str,
    func: Callable[[Any], object],
    doc: str | None,
) -> None:
    _text(mode, table, pattern)
    if func is None:
        raise CommandError("Nil argument to function")
    try:
        ctx.session.events.bind_regex(mode, table, pattern, func, doc or "", report_once=True)
    except NoSuchMode as error:
        raise CommandError(str(error)) from None
    except BindingError as error:  # a bad pattern is found below the commands in RV
        raise EngineError(str(error)) from None


@command(
    "unbind(string modeName, string tableName, string eventName) -> void",
    tier="A",
    section=SECTION,
    doc="Remove an exact binding; an event that is not bound is ignored.",
)
def unbind(ctx: Context, mode: str, table: str, event: str) -> None:
    _text(mode, table, event)
    try:
        ctx.session.events.unbind(mode, table, event)
    except BindingError as error:
        raise CommandError(str(error)) from None


@command(
    "unbindRegex(string modeName, string tableName, string eventName) -> void",
    tier="B",
    section=SECTION,
    doc="Remove a regular expression binding by its text.",
)
def unbind_regex(ctx: Context, mode: str, table: str, event: str) -> None:
    _text(mode, table, event)
    try:
        ctx.session.events.unbind_regex(mode, table, event)
    except BindingError as error:
        raise CommandError(str(error)) from None


@command(
    "bindings() -> (string,string)[]",
    tier="B",
    section=SECTION,
    doc="(event, documentation) of all active exact bindings, top table first.",
)
def bindings(ctx: Context) -> list[tuple[str, str]]:
    # RV's output engine has no user interface, so none of its bindings either
    return ctx.session.events.modes.bindings(builtin=ctx.session.profile != "output")


@command(
    "bindingDocumentation(string eventName, string modeName=nil, string tableName=nil) -> string",
    tier="B",
    section=SECTION,
    doc="Documentation of the binding that takes an event; nil when nothing does.",
)
def binding_documentation(
    ctx: Context, event: str, mode: str | None, table: str | None
) -> str | None:
    _text(event)
    try:
        return ctx.session.events.modes.documentation(event, mode, table)
    except BindingError as error:
        raise CommandError(str(error)) from None


@command(
    "sendInternalEvent(string eventName, string contents=nil, string senderName=nil) -> string",
    tier="A",
    section=SECTION,
    doc='Send a string event through the bindings; its return content, or "".',
)
def send_internal_event(ctx: Context, name: str, contents: str | None, sender: str | None) -> str:
    if name is None:
        raise CommandError("no event name specified")
    return ctx.session.events.send(name, contents or "", sender=sender or "").return_content


@command(
    "pushEventTable(string table) -> void",
    tier="B",
    section=SECTION,
    doc="Put an event table on top of the active stack.",
)
def push_event_table(ctx: Context, table: str) -> None:
    _text(table)
    ctx.session.events.push_event_table(table)


@command(
    "popEventTable() -> void",
    tier="B",
    section=SECTION,
    doc="Take the top event table off; the global one comes back when the stack is empty.",
)
def pop_event_table(ctx: Context) -> None:
    ctx.session.events.pop_event_table()


@command(
    "popEventTable(string table) -> void",
    tier="B",
    section=SECTION,
    doc="Take a named event table off the stack.",
)
def pop_named_event_table(ctx: Context, table: str) -> None:
    _text(table)
    try:
        ctx.session.events.pop_event_table(table)
    except BindingError as error:
        raise EngineError(str(error)) from None


@command(
    "activeEventTables() -> [string]",
    tier="B",
    section=SECTION,
    doc="Names of the active tables, bottom first, one for each mode that has one.",
)
def active_event_tables(ctx: Context) -> list[str]:
    return [table.name for table in ctx.session.events.modes.stack()]


@command(
    "activateMode(string name) -> void", tier="B", section=SECTION, doc="Switch a minor mode on."
)
def activate_mode(ctx: Context, name: str) -> None:
    _text(name)
    if not ctx.session.events.modes.activate(name):
        ctx.ports.ui.console(f"WARNING: tried to activate non-existant mode {name}\n")


@command(
    "deactivateMode(string name) -> void",
    tier="B",
    section=SECTION,
    doc="Switch a minor mode off.",
)
def deactivate_mode(ctx: Context, name: str) -> None:
    _text(name)
    ctx.session.events.modes.deactivate(name)


@command(
    "isModeActive(string name) -> bool",
    tier="B",
    section=SECTION,
    doc="Whether a mode is active.",
)
def is_mode_active(ctx: Context, name: str) -> bool:
    _text(name)
    return ctx.session.events.modes.is_active(name)


@command(
    "activeModes() -> [string]",
    tier="B",
    section=SECTION,
    doc="Names of the active modes, the major mode first.",
)
def active_modes(ctx: Context) -> list[str]:
    return ctx.session.events.modes.active()


@command(
    "defineMinorMode(string name, string sortKey=nil, int order=0) -> void",
    tier="B",
    section=SECTION,
    doc="Declare a minor mode; events meet active ones by order number, then sort key.",
)
def define_minor_mode(ctx: Context, name: str, sort_key: str | None, order: int) -> None:
    _text(name)
    try:
        ctx.session.events.modes.define_minor(name, sort_key, order)
    except BindingError as error:
        raise EngineError(str(error)) from None


@command(
    "defineModeMenu(string mode, MenuItem[] menu, bool strict=false) -> void",
    tier="C",
    section=SECTION,
    doc="Set the menu of a mode; menus are not shown by this player.",
)
def define_mode_menu(ctx: Context, mode: str, menu: list[Any] | None, strict: bool) -> None:
    if menu is None:
        return
    try:
        ctx.session.events.modes.find(mode)
    except BindingError as error:
        raise CommandError(str(error)) from None


@command(
    "setEventTableBBox(string modeName, string tableName, vector float[2] min, "
    "vector float[2] max) -> void",
    tier="C",
    section=SECTION,
    doc="Restrict a table to a rectangle of the view (remembered only).",
)
def set_event_table_bbox(
    ctx: Context,
    mode: str,
    table: str,
    lower: tuple[float, float],
    upper: tuple[float, float],
) -> None:
    _text(mode, table)
    bbox = (int(lower[0]), int(lower[1]), int(upper[0]), int(upper[1]))
    try:
        ctx.session.events.modes.set_bbox(mode, table, bbox)
    except BindingError as error:
        raise CommandError(str(error)) from None


@command(
    "enableEventCategory(string category) -> void",
    tier="B",
    section=SECTION,
    doc="Allow the user actions of a category again.",
)
def enable_event_category(ctx: Context, category: str | None) -> None:
    ctx.session.events.categories.enable(category or "")


@command(
    "disableEventCategory(string category) -> void",
    tier="B",
    section=SECTION,
    doc="Block the user actions of a category; they send category-event-blocked instead.",
)
def disable_event_category(ctx: Context, category: str | None) -> None:
    ctx.session.events.categories.disable(category or "")


@command(
    "isEventCategoryEnabled(string category) -> bool",
    tier="B",
    section=SECTION,
    doc="Whether a category is allowed; unknown ones are.",
)
def is_event_category_enabled(ctx: Context, category: str | None) -> bool:
    return ctx.session.events.categories.is_enabled(category or "")


@command(
    "setFilterLiveReviewEvents(bool shouldFilterEvents) -> void",
    tier="B",
    section=SECTION,
    doc="Block (true) or allow (false) all categories.",
)
def set_filter_live_review_events(ctx: Context, block: bool) -> None:
    ctx.session.events.categories.filter_all(block)
