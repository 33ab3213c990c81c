"""``require`` and the module path, and modules that are read late."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from player.mu import Interpreter


@pytest.fixture
def mu(tmp_path: Path) -> Interpreter:
    (tmp_path / "aa.mu").write_text(
        "module: aa { require bb; \\: f (int; int x) { x + bb.g(2); } }"
    )
    (tmp_path / "bb.mu").write_text("module: bb { require aa; \\: g (int; int x) { x * 2; } }")
    (tmp_path / "bad.mu").write_text("module: bad { \\: g (int; int x) { x * 2; } \\: h ( }")
    (tmp_path / "other.mu").write_text("module: another { k := 1; }")
    interpreter = Interpreter(output=lambda text: None)
    interpreter.module_path = [str(tmp_path / "nowhere"), str(tmp_path)]
    return interpreter


@pytest.mark.parametrize(
    ("texts", "reply"),
    [  # as the real interpreter answers with these files in MU_MODULE_PATH
        (["require aa;", "aa.f(4)"], "8"),
        (["require aa;", "bb.g(4)"], "8"),
        (["use bb; g(4);"], "8"),
        (["{ require bb; } bb.g(4);"], "8"),
        (["use bb; \\: k (int;) { g(3); } k();"], "6"),
        (['runtime.load_module("bb");', "bb.g(3)"], "6"),
        (["require bad;", "bad.g(1)"], "2"),
        (["require bb; bb.g(4)"], ""),
        (['runtime.load_module("zork")'], "false"),
        (['runtime.load_module("other")'], "false"),
        (['runtime.load_module("../secret")'], "false"),
    ],
)
def test_require(mu: Interpreter, texts: list[str], reply: str) -> None:
    assert [mu.reply(text) for text in texts][-1] == reply


def test_a_missing_module_is_a_syntax_error(mu: Interpreter) -> None:
    assert 'exception: "syntax error"' in mu.reply("require zork;")


def test_where_a_module_came_from(mu: Interpreter, tmp_path: Path) -> None:
    mu.reply("require bb;")
    assert f'("bb", "{tmp_path}/bb.mu")' in mu.reply("runtime.module_locations()")
    assert '("math", "")' in mu.reply("runtime.module_locations()")


def test_a_module_that_throws_is_told(mu: Interpreter, tmp_path: Path) -> None:
    told: list[str] = []
    mu.report = told.append
    (tmp_path / "loud.mu").write_text("module: loud { int[] a = nil; a[3]; }")
    mu.reply("require loud;")
    assert told[0].startswith(f'ERROR: while loading source module "{tmp_path}/loud.mu"\nERROR: ')


def test_a_late_module_is_read_when_it_is_looked_into() -> None:
    mu = Interpreter(output=lambda text: None)
    read: list[int] = []

    def declare() -> None:
        read.append(1)
        mu.declare("module: late { \\: g (int; int x) { h(x) + 1; } k := 7; }")

    mu.register_late_module("late", declare)
    mu.register_function("late", "h", "int (int x)", lambda x: x * 10)
    assert mu.reply("late.h(2)") == "20"
    assert not read
    assert mu.reply("late.g(2)") == "21"
    assert mu.reply("use late; (h(1), g(1), k);") == "(10, 11, 7)"
    assert read == [1]


def test_a_late_module_is_read_part_by_part() -> None:
    mu = Interpreter(output=lambda text: None)
    read: list[int] = []

    def part(number: int, text: str) -> Callable[[], None]:
        def declare() -> None:
            read.append(number)
            mu.declare(f"module: late {{ {text} }}")

        return declare

    mu.register_late_module(
        "late",
        part(1, "\\: f (int;) { 1; }"),
        part(2, "\\: g (int;) { f() + 1; }"),
        part(3, "\\: h (int;) { g() + 1; }"),
    )
    assert (mu.reply("late.f()"), read) == ("1", [1])
    assert (mu.reply("late.g()"), read) == ("2", [1, 2])
    assert mu.reply("late.nosuch()").startswith("ERROR")
    assert (mu.reply("late.h()"), read) == ("3", [1, 2, 3])


def test_a_late_module_that_fails_is_asked_again() -> None:
    mu = Interpreter(output=lambda text: None)
    tries: list[int] = []

    def declare() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("not yet")
        mu.declare("module: late { k := 7; }")

    mu.register_late_module("late", declare)
    assert mu.reply("late.k").startswith("ERROR")
    assert mu.reply("late.k") == "7"
