"""The programs that speak to RV, as far as their Mu goes, over a socket to a running player.

Each sends what its original sends (in our words) and the session ends as RV's would. What the
clients read back is picked apart as they do it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rvshell import Client
from tests.players import Player, running_player
from tests.waiting import until

SOLID = "solid,start=1,end={end},fps=24,width=64,height=48,{more}.movieproc"


def media(end: int, more: str = "red=1") -> str:
    return SOLID.format(end=end, more=more)


def strings(reply: str) -> list[str]:
    """``string[] {"a", "b"}`` as the play-list tool reads it."""
    match = re.match(r"string\[\] \{(?P<items>.*)\}$", reply)
    assert match is not None, reply
    return re.findall(r'"([^"]*)"', match["items"])


STILL = Path(__file__).parents[1] / "conformance" / "session" / "media" / "seq.0001.tif"
GRAPH = """{
    string r = "";
    for_each (n; nodes())
    {
        if (nodeGroup(n) eq nil)
        {
            r += n + ":" + nodeType(n);
            for_each (i; nodeConnections(n)._0) { r += " " + i; }
            r += ";";
        }
    }
    r;
}"""
FRAME = {
    "defaultOutputGroup": "RVOutputGroup viewGroup",
    "displayGroup0": "RVDisplayGroup viewGroup",
    "root": "Root displayGroup0 viewGroup_audioWaveform",
    "rv": "RVSession",
}
VIEWS = {
    "defaultLayout": "RVLayoutGroup",
    "defaultSequence": "RVSequenceGroup",
    "defaultStack": "RVStackGroup",
}


def graph(rv: Client) -> dict[str, str]:
    """Every top level node: its type and its inputs."""
    told = rv.eval_mu(GRAPH).strip('"')
    return dict(item.split(":", 1) for item in told.split(";") if item)


def predicted(view: str, sources: int, own: dict[str, str] | None = None) -> dict[str, str]:
    """The graph of a session with that view, so many sources and a client's own nodes: what a
    client adds joins every default view in the order of adding."""
    groups = [f"sourceGroup{n:06d}" for n in range(sources)]
    return {
        **FRAME,
        "viewGroup": f"RVViewGroup {view}",
        **{name: " ".join([kind, *groups]) for name, kind in VIEWS.items()},
        **dict.fromkeys(groups, "RVSourceGroup"),
        **(own or {}),
    }


@pytest.fixture(scope="module")
def shared() -> Iterator[Player]:
    with running_player("-networkTag", "clients") as player:
        yield player


@pytest.fixture
def rv(shared: Player) -> Iterator[Client]:
    with shared.client("client-1") as client:
        client.eval_mu("clearSession()")
        yield client


ARNOLD = """{
    string media = "%s"; bool found = false; string src = ""; int frame = 1;
    for_each (source; nodesOfType("RVImageSource"))
    {
        if (getStringProperty("%%s.media.name" %% source)[0] == media)
        { found = true; src = source; break; }
    }
    if (!found)
    {
        src = newImageSource(media, 16, 8, 16, 8, 0, 0, 1.0, 4, 32, true, 1, 1, 24.0);
        newImageSourcePixels(src, 1);
        setFloatProperty("#RVDisplayColor.color.gamma", float[]{2.200000});
    }
    else
    {
        frame = getIntProperty("%%s.image.end" %% src)[0] + 1;
        setIntProperty("%%s.image.end" %% src, int[]{frame});
        newImageSourcePixels(src, frame);
    }
    setViewNode(nodeGroup(src));
    setFrameEnd(frame);
    setOutPoint(frame);
    setFrame(frame);
    frame;
}"""


def test_a_render_driver_makes_a_frame_for_every_render(rv: Client) -> None:
    text = ARNOLD % "shot-1:beauty"
    assert [rv.eval_mu(text) for _ in range(3)] == ["1", "2", "3"]
    assert rv.eval_mu('nodesOfType("RVImageSource")') == 'string[] {"sourceGroup000000_source"}'
    assert rv.eval_mu("viewNode()") == '"sourceGroup000000"'
    assert rv.eval_mu("(frame(), frameEnd(), outPoint())") == "(3, 3, 3)"
    sizes = 'propertyInfo("sourceGroup000000_source.image.%d").size'
    assert [rv.eval_mu(sizes % n) for n in (1, 3)] == ["512", "512"]
    assert rv.eval_mu(ARNOLD % "shot-2:beauty") == "1", "another media is another source"
    assert rv.eval_mu('nodesOfType("RVImageSource").size()') == "2"
    assert graph(rv) == predicted("sourceGroup000001", 2)
    gamma = 'getFloatProperty("displayGroup0_colorPipeline_0.color.gamma")'
    assert rv.eval_mu(gamma) == "float[] {2.2}"


def test_a_play_list_tool(rv: Client) -> None:
    for n, end in enumerate((10, 20, 30)):
        rv.eval_mu(f'addSourceVerbose(string[] {{"{media(end, f"red=0.{n}")}"}})')
    found = strings(rv.eval_mu('nodesOfType("RVFileSource")'))
    assert found == [f"sourceGroup{n:06d}_source" for n in range(3)]
    groups = [rv.eval_mu(f'nodeGroup("{name}")').strip('"') for name in found]
    assert rv.eval_mu('newNode("RVSequenceGroup", "playlist")') == '"playlist"'
    listed = ",".join(f'"{g}"' for g in reversed(groups))
    assert rv.eval_mu(f'setNodeInputs("playlist", string[]{{{listed}}})') == "void"
    assert rv.eval_mu('setViewNode("playlist")') == "void"
    assert rv.eval_mu("(frameStart(), frameEnd())") == "(1, 60)"
    assert rv.eval_mu("sourcesAtFrame(1)") == 'string[] {"sourceGroup000002_source"}'
    assert rv.eval_mu("sourcesAtFrame(31)") == 'string[] {"sourceGroup000001_source"}'
    assert rv.eval_mu('newNode("RVRetimeGroup", "slow")') == '"slow"'
    rv.eval_mu(f'setNodeInputs("slow", string[]{{"{groups[0]}"}})')
    rv.eval_mu('setFloatProperty("slow_retime.visual.scale", float[]{2.0})')
    assert rv.eval_mu('nodeRangeInfo("slow").end') == "20"
    assert rv.eval_mu('newProperty("playlist.tool.shots", commands.StringType, 1)') == "void"
    assert rv.eval_mu('insertStringProperty("playlist.tool.shots", string[]{"a", "b"})') == "void"
    assert strings(rv.eval_mu('getStringProperty("playlist.tool.shots")')) == ["a", "b"]
    source = f'"{found[1]}.group.audioOffset"'
    assert rv.eval_mu(f"setFloatProperty({source}, float[]{{0.5}} )") == "void"
    assert rv.eval_mu(f"getFloatProperty({source})") == "float[] {0.5}"
    own = {
        "playlist": "RVSequenceGroup sourceGroup000002 sourceGroup000001 sourceGroup000000",
        "slow": "RVRetimeGroup sourceGroup000000",
    }
    assert graph(rv) == predicted("playlist", 3, own)
    assert rv.eval_mu('getIntProperty("playlist_sequence.edl.frame")') == "int[] {1, 31, 51, 61}"
    rv.eval_mu("markFrame(12, true)")
    assert rv.eval_mu("markedFrames()") == "int[] {12}"
    assert rv.eval_mu('rvui.setStereo("pair")') == "__lambda", "RV gives a menu's function"
    assert rv.eval_mu('getStringProperty("@RVDisplayStereo.stereo.type")') == 'string[] {"off"}'
    assert rv.eval_mu("setCacheMode(commands.CacheBuffer); cacheMode();") == "1"
    assert rv.eval_mu("clearSession()") == "void"
    assert strings(rv.eval_mu('nodesOfType("RVFileSource")')) == []
    assert graph(rv) == predicted("defaultSequence", 0)


LAUNCHER = """{
    require commands;
    string[][][] shots = {{{"%s"},{"%s"}},{{"%s"}}};
    string[] views; views.resize(shots.size());
    for (int i = 0; i < shots.size(); i++)
    {
        string[] made = addSourcesVerbose(shots[i]);
        string[] groups; groups.resize(made.size());
        for (int j = 0; j < made.size(); j++) { groups[j] = nodeGroup(made[j]); }
        views[i] = newNode("RVSequenceGroup", "shot" + i);
        setNodeInputs(views[i], groups);
        extra_commands.setUIName(views[i], "Shot " + i);
        newProperty(views[i] + ".review.id", StringType, 1);
        setStringProperty(views[i] + ".review.id", string[] {string(i)}, true);
    }
    string layout = newNode("RVLayoutGroup", "review");
    setNodeInputs(layout, views);
    setStringProperty(layout + ".layout.mode", string[] {"row"});
    setViewNode(layout);
}"""


def test_a_review_launcher_builds_sequences_in_a_layout(rv: Client) -> None:
    text = LAUNCHER % (media(10), media(5, "green=1"), media(24, "blue=1"))
    assert rv.eval_mu(text) == "void"
    assert rv.eval_mu("viewNode()") == '"review"'
    inputs = rv.eval_mu('nodeConnections("review")')
    assert inputs == '(string[] {"shot0", "shot1"}, string[] {"viewGroup"})'
    assert rv.eval_mu('nodeConnections("shot0")') == (
        '(string[] {"sourceGroup000000", "sourceGroup000001"}, string[] {"review"})'
    )
    assert rv.eval_mu("(frameStart(), frameEnd())") == "(1, 24)"
    assert rv.eval_mu('nodeRangeInfo("shot0").end') == "15"
    own = {
        "review": "RVLayoutGroup shot0 shot1",
        "shot0": "RVSequenceGroup sourceGroup000000 sourceGroup000001",
        "shot1": "RVSequenceGroup sourceGroup000002",
    }
    assert graph(rv) == predicted("review", 3, own)
    assert rv.eval_mu('getStringProperty("review.layout.mode")') == 'string[] {"row"}'
    assert rv.eval_mu('getStringProperty("shot1.review.id")') == 'string[] {"1"}'
    assert rv.eval_mu('extra_commands.uiName("shot1")') == '"Shot 1"'
    at = strings(rv.eval_mu("sourcesAtFrame(12)"))
    assert at == ["sourceGroup000001_source", "sourceGroup000002_source"]


def test_a_compositor_that_follows_the_frame(rv: Client, shared: Player) -> None:
    """The Nuke connection: a subscription, frames sent one after the other, and heartbeats."""
    rv.eval_mu(f'addSource("{media(50)}")')
    subscribe = """
require commands;
function: rvnuke_frame (void; Event event)
{
    string contact = nil;
    for_each (c; commands.remoteConnections()) { if (regex("client-1@").match(c)) contact = c; }
    if (contact neq nil)
    { commands.remoteSendEvent ("frame-changed", "*", string(frame()), string[] {contact}); }
    event.reject();
}
commands.bind("default", "global", "frame-changed", rvnuke_frame, "python event handler");
true;

"""
    heard: list[str] = []
    rv.on_event(lambda event: heard.append(event.contents))
    assert rv.eval_mu(subscribe) == "true"
    for frame in (12, 13, 14):
        assert rv.eval_mu(f"require commands; commands.setFrame ({frame}); commands.redraw();") == (
            "void"
        )
    assert rv.eval_mu("frame()") == "14"
    until(lambda: heard == ["12", "13", "14"], "the frames to be heard")
    assert graph(rv) == predicted("defaultSequence", 1)
    rv.close()
    with shared.client("client-1") as again:  # the same text from a client that came back
        again.on_event(lambda event: heard.append(event.contents))
        assert again.eval_mu(subscribe) == "true"
        again.eval_mu("setFrame(20)")
        until(lambda: heard[-1] == "20", "the frame after coming back")
        again.eval_mu('unbind("default", "global", "frame-changed")')
    with shared.client("client-1") as third:
        unknown = third.request(
            "remote-eval", 'require shotview_mode; shotview_mode.theMode().setFoo("a", 3, "b");'
        )
        assert unknown.startswith('ERROR: remote-eval: exception: "syntax error"')
        assert third.eval_mu("frame()") == "20", "an unknown package costs nothing"


def test_a_model_context_server(rv: Client) -> None:
    """rv-mcp: JSON built in Mu."""
    rv.eval_mu(f'addSource("{media(10)}")')
    text = (
        '{ require commands; string _r = "["; let _s = sources(); for_index (i; _s) '
        '{ if (i > 0) _r += ","; let (file, start, end, inc, fps, audio, video) = _s[i]; '
        '_r += "{\\"start\\":" + start + ",\\"end\\":" + end; '
        '_r += ",\\"fps\\":" + string(fps) + "}"; } '
        '_r + "]"; }'
    )
    assert rv.eval_mu(text) == '"[{\\"start\\":1,\\"end\\":10,\\"fps\\":24.000000}]"'
    assert rv.eval_mu("{ require commands; setPlayMode(PlayOnce); playMode(); }") == "1"
    assert rv.eval_mu("setPlayMode(PlayLoop)") == "void"
    info = '{ require commands; let i = sourceMediaInfo("sourceGroup000000_source"); "%dx%d" % '
    assert rv.eval_mu(info + "(i.width, i.height); }") == '"64x48"'
    for wrong in ('addSourceVerbose("x")', "newSession()"):
        reply = rv.request("remote-eval", wrong)
        assert reply.startswith('ERROR: remote-eval: exception: "unknown exception"')


def test_what_a_syncing_rv_sends(rv: Client) -> None:
    def peer(text: str) -> str:
        return rv.request("remote-sync-eval", "try {" + text + "} catch (...) {;}")

    assert rv.eval_mu("require sync; sync.remoteStartUp();") == "void"
    add = (
        "{ let cmode = cacheMode(); commands.setCacheMode(commands.CacheOff); "
        f'commands.addSource(string[] {{"{media(8)}"}}, "sync"); commands.setCacheMode(cmode); }}'
    )
    assert peer(add) == "void"
    assert peer('commands.newNode("RVStackGroup", "peers");') == "void"
    assert peer('setNodeInputs("peers", string[] {"sourceGroup000000"});') == "void"
    assert peer('setViewNode("peers");') == "void"
    assert rv.eval_mu("(viewNode(), frameEnd())") == '("peers", 8)'
    assert graph(rv) == predicted("peers", 1, {"peers": "RVStackGroup sourceGroup000000"})
    guarded = "require sync; if (sync.acceptingMediaChanges()) "
    old, new = media(8), media(9, "green=1")
    relocate = f'commands.relocateSource("sourceGroup000000_source", "{old}", "{new}");'
    assert peer(guarded + relocate) == "void"
    assert peer("require rvui; rvui.clearEverything();") == "void"
    assert rv.eval_mu("sources().size()") == "0"


def _push(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "rvshell", "rvpush", "-tag", "clients", *words],
        capture_output=True,
        text=True,
        env={**os.environ, "RVPUSH_RV_EXECUTABLE_PATH": "none"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_links_of_an_asset_browser(rv: Client, shared: Player, tmp_path: Path) -> None:
    """Links say more than media: options of RV's window and memory go by, the others count."""
    for n in range(4, 10):
        (tmp_path / f"take.{n:04d}.tif").write_bytes(STILL.read_bytes())
    line = "-reuse 1 -inferSequence -l -play -fullscreen -nofloat -lookback 0 -nomb -fps 25"
    _push("url", f"rvlink:// {line} '{tmp_path}/take.0005.tif'")
    assert rv.eval_mu("sources()[0]._0") == f'"{tmp_path}/take.4-9#.tif"'
    assert rv.eval_mu("(frameEnd(), fps(), isPlaying(), isFullScreen())") == "(6, 25.0, true, true)"
    assert rv.eval_mu('getIntProperty("#RVFormat.color.allowFloatingPoint")') == "int[] {0}"
    compare = f"-diff -geometry 10 20 640 480 -stereo pair -gamma 2.2 -loopMode 2 {media(4)}"
    _push("url", f"rvlink:// -in 2 {compare} [ {media(9)} -out 8 ] [ {media(9)} -in 3 ]")
    assert rv.eval_mu("(sources().size(), viewNode())") == '(3, "defaultStack")'
    cut = 'getIntProperty("sourceGroup00000{}_source.cut.{}")[0]'
    assert rv.eval_mu(cut.format(0, "in")) not in ("2", "3")  # only those in brackets inherit
    told = [rv.eval_mu(cut.format(n, end)) for n, end in ((1, "in"), (1, "out"), (2, "in"))]
    assert told == ["2", "8", "3"]
    assert rv.eval_mu('getStringProperty("defaultStack_stack.composite.type")[0]') == '"difference"'
    assert rv.eval_mu('getStringProperty("#RVDisplayStereo.stereo.type")[0]') == '"pair"'
    assert rv.eval_mu("playMode()") == "2"


def test_rvpush_sets_merges_and_opens_links(rv: Client, shared: Player, tmp_path: Path) -> None:
    rv.eval_mu("setMargins(vector float[4](1,2,3,4))")
    _push("set", "[", media(20), "+in", "5", "]", media(10, "green=1"))
    shared.until("sources().size();", "2")
    shared.until("loadTotal();", "0")
    assert rv.eval_mu("(frameEnd(), margins())") == "(26, <0, 0, 0, 0>)"
    assert rv.eval_mu('getIntProperty("sourceGroup000000_source.cut.in")') == "int[] {5}"
    assert graph(rv) == predicted("defaultSequence", 2)
    _push("merge", media(4, "blue=1"))
    shared.until("sources().size();", "3")
    shared.until("frameEnd();", "30")
    assert graph(rv) == predicted("defaultSequence", 3)
    edl = 'getIntProperty("defaultSequence_sequence.edl.frame")'
    assert rv.eval_mu(edl) == "int[] {1, 17, 27, 31}"
    rv.eval_mu(f'saveSession("{tmp_path}/pushed.rv", true)')
    _push("set", f"{tmp_path}/pushed.rv")
    shared.until("(sources().size(), sessionFileName());", f'(3, "{tmp_path}/pushed.rv")')
    assert rv.eval_mu("frameEnd()") == "30"
    assert graph(rv) == predicted("defaultSequence", 3)
    assert rv.eval_mu(edl) == "int[] {1, 17, 27, 31}"
    _push("url", f"rvlink://{media(7)}")
    shared.until("sources().size();", "1")
    shared.until("frameEnd();", "7")
    assert graph(rv) == predicted("defaultSequence", 1)


def test_a_review_tool_wipes_and_reads_it_back(rv: Client) -> None:
    """Launchers set wipes and the heads-up display by what rvui says is shown."""

    def ensure(shown: str, toggle: str, state: str) -> str:
        code = f"if (rvui.{shown}() != commands.{state}MenuState) rvui.{toggle}();"
        rv.eval_python(f"rv.runtime.eval('{code}', ['rvui', 'commands'])")
        return rv.eval_python(f"rv.runtime.eval('rvui.{shown}()', ['rvui'])")

    rv.eval_mu(f'addSources(string[] {{"{media(8)}", "{media(8)}"}}); setViewNode("defaultStack");')
    states = dict(zip(("Checked", "Unchecked"), ("2", "1"), strict=True))
    for shown, toggle in (
        ("wipeShown", "toggleWipe"),
        ("infoStripShown", "toggleInfoStrip"),
        ("infoShown", "toggleInfo"),
        ("timelineShown", "toggleTimeline"),
        ("colorInspectorShown", "toggleColorInspector"),
    ):
        for state in ("Checked", "Checked", "Unchecked"):
            assert ensure(shown, toggle, state) == states[state]
    ensure("wipeShown", "toggleWipe", "Checked")
    box = "defaultStack_t_sourceGroup000000.stencil.visibleBox"
    rv.exec_python(f"rv.commands.setFloatProperty('{box}', [0.0, 0.5, 0.0, 1.0], True)")
    ensure("wipeShown", "toggleWipe", "Unchecked")
    assert rv.eval_python(f"rv.commands.getFloatProperty('{box}')") == "[0.0, 1.0, 0.0, 1.0]"


WIPES = """
module: own_wipes {
    use commands;
    use rvtypes;
    require wipes;
    use rvui;

    global wipes.Wipe lent;

    \\: wiping (bool;) { State s = data(); s.wipe neq nil && s.wipe.isActive(); }
    \\: flip (bool;) { toggleWipe(); State s = data(); s.scrubDisabled = wiping(); wiping(); }
    \\: others (string;)
    {
        State s = data();
        string found = "";
        for_each (w; Widget[] {s.timeline, s.imageInfo, s.infoStrip})
        {
            if (w neq nil) { found += " %s %s" % (w._modeName, w.isActive()); }
        }
        found;
    }
}
"""


def test_widgets_are_found_in_the_state(rv: Client) -> None:
    """Packages look there for wipes, and switch what they find."""
    rv.eval_mu(WIPES)
    rv.eval_mu(f'addSources(string[] {{"{media(8)}", "{media(8)}"}}); setViewNode("defaultStack");')
    assert [rv.eval_mu("own_wipes.flip()") for _ in range(3)] == ["true", "false", "true"]
    assert rv.eval_mu('(rvui.wipeShown(), getIntProperty(viewNode() + ".ui.wipes")[0])') == "(2, 1)"
    rv.eval_mu("{ require wipes; wipes.quitWipes(); }")
    assert rv.eval_mu("(own_wipes.wiping(), rvui.wipeShown())") == "(false, 1)"
    rv.eval_mu("{ if (rvui.timelineShown() == 1) rvui.toggleTimeline(); rvui.toggleInfoStrip(); }")
    rv.eval_mu("{ rvtypes.State s = data(); s.infoStrip.toggle(); s.timeline.toggle(); }")
    assert rv.eval_mu("rvui.timelineShown()") == "1"
    assert "timeline false" in rv.eval_mu("own_wipes.others()")


@pytest.mark.parametrize("name", ["timeline", "inspector", "sync", "prompt"])
def test_a_client_may_call_its_module_like_a_field_of_rvs(name: str) -> None:
    """RV has read its own modules before; so have we, as far as anyone can tell."""
    with running_player() as fresh, fresh.client() as rv:
        own = f"module: {name} {{ \\: lent (int;) {{ 12; }} }}"
        rv.eval_mu(f"{own} require rvui; rvui.clearEverything();")
        assert rv.eval_mu("{ rvtypes.State s = data(); s neq nil; }") == "true"
        if name != "sync":
            assert rv.eval_mu(f"{name}.lent()") == "12"
