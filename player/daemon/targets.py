"""The names of files that an export writes, and what they say of it."""

from __future__ import annotations

import os
import re
from typing import Final

from player.daemon.picturesout import EXR, FILM
from player.encoding import is_movie, is_sound
from player.image.export import can_write
from player.options import Options
from rvshell.errors import LocalError, UsageError

__all__ = ["check", "check_folder", "extension", "frame_name", "is_one_movie", "is_one_picture",
           "is_other", "parts"]  # fmt: skip

_SYMBOL: Final = re.compile(r"#+|@+|%0?(\d*)d")


def frame_name(pattern: str, frame: int) -> str:
    """The file of a frame: `#` is four digits, several `#` or `@` as many as there are, and
    `%04d` as in C.  A pattern without any of these is returned as it is."""

    def number(found: re.Match[str]) -> str:
        symbol = found[0]
        if symbol[0] == "%":
            width = int(found[1] or 0)
        else:
            width = 4 if symbol == "#" else len(symbol)
        return f"{frame:0{width}d}" if width else str(frame)

    return _SYMBOL.sub(number, pattern)


def _is_single(pattern: str) -> bool:
    return frame_name(pattern, 1) == frame_name(pattern, 2)


def extension(path: str) -> str:
    """With its dot, in small letters."""
    return os.path.splitext(path)[1].lower()


def is_film(path: str) -> bool:
    """Whether a file is one that rvio writes and OpenImageIO does not."""
    return extension(path) in FILM or extension(path) in EXR


def is_other(path: str) -> bool:
    """Whether the target holds no pictures: sound, or nothing."""
    return is_sound(path) or extension(path) == ".null"


def is_one_movie(path: str) -> bool:
    """Whether all frames go into one file: GIF and its like can hold one each."""
    return is_movie(path) and (_is_single(path) or not can_write(extension(path)))


def is_one_picture(path: str) -> bool:
    """Whether only one frame has a place there."""
    return _is_single(path) and not (is_one_movie(path) or is_other(path))


def check(options: Options, count: int) -> None:
    """Refuse what could not be written.  Raises UsageError, LocalError."""
    pattern, rvio = options.export, options.as_rvio
    word = "-o" if rvio else "--export"
    base, ending = parts(word, pattern)
    movie = is_one_movie(pattern) or (rvio and is_other(pattern))
    if movie and not _is_single(pattern):
        raise UsageError(
            f"{word} {pattern}: a movie is one file",
            hint=f"{word} {_SYMBOL.sub('', base).rstrip('.') or 'out'}{ending}",
        )
    if not movie and not can_write(ending) and not (rvio and is_film(pattern)):
        raise UsageError(
            f"{word} {pattern}: {ending} is not a format that can be written",
            hint="png, jpg, exr, tif, dpx..., mov, mp4, mkv...",
        )
    if not movie and not rvio and count > 1 and _is_single(pattern):
        raise UsageError(
            f"{word} {pattern} names one file for {count} frames",
            hint=f"{word} {base}.####{ending}",
        )
    check_folder(pattern)


def parts(option: str, path: str) -> tuple[str, str]:
    """A path's base and extension, which it must have.  Raises UsageError."""
    base, ending = os.path.splitext(path)
    if not ending or _SYMBOL.search(ending):
        raise UsageError(f"{option} {path} needs an extension", hint=f"{path}.png")
    return base, ending


def check_folder(path: str) -> None:
    """Raises LocalError when no file can be made there."""
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise LocalError(f"{folder}: no such folder", hint=f"mkdir -p {folder}")
    if not os.access(folder, os.W_OK):
        raise LocalError(f"{folder}: cannot be written")
