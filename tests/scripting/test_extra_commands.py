"""``extra_commands``, ``rvui``, ``sync`` and the default keys on a real session."""

from __future__ import annotations

from typing import Any

import pytest

from player.commands import Context, PropertyError, load_all
from player.commands.calling import Calls
from player.commands.keys import install_keys
from player.session.events import Event, StringEvent
from player.session.ports import NullSync


class Player:
    """Commands by module, events as they come, and a clip of frames 1 to 19."""

    def __init__(self, context: Context) -> None:
        load_all()
        self.context = context
        self.c = Calls(context)
        self.extra = Calls(context, "extra_commands")
        self.ui = Calls(context, "rvui")
        self.names: list[str] = []
        # Missing media has a placeholder of 19 frames.
        self.c.addSource("/nowhere/clip.mov")
        context.session.settle()
        install_keys(context)
        context.session.events.trace = self._note

    def _note(self, event: Event) -> None:
        self.names.append(event.name)

    def key(self, name: str) -> None:
        self.c.sendInternalEvent(f"key-down--{name}")

    def take(self) -> list[str]:
        names, self.names = self.names, []
        return names


@pytest.fixture
def p(context: Context) -> Player:
    return Player(context)


def test_the_clip_is_there(p: Player) -> None:
    assert (p.c.frameStart(), p.c.frameEnd(), p.c.frame()) == (1, 19, 1)
    assert p.extra.numFrames() == 19
    assert p.extra.isPlayable() is True
    assert p.extra.isSessionEmpty() is False
    assert p.extra.isNarrowed() is False


@pytest.mark.parametrize(
    ("name", "args", "start", "end"),
    [
        ("stepForward1", (), 1, 2),
        ("stepForward1", (), 19, 1),
        ("stepForward", (3,), 19, 3),
        ("stepForward10", (), 5, 15),
        ("stepBackward1", (), 1, 19),
        ("stepBackward", (3,), 2, 18),
        ("stepBackward10", (), 15, 5),
        ("stepForward", (-3,), 2, 1),
        ("stepBackward", (-3,), 18, 19),
        ("stepForward", (2**31 - 1,), 5, 19),
    ],
)
def test_stepping(p: Player, name: str, args: tuple[int, ...], start: int, end: int) -> None:
    p.c.setFrame(start)
    getattr(p.extra, name)(*args)
    assert p.c.frame() == end


def test_stepping_past_an_out_point(p: Player) -> None:
    p.c.setInPoint(3)
    p.c.setOutPoint(6)
    p.c.setFrame(6)
    p.extra.stepForward1()
    assert p.c.frame() == 7
    p.c.setFrame(3)
    p.extra.stepBackward1()
    assert p.c.frame() == 2


def test_stepping_stops_playback_first(p: Player) -> None:
    p.c.play()
    p.take()
    p.extra.stepForward1()
    assert p.take() == ["play-stop", "frame-changed"]


def test_blocked_categories(p: Player) -> None:
    p.c.disableEventCategory("playcontrol_category")
    for name in ("stepForward1", "stepBackward1", "toggleForwardsBackwards", "toggleRealtime"):
        getattr(p.extra, name)()
        assert p.take() == ["category-event-blocked"]
    assert (p.c.frame(), p.c.inc()) == (1, 1)


def test_toggling_playback(p: Player) -> None:
    p.extra.togglePlay()
    assert (p.c.isPlaying(), p.extra.isPlayingForwards()) == (True, True)
    p.extra.togglePlay()
    assert p.c.isPlaying() is False
    p.c.setFPS(0.0)
    p.extra.togglePlay()
    assert p.c.isPlaying() is False
    assert p.context.session.ui.feedback[-1].text == "WARNING: Can't play FPS = 0"


def test_the_view_transform(p: Player) -> None:
    p.extra.setScale(2.0)
    p.extra.setTranslation((0.25, -0.5))
    assert p.extra.scale() == 2.0
    assert p.extra.translation() == (0.25, -0.5)
    p.extra.frameImage()
    assert (p.extra.scale(), p.extra.translation()) == (1.0, (0.0, 0.0))


def test_names_for_people(p: Player) -> None:
    p.extra.setUIName("defaultStack", "abc")
    assert p.extra.uiName("defaultStack") == "abc"
    assert p.extra.uiName("defaultStack_stack") == "abc"
    p.extra.setUIName("defaultLayout", "abc")
    assert p.extra.uiName("defaultLayout") == "abc 2"
    assert p.extra.uiName("sourceGroup000000_source") == "clip.mov"


def test_groups(p: Player) -> None:
    assert p.extra.topLevelGroup("sourceGroup000000_source") == "sourceGroup000000"
    assert p.extra.topLevelGroup("sourceGroup000000_colorPipeline_0") == "sourceGroup000000"
    assert p.extra.topLevelGroup("sourceGroup000000") is None
    assert p.extra.nodesInGroupOfType("sourceGroup000000", "RVSource") == [
        "sourceGroup000000_source"
    ]
    assert p.extra.nodesInGroupOfType("sourceGroup000000", "RVPaint") == ["sourceGroup000000_paint"]
    assert p.extra.isViewNode("defaultStack") is True
    assert p.extra.isViewNode("rv") is False


def test_associated_nodes(p: Player) -> None:
    found = p.extra.associatedNode("RVColor", "sourceGroup000000_source")
    assert found == "sourceGroup000000_colorPipeline_0"
    assert p.extra.associatedNode("#RVColor", "sourceGroup000000_source") == found
    assert p.extra.associatedNode("RVFileSource", "sourceGroup000000_source") == (
        "sourceGroup000000_source"
    )
    assert p.extra.associatedNode("Nope", "sourceGroup000000_source") == ""


def test_evaluation_paths(p: Player) -> None:
    assert p.extra.nodesInEvalPath(1, "RVSource") == ["sourceGroup000000_source"]
    assert p.extra.sourceFrame(4) == 4
    info = p.extra.sourceMetaInfoAtFrame(4)
    assert (info.node, info.nodeType, info.frame) == (
        "sourceGroup000000_source",
        "RVFileSource",
        4,
    )
    assert p.extra.inputNodeUserNameAtFrame(1) == "clip.mov"


def test_inputs(p: Player) -> None:
    p.c.addSource("/nowhere/b.mov")
    p.c.addSource("/nowhere/c.mov")
    a, b, c = (f"sourceGroup00000{i}" for i in range(3))
    p.extra.cycleNodeInputs("defaultStack", True)
    assert p.c.nodeConnections("defaultStack", False)[0] == [c, a, b]
    p.extra.cycleNodeInputs("defaultStack", False)
    assert p.c.nodeConnections("defaultStack", False)[0] == [a, b, c]
    p.extra.popInputToTop("defaultStack", 2)
    assert p.c.nodeConnections("defaultStack", False)[0] == [c, a, b]
    with pytest.raises(PropertyError, match="out of range"):
        p.extra.popInputToTop("defaultStack", 7)


def test_sequence_boundaries_and_marks(p: Player) -> None:
    p.c.addSource("/nowhere/b.mov")
    p.context.session.settle(p.context.session.clock())
    assert p.extra.sequenceBoundaries() == [1, 20, 39]
    p.ui.nextMarkedFrame()
    assert p.c.frame() == 20
    p.ui.previousMarkedFrame()
    assert p.c.frame() == 1
    p.c.markFrame(5, True)
    p.c.markFrame(12, True)
    p.ui.nextMarkedFrame()
    assert p.c.frame() == 5
    p.ui.nextMarkedFrame()
    assert p.c.frame() == 12
    p.ui.previousMarkedFrame()
    assert p.c.frame() == 5
    p.ui.setInOutMarkedRange()
    assert (p.c.inPoint(), p.c.outPoint()) == (5, 11)
    p.ui.nextMarkedRange()
    assert (p.c.inPoint(), p.c.outPoint(), p.c.frame()) == (12, 38, 12)
    p.ui.resetInOutPoints()
    assert (p.c.inPoint(), p.c.outPoint()) == (1, 38)
    p.ui.resetInOutPoints()
    assert (p.c.inPoint(), p.c.outPoint()) == (12, 38)
    p.ui.clearAllMarks()
    assert p.c.markedFrames() == []


def test_properties(p: Player) -> None:
    p.extra.cprop("rv.my.x", 2)
    assert p.c.propertyExists("rv.my.x")
    p.extra.appendToProp("rv.my.s", "a")
    p.extra.appendToProp("rv.my.s", "b")
    assert p.extra.existsInProp("rv.my.s", "b") is True
    p.extra.removeFromProp("rv.my.s", "a")
    assert p.c.getStringProperty("rv.my.s") == ["b"]
    with pytest.raises(PropertyError, match=r"\Ainvalid property name rv.my.nope\Z"):
        p.extra.existsInProp("rv.my.nope", "a")


def test_errors_carry_the_inner_command(p: Player) -> None:
    with pytest.raises(PropertyError, match=r"\Ain commands\.nodeType: "):
        p.extra.associatedNodes("RVColor", "nope")


def test_clear_everything(p: Player) -> None:
    p.c.setMargins((1.0, 2.0, 3.0, 4.0))
    p.take()
    p.ui.clearEverything()
    names = p.take()
    assert names[0] == "before-session-clear-everything"
    assert names[-1] == "session-clear-everything"
    assert names.index("before-clear-session") < names.index("after-clear-session")
    assert p.c.sources() == []
    assert p.c.margins() == (0.0, 0.0, 0.0, 0.0)


def test_clear_everything_can_be_cancelled(p: Player) -> None:
    def cancel(event: Event) -> None:
        assert isinstance(event, StringEvent)
        event.return_content = "cancel"

    p.c.bind("default", "global", "before-session-clear-everything", cancel)
    p.ui.clearEverything()
    assert len(p.c.sources()) == 1


def test_stereo_and_wipes(p: Player) -> None:
    handler = p.ui.setStereo("pair")
    assert p.c.getStringProperty("@RVDisplayStereo.stereo.type") == ["off"]
    handler(None)
    assert p.c.getStringProperty("@RVDisplayStereo.stereo.type") == ["pair"]
    p.ui.toggleWipe()
    assert not p.c.isModeActive("wipe")
    p.c.setViewNode("defaultStack")
    p.ui.toggleWipe()
    assert p.c.isModeActive("wipe")
    assert p.c.getIntProperty("defaultStack.ui.wipes") == [1]
    p.ui.toggleWipe()
    assert p.c.getIntProperty("defaultStack.ui.wipes") == [0]


def test_channels(p: Player) -> None:
    p.ui.showChannel(1)()
    assert p.c.getIntProperty("@RVDisplayColor.color.channelFlood") == [1]
    p.ui.showChannel(1)()
    assert p.c.getIntProperty("@RVDisplayColor.color.channelFlood") == [0]


def test_sync_module(p: Player) -> None:
    sync, extra = Calls(p.context, "sync"), Calls(p.context, "extra_commands")
    assert sync.acceptingMediaChanges() is True
    told: list[str] = []

    class Recorder(NullSync):
        def __getattribute__(self, name: str) -> Any:
            told.append(name)
            return super().__getattribute__(name)

    p.context.session.ports.sync = Recorder()
    sync.remoteStartUp()
    sync.startUp()
    extra.toggleSync()
    extra.activateSync()
    assert told == ["remote_start", "start", "toggle", "automatic"]


@pytest.mark.parametrize(
    ("keys", "question", "answer"),
    [
        (("right",), "frame", 2),
        (("left",), "frame", 19),
        (("right", "right", "["), "inPoint", 3),
        (("right", "]"), "outPoint", 2),
        (("right", "m"), "markedFrames", [2]),
        (("m", "m"), "markedFrames", []),
        ((" ",), "isPlaying", True),
        ((" ", "down"), "isPlaying", False),
        ((",",), "inc", -1),
        (("up",), "inc", -1),
        ((",", "."), "inc", 1),
        (("A",), "isRealtime", True),
        (("P",), "playMode", 2),
        (("P", "P"), "playMode", 0),
        (("end",), "frame", 19),
        (("end", "home"), "frame", 1),
        (("n",), "getFiltering", 9728),
        (("f1",), "isMenuBarVisible", True),
        (("control--N",), "sources", []),
        (("control--l",), "cacheMode", 0),
        (("control--l", "control--l"), "cacheMode", 1),
        (("C",), "cacheMode", 2),
        (("C", "C"), "cacheMode", 0),
    ],
)
def test_keys(p: Player, keys: tuple[str, ...], question: str, answer: Any) -> None:
    for key in keys:
        p.key(key)
    assert getattr(p.c, question)() == answer


@pytest.mark.parametrize(
    ("key", "prop", "value"),
    [
        ("r", "@RVDisplayColor.color.channelFlood", [1]),
        ("l", "@RVDisplayColor.color.channelFlood", [5]),
        ("I", "#RVColor.color.invert", [1]),
        ("X", "#RVTransform2D.transform.flop", [1]),
        ("Y", "#RVTransform2D.transform.flip", [1]),
        ("control--m", "#Session.matte.show", [1]),
    ],
)
def test_keys_that_set_properties(p: Player, key: str, prop: str, value: list[int]) -> None:
    p.key(key)
    assert p.c.getIntProperty(prop) == value


def test_the_stereo_table(p: Player) -> None:
    p.key("alt--s")
    p.key("a")
    assert p.c.getStringProperty("@RVDisplayStereo.stereo.type") == ["anaglyph"]
    p.key("O")
    assert p.c.getStringProperty("@RVDisplayStereo.stereo.type") == ["off"]
    p.key("alt--s")
    p.key("a")
    assert p.c.getIntProperty("@RVDisplayColor.color.channelFlood") == [4]


def test_the_nudge_table(p: Player) -> None:
    p.key("alt--n")
    p.key("left")
    p.key("z")
    assert p.extra.translation()[0] == pytest.approx(0.01)
    assert p.extra.scale() == pytest.approx(1.1)
    p.key("alt--n")
    p.key("right")
    assert p.c.frame() == 2
