"""Properties and colour files: section 7 of the vocabulary.

The five property types share their getters, setters and inserters; only the names and types
differ, so they are registered in one loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from player.commands.context import Context
from player.commands.errors import CommandError, EngineError, PropertyError
from player.commands.registry import command
from player.commands.structs import PropertyInfo
from player.session.addressing import find_properties, nodes_of_current_type
from player.session.errors import SessionError
from player.session.kinds.ocio import Ocio
from player.session.node import Node
from player.session.properties import Dims, Property, PropType

__all__ = ["MAXINT"]

MAXINT = 2147483647
_MAX_VALUES = 64 * 1024 * 1024
_TYPES = (
    (PropType.FLOAT, "Float", "float", "A"),
    (PropType.INT, "Int", "int", "A"),
    (PropType.STRING, "String", "string", "A"),
    (PropType.HALF, "Half", "half", "B"),
    (PropType.BYTE, "Byte", "byte", "B"),
)


def _found(
    ctx: Context, name: str | None, nil: str = "node name is nil"
) -> list[tuple[Node, Property]]:
    if name is None:
        raise CommandError(nil)
    found = find_properties(ctx.session, name)
    if not found:
        raise PropertyError(f"invalid property name {name}")
    return found


def _own(ctx: Context, name: str | None) -> list[tuple[Node, Property]]:
    """Properties of nodes, to be changed; those of node types (``:Type...``) are not."""
    found = _found(ctx, name)
    if name is not None and name.startswith(":"):
        raise EngineError("properties of node types are read only")  # RV crashes
    return found


def _typed(prop: Property, type: PropType, name: str) -> None:
    if prop.type is not type:
        raise PropertyError(f"wrong property type {name}")


def _getter(type: PropType) -> Callable[..., list[Any]]:
    def get(ctx: Context, propertyName: str | None, start: int = 0, num: int = MAXINT) -> list[Any]:
        if start < 0:
            raise CommandError("start argument must be 0 or greater")
        if num < 0:
            raise CommandError("num argument must be 0 or greater")
        _, prop = _found(ctx, propertyName)[0]
        _typed(prop, type, propertyName or "")
        size, width = prop.size, prop.width
        first = min(start, size)
        last = min(first + num, size)
        return list(prop.values[first * width : last * width])

    return get


def _changed(node: Node, prop: Property) -> None:
    try:
        node.changed(prop)
    except SessionError as error:  # a table of the wrong size
        raise EngineError(str(error)) from None


def _setter(type: PropType) -> Callable[..., None]:
    strings = type is PropType.STRING

    def set_values(
        ctx: Context, propertyName: str | None, value: list[Any], allowResize: bool = False
    ) -> None:
        for node, prop in _own(ctx, propertyName):
            _typed(prop, type, propertyName or "")
            if value is None:
                raise PropertyError("nil argument to function")
            if len(value) != len(prop.values) and not allowResize:
                raise CommandError("number of values does not match property size")
            if len(value) > _MAX_VALUES:
                raise CommandError(f"more than {_MAX_VALUES} values in one property")
            prop.set(["<nil>" if v is None else v for v in value] if strings else value)
            _changed(node, prop)

    return set_values


def _inserter(type: PropType) -> Callable[..., None]:
    strings = type is PropType.STRING

    def insert(
        ctx: Context, propertyName: str | None, value: list[Any], beforeIndex: int = MAXINT
    ) -> None:
        for node, prop in _own(ctx, propertyName):
            _typed(prop, type, propertyName or "")
            if value is None:
                raise PropertyError("nil argument to function")
            width = prop.width
            count = len(value) // width
            at = prop.size if beforeIndex > prop.size else max(beforeIndex, 0)
            node.graph.will_insert(node, prop, at, count)
            values = list(prop.values)
            new = ["<nil>" if v is None else v for v in value] if strings else value
            values[at * width : at * width] = new
            prop.set(values)
            node.graph.did_insert(node, prop, at, count)
            _changed(node, prop)

    return insert


for _type, _word, _mu, _tier in _TYPES:
    command(
        f"get{_word}Property(string propertyName, int start=0, int num={MAXINT}) -> {_mu}[]",
        tier=_tier,
        doc=f"Values of a {_mu} property; start and num count elements.",
        section="properties",
    )(_getter(_type))
    command(
        f"set{_word}Property(string propertyName, {_mu}[] value, bool allowResize=false) -> void",
        tier=_tier,
        doc=f"Write a {_mu} property of every matching node.",
        section="properties",
    )(_setter(_type))
    command(
        f"insert{_word}Property(string propertyName, {_mu}[] value, int beforeIndex={MAXINT})"
        " -> void",
        tier="B",
        doc=f"Insert values into a {_mu} property, by default at its end.",
        section="properties",
    )(_inserter(_type))


def _parts(name: str | None) -> tuple[str, str]:
    """Node and ``component.property`` of a full property name."""
    if name is None:
        raise CommandError("nil property name")
    parts = [part for part in name.split(".") if part]
    if len(parts) != 3 or len(parts[0]) < 2:
        raise CommandError("malformed property name")
    return parts[0], f"{parts[1]}.{parts[2]}"


def _named_or_typed(ctx: Context, head: str) -> list[Node]:
    """The node of a name; else those shown now of the type behind its first character."""
    node = ctx.session.graph.find(head)
    return [node] if node is not None else nodes_of_current_type(ctx.session, head[1:])


def _create(ctx: Context, name: str | None, type: int, width: int) -> None:
    head, full = _parts(name)
    nodes = _named_or_typed(ctx, head)
    if not nodes:
        raise CommandError(f"no node of type '{head[1:]}' found")
    if len(nodes) > 1:
        raise CommandError(f"more than one node of type '{head[1:]}' found")
    try:
        kind = PropType(type)
    except ValueError:
        raise EngineError(f"unknown property type {type}") from None
    if kind is PropType.STRING or (kind is PropType.BYTE and not 1 <= width <= 4):
        width = 1
    if kind is PropType.DOUBLE or not 1 <= width <= 4:
        raise EngineError(f"no property of type {kind.word} has a width of {width}")
    dims: Dims = (width, 0, 0, 0)
    node = nodes[0]
    prop = node.prop(full)
    if prop is None:
        prop = node.add(Property(full, kind, (), dims=dims, user_defined=True))
    elif prop.type is not kind or prop.width != Property("x.x", kind, dims=dims).width:
        raise EngineError(f"property {name} exists with another type")
    node.created(prop)


@command(
    "newProperty(string propertyName, int propertyType, int propertyWidth) -> void",
    tier="A",
    doc="Create an empty property node.component.name.",
)
def new_property(
    ctx: Context, propertyName: str | None, propertyType: int, propertyWidth: int
) -> None:
    _create(ctx, propertyName, propertyType, propertyWidth)


@command(
    "newNDProperty(string propertyName, int propertyType, (int,int,int,int) propertyDimensions)"
    " -> void",
    tier="B",
    doc="Create an empty property with dimensions.",
)
def new_nd_property(
    ctx: Context,
    propertyName: str | None,
    propertyType: int,
    propertyDimensions: tuple[int, int, int, int],
) -> None:
    if propertyDimensions is None:
        raise PropertyError("nil argument to function")
    _create(ctx, propertyName, propertyType, propertyDimensions[0])


@command("deleteProperty(string propertyName) -> void", tier="A", doc="Remove a property.")
def delete_property(ctx: Context, propertyName: str | None) -> None:
    head, _ = _parts(propertyName)
    nodes = _named_or_typed(ctx, head)
    if len(nodes) != 1:
        raise CommandError("node name is ambigious")
    for node, prop in _own(ctx, propertyName):
        node.graph.property_will_delete(node, prop)
        node.remove(prop.name)
    nodes[0].dropped(propertyName or "")


@command("properties(string nodeName) -> string[]", tier="A", doc="Full names of properties.")
def properties(ctx: Context, nodeName: str | None) -> list[str]:
    if nodeName is None:
        raise CommandError("nil node name")
    nodes = _named_or_typed(ctx, nodeName)
    if not nodes:
        raise CommandError(f"no nodes found: {nodeName}\n")
    if len(nodes) > 1:
        names = "".join(f" {n.name}" for n in nodes)
        raise CommandError(f"ambiguous: too many nodes of type {nodeName}:{names}")
    return [f"{nodes[0].name}.{name}" for name in nodes[0].props]


@command("propertyInfo(string propertyName) -> PropertyInfo", tier="A", doc="Type and size.")
def property_info(ctx: Context, propertyName: str | None) -> PropertyInfo:
    _, prop = _found(ctx, propertyName, "nil property name")[0]
    return PropertyInfo(propertyName, int(prop.type), prop.dims, prop.size, False, None)


@command("propertyExists(string propertyName) -> bool", tier="A", doc="Whether anything matches.")
def property_exists(ctx: Context, propertyName: str | None) -> bool:
    if propertyName is None:
        raise CommandError("nil property name")
    return bool(find_properties(ctx.session, propertyName))


@command(
    "readLUT(string filename, string nodeName, bool activate=false) -> void",
    tier="A",
    doc="Read a LUT file into the matching nodes.",
)
def read_lut(
    ctx: Context, filename: str | None, nodeName: str | None, activate: bool = False
) -> None:
    if filename is None:
        raise CommandError("nil name")
    if nodeName is None:
        raise CommandError("nil node")
    try:
        ctx.session.read_lut(filename, nodeName, activate)
    except SessionError as error:
        raise EngineError(str(error)) from None


@command(
    "readCDL(string filename, string nodeName, bool activate=false) -> void",
    tier="A",
    doc="Read a colour decision list into the matching nodes; it is always switched on.",
)
def read_cdl(
    ctx: Context, filename: str | None, nodeName: str | None, activate: bool = False
) -> None:
    if filename is None:
        raise CommandError("nil name")
    if nodeName is None:
        raise CommandError("nil node")
    try:
        ctx.session.read_cdl(filename, nodeName)
    except SessionError as error:
        raise EngineError(str(error)) from None


@command("updateLUT() -> void", tier="C", doc="Does nothing (kept for old scripts).")
def update_lut(ctx: Context) -> None:
    return None


@command("ocioUpdateConfig(string node=nil) -> void", tier="C", doc="Reload an OCIO node's config.")
def ocio_update_config(ctx: Context, node: str | None = None) -> None:
    if node is None:
        raise CommandError("Null ocio node name")
    found = ctx.session.graph.find(node)
    if found is None:
        raise CommandError("Bad ocio node name")
    if not found.type.startswith(("OCIO", "SYN")):
        raise CommandError("Not an ocio node")
    if isinstance(found, Ocio):
        found.update_config()
    found.touch()
