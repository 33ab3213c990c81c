"""What clients get wrong: a clear refusal, and a session that goes on as before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from player.media import Probe
from player.scripting.engine import Policy, ScriptEngine
from player.session.ports import Ports
from player.session.session import Session

SOLID = "solid,start=1,end=10,fps=24,width=64,height=48.movieproc"


@pytest.fixture
def engine() -> Iterator[ScriptEngine]:
    session = Session("output", ports=Ports(media=Probe()))
    made = ScriptEngine(session, policy=Policy(limit=600.0), report=lambda text: None)
    made.mu(f'addSource("{SOLID}")')
    session.settle()
    yield made
    made.close()


def caught(engine: ScriptEngine, call: str) -> str:
    """The text of the exception of a call, as a script sees it."""
    return engine.mu(
        f'{{ string s = "none"; try {{ {call}; }} catch (exception x) {{ s = string(x); }} s; }}'
    ).replace("\\", "")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        # where RV crashes
        ("propertyExists(nil)", "nil property name"),
        ('newProperty("rv.a.b", 99, 1)', "unknown exception"),
        ('newProperty("rv.a.b", FloatType, 0)', "unknown exception"),
        ('newProperty("rv.a.b", FloatType, 5)', "unknown exception"),
        ('newNDProperty("rv.a.b", FloatType, (-1,0,0,0))', "unknown exception"),
        ('deleteNode("rv")', "unknown exception"),
        ('deleteNode("root")', "unknown exception"),
        ('deleteNode("viewGroup_dxform")', "unknown exception"),
        ('deleteNode("defaultStack_stack")', "unknown exception"),
        # where RV has a word for it
        ('deleteNode("defaultStack")', "can't delete default views"),
        ('deleteNode("nope")', "bad node name"),
        ('setNodeInputs("defaultStack", string[] {"nope"})', "can't find a node"),
        ('setNodeInputs("defaultStack", string[] {nil})', "nil argument to function"),
        ('setNodeInputs("defaultStack_stack", string[] {"sourceGroup000000"})', "top level"),
        ('setIntProperty("rv.paintEffects.hold", int[] {1,2,3})', "number of values"),
        ('setFloatProperty("rv.paintEffects.hold", float[] {1.0})', "wrong property type"),
        ('getIntProperty("sourceGroup000000_nope.a.b")', "invalid property name"),
        ('setSourceMedia("defaultStack", string[] {"a.exr"})', "unknown exception"),
        ("addSourceVerbose(string[] {})", "unknown exception"),
        ('addSourceVerbose(string[] {"a.exr", "+nope", "1"})', "unknown exception"),
        ('newImageSourcePixels("sourceGroup000000_source", 1, "x", "y"); crash()', "unknown"),
    ],
)
def test_refusals(engine: ScriptEngine, call: str, said: str) -> None:
    graph = engine.context.session.graph
    before = set(graph.nodes)
    assert said in caught(engine, call)
    assert set(graph.nodes) == before
    assert engine.mu("(frameEnd(), sources().size())") == "(10, 1)"


def test_cycles_are_named_and_refused(engine: ScriptEngine) -> None:
    engine.mu(
        'newNode("RVStackGroup","a"); newNode("RVStackGroup","b"); newNode("RVStackGroup","c");'
    )
    engine.mu('setNodeInputs("a", string[]{"b"}); setNodeInputs("b", string[]{"c"});')
    test = engine.mu('testNodeInputs("c", string[] {"sourceGroup000000", "a", "c"})')
    assert test == '"a would cause a cycle\\nc would cause a cycle\\n"'
    assert "in commands.setNodeInputs: failed" in caught(
        engine, 'setNodeInputs("c", string[] {"a"})'
    )
    assert engine.mu('nodeConnections("c")') == '(string[] {}, string[] {"b"})'


def test_a_node_deleted_while_it_is_used(engine: ScriptEngine) -> None:
    """A handler deletes what the event is about; the command that sent it ends cleanly."""
    engine.mu(
        'bind("default", "global", "graph-node-inputs-changed", \\: (void; Event e) '
        '{ if (e.contents() == "x") { try { deleteNode("x"); } catch (...) {;} } }, "");'
    )
    engine.mu('newNode("RVSequenceGroup", "x"); setNodeInputs("x", string[]{"sourceGroup000000"});')
    assert engine.mu('nodeExists("x")') == "false"
    engine.mu('deleteNode("sourceGroup000000")')
    assert engine.mu("(sources().size(), frameEnd())") == "(0, 1)"


def test_an_event_that_causes_itself_ends(engine: ScriptEngine) -> None:
    engine.mu(
        'bind("default", "global", "again", \\: (void; Event e) '
        '{ sendInternalEvent("again"); }, "");'
    )
    assert engine.mu('sendInternalEvent("again")') == '""'
    assert engine.mu("frame()") == "1"


def test_ten_million_values(engine: ScriptEngine) -> None:
    engine.mu('newProperty("rv.big.f", FloatType, 1)')
    text = '{ float[] a; a.resize(10000000); setFloatProperty("rv.big.f", a, true); }'
    assert engine.mu(text) == "void"
    assert engine.mu('propertyInfo("rv.big.f").size') == "10000000"
    assert engine.mu('getFloatProperty("rv.big.f", 9999999, 5)') == "float[] {0.0}"
    more = '{ float[] a; a.resize(100000000); setFloatProperty("rv.big.f", a, true); }'
    assert engine.mu(more).startswith("ERROR: remote-eval")
    assert engine.mu('propertyInfo("rv.big.f").size') == "10000000"


@pytest.mark.parametrize("rate", ["0.0", "-24.0", "1e30", "math.quiet_NaN", "-1e38"])
def test_absurd_rates(engine: ScriptEngine, rate: str) -> None:
    session = engine.context.session
    engine.mu(f"setFPS({rate}); play();")
    for second in range(3):
        session.playback.tick(session.clock() + second)
        session.settle()
    engine.mu("stop(); setFPS(24.0);")
    assert engine.mu("(fps(), frameEnd())") == "(24.0, 10)"
