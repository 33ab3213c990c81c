"""Property addresses: ``node.component.property``, ``#Type...``, ``@Type...``, ``:Type...``.

Source: Open RV ``src/lib/ip/IPCore/IPGraph.cpp`` (findProperty), RV manual, "Addressing".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from player.session.definitions.about import definition_property
from player.session.node import MetaVisitor, Node
from player.session.properties import Property
from player.session.visitors import Closest, FirstClosest

if TYPE_CHECKING:
    from player.session.session import Session

__all__ = ["find_properties", "nodes_at", "nodes_of_current_type", "split_address"]

_DOTS = re.compile(r"\.+")


def split_address(address: str) -> tuple[str, str]:
    """(node part, ``component.property``); the second is "" when there is no dot."""
    parts = _DOTS.split(address, maxsplit=1)
    if len(parts) < 2:
        return parts[0], ""
    return parts[0], _DOTS.sub(".", parts[1])


def _in_path(session: Session, start: Node, type: str, first: bool) -> list[Node]:
    visitor: MetaVisitor
    visitor = FirstClosest(type) if first else Closest(type)
    start.meta(session.playback.frame, visitor)
    return list(dict.fromkeys(n for _, n in visitor.found))


def nodes_at(session: Session, head: str) -> list[Node]:
    """Nodes that the node part of an address names."""
    graph = session.graph
    start = graph.root
    prefix, slash, rest = head.rpartition("/")
    if slash:
        named = graph.exact(prefix.split("/")[0])
        start = named if named is not None else start
        head = rest
    if not head or start is None:
        return []
    if head[0] == "#":
        if head == "#View":
            return [session.view] if session.view is not None else []
        if head == "#Session":
            return [session.node]
        return _in_path(session, start, head[1:], False)
    if head[0] == "@":
        return _in_path(session, start, head[1:], True)
    node = graph.exact(head)
    return [node] if node is not None else []


def nodes_of_current_type(session: Session, type: str) -> list[Node]:
    """Nodes of a type in the path shown now, as the graph itself finds them: a node once for each
    way to it, and "RVSource" is no type (IPGraph::findNodesByTypeName)."""
    return session.current_nodes(type) if type != "RVSource" else []


def find_properties(session: Session, address: str) -> list[tuple[Node, Property]]:
    """Every (node, property) an address means; [] when there is none."""
    head, rest = split_address(address)
    if not rest:
        return []
    if head == "#RVSource" and address.count(".") == 2:
        nodes = nodes_at(session, "#RVFileSource") + nodes_at(session, "#RVImageSource")
    elif head.startswith(":"):
        return _of_definition(session, head[1:], rest)
    else:
        nodes = nodes_at(session, head)
    found: list[tuple[Node, Property]] = []
    for node in nodes:
        prop = node.prop(rest)
        if prop is not None:
            found.append((node, prop))
    return found


def _of_definition(session: Session, type: str, name: str) -> list[tuple[Node, Property]]:
    definition = session.graph.definition(type)
    found = definition_property(definition, name) if definition is not None else None
    return [(session.node, found)] if found is not None else []
