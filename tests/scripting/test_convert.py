"""Strict argument types, and what results look like in Python."""

from __future__ import annotations

from typing import Any

import pytest

from player.commands.structs import (
    ChannelInfo,
    LayerInfo,
    MetaEvalInfo,
    NodeImageGeometry,
    ViewInfo,
)
from player.scripting.convert import ArgumentMismatch, float32, to_mu, to_py
from player.scripting.pyevent import PyEvent
from player.session.events import StringEvent


@pytest.mark.parametrize(
    ("kind", "value", "result"),
    [
        ("int", 5, 5),
        ("int", True, 1),
        ("int", 2**31, -(2**31)),
        ("short", 40000, -25536),
        ("byte", 300, 44),
        ("bool", True, True),
        ("float", 0.1, 0.10000000149011612),
        ("float", 1e300, float("inf")),
        ("half", 0.1, 0.0999755859375),
        ("double", 0.1, 0.1),
        ("string", "a", "a"),
        ("string", b"a", "a"),
        ("string", None, None),
        ("string", "a\0b", "a"),
        ("vector float[2]", (1.0, 2.0), (1.0, 2.0)),
        ("Vec2", (1.0, 2.0), (1.0, 2.0)),
        ("int[]", [1, 2], [1, 2]),
        ("int[]", None, None),
        ("[string]", ["a"], ["a"]),
        ("(string,int)", ("a", 1), ("a", 1)),
        ("[(string,string)]", [("a", "b")], [("a", "b")]),
        ("[(string,string)]", [("a", None)], [("a", None)]),
        ("float[4,4]", [0.5] * 16, [0.5] * 16),
        ("string[]", ["a", None], ["a", None]),
        ("MenuItem[]", [("a", None)], [None]),
    ],
)
def test_accepted(kind: str, value: Any, result: Any) -> None:
    assert to_mu(kind)(value) == result


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("int", 1.0, "expecting int"),
        ("int", None, "expecting int"),
        ("int", 2**70, "expecting int (out of range)"),
        ("float", 24, "expecting float"),
        ("float", True, "expecting float"),
        ("half", 1, "expecting float to convert to half"),
        ("bool", 1, "expecting bool"),
        ("bool", None, "expecting bool"),
        ("byte", "a", "expecting int to convert to byte"),
        ("string", 1, "expecting string or unicode"),
        ("vector float[2]", [1.0, 2.0], "expecting (float, float) tuple"),
        ("vector float[4]", (1.0,), "expecting (float, float, float, float) tuple"),
        ("vector float[2]", (1, 2), "expecting float"),
        ("float[]", [1], "expecting float"),
        ("float[]", (1.0,), "expecting dynamic array"),
        ("[string]", ("a",), "expecting list"),
        ("(string,int)", ["a", 1], "expecting tuple"),
        ("(string,int)", ("a",), "wrong size tuple"),
        ("float[4,4]", [0.0], "wrong list size"),
        ("float[4,4]", 0.0, "expecting fixed array"),
        ("(void;Event)", 3, "expecting a callable object"),
    ],
)
def test_refused(kind: str, value: Any, text: str) -> None:
    with pytest.raises(ArgumentMismatch) as error:
        to_mu(kind)(value)
    assert str(error.value) == text


def test_events_are_unwrapped() -> None:
    event = StringEvent("e")
    assert to_mu("Event")(PyEvent(event)) is event
    assert to_mu("Event")("e") is None
    assert to_py("Event")(event).name() == "e"


def test_struct_in() -> None:
    made = to_mu("MetaEvalInfo")({"node": "n", "nodeType": "T", "frame": 3})
    assert made == MetaEvalInfo("n", "T", 3)
    with pytest.raises(ArgumentMismatch, match="expecting int"):
        to_mu("MetaEvalInfo")({"node": "n"})


@pytest.mark.parametrize(
    ("kind", "value", "result"),
    [
        ("void", 3, None),
        ("float", 23.976, 23.975999832153320),
        ("float", 24, 24.0),
        ("bool", 1, True),
        ("vector float[2]", (1, 2.5), (1.0, 2.5)),
        ("(string,int)[]", [("a", 1)], [("a", 1)]),
        ("(string,float)", ("a", 0.1), ("a", float32(0.1))),
        ("string[]", None, None),
        ("[string]", [], None),
        ("[string]", ["a"], ["a"]),
        ("MetaEvalInfo", None, None),
        (
            "MetaEvalInfo[]",
            [MetaEvalInfo("n", "T", 1)],
            [{"node": "n", "nodeType": "T", "frame": 1}],
        ),
    ],
)
def test_results(kind: str, value: Any, result: Any) -> None:
    assert to_py(kind)(value) == result


def test_nested_structs_are_dictionaries_in_field_order() -> None:
    view = ViewInfo("v", [LayerInfo("l", [ChannelInfo("R", 1)])], [])
    got = to_py("ViewInfo")(view)
    assert got == {
        "name": "v",
        "layers": [{"name": "l", "channels": [{"name": "R", "dataType": 1}]}],
        "noLayerChannels": [],
    }
    assert list(got) == ["name", "layers", "noLayerChannels"]
    assert len(to_py("NodeImageGeometry")(NodeImageGeometry())["orientation"]) == 16


def test_brackets_around_one_type_are_no_tuple() -> None:
    """``imageGeometry`` and its kin: a list of points."""
    assert to_py("(vector float[2])[]")([(0.0, 1.0), (2.0, 3.0)]) == [(0.0, 1.0), (2.0, 3.0)]
    assert to_mu("(vector float[2])[]")([(0.0, 1.0)]) == [(0.0, 1.0)]
