"""``extra_commands`` about nodes and their names (``mu_rvui/extra_commands``)."""

from __future__ import annotations

from typing import Any

from player.commands.calling import Calls
from player.commands.context import Context
from player.commands.errors import EngineError, PropertyError
from player.commands.extra_properties import set_values
from player.commands.registry import command

__all__ = ["set_ui_name", "ui_name"]

MODULE = "extra_commands"
_SOURCES = ("RVFileSource", "RVImageSource")
_LIMIT = 100_000


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
    if kind is None:
        raise PropertyError("nil argument to function")
    wanted = kind
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
    set_values(ctx, name, 8, [unique])


@command(
    "isViewNode(string name) -> bool",
    tier="A",
    module=MODULE,
    section="nodes",
    doc="Whether a node is in viewNodes().",
)
def is_view_node(ctx: Context, name: str) -> bool:
    return name in Calls(ctx).viewNodes()


def _inputs(c: Calls, node: str) -> list[str]:
    """The inputs of a node; Mu's error for what is no node."""
    connections = c.nodeConnections(node, False)
    if connections is None:
        raise PropertyError("nil argument to function")
    return list(connections[0])


@command(
    "cycleNodeInputs(string node, bool forward) -> void",
    tier="B",
    module=MODULE,
    section="nodes",
    doc="Rotate a node's inputs by one.",
)
def cycle_node_inputs(ctx: Context, node: str, forward: bool) -> None:
    c = Calls(ctx)
    inputs = _inputs(c, node)
    if inputs:
        turn = 1 if forward else len(inputs) - 1
        c.setNodeInputs(node, [inputs[(i - turn) % len(inputs)] for i in range(len(inputs))])


def _pop(ctx: Context, node: str, index: int) -> None:
    c = Calls(ctx)
    inputs = _inputs(c, node)
    if inputs and not -len(inputs) <= index < len(inputs):
        raise PropertyError("out of range")
    first = inputs[index : index + 1 or None]
    # RV moves nothing up for an index from the end: that input is there twice then
    kept = inputs[:index] + inputs[index + 1 :] if index >= 0 else inputs[1:]
    c.setNodeInputs(node, first + kept)


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
    inputs = _inputs(Calls(ctx), node)
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
    inputs = _inputs(Calls(ctx), node)
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


def _package_mode(ctx: Context, module: str | None, active: bool) -> Any:
    for mode in getattr(ctx.session.ui.data, "minorModes", None) or []:
        if module and getattr(mode, "_modeName", None) == module:
            mode.toggle() if mode._active != active else None
            return mode
    return None


@command(
    "activatePackageModeEntry(string modeModuleName) -> Mode",
    tier="C",
    module=MODULE,
    section="nodes",
    doc="Switch a package's mode on: nil, no packages are loaded.",
)
def activate_package_mode_entry(ctx: Context, module: str | None) -> Any:
    return _package_mode(ctx, module, True)


@command(
    "deactivatePackageModeEntry(string modeModuleName) -> Mode",
    tier="C",
    module=MODULE,
    section="nodes",
    doc="Switch a package's mode off: nil, no packages are loaded.",
)
def deactivate_package_mode_entry(ctx: Context, module: str | None) -> Any:
    return _package_mode(ctx, module, False)


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
