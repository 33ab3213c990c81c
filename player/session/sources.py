"""Sources: adding media to a session, connecting it to the default views, representations.

Theory of operation. ``add`` makes the source node, its group, connects the group to the three
default views (at once, or all new groups together while a batch is open), writes ``media.movie``
(which opens the media and sends the source-group events) and applies the options. The first
source of a session decides its rate: it is the *conductor*, and whenever its media changes the
session takes over its rate and increment again.

``addSources`` only queues: :meth:`Sources.step` loads one item at a time, when the session
settles.

Source: Open RV ``src/lib/app/RvApp/RvSession.cpp``, ``RvGraph.cpp``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from player.session.errors import SessionError
from player.session.group import Adaptor
from player.session.kinds.filesource import FileSource
from player.session.kinds.imagesource import ImageSource
from player.session.kinds.source import Source, SourceGroup
from player.session.kinds.switch import Switch, SwitchGroup
from player.session.loading import LoadQueue
from player.session.node import Node
from player.session.paths import conform
from player.session.ports import MediaInfo
from player.session.sourceargs import SourceArgs, parse_source_args
from player.session.sourceoptions import apply_source_args
from player.session.stereopairs import is_stereo, stereo_pair

if TYPE_CHECKING:
    from player.session.session import Session

__all__ = ["Sources"]


class Sources:
    """The sources of a session, in order of creation."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.nodes: dict[Source, None] = {}
        self.conductor: Source | None = None
        self.queue: LoadQueue | None = None
        self.last_count = 0
        self._batch = 0
        self._new: list[Node] = []

    def __len__(self) -> int:
        return len(self.nodes)

    def clear(self) -> None:
        """Forget everything (the graph was emptied)."""
        self.nodes.clear()
        self.conductor = None
        self._new.clear()

    def forget(self, node: Node) -> None:
        """A node is being deleted."""
        members = list(node.members) if isinstance(node, SourceGroup) else [node]
        for m in members:
            if isinstance(m, Source):
                self.nodes.pop(m, None)
                if self.conductor is m:
                    self.conductor = None
        if node in self._new:
            self._new.remove(node)

    @property
    def last(self) -> Source | None:
        return next(reversed(self.nodes), None)

    # -- batches --------------------------------------------------------------------------------

    def begin(self) -> None:
        """Put off connecting new groups to the default views."""
        self._batch += 1
        if self._batch == 1:
            self._session.track_sequence(False)

    def end(self) -> None:
        """Connect what is new when the outermost batch ends."""
        self._batch -= 1
        if self._batch == 0:
            self._connect_new()
            self._session.track_sequence(True)

    def _connect_new(self) -> None:
        new, self._new = self._new, []
        if new:
            for view in self._session.default_views():
                view.append_inputs(new)

    def _connect(self, group: Node) -> None:
        if self._batch > 0:
            self._new.append(group)
        else:
            for view in self._session.default_views():
                view.append_inputs([group])

    # -- adding ---------------------------------------------------------------------------------

    def new_source(
        self, type: str, rep_name: str = "", sister: Source | None = None, name: str = ""
    ) -> Source:
        """A source node in its group, connected to the default views; no media yet."""
        graph = self._session.graph
        node = graph.make(type, name or f"sourceGroup{len(self.nodes):06d}_source")
        assert isinstance(node, Source)
        if rep_name:
            node.assign("media.repName", [rep_name])
        self.nodes[node] = None
        stem = node.name[: node.name.find("_source")]
        definition = graph.definition("RVSourceGroup")
        assert definition is not None
        group = SourceGroup(stem, definition, graph)
        group.build_around(node)
        graph.add_view(group)
        if sister is None and not rep_name:
            self._connect(group)
        else:
            self._add_to_switch(stem, node, group, sister)
        return node

    def _add_to_switch(
        self, stem: str, node: Source, group: SourceGroup, sister: Source | None
    ) -> None:
        """The switch group that holds the representations of one source."""
        graph = self._session.graph
        switch: Node | None = None
        if sister is not None:
            node.set_media_active(False)
            assert sister.group is not None
            switch = associated(sister.group, "RVSwitchGroup")
        if switch is not None:
            switch.append_inputs([group])
            return
        definition = graph.definition("RVSwitchGroup")
        assert definition is not None
        made = SwitchGroup(f"{stem}_switchGroup", definition, graph)
        made.build()
        made.switch.assign("mode.autoEDL", [0])
        sister_group = sister.group if sister is not None else None
        made.set_inputs([group] if sister_group is None else [sister_group, group])
        graph.add_view(made)
        if self._batch > 0:
            if sister_group is None:
                self._new.append(made)
            else:
                self._new = [made if n is sister_group else n for n in self._new]
            return
        for view in self._session.default_views():
            if sister_group is None:
                view.append_inputs([made])
            else:
                view.set_inputs([made if n is sister_group else n for n in view.inputs])

    def add(
        self,
        movies: Sequence[str],
        args: SourceArgs,
        type: str = "RVFileSource",
        rep_name: str = "",
        rep_source: str = "",
    ) -> Source | None:
        """One source of these media; None when ``last`` names no source."""
        session = self._session
        rep_name = rep_name or args.rep_name
        rep_source = rep_source or args.rep_source
        sister: Source | None = None
        if rep_source:
            sister = self.last if rep_source == "last" else session.source_node(rep_source)
            if sister is None:
                if rep_source == "last":
                    return None
                raise SessionError("ERROR: Could not find specified source node")
            if rep_name in [r for r, _ in self.representations(sister.name)]:
                raise SessionError(
                    f"ERROR: Source media representation name already exists: {rep_name}"
                )
        node = self.new_source(type, rep_name, sister)
        movie = node.prop("media.movie")
        assert movie is not None
        movie.set([*movie.values, *movies] if type == "RVFileSource" else [movies[0], *movies])
        if isinstance(node, FileSource):
            node.in_params = list(args.in_params)
            session.remember_proxy(node, args)
        node.changed(movie)
        session.emit("new-node", node.name)
        first = movies[0] if movies else ""
        session.emit("new-source", f"{node.name};;RVSource;;{first}")
        apply_source_args(session, args, node)
        return node

    def add_image(self, info: MediaInfo) -> ImageSource:
        """A source for pushed pictures."""
        node = self.add([info.path], SourceArgs(), "RVImageSource")
        assert isinstance(node, ImageSource)
        node.configure(info)
        return node

    def pixels_landed(self, landed: Sequence[tuple[str, str]]) -> None:
        """Tiles arrived in the pixel store: (source node, key) of each."""
        for name, key in landed:
            node = self._session.graph.exact(name)
            if isinstance(node, ImageSource):
                prop = node.note_pixels(key)
                if prop is not None:
                    node.changed(prop)
                node.propagate_media()

    def read(
        self,
        path: str,
        args: SourceArgs | None = None,
        *,
        to_existing: bool = False,
        tag: str = "",
        merge: bool = False,
    ) -> None:
        """Load one path: a file or pattern, a directory, a session file, a stereo pair."""
        session = self._session
        args = args if args is not None else SourceArgs()
        path = self.incoming(path, tag)
        media = session.ports.media
        if media.is_directory(path):
            self._read_files(media.list_directory(path), args, to_existing)
            return
        extension = path.rpartition(".")[2] if "." in path else ""
        if extension == "rv":
            session.read_session(path, merge, args)
        elif extension == "rvedl":
            session.warn("ERROR: Unsupported file format")
        elif is_stereo(path):
            movies = self.stereo_paths(path)
            if len(movies) != 2:
                raise SessionError(f"Cannot access stereo media {path}")
            if to_existing:
                self.add_to("", movies, args)
            else:
                self.add(movies, args)
        else:
            self._read_files([path], args, to_existing)
        session.update_annotations_ui()

    def _read_files(self, files: Sequence[str], args: SourceArgs, to_existing: bool) -> None:
        self.begin()
        try:
            if to_existing:
                self.add_to("", files, args)
            else:
                for file in files:
                    self.add([file], args)
        finally:
            self.end()
        self._session.update_range()

    def incoming(self, path: str, tag: str) -> str:
        """The path after variables, slashes and the ``incoming-source-path`` event."""
        session = self._session
        path = conform(session.map_path(path))
        changed = session.send("incoming-source-path", f"{path};;{tag}")
        return changed or path

    def add_with_options(
        self, words: Sequence[str], tag: str, rep_name: str = "", rep_source: str = ""
    ) -> Source | None:
        """One source from files and ``+options``."""
        args = SourceArgs()
        if words:
            args = parse_source_args(["[", *words, "]"])[0]
        movies: list[str] = []
        for file in args.files:
            movies.extend(self.stereo_paths(self.incoming(file, tag)))
        if not movies:
            raise SessionError("ERROR: No files for reading\n")
        node = self.add(movies, args, "RVFileSource", rep_name, rep_source)
        if not rep_source:
            self._session.update_range()
        return node

    def add_to(self, name: str, movies: Sequence[str], args: SourceArgs | None = None) -> None:
        """Append media to a source ("" the most recent one)."""
        if not movies:
            return
        node = self._session.source_node(name) if name else self.last
        if node is None:
            return
        movie = node.prop("media.movie")
        assert movie is not None
        movie.set([*movie.values, *movies])
        node.changed(movie)
        apply_source_args(self._session, args or SourceArgs(), node)
        self._session.emit("source-modified", f"{node.name};;RVSource;;{movies[0]}")

    def stereo_paths(self, path: str) -> list[str]:
        """Left and right file of a ``%v``/``%V`` pattern; the path itself otherwise."""
        if not is_stereo(path):
            return [path]
        media = self._session.ports.media
        found = stereo_pair(path, lambda file: bool(media.existing_frames(file)))
        if len(found) == 1:
            self._session.warn(f"ERROR: can't find right eye in {path}")
        return found

    # -- queued loading -------------------------------------------------------------------------

    def enqueue(self, words: Sequence[str], process: bool, merge: bool, tag: str) -> None:
        """``addSources``: remember what to load; it is loaded when the session settles."""
        if any(w.endswith(".rv") for w in words) and len(words) > 1:
            merge = True
        self.enqueue_sources(parse_source_args(words), process, merge, tag)

    def enqueue_sources(
        self, listed: Sequence[SourceArgs], process: bool, merge: bool, tag: str
    ) -> None:
        """``enqueue`` for sources that were parsed (and completed) already."""
        session = self._session
        if not listed:
            return
        queue = LoadQueue(session, listed, process, merge, tag)
        if self.queue is not None:
            self.queue.extend(queue)
        else:
            self.queue = queue
        if queue.total > 1:
            self.begin()
            queue.batched = True
        session.emit("before-progressive-loading")
        session.emit("before-progressive-proxy-loading")

    # -- media ----------------------------------------------------------------------------------

    def media_changed(self, node: Source) -> None:
        """The media of a source was opened or changed."""
        group = node.group
        session = self._session
        if not isinstance(group, SourceGroup):
            return
        if not group.has("ui.name"):
            group.name_from_media()
        playback = session.playback
        if isinstance(node, FileSource) and len(self.nodes) == 1 and node.has_audio:
            playback.realtime = playback.realtime or session.options.play_mode == 0
        action, node.action = node.action, "modified"
        contents = f"{group.name};;{action}"
        session.emit("source-group-proxy-complete", contents)
        session.emit("source-group-complete", contents)
        if (len(self.nodes) == 1 and action == "new") or self.conductor is node:
            session.update_range()
            root = session.graph.root
            assert root is not None
            playback.inc = root.range_info().inc or 1
            if self.conductor is None:
                playback.frame = playback.range_start
            playback.fps = next(iter(self.nodes)).range_info().fps
            self.conductor = node
        if not session.reading:
            session.update_range()

    def replace_media(self, name: str, files: Sequence[str], tag: str) -> None:
        """``setSourceMedia``."""
        session = self._session
        node = session.graph.find(name)
        if node is None:
            raise SessionError(f"Can't find node {name}")
        movies: list[str] = []
        for file in files:
            movies.extend(self.stereo_paths(self.incoming(file, tag)))
        if not movies:
            return
        if not isinstance(node, FileSource):
            raise SessionError(f"Bad node type {name}")
        node.clear_media()
        node.assign("media.movie", movies)
        node.assign("media.active", [1])
        movie = node.prop("media.movie")
        assert movie is not None
        node.changed(movie)
        session.emit("new-source", f"{name};;RVSource;;{movies[0]}")
        session.emit("source-media-set", f"{name};;{tag}")

    def relocate(self, old: str, new: str, name: str = "") -> None:
        """``relocateSource``: the first file of every source whose files are exactly ``old``."""
        session = self._session
        if name:
            only = session.graph.find(name)
            candidates = [only] if only is not None else []
        else:
            candidates = session.graph.by_type("RVFileSource")
        mapped = conform(session.map_path(new))
        for node in candidates:
            if not isinstance(node, FileSource) or node.filename != old:
                continue
            session.emit("media-relocated", f"{node.name};;{old};;{mapped}")
            files = list(node.get("media.movie"))
            node.assign("media.movie", [new, *files[1:]])
            node.assign("media.active", [1])
            movie = node.prop("media.movie")
            assert movie is not None
            node.changed(movie)
            session.emit("new-source", f"{node.name};;RVSource;;{new}")

    # -- representations --------------------------------------------------------------------------

    def switches(self, name: str) -> list[Switch]:
        """Switches of a source or switch node; "" those shown now, "all" every one."""
        session = self._session
        if name == "":
            nodes = session.current_nodes("RVSwitch")
        elif name == "all":
            nodes = session.graph.by_type("RVSwitch")
        else:
            node = session.graph.find(name)
            found: Node | None = node
            if node is not None and not isinstance(node, Switch) and node.group is not None:
                found = associated(node.group, "RVSwitch")
            nodes = [found] if found is not None else []
        return [n for n in nodes if isinstance(n, Switch) and isinstance(n.group, SwitchGroup)]

    def representations(self, name: str) -> list[tuple[str, str]]:
        """(representation, source node) in switch order; of a plain source its own."""
        switches = self.switches(name) if name else []
        if not switches:
            node = self._session.source_node(name)
            return [(node.rep_name, node.name)] if node is not None else []
        pairs: list[tuple[str, str]] = []
        for chain in switches[0].inputs:
            source = source_behind(chain)
            if source is not None:
                pairs.append((source.rep_name, source.name))
        return pairs

    def activate(self, name: str, rep: str) -> None:
        """``setActiveSourceMediaRep``."""
        session = self._session
        switches = self.switches(name)
        named = name not in ("", "all")
        if not switches:
            node = session.source_node(name)
            if named and (node is None or node.rep_name != rep):
                raise SessionError(
                    f"Can't find switch node associated with source node {name} to select the "
                    f"'{rep}' media representation."
                )
            return
        for switch in switches:
            chosen = switch.active_input
            active = source_behind(chosen) if chosen is not None else None
            if active is None:
                continue
            if active.rep_name == rep:
                active.set_media_active(True)
                continue
            found = [source_behind(c) for c in switch.inputs]
            wanted = next((s for s in found if s is not None and s.rep_name == rep), None)
            if wanted is None or wanted.group is None:
                if named:
                    raise SessionError(
                        f"Can't find source group associated with {name} to select the "
                        f"'{rep}' media representation."
                    )
                active.set_media_active(True)
                continue
            selected = switch.prop("output.input")
            if selected is not None and selected.values != [wanted.group.name]:
                selected.set([wanted.group.name])
                switch.changed(selected)
                session.emit(
                    "source-media-rep-activated",
                    f"{wanted.name};;{wanted.rep_name};;{active.name};;{active.rep_name}",
                )


def source_behind(node: Node) -> Source | None:
    """The source node whose group enters a switch through ``node``."""
    inner: Node | None = node.source if isinstance(node, Adaptor) else node
    if isinstance(inner, SourceGroup) and isinstance(inner.source, Source):
        return inner.source
    return None


def associated(node: Node, type: str) -> Node | None:
    """The node of a type found going downstream from ``node``, into groups."""
    for user in node.outputs:
        if user.type == type:
            return user
        if user.is_group:
            for member in list(user.members):
                if not member.inputs:
                    found = associated(member, type)
                    if found is not None:
                        return found
        found = associated(user, type)
        if found is not None:
            return found
    return None
