"""Module ``app_utils``: the short form of bind that Mu packages use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from player.commands.calling import Calls
from player.commands.context import Context
from player.commands.registry import command

__all__: list[str] = []


@command(
    'bind(string eventName, (void;Event) func, string description="") -> void',
    tier="B",
    module="app_utils",
    doc='Bind a function in mode "default", table "global".',
)
def bind(ctx: Context, event: str, func: Callable[[Any], object], doc: str | None) -> None:
    Calls(ctx).bind("default", "global", event, func, doc)


@command(
    "unbind(string eventName) -> void",
    tier="B",
    module="app_utils",
    doc='Unbind an event in mode "default", table "global".',
)
def unbind(ctx: Context, event: str) -> None:
    Calls(ctx).unbind("default", "global", event)
