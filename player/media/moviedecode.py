"""Any frame of a movie, exactly: seek, verify, decode on.

FFmpeg seeks by time and to key frames only, and not always where it was told.  A frame
number is a presentation time (first time + n / rate), and finding one is: decode on while
the wanted time lies a little ahead of the frame in hand and in the same group of pictures,
else seek to the key frame before it; look at the first frame that comes out, and seek further
back while it is too late or is marked as incomplete (an open group of pictures).  The frame
shown is the one whose interval holds the wanted time, which is the same at a constant rate
and right at a variable one.  Where frames come irregularly, but each near its turn (a telephone's
movie, one without its doubles), they are numbered one by one instead: RV, which goes by the mean
rate alone, shows some of them twice and some never.  Where a picture stands for long, it stands
here until the next is due, as it is heard; RV shows that next one from the second frame on (the
first whose time is not before the frame's, unless one lies within half a frame that it has read by
then, which depends on its decoder's threads; behind the last picture it has an error).  That cannot
be followed to the frame, and pictures would come before what is heard with them.

Packets are decoded one by one: a damaged one costs its own pictures, and those that depend
on it, not the rest of the file.  Streams without any time stamps (raw H.264 and the like)
are counted from their beginning, and so are those whose times are made up or out of order, MXF
that is cut off, and small program streams: of frames that share a packet one has a time, FFmpeg
guesses the others'.  In large ones, and in ASF, the first frames after a seek are not believed.

Of colours by a palette FFmpeg gives the palette with the first packet that is read, once: a decoder
sees that packet before it is sent elsewhere.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import islice, pairwise
from typing import Any, Final

from player.media.moviefacts import INTRA, index_of

__all__ = ["CUT_OFF", "Decoder", "Found"]

CUT_OFF: Final = "cut off"  # damage: the file has ended

_DECODE_ON: Final = 48  # frames ahead that are decoded rather than sought, without an index
_FURTHER: Final = 12  # frames to seek back where a seek led too far, then twice as many
_MAX_BACK: Final = 10  # times to seek further back before reading from the beginning
_OUT_OF_TURN: Final = 2.5  # frames from where the rate has them
_MOST_DELAY: Final = 16  # frames between decoding one and showing it
_LOOKED_AT: Final = 24  # frames whose order is looked at
_WITHOUT_ORDER: Final = ("avi", "mxf", "asf")  # formats that may hold no times of presentation
_UNTIMED: Final = ("h261", "h263", "vc1", "cavsvideo", "dirac")  # formats with made-up times
_GUESSED: Final = ("mpeg", "asf")  # formats whose times are guesses for a while after a seek
_SETTLING: Final = 8192  # bytes after which they are not: packets of 2 kB bear one time each
_TINY: Final = 4 << 20  # bytes that are sooner read from the beginning than sought in
_MAX_BAD_PACKETS: Final = 10_000  # in a row; what has more is no movie

Found = tuple[Any, int]  # (decoded frame, its index)


class Decoder:
    """The video stream of an open container.  Not thread-safe.

    `rate` is frames per second; `passed` is called with frames that were decoded on the way
    to the one asked for; `reopen` gives (container, its video stream) anew, at the beginning,
    for what cannot seek at all.
    """

    def __init__(
        self, av: Any, container: Any, stream: Any, rate: Fraction, *,
        passed: Callable[[Any, int], None], reopen: Callable[[], tuple[Any, Any]],
    ) -> None:  # fmt: skip
        self._av = av
        self._container = container
        self._stream = stream
        self._rate = rate
        self._passed = passed
        self._reopen = reopen
        base = Fraction(self._stream.time_base or Fraction(1, 1000))
        self._base = base
        # frames per unit of time as a ratio of integers: it is used several times a frame
        self._units = (base * rate).as_integer_ratio()
        start = self._stream.start_time
        self._first: int = start if start is not None else 0
        self.times: list[int] = []
        """The time of each frame, where the rate does not say it."""
        self._entries, self._key_stamps, self._listed = index_of(stream)
        self._keys = self._key_frames()
        self._frames: Iterator[Any] | None = None
        self._current: Found | None = None
        self._ahead: Found | None = None
        self._count = 0
        self._last: int | None = None  # the index of the frame that came out last
        self._counting = False
        # of several frames that belong to one index, whether `_current` is not the first; and
        # whether there have been such: their times lie closer than the rate says
        self._later = self._crowded = False
        self._aim = 0
        context, kind = self._stream.codec_context, container.format.name
        self._in_pieces = kind == "hls"
        # colours that come once, with the first packet
        self._palette = context.pix_fmt == "pal8"
        self._primed = False
        self._every_one = context.name in INTRA and not self._palette
        self._guesses = kind in _GUESSED
        # a seek misses the very first frame, or the palette
        self._reopens = self._guesses or kind == "m4v" or self._palette
        self._read = 0  # bytes, since the last seek
        self._sure: int | None = None  # frames are sure of their times from this time on
        self._hurt = (
            "",
            0,
        )  # why a packet could not be decoded, and the count until which it shows
        self._gaps: dict[int, tuple[int, str]] = {}  # frames that did not come for it, by the first
        self.cut_off = False  # whether the file ends before its frames do
        self.there: Callable[[int], int] | None = None  # the frame that it has in one's place
        # how to know that again, of an index that was looked for and the last one that came
        self.learn: Callable[[int, int], Callable[[int], int]] | None = None
        self.damage = ""
        """Why packets since the last `find` could not be decoded, or why its frame did not come;
        "" when all could."""

    def _key_frames(self) -> list[int]:
        """Indices of the key frames, sorted."""
        return sorted(max(0, self.index(s)) for s in self._key_stamps)

    def index(self, pts: int) -> int:
        """The index of the frame that a time belongs to."""
        if self.times:
            at = bisect.bisect_left(self.times, pts)
            low, high = max(0, at - 1), min(at, len(self.times) - 1)
            return low if pts - self.times[low] < self.times[high] - pts else high
        up, down = self._units
        return (2 * (pts - self._first) * up + down) // (2 * down)  # rounded, halves up

    # -- the stream of frames --------------------------------------------------------------

    @property
    def is_intra(self) -> bool:
        """Whether every frame stands alone and has a time."""
        return self._every_one and not self._counting

    def _packets(self) -> Iterator[Any]:
        """Packets to decode, the one that flushes the decoder last.  Where every frame stands
        alone, those in front of the frame that is looked for are left out."""
        packets = self._container.demux(self._stream)
        if not self.is_intra:
            yield from packets
            return
        held, at = None, -1
        for packet in packets:
            index = None if packet.pts is None or self._counting else self.index(packet.pts)
            if held is not None:
                # some codecs of this kind may be told to make frames that depend on others
                behind = index is not None and at < self._aim and index <= self._aim
                if not (behind and packet.is_keyframe):
                    yield held
            if index is None:
                held = None
                yield packet
            else:
                held, at = packet, index
        if held is not None:
            yield held

    def _decoded(self) -> Iterator[Any]:
        bad = 0
        for packet in self._packets():
            if self._sure is None:
                self._read += packet.size
                if self._read > _SETTLING:
                    self._sure = packet.dts
            try:
                frames = packet.decode()
                bad = 0
            except self._av.error.EOFError:
                return
            except (self._av.error.FFmpegError, ValueError) as error:
                self.damage = str(getattr(error, "strerror", None) or error)
                self._hurt = (self.damage, self._count + 2 * _MOST_DELAY)
                bad += 1
                if bad > _MAX_BAD_PACKETS:
                    return
                continue
            yield from frames

    def _pull(self) -> Found | None:
        """The next frame out of the decoder."""
        if self._ahead is not None:
            found, self._ahead = self._ahead, None
            return found
        if self._frames is None:
            return None
        try:
            frame = next(self._frames, None)
        except (self._av.error.FFmpegError, OSError) as error:
            self.damage = str(getattr(error, "strerror", None) or error)
            frame = None
        if frame is None:
            self._frames = None
            return None
        stamp = frame.pts if frame.pts is not None else frame.dts
        last = self._last
        if self._counting or (stamp is None and last is None):
            self._counting = True
            index = self._count
        else:
            index = self.index(stamp) if stamp is not None else -1
            if last is not None and index < last and (self._count > 1 or stamp is None):
                index = last + 1  # no time, or a wrong one: frames come in the order of showing
        reason, until = self._hurt
        if last is not None and index > last + 1 and self._count < until and not self.is_intra:
            self._gaps[last + 1] = (index - 1, reason)
        self._count += 1
        self._last = index
        return frame, index

    def _pull_sure(self) -> Found | None:
        """The next frame out of the decoder, after a seek, that is sure of its time."""
        found = self._pull()
        while found is not None and self._guesses:
            stamp = found[0].pts
            if self._sure is not None and stamp is not None and stamp >= self._sure:
                break
            found = self._pull()
        return found

    def _start_at(self, index: int) -> None:
        """Position on the key frame before *index*, as far as FFmpeg knows."""
        pts = self._first
        if 0 < index < len(self.times):
            pts = self.times[index]
        elif index > 0:
            # the first that belongs to an index is due up to half a frame before it
            place = Fraction(index) - Fraction(self._crowded, 2)
            pts += math.floor(place / self._rate / self._base)
        if self._palette and not self._primed:
            self._prime()
        self._container.seek(pts, stream=self._stream, backward=True)
        self._restart()

    def _prime(self) -> None:
        """Let a decoder that is new see the first packet."""
        self._primed = True
        for packet in self._container.demux(self._stream):
            if packet.size:
                with suppress(self._av.error.FFmpegError):
                    packet.decode()
                return

    def _restart(self) -> None:
        self._current = self._ahead = None
        self._later = False
        self._count, self._last, self._hurt = 0, None, ("", 0)
        self._read, self._sure = 0, None
        self._frames = self._decoded()

    # -- finding ---------------------------------------------------------------------------

    def find(self, index: int) -> Found | None:
        """The frame that shows *index* and its own index; None when nothing can be decoded.  Of
        several frames with an index it is the first.

        Past a break the nearest earlier frame is given, and `damage` says why.
        """
        if self.there is not None and (nearest := self.there(index)) != index:
            found = self.find(nearest)
            self.damage = CUT_OFF
            return found
        self.damage = ""
        self._aim = index
        if self._container is None:  # at rest
            self._open_again()
        if not self._reachable(index):
            self._seek(index)
        found = self._walk(index)
        if found is not None and found[1] != index:
            ended = self._frames is None and self._ahead is None
            if ended and self.cut_off:
                self.damage = CUT_OFF
                # without an index each search may be one from the beginning
                self.there = self.learn(index, found[1]) if self.learn else None
            else:
                self.damage = self.damage or self._missing(index, ended)
                if self._in_pieces and index - found[1] > self._rate / 2:
                    self.damage = self.damage or "its piece of the list could not be read"
        return found

    def _missing(self, index: int, ended: bool) -> str:
        """Why a frame did not come, by the packets decoded for an earlier one; "" else."""
        reason, until = self._hurt
        if ended and self._count < until:
            return reason
        return next((why for n, (end, why) in self._gaps.items() if n <= index <= end), "")

    def _reachable(self, index: int) -> bool:
        """Whether decoding on gets there sooner than seeking."""
        if self._current is None:
            return False
        at = self._current[1]
        if at > index:
            return False
        if self._frames is None and self._ahead is None:
            return self._current[1] == index
        if self._later and at == index:
            return False
        if self._counting:
            return True
        if self._keys:
            # a key frame between here and there makes seeking worth while
            return (
                bisect.bisect_right(self._keys, index) == bisect.bisect_right(self._keys, at)
                or index - at <= 2
            )
        return index - at <= _DECODE_ON

    def _walk(self, index: int) -> Found | None:
        while True:
            held = self._current
            if held is not None and held[1] == index:
                return held
            following = self._pull()
            if following is None:
                return held
            if held is not None and following[1] > index:
                self._ahead = following
                return held
            if held is not None and not self._later:
                self._passed(*held)
            self._later = held is not None and held[1] == following[1]
            self._crowded |= self._later
            self._current = following
            if following[1] > index:
                return following  # nothing earlier exists

    def _seek(self, index: int) -> None:
        """Make `_current` a frame that is not later than *index*, if there is one."""
        if self._counting:
            self._from_beginning()
            return
        back = _FURTHER * self._guesses
        for _ in range(_MAX_BACK):
            wanted = max(0, index - back)
            if self._guesses and not wanted:
                break
            try:
                self._start_at(wanted)
            except (self._av.error.FFmpegError, OSError):
                break
            first = self._pull_sure()
            if self._counting:
                self._from_beginning()
                return
            # another one of its index may lie in front of it
            early = wanted > 0 and self._crowded
            if first is not None and first[1] <= index - early and not first[0].is_corrupt:
                self._current, self._later = first, early
                return
            if wanted == 0:
                break
            back = max(_FURTHER, 2 * back)
        self._from_beginning()

    def _from_beginning(self) -> None:
        """The last resort: from the first frame on."""
        try:
            self._rewind()
            self._current = self._pull()
            if self._current is None or self._current[1] > 0:
                # a transport stream is never sought to its very beginning
                self._open_again()
                self._current = self._pull()
        except (self._av.error.FFmpegError, OSError) as error:
            self.damage = str(getattr(error, "strerror", None) or error)
            self._frames = None

    def _rewind(self) -> None:
        try:
            if self._counting or self._reopens:  # nothing to seek by
                raise OSError
            self._container.seek(self._first, stream=self._stream, backward=True)
        except (self._av.error.FFmpegError, OSError):
            self._open_again()
        else:
            self._restart()

    def rest(self) -> None:
        """Let go of the container: it is about to be closed, and opened again by the next
        `find`, which raises what opening it raises."""
        self._current = self._ahead = self._frames = None
        self._container = self._stream = None

    def _open_again(self) -> None:
        self._container, self._stream = self._reopen()
        self._primed = False
        self._restart()

    def _disordered(self) -> bool:
        """Whether frames come with times that run backwards: the container has numbered them in
        the order in which they are decoded."""
        self._restart()
        frames = islice(self._frames or (), _LOOKED_AT)
        stamps = [frame.pts for frame in frames if frame.pts is not None]
        self._rewind()
        return any(after < before for before, after in pairwise(stamps))

    def begin(self) -> Found | None:
        """The first frame of a fresh container; its time is that of index 0 from here on."""
        context, kind = self._stream.codec_context, self._container.format.name
        # of frames that share a packet one has a time; FFmpeg's guesses are one off now and then
        disorder = kind in _WITHOUT_ORDER and context.has_b_frames and self._disordered()
        tiny = kind == "mpeg" and 0 < self._container.size < _TINY
        # without the index, which is at its end, FFmpeg seeks MXF by a bit rate and believes itself
        indexless = kind == "mxf" and self.cut_off
        if kind in _UNTIMED or disorder or tiny or indexless:
            self._counting = True
            self._open_again()
        self._restart()
        first = self._pull()
        if first is None or first[1] > 1:
            # over a network the first packets may be lost while the format is found out
            self._from_beginning()
            first = self._current
        self._current = first
        if first is not None and first[0].pts is not None and not self._counting:
            self._first = first[0].pts
            self._keys = self._key_frames()
            self._current = (first[0], 0)
        return self._current

    def count(self) -> int:
        """Frames, by reading every packet.  For streams that do not declare it."""
        stamps: list[int] = []
        packets = 0
        self._rewind()
        try:
            for packet in self._container.demux(self._stream):
                if packet.size:
                    packets += 1
                if packet.pts is not None:
                    stamps.append(packet.pts)
        except (self._av.error.FFmpegError, OSError):
            pass
        self._rewind()
        if not stamps or self._counting:
            self._counting = True
            return max(1, packets)
        return self.index(max(stamps)) - self.index(min(stamps)) + 1

    def tail(self, guess: int) -> list[tuple[int, int]]:
        """(time, duration) of the frames near the end at *guess*, sorted: by reading packets,
        unless the container lists them; durations are 0 where it does not."""
        if self.is_intra:
            return [(stamp, 0) for stamp in self._listed[-1:]]
        found: list[tuple[int, int]] = []
        try:
            self._start_at(max(0, guess - _MOST_DELAY))
            for packet in self._container.demux(self._stream):
                if packet.pts is not None and not packet.is_discard:
                    found.append((packet.pts, packet.duration or 0))
        except (self._av.error.FFmpegError, OSError):
            pass
        self._rewind()
        return sorted(found)

    def number(self, tail: list[tuple[int, int]], declared: int) -> int:
        """Frames, the last of which are *tail*; *declared* says the container, which counts what
        an edit list cuts off, and what cannot be decoded for want of a key frame.

        Frames that come irregularly, but each near its turn, are numbered one by one: by the rate
        alone, two would now and then have the same number.  The container lists times of
        decoding: these are the times at which frames are shown, but for the first and the last
        few, which are in *tail*.
        """
        if self.cut_off:
            return declared
        if self._counting and declared < 2 * self._entries:
            return min(declared, self._entries)  # which lists no packets that are empty
        if not tail or self._counting:
            return declared
        last, duration = tail[-1]
        times = [s for s in self._listed if self._first <= s < tail[0][0]] + [s for s, _ in tail]
        if self._listed and len(times) == self._stream.frames:
            pace = float(self._base * self._rate)
            off = max(abs((stamp - times[0]) * pace - n) for n, stamp in enumerate(times))
            if off <= _OUT_OF_TURN:
                self.times = times
                self._keys = self._key_frames()
        frames = self.index(last) + max(1, round(duration * self._base * self._rate))
        return frames if duration and not self.times else max(declared, frames)

    def last_index(self, guess: int) -> int:
        """The index of the last frame near the end at *guess*, by decoding what is there."""
        if self._counting:
            return self.count() - 1
        found = self.find(guess + 1)
        if found is None:
            return guess
        if found[1] > guess:  # there is more of it
            return max(found[1], self.number(self.tail(guess), 0) - 1)
        ended = self._frames is None and self._ahead is None and not self.damage
        return found[1] if ended else max(found[1], guess - 1)
