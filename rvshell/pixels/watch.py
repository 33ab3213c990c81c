"""Following what a farm or renderer writes: new and rewritten files of a directory or pattern.

The kernel tells of changes (extra `watch`: inotify through watchfiles).  A file is pushed when it
has kept its size for a moment and can be read to its end; one that cannot is looked at again at
every change, and for a while without one, before it is complained about.  `shot.0101.exr` is frame
101 of the source `shot.#.exr`, whose range grows; a name without a number is a source by itself.
A file of another shape than its source so far replaces the source.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from rvshell.errors import MediaError, MissingExtra, RvshellError
from rvshell.pixels.files import ImageFile, frame_of
from rvshell.pixels.image import Image
from rvshell.pixels.pushing import Job, Options, planes_of, push_picture, spec_of

__all__ = ["Watcher", "pattern_of"]

_QUIET: Final = 0.25  # seconds that a file must keep its size and time
_PATIENCE: Final = 30.0  # seconds after its last change that a broken file is given
_STEP: Final = 100  # milliseconds between two looks
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


@dataclass(slots=True)
class _Waiting:
    """A file that changed and was not pushed yet."""

    state: tuple[int, int]  # size, time of modification
    since: float  # when it was seen to have this state
    problem: str = ""


class Watcher:
    """Pushes the images that appear in a directory; `say` gets a line for each event.

    Raises MediaError when there is no such directory, MissingExtra without watchfiles.
    """

    def __init__(self, what: str, options: Options, say: Callable[[str], None]) -> None:
        self._match: Callable[[str], tuple[str, int] | None] = frame_of
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
        self._images: dict[str, Image] = {}
        self._waiting: dict[str, _Waiting] = {}
        self.pushed = 0

    def run(self, stop: threading.Event) -> None:
        """Push what is there and what comes, until *stop* is set.  Raises MediaError when the
        directory goes away, KeyboardInterrupt."""
        try:
            changes = self._watch(
                self.directory, stop_event=stop, watch_filter=None, recursive=False,
                debounce=_STEP, step=_STEP // 2, rust_timeout=_STEP, yield_on_timeout=True,
            )  # fmt: skip
            seen = False
            for batch in changes:
                if not seen:  # after the watch was set, so that nothing falls in between
                    seen = True
                    for entry in os.scandir(self.directory):
                        self._changed(entry.path)
                for _, path in batch:
                    self._changed(os.path.join(self.directory, os.path.basename(path)))
                self._look()
        except (FileNotFoundError, NotADirectoryError):
            raise MediaError(f"{self.directory}: has gone away", path=self.directory) from None
        finally:
            for image in self._images.values():
                image.close()

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
        """Push what has come to rest."""
        for path, waiting in sorted(self._waiting.items()):
            state, now = _state(path), time.monotonic()
            if state is None:
                del self._waiting[path]
            elif state != waiting.state:
                self._waiting[path] = _Waiting(state, now)
            elif now - waiting.since >= _QUIET:
                self._try(path, waiting, now)

    def _try(self, path: str, waiting: _Waiting, now: float) -> None:
        try:
            self._push(path)
        except MediaError as error:
            if now - waiting.since < _PATIENCE:
                waiting.problem = str(error)
                return
            self._say(f"{error} (left out)")
        except RvshellError as error:
            self._say(f"{path}: {error.describe()}")
        self._waiting.pop(path, None)

    def _push(self, path: str) -> None:
        found = self._match(os.path.basename(path))
        assert found is not None
        source, frame = found
        name = self._options.name or source
        item = (frame, self._options.view, path)
        file = ImageFile(path)
        try:
            spec = spec_of(file, Job(name, [item]), self._options)
        finally:
            file.close()
        image = self._images.get(name)
        if image is not None:
            was = image.spec
            if replace(was, frames=spec.frames) != spec:
                image.close()
                image = None
                spec = replace(spec, frames=(min(frame, was.frames[0]), max(frame, was.frames[1])))
        if image is None:
            image = Image(
                spec, self._options.targets, timeout=self._options.timeout,
                compress=self._options.compress,
            )  # fmt: skip
            self._images[name] = image
        pixels = list(planes_of(item, image.spec, self._options))
        image.grow(frame)
        push_picture(image, pixels, frame, self._options.grid, lambda count: None)
        self.pushed += 1
        self._say(f"{path} -> {name} frame {frame}")


def _state(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
