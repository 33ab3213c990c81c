"""`player MEDIA --export OUT.####.png`: the frames of the view as files, no screen, no port.

What is written is what would be shown, computed exactly: PNG, JPEG and other formats of 8
bits get the picture of the screen, TIFF and DPX the same with 16 bits, EXR and HDR the
picture in front of the display's colour (linear, half floats).  The size is the view's own
unless `--size` says otherwise.  The graph is evaluated on the main thread in the order of
the frames; rendering and writing go to as many threads as there are processors.  A frame
that cannot be read is told and left out, and the others are written all the same.  Movies
(`movieout.py`) are rendered likewise.

`player MEDIA --snapshot FILE` writes the one frame that a player would show after its start.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final

from player.daemon.conversions import changes_output, convert, scaled
from player.daemon.movieout import Movie
from player.daemon.remote import use_policy
from player.daemon.rendered import linear, shown
from player.daemon.startup import Startup, listed_sources, session_options
from player.encoding import is_movie
from player.image import ImageRenderer
from player.image.export import EXR_COMPRESSIONS, can_write, write_image
from player.image.scene import FetchKey, View
from player.media import Picture, PixelStore, Probe
from player.media.opening import is_url
from player.media.sequence import parse_frames
from player.options import Options
from player.scripting.engine import ScriptEngine
from player.session.ports import Ports
from player.session.session import Session
from rvshell.errors import LocalError, MediaError, MissingExtra, UsageError

__all__ = ["Progress", "export", "frame_name", "snapshot"]

_LINEAR: Final = frozenset((".exr", ".hdr"))
_DEEP: Final = frozenset((".tif", ".tiff", ".dpx"))
_SYMBOL: Final = re.compile(r"#+|@+|%0?(\d*)d")
_CACHE: Final = 256 << 20
_TILES: Final = 64 << 20
_BAR: Final = 30
_SIZE: Final = (1280, 720)  # of a picture whose view has none, and of a snapshot


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


class Progress:
    """A bar that is drawn anew on a terminal, a line for each tenth elsewhere.

    `written` of the `done` frames could be written: that is what is told.
    """

    def __init__(
        self, total: int, *, stream: Any = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._total = max(1, total)
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._terminal = bool(getattr(self._stream, "isatty", lambda: False)())
        self._begun = clock()
        self._drawn = -1.0
        self._tenth = 0
        self.done = 0
        self.written = 0

    def step(self, *, written: bool = True) -> None:
        """One more frame is finished, if *written* to its file."""
        self.done += 1
        self.written += written
        now = self._clock()
        last = self.done >= self._total
        if self._terminal:
            if last or now - self._drawn >= 0.1:
                self._drawn = now
                self._write("\r" + self._text(now) + "\x1b[K" + ("\n" if last else ""))
        elif self.done * 10 // self._total > self._tenth:
            self._tenth = self.done * 10 // self._total
            if self.written:
                self._write(self._text(now) + "\n")

    def _text(self, now: float) -> str:
        seconds = max(now - self._begun, 1e-6)
        rate = self.done / seconds
        left = (self._total - self.done) / rate if rate else 0.0
        counts = f"{self.written:{len(str(self._total))}d}/{self._total}"
        tail = f"{rate:.1f} fps, {left:.0f} s left"
        if not self._terminal:
            return f"exported {counts}, {tail}"
        width = max(5, min(_BAR, shutil.get_terminal_size().columns - 50))
        full = self.done * width // self._total
        return f"export [{'#' * full}{'.' * (width - full)}] {counts}  {tail}"

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()

    def line(self, text: str) -> None:
        """A message between two states of the bar."""
        self._write(("\r\x1b[K" if self._terminal else "") + text + "\n")


def _session(options: Options, report: Callable[[str], None]) -> tuple[Session, ImageRenderer]:
    """A session with the media of the command line loaded and everything applied."""
    use_policy(options)
    probe = Probe(on_problem=lambda reason: report(f"ERROR: {reason}"))
    pixels = PixelStore(_TILES)
    renderer = ImageRenderer(probe.readers, pixels, budget=_CACHE, exact=True)
    session = Session(
        profile="output" if options.profile == "output" else "display",
        ports=Ports(media=probe, pixels=pixels, renderer=renderer),
        options=session_options(options),
    )
    session.warn = report
    renderer.attach(session)
    for args in listed_sources(options):
        for path in filter(is_url, args.files):
            try:
                probe.readers.get(path)
            except (MediaError, MissingExtra):
                continue  # told when the source is made
    engine = ScriptEngine(session, report=report)
    startup = Startup(session, engine, options, report)
    startup.load()
    session.settle()
    while not startup.step():
        session.settle()
    session.settle()
    if options.as_rvio:
        _view_lone_source(options, session)
        convert(session, options.conversions)
        session.settle()
    engine.close()
    if (
        options.view
        and session.graph.find(options.view) is None
        and (session.graph.find_by_ui_name(options.view) is None)
    ):  # what else would be written is not what was asked for
        renderer.close()
        renderer.readers.close()
        raise LocalError(f"-view {options.view}: there is no such view")
    return session, renderer


def _view_lone_source(options: Options, session: Session) -> None:
    """View a source that is not in a sequence with others, unless a view was asked for or a
    session has its own: as rvio does (``makeInputMovie`` of Open RV's rvio)."""
    groups = session.graph.by_type("RVSourceGroup")
    files = [file for args in listed_sources(options) for file in args.files]
    if len(groups) == 1 and not options.view and not any(f.endswith(".rv") for f in files):
        session.set_view(groups[0].name)
        session.settle()


def _frames(options: Options, session: Session) -> list[int]:
    p = session.playback
    first, last = p.in_point, max(p.in_point, p.out_point - 1)
    if options.as_rvio and "tio" not in options.conversions:
        first, last = p.range_start, max(p.range_start, p.range_end - 1)
    if not options.frames:
        return list(range(first, last + 1))
    asked = parse_frames(options.frames)
    word = "-t" if options.as_rvio else "--frames"
    if not asked:
        raise UsageError(f"{word} {options.frames} names no frame", hint="write it as 1-100")
    outside = [f for f in asked if not p.range_start <= f < p.range_end]
    if outside and options.as_rvio and len(outside) < len(asked):
        there = f"{p.range_start}-{p.range_end - 1}"
        session.warn(f"WARNING: {len(outside)} frames are outside {there}")
        return [f for f in asked if f not in outside]
    if outside:
        hint = f"{word} within {p.range_start}-{p.range_end - 1}"
        for group in session.graph.by_type("RVSourceGroup"):
            own = group.range_info()
            if own.start <= outside[0] <= own.end:
                # a sequence counts its own frames, as RV's does
                hint += f"; or -view {group.name}, whose own are {own.start}-{own.end}"
                break
        raise UsageError(f"frame {outside[0]} does not exist", hint=hint)
    return list(asked)


def _size(options: Options, session: Session, frame: int) -> tuple[int, int]:
    if options.size is not None:
        return scaled(options.size, options.conversions)
    node = session.view
    info = node.struct_info(frame) if node is not None else None
    if info is None or info.width < 1 or info.height < 1:
        return _SIZE
    return scaled((int(info.width), int(info.height)), options.conversions)


def _compression(options: Options) -> str:
    """OpenImageIO's word for `-codec DWAA -quality 45` of EXR, "" for the usual one.

    Raises UsageError."""
    if not options.codec or not options.export.lower().endswith(".exr"):
        return ""
    name = options.codec.lower()
    if name not in EXR_COMPRESSIONS:
        raise UsageError(
            f"-codec {options.codec}: EXR has no such compression",
            hint=f"there are {', '.join(EXR_COMPRESSIONS)}",
        )
    level = name.startswith("dwa") and options.quality is not None
    return f"{name}:{options.quality:g}" if level else name


def _check(options: Options, count: int) -> None:
    """Refuse what could not be written.  Raises UsageError, LocalError."""
    pattern = options.export
    word = "-o" if options.as_rvio else "--export"
    base, extension = _extension(word, pattern)
    movie = is_movie(pattern)
    if movie and frame_name(pattern, 1) != frame_name(pattern, 2):
        raise UsageError(
            f"{word} {pattern}: a movie is one file",
            hint=f"{word} {_SYMBOL.sub('', base).rstrip('.') or 'out'}{extension}",
        )
    if not movie and not can_write(extension):
        raise UsageError(
            f"{word} {pattern}: {extension} is not a format that can be written",
            hint="png, jpg, exr, tif, dpx..., mov, mp4, mkv...",
        )
    if not movie and count > 1 and frame_name(pattern, 1) == frame_name(pattern, 2):
        raise UsageError(
            f"{word} {pattern} names one file for {count} frames",
            hint=f"{word} {base}.####{extension}",
        )
    _check_folder(pattern)


def _extension(option: str, path: str) -> tuple[str, str]:
    """A path's base and extension, which it must have.  Raises UsageError."""
    base, extension = os.path.splitext(path)
    if not extension or _SYMBOL.search(extension):
        raise UsageError(f"{option} {path} needs an extension", hint=f"{path}.png")
    return base, extension


def _check_folder(path: str) -> None:
    """Raises LocalError when no file can be made there."""
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise LocalError(f"{folder}: no such folder", hint=f"mkdir -p {folder}")
    if not os.access(folder, os.W_OK):
        raise LocalError(f"{folder}: cannot be written")


class _Job:
    """Renders one frame and writes it; `__call__` gives the reason when it could not, `gaps`
    then tells which frames of sequences others were written for."""

    def __init__(
        self, view: View, size: tuple[int, int], fetch: Callable[[FetchKey], Picture], path: str,
        *, display: bool, compression: str,
    ) -> None:  # fmt: skip
        self._view = view
        self._size = size
        self._fetch = fetch
        self._path = path
        self._display = display
        self._compression = compression
        self.gaps: tuple[str, ...] = ()

    def __call__(self) -> str:
        extension = os.path.splitext(self._path)[1].lower()
        try:
            if extension in _LINEAR:
                pixels, problem, self.gaps = linear(
                    self._view, self._size, self._fetch, display=self._display
                )
            else:
                deep = extension in _DEEP
                pixels, problem, self.gaps = shown(self._view, self._size, self._fetch, deep=deep)
            if not problem:
                write_image(self._path, pixels, compression=self._compression)
        except OSError as error:
            return str(error)
        return problem


class _Pictures:
    """Files of their own for the frames."""

    def __init__(
        self, pattern: str, renderer: ImageRenderer, *, display: bool, compression: str
    ) -> None:
        self._pattern = pattern
        self._compression = compression
        self._display = display  # whether linear files have the display's colour, too
        self._renderer = renderer

    def job(self, frame: int, size: tuple[int, int]) -> _Job:
        path = frame_name(self._pattern, frame)
        view, fetch = self._renderer.view(frame), self._renderer.fetch
        return _Job(
            view, size, fetch, path, display=self._display, compression=self._compression
        )  # fmt: skip

    def landed(self, job: _Job, frame: int) -> None:
        """Nothing: each is written where it is rendered."""

    def finish(self) -> None:
        """Nothing."""

    def abandon(self, done: int, count: int) -> str:
        return f"{done} of {count} frames are written"


def export(options: Options, report: Callable[[str], None]) -> int:
    """Write the frames; 0 when all were written, 1 when some could not be.

    Raises UsageError, LocalError and SessionError for what is wrong from the start.
    """
    session, renderer = _session(options, report)
    try:
        if not len(session.sources):
            raise UsageError(
                "there is nothing to export",
                hint="player-rvio MEDIA -o OUT.####.png"
                if options.as_rvio
                else "player MEDIA --export OUT.####.png",
            )
        frames = _frames(options, session)
        _check(options, len(frames))
        display = changes_output(options.conversions)
        target: Any = _Pictures(
            options.export, renderer, display=display, compression=_compression(options)
        )  # fmt: skip
        if is_movie(options.export):
            target = Movie(options, session, renderer, frames, report)
        return _run(options, session, target, frames)
    finally:
        renderer.close()
        renderer.readers.close()


def snapshot(options: Options, report: Callable[[str], None]) -> int:
    """Write the frame that is shown after the start; 0 when it was written, 1 when not.

    It has the size of a new window unless `--size` says otherwise.
    Raises UsageError, LocalError and SessionError for what is wrong from the start.
    """
    path = options.snapshot
    if not can_write(_extension("--snapshot", path)[1]):
        raise UsageError(
            f"--snapshot {path}: not a format that a picture can be written in",
            hint="png, jpg, exr, tif...",
        )
    _check_folder(path)
    session, renderer = _session(options, report)
    try:
        if not len(session.sources):
            raise UsageError(
                "there is nothing to show",
                hint="player MEDIA --snapshot FILE; with --display png the file follows "
                "what is shown, and the player stays",
            )
        frame = session.playback.frame
        view = renderer.view(frame)
        job = _Job(
            view, options.size or _SIZE, renderer.fetch, path,
            display=False, compression="",
        )  # fmt: skip
        reason = job()
        for gap in job.gaps:
            report(f"WARNING: {gap}")
        if reason:
            report(f"ERROR: frame {frame}: {reason}; {path} is not written")
        return 1 if reason else 0
    finally:
        renderer.close()
        renderer.readers.close()


@contextmanager
def _ctrl_c() -> Iterator[Callable[[], None]]:
    """What is given raises KeyboardInterrupt once Ctrl-C has been pressed; the second one strikes
    at once.

    Python would raise it wherever the main thread is: in a finaliser, for one, where it is lost.
    """
    pressed = False

    def press(number: int, frame: object) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True

    def check() -> None:
        if pressed:
            raise KeyboardInterrupt

    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # not with `nohup`
    if ours:
        signal.signal(signal.SIGINT, press)
    try:
        yield check
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _run(options: Options, session: Session, target: Any, frames: list[int]) -> int:
    progress = Progress(len(frames))
    workers = max(1, os.cpu_count() or 1)
    waiting: deque[tuple[int, Any, Future[str]]] = deque()
    failed = 0
    told = ""

    def finish() -> None:
        nonlocal failed, told
        frame, job, future = waiting.popleft()
        reason = future.result()
        for gap in job.gaps:
            progress.line(f"WARNING: {gap}")
        if reason:
            failed += 1
            if reason != told:  # media that are missing are so in all frames
                progress.line(f"ERROR: frame {frame}: {reason}")
            told = reason
        target.landed(job, frame)
        progress.step(written=not reason)

    with _ctrl_c() as check, ThreadPoolExecutor(workers, thread_name_prefix="export") as pool:
        try:
            for frame in frames:
                check()
                if len(waiting) >= 2 * workers:
                    finish()
                job = target.job(frame, _size(options, session, frame))
                waiting.append((frame, job, pool.submit(job)))
            while waiting:
                check()
                finish()
            if failed == len(frames):
                target.abandon(0, failed)  # a movie of nothing is none
            else:
                target.finish()
        except BaseException as error:
            for _, _, future in waiting:
                future.cancel()
            left = target.abandon(progress.written, len(frames))
            if isinstance(error, KeyboardInterrupt):
                progress.line(f"interrupted: {left}")
            raise
    if failed:
        progress.line(f"ERROR: {failed} of {len(frames)} frames could not be written")
    return 1 if failed else 0
