"""Voices into samples.

At speed 1 a voice is copied.  At another speed it is stretched by overlapping grains of 28
milliseconds, as RV does it: the pitch stays.  Every request gives the samples of its own
place in time, whatever was asked before.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import numpy as np

from player.audio.sound import CHANNELS, Samples, Sound
from player.audio.tones import open_sound
from player.audio.tracks import Tracks
from player.audio.voices import Voice
from rvshell.errors import MediaError, MissingExtra

__all__ = ["Mixer"]

_GRAIN: Final = 0.022  # seconds a grain sounds alone
_FADE: Final = 0.006  # seconds it shares with its neighbours
_OPEN: Final = 16  # files kept open
_ALIKE: Final = 1e-6  # speeds nearer to 1 than this are 1


class Mixer:
    """Mixes voices at `rate` samples a second.  Thread-safe."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._readers: OrderedDict[str, Sound | None] = OrderedDict()
        self._lock = threading.Lock()
        self.tracks = Tracks(rate)
        """Tracks that are held as a whole, when that is wanted."""

    def _read(self, reader: Sound, voice: Voice, position: int, count: int) -> Samples:
        held = self.tracks.read(voice.path, position, count)
        return held if held is not None else reader.read(position, count)

    def _reader(self, path: str) -> Sound | None:
        if path in self._readers:
            self._readers.move_to_end(path)
            return self._readers[path]
        reader: Sound | None
        try:
            reader = open_sound(path, self.rate)
        except (MediaError, MissingExtra):
            reader = None
        self._readers[path] = reader
        while len(self._readers) > _OPEN:
            _, old = self._readers.popitem(last=False)
            if old is not None:
                old.close()
        return reader

    def _straight(self, reader: Sound, voice: Voice, first: int, count: int) -> Samples:
        """Samples first .. first+count of the view's time at speed 1 or -1."""
        at = voice.media_time + (first / self.rate - voice.start) * voice.speed
        if voice.speed > 0:
            return self._read(reader, voice, round(at * self.rate), count)
        return self._read(reader, voice, round(at * self.rate) - count, count)[::-1]

    def _stretched(self, reader: Sound, voice: Voice, first: int, count: int) -> Samples:
        fade = round(_FADE * self.rate)
        width = round(_GRAIN * self.rate) + fade
        size = width + fade
        envelope = np.ones(size, np.float32)
        envelope[:fade] = np.arange(fade, dtype=np.float32) / fade
        envelope[width:] = 1.0 - np.arange(size - width, dtype=np.float32) / fade
        out = np.zeros((count, CHANNELS), np.float32)
        for number in range((first - fade) // width, (first + count) // width + 1):
            begin = number * width  # of the grain, in the view's samples
            media = voice.media_time + (begin / self.rate - voice.start) * voice.speed
            at = round(media * self.rate)
            if voice.speed > 0:
                grain = self._read(reader, voice, at, size)
            else:
                grain = self._read(reader, voice, at - size, size)[::-1]
            low, high = max(begin, first), min(begin + size, first + count)
            if high > low:
                part = slice(low - begin, high - begin)
                out[low - first : high - first] += grain[part] * envelope[part, None]
        return out

    def mix(self, heard: Sequence[Voice], first: int, count: int) -> Samples:
        """`count` samples of all voices from sample `first` of the view's time on, (n, 2)."""
        out = np.zeros((count, CHANNELS), np.float32)
        with self._lock:
            for voice in heard:
                low = max(first, round(voice.start * self.rate))
                high = min(first + count, round((voice.start + voice.length) * self.rate))
                gains = np.array([voice.left, voice.right], np.float32)
                if high <= low or not gains.any():
                    continue
                reader = self._reader(voice.path)
                if reader is None:
                    continue
                same = abs(abs(voice.speed) - 1.0) < _ALIKE
                make = self._straight if same else self._stretched
                out[low - first : high - first] += make(reader, voice, low, high - low) * gains
        return out

    def close(self) -> None:
        """Close the files."""
        self.tracks.close()
        with self._lock:
            for reader in self._readers.values():
                if reader is not None:
                    reader.close()
            self._readers.clear()
