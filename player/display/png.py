"""Sinks without a screen: `null` counts pictures, `png` writes the latest one to a file (PNG or
EXR)."""

from __future__ import annotations

import os
import struct
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from player.display.base import Bytes, SinkLost, Status
from player.image.export import write_image

__all__ = ["NullSink", "PngSink", "encode_png"]


def encode_png(picture: Bytes, *, level: int = 3) -> bytes:
    """RGB(A) uint8 (h, w, 3 or 4), top row first, as a PNG file."""
    h, w, c = picture.shape
    colour = {3: 2, 4: 6}[c]
    rows = np.zeros((h, 1 + w * c), np.uint8)
    rows[:, 1:] = picture.reshape(h, -1)

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", w, h, 8, colour, 0, 0, 0)
    data = zlib.compress(rows.tobytes(), level)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


class NullSink:
    """Shows nothing; remembers the last picture and counts them."""

    name = "null"
    has_input = False
    asks_itself = False
    whole = False

    def __init__(self, width: int = 1280, height: int = 720) -> None:
        self._size = (width, height)
        self.shown = 0
        self.last: Bytes | None = None

    def size(self) -> tuple[int, int]:
        return self._size

    def resize(self, width: int, height: int) -> None:
        """Ask for pictures of another size from now on."""
        self._size = (max(1, width), max(1, height))

    def pixel_aspect(self) -> float:
        return 1.0

    def canvas(self) -> None:
        return None

    def show(self, picture: Bytes) -> None:
        self.shown += 1
        self.last = picture

    def poll(self) -> bool:
        return True

    def set_full_screen(self, on: bool) -> None:
        return None

    def set_status(self, status: Status) -> None:
        return None

    def fit(self, width: int, height: int) -> None:
        return None

    def close(self) -> None:
        return None


class PngSink(NullSink):
    """Writes the newest picture to one file, replaced as a whole, four times a second at most:
    a movie must not wait for zlib.  What was left out is written when it rests.

    A name that ends in .exr gets *light* instead (width, height to float RGBA): what is shown,
    before the display's curve.
    """

    name = "png"
    whole = True
    _INTERVAL = 0.25

    def __init__(
        self, path: str, width: int = 1280, height: int = 720,
        light: Callable[[int, int], Any] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(width, height)
        self._path = path
        self._light = light if path.lower().endswith(".exr") else None
        self._pending: Bytes | None = None
        self._written = 0.0

    def show(self, picture: Bytes) -> None:
        super().show(picture)
        self._pending = picture
        self.poll()

    def poll(self) -> bool:
        if self._pending is not None and time.monotonic() - self._written >= self._INTERVAL:
            self._write()
        return True

    def _write(self) -> None:
        picture, self._pending = self._pending, None
        if picture is None:
            return
        beside = f"{self._path}.{os.getpid()}.part"
        try:
            if self._light is not None:
                height, width = picture.shape[:2]
                write_image(self._path, self._light(width, height).astype(np.float16))
                self._written = time.monotonic()
                return
            with open(beside, "wb") as file:
                file.write(encode_png(np.ascontiguousarray(picture[..., :3])))
            os.replace(beside, self._path)
        except OSError as error:
            reason = error.strerror or str(error)
            raise SinkLost(f"{self._path}: cannot be written: {reason}") from None
        self._written = time.monotonic()

    def close(self) -> None:
        with suppress(SinkLost):
            self._write()
