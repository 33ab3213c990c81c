"""Questions about what contributes at a frame."""

from __future__ import annotations

from player.session.node import MetaVisitor, Node

__all__ = ["Closest", "FirstClosest", "Leaves", "PathTo"]


class Closest(MetaVisitor):
    """The first node of a type on each branch, with the frame it is asked for."""

    def __init__(self, type: str) -> None:
        self.type = type
        self.found: list[tuple[int, Node]] = []

    def enter(self, frame: int, node: Node) -> None:
        if node.type == self.type:
            self.found.append((frame, node))

    def descend(self, parent: Node, child: Node) -> bool:
        return not self.found or self.found[-1][1] is not parent


class FirstClosest(Closest):
    """Only the very first node of a type."""

    def descend(self, parent: Node, child: Node) -> bool:
        return not self.found


class PathTo(MetaVisitor):
    """The nodes from the start to a leaf (all of them when the leaf is never reached: none)."""

    def __init__(self, leaf: Node | None) -> None:
        self.leaf = leaf
        self.found = False
        self.path: list[tuple[int, Node]] = []

    def enter(self, frame: int, node: Node) -> None:
        self.path.append((frame, node))
        if node is self.leaf:
            self.found = True

    def leave(self, frame: int, node: Node) -> None:
        if not self.found:
            self.path.pop()

    def descend(self, parent: Node, child: Node) -> bool:
        return not self.found


class Leaves(MetaVisitor):
    """Source nodes that contribute, each once, in order of evaluation."""

    def __init__(self) -> None:
        self.found: dict[Node, int] = {}

    def enter(self, frame: int, node: Node) -> None:
        if node.type in ("RVFileSource", "RVImageSource"):
            self.found.setdefault(node, frame)
