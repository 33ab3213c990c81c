"""Widgets written in Mu: what ``rvtypes`` does when the pointer moves, drags and lets go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from player.scripting.engine import Policy, ScriptEngine
from player.session.events import PointerEvent
from player.session.session import Session

WIDGET = r"""
use rvtypes;

class: Panel : Widget
{
    int pressed;
    method: render (void; Event e) {;}
    method: press (void; Event e) { pressed += 1; }

    method: Panel (Panel; string name)
    {
        init(name, [("pointer-1--push", storeDownPoint(this,), ""),
                    ("pointer-1--drag", drag(this,), ""),
                    ("pointer-1--release", release(this, , nil), ""),
                    ("pointer--move", move(this,), "")]);
    }

    method: addButton (void; float x, float y, float w, float h)
    {
        _buttons = Widget.Button[]();
        _buttons.push_back(Widget.Button(x, y, w, h, press, false));
    }
}

global Panel panel = nil;
"""
PLACE = "(panel._x, panel._y, panel._w, panel._h)"
POINTER = "(panel._inCloseArea, panel._containsPointer, panel._dragging)"


class Panel:
    """The widget in its session, which covers (100, 50) to (300, 150)."""

    def __init__(self, session: Session, engine: ScriptEngine) -> None:
        self.session, self.do = session, engine.mu

    def point(self, name: str, x: float, y: float) -> None:
        self.session.events.dispatch(PointerEvent(f"pointer-{name}", (x, y), (400, 200)))


@pytest.fixture(scope="module")
def engine() -> Iterator[ScriptEngine]:
    session = Session()
    made = ScriptEngine(session, policy=Policy(limit=60.0), report=lambda text: None)
    made.mu(WIDGET)
    yield made
    made.close()


@pytest.fixture
def panel(engine: ScriptEngine, request: pytest.FixtureRequest) -> Iterator[Panel]:
    engine.mu(f'{{ panel = Panel("{request.node.name}"); panel.toggle(); }}')
    engine.mu("panel.updateBounds(vector float[2](100, 50), vector float[2](300, 150))")
    yield Panel(engine.context.session, engine)
    engine.mu("{ if (panel._active) panel.toggle(); }")


def test_dragging_moves_a_widget(panel: Panel) -> None:
    panel.point("1--push", 200, 60)
    panel.point("1--drag", 210, 65)
    panel.point("1--drag", 215, 60)
    assert panel.do(PLACE) == "(115.0, 50.0, 200.0, 100.0)"
    assert panel.do(POINTER) == "(false, false, true)"
    panel.point("1--release", 215, 60)
    assert panel.do(POINTER) == "(false, false, false)"


def test_a_widget_in_a_margin_is_not_dragged(panel: Panel) -> None:
    panel.do("panel.drawInMargin(3)")
    panel.point("1--push", 200, 60)
    panel.point("1--drag", 210, 65)
    assert panel.do(PLACE) == "(100.0, 50.0, 200.0, 100.0)"


def test_the_closing_corner(panel: Panel) -> None:
    """Within the bevel of the upper left corner: no drag there, and letting go closes."""
    panel.do("panel.updateBounds(vector float[2](0, 100), vector float[2](200, 200))")
    panel.point("-move", 5, 195)
    assert panel.do(POINTER) == "(true, true, false)"
    panel.point("1--push", 5, 195)
    panel.point("1--drag", 8, 190)
    assert panel.do(PLACE) == "(0.0, 100.0, 200.0, 100.0)"
    panel.point("-move", 100, 110)
    assert panel.do(POINTER) == "(false, true, false)"
    panel.point("-move", 5, 195)
    panel.point("1--release", 5, 195)
    assert panel.do("(panel._active, panel._inCloseArea)") == "(false, false)"


@pytest.mark.parametrize(("at", "presses"), [((210, 70), 1), ((210, 95), 1), ((231, 70), 0)])
def test_buttons_are_as_high_as_wide(panel: Panel, at: tuple[int, int], presses: int) -> None:
    panel.do("panel.addButton(200, 65, 30, 10)")
    panel.point("1--release", *at)
    assert panel.do("(panel.pressed, panel._active)") == f"({presses}, true)"


def test_tables_of_a_mode(panel: Panel) -> None:
    """An override wins over a global binding of the same event; patterns are a table's too."""
    panel.do(
        "use rvtypes; \\: says (void; Event e, string s) { e.setReturnContent(s); }"
        "class: M : MinorMode {"
        '  method: M (M;) { init("m", [("ping", says(, "global"), "")],'
        '                        [("ping", says(, "override"), "")]);'
        '    defineEventTableRegex("global", [("^any-.*", says(, "pattern"), "")]); } }'
        " global M m = M();"
    )
    panel.do("m.toggle()")
    send = panel.session.send
    assert (send("ping", ""), send("any-thing", "")) == ("override", "pattern")
    assert panel.do('(m.urlDropFunc("u"), m.supportPath("nowhere"))') == "((nil, nil), nil)"
