"""Which of a file's sound tracks are heard, and several mono ones as the channels of one.

RV's choice: English where there is any, else the language of the last track; of that language
the first stereo track, else the first with the fewest channels.  Tracks of one channel belong
together, as cameras and broadcast files have them: the first is the left one, the second the
right one, more are surround.  Source: MovieFFMpeg.cpp of Open RV.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["joined", "sound_channels", "sound_streams"]

_LANGUAGE: Final = "eng"
#: FFmpeg's names of what RV takes tracks of that number for
_LAYOUTS: Final = {2: "stereo", 3: "2.1", 4: "quad", 5: "4.1", 6: "5.1", 7: "6.1", 8: "7.1"}
_APART: Final = 4.0  # seconds that tracks may lie apart in a file; what lags more is silent

Mono = npt.NDArray[np.float32]


def sound_streams(container: Any) -> list[Any]:
    """The streams that are heard: none, one, or several of one channel at one rate."""
    streams = [s for s in container.streams.audio if s.codec_context is not None]
    language = ""
    for stream in streams:
        language = language if language == _LANGUAGE else _language(stream)
    spoken = [s for s in streams if _language(s) == language]
    counts = {int(s.codec_context.channels or 0) for s in spoken}
    if not counts:
        return []
    best = 2 if 2 in counts else min(counts)
    found = [s for s in spoken if int(s.codec_context.channels or 0) == best]
    if best != 1:
        return found[:1]
    rate = found[0].codec_context.sample_rate
    alike = [s for s in found if s.codec_context.sample_rate == rate]
    return alike[: max(_LAYOUTS)]


def sound_channels(streams: list[Any]) -> int:
    """Channels of what `sound_streams` found, all together."""
    return sum(int(s.codec_context.channels or 0) for s in streams)


def _language(stream: Any) -> str:
    return str(stream.metadata.get("language", "und"))


def joined(av: Any, frames: Iterable[tuple[int, Any]], rate: int, tracks: int) -> Iterator[Any]:
    """Frames of *tracks* channels out of (track, decoded frame of one channel) as they come.

    *rate* is samples a second.  Tracks are laid beside each other by their time stamps; one that
    has nothing to say for a while, or ends before the others, is silent.
    """
    resamplers = [av.AudioResampler(format="flt", layout="mono", rate=rate) for _ in range(tracks)]
    held: list[Mono] = [np.zeros(0, np.float32) for _ in range(tracks)]
    begun = [False] * tracks
    at = 0  # sample that the first of each of `held` is, once one has begun

    def made(count: int) -> Any:
        nonlocal at
        planes = np.zeros((tracks, count), np.float32)
        for track in range(tracks):
            part = held[track][:count]
            planes[track, : len(part)] = part
            held[track] = held[track][count:]
        frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout=_LAYOUTS[tracks])
        frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
        at += count
        return frame

    for track, frame in frames:
        if not begun[track]:
            stamp = Fraction(frame.pts or 0) * Fraction(frame.time_base or Fraction(1, rate))
            place = round(stamp * rate)
            if not any(begun):
                at = place
            # silence in front of a track that begins late
            held[track] = np.zeros(max(0, place - at), np.float32)
            begun[track] = True
        frame.pts = None
        pieces = [piece.to_ndarray().reshape(-1) for piece in resamplers[track].resample(frame)]
        held[track] = np.concatenate([held[track], *pieces])
        longest = max(map(len, held))
        ready = min(map(len, held)) or (longest if longest > _APART * rate else 0)
        if ready:
            yield made(ready)
    rest = max(map(len, held))
    if rest:
        yield made(rest)
