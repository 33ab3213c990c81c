"""Module ``app_utils``: the short forms of bind that Mu packages use (``mu_rvui/app_utils``).

Forms with a category run the function only while that category of user actions is enabled;
otherwise they send ``category-event-blocked``. Functions without an event take the event all the
same: it is not rejected.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from player.commands.calling import Calls, category_enabled, listed
from player.commands.context import Context
from player.commands.registry import command

__all__: list[str] = []

MODULE = "app_utils"
VoidFunc = Callable[[], object]
EventFunc = Callable[[Any], object]


def _on_event(func: VoidFunc) -> EventFunc:
    return lambda event: func()


def _guarded(ctx: Context, category: str, func: EventFunc) -> EventFunc:
    def handler(event: Any) -> None:
        if category_enabled(ctx, category):
            func(event)

    return handler


@command("noop(Event ev) -> void", tier="C", module=MODULE, doc="Take an event.")
def noop(ctx: Context, event: Any) -> None:
    return None


@command("disabledItem() -> int", tier="C", module=MODULE, doc="DisabledMenuState.")
def disabled_item(ctx: Context) -> int:
    return -1


@command("enabledItem() -> int", tier="C", module=MODULE, doc="NeutralMenuState.")
def enabled_item(ctx: Context) -> int:
    return 0


@command(
    "makeEventFunc((void;) f) -> (void;Event)",
    tier="C",
    module=MODULE,
    doc="A handler that calls a function without the event.",
)
def make_event_func(ctx: Context, func: VoidFunc) -> EventFunc:
    return _on_event(func)


@command(
    "checkAndBlockEventCategory(string category) -> bool",
    tier="C",
    module=MODULE,
    doc="Whether a category is enabled; if not, says so with category-event-blocked.",
)
def check_and_block_event_category(ctx: Context, category: str) -> bool:
    return category_enabled(ctx, category or "")


@command(
    "makeCategoryEventFunc(string category, (void;Event) f) -> (void;Event)",
    tier="C",
    module=MODULE,
    doc="A handler that runs only while a category is enabled.",
)
def make_category_event_func(ctx: Context, category: str, func: EventFunc) -> EventFunc:
    return _guarded(ctx, category, func)


# -- bind: with or without mode and table, category, event -----------------------------------

_PLACE = "string mode, string table, "
_BIND = 'string {event}, {category}{kind} F, string doc=""'
_REGEX = "string eventRegex, {category}{kind} F"


def _register(name: str, template: str, placed: bool, category: bool, plain: bool) -> None:
    """One overload of ``bind`` or ``bindRegex``."""
    body = template.format(
        event="event" if placed else "ev",
        category="string category, " if category else "",
        kind="(void;)" if plain else "(void;Event)",
    )

    def run(ctx: Context, *args: Any) -> None:
        words = list(args)
        mode, table = (words.pop(0), words.pop(0)) if placed else ("default", "global")
        event = words.pop(0)
        wanted = words.pop(0) if category else None
        func = words.pop(0)
        if plain and func is not None:
            func = _on_event(func)
        if wanted is not None and func is not None:
            func = _guarded(ctx, wanted, func)
        getattr(Calls(ctx), name)(mode, table, event, func, words.pop(0) if words else "")

    command(
        f"{name}({_PLACE if placed else ''}{body}) -> void",
        tier="B",
        module=MODULE,
        doc='Bind a function, by default in mode "default", table "global".',
    )(run)


for _placed, _category, _plain in (
    (True, False, True),
    (True, True, True),
    (True, True, False),
    (False, False, True),
    (False, True, True),
    (False, False, False),
    (False, True, False),
):
    _register("bind", _BIND, _placed, _category, _plain)


for _placed, _category in ((True, False), (True, True), (False, False), (False, True)):
    _register("bindRegex", _REGEX, _placed, _category, True)


@command(
    "unbind(string ev) -> void",
    tier="B",
    module=MODULE,
    doc='Unbind an event in mode "default", table "global".',
)
def unbind(ctx: Context, event: str) -> None:
    Calls(ctx).unbind("default", "global", event)


@command(
    "reverse(string[] inarray) -> string[]",
    tier="C",
    module=MODULE,
    doc="The elements of an array from the last to the first.",
)
def reverse(ctx: Context, values: list[str | None]) -> list[str]:
    return listed(values)[::-1]
