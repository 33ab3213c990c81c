"""Nodes of the graph: name, type, typed properties, inputs, and how changes travel.

Theory of operation. A node knows who uses it (``outputs``), so that a change of its range, image
size or media reaches what depends on it without a search. Changes travel as in RV: along the
outputs, into groups through their adaptors, and from a group's output member to the group
itself; when a change arrives at the graph's root it becomes an event. A node has as many outputs
entries as it is connected times, ordered by when each user last set its inputs.

``revision`` grows with every change of the node's own properties or inputs; consumers compare it.

Source: Open RV ``src/lib/ip/IPCore/IPNode.cpp``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from player.session.definitions import NodeDefinition
from player.session.errors import GraphError
from player.session.propertied import Propertied
from player.session.properties import Property

if TYPE_CHECKING:
    from player.session.graph import Graph
    from player.session.group import Group

__all__ = ["IDENTITY", "MetaVisitor", "Node", "RangeInfo", "StructInfo"]

IDENTITY: tuple[float, ...] = tuple(float(i % 5 == 0) for i in range(16))


class RangeInfo(NamedTuple):
    """Frames a node delivers (inclusive), its increment, rate and cut points."""

    start: int = 0
    end: int = 0
    inc: int = 0
    fps: float = 0.0
    cut_in: int = 0
    cut_out: int = 0

    def earlier(self, frames: int) -> RangeInfo:
        """The same, so many frames earlier."""
        i = self
        return RangeInfo(
            i.start - frames, i.end - frames, i.inc, i.fps, i.cut_in - frames, i.cut_out - frames
        )


class StructInfo(NamedTuple):
    """Size in pixels, pixel aspect and the 4x4 orientation matrix (row-major)."""

    width: int = 0
    height: int = 0
    pixel_aspect: float = 1.0
    orientation: tuple[float, ...] = IDENTITY


class MetaVisitor:
    """Sees the nodes that contribute at a frame; subclasses decide where to go."""

    def enter(self, frame: int, node: Node) -> None:
        """Before the inputs of ``node`` are visited; ``frame`` is the node's own."""

    def descend(self, parent: Node, child: Node) -> bool:
        return True

    def leave(self, frame: int, node: Node) -> None:
        """After the inputs of ``node`` were visited."""


class Node(Propertied):
    """One node. Members of a group have ``group`` set."""

    __slots__ = (
        "__weakref__",
        "_users",
        "deleting",
        "graph",
        "group",
        "inputs",
        "serial",
    )

    writable = True
    is_group = False
    _passes_range = _passes_structure = True

    def __init_subclass__(cls) -> None:
        cls._passes_range = cls.range_info is Node.range_info
        cls._passes_structure = cls.struct_info is Node.struct_info

    def __init__(
        self, name: str, definition: NodeDefinition, graph: Graph, group: Group | None = None
    ) -> None:
        super().__init__(graph.unique_name(name), definition)
        self.graph = graph
        self.group: Group | None = group
        self.inputs: list[Node] = []
        self.serial = 0
        self.deleting = False
        self._users: dict[Node, int] = {}
        self._setup()
        graph.register(self)
        if group is not None:
            group.add_member(self)

    def _setup(self) -> None:
        """Initial state of a kind's own fields."""

    @property
    def version(self) -> int:
        return self.definition.version

    @property
    def members(self) -> Iterable[Node]:
        return ()

    # -- properties ---------------------------------------------------------------------

    def touch(self) -> None:
        """Note that something of this node changed."""
        super().touch()
        self.graph.revision += 1

    def retitled(self) -> None:
        self.graph.note_ui_name(self)

    def changed(self, prop: Property) -> None:
        """A property got a new value: react, then tell ``graph-state-change``."""
        self.graph.property_changed(self, prop)

    def created(self, prop: Property) -> None:
        """A script made a property."""
        self.graph.property_created(self, prop)

    def dropped(self, full_name: str) -> None:
        """A script deleted a property; its name as the script gave it."""
        self.graph.property_deleted(full_name)

    # -- inputs and outputs ---------------------------------------------------------------

    @property
    def outputs(self) -> list[Node]:
        """The users, one entry per connection, by when they last set their inputs."""
        users = self._users
        if not users:
            return []
        if len(users) == 1:
            ((user, count),) = users.items()
            return [user] * count
        return [u for u in sorted(users, key=_serial) for _ in range(users[u])]

    def _connect(self, user: Node) -> None:
        self._users[user] = self._users.get(user, 0) + 1

    def _disconnect(self, user: Node) -> None:
        n = self._users.get(user, 0) - 1
        if n > 0:
            self._users[user] = n
        else:
            self._users.pop(user, None)

    @property
    def max_inputs(self) -> int:
        return self.definition.max_inputs

    def set_inputs(self, nodes: Sequence[Node]) -> None:
        """Connect; raises GraphError when the type takes fewer inputs."""
        self._set_inputs(nodes)

    def _set_inputs(self, nodes: Sequence[Node]) -> None:
        old = self.inputs
        if old is nodes or (len(old) == len(nodes) and old == nodes):
            return
        if 0 <= self.max_inputs < len(nodes):
            raise GraphError(f"{self.name} accepts no more than {self.max_inputs} input")
        self.graph.serial += 1
        self.serial = self.graph.serial
        kept = len(old)
        if kept > len(nodes) or old != nodes[:kept]:
            for node in old:
                node._disconnect(self)
            kept = 0
        for node in nodes[kept:]:
            node._connect(self)
        self.inputs = list(nodes)
        self.touch()
        self.graph.inputs_changed(self)

    def place_of_input(self, node: Node) -> int:
        """The number of the first connection to ``node``; -1 when there is none."""
        return self.inputs.index(node) if node in self.inputs else -1

    def append_inputs(self, nodes: Sequence[Node]) -> None:
        """Connect further inputs behind those there are; raises as ``set_inputs``."""
        self.set_inputs([*self.inputs, *nodes])

    def _append_inputs(self, nodes: Sequence[Node]) -> None:
        if 0 <= self.max_inputs < len(self.inputs) + len(nodes):
            raise GraphError(f"{self.name} accepts no more than {self.max_inputs} input")
        self.graph.serial += 1
        self.serial = self.graph.serial
        for node in nodes:
            node._connect(self)
        self.inputs.extend(nodes)
        self.touch()
        self.graph.inputs_changed(self)

    def remove_input(self, node: Node) -> None:
        """Disconnect the first connection to ``node``."""
        if node in self.inputs:
            self.remove_input_at(self.inputs.index(node))

    def remove_input_at(self, place: int) -> None:
        """Disconnect input number ``place``; those behind it move up."""
        self.set_inputs([*self.inputs[:place], *self.inputs[place + 1 :]])

    def _remove_input_at(self, place: int) -> None:
        self.graph.serial += 1
        self.serial = self.graph.serial
        rest = list(self.inputs)
        rest.pop(place)._disconnect(self)
        self.inputs = rest
        self.touch()
        self.graph.inputs_changed(self)

    def _drop_input(self, node: Node) -> None:
        """Disconnect ``node`` without the reaction of the node's kind: this node is going."""
        rest = list(self.inputs)
        rest.remove(node)
        self._set_inputs(rest)

    def test_inputs(self, nodes: Sequence[Node]) -> str:
        """Why the nodes cannot be inputs, one line each; "" when they can."""
        limit = self.max_inputs
        if 0 <= limit < len(nodes):
            if limit == 0:
                return f"{self.described} cannot have inputs\n"
            plural = "s" if limit > 1 else ""
            return f"{self.described} accepts no more than {limit} input{plural}\n"
        seen: dict[Node, bool] = {}
        return "".join(
            f"{n.described} would cause a cycle\n" for n in nodes if _reaches(n, self, seen)
        )

    @property
    def described(self) -> str:
        ui = self.ui_name
        return self.name if ui == self.name else f"{ui} ({self.name})"

    # -- the end --------------------------------------------------------------------------

    def will_delete(self) -> None:
        self.deleting = True

    def destroy(self) -> None:
        """Leave the graph: users drop this node, its remaining inputs go with it."""
        while self._users:
            self.outputs[0].remove_input(self)
        while self.inputs:
            node = self.inputs[0]
            node.will_delete()
            self._drop_input(node)
            node.destroy()
        if self.group is not None:
            self.group.remove_member(self)
        self.graph.forget(self)

    def unlink(self) -> None:
        """Let go of everything around this node, without a word: the whole graph is dropped.

        Nodes refer to each other in circles (group and member, input and user), so without
        this a large graph would stay in memory until Python looks for such circles.
        """
        self.inputs = []
        self._users = {}
        self.group = None

    # -- what is asked of a node ------------------------------------------------------------

    def range_info(self) -> RangeInfo:
        node = self
        while node.inputs:  # most nodes of a chain have nothing to add: a loop passes them
            node = node.inputs[0]
            if not node._passes_range:
                return node.range_info()
        return RangeInfo()

    def struct_info(self, frame: int) -> StructInfo:
        node = self
        while node.inputs:
            node = node.inputs[0]
            if not node._passes_structure:
                return node.struct_info(frame)
        return StructInfo()

    def media_active(self) -> bool:
        return self.inputs[0].media_active() if self.inputs else False

    def set_media_active(self, state: bool) -> None:
        for node in list(self.inputs):
            node.set_media_active(state)

    def meta(self, frame: int, visitor: MetaVisitor) -> None:
        """Visit what contributes to ``frame``."""
        visitor.enter(frame, self)
        for node in self.inputs:
            if visitor.descend(self, node):
                node.meta(frame, visitor)
        visitor.leave(frame, self)

    def input_frame(self, index: int, frame: int) -> int:
        """The frame asked of input ``index`` to show ``frame``."""
        return frame

    def map_to_output(self, index: int, frames: Sequence[int]) -> list[int]:
        """Frames of input ``index`` as frames of this node."""
        return list(frames)

    # -- how changes travel -----------------------------------------------------------------

    def propagate_range(self) -> None:
        """The range changed: tell users, then the group's users."""
        if self.deleting:
            return
        self.spread_range()
        if self.group is not None:
            self.group.propagate_range()

    def spread_range(self) -> None:
        """Tell the users and theirs; most nodes have one, so those are a loop."""
        node = self
        while not node.deleting:
            users = node._users
            if not users:
                if node.group is None:
                    node.graph.range_changed(node)
                return
            if len(users) > 1:
                for user in node.outputs:
                    user.input_range_changed(node)
                    user.spread_range()
                return
            ((user, count),) = users.items()
            for _ in range(count - 1):
                user.input_range_changed(node)
                user.spread_range()
            user.input_range_changed(node)
            node = user

    def forget_ranges(self) -> None:
        """What users remember of this node's range is stale (no events)."""
        for user in self._users:
            user.input_range_stale(self)
            user.forget_ranges()

    def distrust_inputs(self) -> None:
        """Anything remembered of the inputs may be wrong: properties were written silently."""

    def input_range_stale(self, source: Node) -> None:
        """An input's range differs from what was remembered of it."""

    def propagate_structure(self) -> None:
        """The image size changed: tell users, then the group's users."""
        if self.deleting:
            return
        self.spread_structure()
        if self.group is not None:
            self.group.propagate_structure()

    def spread_structure(self) -> None:
        """Tell the users and theirs; most nodes have one, so those are a loop."""
        node = self
        while not node.deleting:
            users = node._users
            if not users:
                if node.group is None:
                    node.graph.structure_changed(node)
                return
            if len(users) > 1:
                for user in node.outputs:
                    user.input_structure_changed(node)
                    user.spread_structure()
                return
            ((user, count),) = users.items()
            for _ in range(count - 1):
                user.input_structure_changed(node)
                user.spread_structure()
            user.input_structure_changed(node)
            node = user

    def propagate_media(self) -> None:
        """The media changed: tell users, then the group's users."""
        if self.deleting:
            return
        self.spread_media()
        if self.group is not None:
            self.group.propagate_media()

    def spread_media(self) -> None:
        if self.deleting:
            return
        self.media_changed()
        if not self._users:
            if self.group is None:
                self.graph.media_changed(self)
            return
        for user in self.outputs:
            user.input_media_changed(self)
            user.spread_media()

    def media_changed(self) -> None:
        """This node's own media changed (sources tell the session)."""

    def input_range_changed(self, source: Node) -> None:
        """The range of an input changed: mark what is derived from it."""

    def input_structure_changed(self, source: Node) -> None:
        """The image size of an input changed."""

    def input_media_changed(self, source: Node) -> None:
        """The media of an input changed."""

    def components(self) -> Iterator[str]:
        """Component names, each once, in listing order."""
        return iter(dict.fromkeys(n.rpartition(".")[0] for n in self.props))

    def __repr__(self) -> str:
        return f"<{self.type} {self.name}>"


def _serial(node: Node) -> int:
    return node.serial


def _reaches(node: Node, target: Node, seen: dict[Node, bool]) -> bool:
    """Whether ``target`` is found going from ``node`` towards its inputs."""
    stack: list[Node] = [node]
    visited: set[Node] = set()
    while stack:
        n = stack.pop()
        if n is target or seen.get(n):
            seen[node] = True
            return True
        if n in visited or seen.get(n) is False:
            continue
        visited.add(n)
        stack.extend(n.inputs)
    for n in visited:
        seen[n] = False
    return False
