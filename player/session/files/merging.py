"""New names for the objects of a file that is merged into a session.

A top-level object (one without underscore in its name) whose name is taken gets the next
free number; the names of its members, and every string property that held an old name,
follow.  Source: Open RV src/lib/app/RvApp/RvSession.cpp, uniqifyContainerNames.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .model import GtoComponent, GtoObject, GtoProperty, GtoType

__all__ = ["make_unique"]

_MIDDLE: Final = re.compile(r"(.*[^0-9])([0-9]{6})([^0-9].*)", re.S)
_END: Final = re.compile(r"(.*[^0-9])([0-9]+)", re.S)


def make_unique(objects: list[GtoObject], taken: set[str]) -> None:
    """Rename, in place, what would clash with the names in `taken`."""
    nodes = [item for item in objects if item.protocol != "RVSession"]
    original = {item.name for item in nodes}
    forbidden = taken | original
    renamed: dict[str, str] = {}
    for name in sorted(n for n in original if "_" not in n and n in taken):
        renamed[name] = _unique(name, forbidden)
        forbidden.add(renamed[name])
    if not renamed:
        return
    for item in nodes:
        group, mark, rest = item.name.partition("_")
        if mark:
            middle, mark2, last = rest.rpartition("_")
            tail = f"{middle}{mark2}{renamed.get(last, last)}"
            renamed[item.name] = f"{renamed.get(group, group)}_{tail}"
    seen: set[int] = set()  # objects may share their components
    for item in objects:
        item.name = renamed.get(item.name, item.name)
        if id(item.components) in seen:
            continue
        seen.add(id(item.components))
        for prop in _strings(item.components):
            prop.values = [renamed.get(str(v), str(v)) for v in prop.values]


def _unique(name: str, forbidden: set[str]) -> str:
    match = _MIDDLE.fullmatch(name)
    if match is not None:
        head, number, tail = match.groups()
    else:
        match = _END.fullmatch(name)
        if match is None:
            name += "000002"
            return name if name not in forbidden else _unique(name, forbidden)
        head, number, tail = match[1], match[2], ""
    n = int(number) + 1
    while (found := f"{head}{n:06d}{tail}") in forbidden:
        n += 1
    return found


def _strings(components: list[GtoComponent]) -> Iterator[GtoProperty]:
    for component in components:
        if component.name == "object":
            continue
        yield from (p for p in component.properties if p.type is GtoType.STRING)
        yield from _strings(component.components)
