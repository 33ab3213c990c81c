"""The playback state machine: frame, range, in and out, increment, rate, mode.

Theory of operation. Every end is *exclusive* inside (``range_end``, ``out_point``), as in RV;
the command layer shows inclusive numbers, while the contents of ``new-out-point`` keep the
exclusive one. Time comes in as an argument: :meth:`Playback.tick` is what RV's ``advanceState``
does once per displayed frame, without the picture. While playing, the target frame is the frame
where play started plus ``round(elapsed * fps)``; realtime jumps there, play-all-frames never
advances by more than one increment and moves its clock base instead. Reaching the in/out limits
stops and starts again with the contents ``turn-around``, so clients see a stop and a start event
for every loop.

Source: RV user manual, "Playback"; Open RV ``src/lib/ip/IPCore/Session.cpp``.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Callable
from typing import Protocol

from player.session.timeline.rate import RateMeter

__all__ = ["DEFAULT_FPS", "PING_PONG", "PLAY_LOOP", "PLAY_ONCE", "Emit", "Playback"]

DEFAULT_FPS = 24.0
_FAR = 2.0**31
PLAY_LOOP, PLAY_ONCE, PING_PONG = 0, 1, 2
_TURN = "turn-around"


class Emit(Protocol):
    """Send an internal event; ``array`` is the event's ``contentsArray``."""

    def __call__(self, name: str, contents: str = "", array: tuple[str, ...] = ()) -> object: ...


class Playback:
    """Frame and range of the current view, and whether time runs.

    Frames are ints, rates frames per second, times seconds of the injected clock.
    """

    def __init__(self, emit: Emit, clock: Callable[[], float]) -> None:
        self._emit = emit
        self._clock = clock
        self.frame = 1
        self.range_start = 1
        self.range_end = 2
        self.narrowed_start = 1
        self.narrowed_end = 2
        self.in_point = 1
        self.out_point = 2
        self.inc = 1
        self.fps = DEFAULT_FPS
        self.mode = PLAY_LOOP
        self.realtime = False
        self.marks: list[int] = []
        self.skipped = 0
        self.starts = 0
        """How often playing began: sound and buffering notice a new start by it."""
        self.buffering = False
        """Whether playing waits for the cache; set by whoever makes it wait."""
        self.audio_mode = 1
        """How sound is cached: 1 around the frame, 2 all of it."""
        self.audio_ready = True
        """Whether a device for sound was set up."""
        self._playing_since: float | None = None
        self._shift = 0
        self._shown: int | None = None
        self._meter = RateMeter()

    # -- inclusive views ------------------------------------------------------------------

    @property
    def start(self) -> int:
        return self.range_start

    @property
    def end(self) -> int:
        return self.range_end - 1

    @property
    def playing(self) -> bool:
        return self._playing_since is not None

    # -- range ------------------------------------------------------------------------------

    def set_range(self, start: int, end: int) -> None:
        """Set the full range (``end`` exclusive); clamps silently, fires ``range-changed``."""
        self.range_start = self.narrowed_start = start
        self.range_end = self.narrowed_end = end
        if self.frame < start:
            self.frame = start
        if self.frame >= end:
            self.frame = end - 1
        if self.in_point < start:
            self.in_point = start
        if self.out_point >= end:
            self.out_point = end
        self._emit("range-changed")

    def update_range(self, start: int, end: int) -> None:
        """The range derived from the graph changed (``end`` exclusive)."""
        reset = (
            self.in_point == self.range_start and self.out_point == self.range_end
        ) or self.in_point >= self.out_point
        self.set_range(start, end)
        if reset:
            self.store_in(self.range_start)
            self.store_out(self.range_end)
        if self.frame < start or self.frame >= end:
            self.move(start)

    def set_narrowed(self, start: int, end: int) -> None:
        """Limit setFrame and in/out to part of the range (``end`` exclusive)."""
        self.narrowed_start = max(start, self.range_start)
        self.narrowed_end = min(end, self.range_end)
        if self.in_point < self.narrowed_start:
            self.store_in(self.narrowed_start)
        if self.out_point > self.narrowed_end:
            self.store_out(self.narrowed_end)
        self._emit("narrowed-range-changed")

    # -- in and out -------------------------------------------------------------------------

    def store_in(self, frame: int) -> None:
        frame = max(frame, self.narrowed_start)
        changed = frame != self.in_point
        self.in_point = frame
        if changed:
            self._emit("new-in-point", str(frame))

    def store_out(self, frame: int) -> None:
        """``frame`` is exclusive, and so are the event's contents."""
        frame = min(frame, self.narrowed_end)
        changed = frame != self.out_point
        self.out_point = frame
        if changed:
            self._emit("new-out-point", str(frame))

    def set_in(self, frame: int) -> None:
        """``setInPoint``: pushes the out point along when it would be passed."""
        if frame > self.out_point:
            self.store_out(frame + (self.out_point - self.in_point))
        self.store_in(frame)

    def set_out(self, frame: int) -> None:
        """``setOutPoint`` (inclusive): pulls the in point along when it would be passed."""
        end = frame + 1
        if end < self.in_point:
            self.store_in(end - (self.out_point - self.in_point))
        self.store_out(end)

    # -- frame ------------------------------------------------------------------------------

    def move(self, frame: int, contents: str = "") -> None:
        """Set the frame as it is; ``frame-changed`` if it differs."""
        changed = frame != self.frame
        self.frame = frame
        if changed:
            self._emit("frame-changed", contents)

    def set_frame(self, frame: int) -> None:
        """``setFrame``: clamp to the narrowed range, move, restart playback."""
        frame = min(max(frame, self.narrowed_start), self.narrowed_end - 1)
        self.move(frame)
        if self.playing:
            self.stop()
            self.play()

    # -- marks ------------------------------------------------------------------------------

    def mark(self, frame: int) -> None:
        if not self.is_marked(frame):
            insort(self.marks, frame)
            self._emit("mark-frame", str(frame))

    def unmark(self, frame: int) -> None:
        i = bisect_left(self.marks, frame)
        if i < len(self.marks) and self.marks[i] == frame:
            del self.marks[i]
        self._emit("unmark-frame", str(frame))

    def is_marked(self, frame: int) -> bool:
        i = bisect_left(self.marks, frame)
        return i < len(self.marks) and self.marks[i] == frame

    # -- settings ---------------------------------------------------------------------------

    def set_inc(self, inc: int) -> None:
        inc = inc or 1
        if self.playing:
            self.stop()
            self.inc = inc
            self.play()
        else:
            self.inc = inc
        self._emit("play-inc")

    def set_fps(self, fps: float) -> None:
        self.fps = fps
        playing = self.playing
        if playing:
            self.stop()
        self.refill_audio()
        self._emit("fps-changed")
        if playing:
            self.play()

    def set_audio_mode(self, mode: int) -> None:
        """``setAudioCacheMode``: 2 is all, anything else around the frame. Without a device RV
        plays and stops for a moment to get one, and keeps the mode when none comes of it."""
        if self.audio_ready:
            self.audio_mode = 2 if mode == 2 else 1
        else:
            self.play()
            self.stop()

    def refill_audio(self) -> None:
        """All of the sound was cached for another rate or view: RV plays for a moment, and sets
        the mode anew."""
        if self.audio_mode == 2:
            self.play()
            self.stop()
            self.set_audio_mode(1)
            self.set_audio_mode(2)

    def set_mode(self, mode: int) -> None:
        if mode in (PLAY_LOOP, PLAY_ONCE, PING_PONG) and mode != self.mode:
            self.mode = mode
            self._emit("play-mode-changed", str(mode))

    def set_realtime(self, on: bool) -> None:
        if on == self.realtime:
            return
        self.realtime = on
        playing = self.playing
        if playing:
            self.stop()
        self._emit("realtime-play-mode" if on else "play-all-frames-mode")
        if playing:
            self.play()

    # -- playing ----------------------------------------------------------------------------

    def play(self, contents: str = "") -> None:
        if self.playing or self.range_start == self.range_end - 1:
            return
        self.buffering = False
        if self.mode == PLAY_ONCE:
            if self.frame == self.out_point - 1 and self.inc > 0:
                self.move(self.in_point, contents)
            elif self.frame == self.in_point and self.inc < 0:
                self.move(self.out_point - 1, contents)
        if self.frame >= self.out_point or self.frame < self.in_point:
            self.move(self.in_point if self.inc > 0 else self.out_point - 1, contents)
        self._emit("before-play-start", contents)
        self._playing_since = self._clock()
        self.starts += 1
        self._shift = self.frame - self.range_start
        self._meter.start(self.frame, self._playing_since, goes_on=contents == _TURN)
        self._emit("play-start", contents)

    def stop(self, contents: str = "") -> None:
        if not self.playing and not self.buffering:
            return
        self._playing_since = None
        self.buffering = False
        self._emit("play-stop", contents)

    def _target(self, elapsed: float) -> int:
        """The frame the clock asks for."""
        signed = elapsed if self.inc > 0 else -elapsed
        steps = signed * self.fps + 0.5
        if not abs(steps) < _FAR:  # an absurd rate, or none
            steps = math.copysign(_FAR, steps)
        return int(steps) + self._shift + self.range_start

    def tick(self, now: float) -> None:
        """Advance the state to ``now``: what happens once per displayed frame."""
        self.skipped = 0
        since = self._playing_since
        if since is None:
            self._shown = self.frame
            self._meter.rate = 0.0
            return
        if not self._advance(now - since):
            return
        self._wrap()
        if self.frame >= self.range_end:
            self.move(self.range_end - 1)
        if self.frame < self.range_start:
            self.move(self.range_start)
        if self._shown != self.frame:
            self._shown = self.frame
            if self._playing_since is not None:
                self._meter.shown(self.frame, now, now - self._playing_since, self.fps)
            self._emit("frame-changed")

    def _advance(self, elapsed: float) -> bool:
        """Move the frame to where the clock wants it; False when nothing is to be shown."""
        inc = self.inc
        target = self._target(elapsed)
        following = self.frame + inc
        if self.realtime:
            skipped = int((target - following) / inc)
            # backwards RV keeps the wrong sign: how far the clock lags, as a negative number
            self.skipped = skipped if inc * skipped >= 0 else 0
        elif (inc > 0 and following < target) or (inc < 0 and following > target):
            self._shift += following - target
            target = following
        if (target - self.range_start) % abs(inc):
            return False
        self.frame = max(target, self.frame) if inc > 0 else min(target, self.frame)
        return True

    def _wrap(self) -> None:
        tag = _TURN
        if self.frame >= self.out_point and self.inc > 0:
            self.stop(tag)
            if self.mode == PING_PONG:
                self.inc = -self.inc
                self.move(self.out_point - 1, tag)
                self.play(tag)
            elif self.mode == PLAY_LOOP:
                self.move(self.in_point, tag)
                self.play(tag)
            else:
                self.move(self.out_point - 1, tag)
        elif self.frame < self.in_point and self.inc < 0:
            self.stop(tag)
            if self.mode == PING_PONG:
                self.move(self.in_point + 1, tag)
                self.inc = -self.inc
                self.play(tag)
            elif self.mode == PLAY_LOOP:
                self.move(self.out_point - 1, tag)
                self.play(tag)
            else:
                self.move(self.in_point, tag)

    def deadline(self) -> float | None:
        """The next time a tick would show another frame; None when stopped."""
        since = self._playing_since
        if since is None or self.fps <= 0:
            return None
        steps = abs(self.frame + self.inc - self._shift - self.range_start) - 0.5
        return since + max(steps, 0.0) / self.fps

    @property
    def real_fps(self) -> float:
        """Measured rate; 0.0 when stopped."""
        return self._meter.rate if self.playing else 0.0
