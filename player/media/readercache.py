"""Open readers by path: each path is opened once, whoever asks for it."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from player.media.opening import is_url, shown_name
from player.media.reader import Reader, open_media
from rvshell.errors import MediaError, MissingExtra

__all__ = ["ReaderCache"]

_URL_RETRY = 10.0  # seconds after which a URL that failed is tried again


class _Opening:
    """One path: being opened, or what came of it."""

    __slots__ = ("begun", "done", "needed", "result", "stamp")

    def __init__(self, stamp: object) -> None:
        self.stamp = stamp
        self.begun = time.monotonic()
        self.done = threading.Event()
        self.needed = True  # by a source that was made since the session was cleared
        self.result: Reader | MediaError | MissingExtra | None = None

    def run(self, path: str) -> None:
        try:
            self.result = open_media(path)
        except (MediaError, MissingExtra) as error:
            # not with the frames it came through, which hold what was opened, and this
            error.__traceback__ = error.__context__ = error.__cause__ = None
            self.result = error
        except Exception as error:  # a library's surprise is a reason like others
            name = shown_name(path)
            self.result = MediaError(f"{name}: cannot be read: {error}", path=name)
        finally:
            self.done.set()

    def outdated(self, path: str, stamp: object) -> bool:
        """Whether the path is to be opened anew."""
        if not self.done.is_set():
            return False
        if is_url(path):
            failed = isinstance(self.result, Exception)
            return failed and time.monotonic() - self.begun > _URL_RETRY
        return self.stamp != stamp

    def reader(self) -> Reader:
        if isinstance(self.result, (MediaError, MissingExtra)):
            raise self.result.with_traceback(None)
        assert self.result is not None
        return self.result

    def close(self) -> None:
        if self.result is not None and not isinstance(self.result, Exception):
            self.result.close()


class ReaderCache:
    """Open readers by path, the `limit` last used ones kept.  Thread-safe.

    Paths are opened side by side, each once.  A failure is remembered too, until the path is
    forgotten or its file changes, so that a missing file costs one look per frame and not
    one open; a URL that failed is tried again after a while.
    """

    def __init__(self, limit: int = 64) -> None:
        self._limit = limit
        self._open: OrderedDict[str, _Opening] = OrderedDict()
        self._lock = threading.RLock()

    @staticmethod
    def _stamp(path: str) -> object:
        if is_url(path):
            return None
        try:
            st = os.stat(path)
        except (OSError, ValueError):
            return None
        return (st.st_mtime_ns, st.st_size, st.st_ino)

    def _entry(self, path: str) -> tuple[_Opening, bool]:
        """(the entry of *path*, whether the caller is to open it)."""
        stamp = self._stamp(path)
        with self._lock:
            held = self._open.get(path)
            if held is not None and not held.outdated(path, stamp):
                self._open.move_to_end(path)
                return held, False
            made = self._open[path] = _Opening(stamp)
            self._close_needless()
            while len(self._open) > self._limit:
                oldest = next(iter(self._open))
                if not self._open[oldest].done.is_set():
                    break
                self._open.pop(oldest).close()
            return made, True

    def _close_needless(self) -> None:
        for path, held in list(self._open.items()):
            if not held.needed and held.done.is_set():
                del self._open[path]
                held.close()

    def cleared(self) -> None:
        """Nothing that is open is needed any more: what no source needs again is closed when the
        next one is opened.  (Not at once: often the same media come back.)"""
        with self._lock:
            for held in self._open.values():
                held.needed = False

    def need(self, path: str) -> None:
        """A source has this path.  (Threads that still read for what was cleared do not count.)"""
        with self._lock:
            if path in self._open:
                self._open[path].needed = True

    def get(self, path: str) -> Reader:
        """The reader of *path*.  Raises what opening it raised."""
        entry, mine = self._entry(path)
        if mine:
            entry.run(path)
        else:
            entry.done.wait()
        return entry.reader()

    def get_soon(
        self, path: str, seconds: float, later: Callable[[str], None] | None = None
    ) -> Reader | None:
        """As `get`, but None when opening takes longer; `later` is then called with the path
        (from another thread) when it is done."""
        entry, mine = self._entry(path)
        if mine:

            def run() -> None:
                entry.run(path)
                if waited.is_set() and later is not None:
                    later(path)

            waited = threading.Event()
            threading.Thread(target=run, name="open", daemon=True).start()
            if not entry.done.wait(seconds):
                waited.set()
                if entry.done.is_set() and later is not None:
                    later(path)
                return None
        elif not entry.done.is_set():
            return None
        return entry.reader()

    def known(self, path: str) -> Reader | None:
        """The reader of *path* if it is open; nothing is waited for or looked at."""
        with self._lock:
            held = self._open.get(path)
        if held is None or not held.done.is_set() or isinstance(held.result, Exception):
            return None
        return held.result

    def forget(self, path: str) -> None:
        """Close and drop one reader (its file was rewritten)."""
        with self._lock:
            held = self._open.pop(path, None)
        if held is not None:
            held.close()

    def close(self) -> None:
        """Close every reader."""
        with self._lock:
            held = list(self._open.values())
            self._open.clear()
        for entry in held:
            if entry.done.is_set():
                entry.close()
