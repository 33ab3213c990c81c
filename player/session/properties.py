"""Typed properties: the values a node carries.

A property has RV's type number, four dimensions and a flat list of numbers or strings. The
product of the dimensions is its *width* (numbers in one element); ``size`` counts elements.
A ``float[3]`` property with one element therefore has dims ``(3, 0, 0, 0)``, width 3, size 1
and three values; a scalar has dims ``(1, 0, 0, 0)``.

Source of the behaviour: RV reference manual, "Node Reference", and Open RV's
``src/lib/base/TwkContainer``.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any

__all__ = ["SCALAR", "Dims", "PropType", "Property", "coerce_values", "width_of"]

Dims = tuple[int, int, int, int]
SCALAR: Dims = (1, 0, 0, 0)


class PropType(IntEnum):
    """RV's numbers for property types (``commands.FloatType`` and so on)."""

    FLOAT = 1
    INT = 2
    DOUBLE = 3
    HALF = 5
    BYTE = 6
    SHORT = 7
    STRING = 8

    @property
    def word(self) -> str:
        """The type's name in session files and in event contents."""
        return _WORDS[self]


_WORDS = {
    PropType.FLOAT: "float",
    PropType.INT: "int",
    PropType.DOUBLE: "double",
    PropType.HALF: "half",
    PropType.BYTE: "byte",
    PropType.SHORT: "short",
    PropType.STRING: "string",
}


def width_of(dims: Dims) -> int:
    """Numbers in one element: the product of the leading non-zero dimensions (at least 1)."""
    width = dims[0] or 1
    for n in dims[1:]:
        if not n:
            break
        width *= n
    return width


_F16 = struct.Struct("<e")
_INT_CODES = {PropType.INT: "i", PropType.BYTE: "B", PropType.SHORT: "H"}
_INT_RANGE = {
    PropType.INT: (32, True),
    PropType.BYTE: (8, False),
    PropType.SHORT: (16, False),
}


def _f16(x: float) -> float:
    try:
        value: float = _F16.unpack(_F16.pack(x))[0]
    except OverflowError:
        return float("inf") if x > 0 else float("-inf")
    return value


def coerce_values(type: PropType, values: Iterable[Any]) -> list[Any]:
    """The values as the storage type keeps them: floats rounded, integers wrapped.

    Strings: ``None`` (a nil string) becomes the empty string.
    """
    if type is PropType.STRING:
        return ["" if v is None else str(v) for v in values]
    if type is PropType.FLOAT:
        return array("f", values).tolist()
    if type is PropType.HALF:
        return [_f16(float(v)) for v in values]
    if type is PropType.DOUBLE:
        return [float(v) for v in values]
    values = list(values)
    try:
        return array(_INT_CODES[type], values).tolist()
    except (OverflowError, TypeError):
        pass  # wrapped one by one
    bits, signed = _INT_RANGE[type]
    mask = (1 << bits) - 1
    out: list[Any] = []
    for v in values:
        n = int(v) & mask
        if signed and n >> (bits - 1):
            n -= 1 << bits
        out.append(n)
    return out


class Property:
    """One property of a node.

    ``name`` is ``component.property``; ``values`` is the flat list. ``user_defined`` marks what
    a script made with ``newProperty``; ``persistent`` is false for what session files leave out;
    ``info`` is the free text ``propertyInfo`` returns.
    """

    __slots__ = (
        "default",
        "dims",
        "info",
        "name",
        "persistent",
        "type",
        "user_defined",
        "values",
        "width",
    )

    def __init__(
        self,
        name: str,
        type: PropType,
        values: Sequence[Any] = (),
        *,
        dims: Dims = SCALAR,
        user_defined: bool = False,
        persistent: bool = True,
        info: str = "",
    ) -> None:
        self.name = name
        self.type = type
        self.dims = dims
        self.width = width_of(dims)
        self.values: list[Any] = list(values)
        self.default: tuple[Any, ...] = tuple(values)
        self.user_defined = user_defined
        self.persistent = persistent
        self.info = info

    @property
    def component(self) -> str:
        """The part of the name before the last dot."""
        return self.name.rpartition(".")[0]

    @property
    def short_name(self) -> str:
        """The part of the name after the last dot."""
        return self.name.rpartition(".")[2]

    @property
    def size(self) -> int:
        """Number of elements (each ``width`` numbers wide)."""
        return len(self.values) // self.width

    @property
    def empty(self) -> bool:
        return not self.values

    @property
    def is_default(self) -> bool:
        """Whether the value is still the one the node's definition gave."""
        return tuple(self.values) == self.default

    def set(self, values: Iterable[Any]) -> None:
        """Replace the whole value (a remainder of less than one element is dropped)."""
        new = coerce_values(self.type, values)
        extra = len(new) % self.width
        self.values = new[:-extra] if extra else new

    def clear(self) -> None:
        self.values = []

    def copy(self) -> Property:
        other = Property(
            self.name,
            self.type,
            self.values,
            dims=self.dims,
            user_defined=self.user_defined,
            persistent=self.persistent,
            info=self.info,
        )
        other.default = self.default
        return other

    def __repr__(self) -> str:
        return f"Property({self.name!r}, {self.type.word}, {self.values!r})"
