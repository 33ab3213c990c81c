"""Functions of Mu modules called from Python, as packages and tools do: ``pymu.MuSymbol``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from player.scripting.engine import Policy, ScriptEngine
from player.session.session import Session

OWN = r"""
module: lent {
    \: add (int; int a, int b = 2) { a + b; }
    \: longer (string[]; string[] words, float more) { words.push_back(string(more)); words; }
    \: pair ((string,int); (int,string) p) { (p._1, p._0); }
    \: twice (int; (int;int) f, int x) { f(f(x)); }
    \: broken (void;) { throw exception("not today"); }
    \: lost (void;) { string s = nil; s.size(); }
    global int number = 3;
}
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[ScriptEngine]:
    made = ScriptEngine(Session(), policy=Policy(limit=60.0), report=lambda text: None)
    made.mu(OWN)
    yield made
    made.close()


def called(engine: ScriptEngine, name: str, arguments: str) -> str:
    return engine.pyeval(f"__import__('pymu').MuSymbol('{name}')({arguments})")


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("lent.add", "3", "5"),
        ("lent.add", "3, 4", "7"),
        ("lent.longer", "['a'], 1.5", "['a', '1.500000']"),
        ("lent.pair", "(1, 'q')", "('q', 1)"),
        ("lent.twice", "lambda x: x * 3, 2", "18"),
        ("rvui.wipeShown", "", "-1"),
        ("rvui.markAnnotatedFrames", "", ""),
        ("extra_commands.uiName", "'defaultSequence'", "Default Sequence"),
        ("math.sqrt", "4.0", "2.0"),
        ("commands.frame", "", "1"),
    ],
)
def test_values(engine: ScriptEngine, name: str, arguments: str, value: str) -> None:
    assert called(engine, name, arguments) == value


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        (
            "lent.add",
            "",
            "Wrong number of arguments (0) to function lent.add -- requires 2 or less",
        ),
        ("lent.add", "'x'", "Bad argument (0) to function lent.add: expecting int"),
        ("lent.broken", "", 'while calling lent.broken -- exception: "not today"'),
        ("lent.lost", "", 'while calling lent.lost -- exception: "nil argument to function"'),
        ("lent.number", "", "Mu symbol is not a function -- cannot call"),
        ("lent.missing", "", "Could not find Mu symbol 'lent.missing'"),
        ("nowhere.at.all", "", "Could not find Mu symbol 'nowhere.at.all'"),
        ("", "", "Could not find Mu symbol ''"),
    ],
)
def test_refusals(engine: ScriptEngine, name: str, arguments: str, words: str) -> None:
    assert words in called(engine, name, arguments)


def test_a_module_is_loaded_for_its_function(engine: ScriptEngine, tmp_path: Path) -> None:
    (tmp_path / "later.mu").write_text("module: later { \\: seven (int;) { 7; } }")
    engine.mu_host.interpreter.module_path.append(str(tmp_path))
    assert called(engine, "later.seven", "") == "7"
