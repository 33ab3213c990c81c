"""The pure parts of the prompt: completion, hints, signatures, colours, toolbar, history."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvshell.errors import ScriptError
from rvshell.script import flow
from rvshell.script.run import Runner
from rvshell.script.syntax import Incomplete
from rvshell.shell import mufront, ownverbs, reading
from rvshell.shell.board import Board
from rvshell.shell.completer import DirectoryCache
from rvshell.shell.engine import complete, sequences
from rvshell.shell.events import EventPrinter
from rvshell.shell.history import open_history, search
from rvshell.shell.lexers import mu_line, python_line, verb_line
from rvshell.shell.link import LONGEST_WAIT, Link, backoff
from rvshell.shell.refresh import Refresher, vocabulary
from rvshell.shell.signatures import describe, hint_of
from rvshell.shell.snapshot import Snapshot
from rvshell.shell.toolbar import prompt_text, short_prompt, status_line
from rvshell.shell.words import cut, width_of
from rvshell.verbs.context import Context, Options
from rvshell.verbs.redact import redact
from rvshell.verbs.registry import REGISTRY, load
from rvshell.verbs.remote import Remote
from rvshell.verbs.rvcommands import commands
from tests.waiting import until


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    load()
    flow.install()
    ownverbs.install()
    found = Snapshot(
        nodes={
            "defaultSequence": "RVSequenceGroup",
            "defaultStack": "RVStackGroup",
            "sourceGroup000000": "RVSourceGroup",
            "sourceGroup000000_colorPipeline_0": "RVColor",
        },
        commands=vocabulary(),
        events=("play-start", "frame-changed"),
    )
    found.media = ("/shots/beauty.exr", "bars.movieproc")
    found.marks = (1020,)
    found.frames = (1001, 1100, 1017)
    found.contacts = ("anna@host",)
    found.targets = {"studio-a": "wall:45124"}
    found.variables = ("shot",)
    found.functions = ("warm_up",)
    found.aliases = {"rw": "first; play"}
    found.set_properties(
        {
            "sourceGroup000000_colorPipeline_0.color.exposure": "RVColor",
            "sourceGroup000000_colorPipeline_0.color.gamma": "RVColor",
            "defaultSequence.ui.name": "RVSequenceGroup",
        }
    )
    return found


def files(folder: str) -> list[tuple[str, bool]]:
    return {".": [("a shot.exr", False), ("shots", True), (".hidden", False)],
            "shots/": [("x.exr", False)]}.get(folder, [])  # fmt: skip


def offered(snapshot: Snapshot, text: str, mode: str = "verbs") -> list[str]:
    return [i.text for i in complete(text, len(text), snapshot, files, mode).items]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fram", "frame"),
        ("play; fullsc", "fullscreen"),
        ("repeat 3 { ste", "step"),
        ("echo $(fra", "frame"),
        ("war", "warm_up"),
        ("rw", "rwx"),
        ("mode p", "pingpong"),
        ("in h", "here"),
        ("frame 10", "1017"),
        ("mark 102", "1020"),
        ("view default", "defaultStack"),
        ("nodes RVC", "RVColor"),
        ("props #RVCo", "#RVColor"),
        ("get #RVColor.color.exp", "#RVColor.color.exposure"),
        ("set exposure", "sourceGroup000000_colorPipeline_0.color.exposure"),
        ("add sho", "shots/"),
        ("add shots/", "shots/x.exr"),
        ("add a", "a shot.exr"),
        ("add bars", "bars.movieproc"),
        ("echo x > sho", "shots/"),
        ("source a", "a shot.exr"),
        ("!cat sho", "shots/"),
        ("status --", "--help"),
        ("sources --l", "--long"),
        ("event fr", "frame-changed"),
        ("connect stu", "studio-a"),
        ("help fulls", "fullscreen"),
        ("echo $sh", "$shot"),
        ("echo $fra", "$frame"),
        ("wait frame >= 10 and pla", "playing"),
        ("if pla", "playing"),
        ("setFr", "setFrame"),
        ("extra_commands.stepFor", "extra_commands.stepForward"),
        ("mu setFr", "setFrame"),
        ("py rv.commands.setFr", "rv.commands.setFrame"),
        ('getFloatProperty("#RVColor.color.ga', "#RVColor.color.gamma"),
        ('setViewNode("defaultSt', "defaultStack"),
        ("@all fullsc", "fullscreen"),
        ("fllscr", "fullscreen"),
        ("insPixBl", "insertCreatePixelBlock"),
    ],
)
def test_what_is_offered(snapshot: Snapshot, text: str, expected: str) -> None:
    if text == "rw":  # what is typed whole already is not offered again
        assert "rw" not in offered(snapshot, text)
    else:
        assert expected in offered(snapshot, text)


def test_in_the_other_modes(snapshot: Snapshot) -> None:
    assert "setFrame" in offered(snapshot, "setFra", "mu")
    assert "frame" in offered(snapshot, ":fram", "mu")
    assert "rv.commands.play" in offered(snapshot, "x = rv.commands.pla", "python")
    assert offered(snapshot, "play", "mu")[0] != "play" and "playMode" in offered(
        snapshot, "pla", "mu"
    )


def test_the_best_comes_first(snapshot: Snapshot) -> None:
    assert offered(snapshot, "fra")[0] == "frame"
    assert offered(snapshot, "view s")[0] == "sourceGroup000000"
    assert ".hidden" not in offered(snapshot, "add ") and ".hidden" in offered(snapshot, "add .h")


def test_properties_of_a_large_session_are_asked_for_when_looked_for() -> None:
    large = Snapshot(nodes={f"node{n}": "RVColor" for n in range(5000)})
    large.asked.add("node1")
    for text in ("get node7.col", "get node1.col", "get nothing.x", "get node8"):
        complete(text, len(text), large, files)
    assert large.wanted == {"node7"}
    large.add_properties({"node7.color.gamma": "RVColor"})
    assert [i.text for i in complete("get node7.col", 13, large, files).items] == [
        "node7.color.gamma"
    ]


def test_every_item_says_what_it_is(snapshot: Snapshot) -> None:
    for item in complete("", 0, snapshot, files).items:
        if item.kind == "verb":
            assert item.meta, item


def test_where_the_text_is_replaced(snapshot: Snapshot) -> None:
    answer = complete("frame 1; view defaultS", 22, snapshot, files)
    assert answer.start == 14
    assert complete('setViewNode("def', 16, snapshot, files).start == 13
    assert complete("add 'a sh", 9, snapshot, files).start == 5


def test_commands_of_the_far_end_replace_the_table() -> None:
    names = [f"{c.module}.{c.name}" for c in commands() if c.name != "setFrame"]
    found = vocabulary([*names, "commands.brandNew"])
    assert "setFrame" not in found and "brandNew" in found and "frame" in found


_TYPED = st.text(alphabet="afpe(){}[]'\"$;,.#@!>|: \\\n/1-", max_size=40) | st.text(max_size=20)


@given(_TYPED, st.sampled_from(["verbs", "mu", "python"]))
def test_any_typing_is_answered(text: str, mode: str) -> None:
    snapshot = Snapshot(nodes={"a": "B"}, commands={})
    for at in range(len(text) + 1):
        answer = complete(text, at, snapshot, files, mode)
        assert 0 <= answer.start <= at
        describe(text, at, snapshot, mode)
    hint_of(text, snapshot, mode)


@given(_TYPED)
def test_colours_keep_every_character(text: str) -> None:
    for line in text.split("\n"):
        for fragments in (
            verb_line(line, lambda n: n == "echo"),
            mu_line(line)[0],
            python_line(line),
        ):
            assert "".join(f[1] for f in fragments) == line


def test_sequences_are_offered_as_one(snapshot: Snapshot) -> None:
    names = [f"turn.{n:04}.exr" for n in (1, 2, 12)] + ["a1.png", "a2.png", "b_001.tif"]
    assert sequences(names) == ["turn.1-12#.exr", "a1-2@.png"]

    def listed(folder: str) -> list[tuple[str, bool]]:
        return [(name, False) for name in names]

    found = complete("add tu", 6, snapshot, listed).items
    assert [i.text for i in found][:2] == ["turn.1-12#.exr", "turn.0001.exr"]


# -- hints and signatures ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("frame", " [FRAME]"),
        ("cache ", "[off|buffer|greedy]"),
        ("set ", "PROPERTY [VALUE…]"),
        ("set x ", "[VALUE…]"),
        ("mode loop", ""),
        ("play", ""),
        ("mu ", "CODE"),
        ("wait ", "EXPR [--timeout SECONDS] [--event EVENT]"),
        ("frame()", ""),
    ],
)
def test_hints(snapshot: Snapshot, text: str, hint: str) -> None:
    assert hint_of(text, snapshot) == hint


@pytest.mark.parametrize(
    ("text", "before", "current"),
    [
        ("setFrame(", "setFrame(", "int frame"),
        ("frame ", "frame ", "[FRAME]"),
        ("get x", "get ", "PROPERTY"),
        ('getFloatProperty("a,b(", ', "getFloatProperty(string propertyName, ", "int start=0"),
        ("py rv.commands.setFrame(", "setFrame(", "int frame"),
        ("wait fr", "wait ", "EXPR"),
    ],
)
def test_signatures_mark_the_parameter(
    snapshot: Snapshot, text: str, before: str, current: str
) -> None:
    found = describe(text, len(text), snapshot)
    assert found is not None and (found.before, found.current) == (before, current)
    assert found.doc


# -- is it complete? -----------------------------------------------------------------


@pytest.fixture
def runner() -> Runner:
    return Runner(Context(Options(), Remote()))


@pytest.mark.parametrize(
    ("text", "mode", "kind"),
    [
        ("frame 1", "verbs", None),
        ("repeat 2 {", "verbs", Incomplete),
        ("(1 + ", "verbs", Incomplete),
        ("echo )", "verbs", ScriptError),
        ("f(1, [2, 3])", "mu", None),
        ("{ int x = 1;", "mu", Incomplete),
        ('"abc', "mu", Incomplete),
        ("/* x", "mu", Incomplete),
        ("f(])", "mu", ScriptError),
        ("// it's (\n1", "mu", None),
        ("frame() + 1", "verbs", None),
        ("setFrame(1); frame()", "verbs", ScriptError),  # RV runs nothing of it, and says nothing
        ("setFrame(1); frame();", "mu", None),
        ("echo a; f(1) +", "verbs", ScriptError),
        ("1 +", "mu", Incomplete),
        ("1 2", "mu", ScriptError),
        ("1 + 1", "python", None),
        ("for x in y:", "python", Incomplete),
        ("f(1,", "python", Incomplete),
        ("1 +* 2", "python", ScriptError),
        (":frame 1", "python", None),
        ("", "mu", None),
    ],
)
def test_is_it_complete(runner: Runner, text: str, mode: str, kind: type | None) -> None:
    found = reading.check(runner, text, mode)
    if kind is None:
        assert found is None
    else:
        assert isinstance(found, kind) and isinstance(found, Incomplete) == (kind is Incomplete)


def test_mu_is_pointed_at_before_it_is_sent(runner: Runner) -> None:
    found = reading.check(runner, "frame 1\nx + + 2 3", "verbs")
    assert found is not None and found.line == 2 and found.column > 1
    assert "Alt-Enter" in found.hint
    block, _ = reading.parsed(runner, "1 2", "mu", force=True)
    assert block.statements


def test_mu_in_colours_by_its_front_end() -> None:
    mufront.preload()
    until(lambda: mufront.coloured('x = "a\nb"; // c'), "the front end")
    lines = mufront.coloured('int x = 1; // c\nprint("a\\n");')
    assert lines is not None and len(lines) == 2
    assert "".join(p[1] for p in lines[0]) == "int x = 1; // c"
    assert ("class:type", "int") in lines[0] and ("class:comment", "// c") in lines[0]
    assert ("class:string", '"a\\n"') in lines[1]


# -- toolbar and prompt --------------------------------------------------------------


def board(**more: object) -> Board:
    made = Board()
    made.set(link="connected", target="wall:45124", peer="wall rv", media=("/a/beauty.exr", "b"))
    told = "1017\t1001\t1100\t1001\t1100\t1\t23.976\t0\t0\t0\t1\tdefaultStack\t0\tx\t"
    assert made.tell(told)
    made.set(**more)
    return made


@pytest.mark.parametrize("width", [1, 2, 5, 10, 20, 33, 60, 80, 120, 300])
def test_the_toolbar_fits_any_width(width: int) -> None:
    fragments = status_line(board(), width, mode="verbs", editing="emacs", multiline=True)
    text = "".join(f[1] for f in fragments)
    assert width_of(text) == width and "\n" not in text


def test_the_toolbar_has_everything_when_there_is_room() -> None:
    made = board(sync="2 peers", sending="12 tiles 80 MB/s", rtt=1.23)
    text = "".join(
        f[1] for f in status_line(made, 300, mode="mu", editing="vi-nav", multiline=True)
    )
    for piece in ("● wall:45124", "wall rv", "■ 1017", "1001–1100", "23.976 fps", "loop",
                  "defaultStack", "beauty.exr +1", "sync 2 peers", "12 tiles 80 MB/s", "1.2 ms",
                  "mu F2", "vi-nav F4", "multi-line F3"):  # fmt: skip
        assert piece in text
    plain = "".join(
        f[1]
        for f in status_line(made, 300, mode="verbs", editing="emacs", multiline=False, plain=True)
    )
    assert "* wall:45124" in plain and "|| 1017" in plain


def test_hostile_names_are_escaped_in_the_toolbar() -> None:
    made = board(media=("/x/\x1b[31mred\x07.exr",), peer="\x1b]0;x\x07 rv")
    made.update({"view": "a\x9bb"})
    text = "".join(
        f[1] for f in status_line(made, 300, mode="verbs", editing="emacs", multiline=False)
    )
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text)


@pytest.mark.parametrize(
    "text", ["", "x", "a\tb", "1\t2\t3\t4\t5\t6\tx\t8\t9\t0\t1\tv\t0", "\t" * 20, "9" * 99]
)
def test_what_is_no_state_is_left_alone(text: str) -> None:
    made = board()
    before = dict(made.values)
    assert made.tell(text) is False and made.values == before


def test_the_format_of_the_prompt() -> None:
    made = board()
    assert prompt_text("rv:%t[ %v][ %f/%e%s]%m> ", made, "verbs") == (
        "rv:wall:45124 defaultStack 1017/1100> "
    )
    assert prompt_text("%h %p %n %m 100%%", made, "python") == "wall 45124 wall py 100%"
    made.forget()
    made.set(target="wall:1")
    assert prompt_text("rv:%t[ %v][ %f/%e%s][ %m]> ", made, "mu") == "rv:wall:1 mu> "


def test_a_prompt_that_is_too_wide_loses_its_brackets() -> None:
    form, made = "rv:%t[ %v][ %f/%e%s][ %m]> ", board()
    widest = prompt_text(form, made, "mu")
    assert short_prompt(form, made, "mu", len(widest)) == widest
    assert short_prompt(form, made, "mu", len(widest) - 1) == "rv:wall:45124 1017/1100 mu> "
    assert short_prompt(form, made, "mu", 20) == "rv:wall:45124 mu> "
    assert short_prompt(form, made, "mu", 17) == "rv:wall:45124> "
    assert short_prompt(form, made, "mu", 14) == "mu> "
    assert short_prompt("no brackets> ", made, "verbs", 10) == "> "


def test_cutting() -> None:
    assert cut("abcdef", 4) == "abc…" and cut("abc", 3) == "abc" and cut("abc", 1) == ""
    assert cut("日本語", 5) == "日本…"


def test_reconnecting_waits_longer_and_longer() -> None:
    waits = [backoff(n, 1.0) for n in range(12)]
    assert waits[0] == 0.5 and waits == sorted(waits) and waits[-1] == LONGEST_WAIT
    assert all(0.75 * w <= backoff(n, 0.0) <= w for n, w in enumerate(waits))


def test_a_long_wait_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rvshell.shell.link.PATIENCE", 0.01)
    board, snapshot = Board(), Snapshot()
    link = Link("me", "app", 30.0, board, Refresher(board, snapshot))
    told = threading.Event()
    link.on_long = told.set

    async def long() -> int:
        while not told.is_set():
            await asyncio.sleep(0.005)
        return 7

    try:
        assert link.call(long()) == 7
    finally:
        link.shut()


# -- history and secrets -------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("connect --password hunter2 x", "connect --password *** x"),
        ("set token=abc", "set token=***"),
        ("API_KEY='a b' go", "API_KEY=*** go"),
        ("add https://me:pw@host/x.mov", "add https://me:***@host/x.mov"),
        ("frame 10", "frame 10"),
        ("echo tokens are fine", "echo tokens are fine"),
    ],
)
def test_secrets_are_taken_out(text: str, kept: str) -> None:
    assert redact(text) == kept


def test_history_file(tmp_path: Path) -> None:
    kept = open_history("wall:45124", tmp_path)
    list(kept.load_history_strings())
    for line in ("frame 1", "frame 1", " secret", "set token=x", "multi\nline"):
        kept.append_string(line)
    (path,) = tmp_path.iterdir()
    assert path.name == "history-wall"
    again = list(open_history("wall:45124", tmp_path).load_history_strings())
    assert "multi\nline" in again and "set token=***" in again and " secret" not in again
    unusable = open_history("other:1", path / "below a file")  # kept in memory then
    unusable.append_string("frame 2")
    assert unusable.get_strings() == ["frame 2"]


def test_a_long_history_file_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "history-local"
    path.write_text("".join(f"\n# {n}\n+frame {n:0100}\n" for n in range(30_000)))
    open_history("127.0.0.1:1", tmp_path)
    assert path.stat().st_size < 2_000_000 and "frame" in path.read_text()[-200:]


def test_finding_lines_by_parts_of_words() -> None:
    lines = ["frame 10", "add shot.exr", "view default", "add other.exr", "add shot.exr"]
    assert search(lines, "ad exr") == ["add shot.exr", "add other.exr"]
    assert search(lines, "vwdef") == ["view default"]  # letters alone, behind all that have words
    assert search(lines, "fm10") == ["frame 10"] and search(lines, "zz") == []


# -- events, files -------------------------------------------------------------------


def test_events_are_shown_at_a_bounded_rate() -> None:
    shown: list[str] = []
    now = [0.0]
    printer = EventPrinter(shown.append, lambda: now[0])
    printer.came("ignored", "")
    printer.on = True
    for n in range(1000):
        printer.came("burst", f"\x1b[31m{n}\nx")
    assert len(shown) == 10 and "\x1b" not in "".join(shown) and "\n" not in shown[0]
    now[0] = 1.5
    printer.came("later", "")
    assert shown[10:] == ["… 990 more events", "[later]"]


def test_directories_are_listed_once_for_a_while(tmp_path: Path) -> None:
    cache = DirectoryCache(keep=1000)
    (tmp_path / "one").mkdir()
    assert cache(str(tmp_path)) == [("one", True)]
    (tmp_path / "two").write_text("")
    assert cache(str(tmp_path)) == [("one", True)]
    assert cache("/no/such/folder") == [] and cache("\0") == []


def test_every_verb_can_be_completed_and_explained(snapshot: Snapshot) -> None:
    names = offered(snapshot, "")
    for verb in REGISTRY:
        assert verb.name in names
        assert verb.help and verb.example.startswith(verb.name), verb
        assert describe(f"{verb.name} ", len(verb.name) + 1, snapshot) is not None


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("kick ", "anna@host"),
        ("contacts set an", "anna@host"),
        ("contacts s", "set"),
        ("contacts set anna@host --scopes view,co", "view,control"),
        ("contacts set anna@host --permission ", "allow"),
        ("network st", "start"),
        ("config his", "history"),
        ("help promp", "prompt"),
        ("help setFra", "setFrame"),
        ("get #RVC", "#RVColor."),
        ("get #RVColor.ex", "#RVColor.color.exposure"),
    ],
)
def test_arguments_of_every_kind(snapshot: Snapshot, text: str, first: str) -> None:
    assert first in offered(snapshot, text)[:2]
