"""Verbs of the view, the node graph and properties.

RV has one getter and one setter for each property type; `get` and `set` ask `propertyInfo` for
the type first, so that a user need not know it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvshell.errors import CommandFailed, RemoteError, UsageError
from rvshell.verbs.graph import node_types, read_graph, tree_lines
from rvshell.verbs.muvalue import joined, lines, parse_value, quote, text_array
from rvshell.verbs.registry import Request, verb

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__: list[str] = []

# RV's property types (commands.FloatType …): name in commands, and how a Mu literal is written
_TYPES = {1: "Float", 2: "Int", 5: "Half", 6: "Byte", 7: "Short", 8: "String"}
_MU = {"Float": "float", "Int": "int", "Half": "float", "Byte": "int", "Short": "int"}


@verb(
    "view [NODE]",
    help="Show the node that is viewed, or view NODE.",
    example="view defaultStack",
    more=("view  # which node is it?",),
    scope="view",
)
def view(ctx: Context, node: str | None = None) -> Any:
    if node is None:
        return Request("viewNode()", parse_value)
    if parse_value(ctx.remote.mu(f"nodeExists({quote(node)})")) is False:
        raise _no_node(ctx, node)
    return Request(f"setViewNode({quote(node)})")


def _no_node(ctx: Context, node: str) -> CommandFailed:
    from rvshell.verbs.signature import nearest

    guess = nearest(node, lines(ctx.remote.mu(joined("nodes()"))))
    return CommandFailed(
        f"no node {node!r}", hint=f"did you mean {guess}?" if guess else "nodes lists them"
    )


@verb(
    "nodes [TYPE] [--types] [--tree]",
    help="List the nodes, or those of one TYPE. --types adds each node's type; --tree shows the "
    "graph below the viewed node.",
    example="nodes RVColor",
    more=("nodes --tree",),
    scope="view",
)
def nodes(ctx: Context, type: str | None = None, types: bool = False, tree: bool = False) -> Any:
    if tree:
        root = str(parse_value(ctx.remote.mu("viewNode()")) or "")
        return "\n".join(tree_lines(read_graph(ctx), root)) if root else None
    ask = f"nodesOfType({quote(type)})" if type else "nodes()"
    names = lines(ctx.remote.mu(joined(ask)))
    if not types:
        return names
    if not type:
        return [{"node": n, "type": t} for n, t in node_types(ctx).items()]
    replies = ctx.remote.ask_all([Request(f"nodeType({quote(n)})") for n in names])
    return [{"node": n, "type": parse_value(r)} for n, r in zip(names, replies, strict=True)]


@verb(
    "props NODE",
    help="List the properties of a node with type and value.",
    example="props '#RVColor'",
    more=("props defaultStack_stack --json",),
    scope="view",
)
def props(ctx: Context, node: str) -> Any:
    paths = lines(ctx.remote.mu(joined(f"properties({quote(node)})")))
    kinds = [_kind(r) for r in ctx.remote.ask_all([_info(p) for p in paths])]
    asks = [Request(f"get{k}Property({quote(p)})") for p, k in zip(paths, kinds, strict=True)]
    replies = ctx.remote.ask_all(asks)
    return [
        {"property": p, "type": k.lower(), "value": parse_value(r)}
        for p, k, r in zip(paths, kinds, replies, strict=True)
    ]


def _info(path: str) -> Request:
    return Request(f"propertyInfo({quote(path)}).type")


def _kind(reply: str) -> str:
    value = parse_value(reply)
    return _TYPES.get(value, "Float") if isinstance(value, int) else "Float"


def _type_of(ctx: Context, path: str) -> str:
    if path.count(".") < 2:
        raise UsageError(f"{path!r} is no property path", hint=_whole_path(ctx, path))
    try:
        return _kind(ctx.remote.mu(_info(path).contents))
    except RemoteError as error:
        raise RemoteError(
            f"no property {path!r}", hint=_near_property(ctx, path), text=error.text
        ) from None


def _whole_path(ctx: Context, word: str) -> str:
    """The address that has *word* for its name, where the prompt knows one; else its form."""
    shell = ctx.extras.get("shell")
    known = shell.snapshot.addresses if shell is not None else ()
    ends = [path for path in known if path.lower().endswith(f".{word.lower()}")]
    if ends:
        return f"did you mean {' or '.join(ends[:2])}? help {word} finds more"
    return "NODE.component.name, '#Type.component.name'"


def _near_property(ctx: Context, path: str) -> str:
    """What a misspelt path may have meant."""
    from rvshell.verbs.signature import nearest

    node, _, rest = path.partition(".")
    try:
        paths = lines(ctx.remote.mu(joined(f"properties({quote(node)})")))
    except RemoteError:
        return "nodes lists the nodes"
    guess = nearest(rest, sorted({p.partition(".")[2] for p in paths}))
    return f"did you mean {node}.{guess}?" if guess else f"props {node} lists them"


@verb(
    "get PROPERTY",
    help="Show the value of a property: NODE.component.name, or '#Type.component.name' for the "
    "nodes of that type at the current frame, '@Type…' for the first of them.",
    example="get '#RVColor.color.exposure'",
    more=("get defaultStack_stack.composite.type",),
    scope="view",
)
def get(ctx: Context, property: str) -> Any:
    kind = _type_of(ctx, property)
    value = parse_value(ctx.remote.mu(f"get{kind}Property({quote(property)})"))
    return value[0] if isinstance(value, list) and len(value) == 1 else value


@verb(
    "set PROPERTY [VALUE…]",
    help="Set a property to one or more values. set NAME=VALUE sets a variable of the shell.",
    example="set '#RVColor.color.exposure' 0.5 0.5 0.5",
    more=(
        "set '#RVTransform2D.transform.rotate' 90",
        "set shot=/show/a/plate.1-100#.exr; add $shot",
    ),
    scope="view",
)
def set_value(ctx: Context, property: str, value: list[str]) -> Any:
    word = property
    name, equals, first = word.partition("=")
    if equals and name.isidentifier():
        ctx.variables[name] = " ".join([first, *value])
        return None
    if value[:1] == ["="] and word.isidentifier():
        ctx.variables[word] = " ".join(value[1:])
        return None
    if not value:
        raise UsageError(f"set: no value for {word}", hint="set NAME=VALUE or set PROPERTY VALUE…")
    kind = _type_of(ctx, word)
    if kind == "String":
        literal = text_array(value)
    else:
        mu_type = _MU[kind]
        literal = f"{mu_type}[] {{{', '.join(_number(mu_type, v, word) for v in value)}}}"
    return Request(f"set{kind}Property({quote(word)}, {literal}, true)")


def _number(mu_type: str, text: str, path: str) -> str:
    try:
        if mu_type == "int":
            truth = {"true": 1, "false": 0, "on": 1, "off": 0}.get(text)
            return str(int(text) if truth is None else truth)
        number = float(text)
    except ValueError:
        raise UsageError(f"set: {path} holds {mu_type} numbers, not {text!r}") from None
    return f"{number:f}" if "e" in repr(number) else repr(number)


@verb(
    "connections [NODE]",
    help="Show who is connected to the player: contact, program, direction, seconds, bytes, "
    "scopes, round-trip time. With a node: its inputs and its outputs.",
    example="connections defaultSequence",
    scope="view",
)
def connections(ctx: Context, node: str | None = None) -> Any:
    if node is None:
        from rvshell.verbs import rvnetwork
        from rvshell.verbs.admin import ask_player

        return ask_player(ctx, "connections", instead=rvnetwork.connections)

    def read(reply: str) -> Any:
        value = parse_value(reply)
        if not isinstance(value, tuple):
            return value
        return dict(zip(("inputs", "outputs"), value, strict=False))

    return Request(f"nodeConnections({quote(node)}, false)", read)
