"""Dynamic: a group whose picture is made by a shader that is one of its properties.

Shaders need a GPU; here the node passes its first input on.

Source: Open RV ``src/lib/ip/IPCore/DynamicIPNode.cpp``.
"""

from __future__ import annotations

from collections.abc import Sequence

from player.session.group import Adaptor, Group
from player.session.node import Node

__all__ = ["Dynamic"]


class Dynamic(Group):
    __slots__ = ("_entries",)

    def build(self) -> None:
        self._entries: list[Adaptor] = []

    def set_inputs(self, nodes: Sequence[Node]) -> None:
        self._set_inputs(nodes)
        old, self._entries, self.root = self._entries, [], None
        for entry in old:
            entry.destroy()
        if not self.deleting:
            self._entries = [self.new_adaptor(node) for node in nodes]
            self.root = self._entries[0] if self._entries else None

    def remove_member(self, node: Node) -> None:
        super().remove_member(node)
        self._entries = [entry for entry in self._entries if entry is not node]
        if self.root is node:
            self.root = None
