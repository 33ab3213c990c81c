"""Values between Python scripts and command functions, by Mu type.

Scripts in RV call commands through a converter with strict types: an int is no float, a bool
must be a real bool, a list is no tuple (Open RV, ``MuPy/PyModule``). ``to_mu`` and ``to_py`` turn
the text of a Mu type into such a converter once; a call then only runs closures.

Shapes on the Python side: ``T[]`` and ``[T]`` are lists, Mu tuples and vectors are tuples,
``float[4,4]`` is a flat list of 16, structs are dictionaries, nil is None, an Event is the object
a handler was given.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from player.commands.structs import ALIASES, CLASSES, STRUCTS
from player.scripting.pyevent import PyEvent

__all__ = ["ArgumentMismatch", "Converter", "float32", "split_types", "to_mu", "to_py"]

Converter = Callable[[Any], Any]

_FLOAT = struct.Struct("f")
_HALF = struct.Struct("e")


class ArgumentMismatch(Exception):
    """The value does not have the type; the text starts with ``expecting`` or ``wrong``."""


def float32(value: float) -> float:
    """The nearest single precision number; beyond its range an infinity."""
    try:
        return float(_FLOAT.unpack(_FLOAT.pack(value))[0])
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _half(value: float) -> float:
    try:
        return float(_HALF.unpack(_HALF.pack(value))[0])
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def split_types(text: str) -> list[str]:
    """``"string,(int,float)[]"`` -> ``["string", "(int,float)[]"]``."""
    parts: list[str] = []
    depth = start = 0
    for i, char in enumerate(text):
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    parts.append(text[start:].strip())
    return parts


def _wrap_int(bits: int, expecting: str) -> Converter:
    half, full = 1 << (bits - 1), 1 << bits

    def convert(value: Any) -> int:
        if not isinstance(value, int):
            raise ArgumentMismatch(expecting)
        number = int(value)
        if -half <= number < half:
            return number
        if not -(1 << 63) <= number < (1 << 63):
            raise ArgumentMismatch(f"{expecting} (out of range)")
        return (number + half) % full - half

    return convert


def _byte(value: Any) -> int:
    if not isinstance(value, int):
        raise ArgumentMismatch("expecting int to convert to byte")
    return int(value) & 0xFF


def _bool(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    raise ArgumentMismatch("expecting bool")


def _float(value: Any) -> float:
    if isinstance(value, float):
        return float32(value)
    raise ArgumentMismatch("expecting float")


def _half_in(value: Any) -> float:
    if isinstance(value, float):
        return _half(value)
    raise ArgumentMismatch("expecting float to convert to half")


def _double(value: Any) -> float:
    if isinstance(value, float):
        return float(value)
    raise ArgumentMismatch("expecting float to convert to double")


def _string(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        text = value.decode("utf-8", "ignore")
    elif isinstance(value, str):
        text = str(value)
    else:
        raise ArgumentMismatch("expecting string or unicode")
    # C strings end at the first NUL.
    end = text.find("\0")
    return text if end < 0 else text[:end]


def _vector(size: int) -> Converter:
    expecting = f"expecting ({', '.join(['float'] * size)}) tuple"

    def convert(value: Any) -> tuple[float, ...]:
        if isinstance(value, tuple) and len(value) == size:
            return tuple(_float(v) for v in value)
        raise ArgumentMismatch(expecting)

    return convert


def _sequence(element: Converter, expecting: str, size: int | None = None) -> Converter:
    def convert(value: Any) -> list[Any] | None:
        if value is None:
            return None
        if not isinstance(value, list):
            raise ArgumentMismatch(expecting)
        if size is not None and len(value) != size:
            raise ArgumentMismatch("wrong list size")
        return [element(v) for v in value]

    return convert


def _tuple(elements: list[Converter]) -> Converter:
    def convert(value: Any) -> tuple[Any, ...] | None:
        if value is None:
            return None
        if not isinstance(value, tuple):
            raise ArgumentMismatch("expecting tuple")
        if len(value) != len(elements):
            raise ArgumentMismatch("wrong size tuple")
        return tuple(f(v) for f, v in zip(elements, value, strict=True))

    return convert


def _callable(value: Any) -> Any:
    if value is None:
        return None
    if callable(value):
        return value
    raise ArgumentMismatch("expecting a callable object")


def _event(value: Any) -> Any:
    return value.event if isinstance(value, PyEvent) else None


def _struct(name: str) -> Converter:
    cls = CLASSES[name]
    fields = [(field, to_mu(kind)) for field, kind in STRUCTS[name]]

    def convert(value: Any) -> Any:
        if not isinstance(value, dict):
            return None
        made = cls()
        for field, converter in fields:
            setattr(made, field, converter(value.get(field)))
        return made

    return convert


def _fixed_size(text: str) -> tuple[str, int] | None:
    """``"float[4,4]"`` -> ``("float", 16)``; None when it is no fixed array."""
    if not text.endswith("]"):
        return None
    head, _, dims = text[:-1].rpartition("[")
    if not head or not dims or head.startswith("vector"):
        return None
    size = 1
    for dim in dims.split(","):
        if not dim.strip().isdigit():
            return None
        size *= int(dim)
    return head, size


_TO_MU: dict[str, Converter] = {
    "int": _wrap_int(32, "expecting int"),
    "int64": _wrap_int(64, "expecting long to convert to int64"),
    "short": _wrap_int(16, "expecting int to convert to short"),
    "byte": _byte,
    "bool": _bool,
    "half": _half_in,
    "float": _float,
    "double": _double,
    "string": _string,
    "Vec2": _vector(2),
    "vector float[2]": _vector(2),
    "vector float[3]": _vector(3),
    "vector float[4]": _vector(4),
    "Event": _event,
}


def to_mu(kind: str) -> Converter:
    """The converter from a script's value to what a command function takes.

    The converter raises :class:`ArgumentMismatch` with RV's text. Unknown classes (menu items,
    glyphs, Qt objects) become nil, as in RV.
    """
    found = _TO_MU.get(kind)
    if found is None:
        found = _TO_MU[kind] = _make_to_mu(kind)
    return found


def _make_to_mu(kind: str) -> Converter:
    if kind.endswith("[]"):
        return _sequence(to_mu(kind[:-2]), "expecting dynamic array")
    fixed = _fixed_size(kind)
    if fixed is not None:
        return _sequence(to_mu(fixed[0]), "expecting fixed array", fixed[1])
    if kind.startswith("[") and kind.endswith("]"):
        return _sequence(to_mu(kind[1:-1]), "expecting list")
    if kind.startswith("(") and kind.endswith(")"):
        inner = kind[1:-1]
        if ";" in inner:
            return _callable
        converters = [to_mu(part) for part in split_types(inner)]
        return _tuple(converters) if len(converters) > 1 else converters[0]
    name = ALIASES.get(kind, kind)
    if name in STRUCTS:
        return _struct(name)
    return lambda value: None


def _same(value: Any) -> Any:
    return value


def _nothing(value: Any) -> None:
    return None


def _each(element: Converter) -> Converter:
    if element is _same:
        return lambda value: None if value is None else list(value)
    return lambda value: None if value is None else [element(v) for v in value]


def _list_out(element: Converter) -> Converter:
    """A Mu list: the empty list is nil, so Python gets None."""
    return lambda value: [element(v) for v in value] if value else None


def _tuple_out(elements: list[Converter]) -> Converter:
    if all(f is _same for f in elements):
        return lambda value: None if value is None else tuple(value)
    return lambda value: (
        None if value is None else tuple(f(v) for f, v in zip(elements, value, strict=True))
    )


def _float_out(value: Any) -> float:
    return float32(float(value))


def _struct_out(name: str) -> Converter:
    fields = [(field, to_py(kind)) for field, kind in STRUCTS[name]]
    return lambda value: (
        None if value is None else {field: f(getattr(value, field)) for field, f in fields}
    )


_TO_PY: dict[str, Converter] = {
    "void": _nothing,
    "int": _same,
    "int64": _same,
    "short": _same,
    "byte": _same,
    "bool": bool,
    "half": _float_out,
    "float": _float_out,
    "double": float,
    "string": _same,
    "Event": lambda value: None if value is None else PyEvent(value),
}


def to_py(kind: str) -> Converter:
    """The converter from a command function's result to what a Python script sees."""
    found = _TO_PY.get(kind)
    if found is None:
        found = _TO_PY[kind] = _make_to_py(kind)
    return found


def _make_to_py(kind: str) -> Converter:
    if kind == "Vec2" or kind.startswith("vector "):
        return lambda value: None if value is None else tuple(_float_out(v) for v in value)
    if kind.endswith("[]"):
        return _each(to_py(kind[:-2]))
    fixed = _fixed_size(kind)
    if fixed is not None:
        return _each(to_py(fixed[0]))
    if kind.startswith("[") and kind.endswith("]"):
        return _list_out(to_py(kind[1:-1]))
    if kind.startswith("(") and kind.endswith(")") and ";" not in kind:
        parts = [to_py(part) for part in split_types(kind[1:-1])]
        return _tuple_out(parts) if len(parts) > 1 else parts[0]
    name = ALIASES.get(kind, kind)
    if name in STRUCTS:
        return _struct_out(name)
    return _nothing
