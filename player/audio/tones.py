"""The sound of procedurals: `sine`, `scale` and `sync`, made for the stretch that is asked for.

`sync` beeps with the flash of `syncflash`, for somebody to see and hear whether they come together.
Tones begin and end softly, within half a frame.

Source: Open RV ``MovieProcedural::audioFillBuffer``.
"""

from __future__ import annotations

import numpy as np

from player.audio.sound import CHANNELS, Samples, Sound, SoundReader
from player.media.procedural import Procedural, is_procedural, parse_procedural
from rvshell.errors import MediaError

__all__ = ["ToneReader", "open_sound"]

_SEMITONE = 2 ** (1 / 12)


class ToneReader:
    """The sound of a procedural at *rate* samples a second.  Raises MediaError when it has none."""

    def __init__(self, made: Procedural, rate: int) -> None:
        if not made.audio:
            raise MediaError(f"{made.path}: has no sound", path=made.path)
        self._made = made
        self._rate = rate
        self._length = max(0.0, (made.end - made.start + 1) / made.fps) if made.fps > 0 else 0.0

    @property
    def end(self) -> int:
        """Samples of the whole."""
        return round(self._length * self._rate)

    def _loudness(self, time: np.ndarray) -> np.ndarray:
        """0 to the procedural's amplitude, at times in seconds."""
        made = self._made
        soft = 0.5 / made.fps
        value: np.ndarray = (
            np.clip(np.minimum(time, self._length - time) / soft, 0.0, 1.0) * made.amplitude
        )
        if made.audio == "sync":
            if made.fps * made.interval <= 0:
                return np.zeros_like(time)
            value *= made.on_beat(time / made.interval) & (time >= 1 / made.fps)
        elif made.audio not in ("sine", "scale"):
            value[:] = 0.0
        return value

    def read(self, position: int, count: int) -> Samples:
        """`count` samples from `position` on, (count, 2); silence outside of the movie."""
        out = np.zeros((count, CHANNELS), np.float32)
        low, high = max(position, 0), min(position + count, self.end)
        if high > low:
            time = np.arange(low, high) / self._rate
            loud = self._loudness(time)
            for channel in range(CHANNELS):
                pitch = self._made.frequency
                if self._made.audio == "scale" and self._made.audio_channels > 1:
                    pitch *= _SEMITONE**channel
                part = slice(low - position, high - position)
                out[part, channel] = np.sin(time * (2 * np.pi * pitch)) * loud
        return out

    def close(self) -> None:
        """There is nothing to close."""


def open_sound(path: str, rate: int) -> Sound:
    """The sound of a file or a procedural.  Raises MediaError when there is none."""
    if is_procedural(path):
        return ToneReader(parse_procedural(path), rate)
    return SoundReader(path, rate)
