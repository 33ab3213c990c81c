"""Playing sound, and the clock it gives.

A thread mixes a fifth of a second ahead into a ring; the device's thread takes from it.  The
ring counts samples of the view's time from where playing started: what comes too late
is left out, so that sound that is heard is always in its place.  `clock` is the time of the
sample that is being heard: the device's count, its latency taken off, and between two calls
of the device the system's clock.  When the device stops calling, time is the system's again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from player.audio.device import NoDevice, Output, load_outputs, open_output
from player.audio.mixer import Mixer
from player.audio.sound import CHANNELS, Samples
from player.audio.voices import Voice

__all__ = ["Player"]

_AHEAD: Final = 0.2  # seconds mixed in front of the device
_CHUNK: Final = 1024
_DEAD: Final = 0.75  # seconds without a call of the device after which it is gone
_RETRY: Final = 10.0  # seconds before a device that failed is tried again
_BACKWARDS: Final = -1


class Player:
    """Plays voices through an output opened when it is first needed.

    `report` gets one line when there is no output.  All methods are for the session's
    thread except where the class says otherwise.
    """

    def __init__(
        self, *, kind: str = "", device: str = "", rate: int = 48000,
        report: Callable[[str], None] = lambda text: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.rate = rate
        self._kind, self._device = kind, device
        self._report = report
        self._monotonic = monotonic
        self.mixer = Mixer(rate)
        self._output: Output | None = None
        self._failed_at: float | None = None
        self._reported = False
        self._lock = threading.RLock()  # of the next; taken by itself where the clock is asked
        self._wake = threading.Condition(self._lock)
        self._thread: threading.Thread | None = None
        self._closed = False
        self._generation = 0
        # what is played: samples of the view's time
        self._playing = False
        self._clocked = True
        self._voices: list[Voice] = []
        self._direction = 1
        self._begin = 0  # sample of the view's time where playing started
        self._limit: int | None = None  # samples after which it ends (scrubbing)
        self._loops = 0
        self._gains = np.ones(CHANNELS, np.float32)
        # the ring
        self._ring: Samples = np.zeros((int(rate * 1.0), CHANNELS), np.float32)
        self._written = 0
        self._taken = 0
        # the clock
        self._skew = 0.0
        self._base = 0.0
        self._last_call = 0.0
        self._last_count = 0
        self._started = 0.0
        self._heard = 0.0
        self.underruns = 0

    # -- the session's side --------------------------------------------------------------

    @property
    def playing(self) -> bool:
        """Whether sound is being played and gives the time."""
        return self._playing

    @property
    def clocked(self) -> bool:
        """Whether what plays gives the time (scrubbing does not)."""
        return self._playing and self._clocked

    @property
    def gone(self) -> bool:
        """Whether there is no device, and it is too early to look again."""
        failed = self._failed_at
        return failed is not None and self._monotonic() - failed < _RETRY

    @property
    def output_name(self) -> str:
        """What plays; "" before the first sound and without a device."""
        return self._output.name if self._output is not None else ""

    def start(
        self, seconds: float, heard: Sequence[Voice], *, backwards: bool = False,
        limit: float = 0.0, loops: int = 0, clocked: bool = True,
    ) -> None:  # fmt: skip
        """Play from `seconds` of the view's time.

        `heard` covers the beginning; `extend` brings more.  With `limit` only that many
        seconds, `loops` times more, and without giving the time (scrubbing).
        """
        now = self.clock()
        with self._wake:
            self._generation += 1
            self._voices = list(heard)
            self._direction = _BACKWARDS if backwards else 1
            self._begin = round(seconds * self.rate)
            self._limit = round(limit * self.rate) if limit > 0 else None
            self._loops = max(0, loops)
            self._written = self._taken = 0
            self._playing = True
            self._clocked = clocked
            self._base = now
            self._heard = 0.0
            self._last_count = 0
            self._started = self._last_call = self._monotonic()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sound", daemon=True)
                self._thread.start()
            self._wake.notify_all()

    def rehearse(self, seconds: float, heard: Sequence[Voice]) -> None:
        """Load what playing from there will need, without opening a device.  From any thread."""
        load_outputs()
        self.mixer.mix(heard, round(seconds * self.rate), _CHUNK)

    def extend(self, heard: Sequence[Voice]) -> None:
        """Replace what will be heard (the graph changed, or more of it is known)."""
        with self._wake:
            self._voices = list(heard)
            self._wake.notify_all()

    def set_gains(self, left: float, right: float) -> None:
        """The master volumes; heard at once."""
        self._gains = np.array([left, right], np.float32)

    def stop(self) -> None:
        """Silence; the clock goes on from where it is."""
        if not self._playing:
            return
        now = self.clock()
        with self._wake:
            self._playing = False
            self._generation += 1
            self._skew = now - self._monotonic()

    def position(self) -> float:
        """Seconds of the view's time that have been mixed up to."""
        with self._wake:
            return (self._begin + self._direction * self._written) / self.rate

    def buffered(self) -> float:
        """Seconds mixed and not yet taken by the device."""
        with self._wake:
            return max(0, self._written - self._taken) / self.rate if self._playing else 0.0

    def clock(self) -> float:
        """Seconds, never backwards: the sound that is heard, else the system's clock."""
        mono = self._monotonic()
        with self._lock:
            if not self._playing or not self._clocked:
                return mono + self._skew
            output = self._output
            if mono - self._last_call > _DEAD or (output is None and self._failed_at is not None):
                # the device is gone, or never came: time goes on without it
                self._playing = False
                late = mono - max(self._last_call, self._started)
                self._skew = self._base + self._heard + late - mono
                return mono + self._skew
            if output is not None and self._last_count:
                since = min((mono - self._last_call) * self.rate, self._last_count)
                heard = (self._taken - self._last_count + since) / self.rate - output.latency
                self._heard = max(self._heard, heard)
            return self._base + self._heard

    def close(self) -> None:
        """End the threads and the device."""
        with self._wake:
            self._closed = True
            self._playing = False
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join(2.0)
        if self._output is not None:
            self._output.close()
            self._output = None
        self.mixer.close()

    # -- the mixing thread ---------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._closed and not self._room():
                    self._wake.wait(0.25)
                if self._closed:
                    return
                generation = self._generation
                # what the device has passed already is left out
                self._written = max(self._written, self._taken)
                at, heard = self._written, self._voices
                count = min(_CHUNK, self._left(at))
                first = self._place(at, count)
                backwards = self._direction < 0
            samples = self.mixer.mix(heard, first, count)
            if backwards:
                samples = samples[::-1]
            with self._wake:
                if generation == self._generation and self._written == at:
                    self._store(at, samples)
                    self._written = at + count
            if self._output is None:
                self._open()

    def _room(self) -> bool:
        ahead = self._written - self._taken
        return self._playing and ahead < _AHEAD * self.rate and self._left(self._written) > 0

    def _left(self, at: int) -> int:
        """Samples until the end, or until the loop of a scrub begins again."""
        if self._limit is None:
            return _CHUNK
        if at >= self._limit * (self._loops + 1):
            return 0
        return self._limit - at % self._limit

    def _place(self, at: int, count: int) -> int:
        """The first sample of the view's time of a chunk."""
        if self._limit is not None:
            at %= self._limit
        return self._begin + at if self._direction > 0 else self._begin - at - count

    def _store(self, at: int, samples: Samples) -> None:
        size = len(self._ring)
        begin = at % size
        head = min(len(samples), size - begin)
        self._ring[begin : begin + head] = samples[:head]
        self._ring[: len(samples) - head] = samples[head:]

    def _open(self) -> None:
        now = self._monotonic()
        if self._failed_at is not None and now - self._failed_at < _RETRY:
            return
        try:
            output = open_output(self._pull, self.rate, self._kind, self._device)
        except NoDevice as error:
            self._failed_at = self._monotonic()
            if not self._reported:
                self._reported = True
                self._report(f"INFO: playing without sound: {error}")
            return
        self._failed_at = None
        with self._wake:
            self._output = output
            self._last_call = self._monotonic()

    # -- the device's thread -------------------------------------------------------------

    def _pull(self, count: int) -> Samples:
        out = np.zeros((count, CHANNELS), np.float32)
        with self._wake:
            self._last_call = self._monotonic()
            if not self._playing:
                self._last_count = 0
                return out
            if not self._taken and not self._written and self._last_call - self._started < _DEAD:
                self._last_count = 0  # the beginning is being read: wait for it
                return out
            have = min(count, max(0, self._written - self._taken))
            if have < count and self._left(self._written) > 0:
                self.underruns += 1
            size = len(self._ring)
            begin = self._taken % size
            head = min(have, size - begin)
            out[:head] = self._ring[begin : begin + head]
            out[head:have] = self._ring[: have - head]
            self._taken += count
            self._last_count = count
            if self._limit is not None and self._taken > self._limit * (self._loops + 1):
                self._playing = False
            self._wake.notify_all()
        out *= self._gains
        return out
