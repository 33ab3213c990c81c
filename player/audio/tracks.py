"""Whole sound tracks in memory: RV's greedy audio cache.

Around the playhead a `SoundReader` decodes what is about to be heard.  Somebody who scrubs
wants all of it at once, without a seek: then a thread with a reader of its own decodes the
tracks of the view one after the other, from their beginnings, until the budget is used up.  What
is there is taken from here, the rest still comes from the mixer's readers.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

import numpy as np

from player.audio.sound import CHANNELS, Samples, Sound
from player.audio.tones import open_sound
from rvshell.errors import MediaError, MissingExtra

__all__ = ["Tracks"]

_BUDGET: Final = 512 << 20  # bytes: 23 minutes at 48,000 samples a second
_PIECE: Final = 1.0  # seconds decoded at once
_NICE: Final = 10  # as the workers of the frame cache


class _Track:
    """The beginning of a track, in pieces of one length; `complete` when it is all of it."""

    __slots__ = ("complete", "length", "pieces")

    def __init__(self) -> None:
        self.pieces: list[Samples] = []
        self.length = 0
        self.complete = False

    def read(self, position: int, count: int) -> Samples | None:
        """As `SoundReader.read`; None when some of it is not here yet."""
        if position < 0 or (position + count > self.length and not self.complete):
            return None
        out = np.zeros((count, CHANNELS), np.float32)
        end = min(position + count, self.length)
        at = position
        while at < end:
            piece = self.pieces[at // len(self.pieces[0])]
            inside = at % len(self.pieces[0])
            part = piece[inside : inside + end - at]
            out[at - position : at - position + len(part)] = part
            at += len(part)
        return out


class Tracks:
    """Tracks by file, at `rate` samples a second and within `budget` bytes.  Thread-safe."""

    def __init__(
        self, rate: int, budget: int = _BUDGET,
        opened: Callable[[str, int], Sound] = open_sound,
    ) -> None:  # fmt: skip
        self._rate = rate
        self._budget = budget
        self._opened = opened
        self._wake = threading.Condition()
        self._tracks: dict[str, _Track] = {}
        self._used = 0
        self._thread: threading.Thread | None = None
        self._closed = False

    def want(self, paths: Iterable[str]) -> None:
        """Hold these tracks, the first ones first; others are dropped."""
        with self._wake:
            wanted = dict.fromkeys(paths)
            for path in [p for p in self._tracks if p not in wanted]:
                self._used -= self._tracks.pop(path).length * CHANNELS * 4
            held = self._tracks
            self._tracks = {path: held.get(path) or _Track() for path in wanted}
            if wanted and self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._work, name="tracks", daemon=True)
                self._thread.start()
            self._wake.notify_all()

    def read(self, path: str, position: int, count: int) -> Samples | None:
        """`count` samples from `position` on; None when they are not all in memory."""
        with self._wake:
            track = self._tracks.get(path)
            return track.read(position, count) if track is not None else None

    def held(self, path: str) -> tuple[float, bool]:
        """(seconds in memory from the beginning of the track, whether that is all of it)."""
        with self._wake:
            track = self._tracks.get(path)
            return (track.length / self._rate, track.complete) if track else (0.0, False)

    def close(self) -> None:
        """End the thread after the piece in its hands, and drop everything."""
        with self._wake:
            self._closed = True
            self._tracks, self._used = {}, 0
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join(5.0)

    # -- the thread ----------------------------------------------------------------------

    def _next(self) -> tuple[str, _Track] | None:
        room = int(_PIECE * self._rate) * CHANNELS * 4
        if self._used + room > self._budget:
            return None
        return next(((p, t) for p, t in self._tracks.items() if not t.complete), None)

    def _work(self) -> None:
        with suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        while True:
            with self._wake:
                found = self._next()
                while found is None and not self._closed:
                    self._wake.wait()
                    found = self._next()
                if self._closed or found is None:
                    return
            self._fill(*found)

    def _fill(self, path: str, track: _Track) -> None:
        """Decode a track for as long as it is wanted and there is room."""
        size = int(_PIECE * self._rate)
        try:
            reader = self._opened(path, self._rate)
        except (MediaError, MissingExtra):
            with self._wake:
                track.complete = True  # there is nothing to be heard of it
            return
        try:
            while True:
                with self._wake:
                    position = track.length
                piece = reader.read(position, size)
                with self._wake:
                    if self._closed or self._tracks.get(path) is not track:
                        return
                    end = reader.end
                    if end is not None and end <= position + size:
                        piece = piece[: max(0, end - position)]
                        track.complete = True
                    if len(piece):
                        track.pieces.append(piece)
                        track.length += len(piece)
                        self._used += piece.nbytes
                    if track.complete or self._next() is None:
                        return
        finally:
            reader.close()
