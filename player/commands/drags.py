"""What a drag of the pointer does to the view and the playhead (``mu_rvui/rvui``)."""

from __future__ import annotations

from typing import Any

from player.commands.calling import Calls, category_enabled
from player.commands.context import Context
from player.commands.extra_playback import set_scale, set_translation

__all__ = ["Drag"]


class Drag:
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
