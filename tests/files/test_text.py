"""Text GTO: the grammar of RV's reader, the layout of its writer, and back again."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from player.session.files import (
    GtoComponent,
    GtoFile,
    GtoObject,
    GtoProperty,
    GtoType,
    SessionFileError,
    format_text,
    parse_gto,
    text_reader,
)
from player.session.files import quick as quick_module
from player.session.files.text_reader import parse_text


def values(line: str) -> list[object]:
    """The values of one property line."""
    file = parse_text(f"GTOa (4)\no : P (1) {{ c {{ {line} }} }}".encode())
    return list(file.objects[0].components[0].properties[0].values)


def error(text: str) -> SessionFileError:
    with pytest.raises(SessionFileError) as caught:
        parse_text(text.encode(), "f.rv")
    assert "\n" not in str(caught.value)
    return caught.value


# -- reading ---------------------------------------------------------------------------


def test_objects_and_their_headers() -> None:
    file = parse_text(b'GTOa\na { }\nb : "My Type" { }\n"c d" : P (7) { x { } }\n')
    assert [(o.name, o.protocol, o.version) for o in file.objects] == [
        ("a", "object", 1),
        ("b", "My Type", 1),
        ("c d", "P", 7),
    ]
    assert file.version == 4


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("int a = 5", [5]),
        ("int a = 010", [8]),
        ("int a = 0x1F", [31]),
        ("int a = -3", [-3]),
        ("int a = 1.9", [1]),
        ("int a = 'a'", [97]),
        ("int a = 4294967295", [-1]),
        ("int a = -2147483648", [-2147483648]),
        ("float a = [ 1. .5 1e3 nan -2 ]", [1.0, 0.5, 1000.0, 0.0, -2.0]),
        ("float a = 0.1", [struct.unpack("f", struct.pack("f", 0.1))[0]]),
        ("float a = 1e999", [math.inf]),
        ("double a = 0.1", [0.1]),
        ("half a = 0.1", [0.0999755859375]),
        ("byte a = [ 256 -1 ]", [0, 255]),
        ("short a = -25536", [40000]),
        ("string a = bare", ["bare"]),
        ("string a = [ ]", []),
        ("float[3] a = [ [ 1 2 3 ] [ 4 5 6 ] ]", [1, 2, 3, 4, 5, 6]),
        ("float[3] a = [ 1 2 3 4 ]", [1, 2, 3]),
        ("float[3] a = 1", []),
        ("float[2,2] a = [ [ 1 2 3 4 ] ]", [1, 2, 3, 4]),
        ("int[1][4] a = [ 1 2 ... ]", [1, 2, 2, 2]),
        ("int[2][3] a = [ [ 1 2 ] ... ]", [1, 2, 1, 2, 1, 2]),
        ("string[2] a as x = [ [ p q ] ]", ["p", "q"]),
    ],
)
def test_values(line: str, expected: list[object]) -> None:
    assert values(line) == expected


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"a\n\t\b\f\r\\\"b", 'a\n\t\b\f\r\\"b'),
        (r"\101\377", "A\udcff"),
        (r"\18 \q '", r"\18 \q '"),
        (r"\u00e9", "\udce9"),
        ("two\r\nlines", "two\nlines"),
        ("é 日本", "é 日本"),
    ],
)
def test_strings(body: str, text: str) -> None:
    assert values(f'string a = "{body}"') == [text]


def test_nested_components_and_comments() -> None:
    file = parse_text(
        b"GTOa # one\no : P (1) { # two\n a as b { int x = 1 c { int y = 2 } d { } } }\n"
    )
    item = file.objects[0]
    assert [path for path, _ in item.walk()] == ["a.x", "a.c.y"]
    assert item.components[0].interp == "b"
    assert list(item.values("a.c.y")) == [2]


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("", "does not start with GTOa", (1, 1)),
        ("GTOa (4)", "the file ends where an object was expected", (1, 9)),
        ("GTOa\no { x { int a = } }", "expected a value, found }", (2, 17)),
        ('GTOa\no { x { int a = "s" } }', "expected a number", (2, 17)),
        ("GTOa\no { x { string a = 5 } }", "expected a string, found the number 5", (2, 20)),
        ("GTOa\no { x { bool a = 1 } }", "bool", (2, 18)),
        (
            "GTOa\no { x { int[3] a = [ [ 1 2 ] ] } }",
            "expected 3 scalar elements, found 2",
            (2, 22),
        ),
        ("GTOa\no { x { int[1][3] a = [ 1 ] } }", "found 1 elements, expected 3", (2, 27)),
        ("GTOa\no { x { int a = [ 1 ... ] } }", "... needs a declared number", (2, 25)),
        ("GTOa\no { x { int[0] a = 1 } }", "an element of 0 values", (2, 12)),
        ("GTOa\no { x { c { } int a = 1 } }", "properties must come before", (2, 15)),
        ("GTOa\no { int a = 1 }", "expected a component's name, found int", (2, 5)),
        ('GTOa\no { x { string a = "abc', "unterminated string", (2, 20)),
        ("GTOa\no { x { } # end", "'#'", (2, 11)),
        ("GTOa\no { x { int a = 1, 2 } }", "found ,", (2, 18)),
        ("GTOa\no { x { int 12 = 1 } }", "expected a property's name, found 12", (2, 13)),
        ("GTOa\no { x { int a = +1 } }", "'+'", (2, 17)),
    ],
)
def test_errors_name_the_place(text: str, message: str, place: tuple[int, int]) -> None:
    found = error(text)
    assert message in found.message
    assert (found.line, found.column) == place
    assert str(found).startswith(f"f.rv:{place[0]}:{place[1]}: ")


def test_lost_fractions_are_told() -> None:
    told: list[str] = []
    parse_text(b"GTOa\no { c {\n int a = 1.5 } }", "f.rv", warn=told.append)
    assert told == ["f.rv:3: 1.5 became 1 in int"]


@pytest.mark.parametrize(
    "text",
    [
        "GTOa\no { " + "c { " * 100 + "} " * 101,
        "GTOa\no { c { int[1][999999999999] a = [ 1 ... ] } }",
        "GTOa\no { c { int[99999,99999] a = [ ] } }",
        "GTOa\n" + "[" * 100000,
        "GTOa\n" + "o { c { int a = [" + "[" * 5000,
        'GTOa\no { c { string a = "' + "\\" * 99999,
    ],
    ids=["deep", "dots", "wide", "brackets", "inner", "backslashes"],
)
def test_hostile_text_is_refused(text: str) -> None:
    error(text)


# -- writing ---------------------------------------------------------------------------


def one(*props: GtoProperty) -> GtoFile:
    return GtoFile([GtoObject("o", "P", 1, [GtoComponent("c", list(props))])])


def test_the_layout_is_rvs() -> None:
    inner = GtoComponent("e", [GtoProperty("n", GtoType.INT, [1])])
    file = GtoFile(
        [
            GtoObject("a", "T", 4, [
                GtoComponent("c", [
                    GtoProperty("one", GtoType.FLOAT, [0.1]),
                    GtoProperty("none", GtoType.STRING, []),
                    GtoProperty("many", GtoType.INT, [1, 2]),
                    GtoProperty("wide", GtoType.FLOAT, [1, 2, 3], (3, 0, 0, 0)),
                    GtoProperty("pairs", GtoType.STRING, list("abcd"), (2, 0, 0, 0)),
                    GtoProperty("m", GtoType.FLOAT, [0.0] * 4, (2, 2, 0, 0)),
                    GtoProperty("1:left", GtoType.BYTE, [255], interp="color"),
                ]),
                GtoComponent("empty"),
                GtoComponent("d", [], [inner]),
            ]),
            GtoObject("nothing", "T", 1),
            GtoObject("b c", "T", 1, [
                GtoComponent("int", [GtoProperty("12", GtoType.SHORT, [40000])]),
            ]),
        ]
    )  # fmt: skip
    assert (
        format_text(file).decode()
        == """\
GTOa (4)

a : T (4)
{
    c
    {
        float one = 0.1
        string none = [ ]
        int many = [ 1 2 ]
        float[3] wide = [ [ 1 2 3 ] ]
        string[2] pairs = [ [ "a" "b" ] [ "c" "d" ] ]
        float[2,2] m = [ [ 0 0 0 0 ] ]
        byte "1:left" as color = 255
    }

    d
    {
        e
        {
            int n = 1
        }
    }
}

"b c" : T (1)
{
    "int"
    {
        short "12" = -25536
    }
}
"""
    )


@pytest.mark.parametrize("name", ["nan", "1e5", "0x1F", "as", "GTOa", "12", "a b", "", "é", "a.b"])
def test_names_that_must_be_quoted(name: str) -> None:
    text = format_text(one(GtoProperty(name, GtoType.INT, [1])))
    assert f'"{name}" = 1'.encode() in text
    assert parse_gto(text).objects[0].components[0].properties[0].name == name


def test_control_characters_come_back() -> None:
    text = "".join(map(chr, range(128))) + 'é"\\'
    file = one(GtoProperty("s", GtoType.STRING, [text]))
    assert parse_gto(format_text(file)) == file


_names = st.text(min_size=1, max_size=8)
_float32 = st.floats(width=32, allow_nan=False)


def _typed(type_: GtoType, element: st.SearchStrategy[object]) -> st.SearchStrategy[GtoProperty]:
    dims = st.sampled_from([(1, 0, 0, 0), (2, 0, 0, 0), (3, 0, 0, 0), (2, 2, 0, 0), (2, 1, 2, 1)])

    def build(name: str, dim: tuple[int, int, int, int], flat: list[object]) -> GtoProperty:
        prop = GtoProperty(name, type_, flat, dim)  # type: ignore[arg-type]
        prop.values = flat[: len(flat) // prop.width * prop.width]  # type: ignore[assignment]
        return prop

    return st.builds(build, _names, dims, st.lists(element, max_size=8))


properties = st.one_of(
    _typed(GtoType.INT, st.integers(-(2**31), 2**31 - 1)),
    _typed(GtoType.FLOAT, _float32),
    _typed(GtoType.DOUBLE, st.floats(allow_nan=False)),
    _typed(GtoType.HALF, st.floats(width=16, allow_nan=False)),
    _typed(GtoType.BYTE, st.integers(0, 255)),
    _typed(GtoType.SHORT, st.integers(0, 65535)),
    _typed(GtoType.STRING, st.text(max_size=6)),
)
components = st.recursive(
    st.builds(GtoComponent, _names, st.lists(properties, min_size=1, max_size=3)),
    lambda inner: st.builds(
        GtoComponent,
        _names,
        st.lists(properties, min_size=1, max_size=2),
        st.lists(inner, max_size=2),
    ),
    max_leaves=4,
)
files = st.builds(
    GtoFile,
    st.lists(
        st.builds(
            GtoObject,
            _names,
            _names,
            st.integers(0, 9),
            st.lists(components, min_size=1, max_size=3),
        ),
        min_size=1,
        max_size=3,
    ),
)


@given(files)
@settings(max_examples=120, deadline=None)
def test_what_is_written_is_read_back(file: GtoFile) -> None:
    text = format_text(file)
    assert parse_gto(text) == file
    assert format_text(parse_gto(text)) == text


@given(files)
@settings(max_examples=60, deadline=None)
def test_the_short_cut_and_the_grammar_agree(file: GtoFile) -> None:
    text = format_text(file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_reader, "quick_property", lambda data, at: None)
        slow = parse_text(text)
    assert parse_text(text) == slow


_scraps = st.sampled_from(
    ["GTOa", "o", ":", "P", "(", "4", ")", "{", "}", "c", "int", "float", "string", "as", "[", "]",
     "=", "1", "-", "0x", "1.5", '"s"', '"', "...", ",", "\n", "# x\n", "'a'", "\\", "nan", "010"]
)  # fmt: skip


@given(st.lists(_scraps, max_size=40).map(" ".join))
@settings(max_examples=200, deadline=None)
def test_any_scraps_give_a_file_or_one_error(text: str) -> None:
    head = "GTOa o : P (1) { c { int a = 1 "
    for candidate in (text, head + text):
        try:
            parse_text(candidate.encode())
        except SessionFileError as found:
            assert found.line >= 1


@given(st.lists(_scraps, max_size=20).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_the_short_cut_never_takes_what_the_grammar_refuses(text: str) -> None:
    data = f"GTOa o {{ c {{\n int a = {text}\n }} }}".encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_reader, "quick_property", lambda data, at: None)
        try:
            slow: object = parse_text(data)
        except SessionFileError as refused:
            slow = str(refused)
    assert quick_module.quick_property is not None
    try:
        fast: object = parse_text(data)
    except SessionFileError as refused:
        fast = str(refused)
    assert fast == slow
