"""The command language: text to tree, and what is wrong with it where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvshell.errors import ScriptError
from rvshell.script.parser import expand_range, parse
from rvshell.script.syntax import (
    Call,
    Define,
    For,
    If,
    Incomplete,
    Repeat,
    Shell,
    Statement,
    Subst,
    Text,
    Var,
    While,
)

TAILS = {
    "echo": "words",
    "frame": "words",
    "play": "words",
    "mu": "raw",
    "py": "python",
    "wait": "expr",
    "expect": "expr",
    "set": "words",
}


def statements(text: str) -> tuple[Statement, ...]:
    return parse(text, TAILS.get).statements


def call(text: str) -> Call:
    (found,) = statements(text)
    assert isinstance(found, Call)
    return found


def words(text: str) -> list[str | None]:
    return [w.literal for w in call(text).args]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("echo a b", ["a", "b"]),
        ("echo 'a b' \"c d\"", ["a b", "c d"]),
        ('echo "a\\n\\"b\\""', ['a\n"b"']),
        ("echo a\\ b", ["a b"]),
        ("echo 'it''s'", ["its"]),
        ("echo '' \"\"", ["", ""]),
        ("echo #RVColor.color.exposure", ["#RVColor.color.exposure"]),
        ("echo a # comment", ["a"]),
        ("echo a#b", ["a#b"]),
        ("echo shot.1-10#.exr", ["shot.1-10#.exr"]),
        ("echo a\\\n b", ["a", "b"]),
        ("echo $", ["$"]),
        ("echo [ a.exr +in 5 ]", ["[", "a.exr", "+in", "5", "]"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_variables_in_words() -> None:
    (word,) = call('echo "a $b ${c}d"').args
    kinds = [type(p) for p in word.parts]
    assert kinds == [Text, Var, Text, Var, Text]
    assert [p.name for p in word.parts if isinstance(p, Var)] == ["b", "c"]
    (word,) = call("echo 'a $b'").args
    assert word.literal == "a $b"
    (word,) = call("echo $(mu frame())").args
    assert isinstance(word.parts[0], Subst)
    assert word.parts[0].body.statements[0].verb == "mu"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("frame()", "frame()"),
        ("frame() + 1;", "frame() + 1;"),
        ("frame = 3;", "frame = 3;"),
        ("let a = 1; a + 1", "let a = 1; a + 1"),
        ("{ int x = 1;\n x; }", "{ int x = 1;\n x; }"),
        ('print("}\\n")', 'print("}\\n")'),
        ("if (true) then 1 else 2", "if (true) then 1 else 2"),
        ("for (int i = 0; i < 3; i++) { print(i); }", None),
        ("a /* ( */ + 1", "a /* ( */ + 1"),
        ("setFrame(3) // go (", "setFrame(3)"),
    ],
)
def test_what_is_no_verb_is_mu_as_it_is(text: str, code: str | None) -> None:
    found = call(text)
    assert found.verb == "mu" and found.plain
    assert found.args[0].literal == (code or text)


def test_tails_of_code() -> None:
    assert words("mu 'frame() + 1'") == ["frame() + 1"]
    assert words("mu frame() + 1; frame()") == ["frame() + 1; frame()"]
    assert words("py [x for x in 'a;b']") == ["[x for x in 'a;b']"]
    assert words('py """a\nb"""') == ['"""a\nb"""']
    found = call("mu 'frame()' > /tmp/x")
    assert found.output is not None and found.output.kind == ">"


def test_statements_end_with_newline_or_semicolon() -> None:
    assert [s.verb for s in statements("play; frame 3\n\n# note\necho x")] == [  # type: ignore[union-attr]
        "play",
        "frame",
        "echo",
    ]
    assert statements("#!/usr/bin/env rvshell -f\nplay") != ()


def test_blocks() -> None:
    (found,) = statements("if frame > 3 { play } else if frame == 2 { echo a } else { echo b }")
    assert isinstance(found, If) and len(found.branches) == 2 and found.otherwise
    (loop,) = statements("for f in 1..10 a.exr { echo $f }")
    assert isinstance(loop, For) and loop.name == "f" and len(loop.items) == 2
    (repeat,) = statements("repeat 3 -i 0.5 { play }")
    assert isinstance(repeat, Repeat) and repeat.interval is not None
    (short,) = statements("repeat 3 play")
    assert isinstance(short, Repeat)
    (loop2,) = statements("while playing { echo x }")
    assert isinstance(loop2, While)
    define, use = statements("def go { frame $1 }\ngo 3")
    assert isinstance(define, Define) and isinstance(use, Call) and use.verb == "go"
    (system,) = statements("! ls | head -1; echo $HOME")
    assert isinstance(system, Shell) and system.command.literal == "ls | head -1; echo $HOME"


def test_output_goes_to_files_and_commands() -> None:
    for text, kind, target in (
        ("echo a > out.txt", ">", "out.txt"),
        ("echo a >> 'my file'", ">>", "my file"),
        ("echo a | sort -r | head -1", "|", "sort -r | head -1"),
    ):
        output = call(text).output
        assert output is not None and (output.kind, output.target.literal) == (kind, target)


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("echo a)", 1, 7, "unexpected ')'"),
        ("play\necho }", 2, 6, "unexpected '}'"),
        ("if { play }", 1, 4, "unexpected"),
        ("repeat { play }", 1, 8, "how many times?"),
        ("for 3 in a { }", 1, 5, "a name is missing"),
        ("for f on a { }", 1, 7, "expected 'in'"),
        ("echo a >", 1, 9, "a file name is missing"),
        ("wait frame >", 1, 13, "missing"),
        ("frame(]", 1, 7, "does not match"),
        ("!", 1, 1, "system command is missing"),
        ("echo ${a b}", 1, 6, "no name of a variable"),
        ("else { play }", 1, 1, "else without an if"),
    ],
)
def test_errors_say_where(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(ScriptError) as caught:
        parse(text, TAILS.get)
    assert (caught.value.line, caught.value.column) == (line, column), caught.value
    assert message in str(caught.value)
    assert caught.value.caret().splitlines()[-1].index("^") == column - 1


@pytest.mark.parametrize(
    "text",
    ["echo 'a", 'echo "a', "echo $(play", "if frame > 1 {", "if frame > 1", "frame(", '"abc',
     "echo \\", "/* x", "repeat 3 {\nplay\n"],
)  # fmt: skip
def test_what_more_lines_could_mend_is_incomplete(text: str) -> None:
    with pytest.raises(Incomplete):
        parse(text, TAILS.get)


def test_ranges() -> None:
    assert list(expand_range("1..3") or ()) == [1, 2, 3]
    assert list(expand_range("3..1") or ()) == [3, 2, 1]
    assert list(expand_range("0..10x5") or ()) == [0, 5, 10]
    assert list(expand_range("-2..0") or ()) == [-2, -1, 0]
    assert expand_range("1.5..2") is None and expand_range("1..2x0") is None


def test_deep_nesting_is_an_error_not_a_crash() -> None:
    for text in (
        "if 1 { " * 100,
        "echo " + "$(echo " * 100,
        "wait " + "(" * 2000,
        "wait " + "not " * 2000,
    ):
        with pytest.raises(ScriptError):
            parse(text, TAILS.get)


_PIECES = st.sampled_from(
    ["echo", "play", "mu", "py", "wait", "if", "else", "for", "in", "repeat", "def", "while", " ",
     "\n", ";", "{", "}", "(", ")", "[", "]", "'", '"', "$", "$x", "$(", "${", "\\", "#", "# ", "!",
     "|", ">", ">>", "=", "==", "<", "1", "1..3", "-i", "--timeout", "/*", "*/", "//", "a", "é",
     "\0", "\t", "not", "and", '"""']
)  # fmt: skip


@given(st.lists(_PIECES, max_size=30).map("".join) | st.text(max_size=60))
def test_any_text_is_a_tree_or_one_error_with_a_place(text: str) -> None:
    try:
        parse(text, TAILS.get)
    except ScriptError as error:
        assert error.line >= 1 and error.column >= 1 and "\n" not in str(error)
