"""Commands that are given an event: they take it and, without a window, do nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from player.scripting.engine import Policy, ScriptEngine
from player.session.events import PointerEvent
from player.session.session import Session


@pytest.fixture
def engine() -> Iterator[ScriptEngine]:
    made = ScriptEngine(Session(), policy=Policy(limit=5.0), report=lambda text: None)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("extra_commands.recordPixelInfo(e); 1;", "1"),
        ("extra_commands.updatePixelInfo(e); 2;", "2"),
        ("extra_commands.nodesUnderPointer(e);", "string[][] {}"),
        ('extra_commands.nodesUnderPointer(e, "RVColor");', "string[][] {}"),
        ("popupMenu(e, nil); 3;", "3"),
        ("extra_commands.toggleMotionScopeFromState(nil); 4;", "4"),
        ('defineModeMenu("default", nil, true); 5;', "5"),
    ],
)
def test_events_are_taken(engine: ScriptEngine, call: str, shown: str) -> None:
    show = 'string("%s" % (' + call.rstrip(";").rpartition("; ")[2] + "))"
    before = call.rpartition("; ")[0]
    engine.mu(
        f'bind("default", "global", "press", \\: (void; Event e) {{ {before}; '
        f'sendInternalEvent("said", {show}); }}, "");'
    )
    said: list[str] = []
    engine.context.session.events.bind(
        "default",
        "global",
        "said",
        lambda event: said.append(event.contents),  # type: ignore[attr-defined]
    )
    engine.context.session.events.dispatch(PointerEvent("press", (1.0, 2.0), (64.0, 48.0)))
    assert said == [shown]


def test_python_takes_them_too(engine: ScriptEngine) -> None:
    text = """
import rv
def press(event):
    rv.extra_commands.recordPixelInfo(event)
    rv.extra_commands.updatePixelInfo(event)
    rv.commands.popupMenu(event, [])
    found = rv.extra_commands.nodesUnderPointer(event, "RVColor")
    rv.commands.sendInternalEvent("said", repr(found))
rv.commands.bind("default", "global", "press", press, "")
rv.commands.defineModeMenu("default", [], True)
"""
    said: list[str] = []
    engine.context.session.events.bind(
        "default",
        "global",
        "said",
        lambda event: said.append(event.contents),  # type: ignore[attr-defined]
    )
    engine.pyexec(text)
    engine.context.session.events.dispatch(PointerEvent("press", (1.0, 2.0), (64.0, 48.0)))
    assert said == ["[]"]
