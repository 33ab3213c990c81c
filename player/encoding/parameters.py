"""What the words of `-outparams` set, told apart as RV's writer does.

``vcc:`` and ``vc:`` are options of the encoder of pictures, ``acc:`` and ``ac:`` of that of
sound, ``f:`` and ``of:`` of the container; ``pix_fmt``, ``sample_fmt``, ``timecode``,
``reelname``, ``timescale`` and ``libx264autoresize`` have meanings of their own, and names of
FFmpeg's metadata are written as such.  Source: MovieFFMpeg.cpp of Open RV.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from rvshell.errors import UsageError

__all__ = ["Parameters", "sorted_parameters", "timecode"]

_METADATA: Final = frozenset((
    "album", "album_artist", "artist", "author", "comment", "composer", "copyright",
    "creation_time", "date", "description", "disc", "encoded_by", "encoder", "filename", "genre",
    "keywords", "language", "location", "make", "model", "performer", "publisher", "rating",
    "service_name", "service_provider", "synopsis", "title", "track", "year",
))  # fmt: skip
_OWN: Final = frozenset(("pix_fmt", "sample_fmt", "timecode", "reelname", "timescale", "duration"))
_DROP: Final = ("libx264autoresize", "output/")  # sizes are made even in any case


@dataclass(slots=True)
class Parameters:
    """`own` holds the words with meanings of their own, `unknown` those that mean nothing."""

    video: dict[str, str] = field(default_factory=dict)
    audio: dict[str, str] = field(default_factory=dict)
    container: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


def sorted_parameters(words: Sequence[str]) -> Parameters:
    """The words NAME=VALUE by what they are for.  Raises UsageError."""
    found = Parameters()
    prefixes = {
        "vcc:": found.video, "vc:": found.video, "acc:": found.audio, "ac:": found.audio,
        "of:": found.container, "f:": found.container,
    }  # fmt: skip
    for word in words:
        name, equals, value = word.partition("=")
        if name.startswith(_DROP):
            continue
        if not equals or not name:
            raise UsageError(f"-outparams {word}", hint="write NAME=VALUE, as vc:preset=slow")
        prefix, colon, rest = name.partition(":")
        if colon and f"{prefix}:" in prefixes:
            prefixes[f"{prefix}:"][rest] = value
        elif name in _OWN:
            found.own[name] = value
        elif name in _METADATA:
            found.metadata[name] = value
        else:
            found.unknown.append(name)
    return found


def timecode(value: str, rate: Fraction) -> str:
    """`value`, as hours:minutes:seconds:frames when it is the number of a frame.

    Raises UsageError."""
    if ":" in value:
        return value
    try:
        frame = int(value)
    except ValueError:
        raise UsageError(f"-outparams timecode={value}", hint="01:00:00:00 or a frame") from None
    seconds, frames = divmod(frame, max(1, round(rate)))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours % 24:02d}:{minutes:02d}:{seconds:02d}:{frames:02d}"
