"""Programs with many levels: Python's parser bounds what the real interpreter does not.

The values are the real interpreter's.
"""

from __future__ import annotations

import pytest

from player.mu import Interpreter

LEVELS = 150
RIGHT = "(x + " * LEVELS + "1" + ")" * LEVELS
LEFT = "x" + " + x" * LEVELS
CHOICE = "".join(f"if x == {i} then {i} else " for i in range(250)) + "-1"
CHAIN = " else ".join(f"if (k == {i}) {{ int q = {i}; r = q; }}" for i in range(60))
LONG_CHAIN = " else ".join(f'if (k == "k{i}") return "v{i}";' for i in range(300))
PLACES = [
    "{{ int x = 1; {}; }}",
    "{{ int x = 1; int y = {}; y; }}",
    "{{ int x = 1; int y; y += {}; y; }}",
    "{{ int x = 1; let a = int[] {{5}}; a[0] = {}; (a[0]); }}",
    "class: A {{ int q; }} {{ int x = 1; A a = A(0); a.q = {}; (a.q); }}",
    "\\: f (int; int a, int b) {{ a * b; }} {{ int x = 1; f(x, {}); }}",
    "\\: f (int; int x) {{ if (x > 0) return {}; return 7; }} f(1);",
    "{{ int x = 1; let f = \\: (int; int x) {{ {}; }}; f(x); }}",
    "{{ int x = 1; int r; for_each (q; int[] {{{}}}) r = q; r; }}",
]


@pytest.fixture
def mu() -> Interpreter:
    return Interpreter(output=lambda text: None)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("text", "value"), [(RIGHT, 151), (LEFT, 151), (CHOICE, 1)])
def test_a_deep_expression_anywhere(mu: Interpreter, place: str, text: str, value: int) -> None:
    assert mu.reply(place.format(text)) == str(value)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("\\: f (int; int a) { a + 1; } { int x = 1; " + "f(" * 200 + "x" + ")" * 200 + "; }",
         "201"),
        ("{ int[] a = {0}; " + "a[" * 200 + "0" + "]" * 200 + "; }", "0"),
        ("class: A { int x; method: inc (A;) { x++; this; } } { let a = A(0); a"
         + ".inc()" * 300 + ".x; }", "300"),
        ("{ int x = 1; [int] l = " + "x : " * 300 + "nil; head(l); }", "1"),
        ("\\: f (string; string k) { " + LONG_CHAIN + ' else return "none"; }'
         ' (f("k0"), f("k299"), f("x"));', '("v0", "v299", "none")'),
        ("\\: f (int; int k) { int r; " + CHAIN + " else { r = -1; } r; } (f(0), f(59), f(60));",
         "(0, 59, -1)"),
        ("{ int k = 3; int r; " + " else ".join(f"if ({'(k + ' * 60 + 'k' + ')' * 60} == {61 * i})"
         f" {{ r = {i}; }}" for i in range(9)) + " r; }", "3"),
    ],
)  # fmt: skip
def test_many_levels(mu: Interpreter, text: str, reply: str) -> None:
    assert mu.reply(text) == reply


def test_the_parts_of_a_deep_expression_run_in_order(mu: Interpreter) -> None:
    said = "\\: t (int; int n) { s += string(n); n; }"
    text = f'global string s = ""; {said} ' + "".join(f"(t({i % 10}) + " for i in range(60))
    assert mu.reply(text + "t(7)" + ")" * 60 + "; s;") == '"' + "0123456789" * 6 + '7"'


def test_too_many_loops_within_one_another_are_refused(mu: Interpreter) -> None:
    text = "{ int x = 0; " + "while (x < 1) " * 25 + "x++; x; }"
    assert mu.reply(text).startswith('ERROR: remote-eval: exception: "evaluation refused: ')
    assert mu.reply("1 + 1") == "2"
