"""Pipeline groups: a chain of members made from the type names in ``pipeline.nodes``.

Writing the list rebuilds the chain at once. The members are new nodes, named by their place, and
take over the state of the first old member of the same type.

Source: Open RV ``src/lib/ip/IPCore/PipelineGroupIPNode.cpp``.
"""

from __future__ import annotations

from collections.abc import Sequence

from player.session.group import Adaptor, Group
from player.session.node import Node
from player.session.propertied import Propertied
from player.session.properties import Property

__all__ = ["PipelineGroup"]


class PipelineGroup(Group):
    __slots__ = ("_chain",)

    def build(self) -> None:
        self._chain: list[Node] = []

    @property
    def chain(self) -> list[Node]:
        """The members in order of evaluation, the adaptor first."""
        return self._chain

    def set_inputs(self, nodes: Sequence[Node]) -> None:
        self._set_inputs(nodes)
        if not nodes:
            self._clear()
        elif self._chain and isinstance(self._chain[-1], Adaptor):
            self._chain[-1].set_source(nodes[0])
        else:
            self.rebuild()

    @property
    def built(self) -> bool:
        """Whether the members are what the list says, under the names they would get."""
        chain = self._chain
        if not chain or not self.inputs:
            return False
        entry = chain[0]
        return (
            isinstance(entry, Adaptor)
            and entry.source is self.inputs[0]
            and [node.type for node in chain[1:]] == list(self.get("pipeline.nodes"))
            and all(n.name == f"{self.name}_{i}" for i, n in enumerate(chain[1:]))
        )

    def _clear(self) -> None:
        root = self.root
        self.root = None
        self._chain = []
        if root is not None:
            root.will_delete()
            root.destroy()

    def rebuild(self) -> None:
        """Make the members anew."""
        if not self.inputs:
            self._clear()
            return
        old: list[Node] = []
        self.root = None
        for i in range(len(self._chain) - 1, -1, -1):
            node = self._chain[i]
            node.set_inputs([])
            self.graph.forget(node)
            self.remove_member(node)
            if i > 0:
                old.insert(0, node)
        self._chain = [self.new_adaptor(self.inputs[0])]
        for i, type in enumerate(list(self.get("pipeline.nodes"))):
            made = self.graph.new_node(type, f"{self.name}_{i}", self)
            if made is None:
                self.graph.warn(
                    f"ERROR: PipelineGroup {self.name} cannot create node of type "
                    f'"{type}": ignoring'
                )
                continue
            made.set_inputs([self._chain[-1]])
            self._chain.append(made)
            same = next((o for o in old if o.type == type), None)
            if same is not None:
                made.copy_state(same)
                old.remove(same)
        self.root = self._chain[-1]
        self.touch()

    def changed(self, prop: Property) -> None:
        if prop.name == "pipeline.nodes":
            self.rebuild()
        super().changed(prop)

    def copy_state(self, other: Propertied) -> None:
        super().copy_state(other)
        if isinstance(other, PipelineGroup) and other.type == self.type:
            self.rebuild()
            for mine, theirs in zip(self._chain, other._chain, strict=False):
                if mine.type == theirs.type and not isinstance(mine, Adaptor):
                    mine.copy_state(theirs)
