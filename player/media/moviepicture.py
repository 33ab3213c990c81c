"""A decoded frame of a movie, kept as the decoder gave it until it is shown.

Planes of 4:2:0 hold half the bytes of RGB, deep 4:2:2 two thirds, and most frames that
are decoded on the way to another one are never shown: so frames are cached as they come and
turned into RGB(A), 8 or 16 bits, when somebody looks.  `accurate` conversion interpolates the
chroma and rounds properly (within 1 of 255 of the formula); the quick one, ten times as
fast and always 8 bits, is for pictures that are on screen for a twenty-fourth of a second; of
a picture shown smaller it takes the samples that are shown.
Which colours they are is told in `rvshell.moviecolour`.
"""

from __future__ import annotations

import threading
from typing import Any, Final

import numpy as np

from player.media import libyuv, swscale
from player.media.lightening import AT_ONCE, is_yuv, lightened
from player.media.picture import Picture, Pixels
from player.media.spare import Account, Hold
from player.media.swscale import BILINEAR, FINE, FULL_RANGE
from rvshell.moviecolour import every_line, matrix_of, range_of, stretch

__all__ = ["MoviePicture", "frame_bytes", "target_format"]

_HIGH_DEPTH: Final = ("10", "12", "14", "16", "48", "64", "p010", "xyz", "f32", "gray9")

#: 8 bits of four channels: pixels are moved as machine words, and deep ones convert three times
#: as fast as to 16 bits
_QUICK: Final[tuple[str, Any, tuple[str, ...]]] = ("rgba", np.uint8, ("R", "G", "B", "A"))

_DEEP: Final = {"rgb48le": 3, "rgba64le": 4}

_mine = threading.local()


def target_format(context: Any) -> tuple[str, Any, tuple[str, ...]]:
    """(FFmpeg's format, numpy type, channel names) that a codec's frames are shown in."""
    name = str(context.pix_fmt or "")
    try:
        components = context.format.components
        alpha = any(c.is_alpha for c in components) or name == "pal8"
        deep = any(c.bits > 8 for c in components)
    except AttributeError:
        alpha, deep = "a" in name.split("p")[0], any(t in name for t in _HIGH_DEPTH)
    if alpha:
        names: tuple[str, ...] = ("R", "G", "B", "A")
        return ("rgba64le", np.uint16, names) if deep else ("rgba", np.uint8, names)
    names = ("R", "G", "B")
    return ("rgb48le", np.uint16, names) if deep else ("rgb24", np.uint8, names)


def frame_bytes(frame: Any) -> int:
    """Bytes that a decoded frame holds."""
    return sum(plane.buffer_size for plane in frame.planes)


def _reformatter(purpose: object) -> Any:
    """This thread's: each keeps the tables of the last conversion."""
    kept: dict[object, Any] = _mine.__dict__.setdefault("reformatters", {})
    if purpose not in kept:
        from av.video.reformatter import VideoReformatter

        kept[purpose] = VideoReformatter()
    return kept[purpose]


def _reformatted(
    frame: Any, name: str, dtype: Any, count: int, flags: int, matrix: int | None, span: int,
    quick: bool,
) -> Pixels:  # fmt: skip
    """PyAV's conversion: (height, width, count), top row first, in a frame of its own."""
    out = _reformatter(quick).reformat(
        frame, format=name, src_colorspace=matrix, interpolation=flags, src_color_range=span,
        dst_color_range=FULL_RANGE, threads=1 if quick else 0,
    )  # fmt: skip
    plane = out.planes[0]
    item = np.dtype(dtype).itemsize
    made: Pixels = np.ndarray(
        (out.height, out.width, count), dtype, buffer=memoryview(plane),
        strides=(plane.line_size, count * item, item),
    )  # fmt: skip
    return made


def _in_16_bits(frame: Any, name: str, matrix: int | None, span: int) -> Pixels:
    """(height, width, 3 or 4), top row first, not yet up to the top."""
    frame = every_line(frame, _reformatter("lines").reformat, matrix, span)
    return _reformatted(frame, name, np.uint16, _DEEP[name], FINE, matrix, span, False)


def _turned(rows: Pixels, frame: Any) -> Pixels:
    """As the file says that the camera was held; rows bottom-up."""
    turns = round(float(getattr(frame, "rotation", 0) or 0) / 90) % 4
    return (np.rot90(rows, turns) if turns else rows)[::-1]


def _accurate(frame: Any, codec: str, target: tuple[str, Any, tuple[str, ...]]) -> Pixels:
    """(height, width, channels), rows bottom-up."""
    name, dtype, channels = target
    matrix, span = matrix_of(frame, codec), range_of(frame, codec)
    if name in _DEEP:
        rows = _in_16_bits(frame, name, matrix, span)
        stretch(rows, frame, name, span, _in_16_bits)
    else:
        rows = _reformatted(frame, name, dtype, len(channels), FINE, matrix, span, False)
    return _turned(rows, frame)


def _quick(frame: Any, codec: str, step: int = 1) -> Pixels:
    """(height, width, 4) of 8 bits, rows bottom-up; every `step`-th sample where the format allows
    it."""
    matrix, span = matrix_of(frame, codec), range_of(frame, codec)
    full = span == FULL_RANGE or frame.format.name.startswith("yuvj")
    rows: Pixels | None = None
    if step == 1:
        rows = libyuv.to_rgba(frame, matrix, full)
    if rows is None:
        light = lightened(frame, step, libyuv.takes(matrix))
        # FFmpeg's quickest way leaves columns over
        flags = BILINEAR if light.width % AT_ONCE == 0 else FINE
        wide = light.width if light is frame else max(1, frame.width // step)
        if is_yuv(light):
            rows = libyuv.to_rgba(light, matrix, full)
            if rows is None and flags == BILINEAR:
                rows = swscale.to_rgba(light, flags, matrix, full)
        if rows is None:
            rows = _reformatted(light, "rgba", np.uint8, 4, flags, matrix, span, True)
        rows = rows[:, :wide]
    return _turned(rows, frame)


class MoviePicture(Picture):
    """A picture whose `pixels` are converted each time they are asked for.

    `developed` gives a plain Picture to work with; whoever shows a picture calls it once.
    """

    __slots__ = ("_codec", "_decoded", "_hold", "_target")
    _decoded: Any
    _hold: Hold
    _codec: str
    _target: tuple[str, Any, tuple[str, ...]]

    def __init__(
        self, decoded: Any, codec: str, target: tuple[str, Any, tuple[str, ...]], *,
        width: int, height: int, pixel_aspect: float, frame: int,
        attributes: tuple[tuple[str, str], ...], premultiplied: bool | None = None,
        problem: str = "", hold: Hold | None = None,
    ) -> None:  # fmt: skip
        if hold is None:
            hold = Account().hold(frame_bytes(decoded))
        if premultiplied is None:
            premultiplied = len(target[2]) == 3
        values: dict[str, Any] = {
            "channels": target[2], "width": width, "height": height, "x": 0, "y": 0,
            "pixel_aspect": pixel_aspect, "frame": frame, "premultiplied": premultiplied,
            "chromaticities": None, "attributes": attributes, "problem": problem, "blank": False,
            "full": None, "missing": None,
            "_decoded": decoded, "_hold": hold, "_codec": codec, "_target": target,
        }  # fmt: skip
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def pixels(self) -> Pixels:
        return _accurate(self._decoded, self._codec, self._target)

    @property
    def storage(self) -> object:
        return self._decoded

    @property
    def nbytes(self) -> int:
        return self._hold.size

    @property
    def keeper(self) -> object | None:
        account = self._hold.account
        return account if account.closed else None

    @property
    def is_cropped(self) -> bool:
        return False

    def developed(self, quick: bool = False) -> Picture:
        if quick:
            return _QuickPicture(
                self._decoded, self._codec, _QUICK, width=self.width, height=self.height,
                pixel_aspect=self.pixel_aspect, frame=self.frame, attributes=self.attributes,
                premultiplied=self.premultiplied, problem=self.problem, hold=self._hold,
            )  # fmt: skip
        return self._plain(_accurate(self._decoded, self._codec, self._target))

    def _plain(self, pixels: Pixels) -> Picture:
        return Picture(
            pixels, self.channels, self.width, self.height, pixel_aspect=self.pixel_aspect,
            frame=self.frame, premultiplied=self.premultiplied, attributes=self.attributes,
            problem=self.problem,
        )  # fmt: skip

    def shown_as(self, frame: int, problem: str = "") -> MoviePicture:
        """The same pixels for another frame number (a held frame, a stand-in)."""
        return MoviePicture(
            self._decoded, self._codec, self._target, width=self.width, height=self.height,
            pixel_aspect=self.pixel_aspect, frame=frame, attributes=self.attributes,
            problem=problem, hold=self._hold,
        )  # fmt: skip

    def with_problem(self, problem: str) -> Picture:
        return self.shown_as(self.frame, problem)

    def __repr__(self) -> str:
        return f"MoviePicture({self.width}x{self.height}, frame {self.frame})"


class _QuickPicture(MoviePicture):
    """A frame on screen for a moment: 8 bits, and no more of it than the screen has pixels for.

    `pixels` are converted when somebody asks for all of them, once.
    """

    __slots__ = ("_whole",)
    _whole: Pixels

    @property
    def pixels(self) -> Pixels:
        try:
            return self._whole
        except AttributeError:
            made = _quick(self._decoded, self._codec)
            object.__setattr__(self, "_whole", made)
            return made

    @property
    def stored(self) -> tuple[int, int]:
        decoded = self._decoded
        turned = round(float(getattr(decoded, "rotation", 0) or 0) / 90) % 2
        return (decoded.width, decoded.height) if turned else (decoded.height, decoded.width)

    def thinned(self, step: int) -> Pixels:
        return _quick(self._decoded, self._codec, max(1, step))

    @property
    def is_cropped(self) -> bool:
        return self.stored != (self.height, self.width)

    def developed(self, quick: bool = False) -> Picture:
        return self if quick else self._plain(self.pixels)

    def with_problem(self, problem: str) -> Picture:
        return self._plain(self.pixels).with_problem(problem)
