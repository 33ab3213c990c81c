"""The pictures of keys: pushed ones from their store, others through the frame cache.

Of a file that holds its picture in several sizes a key names the level that is enough; a finer
one that is in memory does as well, and a smaller one is shown while a finer one is read.  Reading
raises nothing: what cannot be read is a stand-in that says why.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from player.cache.framecache import FrameCache
from player.image.facts import note_profile
from player.image.levels import coarser, serving, shared
from player.image.scene import FetchKey
from player.media.opening import is_url, shown_name
from player.media.picture import Picture
from player.media.pushed import PixelStore
from player.media.reader import Levelled, Passing, SequenceReader
from player.media.readercache import ReaderCache
from rvshell.errors import MediaError, MissingExtra

__all__ = ["Pictures"]

_MOST_STAND_INS: Final = 10_000
_PATIENCE: Final = 0.25  # seconds a screen waits for a picture from the network


class Pictures:
    """Pictures by key.  Thread-safe.  `cache` holds *budget* bytes of those that are read."""

    def __init__(
        self, readers: ReaderCache, pixels: PixelStore, budget: int,
        on_filled: Callable[[], None] | None,
    ) -> None:  # fmt: skip
        self._readers = readers
        self._pixels = pixels
        self._stand_ins: dict[FetchKey, set[FetchKey]] = {}  # by frame, those it was shown for
        self.cache = FrameCache(
            self._read, budget, on_filled=on_filled, passed=self._passed, expected=self._expected
        )

    def _read(self, key: Hashable) -> Picture:
        assert isinstance(key, FetchKey)
        try:
            reader = self._readers.get(key.media)
            if isinstance(reader, SequenceReader):
                shared = self._of_another(key, reader)
                if shared is not None:
                    return shared
            what = (key.frame, key.view, key.layer, key.channel)
            if key.level and isinstance(reader, Levelled):
                picture = reader.read_level(key.level, *what)
            else:
                picture = reader.read(*what)
            note_profile(shown_name(key.media), picture)
            return picture
        except (MediaError, MissingExtra) as error:
            return Picture.placeholder(1280, 720, error.describe(), key.frame)
        except MemoryError:
            return Picture.placeholder(1280, 720, f"{key.media}: out of memory", key.frame)
        except Exception as error:  # a library's surprise costs one picture, not the screen
            reason = f"{shown_name(key.media)}: cannot be read: {' '.join(str(error).split())}"
            return Picture.placeholder(1280, 720, reason, key.frame)

    def _of_another(self, key: FetchKey, reader: SequenceReader) -> Picture | None:
        """The picture of a frame that is missing: the pixels are those of the one before, which are
        read and held once.  None when the frame is to be read itself."""
        near = reader.shown_frame(key.frame)
        if near == key.frame:
            for standing in tuple(self._stand_ins.get(key, ())):
                held = self.cache.peek(standing)
                if held is not None and not held.problem and held.frame == near:
                    return replace(held, missing=None)
            return None
        real = replace(key, frame=near)
        if len(self._stand_ins) >= _MOST_STAND_INS:
            self._stand_ins.clear()
        self._stand_ins.setdefault(real, set()).add(key)
        made = self.cache.get(real)
        return made if made.problem else reader.standing_in(made, key.frame)

    def _expected(self, key: Hashable) -> int:
        """Bytes of a picture whose file has several sizes of it; 0 for any other."""
        assert isinstance(key, FetchKey)
        reader = self._readers.known(key.media)
        if not isinstance(reader, Levelled) or not reader.levels:
            return 0
        facts = reader.facts
        return (facts.width * facts.height * facts.channels * facts.bits // 8) >> 2 * key.level

    def _passed(self, key: Hashable) -> list[tuple[Hashable, Picture]]:
        """What a movie decoded on the way to the picture of *key*."""
        assert isinstance(key, FetchKey)
        # what was closed meanwhile is not opened again for it
        reader = self._readers.known(key.media)
        if not isinstance(reader, Passing):
            return []
        return [(replace(key, frame=frame), made) for frame, made in reader.take_passed(key.view)]

    def fetch(self, key: FetchKey, quick: bool = False) -> Picture:
        """The picture of a key; a stand-in with the reason when there is none.

        *quick* is for pictures on screen for a moment (see `Picture.developed`).
        """
        if key.pushed:
            made = self._pixels.picture(key.node, key.frame, key.view, key.layer)
            if made is None:
                return Picture.placeholder(1280, 720, "", key.frame)
            return made
        key = shared(key)
        for level in range(key.level, -1, -1):  # a finer one does as well
            held = self.cache.peek(replace(key, level=level)) if key.level else None
            if held is not None and not self.has_come(key, held):
                return held.developed(quick)
        made = self.cache.get(key)
        if self.has_come(key, made):
            self.cache.forget(key)
            made = self.cache.get(key)
        return made.developed(quick)

    def has_come(self, key: FetchKey, picture: Picture) -> bool:
        """Whether the frame that was missing when this was read in its place is there by now."""
        if picture.missing is None:
            return False
        reader = self._readers.known(key.media)
        return isinstance(reader, SequenceReader) and reader.has(picture.missing)

    def fetch_shown(self, key: FetchKey, quick: bool = False) -> Picture:
        """As `fetch`, for a screen: it does not wait long for a server."""
        if key.pushed or not is_url(key.media):
            return self.fetch(key, quick)
        made = self.cache.get_soon(shared(key), _PATIENCE)
        if made is None:
            return Picture.placeholder(
                1280, 720, f"{shown_name(key.media)}: frame {key.frame} is being fetched", key.frame
            )
        return made.developed(quick)

    def meanwhile(self, key: FetchKey) -> Picture | None:
        """A smaller level that is in memory while a worker reads the one of *key*; None when that
        one is there, or has to be waited for."""
        if key.pushed:
            return None
        key = shared(key)
        held = set(self.cache.keys())
        if serving(key, held) in held:
            return None
        for other in coarser(key):
            made = self.cache.peek(other) if other in held else None
            if made is not None and self.cache.hasten(key):
                return made
        return None

    def row(self, key: FetchKey, row: int) -> Picture:
        """A picture that has at least this row of the displayed frame, as it is stored."""
        key = shared(key)
        held = self.cache.peek(key)
        reader = self._readers.known(key.media)
        if held is None and isinstance(reader, Levelled):
            with suppress(MediaError):
                return reader.read_row(row, key.frame, key.view, key.layer, key.channel)
        return held or self.fetch(key)
