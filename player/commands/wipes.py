"""Wipes by the pointer: in mode ``wipe`` the edges of an image in a stack are dragged.

Pressing within a few pixels of an edge of the topmost image under the pointer takes hold of
it; the drag moves that side of the input's `stencil.visibleBox`, so that what lies below shows.
Elsewhere the pointer does what it always does.  Shift brings the whole image back.
(Open RV, ``mu_rvui/wipes``.)

A stack remembers in ``ui.wipes`` that its wipes are on, and a session file keeps it.  The mode is
on while such a stack is viewed and off elsewhere; the edges stay where they are.  (Open RV,
``viewChange`` of ``mu_rvui/mode_manager`` and the session manager's ``StackGroup_edit_mode``.)
"""

from __future__ import annotations

from typing import Any, Final

from player.commands.calling import Calls
from player.commands.context import Context
from player.commands.widgets import show_mode

__all__ = ["follow_view", "show_wipes"]

_WIPES: Final = "wipe"

_NEAR: Final = 20.0  # view pixels from an edge
_LEAST: Final = 0.02  # of the image that stays visible
_SIDES: Final = ("left", "right", "bottom", "top")


class _Wipe:
    """The edge in hand: property, side, and the image's own corners in view pixels."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._prop = ""
        self._side = 0
        self._box = (0.0, 0.0, 1.0, 1.0)

    def _found(self, at: tuple[float, float]) -> bool:
        """Look for an edge at a point of the view."""
        c, renderer = Calls(self._ctx), self._ctx.ports.renderer
        view, below = c.viewNode(), c.inputAtPixel(at)
        hits = [h for h in renderer.images_at(at[0], at[1], None, True) if h.inside]
        if view is None or not below or not hits:
            return False
        whole = renderer.image_geometry(hits[0].name, False)
        seen = renderer.image_geometry(hits[0].name, True)
        if len(whole) != 4 or len(seen) != 4:
            return False
        left, bottom = seen[0]
        right, top = seen[2]
        away = [abs(at[0] - left), abs(at[0] - right), abs(at[1] - bottom), abs(at[1] - top)]
        side = min(range(4), key=lambda i: away[i])
        prop = f"{view}_t_{below}.stencil.visibleBox"
        if away[side] > _NEAR or not c.propertyExists(prop):
            return False
        self._prop, self._side = prop, side
        self._box = (*whole[0], *whole[2])
        return True

    def push(self, event: Any) -> None:
        self._prop = ""
        if not self._found(event.pointer):
            event.reject()
        else:
            Calls(self._ctx, "extra_commands").displayFeedback(f"Wipe {_SIDES[self._side]}", 1.0)

    def drag(self, event: Any) -> None:
        if not self._prop:
            event.reject()
            return
        c = Calls(self._ctx)
        left, bottom, right, top = self._box
        across = self._side < 2
        low, high = (left, right) if across else (bottom, top)
        if high == low:
            return
        at = (event.pointer[0 if across else 1] - low) / (high - low)
        values = [float(v) for v in c.getFloatProperty(self._prop)]
        if len(values) != 4:
            values = [0.0, 1.0, 0.0, 1.0]
        other = values[self._side ^ 1]
        if self._side % 2 == 0:
            values[self._side] = min(max(0.0, at), other - _LEAST)
        else:
            values[self._side] = max(min(1.0, at), other + _LEAST)
        c.setFloatProperty(self._prop, values)
        c.redraw()

    def release(self, event: Any) -> None:
        if not self._prop:
            event.reject()
        self._prop = ""

    def whole(self, event: Any) -> None:
        """All of the image again."""
        if not self._found(event.pointer):
            event.reject()
            return
        Calls(self._ctx).setFloatProperty(self._prop, [0.0, 1.0, 0.0, 1.0])
        self._prop = ""


def show_wipes(ctx: Context, on: bool) -> None:
    """Switch mode ``wipe`` on, which the viewed stack remembers, or off, which it does not."""
    if on:
        c = Calls(ctx)
        flag = f"{c.viewNode()}.ui.wipes"
        Calls(ctx, "extra_commands").cprop(flag, 2)
        c.setIntProperty(flag, [1], True)
    if show_mode(ctx, _WIPES, on):
        _install(ctx)


def follow_view(ctx: Context) -> None:
    """Keep mode ``wipe`` as the viewed node has it, from now on."""
    session, modes = ctx.session, ctx.session.events.modes

    def follow(changed: bool) -> None:
        view = session.view
        wanted = (
            changed and view is not None and len(session.sources) > 0
            and view.type == "RVStackGroup" and list(view.get("ui.wipes")) == [1]
        )  # fmt: skip
        if modes.is_active(_WIPES) is not wanted:
            show_wipes(ctx, wanted)

    session.views.followers.append(follow)


def _install(ctx: Context) -> None:
    """Bind the pointer in mode ``wipe``, which must be defined."""
    wipe, events = _Wipe(ctx), ctx.session.events
    for name, run, doc in (
        ("pointer-1--push", wipe.push, ""),
        ("pointer-1--drag", wipe.drag, "Move the Edge of a Wipe"),
        ("pointer-1--release", wipe.release, ""),
        ("pointer-1--shift--push", wipe.whole, "Show the Whole Image"),
    ):
        events.bind(_WIPES, "global", name, run, doc, report_once=True, builtin=True)
