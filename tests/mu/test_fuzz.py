"""Any bytes: the interpreter answers, in time, and keeps nothing it should not keep."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from player.mu import Interpreter
from player.mu.frontend import check, highlight
from player.mu.lexer import scan
from tests.mu.test_conformance import CASES, PRELUDE

ROUNDS = 240
PIECES = re.compile(
    r"\"(?:\\.|[^\"\\])*\"|'[^']*'|[A-Za-z_]\w*:?|\d+\.?\d*|\s+|[-+*/%&|^=<>!]=?|.", re.DOTALL
)
# what would touch the machine or wait is left out, so that a reply depends on the text alone
MACHINE = re.compile(r"system|runtime|io\.|random|gauss|seed")
PROGRAMS = [p for c in CASES for p in c["programs"] if not MACHINE.search(p)]
TOKENS = [t for p in PROGRAMS for t in PIECES.findall(p) if not t.isspace()]


def mutate(text: str, chance: random.Random) -> str:
    pieces = PIECES.findall(text)
    for _ in range(chance.choice((1, 1, 2, 4))):
        if not pieces:
            break
        at = chance.randrange(len(pieces))
        action = chance.random()
        if action < 0.3:
            del pieces[at]
        elif action < 0.5:
            pieces.insert(at, chance.choice(TOKENS))
        elif action < 0.75:
            pieces[at] = chance.choice(TOKENS)
        elif action < 0.9:
            other = chance.randrange(len(pieces))
            pieces[at], pieces[other] = pieces[other], pieces[at]
        else:
            pieces = pieces[:at]
    return "".join(pieces)


def reply(interpreter: Interpreter, text: str) -> str:
    """A reply, which must be one of Mu's own: no error of the implementation's."""
    answer = interpreter.reply(text)
    error = interpreter.scratch.pop("last error", None)
    # nil and bad indices show as these; anything else would be a fault of the compiler
    assert not isinstance(error, (NameError, SyntaxError, KeyError, AssertionError, ImportError))
    return answer


@pytest.mark.parametrize("seed", range(6))
def test_mutated_programs(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(ROUNDS // 6):
        mu = Interpreter(PRELUDE, output=lambda text: None, deadline=100.0)
        for _ in range(3):
            reply(mu, mutate(chance.choice(PROGRAMS), chance))
        assert mu.reply("{ int x = 1; x + 1; }") in ("2", mu.reply("{ int x = 1; x + 1; }"))


CONDITION = re.compile(r"while \((?=[^()]*\)[^;])[^()]*\)|(?<=; )i < [^;()]+(?=;)")
LOOPS = sorted({p for p in PROGRAMS if CONDITION.search(p) and len(p) < 300})


# the deadline may strike in somebody's finaliser or callback, where Python only tells of it
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_deadline_strikes_in_loops_that_never_end() -> None:
    """The loops of the cases, all their conditions made true."""
    stopped = 0
    for text in LOOPS[:: len(LOOPS) // 16]:
        mu = Interpreter(PRELUDE, output=lambda text: None, deadline=100.0)
        mu.bounds.deadline = 0.1
        endless = CONDITION.sub(lambda c: "while (true)" if c[0][0] == "w" else "true", text)
        stopped += "evaluation stopped" in reply(mu, endless)
        mu.bounds.deadline = 100.0
        assert mu.reply("{ 1 + 1; }") == "2"
    assert stopped >= 6  # the others end by an error or a break


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=25).map(" ".join))
def test_streams_of_tokens(text: str) -> None:
    reply(Interpreter(output=lambda text: None, deadline=100.0), text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    reply(Interpreter(deadline=100.0), text)
    check(text)
    spans = highlight(text)
    assert all(0 <= s.start < s.end <= len(text) for s in spans)
    assert [s.start for s in spans] == sorted(s.start for s in spans)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    for text in (data.decode("latin-1"), data.decode("utf-8", "surrogateescape")):
        reply(Interpreter(deadline=100.0), text)
        for token in scan(text):
            assert text[token.pos : token.pos + len(token.text)] == token.text


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(exclude_characters='"\\\0', codec="utf-8"), max_size=40))
def test_a_string_is_what_was_written(text: str) -> None:
    mu = Interpreter()
    seen: list[str] = []
    mu.register_function("commands", "take", "void (string s)", seen.append)
    assert mu.reply(f'take("{text}")') == "void"
    # a carriage return before a newline is part of the newline
    assert seen == [text.replace("\r\n", "\n")]


@settings(max_examples=100, deadline=None)
@given(st.integers(-(2**40), 2**40), st.integers(-(2**40), 2**40))
def test_integers_wrap_as_in_c(a: int, b: int) -> None:
    def wrap(n: int) -> int:
        return (n + 2**31) % 2**32 - 2**31

    mu = Interpreter()
    text = f"int a = {wrap(a)}; int b = {wrap(b)}; (a + b, a - b, a * b, -a, a << 3, a & b);"
    x, y = wrap(a), wrap(b)
    values = (x + y, x - y, x * y, -x, x << 3, x & y)
    assert mu.reply(text) == f"({', '.join(str(wrap(v)) for v in values)})"


def test_texts_that_declare_nothing_leave_nothing() -> None:
    mu = Interpreter(PRELUDE, output=lambda text: None)
    loop = "for (int i = 0; i < 3; i++) a.push_back(i);"
    text = f'{{ let s = "n%d"; int[] a; {loop} \\: f (int;) {{ 1; }} f(); }}'
    for i in range(3):
        mu.reply(text.replace("%d", str(i)))
        mu.reply("frame() + 1;")
    names, root = len(mu.namespace), {k: len(v) for k, v in mu.root.table.items()}
    for i in range(3, 60):
        mu.reply(text.replace("%d", str(i)))
        mu.reply(f"frame() + {i};")
        mu.reply(f"nosuch({i});")
        mu.reply(f"let = {i};")
    assert len(mu.namespace) == names
    assert {k: len(v) for k, v in mu.root.table.items()} == root


def test_interpreters_share_nothing() -> None:
    one, two = Interpreter(), Interpreter()
    one.reply("global int g = 5; \\: f (int;) { g; } class: A { int x; } module: math { K := 3; }")
    one.reply("A[] a; [A] l; (A, int) t; 1;")
    assert one.reply("(g, f(), A(1), math.K);") == "(5, 5, A {1}, 3)"
    for text in ("g;", "f();", "A(1);"):
        assert "unknown exception" in two.reply(text)
    assert "syntax error" in two.reply("math.K;")
    assert two.reply('class: A { string s; } A("x");') == 'A {"x"}'


def test_the_test_files_are_where_they_are_thought_to_be() -> None:
    assert Path(__file__).parent.name == "mu"
    assert len(PROGRAMS) > 1000
