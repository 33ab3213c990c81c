"""What a movie says of itself: rate, range, geometry, sound and attributes, as RV names them.

The first frame is the time code's (a `tmcd` track, or metadata of a stream or of the file), else
the one of the container's own start time, at least 1; RV counts drop-frame codes with two numbers
left out a minute, but not every tenth.
"""

from __future__ import annotations

import math
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

import numpy as np

from player.media.moviepicture import target_format
from player.media.moviesound import sound_channels, sound_streams
from player.media.picture import Chapter, MediaFacts

__all__ = [
    "BARE",
    "VAGUE",
    "frames_by_time",
    "index_of",
    "movie_facts",
    "movie_rate",
    "video_stream",
    "video_streams",
]

_TRANSFER: Final = {
    1: "Rec709", 4: "Gamma 2.2", 5: "Gamma 2.8", 6: "Rec709", 7: "SMPTE-240M", 8: "Linear",
    13: "sRGB", 14: "Rec709", 15: "Rec709", 16: "SMPTE-2084", 18: "Hybrid Log-Gamma",
}  # fmt: skip
_CONVERSION: Final = {1: "Rec709", 5: "Rec601", 6: "Rec601", 7: "SMPTE-240M", 9: "Rec2020",
                      10: "Rec2020"}  # fmt: skip
_PRIMARIES: Final = {1: "Rec709", 6: "SMPTE-C", 7: "SMPTE-C", 9: "Rec2020"}
#: formats without time stamps, and formats whose durations are to be verified
BARE: Final = frozenset([
    "h261", "h263", "h264", "hevc", "m4v", "mpegvideo", "mjpeg", "obu", "av1", "vvc", "vc1",
    "cavsvideo", "dirac", "dnxhd",
])  # fmt: skip
VAGUE: Final = frozenset(["nut", "flv", "asf", "ogg", "mpeg", "mpegts", "rm"])
_INTRA_NAMES: Final = """
prores mjpeg dnxhd png tiff rawvideo v210 dvvideo jpeg2000 exr dpx qtrle ffv1 cfhd hap
"""
#: codecs whose frames are all key frames: slices in parallel, no frame delay
INTRA: Final = frozenset(_INTRA_NAMES.split())
_DEFAULT_RATE: Final = Fraction(24)
_AUDIO_ONLY_RATE: Final = 24
_NEAR: Final = Fraction(1, 20)  # by which an estimate may be beside the rate


def video_streams(container: Any) -> list[Any]:
    """The streams of pictures that are shown, as RV chooses them: of the largest size, and no cover
    art.  Empty without any."""
    streams = list(container.streams.video)
    moving = [s for s in streams if "attached_pic" not in str(getattr(s, "disposition", None))]
    sizes = [(c.width, c.height) if (c := s.codec_context) else (0, 0) for s in moving]
    largest = (max((w for w, _ in sizes), default=0), max((h for _, h in sizes), default=0))
    chosen = [s for s, size in zip(moving, sizes, strict=True) if size == largest]
    return chosen or moving[:1] or streams[:1]


def video_stream(container: Any, track: int = 0) -> Any:
    """One of them, the first; None without."""
    streams = video_streams(container)
    return streams[track] if track < len(streams) else None


def movie_rate(stream: Any) -> Fraction:
    """Frames per second of a video stream; 24 when it has no believable rate.

    The average, as in RV, except where it is FFmpeg's own estimate from a few frames: there the
    rate of the codec or of the times, by which no frame is left out.
    """
    kind, average, guessed = stream.container.format.name, stream.average_rate, stream.guessed_rate
    estimated = bool(kind in VAGUE and average and guessed) and abs(guessed / average - 1) < _NEAR
    first = guessed if kind in BARE or estimated else average
    for rate in (first, stream.codec_context.framerate, average, guessed, stream.base_rate):
        if rate and 0 < rate < 1000:
            return Fraction(rate)
    return _DEFAULT_RATE


def _time_code(container: Any) -> str:
    found = container.metadata.get("timecode", "")
    for stream in container.streams:
        found = stream.metadata.get("timecode", "") or found
    return str(found)


def first_frame(container: Any, rate: Fraction) -> int:
    """The frame number of the first picture."""
    text = _time_code(container)
    pieces = text.replace(";", ":").replace(".", ":").split(":")
    if len(pieces) == 4 and all(p.isdigit() for p in pieces):
        hours, minutes, seconds, frames = map(int, pieces)
        whole = round(rate)
        number = (hours * 3600 + minutes * 60 + seconds) * whole + frames
        if text.count(":") < 3:
            total = hours * 60 + minutes
            number -= round(whole / 15) * (total - total // 10)
        return number
    return max(1, int(0.49 + float(rate) * (container.start_time or 0) / 1_000_000))


def frames_by_time(container: Any, stream: Any, rate: Fraction) -> int:
    """Frames by the duration of the pictures, else by that of the file; 0 when it says neither."""
    seconds: Fraction | None = None
    tag = str(stream.metadata.get("DURATION", "")).split(":")  # Matroska's: where the stream ends
    if stream.duration and stream.time_base:
        seconds = stream.duration * stream.time_base
    elif len(tag) == 3:
        with suppress(ValueError, ArithmeticError):
            hours, minutes, rest = map(Fraction, tag)
            first = (stream.start_time or 0) * (stream.time_base or 1)
            seconds = hours * 3600 + minutes * 60 + rest - first
    if (seconds is None or seconds <= 0) and (container.duration or 0) > 0:
        seconds = Fraction(container.duration, 1_000_000)
    return max(1, round(seconds * rate)) if seconds and seconds > 0 else 0


def index_of(stream: Any) -> tuple[int, list[int], list[int]]:
    """Of the container's own index: how many entries it has, the times of the key frames, and of
    all frames where it lists these and they are not evenly spaced."""
    try:
        entries = [(e.timestamp, e.is_keyframe) for e in stream.index_entries]
    except AttributeError:  # an older PyAV
        return 0, [], []
    keys = [stamp for stamp, is_key in entries if is_key]
    listed = sorted(stamp for stamp, _ in entries)
    apart = [after - before for before, after in pairwise(listed)]
    if len(listed) != stream.frames or not apart or max(apart) - min(apart) <= 1:
        listed = []
    return len(entries), keys, listed


def _chapters(container: Any, rate: Fraction, start: int) -> tuple[Chapter, ...]:
    try:
        listed = container.chapters()
    except (AttributeError, TypeError, ValueError):
        return ()
    out = []
    for entry in listed:
        base = Fraction(entry["time_base"] or 1)
        first = start + round(entry["start"] * base * rate)
        last = max(first, start + round(entry["end"] * base * rate) - 1)
        out.append(Chapter(str(entry.get("metadata", {}).get("title", "")), first, last))
    return tuple(out)


def _attributes(
    container: Any, stream: Any, rate: Fraction, frames: int, names: tuple[str, ...], turned: int
) -> list[tuple[str, str]]:
    context = stream.codec_context
    fps = float(rate)
    found = [
        ("Codec", str(context.name)),
        ("FPS", f"{fps:g}"),
        ("Duration", f"{frames} frames, {frames / fps:g} sec"),
        ("PixelFormat", str(context.pix_fmt)),
        ("AlphaType", "Unpremultiplied" if len(names) == 4 else "None"),
    ]
    for key, table, value in (
        ("ColorSpace/Transfer", _TRANSFER, context.color_trc),
        ("ColorSpace/Conversion", _CONVERSION, context.colorspace),
        ("ColorSpace/Primaries", _PRIMARIES, context.color_primaries),
    ):
        named = table.get(int(value or 0))
        # Rec. 709's curve means "unknown" to RV unless the matrix and primaries are named too
        if named and (key != "ColorSpace/Transfer" or named != "Rec709" or context.colorspace):
            found.append((key, named))
    code = _time_code(container)
    if code:
        found.append(("Timecode/Start", code))
    if turned:
        found.append(("Rotation", str(turned)))
    found += [(f"Movie/{k.capitalize()}", str(v)) for k, v in container.metadata.items()]
    return found


def sound_facts(container: Any) -> dict[str, Any]:
    """The fields of MediaFacts that describe the sound."""
    streams = sound_streams(container)
    if not streams:
        return {"has_audio": False}
    return {
        "has_audio": True,
        "audio_channels": sound_channels(streams),
        "audio_rate": float(streams[0].codec_context.sample_rate or 0),
    }


def movie_facts(
    path: str, container: Any, frames: int, rotation: int, track: int = 0
) -> MediaFacts:
    """What is known of an open container.  *frames* is the number of its pictures,
    *rotation* degrees that these are turned by for showing (0, 90, 180, 270)."""
    stream = video_stream(container, track)
    sound = sound_facts(container)
    if stream is None:
        length = (container.duration or 0) / 1_000_000
        return MediaFacts(
            path=path, has_video=False, end=max(1, math.ceil(length * _AUDIO_ONLY_RATE)), bits=0,
            **sound,
        )  # fmt: skip
    context = stream.codec_context
    rate = movie_rate(stream)
    start = first_frame(container, rate)
    aspect = stream.sample_aspect_ratio or Fraction(1)
    pixel_aspect = float(aspect) if 0 < aspect < 100 else 1.0
    width, height = context.width, context.height
    if rotation in (90, 270):
        width, height = height, width
        pixel_aspect = 1.0 / pixel_aspect
    _, dtype, names = target_format(context)
    return MediaFacts(
        path=path,
        width=width,
        height=height,
        uncrop_width=width,
        uncrop_height=height,
        pixel_aspect=pixel_aspect,
        channels=len(names),
        bits=np.dtype(dtype).itemsize * 8,
        start=start,
        end=start + frames - 1,
        fps=float(rate),
        channel_names=names,
        chapters=_chapters(container, rate, start),
        attributes=tuple(_attributes(container, stream, rate, frames, names, rotation)),
        orientation="bottom-right" if rotation in (180, 270) else "top-left",
        **sound,
    )
