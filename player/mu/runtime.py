"""Helpers that generated code calls; their names there start with an underscore."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final, NoReturn

from player.mu import types as t
from player.mu.declarations import zero
from player.mu.display import dynamic_type, render
from player.mu.erased import Erased, copied, erase, flat_index, stored
from player.mu.inheritance import allocated, converted
from player.mu.lib import strings
from player.mu.lib.faults import ForeignThrow, foreign
from player.mu.lib.formatting import format_object, format_tuple, format_value
from player.mu.lib.mathematics import half_number
from player.mu.lib.regexes import construct, from_string
from player.mu.numbers import (
    bits_as_bool,
    bits_as_float,
    bits_as_int,
    div_float,
    f16,
    f32,
    float_to_int,
    idiv,
    imod,
    mod_float,
    wrap8,
    wrap16,
    wrap32,
    wrap64,
)
from player.mu.texts import Text
from player.mu.values import (
    MuArray,
    MuCons,
    MuException,
    MuFunction,
    MuLimit,
    MuObject,
    MuRegex,
    MuThrow,
    MuTuple,
    MuVariant,
    bounded,
    throw,
)

__all__ = ["HELPERS", "ReturnFromCatch", "default_value", "thrown"]

_ARRAY_LIMIT: Final = 1 << 26
_CHARS: Final = t.array_of(t.CHAR)


class ReturnFromCatch(BaseException):
    """``return`` in a catch clause: it only gets as far as an enclosing ``try``."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class PatternFail(Exception):
    """A union value does not have the tag it is converted to."""


# -- arrays ------------------------------------------------------------------------------------


def _at(array: MuArray, *indices: int) -> Any:
    at = flat_index(array.type.dims or (), indices)
    return array.items[at] if at < len(array.items) else zero(array.type.elem)


def _store(items: list[Any], index: int, value: Any) -> Any:
    items[index] = value
    return value


def _store_at(array: MuArray, indices: tuple[int, ...], value: Any) -> Any:
    at = flat_index(array.type.dims or (), indices)
    if at < len(array.items):
        array.items[at] = value
    return value


def _store_attribute(cell: MuCons, name: str, value: Any) -> Any:
    if cell is None:
        throw("nil argument to function")
    setattr(cell, name, value)
    return value


def _resize(array: MuArray, size: int) -> None:
    if size < 0:
        throw("bad argument to function")
    if size > _ARRAY_LIMIT:
        raise MuLimit(f"an array of {size} elements is too large")
    items = array.items
    if isinstance(items, Erased):
        items = array.items = list(items)
    have = len(items)
    if size < have:
        del items[size:]
    else:
        items.extend([zero(array.type.elem)] * (size - have))


def _push(array: MuArray, value: Any) -> Any:
    array.items.append(value)
    return value


def _size(array: MuArray) -> int:
    dims = array.type.dims
    return dims[0] if dims is not None and len(dims) > 1 else len(array.items)


def _same_items(a: MuArray | None, b: MuArray | None) -> bool:
    """``==`` of arrays: the elements' bits, so references compare by identity."""
    if a is None or b is None:
        return a is b
    if stored(a.items) != stored(b.items):
        return False
    pairs = zip(a.items, b.items, strict=True)
    if a.type.elem.ref:
        return all(x is y for x, y in pairs)
    return all(x == y if x else repr(x) == repr(y) for x, y in pairs)


def _copy(array: MuArray) -> MuArray:
    return MuArray(array.type, copied(array))


def _rest(array: MuArray) -> MuArray:
    return MuArray(array.type, array.items[1:])


def _fixed(kind: t.ArrayType, items: list[Any]) -> MuArray:
    if kind.total > _ARRAY_LIMIT:
        raise MuLimit(f"an array of {kind.total} elements is too large")
    missing = kind.total - len(items)
    return MuArray(kind, items + [zero(kind.elem)] * missing)


def _each(collection: Any) -> Iterable[Any]:
    """Elements of an array (as many as it has now, each as it is when its turn comes) or list;
    none of nil."""
    if collection is None:
        return ()
    if isinstance(collection, MuArray):
        items = collection.items
        return islice(items, stored(items))
    return _cells(collection)


def _each_kept(collection: Any) -> Iterable[Any]:
    """The same for a loop that takes elements away: they are found where they were."""
    if not isinstance(collection, MuArray):
        yield from _each(collection)
        return
    kept = [*collection.items]
    for i in range(len(kept)):
        items = [*collection.items]
        kept[: len(items)] = items
        yield kept[i]


def _cells(cell: MuCons | None) -> Iterator[Any]:
    while cell is not None:
        yield cell.value
        cell = cell.next


def _indices(array: MuArray | None) -> Iterable[int]:
    """Indices of an array as it is now; none of nil."""
    return () if array is None else range(stored(array.items))


def _grid(*sizes: int) -> Iterable[Any]:
    if len(sizes) == 1:
        return ((i,) for i in range(sizes[0]))
    if len(sizes) == 2:
        return ((i, j) for i in range(sizes[0]) for j in range(sizes[1]))
    return (
        (i, j, k) for i in range(sizes[0]) for j in range(sizes[1]) for k in range(sizes[2])
    )  # fmt: skip


def _list(kind: t.Type, *items: Any) -> MuCons | None:
    out: MuCons | None = None
    for item in reversed(items):
        out = MuCons(item, out, kind)
    return out


# -- values ------------------------------------------------------------------------------------


def default_value(kind: t.Type) -> Any:
    """The value of a variable declared without an initialiser."""
    if kind is t.STRING:
        return Text()
    if kind is t.EXCEPTION:
        return MuException()
    if isinstance(kind, t.ArrayType):
        return _fixed(kind, []) if kind.dims is not None else MuArray(kind, [])
    if isinstance(kind, t.TupleType):
        return MuTuple(kind, [zero(e) for e in kind.elems])
    return zero(kind)


def _allocate(kind: t.ClassType) -> MuObject:
    return allocated(kind, [zero(field) for _, field in kind.fields])


def _render(kind: t.Type, value: Any) -> str:
    """``string(object)``."""
    if value is None:
        throw("nil argument to function")
    return render(value.cls if isinstance(value, MuObject) else kind, value, True)


def _narrow(value: Any, kind: t.Type) -> Any:
    if value is None:
        return None
    if isinstance(value, MuObject) and isinstance(kind, t.ClassType):
        found = converted(value, kind)
        if found is None:
            throw("bad dynamic cast")
        return found
    have = dynamic_type(value)
    if have is None or not _is_a(have, kind):
        throw("bad dynamic cast")
    return value


def _is_a(have: t.Type, kind: t.Type) -> bool:
    if isinstance(kind, t.InterfaceType):
        return have.is_class
    return isinstance(have, t.AnyClass) and have.derives_from(kind)


def _emptied(tag: t.VariantTag, _: Any) -> MuVariant:
    """A union value whose payload is a new object without its content."""
    kind = tag.payload
    if isinstance(kind, t.FuncType):
        return MuVariant(tag, MuFunction(kind.name, kind, lambda *_: throw("unknown exception")))
    if isinstance(kind, t.UnionType):
        # (not nil, but without a tag)
        return MuVariant(tag, MuVariant(t.VariantTag(kind, "", t.VOID, -1), None))
    return MuVariant(tag, MuException() if kind is t.EXCEPTION else from_string(""))


def _upcast(value: MuVariant, tag: t.VariantTag) -> MuVariant:
    if value.tag is not tag:
        raise PatternFail
    return value


# -- vectors -----------------------------------------------------------------------------------

Vector = tuple[float, ...]


def _vec_add(a: Vector, b: Vector) -> Vector:
    return tuple(f32(x + y) for x, y in zip(a, b, strict=True))


def _vec_sub(a: Vector, b: Vector) -> Vector:
    return tuple(f32(x - y) for x, y in zip(a, b, strict=True))


def _vec_mul(a: Vector, b: Vector) -> Vector:
    return tuple(f32(x * y) for x, y in zip(a, b, strict=True))


def _vec_div(a: Vector, b: Vector) -> Vector:
    return tuple(f32(div_float(x, y)) for x, y in zip(a, b, strict=True))


def _vec_neg(a: Vector) -> Vector:
    return tuple(-x for x in a)


def _component(vector: Vector, index: int) -> float:
    """RV lets an index one too large pass: what it finds there is not defined, here it is 0."""
    if not 0 <= index <= len(vector):
        raise IndexError
    return vector[index] if index < len(vector) else 0.0


def _with_component(vector: Vector, index: int, value: float) -> Vector:
    if not 0 <= index < len(vector):
        raise IndexError
    return (*vector[:index], value, *vector[index + 1 :])


# -- strings -----------------------------------------------------------------------------------


def _concat(a: str | None, b: str | None) -> str:
    left = "nil" if a is None else a
    right = "nil" if b is None else b
    bounded(len(left) + len(right))
    return left + right


def _grown(text: str) -> None:
    bounded(len(text))


def _nil_argument(_: Any) -> NoReturn:
    throw("nil argument to function")


def _format(template: str | None, value: Any, kind: t.Type) -> str:
    """``template % value`` by the static type of the value."""
    if isinstance(kind, t.TupleType):
        return format_tuple(template, value, kind)
    if kind is t.NIL or kind is _CHARS:  # the first candidate that takes nil is the one for char[]
        return format_value(_CHARS, template, value)
    if kind.ref and (kind is not t.STRING or value is None):
        return format_object(template, value, kind)
    return format_value(kind, template, value)


def _regex(pattern: str | None, flags: int | None = None) -> MuRegex:
    return from_string(pattern) if flags is None else construct(pattern, flags)


# -- exceptions --------------------------------------------------------------------------------


def thrown(error: BaseException) -> MuThrow:
    """A Python error that generated code ran into, as the Mu exception it stands for."""
    if isinstance(error, MuThrow):
        return error
    if isinstance(error, (AttributeError, TypeError)):
        message = "nil argument to function"
    elif isinstance(error, IndexError):
        message = "out of range"
    elif isinstance(error, RecursionError):
        message = "out of stack space"
    elif isinstance(error, PatternFail):
        message = "pattern match failed"
    else:
        return ForeignThrow(MuException("unknown exception"))
    return MuThrow(MuException(message))


def _catches(error: MuThrow, kind: t.Type) -> bool:
    have = dynamic_type(error.value)
    return have is not None and _is_a(have, kind)


def _fail_match() -> NoReturn:
    throw("pattern match failed")


def _unresolved(call: bool) -> NoReturn:
    throw(
        "attempted call to unresolved function"
        if call
        else "attempted to reference unresolved symbol"
    )


def _assert(condition: bool, text: str) -> None:
    if not condition:
        throw(f"Assertion failed: {text}")


def _abstract() -> NoReturn:
    throw("unimplemented method")


def _rethrow() -> NoReturn:
    foreign()


def _exception_eq(a: MuException, b: MuException) -> bool:
    return a.message == b.message


HELPERS: Final[dict[str, Any]] = {
    "_Array": MuArray, "_Cons": MuCons, "_Exception": MuException,
    "_Object": MuObject, "_ReturnFromCatch": ReturnFromCatch, "_Text": Text, "_Throw": MuThrow,
    "_Tuple": MuTuple, "_Variant": MuVariant, "_abstract": _abstract, "_allocate": _allocate,
    "_as_bool": bits_as_bool, "_as_float": bits_as_float, "_as_int": bits_as_int,
    "_assert": _assert, "_at": _at,
    "_catches": _catches, "_char_text": strings.of_char, "_component": _component,
    "_concat": _concat, "_copy": _copy, "_default": default_value,
    "_each": _each, "_emptied": _emptied, "_each_kept": _each_kept, "_erase": erase,
    "_exception_eq": _exception_eq,
    "_f16": f16, "_f32": f32,
    "_fail_match": _fail_match, "_fdiv": div_float, "_fixed": _fixed,
    "_float_text": strings.float_text, "_fmod": mod_float, "_format": _format,
    "_ftoi": float_to_int, "_grid": _grid, "_grown": _grown, "_half_bits": half_number,
    "_idiv": idiv, "_imod": imod,
    "_indices": _indices, "_inf": math.inf, "_list": _list, "_minus_inf": -math.inf,
    "_narrow": _narrow, "_nil_argument": _nil_argument, "_parse_bool": strings.parse_bool,
    "_parse_double": strings.parse_double,
    "_parse_float": strings.parse_float, "_parse_int": strings.parse_int, "_push": _push,
    "_regex": _regex, "_render": _render, "_resize": _resize, "_rest": _rest,
    "_rethrow": _rethrow, "_same_items": _same_items, "_size": _size, "_store": _store,
    "_store_at": _store_at, "_store_attribute": _store_attribute, "_str_eq": strings.equal,
    "_str_ne": strings.not_equal, "_text_of": strings.text_of, "_thrown": thrown,
    "_unresolved": _unresolved, "_upcast": _upcast, "_vec_add": _vec_add, "_vec_div": _vec_div,
    "_vec_mul": _vec_mul, "_vec_neg": _vec_neg, "_vec_sub": _vec_sub,
    "_vector_text": strings.vector_text, "_with_component": _with_component,
    "_wrap8": wrap8, "_wrap16": wrap16, "_wrap32": wrap32, "_wrap64": wrap64,
}  # fmt: skip
