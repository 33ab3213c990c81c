"""Packages: modes written in Mu and Python, found and switched as RV's mode manager does."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from player.scripting.engine import Policy, ScriptEngine
from player.session.given import Options
from player.session.session import Session

MU_PACKAGE = """
use rvtypes;
use commands;
use app_utils;
use extra_commands;
require glyph;

module: greeter {

class: GreeterMode : MinorMode
{
    string _last;

    \\: later (void;) {;}
    \\: state (int;) { NeutralMenuState; }

    method: greet (void; Event event)
    {
        _last = event.contents();
        event.setReturnContent("hello " + _last);
    }

    method: GreeterMode (GreeterMode; string name)
    {
        init(name,
             [("greet", greet, "Say hello")],
             nil,
             Menu {{"Greeter", Menu {{"Greet", ~later, "control g", state}, {"_", nil}}}});
    }

    method: render (void; Event event) { glyph.drawXGlyph(false); }
}

\\: createMode (Mode;) { GreeterMode("greeter-mode"); }
}
"""
PYTHON_PACKAGE = """
from rv import commands, rvtypes


class Counter(rvtypes.MinorMode):
    def __init__(self):
        rvtypes.MinorMode.__init__(self)
        self.seen = 0
        self.init("counter-mode", [("count", self.count, "Count")], None,
                  [("Counter", [("Count", self.count, None, lambda: commands.NeutralMenuState)])])

    def count(self, event):
        self.seen += 1
        event.setReturnContent(str(self.seen))


made = []


def createMode():
    made.append(Counter())
    return made[-1]
"""
RVLOAD = """3
greeter,greeter-1.2.rvpkg,Tools/Greeter,nil,nil,true,true,1.0.0,false
greeter_counter,counter-1.0.rvpkg,nil,nil,nil,false,false,1.0.0,false,greeter
"""


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def support(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("Mu", "Python"):
        (tmp_path / name).mkdir()
    (tmp_path / "Mu" / "greeter.mu").write_text(MU_PACKAGE)
    (tmp_path / "Mu" / "rvload2").write_text(RVLOAD)
    (tmp_path / "Python" / "greeter_counter.py").write_text(PYTHON_PACKAGE)
    monkeypatch.setenv("RV_SUPPORT_PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for variable in ("MU_MODULE_PATH", "TWK_APP_SUPPORT_PATH"):
        monkeypatch.setenv(variable, "")
    for variable in ("RV_APP_RV", "RV_APP_RVIO", "TWK_APP_VERSION"):
        monkeypatch.setenv(variable, "")  # so that it is taken away afterwards
        monkeypatch.delenv(variable)
    before = list(sys.path)
    yield tmp_path
    sys.path[:] = before
    sys.modules.pop("greeter_counter", None)


def engine_with(told: list[str], **flags: str) -> ScriptEngine:
    session = Session(options=Options(flags=dict(flags)))
    engine = ScriptEngine(session, policy=Policy(limit=60.0), report=told.append)
    engine.load_packages()
    return engine


def test_no_package_is_loaded_by_itself(support: Path, told: list[str]) -> None:
    engine = engine_with(told)
    try:
        assert engine.mu("activeModes()") == '["default"]'
        assert str(support / "Mu") in os.environ["MU_MODULE_PATH"]
        assert str(support / "Python") in sys.path
        assert os.environ["TWK_APP_SUPPORT_PATH"] == str(support)
        assert engine.mu('system.getenv("RV_APP_RVIO")').startswith('"')
        told_version = engine.mu('string.split(system.getenv("TWK_APP_VERSION"), ".")')
        numbers = engine.mu("getVersion()").removeprefix("int[] {").removesuffix("}").split(", ")
        assert told_version == "string[] {" + ", ".join(f'"{n}"' for n in numbers) + "}"
    finally:
        engine.close()


def test_the_support_folder_at_home_counts_when_no_other_is_named(
    support: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = support / "home" / ".rv" / "Mu"
    own.mkdir(parents=True)
    engine_with(told).close()
    assert str(own) not in os.environ["MU_MODULE_PATH"]
    monkeypatch.delenv("RV_SUPPORT_PATH")
    engine_with(told).close()
    assert str(own) in os.environ["MU_MODULE_PATH"]


def test_a_mode_on_request_with_the_one_it_needs(support: Path, told: list[str]) -> None:
    engine = engine_with(told)
    session = engine.context.session
    try:
        switched = engine.mu('extra_commands.activatePackageModeEntry("greeter_counter")._modeName')
        assert switched == '"counter-mode"'
        assert [session.send("count", ""), session.send("count", "")] == ["1", "2"]
        # the needed one is loaded, not active
        assert session.send("greet", "x") == ""
        assert engine.mu('rvui.minorModeFromName("greeter-mode").isActive()') == "false"
        engine.mu('extra_commands.activatePackageModeEntry("greeter")')
        assert session.send("greet", "you") == "hello you"
        assert "greeter-mode" in engine.mu("activeModes()")
        engine.mu('extra_commands.deactivatePackageModeEntry("greeter")')
        assert session.send("greet", "you") == ""
        assert engine.mu('extra_commands.activatePackageModeEntry("unheard_of")') == "nil"
    finally:
        engine.close()


def test_modes_of_the_flags(support: Path, told: list[str]) -> None:
    engine = engine_with(told, ModeManagerLoad="greeter,greeter_counter,missing_one")
    assert not any("Traceback" in line for line in told)
    session = engine.context.session
    try:
        assert session.send("greet", "you") == "hello you"
        assert session.send("count", "") == "1"
        assert "ModeManager" in engine.mu("activeModes()")
        session.send("mode-manager-toggle-mode", "greeter")
        assert session.send("greet", "you") == ""
        assert "No module named 'missing_one'" in "".join(told)
    finally:
        engine.close()


def test_rejected_and_forbidden(support: Path, told: list[str]) -> None:
    engine = engine_with(
        told, ModeManagerLoad="greeter,greeter_counter", ModeManagerReject="greeter_counter"
    )
    try:
        assert engine.context.session.send("count", "") == ""
        assert engine.context.session.send("greet", "a") == "hello a"
    finally:
        engine.close()


def test_what_a_listing_says_of_packages(support: Path, told: list[str]) -> None:
    (support / "Mu" / "rvload2").write_text(
        "4\n"
        "one,p-3.7.rvpkg,Tools/One,nil,one-event,false,false,x,true,y,greeter\n"
        "one,q-1.0.rvpkg,nil,nil,nil,false,false\n"
        "# a remark\n"
        "two,p-4.rvpkg,nil,nil,nil,false,false\n"
        "three,p-x.9.rvpkg,nil,nil,nil,false,false\n"
    )
    (support / "Mu" / "rvload").write_text("5\nfour,p-5.0.rvpkg,nil,nil,nil,false,false\n")
    engine = engine_with(told)
    engine.mu_host.interpreter._output = told.append
    try:
        engine.mu("require mode_manager;")
        engine.mu('mode_manager.manager().findModeEntry("one")')
        entries = engine.mu(
            '{ string s; for_each (e; mode_manager.manager()._modes) s += "%s:%s:%s:%s:%s:%s "'
            " % (e.name, e.pkg.file, e.menu, e.event, e.optload, e.requiresModes); s; }"
        )
        packages = engine.mu(
            '{ string s; for_each (p; mode_manager.manager()._packages) s += "%s:%s.%s:%s "'
            " % (p.base, p.major, p.minor, p.existing eq nil); s; }"
        )
    finally:
        engine.close()
    # the latest is the first; a name listed twice is known once
    assert entries == (
        '"three:p-x.9.rvpkg:nil:nil:false:string[] {} two:p-4.rvpkg:nil:nil:false:string[] {}'
        ' one:p-3.7.rvpkg:Tools/One:one-event:true:string[] {\\"greeter\\"} "'
    )
    assert packages == '"p:3.7:true p:4.0:false p:0.9:false "'
    assert "".join(told) == "ERROR: Can't parse version 5 mode file\nERROR: No modes loaded\n"


def test_a_mode_that_python_switches_itself(support: Path, told: list[str]) -> None:
    engine = engine_with(told, ModeManagerLoad="greeter_counter")
    active = 'mode_manager.manager().findModeEntry("greeter_counter").mode.isActive()'
    try:
        engine.mu("require mode_manager;")
        assert engine.mu(active) == "true"
        engine.python_host.pyexec("import greeter_counter; greeter_counter.made[0].toggle()")
        assert engine.mu(active) == "false"
        toggled = 'mode_manager.manager().toggleModeByName("greeter_counter").isActive()'
        assert engine.mu(toggled) == "true"
        engine.context.session.send("before-session-deletion", "")
        assert engine.mu(active) == "false"
    finally:
        engine.close()


def test_a_minor_mode_in_a_text(told: list[str]) -> None:
    engine = ScriptEngine(Session(), policy=Policy(limit=60.0), report=told.append)
    heard: list[str] = []
    session = engine.context.session
    try:
        engine.mu(
            "use rvtypes; class: M : MinorMode { int on; method: activate (void;) { on += 1; } "
            'method: M (M;) { init("m", nil, [("ping", \\: (void; Event e)'
            ' { e.setReturnContent("pong"); }, "Ping")]); } } global M theM = M();'
        )
        engine.python_host.pyexec(
            "import rv.commands as c\n"
            "globals()['heard'] = []\n"
            "c.bind('default', 'global', 'mode-toggled', lambda e: heard.append(e.contents()), '')"
        )
        assert session.send("ping", "") == ""
        engine.mu("theM.toggle()")
        assert session.send("ping", "") == "pong"
        assert engine.mu("(theM.on, theM.isActive(), theM.name())") == '(1, true, "m")'
        engine.mu("theM.toggle()")
        assert session.send("ping", "") == ""
        heard = eval(engine.pyeval("heard"))
    finally:
        engine.close()
    assert heard == ["m|true", "m|false"]


def test_a_widget(told: list[str]) -> None:
    engine = ScriptEngine(Session(), policy=Policy(limit=60.0), report=told.append)
    try:
        engine.mu(
            "use rvtypes; class: W : Widget { method: render (void; Event e) {;} method: W (W;)"
            ' { init("w", [("w-event", \\: (void; Event e) {;}, "")]); } } global W w = W();'
        )
        engine.mu("{ w.toggle(); w.drawInMargin(1); w.updateBounds(vector float[2](900, 10),"
                  " vector float[2](1024, 60)); }")  # fmt: skip
        assert engine.mu("(w._x, w._w, w.contains(vector float[2](950, 20)))") == (
            "(900.0, 124.0, true)"
        )
        assert engine.mu("margins()") == "<0, 124, 0, 0>"
        assert engine.mu('{ let SettingsValue.Bool b = readSetting("Tools", "show_w",'
                         " SettingsValue.Bool(false)); b; }") == "true"  # fmt: skip
        engine.mu("w.toggle()")
        assert engine.mu("margins()") == "<0, 0, 0, 0>"
    finally:
        engine.close()


def test_a_program_that_tells_its_progress(told: list[str]) -> None:
    engine = ScriptEngine(Session(), policy=Policy(limit=60.0), report=told.append)
    try:
        reply = engine.mu(
            "{ use external_ioprocess; use rvtypes;"
            ' let p = ExternalIOProcess("n", "/bin/echo", ["INFO: hello (50% done)"],'
            " int64(60000), ExternalProcess.Type.ReadOnly, nil); p.processIO();"
            " let m = p._lastMessage, q = p._progress;"
            " while (!p.isFinished()) p.processIO(); (m, q); }"
        )
    finally:
        engine.close()
    assert reply == '("hello ", 50.0)'


NODES = """GTOa (4)
TintForTests : IPNodeDefinition (2)
{
    node
    {
        string evaluationType = "color"
        string defaultName = "tint"
        int userVisible = 1
    }
    function { string name = "tint" string glsl = "file://${HERE}/tint.glsl" }
    parameters
    {
        float amount = 0.5
        float[3] colour = [ [ 1 0.5 0.25 ] ]
    }
}
RVColor : IPNodeDefinition (1) { node { string defaultName = "mine" } parameters { int x = 1 } }
PairForTests : IPNodeDefinition (1) { node { int isGroup = 1 } }
BlendForTests : IPNodeDefinition (1)
{
    node { string evaluationType = "combine" }
    function { string glsl = "vec4 main (const in inputImage a, const in inputImage b) { }" }
    parameters { int offset0 = -1 int offset1 = 0 }
}
"""
FADE = """GTOa (4)
FadeForTests : IPNodeDefinition (1)
{
    node { string evaluationType = "transition" string defaultName = "fade" }
    function { string glsl = "vec4 main (const in inputImage in0, const in inputImage in1) { }" }
    parameters { float startFrame = 40 float numFrames = 20 }
}
"""
TINT = """
// vec4 tint (const in float wrong) {}
vec4 tint (const in inputImage in0, const in float amount, /* a
    pair */ const in vec3 colour, const in bool on, const in float frame)
{
    return in0();
}
"""


def test_node_types_of_packages(support: Path, told: list[str]) -> None:
    (support / "Nodes").mkdir()
    (support / "Nodes" / "tint.gto").write_text(NODES)
    (support / "Nodes" / "tint.glsl").write_text(TINT)
    (support / "Nodes" / "broken.gto").write_text("GTOa (4) {")
    engine = engine_with(told)
    try:
        assert [line for line in told if "broken.gto" in line]
        assert engine.mu('newNode("PairForTests")').startswith("ERROR")
        engine.mu('addSource("solid,start=1,end=8,width=64,height=48.movieproc")')
        assert engine.mu('newNode("TintForTests", "t")') == '"t"'
        listed = engine.mu('properties("t")')
        assert (
            '"t.node.active", "t.parameters.amount", "t.parameters.colour", "t.parameters.on"'
            in listed
        )
        assert engine.mu('getIntProperty("t.parameters.on")') == "int[] {0}"
        assert engine.mu('getFloatProperty("t.parameters.colour")') == "float[] {1.0, 0.5, 0.25}"
        engine.mu('setNodeInputs("t", string[] {"defaultSequence"})')
        blended = 'setNodeInputs(newNode("BlendForTests"), string[] {"t"})'
        assert engine.mu(blended) == "void"
        assert engine.mu(blended.replace('"t"', '"t", "defaultStack"')).startswith("ERROR")
        two = 'setNodeInputs("t", string[] {"defaultSequence", "defaultStack"})'
        assert engine.mu(two).startswith("ERROR")
        names = '"sourceGroup000000_colorPipeline.pipeline.nodes"'
        engine.mu(f'setStringProperty({names}, string[] {{"RVColor", "TintForTests"}}, true)')
        made = engine.mu('nodesOfType("TintForTests")')
        assert made == 'string[] {"sourceGroup000000_colorPipeline_1", "t"}'
        assert engine.mu('propertyExists("sourceGroup000000_colorPipeline_0.node.x")') == "false"
        saved = support / "tinted.rv"
        engine.mu(f'saveSession("{saved}")')
        assert "t : TintForTests (2)" in saved.read_text()
    finally:
        engine.close()


def test_a_transition_of_a_package(support: Path, told: list[str]) -> None:
    """As readers of edits build it: two cut sources, the second begins within the first."""
    (support / "Nodes").mkdir()
    (support / "Nodes" / "fade.gto").write_text(FADE)
    engine = engine_with(told)
    try:
        for cut in ("+in 3 +out 8", "+in 11 +out 14"):
            words = "".join(f', "{word}"' for word in cut.split())
            clip = "solid,start=1,end=20,width=64,height=48.movieproc"
            engine.mu(f'addSources(string[] {{"[", "{clip}"{words}, "]"}}, "", false, true)')
            engine.mu("waitForProgressiveLoading()")
        engine.mu('newNode("FadeForTests", "f")')
        engine.mu('setNodeInputs("f", string[] {"sourceGroup000000", "sourceGroup000001"})')
        # (of media that is missing the last frame of a cut does not count)
        assert engine.python_host.pyeval("rv.commands.nodeRangeInfo('f')['end']") == "8"
        engine.mu('setFloatProperty("f.parameters.startFrame", float[] {5.0}, true)')
        engine.mu('setFloatProperty("f.parameters.numFrames", float[] {2.0}, true)')
        engine.mu('setFloatProperty("f.output.fps", float[] {24.0}, true); setViewNode("f");')
        assert engine.mu("(frameStart(), frameEnd())") == "(1, 7)"
        asked = engine.python_host.pyeval(
            "[i['frame'] for i in rv.commands.metaEvaluate(6, 'f')"
            " if i['nodeType'] == 'RVFileSource']"
        )
        assert asked == "[7, 12]"
    finally:
        engine.close()


def nuke_reads(*nodes: tuple[str, str, str, str]) -> str:
    """What Nuke sends about nodes: name, media, colour space and class of each."""

    def strings(values: Iterable[str]) -> str:
        listed = ", ".join(f'"{value}"' for value in values)
        return f"string[] {{{listed}}}"

    names, media, spaces, classes = map(strings, zip(*nodes, strict=True))
    firsts, lasts, offsets = (f"int[] {{{', '.join(n * len(nodes))}}}" for n in "290")
    labels = strings(["upper#NL#plate"] + [""] * (len(nodes) - 1))
    listed = (names, media, spaces, firsts, lasts, labels, classes, offsets)
    return f"require rvnuke_mode; rvnuke_mode.theMode().viewReadNodes ({', '.join(listed)});"


def test_what_nuke_asks_of_its_package(
    support: Path, told: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    port = support / "port"
    engine = engine_with(told, ModeManagerPreload="rvnuke_mode", rvnukePortFile=str(port))
    mode = "require rvnuke_mode; rvnuke_mode.theMode()"
    solid = "solid,start=1,end=9,width=64,height=48%s.movieproc"

    def mu(text: str) -> str:
        answer = engine.mu(text)
        assert not answer.startswith("ERROR"), answer
        return answer

    def named() -> str:
        names = 'for_each (s; nodesOfType("RVSourceGroup")) a.push_back(extra_commands.uiName(s))'
        return mu(f"require extra_commands; {{ string[] a; {names}; a; }}")

    try:
        assert port.read_text() == "45124\n"
        reads = nuke_reads(
            ("Read1", solid % ",red=1", "sRGB", "Read"), ("Out", solid % "", "Cineon", "Write")
        )
        mu(reads)
        assert mu("sources().size()") == "0"  # Nuke did not say yet who it is
        mu(f'{mode}.initFromNuke ("/nowhere/session", 114, "nuke");')
        assert "protocol 114" in capfd.readouterr().err
        mu(f'{mode}.initFromNuke ("/nowhere/session", 115, "nuke");')
        mu(reads)
        assert named() == 'string[] {"upper plate (read)", "Out (write)"}'
        assert mu("viewNode()") == '"sourceGroup000001"'
        assert mu('getIntProperty("sourceGroup000000_source.cut.out")') == "int[] {9}"
        linear = "sourceGroup00000%d_tolinPipeline_0.color.%s"
        assert mu(f'getIntProperty("{linear % (0, "sRGB2linear")}")') == "int[] {1}"
        assert mu(f'getIntProperty("{linear % (1, "logtype")}")') == "int[] {1}"
        folder = 'nodesOfType("RVFolderGroup").front()'
        inside = 'string[] {"sourceGroup000000", "sourceGroup000001"}'
        assert mu(f"nodeConnections({folder})._0") == inside

        mu(nuke_reads(("Read1", solid % ",blue=1", "sRGB", "Read")))
        assert named() == 'string[] {"upper plate (read)", "Out (write)"}'
        assert "blue" in mu('getStringProperty("sourceGroup000000_source.media.movie")')
        mu(f'{mode}.selectCurrentByNodeName ("Read1");')
        assert mu("viewNode()") == '"sourceGroup000000"'
        mu(f'{mode}.removeObsoleteReads (string[] {{"Read1"}});')
        assert named() == 'string[] {"upper plate (read)"}'
        mu(f"{mode}.raiseMainWindow();")
        run = 'initRenderRun ("M1", 1, 5, 1, "", 0.5, 0, "exr", "", "Nov 26", "current", "mono")'
        mu(f"{mode}.{run};")
        assert "does not render with Nuke" in capfd.readouterr().err
    finally:
        engine.close()
