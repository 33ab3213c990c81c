"""``State state = data();`` and the names of ``use rvtypes`` (Open RV, ``mu_rvui/rvtypes``,
``rvui.initStateObject``)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from player.media import Probe
from player.scripting.engine import Policy, ScriptEngine
from player.session.ports import Ports
from player.session.session import Session


@pytest.fixture(scope="module")
def session() -> Session:
    return Session("output", ports=Ports(media=Probe()), clock=lambda: 100.0)


@pytest.fixture(scope="module")
def engine(session: Session) -> Iterator[ScriptEngine]:
    made = ScriptEngine(session, policy=Policy(limit=20.0), report=lambda text: None)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("{ use rvtypes; State s = data(); s.emptySessionStr; }", '"Empty Session"'),
        ("{ require rvtypes; rvtypes.State s = commands.data(); s.perPixelFrame; }", "2147483647"),
        ("{ use rvtypes; State s = data(); (s.userActive, s.pointerInSession, s.stepWraps); }",
         "(true, true, false)"),
        ("{ use rvtypes; State s = data(); (s.matteAspect, s.showMatte, s.parameter); }",
         "(1.85, false, nil)"),
        ("{ use rvtypes; Point p = Vec2(1, 2); Color c = Vec4(0, 0.5, 1, 1); p; }", "<1, 2>"),
        ("{ use rvtypes; EventFunc f = nil; VoidFunc g = nil; f eq nil && g eq nil; }", "true"),
        ("{ use rvtypes; Menu m = nil; StringPair p = (\"a\", \"b\"); p; }", '("a", "b")'),
        ('{ use rvtypes; BindingList b = [("x", \\: (void; Event e) {;}, "d")]; head(b)._2; }',
         '"d"'),
        ("rvtypes.DefaultGamma + rvtypes.DefaultFeedbackTextSize", "21.0"),
        ("rvtypes.RenderFunctionType.ViewSpaceRender",
         "rvtypes.RenderFunctionType.ViewSpaceRender"),
    ],
)  # fmt: skip
def test_names_of_rvtypes(engine: ScriptEngine, text: str, reply: str) -> None:
    assert engine.mu(text) == reply


def test_what_a_program_stores_stays(engine: ScriptEngine) -> None:
    engine.mu(
        '{ use rvtypes; State s = data(); s.prompt = "p";'
        ' s.quitConfirmMessages.push_back(("a", "b")); }'
    )
    assert engine.mu("{ use rvtypes; State t = data(); (t.prompt, t.quitConfirmMessages); }") == (
        '("p", (string,string)[] {("a", "b")})'
    )


def test_fields_of_the_interface_are_the_interfaces(engine: ScriptEngine, session: Session) -> None:
    engine.mu("{ let f = rvui.setMatte(2.35); f(); }")
    assert (
        engine.mu("{ use rvtypes; State s = data(); (s.showMatte, s.matteAspect); }")
        == "(true, 2.35)"
    )
    assert (
        engine.mu("{ use rvtypes; State s = data(); s.stepWraps = true; s.stepWraps; }") == "true"
    )
    assert session.ui.step_wraps
    session.ui.pointer = (3.0, 4.0)
    assert engine.mu("{ use rvtypes; State s = data(); s.pointerPosition; }") == "<3, 4>"
    assert ", true, false, false" in engine.mu("data()")
    assert engine.mu("data()").startswith("rvtypes.State {rvtypes.Configuration {nil, nil, <0, 0")


def test_step_wraps_of_the_state_steers_the_steps(engine: ScriptEngine, session: Session) -> None:
    """``extra_commands.stepForward1`` at the out point."""
    session.ui.step_wraps = False
    engine.mu('addSource("solid,start=1,end=10,fps=24,width=64,height=48.movieproc")')
    engine.mu("{ setInPoint(2); setOutPoint(5); setFrame(5); extra_commands.stepForward(1); }")
    assert engine.mu("frame()") == "6"
    engine.mu("{ use rvtypes; State s = data(); s.stepWraps = true; }")
    engine.mu("{ setFrame(5); extra_commands.stepForward(1); }")
    assert engine.mu("frame()") == "2"
