"""The sound of one file: any stretch of samples, at the device's rate, in two channels.

Decoding goes on from where the last request ended; a request elsewhere seeks.  The last
seconds are kept, so that overlapping and slightly backward requests (stretching, playing
backwards) cost no seek.  Sample 0 is the file's first picture, or its first sample when
there are none.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from player.media.moviesound import joined, sound_streams
from player.media.opening import open_container
from player.media.pyav import import_av
from rvshell.errors import MediaError

__all__ = ["CHANNELS", "Samples", "Sound", "SoundReader"]

Samples = npt.NDArray[np.float32]  # (n, 2)
CHANNELS: Final = 2
_KEEP: Final = 6.0  # seconds kept
_DECODE_ON: Final = 2.0  # seconds ahead that are decoded rather than sought
_BEFORE: Final = 1.0  # seconds decoded in front of what is asked for after a seek backwards
_PREROLL: Final = 0.1  # what a codec needs before its output is right


class Sound(Protocol):
    """What can be heard, at a rate in two channels."""

    @property
    def end(self) -> int | None: ...

    def read(self, position: int, count: int) -> Samples: ...

    def close(self) -> None: ...


class SoundReader:
    """The sound of *path* that RV plays (see `sound_streams`).  Raises MediaError when there is
    none."""

    def __init__(self, path: str, rate: int) -> None:
        self._av = import_av()
        self._path = path
        self._rate = rate
        self._lock = threading.Lock()
        self._container = open_container(path)
        self._streams = sound_streams(self._container)
        if not self._streams:
            self._container.close()
            raise MediaError(f"{path}: has no sound", path=path)
        self._stream = self._streams[0]
        self._base = Fraction(self._stream.time_base)
        video = self._container.streams.video
        reference = video[0] if video and video[0].start_time is not None else self._stream
        start = reference.start_time
        self._zero = Fraction(start or 0) * Fraction(reference.time_base or 1)
        self._samples: Samples = np.zeros((0, CHANNELS), np.float32)
        self._first = 0  # position of self._samples[0]
        self._decoding: Iterator[Samples] | None = None
        self._ended = False

    # -- decoding ----------------------------------------------------------------------

    def _frames(self) -> Iterator[Any]:
        tracks = self._tracks()
        if len(self._streams) == 1:
            return (frame for _, frame in tracks)
        rate = int(self._stream.codec_context.sample_rate)
        return joined(self._av, tracks, rate, len(self._streams))

    def _tracks(self) -> Iterator[tuple[int, Any]]:
        """(number of the track, decoded frame) of what is heard, in the order of the file."""
        numbers = {stream.index: n for n, stream in enumerate(self._streams)}
        for packet in self._container.demux(*self._streams):
            try:
                frames = packet.decode()
            except self._av.error.EOFError:
                continue  # another track may go on
            except (self._av.error.FFmpegError, ValueError):
                continue  # a damaged packet is a moment of silence
            for frame in frames:
                yield numbers[packet.stream.index], frame

    def _decoded(self) -> Iterator[Samples]:
        """Pieces of sound; the first one sets the position."""
        resampler = self._av.AudioResampler(format="flt", layout="stereo", rate=self._rate)
        placed = False
        for frame in self._frames():
            if not placed:
                stamp = frame.pts if frame.pts is not None else 0
                seconds = Fraction(stamp) * Fraction(frame.time_base or self._base) - self._zero
                self._first = round(seconds * self._rate)
                placed = True
            frame.pts = None
            try:
                pieces = resampler.resample(frame)
            except (self._av.error.FFmpegError, ValueError):
                resampler = self._av.AudioResampler(
                    format="flt", layout="stereo", rate=self._rate
                )  # the layout changed in mid-stream
                pieces = resampler.resample(frame)
            for piece in pieces:
                yield piece.to_ndarray().reshape(-1, CHANNELS)
        for piece in resampler.resample(None):
            yield piece.to_ndarray().reshape(-1, CHANNELS)

    def _seek(self, position: int) -> None:
        seconds = max(Fraction(0), Fraction(position, self._rate) - Fraction(_PREROLL))
        stamp = int((seconds + self._zero) / self._base)
        try:
            self._container.seek(stamp, stream=self._stream, backward=True)
        except (self._av.error.FFmpegError, OSError):
            self._container.close()
            self._container = open_container(self._path)
            self._streams = sound_streams(self._container)
            self._stream = self._streams[0]
        self._samples = np.zeros((0, CHANNELS), np.float32)
        self._first = position
        self._decoding = self._decoded()
        self._ended = False

    def _extend(self, until: int) -> None:
        """Decode until `until` is held, or the end."""
        pieces = [self._samples]
        held = self._first + len(self._samples)
        empty = not len(self._samples)
        while held < until and self._decoding is not None:
            try:
                piece = next(self._decoding, None)
            except (self._av.error.FFmpegError, OSError):
                piece = None
            if piece is None:
                self._decoding = None
                self._ended = True
                break
            if empty:
                held, empty = self._first, False
            pieces.append(piece)
            held += len(piece)
        joined = np.concatenate(pieces)
        surplus = len(joined) - int(_KEEP * self._rate)
        if surplus > 0 and self._first + surplus < until:
            joined = joined[surplus:]
            self._first += surplus
        self._samples = joined

    def read(self, position: int, count: int) -> Samples:
        """`count` samples from `position` on; silence outside of the track."""
        out = np.zeros((count, CHANNELS), np.float32)
        with self._lock:
            end = position + count
            held = self._first + len(self._samples)
            if self._decoding is None and not self._ended:
                self._seek(max(0, position))
            elif position < self._first:
                self._seek(max(0, position - int(_BEFORE * self._rate)))
            elif position > held + _DECODE_ON * self._rate and not self._ended:
                self._seek(position)
            self._extend(end)
            low = max(position, self._first)
            high = min(end, self._first + len(self._samples))
            if high > low:
                out[low - position : high - position] = self._samples[
                    low - self._first : high - self._first
                ]
        return out

    @property
    def end(self) -> int | None:
        """Samples of the track; None until its end has been decoded."""
        with self._lock:
            return self._first + len(self._samples) if self._ended else None

    def close(self) -> None:
        with self._lock:
            self._decoding = None
            self._container.close()
