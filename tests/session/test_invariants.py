"""Random command sequences: whatever clients send, the session stays consistent."""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from player.commands import CommandError, Context, EngineError, PropertyError, load_all
from player.commands.calling import Calls
from player.media import PixelStore, Probe
from player.session.errors import SessionError
from player.session.events import Event, StringEvent
from player.session.kinds.inputfacts import InputFacts
from player.session.kinds.sequence import Sequence
from player.session.kinds.stack import Stack
from player.session.ports import Ports
from player.session.session import Session

REFUSALS = (CommandError, EngineError, PropertyError, SessionError, ValueError)
GROUPS = (
    "RVSequenceGroup", "RVStackGroup", "RVLayoutGroup", "RVSwitchGroup", "RVRetimeGroup",
    "RVFolderGroup", "RVColor", "RVRetime", "RVSequence", "RVSwitch",
)  # fmt: skip
PAIRS = (
    ("before-play-start", "play-start"),
    ("push-eat-broadcast-events", "pop-eat-broadcast-events"),
    ("before-graph-view-change", "after-graph-view-change"),
    ("graph-before-delete-node", "graph-after-delete-node"),
    ("before-node-delete", "after-node-delete"),
    ("before-source-delete", "after-source-delete"),
    ("before-clear-session", "after-clear-session"),
    ("before-progressive-loading", "after-progressive-loading"),
    ("graph-state-will-insert", "graph-state-change-insert"),
)
INTS = st.integers(-5, 60) | st.sampled_from([0, 1, -(2**31), 2**31 - 1])
FLOATS = st.floats(width=32) | st.sampled_from([0.0, 24.0, 25.0, 1e30])


class Commands(RuleBasedStateMachine):
    """Drives a session by commands and looks at it after each."""

    @initialize(profile=st.sampled_from(["display", "output"]))
    def start(self, profile: Any) -> None:
        load_all()
        self.now = 0.0
        self.cut = False
        self.sent: Counter[str] = Counter()
        self.session = Session(
            profile, ports=Ports(media=Probe(), pixels=PixelStore()), clock=lambda: self.now
        )
        self.session.events.trace = self.note
        self.calls = Calls(Context(self.session))

    def note(self, event: Event) -> None:
        assert isinstance(event, StringEvent)
        self.sent[event.name] += 1

    def call(self, name: str, *args: Any) -> Any:
        """A command; refusing is allowed, breaking is not."""
        with contextlib.suppress(*REFUSALS):
            return getattr(self.calls, name)(*args)
        return None

    def some(self, data: st.DataObject, names: Any) -> str:
        return data.draw(st.sampled_from([*sorted(names), "nope", ""]))

    def node(self, data: st.DataObject) -> str:
        return self.some(data, self.session.graph.nodes)

    def view(self, data: st.DataObject) -> str:
        return self.some(data, self.session.graph.views)

    # -- sources -------------------------------------------------------------------------------

    @rule(end=st.integers(1, 30), fps=st.sampled_from([0, 12, 24, 25, 30]), how=st.integers(0, 4))
    @precondition(lambda self: len(self.session.sources) < 8)
    def add(self, end: int, fps: int, how: int) -> None:
        name = f"solid,start={end // 2},end={end},fps={fps},width={end},height=8.movieproc"
        if how == 0:
            self.call("addSource", name)
        elif how == 1:
            self.call("addSourceVerbose", [name, "+in", "2", "+out", str(end - 1)])
        elif how == 2:
            self.call("addSources", [name, "[", name, "+rs", "7", "]"])
        elif how == 3:
            self.call("addSource", "/no/such/file.exr")
        else:
            args = (4, 4, 4, 4, 0, 0, 1.0, 4, 8, False, end, end // 2, float(fps))
            self.call("newImageSource", "pushed", *args)

    @rule(data=st.data(), end=st.integers(1, 30))
    def change_media(self, data: st.DataObject, end: int) -> None:
        name = f"solid,start=1,end={end},fps=24,width=16,height={end}.movieproc"
        source = self.some(data, [n.name for n in self.session.sources.nodes])
        which = data.draw(st.sampled_from(["setSourceMedia", "addToSource", "rep"]))
        if which == "rep":
            self.call("addSourceMediaRep", source, f"r{end}", [name])
            self.call("setActiveSourceMediaRep", source, f"r{end}")
        elif which == "addToSource":
            self.call(which, source, name, "")
        else:
            self.call(which, source, [name])

    # -- the graph -----------------------------------------------------------------------------

    @rule(kind=st.sampled_from(GROUPS), name=st.sampled_from(["a", "b", "c d", ""]))
    @precondition(lambda self: len(self.session.graph.nodes) < 600)
    def new_node(self, kind: str, name: str) -> None:
        self.call("newNode", kind, name)

    @rule(data=st.data())
    def connect(self, data: st.DataObject) -> None:
        target = self.view(data)
        inputs = data.draw(st.lists(st.sampled_from(sorted(self.session.graph.views)), max_size=5))
        self.call("setNodeInputs", target, inputs)

    @rule(data=st.data(), member=st.booleans())
    def delete(self, data: st.DataObject, member: bool) -> None:
        if member and data.draw(st.integers(0, 9)) == 0:
            # RV tells nobody that a group's inner chain is cut
            self.cut = True
            self.call("deleteNode", self.node(data))
        else:
            self.call("deleteNode", self.view(data))

    @rule(data=st.data())
    def look(self, data: st.DataObject) -> None:
        self.call("setViewNode", self.view(data))

    @rule(data=st.data(), ints=st.lists(INTS, max_size=3), floats=st.lists(FLOATS, max_size=3))
    def write(self, data: st.DataObject, ints: list[int], floats: list[float]) -> None:
        node = self.session.graph.nodes.get(self.node(data))
        if node is None:
            return
        name = self.some(data, [n for n in node.props if not n.startswith("image.")])
        full = f"{node.name}.{name}"
        for kind, values in (("Int", ints), ("Float", floats)):
            self.call(f"set{kind}Property", full, values, data.draw(st.booleans()))
        text = data.draw(st.sampled_from(["row", "switch", "stack", "layout", "over", "RVColor"]))
        self.call("setStringProperty", full, [text], True)

    # -- playback ------------------------------------------------------------------------------

    @rule(
        name=st.sampled_from(
            ["setFrame", "setInPoint", "setOutPoint", "setInc", "setPlayMode", "setFrameStart",
             "setFrameEnd"]
        ),
        value=INTS,
    )  # fmt: skip
    def number(self, name: str, value: int) -> None:
        self.call(name, value)

    @rule(a=INTS, b=INTS)
    def narrow(self, a: int, b: int) -> None:
        self.call("narrowToRange", a, b)

    @rule(rate=FLOATS)
    def rate(self, rate: float) -> None:
        self.call("setFPS", rate)

    @rule(frame=INTS, on=st.booleans())
    def mark(self, frame: int, on: bool) -> None:
        self.call("markFrame", frame, on)

    @rule(on=st.booleans(), realtime=st.booleans())
    def play(self, on: bool, realtime: bool) -> None:
        self.call("setRealtime", realtime)
        self.call("play" if on else "stop")

    @rule(seconds=st.floats(0.0, 3.0))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.session.playback.tick(self.now)
        self.session.settle(self.now)

    @rule()
    def clear(self) -> None:
        self.call("clearSession")

    @rule()
    def save_and_load(self) -> None:
        path = str(self.folder / "session.rv")
        self.session.settle()
        self.call("saveSession", path, True)
        self.call("addSource", path)

    # -- what always holds ---------------------------------------------------------------------

    @invariant()
    def consistent(self) -> None:
        session = self.session
        session.settle(self.now)
        graph = session.graph
        for name, node in graph.nodes.items():
            assert node.name == name
            assert all(graph.nodes.get(i.name) is i for i in node.inputs), f"input of {name}"
            assert all(graph.nodes.get(o.name) is o for o in node.outputs), f"output of {name}"
            assert all(o.inputs.count(node) == node.outputs.count(o) for o in node.outputs)
            assert node.group is None or node in node.group.members
            assert all(m.group is node for m in node.members)
        for name, node in graph.views.items():
            info = node.range_info()
            assert isinstance(info.start, int) and isinstance(info.end, int), name
        assert session.view is not None and graph.nodes.get(session.view.name) is session.view
        assert {"defaultSequence", "defaultStack", "defaultLayout"} <= graph.views.keys()
        assert set(session.sources.nodes) <= set(graph.nodes.values())
        p = session.playback
        assert isinstance(p.frame, int)  # a view's own frame comes back unclamped, as in RV
        assert p.narrowed_start <= p.in_point and p.out_point <= p.narrowed_end
        assert p.inc != 0 and p.marks == sorted(set(p.marks))
        assert not session.reading

    @invariant()
    def remembered_is_true(self) -> None:
        """What fan-in nodes remember of their inputs is what these say."""
        for node in list(self.session.graph) if not self.cut else ():
            if isinstance(node, Sequence | Stack):
                node.settle()
                if isinstance(node, Sequence) and not node.one("mode.autoEDL", 1):
                    continue
                fresh = InputFacts()
                fresh.replace(node.inputs, 0)
                fresh.update(node.inputs)
                if node.inputs:
                    assert node._facts.ranges == fresh.ranges, node.name
                    assert node._facts.size == fresh.size, node.name

    @invariant()
    def events_balance(self) -> None:
        for before, after in PAIRS:
            assert self.sent[before] == self.sent[after], (before, after)
        playing = self.session.playback.playing
        assert self.sent["play-start"] - self.sent["play-stop"] == playing


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> None:
    Commands.folder = tmp_path  # type: ignore[attr-defined]


class TestCommands(Commands.TestCase):  # type: ignore[name-defined, misc]
    """The machine, run by pytest."""

    settings = settings(
        max_examples=40,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
