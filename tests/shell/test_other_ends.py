"""Far ends that are not our player: an RV that tells nothing, one that hangs, one that lies."""

from __future__ import annotations

import itertools
import re
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rvshell.protocol import Connection, Event, Greeting, Role, encode_return
from rvshell.verbs.registry import load
from tests.shell.harness import Terminal
from tests.shell.running import Batch

Answer = Callable[[str, str], str | None]


@contextmanager
def far_end(answer: Answer) -> Iterator[int]:
    """Greets as RV does and answers requests by *answer* (event, contents); its port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            connection = Connection(Role.PLAYER, "someone", now=0.0)
            try:
                while data := self.request.recv(65536):
                    connection.receive(data, now=0.0)
                    while (event := connection.next_event()) is not None:
                        if isinstance(event, Greeting):
                            self.request.sendall(connection.accept(now=0.0))
                        elif isinstance(event, Event) and event.wants_reply:
                            reply = answer(event.name, event.contents)
                            if reply is not None:
                                self.request.sendall(encode_return(reply))
                    if output := connection.take_output():
                        self.request.sendall(output)
            except OSError:
                return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


class Simple:
    """Knows frame, setFrame and the question for the state; nothing else, as a view-only door."""

    def __init__(self, view: str = "defaultSequence") -> None:
        self.frame = 1
        self.view = view

    def __call__(self, event: str, contents: str) -> str:
        if event == "remote-eval":
            if "%d\\t%d" in contents and "function:" not in contents:
                state = f"{self.frame}\t1\t50\t1\t50\t1\t24\t0\t0\t0\t1\t{self.view}\t0"
                return '"' + state.replace("\t", "\\t") + '"'
            if found := re.match(r"setFrame\((\d+)\)", contents):
                self.frame = int(found[1])
                return "void"
            if contents == "frame()":
                return str(self.frame)
        return f"ERROR: {event}: exception: \"permission denied\"\nERROR: {event}: '{contents}'\n"


@contextmanager
def prompt(port: int, home: Path) -> Iterator[Terminal]:
    shell = Terminal.rvshell(f"127.0.0.1:{port}", home=home, PAGER="")
    try:
        yield shell
    finally:
        shell.close()


def test_where_nothing_is_told_the_toolbar_looks_after_each_line(tmp_path: Path) -> None:
    with far_end(Simple()) as port, prompt(port, tmp_path) as shell:
        shell.until(lambda t: "■ 1 " in t.toolbar and "1–50" in t.toolbar)
        shell.line("frame 42")
        shell.until(lambda t: "■ 42 " in t.toolbar)
        shell.line("frame")
        shell.until("\n42\n")
        shell.line("status")
        shell.until("permission denied")
        shell.send("fullsc")  # the table of this package stands
        shell.until("Show, set or toggle full screen.")


def test_a_far_end_that_answers_nothing_leaves_the_prompt_usable(tmp_path: Path) -> None:
    with far_end(lambda event, contents: None) as port, prompt(port, tmp_path) as shell:
        shell.until(lambda t: "someone rv" in t.toolbar)
        shell.send("setFra")
        shell.until("Go to a frame, clamped")
        shell.key("ctrl-u")
        shell.line("echo still alive")
        shell.until("\nstill alive")


LIES = [
    "",
    "\x1b]0;owned\x07\x1b[2J",
    '"' + "\\t" * 40 + '"',
    "9" * 5000,
    "string[] {" + '"x", ' * 5000 + '"y"}',
    "(" * 3000,
    '"1\\tx\\ty"',
    "\u202ereversed",
]


@pytest.mark.parametrize("lie", LIES, ids=range(len(LIES)))
def test_no_verb_minds_a_lie(tmp_path: Path, lie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with far_end(lambda event, contents: lie) as port:
        batch = Batch(port)
        for verb in list(load()):
            if verb.scope in ("script", "shell") or verb.name in ("keys", "record", "replay"):
                continue
            ran = batch.run(verb.example.removesuffix(" --watch 0.5"), timeout=2.0)
            assert "Traceback" not in ran.err and len(ran.err.splitlines()) <= 3, (verb, ran.err)
        batch.close()


def test_ctrl_c_while_connecting_gives_a_prompt(tmp_path: Path) -> None:
    with socket.socket() as silent:  # accepts, and never greets: its user may be being asked
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with prompt(silent.getsockname()[1], tmp_path) as shell:
            connection, _ = silent.accept()
            with connection:
                assert connection.recv(100).startswith(b"NEWGREETING")
                shell.key("ctrl-c")
                shell.until("not connected")
                shell.line("echo here")
                shell.until("\nhere")
                # a key that comes before the prompt would be the line discipline's
                shell.until(lambda t: t.prompt.endswith("disconnected>"))
                shell.key("ctrl-d")
                assert shell.ended() == 0


def test_lies_break_nothing(tmp_path: Path) -> None:
    lies = itertools.cycle(LIES)
    with far_end(lambda event, contents: next(lies)) as port, prompt(port, tmp_path) as shell:
        shell.until(lambda t: "someone rv" in t.toolbar)
        for line in ("frame", "status", "sources", "nodes", "get a.b.c", "mu x", "graph"):
            for _ in range(4):
                shell.line(line)
        shell.line("echo survived")
        shell.until("\nsurvived")
        assert "Traceback" not in shell.text and "a mistake in rvshell" not in shell.text
        assert b"\x1b]0;owned" not in shell.raw and b"\x1b[2J" not in shell.raw
        assert "\u202e".encode() not in shell.raw


def test_a_hostile_view_name_in_prompt_and_toolbar(tmp_path: Path) -> None:
    with far_end(Simple("\x1b[31mred\x07")) as port, prompt(port, tmp_path) as shell:
        shell.until(lambda t: "\\x1b[31mred" in t.text)
        assert b"\x1b[31mred" not in shell.raw
