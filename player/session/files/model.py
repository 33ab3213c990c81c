"""GTO as data: files of objects of components of typed properties.

A session file is a GTO file: a flat list of objects, each with a name, a protocol (the
node type) and a protocol version; an object holds components, a component properties and
possibly components, and a property is a list of elements of one type and shape.  Nothing
here knows of sessions: names are not interpreted and what is not understood is kept.

Flat names: inside an object a property is addressed as "component.property" (nested
components: "outer.inner.property"), as RV's scripting does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from math import prod

__all__ = ["GtoComponent", "GtoFile", "GtoObject", "GtoProperty", "GtoType", "Value"]

Value = int | float | str


class GtoType(IntEnum):
    """Types with their numbers in binary files (Open RV: src/lib/files/Gto/Gto/Header.h)."""

    INT = 0
    FLOAT = 1
    DOUBLE = 2
    HALF = 3
    STRING = 4
    BOOL = 5
    SHORT = 6
    BYTE = 7

    @property
    def word(self) -> str:
        """The type's keyword in text files."""
        return self.name.lower()


@dataclass(slots=True)
class GtoProperty:
    """A named list of elements.

    `dims` are the sizes of one element, (x, y, z, w) with 0 for an absent dimension:
    (1, 0, 0, 0) is a scalar, (16, 0, 0, 0) RV's matrices.  `values` is flat, a multiple of
    `width` long.  Large numeric lists of binary files are `array.array` or `bytes` (byte
    type), so that pixels are not blown up into Python objects.
    """

    name: str
    type: GtoType
    values: Sequence[Value]
    dims: tuple[int, int, int, int] = (1, 0, 0, 0)
    interp: str = ""

    @property
    def width(self) -> int:
        """Numbers (or strings) in one element; 0 when the first dimension is 0."""
        return self.dims[0] * prod(d for d in self.dims[1:] if d)

    @property
    def size(self) -> int:
        """Number of elements."""
        width = self.width
        return len(self.values) // width if width else 0

    def elements(self) -> Iterator[Sequence[Value]]:
        """The elements, each a slice of `width` values."""
        width = self.width
        for i in range(0, self.size * width, width or 1):
            yield self.values[i : i + width]


@dataclass(slots=True)
class GtoComponent:
    """A named group of properties; properties come before inner components in a file."""

    name: str
    properties: list[GtoProperty] = field(default_factory=list)
    components: list[GtoComponent] = field(default_factory=list)
    interp: str = ""

    def copy(self) -> GtoComponent:
        """A component of its own with the same properties."""
        inner = [c.copy() for c in self.components]
        return GtoComponent(self.name, list(self.properties), inner, self.interp)

    def find(self, name: str) -> GtoProperty | None:
        """The first property of that name."""
        return next((p for p in self.properties if p.name == name), None)

    def remove(self, name: str) -> None:
        """Drop every property of that name."""
        self.properties = [p for p in self.properties if p.name != name]


@dataclass(slots=True)
class GtoObject:
    """A named object of a protocol, in a session file usually a node and its type."""

    name: str
    protocol: str = "object"
    version: int = 1
    components: list[GtoComponent] = field(default_factory=list)

    def component(self, name: str) -> GtoComponent | None:
        """The first top component of that name."""
        return next((c for c in self.components if c.name == name), None)

    def ensure(self, name: str) -> GtoComponent:
        """The component of that name, made when it is not there."""
        found = self.component(name)
        if found is None:
            found = GtoComponent(name)
            self.components.append(found)
        return found

    def find(self, path: str) -> GtoProperty | None:
        """The property "component.property"; None when it is not there."""
        *scope, name = path.split(".")
        level = self.components
        found: GtoComponent | None = None
        for part in scope:
            found = next((c for c in level if c.name == part), None)
            if found is None:
                return None
            level = found.components
        return found.find(name) if found else None

    def values(self, path: str) -> Sequence[Value]:
        """The values of "component.property", empty when it is not there."""
        found = self.find(path)
        return found.values if found else ()

    def strings(self, path: str) -> list[str]:
        """The values of a string property; empty when absent or of another type."""
        found = self.find(path)
        if found is None or found.type is not GtoType.STRING:
            return []
        return [str(v) for v in found.values]

    def numbers(self, path: str) -> list[float]:
        """The values of a numeric property; empty when absent or strings."""
        found = self.find(path)
        if found is None or found.type is GtoType.STRING:
            return []
        return [v for v in found.values if not isinstance(v, str)]

    def set(
        self,
        path: str,
        type_: GtoType,
        values: Sequence[Value],
        dims: tuple[int, int, int, int] = (1, 0, 0, 0),
    ) -> None:
        """Write "component.property", replacing what was there in its place."""
        component, _, name = path.rpartition(".")
        new = GtoProperty(name, type_, values, dims)
        properties = self.ensure(component).properties
        for i, old in enumerate(properties):
            if old.name == name:
                properties[i] = new
                return
        properties.append(new)

    def walk(self) -> Iterator[tuple[str, GtoProperty]]:
        """Every property with its flat name, in file order."""

        def descend(prefix: str, level: list[GtoComponent]) -> Iterator[tuple[str, GtoProperty]]:
            for component in level:
                path = f"{prefix}{component.name}."
                for prop in component.properties:
                    yield path + prop.name, prop
                yield from descend(path, component.components)

        yield from descend("", self.components)


@dataclass(slots=True)
class GtoFile:
    """A whole file: objects in order; `version` is the number in the header."""

    objects: list[GtoObject] = field(default_factory=list)
    version: int = 4

    def find(self, name: str) -> GtoObject | None:
        """The first object of that name."""
        return next((o for o in self.objects if o.name == name), None)

    def by_protocol(self, protocol: str) -> list[GtoObject]:
        """The objects of a protocol, in file order."""
        return [o for o in self.objects if o.protocol == protocol]
