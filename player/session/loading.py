"""The queue behind ``addSources``: one item at a time, when the session settles."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from player.session.errors import SessionError
from player.session.sourceargs import SourceArgs

if TYPE_CHECKING:
    from player.session.session import Session

__all__ = ["LoadQueue"]


class LoadQueue:
    """Items still to load. ``batched``: the default views are connected once, at the end."""

    def __init__(
        self,
        session: Session,
        sources: Sequence[SourceArgs],
        process: bool,
        merge: bool,
        tag: str,
    ) -> None:
        self._session = session
        self._items: deque[tuple[str, SourceArgs, bool]] = deque()
        self._tag = tag
        self._merge = merge
        self.process = process
        self.batched = False
        self.loaded = 0
        self.started = False
        self.cache_mode = 0
        self.errors: list[str] = []
        no_sequences = tag == "drop-no-sequence"
        for args in sources:
            names = args.files if no_sequences else session.ports.media.contract(args.files)
            for i, name in enumerate(self._patterns(names)):
                self._items.append((name, args, i != 0 and args.single))
        self.total = len(self._items)

    def _patterns(self, names: Sequence[str]) -> list[str]:
        """The media, with directories unpacked; event ``directory-filter`` may drop entries."""
        session = self._session
        found: list[str] = []
        for name in names:
            if not session.ports.media.is_directory(name):
                found.append(name)
                continue
            found.extend(session.ports.media.list_directory(name))
            if not found:
                found.append(f"{name}/emptyDirectory")  # which is missing media
                continue
            i = 0
            while i < len(found):
                answer = session.send("directory-filter", found[i])
                if not answer:
                    break
                if answer.startswith("0"):
                    del found[i]
                else:
                    i += 1
        return found

    def extend(self, other: LoadQueue) -> None:
        """Load what another call queued after this."""
        self._items.extend(other._items)
        self.total += other.total

    @property
    def done(self) -> bool:
        return not self._items

    def step(self) -> None:
        """Load one item; finish after the last one."""
        session = self._session
        if not self.started:
            self.started = True
            mode = session.cache_mode
            if mode:
                self.cache_mode = mode
                session.set_cache_mode(0)
            if not session.sources.nodes and session.options.load_cache:
                self.cache_mode = session.options.load_cache
        frame = session.playback.frame
        name, args, to_existing = self._items.popleft()
        self.loaded += 1
        try:
            session.sources.read(
                name, args, to_existing=to_existing, tag=self._tag, merge=self._merge
            )
        except SessionError as error:
            self.errors.append(f"{error} while reading {name}")
        if not self.done:
            session.playback.move(frame)
            return
        if self.batched:
            session.sources.end()
        session.sources.queue = None
        if self.cache_mode:
            session.set_cache_mode(self.cache_mode)
        if self.process:
            session.process_options(bool(self.errors))
        session.emit("after-progressive-proxy-loading")
        session.emit("after-progressive-loading")
        for text in self.errors:
            session.warn(f"ERROR: {text}")
