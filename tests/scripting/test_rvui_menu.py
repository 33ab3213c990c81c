"""Module ``rvui``: what menus do, over remote-eval; nil for an event; the documentation of keys.

The Mu is RV's ``mu_rvui/rvui`` in our words; handlers are called with nil as RV's own code does.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from player.media import Probe
from player.scripting.engine import Policy, ScriptEngine
from player.session.events import Event
from player.session.ports import Ports
from player.session.session import Session


class Desk:
    def __init__(self) -> None:
        self.session = Session("display", ports=Ports(media=Probe()), clock=lambda: 100.0)
        self.engine = ScriptEngine(
            self.session, policy=Policy(limit=20.0), report=lambda text: None
        )
        self.sent: list[str] = []
        self.mu('addSource("solid,start=1,end=10.movieproc")')
        self.mu('addSource("smptebars,start=101,end=120.movieproc")')
        self.session.settle()
        self.session.events.trace = self._note

    def _note(self, event: Event) -> None:
        self.sent.append(event.name)

    def mu(self, text: str) -> str:
        return self.engine.mu(text)


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.engine.close()


LINEAR = (
    '(getIntProperty("#RVLinearize.color.logtype"),'
    ' getIntProperty("#RVLinearize.color.sRGB2linear"),'
    ' getFloatProperty("#RVLinearize.color.fileGamma"))'
)
DISPLAY = (
    '(getIntProperty("@RVDisplayColor.color.sRGB"),'
    ' getFloatProperty("@RVDisplayColor.color.gamma"))'
)


@pytest.mark.parametrize(
    ("call", "asked", "answer"),
    [
        ('rvui.setLinConvert("Cineon Log")(nil)', LINEAR, "(int[] {1}, int[] {0}, float[] {1.0})"),
        ('rvui.setLinConvert("sRGB")(nil)', LINEAR, "(int[] {0}, int[] {1}, float[] {1.0})"),
        ('rvui.setLinConvert("Gamma 2.2")(nil)', LINEAR, "(int[] {0}, int[] {0}, float[] {2.2})"),
        ('rvui.setLinConvert("")(nil)', LINEAR, "(int[] {0}, int[] {0}, float[] {1.0})"),
        ('rvui.setDispConvert("Gamma 2.4")(nil)', DISPLAY, "(int[] {0}, float[] {2.4})"),
        ('rvui.setDispConvert("sRGB")(nil)', DISPLAY, "(int[] {1}, float[] {1.0})"),
        ("rvui.togglePlayOnce()", "playMode()", "1"),
        ("rvui.togglePlayOnce()", "playMode()", "0"),
        ('rvui.gotoFrame("7")', "frame()", "7"),
        ("rvui.setFPSFunc(12.0)()", "fps()", "12.0"),
        ("setInPoint(3); rvui.narrowToInOut();", "narrowedFrameStart()", "3"),
        ("rvui.resetRange()", "(narrowedFrameStart(), inPoint())", "(1, 3)"),
        (
            "markFrame(2, true); markFrame(5, true); rvui.clearMarksInRange();",
            "markedFrames()",
            "int[] {2}",
        ),
        (
            "rvui.toggleUnpremult()",
            'getIntProperty("@RVDisplayColor.color.premult")',
            "int[] {-1}",
        ),
        (
            'rvui.channelOrder("BGRA")()',
            'getStringProperty("#RVDisplayColor.color.channelOrder")',
            'string[] {"BGRA"}',
        ),
        ("rvui.toggleFileLUT()", 'getIntProperty("#RVLinearize.lut.active")', "int[] {1}"),
        (
            "rvui.pixelAspectFunc(2.0)()",
            'getFloatProperty("#RVLensWarp.warp.pixelAspectRatio")',
            "float[] {2.0}",
        ),
        (
            'rvui.setCompModeAndView("difference", "defaultStack")(nil)',
            '(viewNode(), getStringProperty("#RVStack.composite.type"))',
            '("defaultStack", string[] {"difference"})',
        ),
        (
            "rvui.cycleStackForward(nil)",
            'nodeConnections("defaultStack")._0',
            'string[] {"sourceGroup000001", "sourceGroup000000"}',
        ),
        ("rvui.setMatte(2.0, false)()", 'getFloatProperty("rv.matte.aspect")', "float[] {2.0}"),
        ("rvui.toggleCacheModeFunc(CacheGreedy)(nil)", "cacheMode()", "2"),
        ("rvui.toggleCacheModeFunc(CacheGreedy)(nil)", "cacheMode()", "0"),
        ("rvui.toggleTopViewToolbar(nil)", "isTopViewToolbarVisible()", "true"),
        ("extra_commands.updatePixelInfo(nil)", "frame()", "1"),
        ("{ Event e = nil; e eq nil; }", "{ Event e; e neq nil; }", "false"),
    ],
)
def test_menus(desk: Desk, call: str, asked: str, answer: str) -> None:
    """One after the other in one session."""
    assert not desk.mu(call).startswith("ERROR")
    assert desk.mu(asked) == answer


def test_the_presentation_mode_stops_caching_for_a_moment(desk: Desk) -> None:
    desk.mu("setCacheMode(CacheBuffer)")
    desk.sent.clear()
    desk.mu("setPresentationMode(false)")
    assert desk.sent == ["cache-mode-changed", "cache-mode-changed"]
    assert desk.mu("cacheMode()") == "1"


@pytest.mark.parametrize(
    ("event", "doc"),
    [
        ("key-down-- ", "Play"),
        ("key-down--down", "Toggle Play"),
        ("key-down--3", "3:1"),
        ("key-down--control--up", "Expand Range From Marks/Boundaries"),
        ("key-down--L", "Cineon/DPX Log"),
        ("key-down--M", "Cycle Matte Opacity"),
        ("remote-eval", ""),
    ],
)
def test_keys_are_documented_as_rv_does(desk: Desk, event: str, doc: str) -> None:
    """A key of a menu item has the item's name (``app_utils``: menuItem binds it so)."""
    assert desk.mu(f'bindingDocumentation("{event}")') == f'"{doc}"'
