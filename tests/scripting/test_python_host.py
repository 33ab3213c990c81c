"""remote-pyeval, remote-pyexec and the rv package."""

from __future__ import annotations

import sys
import threading

import pytest

from player.commands import Context
from player.scripting.deadline import Guard
from player.scripting.pyhost import PythonHost
from player.session.events import DataEvent, PixelBlockEvent

from .conftest import Console


def test_value_is_str_not_repr(python: PythonHost) -> None:
    assert python.pyeval("'a' + 'b'") == "ab"
    assert python.pyeval("[1, 'a']") == "[1, 'a']"
    assert python.pyeval("  1 + 1") == "2"
    assert python.pyeval("None") == ""


def test_errors_have_class_and_text(python: PythonHost) -> None:
    assert python.pyeval("x") == "<class 'NameError'>: name 'x' is not defined"
    assert python.pyeval("1/0") == "<class 'ZeroDivisionError'>: division by zero"
    assert python.pyeval("1 +").startswith("<class 'SyntaxError'>: invalid syntax")
    assert python.pyeval("x = 1").startswith("<class 'SyntaxError'>: ")
    assert python.pyeval("").startswith("<class 'SyntaxError'>: ")


def test_scope_is_that_of_rvui(python: PythonHost) -> None:
    assert python.pyeval("__name__") == "rv.rvui"
    assert python.pyeval("rv.commands.frame()") == "1"
    assert python.pyeval("commands") == "<class 'NameError'>: name 'commands' is not defined"
    assert python.pyeval("sys").startswith("<class 'NameError'>")
    assert python.pyeval("event.contents() + event.name()") == (
        "event.contents() + event.name()remote-pyeval"
    )
    assert python.pyeval("event.sender()", sender="me@here") == "me@here"


def test_exec_answers_nothing_and_forgets_names(python: PythonHost) -> None:
    assert python.pyexec("y = 5") == ""
    assert python.pyeval("y") == "<class 'NameError'>: name 'y' is not defined"
    python.pyexec("from rv import commands; commands.setFPS(12.0)")
    assert python.pyeval("rv.commands.fps()") == "12.0"


def test_names_in_globals_persist(python: PythonHost) -> None:
    python.pyexec("exec('def f(a):\\n    return a * 2', globals())")
    assert python.pyeval("f(21)") == "42"
    python.pyexec("global counter\ncounter = 3")
    assert python.pyeval("counter") == "3"


def test_exec_errors_go_to_the_console(python: PythonHost, console: Console) -> None:
    assert python.pyexec("raise ValueError('no')") == ""
    assert console.text.endswith("ValueError: no\n")
    assert console.text.startswith("Traceback (most recent call last):")
    assert python.pyexec("  x = 1") == ""
    assert "IndentationError" in console.text


@pytest.mark.parametrize("text", ["exit(3)", "quit()", "__import__('sys').exit('bye')"])
def test_exit_does_not_end_the_player(python: PythonHost, console: Console, text: str) -> None:
    assert python.pyeval(text).startswith("<class 'SystemExit'>")
    python.pyexec(text)
    assert "SystemExit" in console.text


def test_keyboard_interrupt_is_contained(python: PythonHost, console: Console) -> None:
    python.pyexec("raise KeyboardInterrupt")
    assert "KeyboardInterrupt" in console.text


def test_an_endless_script_is_stopped(python: PythonHost, guard: Guard, console: Console) -> None:
    guard.limit = 0.2
    assert python.pyeval("[i for i in iter(int, 1)]") == (
        "<class 'TimeoutError'>: evaluation stopped after 0.2 seconds"
    )
    python.pyexec("while True: rv.commands.frame()")
    assert "stopped after 0.2 seconds" in console.text
    assert python.pyeval("1") == "1"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (
            "rv.commands.setFPS(24)",
            "<class 'TypeError'>: Bad argument (0) to function commands.setFPS: expecting float",
        ),
        (
            "rv.commands.setFrame()",
            "<class 'Exception'>: Wrong number of arguments (0) to function commands.setFrame "
            "-- requires 1 or less and at least 1\n",
        ),
        (
            "rv.commands.frame(1)",
            "<class 'Exception'>: Wrong number of arguments (1) to function commands.frame "
            "-- requires 0 or less and at least 0\n",
        ),
        ("rv.commands.frame(nonsense=1)", "1"),
        ("rv.commands.setFrame(True)", ""),
        ("rv.commands.PlayPingPong", "2"),
        (
            "rv.commands.OkImageStatus",
            "<class 'AttributeError'>: module 'rv.commands' has no attribute 'OkImageStatus'",
        ),
        (
            "rv.commands.bind(1)",
            "<class 'TypeError'>: function takes exactly 5 arguments (1 given)",
        ),
        (
            "rv.commands.bind('default','global','e',None,3)",
            "<class 'TypeError'>: argument 5 must be str, not int",
        ),
        (
            "rv.commands.bind('nope','global','e',print,'')",
            "<class 'Exception'>: Bad argument",
        ),
        ("rv.commands.sessionWindow()", ""),
        ("rv.commands.readSettings('g','n',3)", "3"),
        (
            "__import__('pymu').MuSymbol('commands.nope')",
            "<class 'Exception'>: Could not find Mu symbol 'commands.nope'\n",
        ),
        ("__import__('pymu').MuSymbol('commands.frame')()", "1"),
    ],
)
def test_calling_rules(python: PythonHost, text: str, answer: str) -> None:
    assert python.pyeval(text) == answer


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            "commands.setViewNode('nope')",
            'commands.setViewNode -- exception: "in commands.setViewNode: bad node name", '
            "program exception",
        ),
        (
            "commands.getFloatProperty('rv.a.b')",
            'commands.getFloatProperty -- exception: "invalid property name rv.a.b", '
            "program exception",
        ),
        (
            "commands.activateMode(None)",
            'commands.activateMode -- exception: "in commands.activateMode: '
            'Nil argument to function", in commands.activateMode: Nil argument to function',
        ),
        (
            "commands.decodePassword(None)",
            'commands.decodePassword -- exception: "in commands.decodePassword: '
            'Null password could not be decoded.", bad argument to function',
        ),
        ("commands.sessionFromUrl(None)", "commands.sessionFromUrl, nil argument to function"),
        ("commands.popEventTable()", None),
        (
            "extra_commands.existsInProp('rv.no.p', 'x')",
            'extra_commands.existsInProp -- exception: "invalid property name rv.no.p"',
        ),
        (
            "extra_commands.uiName(None)",
            'extra_commands.uiName -- exception: "in commands.nodeGroup: no node name specified"',
        ),
        (
            "extra_commands.cycleNodeInputs('nope', True)",
            'extra_commands.cycleNodeInputs -- exception: "nil argument to function"',
        ),
    ],
)
def test_refusals_carry_what_rv_knows_of_them(
    python: PythonHost, call: str, text: str | None
) -> None:
    """Commands of C++ end with the exception's own text, Mu functions do not (PyMuSymbolType)."""
    answer = python.pyeval(f"rv.{call}")
    if text is None:
        assert answer == ""
    else:
        assert answer == f"<class 'Exception'>: Exception thrown while calling {text}"


def test_settings_come_back_in_the_type_of_the_default(python: PythonHost) -> None:
    python.pyexec("rv.commands.writeSettings('g', 'n', 5)")
    assert python.pyeval("rv.commands.readSettings('g', 'n', 1.5)") == "5.0"
    assert python.pyeval("rv.commands.readSettings('g', 'n', 'x')") == "5"
    assert python.pyeval("rv.commands.readSettings('g', 'n', False)") == "True"
    assert python.pyeval("rv.commands.readSettings('g', 'n', None)").startswith(
        "<class 'Exception'>: readSettings: default return value is None"
    )


def test_a_python_handler_is_called_with_an_event(python: PythonHost, context: Context) -> None:
    python.pyexec(
        "exec('''def handler(event):\n"
        "    event.setReturnContent(event.name() + event.contents() + event.sender())\n"
        "rv.commands.bind('default', 'global', 'hello', handler, 'doc')\n''', globals())"
    )
    assert context.session.events.send("hello", "-text-", sender="me").return_content == (
        "hello-text-me"
    )
    assert context.session.events.modes.documentation("hello", None, None) == "doc"


def test_a_failing_handler_is_reported_and_exit_is_contained(
    python: PythonHost, context: Context
) -> None:
    failures: list[str] = []
    bus = context.session.events
    bus.on_error = lambda event, action, error: failures.append(str(error))
    python.pyexec("rv.commands.bind('default','global','e', lambda e: e.nope, '')")
    python.pyexec("rv.commands.bind('default','global','x', lambda e: exit(1), '')")
    bus.send("e")
    bus.send("x")
    assert failures == ["'PyEvent' object has no attribute 'nope'", "SystemExit: 1"]


def test_event_methods_of_the_wrong_kind(python: PythonHost, context: Context) -> None:
    python.pyexec(
        "exec('''answers = []\n"
        "def handler(event):\n"
        "    for name in ('name', 'contents', 'sender', 'dataContents', 'contentMimeType',\n"
        "                 'returnContents', 'pointer', 'key', 'buttons', 'modifiers', 'xTilt',\n"
        "                 'rotation', 'contentType', 'activationTime'):\n"
        "        try:\n"
        "            answers.append((name, getattr(event, name)()))\n"
        "        except Exception as error:\n"
        "            answers.append((name, str(error)))\n"
        "rv.commands.bindRegex('default', 'global', '^kind-', handler, '')\n''', globals())"
    )
    bus = context.session.events
    answers = python.package.modules["rv.rvui"].answers
    bus.dispatch(DataEvent("kind-data", "application/x", b"\x01\xff", "me"))
    data = dict(answers)
    assert data["contents"] == "Bad argument"
    assert data["dataContents"] == [1, -1]
    assert data["contentMimeType"] == b"application/x"
    assert data["sender"] == "me"
    assert data["returnContents"] == ""
    answers.clear()
    bus.dispatch(PixelBlockEvent("kind-tile", "m", "-", "-", 1, 0, 0, 1, 1, b""))
    tile = dict(answers)
    assert tile["name"] == "kind-tile"
    assert tile["contents"] == tile["sender"] == tile["contentMimeType"] == "Bad argument"
    assert tile["dataContents"] is None
    answers.clear()
    bus.send("kind-text", "c")
    text = dict(answers)
    assert text["contentMimeType"] == b"text/plain"
    assert text["pointer"] == text["key"] == text["contentType"] == "Bad argument"
    assert (text["buttons"], text["modifiers"], text["xTilt"]) == (0, 0, 1)
    assert (text["rotation"], text["activationTime"]) == (1.0, 0.0)


def test_commands_refuse_other_threads(python: PythonHost) -> None:
    got: list[str] = []
    frame = python.package.modules["rv.commands"].frame

    def call() -> None:
        try:
            frame()
        except RuntimeError as error:
            got.append(str(error))

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    assert got == ["Mu is not thread-safe. Mu functions must be called from the main thread"]


def test_the_package_is_importable_by_every_name(python: PythonHost) -> None:
    python.pyexec(
        "import rv.commands, rv.extra_commands, rv.rvtypes, rv.rvui, rv.runtime, rv.qtutils, pymu\n"
        "from rv.rvtypes import MinorMode\n"
        "global imported\nimported = sorted(m for m in __import__('sys').modules "
        "if m == 'rv' or m.startswith('rv.'))"
    )
    assert python.pyeval("imported") == str(
        [
            "rv",
            "rv.commands",
            "rv.extra_commands",
            "rv.qtutils",
            "rv.runtime",
            "rv.rvtypes",
            "rv.rvui",
        ]
    )
    python.close()
    assert "rv" not in sys.modules
