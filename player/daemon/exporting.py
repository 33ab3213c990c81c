"""`player MEDIA --export OUT.####.png`: the frames of the view as files, no screen, no port.

What is written is what would be shown, computed exactly: PNG, JPEG and other formats of 8
bits get the picture of the screen, TIFF and DPX the same with 16 bits, EXR and HDR the
picture in front of the display's colour (linear, half floats).  The size is the view's own
unless `--size` says otherwise.  The graph is evaluated on the main thread in the order of
the frames; rendering and writing go to as many threads as there are processors.  A frame
that cannot be read is told and left out, and the others are written all the same.  Movies
(`movieout.py`) are rendered likewise.  By rvio's rules (`making.py`, `picturesout.py`) there are
also leaders and overlays, other numbers in files, files of sound (`soundout.py`) and sessions.

`player MEDIA --snapshot FILE` writes the one frame that a player would show after its start.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from player.daemon.conversions import convert, scaled
from player.daemon.finishes import finish_of
from player.daemon.making import Maker, Shot, on_display, shots_of
from player.daemon.movieout import Movie
from player.daemon.overlaying import Layers
from player.daemon.overlayscripts import Scripts
from player.daemon.picturesout import JPEG, PictureFiles
from player.daemon.progress import Progress, Steps, announce, ctrl_c
from player.daemon.remote import use_policy
from player.daemon.rendered import linear, shown
from player.daemon.soundout import SoundFile
from player.daemon.startup import Startup, listed_sources, session_options
from player.daemon.targets import (
    check,
    check_folder,
    extension,
    frame_name,
    is_one_movie,
    is_one_picture,
    parts,
)  # fmt: skip
from player.encoding import is_sound
from player.image import ImageRenderer
from player.image.export import EXR_COMPRESSIONS, can_write, write_image
from player.image.scene import FetchKey, View
from player.media import Picture, PixelStore, Probe
from player.media.opening import is_url
from player.media.sequence import parse_frames
from player.options import Options
from player.scripting.engine import ScriptEngine
from player.session.files import SessionFileError, save_session
from player.session.ports import Ports
from player.session.session import Session
from rvshell.errors import LocalError, MediaError, MissingExtra, UsageError

__all__ = ["Progress", "export", "frame_name", "snapshot"]

_LINEAR: Final = frozenset((".exr", ".hdr"))
_DEEP: Final = frozenset((".tif", ".tiff", ".dpx"))
_PART: Final = re.compile(r"(-?[0-9]+)-?(-*[0-9]+)?x?([0-9]+)?")
"""Of rvio's ranges (``timeRE2`` of Open RV's FrameUtils); what follows is passed over."""
_CACHE: Final = 256 << 20
_TILES: Final = 64 << 20
_SIZE: Final = (1280, 720)  # of a picture whose view has none, and of a snapshot


def _session(
    options: Options, report: Callable[[str], None]
) -> tuple[Session, ImageRenderer, ScriptEngine]:
    """A session with the media of the command line loaded and everything applied."""
    use_policy(options)
    probe = Probe(on_problem=lambda reason: report(f"ERROR: {reason}"))
    pixels = PixelStore(_TILES)
    renderer = ImageRenderer(probe.readers, pixels, budget=_CACHE, exact=True)
    session = Session(
        # rvio has no display, and no packages that set up the colour of new media
        profile="output" if options.as_rvio or options.profile == "output" else "display",
        ports=Ports(media=probe, pixels=pixels, renderer=renderer),
        options=session_options(replace(options, view="") if options.as_rvio else options),
        colour_nodes=True,
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
        _view_lone_source(options, session, report)
        finish = finish_of(options.conversions)
        opaque = is_one_movie(options.export) or extension(options.export) in JPEG
        convert(
            session, options.conversions, on_display=on_display(options, finish, opaque=opaque)
        )  # fmt: skip
        if "init" in options.conversions:
            _initialize(engine, options.conversions["init"][0], report)
        session.settle()
    elif (
        options.view
        and session.graph.find(options.view) is None
        and (session.graph.find_by_ui_name(options.view) is None)
    ):  # what else would be written is not what was asked for
        engine.close()
        renderer.close()
        renderer.readers.close()
        raise LocalError(f"-view {options.view}: there is no such view")
    return session, renderer, engine


def _initialize(engine: ScriptEngine, path: str, report: Callable[[str], None]) -> None:
    """Run rvio's init script: a Mu file, and the function `initialize` that it may have."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise LocalError(f"-init {path}: {getattr(error, 'strerror', None) or error}") from None
    for part in (text, "initialize();" if re.search(r"\binitialize\s*\(", text) else ""):
        answer = engine.mu("{ " + part + " }" if part is not text else part, "init") if part else ""
        if answer.startswith("ERROR"):
            report(answer.rstrip())


def _view_lone_source(options: Options, session: Session, report: Callable[[str], None]) -> None:
    """View a source that is not in a sequence with others, unless a view was asked for or a
    session has its own: as rvio does (``makeInputMovie`` of Open RV's rvio)."""
    groups = session.graph.by_type("RVSourceGroup")
    files = [file for args in listed_sources(options) for file in args.files]
    if options.view and not session.views.switch(options.view):
        raise UsageError(f'view not found "{options.view}"')
    if len(groups) == 1 and not options.view and not any(f.endswith(".rv") for f in files):
        session.set_view(groups[0].name)
        session.settle()
        report("INFO: setting view to single Source")


def _range(text: str, report: Callable[[str], None]) -> tuple[int, ...]:
    """`-t` as rvio reads it: parts that are no range are told and left out."""
    frames: set[int] = set()
    for part in text.split(","):
        found = _PART.search(part)
        if found is None:
            report(f"Invalid frame range: {part}")
            continue
        first, end, step = found[1], found[2], found[3]
        last = f"{first}-{end}" if end else first
        with contextlib.suppress(MediaError):
            frames.update(parse_frames(f"{last}x{step}" if step else last))
    if not frames:
        raise UsageError(f'timerange "{text}" expands to nothing', hint="-t 1-100, 1,5-9x2")
    return tuple(sorted(frames))


def _frames(options: Options, session: Session) -> list[int]:
    p = session.playback
    first, last = p.in_point, max(p.in_point, p.out_point - 1)
    if options.as_rvio and "tio" not in options.conversions:
        first, last = p.range_start, max(p.range_start, p.range_end - 1)
    if not options.frames:
        return list(range(first, last + 1))
    asked = (
        _range(options.frames, session.warn) if options.as_rvio else parse_frames(options.frames)
    )  # fmt: skip
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

    def job(self, shot: Shot, size: tuple[int, int]) -> _Job:
        path = frame_name(self._pattern, shot.frame)
        view, fetch = self._renderer.view(shot.frame), self._renderer.fetch
        return _Job(
            view, size, fetch, path, display=self._display, compression=self._compression
        )  # fmt: skip

    def landed(self, job: _Job, shot: Shot) -> None:
        """Nothing: each is written where it is rendered."""

    def finish(self) -> None:
        """Nothing."""

    def abandon(self, done: int, count: int) -> str:
        return f"{done} of {count} frames are written"


class _Nowhere:
    """Frames that are made and not kept (``-o out.null``)."""

    def __init__(self, maker: Maker) -> None:
        self._maker = maker

    def job(self, shot: Shot, size: tuple[int, int]) -> Any:
        return _Unkept(self._maker.plan(shot, size, display=True))

    def landed(self, job: Any, shot: Shot) -> None:
        """Nothing."""

    def finish(self) -> None:
        """Nothing."""

    def abandon(self, done: int, count: int) -> str:
        return f"{done} of {count} frames are made"


class _Unkept:
    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self.gaps: tuple[str, ...] = ()

    def __call__(self) -> str:
        made = self._make()
        self.gaps = made.gaps
        return str(made.problem)


def _save(options: Options, session: Session, report: Callable[[str], None]) -> int:
    """Write the session itself."""
    if options.overlays or options.leaders:
        report('WARNING: "-overlay" and "-leader" ignored when outputting session')
    print(f"INFO: writing session: {options.export}", flush=True)
    try:
        save_session(session, options.export)
    except SessionFileError as error:
        raise LocalError(str(error)) from None
    return 0


def _largest(options: Options, session: Session, frames: list[int]) -> tuple[int, int]:
    """The size that all pictures of a movie have, or of an export by rvio's rules."""
    if options.size is not None or session.view is None:
        return _size(options, session, frames[0])
    sizes = [_size(options, session, frame) for frame in frames]
    return max(width for width, _ in sizes), max(height for _, height in sizes)


def _target(
    options: Options, session: Session, renderer: ImageRenderer, engine: ScriptEngine,
    shots: list[Shot], size: tuple[int, int], report: Callable[[str], None],
) -> Any:  # fmt: skip
    """What makes and takes the pictures.  Raises UsageError, LocalError."""
    if not options.as_rvio:
        if is_one_movie(options.export):
            return Movie(options, session, renderer, None, size, report)
        return _Pictures(
            options.export, renderer, display=False, compression=_compression(options)
        )  # fmt: skip
    if is_sound(options.export):
        return SoundFile(options, session, report)
    layers = Layers(options, Scripts(engine, report), report)
    maker = Maker(options, session, renderer, layers)
    if extension(options.export) == ".null":
        return _Nowhere(maker)
    if is_one_movie(options.export):
        return Movie(options, session, renderer, maker, size, report)
    files = PictureFiles(options, session, maker, partial(frame_name, options.export), report)
    files.total = len(shots)
    return files


def export(options: Options, report: Callable[[str], None]) -> int:
    """Write the frames; 0 when all were written, 1 when some could not be (254 for rvio).

    Raises UsageError, LocalError and SessionError for what is wrong from the start.
    """
    session, renderer, engine = _session(options, report)
    try:
        if not len(session.sources):
            if options.as_rvio:
                raise UsageError("no input files specified")
            raise UsageError(
                "there is nothing to export", hint="player MEDIA --export OUT.####.png"
            )
        if options.as_rvio and extension(options.export) == ".rv":
            return _save(options, session, report)
        frames = _frames(options, session)
        check(options, len(frames))
        shots = shots_of(options, frames)
        size: tuple[int, int] | None = None
        if options.as_rvio or is_one_movie(options.export):
            size = _largest(options, session, frames)
        if options.as_rvio and is_one_picture(options.export):
            shots = shots[:1]  # which is the first, as rvio has it
        with ctrl_c() as stopped:  # which must not leave what the target begins
            target = _target(options, session, renderer, engine, shots, size or (1, 1), report)
            failed = _run(options, session, target, shots, size, stopped)
        return (254 if options.as_rvio else 1) if failed else 0
    finally:
        engine.close()
        renderer.close()
        renderer.readers.close()


def snapshot(options: Options, report: Callable[[str], None]) -> int:
    """Write the frame that is shown after the start; 0 when it was written, 1 when not.

    It has the size of a new window unless `--size` says otherwise.
    Raises UsageError, LocalError and SessionError for what is wrong from the start.
    """
    path = options.snapshot
    if not can_write(parts("--snapshot", path)[1]):
        raise UsageError(
            f"--snapshot {path}: not a format that a picture can be written in",
            hint="png, jpg, exr, tif...",
        )
    check_folder(path)
    session, renderer, engine = _session(options, report)
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
        engine.close()
        renderer.close()
        renderer.readers.close()


def _run(
    options: Options, session: Session, target: Any, shots: list[Shot],
    size: tuple[int, int] | None, stopped: Callable[[], None],
) -> int:  # fmt: skip
    """Make all; how many could not be.  *size* is that of all, or None for each its own;
    *stopped* raises KeyboardInterrupt when there was Ctrl-C."""
    words = options.conversions
    progress: Any = Progress(len(shots))
    if "v" in words or "vv" in words:
        announce(options, len(shots))
        progress = Steps(len(shots), movie=is_one_movie(options.export))
    workers = max(1, int(words["rthreads"][0]) if "rthreads" in words else os.cpu_count() or 1)
    waiting: deque[tuple[Shot, Any, Future[str]]] = deque()
    failed = 0
    told = ""

    def finish() -> None:
        nonlocal failed, told
        shot, job, future = waiting.popleft()
        reason = future.result()
        for gap in job.gaps:
            progress.line(f"WARNING: {gap}")
        if reason:
            failed += 1
            if reason != told:  # media that are missing are so in all frames
                progress.line(f"ERROR: frame {shot.frame}: {reason}")
            told = reason
        target.landed(job, shot)
        progress.step(shot.frame, written=not reason)

    with ThreadPoolExecutor(workers, thread_name_prefix="export") as pool:
        try:
            for shot in shots:
                stopped()
                if len(waiting) >= 2 * workers:
                    finish()
                job = target.job(shot, size or _size(options, session, shot.frame))
                waiting.append((shot, job, pool.submit(job)))
            while waiting:
                stopped()
                finish()
            if failed == len(shots):
                target.abandon(0, failed)  # a movie of nothing is none
            else:
                target.finish()
        except BaseException as error:
            for _, _, future in waiting:
                future.cancel()
            left = target.abandon(progress.written, len(shots))
            if isinstance(error, KeyboardInterrupt):
                progress.line(f"interrupted: {left}")
            raise
    if failed:
        progress.line(f"ERROR: {failed} of {len(shots)} frames could not be written")
    return failed
