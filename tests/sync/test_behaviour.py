"""What sync does with what comes: applied, refused, passed on once, or ignored."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from player.network.sync.groups import GROUPS, Groups
from player.network.sync.stamps import Registers, Stamp
from player.session.paths import PathMap
from rvshell.errors import CommandFailed, UsageError
from tests.sync.simulation import Rv, Site, World

MEDIA = 'addSource("/shots/a.mov"); addSource("/shots/b.mov");'
COLOR = "sourceGroup000000_colorPipeline_0"
EXPOSURE = f"{COLOR}.color.exposure"


def change(name: str, alt: str, value: str) -> str:
    return f'{name}/{alt}/setFloatProperty("{name}", float[] {{{value}}}, true)'


@pytest.fixture
def loaded(pair: tuple[Site, Rv]) -> tuple[Site, Rv]:
    ann, bob = pair
    ann.mu(MEDIA)
    ann.world.settle()
    bob.take()
    return ann, bob


# -- starting and leaving ----------------------------------------------------------------


def test_only_rv_starts_sync_by_itself(world: World) -> None:
    ann, push = world.site("ann"), world.rv("push", app="rvpush")
    world.join(push, ann)
    world.settle()
    assert push.take() == [] and not ann.sync.on
    bob = world.rv("bob")
    world.join(bob, ann)
    assert ann.sync.on
    world.settle()
    assert push.take() == [] and len(bob.take()) == 2


def test_auto_off_waits_for_the_user(world: World) -> None:
    world.settings["sync.auto"] = False
    ann, bob = world.site("ann"), world.rv("bob")
    world.join(bob, ann)
    bob.send(ann, "remote-eval", "require sync; sync.remoteStartUp();")
    assert not ann.sync.on and bob.take() == []
    ann.mu("require sync; sync.startUp();")
    world.settle()
    assert ann.sync.on and len(bob.take()) == 2


def test_a_goodbye_ends_sync_and_an_rvpush_does_not_start_it_again(
    loaded: tuple[Site, Rv],
) -> None:
    ann, bob = loaded
    bob.send(ann, "remote-sync-goodbye", "session1")
    assert not ann.sync.on
    assert bob.take() == ["EVENT remote-sync-goodbye * session0"]
    push = ann.world.rv("push", app="rvpush")
    ann.world.join(push, ann)
    assert not ann.sync.on
    ann.world.part(push, ann)
    carl = ann.world.rv("carl")
    ann.world.join(carl, ann)
    assert ann.sync.on


def test_who_said_goodbye_is_not_greeted_when_others_come(world: World) -> None:
    """RV does that, and so switches on what its user has switched off."""
    ann, bob, carl = world.site("ann"), world.rv("bob"), world.rv("carl")
    for number, rv in enumerate((bob, carl), 1):
        world.join(rv, ann)
        rv.send(ann, "remote-sync-greeting", f"session{number}")
    bob.send(ann, "remote-sync-goodbye", "session1")
    bob.take()
    shell = world.rv("shell", app="rv-shell")
    world.join(shell, ann)
    world.join(world.rv("dora"), ann)
    world.settle()
    assert bob.take() == [] and ann.sync.on
    ann.sync.start(everybody=True)  # `rvshell sync on`
    world.settle()
    assert "EVENT remote-sync-greeting * session0" in bob.take()
    bob.send(ann, "remote-sync-greeting", "session1")
    bob.send(ann, "remote-sync-goodbye", "session1")
    bob.take()
    world.part(bob, ann)
    world.join(bob, ann)  # anew
    world.settle()
    assert "EVENT remote-sync-greeting * session0" in bob.take()


def test_a_lost_partner_is_forgotten_and_another_departure_is_nothing(world: World) -> None:
    ann, bob, push = world.site("ann"), world.rv("bob"), world.rv("push", app="rvpush")
    world.join(bob, ann)
    world.join(push, ann)
    world.part(push, ann)
    assert ann.sync.on  # RV would switch it off here
    bob.send(ann, "remote-sync-greeting", "session1")
    world.part(bob, ann)
    assert not ann.sync.on


def test_an_old_version_is_refused(world: World) -> None:
    ann, bob = world.site("ann"), world.rv("bob")
    world.join(bob, ann)
    bob.send(ann, "remote-sync-greeting", "session1")
    bob.send(ann, "remote-sync-version", "3|session1")
    assert bob not in ann.links and not ann.sync.on
    bob2 = world.rv("bob2")
    world.join(bob2, ann)
    bob2.send(ann, "remote-sync-version", "5|session9")  # of nobody: no harm
    assert world.errors == []


@pytest.mark.parametrize("flag", ["syncPullFirst", "syncPushFirst"])
def test_flags_pull_or_push_once(world: World, flag: str) -> None:
    ann, bob = world.site("ann", **{flag: "true"}), world.rv("bob")
    world.join(bob, ann)
    bob.send(ann, "remote-sync-greeting", "session1")
    bob.take()
    bob.send(ann, "remote-sync-version", "5|session1")
    lines = bob.take()
    bob.send(ann, "remote-sync-version", "5|session1")
    assert bob.take() == []
    assert lines[0].startswith(
        "EVENT remote-pull-session session1 |session0|"
        if flag == "syncPullFirst"
        else "DATAEVENT(remote-push-session,session1,session-data)"
    )


# -- what comes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "payload", "question", "answer"),
    [
        ("frame-changed", "12", "frame()", "12"),
        ("frame-changed", "9999", "frame()", "100"),
        ("frame-changed", "12;;scrubbed", "frame()", "12"),
        ("play-start", "3", "isPlaying()", "true"),
        ("play-inc", "-1", "inc()", "-1"),
        ("new-in-point", "10", "inPoint()", "10"),
        ("new-out-point", "90", "outPoint()", "90"),
        ("mark-frame", "25", "markedFrames()", "int[] {25}"),
        ("fps", "23.976000", "fps()", "23.976"),
        ("realtime", "", "isRealtime()", "true"),
        ("play-mode", "2", "playMode()", "2"),
        ("frame-changed", "12abc", "frame()", "12"),
        ("fps", "nonsense", "fps()", "24.0"),
    ],
)
def test_transport(
    loaded: tuple[Site, Rv], event: str, payload: str, question: str, answer: str
) -> None:
    ann, bob = loaded
    bob.send(ann, f"remote-sync-{event}", f"{payload}|session1|", "session0")
    assert ann.mu(question) == answer
    assert bob.take() == []  # nothing goes back


def test_transport_can_be_ignored_as_an_extension(world: World) -> None:
    world.settings["sync.follow_transport"] = False
    ann, bob = world.site("ann"), world.rv("bob")
    ann.mu(MEDIA)
    world.join(bob, ann)
    bob.send(ann, "remote-sync-greeting", "session1")
    bob.send(ann, "remote-sync-frame-changed", "12|session1|")
    assert ann.mu("frame()") == "1"


def test_a_batch_goes_on_behind_a_bad_part(loaded: tuple[Site, Rv]) -> None:
    ann, bob = loaded
    parts = [
        change("nowhere.color.gamma", "#RVColor.color.gamma", "1.0, 1.0, 1.0"),
        "rubbish",
        f"{EXPOSURE}/#RVColor.color.exposure/setFloatProperty(",
        change(f"{COLOR}.color.gamma", "#RVColor.color.gamma", "2.0, 2.0, 2.0"),
    ]
    bob.send(ann, "remote-sync-graph-state", "&".join(parts) + "|session1|")
    assert ann.mu(f'getFloatProperty("{COLOR}.color.gamma")') == "float[] {2.0, 2.0, 2.0}"
    assert ann.world.errors == [] and bob.take() == []


@pytest.mark.parametrize("group", [*GROUPS, "pipeline"])
def test_blocked_groups_are_not_applied(loaded: tuple[Site, Rv], group: str) -> None:
    examples = {
        "color": (EXPOSURE, "#RVColor.color.exposure", "1.0, 1.0, 1.0"),
        "view": ("viewGroup_dxform.transform.scale", "#RVDispTransform2D.transform.scale", "2.0"),
        "stereo": (
            "sourceGroup000000_sourceStereo.stereo.relativeOffset",
            "#RVSourceStereo.stereo.relativeOffset",
            "0.5",
        ),
        "annotation": ("sourceGroup000000_paint.x.width", "#RVPaint.x.width", "1.0"),
        "displayStereo": (
            "displayGroup0_stereo.stereo.rightOffset",
            "#RVDisplayStereo.stereo.rightOffset",
            "0.5",
        ),
        "displayColor": (
            "displayGroup0_colorPipeline_0.color.brightness",
            "#RVDisplayColor.color.brightness",
            "0.5",
        ),
        "matte": ("rv.matte.aspect", "#RVSession.matte.aspect", "1.85"),
        "format": (
            "sourceGroup000000_format.geometry.scale",
            "#RVFormat.geometry.scale",
            "0.5",
        ),
        "audio": ("viewGroup_soundtrack.audio.volume", "#RVSoundTrack.audio.volume", "0.5"),
        "pipeline": (EXPOSURE, "#RVColor.color.exposure", "1.0, 1.0, 1.0"),
    }
    ann, bob = loaded
    name, alt, value = examples[group]
    if group == "annotation":
        ann.mu(f'newNDProperty("{name}", FloatType, (1,0,0,0))')
    before = ann.mu(f'getFloatProperty("{name}")')
    words = ["-pipeline:Color"] if group == "pipeline" else [f"-{group}"]
    ann.sync.switches.switch(True, words)
    payload = change(name, alt, value) + "|session1|"
    bob.send(ann, "remote-sync-graph-state", payload)
    assert ann.mu(f'getFloatProperty("{name}")') == before
    ann.sync.switches.switch(True, [w.replace("-", "+") for w in words])
    bob.send(ann, "remote-sync-graph-state", payload)
    assert ann.mu(f'getFloatProperty("{name}")') != before


def test_tags_are_never_taken(loaded: tuple[Site, Rv]) -> None:
    ann, bob = loaded
    ann.mu('newNDProperty("sourceGroup000000.tag.mine", StringType, (1,0,0,0))')
    text = 'setStringProperty("sourceGroup000000.tag.mine", string[] {"x"}, true)'
    bob.send(
        ann,
        "remote-sync-graph-state",
        f"sourceGroup000000.tag.mine/#RVSourceGroup.tag.mine/{text}|session1|",
    )
    assert ann.mu('getStringProperty("sourceGroup000000.tag.mine")') == "string[] {}"


def test_what_is_sent_by_default_and_what_not(loaded: tuple[Site, Rv]) -> None:
    ann, bob = loaded

    def told(text: str) -> bool:
        ann.mu(text)
        ann.world.settle()
        return any("graph-state" in line for line in bob.take())

    linear = "sourceGroup000000_tolinPipeline_0"
    cases = {
        f'setFloatProperty("{EXPOSURE}", float[] {{1.0,1.0,1.0}}, true)': True,
        'setFloatProperty("viewGroup_dxform.transform.scale", float[] {2.0}, true)': True,
        f'setIntProperty("{linear}.color.alphaType", int[] {{1}}, true)': False,
        'setFloatProperty("displayGroup0_colorPipeline_0.color.gamma", float[] {2.2}, true)': False,
        'setFloatProperty("viewGroup_soundtrack.audio.volume", float[] {0.5}, true)': False,
        'setIntProperty("sourceGroup000000_transform2D.transform.flop", int[] {1}, true)': True,
        'setIntProperty("rv.matte.show", int[] {1}, true)': False,
    }
    for text, wanted in cases.items():
        assert told(text) is wanted, text
    ann.sync.switches.switch(
        False, ["+displayColor", "+audio", "+matte", "+pipeline:Linearize", "-color",
                "-pipeline:Color"],
    )  # fmt: skip
    for text, wanted in cases.items():
        text = text.replace("{1", "{0").replace("2.2", "1.5").replace("0.5", "0.7")
        if "transform.scale" not in text:
            assert told(text) is (not wanted or "transform2D" in text), text
    with pytest.raises(UsageError, match="no group"):
        ann.sync.switches.switch(False, ["+colour"])


def test_media_changes_are_taken_only_if_wanted(loaded: tuple[Site, Rv]) -> None:
    ann, bob = loaded
    text = (
        "try { require sync; if (sync.acceptingMediaChanges()) "
        'commands.addToSource("sourceGroup000000_source", "/x.wav", "sync"); } catch (...) {;}'
    )
    ann.sync.switches.switch(True, ["-media"])
    bob.send(ann, "remote-sync-eval", text)
    assert "/x.wav" not in ann.mu('sourceMedia("sourceGroup000000_source")')
    ann.sync.switches.switch(True, ["+media"])
    bob.send(ann, "remote-sync-eval", text.replace("x.wav", "y.wav"))
    node = ann.session.graph.nodes["sourceGroup000000_source"]
    assert list(node.get("media.movie")) == ["/shots/a.mov", "/y.wav"]


def test_path_variables_on_the_way_out(
    loaded: tuple[Site, Rv], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = loaded
    monkeypatch.setenv("RV_PATHSWAP_SHOTS", "/shots")
    ann.session.paths = PathMap()  # read once, at the start
    ann.mu('addSource("/shots/c.mov")')
    ann.world.settle()
    assert '"${RV_PATHSWAP_SHOTS}/c.mov"' in bob.take()[0]


def test_pointers_of_partners_and_of_theirs(world: World) -> None:
    ann, bob, eve = world.site("ann"), world.rv("bob"), world.rv("eve")
    ann.mu(MEDIA)
    for rv, session in ((bob, "session1"), (eve, "session2")):
        world.join(rv, ann)
        rv.send(ann, "remote-sync-greeting", session)
    eve.take()
    bob.send(ann, "remote-sync-pointer", "sourceGroup000000_source;0.250000;-0.5|session1|")
    (pointer,) = ann.sync.switches.pointers()
    assert (pointer["name"], pointer["x"], pointer["y"]) == ("bob", 0.25, -0.5)
    assert ann.session.ui.pointers["bob@bob-ws.lan"][:3] == ("sourceGroup000000_source", 0.25, -0.5)
    (relayed,) = eve.take()
    assert relayed == (
        "EVENT remote-sync-pointer session2 "
        "sourceGroup000000_source;0.250000;-0.500000|session0|bob@bob-ws.lan"
    )
    far = "sourceGroup000000_source;0.1;0.1|session2|carl@far"
    eve.send(ann, "remote-sync-pointer", far)
    assert not any("sync-pointer" in line for line in bob.take())  # one hop, no further
    assert [p["name"] for p in ann.sync.switches.pointers()] == ["bob", "carl"]
    bob.send(ann, "remote-sync-leave", "-|session1|")
    assert [p["name"] for p in ann.sync.switches.pointers()] == ["carl"]
    world.now += 11  # a pointer lives ten seconds
    assert ann.sync.switches.pointers() == []


def test_trails_of_pointers_when_wanted(world: World) -> None:
    world.settings["sync.pointer_trails"] = True
    ann, bob = world.site("ann"), world.rv("bob")
    world.join(bob, ann)
    bob.send(ann, "remote-sync-greeting", "session1")
    for n in range(20):
        bob.send(ann, "remote-sync-pointer", f"s;{n}.0;0.0|session1|")
    trail = ann.session.ui.trails["bob@bob-ws.lan"]
    assert trail == [(float(n), 0.0) for n in range(4, 19)]
    bob.send(ann, "remote-sync-goodbye", "session1")
    assert ann.session.ui.trails == {}


def test_a_wipe_goes_over(loaded: tuple[Site, Rv]) -> None:
    ann, bob = loaded
    ann.mu('setViewNode("defaultStack")')
    ann.world.settle()
    bob.take()
    bob.send(ann, "remote-mode-toggled", "wipe|true|session1|")
    assert ann.mu('isModeActive("wipe")') == "true"
    assert bob.take() == []
    bob.send(ann, "remote-mode-toggled", "timeline|true|session1|")
    assert ann.world.errors == []


# -- whole sessions ----------------------------------------------------------------------


def test_session_data_as_text_and_rubbish(loaded: tuple[Site, Rv]) -> None:
    ann, bob = loaded
    world = ann.world
    for rubbish in (b"", b"GTOa (4)\nrv : RVSe", b"\x1f\x8b\x00", b"GTOa (4)\n", b"\0" * 100):
        world.post(bob, ann.contact, ("remote-push-session", "session0", "session-data", rubbish))
        world.settle()
        assert ann.mu("sources().size()") == "2"  # untouched, and not deaf:
    bob.send(ann, "remote-sync-frame-changed", "7|session1|")
    assert ann.mu("frame()") == "7"
    text = b'GTOa (4)\nrv : RVSession (4)\n{ session { string viewNode = "defaultStack" } }\n'
    world.post(bob, ann.contact, ("remote-push-session", "session0", "session-data", text))
    world.settle()
    assert ann.mu("viewNode()") == '"defaultStack"'
    assert ann.mu("sources().size()") == "0"
    assert world.errors == []


def test_strangers_get_no_session_and_push_none(world: World) -> None:
    ann, bob = world.site("ann"), world.rv("bob")
    ann.mu(MEDIA)
    world.join(bob, ann)
    world.settle()
    bob.take()
    bob.send(ann, "remote-pull-session", "session1")
    assert bob.take() == []
    world.post(bob, ann.contact, ("remote-push-session", "*", "session-data", b"GTOa (4)\n"))
    world.settle()
    assert ann.mu("sources().size()") == "2"


def test_pull_needs_one_partner(world: World) -> None:
    ann = world.site("ann")
    with pytest.raises(CommandFailed, match="nobody syncs"):
        ann.sync.transfer.pull()
    for name, session in (("bob", "session1"), ("eve", "session2")):
        rv = world.rv(name)
        world.join(rv, ann)
        rv.send(ann, "remote-sync-greeting", session)
    with pytest.raises(CommandFailed, match="more than one connection"):
        ann.sync.transfer.pull()
    ann.sync.transfer.pull("eve@eve-ws.lan")


# -- between players ---------------------------------------------------------------------


def test_a_partition_heals_without_echo(world: World) -> None:
    ann, bob, eve = world.site("ann"), world.site("bob"), world.site("eve")
    ann.mu(MEDIA)
    for site in (bob, eve):
        world.join(site, ann)
        world.settle()
    world.rest(5)
    world.part(bob, ann)
    ann.mu(f'setFloatProperty("{EXPOSURE}", float[] {{1.0, 2.0, 3.0}}, true); setFrame(5);')
    ann.mu('addSource("/shots/c.mov")')
    bob.mu(f'setFloatProperty("{EXPOSURE}", float[] {{9.0, 9.0, 9.0}}, true); setFrame(50);')
    bob.mu('deleteNode("sourceGroup000001"); setViewNode("defaultStack");')
    world.rest(5)
    assert len(set(world.states())) == 2
    world.join(bob, ann)
    world.rest(20)
    assert len(set(world.states())) == 1
    assert world.errors == []
    before = world.delivered
    world.rest(20)
    assert world.delivered == before  # silence


def test_differing_media_are_left_alone(world: World) -> None:
    world.settings["sync.pull_on_join"] = False
    ann, bob = world.site("ann"), world.site("bob")
    ann.mu(MEDIA)
    bob.mu('addSource("/other/x.mov")')
    world.join(bob, ann)
    world.rest(20)
    assert bob.mu("sources().size()") == "1"
    assert [s.sync.agreement.pulls for s in (ann, bob)] == [0, 0]
    ann.mu("setFrame(9)")
    world.settle()
    assert bob.mu("frame()") == "9"
    assert "media" in bob.sync.agreement.differences(bob.sync.partners[0])


def test_the_url_and_saved_switches(world: World, tmp_path: Path) -> None:
    world.folder = tmp_path
    ann = world.site("ann")
    line = bytes.fromhex(ann.sync.switches.url().removeprefix("rvlink://baked/")).decode()
    assert line == " -network -networkConnect ann-ws.lan 45124 -flags syncPullFirst"
    ann.sync.switches.switch(False, ["+audio", "-view"])
    ann.sync.switches.switch(True, ["-matte", "-media"])
    ann.sync.switches.save()
    eve = world.site("eve")
    assert eve.sync.groups.send == {"annotation", "color", "stereo", "audio"}
    assert eve.sync.groups.block == {"matte"}
    assert not eve.sync.groups.accept_media


def test_groups_ignore_unknown_words_as_rv_does() -> None:
    groups = Groups(["color", "nonsense"], ["x"], ["Color", "y"], ["z"])
    assert (groups.send, groups.block) == ({"color"}, set())
    assert (groups.send_pipelines, groups.block_pipelines) == ({"Color"}, set())


def test_stamps_order_and_refuse_nonsense() -> None:
    assert Stamp.read("7;ann") == Stamp(7, "ann")
    for bad in ("", "x;ann", "7;", "7", "-1;ann", f"{2**60};ann", "7;" + "a" * 65, "٣;ann"):
        assert Stamp.read(bad) is None
    registers = Registers("ann")
    registers.hear(Stamp(41, "bob"))
    mine = registers.now()
    assert mine == Stamp(42, "ann")
    assert registers.newer("x", mine) and not registers.newer("x", mine)
    assert not registers.newer("x", Stamp(42, "aaa")) and registers.newer("x", Stamp(42, "bob"))
    assert registers.first(mine, "a") and not registers.first(mine, "a")


NAMES = st.sampled_from(
    ["frame-changed", "play-start", "play-stop", "play-inc", "new-in-point", "new-out-point",
     "mark-frame", "unmark-frame", "fps", "realtime", "play-all-frames", "play-mode",
     "graph-state", "new-property", "delete-property", "read-lut-complete", "pointer", "enter",
     "leave", "greeting", "version", "goodbye", "stamp", "player", "player-state", "sources"]
)  # fmt: skip


CALM = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=150, deadline=None, suppress_health_check=CALM)
@given(
    messages=st.lists(
        st.tuples(
            NAMES,
            st.one_of(
                st.text(max_size=40),
                st.sampled_from(["12|session1|", "|session1|", "||||", "5|session1", "{}", "[]",
                                 "1;x", "a/b/c&d/e/f|session1|", '{"id":1}', "-" * 100]),
            ),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_anything_may_come(messages: list[tuple[str, str]]) -> None:
    world = World()
    ann, bob = world.site("ann"), world.rv("bob")
    ann.mu(MEDIA)
    world.join(bob, ann)
    bob.send(ann, "remote-sync-greeting", "session1")
    for name, contents in messages:
        if bob in ann.links:
            bob.send(ann, f"remote-sync-{name}", contents)
    for name in ("connect-remote-friends", "connect-to-friend", "remote-mode-toggled"):
        for _, contents in messages[:3]:
            if bob in ann.links:
                bob.send(ann, name, contents)
    assert world.errors == []
    assert not ann.sync.locked


def test_hardware_stereo_is_not_taken_over_with_a_session(world: World) -> None:
    ann, bob = world.site("ann"), world.site("bob")
    ann.mu('setStringProperty("displayGroup0_stereo.stereo.type", string[] {"hardware"}, true)')
    bob.mu('setStringProperty("displayGroup0_stereo.stereo.type", string[] {"pair"}, true)')
    world.join(bob, ann)  # pulls ann's session
    world.rest(3)
    assert bob.mu('getStringProperty("displayGroup0_stereo.stereo.type")') == 'string[] {"pair"}'
