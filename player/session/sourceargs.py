"""Options of one source: ``[ a.exr +in 1 +out 10 ]``.

Source: RV user manual, "Command-line usage"; Open RV ``src/lib/app/RvApp/Options.cpp``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from player.session.errors import SessionError

__all__ = ["SourceArgs", "parse_source_args"]

_INT = re.compile(r"\s*[+-]?\d+")
_FLOAT = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_PATTERN = re.compile(r"[#@%]")
_RANGE = re.compile(r"-?[0-9]+-?(-*[0-9]+)?x?[0-9]*")
_SYMBOL = re.compile(r"(.*)((?:[@#]+|%[-+ 0-9]*[di]).*)", re.S)


@dataclass(slots=True)
class SourceArgs:
    """Files of one source and what is to be applied to it; None: not given."""

    files: list[str] = field(default_factory=list)
    single: bool = False
    fps: float = 0.0
    volume: float | None = None
    audio_offset: float = 0.0
    range_offset: int = 0
    range_start: int | None = None
    pixel_aspect: float = 0.0
    stereo_offset: float = 0.0
    right_offset: float = 0.0
    no_movie_audio: bool = False
    cut_in: int | None = None
    cut_out: int | None = None
    fcdl: str = ""
    lcdl: str = ""
    flut: str = ""
    pclut: str = ""
    llut: str = ""
    cmap: str = ""
    select_type: str = ""
    select_name: str = ""
    rep_name: str = ""
    rep_source: str = ""
    crop: tuple[int, int, int, int] | None = None
    uncrop: tuple[int, int, int, int] | None = None
    in_params: list[tuple[str, str]] = field(default_factory=list)


def _int(text: str) -> int:
    m = _INT.match(text)
    return max(-(1 << 31), min((1 << 31) - 1, int(m[0]))) if m else 0


def _float(text: str) -> float:
    m = _FLOAT.match(text)
    return float(m[0]) if m else 0.0


_INTS = {
    "+rangeOffset": "range_offset",
    "+ro": "range_offset",
    "+rangeStart": "range_start",
    "+rs": "range_start",
    "+in": "cut_in",
    "+out": "cut_out",
}
_FLOATS = {
    "+fps": "fps",
    "+volume": "volume",
    "+audioOffset": "audio_offset",
    "+ao": "audio_offset",
    "+pixelAspect": "pixel_aspect",
    "+pa": "pixel_aspect",
    "+stereoOffset": "stereo_offset",
    "+so": "stereo_offset",
    "+rightEyeStereoOffset": "right_offset",
    "+rso": "right_offset",
}
_TEXTS = {
    "+fcdl": "fcdl",
    "+lcdl": "lcdl",
    "+flut": "flut",
    "+pclut": "pclut",
    "+llut": "llut",
    "+cmap": "cmap",
    "+mrn": "rep_name",
    "+mediaRepName": "rep_name",
    "+mrs": "rep_source",
    "+mediaRepSource": "rep_source",
}


def parse_source_args(words: Sequence[str]) -> list[SourceArgs]:
    """Sources of a flat word list; raises SessionError for bad brackets and options."""
    sources: list[SourceArgs] = []
    inside = False
    fresh = True
    i = 0
    while i < len(words):
        word = words[i]
        i += 1
        if word == "[":
            if inside:
                raise SessionError("Cannot nest source groups")
            inside = True
            sources.append(SourceArgs(single=True))
        elif word == "]":
            inside = False
            fresh = True
        elif inside and word.startswith("+") and i < len(words):
            i = _option(sources[-1], word, words, i)
        elif inside:
            sources[-1].files.append(word)
        else:
            if fresh or _PATTERN.search(word):
                sources.append(SourceArgs())
            fresh = False
            sources[-1].files.append(word)
    if inside:
        raise SessionError("Unmatched '[' in input")
    for source in sources:
        source.files = _with_ranges(source.files)
    return sources


def _with_ranges(files: Sequence[str]) -> list[str]:
    """Frame ranges that are words of their own put into the pattern before them."""
    joined: list[str] = []
    for i, word in enumerate(files):
        if i == 0 or not _RANGE.fullmatch(word):
            joined.append(word)
        elif not _RANGE.fullmatch(files[i - 1]):
            pattern = joined.pop()
            symbol = _SYMBOL.fullmatch(pattern)
            joined.append(pattern if symbol is None else f"{symbol[1]}{word}{symbol[2]}")
    return joined


def _option(args: SourceArgs, word: str, words: Sequence[str], i: int) -> int:
    """Apply the option whose arguments start at ``i``; the next index."""
    if word in ("+noMovieAudio", "+nma"):
        args.no_movie_audio = True
        return i
    value = words[i]
    i += 1
    if word in _INTS:
        setattr(args, _INTS[word], _int(value))
    elif word in _FLOATS:
        setattr(args, _FLOATS[word], _float(value))
    elif word in _TEXTS:
        setattr(args, _TEXTS[word], value)
    elif word == "+select":
        args.select_type = value
        args.select_name = words[i] if i < len(words) else ""
        i += 1
    elif word == "+inparams":
        i -= 1
        while i < len(words) and "=" in words[i] and not words[i].startswith("+"):
            key, _, text = words[i].partition("=")
            args.in_params.append((key, text))
            i += 1
    elif i + 3 < len(words):  # RV looks for a crop only here, and passes over what is none
        if word in ("+crop", "+uncrop"):
            numbers = (_int(value), *(_int(w) for w in words[i : i + 3]))
            i += 3
            if word == "+crop":
                args.crop = numbers[:4]  # type: ignore[assignment]
            else:
                args.uncrop = numbers[:4]  # type: ignore[assignment]
    else:
        raise SessionError(f"Unknown flag '{word}' in input")
    return i
