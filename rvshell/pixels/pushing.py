"""Pushing files: what `rvshell push` does, without its command line.

One `Job` is one image source at the far end: a file, a stereo pair, or the frames of a
sequence.  Its first file decides the shape; the others must have it too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from rvshell.client.address import Target
from rvshell.errors import MediaError, UsageError
from rvshell.pixels.arrays import Pixels
from rvshell.pixels.files import ImageFile, Window, around, find_sequence, is_pattern
from rvshell.pixels.image import Image
from rvshell.pixels.pipe import Picture
from rvshell.pixels.spec import ImageSpec

__all__ = [
    "Job",
    "Options",
    "Progress",
    "grow_names",
    "named_planes",
    "planes_of",
    "push_job",
    "push_picture",
    "push_stream",
    "spec_of",
    "stream_spec",
    "tiles",
]

_NAMING: Final = (".exr", ".sxr", ".tif", ".tiff")  # formats that have layers and views

Progress = Callable[[str, int, int], None]
"""Called with what is pushed, bytes handed over, and bytes in all (0: unknown)."""


@dataclass(frozen=True, slots=True)
class Options:
    """How files are pushed.  `grid` (columns, rows) cuts a picture into tiles; `compress` is
    `Image`'s."""

    targets: tuple[Target, ...]
    grid: tuple[int, int] = (1, 1)
    frame: int | None = None
    layer: str = ""
    view: str = ""
    name: str = ""
    fps: float = 24.0
    timeout: float = 30.0
    compress: bool | None = None


@dataclass(slots=True)
class Job:
    """The files of one image source: (frame, view, path) in the order they are pushed."""

    name: str
    files: list[tuple[int, str, str]] = field(default_factory=list)

    @staticmethod
    def of(path: str, options: Options) -> Job:
        """One file, or the files of a pattern."""
        name = options.name or os.path.basename(path) or path
        if is_pattern(path):
            pairs = list(find_sequence(path))
            return Job(name, [(frame, options.view, file) for frame, file in pairs])
        return Job(name, [(options.frame or 1, options.view, path)])

    @staticmethod
    def stereo(left: str, right: str, options: Options) -> Job:
        """Two files, or two patterns, as the views left and right."""
        a, b = Job.of(left, options), Job.of(right, options)
        job = Job(a.name)
        for (frame, _, path), (_, _, other) in zip(a.files, b.files, strict=False):
            job.files += [(frame, "left", path), (frame, "right", other)]
        if len(a.files) != len(b.files):
            raise MediaError(
                f"{left} has {len(a.files)} frames, {right} has {len(b.files)}", path=right
            )
        return job


def tiles(width: int, height: int, grid: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    """x, y, width, height of a grid's tiles from the top; sizes differ by at most one pixel."""
    columns, rows = min(grid[0], width), min(grid[1], height)
    for row in range(rows):
        top, bottom = height * row // rows, height * (row + 1) // rows
        for column in range(columns):
            left, right = width * column // columns, width * (column + 1) // columns
            yield left, top, right - left, bottom - top


def spec_of(
    file: ImageFile, job: Job, options: Options, window: Window | None = None,
    later: Sequence[ImageFile] = (),
) -> ImageSpec:  # fmt: skip
    """The image source that takes the files of a job whose first is *file*; *window* is around
    the pixels of all of them, *later* are others of them that have layers or views."""
    frames = [frame for frame, _, _ in job.files]
    views = tuple(dict.fromkeys(view for _, view, _ in job.files if view)) or file.views
    views = views or next((other.views for other in later if other.views), ())
    layers = tuple(layer or "default" for layer in file.layers)
    if options.layer:
        layers = (options.layer,)
    elif file.layers == ("",) and all(other.layers == ("",) for other in later):
        layers = ()
    window = window or file.window
    return ImageSpec(
        job.name, file.width, file.height, file.channels, file.dtype,
        None if window == (0, 0, file.width, file.height) else window,
        file.pixel_aspect, (min(frames), max(frames)), options.fps, layers, views,
    )  # fmt: skip


def push_picture(
    image: Image,
    pixels: Iterable[tuple[str | None, str | None, Pixels]],
    frame: int,
    grid: tuple[int, int],
    handed: Callable[[int], None],
) -> None:
    """Push (view, layer, pixels) of one frame tile by tile, views in turns as RV's shell does."""
    planes = list(pixels)
    height, width = planes[0][2].shape[:2]
    for x, y, w, h in tiles(width, height, grid):
        image.check()
        for view, layer, array in planes:
            tile = array[y : y + h, x : x + w]
            image.send_tile(x, y, tile, frame=frame, view=view, layer=layer)
            handed(tile.nbytes)


def _survey(job: Job, first: ImageFile) -> tuple[Window, list[ImageFile]]:
    """The window around the pixels of all files of a job (renderers crop each frame as it needs),
    and the first files that have layers and views, if *first* has none: a source's pictures have
    names or not from the start."""
    found = [first.window]
    named: list[ImageFile] = []
    whole = 0, 0, first.width, first.height
    layers, views = first.layers == ("",), not first.views
    for _, _, path in job.files[1:]:
        open_names = (layers or views) and path.lower().endswith(_NAMING)
        if around(found) == whole and not open_names:
            continue
        try:
            file = ImageFile(path)
        except MediaError:
            continue  # it is said when its turn comes
        if (file.width, file.height) == whole[2:]:
            found.append(file.window)
        if (layers and file.layers != ("",)) or (views and file.views):
            named.append(file)
            layers, views = layers and file.layers == ("",), views and not file.views
        file.close()
    return around(found), named


def grow_names(
    image: Image, pixels: Iterable[tuple[str | None, str | None, Pixels]], frame: int
) -> None:
    """Let the image have what is about to be pushed: a frame may have more than the first."""
    planes = list(pixels)
    layers = [layer for _, layer, _ in planes if layer]
    image.grow(frame, layers, [view for view, _, _ in planes if view])


def _first(job: Job, bad: Callable[[MediaError], None]) -> ImageFile:
    """The first file of a job that can be read; what is before it is taken out of the job."""
    while True:
        try:
            return ImageFile(job.files[0][2])
        except MediaError as error:
            if len(job.files) == 1:
                raise
            bad(error)
            del job.files[0]


def push_job(
    job: Job, options: Options, progress: Progress, bad: Callable[[MediaError], None]
) -> Image | None:
    """Push all files of a job and wait until they are shown; the closed image, None when not
    even one could be read to its end.

    `bad` is told of each file of several that cannot be pushed; the others are.  Raises
    MediaError when none can be opened, UsageError for options that do not fit, and what ended the
    connection.
    """
    first = _first(job, bad)
    if options.layer and len(first.layers) > 1:
        raise UsageError(
            f"{job.files[0][2]} has layers of its own: {', '.join(first.layers)}",
            hint="leave --layer out to push them all",
        )
    spec = spec_of(first, job, options, *_survey(job, first))
    planes = len(first.planes) if not job.files[0][1] else len(first.layers)
    total = spec.frame_bytes * planes * len(job.files)
    done = 0

    def handed(count: int) -> None:
        nonlocal done
        done += count
        progress(job.name, done, total)

    image: Image | None = None
    try:
        for batch in _by_frame(job.files):
            pixels: list[tuple[str | None, str | None, Pixels]] = []
            for item in batch:
                try:
                    pixels += planes_of(item, spec, options)
                except MediaError as error:
                    if len(job.files) == 1:
                        raise
                    bad(error)
            if not pixels:
                continue
            if image is None:  # of what cannot be read nothing is made at the far end
                image = Image(
                    spec, options.targets, patience=None, reconnect=False,
                    timeout=options.timeout, compress=options.compress,
                )  # fmt: skip
                image.require()
            grow_names(image, pixels, batch[0][0])
            push_picture(image, pixels, batch[0][0], options.grid, handed)
        if image is not None:
            image.sync()
    except BaseException:
        if image is not None:
            image.close(flush=False)
        raise
    if image is not None:
        image.close()
    return image


def push_stream(
    name: str,
    pictures: Iterable[Picture],
    options: Options,
    progress: Progress,
    *,
    live: bool = False,
) -> Image | None:
    """Push pictures as they come, a frame each from `options.frame` on; None without any.

    With *live* all of them go to one frame, and one that the viewer is too slow for is replaced
    by the next.  Raises as `push_job` does.
    """
    image: Image | None = None
    first: Picture | None = None
    done = 0

    def handed(count: int) -> None:
        nonlocal done
        done += count
        progress(name, done, 0)

    frame = options.frame or 1
    try:
        for picture in pictures:
            if image is None or first is None:
                first = picture
                image = Image(
                    stream_spec(name, picture, options), options.targets,
                    patience=0.0 if live else None, reconnect=False, timeout=options.timeout,
                    compress=options.compress,
                )  # fmt: skip
                image.require()
            elif not _alike(first, picture):
                raise MediaError(
                    f"{name}: picture {frame} is {_shape(picture)}, the first was {_shape(first)}",
                    hint="a source has one shape; push it by itself",
                )
            image.grow(frame)
            push_picture(image, named_planes(picture, options), frame, options.grid, handed)
            frame += not live
        if image is not None:
            image.sync()
    except BaseException as error:
        if image is not None:  # pictures before a broken one are shown
            image.close(flush=isinstance(error, MediaError))
        raise
    if image is not None:
        image.close()
    return image


def _stream_planes(picture: Picture, options: Options) -> Iterator[tuple[str, str | None, Pixels]]:
    layered = any(layer for _, layer, _ in picture.planes)
    for view, layer, pixels in picture.planes:
        yield (
            options.view or view,
            options.layer or layer or ("default" if layered else None),
            pixels,
        )


def named_planes(picture: Picture, options: Options) -> list[tuple[str | None, str | None, Pixels]]:
    """(view, layer, pixels) of a picture that came from a stream."""
    return [(v or None, p, a) for v, p, a in _stream_planes(picture, options)]


def stream_spec(name: str, picture: Picture, options: Options) -> ImageSpec:
    """The image source that takes a stream whose first picture is this one."""
    planes = list(_stream_planes(picture, options))
    frame = options.frame or 1
    return ImageSpec(
        name, picture.width, picture.height, picture.channels, picture.dtype, picture.window,
        picture.pixel_aspect, (frame, frame), picture.fps or options.fps,
        tuple(dict.fromkeys(p for _, p, _ in planes if p)),
        tuple(dict.fromkeys(v for v, _, _ in planes if v)),
    )  # fmt: skip


def _alike(a: Picture, b: Picture) -> bool:
    return (
        _shape(a) == _shape(b)
        and a.window == b.window
        and [p[:2] for p in a.planes] == [p[:2] for p in b.planes]
    )


def _shape(picture: Picture) -> str:
    return f"{picture.width} x {picture.height}, {picture.channels} channels of {picture.dtype}"


def _told(shape: tuple[int, int, int, str], window: Window) -> str:
    width, height, channels, dtype = shape
    crop = "" if window == (0, 0, width, height) else f" ({window[2]} x {window[3]} of it)"
    return f"{width} x {height}{crop}, {channels} channels of {dtype}"


def _by_frame(files: list[tuple[int, str, str]]) -> Iterator[list[tuple[int, str, str]]]:
    batch: list[tuple[int, str, str]] = []
    for item in files:
        if batch and item[0] != batch[0][0]:
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


def planes_of(
    item: tuple[int, str, str], spec: ImageSpec, options: Options
) -> Iterator[tuple[str | None, str | None, Pixels]]:
    """What a file brings to its frame.  Raises MediaError when it does not fit."""
    _, view, path = item
    file = ImageFile(path)
    try:
        window = spec.window or (0, 0, spec.width, spec.height)
        shape = (file.width, file.height, file.channels, file.dtype)
        wanted = (spec.width, spec.height, spec.channels, spec.dtype)
        if shape != wanted or around([window, file.window]) != window:
            raise MediaError(
                f"{path}: {_told(shape, file.window)}, unlike {_told(wanted, window)}",
                hint="frames and views of one source have one shape; push it by itself",
                path=path,
            )
        for plane in file.planes:
            if view and plane.view and plane.view != file.planes[0].view:
                continue  # the pair's file is one view
            layer = options.layer or plane.layer or ("default" if spec.layers else "")
            name = view or plane.view
            if (name and not spec.views) or (layer and not spec.layers):
                continue  # the first one has no name for what it shows itself
            yield name or None, layer or None, file.read(plane, window)
    finally:
        file.close()
