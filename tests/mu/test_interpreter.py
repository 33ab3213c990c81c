"""The public face: sessions, preludes, registration, the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from player.mu import Interpreter
from player.mu.types import INT, STRING, array_of
from player.mu.values import MuArray, MuObject, throw


def first_line(reply: str) -> str:
    return reply.partition("\n")[0]


def test_state_persists_between_calls() -> None:
    mu = Interpreter()
    assert mu.reply("global int n = 3;") == "3"
    assert mu.reply("n += 1; n;") == "4"
    assert mu.reply("\\: twice (int; int x) { x * 2; }") == ""
    assert mu.reply("twice(n);") == "8"


def test_a_prelude_is_global_program_text() -> None:
    mu = Interpreter('module: commands { \\: frame (int;) { 24; } } global string who = "me";')
    assert mu.reply("frame()") == "24"
    assert mu.reply("who") == '"me"'


def test_an_error_reply_repeats_the_text() -> None:
    text = "nosuch();"
    assert Interpreter().reply(text, "remote-sync-eval") == (
        'ERROR: remote-sync-eval: exception: "unknown exception"\n'
        "ERROR: remote-sync-eval: 'nosuch();'\n"
    )


def test_modules_to_open_can_be_named() -> None:
    mu = Interpreter("module: tools { \\: seven (int;) { 7; } }")
    assert mu.reply("seven()", modules=["tools"]) == "7"
    assert "unknown exception" in mu.reply("seven()")


def test_what_is_declared_counts_at_once() -> None:
    mu = Interpreter()
    text = "pick(1);"
    mu.reply('\\: pick (string; float x) { "float"; }')
    assert mu.reply(text) == mu.reply(text) == '"float"'
    mu.reply('\\: pick (string; int x) { "int"; }')
    assert mu.reply(text) == '"int"'


def test_an_evaluated_constant_is_not_shared_between_runs() -> None:
    mu = Interpreter()
    text = '{ let a = string.split("a,b", ","); a.push_back("c"); a.size(); }'
    assert [mu.reply(text) for _ in range(3)] == ["3", "3", "3"]


def test_a_reconnecting_client_subscribes_again() -> None:
    mu = Interpreter()
    bound: list[str] = []
    mu.register_opaque_class("Event", [("reject", "void", (), lambda event: None)])
    mu.register_function(
        "commands", "bind",
        "void (string mode, string table, string event, (void; Event) func, string doc = nil)",
        lambda mode, table, event, func, doc: bound.append(event),
    )  # fmt: skip
    text = (
        "require commands; function: onFrame (void; Event event) { event.reject(); }"
        ' commands.bind("default", "global", "frame-changed", onFrame, "doc"); true;\n\n'
    )
    assert [mu.reply(text) for _ in range(3)] == ["true", "true", "true"]
    assert bound == ["frame-changed"] * 3
    changed = text.replace("reject(); }", "reject(); 1; }")
    assert first_line(mu.reply(changed)).endswith('"syntax error"')


# -- registration ------------------------------------------------------------------------------


def test_host_functions_take_and_give_runtime_values() -> None:
    mu = Interpreter()
    kind = array_of(STRING)
    mu.register_constant("commands", "Small", "int", 3)
    mu.register_function(
        "commands", "pick", "string[] (string[] names, int count = Small, bool up = false)",
        lambda names, count, up: MuArray(
            kind, [n.upper() if up else n for n in names.items[:count]]
        ),
    )  # fmt: skip
    array = 'string[] {"a", "b", "c", "d"}'
    assert mu.reply(f"pick({array})") == 'string[] {"a", "b", "c"}'
    assert mu.reply(f"pick({array}, 1, true)") == 'string[] {"A"}'
    assert mu.reply("commands.pick") == "commands.pick"
    assert "unknown exception" in mu.reply("pick(3)")


def test_host_errors_are_mu_exceptions() -> None:
    def fail() -> None:
        throw("in commands.fail: no")

    mu = Interpreter()
    mu.register_function("commands", "fail", "void ()", fail)
    assert "unknown exception" in mu.reply("fail();")
    text = "string s; try { fail(); } catch (exception e) { s = string(e); } s;"
    assert mu.reply(text) == '"exception: \\"in commands.fail: no\\""'


def test_structs_and_handles() -> None:
    mu = Interpreter()
    info = mu.register_struct("Info", [("name", "string"), ("sizes", "int[]")])
    mu.register_alias("OldInfo", "Info")
    mu.register_function(
        "commands", "info", "Info ()",
        lambda: MuObject(info, ["a", MuArray(array_of(INT), [1, 2])]),
    )  # fmt: skip
    mu.register_opaque_class(
        "qt.Window", [("title", "string", (), lambda w: f"<{w}>")], {"Normal": 1}
    )
    mu.register_function("commands", "window", "qt.Window ()", lambda: "main")
    assert mu.reply("info()") == 'Info {"a", int[] {1, 2}}'
    assert mu.reply("info().sizes[1] + 1") == "3"
    assert mu.reply("OldInfo i = info(); i.name;") == '"a"'
    assert mu.reply("window().title()") == '"<main>"'
    assert mu.reply("qt.Window.Normal") == "1"
    assert "unknown exception" in mu.reply("window().nosuch()")


def test_mu_functions_can_be_called_by_the_host() -> None:
    mu = Interpreter()
    kept: list[Any] = []
    mu.register_function("commands", "keep", "void ((int;int,int) f)", kept.append)
    mu.reply("\\: add (int; int a, int b) { a + b; } keep(add);")
    mu.reply("{ int k = 10; keep(\\: (int; int a, int b) { a * b + k; }); }")
    mu.reply("keep((+));")
    assert [f.call(3, 4) for f in kept] == [7, 22, 7]


@pytest.mark.parametrize("signature", ["", "int", "int )(", "frame()"])
def test_a_bad_signature_is_refused(signature: str) -> None:
    with pytest.raises(ValueError, match="bad"):
        Interpreter().register_function("commands", "f", signature + "[", lambda: None)


# -- the command line --------------------------------------------------------------------------


def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "player.mu", *arguments],
        input=stdin, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_files_and_code_run_in_one_session(tmp_path: Path) -> None:
    program = tmp_path / "area.mu"
    program.write_text('\\: area (float; float r) { r * r; }\nprint("loaded\\n");\n')
    done = run(str(program), "-e", "area(3.0);")
    assert (done.returncode, done.stdout, done.stderr) == (0, "loaded\n9.0\n", "")
    assert run("-", stdin="1 + 2").stdout == "3\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-e", "nosuch();"], 'ERROR: mu: exception: "unknown exception"'),
        (["-e", "while (true) {;}", "--deadline", "0.2"],
         'ERROR: mu: exception: "evaluation stopped after 0.2 seconds"'),
    ],
)  # fmt: skip
def test_a_failing_program_is_said_in_one_line(arguments: list[str], message: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (1, "", message)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [([], "nothing to run"), (["/no/such/file.mu"], "cannot read /no/such/file.mu")],
)
def test_bad_usage_is_said(arguments: list[str], message: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_handler_that_is_defined_and_bound_again_is_no_error() -> None:
    prelude = Path(__file__).parents[1] / "conformance" / "mu" / "prelude.mu"
    mu = Interpreter(prelude=prelude.read_text())
    text = '{ \\: h (void; Event e) { e.reject(); } bind("default", "global", "x", h, ""); true; }'
    assert [mu.reply(text) for _ in range(3)] == ["true"] * 3


def test_closures_of_two_interpreters_have_nothing_in_common() -> None:
    one, two = Interpreter(), Interpreter()
    text = (
        "{ let k = %d, f = \\: (int; int x) { x + k; }, "
        "g = math_util.clamp(,0.0,%d.0); (f(1), g(9.0)); }"
    )
    assert one.reply("require math_util; " + text % (5, 5)) == "(6, 5.0)"
    assert two.reply("require math_util; " + text % (7, 7)) == "(8, 7.0)"
    assert one.reply(text % (2, 2)) == "(3, 2.0)"
