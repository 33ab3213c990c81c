"""One open container of a movie, its decoder, and who may use it.

A decoder has one position, so whoever reads a movie takes a lane and gives it back.  Where
frames depend on each other there is one lane, had in the order of asking: FFmpeg decodes
several frames side by side itself.  Where every frame stands alone (`INTRA`) FFmpeg shares out
the slices of one frame at best, and MJPEG's not at all; there each reader that finds all
lanes taken opens another one, up to the number of processors, and frames are decoded side by
side.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from functools import partial
from typing import Any, Final

from player.media.limits import MAX_PIXELS
from player.media.moviedecode import Decoder
from player.media.moviefacts import INTRA, video_stream
from player.media.opening import open_container
from player.media.pyav import import_av
from player.media.spare import Account
from player.media.wholeness import is_cut_off, last_whole, nothing_from
from rvshell.errors import MediaError

__all__ = ["Lane", "LanePass", "Lanes"]

_MOST_THREADS: Final = 8
_MOST_LANES: Final = 4

#: called with a frame that a lane decoded on the way to another one, and its index
LanePass = Callable[["Lane", Any, int], None]


def _use_threads(stream: Any) -> None:
    """Slices side by side where every frame stands alone, frames side by side elsewhere: one
    more than there are processors, since one is always being handed over.  Yet another one plays
    3 % faster and takes a tenth longer to a frame at random.

    Each thread holds a frame or more: on large machines some are left out.
    """
    for other in stream.container.streams:
        if other.index != stream.index:
            with suppress(AttributeError):  # an older PyAV
                other.discard = type(other.discard)["all"]
    context = stream.codec_context
    cores = os.cpu_count() or 1
    intra = context.name in INTRA
    stream.thread_type = "SLICE" if intra else "AUTO"
    context.thread_count = min(cores if intra or cores == 1 else cores + 1, _MOST_THREADS)
    # the size may change in mid-stream: FFmpeg refuses before it allocates
    context.options = {**context.options, "max_pixels": str(MAX_PIXELS)}


class Lane:
    """A container of *path*, for its *track*.  `given` is the index of the frame it gave last."""

    def __init__(self, path: str, track: int = 0) -> None:
        self._path, self.track = path, track
        self.given = -1
        self.container: Any = open_container(path)
        self.stream: Any = video_stream(self.container, track)
        self.decoder: Decoder | None = None
        self.memory = Account()

    def prepare(self, rate: Fraction, passed: Callable[[Any, int], None]) -> Decoder:
        """Make the decoder; the stream is there and has a codec."""
        _use_threads(self.stream)
        self.decoder = Decoder(
            import_av(), self.container, self.stream, rate, passed=passed, reopen=self._reopen
        )
        self.decoder.cut_off = is_cut_off(self._path, self.stream)
        self.decoder.learn = partial(nothing_from, self._path)
        if self.decoder.cut_off and self.decoder.is_intra:
            self.decoder.there = last_whole(self._path, self.stream)
        return self.decoder

    def _reopen(self) -> tuple[Any, Any]:
        """The container from its beginning, for what cannot seek or was at rest."""
        if self.container is not None:
            self.container.close()
        self.container = open_container(self._path)
        self.stream = video_stream(self.container, self.track)
        _use_threads(self.stream)
        self.memory = Account()
        return self.container, self.stream

    def rest(self) -> None:
        """Close the file, and the decoder with all that it keeps, until the next frame."""
        if self.decoder is not None and self.container is not None:
            self.decoder.rest()
            self.container.close()
            self.container = self.stream = None  # which hold the decoder
            self.memory.closed = True
            self.memory = Account()

    def close(self) -> None:
        """Close the file, and the decoder with its threads and frames at once: the decoder and
        its generators hold each other."""
        self.rest()
        if self.container is not None:
            self.container.close()
        self.container = self.stream = self.decoder = None


class _Ticket:
    """Somebody who waits for a lane."""

    __slots__ = ("called", "lane")

    def __init__(self) -> None:
        self.lane: Lane | None = None
        self.called = threading.Event()


class Lanes:
    """The lanes of a movie.  Thread-safe."""

    def __init__(self, first: Lane) -> None:
        self._lock = threading.Lock()
        self._free = [first]
        self._open = 1
        self._track = first.track
        self._more: tuple[str, Fraction, LanePass, list[int]] | None = None
        self._waiting: deque[_Ticket] = deque()
        self._closed = False

    def widen(self, path: str, rate: Fraction, passed: LanePass, times: list[int]) -> None:
        """From here on more lanes of *path* may be opened; *times* as their decoders have them."""
        self._more = (path, rate, passed, times)

    def take(self, index: int) -> Lane | None:
        """A lane for a frame: the one nearest in front of it, a new one, or the next that is
        given back, in the order of asking.  None once they are closed."""
        with self._lock:
            if self._closed:
                return None
            if self._free:
                best = min(self._free, key=lambda lane: (lane.given > index, -lane.given))
                self._free.remove(best)
                return best
            more = self._more
            if more is not None and self._open < min(os.cpu_count() or 1, _MOST_LANES):
                self._open += 1
            else:
                more = None
                ticket = _Ticket()
                self._waiting.append(ticket)
        if more is not None:
            lane = _opened(*more, self._track)
            if lane is not None:
                return lane
            with self._lock:
                self._open -= 1
                self._more = None
            return self.take(index)
        ticket.called.wait()
        return ticket.lane

    def give(self, lane: Lane) -> None:
        """Give a lane back."""
        with self._lock:
            if self._closed:
                lane.close()
            elif self._waiting:
                ticket = self._waiting.popleft()
                ticket.lane = lane
                ticket.called.set()
            else:
                self._free.append(lane)

    def spare(self) -> int:
        """Bytes kept by the decoders that nobody uses now."""
        with self._lock:
            return sum(lane.memory.spare for lane in self._free)

    def rest(self) -> None:
        """Close these decoders until they are needed."""
        with self._lock:
            for lane in self._free:
                lane.rest()

    def close(self) -> None:
        """Close the lanes that nobody has now, and the others when they are given back."""
        with self._lock:
            self._closed = True
            for lane in self._free:
                lane.close()
            self._free.clear()
            while self._waiting:
                self._waiting.popleft().called.set()


def _opened(
    path: str, rate: Fraction, passed: LanePass, times: list[int], track: int
) -> Lane | None:
    """Another lane; None when the file went away, or too many are open: one is enough."""
    try:
        lane = Lane(path, track)
    except (MediaError, OSError):
        return None
    try:
        decoder = lane.prepare(rate, partial(passed, lane))
        if decoder.begin() is not None:
            decoder.times = times
            return lane
    except (import_av().error.FFmpegError, OSError, ValueError):
        pass
    lane.close()
    return None
