"""The player's command line: RV's grammar, its traps, and our long options."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from player.options import OptionError, Options, help_text, parse
from player.options.arithmetic import evaluate
from player.options.completing import completions
from player.options.table import INERT, OPTIONS


def words(text: str, **ports: object) -> Options:
    return parse(text.split(), **ports)  # type: ignore[arg-type]


def test_nothing_given() -> None:
    options = parse([])
    assert options == Options()
    assert options.network and options.listen == "127.0.0.1" and options.port is None
    assert options.cache_mode == 1


def test_options_and_sources_in_any_order() -> None:
    options = words("a.exr -play b.mov -fps 25 c.#.exr 1-10")
    assert options.inputs == ("a.exr", "b.mov", "c.#.exr", "1-10")
    assert options.play and options.fps == 25


@pytest.mark.parametrize(
    "text",
    [
        "-networkPort 45200",
        "--networkPort 45200",
        "--network-port 45200",
        "--network-port=45200",
        "--port 45200",
        "--port=45000+200",
    ],
)
def test_every_spelling(text: str) -> None:
    assert words(text).port == 45200


def test_between_brackets_a_dash_becomes_a_plus() -> None:
    options = words("[ a.exr -in 1 -out -5 -ao -0.5 -inparams k=v ] -in 3")
    assert options.inputs == (
        *("[", "a.exr", "+in", "1", "+out", "-5", "+ao", "-0.5", "+inparams", "k=v", "]"),
    )
    assert dict(options.source_defaults) == {"cut_in": 3}
    assert words("[ a -play -0 -x ]").inputs == ("[", "a", "+play", "+0", "+x", "]")
    assert not words("[ a -play ]").play


def test_the_defaults_are_fields_of_source_args() -> None:
    from player.options.parser import _DEFAULTS
    from player.session.sourceargs import SourceArgs

    assert set(_DEFAULTS.values()) <= set(SourceArgs.__dataclass_fields__)


def test_per_source_options_outside_brackets_are_defaults() -> None:
    options = words("-rs 1 -ro 2 -so 0.5 -select view left -noMovieAudio -inparams a=b c=d x.exr")
    assert dict(options.source_defaults) == {
        "range_start": 1,
        "range_offset": 2,
        "stereo_offset": 0.5,
        "select_type": "view",
        "select_name": "left",
        "no_movie_audio": True,
        "in_params": (("a", "b"), ("c", "d")),
    }
    assert options.inputs == ("x.exr",)
    assert words("-crop 0 0 10 10").warnings


def test_numbers_are_arithmetic() -> None:
    assert words("-gamma 1/2.2").gamma == 1 / 2.2
    assert [evaluate(t) for t in ("007", "-3", "2^3", "1.05", "0/5", "(1+2)*3", "1e3")] == (
        [7, -3, 8, 1.05, 0, 9, 1000]
    )


@pytest.mark.parametrize(
    "text", ["", "a", "True", "1/0", "9**9**9", "1;2", "(" * 500, "nan", "[1]"]
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError):
        evaluate(text)


def test_flags_and_events_collect_words() -> None:
    options = words("-flags a b=c =x d= networkPortFile=/tmp/p e=f=g -sendEvent n t m")
    assert dict(options.flags) == {
        "a": "true",
        "b": "c",
        "x": "true",
        "d": "true",
        "networkPortFile": "/tmp/p",
    }
    assert options.port_file == "/tmp/p"
    assert options.warnings == ("malformed flag e=f=g",)
    assert options.send_events == (("n", "t"), ("m", ""))


def test_flags_end_where_media_begin() -> None:
    options = words("-flags colour=red plain a.0001.exr b.mov")
    assert dict(options.flags) == {"colour": "red", "plain": "true"}
    assert options.inputs == ("a.0001.exr", "b.mov")
    options = words("-flags file=/tmp/x /shots/one solid,start=1,end=5.movieproc -play")
    assert dict(options.flags) == {"file": "/tmp/x"}
    assert options.inputs == ("/shots/one", "solid,start=1,end=5.movieproc")
    assert options.play
    assert words("-flags one [ a.exr ]").inputs == ("[", "a.exr", "]")


def test_connect_has_an_optional_port() -> None:
    assert words("-networkConnect host").connect == ("host", 45124)
    assert words("-networkConnect host 45200 a.exr").connect == ("host", 45200)
    options = words("-networkConnect host a.exr")
    assert options.connect == ("host", 45124)
    assert options.inputs == ("a.exr",)


@pytest.mark.parametrize(
    ("text", "view", "composite"),
    [
        ("-over", "defaultStack", "over"),
        ("-diff", "defaultStack", "difference"),
        ("-replace", "defaultStack", "replace"),
        ("-topmost", "defaultStack", "topmost"),
        ("-layer", "defaultStack", "layer"),
        ("-tile", "defaultLayout", ""),
        ("-sessionType stack", "defaultStack", ""),
        ("-sessionType nonsense", "", ""),
        ("-view x -over", "defaultStack", "over"),
    ],
)
def test_views(text: str, view: str, composite: str) -> None:
    options = words(text)
    assert (options.view, options.composite) == (view, composite)


def test_rules_between_options() -> None:
    assert words("-c").cache_mode == 2
    assert words("-c -l").cache_mode == 2
    assert words("-nc -c").cache_mode == 0
    assert (words("-gamma 2 -sRGB -rec709").srgb, words("-gamma 2 -rec709").rec709) == (False,) * 2
    both = words("-sRGB -rec709")
    assert (both.srgb, both.rec709) == (False, True)
    assert words("--snapshot x.png").display == ""  # one picture and the end
    assert words("--snapshot x.png --display null").display == "null"
    assert not words("--no-network").network


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-nope", "unknown option -nope"),
        ("-listen x", "unknown option -listen"),
        ("-fps", "-fps needs F"),
        ("-fps abc", "-fps needs a number, not 'abc'"),
        ("-over -tile", "only one of"),
        ("[ a [ b ]", "Cannot nest source groups"),
        ("[ a", "Unmatched '[' in input"),
        ("-networkPort 70000", "-networkPort 70000 is no port"),
        ("-networkPerm 7", "-networkPerm 7"),
        ("--display foo", "--display foo is unknown"),
        ("--size 1x", "--size 1x is no size"),
        ("--size 99999x99999", "is no size"),
        ("--play=1", "-play takes no value"),
        ("rvlink://x", "an rvlink:// URL cannot be opened here"),
    ],
)
def test_one_line_for_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        words(text)
    assert message in str(caught.value)
    assert "\n" not in caught.value.describe()


def test_a_misspelling_gets_a_suggestion() -> None:
    with pytest.raises(OptionError) as caught:
        words("-newtorkPort 1")
    assert caught.value.hint == "did you mean -networkPort?"


def test_links_expand_and_paths_are_mapped() -> None:
    options = words(
        "rvlink://x ${A}/c.exr",
        expand_link=lambda url: ["-play", "[", "${A}/a.exr", "-in", "1", "]"],
        map_path=lambda path: path.replace("${A}", "/a"),
    )
    assert options.play
    assert options.inputs == ("[", "/a/a.exr", "+in", "1", "]", "/a/c.exr")


def test_everything_behind_two_dashes_is_media() -> None:
    assert words("-- -play [ x").inputs == ("-play", "[", "x")


def test_inert_options_take_their_arguments() -> None:
    options = words("-geometry 0 0 640 480 -noPBO -exrIOMethod 2 a.exr")
    assert options.inputs == ("a.exr",)
    assert dict(options.accepted) == {
        "geometry": ("0", "0", "640", "480"),
        "noPBO": (),
        "exrIOMethod": ("2",),
    }


def test_the_manual_names_every_option() -> None:
    text = help_text()
    for option in OPTIONS:
        assert option.spelling in text
        assert option.help or option.name in INERT
    assert all(len(line) <= 80 for line in text.splitlines())


def test_the_keys_of_the_manual_are_bound() -> None:
    """As many of them as a new user needs; RV's own bindings say what they do."""
    from player.commands import Context, load_all
    from player.commands.calling import Calls
    from player.commands.keys import install_keys
    from player.session.session import Session

    listed = help_text().partition("\nKEYS")[2].partition("\n\n")[0].splitlines()[1:]
    words = " ".join(line[:28] for line in listed).replace(",  ", ", , ").split()
    context = Context(Session("display"))
    load_all()
    install_keys(context)
    bound = {name for name, _ in Calls(context, "commands").bindings()}
    names = {"space": " ", "ctrl": "control"}
    for word in words:
        key = word.rstrip(",") or word
        held, dash, rest = key.rpartition("-")
        event = f"{names.get(held, held)}--{rest}" if dash else names.get(key, key)
        assert f"key-down--{event}" in bound, word


def test_fields_of_the_table_exist() -> None:
    known = set(Options.__dataclass_fields__)
    assert {option.field for option in OPTIONS if option.field} <= known


def test_importing_is_light() -> None:
    code = (
        "import sys; import player.options; "
        "print(*{'numpy', 'asyncio', 'rvshell', 'click', 'av'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


_ARGUMENT = st.one_of(
    st.sampled_from([option.spelling for option in OPTIONS]),
    st.sampled_from(["[", "]", "a.exr", "-5", "+in", "1/2", "x=y", "--", "-", ""]),
    st.text(max_size=6),
)


@given(st.lists(_ARGUMENT, max_size=12))
@settings(max_examples=300, deadline=None)
def test_any_words_give_options_or_one_line(argv: list[str]) -> None:
    try:
        options = parse(argv)
    except OptionError as error:
        assert "\n" not in str(error)
    else:
        assert options.inputs.count("[") <= options.inputs.count("]") + argv.count("--") * len(argv)


def test_words_of_exports_alone() -> None:
    """`--frames 1-3` without `--export` plays everything: that is said."""
    assert words("a.exr --frames 1-3 --codec piz").warnings == (
        "--frames, --codec: of use with --export only",
    )
    assert words("a.exr --frames 1-3 --export o.#.png").warnings == ()


def test_help_by_its_short_name() -> None:
    assert words("-h").show == "help"


@pytest.mark.parametrize(("typed", "wanted"), [
    ("--disp", "--display"),
    ("-fullsc", "-fullscreen"),
    ("--fullsc", "--fullscreen"),
    ("--display w", "web window"),
    ("--display window,w", "window,web window,window"),
    ("a.exr --stereo an", "anaglyph"),
    ("-autoRetime", "-autoRetime"),
    ("-autoRetime ", "0 1"),
    ("a.e", ""),
])  # fmt: skip
def test_completion(typed: str, wanted: str) -> None:
    assert completions(typed.split(" ")) == wanted.split()
