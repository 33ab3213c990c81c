"""A window by SDL2, software only.

SDL's window surface on X11 goes through a software OpenGL unless
SDL_FRAMEBUFFER_ACCELERATION is 0 (twenty times slower), so the hint is set before the
window exists.  Under X pictures are made in memory that the server reads (`xpictures.py`),
elsewhere they are copied to the surface of the window.  They are as large as the window by
construction; while a resize is on its way the overlap is shown.  When the X server goes away
the sink is lost, not the process (`xguard.py`).
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from player.display.base import Bytes, OnInput, SinkLost, Status
from player.display.sdlinput import SdlInput
from player.display.xguard import XGuard
from player.display.xpictures import SharedPictures
from player.display.xwire import BadAnswer
from player.image.byteorder import put
from rvshell.errors import LocalError, MissingExtra

__all__ = ["WindowSink"]

_T = TypeVar("_T")
_UNSEEN = ("dummy", "offscreen", "evdev")  # what SDL falls back to: a window nobody can see
_ROOM = 0.9  # of the desktop, at most
_SMALLEST = 480  # pixels of the longer side


def _import_sdl() -> Any:
    os.environ.setdefault("PYSDL2_HIDE_DLL_MESSAGES", "1")  # no line of its own on stderr
    try:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import sdl2
    except ImportError:
        raise MissingExtra("sdl2", "player", purpose="the window") from None
    return sdl2


class WindowSink:
    """A resizable window; input becomes RV event names for *on_input*."""

    name = "window"
    has_input = True
    asks_itself = False
    whole = False

    def __init__(
        self, title: str = "player", width: int = 1280, height: int = 720, *,
        on_input: OnInput | None = None, full_screen: bool = False,
    ) -> None:  # fmt: skip
        self._sdl = sdl = _import_sdl()
        self._on_input = on_input
        sdl.SDL_SetHint(b"SDL_FRAMEBUFFER_ACCELERATION", b"0")
        sdl.SDL_SetHint(b"SDL_NO_SIGNAL_HANDLERS", b"1")
        sdl.SDL_SetHint(b"SDL_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR", b"0")
        self._window: Any = None
        if sdl.SDL_InitSubSystem(sdl.SDL_INIT_VIDEO) != 0:
            raise LocalError(
                f"no screen for a window: {self._why()}",
                hint="set DISPLAY, or use --display terminal",
            )
        driver = (sdl.SDL_GetCurrentVideoDriver() or b"").decode()
        if driver in _UNSEEN and not os.environ.get("SDL_VIDEODRIVER"):
            sdl.SDL_QuitSubSystem(sdl.SDL_INIT_VIDEO)
            raise LocalError(
                "no screen for a window: the desktop cannot be reached",
                hint="set DISPLAY, or use --display terminal",
            )
        flags = sdl.SDL_WINDOW_RESIZABLE
        if full_screen:
            flags |= sdl.SDL_WINDOW_FULLSCREEN_DESKTOP
        centred = sdl.SDL_WINDOWPOS_CENTERED
        self._window = sdl.SDL_CreateWindow(
            title.encode("utf-8", "replace"), centred, centred, width, height, flags
        )
        if not self._window:
            reason = self._why()
            sdl.SDL_QuitSubSystem(sdl.SDL_INIT_VIDEO)
            raise LocalError(f"the window cannot be opened: {reason}")
        self._title = title
        self._shown: Bytes | None = None
        self._input = SdlInput(sdl)
        self._guard = XGuard()
        number = self._guard.watch(sdl, self._window)
        self._shared = SharedPictures.open(number) if number else None

    def _why(self) -> str:
        return str(self._sdl.SDL_GetError().decode("utf-8", "replace")) or "unknown reason"

    def size(self) -> tuple[int, int]:
        if not self._window:
            return (1, 1)
        w, h = ctypes.c_int(), ctypes.c_int()
        self._sdl.SDL_GetWindowSize(self._window, ctypes.byref(w), ctypes.byref(h))
        return max(1, w.value), max(1, h.value)

    def pixel_aspect(self) -> float:
        return 1.0

    def canvas(self) -> Bytes | None:
        return self._attempt(lambda shared: shared.memory(*self.size()))

    def show(self, picture: Bytes) -> None:
        self._check()
        self._shown = picture
        canvas = self.canvas()
        if canvas is not None:
            if picture is not canvas:
                h, w = np.minimum(canvas.shape, picture.shape)[:2]
                put(canvas[:h, :w], picture[:h, :w])
            self._attempt(SharedPictures.show)
        if self._shared is None:
            self._show_by_sdl(picture)
        self._check()

    def _attempt(self, step: Callable[[SharedPictures], _T]) -> _T | None:
        """Something with the memory that the X server reads; when it fails, or there is none,
        None, and SDL shows the pictures from then on."""
        if self._shared is None:
            return None
        try:
            return step(self._shared)
        except (OSError, BadAnswer):
            self._shared.close()
            self._shared = None
            return None

    def _show_by_sdl(self, picture: Bytes) -> None:
        sdl = self._sdl
        surface = sdl.SDL_GetWindowSurface(self._window)
        if not surface:
            raise SinkLost(f"the window was lost: {self._why()}")
        self._blit(surface, picture)
        if sdl.SDL_UpdateWindowSurface(self._window) != 0:
            raise SinkLost(f"the window was lost: {self._why()}")

    def _check(self) -> None:
        if self._guard.lost:
            raise SinkLost("the X server went away")
        if not self._window:
            raise SinkLost("the window is closed")

    def _blit(self, surface: Any, picture: Bytes) -> None:
        sdl = self._sdl
        data = np.ascontiguousarray(picture)
        h, w = data.shape[:2]
        made = sdl.SDL_CreateRGBSurfaceWithFormatFrom(
            data.ctypes.data_as(ctypes.c_void_p), w, h, 32, w * 4, sdl.SDL_PIXELFORMAT_ABGR8888
        )
        sdl.SDL_SetSurfaceBlendMode(made, sdl.SDL_BLENDMODE_NONE)
        sdl.SDL_BlitSurface(made, None, surface, None)
        sdl.SDL_FreeSurface(made)

    # -- input -------------------------------------------------------------------------

    def poll(self) -> bool:
        sdl = self._sdl
        self._check()
        if self._shared is not None:
            self._attempt(SharedPictures.settle)
            if self._shared is None:  # the last one was refused
                self._repair()
        event = sdl.SDL_Event()
        while self._window and sdl.SDL_PollEvent(ctypes.byref(event)):
            if event.type == sdl.SDL_QUIT:
                return False
            if event.type == sdl.SDL_WINDOWEVENT:
                if event.window.event == sdl.SDL_WINDOWEVENT_CLOSE:
                    return False
                if event.window.event == sdl.SDL_WINDOWEVENT_EXPOSED:
                    self._repair()
            for made in self._input.translate(event, self.size()):
                if self._on_input is not None:
                    self._on_input(made)
        self._check()
        return True

    def _repair(self) -> None:
        """Something lay over the window: what it showed is put back."""
        if self._shown is not None:
            self.show(self._shown)

    def resize(self, width: int, height: int) -> None:
        """Make the window another size."""
        self._sdl.SDL_SetWindowSize(self._window, max(1, width), max(1, height))

    def fit(self, width: int, height: int) -> None:
        """Make the window as large as a picture, or as the desktop allows, aspect kept."""
        sdl = self._sdl
        if not self._window or width < 1 or height < 1:
            return
        fixed = sdl.SDL_WINDOW_FULLSCREEN_DESKTOP | sdl.SDL_WINDOW_MAXIMIZED
        if sdl.SDL_GetWindowFlags(self._window) & fixed:
            return
        bounds = sdl.SDL_Rect()
        screen = max(0, sdl.SDL_GetWindowDisplayIndex(self._window))
        if sdl.SDL_GetDisplayUsableBounds(screen, ctypes.byref(bounds)) == 0:
            k = min(1.0, _ROOM * bounds.w / width, _ROOM * bounds.h / height)
            k = max(k, min(1.0, _SMALLEST / max(width, height)))
            width, height = round(width * k), round(height * k)
        if max(width, height) < _SMALLEST:
            k = _SMALLEST / max(width, height)
            width, height = round(width * k), round(height * k)
        self.resize(width, height)
        centred = sdl.SDL_WINDOWPOS_CENTERED_DISPLAY(screen)
        sdl.SDL_SetWindowPosition(self._window, centred, centred)

    def set_full_screen(self, on: bool) -> None:
        flag = self._sdl.SDL_WINDOW_FULLSCREEN_DESKTOP if on else 0
        if self._window:
            self._sdl.SDL_SetWindowFullscreen(self._window, flag)

    def set_status(self, status: Status) -> None:
        title = status.title or status.text
        if self._window and title != self._title:
            self._title = title
            self._sdl.SDL_SetWindowTitle(self._window, title.encode("utf-8", "replace"))

    def close(self) -> None:
        if self._window:
            window, self._window = self._window, None
            if self._shared is not None:
                self._shared.close()
                self._shared = None
            if self._guard.lost:
                return  # nothing can be said to a server that is gone
            self._sdl.SDL_DestroyWindow(window)
            self._sdl.SDL_QuitSubSystem(self._sdl.SDL_INIT_VIDEO)
