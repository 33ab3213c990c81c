"""Mu's side of the interface: ``State`` and the module ``rvtypes``.

Mu packages begin with ``State state = data();`` and the type names of ``use rvtypes`` (Open RV,
``mu_rvui/rvtypes``). There is one object for the session; what a program stores in it stays, for
programs of all connections. Fields that the player's commands keep in
:class:`~player.session.uistate.UiState` are read and written there. What belongs to drawing
(``config``, widgets, the mode objects, messages on their way, timers of Qt) is absent: a program
that names it is unresolved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from player.mu.declarations import zero
from player.mu.types import ArrayType, ClassType
from player.mu.values import MuArray, MuObject
from player.session.uistate import UiState

__all__ = ["RVTYPES", "STATE_FIELDS", "new_state"]

STATE_FIELDS: Final = (
    ("scrubFrameOrigin", "int"),
    ("scrubbed", "bool"),
    ("pushed", "bool"),
    ("scrubDisabled", "bool"),
    ("clickToPlayDisabled", "bool"),
    ("playingBefore", "bool"),
    ("downPoint", "vector float[2]"),
    ("downScale", "float"),
    ("scrubAudio", "bool"),
    ("emptySessionStr", "string"),
    ("firstRender", "bool"),
    ("pointerInSession", "bool"),
    ("pixelInfo", "PixelImageInfo[]"),
    ("pointerPosition", "vector float[2]"),
    ("pointerPositionNormalized", "vector float[2]"),
    ("currentInput", "string"),
    ("perPixelFrame", "int"),
    ("perPixelPosition", "vector float[2]"),
    ("perPixelViewHash", "int"),
    ("perPixelInfoValid", "bool"),
    ("showInfoStrip", "bool"),
    ("stepWraps", "bool"),
    ("scrubClamps", "bool"),
    ("lockResizeScale", "bool"),
    ("loadingCount", "int"),
    ("bufferingCount", "int"),
    ("parameter", "string"),
    ("parameterValue", "float"),
    ("parameterScale", "float"),
    ("parameterReset", "float"),
    ("parameterMinValue", "float"),
    ("parameterGranularity", "(float;)"),
    ("parameterPrecision", "float"),
    ("parameterChannel", "int"),
    ("parameterLocked", "bool"),
    ("parameterNode", "string"),
    ("showMatte", "bool"),
    ("matteAspect", "float"),
    ("matteOpacity", "float"),
    ("textEntry", "bool"),
    ("textFunc", "(void;string)"),
    ("prompt", "string"),
    ("text", "string"),
    ("textOkWhenEmpty", "bool"),
    ("filestripX1", "float"),
    ("dragDropOccuring", "bool"),
    ("ddType", "int"),
    ("ddContent", "string"),
    ("ddRegion", "int"),
    ("ddDropFunc", "(void;int,string)"),
    ("ddFileKind", "int"),
    ("ddProgressiveDrop", "bool"),
    ("ddDropFiles", "string[]"),
    ("ddNoSequence", "bool"),
    ("lastPixelBlockTime", "float"),
    ("userActive", "bool"),
    ("unsavedChanges", "bool"),
    ("startupResize", "bool"),
    ("quitConfirmMessages", "(string,string)[]"),
)
"""(name, Mu type) of the fields of ``State``, in RV's order."""

RVTYPES: Final = """module: rvtypes {
VoidFunc := (void;);
EventFunc := (void; Event);
Vec2 := vector float[2];
Vec3 := vector float[3];
Vec4 := vector float[4];
Point := vector float[2];
Color := vector float[4];
BBox := vector float[4];
NameValueBounds := (vector float[2], float[4][], float[4][], int);
DropFunc := (void; int, string);
Glyph := (void; bool);
StringPair := (string, string);
MenuStateFunc := (int;);
BoolFunc := (bool;);
TextCommitFunc := (void; string);
PromptFunc := (string;);
Menu := MenuItem[];
MenusFunc := (MenuItem[][];);
DefaultDirFunc := (string;);
ConfirmFunc := (void; string);
Labels := string[];
BBoxes := vector float[4][];
BindingList := [(string, (void; Event), string)];
PixelSources := PixelImageInfo[];
DefaultFeedbackTextSize := 20.0;
DefaultGamma := 1.0;
DefaultHue := 0.0;
DefaultSaturation := 1.0;
DefaultContrast := 0.0;
DefaultExposure := 0.0;
DefaultOffset := 0.0;
union: RenderFunctionType { ImageSpaceRender | ViewSpaceRender }
}"""
"""The names that ``use rvtypes`` brings, as a Mu program."""

_INT_MAX: Final = 2**31 - 1
_INITIAL: Final[dict[str, Any]] = {
    "emptySessionStr": "Empty Session",
    "pointerInSession": True,
    "perPixelFrame": _INT_MAX,
    "perPixelPosition": (10.0, 10.0),
    "userActive": True,
}
_EMPTY: Final = ("ddDropFiles", "quitConfirmMessages")


class _Live(NamedTuple):
    """How a field is read from the interface's memory and written there."""

    read: Callable[[UiState], Any]
    write: Callable[[UiState, Any], None]


def _attribute(name: str) -> _Live:
    return _Live(lambda ui: getattr(ui, name), lambda ui, value: setattr(ui, name, value))


class _Fields(list[Any]):
    """The values of the state object; some live elsewhere."""

    def __init__(
        self, values: list[Any], ui: Callable[[], UiState], live: dict[int, _Live]
    ) -> None:
        super().__init__(values)
        self._ui = ui
        self._live = live

    def __getitem__(self, index: Any) -> Any:
        found = self._live.get(index)
        return super().__getitem__(index) if found is None else found.read(self._ui())

    def __setitem__(self, index: Any, value: Any) -> None:
        found = self._live.get(index)
        if found is None:
            super().__setitem__(index, value)
        else:
            found.write(self._ui(), value)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))


def new_state(kind: ClassType, ui: Callable[[], UiState]) -> MuObject:
    """The session's state object of class ``kind``, with RV's values of a new session."""
    types = dict(kind.fields)
    values = [zero(field) for field in types.values()]
    names = list(types)
    for name, value in _INITIAL.items():
        values[names.index(name)] = value
    for name in _EMPTY:
        array = types[name]
        assert isinstance(array, ArrayType)
        values[names.index(name)] = MuArray(array, [])
    live = {
        "scrubbed": _attribute("scrubbed"),
        "stepWraps": _attribute("step_wraps"),
        "showMatte": _attribute("show_matte"),
        "matteAspect": _Live(
            lambda ui: ui.matte_aspect or 1.85,
            lambda ui, value: setattr(ui, "matte_aspect", value),
        ),
        "matteOpacity": _attribute("matte_opacity"),
        "pointerPosition": _Live(
            lambda ui: ui.pointer or (0.0, 0.0),
            lambda ui, value: setattr(ui, "pointer", value),
        ),
    }
    at = {names.index(name): found for name, found in live.items()}
    return MuObject(kind, _Fields(values, ui, at))
