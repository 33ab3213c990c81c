"""Sound made for tests: tones, clicks, movies with both."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

__all__ = ["clicks", "ramp", "tone", "write_movie", "write_sound"]


def tone(seconds: float, rate: int, hertz: float = 440.0, level: float = 0.5) -> Any:
    """(2, n) float32 of a sine, the right channel half as loud."""
    wave = level * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)
    return np.stack([wave, wave / 2]).astype(np.float32)


def ramp(seconds: float, rate: int) -> Any:
    """(2, n): every sample tells its own place, from 0 to 1 and from 0 to -1."""
    n = int(seconds * rate)
    line = np.arange(n, dtype=np.float32) / n
    return np.stack([line, -line])


def clicks(seconds: float, rate: int, every: float = 0.5) -> Any:
    """(2, n): a single full sample at each multiple of `every` seconds."""
    out = np.zeros((2, int(seconds * rate)), np.float32)
    out[:, :: int(every * rate)] = 1.0
    return out


def _sound(container: Any, stream: Any, samples: Any, rate: int) -> None:
    resampler = av.AudioResampler(format=stream.codec_context.format, layout="stereo", rate=rate)
    for at in range(0, samples.shape[1], 1024):
        piece = np.ascontiguousarray(samples[:, at : at + 1024])
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
        for ready in resampler.resample(frame):
            for packet in stream.encode(ready):
                container.mux(packet)
    for packet in stream.encode():
        container.mux(packet)


def write_sound(path: Path, samples: Any, rate: int = 48000, codec: str = "pcm_f32le") -> str:
    """A file of sound alone."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.layout = "stereo"
        _sound(container, stream, samples, rate)
    return str(path)


def write_movie(
    path: Path, samples: Any, frames: int, *, rate: int = 48000, fps: int = 24,
    codec: str = "pcm_s16le",
) -> str:  # fmt: skip
    """A small movie of grey frames with this sound."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=fps)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        sound = container.add_stream(codec, rate=rate)
        sound.layout = "stereo"
        for n in range(frames):
            pixels = np.full((48, 64, 3), n * 5 % 256, np.uint8)
            for packet in video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")):
                container.mux(packet)
        for packet in video.encode():
            container.mux(packet)
        _sound(container, sound, samples, rate)
    return str(path)
