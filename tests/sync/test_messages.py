"""The messages, byte for byte: one example of each, with its length, as it is on the wire."""

from __future__ import annotations

import pytest

from player.session.properties import Property, PropType
from rvshell.protocol import encode_event
from tests.sync.simulation import Rv, Site, World

MEDIA = 'addSource("/shots/a.mov"); addSource("/shots/b.mov");'


def wire(line: str) -> str:
    """`EVENT name target contents` as the record on the wire."""
    _, name, target, contents = line.split(" ", 3)
    return encode_event(name, contents, target).decode()


# -- handshake -------------------------------------------------------------------------


def test_the_side_that_was_dialled(world: World) -> None:
    ann, bob = world.site("ann"), world.rv("bob")
    world.join(bob, ann)
    world.settle()
    assert [wire(line) for line in bob.take()] == [
        "MESSAGE 55 EVENT remote-eval * require sync; sync.remoteStartUp();",
        "MESSAGE 37 EVENT remote-sync-greeting * session0",
    ]
    bob.send(ann, "remote-sync-greeting", "session1")
    greeting, version, introduction = bob.take()
    assert wire(greeting) == "MESSAGE 44 EVENT remote-sync-greeting session1 session0"
    assert wire(version) == "MESSAGE 45 EVENT remote-sync-version session1 5|session0"
    assert introduction.startswith("EVENT remote-sync-player session1 {")  # RV has no such event
    assert ann.feedback == ["Sync ON"]
    bob.send(ann, "remote-sync-greeting", "session1")  # known: only feedback
    assert bob.take() == []
    assert ann.feedback == ["Sync ON", "Sync ON"]


def test_the_side_that_dialled_pulls(world: World) -> None:
    ann, bob = world.site("ann"), world.rv("bob")
    world.join(ann, bob)
    world.settle()
    bob.take()
    bob.send(ann, "remote-sync-greeting", "session1")
    lines = bob.take()
    assert wire(lines[2]) == "MESSAGE 43 EVENT remote-pull-session session1 session0"


def test_mesh_introductions(world: World) -> None:
    world.settings["sync.contacts_contacts"] = True
    ann, bob, eve = world.site("ann"), world.rv("bob"), world.rv("eve")
    for rv, session in ((bob, "session1"), (eve, "session2")):
        world.join(rv, ann)
        rv.send(ann, "remote-sync-greeting", session)
    lines = bob.take()
    assert wire(lines[4]) == (
        "MESSAGE 63 EVENT connect-remote-friends session1 ann-ws.lan&45124|session0"
    )
    eve.send(ann, "connect-remote-friends", "eve-ws.lan&45124|session2", "session0")
    told = [line for line in bob.take() if "connect-to-friend" in line]
    assert [wire(line) for line in told] == [
        "MESSAGE 73 EVENT connect-to-friend session0 eve@eve-ws.lan&eve-ws.lan&45124|session0"
    ]


def test_the_pull_of_the_menu_and_the_answer(pair: tuple[Site, Rv]) -> None:
    ann, bob = pair
    ann.sync.transfer.pull()
    ann.world.settle()
    assert [wire(line) for line in bob.take()] == [
        "MESSAGE 45 EVENT remote-pull-session session1 |session0|"
    ]
    bob.send(ann, "remote-pull-session", "session1", "session0")
    data, frame = bob.take()
    assert data.startswith("DATAEVENT(remote-push-session,session1,session-data) ")
    assert wire(frame) == "MESSAGE 52 EVENT remote-sync-frame-changed session1 1|session0|"


def test_goodbye(pair: tuple[Site, Rv]) -> None:
    ann, bob = pair
    ann.mu("extra_commands.toggleSync()")
    ann.world.settle()
    assert [wire(line) for line in bob.take()] == [
        "MESSAGE 36 EVENT remote-sync-goodbye * session0"
    ]
    assert not ann.sync.on


# -- events ----------------------------------------------------------------------------

EXPOSURE = "sourceGroup000000_colorPipeline_0.color.exposure"
FLIP = "sourceGroup000000_transform2D.transform.flip"

EVENTS = [
    ("setFrame(12)", ["MESSAGE 53 EVENT remote-sync-frame-changed session1 12|session0|"]),
    ("setInPoint(10)", ["MESSAGE 52 EVENT remote-sync-new-in-point session1 10|session0|"]),
    ("setOutPoint(90)", ["MESSAGE 53 EVENT remote-sync-new-out-point session1 90|session0|"]),
    ("markFrame(25, true)", ["MESSAGE 50 EVENT remote-sync-mark-frame session1 25|session0|"]),
    (
        "markFrame(25, false)",
        ["MESSAGE 52 EVENT remote-sync-unmark-frame session1 25|session0|"],
    ),
    ("setFPS(23.976)", ["MESSAGE 50 EVENT remote-sync-fps session1 23.976000|session0|"]),
    ("setRealtime(true)", ["MESSAGE 46 EVENT remote-sync-realtime session1 |session0|"]),
    ("setPlayMode(2)", ["MESSAGE 48 EVENT remote-sync-play-mode session1 2|session0|"]),
    ("setInc(-1)", ["MESSAGE 48 EVENT remote-sync-play-inc session1 -1|session0|"]),
    ("play()", ["MESSAGE 49 EVENT remote-sync-play-start session1 1|session0|"]),
    (
        f'setFloatProperty("{EXPOSURE}", float[] {{0.5, 0.5, -1.0}}, true)',
        [
            "MESSAGE 222 EVENT remote-sync-graph-state session1 "
            f"{EXPOSURE}/#RVColor.color.exposure/"
            f'setFloatProperty("{EXPOSURE}", float[] {{0.5, 0.5, -1.0}}, true)|session0|'
        ],
    ),
    (
        f'setIntProperty("{FLIP}", int[] {{1}}, true)',
        [
            "MESSAGE 203 EVENT remote-sync-graph-state session1 "
            f"{FLIP}/#RVTransform2D.transform.flip/"
            f'setIntProperty("{FLIP}", int[] {{1}}, true)|session0|'
        ],
    ),
    (
        'setFloatProperty("viewGroup_dxform.transform.translate", float[] {0.1, -0.25}, true)',
        [
            "MESSAGE 209 EVENT remote-sync-graph-state session1 "
            "viewGroup_dxform.transform.translate/#RVDispTransform2D.transform.translate/"
            'setFloatProperty("viewGroup_dxform.transform.translate", float[] {0.1, -0.25}, true)'
            "|session0|"
        ],
    ),
    (
        'deleteNode("sourceGroup000001")',
        [
            'MESSAGE 86 EVENT remote-sync-eval session1 try {deleteNode("sourceGroup000001");} '
            "catch (...) {;}"
        ],
    ),
    (
        'newNode("RVSequenceGroup", "cut1")',
        [
            "MESSAGE 98 EVENT remote-sync-eval session1 try {commands.newNode("
            '"RVSequenceGroup", "cut1");} catch (...) {;}'
        ],
    ),
    (
        'setNodeInputs("defaultStack", string[] {})',
        [
            "MESSAGE 97 EVENT remote-sync-eval session1 try {setNodeInputs("
            '"defaultStack", string[] {});} catch (...) {;}'
        ],
    ),
    (
        'setNodeInputs("defaultStack", string[] {"sourceGroup000001", "sourceGroup000000"})',
        [
            "MESSAGE 137 EVENT remote-sync-eval session1 try {setNodeInputs("
            '"defaultStack", string[] {"sourceGroup000001", "sourceGroup000000"});} '
            "catch (...) {;}"
        ],
    ),
    (
        "require rvui; rvui.clearEverything();",
        [
            "MESSAGE 91 EVENT remote-sync-eval session1 try {require rvui; "
            "rvui.clearEverything();} catch (...) {;}"
        ],
    ),
]


@pytest.mark.parametrize(("text", "expected"), EVENTS, ids=[t[:40] for t, _ in EVENTS])
def test_what_the_user_does_is_told(pair: tuple[Site, Rv], text: str, expected: list[str]) -> None:
    ann, bob = pair
    if (
        "defaultStack" in text
        or "sourceGroup" in text
        or "Point" in text
        or "Frame" in text
        or text == "play()"
    ):
        ann.session.options.default_fps = 24.0
        ann.mu(MEDIA)
        ann.world.settle()
        bob.take()
    ann.mu(text)
    ann.world.settle()
    told = [wire(line) for line in bob.take()]
    for line in expected:
        assert line in told, told
    if len(expected) == 1 and "eval" not in expected[0]:
        assert told == expected


def test_view_switch_sends_frame_and_rate_before_the_view(pair: tuple[Site, Rv]) -> None:
    ann, bob = pair
    ann.mu(MEDIA + "setFrame(20);")
    ann.world.settle()
    bob.take()
    ann.mu('setViewNode("defaultStack")')
    ann.world.settle()
    assert [wire(line) for line in bob.take()] == [
        "MESSAGE 52 EVENT remote-sync-frame-changed session1 1|session0|",
        "MESSAGE 50 EVENT remote-sync-fps session1 24.000000|session0|",
        'MESSAGE 82 EVENT remote-sync-eval session1 try {setViewNode("defaultStack");} '
        "catch (...) {;}",
    ]


def test_media_in_its_three_forms(pair: tuple[Site, Rv]) -> None:
    ann, bob = pair
    ann.mu('addSource("/shots/a.mov")')
    ann.world.settle()
    assert wire(bob.take()[0]) == (
        "MESSAGE 211 EVENT remote-sync-eval session1 try { { let cmode = cacheMode(); "
        "commands.setCacheMode(commands.CacheOff); commands.addSource(string[] "
        '{"/shots/a.mov"}, "sync"); commands.setCacheMode(cmode); } } catch (...) {;}'
    )
    ann.mu('relocateSource("sourceGroup000000_source", "/shots/a.mov", "/new/a.mov")')
    ann.world.settle()
    assert wire(bob.take()[-1]) == (
        "MESSAGE 186 EVENT remote-sync-eval session1 try { require sync; "
        "if (sync.acceptingMediaChanges()) commands.relocateSource("
        '"sourceGroup000000_source", "/shots/a.mov", "/new/a.mov"); } catch (...) {;}'
    )
    ann.mu('addToSource("sourceGroup000000_source", "/shots/a.wav", "")')
    ann.world.settle()
    assert wire(bob.take()[-1]) == (
        "MESSAGE 177 EVENT remote-sync-eval session1 try { require sync; "
        "if (sync.acceptingMediaChanges()) commands.addToSource("
        '"sourceGroup000000_source", "/shots/a.wav", "sync"); } catch (...) {;}'
    )
    ann.mu('setSourceMedia("sourceGroup000000_source", string[] {"/shots/a.mov", "/shots/a.wav"})')
    ann.world.settle()
    assert (
        "MESSAGE 308 EVENT remote-sync-eval session1 try { require sync; "
        "if (sync.acceptingMediaChanges()) { let cmode = cacheMode(); "
        "commands.setCacheMode(commands.CacheOff); commands.setSourceMedia("
        '"sourceGroup000000_source", string[] {"/shots/a.mov", "/shots/a.wav"}, "sync"); '
        "commands.setCacheMode(cmode); } } catch (...) {;}"
    ) in [wire(line) for line in bob.take()]


def test_annotation_as_creations_insertions_and_changes(pair: tuple[Site, Rv]) -> None:
    ann, bob = pair
    ann.mu(MEDIA)
    ann.world.settle()
    bob.take()
    pen = "sourceGroup000000_paint.pen:1:12:ann_4711"
    order = "sourceGroup000000_paint.frame:12.order"
    ann.mu(
        f'newNDProperty("{pen}.color", FloatType, (4,0,0,0)); '
        f'newNDProperty("{pen}.points", FloatType, (2,0,0,0)); '
        f'insertFloatProperty("{pen}.points", float[] {{0.125, -0.25}}); '
        f'newNDProperty("{order}", StringType, (1,0,0,0)); '
        'sendInternalEvent("internal-sync-begin-accumulate"); '
        f'insertStringProperty("{order}", string[] {{"pen:1:12:ann_4711"}}); '
        'sendInternalEvent("internal-sync-end-accumulate");'
    )
    ann.world.settle()
    told = [wire(line) for line in bob.take()]
    assert told[0] == (
        f"MESSAGE 217 EVENT remote-sync-new-property session1 {pen}.color/"
        f"#RVPaint.pen:1:12:ann_4711.color/newNDProperty("
        f'"{pen}.color", FloatType, (4,0,0,0))|session0|'
    )
    assert told[2] == (
        f"MESSAGE 227 EVENT remote-sync-graph-state session1 {pen}.points/"
        f"#RVPaint.pen:1:12:ann_4711.points/insertFloatProperty("
        f'"{pen}.points", float[] {{0.125, -0.25}})|session0|'
    )
    assert told[4] == (  # two parts, gathered while accumulating
        f"MESSAGE 367 EVENT remote-sync-graph-state session1 {order}/#RVPaint.frame:12.order/"
        f'insertStringProperty("{order}", string[] {{"pen:1:12:ann_4711"}})&{order}/'
        f"#RVPaint.frame:12.order/"
        f'setStringProperty("{order}", string[] {{"pen:1:12:ann_4711"}}, true)|session0|'
    )
    assert len(told) == 5


def test_stereo_wipe_lut_and_pointer(pair: tuple[Site, Rv]) -> None:
    ann, bob = pair
    ann.mu(MEDIA)
    ann.sync.switches.switch(False, ["+displayStereo"])
    ann.world.settle()
    bob.take()
    ann.mu('setStringProperty("displayGroup0_stereo.stereo.type", string[] {"anaglyph"}, true)')
    ann.session.emit("read-lut-complete", "/luts/show.csp;;sourceGroup000000_lookPipeline_0")
    ann.sync.outbound.point("sourceGroup000000_source", 0.25, -0.125)
    ann.session.events.send("mode-toggled", "wipe|true", sender="Mode")
    ann.session.events.send("pointer--enter", "")
    ann.session.events.send("pointer--leave", "")
    ann.world.settle()
    assert [wire(line) for line in bob.take()] == [
        "MESSAGE 224 EVENT remote-sync-graph-state session1 displayGroup0_stereo.stereo.type/"
        '#RVDisplayStereo.stereo.type/setStringProperty("displayGroup0_stereo.stereo.type", '
        'string[] {"anaglyph"}, true); setHardwareStereoMode(false);|session0|',
        "MESSAGE 103 EVENT remote-sync-read-lut-complete session1 /luts/show.csp;;"
        "sourceGroup000000_lookPipeline_0|session0|",
        "MESSAGE 88 EVENT remote-sync-pointer session1 "
        "sourceGroup000000_source;0.250000;-0.125000|session0|",
        "MESSAGE 54 EVENT remote-mode-toggled session1 wipe|true|session0|",
        "MESSAGE 44 EVENT remote-sync-enter session1 -|session0|",
        "MESSAGE 44 EVENT remote-sync-leave session1 -|session0|",
    ]


def test_a_relayed_frame_names_its_originator(world: World) -> None:
    ann, bob = world.rv("ann"), world.site("bob")
    eve = world.rv("eve")
    bob.session.name = "session1"
    bob.mu(MEDIA)
    for rv, session in ((ann, "session0"), (eve, "session2")):
        world.join(rv, bob)
        rv.send(bob, "remote-sync-greeting", session)
        rv.send(bob, "remote-sync-version", f"5|{session}")
    ann.take(), eve.take()
    ann.send(bob, "remote-sync-frame-changed", "12|session0|", "session1")
    assert ann.take() == []
    assert [wire(line) for line in eve.take()] == [
        "MESSAGE 67 EVENT remote-sync-frame-changed session2 12|session1|ann@ann-ws.lan"
    ]
    ann.send(bob, "remote-sync-frame-changed", "12|session0|", "session1")
    assert eve.take() == []  # an equal frame is ignored completely


def test_playing_bursts_as_in_rv(pair: tuple[Site, Rv]) -> None:
    ann, bob = pair
    ann.mu(MEDIA + "play();")
    ann.world.settle()
    bob.take()

    def names(text: str) -> list[str]:
        ann.mu(text)
        ann.world.settle()
        return [line.split(" ")[1].removeprefix("remote-sync-") for line in bob.take()]

    assert names("setInc(-1)") == ["play-stop", "play-start", "play-stop", "play-inc", "play-start"]
    assert names("setRealtime(true)") == ["play-stop", "realtime", "play-start"]
    assert names("setFPS(25.0)") == ["play-stop", "fps", "play-start"]
    assert names("setFrame(7)") == ["play-stop", "play-start"]
    assert names("stop()") == ["play-stop"]


# -- texts that RV would lose ------------------------------------------------------------


def test_separators_backslashes_and_digits_survive(world: World) -> None:
    ann, bob = world.site("ann"), world.site("bob")
    ann.mu(MEDIA)
    world.join(bob, ann)
    world.settle()
    text = 'a|b & c //x \\\\ "q" \\n\\t é'
    ann.mu(f'setStringProperty("sourceGroup000000.ui.name", string[] {{"{text!s}"}}, true)'
           .replace('"q"', '\\"q\\"'))  # fmt: skip
    ann.mu(f'setFloatProperty("{EXPOSURE}", float[] {{0.123456789, 1000000.0, 1.5e-20}}, true)')
    world.settle()
    for name in ("sourceGroup000000.ui.name", EXPOSURE):
        node, _, rest = name.partition(".")
        values = [site.session.graph.nodes[node].get(rest) for site in (ann, bob)]
        assert values[0] == values[1] and values[0]
    assert "a|b & c //x" in bob.session.graph.nodes["sourceGroup000000"].get("ui.name")[0]


def test_values_without_a_literal_are_not_sent() -> None:
    from player.network.sync.texts import array_text, change_text, read_change

    prop = Property("c.p", PropType.FLOAT, [float("inf")])
    assert change_text("n.c.p", prop) == ""
    assert array_text(PropType.HALF, [0.5]) == "half[] {half(0.5)}"
    assert array_text(PropType.FLOAT, [1e6, 1e-5, 24.0]) == "float[] {1e+06, 1e-05, 24.0}"
    for bad in ('setFloatProperty("a.b.c", float[] {x}, true)', "setFloatProperty(",
                'setIntProperty("a.b.c", float[] {1}, true)',
                'setStringProperty("a.b.c", string[] {"x" "y"}, true)',
                'setFloatProperty("a.b.c", float[] {1.0}, true); close();'):  # fmt: skip
        assert read_change(bad) is None
