"""``extra_commands`` about nodes, sources and properties (``mu_rvui/extra_commands``)."""

from __future__ import annotations

from typing import Any

from player.commands.calling import Calls
from player.commands.context import Context
from player.commands.errors import EngineError
from player.commands.registry import command
from player.commands.structs import MetaEvalInfo

__all__ = ["sequence_boundaries", "set_ui_name", "source_frame", "ui_name"]

MODULE = "extra_commands"
_SOURCES = ("RVFileSource", "RVImageSource")
_LIMIT = 100_000


@command(
    "sequenceBoundaries(string node=nil) -> int[]",
    tier="B",
    module=MODULE,
    section="range",
    doc="Global start frames of a sequence's cuts, the end boundary included.",
)
def sequence_boundaries(ctx: Context, node: str | None) -> list[int]:
    c = Calls(ctx)
    return list(c.mapPropertyToGlobalFrames("edl.frame", 1, c.viewNode() if node is None else node))


@command(
    "findAnnotatedFrames(string node=nil) -> int[]",
    tier="C",
    module=MODULE,
    section="range",
    doc="Frames with paint strokes, relative to the node (default: the view).",
)
def find_annotated_frames(ctx: Context, node: str | None) -> list[int]:
    c = Calls(ctx)
    root = c.viewNode() if node is None else node
    bounds = sequence_boundaries(ctx, None) or [c.frameStart()]
    made: list[str] = []
    for frame in bounds:
        for info in c.metaEvaluate(frame, root):
            name = f"{info.node}.find.frames"
            if info.nodeType != "RVPaint" or c.propertyExists(name):
                continue
            found = []
            for prop in c.properties(info.node):
                head, _, last = prop.rpartition(".")
                kind, _, number = head.rpartition(".")[2].partition(":")
                is_order = kind == "frame" and last == "order" and number.lstrip("-").isdigit()
                if is_order and c.propertyInfo(prop).size > 0:
                    found.append(int(number))
            _set(ctx, name, 2, found)
            made.append(name)
    frames = list(c.mapPropertyToGlobalFrames("find.frames", 1, None))
    for name in made:
        if c.propertyExists(name):
            c.deleteProperty(name)
    return frames


@command(
    "currentImageAspect() -> float",
    tier="B",
    module=MODULE,
    section="sources",
    doc="Width / height of the current image.",
)
def current_image_aspect(ctx: Context) -> float:
    width, height = Calls(ctx).getCurrentImageSize()
    if height:
        return float(width) / float(height)
    return float("inf") if width else float("nan")


@command(
    "sourceImageStructure(string n, string m=nil) -> (int, int, int, int, bool, int)",
    tier="B",
    module=MODULE,
    section="sources",
    doc="(width, height, bits, channels, is float, planes) of a source's media.",
)
def source_image_structure(
    ctx: Context, node: str, media: str | None
) -> tuple[int, int, int, int, bool, int] | None:
    info = Calls(ctx).sourceMediaInfo(node, media)
    if info is None:
        return None
    return (
        info.uncropWidth,
        info.uncropHeight,
        info.bitsPerChannel,
        info.channels,
        info.isFloat,
        info.planes,
    )


@command(
    "sourceMetaInfoAtFrame(int atframe, string root=nil) -> MetaEvalInfo",
    tier="B",
    module=MODULE,
    section="sources",
    doc="The first source evaluated at a frame; nil when there is none.",
)
def source_meta_info_at_frame(ctx: Context, frame: int, root: str | None) -> MetaEvalInfo | None:
    for info in Calls(ctx).metaEvaluate(frame, root):
        if info.nodeType in _SOURCES:
            found: MetaEvalInfo = info
            return found
    return None


@command(
    "sourceFrame(int atframe, string root=nil) -> int",
    tier="B",
    module=MODULE,
    section="sources",
    doc="The source's frame at a frame of the view.",
)
def source_frame(ctx: Context, frame: int, root: str | None) -> int:
    info = source_meta_info_at_frame(ctx, frame, root)
    return frame if info is None else info.frame


@command(
    "isSessionEmpty() -> bool",
    tier="A",
    module=MODULE,
    section="sources",
    doc="Whether there are no sources.",
)
def is_session_empty(ctx: Context) -> bool:
    return not Calls(ctx).sources()


@command(
    "reloadInOut() -> void",
    tier="B",
    module=MODULE,
    section="sources",
    doc="Reload the frames between in and out.",
)
def reload_in_out(ctx: Context) -> None:
    c = Calls(ctx)
    c.reload(c.inPoint(), c.outPoint())


@command(
    "loadCurrentSourcesChangedFrames() -> void",
    tier="B",
    module=MODULE,
    section="sources",
    doc="Reload the changed frames of the current file sources.",
)
def load_current_sources_changed_frames(ctx: Context) -> None:
    c = Calls(ctx)
    names = [info.node for info in c.metaEvaluateClosestByType(c.frame(), "RVFileSource")]
    if names:
        c.loadChangedFrames(names)


@command(
    'nodesUnderPointer(Event event, string typeName="") -> string[][]',
    tier="C",
    module=MODULE,
    section="pixels",
    doc="Evaluation paths under the pointer: none without one.",
)
def nodes_under_pointer(ctx: Context, event: Any, kind: str | None) -> list[list[str]]:
    return []


# -- nodes -------------------------------------------------------------------------------


@command(
    "associatedNodes(string typeName, string nodeName) -> string[]",
    tier="A",
    module=MODULE,
    section="nodes",
    doc="Nodes of a type reachable from a node along the outputs, depth first.",
)
def associated_nodes(ctx: Context, kind: str, node: str) -> list[str]:
    c = Calls(ctx)
    wanted = (kind or "").removeprefix("#")
    found: list[str] = []
    visited = 0

    def walk(name: str) -> None:
        nonlocal visited
        visited += 1
        if visited > _LIMIT:
            raise EngineError("associatedNodes: the graph has too many paths")
        if c.nodeType(name) == wanted:
            found.append(name)
        for output in c.nodeConnections(name, True)[1]:
            walk(output)

    walk(node)
    return found


@command(
    "associatedNode(string typeName, string nodeName) -> string",
    tier="A",
    module=MODULE,
    section="nodes",
    doc='The first of associatedNodes, or "".',
)
def associated_node(ctx: Context, kind: str, node: str) -> str:
    found = associated_nodes(ctx, kind, node)
    return found[0] if found else ""


@command(
    'nodesInEvalPath(int frame, string typeName="", string nodeName=nil) -> string[]',
    tier="A",
    module=MODULE,
    section="nodes",
    doc="Nodes evaluated between the view and the leaves (or a node), of a type or all.",
)
def nodes_in_eval_path(ctx: Context, frame: int, kind: str | None, node: str | None) -> list[str]:
    c = Calls(ctx)
    wanted = kind or ""
    types = _SOURCES if wanted == "RVSource" else (wanted,)
    return [
        info.node
        for info in c.metaEvaluate(frame, c.viewNode(), node)
        if not wanted or info.nodeType in (*types, wanted)
    ]


@command(
    "topLevelGroup(string innode) -> string",
    tier="A",
    module=MODULE,
    section="nodes",
    doc="The outermost group a node is in; nil for a top level node.",
)
def top_level_group(ctx: Context, node: str) -> str | None:
    c = Calls(ctx)
    group: str | None = c.nodeGroup(node)
    while group is not None:
        outer = c.nodeGroup(group)
        if outer is None:
            break
        group = outer
    return group


@command(
    "nodesInGroupOfType(string groupNode, string typeName) -> string[]",
    tier="A",
    module=MODULE,
    section="nodes",
    doc="Members of a group of exactly that type (RVSource: both kinds of source).",
)
def nodes_in_group_of_type(ctx: Context, group: str, kind: str) -> list[str]:
    c = Calls(ctx)
    types = _SOURCES if kind in ("RVSource", "#RVSource") else (kind,)
    return [name for name in c.nodesInGroup(group) or [] if c.nodeType(name) in types]


@command(
    "uiName(string innode) -> string",
    tier="A",
    module=MODULE,
    section="nodes",
    doc="The name people see: ui.name of the outermost group, else the node's name.",
)
def ui_name(ctx: Context, node: str) -> str:
    c = Calls(ctx)
    outer = top_level_group(ctx, node) or node
    name = f"{outer}.ui.name"
    if c.propertyExists(name):
        values: list[str] = c.getStringProperty(name)
        if values:
            return values[0]
    return outer


@command(
    "setUIName(string node, string val) -> void",
    tier="A",
    module=MODULE,
    section="nodes",
    doc="Name a node for people; a name asked for twice gets a number.",
)
def set_ui_name(ctx: Context, node: str, value: str) -> None:
    c = Calls(ctx)
    unique = c.nextUIName(value)
    name = f"{node}.ui.name"
    if not c.propertyExists(name):
        c.newProperty(name, 8, 1)
    _set(ctx, name, 8, [unique])


@command(
    "isViewNode(string name) -> bool",
    tier="A",
    module=MODULE,
    section="nodes",
    doc="Whether a node is in viewNodes().",
)
def is_view_node(ctx: Context, name: str) -> bool:
    return name in Calls(ctx).viewNodes()


@command(
    "cycleNodeInputs(string node, bool forward) -> void",
    tier="B",
    module=MODULE,
    section="nodes",
    doc="Rotate a node's inputs by one.",
)
def cycle_node_inputs(ctx: Context, node: str, forward: bool) -> None:
    c = Calls(ctx)
    inputs = c.nodeConnections(node, False)[0]
    if inputs:
        turn = 1 if forward else len(inputs) - 1
        c.setNodeInputs(node, [inputs[(i - turn) % len(inputs)] for i in range(len(inputs))])


def _pop(ctx: Context, node: str, index: int) -> None:
    c = Calls(ctx)
    inputs = list(c.nodeConnections(node, False)[0])
    if not -len(inputs) <= index < len(inputs):
        raise EngineError(f"popInputToTop: {node} has no input {index}")
    inputs.insert(0, inputs.pop(index))
    c.setNodeInputs(node, inputs)


@command(
    "popInputToTop(string node, int index) -> void",
    tier="B",
    module=MODULE,
    section="nodes",
    doc="Move the input with an index to the front.",
)
def pop_input_to_top(ctx: Context, node: str, index: int) -> None:
    _pop(ctx, node, index)


@command(
    "popInputToTop(string node, string input) -> void",
    tier="B",
    module=MODULE,
    section="nodes",
    doc="Move the input with a name to the front.",
)
def pop_named_input_to_top(ctx: Context, node: str, name: str) -> None:
    inputs = Calls(ctx).nodeConnections(node, False)[0]
    for index, candidate in enumerate(inputs):
        if candidate == name:
            _pop(ctx, node, index)


@command(
    "inputNodeUserNameAtFrame(int frame, string node) -> string",
    tier="B",
    module=MODULE,
    section="nodes",
    doc='Names of the node\'s inputs evaluated at a frame, joined by " / ".',
)
def input_node_user_name_at_frame(ctx: Context, frame: int, node: str) -> str:
    inputs = Calls(ctx).nodeConnections(node, False)[0]
    active = [i for n in nodes_in_eval_path(ctx, frame, "", None) for i in inputs if i == n]
    if len(active) > 3:
        return f"{len(active)} things"
    return " / ".join(ui_name(ctx, name) for name in active)


@command(
    "inputNodeUserNameAtFrame(int frame) -> string",
    tier="B",
    module=MODULE,
    section="nodes",
    doc="The same for the view node.",
)
def input_view_user_name_at_frame(ctx: Context, frame: int) -> str:
    return input_node_user_name_at_frame(ctx, frame, Calls(ctx).viewNode())


@command(
    "minorModeIsLoaded(string nm) -> bool",
    tier="C",
    module=MODULE,
    section="nodes",
    doc="Whether a package's minor mode is loaded: no packages are.",
)
def minor_mode_is_loaded(ctx: Context, name: str) -> bool:
    modes = getattr(ctx.session.ui.data, "minorModes", None) or []
    return any(getattr(mode, "_modeName", None) == name for mode in modes)


@command(
    "associatedVideoDevice(string displayGroup) -> string",
    tier="B",
    module=MODULE,
    section="nodes",
    doc='Device name of a display group, "" for other nodes.',
)
def associated_video_device(ctx: Context, group: str) -> str:
    c = Calls(ctx)
    if c.nodeType(group) != "RVDisplayGroup":
        return ""
    return str(c.getStringProperty(f"{group}.device.name")[0])


@command(
    "setDisplayProfilesFromSettings() -> string[]",
    tier="C",
    module=MODULE,
    section="nodes",
    doc="Assign stored display profiles: none are stored.",
)
def set_display_profiles_from_settings(ctx: Context) -> list[str]:
    return []


# -- properties --------------------------------------------------------------------------

_SETTERS = {1: "setFloatProperty", 2: "setIntProperty", 8: "setStringProperty"}


def _create(ctx: Context, name: str, kind: int) -> None:
    c = Calls(ctx)
    if not c.propertyExists(name):
        c.newProperty(name, kind, 1)


def _set(ctx: Context, name: str, kind: int, values: list[Any]) -> None:
    _create(ctx, name, kind)
    getattr(Calls(ctx), _SETTERS[kind])(name, values, True)


@command(
    "cprop(string name, int propType) -> void",
    tier="B",
    module=MODULE,
    section="properties",
    doc="Create a property of width 1 if it is missing.",
)
def cprop(ctx: Context, name: str, kind: int) -> None:
    _create(ctx, name, kind)


def _register_set(mu: str, kind: int, many: bool) -> None:
    def run(ctx: Context, name: str, value: Any) -> None:
        _set(ctx, name, kind, list(value) if many else [value])

    command(
        f"set(string name, {mu} value) -> void",
        tier="A",
        module=MODULE,
        section="properties",
        doc="Set a property, creating and resizing it as needed.",
    )(run)


for _mu, _kind, _many in (
    ("float[]", 1, True),
    ("int[]", 2, True),
    ("string[]", 8, True),
    ("float", 1, False),
    ("int", 2, False),
    ("string", 8, False),
):
    _register_set(_mu, _kind, _many)


@command(
    "appendToProp(string name, string value) -> void",
    tier="B",
    module=MODULE,
    section="properties",
    doc="Append to a string property, creating it if missing.",
)
def append_to_prop(ctx: Context, name: str, value: str) -> None:
    _create(ctx, name, 8)
    _set(ctx, name, 8, [*Calls(ctx).getStringProperty(name), value])


@command(
    "removeFromProp(string name, string value) -> void",
    tier="B",
    module=MODULE,
    section="properties",
    doc="Remove all equal strings of a property.",
)
def remove_from_prop(ctx: Context, name: str, value: str) -> None:
    _create(ctx, name, 8)
    _set(ctx, name, 8, [v for v in Calls(ctx).getStringProperty(name) if v != value])


@command(
    "existsInProp(string name, string value) -> bool",
    tier="B",
    module=MODULE,
    section="properties",
    doc="Whether a string property has a value.",
)
def exists_in_prop(ctx: Context, name: str, value: str) -> bool:
    return value in Calls(ctx).getStringProperty(name)
