"""RV's default bindings of the pointer: scrub, pan, zoom.

Button 1 scrubs (a click plays or stops, a double click views the input under the pointer),
button 2 or alt moves the view, control zooms about the point that was pressed; a pen does what
button 1 does.  (Open RV, ``mu_rvui/rvui``.)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from player.commands.calling import Calls, category_enabled
from player.commands.context import Context
from player.commands.extra_playback import set_scale, set_translation

__all__ = ["install_pointers"]

_STAY: Final = 10000.0  # seconds a mode's message stays
_CHANNEL: Final = ("red ", "green ", "blue ")


class _Drag:
    """View moves and scrubs of one session: what was the case when the button went down."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._translation = (0.0, 0.0)
        self._scale = 1.0
        self._frame = 1
        self._pushed = False
        self._scrubbed = False

    def begin_view(self, event: Any) -> None:
        extra = Calls(self._ctx, "extra_commands")
        x, y = extra.translation()
        self._translation, self._scale = (float(x), float(y)), float(extra.scale()) or 1.0

    def move(self, event: Any, lock: bool = False) -> None:
        height = max(1.0, event.domain[1])
        dx = (event.pointer[0] - event.reference[0]) / height
        dy = (event.pointer[1] - event.reference[1]) / height
        if lock:
            dx, dy = (dx, 0.0) if abs(dx) > abs(dy) else (0.0, dy)
        x, y = self._translation
        set_translation(self._ctx, (x + dx / self._scale, y + dy / self._scale))

    def zoom(self, event: Any) -> None:
        width, height = (max(1.0, v) for v in event.domain)
        old = self._scale
        dx = event.pointer[0] - event.reference[0]
        rate = abs(dx / width) * old * 2.0
        new = max(old + rate * (-0.75 if dx < 0 else 15.0 * rate), 0.01)
        left, right, top, bottom = self._ctx.session.ui.margins
        inner = max(height - top - bottom, 0.01)
        centre = (left + (width - left - right) / 2, bottom + inner / 2)
        shift = []
        for axis in (0, 1):
            focus = (centre[axis] - event.reference[axis]) / (old * inner)
            shift.append((focus / old - focus / new) * old + self._translation[axis])
        set_scale(self._ctx, new)
        set_translation(self._ctx, (shift[0], shift[1]))

    def begin_scrub(self, event: Any) -> None:
        self._frame = Calls(self._ctx).frame()
        self._pushed, self._scrubbed = True, False

    def scrub(self, event: Any) -> None:
        if not self._pushed:
            return
        c = Calls(self._ctx)
        dx = event.pointer[0] - event.reference[0]
        start, end = c.frameStart(), c.frameEnd()
        rate = min((end - start + 1) / max(1.0, event.domain[0]), 1 / 3)
        if abs(dx) >= 3.0:
            c.stop()
            self._scrubbed = True
        low, high = c.inPoint(), c.outPoint()
        frame = min(rate * dx + self._frame, float(end))
        if low <= self._frame <= high:
            frame = min(max(frame, low), high)
        c.setFrame(int(frame))
        c.redraw()

    def release_scrub(self, event: Any) -> None:
        clicked = self._pushed and not self._scrubbed
        self._pushed = False
        if clicked and category_enabled(self._ctx, "playcontrol_click_category"):
            Calls(self._ctx, "rvui").togglePlayFunc()

    def double(self, event: Any) -> None:
        c = Calls(self._ctx)
        if not c.sources():
            return
        if category_enabled(self._ctx, "playcontrol_click_category"):
            Calls(self._ctx, "rvui").togglePlayFunc()  # takes the first click back
        node = c.inputAtPixel(event.pointer)
        if node:
            c.setViewNode(node)


Handler = Callable[[Any], object]


def _view_bindings(drag: _Drag) -> list[tuple[str, str, Handler, str]]:
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
    drag = _Drag(ctx)

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
