"""Files and what they hold."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

__all__ = ["Chapter", "LookUpTable", "MediaInfo", "MediaProbe", "NullMediaProbe"]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of a movie; frames are inclusive."""

    title: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What is known of one file or pattern without decoding it.

    ``width``/``height`` are the stored pixels (data window), ``uncrop_*`` the displayed frame.
    ``start``/``end`` are inclusive frame numbers, ``fps`` is 0.0 when the media carries none.
    ``views``/``layers`` are names in file order; ``channel_names`` all channels.
    ``orientation`` is where the file's first pixel is: "natural" (bottom left), "top-left",
    "top-right" or "bottom-right".  ``missing`` marks a placeholder. ``data_type`` per channel
    uses RV's type numbers.
    """

    path: str
    width: int = 0
    height: int = 0
    uncrop_width: int = 0
    uncrop_height: int = 0
    uncrop_x: int = 0
    uncrop_y: int = 0
    pixel_aspect: float = 1.0
    channels: int = 0
    bits: int = 8
    is_float: bool = False
    start: int = 1
    end: int = 1
    inc: int = 1
    fps: float = 0.0
    has_video: bool = True
    has_audio: bool = False
    audio_channels: int = 0
    audio_rate: float = 0.0
    views: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    default_view: str = ""
    channel_names: tuple[str, ...] = ()
    view_layers: tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...] = ()
    chapters: tuple[Chapter, ...] = ()
    planes: int = 1
    missing: bool = False
    is_sequence: bool = False
    attributes: tuple[tuple[str, str], ...] = ()
    data_attributes: tuple[tuple[str, bytes], ...] = field(default=())
    orientation: str = "natural"


class LookUpTable(Protocol):
    """A colour table of a file, as a node keeps it; see :mod:`player.media.luts`."""

    @property
    def size(self) -> tuple[int, ...]:
        """(r, g, b) of a cube, (entries,) of a channel table."""
        ...

    @property
    def values(self) -> list[float]:
        """Triplets, red fastest."""
        ...

    @property
    def pre(self) -> list[float]:
        """Triplets of the curves before a cube, at equal steps."""
        ...

    @property
    def matrix(self) -> tuple[float, ...]:
        """16 numbers, row-major, applied first."""
        ...

    @property
    def gamma(self) -> float: ...


@runtime_checkable
class MediaProbe(Protocol):
    """Questions about files; implemented by ``player.media.probe``."""

    def probe(self, path: str) -> MediaInfo | None:
        """Information on a file, pattern or procedural name; None when it cannot be read."""
        ...

    def parameters(self, path: str, pairs: Sequence[tuple[str, str]]) -> None:
        """What a source says of how its media is to be read (``+inparams``)."""
        ...

    def exists(self, path: str) -> bool:
        """Whether the file, or at least one file of the pattern, exists."""
        ...

    def is_directory(self, path: str) -> bool: ...

    def list_directory(self, path: str) -> list[str]:
        """Sequences (contracted) and movies of a directory, in RV's order, full paths."""
        ...

    def existing_frames(self, pattern: str) -> list[tuple[int, str]]:
        """(frame, file) of a pattern that exist, in order; ``[(-1, path)]`` for a plain file."""
        ...

    def contract(self, files: Sequence[str], min_size: int | None = None) -> list[str]:
        """File names grouped into sequence patterns."""
        ...

    def sequence_of(self, path: str) -> tuple[str, int]:
        """(pattern, frame) of the sequence a file is part of; (path, 0) otherwise."""
        ...

    def read_text(self, path: str, limit: int = 1 << 20) -> str:
        """A small text file (CDL, profile ...); raises OSError."""
        ...

    def table(self, path: str, power_of_two: bool, samples: int) -> LookUpTable:
        """The colour table of a file; raises OSError, and ValueError with RV's words."""
        ...

    def forget(self, path: str) -> None:
        """Drop what is remembered about a path (reload)."""
        ...

    def cleared(self) -> None:
        """The session has no media any more."""
        ...


class NullMediaProbe:
    """No readers: every path is missing media."""

    def probe(self, path: str) -> MediaInfo | None:
        return None

    def parameters(self, path: str, pairs: Sequence[tuple[str, str]]) -> None:
        return None

    def exists(self, path: str) -> bool:
        return os.path.exists(path)

    def is_directory(self, path: str) -> bool:
        return os.path.isdir(path)

    def list_directory(self, path: str) -> list[str]:
        return [os.path.join(path, n) for n in sorted(os.listdir(path)) if not n.startswith(".")]

    def existing_frames(self, pattern: str) -> list[tuple[int, str]]:
        return [(-1, pattern)] if os.path.exists(pattern) else []

    def contract(self, files: Sequence[str], min_size: int | None = None) -> list[str]:
        return list(files)

    def sequence_of(self, path: str) -> tuple[str, int]:
        return (path, 0) if os.path.exists(path) else ("", 0)

    def read_text(self, path: str, limit: int = 1 << 20) -> str:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read(limit)

    def table(self, path: str, power_of_two: bool, samples: int) -> LookUpTable:
        raise ValueError(f"no reader for {path}")

    def forget(self, path: str) -> None:
        return None

    def cleared(self) -> None:
        return None
