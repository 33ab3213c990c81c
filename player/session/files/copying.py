"""Values of a file's object taken over into a node.

Thousands of objects of a file share one list of components (see ``text_reader``), and most of
their values are those of a fresh node: what was found out of a list is remembered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from player.session.kinds.imagesource import ImageSource
from player.session.node import Node
from player.session.properties import Property, PropType

from .model import GtoObject, GtoProperty, GtoType

if TYPE_CHECKING:
    from player.session.session import Session

__all__ = ["PROP_TYPES", "Seen", "copy_properties", "pixel_key"]

PROP_TYPES: Final = {GtoType[t.name]: t for t in PropType}
"""The session's property type of each type of a file that has one."""
_Compared = tuple[list[tuple[str, GtoProperty]], dict[str, GtoProperty]]
Seen = dict[tuple[int, str], _Compared]
"""By identity of a list of components and node type: what differs from a fresh node."""


def _compared(node: Node, item: GtoObject) -> _Compared:
    """The properties of an object that differ from a fresh node of the type, and the others."""
    specs = node.definition.specs
    different: list[tuple[str, GtoProperty]] = []
    same: dict[str, GtoProperty] = {}
    for path, prop in item.walk():
        spec = specs.get(path)
        if (
            spec is not None
            and tuple(prop.values) == spec.values
            and spec.type is PROP_TYPES.get(prop.type)
            and spec.dims == prop.dims
        ):
            same[path] = prop
        else:
            different.append((path, prop))
    return different, same


def copy_properties(
    session: Session, node: Node, item: GtoObject, seen: Seen | None = None
) -> None:
    """Take the values of an object over into a node, without events.

    A property of another type than the node's is left out with a warning; one that the
    node does not have is added. `seen` keeps what was found out of a list of components,
    which thousands of objects of a file share.
    """
    key = (id(item.components), node.type)
    compared = seen.get(key) if seen is not None else None
    if compared is None:
        compared = _compared(node, item)
        if seen is not None:
            seen[key] = compared
    different, same = compared
    own = node.modified()
    if own:
        _take(session, node, item, [(path, same[path]) for path in list(own) if path in same])
    if node.lacks_some:
        _take(session, node, item, [(p, prop) for p, prop in same.items() if not node.has(p)])
    if different:
        _take(session, node, item, different)


def _take(
    session: Session, node: Node, item: GtoObject, listed: list[tuple[str, GtoProperty]]
) -> None:
    for path, prop in listed:
        type_ = PROP_TYPES.get(prop.type)
        if type_ is None or not prop.width:
            session.warn(f'WARNING: ignoring property "{item.name}.{path}"')
            continue
        pixels = isinstance(node, ImageSource) and path.startswith("image.")
        if pixels and pixel_key(prop.name)[0] is not None:
            continue
        known = node.prop(path)
        if known is None:
            known = node.add(Property(path, type_, (), dims=prop.dims))
        elif known.type is not type_ or known.width != prop.width:
            session.warn(f"ERROR: {item.name}.{path} is {prop.type.word}, not {known.type.word}")
            continue
        node.assign(path, prop.values)


def pixel_key(name: str) -> tuple[int | None, str, str]:
    """`FRAME[:view][;layer]` taken apart; the frame is None for any other name."""
    head, _, layer = name.partition(";")
    digits, _, view = head.partition(":")
    number = digits.removeprefix("-")
    if not (number.isascii() and number.isdigit() and len(number) <= 10):
        return None, "", ""
    return int(digits), view, layer.replace("*", ".")  # a property's name cannot hold dots
