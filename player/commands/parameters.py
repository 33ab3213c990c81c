"""Editing a parameter: event table ``paramscrub`` (``mu_rvui/rvui``, startParameterMode).

A key starts the mode; the next drag, the wheel, ``+`` and ``-`` change the value, ``r g b c``
choose the channel of a colour, ``R`` or delete resets, enter asks for a number, ``l`` locks
the mode until escape, any other key ends it. A parameter with a granularity (stereo offsets)
is shown and typed in units of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from player.commands.calling import Calls
from player.commands.context import Context
from player.commands.extra_playback import feedback
from player.commands.rvui_marks import ScriptErrors
from player.commands.textentry import TextEntry

__all__ = ["PARAMETERS", "Parameter", "ParameterMode"]

_STAY: Final = 100_000.0  # seconds the mode's message stays
_CHANGING: Final = 10_000.0
_CHANNELS: Final = ("red ", "green ", "blue ")
_WHOLE, _PLAIN = -2, -1  # channels: all of a colour; no colour


@dataclass(frozen=True, slots=True)
class Parameter:
    """What is edited: property, change over the view's width, value of a reset, least value,
    unit in which it is shown (0: as it is) and the precision of that."""

    prop: str
    scale: float
    reset: float
    least: float = -math.inf
    unit: float = 0.0
    precision: float = 0.1


def _offset(prop: str) -> Parameter:
    return Parameter(prop, 0.05, 0.0, unit=0.01, precision=0.01)


PARAMETERS: Final = {
    "gamma": Parameter("#RVColor.color.gamma", 4.0, 1.0, 0.0),
    "exposure": Parameter("#RVColor.color.exposure", 4.0, 0.0),
    "brightness": Parameter("@RVDisplayColor.color.brightness", 4.0, 0.0),
    "saturation": Parameter("#RVColor.color.saturation", 2.0, 1.0, 0.0),
    "hue": Parameter("#RVColor.color.hue", math.pi, 0.0),
    "contrast": Parameter("#RVColor.color.contrast", 0.4, 0.0),
    "globalVolume": Parameter("#RVSoundTrack.audio.volume", 1.0, 1.0, 0.0),
    "stereoOffset": _offset("@RVDisplayStereo.stereo.relativeOffset"),
    "stereoROffset": _offset("@RVDisplayStereo.stereo.rightOffset"),
    "sourceStereoOffset": _offset("#RVSourceStereo.stereo.relativeOffset"),
    "sourceStereoROffset": _offset("#RVSourceStereo.stereo.rightOffset"),
}
"""By RV's name of the mode, without ``Mode``."""

Handler = Callable[[Any], object]


class ParameterMode:
    """The parameter mode of one session."""

    def __init__(self, ctx: Context, entry: TextEntry) -> None:
        self._ctx = ctx
        self._what = PARAMETERS["exposure"]
        self._prop = self._what.prop
        self._channel = _PLAIN
        self._begun = 0.0
        self._locked = False
        self._enter = entry.starter(self.prompt, self.set_text)

    # -- beginning and end -------------------------------------------------------------------

    def start(self, what: Parameter, event: Any) -> None:
        c = Calls(self._ctx)
        if not c.sources():
            return
        try:
            width = c.propertyInfo(what.prop).dimensions[0]
        except ScriptErrors:
            feedback(self._ctx, f"Edit mode not available ({what.prop})")
            return
        self._ctx.session.events.push_event_table("paramscrub")
        self._what, self._prop, self._locked = what, what.prop, False
        self._channel = _WHOLE if width == len(_CHANNELS) else _PLAIN
        self._told()

    def end(self, event: Any, force: bool = False) -> None:
        if not force and event is not None and event.name == "key-down--shift--shift":
            return  # or no shifted key could ever be typed
        if force:
            self._locked = False
        if self._locked:
            return
        self._finished(self._rounded(self.value()))

    def leave(self, event: Any) -> None:
        self.end(event, force=True)

    def _finished(self, value: float) -> None:
        feedback(self._ctx, f"Finished Editing {self._name()} => {self._shown(value)}")
        events = self._ctx.session.events
        if any(table.name == "paramscrub" for table in events.modes.stack()):
            events.pop_event_table("paramscrub")

    # -- what is edited ----------------------------------------------------------------------

    def _name(self) -> str:
        prefix = _CHANNELS[self._channel] if self._channel >= 0 else ""
        return prefix + self._prop.rsplit(".", 1)[1]

    def _told(self, note: str = "") -> None:
        feedback(self._ctx, f"Edit {self._name()} ({note}? for hotkey help)", _STAY)

    def prompt(self) -> str:
        """What is asked for when a number is typed."""
        return f"Set {self._name()}: "

    def value(self) -> float:
        """The value that is edited, of a colour the first one."""
        return float(Calls(self._ctx).getFloatProperty(self._prop)[max(0, self._channel)])

    def _rounded(self, value: float) -> float:
        """The value in units of the parameter."""
        what = self._what
        if not what.unit:
            return value
        steps = 1.0 / what.precision
        return int(steps * value / what.unit + 0.5) / steps

    def _shown(self, value: float) -> str:
        return f"{value:g}" if self._what.unit else f"{value:.2f}"

    def _write(self, change: Callable[[float], float]) -> None:
        c = Calls(self._ctx)
        try:
            values = [float(v) for v in c.getFloatProperty(self._prop)]
            for i in range(len(values)):
                if self._channel < 0 or i == self._channel:
                    values[i] = change(values[i])
            c.setFloatProperty(self._prop, values)
        except (*ScriptErrors, IndexError) as error:
            feedback(self._ctx, f"Unable to fill property values: {error}")

    def _move_to(self, value: float, shown: float) -> None:
        delta = value - self.value()
        feedback(self._ctx, f"{self._name()} => {self._shown(shown)}", _CHANGING)
        self._write(lambda old: old + delta)
        Calls(self._ctx).redraw()

    # -- changing it -------------------------------------------------------------------------

    def begin(self, event: Any) -> None:
        self._begun = self.value()

    def drag(self, event: Any) -> None:
        dx = (event.pointer[0] - event.reference[0]) / max(1.0, event.domain[0])
        shown = self._rounded(max(dx * self._what.scale + self._begun, self._what.least))
        self._move_to(shown * (self._what.unit or 1.0), shown)

    def step(self, way: int, event: Any) -> None:
        what, old = self._what, self.value()
        value = max(old + way * 0.05 * what.scale, what.least)
        if what.unit:
            steps = 1.0 / what.precision
            rounder = 0.5 if old * way < 0.0 else 1.5
            value = int(steps * old / what.unit + way * rounder) / steps * what.unit
        self._move_to(value, value)

    def more(self, event: Any) -> None:
        self.step(1, event)

    def less(self, event: Any) -> None:
        self.step(-1, event)

    def choose(self, channel: int, event: Any) -> None:
        if self._channel == _PLAIN:
            return
        self._channel = _WHOLE if self._channel >= 0 > channel else channel
        self._told()

    def select_tile(self, event: Any) -> None:
        """Edit the node of the picture under the pointer only."""
        c = Calls(self._ctx)
        node, component, name = self._what.prop.split(".")
        if not node.startswith("#"):
            return
        label = ""
        for image in c.imagesAtPixel(self._ctx.session.ui.pointer or (0.0, 0.0), None, True):
            if not image.inside:
                continue
            found = Calls(self._ctx, "extra_commands").associatedNode(node[1:], image.node)
            if found:
                node, label = found, f"'{Calls(self._ctx, 'extra_commands').uiName(found)}' "
                break
        self._prop = f"{node}.{component}.{name}"
        feedback(self._ctx, f"Edit {label}{self._name()} (? for hotkey help)", _STAY)

    def set_text(self, text: str) -> None:
        """What was typed, or the value of a reset."""
        value = float(text)
        shown = f"{self._name()} => {self._shown(value)}"
        self._write(lambda old: value * (self._what.unit or 1.0))
        if self._locked:
            feedback(self._ctx, f"Set {shown}", _CHANGING)
        else:
            self._finished(value)
        Calls(self._ctx).redraw()

    def reset(self, event: Any) -> None:
        self.set_text(str(self._what.reset))

    def lock(self, event: Any) -> None:
        self._locked = not self._locked
        self._told("locked, ESC to exit, " if self._locked else "unlocked, ")

    def help(self, event: Any) -> None:
        c = Calls(self._ctx)
        channels = ", r/g/b=channel" if self._channel != _PLAIN else ""
        tiles = c.nodeType(c.viewNode() or "") in ("RVStackGroup", "RVLayoutGroup")
        feedback(
            self._ctx,
            f"Edit {self._name()}: +/-/scrub/wheel=modify{channels}, DEL=reset, RET=input, "
            f"ESC=quit, l=lock{', s=select tile' if tiles else ''}",
            _CHANGING,
        )

    # -- bindings ----------------------------------------------------------------------------

    def bindings(self) -> list[tuple[str, Handler, str]]:
        """Event, handler and documentation, in table ``paramscrub``."""
        pointers = ("pointer-1", "stylus-pen")
        return [
            *((f"{p}--push", self.begin, "") for p in pointers),
            *((f"{p}--drag", self.drag, "Scrub Modify") for p in pointers),
            *((f"{p}--release", self.end, "") for p in pointers),
            ("key-down--?", self.help, "Help on Edit"),
            *(
                (f"key-down--{key}", self.reset, "Reset Edit to Default")
                for key in ("R", "delete", "backspace")
            ),
            ("key-down--s", self.select_tile, "Select Tile for Param Editing"),
            ("key-down--r", partial(self.choose, 0), "Edit Red Channel"),
            ("key-down--g", partial(self.choose, 1), "Edit Green Channel"),
            ("key-down--b", partial(self.choose, 2), "Edit Blue Channel"),
            ("key-down--c", partial(self.choose, -1), "Edit All Channels"),
            ("key-down--l", self.lock, "Lock/Unlock Param Edit Mode"),
            *((f"key-down--{key}", self.more, "Edit Increment") for key in "=+"),
            *((f"key-down--{key}", self.less, "Edit Decrement") for key in "-_"),
            ("pointer--wheelup", self.more, "Edit Increment"),
            ("pointer--wheeldown", self.less, "Edit Decrement"),
            *(
                (f"key-down--{key}", self._enter, "Edit Enter Value Directly")
                for key in ("enter", "keypad-enter")
            ),
        ]

    def patterns(self) -> list[tuple[str, Handler, str]]:
        """The same for regular expressions, in the order in which they are tried."""
        return [
            (
                "key-down--(keypad-)?[0-9.].*",
                self._enter,
                "Edit Enter Value Directly and Self Insert",
            ),
            ("key-down-- ", self.leave, ""),
            ("key-down--escape", self.leave, ""),
            ("key-down--q", self.leave, ""),
            ("key-down.*", self.end, ""),
        ]
