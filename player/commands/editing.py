"""What the user of one session types and drags at the moment.

The default bindings (``keys``, ``pointers``) and the functions of ``rvui`` that scripts bind
themselves (``rvui_editing``) act on the same things.
"""

from __future__ import annotations

from dataclasses import dataclass

from player.commands.context import Context
from player.commands.drags import Drag
from player.commands.parameters import ParameterMode
from player.commands.textentry import TextEntry

__all__ = ["Editing", "editing_of"]


@dataclass(frozen=True, slots=True)
class Editing:
    """The line that is typed, the parameter that is edited, the drag that goes on."""

    entry: TextEntry
    parameters: ParameterMode
    drag: Drag


def editing_of(ctx: Context) -> Editing:
    """What is edited in the session of ``ctx``."""
    if not isinstance(ctx.editing, Editing):
        entry = TextEntry(ctx)
        ctx.editing = Editing(entry, ParameterMode(ctx, entry), Drag(ctx))
    return ctx.editing
