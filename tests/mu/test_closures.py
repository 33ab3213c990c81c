"""Function values that carry arguments: how they show, and what making them costs.

What they do is in ``data/written.jsonl``. RV numbers generated names by a counter of the
process; here the numbers are left out.
"""

from __future__ import annotations

import re

import pytest

from player.mu import Interpreter


def shown(text: str) -> str:
    reply = Interpreter(output=lambda _: None).reply(text)
    return re.sub(r"(__(?:lambda)?)[0-9a-f]+\b", r"\1", reply)


@pytest.mark.parametrize(
    "text, expected",
    [
        # what was captured shows as a constant, and what followed from it is evaluated
        (
            "{ int n = 3; let f = \\: (int; int a) { a + n; }; f; }",
            "__lambda (int; int a) (+ __lambda.a 3)",
        ),
        ("{ int n = 0; let f = \\: (int;) { if n == 0 then 1 else 2; }; f; }", "__lambda (int;) 1"),
        (
            "{ float n = 4; let f = \\: (float; int q) { math.sqrt(n) + q; }; f; }",
            "__lambda (float; int q) (+ 2.0 (float __lambda.q))",
        ),
        # a named function is called, also after two applications
        (
            "{ \\: f (int; int a, int b, int c) { a; } let g = f(1,,); let h = g(2,); h; }",
            "__lambda (int; int c) (__.f 1 2 __lambda.c)",
        ),
        ("math.pow(2.0,)", "__lambda (float; float p1) (math.pow 2.0 __lambda.p1)"),
        (
            "class: A { int x; method: get (int; int k) { x; } } { let g = A(5).get; g; }",
            "__lambda (int; int k) (A.get A {5} __lambda.k)",
        ),
        # an assignment to a captured variable ends the block
        (
            '{ int n = 3; let f = \\: (void; int q) { print("a"); n = q; print("b"); }; f; }',
            '__lambda (void; int q) (__statement_list (print "a"))',
        ),
        (
            "{ bool b = true; let f = \\: (int; int q) { int s;"
            " for (int i = 0; b; i++) s += i; s; }; f; }",
            "__lambda (int; int q) (__statement_list (__pattern_block (= __lambda.v1 0)) (__for "
            "(__pattern_block (= __lambda.v2 0)) true (post++ __lambda.v2) (+= __lambda.v1 "
            "__lambda.v2)) __lambda.v1)",
        ),
    ],
)
def test_function_values_show_what_they_carry(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_a_lambda_is_specialised_once_for_all_values_that_it_captures() -> None:
    mu = Interpreter(output=lambda _: None)
    before = mu.unique()
    text = (
        "{ (int;)[] fs; for (int i = 0; i < 200; i++) { int[] a; a.resize(i);"
        " fs.push_back(\\: (int;) { a.size(); }); } int s = 0; for_each (f; fs) s += f(); s; }"
    )
    assert mu.reply(text) == str(sum(range(200)))
    assert mu.unique() - before > 200  # every value has a name of its own
    plans = [f for f in mu.namespace if f.startswith("f") and "__lambda" in f]
    assert len(plans) < 5
