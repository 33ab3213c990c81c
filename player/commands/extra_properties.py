"""``extra_commands`` about properties (``mu_rvui/extra_commands``)."""

from __future__ import annotations

from typing import Any

from player.commands.calling import Calls, listed
from player.commands.context import Context
from player.commands.registry import command

__all__ = ["set_values"]

MODULE = "extra_commands"

_SETTERS = {1: "setFloatProperty", 2: "setIntProperty", 8: "setStringProperty"}


def _create(ctx: Context, name: str, kind: int) -> None:
    c = Calls(ctx)
    if not c.propertyExists(name):
        c.newProperty(name, kind, 1)


def set_values(ctx: Context, name: str, kind: int, values: list[Any]) -> None:
    _create(ctx, name, kind)
    getattr(Calls(ctx), _SETTERS[kind])(name, values, True)


@command(
    "cprop(string name, int propType) -> void",
    tier="B",
    module=MODULE,
    section="properties",
    doc="Create a property of width 1 if it is missing.",
)
def cprop(ctx: Context, name: str, kind: int) -> None:
    _create(ctx, name, kind)


def _register_set(mu: str, kind: int, many: bool) -> None:
    def run(ctx: Context, name: str, value: Any) -> None:
        set_values(ctx, name, kind, listed(value) if many else [value])

    command(
        f"set(string name, {mu} value) -> void",
        tier="A",
        module=MODULE,
        section="properties",
        doc="Set a property, creating and resizing it as needed.",
    )(run)


for _mu, _kind, _many in (
    ("float[]", 1, True),
    ("int[]", 2, True),
    ("string[]", 8, True),
    ("float", 1, False),
    ("int", 2, False),
    ("string", 8, False),
):
    _register_set(_mu, _kind, _many)


@command(
    "appendToProp(string name, string value) -> void",
    tier="B",
    module=MODULE,
    section="properties",
    doc="Append to a string property, creating it if missing.",
)
def append_to_prop(ctx: Context, name: str, value: str) -> None:
    _create(ctx, name, 8)
    set_values(ctx, name, 8, [*Calls(ctx).getStringProperty(name), value])


@command(
    "removeFromProp(string name, string value) -> void",
    tier="B",
    module=MODULE,
    section="properties",
    doc="Remove all equal strings of a property.",
)
def remove_from_prop(ctx: Context, name: str, value: str) -> None:
    _create(ctx, name, 8)
    set_values(ctx, name, 8, [v for v in Calls(ctx).getStringProperty(name) if v != value])


@command(
    "existsInProp(string name, string value) -> bool",
    tier="B",
    module=MODULE,
    section="properties",
    doc="Whether a string property has a value.",
)
def exists_in_prop(ctx: Context, name: str, value: str) -> bool:
    return value in Calls(ctx).getStringProperty(name)
