"""What the prompt asks before it sends a text."""

from __future__ import annotations

import pytest

from player.mu.frontend import check, highlight
from tests.mu.test_conformance import CASES


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("{", 0), ("f(1, (2)", 1), ("{ let a = string[] {", 19), ("\"abc", 0), ("f(\"a", 2),
        ("/* never", 0), ("1 +", 3), ("let a =", 7), ("if", 2), ("a = b ? (", 8),
        ("'x' + \"\"\"", 6),
    ],
)  # fmt: skip
def test_a_text_that_goes_on(text: str, offset: int) -> None:
    found = check(text)
    assert found is not None
    assert (found.incomplete, found.offset) == (True, offset)


@pytest.mark.parametrize(
    ("text", "line", "column", "word"),
    [
        ("int x = ;", 1, 9, "';'"),
        ("{\n  let a = 1;\n  let = a;\n}", 3, 7, "'='"),
        ("f(1)]", 1, 5, "']'"),
        ("{ f(1; }", 1, 8, "'}'"),
        ("play() play();", 1, 8, "'play'"),
        ("let x = 3", 1, 10, "end"),
        ('"a" "b"', 1, 5, "'\"b\"'"),
        ("int x; @", 1, 8, "'@'"),
    ],
)
def test_where_the_error_is(text: str, line: int, column: int, word: str) -> None:
    found = check(text)
    assert found is not None
    assert not found.incomplete
    assert (found.line, found.column) == (line, column)
    assert word in found.message


@pytest.mark.parametrize(
    "text",
    [
        "", "frame()", "play(); \"FRAME = \" + frame();", "1, 2", "{ require commands; frame(); }",
        "\\: f (void; Event e) { e.reject(); }", "qt.QWidget w = mainWindow(); w.raise();",
        "class: A : B { int x; method: f (int;) { x; } } A a = A(3);", "T x = nil; x;",
        "union: U { Num int | None } case (u) { Num n -> { n; } None -> {;} }",
        "rvtypes.State s = data(); s.x;", "for_each (s; sources()) if (s._0 == \"a\") play();",
        "string[] a = {\"b\"}; // done\n", "(int;int) f = \\: (int; int x) { x; };",
    ],
)  # fmt: skip
def test_a_whole_text(text: str) -> None:
    assert check(text) is None


def test_programs_that_run_are_not_refused() -> None:
    wrong = []
    for case in CASES:
        for program, reply in zip(case["programs"], case["replies"], strict=True):
            if reply and not reply.startswith("ERROR") and check(program) is not None:
                wrong.append(program)
    # a few need to know what an earlier text declared
    assert len(wrong) <= len(CASES) // 50, wrong


def test_highlighting() -> None:
    text = "let s = \"a\" + int(3.5); // note\nif (x) 'c'"
    found = [(text[s.start : s.end], s.category) for s in highlight(text)]
    assert found == [
        ("let", "keyword"), ("s", "name"), ("=", "operator"), ("\"a\"", "string"),
        ("+", "operator"), ("int", "type"), ("(", "operator"), ("3.5", "number"),
        (")", "operator"), (";", "operator"), ("// note\n", "comment"), ("if", "keyword"),
        ("(", "operator"), ("x", "name"), (")", "operator"), ("'c'", "string"),
    ]  # fmt: skip


def test_highlighting_of_what_is_not_finished() -> None:
    assert [s.category for s in highlight('f("abc')] == ["name", "operator", "string"]
    assert [s.category for s in highlight("1; /* x")] == ["number", "operator", "comment"]
    assert [s.category for s in highlight("1; // x")] == ["number", "operator", "comment"]
