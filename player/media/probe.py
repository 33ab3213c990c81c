"""Questions about files: the session's MediaProbe, answered from headers only.

Answers are facts, never exceptions: a path that cannot be opened is None, and the reason
is kept for whoever asks (`reason`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from player.media.grouping import contract
from player.media.images import is_image_name
from player.media.luts import LookUpTable, read_table
from player.media.opening import is_url, set_url_parameters, shown_name
from player.media.picture import MediaFacts
from player.media.procedural import is_procedural
from player.media.reader import Reader, SequenceReader
from player.media.readercache import ReaderCache
from player.media.sequence import parse_pattern
from rvshell.errors import MediaError, MissingExtra

__all__ = ["MOVIE_EXTENSIONS", "Probe"]

_MOVIES = """
mov qt mp4 m4v avi dv 3gp 3g2 mkv webm mxf mpg mpeg mpe m2v m2t m2ts mts ts flv f4v wmv asf ogv ogg
y4m gif apng vob mjpg mjpeg h264 264 h265 265 hevc ivf nut rm rmvb wav aif aiff mp3 m4a aac flac
ac3 opus wma
"""
_TABLES = 16  # colour tables remembered
_URL_PATIENCE = 1.0  # seconds that the session waits for a server at once
MOVIE_EXTENSIONS = frozenset(_MOVIES.split())


class Probe:
    """Facts of paths; shares the readers it opens with whoever decodes.

    `on_problem` is told why a path is no media, once for each path and reason.  A URL is
    waited for a moment only; `on_opened` is told (from another thread) when it came later.
    """

    def __init__(
        self,
        readers: ReaderCache | None = None,
        on_problem: Callable[[str], None] | None = None,
        on_opened: Callable[[str], None] | None = None,
    ) -> None:
        self.readers = readers if readers is not None else ReaderCache()
        self.on_problem = on_problem
        self.on_opened = on_opened
        self._reasons: dict[str, str] = {}
        self._tables: dict[tuple[object, ...], LookUpTable] = {}

    def probe(self, path: str) -> MediaFacts | None:
        """What is known of a file, pattern or procedural name; None when it cannot be read."""
        try:
            reader = self._reader(path)
            if reader is None:
                self._reasons[path] = f"{shown_name(path)}: is being opened"
                return None
            facts = reader.facts
        except (MediaError, MissingExtra) as error:
            if len(self._reasons) > 1024:
                self._reasons.clear()
            reason = error.describe()
            if self._reasons.get(path) != reason and self.on_problem is not None:
                self.on_problem(reason)
            self._reasons[path] = reason
            return None
        self._reasons.pop(path, None)
        return facts

    def _reader(self, path: str) -> Reader | None:
        self.readers.need(path)
        if is_url(path):
            return self.readers.get_soon(path, _URL_PATIENCE, self.on_opened)
        return self.readers.get(path)

    def parameters(self, path: str, pairs: Sequence[tuple[str, str]]) -> None:
        """A source's own parameters: `headers` and `cookies` of the requests of a URL."""
        if is_url(path):
            set_url_parameters(path, dict(pairs))

    def reason(self, path: str) -> str:
        """Why the last probe of *path* gave None; "" when it did not."""
        return self._reasons.get(path, "")

    def exists(self, path: str) -> bool:
        """Whether the file, or at least one file of the pattern, exists."""
        if is_procedural(path) or is_url(path) or os.path.exists(path):
            return True
        try:
            pattern = parse_pattern(path)
        except MediaError:
            return False
        if pattern is None:
            return False
        if pattern.frames is not None:
            return any(os.path.exists(pattern.name(f)) for f in pattern.frames)
        return bool(pattern.numbers_on_disk())

    def is_directory(self, path: str) -> bool:
        return os.path.isdir(path)

    def list_directory(self, path: str) -> list[str]:
        """The media of a directory, sequences contracted, dot files and others left out.

        In the file system's own order, as in RV.
        """
        try:
            names = [n for n in os.listdir(path) if not n.startswith(".")]
        except OSError:
            return []
        full = [os.path.join(path, n) for n in names]
        media = [
            f
            for f in full
            if os.path.isfile(f) and (is_image_name(f) or self._extension(f) in MOVIE_EXTENSIONS)
        ]
        return contract(media)

    @staticmethod
    def _extension(path: str) -> str:
        return os.path.splitext(path)[1][1:].lower()

    def existing_frames(self, pattern: str) -> list[tuple[int, str]]:
        """(frame, file) of a pattern that exist, in order; `[(-1, path)]` for a plain file."""
        if os.path.exists(pattern):
            return [(-1, pattern)]
        try:
            reader = self.readers.get(pattern)
        except (MediaError, MissingExtra):
            return []
        return reader.existing() if isinstance(reader, SequenceReader) else []

    def contract(self, files: Sequence[str], min_size: int | None = None) -> list[str]:
        """File names grouped into sequence patterns, of as many as the environment says unless
        *min_size* does."""
        return contract(files, min_size)

    def sequence_of(self, path: str) -> tuple[str, int]:
        """(pattern, frame) of the sequence a file is part of; (path, 0) when of none, and
        ("", 0) for a file that does not exist."""
        if not os.path.isfile(path):
            return ("", 0)
        folder, name = os.path.split(path)
        try:
            siblings = sorted(os.listdir(folder or "."))
        except OSError:
            return (path, 0)
        for text in contract([name, *(s for s in siblings if s != name)])[:1]:
            pattern = None if text == name else parse_pattern(text)
            for frame in (pattern.frames or ()) if pattern else ():
                if pattern is not None and pattern.name(frame) == name:
                    return (os.path.join(folder, text), frame)
        return (path, 0)

    def read_text(self, path: str, limit: int = 1 << 20) -> str:
        """At most *limit* characters of a small text file; raises OSError."""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(limit)

    def table(self, path: str, power_of_two: bool, samples: int) -> LookUpTable:
        """The colour table of a file; OSError, ValueError.  Thousands of nodes may have the
        same one: it is read again when the file has changed."""
        stat = os.stat(path)
        key = (path, stat.st_mtime_ns, stat.st_size, power_of_two, samples)
        found = self._tables.get(key)
        if found is None:
            found = read_table(path, power_of_two=power_of_two, samples=samples)
            while len(self._tables) >= _TABLES:
                del self._tables[next(iter(self._tables))]
            self._tables[key] = found
        return found

    def cleared(self) -> None:
        """The session has no media any more: files and connections of the old ones go."""
        self.readers.cleared()

    def forget(self, path: str) -> None:
        """Drop what is remembered about a path (reload)."""
        self.readers.forget(path)
        self._reasons.pop(path, None)
