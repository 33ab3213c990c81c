"""What a refused call says in Mu: the text of the exception a script catches.

The texts are those of RV's command modules (``IPMu/CommandsModule.cpp``, ``RvApp`` and
``MuTwkApp/CommandsModule.cpp``, ``RvCommon/MuUICommands.cpp``); "unknown exception" is all that is
seen of what is thrown below them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from player.media import Probe
from player.scripting.engine import Policy, ScriptEngine
from player.session.history import History
from player.session.ports import Ports
from player.session.session import Session

PLAIN = {
    # call: the text after "in commands.NAME: "
    "nodeType(nil)": "nil node name",
    'nodeType("nope")': '"nope" is not a node',
    "nodeGroup(nil)": "no node name specified",
    "nodeGroupRoot(nil)": "no node name specified",
    'nodeGroupRoot("rv")': "node name specified is not a group",
    "nodesInGroup(nil)": "no node name specified",
    'nodesInGroup("rv")': "node name specified is not a group",
    "nodeRangeInfo(nil)": "nil node name",
    "nodeImageGeometry(nil, 1)": "nil node name",
    'nodeImageGeometry("nope", 1)': "node name not found",
    "nodesOfType(nil)": "nil tname",
    "getCurrentNodesOfType(nil)": "nil tname",
    "newNode(nil)": "nil node type",
    'newNode("nope")': "can't build node of type 'nope'",
    "deleteNode(nil)": "nil node name",
    'deleteNode("nope")': "bad node name",
    'deleteNode("defaultStack")': "can't delete default views",
    'metaEvaluate(1, "nope")': "Bad node name",
    'metaEvaluate(1, nil, "nope")': "Bad node name",
    "metaEvaluateClosestByType(1, nil)": "nil type name",
    "closestNodesOfType(nil)": "nil type name",
    'closestNodesOfType("RVSource", "nope")': "Bad node name",
    "testNodeInputs(nil, string[] {})": "nil node name",
    'testNodeInputs("defaultStack", string[] {"nope"})': "can't find a node",
    'testNodeInputs("defaultStack_stack", string[] {"defaultSequence"})': "top level nodes only",
    "flushCachedNode(nil)": "nil node name",
    "writeNodeDefinition(nil, nil)": "nil typeName argument",
    'writeNodeDefinition("nope", nil)': "unknown node type 'nope'",
    "writeAllNodeDefinitions(nil)": "nil fileName argument",
    'updateNodeDefinition_("nope")': '"nope" is not a node type',
    'updateNodeDefinition_("RVColor")': "bad arg to rebuildShader",
    "mapPropertyToGlobalFrames(nil, 1)": "nil name",
    'mapPropertyToGlobalFrames("a.b", 1, "nope")': "Bad node name",
    "getIntProperty(nil)": "node name is nil",
    "getIntProperty(nil, -1)": "start argument must be 0 or greater",
    'getStringProperty("a.b.c", 0, -1)': "num argument must be 0 or greater",
    'newProperty("rv.a", IntType, 1)': "malformed property name",
    'newProperty("nope.b.c", IntType, 1)': "no node of type 'ope' found",
    'newProperty("#RVColor.b.c", IntType, 1)': "no node of type 'RVColor' found",
    'newProperty("#RVSource.b.c", IntType, 1)': "no node of type 'RVSource' found",
    'deleteProperty("nope.b.c")': "node name is ambigious",
    'deleteProperty("nope")': "malformed property name",
    "deleteProperty(nil)": "nil property name",
    'properties("xRVColor")': "no nodes found: xRVColor\n",
    "setSessionFileName(nil)": "setSessionFileName: nil file name",
    "setSessionName(nil)": "setSessionName: nil node name",
    "undoPathSwapVars(nil)": "input string is nil",
    "readProfile(nil, nil)": "nil node argument",
    'readProfile(nil, "rv")': "nil file name argument",
    'readProfile("x", "nope")': 'No node with name "nope"',
    'readProfile("/x", "rv")': 'No profile with name "/x" found in profile path',
    "fileKind(nil)": "nil file",
    "commandLineFlag(nil)": "flag key is nil",
    "existingFramesInSequence(nil)": "nil sequence string",
    "setBGMethod(nil)": "nil bg method",
    "setRendererType(nil)": "nil argument",
    "setFiltering(3)": "setFiltering only accepts GL_LINEAR or GL_NEAREST",
    "imageGeometry(nil)": "nil source name",
    'imageGeometryByTag(nil, "x")': "missing tag name or value",
    "newImageSourcePixels(nil, 1)": "nil source name",
    "addToSource(nil)": "nil file arg",
    'addToSource(nil, "x", nil)': "nil node arg",
    'addToSource("x", nil, nil)': "nil file arg",
    'setSourceMedia(nil, string[] {"x"})': "nil node arg",
    'relocateSource(nil, "x", "y")': "nil node arg",
    'relocateSource("x", nil, "y")': "old media name is nil",
    'relocateSource("x", "y", nil)': "new media name is nil",
    'addSourceMediaRep(nil, "r", string[] {"x"})': "nil source node arg",
    'addSourceMediaRep("x", nil, string[] {"x"})': "nil media representation name arg",
    'addSourceMediaRep("x", "y", nil)': "nil media representation paths arg",
    'setActiveSourceMediaRep(nil, "x")': "nil source node arg",
    'setActiveSourceMediaRep("x", nil)': "nil media representation name arg",
    'setActiveSourceMediaRep("nope", "x")': (
        "Can't find switch node associated with source node nope to select the 'x' media"
        " representation."
    ),
    "sourceMediaRep(nil)": "nil source node arg",
    "sourceMediaReps(nil)": "nil source node arg",
    "sourceMediaRepsAndNodes(nil)": "nil source or switch node arg",
    "sourceMediaRepSwitchNode(nil)": "nil source node arg",
    "sourceMediaRepSourceNode(nil)": "nil source node arg",
    'ocioUpdateConfig("rv")': "Not an ocio node",
    'bindRegex("nope", "global", "x", \\: (void; Event e) {;})': "No mode named nope",
    'unbindRegex("default", "nope", "x")': "No table named nope",
    'bindingDocumentation("x", "default", "global")': "Not bound: x",
    'bindingDocumentation("x", "nope", "global")': "No mode named nope",
    "isModeActive(nil)": "Nil argument to function",
    "sendInternalEvent(nil)": "no event name specified",
    'ioParameters("mov", true)': "nil codec",
}
WHOLE = {
    # call: the whole text
    'getIntProperty("a.b.c")': "invalid property name a.b.c",
    'insertIntProperty("rv.matte.aspect", int[] {1})': "wrong property type rv.matte.aspect",
    'deleteProperty("rv.b.c")': "invalid property name rv.b.c",
    'sourceMediaInfoList("nope")': "invalid property name nope.media.movie",
    "remoteSendEvent(nil, nil, nil)": "nil argument to function",
    "setRemoteLocalContactName(nil)": "nil argument to function",
    'setSourceMedia("nope", string[] {"x"})': "unknown exception",
    "addSource(string[] {})": "unknown exception",
    'bindRegex("default", "global", "[", \\: (void; Event e) {;})': "unknown exception",
    'popEventTable("nope")': "unknown exception",
    'defineMinorMode("default")': "unknown exception",
    'fileKind("/nope.rv")': "unknown exception",
}
FINE = (
    'nodesInGroup("nope")',
    'nodeGroupRoot("nope")',
    'nodeExists("nope")',
    'flushCachedNode("nope")',
    'setNodeInputs("nope", string[] {})',
    'unbindRegex("default", "global", "nope")',
    'deactivateMode("nope")',
    'sourceMediaReps("nope")',
    'setActiveSourceMediaRep("", "x")',
    'imageGeometry("nope")',
    "enableEventCategory(nil)",
    'newProperty("rv..a...b", ByteType, 9)',
)


@pytest.fixture(scope="module")
def engine() -> Iterator[ScriptEngine]:
    session = Session("output", ports=Ports(media=Probe()), clock=lambda: 100.0)
    engine = ScriptEngine(session, policy=Policy(limit=20.0), report=lambda text: None)
    yield engine
    engine.close()


def caught(engine: ScriptEngine, call: str) -> str:
    """What a script catches, without the quotes and escapes of the reply; else "fine"."""
    reply = engine.mu(
        f'{{ string s = "fine"; try {{ {call}; }} catch (exception x) {{ s = string(x); }} s; }}'
    )
    text = re.sub(r'\\+"', '"', reply[1:-1])
    return text.removeprefix('exception: "').removesuffix('"')


@pytest.mark.parametrize("call", PLAIN)
def test_a_bad_argument_names_the_command(engine: ScriptEngine, call: str) -> None:
    name = call.partition("(")[0]
    wanted = PLAIN[call].replace("\n", "\\n").removesuffix('"')
    assert caught(engine, call).removesuffix('"') == f"in commands.{name}: {wanted}"


@pytest.mark.parametrize("call", WHOLE)
def test_other_refusals(engine: ScriptEngine, call: str) -> None:
    assert caught(engine, call) == WHOLE[call]


@pytest.mark.parametrize("call", FINE)
def test_what_is_not_refused(engine: ScriptEngine, call: str) -> None:
    assert caught(engine, call) == "fine"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ('extra_commands.uiName("nope")', "fine"),
        ("extra_commands.uiName(nil)", "in commands.nodeGroup: no node name specified"),
        ('extra_commands.associatedNodes("RVColor", "nope")', '"nope" is not a node'),
        ('extra_commands.cycleNodeInputs("nope", true)', "nil argument to function"),
        ('extra_commands.popInputToTop("nope", 1)', "nil argument to function"),
        ('extra_commands.inputNodeUserNameAtFrame(1, "nope")', "nil argument to function"),
        ("extra_commands.nodesInEvalPath(1, nil)", "nil argument to function"),
        ('extra_commands.popInputToTop("defaultStack", 7)', "fine"),
        ('extra_commands.popInputToTop("viewGroup", 7)', "out of range"),
        ('extra_commands.existsInProp("rv.no.p", "x")', "invalid property name rv.no.p"),
        ("rvui.markedBoundariesAroundFrame(5)", "out of range"),
    ],
)
def test_functions_written_in_mu(engine: ScriptEngine, call: str, text: str) -> None:
    """What RV's own Mu functions make of bad arguments (``mu_rvui/extra_commands``, ``rvui``)."""
    assert text in caught(engine, call)


def test_marks_need_something_to_be_between(engine: ScriptEngine) -> None:
    assert caught(engine, "rvui.setInOutMarkedRange()") == "out of range"
    assert caught(engine, "rvui.nextMarkedRange()") == "fine"


def test_an_input_from_the_end_is_there_twice(engine: ScriptEngine) -> None:
    """RV writes ``inputs[-1]`` in front and moves nothing up for an index below zero."""
    engine.mu('newNode("RVStackGroup", "a"); newNode("RVStackGroup", "b");')
    engine.mu('newNode("RVSwitchGroup", "s"); setNodeInputs("s", string[] {"a", "b"});')
    engine.mu('extra_commands.popInputToTop("s", -1)')
    assert engine.mu('nodeConnections("s")._0') == 'string[] {"b", "b"}'


@pytest.mark.parametrize(
    ("name", "without"),
    [("a/b/c", "a/b"), ("foo", ""), ("/a/b", "a"), ("s_source.0/0/12", "s_source.0/0")],
)
def test_names_without_frame(engine: ScriptEngine, name: str, without: str) -> None:
    assert engine.mu(f'commands.sourceNameWithoutFrame("{name}")') == f'"{without}"'


def test_nothing_by_nothing_is_negative(engine: ScriptEngine) -> None:
    assert engine.mu("extra_commands.currentImageAspect()") == "-nan"


def test_compound_commands_are_a_history(engine: ScriptEngine) -> None:
    texts = (
        'beginCompoundCommand("x")', 'beginCompoundCommand("y")', "undo()", "endCompoundCommand()",
        "endCompoundCommand()", "endCompoundCommand()", 'beginCompoundCommand("z")',
        "endCompoundCommand()",
    )  # fmt: skip
    for text in texts:
        engine.mu(text)
    assert engine.mu("undoHistory()") == 'string[] {"z (z)", "x (x)", ".y (y)"}'
    engine.mu("undo(); undo(); redo();")
    assert engine.mu("undoHistory()") == 'string[] {"x (x)", ".y (y)"}'
    assert engine.mu("redoHistory()") == 'string[] {"z"}'
    engine.mu("clearHistory()")
    assert engine.mu("(undoHistory(), redoHistory())") == "(string[] {}, string[] {})"


def test_after_very_many_commands_the_newest_can_still_be_undone() -> None:
    history = History()
    for number in range(10_100):
        history.begin(f"{number}")
        history.begin("part")
        history.end()
        history.end()
        if number % 3 == 0:
            history.undo()
    texts = history.undo_texts()
    assert texts[:2] == ["10099 (10099)", ".part (part)"] and len(texts) < 10_001
    history.begin("next")
    history.end()
    assert history.undo_texts()[0] == "next (next)" and history.redo_texts() == []


def test_waveforms_lead_nowhere(engine: ScriptEngine) -> None:
    """AudioTextureIPNode::metaEvaluate visits nothing: nodes are found once below the root."""
    engine.mu('addSource("solid,start=1,end=10.movieproc")')
    assert engine.mu('metaEvaluateClosestByType(1, "RVColor", nil, false).size()') == "1"
    assert '"viewGroup_audioWaveform"' not in engine.mu('metaEvaluate(1, "root")')
    engine.mu('newProperty("#RVColor.my.p", IntType, 1)')
    assert engine.mu('propertyExists("sourceGroup000000_colorPipeline_0.my.p")') == "true"
    engine.mu('setStringProperty("@RVDisplayStereo.stereo.type", string[] {"pair"})')
    assert engine.mu('getCurrentNodesOfType("RVColor").size()') == "2"
    assert engine.mu('getCurrentNodesOfType("RVSource")') == "string[] {}"


def test_all_missing_sources_are_found_before_a_wrong_type(engine: ScriptEngine) -> None:
    call = 'loadChangedFrames(string[] {"defaultStack", "nope"})'
    assert caught(engine, call) == "in commands.loadChangedFrames: sourceName does not exist"


@pytest.mark.parametrize(
    "call",
    [
        "addSources(nil)",
        "addSourceVerbose(nil)",
        "addSourcesVerbose(nil)",
        "addSource(string[](nil))",
        "loadChangedFrames(nil)",
        'setSourceMedia("sourceGroup000000_source", nil)',
        'setNodeInputs("defaultStack", nil)',
        'testNodeInputs("defaultStack", nil)',
        'setIntProperty("rv.matte.show", nil)',
        'insertIntProperty("rv.matte.show", nil)',
        'newNDProperty("rv.a.b", IntType, nil)',
        'extra_commands.set("rv.a.b", int[](nil))',
    ],
)
def test_a_list_that_is_nil_is_refused_where_rv_crashes(engine: ScriptEngine, call: str) -> None:
    assert caught(engine, call) == "nil argument to function"


def test_python_names_the_missing_input(engine: ScriptEngine) -> None:
    reply = engine.pyeval('rv.commands.setNodeInputs("defaultStack", [None])')
    assert "in commands.setNodeInputs: nil in input array" in reply
