"""Views and nodes: section 6 of the vocabulary."""

from __future__ import annotations

from collections.abc import Iterable

from player.commands.context import Context
from player.commands.errors import CommandError, EngineError, PropertyError
from player.commands.registry import command
from player.commands.structs import MetaEvalInfo, NodeImageGeometry, NodeRangeInfo
from player.session.definitions import definitions
from player.session.errors import GraphError
from player.session.group import Adaptor, Group
from player.session.kinds.filesource import FileSource
from player.session.kinds.source import SourceGroup
from player.session.node import MetaVisitor, Node
from player.session.session import DEFAULT_VIEWS
from player.session.visitors import Closest, PathTo

__all__: list[str] = []


def _node(ctx: Context, name: str | None) -> Node | None:
    return ctx.session.graph.find(name) if name is not None else None


@command("viewNode() -> string", tier="A", doc="Name of the viewed node.")
def view_node(ctx: Context) -> str | None:
    view = ctx.session.view
    return view.name if view is not None else None


@command("setViewNode(string nodeName) -> void", tier="A", doc="View a node by name or ui name.")
def set_view_node(ctx: Context, nodeName: str | None) -> None:
    if nodeName is None:
        raise CommandError("nil view name")
    if not ctx.session.set_view(nodeName):
        raise CommandError("bad node name")


@command("viewNodes() -> string[]", tier="A", doc="Everything that can be viewed.")
def view_nodes(ctx: Context) -> list[str]:
    return ctx.session.graph.view_names()


@command("previousViewNode() -> string", tier="A", doc="The view before in the history.")
def previous_view_node(ctx: Context) -> str | None:
    return ctx.session.views.previous or None


@command("nextViewNode() -> string", tier="A", doc="The view after in the history.")
def next_view_node(ctx: Context) -> str | None:
    return ctx.session.views.following or None


@command("nodes() -> string[]", tier="A", doc="Names of all nodes, sorted.")
def nodes(ctx: Context) -> list[str]:
    return sorted(ctx.session.graph.nodes)


@command("nodesOfType(string typeName) -> string[]", tier="A", doc="Nodes of exactly that type.")
def nodes_of_type(ctx: Context, typeName: str | None) -> list[str]:
    if typeName is None:
        raise CommandError("nil tname")
    session = ctx.session
    if typeName == "View":
        return [session.view.name] if session.view is not None else []
    if typeName == "Session":
        return [session.node.name]
    types = ("RVFileSource", "RVImageSource") if typeName == "RVSource" else (typeName,)
    return [n.name for t in types for n in session.graph.by_type(t)]


@command(
    "nodeTypes(bool userVisibleOnly=false) -> string[]", tier="B", doc="All node types, sorted."
)
def node_types(ctx: Context, userVisibleOnly: bool = False) -> list[str]:
    known = definitions().values()
    return sorted(d.type for d in known if d.viewable or not userVisibleOnly)


@command("nodeType(string nodeName) -> string", tier="A", doc="Type of a node.")
def node_type(ctx: Context, nodeName: str | None) -> str:
    if nodeName is None:
        raise CommandError("nil node name")
    node = _node(ctx, nodeName)
    if node is None:
        raise CommandError(f'"{nodeName}" is not a node')
    return node.type


@command("nodeExists(string nodeName) -> bool", tier="A", doc="Whether there is such a node.")
def node_exists(ctx: Context, nodeName: str | None) -> bool:
    return _node(ctx, nodeName) is not None


@command("newNode(string nodeType, string nodeName=nil) -> string", tier="A", doc="Create a node.")
def new_node(ctx: Context, nodeType: str | None, nodeName: str | None = None) -> str:
    if nodeType is None:
        raise CommandError("nil node type")
    node = ctx.session.new_node(nodeType, nodeName or "")
    if node is None:
        raise CommandError(f"can't build node of type '{nodeType}'")
    return node.name


@command("deleteNode(string nodeName) -> void", tier="A", doc="Delete a node or group.")
def delete_node(ctx: Context, nodeName: str | None) -> None:
    if nodeName is None:
        raise CommandError("nil node name")
    node = ctx.session.graph.find(nodeName)
    if node is None:
        raise CommandError("bad node name")
    if node.name in DEFAULT_VIEWS:
        raise CommandError("can't delete default views")
    fixed = (ctx.session.node, ctx.session.view_group, ctx.session.display, ctx.session.graph.root)
    if node in fixed or (node.group is not None and node.group.needs(node)):
        raise EngineError(f"{node.name} cannot be deleted")
    ctx.session.delete_node(node)


def _inputs(
    ctx: Context, name: str | None, inputs: list[str | None], nil: str
) -> tuple[Node | None, list[Node]]:
    if name is None:
        raise CommandError("nil node name")
    if inputs is None:
        raise PropertyError("nil argument to function")
    found: list[Node] = []
    for text in inputs:
        if text is None:
            raise CommandError(nil)
        node = ctx.session.graph.find(text)
        if node is None:
            raise CommandError("can't find a node")
        found.append(node)
    target = ctx.session.graph.find(name)
    if target is not None and target.group is not None:
        raise CommandError("top level nodes only")
    return target, found


@command(
    "setNodeInputs(string nodeName, string[] inputNodes) -> void",
    tier="A",
    doc="Replace the inputs of a top level node.",
)
def set_node_inputs(ctx: Context, nodeName: str | None, inputNodes: list[str | None]) -> None:
    target, found = _inputs(ctx, nodeName, inputNodes, "nil in input array")
    if target is None:
        return
    if found == target.inputs:
        return
    if target.test_inputs(found):
        raise CommandError("failed")
    try:
        target.set_inputs(found)
    except GraphError:
        raise CommandError("failed") from None


@command(
    "testNodeInputs(string nodeName, string[] inputNodes) -> string",
    tier="A",
    doc="Why inputs would be refused; nil when they would not.",
)
def test_node_inputs(
    ctx: Context, nodeName: str | None, inputNodes: list[str | None]
) -> str | None:
    target, found = _inputs(ctx, nodeName, inputNodes, "nil in inputs array")
    return (target.test_inputs(found) or None) if target is not None else None


def _behind(node: Node) -> Node:
    """The innermost output member of a group."""
    while isinstance(node, Group) and node.root is not None:
        node = node.root
    return node


@command(
    "nodeConnections(string nodeName, bool traverseGroups=false) -> (string[],string[])",
    tier="A",
    doc="Names of a node's inputs and outputs.",
)
def node_connections(
    ctx: Context, nodeName: str | None, traverseGroups: bool = False
) -> tuple[list[str], list[str]] | None:
    if nodeName is None:
        raise CommandError("no node name specified")
    node = ctx.session.graph.find(nodeName)
    if node is None:
        return None
    outputs = node.outputs
    if not outputs and node.group is not None:
        outputs = node.group.outputs
        source: Node = node.group
    else:
        source = node
    inputs = list(node.inputs)
    if traverseGroups:
        inputs = [_behind(n) for n in inputs]
        opened: list[Node] = []
        for user in outputs:
            if isinstance(user, Group):
                for adaptor in user.adaptors_of(source):
                    opened.extend(adaptor.outputs)
            else:
                opened.append(user)
        outputs = opened
    return [n.name for n in inputs], [n.name for n in outputs]


@command("nodeGroup(string nodeName) -> string", tier="A", doc="The enclosing group.")
def node_group(ctx: Context, nodeName: str | None) -> str | None:
    if nodeName is None:
        raise CommandError("no node name specified")
    node = _node(ctx, nodeName)
    return node.group.name if node is not None and node.group is not None else None


def _group(ctx: Context, name: str | None) -> Group | None:
    if name is None:
        raise CommandError("no node name specified")
    node = ctx.session.graph.find(name)
    if node is None:
        return None
    if not isinstance(node, Group):
        raise CommandError("node name specified is not a group")
    return node


@command("nodeGroupRoot(string nodeName) -> string", tier="B", doc="Output member of a group.")
def node_group_root(ctx: Context, nodeName: str | None) -> str | None:
    group = _group(ctx, nodeName)
    return group.root.name if group is not None and group.root is not None else None


@command("nodesInGroup(string nodeName) -> string[]", tier="A", doc="Members of a group, sorted.")
def nodes_in_group(ctx: Context, nodeName: str | None) -> list[str] | None:
    group = _group(ctx, nodeName)
    return sorted(m.name for m in group.members) if group is not None else None


@command("nodeRangeInfo(string nodeName) -> NodeRangeInfo", tier="A", doc="Range at a node.")
def node_range_info(ctx: Context, nodeName: str | None) -> NodeRangeInfo:
    if nodeName is None:
        raise CommandError("nil node name")
    node = _node(ctx, nodeName)
    if node is None:
        raise CommandError("node name not found")
    i = node.range_info()
    return NodeRangeInfo(i.start, i.end, i.inc, i.fps, i.cut_in, i.cut_out, False)


@command(
    "nodeImageGeometry(string nodeName, int frame) -> NodeImageGeometry",
    tier="A",
    doc="Picture size at a node.",
)
def node_image_geometry(ctx: Context, nodeName: str | None, frame: int) -> NodeImageGeometry:
    if nodeName is None:
        raise CommandError("nil node name")
    node = _node(ctx, nodeName)
    if node is None:
        raise CommandError("node name not found")
    s = node.struct_info(frame)
    return NodeImageGeometry(s.width, s.height, s.pixel_aspect, list(s.orientation))


def _infos(found: Iterable[tuple[int, Node]], unique: bool) -> list[MetaEvalInfo]:
    pairs = list(found)
    if unique:
        pairs = list(dict.fromkeys(pairs))
    return [MetaEvalInfo(n.name, n.type, frame) for frame, n in pairs]


class _All(MetaVisitor):
    def __init__(self) -> None:
        self.found: list[tuple[int, Node]] = []

    def enter(self, frame: int, node: Node) -> None:
        self.found.append((frame, node))


@command(
    "metaEvaluate(int frame, string root=nil, string leaf=nil, bool unique=true) -> MetaEvalInfo[]",
    tier="A",
    doc="Nodes taking part in a frame, with their frame numbers.",
)
def meta_evaluate(
    ctx: Context,
    frame: int,
    root: str | None = None,
    leaf: str | None = None,
    unique: bool = True,
) -> list[MetaEvalInfo]:
    session = ctx.session
    start = session.view if root is None else session.graph.find(root)
    if start is None:
        raise CommandError("Bad node name")
    if leaf is None:
        everything = _All()
        start.meta(frame, everything)
        return _infos(everything.found, unique)
    end = session.graph.find(leaf)
    if end is None:
        raise CommandError("Bad node name")
    path = PathTo(end)
    assert session.graph.root is not None
    session.graph.root.meta(frame, path)
    return _infos(path.path, unique)


@command(
    "metaEvaluateClosestByType(int frame, string typeName, string root=nil, bool unique=true)"
    " -> MetaEvalInfo[]",
    tier="A",
    doc="The closest nodes of a type taking part in a frame.",
)
def meta_evaluate_closest_by_type(
    ctx: Context,
    frame: int,
    typeName: str | None,
    root: str | None = None,
    unique: bool = True,
) -> list[MetaEvalInfo]:
    start = ctx.session.graph.root if root is None else ctx.session.graph.find(root)
    if start is None:
        raise CommandError("Bad node name")
    if typeName is None:
        raise CommandError("nil type name")
    closest = Closest(typeName)
    start.meta(frame, closest)
    return _infos(closest.found, unique)


@command(
    "closestNodesOfType(string typeName, string root=nil, int depth=0) -> string[]",
    tier="B",
    doc="The nearest nodes of a type by topology.",
)
def closest_nodes_of_type(
    ctx: Context, typeName: str | None, root: str | None = None, depth: int = 0
) -> list[str]:
    start = ctx.session.graph.root if root is None else ctx.session.graph.find(root)
    if start is None:
        raise CommandError("Bad node name")
    if typeName is None:
        raise CommandError("nil type name")
    found: dict[str, None] = {}
    best: dict[Node, int] = {}
    stack: list[tuple[Node, int]] = [(start, 0)]
    while stack:
        node, passed = stack.pop()
        if passed > depth or best.get(node, 1 << 30) <= passed:
            continue
        best[node] = passed
        if node.type == typeName:
            found[node.name] = None
            passed += 1
        if isinstance(node, Adaptor):
            below = [node.source] if node.source is not None else []
        elif isinstance(node, Group):
            below = [node.root] if node.root is not None else []
        else:
            below = list(node.inputs)
        stack.extend((child, passed) for child in reversed(below))
    return list(found)


@command(
    "flushCachedNode(string nodeName, bool fileDataAlso=false) -> void",
    tier="B",
    doc="Drop cached pictures of a node's group.",
)
def flush_cached_node(ctx: Context, nodeName: str | None, fileDataAlso: bool = False) -> None:
    if nodeName is None:
        raise CommandError("nil node name")
    node = ctx.session.graph.find(nodeName)
    group = node if node is None or isinstance(node, Group) else node.group
    if group is None:
        return
    ctx.ports.cache.flush()
    if fileDataAlso and isinstance(group, SourceGroup) and isinstance(group.source, FileSource):
        for name in group.source.media_names:
            ctx.ports.media.forget(name)


@command("nextUIName(string uiName) -> string", tier="B", doc="The name with a growing number.")
def next_ui_name(ctx: Context, uiName: str | None) -> str:
    if uiName is None:
        raise CommandError("nil property name")
    return ctx.session.next_ui_name(uiName)


@command(
    "writeNodeDefinition(string nodeName, string fileName, bool inlineSourceCode=true) -> void",
    tier="C",
    doc="Node types cannot be written: there are no shader sources.",
)
def write_node_definition(
    ctx: Context, nodeName: str | None, fileName: str | None, inlineSourceCode: bool = True
) -> None:
    if nodeName is None:
        raise CommandError("nil typeName argument")
    if nodeName not in definitions():
        raise CommandError(f"unknown node type '{nodeName}'")
    raise CommandError("No writable nodes.")


@command(
    "writeAllNodeDefinitions(string fileName, bool inlineSourceCode=true) -> void",
    tier="C",
    doc="Node types cannot be written: there are no shader sources.",
)
def write_all_node_definitions(
    ctx: Context, fileName: str | None, inlineSourceCode: bool = True
) -> None:
    if fileName is None:
        raise CommandError("nil fileName argument")
    raise CommandError("No writable nodes.")


@command(
    "updateNodeDefinition_(string defitionName) -> void",
    tier="C",
    doc="Node types have no shader sources that could be compiled anew.",
)
def update_node_definition(ctx: Context, defitionName: str | None) -> None:
    if defitionName is None or defitionName not in definitions():
        raise CommandError(f'"{defitionName or ""}" is not a node type')
    raise CommandError("bad arg to rebuildShader")


@command("editNodeSource(string nodeName) -> void", tier="C", doc="There is no shader editor.")
def edit_node_source(ctx: Context, nodeName: str | None) -> None:
    if nodeName is None:
        raise CommandError("valid nodeName required")
