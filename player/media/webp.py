"""Animated WebP, which FFmpeg decodes image by image only and OpenImageIO does not put together.

The file is a list of images that are laid over each other.  A movie is made of them whose frames
are as long as the greatest common divisor of the images' times, so that every image has its own.

Source: the WebP container specification (RIFF, `VP8X`, `ANMF`).
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.media.limits import check_geometry
from player.media.picture import MediaFacts, Picture
from rvshell.errors import MediaError

__all__ = ["WebpAnimation", "is_animated_webp"]

_ANIMATED: Final = 0x02  # of VP8X's flags
_FASTEST: Final = 10  # milliseconds: shorter images count as browsers count them
_USUAL: Final = 100
_MOST_IMAGES: Final = 100_000
_MOST_FRAMES: Final = 1_000_000

_Canvas = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Image:
    """An image of the animation: its box from the top left, its time, its data's place."""

    x: int
    y: int
    width: int
    height: int
    milliseconds: int
    cleared: bool  # afterwards
    blends: bool
    start: int
    size: int


def is_animated_webp(path: str) -> bool:
    """Whether a file is called WebP and says that it is animated."""
    if not path.lower().endswith(".webp"):
        return False
    try:
        with open(path, "rb") as file:
            head = file.read(21)
    except (OSError, ValueError):
        return False
    known = head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X" and len(head) == 21
    return known and bool(head[20] & _ANIMATED)


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")


class WebpAnimation:
    """A reader.  Raises MediaError when it holds no image, or more than a limit allows; an image
    that is damaged is left out, and its frames say so."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._canvas: _Canvas | None = None
        self._done = -1  # the last image that is on the canvas
        self._bad: dict[int, str] = {}
        try:
            with open(path, "rb") as file:
                head = file.read(30)
                self._width = _number(head[24:27]) + 1
                self._height = _number(head[27:30]) + 1
                check_geometry(self._width, self._height, 4, 1, path)
                self._images = self._listed(file)
        except OSError as error:
            raise MediaError(f"{path}: {error.strerror}", path=path) from None
        if not self._images:
            raise MediaError(f"{path}: has no image", path=path)
        times = [image.milliseconds for image in self._images]
        tick = math.gcd(*times)
        if sum(times) // tick > _MOST_FRAMES:
            tick = max(1, sum(times) // len(times))
        ends = np.cumsum(times)
        self._begins = (ends - times) // tick
        self.facts = MediaFacts(
            path=path, width=self._width, height=self._height, uncrop_width=self._width,
            uncrop_height=self._height, channels=4, bits=8, start=1,
            end=max(1, int(ends[-1]) // tick), fps=1000.0 / tick,
            channel_names=("R", "G", "B", "A"), orientation="top-left",
            attributes=(("Codec", "webp"), ("AlphaType", "Unpremultiplied")),
        )  # fmt: skip

    def _listed(self, file: Any) -> list[_Image]:
        found: list[_Image] = []
        file.seek(12)
        while len(found) < _MOST_IMAGES:
            head = file.read(8)
            if len(head) < 8:
                break
            size, start = _number(head[4:]), file.tell()
            if head[:4] == b"ANMF" and size >= 16:
                b = file.read(16)
                if len(b) < 16:
                    break
                x, y, w, h, time = (_number(b[i : i + 3]) for i in (0, 3, 6, 9, 12))
                x, y, w, h = 2 * x, 2 * y, w + 1, h + 1
                if x + w <= self._width and y + h <= self._height:
                    time = time if time > _FASTEST else _USUAL
                    flags = b[15]
                    found.append(_Image(
                        x, y, w, h, time, bool(flags & 1), not flags & 2, start + 16, size - 16
                    ))  # fmt: skip
            file.seek(start + size + size % 2)
        return found

    def _decoded(self, number: int) -> _Canvas:
        """(height, width, 4) of an image, top row first."""
        from av import CodecContext, Packet
        from av.error import FFmpegError
        from av.video.reformatter import VideoReformatter

        from player.media.swscale import FINE, FULL_RANGE, REC601

        image = self._images[number]
        try:
            with open(self._path, "rb") as file:
                file.seek(image.start)
                data = file.read(image.size)
            if data[:4] == b"ALPH":
                size = (
                    (image.width - 1).to_bytes(3, "little"),
                    (image.height - 1).to_bytes(3, "little"),
                )
                data = b"VP8X\x0a\0\0\0\x10\0\0\0" + b"".join(size) + data
            whole = b"RIFF" + (len(data) + 4).to_bytes(4, "little") + b"WEBP" + data
            made = CodecContext.create("webp", "r").decode(Packet(whole))
            if not made or (made[0].width, made[0].height) != (image.width, image.height):
                raise ValueError("not the image that it should be")
            frame = made[0]
            space = None if frame.format.is_rgb else REC601
            out = VideoReformatter().reformat(
                frame, format="rgba", src_colorspace=space, src_color_range=int(frame.color_range),
                dst_color_range=FULL_RANGE, interpolation=FINE, threads=1,
            )  # fmt: skip
        except (OSError, ValueError, FFmpegError) as error:
            reason = " ".join(str(getattr(error, "strerror", None) or error).split())
            raise MediaError(
                f"{self._path}: image {number + 1} cannot be decoded: {reason}", path=self._path
            ) from None
        return np.asarray(out.to_ndarray(), np.uint8)

    def _lay(self, canvas: _Canvas, number: int) -> None:
        """Put an image on the canvas."""
        image = self._images[number]
        box = canvas[image.y : image.y + image.height, image.x : image.x + image.width]
        pixels = self._decoded(number)
        if not image.blends:
            box[...] = pixels
            return
        upper, lower = pixels.astype(np.float32) / 255, box.astype(np.float32) / 255
        a, below = upper[..., 3:], lower[..., 3:] * (1 - upper[..., 3:])
        alpha = a + below
        colour = (upper[..., :3] * a + lower[..., :3] * below) / np.maximum(alpha, 1e-6)
        box[...] = np.rint(np.concatenate([colour, alpha], 2) * 255).astype(np.uint8)

    def read(self, frame: int, view: str = "", layer: str = "", channel: str = "") -> Picture:
        """The picture of a frame, clamped to the range."""
        at = min(max(frame, 1), self.facts.end)
        number = int(np.searchsorted(self._begins, at - 1, side="right")) - 1
        with self._lock:
            if self._canvas is None or self._done > number:
                self._canvas = np.zeros((self._height, self._width, 4), np.uint8)
                self._done = -1
            while self._done < number:
                if self._done >= 0 and self._images[self._done].cleared:
                    old = self._images[self._done]
                    self._canvas[old.y : old.y + old.height, old.x : old.x + old.width] = 0
                self._done += 1
                try:
                    self._lay(self._canvas, self._done)
                except MediaError as error:
                    self._bad[self._done] = str(error)
            pixels = self._canvas[::-1].copy()
        return Picture(
            pixels, ("R", "G", "B", "A"), self._width, self._height, frame=at,
            premultiplied=False, attributes=self.facts.attributes,
            problem=self._bad.get(number, ""),
        )  # fmt: skip

    def close(self) -> None:
        with self._lock:
            self._canvas = None
