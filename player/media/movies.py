"""Movies by PyAV: any frame of any file, exactly.

FFmpeg seeks by time and to key frames only, and not always where it was told.  So a frame
number becomes a presentation time (first time + n / rate), and reading is: decode on when
the wanted time lies a little ahead of the last frame, else seek to the key frame before
it; check the time of the first frame that comes out and seek further back while it is too
late; then decode until the frame whose interval holds the wanted time.  Frames passed on
the way are kept for a while, so that stepping backwards does not decode the group of
pictures once per step.

A file that breaks in the middle gives the last good picture, with the reason in
`Picture.problem`.  Pixels come out as RGB(A) with 8 or 16 bits; the matrix is the one the
file names, else Rec. 709 from 720 lines on and Rec. 601 below, as displays assume.
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections import OrderedDict
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from player.media.limits import check_geometry
from player.media.picture import MediaFacts, Picture
from player.media.pool import shared_pool
from rvshell.errors import MediaError, MissingExtra

__all__ = ["MovieReader"]

_DECODE_ON = 32  # frames ahead that are decoded rather than sought
_KEEP_BYTES = 128 << 20  # frames passed on the way to the one asked for
_MAX_BACK = 8  # times to seek further back before giving up

#: formats whose frames are all key frames: slices in parallel, no frame delay
_INTRA_NAMES = """
prores mjpeg dnxhd png tiff rawvideo v210 dvvideo jpeg2000 exr dpx qtrle ffv1 cfhd hap
"""
_INTRA = frozenset(_INTRA_NAMES.split())
_TRANSFER = {16: "SMPTE-2084", 18: "Hybrid Log-Gamma", 13: "sRGB", 8: "Linear"}
_HIGH_DEPTH = ("10", "12", "14", "16", "48", "64", "p010", "xyz", "f32", "gray9")


def _import_av() -> Any:
    try:
        import av
        import av.logging
    except ImportError:
        raise MissingExtra("av", "player", purpose="reading movies") from None
    av.logging.set_level(av.logging.PANIC)
    return av


class MovieReader:
    """One movie file or URL; `read` is serialised, any thread may call it."""

    def __init__(self, path: str) -> None:
        self._av = _import_av()
        self._path = path
        self._lock = threading.Lock()
        self._container: Any = None
        self._frames: Any = None  # generator of decoded frames
        self._last_index = -1
        self._passed: OrderedDict[int, Picture] = OrderedDict()
        self._held = 0
        self._good: Picture | None = None
        self._open()
        self.facts = self._facts()

    # -- opening ---------------------------------------------------------------------

    def _fail(self, what: object) -> MediaError:
        return MediaError(f"{self._path}: {what}", path=self._path)

    def _open(self) -> None:
        try:
            self._container = self._av.open(self._path, metadata_errors="replace")
        except (self._av.error.FFmpegError, ValueError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise self._fail(f"cannot be read as a movie: {reason}") from None
        video = self._container.streams.video
        self._video: Any = video[0] if video else None
        if self._video is None:
            if not self._container.streams.audio:
                self._container.close()
                raise self._fail("has neither pictures nor sound")
            self._rate = Fraction(24)
            return
        context = self._video.codec_context
        check_geometry(context.width, context.height, 4, 2, self._path)
        self._video.thread_type = "SLICE" if context.name in _INTRA else "AUTO"
        rate = self._video.average_rate or self._video.guessed_rate or self._video.base_rate
        self._rate = Fraction(rate) if rate and 0 < rate < 1000 else Fraction(24)
        base = self._video.time_base or Fraction(1, 1000)
        self._base = Fraction(base)
        self._first = self._video.start_time if self._video.start_time is not None else 0

    def _count(self) -> int:
        """Frames of the stream: as declared, else by its duration, else by counting."""
        stream = self._video
        if stream.frames:
            return int(stream.frames)
        seconds: Fraction | None = None
        if stream.duration:
            seconds = stream.duration * self._base
        elif self._container.duration and self._container.duration > 0:
            seconds = Fraction(self._container.duration, 1_000_000)
        if seconds:
            return max(1, round(seconds * self._rate))
        with contextlib.suppress(self._av.error.FFmpegError):
            last = max(
                (p.pts for p in self._container.demux(stream) if p.pts is not None), default=None
            )
            self._rewind(0)
            if last is not None:
                return int(max(1, round((last - self._first) * self._base * self._rate) + 1))
        return 1

    def _start_frame(self) -> int:
        """1, or the time code's frame number, or a positive start time in frames."""
        text = self._container.metadata.get("timecode") or self._video.metadata.get("timecode")
        for stream in self._container.streams:
            text = text or stream.metadata.get("timecode")
        if text:
            pieces = text.replace(";", ":").replace(".", ":").split(":")
            if len(pieces) == 4 and all(p.isdigit() for p in pieces):
                hours, minutes, seconds, frames = map(int, pieces)
                whole = math.ceil(self._rate)
                number = (hours * 3600 + minutes * 60 + seconds) * whole + frames
                if ";" in text:  # drop frame: two a minute are skipped, not every tenth
                    total = hours * 60 + minutes
                    number -= round(whole / 15) * (total - total // 10)
                return number
        start = self._container.start_time
        if start and start > 0:
            return max(1, round(Fraction(start, 1_000_000) * self._rate))
        return 1

    def _facts(self) -> MediaFacts:
        audio = self._container.streams.audio
        sound = audio[0] if audio else None
        common: dict[str, Any] = {
            "path": self._path,
            "has_audio": sound is not None,
            "audio_channels": int(sound.codec_context.channels) if sound else 0,
            "audio_rate": float(sound.codec_context.sample_rate or 0) if sound else 0.0,
        }
        if self._video is None:
            length = self._container.duration or 0
            frames = max(1, math.ceil(length / 1_000_000 * 24))
            return MediaFacts(has_video=False, end=frames, bits=0, **common)
        context = self._video.codec_context
        aspect = self._video.sample_aspect_ratio or Fraction(1)
        width, height = context.width, context.height
        self._format, self._dtype, self._names = self._target_format(context)
        start = self._start_frame()
        fps = float(self._rate)
        frames = self._count()
        attributes = [
            ("Codec", str(context.name)),
            ("FPS", f"{fps:g}"),
            ("Duration", f"{frames} frames, {frames / fps:g} sec"),
            ("PixelFormat", str(context.pix_fmt)),
            ("AlphaType", "Unpremultiplied" if len(self._names) == 4 else "None"),
        ]
        transfer = _TRANSFER.get(int(context.color_trc or 0))
        if transfer:
            attributes.append(("ColorSpace/Transfer", transfer))
        attributes += [(f"Movie/{k}", str(v)) for k, v in self._container.metadata.items()]
        return MediaFacts(
            width=width,
            height=height,
            uncrop_width=width,
            uncrop_height=height,
            pixel_aspect=float(aspect) if 0 < aspect < 100 else 1.0,
            channels=len(self._names),
            bits=np.dtype(self._dtype).itemsize * 8,
            start=start,
            end=start + frames - 1,
            fps=fps,
            channel_names=self._names,
            attributes=tuple(attributes),
            **common,
        )

    @staticmethod
    def _target_format(context: Any) -> tuple[str, Any, tuple[str, ...]]:
        name = str(context.pix_fmt or "")
        try:
            components = context.format.components
            alpha = any(c.is_alpha for c in components)
            deep = any(c.bits > 8 for c in components)
        except AttributeError:
            alpha, deep = "a" in name.split("p")[0], any(t in name for t in _HIGH_DEPTH)
        if alpha:
            names: tuple[str, ...] = ("R", "G", "B", "A")
            return ("rgba64le", np.uint16, names) if deep else ("rgba", np.uint8, names)
        names = ("R", "G", "B")
        return ("rgb48le", np.uint16, names) if deep else ("rgb24", np.uint8, names)

    # -- reading ---------------------------------------------------------------------

    def read(self, frame: int, view: str = "", layer: str = "", channel: str = "") -> Picture:
        """The picture of *frame*, clamped to the range.  Raises MediaError when the file
        cannot be decoded and no picture came out of it before."""
        if self._video is None:
            raise self._fail("has no pictures")
        index = min(max(frame, self.facts.start), self.facts.end) - self.facts.start
        with self._lock:
            held = self._passed.get(index)
            if held is not None:
                return held
            try:
                found = self._decode(index)
            except (self._av.error.FFmpegError, OSError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                self._frames = None
                if self._good is None:
                    raise self._fail(f"frame {frame} cannot be decoded: {reason}") from None
                return replace(
                    self._good, problem=f"{self._path}: frame {frame} is damaged: {reason}"
                )
            if found is None:
                raise self._fail(f"frame {frame} cannot be decoded")
            return found

    def _index_of(self, pts: int) -> int:
        return math.floor((pts - self._first) * self._base * self._rate + Fraction(1, 2))

    def _rewind(self, index: int) -> None:
        pts = self._first + math.floor(Fraction(index) / self._rate / self._base)
        self._container.seek(max(pts, 0) if index else pts, stream=self._video, backward=True)
        self._frames = self._container.decode(self._video)

    def _decode(self, index: int) -> Picture | None:
        behind = index - self._last_index
        if self._frames is None or not 0 < behind <= _DECODE_ON:
            self._seek(index)
        candidate: Any = None
        while True:
            frame = next(self._frames, None)
            if frame is None:
                self._frames = None
                break
            if frame.pts is None:
                continue
            at = self._index_of(frame.pts)
            self._last_index = at
            if at >= index:
                if at > index and candidate is not None:
                    # variable rate: the interval of the frame before holds the wanted time
                    self._keep(at, self._picture(frame, at))
                    break
                candidate = frame
                break
            if index - at <= 8 and candidate is not None:
                passed = self._index_of(candidate.pts)
                self._keep(passed, self._picture(candidate, passed))
            candidate = frame
        if candidate is None:
            return self._good
        made = self._picture(candidate, index)
        self._keep(index, made)
        self._good = made
        return made

    def _seek(self, index: int) -> None:
        """Position the decoder so that the next frame is not later than *index*."""
        back = 0
        for attempt in range(_MAX_BACK):
            self._rewind(max(0, index - back))
            first = next(self._frames, None)
            if first is None and index - back <= 0:
                self._frames = None
                self._reopen()
                return
            if first is not None and first.pts is not None:
                at = self._index_of(first.pts)
                if at <= index or index - back <= 0:
                    self._frames = _chain(first, self._frames)
                    self._last_index = at - 1
                    return
            back = max(1, 12 * 2**attempt)
        self._reopen()

    def _reopen(self) -> None:
        """The last resort of a file that cannot seek: from its beginning."""
        self._container.close()
        self._open()
        self._frames = self._container.decode(self._video)
        self._last_index = -1

    def _keep(self, index: int, picture: Picture) -> None:
        if index in self._passed:
            return
        self._passed[index] = picture
        self._held += picture.nbytes
        while self._held > _KEEP_BYTES and len(self._passed) > 1:
            _, old = self._passed.popitem(last=False)
            self._held -= old.nbytes

    def _picture(self, frame: Any, index: int) -> Picture:
        spaces = self._av.video.reformatter.Colorspace
        space = frame.colorspace if int(frame.colorspace) not in (0, 2, 3) else None
        if space is None:
            space = spaces.ITU709 if frame.height >= 720 else spaces.ITU601
        with_matrix = {} if frame.format.is_rgb else {"src_colorspace": space}
        out = frame.reformat(format=self._format, **with_matrix)
        plane = out.planes[0]
        width, height, channels = out.width, out.height, len(self._names)
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:height]
        item = np.dtype(self._dtype).itemsize
        packed = rows[:, : width * channels * item].view(self._dtype)
        pixels = shared_pool.take((height, width, channels), self._dtype)
        pixels.reshape(height, -1)[:] = packed[::-1]
        turns = round(float(getattr(frame, "rotation", 0) or 0) / 90) % 4
        if turns:
            # rows run upwards here: a turn to the left on screen is a turn to the right
            pixels = np.ascontiguousarray(np.rot90(pixels, -turns))
        height, width = pixels.shape[:2]
        return Picture(
            pixels, self._names, width, height, pixel_aspect=self.facts.pixel_aspect,
            frame=self.facts.start + index, premultiplied=channels == 3,
            attributes=self.facts.attributes,
        )  # fmt: skip

    def close(self) -> None:
        with self._lock:
            self._frames = None
            self._passed.clear()
            self._container.close()


def _chain(first: Any, rest: Any) -> Any:
    yield first
    yield from rest
