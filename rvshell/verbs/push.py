"""The verb that pushes pixels: files, sequences, pairs and pipes."""

from __future__ import annotations

import os
import sys
from functools import partial
from stat import S_ISFIFO
from typing import TYPE_CHECKING, Any, Final

from rvshell.errors import LinkError, MediaError, MissingExtra, UsageError
from rvshell.verbs.registry import verb
from rvshell.verbs.target import Target, parse_target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rvshell.pixels.image import Image
    from rvshell.pixels.pipe import Geometry, Picture
    from rvshell.pixels.pushing import Options, Progress
    from rvshell.verbs.context import Context

__all__: list[str] = []

_COMPRESS: Final[dict[str, bool | None]] = {"": None, "auto": None, "on": True, "off": False}


@verb(
    "push IMAGE… [--tiles COLUMNSxROWS] [--stereo] [--frame FRAME] [--layer NAME] [--view NAME] "
    "[--name MEDIA] [--to TARGETS] [--fps FPS] [--size WxH] [--channels COUNT] [--dtype TYPE] "
    "[--live] [--watch] [--compress WHEN]",
    help="Send the pixels of images, not their names: any format, size and depth, so that nothing "
    "is asked of the far end's disks. Half and float stay half and float; views and layers of EXR "
    "are kept. IMAGE may be a sequence (shot.#.exr, shot.1-10#.exr) or a directory of images and "
    "sequences. With --stereo two images are the left and the right view. --to A,B:PORT pushes to "
    "several targets at once; one that fails does not keep the others back. Movies are sent frame "
    "by frame. IMAGE - is a pipe: PNG, JPEG, EXR, PPM, PAM, PFM or Y4M one after the other, or raw "
    "frames (rows from the top, channels interleaved) of --size, --channels (4) and --dtype "
    "(uint8, uint16, half, float); with --live all go to one frame, the newest is shown. With "
    "--watch IMAGE is a directory or pattern that is followed: what is there and what a renderer "
    "writes there, movies too, is pushed as it comes, until Ctrl-C. --compress is auto (a slow "
    "link to another machine's player), on (loopback too) or off; RV never gets compressed pixels.",
    example="push --stereo left.exr right.exr --tiles 10x10",
    more=(
        "push beauty.exr",
        "push 'render.#.exr' --fps 24 --to wall,10.0.0.7:45124",
        "push --watch renders/ --name beauty",
    ),
    scope="media",
    kinds={
        "COLUMNSxROWS": "size",
        "NAME": "text",
        "MEDIA": "text",
        "TARGETS": "text",
        "TYPE": "text",
        "WHEN": "auto|on|off",
    },
)
def push(
    ctx: Context,
    image: list[str],
    tiles: tuple[int, int] = (1, 1),
    stereo: bool = False,
    frame: int | None = None,
    layer: str = "",
    view: str = "",
    name: str = "",
    to: str = "",
    fps: float = 24.0,
    size: tuple[int, int] | None = None,
    channels: int = 4,
    dtype: str = "uint8",
    live: bool = False,
    watch: bool = False,
    compress: str = "",
) -> Any:
    from rvshell.client.packing import available
    from rvshell.pixels.pipe import Geometry
    from rvshell.pixels.pushing import Options
    from rvshell.verbs.progress import Bar

    if stereo and len(image) != 2:
        raise UsageError("push: --stereo needs two images, left and right")
    if stereo and view:
        raise UsageError("push: --stereo names the views left and right itself")
    if compress not in _COMPRESS:
        raise UsageError(f"push: --compress is auto, on or off, not {compress!r}")
    options = Options(
        targets=_targets(ctx, to), grid=tiles, frame=frame, layer=layer, view=view, name=name,
        fps=fps, timeout=ctx.options.timeout, compress=_COMPRESS[compress],
    )  # fmt: skip
    if compress == "on" and not available():
        raise MissingExtra("lz4 and zstandard", "compress", purpose="push --compress on")
    if watch:
        return _watch(ctx, image, options)
    geometry = Geometry(*size, channels, dtype) if size else None
    bar = Bar(ctx)
    failed: list[MediaError] = []
    lost: set[Target] = set()

    def bad(error: MediaError) -> None:
        """One of several; the others are pushed."""
        bar.clear()
        ctx.complain(f"push: {error.describe()}")
        failed.append(error)

    alone = stereo or (len(image) == 1 and not os.path.isdir(image[0]))
    for work in _work(image, options, stereo, geometry, live, bad):
        try:
            with bar:
                done = work(bar.show)
        except MediaError as error:
            if alone:
                raise
            bad(error)
            continue
        if done is None:
            continue
        for target, reason in zip(options.targets, done.errors, strict=True):
            if reason is not None and target not in lost:  # the others got it
                lost.add(target)
                ctx.complain(f"push: {target}: {reason.describe()}")
        for statistics in done.statistics:
            for text in statistics.refusals:
                ctx.complain(f"push: {done.spec.name}: refused: {text}")
            if statistics.wire != statistics.bytes:
                ctx.say(
                    f"push: {done.spec.name}: {statistics.bytes / 1e6:.1f} MB as "
                    f"{statistics.wire / 1e6:.1f} MB ({statistics.packing or 'packed'}), the link "
                    f"takes {statistics.link / 1e6:.1f} MB/s"
                )
    if lost:
        raise LinkError(f"{len(lost)} of {len(options.targets)} targets did not get everything")
    if failed:
        count = len(failed)
        raise MediaError(f"{count} file{'s were' if count > 1 else ' was'} not pushed")
    return None


def _watch(ctx: Context, what: list[str], options: Options) -> None:
    """Follow one directory or pattern until Ctrl-C."""
    import threading

    from rvshell.pixels.watch import Watcher

    if len(what) != 1:
        raise UsageError("push: --watch follows one directory or pattern")
    watcher = Watcher(what[0], options, ctx.say)
    ctx.say(f"watching {watcher.directory}; Ctrl-C ends it")
    watcher.run(threading.Event())


def _work(
    names: list[str],
    options: Options,
    stereo: bool,
    geometry: Geometry | None,
    live: bool,
    bad: Callable[[MediaError], None],
) -> Iterator[Callable[[Progress], Image | None]]:
    """One thing to do for each source at the far end."""
    from rvshell.pixels.files import find_sources
    from rvshell.pixels.movies import is_movie_name, read_movie
    from rvshell.pixels.pipe import read_pictures
    from rvshell.pixels.pushing import Job, push_job, push_stream

    def stream(pictures: Iterable[Picture], name: str) -> Callable[[Progress], Image | None]:
        return lambda show: push_stream(name, pictures, options, show, live=live)

    def files(job: Callable[[], Job]) -> Callable[[Progress], Image | None]:
        return lambda show: push_job(job(), options, show, bad)

    def movie(path: str) -> Callable[[Progress], Image | None]:
        return stream(read_movie(path), options.name or os.path.basename(path))

    def inside(directory: str) -> Iterator[Callable[[Progress], Image | None]]:
        for name, pairs in find_sources(directory).items():
            frames = [(frame, options.view, path) for frame, path in pairs]
            yield files(partial(Job, options.name or name, frames))
        for name in sorted(os.listdir(directory)):
            if is_movie_name(name) and not name.startswith("."):
                yield movie(os.path.join(directory, name))

    if stereo:
        yield files(lambda: Job.stereo(names[0], names[1], options))
        return
    for name in names:
        if name == "-":
            pictures = read_pictures(sys.stdin.buffer, geometry)
            yield stream(pictures, options.name or "pipe")
        elif os.path.exists(name) and S_ISFIFO(os.stat(name).st_mode):
            # as from <(a program that writes pictures)
            with open(name, "rb") as pipe:
                yield stream(read_pictures(pipe, geometry), options.name or "pipe")
        elif os.path.isdir(name):
            try:
                works = list(inside(name))
                if not works:
                    raise MediaError(f"{name}: holds no images", path=name)
            except MediaError as error:
                if len(names) == 1:
                    raise
                bad(error)
            else:
                yield from works
        elif is_movie_name(name):
            yield movie(name)
        else:
            yield files(partial(Job.of, name, options))


def _targets(ctx: Context, to: str) -> tuple[Target, ...]:
    """The targets of --to, else the one of this shell."""
    words = [w for w in to.split(",") if w]
    return tuple(parse_target(w) for w in words) or (ctx.remote.resolve(),)
