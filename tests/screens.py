"""A virtual X server for tests that look at real windows."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

__all__ = ["HAVE_XVFB", "VirtualScreen", "virtual_screen"]

HAVE_XVFB = shutil.which("Xvfb") is not None


class VirtualScreen:
    """`display` is what DISPLAY must be; `shot()` what is on the screen now."""

    def __init__(self, display: str, path: Path, size: tuple[int, int]) -> None:
        self.display = display
        self._path = path
        self._size = size

    @property
    def env(self) -> dict[str, str]:
        """The variables of a program that shall open its window here."""
        return {"DISPLAY": self.display, "SDL_VIDEODRIVER": "x11"}

    def shot(self) -> np.ndarray:
        """The X server's frame buffer (XWD) as (height, width, 3) RGB, a copy."""
        width, height = self._size
        data = self._path.read_bytes()
        header, colours = int.from_bytes(data[:4], "big"), int.from_bytes(data[76:80], "big")
        start = header + colours * 12
        pixels = np.frombuffer(data, np.uint8, width * height * 4, start)
        return pixels.reshape(height, width, 4)[..., 2::-1].copy()


@contextmanager
def virtual_screen(folder: Path, size: tuple[int, int] = (1280, 800)) -> Iterator[VirtualScreen]:
    """Xvfb for the length of a block."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size[0]}x{size[1]}x24",
         "-nolisten", "tcp", "-fbdir", str(folder)],
        pass_fds=[write], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        assert number, "Xvfb did not start"
        yield VirtualScreen(f":{number}", folder / "Xvfb_screen0", size)
    finally:
        server.terminate()
        server.wait(10)
