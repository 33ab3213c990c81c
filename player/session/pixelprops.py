"""Pushed pictures as properties: ``image.FRAME[:view][;layer]`` of an image source.

The numbers stay in the pixel store; a list of them is made only when a script reads the
property. Its size is known without.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable, Sequence
from typing import Any

from player.session.ports import PixelStore
from player.session.properties import Property, PropType, coerce_values

__all__ = ["PixelProperty", "flat_numbers"]

_CODES = {PropType.BYTE: "B", PropType.SHORT: "H", PropType.HALF: "e", PropType.FLOAT: "f"}


def flat_numbers(pixels: Any, type: PropType) -> Sequence[Any]:
    """The numbers of an array (anything with the buffer protocol), rows bottom-up.

    Bytes for BYTE, a tuple for HALF, an ``array`` for SHORT and FLOAT.
    """
    raw = memoryview(pixels).tobytes()
    if type is PropType.BYTE:
        return raw
    if type is PropType.HALF:
        return struct.unpack(f"={len(raw) // 2}e", raw)
    numbers = array(_CODES[type])
    numbers.frombytes(raw)
    return numbers


class PixelProperty(Property):
    """One picture. ``count`` is the number of values, width times height times channels."""

    __slots__ = ("_count", "_key", "_source", "_store")

    def __init__(
        self, store: PixelStore, source: str, key: str, type: PropType, count: int
    ) -> None:
        self._store = store
        self._source = source
        self._key = key
        self._count = count
        super().__init__(f"image.{key}", type, persistent=False)

    @property
    def values(self) -> list[Any]:
        pixels = self._store.pixels(self._source, self._key)
        return [0] * self._count if pixels is None else list(flat_numbers(pixels, self.type))

    @values.setter
    def values(self, values: list[Any]) -> None:
        if not values:
            return
        pixels = self._store.pixels(self._source, self._key)
        if pixels is None or len(values) != self._count:
            raise ValueError(f"{self._source}.{self.name} holds {self._count} values")
        packed = struct.pack(f"={len(values)}{_CODES[self.type]}", *values)
        memoryview(pixels).cast("B")[:] = packed

    @property
    def size(self) -> int:
        return self._count

    @property
    def empty(self) -> bool:
        return self._count == 0

    def set(self, values: Iterable[Any]) -> None:
        """Replace all pixels; ValueError for another number of values."""
        self.values = coerce_values(self.type, values)
