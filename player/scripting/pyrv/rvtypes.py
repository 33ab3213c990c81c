"""``rv.rvtypes``: base classes of Python packages (RV manual, "Writing a package")."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import Any

from . import commands

__all__ = ["MinorMode", "Mode", "State", "Widget"]

Binding = tuple[str, Callable[[Any], object], str]


def _tell_toggled(name: str, active: bool) -> None:
    commands.redraw()
    commands.sendInternalEvent("mode-toggled", f"{name}|{active}", "Mode")


class State:
    """The per-session object that packages hang their own things on."""

    def __init__(self) -> None:
        self.minorModes: list[MinorMode] = []


class Mode:
    """A feature that can be switched on and off."""

    def __init__(self) -> None:
        self._active = False
        self._modeName: str | None = None
        self._menu: list[Any] | None = None
        self._supportFilesPath: str | None = None
        self._drawOnEmpty = self._drawOnPresentation = False

    def isActive(self) -> bool:
        return self._active

    def modeName(self) -> str | None:
        return self._modeName

    def drawOnEmpty(self) -> bool:
        return self._drawOnEmpty

    def drawOnPresentation(self) -> bool:
        return self._drawOnPresentation

    def activate(self) -> None:
        """Called right after the mode was switched on."""
        self._active = True

    def deactivate(self) -> None:
        """Called right before the mode is switched off."""
        self._active = False

    def toggle(self) -> None:
        """Switch the mode, redraw, and tell with the event ``mode-toggled``."""
        name = self._modeName or ""
        if self._active:
            self._active = False
            self.deactivate()
            commands.deactivateMode(name)
        else:
            self._active = True
            commands.activateMode(name)
            self.activate()
        _tell_toggled(name, self._active)

    def layout(self, event: Any) -> None:
        """Set margins or prepare drawing."""

    def render(self, event: Any) -> None:
        """Draw over the picture, with ``OpenGL.GL``."""

    def supportPath(self, module: ModuleType, packageName: str | None = None) -> str:
        """Folder of a package's support files."""
        return self._beside(module, "SupportFiles", packageName)

    def qmlPath(self, module: ModuleType, packageName: str | None = None) -> str:
        """Folder of a package's QML files."""
        return self._beside(module, "QML", packageName)

    def configPath(self, packageName: str) -> str:
        """A writable folder for a package's settings, made when it does not exist."""
        base = os.environ.get("TWK_APP_SUPPORT_PATH", "").split(os.pathsep)[0]
        folder = os.path.join(base or commands.cacheDir(), "ConfigFiles", packageName)
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
        except OSError:
            print(f"ERROR: mode config path failed to create directory {folder}")
        return folder

    @staticmethod
    def _beside(module: ModuleType, kind: str, package: str | None) -> str:
        root = os.path.dirname(os.path.dirname(module.__file__ or ""))
        return os.path.join(root, kind, package or module.__name__)


class MinorMode(Mode):
    """A mode with bindings; many can be active together."""

    def init(
        self,
        name: str,
        globalBindings: Iterable[Binding] | None,
        overrideBindings: Iterable[Binding] | None,
        menu: list[Any] | None = None,
        sortKey: str | None = None,
        ordering: int = 0,
    ) -> None:
        """Declare the mode and bind (event, function, documentation) triples in it."""
        self._modeName = name
        self._drawOnEmpty = self._drawOnPresentation = False
        commands.defineMinorMode(name, sortKey, ordering)
        for bindings in (globalBindings, overrideBindings):
            self.defineEventTable("global", bindings or ())
        self.setMenu(menu)

    def setMenu(self, menu: list[Any] | None) -> None:
        """Merge a menu into the mode's."""
        self._setMenu(menu, False)

    def setMenuStrict(self, menu: list[Any] | None) -> None:
        """Replace the mode's menu."""
        self._setMenu(menu, True)

    def _setMenu(self, menu: list[Any] | None, strict: bool) -> None:
        self._menu = [] if menu is None else menu
        commands.defineModeMenu(self._modeName or "", self._menu, strict)

    def defineEventTable(self, tableName: str, bindings: Iterable[Binding]) -> None:
        """Bind event names in a table of this mode."""
        for event, func, docs in bindings:
            commands.bind(self._modeName or "", tableName, event, func, docs)

    def defineEventTableRegex(self, tableName: str, bindings: Iterable[Binding]) -> None:
        """Bind patterns of event names in a table of this mode."""
        for event, func, docs in bindings:
            commands.bindRegex(self._modeName or "", tableName, event, func, docs)

    def urlDropFunc(self, url: str) -> tuple[None, None]:
        return (None, None)


class Widget(MinorMode):
    """A mode that occupies a rectangle of the view."""

    def init(
        self,
        name: str,
        globalBindings: Iterable[Binding] | None,
        overrideBindings: Iterable[Binding] | None,
        menu: list[Any] | None = None,
        sortKey: str | None = None,
        ordering: int = 0,
    ) -> None:
        self._x = self._y = 0.0
        self._w = self._h = 100.0
        self._downPoint = (0.0, 0.0)
        self._dragging = self._inCloseArea = self._containsPointer = False
        self._whichMargin = -1
        super().init(name, globalBindings, overrideBindings, menu, sortKey, ordering)

    def toggle(self) -> None:
        name = self._modeName or ""
        self._active = not self._active
        commands.writeSettings("Tools", "show_" + name, self._active)
        if self._active:
            commands.activateMode(name)
        else:
            commands.deactivateMode(name)
            self.updateMargins(False)
        _tell_toggled(name, self._active)

    def updateMargins(self, activated: bool) -> None:
        """Claim the margin this widget draws in, or give it back on every device."""
        side = self._whichMargin
        if side == -1:
            return
        if activated:
            margins = list(commands.margins())
            needed = float(self.requiredMarginValue())
            if margins[side] < needed:
                margins[side] = needed
                commands.setMargins((margins[0], margins[1], margins[2], margins[3]))
            return
        margins = [-1.0] * 4
        margins[side] = 0.0
        cleared = (margins[0], margins[1], margins[2], margins[3])
        commands.setMargins(cleared)
        commands.setMargins(cleared, True)

    def updateBounds(self, minp: Sequence[float], maxp: Sequence[float]) -> None:
        """Tell where the widget is."""
        self._x, self._y = minp[0], minp[1]
        self._w, self._h = maxp[0] - minp[0], maxp[1] - minp[1]
        name = self._modeName or ""
        if commands.isModeActive(name) and not self._dragging:
            lower = (float(minp[0]), float(minp[1]))
            upper = (float(maxp[0]), float(maxp[1]))
            commands.setEventTableBBox(name, "global", lower, upper)
            self.updateMargins(True)

    def contains(self, p: Sequence[float]) -> bool:
        return self._x <= p[0] <= self._x + self._w and self._y <= p[1] <= self._y + self._h

    def requiredMarginValue(self) -> float:
        """Width of the margin needed: 0 left, 1 right, 2 top, 3 bottom."""
        width, height = commands.viewSize()
        needed = {
            0: self._x + self._w,
            1: width - self._x,
            2: height - self._y,
            3: self._y + self._h,
        }
        return needed.get(self._whichMargin, 0.0)

    def drawInMargin(self, whichMargin: int) -> None:
        self._whichMargin = whichMargin

    def storeDownPoint(self, event: Any) -> None:
        self._downPoint = event.pointer()

    def drag(self, event: Any) -> None:
        """Follow the pointer; a widget in a margin stays there."""
        if self._whichMargin == -1:
            x, y = event.pointer()
            self._dragging = True
            if not self._inCloseArea:
                self._x += x - self._downPoint[0]
                self._y += y - self._downPoint[1]
            self.storeDownPoint(event)
            commands.redraw()

    def near(self, event: Any) -> bool:
        """Whether the pointer is at the closing corner (top left)."""
        x, y = event.relativePointer()
        top = float(event.subDomain()[1])
        return bool((x * x + (y - top) ** 2) ** 0.5 < 20)

    def move(self, event: Any) -> None:
        """Note where the pointer is; the closing corner is drawn when it comes near."""
        self._dragging = False
        corner = self.near(event)
        inside = self.contains(event.pointer())
        if corner != self._inCloseArea:
            commands.redraw()
        self._containsPointer, self._inCloseArea = inside, inside and corner
        event.reject()

    def release(self, event: Any, closeFunc: Callable[[], object] | None = None) -> None:
        """End a drag; at the closing corner, close (by default: switch off)."""
        self._dragging = False
        if self.near(event):
            close = self.toggle if closeFunc is None and self._active else closeFunc
            if close is not None:
                close()
            self._inCloseArea = False
        self.storeDownPoint(event)
