"""Objects of classes with several bases.

Such an object has a head for its first line of bases and one more for every other base: a
variable of the type of a further base holds a part of the object, an object with a class of its
own (its methods are that class's, ``eq`` tells it from the whole, it shows as itself) that shares
the whole one's fields. A conversion finds the part, or the whole again. The fields lie in the
order first base, the class itself, further bases.
Source: Open RV's ``Mu/Class.cpp`` (``freeze``, ``dynamicCast``).
"""

from __future__ import annotations

from typing import Any

from player.mu import types as t
from player.mu.values import MuObject

__all__ = ["Composite", "allocated", "converted"]


class Composite(MuObject):
    """A whole object. ``parts``: those that somebody has asked for, by the place of their head."""

    __slots__ = ("parts",)

    def __init__(self, cls: t.ClassType, fields: list[Any]) -> None:
        super().__init__(cls, fields)
        self.parts: dict[int, Part] = {}


class _Fields(list[Any]):
    """The fields of a part: some of the whole one's."""

    __slots__ = ("size", "start", "whole")

    def __init__(self, whole: list[Any], start: int, size: int) -> None:
        super().__init__()
        self.whole = whole
        self.start = start
        self.size = size

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Any:
        return iter(self.whole[self.start : self.start + self.size])

    def __getitem__(self, index: Any) -> Any:
        return self.whole[self.start + index]

    def __setitem__(self, index: Any, value: Any) -> None:
        self.whole[self.start + index] = value


class Part(MuObject):
    """A part of an object, for a base that is not the first."""

    __slots__ = ("head", "start", "whole")

    def __init__(self, cls: t.ClassType, whole: Composite, start: int, head: int) -> None:
        super().__init__(cls, _Fields(whole.fields, start, len(cls.fields)))
        self.whole = whole
        self.start = start
        self.head = head


def allocated(kind: t.ClassType, fields: list[Any]) -> MuObject:
    """A new object."""
    return Composite(kind, fields) if kind.heads else MuObject(kind, fields)


def converted(value: MuObject, target: t.Type) -> MuObject | None:
    """The part of an object (or the object) that has a class; None when there is none."""
    if isinstance(value, Composite):
        return _within(value, value.cls, 0, 0, target)
    if not isinstance(value, Part):
        return value if value.cls.derives_from(target) else None
    whole = value.whole
    found = _within(whole, value.cls, value.start, value.head, target)
    if found is not None:
        return found
    if whole.cls is target:
        return whole
    # as in RV, a base is only looked for beside the part, below the same base of the whole
    places = [p for p in whole.cls.places if p[2] <= value.head]
    base, start, head = places[-1]
    return _within(whole, base, start, head, target)


def _within(
    whole: Composite, cls: t.AnyClass, start: int, head: int, target: t.Type
) -> MuObject | None:
    if cls is target:
        if head == 0:
            return whole
        part = whole.parts.get(head)
        if part is None:
            kind, first = whole.cls.heads[head]
            part = whole.parts[head] = Part(kind, whole, first, head)
        return part
    if isinstance(cls, t.ClassType):
        for base, begin, above in cls.places:
            found = _within(whole, base, start + begin, head + above, target)
            if found is not None:
                return found
    return None
