"""rvshell as somebody on another machine has it: allowed in, but not to run code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rvshell.client import Client
from tests.shell.harness import BARS, PlayerProcess, Terminal, rvshell
from tests.waiting import until


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlayerProcess]:
    """A player that takes its own user's programs for somebody else's, and lets them in with
    what an allowed contact of another machine gets."""
    running = PlayerProcess(
        tmp_path_factory.mktemp("guarded"), "--ask-local", "-networkPerm", "1", BARS
    )
    yield running
    running.close()


def test_verbs_need_no_more_than_they_must(guarded: PlayerProcess, home: Path) -> None:
    text = (
        "frame 20; frame; mark 5; marks; sources; sources --long --json; nodes RVColor;"
        "nodes --types; props '#RVSequence'; get '#RVColor.color.exposure';"
        "set '#RVColor.color.exposure' 1 1 1; graph; graph --dot; timeline; probe 3 3;"
        "status; range; view defaultStack; view; toggle; stop; connections defaultStack"
    )
    done = rvshell(guarded.address, "-c", text, home=home)
    assert (done.returncode, done.stderr) == (0, "")
    assert "RVSequenceGroup" in done.stdout
    assert '"width": 720' in done.stdout


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("mu { int x = 3; x; }", "'x' in Mu needs the scope eval"),
        ("py 1 + 1", "event remote-pyeval needs the scope python"),
        ("snapshot /tmp/never.exr", "exportCurrentFrame needs the scope python"),
        ("network", "only the player's own user may"),
        ("on my-own-event echo x", "hearing my-own-event needs scope eval"),
    ],
)
def test_what_is_not_granted_is_said_with_its_own_status(
    guarded: PlayerProcess, home: Path, text: str, what: str
) -> None:
    done = rvshell(guarded.address, "-c", text, home=home)
    assert done.returncode == 4
    assert what in done.stderr
    assert len(done.stderr.splitlines()) <= 3


def test_who_may_look_gets_the_picture(guarded: PlayerProcess, home: Path) -> None:
    done = rvshell(guarded.address, "-c", "peek --size 20x5; histogram --json", home=home)
    assert (done.returncode, done.stderr) == (0, "")
    assert '"channel": "red"' in done.stdout
    done = rvshell(guarded.address, "snapshot", "now.png", home=home)
    assert (done.returncode, done.stdout) == (0, f"{home / 'now.png'}\n")
    assert "written on this machine" in done.stderr
    assert (home / "now.png").read_bytes().startswith(b"\x89PNG")


def test_who_may_look_hears_the_events_of_the_session(guarded: PlayerProcess, home: Path) -> None:
    text = "set heard=0; on mark-frame set heard=1; mark 7; wait $heard == 1; echo $event; unmark 7"
    done = rvshell(guarded.address, "-c", text, home=home)
    assert (done.returncode, done.stdout, done.stderr) == (0, "mark-frame\n", "")
    with Client.connect(port=guarded.port, name="ears") as client:
        heard: list[tuple[str, str]] = []
        client.on_event(lambda event: heard.append((event.name, event.contents)))
        question = '{"do": "hear", "on": ["frame-changed"]}'
        assert client.request("player-admin", question) == '{"ok": true}'
        client.eval_mu("markFrame(8, true)")
        client.eval_mu("markFrame(8, false)")
        client.eval_mu("setFrame(9)")
        until(lambda: bool(heard) or (client.process(0.1) and bool(heard)))
        assert heard == [("rvshell-event", "frame-changed\t")]


def test_a_misspelt_property_is_told_from_a_refused_one(guarded: PlayerProcess, home: Path) -> None:
    done = rvshell(guarded.address, "get", "#RVColor.color.exposur", home=home)
    assert done.returncode == 6
    assert "did you mean #RVColor.color.exposure?" in done.stderr


def test_pictures_are_pushed_and_pushed_again(guarded: PlayerProcess, home: Path) -> None:
    ppm = b"P6 4 2 255\n" + bytes(range(24))
    for name in ("one", "two"):
        (home / f"{name}.ppm").write_bytes(ppm)
    for words in (("one.ppm", "two.ppm"), ("one.ppm", "--frame", "7"), ("one.ppm",)):
        done = rvshell(guarded.address, "push", *words, home=home)
        assert (done.returncode, done.stderr) == (0, ""), words
    listed = rvshell(guarded.address, "sources", "--long", home=home).stdout.splitlines()
    nodes = [line.split("\t")[0] for line in listed if "ppm" in line]
    assert len(nodes) == 2
    assert rvshell(guarded.address, "get", f"{nodes[0]}.image.end", home=home).stdout == "7\n"
    (home / "one.ppm").write_bytes(b"P6 2 2 255\n" + bytes(range(12)))  # another size: made anew
    assert rvshell(guarded.address, "push", "one.ppm", home=home).returncode == 0
    listed = rvshell(guarded.address, "sources", "--long", home=home).stdout.splitlines()
    assert [line.split("\t")[5:7] for line in listed if "one.ppm" in line] == [["2", "2"]]


def test_the_prompt_shows_the_state_and_completes(guarded: PlayerProcess, home: Path) -> None:
    terminal = Terminal.rvshell(guarded.address, home=home, size=(160, 30))
    try:
        terminal.until(lambda t: "1–" in t.toolbar, "the toolbar")
        terminal.until(
            lambda t: "no eval, python" in t.toolbar and "player 0" in t.toolbar, "rights"
        )
        terminal.line("view sourceGroup000000; frame 33")
        terminal.until(lambda t: " 33" in t.toolbar, "the frame in the toolbar")
        terminal.send("view defaultL")
        terminal.until(lambda t: "defaultLayout" in t.text and "RVLayoutGroup" in t.text, "a menu")
        assert rvshell(guarded.address, "frame", "44", home=home).returncode == 0
        terminal.until(lambda t: "■ 44" in t.toolbar, "what another client did")
        terminal.line("\x15events filter ^fps")
        terminal.until(
            lambda t: "events filter" in t.text and t.text.rstrip().endswith("44/100>"),
            "the prompt after the line",
        )
        assert rvshell(guarded.address, "fps", "25", home=home).returncode == 0
        terminal.until("[fps-changed]", "an event above the prompt")
        terminal.send("\x15py 1")
        terminal.until("[python is not granted here] py CODE", "what will be refused")
    finally:
        terminal.close()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (
            '{"do": "watch", "event": "rvshell-state", "code": "frame()", "on": ["play-start"]}',
            "ok",
        ),
        (
            '{"do": "watch", "event": "remote-eval", "code": "frame()", "on": ["play-start"]}',
            "error",
        ),
        ('{"do": "watch", "event": "rvshell-x", "code": "1", "on": 3}', "error"),
        ('{"do": "watch"}', "error"),
        ('{"do": "hear", "on": []}', "true"),
        ('{"do": "hear", "on": ["remote-eval"]}', "permission denied: hearing remote-eval"),
        ('{"do": "hear", "on": 3}', "error"),
        ('{"do": "picture"}', "iVBOR"),
        ('{"do": "contacts"}', "permission denied"),
        ('{"do": "me"}', "view"),
    ],
)
def test_what_a_limited_contact_may_ask_the_player(
    guarded: PlayerProcess, question: str, answer: str
) -> None:
    with Client.connect(port=guarded.port, name="asker") as client:
        assert answer in client.request("player-admin", question)


def test_what_is_told_is_evaluated_with_the_rights_of_who_asked(guarded: PlayerProcess) -> None:
    told: list[str] = []
    with Client.connect(port=guarded.port, name="asker") as client:
        client.on_event(lambda event: told.append(event.contents))
        for code in ('system.system("true")', "frame()"):
            question = {"do": "watch", "event": "rvshell-state", "code": code, "on": ["mark-frame"]}
            client.request("player-admin", json.dumps(question))
            client.eval_mu("markFrame(9, true)")
            client.eval_mu("markFrame(9, false)")
        until(lambda: bool(told) or (client.process(0.1) and bool(told)))
    assert told[0].split("\t")[1] == "mark-frame"
    assert told[0].split("\t")[0].isdigit()
