"""Movies as pictures to push, by PyAV (extra `player`): 8 bit as uint8 RGB, more as uint16."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

from rvshell.errors import MediaError, MissingExtra
from rvshell.pixels.pipe import Picture

__all__ = ["is_movie_name", "read_movie"]

_EXTENSIONS: Final = frozenset(
    ("avi", "flv", "gif", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "mxf", "ogv",
     "ts", "webm", "wmv", "y4m")
)  # fmt: skip


def is_movie_name(path: str) -> bool:
    """Whether the extension is one of a movie."""
    return os.path.splitext(path)[1][1:].lower() in _EXTENSIONS


def read_movie(path: str) -> Iterator[Picture]:
    """The pictures of the first video stream, in order of time.

    Raises MediaError (missing, unreadable, no video) and MissingExtra.
    """
    try:
        import av
    except ImportError:
        raise MissingExtra("av", "player", purpose=f"reading {path}") from None
    if not os.path.exists(path):
        raise MediaError(f"{path}: no such file", path=path)
    try:
        with av.open(path) as container:
            if not container.streams.video:
                raise MediaError(f"{path}: has no video", path=path)
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            rate = stream.average_rate or stream.guessed_rate
            aspect = float(stream.sample_aspect_ratio or 1) or 1.0
            for frame in container.decode(stream):
                yield _picture(frame, aspect, float(rate or 24))
    except (av.error.FFmpegError, OSError, ValueError) as error:
        text = getattr(error, "strerror", None) or str(error)
        raise MediaError(f"{path}: cannot be read: {text}", path=path) from None


def _picture(frame: Any, aspect: float, fps: float) -> Picture:
    components = frame.format.components
    deep = max(c.bits for c in components) > 8
    alpha = any(c.is_alpha for c in components)
    layout = ("rgba64le" if deep else "rgba") if alpha else ("rgb48le" if deep else "rgb24")
    pixels = frame.to_ndarray(format=layout)
    height, width = pixels.shape[:2]
    return Picture(
        [("", "", pixels)], "uint16" if deep else "uint8", width, height, None, aspect, fps
    )
