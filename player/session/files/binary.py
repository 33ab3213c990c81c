"""Reading and writing binary GTO.

A binary file is a header, a table of NUL-terminated strings, then the descriptions of all
objects, components and properties, then the values in the same order (Open RV:
src/lib/files/Gto/Gto/Header.h, Reader.cpp).  Names and string values are indexes into the
table.  Versions 2, 3 and 4 are read, in either byte order; version 4 is written, little
endian.  Every count is compared with the bytes that are left before anything is made.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Sequence
from typing import Final

from . import limits
from .errors import SessionFileError
from .model import GtoComponent, GtoFile, GtoObject, GtoProperty, GtoType, Value

__all__ = ["MAGIC", "format_binary", "is_binary", "pack_values", "parse_binary"]

MAGIC: Final = 0x29F
_LITTLE: Final = struct.pack("<I", MAGIC)
_BIG: Final = struct.pack(">I", MAGIC)

_SIZES: Final = {
    GtoType.INT: 4, GtoType.FLOAT: 4, GtoType.DOUBLE: 8, GtoType.HALF: 2,
    GtoType.STRING: 4, GtoType.BOOL: 1, GtoType.SHORT: 2, GtoType.BYTE: 1,
}  # fmt: skip
_ARRAYS: Final = {
    GtoType.INT: "i", GtoType.FLOAT: "f", GtoType.DOUBLE: "d", GtoType.SHORT: "H",
    GtoType.STRING: "I",
}  # fmt: skip


def is_binary(data: bytes) -> bool:
    """Whether the bytes begin as a binary GTO file does."""
    return data[:4] in (_LITTLE, _BIG)


def parse_binary(data: bytes, path: str = "") -> GtoFile:
    """Parse a whole (decompressed) binary file.  Raises SessionFileError."""
    return _Reader(data, path).file()


class _Reader:
    def __init__(self, data: bytes, path: str) -> None:
        self.data = data
        self.path = path
        self.at = 0
        self.order = ">" if data[:4] == _BIG else "<"
        self.strings: list[str] = []

    def fail(self, message: str) -> SessionFileError:
        return SessionFileError(message, path=self.path)

    def take(self, size: int, what: str) -> bytes:
        if size > len(self.data) - self.at:
            raise self.fail(
                f"truncated: {what} needs {size} bytes, {len(self.data) - self.at} are left"
            )
        self.at += size
        return self.data[self.at - size : self.at]

    def words(self, count: int, what: str) -> tuple[int, ...]:
        return struct.unpack(f"{self.order}{count}I", self.take(4 * count, what))

    def room_for(self, count: int, size: int, what: str) -> None:
        if count * size > len(self.data) - self.at:
            raise self.fail(f"truncated: {count} {what} do not fit in the rest of the file")

    def string(self, index: int) -> str:
        if index >= len(self.strings):
            raise self.fail(f"string {index} of {len(self.strings)} does not exist")
        return self.strings[index]

    def file(self) -> GtoFile:
        if not is_binary(self.data):
            raise self.fail("not a binary GTO file")
        _, n_strings, n_objects, version, _ = self.words(5, "the header")
        if version not in (2, 3, 4):
            raise self.fail(f"GTO version {version} cannot be read (2, 3 and 4 can)")
        self.room_for(n_strings, 1, "strings")
        for _ in range(n_strings):
            end = self.data.find(b"\0", self.at)
            if end < 0:
                raise self.fail("truncated: the string table has no end")
            text = self.data[self.at : end]
            self.strings.append(text.decode("utf-8", "surrogateescape"))
            self.at = end + 1
        if n_objects > limits.MAX_OBJECTS:
            raise self.fail(f"{n_objects} objects (allowed: {limits.MAX_OBJECTS})")
        object_words = 4 if version == 2 else 5
        self.room_for(n_objects, 4 * object_words, "objects")
        result = GtoFile(version=version)
        counts = []
        for _ in range(n_objects):
            name, protocol, number, n_components, *_ = self.words(object_words, "an object")
            result.objects.append(GtoObject(self.string(name), self.string(protocol), number))
            counts.append(n_components)
        components: list[tuple[GtoComponent, int]] = []
        for item, count in zip(result.objects, counts, strict=True):
            components.extend(self.components(item, count, version))
        described = [
            prop for component, count in components for prop in self.properties(
                component, count, version
            )
        ]  # fmt: skip
        for prop, size in described:
            prop.values = self.values(prop, size)
        return result

    def components(
        self, item: GtoObject, count: int, version: int
    ) -> list[tuple[GtoComponent, int]]:
        words = 3 if version == 2 else 5
        self.room_for(count, 4 * words, "components")
        found: list[tuple[GtoComponent, int]] = []
        scope: list[GtoComponent] = []
        for _ in range(count):
            name, n_properties, _, *more = self.words(words, "a component")
            interp, level = (self.string(more[0]), more[1]) if more else ("", 0)
            component = GtoComponent(self.string(name), interp=interp)
            del scope[min(level, len(scope), limits.MAX_DEPTH) :]
            (scope[-1].components if scope else item.components).append(component)
            scope.append(component)
            found.append((component, n_properties))
        return found

    def properties(
        self, component: GtoComponent, count: int, version: int
    ) -> list[tuple[GtoProperty, int]]:
        words = {2: 4, 3: 6, 4: 8}[version]
        self.room_for(count, 4 * words, "properties")
        found = []
        for _ in range(count):
            name, size, number, x, *more = self.words(words, "a property")
            try:
                type_ = GtoType(number)
            except ValueError:
                raise self.fail(f"{self.string(name)}: unknown type {number}") from None
            y, z, w = (more[0], more[1], more[2]) if version == 4 else (0, 0, 0)
            interp = self.string(more[0 if version == 3 else 3]) if version > 2 else ""
            prop = GtoProperty(self.string(name), type_, [], (x, y, z, w), interp)
            component.properties.append(prop)
            found.append((prop, size))
        return found

    def values(self, prop: GtoProperty, size: int) -> Sequence[Value]:
        count = size * prop.width
        raw = self.take(count * _SIZES[prop.type], f"property {prop.name}")
        if prop.type in (GtoType.BYTE, GtoType.BOOL):
            return raw
        if prop.type is GtoType.HALF:
            return struct.unpack(f"{self.order}{count}e", raw)
        numbers = array(_ARRAYS[prop.type])
        numbers.frombytes(raw)
        if (self.order == "<") != (sys.byteorder == "little"):
            numbers.byteswap()
        if prop.type is GtoType.STRING:
            return [self.string(index) for index in numbers]
        return numbers


# -- writing ---------------------------------------------------------------------------


def format_binary(file: GtoFile, stamp: str = "") -> bytes:
    """A whole binary file, version 4, uncompressed.

    `stamp` is put into the string table (RV marks its files so).  Strings end at a NUL: the
    format has no other end.
    """
    table: dict[bytes, int] = {}

    def intern(text: str) -> int:
        return table.setdefault(
            text.partition("\0")[0].encode("utf-8", "surrogateescape"), len(table)
        )

    intern(stamp)
    intern("")
    objects = bytearray()
    components = bytearray()
    properties = bytearray()
    values: list[bytes] = []

    def describe(component: GtoComponent, level: int) -> int:
        words = (intern(component.name), len(component.properties), 0)
        components.extend(struct.pack("<5I", *words, intern(component.interp), level))
        for prop in component.properties:
            width = prop.width
            size = len(prop.values) // width if width else 0
            head = (intern(prop.name), size, int(prop.type), *prop.dims, intern(prop.interp))
            properties.extend(struct.pack("<8I", *head))
            if prop.type is GtoType.STRING:
                indexes = [intern(str(v)) for v in prop.values[: size * width]]
                values.append(struct.pack(f"<{len(indexes)}I", *indexes))
            else:
                values.append(_packed(prop, size * width))
        return 1 + sum(describe(inner, level + 1) for inner in component.components)

    for item in file.objects:
        head = (intern(item.name), intern(item.protocol), item.version & 0xFFFFFFFF)
        count = sum(describe(component, 0) for component in item.components)
        objects.extend(struct.pack("<5I", *head, count, 0))
    strings = b"".join(text + b"\0" for text in table)
    header = struct.pack("<5I", MAGIC, len(table), len(file.objects), 4, 0)
    return b"".join((header, strings, objects, components, properties, *values))


def pack_values(prop: GtoProperty) -> bytes:
    """The bytes of the numbers of a property, little endian."""
    return _packed(prop, prop.size * prop.width)


def _packed(prop: GtoProperty, count: int) -> bytes:
    values = prop.values
    little = sys.byteorder == "little"
    if little and isinstance(values, array) and values.itemsize == _SIZES[prop.type]:
        return values[:count].tobytes()
    if isinstance(values, bytes | bytearray) and _SIZES[prop.type] == 1:
        return bytes(values[:count])
    numbers = [v for v in values[:count] if not isinstance(v, str)]
    if prop.type in (GtoType.BYTE, GtoType.BOOL):
        return bytes(int(v) & 0xFF for v in numbers)
    if prop.type is GtoType.SHORT:
        return struct.pack(f"<{count}H", *(int(v) & 0xFFFF for v in numbers))
    if prop.type is GtoType.INT:
        return struct.pack(f"<{count}i", *map(int, numbers))
    letter = {GtoType.FLOAT: "f", GtoType.DOUBLE: "d", GtoType.HALF: "e"}[prop.type]
    return struct.pack(f"<{count}{letter}", *map(float, numbers))
