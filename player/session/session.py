"""The session: the one owner of state.

Theory of operation. A session owns the graph, the playback state, the views, the sources and the
event bus. Commands change it synchronously and every change sends its events before the command
returns. What RV's main loop does between events (the pending range update, queued loading) is
:meth:`Session.settle`, which the daemon calls after each batch of input and before it shows a
frame. Time, files, pixels, sockets and windows are injected.

Two profiles: "display" is a player (``displayGroup0`` shows the view, new media get the defaults
of :mod:`player.session.sourcesetup`); "output" is what batch export uses (``defaultOutputGroup``
shows it, nothing else applies).

Source: Open RV ``src/lib/ip/IPCore/Session.cpp``, ``src/lib/app/RvApp/RvSession.cpp``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from player.session.collector import collector_paused
from player.session.events import EventBus
from player.session.given import Foreign, Options
from player.session.graph import Graph, GraphHooks
from player.session.kinds.filesource import FileSource
from player.session.kinds.sequence import Sequence
from player.session.kinds.source import Source, SourceGroup
from player.session.kinds.view import DisplayGroup, ViewGroup
from player.session.node import Node
from player.session.paths import PathMap
from player.session.ports import LookUpTable, Ports
from player.session.properties import Property, PropType
from player.session.sourceargs import SourceArgs
from player.session.sources import Sources
from player.session.sourcesetup import SourceSetup
from player.session.timeline.playback import Playback
from player.session.tracking import SequenceTracker
from player.session.uistate import UiState
from player.session.views import Views
from player.session.visitors import Closest

if TYPE_CHECKING:
    from player.session.evaluate import ImageTree

__all__ = ["Profile", "Session"]

Profile = Literal["display", "output"]
DEFAULT_VIEWS = ("defaultLayout", "defaultSequence", "defaultStack")
_CACHE_WORDS = {1: "buffer", 2: "region"}
_MOST_UPDATES = 10_000  # of the range without anything loaded in between
_BARE = frozenset({"OCIO", "OCIOFile", "OCIOLook", "OCIODisplay"})


class Session:
    """One RV session. ``clock`` gives seconds; ``events`` is made when not given."""

    def __init__(
        self,
        profile: Profile = "display",
        *,
        ports: Ports | None = None,
        clock: Callable[[], float] = time.monotonic,
        events: EventBus | None = None,
        options: Options | None = None,
        colour_nodes: bool = False,
    ) -> None:
        """*colour_nodes*: those of OpenColorIO work in the "output" profile, too."""
        self.profile: Profile = profile
        self.ports = ports if ports is not None else Ports()
        self.clock = clock
        self.events = events if events is not None else EventBus(clock)
        self.options = options if options is not None else Options()
        self.ui = UiState()
        self.paths = PathMap()
        self.file_name = "Untitled"
        self.name = "session0"
        self.cache_mode = self.options.load_cache if profile == "display" else 0
        self.reading = False
        self.foreign = Foreign()
        self.progressive = False
        self.warn: Callable[[str], None] = lambda text: None
        self.ui_name_counts: dict[str, int] = {}
        self.playback = Playback(self.emit, clock)
        self.playback.realtime = self.options.play_mode == 2
        self.playback.mode = self.options.loop_mode
        self.playback.fps = self.options.default_fps
        self.playback.audio_ready = profile != "output"
        hooks = GraphHooks(
            probe=self.ports.media.probe,
            parameters=self.ports.media.parameters,
            frame=lambda: self.playback.frame,
            media_changed=self._media_changed,
            warn=self._warn,
            wants=self.events.has_listener,
            pixels=self.ports.pixels,
            correction=self._correction,
            table=self._table,
            colour_config=self.ports.renderer.colour_config,
            bare_types=_BARE if profile == "output" and not colour_nodes else frozenset(),
        )
        self.graph = Graph(self.emit, hooks)
        self.handled = 0
        """How many revisions of the graph are due to handlers of the session's own events."""
        self.views = Views(self)
        self.sources = Sources(self)
        self._tracker = SequenceTracker(self)
        self._settling = False
        self.source_setup = SourceSetup(self) if profile == "display" else None
        self._build()
        self.graph.range_dirty = False

    # -- events --------------------------------------------------------------------------------

    def emit(self, name: str, contents: str = "", array: tuple[str, ...] = ()) -> object:
        """Send an internal event (skipped when nobody listens)."""
        if not self.events.has_listener(name):
            return None
        before, handled = self.graph.revision, self.handled
        event = self.events.send(name, contents, contents_array=array)
        self.handled = handled + self.graph.revision - before
        return event

    def send(self, name: str, contents: str = "") -> str:
        """Send an event that asks something; the answer, "" without one."""
        if not self.events.has_listener(name):
            return ""
        return self.events.send(name, contents).return_content

    def initialized(self) -> None:
        """Tell that scripting is there, before the command line is looked at."""
        self.emit("state-intialized")  # RV's spelling, kept for old packages
        self.emit("state-initialized")

    def _warn(self, text: str) -> None:
        self.warn(text)

    def _media_changed(self, source: Source) -> None:
        self.sources.media_changed(source)
        if self.source_setup is not None and isinstance(source.group, SourceGroup):
            self.source_setup.apply(source, source.group)

    # -- the default graph ---------------------------------------------------------------------

    def _make(self, type: str, name: str) -> Node:
        node = self.graph.new_node(type, name)
        assert node is not None
        return node

    def _build(self) -> None:
        graph = self.graph
        graph.root = root = self._make("Root", "root")
        self.node = self._make("RVSession", "rv")
        sequence = self._make("RVSequenceGroup", "defaultSequence")
        stack = self._make("RVStackGroup", "defaultStack")
        layout = self._make("RVLayoutGroup", "defaultLayout")
        view_group = self._make("RVViewGroup", "viewGroup")
        output = self._make("RVOutputGroup", "defaultOutputGroup")
        assert isinstance(view_group, ViewGroup)
        assert isinstance(output, DisplayGroup)
        self.view_group: ViewGroup = view_group
        for node, text in (
            (sequence, "Default Sequence"),
            (stack, "Default Stack"),
            (layout, "Default Layout"),
        ):
            graph.set_ui_name(node, text)
        self._name_device(output, "mesa" if self.profile == "output" else "")
        view_group.set_inputs([sequence])
        self.views.node = sequence
        output.set_inputs([view_group])
        shown: DisplayGroup = output
        if self.profile == "display":
            display = self._make("RVDisplayGroup", "displayGroup0")
            assert isinstance(display, DisplayGroup)
            self._name_device(display, "player")
            self._initial_colour(display)
            display.set_inputs([view_group])
            shown = display
        self.display: DisplayGroup = shown
        root.set_inputs([shown])
        root.set_inputs([*root.inputs, view_group.waveform])
        if self.options.volume != 1.0:
            view_group.soundtrack.assign("audio.volume", [self.options.volume])
        if self.source_setup is not None:
            self.source_setup.reset()

    @staticmethod
    def _name_device(group: Node, name: str) -> None:
        for prop, value in (
            ("device.name", name),
            ("device.moduleName", ""),
            ("device.systemProfileURL", ""),
            ("device.systemProfileType", ""),
        ):
            group.assign(prop, [value])

    def _initial_colour(self, group: DisplayGroup) -> None:
        options = self.options
        for node in group.pipeline.members:
            if node.type == "RVDisplayColor":
                for name, value in (
                    ("color.gamma", options.gamma),
                    ("color.sRGB", int(options.srgb)),
                    ("color.Rec709", int(options.rec709)),
                    ("color.brightness", options.brightness),
                ):
                    if node.one(name) != value:
                        node.assign(name, [value])

    def default_views(self) -> list[Node]:
        """The default views that still exist, in the order they are told of new sources."""
        found = (self.graph.exact(n) for n in DEFAULT_VIEWS)
        return [n for n in found if n is not None]

    @property
    def view(self) -> Node | None:
        """The view node."""
        return self.views.node

    # -- range ---------------------------------------------------------------------------------

    def update_range(self) -> None:
        """Derive the frame range from the graph now."""
        root = self.graph.root
        assert root is not None
        info = root.range_info()
        self.playback.update_range(info.start, info.end + 1)
        self.graph.range_dirty = False

    def settle(self, until: float | None = None) -> bool:
        """What RV's main loop does between events: the range, the media that is queued.

        Loading stops at ``until`` (seconds of the clock), so that others are served between two
        media; True when everything is done.
        """
        if self._settling:
            return True
        self._settling = True
        try:
            if self.sources.queue is None:
                return self._catch_up(until)
            with collector_paused():
                return self._catch_up(until)
        finally:
            self._settling = False

    def _catch_up(self, until: float | None) -> bool:
        updates = 0
        while updates < _MOST_UPDATES:  # a handler may change the range whenever it is told of it
            if self.graph.range_dirty:
                self.update_range()
                updates += 1
            elif self.sources.queue is None:
                break
            elif until is not None and self.clock() > until:
                return False
            else:
                self.sources.queue.step()
                updates = 0
        return True

    def track_sequence(self, on: bool) -> None:
        """Keep the playhead with its source while defaultSequence changes (or not)."""
        if on:
            group = self.graph.exact("defaultSequence")
            node = group.sequence if group is not None and hasattr(group, "sequence") else None
            self._tracker.follow(node if isinstance(node, Sequence) else None)
        else:
            self._tracker.follow(None)

    # -- nodes ---------------------------------------------------------------------------------

    def new_node(self, type: str, name: str = "") -> Node | None:
        """A node, told by ``graph-new-node`` and ``new-node``; None for an unknown type."""
        node = self.graph.new_node(type, name)
        if node is not None:
            self.emit("new-node", node.name)
        return node

    def delete_node(self, node: Node) -> None:
        """Delete a node; if it is the view, another one is viewed first."""
        name = node.name
        is_source = isinstance(node, SourceGroup | Source)
        if is_source:
            self.emit("before-source-delete", name)
        self._tracker.forget(node)
        if node is self.view:
            names = self.graph.view_names()
            if len(names) > 1 or name not in names:
                self._leave_view(name, names)
        self.emit("before-node-delete", name)
        self.sources.forget(node)
        self.graph.delete(node)
        self.update_range()
        self.emit("after-node-delete", name)
        if is_source:
            self.emit("after-source-delete", name)

    def _leave_view(self, name: str, names: list[str]) -> None:
        if self.views.previous:
            self.views.switch(self.views.previous)
            return
        at = names.index(name) + 1 if name in names else 0
        self.views.switch(names[at % len(names)])

    def source_node(self, name: str) -> Source | None:
        """The source node of a name (cut like every node name)."""
        node = self.graph.find(name)
        return node if isinstance(node, Source) else None

    def current_nodes(self, type: str) -> list[Node]:
        """The closest nodes of a type in the path shown now, a node once for each way to it.

        "RVSource" gives the image sources only: RV looks for both kinds, but the second search
        replaces what the first one found (RvSession::findCurrentNodesByTypeName).
        """
        if type == "View":
            return [self.view] if self.view is not None else []
        if type == "Session":
            return [self.node]
        if type == "RVSource":
            return self.current_nodes("RVImageSource")
        visitor = Closest(type)
        assert self.graph.root is not None
        self.graph.root.meta(self.playback.frame, visitor)
        return [n for _, n in visitor.found]

    def set_view(self, name: str) -> bool:
        """``setViewNode``: playback stops and starts again around the switch."""
        playing = self.playback.playing
        if playing:
            self.playback.stop()
        if not self.views.switch(name):
            return False
        self.playback.refill_audio()
        if playing:
            self.playback.play()
        return True

    def next_ui_name(self, name: str) -> str:
        """``name``, and with a growing number from the second request on."""
        n = self.ui_name_counts.get(name, 0) + 1
        self.ui_name_counts[name] = n
        return name if n == 1 else f"{name} {n}"

    # -- clearing and files --------------------------------------------------------------------

    def clear(self) -> None:
        """Back to an empty session, with RV's events."""
        playback = self.playback
        self.emit("before-clear-session")
        self.ui_name_counts.clear()
        self.views.switch("defaultSequence", True)
        playback.stop()
        self.ui.history.clear()
        self.ui.stop_timer(self.clock())
        playback.audio_mode = 1
        playback.marks = []
        playback.inc = 1
        mode = self.cache_mode
        self.set_cache_mode(0)
        mute = self.view_group.soundtrack.one("audio.mute", 0)
        self._reset_graph()
        self.ports.media.cleared()
        if mute:
            self.view_group.soundtrack.assign("audio.mute", [mute])
        self.file_name = "Untitled"
        playback.store_in(1)
        playback.store_out(2)
        playback.set_range(1, playback.range_end)
        playback.set_range(playback.range_start, 2)
        playback.move(1)
        self.views.switch(self.views.name, True)
        self.emit("after-clear-session")
        self.set_cache_mode(mode)
        self.sources.clear()
        self._tracker.follow(None)
        playback.set_fps(self.options.default_fps)

    def _reset_graph(self) -> None:
        graph = self.graph
        names = graph.view_names()
        views = [graph.views[n] for n in names]
        for node in views:
            node.will_delete()
            node.set_inputs([])
        if views:
            self.views.connect(views[-1])
        graph.drop_everything()
        self.sources.clear()
        self.views.clear()
        self.foreign = Foreign()
        self._build()

    def read_session(self, path: str, merge: bool, args: SourceArgs | None = None) -> None:
        """Read a session file; SessionError when it cannot be read."""
        from player.session.files import load_session

        load_session(self, path, merge, args)

    def set_cache_mode(self, mode: int) -> None:
        """Set the cache mode; ``cache-mode-changed`` when it differs."""
        if mode != self.cache_mode:
            self.ports.cache.set_mode(mode)
            self.cache_mode = mode
            self.emit("cache-mode-changed", _CACHE_WORDS.get(mode, "off"))

    # -- small services for sources ------------------------------------------------------------

    def map_path(self, path: str) -> str:
        """A path with its variables expanded."""
        return self.paths.expand(path)

    def remember_proxy(self, node: FileSource, args: SourceArgs) -> None:
        """What options say of the media, for the case that it is missing."""
        if args.cut_in is not None and args.cut_out is not None:
            values = [args.cut_in, args.cut_out]
            node.add(Property("proxy.range", PropType.INT, values, dims=(2, 0, 0, 0)))
        if args.fps != 0.0:
            node.add(Property("proxy.fps", PropType.FLOAT, [args.fps]))

    def first_rate(self, fps: float) -> None:
        """``+fps`` on the only source sets the rate of the session and of the default views."""
        if len(self.sources) == 1:
            self.playback.set_fps(fps)
            for view in self.default_views():
                self.views.store(view)

    def update_annotations_ui(self) -> None:
        """Tell the state of the annotation buttons."""
        for name in ("hold", "ghost"):
            value = self.node.one(f"paintEffects.{name}", 0)
            self.emit(f"update-{name}-button", str(value))

    def process_options(self, failed: bool) -> None:
        """What the command line wants once the first media is there."""
        options = self.options
        if options.view and not self.views.switch(options.view):
            self.warn(f'ERROR: view not found "{options.view}"')
        if options.load_cache:
            self.set_cache_mode(options.load_cache)
        if options.play and not failed:
            if self.graph.range_dirty:  # of several sources it is not known before
                self.update_range()
            self.playback.play()

    def read_cdl(self, path: str, target: str) -> None:
        """Read a CDL file into the nodes an address names."""
        from player.session.colourfiles import read_cdl

        read_cdl(self, path, target)

    def _correction(self, path: str) -> dict[str, list[float]]:
        """Slope, offset, power and saturation of a CDL file; OSError, SessionError."""
        from player.session.colourfiles import CDL_LIMIT, parse_cdl

        return parse_cdl(self.ports.media.read_text(self.map_path(path), CDL_LIMIT))

    def _table(self, path: str, power_of_two: bool, samples: int) -> tuple[str, LookUpTable]:
        """Where a colour table was found, and the table; SessionError."""
        from player.session.colourfiles import find_table

        return find_table(self, path, power_of_two, samples)

    def read_lut(self, path: str, target: str, activate: bool) -> None:
        """Point the LUT of the nodes an address names at a file."""
        from player.session.colourfiles import read_lut

        read_lut(self, path, target, activate)

    def read_lut_on_all(self, path: str, type: str) -> None:
        """Point the LUT of every node of a type at a file and switch it on."""
        from player.session.colourfiles import locate_table, read_lut

        file = locate_table(self, path)
        for node in self.graph.by_type(type):
            read_lut(self, file, node.name, True)

    def evaluate(self, frame: int | None = None, eye: str | None = None) -> ImageTree:
        """The tree of what is shown at a frame (default: the current one)."""
        from player.session.evaluate import evaluate

        return evaluate(self, self.playback.frame if frame is None else frame, eye)
