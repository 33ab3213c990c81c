"""Media that are not there yet, as far as the session has to do with it.

A URL that was not open when its source was made shows RV's stand-in until it is; then the
source takes its media up as if it had been set again.  Playing from a URL waits until some
seconds are in memory, and again when it has caught up: `play-stop` and `play-start` with
contents "buffering", as RV's look-ahead cache does it.  So does playing from a disk that
cannot keep pace.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Iterable
from typing import Final

from player.image import LookAhead
from player.media import ReaderCache
from player.media.opening import (
    UrlPolicy,
    is_url,
    remote_progress,
    set_policy,
    set_url_parameters,
    shown_name,
)
from player.options import Options
from player.session.kinds.filesource import FileSource
from player.session.session import Session
from player.session.sourceargs import SourceArgs
from rvshell.errors import MediaError, MissingExtra

__all__ = ["Buffering", "LateMedia", "open_first", "url_policy", "use_policy"]

_TAG: Final = "buffering"
_TELL: Final = 2.0  # seconds between lines about the progress
_LOOK_AHEAD: Final = 1  # the cache mode in which playing waits
_MISSED: Final = 0.25  # seconds that the next frame of a file may be missing
_FAST_START: Final = 0.5  # seconds of frames that are waited for at first
_AGAIN: Final = 10.0  # seconds of playing after which waiting is the first time again


def url_policy(options: Options) -> UrlPolicy:
    """The rules of the command line."""
    listed = (s.strip().lower() for s in options.url_schemes.split(","))
    return UrlPolicy(
        schemes=frozenset(filter(None, listed)),
        insecure=options.url_insecure,
        authorities=options.url_ca,
        headers=options.url_headers,
        timeout=min(max(options.url_timeout, 0.1), 3600.0),
    )


def use_policy(options: Options) -> None:
    """Open URLs by the rules of the command line from now on."""
    set_policy(url_policy(options))


async def open_first(readers: ReaderCache, listed: Iterable[SourceArgs]) -> None:
    """Open the URLs of the command line before its sources are made; failures are told when
    these are."""
    loop = asyncio.get_running_loop()
    waiting: set[str] = set()
    changed = asyncio.Event()

    def done(path: str) -> None:
        waiting.discard(path)
        changed.set()

    def later(path: str) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(done, path)

    for args in listed:
        for path in args.files:
            if is_url(path):
                set_url_parameters(path, dict(args.in_params))
                waiting.add(path)
    for path in list(waiting):
        try:
            opened = readers.get_soon(path, 0.0, later)
        except (MediaError, MissingExtra):
            opened = None
            waiting.discard(path)
        if opened is not None:
            waiting.discard(path)
    while waiting:
        changed.clear()
        await changed.wait()


class LateMedia:
    """Gives sources their media when it was opened after them.

    `opened` may be called from any thread; `wake` asks for a turn (on the loop).
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._loop = asyncio.get_running_loop()
        self._session: Session | None = None

    def attach(self, session: Session) -> None:
        self._session = session

    def opened(self, path: str) -> None:
        """A URL that a source waits for has been opened, or has failed."""
        try:
            self._loop.call_soon_threadsafe(self._take, path)
        except RuntimeError:  # the loop has ended
            return

    def _take(self, path: str) -> None:
        if self._session is None:
            return
        for node in self._session.graph.by_type("RVFileSource"):
            if not isinstance(node, FileSource) or path not in node.media_names:
                continue
            if any(m.missing for m in node.media):
                prop = node.prop("media.movie")
                if prop is not None:
                    node.assign("media.active", [1])
                    node.changed(prop)
        self._wake()


class Buffering:
    """Lets playing wait for the cache.  `need` is seconds, `longest` too.

    With a URL in the session playing does not begin before `need` seconds are there.  Media of
    this machine are played at once; only when the next frame has been missing for a while does
    playing wait, as RV's look-ahead cache has it: for half a second of frames the first time,
    then for `longest` seconds of them, or all that there is room for.
    """

    def __init__(
        self, session: Session, ahead: LookAhead, *, need: float, longest: float,
        report: Callable[[str], None], clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._session = session
        self._ahead = ahead
        self._need = need
        self._longest = longest
        self._report = report
        self._clock = clock
        self._seen = 0
        self._since = 0.0
        self._told = 0.0
        self._names: tuple[str, ...] = ()
        self._revision: object = None
        self._target = need
        self._missing: float | None = None
        self._played = -math.inf  # when it went on

    def _urls(self) -> tuple[str, ...]:
        """The URLs among the session's media."""
        graph = self._session.graph
        if graph.revision != self._revision:
            self._revision = graph.revision
            self._names = tuple(
                name
                for node in graph.by_type("RVFileSource")
                if isinstance(node, FileSource)
                for name in node.media_names
                if is_url(name)
            )
        return self._names

    def update(self) -> None:
        """Stop to wait, or go on, as the cache is.  Once per turn."""
        playback = self._session.playback
        if playback.buffering:
            self._wait()
            return
        if not playback.playing or not self._session.cache_mode:
            self._missing = None
            return
        if self._urls():
            if self._need > 0:
                self._watch_urls()
        elif self._session.cache_mode == _LOOK_AHEAD and self._longest > 0:
            self._watch_files()

    def _watch_urls(self) -> None:
        playback = self._session.playback
        begins = playback.starts != self._seen
        self._seen = playback.starts
        if self._ahead.complete() or self._ahead.ahead() > (
            min(self._need, self._longest) if begins else 1.0 / max(playback.fps, 1.0)
        ):
            return
        self._begin(self._need)

    def _watch_files(self) -> None:
        fps = max(self._session.playback.fps, 1.0)
        if self._ahead.complete() or self._ahead.ahead() > 1.5 / fps:
            self._missing = None
            return
        now = self._clock()
        if self._missing is None:
            self._missing = now
        elif now - self._missing > _MISSED:
            again = now - self._played < _AGAIN
            self._begin(self._longest if again else min(_FAST_START, self._longest))

    def _begin(self, target: float) -> None:
        playback = self._session.playback
        playback.stop(_TAG)
        playback.buffering = True
        self._target, self._missing = target, None
        self._since = self._told = self._clock()

    def _wait(self) -> None:
        playback = self._session.playback
        now = self._clock()
        have = self._ahead.ahead()
        if have >= self._target or self._ahead.complete() or now - self._since > self._longest:
            playback.buffering = False
            playback.play(_TAG)
            self._seen = playback.starts
            self._played = now
        elif now - self._told > _TELL:
            self._told = now
            for name in self._names:
                here, total = remote_progress(name) or (0, -1)
                share = f"{here * 100 // total} %" if total > 0 else f"{here >> 20} MiB"
                self._report(f"INFO: {shown_name(name)}: buffering, {share} fetched")
