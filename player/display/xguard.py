"""Surviving the X server.

When its connection breaks, Xlib calls an I/O error handler and then ends the process.
Since libX11 1.7 the second step can be replaced for each display
(`XSetIOErrorExitHandler`); then every later call on that display returns at once with
nothing.  On an older libX11 the handler never returns: it parks the display thread, the
rest of the player goes on.
"""

from __future__ import annotations

import ctypes
import threading
from typing import Any

__all__ = ["XGuard"]

_EXIT_HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
_IO_HANDLER = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_kept: list[Any] = []  # callbacks that C code holds must outlive every window


class XGuard:
    """Notices that the display of a window is gone; `lost` tells."""

    def __init__(self) -> None:
        self.lost = False

    def _gone(self, display: int | None, data: int | None) -> None:
        self.lost = True

    def _quiet(self, display: int | None) -> int:
        self.lost = True
        return 0

    def _park(self, display: int | None) -> int:
        self.lost = True
        threading.Event().wait()
        return 0

    def watch(self, sdl: Any, window: Any) -> int:
        """Guard the display of an SDL window; its number on the X server, or 0 for other
        drivers than X11, where there is nothing to do."""
        info = sdl.SDL_SysWMinfo()
        sdl.SDL_VERSION(info.version)
        if not sdl.SDL_GetWindowWMInfo(window, ctypes.byref(info)):
            return 0
        if info.subsystem != sdl.SDL_SYSWM_X11:
            return 0
        number = int(info.info.x11.window)
        try:
            x11 = ctypes.CDLL("libX11.so.6")
        except OSError:
            return number
        per_display = getattr(x11, "XSetIOErrorExitHandler", None)
        handler = _IO_HANDLER(self._quiet if per_display is not None else self._park)
        _kept.append(handler)
        x11.XSetIOErrorHandler.argtypes = [_IO_HANDLER]
        x11.XSetIOErrorHandler(handler)
        if per_display is not None:
            leave = _EXIT_HANDLER(self._gone)
            _kept.append(leave)
            per_display.argtypes = [ctypes.c_void_p, _EXIT_HANDLER, ctypes.c_void_p]
            per_display(info.info.x11.display, leave, None)
        return number
