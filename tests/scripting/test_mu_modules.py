"""Modules that packages ``require`` or ``use``: their names, and what has an answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from player.mu.symbols import LateModule
from player.scripting import muhost
from player.scripting.engine import Policy, ScriptEngine
from player.session.session import Session

FILES = Path(muhost.__file__).parent.glob("modules/*.mu")
WRITTEN_IN_MU = sorted({path.stem.partition("-")[0] for path in FILES})


@pytest.fixture(scope="module")
def session() -> Session:
    return Session()


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def engine(session: Session, told: list[str]) -> Iterator[ScriptEngine]:
    made = ScriptEngine(session, policy=Policy(limit=60.0), report=told.append)
    made.mu_host.interpreter._output = told.append
    yield made
    made.close()


@pytest.mark.parametrize("name", WRITTEN_IN_MU)
def test_each_module_is_correct(engine: ScriptEngine, name: str) -> None:
    """A text of which the parser drops a part raises."""
    module = engine.mu_host.interpreter.find_module(name)
    assert module is not None
    if isinstance(module, LateModule):
        module.complete()
    assert module.table


@pytest.mark.parametrize(
    "name",
    ["autodoc", "encoding", "external_ioprocess", "gl", "gltexture",
     "glu", "gltext", "glyph", "image", "math_linear", "math_util",
     "mode_manager", "python", "rvtypes", "rvui", "app_utils", "extra_commands", "io", "system"],
)  # fmt: skip
def test_modules_are_there(engine: ScriptEngine, name: str) -> None:
    assert engine.mu(f"require {name};") == ""
    assert engine.mu(f"{{ use {name}; 3; }}") == "3"


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("(gl.GL_LINES, gl.GL_VIEWPORT, gl.GL_TEXTURE_2D)", "(1, 2978, 3553)"),
        ("glu.GLU_FILL", "100012"),
        ("{ use gl; glColor(1, 0, 0); glBegin(GL_QUADS); glVertex(1.0, 2.0); glEnd(); }", "void"),
        ("{ use gl; (glGetError(), glGenLists(2), glGenLists(1), glGetInteger(GL_VIEWPORT)); }",
         "(0, 1, 3, int[] {0, 0, 1024, 768})"),
        ("{ use glu; gluOrtho2D(0, 1, 0, 1); }", "void"),
        ("{ gltext.size(20); (gltext.size(), gltext.bounds(\"ab\"), gltext.width(\"ab\")); }",
         "(20, float[4] {0.0, -5.0, 22.0, 15.0}, 22.0)"),
        ('gltext.writeAt(1, 2, "x")', "void"),
        ('encoding.to_base64(encoding.string_to_utf8("hell\u00f6"))',
         "byte[] {97, 71, 86, 115, 98, 77, 79, 50}"),
        ("encoding.utf8_to_string(byte[] {65, 0, 66})", '"A"'),
        ('encoding.utf8_to_string(encoding.from_base64(encoding.string_to_utf8("aGVsbMO2")))',
         '"hell\u00f6"'),
        ("encoding.to_base64(byte[]{})", "byte[] {}"),
        ("{ float[3,3] m = float[3,3]{1,2,0,0,1,0,0,0,2}; (m * m, inverse(m), transpose(m)); }",
         "(float[3,3] {1.0, 4.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 4.0}, "
         "float[3,3] {1.0, -2.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.5}, "
         "float[3,3] {1.0, 0.0, 0.0, 2.0, 1.0, 0.0, 0.0, 0.0, 2.0})"),
        ("{ float[4,4] m = float[4,4]{1,0,0,5,0,1,0,6,0,0,1,7,0,0,0,2}; "
         "(m * vector float[4](1,2,3,1), m * vector float[3](1,2,3)); }",
         "(<6, 8, 10, 2>, <3, 4, 5>)"),
        ('autodoc.document_symbol("math.sin")',
         r'"math.sin (float; float)\nmath.sin (double; double)\n"'),
        ('autodoc.document_symbol("gl.GL_LINES", autodoc.HTML)',
         r'"<DL>\n</DL>\n"'),
        ('autodoc.document_symbol("encoding.to_base64", autodoc.Texinfo)',
         r'"@deftypefn {Function} {} to_base64 (byte[]; byte[] @var{data})\n@end deftypefn\n\n"'),
        ("glyph.lower_bounds(int[]{1,3,5,7}, 4)", "1"),
        ("glyph.lower_bounds(int[]{1,3,5,7}, 0)", "-1"),
        ('glyph.wrapValue("a b c d e f g", 4)', r'"a b c \nd e f \ng "'),
        ('glyph.expandNameValuePairs((string,string)[]{("a","b\\nc"),("d","e")})',
         '(string,string)[] {("", "c"), ("a", "b"), ("d", "e")}'),
        ('glyph.drawDropRegions(100, 300, 10, 150, 10, string[]{"a","b","c"})', "1"),
        # limits of 0 do not count, and the upper one (200, 0) wins over the lower (300, 40)
        ('glyph.drawNameValuePairs((string,string)[]{("a","b")}, vector float[4](1,1,1,1),'
         " vector float[4](0,0,0,1), 0, 0, 0, 200, 0, 300, 40)._0", "<200, 40>"),
        ("{ use glyph; let g = circleGlyph & coloredGlyph(squareGlyph, rvtypes.Color(1,1,1,1));"
         " g(true); draw(g, 0, 0, 0, 1, false); }", "void"),
        ("(commands.sourceMatchRE, switchMatchRE)", '("source"r, "switch"r)'),
        ("{ use app_utils; int n = 0; (void;) f = \\: (void;) {;}; let g = ~f; g(nil); n; }", "0"),
        ('{ use app_utils; menuItem(" Foo", "key-down--control--f", "x", noop, enabledItem).key; }',
         '"control f"'),
        ('{ use app_utils; MenuItem[] m; m.push_back(menuSeparator()); subMenu("a", m).subMenu; }',
         'MenuItem[] {MenuItem {"_", nil, nil, nil, nil}}'),
        ('MenuItem[] {{"x", nil}, {"S", MenuItem[] {{"q", nil, "k", nil}}}}',
         'MenuItem[] {MenuItem {"x", nil, nil, nil, nil}, MenuItem {"S", nil, nil, nil, '
         'MenuItem[] {MenuItem {"q", nil, "k", nil, nil}}}}'),
        ("(rvui.rangeState(), rvui.playState(), rvui.infoShown(), rvui.timelineShown())",
         "(-1, -1, -1, 1)"),
        ("{ let f = rvui.imageResState(1.0); f(); }", "-1"),
        ("rvui.toRGB(vector float[3](0.25, 0.5, 0.5))", "<0.375, 0.5, 0.25>"),
        ("{ rvui.toggleAudioScrub(nil); let a = rvui.scrubAudioState();"
         " rvui.toggleAudioScrub(nil); (a, rvui.scrubAudioState()); }", "(2, 1)"),
        ("{ let f = rvui.startTextEntryMode(rvui.fpsPrompt, rvui.setFPSValue); f(nil);"
         " rvtypes.State s = data(); let p = s.prompt; s.text = \"30\"; rvui.commitEntry(nil);"
         " (p, fps(), s.textEntry); }", '("FPS [24]: ", 30.0, false)'),
        ("{ rvtypes.State s = data(); s.registerQuitMessage(\"a\", \"b\");"
         " s.registerQuitMessage(\"c\", \"d\"); let m = s.getQuitMessage();"
         " s.unregisterQuitMessage(\"c\"); let n = s.getQuitMessage(); s.clearQuitMessages();"
         " (m, n, s.getQuitMessage(), rvui.checkIfCloseOK()); }", '("d", "b", nil, true)'),
        ("{ rvtypes.State s = data(); s.toggleStepWraps(); let on = s.stepWraps;"
         " s.toggleStepWraps(); (on, s.stepWraps); }", "(true, false)"),
        ("rvui.combine(MenuItem[]{{\"a\", nil}}, MenuItem[]{{\"b\", nil}}).size()", "2"),
        ("rvui.globalConfig.bevelMargin", "20"),
        ("{ use rvtypes; rvui.addRenderFunction(\\: (void; Event e) {;}, "
         "RenderFunctionType.ViewSpaceRender); State s = data();"
         " s.config.renderViewSpace eq nil; }", "false"),
        ('{ use python; to_string(PyObject_GetAttr(PyImport_Import("os"), "sep")); }', '"/"'),
        ('{ use python; let j = PyObject_GetAttr(PyImport_Import("os.path"), "join");'
         ' to_string(PyObject_CallObject(j, ("a", "b"))); }', '"a/b"'),
        ('{ use python; let t = PyTuple_New(1); PyTuple_SetItem(t, 0, PyImport_Import("math"));'
         " (PyTuple_Size(t), PyModule_GetName(PyTuple_GetItem(t, 0))); }", '(1, "math")'),
        ("{ use python; let m = PyImport_Import(\"math\"); type_name(Py_TYPE(m)); }", '"module"'),
    ],
)  # fmt: skip
def test_answers(engine: ScriptEngine, text: str, reply: str) -> None:
    assert engine.mu(text) == reply


def test_bindings_by_list(engine: ScriptEngine, session: Session) -> None:
    engine.mu(
        '{ use app_utils; bind("default", "global", [("one", \\: (void; Event e)'
        ' { e.setReturnContent("1:" + e.contents()); }, "d")]); }'
    )
    assert session.send("one", "x") == "1:x"


def test_python_errors_are_told(engine: ScriptEngine, told: list[str]) -> None:
    told.clear()
    assert engine.mu('python.is_nil(python.PyImport_Import("no_such_module"))') == "true"
    assert "ModuleNotFoundError: No module named 'no_such_module'" in "".join(told)


def test_python_is_switched_off_here_too() -> None:
    engine = ScriptEngine(Session(), policy=Policy(python=False), report=lambda text: None)
    reply = engine.mu('python.PyImport_Import("os")')
    engine.close()
    assert "python is not permitted here" in reply


def test_a_script_cannot_end_the_player(engine: ScriptEngine) -> None:
    assert "exit is not permitted here" in engine.mu("runtime.exit(0)")
    assert engine.mu("1 + 1") == "2"
