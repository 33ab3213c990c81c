"""Arrays after ``erase``, and the storage of arrays of several dimensions.

RV's array keeps its size twice. ``erase`` moves the elements and shortens only one of the two:
what is rendered, iterated, compared and appended to; ``size()`` and indices go by the other and
still see the old size, with the old elements at the end. The next ``push_back``, ``pop_back``,
``resize`` or ``clear`` sets both right. Source: ``MuLang/DynamicArray.cpp`` (``erase``,
``resize``) and ``MuLang/FixedArray.h`` (``elementPointer``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, SupportsIndex

from player.mu.declarations import zero
from player.mu.values import MuArray

__all__ = ["Erased", "copied", "erase", "flat_index", "stored"]


class Erased(list[Any]):
    """Elements of an array something was erased from. ``len`` and indices go by ``size``, with
    ``tail`` behind the elements; iterating goes by the elements."""

    __slots__ = ("size", "tail")

    def __init__(self, items: Sequence[Any], size: int, tail: Sequence[Any]) -> None:
        super().__init__(items)
        self.size = size
        self.tail = list(tail)

    def __len__(self) -> int:
        return self.size

    def __bool__(self) -> bool:
        return super().__len__() > 0

    def _place(self, index: int) -> tuple[list[Any], int]:
        at = index + self.size if index < 0 else index
        if not 0 <= at < self.size:
            raise IndexError
        have = super().__len__()
        return (self, at) if at < have else (self.tail, at - have)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return list(self)[index]
        where, at = self._place(index)
        return super().__getitem__(at) if where is self else where[at]

    def __setitem__(self, index: Any, value: Any) -> None:
        where, at = self._place(index)
        if where is self:
            super().__setitem__(at, value)
        else:
            where[at] = value

    def whole(self) -> list[Any]:
        """What ``size`` and indices see."""
        return [*self, *self.tail][: self.size]

    def settle(self) -> None:
        """Both sizes are one again: that of the elements."""
        self.size = super().__len__()
        self.tail = []

    def append(self, value: Any) -> None:
        super().append(value)
        self.settle()

    def pop(self, index: SupportsIndex = -1) -> Any:
        value = super().pop(index)
        self.settle()
        return value

    def clear(self) -> None:
        super().clear()
        self.settle()


def erase(array: MuArray, index: int, count: int) -> None:
    """``a.erase(index, count)``: a negative index is 0, a negative count repeats items (zeros,
    which RV finds before the first one, beyond that). More than there is would read and write
    past RV's memory; here it is cut."""
    have = list(array.items)
    if not have:
        raise IndexError
    index = max(0, index)
    before = [zero(array.type.elem)] * -min(0, index + count)
    now = have[:index] + before + have[max(0, index + count) :]
    old = array.items
    tail = old.whole()[len(now) :] if isinstance(old, Erased) else have[len(now) :]
    size = len(old) if len(now) + len(tail) >= len(old) else len(now)
    array.items = Erased(now, size, tail)
    if count >= 0:
        list.__setitem__(old, slice(None), [*now, *tail])  # for a loop that is under way


def stored(items: list[Any]) -> int:
    """How many elements there are, whatever ``size()`` says."""
    return list.__len__(items)


def copied(array: MuArray) -> list[Any]:
    """The elements of a copy: all that ``size()`` counts."""
    items = array.items
    return items.whole() if isinstance(items, Erased) else items[:]


def flat_index(dims: Sequence[int], indices: Sequence[int]) -> int:
    """Where an element of an array of several dimensions is kept.

    Negative indices count from the end of their dimension; IndexError beyond it. RV multiplies
    by the leading sizes, so elements share places when the sizes differ, and some lie behind
    the end of the array.
    """
    at: list[int] = []
    for size, index in zip(dims, indices, strict=True):
        place = index + size if index < 0 else index
        if not 0 <= place < size:
            raise IndexError
        at.append(place)
    if len(at) == 2:
        return at[0] * dims[0] + at[1]
    return at[0] * dims[0] * dims[1] + at[1] * dims[1] + at[2]
