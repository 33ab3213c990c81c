"""Values between the Mu interpreter and commands."""

from __future__ import annotations

from typing import Any

import pytest

from player.commands.structs import MetaEvalInfo
from player.mu.types import INT, VOID, ClassType, FuncType, UnionType, VariantTag, array_of
from player.mu.values import (
    MuArray,
    MuCons,
    MuFunction,
    MuLimit,
    MuObject,
    MuTuple,
    MuVariant,
)
from player.scripting.deadline import Guard, ScriptExpired
from player.scripting.mu_values import Marshal, TypeBook


@pytest.fixture
def book() -> TypeBook:
    made = TypeBook()
    info = ClassType("MetaEvalInfo")
    info.fields = [
        ("node", made.resolve("string")),
        ("nodeType", made.resolve("string")),
        ("frame", INT),
    ]
    made.add("MetaEvalInfo", info)
    return made


@pytest.fixture
def marshal(book: TypeBook) -> Marshal:
    return Marshal(book, Guard(limit=0))


@pytest.mark.parametrize(
    "text",
    [
        "int",
        "int[]",
        "string[][]",
        "[string]",
        "(string,int)[]",
        "[(string,string)]",
        "float[4,4]",
        "vector float[3]",
        "(void;Event)",
        "(void;)",
        "(int;string,int)",
        "MetaEvalInfo[]",
    ],
)
def test_types_are_named_as_they_were_written(book: TypeBook, text: str) -> None:
    assert book.resolve(text).name == text
    assert book.resolve(text) is book.resolve(text)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", 5),
        ("string", None),
        ("bool", True),
        ("int[]", [1, 2]),
        ("string[][]", [["a"], []]),
        ("[string]", ["a", "b"]),
        ("(string,int)[]", [("a", 1)]),
        ("vector float[2]", (1.0, 0.5)),
        ("float[4,4]", [0.5] * 16),
        ("MetaEvalInfo[]", [MetaEvalInfo("n", "T", 3)]),
        ("MetaEvalInfo", None),
    ],
)
def test_there_and_back(marshal: Marshal, kind: str, value: Any) -> None:
    made = marshal.types.resolve(kind)
    assert marshal.from_mu(made)(marshal.into_mu(made)(value)) == value


def test_shapes_of_the_interpreter(marshal: Marshal) -> None:
    resolve, into = marshal.types.resolve, marshal.into_mu
    array = into(resolve("string[]"))(["a"])
    assert isinstance(array, MuArray) and array.items == ["a"] and array.type.name == "string[]"
    cell = into(resolve("[string]"))(["a", "b"])
    assert isinstance(cell, MuCons) and cell.next is not None and cell.next.value == "b"
    assert into(resolve("[string]"))([]) is None
    pair = into(resolve("(string,int)"))(("a", 1))
    assert isinstance(pair, MuTuple) and pair.items == ["a", 1]
    info = into(resolve("MetaEvalInfo"))(MetaEvalInfo("n", "T", 3))
    assert isinstance(info, MuObject) and info.fields == ["n", "T", 3]
    assert into(resolve("float"))(0.1) == 0.10000000149011612
    assert into(resolve("void"))(5) is None


def test_a_mu_function_becomes_a_callable(marshal: Marshal) -> None:
    kind = FuncType(INT, (INT,))
    call = marshal.from_mu(kind)(MuFunction("f", kind, lambda a: a + 1))
    assert call(4) == 5
    assert marshal.from_mu(kind)(None) is None


def test_a_limit_inside_a_mu_function_is_an_ordinary_error(marshal: Marshal) -> None:
    def over() -> None:
        raise MuLimit("too much memory")

    kind = FuncType(VOID, ())
    call = marshal.from_mu(kind)(MuFunction("f", kind, over))
    with pytest.raises(ScriptExpired, match="too much memory"):
        call()


def test_a_callable_becomes_a_mu_function(marshal: Marshal) -> None:
    kind = FuncType(INT, (array_of(INT),))
    made = marshal.into_mu(kind)(sum)
    assert isinstance(made, MuFunction)
    assert made.call(MuArray(array_of(INT), [1, 2])) == 3


def test_settings_values_are_plain_in_python(marshal: Marshal) -> None:
    union = UnionType("SettingsValue")
    for i, (name, payload) in enumerate(
        [
            ("Float", "float"),
            ("Int", "int"),
            ("String", "string"),
            ("Bool", "bool"),
            ("FloatArray", "float[]"),
            ("IntArray", "int[]"),
            ("StringArray", "string[]"),
        ]
    ):
        union.tags.append(VariantTag(union, name, marshal.types.resolve(payload), i))
    into, back = marshal.into_mu(union), marshal.from_mu(union)
    for value, tag in (
        (True, "Bool"),
        (3, "Int"),
        (0.5, "Float"),
        ("s", "String"),
        ([1], "IntArray"),
        ([0.5], "FloatArray"),
        (["a"], "StringArray"),
    ):
        made = into(value)
        assert isinstance(made, MuVariant) and made.tag.local_name == tag
        assert back(made) == value
