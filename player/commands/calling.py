"""Commands that are made of other commands call them through here.

An error of an inner command must carry the inner command's name (``in commands.nodeType: ...``),
which only the registry knows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from player.commands.context import Context
from player.commands.errors import CommandError, PropertyError
from player.commands.registry import REGISTRY

__all__ = ["Calls", "category_enabled", "listed"]

T = TypeVar("T")


class Calls:
    """``Calls(ctx).setFrame(5)`` runs the command ``setFrame`` of module ``commands``.

    The overload is the first that takes that many arguments; missing ones get their defaults.
    """

    __slots__ = ("_ctx", "_module")

    def __init__(self, ctx: Context, module: str = "commands") -> None:
        self._ctx = ctx
        self._module = module

    def __getattr__(self, name: str) -> Callable[..., Any]:
        overloads = REGISTRY.overloads(name, self._module)
        if not overloads:
            raise AttributeError(f"no command {self._module}.{name}")

        def call(*args: Any) -> Any:
            for entry in overloads:
                needed = sum(1 for p in entry.params if p.required)
                if needed <= len(args) <= len(entry.params):
                    break
            else:
                raise TypeError(f"{self._module}.{name}: no overload with {len(args)} arguments")
            defaults = [p.default for p in entry.params[len(args) :]]
            try:
                return entry.func(self._ctx, *args, *defaults)
            except CommandError as error:
                raise PropertyError(f"in {entry.full_name}: {error}") from None

        return call


def listed(values: Sequence[T | None] | None) -> list[T]:
    """The elements of a list argument. Raises PropertyError for nil, the list or in it, which
    RV's commands do not look for (they crash)."""
    found = [value for value in values if value is not None] if values is not None else []
    if values is None or len(found) != len(values):
        raise PropertyError("nil argument to function")
    return found


def category_enabled(ctx: Context, category: str) -> bool:
    """Whether actions of a category are allowed; if not, says so with the blocked event."""
    events = ctx.session.events
    if events.categories.is_enabled(category):
        return True
    events.send("category-event-blocked", category)
    return False
