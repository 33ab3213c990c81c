"""Helpers that generated code calls; their names there start with an underscore."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from player.mu import types as t
from player.mu.display import render
from player.mu.lib.formatting import format_object, format_tuple, format_value
from player.mu.lib.regexes import construct, from_string
from player.mu.numbers import (
    byte_to_int,
    div_float,
    f16,
    f32,
    float_to_int,
    idiv,
    imod,
    mod_float,
    to_float,
    to_int,
    wrap8,
    wrap16,
    wrap32,
    wrap64,
)  # fmt: skip
from player.mu.values import (
    MuArray,
    MuCons,
    MuException,
    MuFunction,
    MuObject,
    MuRegex,
    MuThrow,
    MuTuple,
    MuVariant,
    throw,
)  # fmt: skip

__all__ = ["HELPERS", "default_value", "thrown"]


def _index(array: MuArray, *indices: int) -> int:
    """Flat index of an element, or an exception."""
    items = array.items
    dims = array.type.dims
    if dims is not None and len(indices) > 1:
        flat = 0
        for n, i in zip(dims, indices, strict=True):
            if not 0 <= i < n:
                throw("out of range")
            flat = flat * n + i
        return flat
    i = indices[0]
    if i < 0:
        i += len(items)
    if not 0 <= i < len(items):
        throw("out of range")
    return i


def _get(array: MuArray, *indices: int) -> Any:
    return array.items[_index(array, *indices)]


def _set(items: list[Any], index: int, value: Any) -> Any:
    items[index] = value
    return value


def _front(array: MuArray) -> int:
    if not array.items:
        throw("out of range")
    return 0


def _resize(array: MuArray, size: int) -> None:
    if size < 0 or size > 1 << 27:
        throw("bad argument to function")
    have = len(array.items)
    if size < have:
        del array.items[size:]
    else:
        fill = zero(array.type.elem)
        array.items.extend([fill] * (size - have))


def _erase(array: MuArray, index: int, count: int) -> None:
    index = max(0, index)
    del array.items[index : index + max(0, count)]


def _push(array: MuArray, value: Any) -> Any:
    array.items.append(value)
    return value


def _pop(array: MuArray) -> Any:
    if not array.items:
        throw("out of range")
    return array.items.pop()


def _size(array: MuArray) -> int:
    dims = array.type.dims
    if dims is not None and len(dims) > 1:
        return dims[0]
    return len(array.items)


def _each(collection: Any) -> Iterator[Any]:
    """Elements of an array (which may grow meanwhile) or list; none of nil."""
    if isinstance(collection, MuArray):
        items, i = collection.items, 0
        while i < len(items):
            yield items[i]
            i += 1
        return
    while collection is not None:
        yield collection.value
        collection = collection.next


def _list(kind: t.Type, *items: Any) -> MuCons | None:
    out: MuCons | None = None
    for item in reversed(items):
        out = MuCons(item, out)
    return out


def zero(kind: t.Type) -> Any:
    """The value of an element or field nobody set: zero, or nil for references."""
    if kind.ref:
        return None
    if isinstance(kind, t.VectorType):
        return (0.0,) * kind.size
    if kind is t.BOOL:
        return False
    return 0.0 if kind in (t.FLOAT, t.DOUBLE, t.HALF) else 0


def default_value(kind: t.Type) -> Any:
    """The value of a variable declared without an initialiser."""
    if kind is t.STRING:
        return ""
    if kind is t.EXCEPTION:
        return MuException()
    if isinstance(kind, t.ArrayType):
        return MuArray(kind, [zero(kind.elem)] * kind.total if kind.dims is not None else [])
    if isinstance(kind, t.TupleType):
        return MuTuple(kind, [zero(e) for e in kind.elems])
    return zero(kind)


def thrown(error: BaseException) -> MuThrow:
    """A Python error that generated code ran into, as the Mu exception it stands for."""
    if isinstance(error, MuThrow):
        return error
    if isinstance(error, (AttributeError, TypeError)):
        return MuThrow(MuException("nil argument to function"))
    if isinstance(error, RecursionError):
        return MuThrow(MuException("stack overflow"))
    return MuThrow(MuException("unknown exception"))


def _is(value: Any, kind: t.Type) -> bool:
    """Whether a thrown or narrowed value is of a type."""
    if kind is t.OBJECT:
        return True
    if kind is t.STRING:
        return isinstance(value, str)
    if kind is t.EXCEPTION:
        return isinstance(value, MuException)
    if isinstance(kind, t.ClassType):
        return isinstance(value, MuObject) and value.cls.derives_from(kind)
    if isinstance(kind, t.UnionType):
        return isinstance(value, MuVariant) and value.tag.union is kind
    return getattr(value, "type", None) is kind


def _narrow(value: Any, kind: t.Type) -> Any:
    if value is not None and not _is(value, kind):
        throw("bad dynamic cast")
    return value


def _vec(op: str, a: Any, b: Any = None) -> tuple[float, ...]:
    if b is None:
        return tuple(-x for x in a)
    pairs = zip(a, b, strict=True)
    if op == "+":
        return tuple(f32(x + y) for x, y in pairs)
    if op == "-":
        return tuple(f32(x - y) for x, y in pairs)
    if op == "*":
        return tuple(f32(x * y) for x, y in pairs)
    return tuple(f32(div_float(x, y)) for x, y in pairs)


def _concat(a: str | None, b: str | None) -> str:
    return ("nil" if a is None else a) + ("nil" if b is None else b)


def _str_eq(a: str | None, b: str | None) -> bool:
    if a is None or b is None:
        if a is b:
            return True
        throw("nil argument to function")
    return a == b


def _arr_eq(a: MuArray, b: MuArray) -> bool:
    if a.type.elem.ref:
        return len(a.items) == len(b.items) and all(
            x is y for x, y in zip(a.items, b.items, strict=True)
        )
    return a.items == b.items


def _virtual(this: MuObject, key: str) -> Any:
    """The method of an object's own class for a signature."""
    return this.cls.members.names["__vtable__"][key]


def _format(template: str | None, value: Any, kind: t.Type) -> str:
    """``template % value`` by the static type of the value."""
    if isinstance(kind, t.TupleType):
        return format_tuple(template, value, kind)
    if kind.ref and kind is not t.STRING:
        return format_object(template, value, kind)
    return format_value(kind, template, value)


def _regex(pattern: str | None, flags: int | None = None) -> MuRegex:
    return from_string(pattern) if flags is None else construct(pattern, flags)


def _fail_match() -> None:
    throw("pattern match failed")


HELPERS: dict[str, Any] = {
    "_Array": MuArray, "_Cons": MuCons, "_Exception": MuException, "_Function": MuFunction,
    "_Object": MuObject, "_Throw": MuThrow, "_Tuple": MuTuple, "_Variant": MuVariant,
    "_arr_eq": _arr_eq, "_b2i": byte_to_int, "_concat": _concat, "_default": default_value,
    "_each": _each, "_erase": _erase, "_f16": f16, "_f32": f32, "_fail_match": _fail_match,
    "_fdiv": div_float, "_fmod": mod_float, "_format": _format, "_front": _front,
    "_ftoi": float_to_int, "_get": _get, "_idiv": idiv, "_imod": imod, "_index": _index,
    "_is": _is, "_list": _list, "_narrow": _narrow, "_pop": _pop, "_push": _push,
    "_regex": _regex, "_render": render, "_resize": _resize, "_set": _set,
    "_size": _size, "_splat": lambda x, n: (x,) * n, "_str_eq": _str_eq, "_thrown": thrown,
    "_to_float": to_float, "_to_int": to_int, "_vec": _vec,
    "_vec_text": lambda v: f"<{', '.join(f'{x:g}' for x in v)}>", "_virtual": _virtual,
    "_wrap16": wrap16, "_wrap32": wrap32, "_wrap64": wrap64, "_wrap8": wrap8,
}  # fmt: skip
