"""Methods of arrays and functions of lists.  Source: ``MuLang/DynamicArrayType.cpp``.

Those that return references (``[]``, ``front``, ``back``) belong to the compiler.
"""

from __future__ import annotations

from typing import Any

from player.mu import types as t
from player.mu.lib.faults import nil_argument, out_of_range
from player.mu.values import MuArray, MuCons

__all__ = [
    "back", "clear", "cons", "copy", "default_of", "element", "empty", "erase", "front", "head",
    "pop_back", "push_back", "resize", "rest", "same_items", "size", "tail",
]  # fmt: skip

Array = MuArray | None

# elements one array may hold: a guard against resize(2000000000)
_SIZE_MAX = 1 << 26


def default_of(kind: t.Type) -> Any:
    """What a new element holds: zero, or nil for reference types."""
    if kind is t.BOOL:
        return False
    if kind in (t.FLOAT, t.DOUBLE, t.HALF):
        return 0.0
    if isinstance(kind, t.VectorType):
        return (0.0,) * kind.size
    return None if kind.ref else 0


def size(a: Array) -> int:
    """Number of elements."""
    if a is None:
        nil_argument()
    return len(a.items)


def empty(a: Array) -> bool:
    """Whether there are none."""
    if a is None:
        nil_argument()
    return not a.items


def element(a: Array, i: int) -> Any:
    """``a[i]``; negative counts from the end."""
    if a is None:
        nil_argument()
    n = len(a.items)
    if i < 0:
        i += n
    if not 0 <= i < n:
        out_of_range()
    return a.items[i]


def front(a: Array) -> Any:
    """The first element."""
    if a is None:
        nil_argument()
    if not a.items:
        out_of_range()
    return a.items[0]


def back(a: Array) -> Any:
    """The last element."""
    if a is None:
        nil_argument()
    if not a.items:
        out_of_range()
    return a.items[-1]


def push_back(a: Array, value: Any) -> Any:
    """Append; returns the value."""
    if a is None:
        nil_argument()
    a.items.append(value)
    return value


def pop_back(a: Array) -> Any:
    """Remove and return the last element."""
    if a is None:
        nil_argument()
    if not a.items:
        out_of_range()
    return a.items.pop()


def clear(a: Array) -> None:
    """Remove everything."""
    if a is None:
        nil_argument()
    a.items.clear()


def resize(a: Array, n: int) -> None:
    """Cut, or fill with default elements."""
    if a is None:
        nil_argument()
    if n < 0 or n > _SIZE_MAX:
        out_of_range()
    have = len(a.items)
    if n < have:
        del a.items[n:]
    else:
        a.items.extend([default_of(a.type.elem)] * (n - have))


def erase(a: Array, start: int, count: int) -> None:
    """Remove ``count`` from ``start``; a negative start is 0, a negative count doubles items."""
    if a is None:
        nil_argument()
    if not a.items:
        out_of_range()
    start = max(start, 0)
    if start > len(a.items):
        out_of_range()
    items = a.items
    items[start:] = items[max(start + count, 0) :]


def rest(a: Array) -> MuArray:
    """A copy without the first element."""
    if a is None:
        nil_argument()
    return MuArray(a.type, a.items[1:])


def copy(a: Array) -> MuArray:
    """``T[](a)``."""
    if a is None:
        nil_argument()
    return MuArray(a.type, list(a.items))


def same_items(a: Array, b: Array) -> bool:
    """``==`` of arrays: the raw elements, so references compare by identity."""
    if a is None or b is None:
        nil_argument()
    if len(a.items) != len(b.items):
        return False
    if a.type.elem.ref:
        return all(x is y for x, y in zip(a.items, b.items, strict=True))
    return a.items == b.items


def head(cell: MuCons | None) -> Any:
    """The first value of a list."""
    if cell is None:
        nil_argument()
    return cell.value


def tail(cell: MuCons | None) -> MuCons | None:
    """The list behind the first value."""
    if cell is None:
        nil_argument()
    return cell.next


def cons(value: Any, cell: MuCons | None) -> MuCons:
    """A list with one more value in front."""
    return MuCons(value, cell)
