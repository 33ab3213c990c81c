"""Widgets over the picture as modes: RV's own are minor modes, and that is how scripts ask for
them (``isModeActive("timeline")``, ``rvui.wipeShown()``) and hear of them (``mode-toggled``).
(Open RV, ``mu_rvui/rvtypes``: ``MinorMode.toggle``, ``Widget.toggle``.)
"""

from __future__ import annotations

from player.commands.context import Context

__all__ = ["show_mode"]


def show_mode(ctx: Context, name: str, on: bool) -> bool:
    """Switch a widget's mode on or off and tell of it; True when it was defined just now."""
    modes = ctx.session.events.modes
    new = name not in modes.names()
    if new:
        modes.define_minor(name)
    if on:
        modes.activate(name)
    else:
        modes.deactivate(name)
    ctx.session.events.send("mode-toggled", f"{name}|{'true' if on else 'false'}", sender="Mode")
    return new
