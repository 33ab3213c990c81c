"""The graph: every node by name, how they are connected, and who is told of changes."""

from __future__ import annotations

from collections.abc import Iterator

from player.session.errors import GraphError
from player.session.node import Node
from player.session.timeline.playback import Emit

__all__ = ["Graph"]


class Graph:
    """Nodes by name, with an index by type."""

    def __init__(self, emit: Emit) -> None:
        self.emit = emit
        self.nodes: dict[str, Node] = {}
        self._by_type: dict[str, dict[str, Node]] = {}

    def find(self, name: str) -> Node | None:
        return self.nodes.get(name)

    def by_type(self, type: str) -> list[Node]:
        """Nodes of a type, sorted by name."""
        found = self._by_type.get(type)
        return [found[n] for n in sorted(found)] if found else []

    def register(self, node: Node) -> None:
        if node.name in self.nodes:
            raise GraphError(f"node {node.name} exists already")
        self.nodes[node.name] = node
        self._by_type.setdefault(node.type, {})[node.name] = node

    def forget(self, node: Node) -> None:
        if self.nodes.get(node.name) is node:
            del self.nodes[node.name]
            del self._by_type[node.type][node.name]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes.values())

    def __len__(self) -> int:
        return len(self.nodes)
