"""The line protocol and the single keys: what a device or another program speaks."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rvshell.verbs.keys import BINDINGS, Keys
from tests.shell.harness import PlayerProcess, Terminal, environment, rvshell
from tests.waiting import DEADLINE


class Device:
    """A program at the other end of `rvshell --lines`."""

    def __init__(self, address: str, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rvshell", "-t", address, "--lines"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env=environment(home),
        )  # fmt: skip

    def read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        found = json.loads(self.process.stdout.readline())
        assert isinstance(found, dict)
        return found

    def ask(self, line: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.read()

    def close(self) -> tuple[int, str]:
        _, err = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, err


@pytest.fixture
def device(bars: PlayerProcess, home: Path) -> Iterator[Device]:
    made = Device(bars.address, home)
    yield made
    if made.process.poll() is None:
        made.process.kill()
    made.process.wait()
    for stream in (made.process.stdin, made.process.stdout, made.process.stderr):
        if stream is not None:
            with contextlib.suppress(BrokenPipeError):
                stream.close()


def test_each_line_is_answered_by_one_line(device: Device) -> None:
    assert device.ask("frame 10") == {"n": 1, "ok": True}
    assert device.ask("frame") == {"n": 2, "ok": True, "value": 10}
    assert device.ask('["frame", 12]') == {"n": 3, "ok": True}
    assert device.ask("frame() + 0.5") == {"n": 4, "ok": True, "value": 12.5}
    assert device.ask("status")["value"]["end"] == 100
    assert device.ask("echo one; echo two")["value"] in ("two", "one\ntwo")
    assert device.ask('["echo", "a;b $c \'d"]')["value"] == "a;b $c 'd"
    status, err = device.close()
    assert (status, err) == (0, "")


@pytest.mark.parametrize(
    ("line", "status"),
    [("frame ten", 2), ("ply", 2), ("view nonode", 1), ("nope()", 6), ("expect frame == 99", 7),
     ("wait frame > 500 --timeout 0.01", 5), ("repeat 2 {", 2), ('["frame", [1]]', 2), ("a\0b", 2)],
)  # fmt: skip
def test_what_is_wrong_ends_nothing(device: Device, line: str, status: int) -> None:
    answer = device.ask(line)
    assert (answer["ok"], answer["status"]) == (False, status) and answer["error"]
    assert device.ask("frame 3")["ok"] and device.ask("frame")["value"] == 3
    assert device.close()[0] == status  # a CI job reads this, not the JSON


@pytest.mark.parametrize(("last", "status"), [("nope()", 2), ("quit", 2), ("quit 9", 9)])
def test_the_exit_status_is_that_of_the_first_failure(
    device: Device, last: str, status: int
) -> None:
    assert device.ask("frame 3")["ok"] and device.ask("frame ten")["status"] == 2
    device.ask(last)
    assert device.close()[0] == status


def test_events_come_by_themselves(device: Device, bars: PlayerProcess, home: Path) -> None:
    assert device.ask("on play-start") == {"n": 1, "ok": True}
    assert rvshell(bars.address, "play", home=home).returncode == 0
    assert device.read() == {"event": "play-start", "contents": ""}
    assert device.ask("stop") == {"n": 2, "ok": True}


def test_events_that_nobody_asked_for_are_not_kept(
    device: Device, bars: PlayerProcess, home: Path
) -> None:
    """They would be more and more, and be told when the first `on` is said."""
    assert device.ask("frame")["ok"]
    code = 'remoteSendEvent("foo", "*", "x", remoteConnections())'
    assert rvshell(bars.address, "mu", code, home=home).returncode == 0
    assert device.ask("frame")["ok"]  # what came is in front of the answer
    assert device.ask("on play-start")["ok"]
    assert rvshell(bars.address, "play", home=home).returncode == 0
    assert device.read() == {"event": "play-start", "contents": ""}
    assert device.ask("stop")["ok"]


def test_comments_are_not_answered_and_quit_ends(device: Device) -> None:
    assert device.ask("# note\n\n  \nframe")["n"] == 1
    assert device.ask("quit") == {"n": 2, "ok": True}
    assert device.close()[0] == 0


def test_a_line_without_end_is_refused(device: Device) -> None:
    assert device.process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        device.process.stdin.write("x" * 1_200_000)
        device.process.stdin.flush()
    assert device.read()["error"] == "line too long"
    assert device.close()[0] == 2


# -- single keys ---------------------------------------------------------------------


def test_characters_from_a_pipe_are_keys(bars: PlayerProcess, home: Path) -> None:
    done = rvshell("-t", bars.address, "keys", home=home, stdin="..\x1b[A,i>mz\x00q..")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = rvshell("-t", bars.address, "-c", "frame; in; marks; in reset; unmark 100", home=home)
    assert done.stdout.split() == ["100", "12", "100"]


def test_keys_on_a_terminal(bars: PlayerProcess, home: Path) -> None:
    shell = Terminal.rvshell("-t", bars.address, "keys", home=home)
    try:
        shell.until("stopped 1 of 1-100 at 24 fps")
        shell.send(".")
        shell.until("stopped 2 of")
        shell.key("right")
        shell.until("stopped 3 of")
        shell.send("\x1b[A")
        shell.until("stopped 13 of")
        shell.send(" ")
        shell.until("playing")
        shell.send("k")
        shell.until("stopped")
        shell.send("q")
        assert shell.ended() == 0
    finally:
        shell.close()


def test_escape_sequences_may_come_in_pieces() -> None:
    keys = Keys()
    assert keys.feed("a\x1b") == ["a"]
    assert keys.feed("[") == []
    assert keys.feed("C.") == ["right", "right"]
    assert keys.feed("\x1bOH") == ["home"] and keys.feed("\x1b[Z") == ["[", "Z"]


def test_every_key_does_what_it_says(bars: PlayerProcess, home: Path) -> None:
    text = "".join(f"mu '{code}'\n" for code, _ in BINDINGS.values()) + "stop\n"
    done = rvshell("-t", bars.address, home=home, stdin=text)
    assert done.returncode == 0, done.stderr
    listed = json.loads(rvshell("keys", "--list", "--json", home=home).stdout)
    assert listed["space"] == "play or stop" and len(listed) == len(BINDINGS)
