"""Groups: nodes made of member nodes.

A group's inputs enter through adaptor members; its ``root`` member is what it delivers. Groups
that take many inputs build a small chain of members for each one (adaptor, paint or transform,
retime) which feeds a *fan-in* member. When the inputs change, chains of inputs that stay are
kept, in the new order; chains of inputs that left are destroyed afterwards.

Appending to many inputs is the common case (every new source is appended to three default
views), so it does not touch the chains that are there already unless one of them could have
changed since they were last looked at (``settled``); nor does removing one input.

Source: Open RV ``src/lib/ip/IPCore/GroupIPNode.cpp``, ``AdaptorIPNode.cpp``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import overload

from player.session.node import MetaVisitor, Node, RangeInfo, StructInfo

__all__ = ["Adaptor", "FanInGroup", "Group"]

_TELLING = 2
"""Chains that are looked at when another one goes: further ones would tell nothing new."""


class Group(Node):
    """A node with members. ``root`` is the member whose output is the group's."""

    __slots__ = ("_adaptors", "_members", "root")

    is_group = True

    def _setup(self) -> None:
        self._members: dict[Node, None] = {}
        self._adaptors: dict[Node, list[Adaptor]] = {}
        self.root: Node | None = None

    def build(self) -> None:
        """Make the members of a fresh group."""

    @property
    def members(self) -> Iterable[Node]:
        return self._members

    def add_member(self, node: Node) -> None:
        self._members[node] = None

    def remove_member(self, node: Node) -> None:
        self._members.pop(node, None)
        if isinstance(node, Adaptor) and node.source is not None:
            self.unbind_adaptor(node)

    def bind_adaptor(self, adaptor: Adaptor, source: Node) -> None:
        self._adaptors.setdefault(source, []).append(adaptor)

    def unbind_adaptor(self, adaptor: Adaptor) -> None:
        assert adaptor.source is not None
        listed = self._adaptors.get(adaptor.source, [])
        if adaptor in listed:
            listed.remove(adaptor)
        if not listed:
            self._adaptors.pop(adaptor.source, None)

    def needs(self, member: Node) -> bool:
        """Whether the group falls apart without a member (where RV would crash)."""
        return False

    def adaptors_of(self, source: Node) -> list[Adaptor]:
        """The adaptors through which ``source`` enters."""
        return list(self._adaptors.get(source, ()))

    def new_member(self, type: str, stem: str) -> Node:
        node = self.graph.new_node(type, f"{self.name}_{stem}", self)
        assert node is not None, type
        return node

    def new_member_for(self, type: str, source: Node, stem: str) -> Node:
        return self.new_member(type, f"{stem}_{source.name}")

    def new_adaptor(self, source: Node) -> Adaptor:
        node = self.new_member_for("Adaptor", source, "a")
        assert isinstance(node, Adaptor)
        node.set_source(source)
        return node

    def member_of_type(self, type: str) -> Node | None:
        return next((m for m in self._members if m.type == type), None)

    def collect_members(self) -> list[Node]:
        """Members, and members of members."""
        found: list[Node] = []
        for m in self._members:
            found.append(m)
            if isinstance(m, Group):
                found.extend(m.collect_members())
        return found

    def destroy(self) -> None:
        while self.inputs:
            node = self.inputs[0]
            node.will_delete()
            self._drop_input(node)
            node.destroy()
        for m in list(self._members):
            m.will_delete()
            m.set_inputs([])
        for m in list(self._members):
            if m in self._members:
                m.destroy()
        self.root = None
        super().destroy()

    # -- delegation to the root member -----------------------------------------------------

    def range_info(self) -> RangeInfo:
        return self.root.range_info() if self.root is not None else RangeInfo()

    def struct_info(self, frame: int) -> StructInfo:
        return self.root.struct_info(frame) if self.root is not None else StructInfo()

    def media_active(self) -> bool:
        return self.root.media_active() if self.root is not None else super().media_active()

    def set_media_active(self, state: bool) -> None:
        if self.root is not None:
            self.root.set_media_active(state)

    def meta(self, frame: int, visitor: MetaVisitor) -> None:
        if self.root is not None:
            visitor.enter(frame, self)
            if visitor.descend(self, self.root):
                self.root.meta(frame, visitor)
            visitor.leave(frame, self)

    # -- changes of inputs reach the members ------------------------------------------------

    def input_range_changed(self, source: Node) -> None:
        for adaptor in self._adaptors.get(source, ()):
            adaptor.spread_range()

    def input_range_stale(self, source: Node) -> None:
        for adaptor in self._adaptors.get(source, ()):
            adaptor.forget_ranges()

    def input_structure_changed(self, source: Node) -> None:
        for adaptor in self._adaptors.get(source, ()):
            adaptor.spread_structure()


class Adaptor(Node):
    """Where an input of a group enters it: stands for the node outside."""

    __slots__ = ("source",)

    writable = False
    source: Node | None

    def _setup(self) -> None:
        self.source = None

    def set_source(self, source: Node | None) -> None:
        if self.source is not None and self.group is not None:
            self.group.unbind_adaptor(self)
        self.source = source
        if source is not None and self.group is not None:
            self.group.bind_adaptor(self, source)

    def range_info(self) -> RangeInfo:
        return self.source.range_info() if self.source is not None else RangeInfo()

    def struct_info(self, frame: int) -> StructInfo:
        return self.source.struct_info(frame) if self.source is not None else StructInfo()

    def media_active(self) -> bool:
        return self.source.media_active() if self.source is not None else False

    def set_media_active(self, state: bool) -> None:
        if self.source is not None:
            self.source.set_media_active(state)

    def meta(self, frame: int, visitor: MetaVisitor) -> None:
        if self.source is not None:
            self.source.meta(frame, visitor)
        else:
            super().meta(frame, visitor)


class _Behind(Sequence[Node]):
    """Two lists seen as one."""

    def __init__(self, first: Sequence[Node], second: Sequence[Node]) -> None:
        self._first = first
        self._second = second
        self._count = len(first)

    def __len__(self) -> int:
        return self._count + len(self._second)

    @overload
    def __getitem__(self, index: int) -> Node: ...
    @overload
    def __getitem__(self, index: slice) -> list[Node]: ...
    def __getitem__(self, index: int | slice) -> Node | list[Node]:
        if isinstance(index, slice):
            return [*self._first, *self._second][index]
        count = self._count
        return self._first[index] if index < count else self._second[index - count]


class FanInGroup(Group):
    """A group that builds a chain of members for each input, ending at ``fan_in``."""

    __slots__ = ("fan_in", "refreshed", "settled")

    fan_in: Node
    refreshed: int
    """How many chains were refreshed since the inputs were last set."""
    settled: bool
    """Whether the chains are as :meth:`refresh_chain` would leave them."""

    def needs(self, member: Node) -> bool:
        return member is self.fan_in or member is self.root

    def new_chain(self, index: int, nodes: Sequence[Node]) -> Node:
        """Members for a new input; the last of them."""
        return self.new_adaptor(nodes[index])

    def refresh_chain(self, index: int, nodes: Sequence[Node], chain: Node) -> Node:
        """The chain of an input that stays; its (possibly new) last member."""
        return chain

    def appended(self) -> None:
        """What looking at the existing chains would have told, when they were left alone."""

    def set_inputs(self, nodes: Sequence[Node]) -> None:
        if self.deleting:
            self._set_inputs(nodes)
        else:
            self.reorder(nodes)

    def append_inputs(self, nodes: Sequence[Node]) -> None:
        n = len(self.inputs)
        if self.deleting or not nodes or not self.settled or len(self.fan_in.inputs) != n:
            super().append_inputs(nodes)
            return
        self.refreshed = 0
        if n:
            self.appended()
        every = _Behind(self.inputs, nodes)
        self.fan_in.append_inputs([self.new_chain(i, every) for i in range(n, n + len(nodes))])
        self._append_inputs(nodes)

    def remove_input_at(self, place: int) -> None:
        chains = self.fan_in.inputs
        alone = len(self._adaptors.get(self.inputs[place], ())) == 1
        if self.deleting or not alone or not self.settled or len(chains) != len(self.inputs):
            super().remove_input_at(place)
            return
        removed = chains[place]
        rest = [*self.inputs[:place], *self.inputs[place + 1 :]]
        self.refreshed = 0
        for i in [i for i in range(3) if i != place and i < len(chains)][:_TELLING]:
            self.refresh_chain(i - (i > place), rest, chains[i])
        self.fan_in.remove_input_at(place)
        self._remove_input_at(place)
        removed.destroy()

    def reorder(self, nodes: Sequence[Node], only: int = -1) -> None:
        """Set the inputs; with ``only`` the chain of that (unchanged) input is refreshed."""
        old = self.inputs
        n = len(old)
        chains = self.fan_in.inputs
        self.refreshed = 0
        removed: list[Node] = []
        if only >= 0:
            chain = self.refresh_chain(only, nodes, chains[only])
            if chain is chains[only]:
                self.fan_in.set_inputs(chains)
                return
            new = list(chains)
            new[only] = chain
        elif self.settled and n < len(nodes) and len(chains) == n and old == nodes[:n]:
            if n:
                self.appended()
            new = list(chains)
            for i in range(n, len(nodes)):
                new.append(self.new_chain(i, nodes))
        else:
            new, removed = self._rearranged(nodes, chains)
        self.fan_in.set_inputs(new)
        self._set_inputs(nodes)
        for node in removed:
            node.destroy()

    def _rearranged(
        self, nodes: Sequence[Node], chains: Sequence[Node]
    ) -> tuple[list[Node], list[Node]]:
        places: dict[Node, list[int]] = {}
        for j in range(len(nodes) - 1, -1, -1):
            places.setdefault(nodes[j], []).append(j)
        kept = [-1] * len(nodes)
        removed: list[Node] = []
        for i, node in enumerate(self.inputs):
            free = places.get(node)
            if free:
                kept[free.pop()] = i
            elif i < len(chains):
                removed.append(chains[i])
        new: list[Node] = []
        for q, i in enumerate(kept):
            if i >= 0:
                new.append(self.refresh_chain(q, nodes, chains[i]))
            else:
                new.append(self.new_chain(q, nodes))
        self.settled = True
        return new, removed

    def place_of(self, source: Node) -> int:
        """The number of the first input that is ``source``; -1 when it is none."""
        adaptors = self._adaptors.get(source)
        if not adaptors:
            return -1
        node: Node = adaptors[0]
        while self.fan_in not in node._users and len(node._users) == 1:
            (node,) = node._users
        place = self.fan_in.place_of_input(node)
        return place if place >= 0 and self.inputs[place] is source else self.inputs.index(source)

    def rebuild(self, only: int = -1) -> None:
        """Look at the chains again."""
        if not self.deleting:
            if only >= 0:
                self.reorder(self.inputs, only)
            else:
                self.set_inputs(list(self.inputs))
