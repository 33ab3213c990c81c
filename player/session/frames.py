"""Frames stored in properties, mapped up the graph to the frames of a node.

Source: Open RV ``src/lib/ip/IPCore/IPNode.cpp`` (PropertyAsFramesVisitor).
"""

from __future__ import annotations

from player.session.group import Adaptor, Group
from player.session.node import Node
from player.session.properties import PropType

__all__ = ["property_frames"]


def property_frames(start: Node, name: str, max_depth: int) -> list[int]:
    """Sorted, unique frames of ``start`` for the int properties ``name`` found below it.

    ``max_depth`` limits how many nodes with the property are passed on one branch.
    """
    frames: dict[Node, list[int]] = {}
    _visit(start, name, max_depth, 0, frames)
    return sorted(set(frames.get(start, ())))


def _visit(node: Node, name: str, limit: int, depth: int, frames: dict[Node, list[int]]) -> None:
    prop = node.prop(name) if node.has(name) else None
    own = prop is not None and prop.type is PropType.INT
    if own and prop is not None:
        frames[node] = list(prop.values)
        depth += 1
    below: list[Node] = []
    if isinstance(node, Adaptor):
        below = [node.source] if node.source is not None else []
    elif isinstance(node, Group):
        below = [node.root] if node.root is not None else []
    else:
        below = list(node.inputs)
    for child in below:
        if depth <= limit and child not in frames:
            _visit(child, name, limit, depth, frames)
    for i, child in enumerate(below):
        if child in frames:
            frames.setdefault(node, []).extend(node.map_to_output(i, frames[child]))
