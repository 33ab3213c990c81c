"""What reading a session file leaves behind, whatever the order of its objects."""

from __future__ import annotations

import gc
import re
import weakref
from pathlib import Path

import pytest

from player.commands import Context, load_all
from player.commands.calling import Calls
from player.media import Probe
from player.session.ports import Ports
from player.session.session import Session

SMALL = "smptebars,start=101,end=120,fps=25,width=128,height=64.movieproc"
WIDE = "smptebars,start=0,end=9,fps=12,width=320,height=32.movieproc"


@pytest.fixture
def session() -> Session:
    load_all()
    return Session("output", ports=Ports(media=Probe()))


@pytest.fixture
def calls(session: Session) -> Calls:
    return Calls(Context(session))


def backwards(path: Path) -> None:
    """Turn the objects of a file round."""
    head, *objects = re.split(r"\n(?=\S+ : \w+ \(\d+\)\n\{)", path.read_text())
    path.write_text("\n".join([head, *(f"{text.rstrip()}\n" for text in reversed(objects))]))


@pytest.mark.parametrize("turned", [False, True], ids=["as written", "last source first"])
def test_a_layout_is_placed_by_the_sizes_of_all_its_media(
    calls: Calls, tmp_path: Path, turned: bool
) -> None:
    file = tmp_path / "layout.rv"
    calls.addSource(SMALL)
    calls.addSource(WIDE)
    calls.newNode("RVLayoutGroup", "r")
    calls.setNodeInputs("r", ["sourceGroup000001", "sourceGroup000000"])
    calls.setStringProperty("r.layout.mode", ["column"])
    calls.saveSession(str(file), False, False, True)
    if turned:
        backwards(file)
    calls.clearSession()
    calls.addSource(str(file))
    if turned:  # the last one opened is the small one: both are known when it asks for a layout
        assert calls.getFloatProperty("r_t_sourceGroup000001.transform.translate") == [0.0, 0.25]
        assert calls.getFloatProperty("r_t_sourceGroup000000.transform.scale") == [0.5, 0.5]
    assert calls.getIntProperty("r_stack.output.size") == [320, 64]
    assert calls.nodeConnections("r")[0] == ["sourceGroup000001", "sourceGroup000000"]


def test_a_session_that_was_cleared_leaves_memory_at_once(session: Session, calls: Calls) -> None:
    calls.addSource(SMALL)
    calls.addSource(WIDE)
    calls.newNode("RVLayoutGroup", "r")
    calls.setNodeInputs("r", ["defaultStack", "sourceGroup000001"])
    nodes = [weakref.ref(node) for node in session.graph]
    assert len(nodes) > 60
    gc.collect()
    was = gc.isenabled()
    gc.disable()
    try:
        calls.clearSession()
        left = [node().name for node in nodes if node() is not None]  # type: ignore[union-attr]
    finally:
        if was:
            gc.enable()
    assert left == []


@pytest.mark.parametrize("enabled", [True, False])
def test_reading_leaves_the_collector_as_it_was(
    session: Session, calls: Calls, tmp_path: Path, enabled: bool
) -> None:
    was = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        calls.addSources([SMALL, WIDE, str(tmp_path / "none.rv")])
        session.settle()
        assert gc.isenabled() is enabled
        assert len(calls.sources()) == 2
    finally:
        (gc.enable if was else gc.disable)()
