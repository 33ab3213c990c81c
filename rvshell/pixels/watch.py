"""Following what a farm or renderer writes: new and rewritten files of a directory or pattern.

The kernel tells of changes (extra `watch`: inotify through watchfiles).  A file is pushed when it
has kept its size for a moment and can be read to its end; one that cannot is looked at again at
every change, and for a while without one, less and less often, before it is complained about.
`shot.0101.exr` is frame 101 of the source `shot.#.exr`, whose range grows; a name without a number
is a source by itself, and so is a movie, all of whose frames are pushed.  A file of another shape
than its source so far replaces the source; one that brings the first layers lets its frames be
pushed again, with names.  A directory that goes away is waited for.  Since a kernel is not told of
what another machine writes on a file server, all of the directory is looked at now and then as
well.

A viewer that was away, or was too slow for a picture, gets everything that is there, again from the
files: of each source no more is kept than its newest picture.  The sources of the newest files stay
connected, as many as fit; one of the others connects again when a file of it comes.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from stat import S_ISREG
from typing import Any, Final

from rvshell.client.address import Target
from rvshell.errors import MediaError, MissingExtra, RvshellError
from rvshell.pixels.files import ImageFile, frame_of
from rvshell.pixels.image import Image
from rvshell.pixels.movies import is_movie_name, read_movie
from rvshell.pixels.pushing import (
    Job,
    Options,
    grow_names,
    named_planes,
    planes_of,
    push_picture,
    spec_of,
    stream_spec,
)
from rvshell.pixels.spec import ImageSpec

__all__ = ["Watcher", "pattern_of"]

_QUIET: Final = 0.25  # seconds that a file must keep its size and time
_QUIET_MOVIE: Final = 1.0  # encoders write in large pieces
_PATIENCE: Final = 30.0  # seconds after its last change that a broken file is given
_STEP: Final = 100  # milliseconds between two looks
_AGAIN: Final = 2.0  # seconds between two looks at all of the directory
_SHARE: Final = 20  # of the time, at most, that these looks take
_OPEN: Final = 32  # sources that stay connected; a player takes 512 connections of all programs
_MEMORY: Final = 256 << 20  # bytes of pictures that these may keep together
_ATTEMPTS: Final = 20  # at a watch that fails before anything was seen
_SYMBOL: Final = re.compile(r"#+|@+|%0?(\d*)d")


def pattern_of(pattern: str) -> Callable[[str], tuple[str, int] | None]:
    """As `frame_of`, for the names of a pattern (`shot.#.exr`, `shot.%04d.exr`) only."""
    symbol = _SYMBOL.search(pattern)
    if symbol is None:
        return lambda name: (name, 1) if name == pattern else None
    head, tail = re.escape(pattern[: symbol.start()]), re.escape(pattern[symbol.end() :])
    width = (
        4 if symbol[0][0] == "#" else len(symbol[0]) if symbol[0][0] == "@" else int(symbol[1] or 1)
    )
    digits = re.compile(rf"{head}(-?\d{{{max(1, width)},}}){tail}")

    def match(name: str) -> tuple[str, int] | None:
        found = digits.fullmatch(name)
        return (pattern, int(found[1])) if found else None

    return match


def _in_directory(name: str) -> tuple[str, int] | None:
    """As `frame_of`, for movies too."""
    if is_movie_name(name) and not name.startswith("."):
        return name, 1
    return frame_of(name)


@dataclass(slots=True)
class _Waiting:
    """A file that changed and was not pushed yet."""

    state: tuple[int, int]  # size, time of modification
    since: float  # when it was seen to have this state
    tried: float = 0.0  # when it could not be read last


class Watcher:
    """Pushes the images that appear in a directory; `say` gets a line for each event.

    Raises MediaError when there is no such directory, MissingExtra without watchfiles.
    """

    def __init__(self, what: str, options: Options, say: Callable[[str], None]) -> None:
        self._match: Callable[[str], tuple[str, int] | None] = _in_directory
        self.directory = what
        if not os.path.isdir(what):
            self.directory = os.path.dirname(what) or "."
            self._match = pattern_of(os.path.basename(what))
            if not os.path.isdir(self.directory):
                raise MediaError(f"{self.directory}: no such directory", path=self.directory)
        try:
            import watchfiles
        except ImportError:
            raise MissingExtra("watchfiles", "watch", purpose=f"watching {what}") from None
        self._watch: Any = watchfiles.watch
        self._options = options
        self._say = say
        self._images: dict[str, Image] = {}  # of the newest files, these last
        self._specs: dict[str, ImageSpec] = {}  # of all sources so far
        self._waiting: dict[str, _Waiting] = {}
        self._next = 0.0  # when all of the directory is looked at again
        self._pushed: dict[str, tuple[int, int]] = {}  # as it was then
        self._missing: set[Target] = set()  # those that may not have got everything
        self._away: set[Target] = set()  # those that were said to be away
        self._seen: dict[Image, list[tuple[int, int]]] = {}  # connections, tiles given up so far

    def run(self, stop: threading.Event) -> None:
        """Push what is there and what comes, until *stop* is set.  Raises KeyboardInterrupt."""
        failed, told = 0, ""
        try:
            while not stop.is_set():
                try:
                    for batch in self._changes(stop):
                        if batch is None:  # the watch was set before, so nothing falls in between
                            self._scan()
                            continue
                        failed, told = 0, ""
                        for path in batch:
                            self._changed(os.path.join(self.directory, os.path.basename(path)))
                        self._look()
                    self._await(stop)
                except (FileNotFoundError, NotADirectoryError):
                    self._await(stop)
                except OSError as error:  # of a file server that is away, or permissions
                    if (reason := _reason(error)) != told:
                        told = reason
                        self._say(f"{self.directory}: {reason}; waiting for it")
                    stop.wait(_AGAIN)
                except RuntimeError as error:  # watchfiles ends at a name that is not UTF-8
                    failed += 1
                    if failed > _ATTEMPTS:
                        self._untold(error)
        finally:
            for image in self._images.values():
                image.close()

    def _changes(self, stop: threading.Event) -> Iterator[list[str] | None]:
        """None when the watch is set, then the paths of what has changed since, every now and
        then, as long as the directory is the same."""
        begun = False
        place = _identity(self.directory)
        watch = iter(self._watch(
            self.directory, stop_event=stop, watch_filter=None, recursive=False,
            debounce=_STEP, step=_STEP // 2, rust_timeout=_STEP, yield_on_timeout=True,
        ))  # fmt: skip
        while True:
            try:
                batch = next(watch)
            except StopIteration:
                return
            except (FileNotFoundError, NotADirectoryError):
                raise
            except OSError as error:  # so many directories are watched and no more
                if begun or self._watch is _silence:
                    raise
                self._untold(error)
                return
            if not begun:
                begun = True
                yield None
            yield [path for _, path in batch]
            if _identity(self.directory) != place:
                return

    def _untold(self, error: Exception) -> None:
        """Do without the kernel."""
        self._watch = _silence
        self._say(
            f"{self.directory}: its changes are not told: {_reason(error)}; it is looked at now "
            "and then"
        )

    def _await(self, stop: threading.Event) -> None:
        """Wait for a directory that is not there."""
        if stop.is_set() or os.path.isdir(self.directory):
            return
        self._say(f"{self.directory}: has gone away; waiting for it")
        while not (os.path.isdir(self.directory) or stop.wait(_STEP / 1000)):
            pass

    def _scan(self) -> None:
        """Everything that is there and was not pushed as it is."""
        began = time.monotonic()
        with os.scandir(self.directory) as entries:
            for entry in entries:
                if self._match(entry.name) is None:
                    continue
                if entry.path not in self._pushed or self._pushed[entry.path] != _state(entry.path):
                    self._changed(entry.path)
        now = time.monotonic()
        self._next = now + max(_AGAIN, _SHARE * (now - began))

    def _changed(self, path: str) -> None:
        if self._match(os.path.basename(path)) is None:
            return
        state = _state(path)
        if state is None:
            self._waiting.pop(path, None)
            return
        known = self._waiting.get(path)
        if known is None or known.state != state:
            self._waiting[path] = _Waiting(state, time.monotonic())

    def _look(self) -> None:
        """Push what has come to rest, and everything again to who was away."""
        if self._came_back():
            self._pushed.clear()
            self._next = 0.0
        if time.monotonic() >= self._next:
            self._scan()
        for path, waiting in sorted(self._waiting.items()):
            state, now = _state(path), time.monotonic()
            if state is None:
                del self._waiting[path]
            elif state != waiting.state:
                self._waiting[path] = _Waiting(state, now)
            else:
                quiet = _QUIET_MOVIE if is_movie_name(path) else _QUIET
                if now - waiting.since >= quiet and now >= 2 * waiting.tried - waiting.since:
                    self._try(path, waiting, now)

    def _came_back(self) -> list[Target]:
        """The targets that take pixels now and have missed some."""
        back = []
        told = {image: image.statistics for image in self._images.values()}
        for number, target in enumerate(self._options.targets):
            ready = bool(told)
            for image, statistics in told.items():
                now = statistics[number]
                known = self._seen.setdefault(image, [(1, 0)] * len(statistics))
                if not now.connected or (now.connections, now.dropped) != known[number]:
                    self._missing.add(target)
                known[number] = now.connections, now.dropped
                ready = ready and now.connected and not now.waiting
                if not now.connected and target not in self._away:
                    self._away.add(target)
                    why = now.trouble or f"{target} does not answer"
                    self._say(f"{why}; what there is goes to {target} when it is there")
            if ready and target in self._missing:
                self._missing.remove(target)
                self._away.discard(target)
                self._say(f"{target} is there: everything is pushed again")
                back.append(target)
        return back

    def _try(self, path: str, waiting: _Waiting, now: float) -> None:
        try:
            self._push(path)
        except MediaError as error:
            if now - waiting.since < _PATIENCE:
                waiting.tried = now
                return
            self._say(f"{error} (left out)")
        except RvshellError as error:
            self._say(f"{path}: {error.describe()}")
        self._waiting.pop(path, None)
        self._pushed[path] = waiting.state

    def _push(self, path: str) -> None:
        found = self._match(os.path.basename(path))
        assert found is not None
        source, frame = found
        if is_movie_name(path):
            self._push_movie(path)
            return
        name = self._options.name or source
        item = (frame, self._options.view, path)
        file = ImageFile(path)
        try:
            spec = spec_of(file, Job(name, [item]), self._options)
        finally:
            file.close()
        was = self._specs.get(name)
        fits = was is not None and _fits(was, spec)
        again = False
        if was is not None and fits:
            spec = spec.grown(frame, was.layers, was.views)
            again = (was.layers == () != spec.layers) or (was.views == () != spec.views)
            if was.window is None or was.window == spec.window:
                spec = replace(spec, window=was.window)
            else:  # a renderer crops each frame as it needs: from now on all of the frame is sent
                spec = replace(spec, window=None)
                again = True
            if again:  # another size, or names that what was pushed has not
                self._next = 0.0
                for other in [o for o in self._pushed if self._source(o) == source]:
                    del self._pushed[other]
        if was is not None:
            range_ = min(frame, was.frames[0]), max(frame, was.frames[1])
            if not fits or again:
                self._close(name)
            spec = replace(spec, frames=range_)
        pixels = list(planes_of(item, spec, self._options))
        image = self._images.pop(name, None) or self._open(spec)
        self._images[name] = image  # the newest is last
        self._specs[name] = spec
        grow_names(image, pixels, frame)
        push_picture(image, pixels, frame, self._options.grid, _uncounted)
        self._say(f"{path} -> {name} frame {frame}")

    def _push_movie(self, path: str) -> None:
        """All of its frames, from the first on."""
        options = self._options
        name = options.name or os.path.basename(path)
        first = frame = options.frame or 1
        image: Image | None = None
        for picture in read_movie(path):
            if image is None:
                spec = stream_spec(name, picture, options)
                was = self._specs.get(name)
                if was is not None and replace(was, frames=spec.frames) != spec:
                    self._close(name)
                image = self._images.pop(name, None) or self._open(spec)
                self._images[name] = image  # the newest is last
            image.grow(frame)
            self._specs[name] = image.spec
            push_picture(image, named_planes(picture, options), frame, options.grid, _uncounted)
            frame += 1
        if image is None:
            raise MediaError(f"{path}: has no pictures", path=path)
        self._say(f"{path} -> {name} frames {first}-{frame - 1}")

    def _source(self, path: str) -> str:
        found = self._match(os.path.basename(path))
        return found[0] if found else ""

    def _open(self, spec: ImageSpec) -> Image:
        most = _MEMORY - _kept(spec)
        while self._images and (
            len(self._images) >= _OPEN or sum(_kept(i.spec) for i in self._images.values()) > most
        ):
            self._close(next(iter(self._images)))
        return Image(
            spec, self._options.targets, timeout=self._options.timeout, memory=0, patience=None,
            compress=self._options.compress, quiet=True,
        )  # fmt: skip

    def _close(self, name: str) -> None:
        image = self._images.pop(name, None)
        if image is not None:
            self._seen.pop(image, None)
            image.close()


def _fits(was: ImageSpec, spec: ImageSpec) -> bool:
    """May pictures of both be in one source?  What they are called and where they are may
    differ."""
    return was == replace(
        spec, window=was.window, frames=was.frames, layers=was.layers, views=was.views
    )


def _uncounted(count: int) -> None:
    """Nobody watches the bytes go."""


def _kept(spec: ImageSpec) -> int:
    """Bytes that an image keeps: those of its newest frame."""
    return spec.frame_bytes * max(1, len(spec.layers)) * max(1, len(spec.views))


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error).partition(" about ")[0]
    return " ".join(text.split()).rstrip(".")


def _silence(*_: Any, stop_event: threading.Event, **__: Any) -> Iterator[set[Any]]:
    """A watch that is told nothing."""
    while not stop_event.wait(_STEP / 1000):
        yield set()


def _identity(directory: str) -> tuple[int, int]:
    status = os.stat(directory)
    return status.st_dev, status.st_ino


def _state(path: str) -> tuple[int, int] | None:
    """Size and time of a file; None for what is none (a pipe would be waited for)."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return (status.st_size, status.st_mtime_ns) if S_ISREG(status.st_mode) else None
