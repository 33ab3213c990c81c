"""Mu texts of clients, through the real interpreter and the real commands."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from player.scripting.engine import Policy, ScriptEngine
from player.session.events import DataEvent, Event, PixelBlockEvent, StringEvent
from player.session.session import Session

from .conftest import Console


@pytest.fixture
def engine(console: Console) -> Iterator[ScriptEngine]:
    made = ScriptEngine(Session(), policy=Policy(limit=5.0), report=console)
    yield made
    made.close()


def ask(engine: ScriptEngine, text: str, contact: str = "me@here") -> str:
    return engine.dispatcher.event(contact, "remote-eval", text, True)


def error(text: str, reason: str) -> str:
    return f"ERROR: remote-eval: exception: \"{reason}\"\nERROR: remote-eval: '{text}'\n"


BIND = """
require commands;
function: forward (void; Event event)
{
    string contact = nil;
    for_each (c; commands.remoteConnections()) { if (regex("me@").match(c)) contact = c; }
    if (contact neq nil)
    { commands.remoteSendEvent ("e", "*", event.contents(), string[] {contact}); }
    event.reject();
}
commands.bind("default", "global", "frame-changed", forward, "forward to me");
true;

"""


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("frame();", "1"),
        ("frame()", "1"),
        ("commands.frame()", "1"),
        ('play(); "FRAME = " + frame();', '"FRAME = 1"'),
        ("fps()", "24.0"),
        ("play()", "void"),
        ("frame", "commands.frame"),
        ("PlayPingPong", "2"),
        ("CacheBuffer;", "1"),
        ("viewNode()", '"defaultSequence"'),
        ("viewSize()", "<1024, 768>"),
        ("margins()", "<0, 0, 0, 0>"),
        ("markedFrames()", "int[] {}"),
        ("activeModes()", '["default"]'),
        ("remoteConnections()", "string[] {}"),
        ("fullScreenMode(true); isFullScreen();", "true"),
        ("mainWindowWidget().raise();", "void"),
        ("videoState()", "nil"),
        ("getVersion().size()", "3"),
        ("{ require rvui; rvui.clearEverything(); frame(); }", "1"),
        ("require sync; sync.remoteStartUp();", "void"),
        ('sendInternalEvent("nobody")', '""'),
        ('commands.eval("commands.frame()")', '"int => 1"'),
        ('nodeRangeInfo("defaultStack")', "NodeRangeInfo {0, 0, 0, 0.0, 0, 0, false}"),
        ("setFrame(1, 2);", error("setFrame(1, 2);", "unknown exception")),
        ("commands.nosuch()", error("commands.nosuch()", "syntax error")),
        ("setFiltering(1)", error("setFiltering(1)", "unknown exception")),
    ],
)
def test_replies(engine: ScriptEngine, text: str, reply: str) -> None:
    assert ask(engine, text) == reply


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            'bind("nope","global","x",\\: (void; Event e) {;})',
            "in commands.bind: No mode named nope",
        ),
        ('unbind("default","nope","x")', "in commands.unbind: No table named nope"),
        ('popEventTable("nope")', "unknown exception"),
        (
            "setFiltering(1)",
            "in commands.setFiltering: setFiltering only accepts GL_LINEAR or GL_NEAREST",
        ),
        ('getIntProperty("a.b.c")', "invalid property name a.b.c"),
        ("remoteSendEvent(nil, nil, nil)", "nil argument to function"),
        ("crash()", "unknown exception"),
    ],
)
def test_error_texts_inside_mu(engine: ScriptEngine, call: str, text: str) -> None:
    program = (
        f'{{ string s = "none"; try {{ {call}; }} catch (exception x) {{ s = string(x); }} s; }}'
    )
    assert ask(engine, program) == f'"exception: \\"{text}\\""'


def test_binding_functions_and_events(engine: ScriptEngine) -> None:
    ask(
        engine,
        'bind("default","global","e1",\\: (void; Event e) '
        '{ e.setReturnContent(e.name() + "|" + e.contents() + "|" + e.sender()); },"d1")',
    )
    assert ask(engine, 'sendInternalEvent("e1", "text", "me")') == '"e1|text|me"'
    assert engine.dispatcher.event("you@there", "e1", "a b", True) == "e1|a b|you@there"


def test_the_subscription_of_a_network_client(engine: ScriptEngine) -> None:
    assert ask(engine, BIND) == "true"
    engine.context.session.events.unbind("default", "global", "frame-changed")
    assert ask(engine, BIND) == "true", "a reconnecting client sends the same again"
    modes = engine.context.session.events.modes
    assert modes.documentation("frame-changed", None, None) == "forward to me"


def test_functions_persist_for_all_connections(engine: ScriptEngine) -> None:
    ask(engine, "\\: twice (int; int a) { a * 2; }", "a@x")
    assert ask(engine, "twice(21);", "b@y") == "42"


def test_a_failing_handler_is_reported_once(engine: ScriptEngine, console: Console) -> None:
    ask(engine, 'bind("default","global","bad",\\: (void; Event e) { string[] a; a[5]; },"")')
    engine.dispatcher.event("me@here", "bad", "", True)
    first = console.text
    assert "bad" in first
    engine.dispatcher.event("me@here", "bad", "", True)
    assert console.text == first


def test_events_of_other_kinds(engine: ScriptEngine) -> None:
    bus = engine.context.session.events
    ask(
        engine,
        '\\: note (void; Event e) { string s = ""; '
        "try { s = e.contents(); } catch (exception x) { s = string(x); } "
        'commands.sendInternalEvent("note", s); } '
        'bind("default","global","kind",note,"");',
    )
    seen: list[str] = []

    def note(event: Event) -> None:
        assert isinstance(event, StringEvent)
        seen.append(event.contents)

    bus.bind("default", "global", "note", note)
    bus.dispatch(DataEvent("kind", "application/x", b"\x01\xff"))
    bus.dispatch(PixelBlockEvent("kind", "m", "-", "-", 1, 0, 0, 1, 1, b""))
    assert seen == [
        'exception: "in Event.contents: event not text"',
        'exception: "in Event.contents: bad event type"',
    ]


def test_an_endless_text_is_stopped_and_the_next_is_served(engine: ScriptEngine) -> None:
    engine.guard.limit = 0.3
    assert ask(engine, "while (true) {;}").startswith("ERROR: remote-eval: exception: ")
    assert ask(engine, "frame();") == "1"


def test_settings_pass_between_the_languages(engine: ScriptEngine) -> None:
    assert (
        ask(
            engine,
            '{ use SettingsValue; writeSetting("g", "n", Int(5)); '
            'let Int i = readSetting("g", "n", Int(0)); i; }',
        )
        == "5"
    )
    assert engine.python_host.pyeval("rv.commands.readSettings('g', 'n', 0)") == "5"


def test_mu_from_python(engine: ScriptEngine) -> None:
    assert engine.python_host.pyeval("rv.runtime.eval('frame();', ['commands'])") == "1"
    assert engine.python_host.pyeval("__import__('pymu').muEval('commands.frame()')") == "int => 1"
    assert engine.python_host.pyeval("rv.commands.eval('commands.frame()')") == "int => 1"


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (
            "'1 +', []",
            "<class 'Exception'>: Exception thrown while calling runtime.eval, syntax error",
        ),
        ("'throw \"x\";', []", "<class 'Exception'>: Exception thrown while calling runtime.eval"),
        (
            "'1'",
            "<class 'Exception'>: Wrong number of arguments (1) to function runtime.eval "
            "-- requires 2 or less and at least 2\n",
        ),
        (
            "1, []",
            "<class 'TypeError'>: Bad argument (0) to function runtime.eval: "
            "expecting string or unicode",
        ),
        ("'1;', None", "1"),
    ],
)
def test_mu_that_fails_below_python(engine: ScriptEngine, call: str, answer: str) -> None:
    assert engine.python_host.pyeval(f"rv.runtime.eval({call})") == answer


def test_every_name_is_a_function_in_mu(engine: ScriptEngine) -> None:
    broken = []
    for module in engine.registry.modules():
        for name in engine.registry.names(module):
            if ask(engine, f"{module}.{name};").startswith("ERROR") or not ask(
                engine, f"{module}.{name};"
            ):
                broken.append(f"{module}.{name}")
    assert not broken


def test_policy(console: Console) -> None:
    engine = ScriptEngine(Session(), policy=Policy(mu=False, python=False), report=console)
    try:
        assert "switched off" in ask(engine, "frame();")
        assert engine.dispatcher.event("me@here", "remote-pyeval", "1", True) == (
            "<class 'PermissionError'>: remote Python is switched off in this player"
        )
        assert engine.dispatcher.event("me@here", "remote-pyexec", "x = 1", True) == ""
        assert "remote Python is switched off" in console.text
    finally:
        engine.close()


def test_nothing_stays_of_an_engine_that_was_closed(console: Console) -> None:
    """Types made of others are kept for good, and know the classes they are made of."""
    made = ScriptEngine(Session(), policy=Policy(limit=5.0), report=console)
    assert ask(made, "class: Seen { int n; } Seen[] { Seen(3) };").startswith("Seen[]")
    gone = [weakref.ref(made), weakref.ref(made.context.session), weakref.ref(made.mu_host)]
    made.close()
    del made
    gc.collect()
    assert [ref() for ref in gone] == [None] * 3
