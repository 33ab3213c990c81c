"""What ``rvui`` has beside the menus' functions: modes, tables, files, and what events do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from player.scripting.engine import Policy, ScriptEngine
from player.session.session import Session


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def engine(told: list[str]) -> Iterator[ScriptEngine]:
    made = ScriptEngine(Session(), policy=Policy(limit=120.0), report=told.append)
    made.mu_host.interpreter._output = told.append
    made.mu('addSource("smptebars,start=1,end=20.movieproc");')
    yield made
    made.close()


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        # a mode for a value: the keys of the mode change it, whoever started the mode
        ('{ rvui.exposureMode(nil); sendInternalEvent("key-down--+");'
         ' let v = getFloatProperty("#RVColor.color.exposure")[0];'
         ' sendInternalEvent("key-down--R"); sendInternalEvent("key-down--escape");'
         ' (v, getFloatProperty("#RVColor.color.exposure")[0]); }', "(0.2, 0.0)"),
        ('{ let f = rvui.startParameterMode("#RVColor.color.saturation", 2.0, 1.0, 0.0); f(nil);'
         " let p = rvui.paramPrompt(), d = rvui.paramFeedbackData(); rvui.setParamValue(\"0.25\");"
         " let v = rvui.getParamValue(); rvui.resetParam(nil); rvui.releaseParamForce(nil);"
         " (p, d._0, d._1, v, rvui.getParamValue()); }",
         '("Set saturation: ", -1, "saturation", 0.25, 1.0)'),
        ('{ let f = rvui.startParameterMode("#RVColor.color.hue", 1.0, 0.0, -float.max,'
         " \\: (float;) { 0.5; }, 0.01); f(nil); rvui.setParamValue(\"3\");"
         " let v = rvui.getParamValue(); rvui.resetParam(nil); v; }", "1.5"),
        # a line that asks: what is typed and what State says are one
        ("{ rvtypes.State s = data();"
         " let f = rvui.startTextEntryMode(\\: (string;) { \"Name? \"; },"
         " \\: (void; string t) { rvtypes.State s = data(); s.emptySessionStr = t; }); f(nil);"
         " let asked = (s.prompt, s.textEntry); s.text = \"ab\"; rvui.backwardDeleteChar(nil);"
         " sendInternalEvent(\"key-down--enter\"); (asked, s.emptySessionStr, s.textEntry); }",
         '(("Name? ", true), "a", false)'),
        ("{ rvtypes.State s = data(); rvui.enterFPS(nil); let p = s.prompt;"
         " sendInternalEvent(\"key-down--escape\"); (p, s.textEntry); }", '("FPS [24]: ", false)'),
        ("{ rvtypes.State s = data(); rvui.setRangeOffset(nil); let t = (s.prompt, s.text);"
         " rvui.cancelEntry(nil); t; }", '("Range Offset: ", "0")'),
        # tables
        ("{ rvui.contourLUT(3)(); (getFloatProperty(\"#RVColor.luminanceLUT.lut\"),"
         " getIntProperty(\"#RVColor.luminanceLUT.active\")[0],"
         " getStringProperty(\"#RVColor.luminanceLUT.name\")[0]); }",
         '(float[] {0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0}, 1, "Contour 3")'),
        ("{ rvui.HSVLUT(); let t = getFloatProperty(\"#RVColor.luminanceLUT.lut\");"
         " (t.size(), t[0], t[255 * 3]); }", "(768, 0.0, 1.0)"),
        ("{ rvui.identityLUT(nil, 2); let t = getFloatProperty(\"@RVDisplayColor.lut.lut\");"
         " setIntProperty(\"@RVDisplayColor.lut.active\", int[] {0}); (t.size(), t[3], t[23],"
         " getIntProperty(\"@RVDisplayColor.lut.size\")); }",
         "(24, 1.0, 1.0, int[] {2, 2, 2})"),
        # dialogs that nobody sees are cancelled, and nothing happens
        ("{ rvui.addMovieOrImageSources(nil, true, false); rvui.openMovieOrImage(nil);"
         " rvui.openLUTFile(\"#RVLinearize\")(nil); rvui.openCDLFile(\"#RVColor\")(nil);"
         " rvui.openOTIOFile()(nil); rvui.openSimpleEDL(); rvui.saveAs(nil);"
         " rvui.exportAs(nil, \"mov\", \"Movie\"); rvui.exportMarked(nil); rvui.exportAttrs(nil);"
         " rvui.exportFrame(nil, exportCurrentFrame); rvui.exportNodeDefinition(true, nil);"
         " rvui.relocateMovieOrImage(nil); rvui.replaceSourceMedia(nil); rvui.exportOtio(nil);"
         " (rvui.getMediaFilesFromBrowser().size(), sources().size()); }", "(0, 1)"),
        ("{ markFrame(3, true); rvui.exportAnnotatedFrames(nil); let m = markedFrames();"
         " markFrame(3, false); m; }", "int[] {3}"),
        # menus
        ("{ let m = rvui.buildMainMenu([MenuItem {\"Mine\", nil}]); string r;"
         " for_each (i; m) r += i.label + \" \"; r; }", '"File Control Color View Mine "'),
        ("{ let f = rvui.buildViewMenu()[0].subMenu[3].stateHook; f(); }", "1"),
        # events
        ("{ rvui.resetSessionMatteCenter(); getFloatProperty(\"#Session.matte.heightVisible\"); }",
         "float[] {-1.0}"),
        ("{ setFrame(5); rvui.setMatchedFrame(7, 3, 12); let a = frame();"
         " rvui.setMatchedFrame(1, 3, 12); let b = frame(); rvui.setMatchedFrame(99, 3, 12);"
         " (a, b, frame()); }", "(7, 3, 12)"),
        ("{ let f = rvui.hasLinConversion(\"sRGB\"), g = rvui.hasLinConversion(\"\");"
         " setIntProperty(\"#RVLinearize.color.active\", int[] {1});"
         " setIntProperty(\"#RVLinearize.color.sRGB2linear\", int[] {1}); (f(), g()); }", "(2, 1)"),
        ("{ string r; try { rvui.ddCancelled(\"\"); } catch (string s) { r = s; } r; }",
         '"Drop Cancelled"'),
        ("{ rvui.retainScaleAfterResize(1000, 1000, 500, 500);"
         " rvui.retainScaleAfterResize(500, 500, 1000, 1000); extra_commands.scale(); }", "1.0"),
        ("(rvui.loadTimeline() eq nil, rvui.computePixelRelativeScale(1.0, false))", "(true, 1.0)"),
        ("{ unbind(\"default\", \"global\", \"key-down--G\"); rvui.defineDefaultBindings();"
         " bindingDocumentation(\"key-down--G\") eq nil; }", "false"),
    ],
)  # fmt: skip
def test_answers(engine: ScriptEngine, text: str, reply: str) -> None:
    assert engine.mu(text) == reply


def test_a_simple_edl(engine: ScriptEngine, tmp_path: Path) -> None:
    edl = tmp_path / "cuts.edl"
    edl.write_text(
        "# two cuts\n"
        '"smptebars,start=1,end=50.movieproc" 5 9\n'
        "no cut\n"
        '"solid,start=1,end=50.movieproc" 1 10\n'
    )
    seq = engine.mu(f'{{ rvui.parseSimpleEDL("{edl}"); viewNode(); }}').strip('"')
    for name, values in (
        ("frame", "5, 10, 20"), ("source", "0, 1, 0"), ("in", "5, 1, 0"), ("out", "9, 10, 0"),
    ):  # fmt: skip
        got = engine.mu(f'getIntProperty("{seq}_sequence.edl.{name}")')
        assert got == f"int[] {{{values}}}"
    assert engine.mu(f'extra_commands.uiName("{seq}")') == '"cuts.edl"'
    assert engine.mu("nodeConnections(viewNode())._0.size()") == "2"


def test_the_port_is_told_in_a_file(engine: ScriptEngine, tmp_path: Path) -> None:
    session = engine.context.session
    session.options.flags["networkPortFile"] = str(tmp_path / "port")
    engine.mu('{ app_utils.bind("told", rvui.stateInitialized, ""); sendInternalEvent("told"); }')
    assert re.fullmatch(r"\d+\n", (tmp_path / "port").read_text())
    del session.options.flags["networkPortFile"]
