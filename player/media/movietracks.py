"""Movies with several tracks of pictures: RV's views `track 1`, `track 2` and so on.

The first and the last are the eyes of a stereo display.  RV counts tracks of the largest size only:
a smaller one beside it (a proxy, a variant of a list) is never shown.  Tracks but the first are
opened when they are asked for.
"""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from typing import Final

from player.media.movies import MovieReader
from player.media.picture import Picture

__all__ = ["MovieTracks"]

_NAME: Final = re.compile(r"track (\d{1,4})")


class MovieTracks:
    """A movie by its tracks; *first* is the reader of the first.  Any thread may call `read`."""

    def __init__(self, path: str, first: MovieReader) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._readers: dict[int, MovieReader] = {0: first}
        self._count = first.tracks
        self._closed = False
        names = tuple(f"track {n + 1}" for n in range(first.tracks))
        self.facts = replace(first.facts, views=names, view_layers=tuple((n, ()) for n in names))

    def _reader(self, view: str) -> MovieReader:
        """The reader of a view; that of the first track where there is none of that name."""
        found = _NAME.fullmatch(view)
        number = int(found[1]) - 1 if found else 0
        if not 0 <= number < self._count:
            number = 0
        with self._lock:
            if number not in self._readers and not self._closed:
                self._readers[number] = MovieReader(self._path, number)
            return self._readers.get(number, self._readers[0])

    def read(self, frame: int, view: str = "", layer: str = "", channel: str = "") -> Picture:
        """The picture of *frame* in the track *view*.  Raises MediaError when it cannot be
        decoded."""
        return self._reader(view).read(frame)

    def take_passed(self, view: str = "") -> list[tuple[int, Picture]]:
        """(frame, picture) of what was decoded of a track on the way since the last call."""
        return self._reader(view).take_passed()

    def close(self) -> None:
        """Let go of the file; readers at work finish what they have."""
        with self._lock:
            self._closed = True
            for reader in self._readers.values():
                reader.close()
