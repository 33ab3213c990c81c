"""Event tables: exact and pattern bindings, and POSIX expressions."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from player.session.bindings import Action, BindingError, EventTable, posix_pattern


def action(doc: str = "") -> Action:
    return Action(lambda event: None, doc)


def test_exact_binding_is_replaced() -> None:
    table = EventTable("global")
    first, second = action("1"), action("2")
    table.bind("e", first)
    table.bind("e", second)
    assert table.query("e") is second
    assert [(name, a.doc) for name, a in table.exact()] == [("e", "2")]


def test_exact_wins_over_pattern() -> None:
    table = EventTable("global")
    exact, pattern = action(), action()
    table.bind_pattern("e.*", pattern)
    table.bind("e1", exact)
    assert table.query("e1") is exact
    assert table.query("e2") is pattern


def test_first_bound_pattern_wins_and_rebinding_moves_it_behind() -> None:
    table = EventTable("global")
    a, b, c = action("a"), action("b"), action("c")
    table.bind_pattern("foo", a)
    table.bind_pattern("fo.", b)
    assert table.query("foo") is a
    table.bind_pattern("foo", c)
    assert table.query("foo") is b


def test_pattern_is_a_search() -> None:
    table = EventTable("global")
    a = action()
    table.bind_pattern("foo-.*", a)
    assert table.query("xfoo-2") is a
    assert table.query("xfoo2") is None


def test_unbind_pattern_by_its_text() -> None:
    table = EventTable("global")
    table.bind_pattern("fo+", action())
    table.unbind_pattern("foo")
    assert table.query("foo") is not None
    table.unbind_pattern("fo+")
    assert table.query("foo") is None


@pytest.mark.parametrize(
    ("pattern", "hits", "misses"),
    [
        ("^key-down--[[:digit:]]$", ["key-down--4"], ["key-down--44", "xkey-down--4"]),
        ("^[]a]+$", ["]a]"], ["b"]),
        ("^[^[:space:]]+$", ["ab"], ["a b"]),
        (r"^\d$", ["d"], ["5"]),
        (r"^\w+$", ["ab_1"], ["a-b"]),
        (r"a\.b", ["a.b"], ["axb"]),
        ("^(stylus|pointer)-", ["pointer-1--push"], ["my-pointer-"]),
        ("^a*?b$", ["b", "ab", "aab"], ["c"]),
        ("^a**$", ["", "aaa"], ["b"]),
        ("x{2}$", ["axx"], ["ax"]),
        ("a.b", ["a\nb"], ["ab"]),
        ("a$", ["a"], ["a\n"]),
        (r"^[\d]$", ["d", "\\"], ["5"]),
    ],
)
def test_posix_expressions(pattern: str, hits: list[str], misses: list[str]) -> None:
    compiled = posix_pattern(pattern)
    assert all(compiled.search(text) for text in hits)
    assert not any(compiled.search(text) for text in misses)


@pytest.mark.parametrize("pattern", ["[a", "(", "a\\", "[[:nope:]]", "(?i)a", "a{3,1}"])
def test_malformed_expressions(pattern: str) -> None:
    with pytest.raises(BindingError, match=re.escape(pattern)):
        posix_pattern(pattern)


@given(st.text(max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_text_compiles_or_is_refused(text: str) -> None:
    try:
        posix_pattern(text).search("key-down--right")
    except BindingError as error:
        assert text in str(error)
