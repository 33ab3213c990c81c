"""The rate at which frames are really shown.

Every four frames make a sample.  The rate is the mean of the last samples in which those far
from the wanted rate weigh less, looked at five times a second at most, and is the wanted
rate itself where the difference would only distract.  The first sample after a start says
little and is left out; going round at the end of the range is a start that keeps the others.
(Open RV, `IPCore/Session.cpp`.)
"""

from __future__ import annotations

from collections import deque
from typing import Final

__all__ = ["RateMeter"]

_FRAMES: Final = 4  # of a sample
_MOST: Final = 72  # samples
_PAUSE: Final = 0.2  # seconds between two looks
_NEAR: Final = 0.1  # of the wanted rate: all weigh the same within
_SAME: Final = 0.125  # frames per second


class RateMeter:
    """Frames per second, from the frames shown."""

    def __init__(self) -> None:
        self.rate = 0.0
        """0.0 when nothing plays and until the first sample."""
        self._samples: deque[float] = deque(maxlen=_MOST)
        self._wanted = 0.0
        self._mean = 0.0
        self._looked = 0.0
        self._first = True
        self._frame = 0
        self._time = 0.0

    def start(self, frame: int, now: float, *, goes_on: bool) -> None:
        """Playing starts at a frame; *goes_on* when it only went round."""
        if not goes_on:
            self._forget()
        self._first = True
        self._frame, self._time = frame, now

    def _forget(self) -> None:
        self._samples.clear()
        self._looked = 0.0

    def shown(self, frame: int, now: float, elapsed: float, wanted: float) -> None:
        """A frame is shown, *elapsed* seconds after the start, where *wanted* is the rate."""
        count = abs(frame - self._frame)
        if count < _FRAMES or now <= self._time:
            return
        if wanted != self._wanted:
            self._forget()
            self._wanted = self._mean = wanted
        if not self._first:
            self._samples.append(count / (now - self._time))
        self._first = False
        if self._samples and abs(elapsed - self._looked) > _PAUSE:
            self._looked = elapsed
            self._mean = self._average()
        self.rate = wanted if abs(self._mean - wanted) < _SAME else self._mean
        self._frame, self._time = frame, now

    def _average(self) -> float:
        weights = [
            1.0 / max(_NEAR, abs(s - self._wanted) / self._wanted if self._wanted else _NEAR)
            for s in self._samples
        ]
        return sum(w * s for w, s in zip(weights, self._samples, strict=True)) / sum(weights)
