"""Reading a session from a file.

Theory of operation
-------------------
The file is parsed whole before the session is touched, so a broken file changes nothing.
Then the passes of RV's reader follow (Open RV: src/lib/app/RvApp/RvSession.cpp, readGTO):
sources are made in file order and join the default views; other top-level nodes are made;
every top-level node gets its inputs and its properties; the properties of members follow,
again and again, because a group's or pipeline's properties make the members that later
objects describe; last comes the session object.  Node *and* type must match; what cannot
be placed is left out, properties that a node does not know are kept.

RV takes the objects of the member pass in the order of their addresses in memory; here it
is the order of the file.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from player.session.collector import collector_paused
from player.session.errors import GraphError, SessionError
from player.session.group import Group
from player.session.kinds.filesource import FileSource
from player.session.kinds.imagesource import ImageSource
from player.session.kinds.luts import Lut
from player.session.kinds.pipeline import PipelineGroup
from player.session.kinds.source import Source, SourceGroup
from player.session.node import Node
from player.session.paths import conform
from player.session.properties import Property, PropType
from player.session.sourceargs import SourceArgs
from player.session.sourcesetup import CREATION_CONTEXT

from .binary import pack_values
from .container import read_gto
from .copying import PROP_TYPES, Seen, copy_properties, pixel_key
from .legacy import modernise
from .merging import make_unique
from .model import GtoObject

if TYPE_CHECKING:
    from player.session.session import Session

__all__ = ["load_session"]

_COMPLETED: Final = (Group, Source, Lut)
_SOURCES: Final = ("RVFileSource", "RVImageSource")
_HEADERS: Final = ("RVSession", "connection")
_NO_RANGE: Final = [0, 1]
_BACKGROUNDS: Final = ("black", "grey18", "grey50", "white", "checker", "crosshatch")


def load_session(
    session: Session, path: str, merge: bool = False, args: SourceArgs | None = None
) -> None:
    """Read a session file into the session, which is cleared first unless `merge`.

    `args` brings reader parameters for the sources.  Raises SessionFileError for a file
    that cannot be read; the session is then as it was.
    """
    path = conform(path)
    session.emit("before-session-read", path)
    with collector_paused():
        _read(session, path, merge, args or SourceArgs())
    session.file_name = path
    session.graph.range_dirty = True
    session.emit("after-session-read", path)


def _read(session: Session, path: str, merge: bool, args: SourceArgs) -> None:
    objects = read_gto(path, warn=session.warn).objects
    merge = merge and len(session.sources) > 0
    if merge:
        defaults = {node.name for node in session.default_views()}
        make_unique(objects, set(session.graph.views) - defaults)
    else:
        session.clear()
    session.reading = True
    loader = _Loader(session, objects, merge, args)
    try:
        loader.run()
    finally:
        session.reading = False
    loader.set_up_sources()


class _Loader:
    def __init__(
        self, session: Session, objects: list[GtoObject], merge: bool, args: SourceArgs
    ) -> None:
        self.session = session
        self.graph = session.graph
        self.merge = merge
        self.args = args
        self.objects = modernise(objects, self.version(objects))
        self.connections = next((o for o in self.objects if o.protocol == "connection"), None)
        self.completed: list[Node] = []
        self.seen: Seen = {}

    def version(self, objects: list[GtoObject]) -> int:
        version = next((o.version for o in reversed(objects) if o.protocol == "RVSession"), 0)
        if version == 0:
            self.session.warn("WARNING: no file version: assuming version 1 or 2 file format")
            return 1
        if version > 4:
            self.session.warn(f"WARNING: trying to read version {version} session file format")
        return version

    def run(self) -> None:
        self.session.sources.begin()
        try:
            for item in self.objects:
                if item.protocol in _SOURCES:
                    self.source(item)
        finally:
            self.session.sources.end()
        self.arrows = self.incoming()
        self.top = self.top_level()
        self.make_nodes()
        self.place(self.connect())
        for node in self.graph:
            node.distrust_inputs()
        self.keep_foreign()
        if not self.merge:
            for item in self.objects:
                if item.protocol == "RVSession":
                    self.state(item)

    # -- sources -------------------------------------------------------------------------

    def set_up_sources(self) -> None:
        """Colour defaults for what the file leaves open."""
        setup = self.session.source_setup
        if setup is None:
            return
        for item in self.objects:
            node = self.graph.exact(item.name)
            if isinstance(node, Source) and isinstance(node.group, SourceGroup):
                setup.apply_read(node, node.group)

    def source(self, item: GtoObject) -> None:
        session = self.session
        if "_source" not in item.name or self.graph.exact(item.name) is not None:
            session.warn(f"ERROR: malformed source name {item.name}")
            return
        node = session.sources.new_source(item.protocol, name=item.name)
        copy_properties(session, node, item, self.seen)
        session.emit("new-node", node.name)
        movie = node.prop("media.movie")
        if isinstance(node, FileSource) and movie is not None:
            node.in_params = list(self.args.in_params)
            found: list[str] = []
            for file in list(movie.values):
                found.extend(
                    session.sources.stereo_paths(session.sources.incoming(str(file), "session"))
                )
            movie.set(found)
        if isinstance(node, ImageSource):
            self.pixels(node, item)
        media = str(movie.values[0]) if movie is not None and movie.values else ""
        session.emit("new-source", f"{node.name};;RVSource;;{media}")

    def pixels(self, node: ImageSource, item: GtoObject) -> None:
        """Hand the pictures of an image source to the pixel store."""
        node.take_properties()
        info = node.media[0]
        type_ = node.pixel_type()
        expected = info.width * info.height * info.channels
        image = item.component("image")
        for prop in image.properties if image is not None else ():
            frame, view, layer = pixel_key(prop.name)
            if frame is None:
                continue
            if (
                type_ is None
                or PROP_TYPES.get(prop.type) is not type_
                or len(prop.values) != expected
            ):
                self.session.warn(
                    f"ERROR: {node.name}: image.{prop.name} does not have {expected} values of "
                    "the source's type"
                )
                continue
            try:
                key = node.allocate(frame, view or "-", layer or "-")
            except ValueError as error:
                self.session.warn(f"ERROR: {error}")
                continue
            stored = self.graph.pixels.pixels(node.name, key)
            if stored is not None:
                memoryview(stored).cast("B")[:] = pack_values(prop)

    # -- top-level nodes -----------------------------------------------------------------

    def incoming(self) -> dict[str, list[str]]:
        """For each destination the names of its inputs, in order."""
        item = self.connections
        if item is None:
            return {}
        pairs = item.strings("evaluation.connections")
        if item.find("evaluation.connections") is not None:
            ends = list(zip(pairs[0::2], pairs[1::2], strict=False))
        else:
            left, right = item.strings("evaluation.lhs"), item.strings("evaluation.rhs")
            ends = list(zip(left, right, strict=True)) if len(left) == len(right) else []
        arrows: dict[str, list[str]] = {}
        for source, destination in ends:
            arrows.setdefault(destination, []).append(source)
        return arrows

    def top_level(self) -> set[str]:
        names = set(self.connections.strings("top.nodes")) if self.connections else set()
        for destination, inputs in self.arrows.items():
            names.add(destination)
            names.update(inputs)
        names.update(
            item.name
            for item in self.objects
            if "_" not in item.name and item.find("ui.name") is not None
        )
        return names

    def make_nodes(self) -> None:
        for item in self.objects:
            if item.protocol in _HEADERS or item.name not in self.top:
                continue
            if self.graph.definition(item.protocol) is None:
                continue
            node = self.graph.exact(item.name)
            if node is not None:
                copy_properties(self.session, node, item, self.seen)
            else:
                node = self.graph.new_node(item.protocol, item.name)
            if node is not None:
                _mark_read(node)

    def connect(self) -> list[GtoObject]:
        """Inputs and properties of top-level nodes; the objects that are still to be placed."""
        unused: list[GtoObject] = []
        for item in self.objects:
            if item.protocol in _HEADERS:
                continue
            node = self.graph.exact(item.name)
            if node is None or item.name not in self.top:
                unused.append(item)
                continue
            _mark_read(node)
            self.set_inputs(node)
            if node.type == item.protocol:
                copy_properties(self.session, node, item, self.seen)
                self.completed.append(node)
        return unused

    def set_inputs(self, node: Node) -> None:
        wanted = self.arrows.get(node.name, [])
        inputs = []
        for name in wanted:
            found = self.graph.exact(name)
            if found is None:
                self.session.warn(
                    f"WARNING: could not find node {name} when trying to connect inputs for "
                    f"{node.name}"
                )
            else:
                inputs.append(found)
        is_default = node in self.session.default_views()
        if self.connections is None or (is_default and (self.merge or not inputs)):
            return
        if problem := node.test_inputs(inputs):
            self.session.warn(f"ERROR: {node.name}: {problem.strip()}")
            return
        try:
            node.set_inputs(inputs)
        except GraphError as error:
            self.session.warn(f"ERROR: {error}")

    # -- members -------------------------------------------------------------------------

    def place(self, unused: list[GtoObject]) -> None:
        """Copy into members until a round places nothing."""
        nodes = self.graph.nodes
        while True:
            left: list[GtoObject] = []
            for item in unused:
                node = nodes.get(item.name)
                if node is None or node.type != item.protocol:
                    left.append(item)
                    continue
                if not isinstance(node, Source):
                    copy_properties(self.session, node, item, self.seen)
                _mark_read(node)
                self.completed.append(node)
            completed, self.completed = self.completed, []
            for node in completed:
                found = nodes.get(node.name)  # a pipeline may have made it anew
                if isinstance(found, _COMPLETED):
                    self.complete(found)
            if not left or len(left) == len(unused):
                return
            unused = left

    def complete(self, node: Node) -> None:
        """What a node does when its properties were read."""
        if isinstance(node, PipelineGroup):
            if node.built and not self.graph.hooks.wants("graph-new-node"):
                return  # making the members anew would change nothing but send events
            node.rebuild()
            node.set_inputs(list(node.inputs))
        elif isinstance(node, Lut):
            try:
                node.read_table()
            except SessionError as error:  # where RV gives up the file half read
                self.session.warn(f"ERROR: {node.name}: {error}")
        elif isinstance(node, Source):
            node.action = "session"
            if isinstance(node, ImageSource):
                node.propagate_media()
                return
            movies = [self.session.map_path(str(v)) for v in node.get("media.movie")]
            node.assign("media.movie", movies)
            known = list(node.get("proxy.range"))
            if isinstance(node, FileSource) and (
                node.media_active() or (known and known != _NO_RANGE)
            ):
                node.reload_media()
        elif isinstance(node, Group) and node.type != "RVSourceGroup":
            node.set_inputs(list(node.inputs))

    def keep_foreign(self) -> None:
        """Objects of types that are not known here, and their connections, for the next file."""
        foreign = {
            item.name: item
            for item in self.objects
            if item.protocol not in _HEADERS and self.graph.definition(item.protocol) is None
        }
        pairs = [(i, name) for name, inputs in self.arrows.items() for i in inputs]
        kept = self.session.foreign
        kept.objects.extend(foreign.values())
        kept.top.extend(n for n in foreign if n in self.top)
        kept.connections.extend((a, b) for a, b in pairs if a in foreign or b in foreign)

    # -- the session object --------------------------------------------------------------

    def state(self, item: GtoObject) -> None:
        session = self.session
        playback = session.playback
        for name in item.strings("session.sources"):
            session.sources.add([name], SourceArgs())
        for frame in item.numbers("session.marks"):
            playback.mark(int(frame))
        fps = item.numbers("session.fps")
        if fps and math.isfinite(fps[0]):
            playback.set_fps(fps[0])
        if realtime := item.numbers("session.realtime"):
            playback.set_realtime(bool(realtime[0]))
        if inc := item.numbers("session.inc"):
            playback.set_inc(int(inc[0]))
        bounds = [int(n) for n in item.numbers("session.range")]
        if len(bounds) >= 2:
            playback.set_range(bounds[0], playback.range_end)
            playback.set_range(playback.range_start, bounds[1])
        region = [int(n) for n in item.numbers("session.region")]
        if len(region) >= 2:
            playback.store_in(region[0])
            playback.store_out(region[1])
        for view in item.strings("session.viewNode")[:1]:
            session.views.switch(view, True)
        if pattern := item.numbers("session.background"):
            index = int(pattern[0])
            known = 0 <= index < len(_BACKGROUNDS)
            session.ui.background = _BACKGROUNDS[index if known else 0]
        rest = GtoObject(item.name, item.protocol, item.version)
        rest.components = [c for c in item.components if c.name != "session"]
        copy_properties(session, session.node, rest)


def _mark_read(node: Node) -> None:
    """Note that a file brought the node: source set-up leaves such nodes alone."""
    if not node.has(CREATION_CONTEXT):
        node.add(Property(CREATION_CONTEXT, PropType.INT, (1,), persistent=False))
