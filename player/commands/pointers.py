"""RV's default bindings of the pointer: scrub, pan, zoom, and dragging a parameter.

Button 1 scrubs (a click plays or stops, a double click views the input under the pointer),
button 2 or alt moves the view, control zooms about the point that was pressed.  A parameter
mode (`e` exposure, `y` gamma, `k` contrast, `S` saturation, `h` hue, `B` brightness) takes the
next drag, the wheel, `+` and `-`; `r`, `g`, `b`, `c` choose the channel, `R` resets, `l` stays
until escape.  (Open RV, ``mu_rvui/rvui``.)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from player.commands.calling import Calls, category_enabled
from player.commands.context import Context
from player.commands.extra_playback import feedback, set_scale, set_translation
from player.commands.rvui_marks import ScriptErrors

__all__ = ["PARAMETERS", "install_pointers"]

_STAY: Final = 10000.0  # seconds a mode's message stays
_CHANNEL: Final = ("red ", "green ", "blue ")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a parameter key edits: property, change over the view's width, reset, least value."""

    prop: str
    scale: float
    reset: float
    least: float = -math.inf


PARAMETERS: Final = {
    "y": Parameter("#RVColor.color.gamma", 4.0, 1.0, 0.0),
    "e": Parameter("#RVColor.color.exposure", 4.0, 0.0),
    "B": Parameter("@RVDisplayColor.color.brightness", 4.0, 0.0),
    "S": Parameter("#RVColor.color.saturation", 2.0, 1.0, 0.0),
    "h": Parameter("#RVColor.color.hue", math.pi, 0.0),
    "k": Parameter("#RVColor.color.contrast", 0.4, 0.0),
}
"""By the key that starts editing."""


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


class _Edit:
    """The parameter mode of one session: table `paramscrub`."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._what = PARAMETERS["e"]
        self._channel = -1  # -2: all of a colour; -1: not a colour
        self._begun = 0.0
        self._locked = False

    def start(self, key: str) -> None:
        c = Calls(self._ctx)
        what = PARAMETERS[key]
        if not c.sources():
            return
        try:
            values = c.getFloatProperty(what.prop)
        except ScriptErrors:
            values = []
        if not values:
            feedback(self._ctx, f"Edit mode not available ({what.prop})")
            return
        self._what, self._locked = what, False
        self._channel = -2 if len(values) == 3 else -1
        self._ctx.session.events.push_event_table("paramscrub")
        feedback(self._ctx, f"Edit {self._name()} (? for hotkey help)", _STAY)

    def _name(self) -> str:
        prefix = _CHANNEL[self._channel] if self._channel >= 0 else ""
        return prefix + self._what.prop.rsplit(".", 1)[1]

    def _value(self) -> float:
        values = Calls(self._ctx).getFloatProperty(self._what.prop)
        return float(values[max(0, self._channel)])

    def _set(self, value: float) -> None:
        c = Calls(self._ctx)
        value = max(value, self._what.least)
        delta = value - self._value()
        values = [float(v) for v in c.getFloatProperty(self._what.prop)]
        for i in range(len(values)):
            if self._channel < 0 or i == self._channel:
                values[i] += delta
        c.setFloatProperty(self._what.prop, values)
        feedback(self._ctx, f"{self._name()} => {value:.2f}", _STAY)
        c.redraw()

    def begin(self, event: Any) -> None:
        self._begun = self._value()

    def drag(self, event: Any) -> None:
        dx = (event.pointer[0] - event.reference[0]) / max(1.0, event.domain[0])
        self._set(dx * self._what.scale + self._begun)

    def step(self, way: int) -> None:
        self._set(self._value() + way * 0.05 * self._what.scale)

    def choose(self, channel: int) -> None:
        if self._channel != -1:
            self._channel = channel
            feedback(self._ctx, f"Edit {self._name()} (? for hotkey help)", _STAY)

    def reset(self, event: Any) -> None:
        self._set(self._what.reset)
        self.end(event)

    def lock(self, event: Any) -> None:
        self._locked = not self._locked
        state = "locked, ESC to exit" if self._locked else "unlocked"
        feedback(self._ctx, f"Edit {self._name()} ({state}, ? for hotkey help)", _STAY)

    def help(self, event: Any) -> None:
        text = "drag or wheel or +/-: change  r g b c: channel  R: reset  l: lock  escape: leave"
        feedback(self._ctx, text, _STAY)

    def end(self, event: Any, force: bool = False) -> None:
        if event is not None and event.name.endswith("--shift--shift"):
            return  # or no shifted key could ever be typed
        if self._locked and not force:
            return
        self._locked = False
        feedback(self._ctx, f"Finished Editing {self._name()} => {self._value():.2f}")
        if any(t.name == "paramscrub" for t in self._ctx.session.events.modes.stack()):
            self._ctx.session.events.pop_event_table("paramscrub")


Handler = Callable[[Any], object]


def _start(edit: _Edit, key: str, event: Any) -> None:
    edit.start(key)


def _view_bindings(drag: _Drag) -> list[tuple[str, str, Handler, str]]:
    pan, play = "panzoom_category", "playcontrol_category"
    out: list[tuple[str, str, Handler, str]] = []
    for head in ("1--alt", "1--alt-control", "2", "2--alt"):
        join = "--" if "--" not in head else "-"
        out += [
            (f"{head}--push", pan, drag.begin_view, ""),
            (f"{head}{join}shift--push", pan, drag.begin_view, ""),
            (f"{head}--drag", pan, drag.move, "Translate View"),
            (f"{head}{join}shift--drag", pan, lambda e: drag.move(e, True), "Translate View"),
        ]
    for head in ("1--control", "1-2--alt", "2--control"):
        out += [
            (f"{head}--push", pan, drag.begin_view, ""),
            (f"{head}--drag", pan, drag.zoom, "Zoom View"),
        ]
    for head in ("1", "1--control-shift"):
        out += [
            (f"{head}--push", play, drag.begin_scrub, ""),
            (f"{head}--drag", play, drag.scrub, "Scrub Frames"),
            (f"{head}--release", play, drag.release_scrub, ""),
        ]
    out.append(("1--double", play, drag.double, "View the Input Under the Pointer"))
    return out


def _edit_bindings(edit: _Edit) -> list[tuple[str, Handler, str]]:
    return [
        ("pointer-1--push", edit.begin, ""),
        ("pointer-1--drag", edit.drag, "Scrub Modify"),
        ("pointer-1--release", edit.end, ""),
        ("pointer--wheelup", lambda e: edit.step(1), "Edit Increment"),
        ("pointer--wheeldown", lambda e: edit.step(-1), "Edit Decrement"),
        *((f"key-down--{k}", lambda e: edit.step(1), "Edit Increment") for k in "=+"),
        *((f"key-down--{k}", lambda e: edit.step(-1), "Edit Decrement") for k in "-_"),
        ("key-down--?", edit.help, "Help on Edit"),
        ("key-down--l", edit.lock, "Lock/Unlock Param Edit Mode"),
        ("key-down--c", lambda e: edit.choose(-2), "Edit All Channels"),
        ("key-down--r", lambda e: edit.choose(0), "Edit Red Channel"),
        ("key-down--g", lambda e: edit.choose(1), "Edit Green Channel"),
        ("key-down--b", lambda e: edit.choose(2), "Edit Blue Channel"),
        *(
            (f"key-down--{k}", edit.reset, "Reset Edit to Default")
            for k in ("R", "delete", "backspace")
        ),
    ]


def install_pointers(ctx: Context) -> None:
    """Bind the pointer and the parameter keys in the session of ``ctx``."""
    events = ctx.session.events
    drag, edit = _Drag(ctx), _Edit(ctx)

    def guarded(category: str, run: Handler) -> Handler:
        def handle(event: Any) -> None:
            if category_enabled(ctx, category):
                run(event)

        return handle

    def bind(table: str, name: str, run: Handler, doc: str) -> None:
        events.bind("default", table, name, run, doc, report_once=True, builtin=True)

    for name, category, run, doc in _view_bindings(drag):
        bind("global", f"pointer-{name}", guarded(category, run), doc)
    inspect = guarded("info_category", lambda e: Calls(ctx, "rvui").toggleColorInspector())
    bind("global", "pointer-1--shift--push", inspect, "Color Inspector")
    for key, what in PARAMETERS.items():
        word = what.prop.rsplit(".", 1)[1].capitalize()
        category = "viewmode_category" if what.prop[0] == "@" else "source_category"
        start = guarded(category, partial(_start, edit, key))
        bind("global", f"key-down--{key}", start, f"Edit {word}")
    for name, run, doc in _edit_bindings(edit):
        bind("paramscrub", name, run, doc)
    for pattern, force in (("key-down--( |escape|q)$", True), ("key-down.*", False)):
        events.bind_regex(
            "default", "paramscrub", pattern, partial(edit.end, force=force), "Leave Edit Mode",
            report_once=True,
        )  # fmt: skip
