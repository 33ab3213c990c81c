"""RV's default bindings of the pointer: scrub, pan, zoom.

Button 1 scrubs (a click plays or stops, a double click views the input under the pointer),
button 2 or alt moves the view, control zooms about the point that was pressed; a pen does what
button 1 does.  (Open RV, ``mu_rvui/rvui``.)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from player.commands.calling import Calls, category_enabled
from player.commands.context import Context
from player.commands.drags import Drag
from player.commands.editing import editing_of

__all__ = ["install_pointers"]


Handler = Callable[[Any], object]


def _view_bindings(drag: Drag) -> list[tuple[str, str, Handler, str]]:
    """Event, category, handler, documentation."""
    pan, play, view = "panzoom_category", "playcontrol_category", "viewmode_category"
    out: list[tuple[str, str, Handler, str]] = []

    def moves(head: str, category: str, *held: str) -> None:
        """Moving the view with some keys held; with shift as well along one axis."""
        for keys in held:
            locked = f"{head}--{keys}-shift" if keys else f"{head}--shift"
            if keys == "alt-control":
                locked = f"{head}--alt-shift-control"
            plain = f"{head}--{keys}" if keys else head
            out.extend(
                (
                    (f"{plain}--push", category, drag.begin_view, ""),
                    (f"{locked}--push", category, drag.begin_view, ""),
                    (f"{plain}--drag", category, drag.move, "Translate View"),
                    (f"{locked}--drag", category, partial(drag.move, lock=True), "Translate View"),
                )
            )

    moves("pointer-1", pan, "alt", "alt-control")
    moves("pointer-2", pan, "", "alt")
    moves("stylus-pen", view, "alt", "alt-control")
    for head, category, doc in (
        ("pointer-1--control", pan, ""),
        ("pointer-1-2--alt", pan, "Zoom View"),
        ("pointer-2--control", pan, "Zoom View"),
        ("stylus-pen--control", view, ""),
    ):
        out += [
            (f"{head}--push", category, drag.begin_view, ""),
            (f"{head}--drag", category, drag.zoom, doc),
        ]
    out += [
        ("pointer-1-2--alt-shift--push", pan, drag.begin_view, ""),
        ("pointer-2--control-shift--push", pan, drag.begin_view, ""),
    ]
    for head, held in (
        ("pointer-1", play),
        ("pointer-1--control-shift", play),
        ("stylus-pen", view),
        ("stylus-pen--control-shift", play),
    ):
        out += [
            (f"{head}--push", held, drag.begin_scrub, ""),
            (f"{head}--drag", play, drag.scrub, "Scrub Frames"),
            (f"{head}--release", held, drag.release_scrub, ""),
        ]
    out.append(("pointer-1--double", play, drag.double, ""))
    return out


def install_pointers(ctx: Context) -> None:
    """Bind the pointer in the session of ``ctx``."""
    events = ctx.session.events
    drag = editing_of(ctx).drag

    def guarded(category: str, run: Handler) -> Handler:
        def handle(event: Any) -> None:
            if category_enabled(ctx, category):
                run(event)

        return handle

    def inspect(event: Any) -> None:
        if category_enabled(ctx, "info_category"):
            Calls(ctx, "rvui").toggleColorInspector()
        event.reject()  # the inspector has a use for it

    for name, category, run, doc in _view_bindings(drag):
        events.bind(
            "default", "global", name, guarded(category, run), doc, report_once=True, builtin=True
        )
    for pointer in ("pointer-1", "stylus-pen"):
        events.bind(
            "default", "global", f"{pointer}--shift--push", inspect, "Color Inspector",
            report_once=True, builtin=True,
        )  # fmt: skip
