"""Movies by PyAV: a file or URL opened once, its frames by number.

The parts: `moviefacts` says what the file says of itself, `moviedecode` finds frames,
`moviepicture` keeps them in the decoder's own format until they are shown.  Each decoder has
one position: `movielane` says who has it.  Frames passed on the way to the one
asked for are kept for a short while (stepping back) and given to whoever caches
(`take_passed`), so that playing backwards decodes a group of pictures once.

A file that breaks in the middle gives the nearest earlier picture, with the reason in
`Picture.problem`.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from player.media.boxes import fragments_of
from player.media.limits import check_geometry
from player.media.moviedecode import CUT_OFF
from player.media.moviefacts import (
    BARE,
    VAGUE,
    frames_by_time,
    movie_facts,
    movie_rate,
    video_streams,
)
from player.media.movielane import Lane, Lanes
from player.media.moviepicture import MoviePicture, frame_bytes, target_format
from player.media.opening import hold, is_url, release, shown_name
from player.media.picture import Picture
from player.media.pyav import import_av
from player.media.spare import shared_spares
from rvshell.errors import MediaError

__all__ = ["MovieReader"]

_KEEP_BYTES: Final = 32 << 20  # frames passed on the way to the one asked for
_HAND_BYTES: Final = 128 << 20  # the same, for whoever caches


class MovieReader:
    """One movie, one *track* of its pictures; any thread may call `read`.  Raises MediaError."""

    def __init__(self, path: str, track: int = 0) -> None:
        self._av = import_av()
        self._path = path
        self._name = shown_name(path)
        self._is_remote = is_url(path)
        self._lock = threading.Lock()  # of what follows; never held while decoding
        self._passed: OrderedDict[int, MoviePicture] = OrderedDict()
        self._handed: deque[tuple[int, MoviePicture]] = deque()
        self._held = 0
        self._handed_bytes = 0
        self._good: MoviePicture | None = None
        self._has_pictures = False
        lane = Lane(path, track)
        self._release: Callable[[], object] = lambda: None
        # what comes over a network is not asked for again: only bytes that are kept here
        self._may_rest = not self._is_remote or hold(path)
        if self._is_remote and self._may_rest:
            self._release = keeping = weakref.finalize(self, release, path)
            keeping.atexit = False
        kind = str(lane.container.format.name)
        self.is_still = kind.endswith("_pipe") or kind == "fits"
        """Whether it is one picture in a format of such."""
        self.tracks = len(video_streams(lane.container))
        """How many tracks of pictures there are."""
        self._lanes = Lanes(lane)
        frames, rotation = 1, 0
        try:
            if lane.stream is not None:
                frames, rotation = self._prepare(lane)
                self._has_pictures = True
            elif not lane.container.streams.audio:
                raise self._fail("has neither pictures nor sound")
            self.facts = movie_facts(path, lane.container, frames, rotation, track)
        except BaseException:
            lane.close()
            self._release()
            raise

    # -- opening ---------------------------------------------------------------------

    def _fail(self, what: object) -> MediaError:
        return MediaError(f"{self._name}: {what}", path=self._name)

    def _prepare(self, lane: Lane) -> tuple[int, int]:
        """Set the decoder up; (frames, rotation in degrees clockwise)."""
        stream, container = lane.stream, lane.container
        context = stream.codec_context
        if context is None:
            raise self._fail("has pictures in a format that no decoder knows")
        check_geometry(context.width, context.height, 4, 2, self._path)
        rate = movie_rate(stream)
        self._target = target_format(context)
        self._codec: str = context.name
        decoder = lane.prepare(rate, partial(self._pass, lane))
        kind, local = container.format.name, not self._is_remote
        declared, by_time = stream.frames, frames_by_time(container, stream, rate)
        if kind in BARE:
            declared = by_time = 0
        if local and "mp4" in kind:
            boxes = fragments_of(self._path)
            declared += boxes.samples.get(stream.id, 0)
            if boxes.samples and not boxes.has_index:
                by_time = 0  # which is that of the fragments that FFmpeg has seen so far
        frames = min(declared or by_time, by_time or declared)
        tail: list[tuple[int, int]] = []
        try:
            if not frames:
                frames = decoder.count()
            elif local and not decoder.cut_off and (declared or kind == "mxf"):
                tail = decoder.tail(by_time - 1)
            first = decoder.begin()
            if kind in VAGUE and local:
                frames = decoder.last_index(frames - 1) + 1
            else:
                frames = decoder.number(tail, frames)
        except (self._av.error.FFmpegError, OSError, ValueError) as error:
            raise self._fail(f"cannot be decoded: {error}") from None
        if first is None:
            raise self._fail(f"has no picture that can be decoded: {decoder.damage or 'empty'}")
        decoded = first[0]
        check_geometry(decoded.width, decoded.height, 4, 2, self._path)
        if decoder.is_intra and not self._is_remote:
            self._lanes.widen(self._path, rate, self._pass, decoder.times)
        turn = -round(float(getattr(decoded, "rotation", 0) or 0)) % 360
        return frames, turn

    # -- reading ---------------------------------------------------------------------

    def read(self, frame: int, view: str = "", layer: str = "", channel: str = "") -> Picture:
        """The picture of *frame*, clamped to the range; of sound alone there is none, and no
        complaint.  Raises MediaError when the file cannot be decoded and no picture came out of
        it before."""
        if not self._has_pictures:
            return Picture.nothing(1280, 720, frame)
        index = min(max(frame, self.facts.start), self.facts.end) - self.facts.start
        if self._may_rest:
            shared_spares().use(self)
        lane = self._lanes.take(index)
        if lane is None:
            raise self._fail("is closed")
        try:
            with self._lock:  # whoever had the lane before may have come past it
                held = self._passed.get(index)
                if held is not None:
                    self._passed.move_to_end(index)
                    return held
            return self._decode(lane, index)
        finally:
            self._lanes.give(lane)

    def _decode(self, lane: Lane, index: int) -> Picture:
        frame = self.facts.start + index
        decoder = lane.decoder
        assert decoder is not None
        lane.given = max(lane.given, 0)  # what passes from here on has its facts
        try:
            found = decoder.find(index)
        except (MediaError, self._av.error.FFmpegError, OSError, ValueError) as error:
            found = None
            decoder.damage = str(getattr(error, "strerror", None) or error)
        if found is None:
            reason = decoder.damage or "nothing there"
            good = self._good
            if good is None:
                raise self._fail(f"frame {frame} cannot be decoded: {reason}")
            return good.shown_as(frame, f"{self._name}: frame {frame} is damaged: {reason}")
        decoded, at = found
        lane.given = at
        if at != index and decoder.damage:
            reason = f"frame {frame} is damaged: {decoder.damage}"
            if decoder.damage == CUT_OFF:  # the same words for all that follow
                reason = f"cut off behind frame {self.facts.start + at}"
            made = self._picture(lane, decoded, index, reason)
            self._good = made
            return made
        made = self._picture(lane, decoded, index)
        with self._lock:
            self._keep(index, made)
        self._good = made
        return made

    def _picture(self, lane: Lane, decoded: Any, index: int, problem: str = "") -> MoviePicture:
        facts = self.facts
        width, height = facts.width, facts.height
        if not problem and (decoded.width, decoded.height) not in (
            (width, height), (height, width),
        ):  # fmt: skip
            width, height = decoded.width, decoded.height  # the size changes in mid-stream
        return MoviePicture(
            decoded, self._codec, self._target,
            width=width, height=height, pixel_aspect=facts.pixel_aspect,
            frame=facts.start + index, attributes=facts.attributes,
            problem=f"{self._name}: {problem}" if problem else "",
            hold=lane.memory.hold(frame_bytes(decoded)),
        )  # fmt: skip

    def _pass(self, lane: Lane, decoded: Any, index: int) -> None:
        """A frame went by on the way to another one."""
        if index < 0 or index == lane.given or decoded.is_corrupt or lane.given < 0:
            return
        made = self._picture(lane, decoded, index)
        with self._lock:
            self._keep(index, made)
            self._handed.append((self.facts.start + index, made))
            self._handed_bytes += made.nbytes
            while self._handed_bytes > _HAND_BYTES:
                self._handed_bytes -= self._handed.popleft()[1].nbytes

    def _keep(self, index: int, picture: MoviePicture) -> None:
        if index in self._passed:
            return
        self._passed[index] = picture
        self._held += picture.nbytes
        while self._passed and (self._held > _KEEP_BYTES and len(self._passed) > 1):
            _, old = self._passed.popitem(last=False)
            self._held -= old.nbytes

    def take_passed(self, view: str = "") -> list[tuple[int, Picture]]:
        """(frame, picture) of what was decoded on the way since the last call."""
        with self._lock:
            taken: list[tuple[int, Picture]] = list(self._handed)
            self._handed.clear()
            self._handed_bytes = 0
        return taken

    def spare(self) -> int:
        """Bytes kept for frames to come."""
        return self._lanes.spare() + self._held + self._handed_bytes

    def rest(self) -> None:
        """Keep nothing until the next frame is asked for."""
        self._lanes.rest()
        self._let_go()

    def close(self) -> None:
        """Let go of the file; readers at work finish what they have."""
        shared_spares().leave(self)
        self._lanes.close()
        self._let_go()
        self._release()

    def _let_go(self) -> None:
        with self._lock:
            self._passed.clear()
            self._handed.clear()
            self._held = self._handed_bytes = 0
            self._good = None
