"""``rv.rvtypes``: a package's minor mode, as people write them."""

from __future__ import annotations

from player.commands import Context
from player.scripting.pyhost import PythonHost
from player.session.events import Event, StringEvent

from .conftest import Console

PACKAGE = """
import rv.commands, rv.rvtypes

class Counter(rv.rvtypes.MinorMode):
    def __init__(self):
        rv.rvtypes.MinorMode.__init__(self)
        self.count = 0
        self.init(
            "counter",
            [("tick", self.tick, "count")],
            [("tock", self.tock, "override")],
            [("Counter", [("Reset", None, None, None)])],
            "key", 7,
        )
        self.defineEventTable("extra", [("tick", self.tick, "in a table")])
        self.defineEventTableRegex("global", [("^any-", self.tick, "a pattern")])

    def tick(self, event):
        self.count += 1
        event.setReturnContent(str(self.count))

    def tock(self, event):
        event.reject()

global mode
mode = Counter()
"""


def test_a_minor_mode_package(python: PythonHost, context: Context, console: Console) -> None:
    python.pyexec(PACKAGE)
    assert console.text == ""
    bus = context.session.events
    toggled: list[tuple[str, str]] = []

    def note(event: Event) -> None:
        assert isinstance(event, StringEvent)
        toggled.append((event.contents, event.sender))

    bus.bind("default", "global", "mode-toggled", note)
    assert bus.send("tick").return_content == ""
    python.pyexec("mode.toggle()")
    assert toggled == [("counter|True", "Mode")]
    assert python.pyeval("mode.isActive(), mode.modeName()") == "(True, 'counter')"
    assert bus.modes.active() == ["default", "counter"]
    assert bus.send("tick").return_content == "1"
    assert bus.send("any-thing").return_content == "2"
    assert not bus.send("tock").handled
    assert bus.modes.documentation("tick", "counter", "extra") == "in a table"
    python.pyexec("mode.toggle()")
    assert toggled[-1] == ("counter|False", "Mode")
    assert bus.send("tick").return_content == ""


def test_a_second_mode_of_the_same_name_is_refused(python: PythonHost, console: Console) -> None:
    python.pyexec(PACKAGE)
    python.pyexec(PACKAGE)
    assert "Exception thrown while calling commands.defineMinorMode, Duplicate mode: counter" in (
        console.text
    )


def test_mode_helpers(python: PythonHost) -> None:
    python.pyexec(PACKAGE)
    assert python.pyeval("modeName(mode), modeActive(mode), modeDrawOnEmpty(mode)") == (
        "('counter', False, False)"
    )
    assert python.pyeval("type(rv.commands.data()).__name__") == "State"


def test_widgets_keep_their_rectangle(python: PythonHost, context: Context) -> None:
    python.pyexec(
        "import rv.rvtypes\n"
        "global w\nw = rv.rvtypes.Widget()\nw.init('w', None, None)\nw.toggle()\n"
        "w.drawInMargin(3)\nw.updateBounds((5.0, 10.0), (25.0, 40.0))"
    )
    assert python.pyeval("w.contains((6, 11)), w.contains((0, 0))") == "(True, False)"
    assert context.session.ui.margins == (0.0, 0.0, 0.0, 40.0)
    assert context.session.events.modes.find("w").tables["global"].bbox == (5, 10, 25, 40)
    assert python.pyeval("rv.commands.readSettings('Tools', 'show_w', False)") == "True"
    python.pyexec("w.toggle()")
    assert context.session.ui.margins == (0.0, 0.0, 0.0, 0.0)


def test_qtutils_has_no_window(python: PythonHost) -> None:
    python.pyexec("import rv.qtutils")
    assert python.pyeval("rv.qtutils.sessionWindow() is None") == "True"
