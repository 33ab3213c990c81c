"""Modes, the stack of tables, and the questions scripts ask about them."""

from __future__ import annotations

import pytest

from player.session.bindings import Action, BindingError, NoSuchMode
from player.session.modes import DuplicateMode, Modes, NoSuchTable


def bind(modes: Modes, mode: str, table: str, event: str, doc: str) -> Action:
    bound = Action(lambda event: None, doc)
    modes.bind(mode, table, event, bound)
    return bound


def order(modes: Modes, event: str) -> list[str]:
    modes.refresh()
    return [a.doc for a in modes.candidates(event)]


def test_minor_modes_come_before_the_major_mode() -> None:
    modes = Modes()
    modes.define_minor("mm", "k", 5)
    bind(modes, "default", "global", "e", "major")
    bind(modes, "mm", "global", "e", "minor")
    assert order(modes, "e") == ["major"]
    assert modes.activate("mm")
    assert order(modes, "e") == ["minor", "major"]
    modes.deactivate("mm")
    assert order(modes, "e") == ["major"]


def test_minor_modes_are_ordered_by_number_then_sort_key() -> None:
    modes = Modes()
    for name, key, number in [
        ("z", None, 0),
        ("b", "same", 1),
        ("a", "same", 1),
        ("late", "0", 9),
        ("y", "a", 0),
    ]:
        modes.define_minor(name, key, number)
        bind(modes, name, "global", "e", name)
        modes.activate(name)
    assert order(modes, "e") == ["y", "z", "b", "a", "late"]
    assert modes.active() == ["default", "y", "z", "b", "a", "late"]


def test_upper_table_of_a_major_mode_beats_lower_table_of_a_minor_one() -> None:
    modes = Modes()
    modes.define_minor("mm")
    modes.activate("mm")
    bind(modes, "default", "tab", "e", "major tab")
    bind(modes, "mm", "global", "e", "minor global")
    modes.push_table("tab")
    assert order(modes, "e") == ["major tab", "minor global"]


def test_table_names_bottom_first_one_for_each_owner() -> None:
    modes = Modes()
    modes.define_minor("mm")
    modes.activate("mm")
    bind(modes, "default", "global", "e", "")
    bind(modes, "mm", "global", "e", "")
    bind(modes, "mm", "tab", "e", "")
    modes.push_table("tab")
    modes.push_table("nobody")
    assert [t.name for t in modes.stack()] == ["global", "global", "tab"]


def test_push_moves_and_pop_leaves_global() -> None:
    modes = Modes()
    for table in ("global", "a", "b"):
        bind(modes, "default", table, "e", table)
    modes.push_table("a")
    modes.push_table("b")
    modes.push_table("a")
    assert [t.name for t in modes.stack()] == ["global", "b", "a"]
    modes.pop_table("b")
    assert [t.name for t in modes.stack()] == ["global", "a"]
    with pytest.raises(NoSuchTable, match='bad event table name: "nope"'):
        modes.pop_table("nope")
    for _ in range(4):
        modes.pop_table()
    assert [t.name for t in modes.stack()] == ["global"]


def test_errors_name_what_is_missing() -> None:
    modes = Modes()
    bind(modes, "default", "global", "e", "")
    with pytest.raises(NoSuchMode, match="No mode named nope"):
        bind(modes, "nope", "global", "e", "")
    with pytest.raises(NoSuchTable, match="No table named nope"):
        modes.unbind("default", "nope", "e")
    with pytest.raises(NoSuchMode, match="No mode named nope"):
        modes.unbind_pattern("nope", "global", "e")
    modes.unbind("default", "global", "not bound")
    modes.define_minor("m")
    with pytest.raises(DuplicateMode, match="Duplicate mode: m"):
        modes.define_minor("m")
    with pytest.raises(DuplicateMode, match="Duplicate mode: default"):
        modes.define_minor("default")


def test_unknown_modes_are_reported_not_raised() -> None:
    modes = Modes()
    assert not modes.activate("nope")
    modes.deactivate("nope")
    modes.deactivate("default")
    assert modes.is_active("default")
    assert not modes.is_active("nope")


def test_documentation() -> None:
    modes = Modes()
    modes.define_minor("mm")
    bind(modes, "default", "global", "e", "major")
    bind(modes, "mm", "global", "e", "minor")
    modes.bind_pattern("default", "global", "^x", Action(lambda event: None, "pattern"))
    assert modes.documentation("e", None, None) == "major"
    assert modes.documentation("e", "mm", None) == "major"
    assert modes.documentation("e", "mm", "global") == "minor"
    assert modes.documentation("xyz", None, None) == "pattern"
    assert modes.documentation("nope", None, None) is None
    with pytest.raises(BindingError, match="Not bound: nope"):
        modes.documentation("nope", "default", "global")
    with pytest.raises(NoSuchTable, match="No table named t"):
        modes.documentation("e", "default", "t")
    modes.activate("mm")
    assert modes.documentation("e", None, None) == "minor"


def test_bindings_top_table_first_exact_only() -> None:
    modes = Modes()
    bind(modes, "default", "global", "b", "2")
    bind(modes, "default", "global", "a", "1")
    bind(modes, "default", "tab", "c", "3")
    modes.bind_pattern("default", "global", "x", Action(lambda event: None, "pattern"))
    modes.push_table("tab")
    assert modes.bindings() == [("c", "3"), ("a", "1"), ("b", "2")]
