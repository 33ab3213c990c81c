"""Writing a session to a file.

Theory of operation
-------------------
A session file is the session object, the connections, and every writable node sorted by
name, each with all its properties (Open RV: src/lib/ip/IPCore/Session.cpp, write and
writeGTO).  A session has tens of thousands of nodes, nearly all of which are as their type
made them or differ from it as a thousand others do.  So a node's *body* - the text between
its braces - is made once for each distinct state: the key is the node's type and the
properties it holds itself (`Node.modified`), the rest being the definition's.

Sparse files hold only what differs from a fresh node of the type.  RV finds that out by
making such a node and deleting it again, which scripts can see; so it is done here too,
when somebody listens.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from player.session.collector import collector_paused
from player.session.kinds.filesource import FileSource
from player.session.kinds.imagesource import ImageSource
from player.session.kinds.source import Source
from player.session.node import Node
from player.session.paths import conform
from player.session.pixelprops import flat_numbers
from player.session.properties import Dims, PropType

from .container import write_bytes, write_gto_compressed
from .errors import SessionFileError
from .model import GtoComponent, GtoFile, GtoObject, GtoProperty, GtoType
from .text_writer import HEADER, format_components, format_name, format_object

if TYPE_CHECKING:
    from player.session.session import Session

__all__ = ["node_components", "save_session", "session_objects"]

_TYPE: Final = {t: GtoType[t.name] for t in PropType}
_PAIR: Final = (2, 0, 0, 0)
_ONE: Final = (1, 0, 0, 0)
_TOGETHER: Final = 256  # objects written at once
_BODIES: Final = 4096  # bodies remembered: far more than a session has distinct states

_Restore = Callable[[str], str]
_Listed = tuple[str, PropType, Dims, Sequence[Any], bool]


def save_session(
    session: Session,
    path: str,
    *,
    as_copy: bool = False,
    compressed: bool = False,
    sparse: bool = False,
) -> None:
    """Write the session to `path` and take it over as the session's file name.

    `as_copy` keeps the session's name and sends the `-copy` events; `compressed` writes
    gzipped binary (always done when there are in-memory images); `sparse` leaves out what
    is as in a fresh node.  Only names ending in `.rv` get RV's objects and the events;
    others get the generic form, as in RV.  Raises SessionFileError.
    """
    if not path:
        raise SessionFileError("a session file needs a name")
    path = conform(path)
    native = os.path.splitext(path)[1] == ".rv"
    events = "session-write-copy" if as_copy else "session-write"
    if native:
        session.emit(f"before-{events}", path)
    if sparse and os.environ.get("RV_COMPLETE_SESSION_FILES"):
        sparse = False
    if session.view is not None:
        session.views.store(session.view)
    if native and session.graph.has_type("RVImageSource"):
        compressed = True
    if compressed:
        write_gto_compressed(path, GtoFile(list(session_objects(session, native, sparse))))
    else:
        with collector_paused():  # it would look at the whole session for a few texts
            write_bytes(path, _text(session, native, sparse))
    for node in session.sources.nodes:
        if isinstance(node, ImageSource):
            node.written()
        elif isinstance(node, FileSource):
            _forget_proxy(node)
    if not (as_copy and native):
        session.file_name = path
    if native:
        session.emit(f"after-{events}", path)


def _forget_proxy(node: FileSource) -> None:
    """Media that was opened does not need what was remembered of its shape (RV's
    writeCompleted)."""
    if node.media:
        for name in ("proxy.inc", "proxy.range", "proxy.fps", "proxy.size"):
            node.remove(name)


# -- the objects -----------------------------------------------------------------------


def _header(session: Session, native: bool) -> GtoObject:
    item = GtoObject("rv", "RVSession", 4) if native else GtoObject("session", "Session", 1)
    listed = (p for p in _properties(session.node) if not p[0].startswith("opengl."))
    item.components = _components(listed)
    playback = session.playback
    for name, type_, values, dims in (
        ("viewNode", GtoType.STRING, [session.views.name], _ONE),
        ("range", GtoType.INT, [playback.range_start, playback.range_end], _PAIR),
        ("region", GtoType.INT, [playback.in_point, playback.out_point], _PAIR),
        ("fps", GtoType.FLOAT, [playback.fps], _ONE),
        ("realtime", GtoType.INT, [int(playback.realtime)], _ONE),
        ("inc", GtoType.INT, [playback.inc], _ONE),
        ("currentFrame", GtoType.INT, [playback.frame], _ONE),
        ("marks", GtoType.INT, list(playback.marks), _ONE),
        ("version", GtoType.INT, [2 if native else 1], _ONE),
    ):
        item.set(f"session.{name}", type_, values, dims)
    return item


def _connections(session: Session) -> GtoObject:
    item = GtoObject("connections", "connection", 2)
    graph = session.graph
    foreign = session.foreign
    ends = {item.name for item in foreign.objects}
    wanted = [
        (a, b) for a, b in foreign.connections if all(n in ends or n in graph.nodes for n in (a, b))
    ]
    found = graph.connections(True)
    if wanted:
        found = sorted([*found, *wanted], key=lambda pair: pair[1])
    pairs = [name for pair in found for name in pair]
    item.set("evaluation.connections", GtoType.STRING, pairs, _PAIR)
    inputs = graph.root.inputs if graph.root is not None else []
    roots = [n.name for n in inputs if n.writable and n.type == "RVOutputGroup"]
    item.set("evaluation.roots", GtoType.STRING, roots)
    item.set("top.nodes", GtoType.STRING, sorted([*graph.view_names(), *foreign.top]))
    return item


def _written_nodes(session: Session) -> Iterator[Node]:
    nodes = session.graph.nodes
    skipped = ("Root", "RVSession", "AudioWaveform", "Adaptor")
    for name in sorted(nodes):
        node: Node | None = nodes[name]
        while node is not None and node.writable and node.type not in skipped:
            node = node.group
        if node is None:
            yield nodes[name]


def _properties(node: Node) -> Iterator[_Listed]:
    """The properties of a node without making those that are still the definition's."""
    own = node.modified()
    for name, spec in node.definition.specs.items():
        if node.has(name):
            values = own[name].values if name in own else node.get(name)
            yield name, spec.type, spec.dims, values, spec.persistent
    for name, prop in own.items():
        if name not in node.definition.specs:
            yield name, prop.type, prop.dims, prop.values, prop.persistent


def _own(node: Node, sparse: bool, restore: _Restore) -> Iterator[_Listed]:
    """What of a node is written, before the source's extras."""
    file = node.one("lut.file", "")
    for name, type_, dims, values, persistent in _properties(node):
        if not persistent:
            continue
        if sparse:
            spec = node.definition.specs.get(name)
            if spec is not None and tuple(values) == spec.values:
                continue
        if file and name in ("lut.lut", "lut.prelut"):
            values = ()  # read again from the file
        elif name == "media.movie" or (name == "lut.file" and file):
            values = [restore(str(v)) for v in values]
        yield name, type_, dims, values, persistent


def _proxy(node: Source) -> Iterator[_Listed]:
    """The shape of the media, for the case that it is missing when the file is read."""
    info = node.range_info()
    media = node.media
    yield "proxy.range", PropType.INT, _PAIR, [info.start, info.end + 1], True
    yield "proxy.inc", PropType.INT, _ONE, [info.inc], True
    if isinstance(node, ImageSource):
        shape = node.struct_info(info.start)
        size = [shape.width, shape.height]
    else:
        yield "proxy.fps", PropType.FLOAT, _ONE, [info.fps], True
        size = [media[0].uncrop_width, media[0].uncrop_height] if media else [0, 0]
    yield "proxy.size", PropType.INT, _PAIR, size, True


def _pixels(node: ImageSource) -> Iterator[tuple[str, GtoProperty]]:
    """The pictures of an image source as byte, short, half or float lists."""
    type_ = node.pixel_type()
    store = node.graph.pixels
    for key in store.keys(node.name) if type_ is not None else ():
        assert type_ is not None
        pixels = store.pixels(node.name, key)
        gto = _TYPE[type_]
        values = flat_numbers(pixels, type_) if pixels is not None else b""
        yield key, GtoProperty(key, gto, values)


def _components(listed: Iterator[_Listed] | list[_Listed]) -> list[GtoComponent]:
    """Properties grouped into components, in the order in which these first appear."""
    top: list[GtoComponent] = []
    made: dict[str, GtoComponent] = {}
    for name, type_, dims, values, _ in listed:
        path, _, short = name.rpartition(".")
        component = made.get(path)
        if component is None:
            level = top
            done = ""
            for part in path.split("."):
                done = f"{done}.{part}" if done else part
                component = made.get(done)
                if component is None:
                    component = made[done] = GtoComponent(part)
                    level.append(component)
                level = component.components
        assert component is not None
        component.properties.append(GtoProperty(short, _TYPE[type_], list(values), dims))
    return top


def _looks_untouched(node: Node) -> bool:
    """Whether RV takes a top level node for one as it was made, and writes all of it.

    It looks for one component of three properties: name, protocol and version, which nodes no
    longer carry as properties. So a node without changes leaves no trace in the file, and one
    with three changes in one component (which need not be written ones: the ``device`` of an
    output group) is written whole.
    """
    specs = node.definition.specs
    changed = [
        name.split(".")
        for name, _, _, values, _ in _properties(node)
        if name not in specs or tuple(values) != specs[name].values
    ]
    return len({n[0] for n in changed}) == 1 and sum(len(n) == 2 for n in changed) == 3


def node_components(node: Node, sparse: bool, restore: _Restore) -> list[GtoComponent]:
    """What is written of a node; with `sparse` only what differs from a fresh one.

    `restore` writes path variables into paths.
    """
    whole = isinstance(node, ImageSource)
    listed = list(_own(node, sparse and not whole, restore))
    if sparse and node.group is None and _looks_untouched(node):
        listed = list(_own(node, False, restore))
    if isinstance(node, Source):
        listed = [p for p in listed if not p[0].startswith("proxy.")]
        listed.extend(_proxy(node))
    components = _components(listed)
    if isinstance(node, ImageSource):
        image = next((c for c in components if c.name == "image"), None)
        if image is not None:
            for key, prop in _pixels(node):
                image.remove(key)
                image.properties.append(prop)
    return components


def _compare_with_fresh(session: Session, node: Node) -> None:
    """Make and delete a node of the same type and name, as RV does for a sparse file."""
    if not session.graph.hooks.wants("graph-new-node"):
        return
    fresh = session.graph.new_node(node.type, node.name)
    if fresh is not None:
        session.graph.delete(fresh)


def session_objects(
    session: Session, native: bool = True, sparse: bool = False
) -> Iterator[GtoObject]:
    """Every object of the session's file, in order."""
    yield _header(session, native)
    yield _connections(session)
    restore = session.paths.restorer()
    for node in list(_written_nodes(session)):
        if sparse:
            _compare_with_fresh(session, node)
        components = node_components(node, sparse, restore)
        yield GtoObject(node.name, node.type, node.version, components)
    yield from session.foreign.objects


# -- text ------------------------------------------------------------------------------


def _text(session: Session, native: bool, sparse: bool) -> Iterator[bytes]:
    """The text file in pieces; objects without properties are left out."""
    yield HEADER.encode()
    yield format_object(_header(session, native)).encode("utf-8", "surrogateescape")
    yield b"\n" + format_object(_connections(session)).encode("utf-8", "surrogateescape")
    bodies: dict[Any, str] = {}
    memo: dict[Any, str] = {}
    restore = session.paths.restorer()
    pending: list[str] = []
    for node in list(_written_nodes(session)):
        if sparse:
            _compare_with_fresh(session, node)
        body = None
        key = None if isinstance(node, Source) else _state(node)
        if key is not None:
            body = bodies.get(key)
        if body is None:
            body = format_components(node_components(node, sparse, restore), memo)
            if key is not None and len(bodies) < _BODIES:
                bodies[key] = body
        if body:
            name, type_ = format_name(node.name), format_name(node.type)
            pending.append(f"\n{name} : {type_} ({node.version})\n{{\n{body}}}\n")
            if len(pending) >= _TOGETHER:
                yield "".join(pending).encode("utf-8", "surrogateescape")
                pending.clear()
    yield "".join(pending).encode("utf-8", "surrogateescape")
    for item in session.foreign.objects:
        if text := format_object(item):
            yield b"\n" + text.encode("utf-8", "surrogateescape")


def _state(node: Node) -> Any:
    """What a node's body depends on, or None when it is not worth remembering."""
    own = node.modified()
    if len(own) > 16 or node.has("ui.name"):
        return None
    if any(len(p.values) > 20 for p in own.values()):
        return None
    values = tuple((p.name, p.type, p.dims, *p.values) for p in own.values())
    return (node.type, node.group is None, frozenset(node._removed or ()), values)
