"""Runaway programs get an error reply; the session goes on."""

from __future__ import annotations

import sys
import tracemalloc

import pytest

from player.mu import Interpreter
from player.mu.limits import resident

QUICK = 0.3
PATIENT = 60.0  # for what must be answered: a busy machine may not get to it for a while

# Python calls what others hung into its garbage collector at any depth, also at the very limit
at_the_limit = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def mu() -> Interpreter:
    return Interpreter(deadline=QUICK, output=lambda text: None)


def first_line(reply: str) -> str:
    return reply.partition("\n")[0]


ENDLESS = [
    "while (true) {;}",
    'while (true) { try { throw exception("x"); } catch (...) {;} }',
    "for (int i = 0; true; i++) { try { int[] a; a[9]; } catch (exception e) { continue; } }",
    "do {;} while (1 == 1)",
    "\\: f (void;) { while (true) { 1; } } f();",
    "int i = 0; while (i >= 0) i = i * 3 + 1 & 255;",
    "\\: f (int; int n) { if (n < 0) return 0; while (true) { n = n + 1 & 15; } n; } f(3);",
]


@pytest.mark.parametrize("text", ENDLESS)
def test_an_endless_loop_is_stopped(mu: Interpreter, text: str) -> None:
    reply = mu.reply(text)
    assert first_line(reply) == (
        'ERROR: remote-eval: exception: "evaluation stopped after 0.3 seconds"'
    )
    mu.bounds.deadline = PATIENT
    assert mu.reply("1 + 1") == "2"


def test_no_try_swallows_the_deadline(mu: Interpreter) -> None:
    text = "int n = 0; try { while (true) {;} } catch (...) { n = 1; } n;"
    assert "evaluation stopped" in mu.reply(text)


def test_a_deadline_can_be_set_later() -> None:
    mu = Interpreter()
    mu.bounds.deadline = QUICK
    assert "evaluation stopped" in mu.reply("while (true) {;}")


@pytest.mark.parametrize(
    "text",
    [
        "\\: f (int; int n) { f(n + 1) + 1; } f(0);",
        "\\: f (int; int n) { f(n + 1) + 1; } int k = 0; f(k);",
        "\\: a (int; int n) { b(n) + 1; } \\: b (int; int n) { a(n) + 1; } int k = 0; a(k);",
        "class: T { T t; method: go (int; int n) { this.go(n + 1) + 1; } } int k; T().go(k);",
    ],
)
@at_the_limit
def test_runaway_recursion_is_an_error(text: str) -> None:
    mu = Interpreter(deadline=60)
    before = sys.getrecursionlimit()
    assert "calls nested more than" in first_line(mu.reply(text))
    assert mu.reply("1 + 1") == "2"
    assert sys.getrecursionlimit() == before


def test_recursion_as_deep_as_the_real_one_works() -> None:
    text = "\\: f (int; int n) { if (n == 0) return 0; f(n - 1) + 1; } int k = 9999; f(k);"
    assert Interpreter().reply(text) == "9999"


@pytest.mark.parametrize(
    "text",
    [
        "string s = \"0123456789\"; while (true) s = s + s;",
        "string s = \"0123456789\"; while (true) s += s;",
        "int[] a; a.resize(2000000000);",
        "int[] a; a.resize(100000000);",
        "float[4096,4096,4096] a;",
        "\"%1000000000d\" % 1;",
        "\"%.1000000000f\" % 1.5;",
        "string s = \"x\"; for (int i = 0; i < 40; i++) s = string.join(string[] {s, s}, s); 1;",
        "string s = \"ab\"; for (int i = 0; i < 60; i++) s = regex.replace(\"a\", s, \"aaa\"); 1;",
        "string s = \"x\"; while (true) s = \"%s%s\" % (s, s);",
        "string s = \"x\"; while (true) s = string.replace(s, \"x\", s + s);",
        "string s = \"x\"; while (true) s = regex.replace(\"^x+\", s, \"\\\\0\\\\0\");",
    ],
)  # fmt: skip
def test_gigabytes_are_refused_in_time(text: str) -> None:
    mu = Interpreter(deadline=3.0, memory=1 << 30)
    before = resident()
    assert mu.reply(text).startswith("ERROR: remote-eval: exception: ")
    assert resident() - before < 3 << 30
    assert mu.reply("1 + 1") == "2"


def test_growth_is_bounded() -> None:
    mu = Interpreter(memory=200 << 20, deadline=60.0)
    text = 'string[] a; int i = 0; while (true) { a.push_back("%100000d" % i); i++; }'
    assert first_line(mu.reply(text)) == (
        'ERROR: remote-eval: exception: "evaluation stopped: more than 200 MiB of memory"'
    )
    assert mu.reply("1 + 1") == "2"


@pytest.mark.parametrize(
    "text",
    [
        "1 / 0",
        "1 % 0",
        "int z = 0; 1 / z;",
        "int z = 0; z /= z;",
        "int64 z = 0; int64(5) % z;",
        "byte z = 0; byte(3) / z;",
        "\"%d\" % (7 / (3 - 3));",
        "nosuch % 1",
        "\"100%\" % 1",
        "\"%\" % 1",
        "\"%*d\" % 1",
        "\"%#x\" % 10",
        "\"%.f\" % 2.7",
        "\"%3$d\" % 5",
        "regex.replace(\"x*\", \"abc\", \"-\")",
    ],
)  # fmt: skip
def test_what_kills_or_hangs_the_real_one_is_an_error(mu: Interpreter, text: str) -> None:
    mu.bounds.deadline = PATIENT
    reply = first_line(mu.reply(text))
    assert reply.removeprefix('ERROR: remote-eval: exception: "').rstrip('"') in (
        "integer division by zero",
        "incomplete format at '%'",
        "incomplete format at '%*d'",
        "incomplete format at '%#x'",
        "incomplete format at '%.f'",
        "incomplete format at '%3$d'",
        "incomplete format at '% 1'",
        "regular expression matches the empty string",
        "syntax error",
        "unknown exception",
    )


def test_a_division_by_zero_can_be_caught(mu: Interpreter) -> None:
    text = (
        'int z = 0; string r; try { r = string(1 / z); } catch (exception e) { r = "caught"; } r;'
    )
    mu.bounds.deadline = PATIENT
    assert mu.reply(text) == '"caught"'


def test_appending_does_not_copy_what_is_there() -> None:
    mu = Interpreter(deadline=20.0)
    text = '{ string s; for (int i = 0; i < 400000; i++) s += "0123456789"; s.size(); }'
    assert mu.reply(text) == "4000000"


@at_the_limit
def test_long_and_deep_texts_are_answered(mu: Interpreter) -> None:
    mu.bounds.deadline = 20.0
    assert mu.reply("+".join(["1"] * 3000)) == "3000"
    assert mu.reply("int x = 1; " + "+".join(["x"] * 800) + ";") == "800"
    assert mu.reply('string s = "a"; (' + "+".join(["s"] * 500) + ").size();") == "500"
    deep = [
        "(" * 5000 + "1" + ")" * 5000,
        "{" * 400 + "1;" + "}" * 400,
        "[" * 3000,
        "x" + "[0]" * 2000 + ";",
        "!" * 3000 + "true",
        "if (true) " * 300 + "1;",
    ]
    for text in deep:
        assert isinstance(mu.reply(text), str)
    assert mu.reply("1 + 1") == "2"


def test_the_watcher_outlives_what_it_stops() -> None:
    """Stopping leaves nothing locked and nothing on its way: the next one is stopped too."""
    mu = Interpreter()
    for _ in range(40):
        mu.bounds.deadline = 0.03
        assert "evaluation stopped" in mu.reply("while (true) { try { 1; } catch (...) { 2; } }")
        mu.bounds.deadline = PATIENT
        assert mu.reply("1 + 1") == "2"


def test_of_long_texts_that_are_all_different_few_are_kept(mu: Interpreter) -> None:
    """A program that sends values in its texts, all day, each of them once."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(200):
            assert mu.reply(f'"{number:050000}".size();') == "50000"
        assert tracemalloc.get_traced_memory()[0] - before < 5_000_000  # of 20 MB
    finally:
        tracemalloc.stop()
