"""Opening media: one `Reader` per file, pattern or procedural name.

A reader is opened once and read from any thread (movies serialise inside).  It knows its
range and gives a Picture for any frame: outside of the range the nearest end, in a gap the
nearest earlier picture.  Extension first, then content: what has no image extension goes
to the movie reader, what FFmpeg does not know either is tried as an image.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

import numpy as np

from player.media.attributes import orientation_of
from player.media.images import ImageHeader, image_header, is_image_name, is_moving, read_image
from player.media.limits import check_regular
from player.media.opening import check_url, is_url, release, remote_file, shown_name
from player.media.picture import MediaFacts, Picture
from player.media.procedural import Procedural, is_procedural, parse_procedural
from player.media.sequence import FramePattern, Sequence, frame_of_name, parse_pattern
from player.media.webp import WebpAnimation, is_animated_webp
from rvshell.errors import MediaError, MissingExtra

__all__ = ["ImageReader", "Levelled", "Passing", "ProceduralReader", "Reader",
           "SequenceReader", "open_media"]  # fmt: skip


class Reader(Protocol):
    """Media that was opened: what it is, and its frames."""

    @property
    def facts(self) -> MediaFacts:
        """Geometry, range, views and layers."""
        ...

    def read(self, frame: int, view: str = "", layer: str = "", channel: str = "") -> Picture:
        """The picture that shows *frame*.  Raises MediaError with one clear reason."""
        ...

    def close(self) -> None: ...


_WEB = ("http", "https")


@runtime_checkable
class Passing(Protocol):
    """A reader that comes past other frames on the way to the one it is asked for."""

    def take_passed(self, view: str = "") -> list[tuple[int, Picture]]:
        """(frame, picture) of these in a view since the last call."""
        ...


@runtime_checkable
class Levelled(Protocol):
    """A reader of pictures that are stored several times, each time half as large."""

    @property
    def levels(self) -> int:
        """How many there are besides the picture itself."""
        ...

    def read_level(
        self, level: int, frame: int, view: str = "", layer: str = "", channel: str = ""
    ) -> Picture:
        """As `read`, with the pixels of *level* or of a finer one (see `Picture.full`)."""
        ...

    def read_row(
        self, row: int, frame: int, view: str = "", layer: str = "", channel: str = ""
    ) -> Picture:
        """As `read`, with one row only: the displayed frame's, counted from its lowest."""
        ...


class ProceduralReader:
    """A `.movieproc` name."""

    def __init__(self, path: str) -> None:
        self._made: Procedural = parse_procedural(path)
        self.facts = self._made.facts()

    def read(self, frame: int, view: str = "", layer: str = "", channel: str = "") -> Picture:
        return self._made.picture(frame)

    def close(self) -> None:
        return None


def _image_facts(path: str, header: ImageHeader, start: int, end: int, seq: bool) -> MediaFacts:
    table = header.table
    default = table.select()
    format_name, dtype = header.native(default.part, default.indices)
    x0, y0, x1, y1, fw, fh = header.window(default.part)
    spec = header.spec(default.part)
    aspect = float(spec.getattribute("PixelAspectRatio") or 1.0)
    dotted = bool(table.views or table.layers)
    rate = spec.getattribute("FramesPerSecond")
    if isinstance(rate, (tuple, list)):  # a rational, as EXR and DPX store it
        rate = rate[0] / rate[1] if len(rate) == 2 and rate[1] else 0.0
    return MediaFacts(
        path=path,
        width=max(1, x1 - x0),
        height=max(1, y1 - y0),
        uncrop_width=fw,
        uncrop_height=fh,
        uncrop_x=x0,
        uncrop_y=max(0, fh - y1),
        pixel_aspect=aspect if 0.0 < aspect < 1e4 else 1.0,
        channels=len(default.names),
        bits=np.dtype(dtype).itemsize * 8,
        is_float=format_name in ("half", "float"),
        start=start,
        end=end,
        fps=float(rate) if rate and 0 < float(rate) < 1000 else 0.0,
        views=table.views,
        layers=table.layers,
        default_view=table.default_view,
        channel_names=default.names,
        view_layers=table.view_layers() if dotted else (),
        is_sequence=seq,
        attributes=header.attributes,
        orientation=orientation_of(spec, header.format_name),
    )


def _most_levels(header: ImageHeader) -> int:
    return max(len(header.levels(part)) for part in range(len(header.specs)))


class ImageReader:
    """One still image; its frame is the number in its name, 1 without one."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._frame = frame_of_name(path)
        header = image_header(path)
        self.levels = _most_levels(header)
        self.facts = _image_facts(path, header, self._frame, self._frame, False)

    def read(self, frame: int, view: str = "", layer: str = "", channel: str = "") -> Picture:
        return self.read_level(0, frame, view, layer, channel)

    def read_level(
        self, level: int, frame: int, view: str = "", layer: str = "", channel: str = ""
    ) -> Picture:
        return read_image(
            self._path, view=view, layer=layer, channel=channel, frame=self._frame, level=level
        )

    def read_row(
        self, row: int, frame: int, view: str = "", layer: str = "", channel: str = ""
    ) -> Picture:
        return read_image(
            self._path, view=view, layer=layer, channel=channel, frame=self._frame, row=row
        )

    def close(self) -> None:
        return None


class SequenceReader:
    """A pattern of still images.

    The geometry is that of the first file that exists; a file that cannot be read raises
    for its own frame only.
    """

    def __init__(self, pattern: FramePattern) -> None:
        self._sequence = Sequence(pattern)
        self._lock = threading.Lock()
        self.levels = 0
        seq = self._sequence
        if not seq.found:
            other = seq.other_padding()
            raise MediaError(
                f"{pattern.text}: no such files", path=pattern.text,
                hint=f"write {other}" if other else "",
            )  # fmt: skip
        self.facts = MediaFacts(
            path=pattern.text, width=1280, height=720, uncrop_width=1280, uncrop_height=720,
            channels=4, start=seq.start, end=seq.end, is_sequence=True,
        )  # fmt: skip
        problem: MediaError | None = None
        for number in seq.frames[:8]:  # a damaged first file does not hide the others
            try:
                header = image_header(pattern.name(number))
            except MediaError as error:
                problem = problem or error
                continue
            self.facts = _image_facts(pattern.text, header, seq.start, seq.end, True)
            self.levels = _most_levels(header)
            return
        if problem is not None:
            raise problem

    def read(self, frame: int, view: str = "", layer: str = "", channel: str = "") -> Picture:
        return self.read_level(0, frame, view, layer, channel)

    def read_level(
        self, level: int, frame: int, view: str = "", layer: str = "", channel: str = ""
    ) -> Picture:
        path, number = self._file(frame)
        made = read_image(path, view=view, layer=layer, channel=channel, frame=number, level=level)
        return self.standing_in(made, frame)

    def standing_in(self, made: Picture, frame: int) -> Picture:
        """A picture of the sequence as that of *frame*: marked where there should be another."""
        due = min(max(frame, self._sequence.start), self._sequence.end)
        if due != made.frame and self._sequence.expects(due):
            return replace(made, missing=due)
        return made

    def shown_frame(self, frame: int) -> int:
        """The frame whose file shows *frame*.  Raises MediaError when there is none."""
        return self._file(frame)[1]

    def read_row(
        self, row: int, frame: int, view: str = "", layer: str = "", channel: str = ""
    ) -> Picture:
        path, number = self._file(frame)
        return read_image(path, view=view, layer=layer, channel=channel, frame=number, row=row)

    def _file(self, frame: int) -> tuple[str, int]:
        """(file, its frame) that shows *frame*."""
        with self._lock:
            found = self._sequence.resolve(frame)
        if found is None:
            name = self._sequence.pattern.name(frame)
            raise MediaError(f"{name}: no such file, and no earlier one", path=name)
        return found

    def has(self, frame: int) -> bool:
        """Whether there is a file of this very frame now."""
        return os.path.exists(self._sequence.pattern.name(frame))

    def existing(self) -> list[tuple[int, str]]:
        """(frame, file) of the frames that exist."""
        with self._lock:
            self._sequence.refresh()
            return [(f, self._sequence.pattern.name(f)) for f in self._sequence.frames]

    def close(self) -> None:
        return None


def _open_movie(path: str, open_image: Callable[[str], Reader]) -> Reader:
    """A movie.  What is a still image to FFmpeg too is opened by *open_image*, which keeps its
    depth, if that can."""
    from player.media.movies import MovieReader  # PyAV costs 84 ms: only for movies

    movie = MovieReader(path)
    if movie.is_still:
        with suppress(MediaError, OSError):
            image = open_image(path)
            movie.close()
            return image
    if movie.tracks > 1:
        from player.media.movietracks import MovieTracks

        return MovieTracks(path, movie)
    return movie


def _open_webp(path: str) -> Reader:
    """An animation; its first image where there is nothing to decode it with."""
    try:
        import av  # noqa: F401
    except ImportError:
        return ImageReader(path)
    return WebpAnimation(path)


def _open_url(url: str) -> Reader:
    """A movie, else a still image (read whole)."""
    check_url(url)
    try:
        return _open_movie(url, _open_remote_image)
    except MediaError:
        if not is_image_name(urlsplit(url).path) or not _is_web(url):
            raise
        return _open_remote_image(url)


def _is_web(url: str) -> bool:
    return urlsplit(url).scheme.lower() in _WEB


def _open_remote_image(url: str) -> Reader:
    if not _is_web(url):
        raise MediaError(f"{shown_name(url)}: still images are read from http and https only")
    remote = remote_file(url)
    try:
        return RemoteImage(url, remote.complete())
    except (OSError, MediaError) as reason:
        release(url)
        name = shown_name(url)
        raise MediaError(f"{name}: {reason}", path=name) from None


class RemoteImage(ImageReader):
    """A still image that was fetched into *file*; its frame is 1 (the name says nothing)."""

    def __init__(self, url: str, file: str) -> None:
        super().__init__(file)
        self._url = url
        self._frame = 1
        self.facts = replace(self.facts, path=url, start=1, end=1)

    def close(self) -> None:
        release(self._url)


def open_media(path: str) -> Reader:
    """Open a file, a sequence pattern, a URL or a procedural name.

    Raises MediaError when it does not exist or is no media, with one clear reason;
    MissingExtra when it is a movie and PyAV is not installed.
    """
    if "\0" in path:
        raise MediaError("a file name cannot hold a NUL character", path=path)
    if is_procedural(path):
        return ProceduralReader(path)
    if is_url(path):
        return _open_url(path)
    if os.path.isdir(path):
        raise MediaError(f"{path}: is a directory", path=path)
    if not os.path.exists(path):
        name, _, frames = path.rpartition(" ")
        pattern = parse_pattern(path)
        if pattern is None and name and re.fullmatch(r"-?\d[\d,x-]*", frames):
            pattern = parse_pattern(name, frames)
        if pattern is None:
            plain = re.sub(r"\\([#@`%])", r"\1", path)
            if plain != path and os.path.exists(plain):
                return open_media(plain)
            raise MediaError(f"{path}: no such file", path=path)
        return SequenceReader(pattern)
    check_regular(path)
    if os.path.getsize(path) == 0 and os.path.isfile(path):
        raise MediaError(f"{path}: is empty", path=path)
    if is_animated_webp(path):
        return _open_webp(path)
    image = is_image_name(path)
    if image and not is_moving(path):
        return ImageReader(path)
    try:
        return _open_movie(path, ImageReader)
    except (MediaError, MissingExtra) as error:
        try:
            return ImageReader(path)  # an image under another name
        except MediaError:
            raise error from None
