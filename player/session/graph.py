"""The graph: every node by name, how they are connected, and who is told of changes.

Theory of operation. The graph makes and forgets nodes, keeps them by name and by type, and turns
what happens to them into RV's graph events, in RV's order. It knows nothing of time or of
sources: the session injects what the nodes need (``hooks``). A change that arrives at the root
marks the range dirty (``graph-range-change`` never reaches scripts) or becomes
``image-structure-change`` or ``media-change``.

Names: looked up only as far as the first character outside ``[A-Za-z0-9_]``; a name that is
taken gets its six-digit or trailing number incremented, or ``000002`` appended.

Source: Open RV ``src/lib/ip/IPCore/IPGraph.cpp``, ``src/lib/app/RvApp/RvGraph.cpp``.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from player.session.definitions import NodeDefinition, PropSpec, definition
from player.session.errors import GraphError, SessionError
from player.session.group import Group
from player.session.node import Node
from player.session.ports import LookUpTable, MediaInfo, NullPixelStore, PixelStore
from player.session.properties import SCALAR, Property, PropType
from player.session.timeline.playback import Emit

if TYPE_CHECKING:
    from player.session.kinds.source import Source

__all__ = ["Graph", "GraphHooks", "canonical_name"]

_CANONICAL = re.compile(r"[A-Za-z0-9_]*")
_MIDDLE = re.compile(r"(.*[^0-9])([0-9]{6})([^0-9].*)", re.S)
_END = re.compile(r"(.*[^0-9])([0-9]+)", re.S)


def canonical_name(name: str) -> str:
    """The part of a name that counts: up to the first character a name cannot have."""
    match = _CANONICAL.match(name)
    return match[0] if match else ""


def _no_table(path: str, power_of_two: bool, samples: int) -> tuple[str, LookUpTable]:
    raise SessionError(f"Unable to read lut: '{path}'")


@dataclass(slots=True)
class GraphHooks:
    """What the nodes need from outside the graph."""

    probe: Callable[[str], MediaInfo | None] = lambda path: None
    parameters: Callable[[str, Sequence[tuple[str, str]]], None] = lambda path, pairs: None
    frame: Callable[[], int] = lambda: 1
    media_changed: Callable[[Source], None] = lambda source: None
    warn: Callable[[str], None] = lambda text: None
    wants: Callable[[str], bool] = lambda name: True
    pixels: PixelStore = field(default_factory=NullPixelStore)
    correction: Callable[[str], dict[str, list[float]]] = lambda path: {}
    table: Callable[[str, bool, int], tuple[str, LookUpTable]] = _no_table
    colour_config: Callable[[], tuple[str, str]] = lambda: ("", "")
    bare_types: frozenset[str] = frozenset()


class Graph:
    """Nodes by name, with indexes by type, of what can be viewed and of their ui names."""

    def __init__(self, emit: Emit, hooks: GraphHooks | None = None) -> None:
        self.emit = emit
        self.hooks = hooks if hooks is not None else GraphHooks()
        self.nodes: dict[str, Node] = {}
        self.views: dict[str, Node] = {}
        self.ui_names: dict[str, int] = {}
        self.ui_hints: dict[str, int] = {}
        self.root: Node | None = None
        self.range_dirty = False
        self.serial = 0
        self.revision = 0
        self._by_type: dict[str, dict[str, Node]] = {}
        self._noted: dict[str, str] = {}
        self._recipes: dict[str, tuple[type[Node], NodeDefinition]] = {}

    # -- finding -------------------------------------------------------------------------------

    def find(self, name: str) -> Node | None:
        """The node of a name (cut at the first illegal character)."""
        found = self.nodes.get(name)
        return found if found is not None else self.nodes.get(canonical_name(name))

    def exact(self, name: str) -> Node | None:
        """The node of exactly this name."""
        return self.nodes.get(name)

    def find_by_ui_name(self, text: str) -> Node | None:
        """The first node (by name) whose ui name is the canonical part of ``text``."""
        wanted = canonical_name(text)
        matches = [n for n in self.nodes.values() if n.ui_name == wanted]
        return min(matches, key=lambda n: n.name) if matches else None

    def by_type(self, type: str) -> list[Node]:
        """Nodes of a type, sorted by name."""
        found = self._by_type.get(type)
        return [found[n] for n in sorted(found)] if found else []

    def has_type(self, type: str) -> bool:
        return bool(self._by_type.get(type))

    def view_names(self) -> list[str]:
        """Names of everything that can be viewed, sorted."""
        return sorted(self.views)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes.values())

    def __len__(self) -> int:
        return len(self.nodes)

    # -- making and forgetting -----------------------------------------------------------------

    def unique_name(self, name: str) -> str:
        """``name`` made legal, and different from every node's name."""
        nodes = self.nodes
        if name not in nodes and name.isidentifier() and name.isascii():
            return name
        name = canonical_name(name)
        while name in nodes:
            match = _MIDDLE.fullmatch(name)
            if match is not None:
                head, number, tail = match.groups()
            else:
                match = _END.fullmatch(name)
                if match is None:
                    name += "000002"
                    continue
                head, number, tail = match[1], match[2], ""
            n = int(number) + 1
            while f"{head}{n:06d}{tail}" in nodes:
                n += 1
            return f"{head}{n:06d}{tail}"
        return name

    def definition(self, type: str) -> NodeDefinition | None:
        """The definition of a type, reduced where the profile has only a stand-in."""
        found = definition(type)
        if found is not None and type in self.hooks.bare_types:
            spec = PropSpec("format.channels", PropType.STRING, SCALAR, ())
            return NodeDefinition(
                found.type, found.version, found.default_name, found.viewable, 1, {spec.name: spec}
            )
        return found

    def make(self, type: str, name: str, group: Group | None = None) -> Node | None:
        """A node without the event that tells of it; None for an unknown type."""
        recipe = self._recipes.get(type)
        if recipe is None:
            recipe = self._recipe(type)
            if recipe is None:
                return None
        kind, known = recipe
        node = kind(name or known.default_name, known, self, group)
        if kind.is_group:
            assert isinstance(node, Group)
            node.build()
        return node

    def _recipe(self, type: str) -> tuple[builtins.type[Node], NodeDefinition] | None:
        """The class and the definition of a type, found once."""
        from player.session.kinds import kind_of

        known = self.definition(type)
        if known is None:
            return None
        found = self._recipes[type] = kind_of(type), known
        return found

    def new_node(self, type: str, name: str, group: Group | None = None) -> Node | None:
        """A node, told by ``graph-new-node``; None for an unknown type."""
        node = self.make(type, name, group)
        if node is None:
            return None
        if group is None and node.definition.viewable:
            self.add_view(node)
        if self.hooks.wants("graph-new-node"):
            self.emit("graph-new-node", node.name, self._description(node))
        return node

    @staticmethod
    def _description(node: Node) -> tuple[str, ...]:
        group = node.group.name if node.group is not None else ""
        return (node.name, node.type, str(node.version), group)

    def register(self, node: Node) -> None:
        name = node.name
        if name in self.nodes:
            raise GraphError(f"node {name} exists already")
        self.nodes[name] = node
        same = self._by_type.get(node.type)
        if same is None:
            same = self._by_type[node.type] = {}
        same[name] = node
        self.revision += 1

    def forget(self, node: Node) -> None:
        if self.nodes.get(node.name) is node:
            del self.nodes[node.name]
            del self._by_type[node.type][node.name]
        if self.views.get(node.name) is node:
            del self.views[node.name]
            self._unname(node)
        self.revision += 1

    def add_view(self, node: Node) -> None:
        """Make a node one that can be viewed."""
        self.views[node.name] = node
        self.note_ui_name(node)

    def delete(self, node: Node) -> None:
        """Delete a node with its members, with events."""
        info = self._description(node)
        self.emit("graph-before-delete-node", info[0], info)
        node.will_delete()
        node.set_inputs([])
        node.destroy()
        self.emit("graph-after-delete-node", info[0], info)

    def drop_everything(self) -> None:
        """Disconnect and forget all nodes: what clearing does before the new defaults."""
        views = [self.views[n] for n in sorted(self.views)]
        for node in views:
            node.will_delete()
            node.set_inputs([])
        for node in views:
            while node.outputs:
                node.outputs[0].remove_input(node)
        for node in self.by_type("RVImageSource"):
            self.pixels.remove(node.name)
        for node in self.nodes.values():
            node.unlink()
        self.nodes.clear()
        self.views.clear()
        self.ui_names.clear()
        self.ui_hints.clear()
        self._by_type.clear()
        self._noted.clear()
        self.root = None
        self.revision += 1

    # -- ui names ------------------------------------------------------------------------------

    def note_ui_name(self, node: Node) -> None:
        """A node that can be viewed got its name: keep the count of names."""
        if self.views.get(node.name) is not node:
            return
        name = node.ui_name
        if self._noted.get(node.name) == name:
            return
        self._unname(node)
        self._noted[node.name] = name
        self.ui_names[name] = self.ui_names.get(name, 0) + 1

    def _unname(self, node: Node) -> None:
        old = self._noted.pop(node.name, None)
        if old is None:
            return
        left = self.ui_names.get(old, 0) - 1
        if left > 0:
            self.ui_names[old] = left
        else:
            self.ui_names.pop(old, None)
            if old:
                self.ui_hints.clear()

    def set_ui_name(self, node: Node, text: str) -> None:
        """Write ``ui.name`` without events, making it when needed."""
        if node.has("ui.name"):
            node.assign("ui.name", [text])
        else:
            node.add(Property("ui.name", PropType.STRING, [text]))

    # -- what nodes ask for --------------------------------------------------------------------

    @property
    def pixels(self) -> PixelStore:
        return self.hooks.pixels

    def probe(self, path: str) -> MediaInfo | None:
        return self.hooks.probe(path)

    def frame(self) -> int:
        return self.hooks.frame()

    def warn(self, text: str) -> None:
        self.hooks.warn(text)

    def source_media_changed(self, source: Source) -> None:
        self.hooks.media_changed(source)

    # -- what nodes tell -----------------------------------------------------------------------

    def property_changed(self, node: Node, prop: Property) -> None:
        node.touch()
        if prop.name == "ui.name":
            self.note_ui_name(node)
        if self.hooks.wants("graph-state-change"):
            self.emit("graph-state-change", f"{node.name}.{prop.name}")

    @staticmethod
    def _shape(prop: Property) -> str:
        return f"{prop.type.word};{','.join(str(n) for n in prop.dims)}"

    def property_created(self, node: Node, prop: Property) -> None:
        node.touch()
        self.emit("graph-new-property", f"{self._shape(prop)};{node.name}.{prop.name}")

    def property_will_delete(self, node: Node, prop: Property) -> None:
        self.emit("graph-property-will-delete", f"{self._shape(prop)};{node.name}.{prop.name}")

    def property_deleted(self, full_name: str) -> None:
        self.emit("graph-property-did-delete", full_name)

    def will_insert(self, node: Node, prop: Property, index: int, size: int) -> None:
        self.emit("graph-state-will-insert", f"{node.name}.{prop.name};{index};{size}")

    def did_insert(self, node: Node, prop: Property, index: int, size: int) -> None:
        node.touch()
        self.emit("graph-state-change-insert", f"{node.name}.{prop.name};{index};{size}")

    def inputs_changed(self, node: Node) -> None:
        if node.group is None:
            self.emit("graph-node-inputs-changed", node.name)

    def range_changed(self, node: Node) -> None:
        if node is self.root:
            self.range_dirty = True

    def structure_changed(self, node: Node) -> None:
        if node is self.root:
            self.emit("image-structure-change")

    def media_changed(self, node: Node) -> None:
        if node is self.root:
            self.emit("media-change")

    def connections(self, toplevel: bool) -> list[tuple[str, str]]:
        """(input, node) pairs in the direction data flows, by node name."""
        pairs: list[tuple[str, str]] = []
        for name in sorted(self.nodes):
            node = self.nodes[name]
            if node.type in ("Root", "AudioWaveform") or not _written(node):
                continue
            if toplevel and node.group is not None:
                continue
            pairs.extend((i.name, name) for i in node.inputs if _written(i))
        return pairs

    def described(self) -> dict[str, Any]:
        """Counts, for statistics."""
        return {"nodes": len(self.nodes), "views": len(self.views)}


def _written(node: Node) -> bool:
    """Whether session files hold the node (a member also needs its groups to be written)."""
    at: Node | None = node
    while at is not None:
        if not at.writable:
            return False
        at = at.group
    return True
