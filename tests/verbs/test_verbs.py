"""Every verb against a real player, and what is declared about them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from rvshell.errors import UsageError
from rvshell.script import flow
from rvshell.verbs import registry as registry_module
from rvshell.verbs.muvalue import parse_value, quote
from rvshell.verbs.output import cells, cut, escape, plain, render, shell_quote, to_json
from rvshell.verbs.registry import REGISTRY, SCOPES, home_of, load
from rvshell.verbs.remote import Remote
from rvshell.verbs.signature import nearest, parse_signature
from rvshell.verbs.state import STATE
from rvshell.verbs.target import Target, parse_target
from tests.shell.harness import BARS
from tests.shell.running import Batch


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "grey 50%.exr"
    image = oiio.ImageBuf(np.full((4, 6, 3), 0.5, np.float32))
    assert image.write(str(path), "half")
    return path


# -- playback ------------------------------------------------------------------------


def test_transport(batch: Batch) -> None:
    assert batch.out("frame 10; frame") == "10\n"
    assert batch.out("step; step 5; back; back 2") == "11\n16\n15\n13\n"
    assert batch.out("step -3") == "10\n"
    assert batch.out("first; frame; last; frame") == "1\n100\n"
    assert batch.out("in 5; out 50; range") == "start\t1\nend\t100\nin\t5\nout\t50\n"
    assert batch.out("frame 9; in here; in; in reset; in") == "9\n1\n"
    assert batch.out("frame 60; out here; out; out reset; out") == "60\n100\n"
    assert batch.out("play; expect playing; toggle; expect not playing; toggle; stop") == ""
    assert batch.out("pause; next; prev; frame 1") != ""


def test_modes(batch: Batch) -> None:
    for verb, values in (
        ("mode", ("once", "pingpong", "loop")),
        ("cache", ("off", "greedy", "buffer")),
        ("realtime", ("off", "on")),
        ("fullscreen", ("on", "off")),
    ):
        for value in values:
            shown = {"on": "true", "off": "false"}.get(value, value) if verb != "cache" else value
            assert batch.out(f"{verb} {value}; {verb}") == f"{shown}\n"
    assert batch.out("fullscreen toggle; fullscreen; fullscreen off") == "true\n"
    assert batch.out("fps 23.976; fps; fps 24; inc -1; inc; inc 1") == "23.976\n-1\n"


def test_marks(batch: Batch) -> None:
    assert batch.out("mark 10; mark 20; frame 30; mark; marks") == "10\n20\n30\n"
    assert batch.out("unmark; unmark 10; marks; unmark 20; marks") == "20\n"


# -- media ---------------------------------------------------------------------------


def test_adding_media(batch: Batch, picture: Path, tmp_path: Path) -> None:
    assert batch.out(f"clear; add '{picture}'; sources") == f"{picture}\n"
    rows = json.loads(batch.out("sources --long", form="json"))
    assert rows[0]["width"] == 6 and rows[0]["height"] == 4 and rows[0]["media"] == str(picture)
    assert batch.out(f"clear; add [ '{picture}' -in 1 ] {BARS}; sources").splitlines() == [
        str(picture), BARS,
    ]  # fmt: skip
    ran = batch.run("clear; add /no/such.exr")
    assert ran.status == 1 and "no such file: /no/such.exr" in ran.err
    ran = batch.run(f"add {tmp_path}/*.nothing")
    assert ran.status in (0, 1) and "Traceback" not in ran.err


def test_adding_waits_until_all_of_it_is_loaded(batch: Batch) -> None:
    many = " ".join(f"solid,red=0.{n},start=1,end=2.movieproc" for n in range(10, 70))
    assert len(batch.out(f"clear; add {many}; sources").splitlines()) == 60


def test_snapshot_and_save(batch: Batch, tmp_path: Path) -> None:
    path = tmp_path / "a b.png"
    assert batch.out(f"snapshot '{path}'") == f"{path}\n"
    assert path.read_bytes().startswith(b"\x89PNG")
    ran = batch.run("snapshot /no/such/dir/x.png")
    assert ran.status == 1 and "no such directory" in ran.err
    session = tmp_path / "review.rv"
    batch.out(f"save {session}")
    assert session.read_text().startswith("GTOa")
    ran = batch.run(f"save {session.parent}")
    assert ran.status == 1 and "was not written" in ran.err and "it is a directory" in ran.err
    ran = batch.run("save /no/such/dir/x.rv")
    assert ran.status == 1 and "save: no such directory: /no/such/dir" in ran.err
    batch.out("reload")


# -- nodes and properties ------------------------------------------------------------


def test_nodes_and_views(batch: Batch) -> None:
    assert "sourceGroup000000" in batch.out("nodes").split()
    assert batch.out("nodes RVSourceGroup") == "sourceGroup000000\n"
    assert "defaultStack\tRVStackGroup" in batch.out("nodes --types")
    assert batch.out("view defaultStack; view; view defaultSequence") == "defaultStack\n"
    ran = batch.run("view defaultStak")
    assert ran.status == 1 and "did you mean defaultStack?" in ran.err
    found = json.loads(batch.out("connections defaultSequence", form="json"))
    assert found["inputs"] == ["sourceGroup000000"]


def test_properties_of_every_type(batch: Batch) -> None:
    out = batch.out(
        "set '#RVColor.color.exposure' 1 0.5 -2; get '#RVColor.color.exposure';"
        "set '#RVColor.color.invert' on; get '#RVColor.color.invert';"
        "set defaultSequence.ui.name 'my \"view\"'; get defaultSequence.ui.name;"
        "set '#RVColor.color.exposure' 1e-7 0 0; set '#RVColor.color.exposure' 0 0 0;"
        "set '#RVColor.color.invert' 0"
    )
    assert out == '1.0\n0.5\n-2.0\n1\nmy "view"\n'
    rows = {r["property"]: r for r in json.loads(batch.out("props '#RVColor'", form="json"))}
    assert any(p.endswith("color.exposure") for p in rows)
    assert batch.run("set '#RVColor.color.exposure' bright").status == 2
    ran = batch.run("get '#RVColor.color.exposur'")
    assert ran.status == 6 and "no property" in ran.err
    assert "did you mean #RVColor.color.exposure?" in ran.err
    assert "nodes lists" in batch.run("get nonode.a.b").err


# -- code, events, links -------------------------------------------------------------


def test_code(batch: Batch) -> None:
    assert batch.out('mu "a" + "b"') == '"ab"\n'
    assert batch.out('mu "a" + "b"', form="json") == '"ab"\n'
    assert batch.out("py '+'.join(['1', '2'])") == "1+2\n"
    assert "(statements are run by pyexec CODE)" in batch.run("py x = 1").err
    assert "pyexec" not in batch.run("py x +").err
    assert batch.out("pyexec rv.commands.setFrame(7)\nframe") == "7\n"
    assert batch.out("event nobody-listens text --reply") == ""
    assert batch.out("event some-event 'a b'") == ""
    assert batch.run("event 'bad name' x").status == 2


def test_state_names_all_read(batch: Batch) -> None:
    for name in STATE:
        ran = batch.run(f"echo ${name}")
        assert ran.status == 0, (name, ran.err)
    found = json.loads(batch.out("status", form="json"))
    assert found["frame"] == 1 and found["mode"] == "loop" and found["sources"] == 1


def test_connecting(batch: Batch) -> None:
    target = batch.remote.target
    assert batch.run(f"disconnect; connect {target}").err == f"connected to {target}\n"
    assert "batch@" in batch.out("peers")
    ran = batch.run("connect 127.0.0.1:1")
    assert ran.status == 3 and "refused" in ran.err
    batch.remote.connect(target)


# -- what is declared ----------------------------------------------------------------


def everything() -> list[registry_module.Verb]:
    load()
    flow.install()
    return list(REGISTRY)


@pytest.mark.parametrize("verb", everything(), ids=lambda v: v.name)
def test_declarations(verb: registry_module.Verb) -> None:
    assert verb.scope in SCOPES and verb.help.endswith((".", ")")) and len(verb.summary) < 120
    signature = parse_signature(verb.text, verb.kinds)
    names = [p.key for p in signature.params] + [o.key for o in signature.options]
    assert len(names) == len(set(names))
    code = verb.func.__code__
    accepted = set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
    extra = {"condition", "has_condition"} if verb.tail == "expr" else set()
    keywords = bool(code.co_flags & 0x08)  # **options, for names that Python keeps to itself
    assert accepted == {"ctx", *names, *extra} or (keywords and "ctx" in accepted), verb.text


def test_the_index_of_quick_verbs_is_right() -> None:
    for verb in everything():
        for name in (verb.name, *verb.aliases):
            home = home_of(name)
            assert home is None or verb.func.__module__ == f"rvshell.verbs.{home}", name


def test_help_of_everything(batch: Batch) -> None:
    for verb in everything():
        text = batch.out(f"help {verb.name}")
        assert text.startswith(f"usage: {verb.name}") and "example: " in text and "status: " in text
    overview = batch.out("help")
    for verb in everything():
        assert re.search(rf"^  {re.escape(verb.name)}\b", overview, re.M), verb
    assert "Python: rv.commands.setFrame" in batch.out("help setFrame")
    assert "extra_commands.stepForward" in batch.out("help extra_commands.stepForward")
    assert "7    an expectation" in batch.out("help statuses")
    assert "snapshot FILE" in batch.out("? picture file")
    assert "snapshot FILE" in batch.out("? exports")
    assert "on [EVENT]" in batch.out("? events")
    ran = batch.run("help xyzzy")
    assert ran.status == 1 and "nothing about 'xyzzy'" in ran.err
    assert batch.out("frame --help") == batch.out("help frame")
    assert batch.out("help --markdown").count("| `frame [FRAME]`") == 1


# -- reading and writing values ------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("void", None),
        ("nil", None),
        ("24", 24),
        ("24.0", 24.0),
        ("-1.5e-07", -1.5e-07),
        ("true", True),
        ('"a \\"b\\" c\\n"', 'a "b" c\n'),
        ("int[] {1, 2}", [1, 2]),
        ('string[] {"a", "b"}', ["a", "b"]),
        ('(1, "a", nil)', (1, "a", None)),
        ("[1, 2]", [1, 2]),
        ("<1, 2.5>", [1, 2.5]),
        ("float[2,2] {1.0, 0.0, 0.0, 1.0}", [1.0, 0.0, 0.0, 1.0]),
        ("(string,int)[] {}", []),
        ("some text", "some text"),
        ("", None),
        ("(1, ", "(1, "),
    ],
)
def test_mu_values(text: str, value: object) -> None:
    assert parse_value(text) == value


def test_texts_in_mu_and_in_lines() -> None:
    assert quote('a"b\\c\n') == '"a\\"b\\\\c\\n"'
    assert shell_quote("a b") == "'a b'" and shell_quote("it's") == "'it'\\''s'"
    assert shell_quote("") == "''" and shell_quote("a/b.exr") == "a/b.exr"


def test_output_forms() -> None:
    rows = [{"a": 1, "b": "x\ty"}, {"a": 2.5}]
    assert plain(rows) == "a\tb\n1\tx\\ty\n2.5\t"
    assert plain(rows, terminal=True) == "a    b\n1    x\\ty\n2.5"
    assert plain({"a": True, "b": None}) == "a\ttrue\nb\t"
    assert to_json([float("nan"), 1]) == "[null, 1]"
    assert to_json([1, 2], lines=True) == "1\n2"
    assert escape("a\x1b[2J\x9b\u202eb\n") == "a\\x1b[2J\\x9b\\u202eb\n"


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("host", Target("host", 45124)),
        ("host:1", Target("host", 1)),
        (":1", Target("127.0.0.1", 1)),
        ("45200", Target("127.0.0.1", 45200)),
        ("[::1]:5", Target("::1", 5)),
        ("fe80::1", Target("fe80::1", 45124)),
    ],
)
def test_addresses(text: str, target: Target) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize("text", ["host:", "host:x", "host:0", "host:70000", "[::1", "[::1]x"])
def test_bad_addresses(text: str) -> None:
    with pytest.raises(UsageError):
        parse_target(text)


def test_nearest() -> None:
    assert nearest("ply", ["play", "stop"]) == "play" and nearest("qqq", ["play"]) == ""


def test_signatures_bind() -> None:
    found = parse_signature("x IMAGE… [N] [--size WxH] [--flag] [-n COUNT]")
    assert found.bind(["a", "b", "--size", "4x5", "--flag", "-n", "3"]) == {
        "image": ["a", "b"], "size": (4, 5), "flag": True, "n": 3,
    }  # fmt: skip
    assert found.bind(["--size=4", "--", "-x"])["image"] == ["-x"]
    for words in ([], ["a", "--size", "0x1"], ["a", "--flag=1"], ["a", "-n"], ["a", "-n", "x"]):
        with pytest.raises(UsageError) as caught:
            found.bind(words)
        assert "usage: x IMAGE" in caught.value.hint


def test_asking_a_dead_connection_says_so() -> None:
    remote = Remote(Target("127.0.0.1", 1), timeout=2.0)
    with pytest.raises(ConnectionError):
        remote.mu("frame()")
    assert not remote.connected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("setFram(3)", "Mu: unknown exception (did you mean setFrame?)"),
        ("commands.playy()", "Mu: syntax error (did you mean play?)"),
        ('getFloatProperty("a")', "Mu: unknown exception (getFloatProperty(string propertyName"),
        ("toggleWipe()", "Mu: unknown exception (it is rvui.toggleWipe)"),
        ("frame() + scale()", "Mu: unknown exception (it is extra_commands.scale)"),
        ("qqzzy()", "Mu: unknown exception (no such name, or no function with these arguments)"),
    ],
)
def test_what_rv_calls_an_unknown_exception_is_explained(
    batch: Batch, text: str, said: str
) -> None:
    ran = batch.run(text)
    assert ran.status == 6
    assert said in ran.err


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("frame 10 20", 10), ("frame ten", 7), ("mode lop", 6), ("push --tles 3x3 a.exr", 6),
        ("echo a; step -x", 14),
    ],
)  # fmt: skip
def test_the_caret_is_under_the_word_that_is_wrong(batch: Batch, text: str, column: int) -> None:
    ran = batch.run(text)
    assert ran.status == 2
    assert ran.err.splitlines()[-1] == " " * (column - 1) + "^"


def test_tables_are_aligned_in_the_cells_of_a_terminal() -> None:
    assert [cells(t) for t in ("abc", "日本", "e\u0301", "👍", "")] == [3, 4, 1, 2, 0]
    assert cut("日本語", 5) == "日本…" and cut("日本", 4) == "日本" and cut("abc", 2) == "a…"
    rows = [{"media": "日本語.exr", "end": 19}, {"media": "plate.exr", "end": 20}]
    assert render(rows, terminal=True).splitlines() == [
        "media       end",
        "日本語.exr  19",
        "plate.exr   20",
    ]
