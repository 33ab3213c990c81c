"""Pushed pictures: the memory that tiles land in.

Each image source has a buffer for every (frame, view, layer) that was ever allocated or
hit by a tile, rows bottom-up as RV's wire brings them.  A tile's place is found before its
bytes arrive (`landings`): when its rows are contiguous in the frame (a whole frame, or a
strip as wide as it) the network receives straight into the buffer and nothing is copied;
a tile with long rows is received into its rows; otherwise the tile's rows are assigned as
opaque records into a strided view of the frame, one memcpy per row and no Python loop.

Everything a header can get wrong is refused before memory is touched: wrong byte count,
a rectangle outside the picture, an unknown view or layer, memory beyond the budget.  RV
itself does not check bounds (a tile over the edge overwrites memory); the refusal uses
its text for a bad tile.  (Reference: RV's PIXELTILE and `newImageSource`.)
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.media.landing import Buffer, Landing, void
from player.media.limits import check_geometry
from player.media.picture import Picture
from rvshell.errors import MediaError

__all__ = ["BadTile", "NoRoom", "PixelStore", "pixel_key"]

BAD_BLOCK: Final = "bad pixel block recieved"  # RV's spelling
DEFAULT_BUDGET: Final = 4 << 30
_FORBIDDEN_IN_LAYER = frozenset("/@#*:;")
_NAMES: Final = ("R", "G", "B", "A")


class BadTile(ValueError):
    """A tile or request that cannot be taken; the text says why."""


def pixel_key(frame: int, view: str, layer: str) -> str:
    """`FRAME[:view][;layer]`, the name of a pixel property; dots of a layer become `*`."""
    key = f"{frame}:{view}" if view else str(frame)
    return f"{key};{layer.replace('.', '*')}" if layer else key


class NoRoom(BadTile, MemoryError):
    """The budget of pixel memory is used up; the text has the figures."""


@dataclass(slots=True)
class _Source:
    media: str
    width: int
    height: int
    uncrop: tuple[int, int, int, int]
    declared: int
    dtype: np.dtype[Any]
    start: int
    end: int
    fps: float
    views: tuple[str, ...]
    layers: tuple[str, ...]
    default_view: str
    default_layer: str
    buffers: dict[tuple[int, str, str], Buffer] = field(default_factory=dict)
    frames: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    @property
    def channels(self) -> int:
        return min(self.declared, 4)

    def resolve(self, frame: int, view: str, layer: str) -> tuple[int, str, str]:
        """Frame clamped, default view and layer filled in.  Raises BadTile."""
        low, high = min(self.start, self.end), max(self.start, self.end)
        if view in ("", "-"):
            view = self.default_view
        elif view not in self.views:
            raise BadTile(f"Bad view name: {view}")
        if layer in ("", "-"):
            layer = self.default_layer
        elif layer not in self.layers or _FORBIDDEN_IN_LAYER & set(layer):
            raise BadTile(f"Bad layer name: {layer}")
        return min(max(frame, low), high), view, layer


class PixelStore:
    """All pushed pictures of a session.  Used from the loop's thread; others may read.

    `budget` bounds the bytes of all buffers together.
    """

    def __init__(self, budget: int = DEFAULT_BUDGET) -> None:
        self.budget = budget
        self.used = 0
        self._sources: dict[str, _Source] = {}
        self._by_media: dict[str, list[str]] = {}
        self._memo: dict[tuple[str, int, str, str], list[tuple[str, _Source, Buffer]]] = {}
        self._changed: list[Buffer] = []
        self.created: Callable[[str, str], None] | None = None
        """Called with source and key when a tile was the first of its frame, view and layer."""
        self.epoch = 0
        """Changes when landings that were handed out may be wrong."""

    # -- sources ---------------------------------------------------------------------

    def define(
        self,
        source: str,
        media: str,
        width: int,
        height: int,
        uncrop: tuple[int, int, int, int],
        channels: int,
        bits: int,
        is_float: bool,
        start: int,
        end: int,
        fps: float,
        views: Sequence[str],
        layers: Sequence[str],
        default_view: str | None = None,
        default_layer: str | None = None,
    ) -> None:
        """Declare (or change) an image source; no pixels are allocated.

        What names no view or layer means the default ones (None: the first of the list).
        `uncrop` is (width, height, x, y) of the displayed frame.  8 bits are uint8, 16 are
        uint16 or half, 32 are float, anything else counts as 8 (RV's `newImageSource`).
        Existing buffers keep their size.
        """
        dtype = {16: np.float16 if is_float else np.uint16, 32: np.float32}.get(bits, np.uint8)
        old = self._sources.get(source)
        made = _Source(
            media, width, height, uncrop, max(1, channels), np.dtype(dtype), start, end, fps,
            tuple(views), tuple(layers),
            default_view if default_view is not None else next(iter(views), ""),
            default_layer if default_layer is not None else next(iter(layers), ""),
        )  # fmt: skip
        if old is not None:
            made.buffers, made.frames = old.buffers, old.frames
            self._by_media[old.media].remove(source)
        self._sources[source] = made
        self._by_media.setdefault(media, []).append(source)
        self._forget()

    def remove(self, source: str) -> None:
        """Forget a source and give its memory back; unknown names are ignored."""
        old = self._sources.pop(source, None)
        if old is not None:
            self._by_media[old.media].remove(source)
            self.used -= sum(b.array.nbytes for b in old.buffers.values())
            # in place: landings hold this list
            self._changed[:] = [b for b in self._changed if b.source != source]
            self._forget()

    def _forget(self) -> None:
        self._memo.clear()
        self.epoch += 1

    def sources_of(self, media: str) -> list[str]:
        """The sources whose media name is exactly *media*."""
        return list(self._by_media.get(media, ()))

    # -- buffers ---------------------------------------------------------------------

    def allocate(self, source: str, frame: int, layer: str = "", view: str = "") -> str:
        """Zero-filled pixels if there are none yet; returns the key.

        Raises BadTile for an unknown view or layer and when the budget is used up, KeyError
        for an unknown source.
        """
        known = self._sources[source]
        return self._buffer(source, known, *known.resolve(frame, view, layer)).key

    def _buffer(self, name: str, source: _Source, frame: int, view: str, layer: str) -> Buffer:
        found = source.buffers.get((frame, view, layer))
        if found is not None:
            return found
        try:
            size = check_geometry(
                source.width, source.height, source.channels, source.dtype.itemsize, name
            )
        except MediaError as error:
            raise BadTile(str(error)) from None
        if self.used + size > self.budget:
            raise NoRoom(
                f"{name} frame {frame}: no room for {size >> 20} MiB more, "
                f"{self.used >> 20} of {self.budget >> 20} MiB of pixel memory are used"
            )
        array = np.zeros((source.height, source.width, source.channels), source.dtype)
        self.used += size
        made = Buffer(name, pixel_key(frame, view, layer), array)
        source.buffers[frame, view, layer] = made
        bisect.insort(source.frames.setdefault((view, layer), []), frame)
        if self.created is not None:
            self.created(name, made.key)
        return made

    # -- tiles -----------------------------------------------------------------------

    def landings(
        self, media: str, frame: int, view: str, layer: str, x: int, y: int, w: int, h: int,
        nbytes: int,
    ) -> list[Landing]:  # fmt: skip
        """Where a tile of *nbytes* goes: one Landing for each source of *media*.

        An empty list means that nobody has that media (the tile is dropped silently, as RV
        does).  Buffers are created on demand.  Raises BadTile before anything is touched
        when the size or the rectangle is wrong in any of the sources.
        """
        key = (media, frame, view, layer)
        hits = self._memo.get(key)
        if hits is None:
            hits = self._find(media, frame, view, layer, w, h, nbytes)
        out: list[Landing] = []
        for name, source, buffer in hits:
            if w < 1 or h < 1 or nbytes != w * h * source.declared * source.dtype.itemsize:
                raise BadTile(f"Received pixels of size {nbytes} for {w}x{h} -- {BAD_BLOCK}")
            if x < 0 or y < 0 or x + w > buffer.width or y + h > buffer.height:
                raise BadTile(
                    f"Received pixels of size {nbytes} at {x},{y} outside of "
                    f"{buffer.width}x{buffer.height} -- {BAD_BLOCK}"
                )
            out.append(self._landing(name, source, buffer, x, y, w, h))
        return out

    def _find(
        self, media: str, frame: int, view: str, layer: str, w: int, h: int, nbytes: int
    ) -> list[tuple[str, _Source, Buffer]]:
        hits = []
        for name in self._by_media.get(media, ()):
            source = self._sources[name]
            place = source.resolve(frame, view, layer)
            if w < 1 or h < 1 or nbytes != w * h * source.declared * source.dtype.itemsize:
                # refused before a wrong tile allocates a frame
                raise BadTile(f"Received pixels of size {nbytes} for {w}x{h} -- {BAD_BLOCK}")
            hits.append((name, source, self._buffer(name, source, *place)))
        if len(self._memo) > 4096:
            self._memo.clear()
        self._memo[media, frame, view, layer] = hits
        return hits

    def _landing(
        self, name: str, source: _Source, buffer: Buffer, x: int, y: int, w: int, h: int
    ) -> Landing:
        array, at = buffer.array, (x, y, w, h)
        if source.declared > 4 or source.dtype != array.dtype or source.channels != array.shape[2]:
            target = array[y : y + h, x : x + w]
            return Landing(
                name, buffer.key, None, buffer, target, at, self._changed, None, source.declared
            )
        offset = y * buffer.row + x * buffer.pixel
        row = w * buffer.pixel
        if row == buffer.row or h == 1:
            flat = np.ndarray((h * row,), np.uint8, array, offset)
            return Landing(name, buffer.key, flat.data, buffer, flat, at, self._changed)
        records = np.ndarray((h,), void(row), array, offset, (buffer.row,))
        return Landing(
            name, buffer.key, None, buffer, records, at, self._changed, (offset, buffer.row, row, h)
        )

    def store(
        self, media: str, frame: int, view: str, layer: str, x: int, y: int, w: int, h: int,
        data: bytes | memoryview,
    ) -> list[tuple[str, str]]:  # fmt: skip
        """Copy a received tile into every source of that media; [(source, key)] that took it,
        which `take_changed` does not give again.

        Raises BadTile as `landings` does.
        """
        nbytes = data.nbytes if isinstance(data, memoryview) else len(data)
        places = self.landings(media, frame, view, layer, x, y, w, h, nbytes)
        told = len(self._changed)
        for place in places:
            place.write(data)
        for buffer in self._changed[told:]:
            buffer.clean = True
        del self._changed[told:]
        return [(p.source, p.key) for p in places]

    @property
    def has_changed(self) -> bool:
        """Would `take_changed` give anything?"""
        return bool(self._changed)

    def take_changed(self) -> list[tuple[str, str]]:
        """(source, key) of everything that tiles were written to since the last call."""
        changed = [(b.source, b.key) for b in self._changed]
        for buffer in self._changed:
            buffer.clean = True
        self._changed.clear()
        return changed

    # -- reading ---------------------------------------------------------------------

    def keys(self, source: str) -> list[str]:
        """Keys of the buffers of a source, in the order they were made."""
        known = self._sources.get(source)
        return [b.key for b in known.buffers.values()] if known else []

    def pixels(self, source: str, key: str) -> npt.NDArray[Any] | None:
        """The array (height, width, channels; rows bottom-up) of one key, or None."""
        known = self._sources.get(source)
        if known is None:
            return None
        return next((b.array for b in known.buffers.values() if b.key == key), None)

    def _shown(self, source: str, frame: int, view: str, layer: str) -> tuple[int, Buffer] | None:
        known = self._sources.get(source)
        if known is None:
            return None
        try:
            frame, view, layer = known.resolve(frame, view, layer)
        except BadTile:
            frame, view, layer = known.resolve(frame, "", "")
        frames = known.frames.get((view, layer))
        if not frames:
            return None
        near = frames[max(0, bisect.bisect_right(frames, frame) - 1)]
        return near, known.buffers[near, view, layer]

    def frame(
        self, source: str, frame: int, view: str = "", layer: str = ""
    ) -> npt.NDArray[Any] | None:
        """The pixels that show *frame*: its own, else the nearest earlier ones, else the next
        later ones; None when the source has none at all."""
        shown = self._shown(source, frame, view, layer)
        return shown[1].array if shown else None

    def stamp(self, source: str, frame: int, view: str = "", layer: str = "") -> tuple[int, int]:
        """(frame shown, number of tiles written to it): changes whenever its picture does."""
        shown = self._shown(source, frame, view, layer)
        return (shown[0], shown[1].writes) if shown else (0, -1)

    def newest(
        self, source: str, frame: int, view: str = "", layer: str = ""
    ) -> tuple[tuple[int, int, int, int], int] | None:
        """((x, y, w, h) of the last tile, number of tiles) of the buffer that shows *frame*."""
        shown = self._shown(source, frame, view, layer)
        return (shown[1].newest, shown[1].writes) if shown and shown[1].writes else None

    def shown_key(self, source: str, frame: int, view: str = "", layer: str = "") -> str:
        """The key of the buffer that shows *frame*; "" when there is none."""
        shown = self._shown(source, frame, view, layer)
        return shown[1].key if shown else ""

    def picture(
        self, source: str, frame: int, view: str = "", layer: str = "", pixel_aspect: float = 1.0
    ) -> Picture | None:
        """The pixels that show *frame* as a Picture over the live buffer (no copy)."""
        shown = self._shown(source, frame, view, layer)
        if shown is None:
            return None
        known = self._sources[source]
        array = shown[1].array
        width, height, x, y = known.uncrop
        if width < 1 or height < 1:
            height, width = array.shape[:2]
        return Picture(
            array, _NAMES[: array.shape[2]], width, height, x, y,
            pixel_aspect if pixel_aspect > 0 else 1.0, shown[0],
        )  # fmt: skip
