"""rvpush: its grammar, its bytes on the wire, its exit codes, and whom it trusts."""

from __future__ import annotations

import contextlib
import io
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rvshell.rvpush import main
from rvshell.rvpush.texts import push_for, start_arguments


class FakeRv:
    """An RV as far as rvpush can tell: greets, remembers what it gets, answers requests."""

    def __init__(self, answer: bytes = b"12", *, hang_up: bool = False) -> None:
        self.answer = answer
        self.hang_up = hang_up
        self.received = b""
        self.finished = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        try:
            connection, _ = self.listener.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(10)
            connection.sendall(b"GREETING 8 rv-1 rv-")
            replied = False
            while True:
                try:
                    data = connection.recv(65536)
                except OSError:
                    break
                if not data:
                    break
                self.received += data
                if b"RETURNEVENT" in self.received and not replied:
                    replied = True
                    if self.hang_up:
                        break
                    text = b"RETURN " + self.answer
                    connection.sendall(b"MESSAGE %d %s" % (len(text), text))
                if b"DISCONNECT" in self.received:
                    break
        self.finished.set()

    def close(self) -> None:
        with contextlib.suppress(OSError):  # wakes a thread that still waits in accept()
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)


@pytest.fixture
def ports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A port directory of the test's own; nothing is started."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("RVPUSH_RV_EXECUTABLE_PATH", "none")
    directory = tmp_path / "tweak_rv_proc"
    directory.mkdir()
    return directory


@pytest.fixture
def rv() -> Iterator[FakeRv]:
    fake = FakeRv()
    yield fake
    fake.close()


def run(*words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    return main(words, out, err), out.getvalue(), err.getvalue()


def write_port(ports: Path, port: int, tag: str = "", pid: int | None = None) -> Path:
    path = ports / f"{pid or os.getpid()}_{tag}"
    path.write_text(f"{port}\n")
    return path


def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


# -- grammar ---------------------------------------------------------------------------


def test_events_of_the_commands() -> None:
    assert push_for("mu-eval", ["play();", "stop()"]).contents == "play(); stop() "
    assert push_for("mu-eval", ["x"]).event == "remote-eval"
    assert push_for("mu-eval-return", ["frame()"]).returns
    assert push_for("py-eval", ["1"]).event == "remote-pyeval"
    assert push_for("py-exec", ["x=1"]).event == "remote-pyexec"
    assert push_for("mu-eval", []).contents == ""


def test_set_and_merge_are_rvs_mu() -> None:
    assert push_for("merge", ["a", "b"], lambda path: False).contents == (
        '{ addSources(string[] {"a", "b"}, "rvpush", false, true); mainWindowWidget().raise(); }'
    )
    assert push_for("set", [], lambda path: False).contents == (
        '{ require rvui; rvui.clearEverything(); addSources(string[] {}, "rvpush", false, '
        "false); mainWindowWidget().raise(); }"
    )
    assert push_for("url", ["rvlink://", "a"]).contents == (
        '{ mainWindowWidget().raise(); sessionFromUrl("rvlink:// a"); }'
    )


def test_brackets_turn_options_and_paths_become_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.exr").touch()
    text = push_for("set", ["[", "a.exr", "-in", "-5", "]", "-in", "b#.exr"]).contents
    assert f'"[", "{tmp_path}/a.exr", "+in", "-5", "]", "-in", "b#.exr"' in text


def test_quotes_cannot_leave_the_string() -> None:
    text = push_for("set", ['a"}); system("x'], lambda path: False).contents
    assert '"a\\"}); system(\\"x"' in text


def test_arguments_of_a_started_player() -> None:
    assert start_arguments("set", ["[", "a", "-in", "1", "]"], "t") == (
        ["-networkTag", "t", "-network", "[", "a", "-in", "1", "]"]
    )
    assert start_arguments("mu-eval", ["play();", "x"], "") == ["-network", "-eval", "play(); x"]
    assert start_arguments("py-exec", ["x=1"], "") == ["-network", "-pyeval", "x=1"]
    assert start_arguments("url", ["rvlink://a"], "") == ["-network", "rvlink://a"]


# -- exit codes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ((), 1),
        (("-help",), 1),
        (("-tag",), 2),
        (("-tag", "x"), 1),
        (("frobnicate",), 3),
        (("mu-eval", "-tag", "x"), 11),
    ],
)
def test_exit_codes_without_a_player(ports: Path, words: tuple[str, ...], status: int) -> None:
    found, out, err = run(*words)
    assert (found, out) == (status, "")
    assert err


def test_nothing_found_says_so(ports: Path) -> None:
    assert run("mu-eval", "play()") == (11, "", "ERROR: cannot connect to any running RV\n")


def test_a_missing_executable_is_nothing_found(
    ports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RVPUSH_RV_EXECUTABLE_PATH", str(ports / "nope"))
    assert run("set", "a")[0] == 11


def test_starting_a_player(ports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    program = tmp_path / "rv"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {pipe}\n')
    program.chmod(0o755)
    monkeypatch.setenv("RVPUSH_RV_EXECUTABLE_PATH", str(program))
    status, _, err = run("-tag", "t", "set", "a.exr")
    assert status == 15
    assert "started" in err
    with open(pipe) as stream:  # opens when the program does
        assert stream.read().split() == ["-networkTag", "t", "-network", "a.exr"]


# -- on the wire -----------------------------------------------------------------------


def test_the_whole_exchange(ports: Path, rv: FakeRv) -> None:
    write_port(ports, rv.port)
    status, out, _ = run("mu-eval-return", "frame()")
    assert (status, out) == (0, "12\n")
    assert rv.finished.wait(10)
    name = f"rvpush-{os.getpid()} rvpush"
    greeting = f"NEWGREETING {len(name)} {name}"
    expected = (
        f"{greeting}PINGPONGCONTROL 1 0"
        "MESSAGE 34 RETURNEVENT remote-eval * frame() MESSAGE 10 DISCONNECT"
    )
    assert rv.received.decode() == expected


def test_an_event_without_answer(ports: Path, rv: FakeRv) -> None:
    write_port(ports, rv.port)
    assert run("py-exec", "x", "=", "1") == (0, "", "")
    assert rv.finished.wait(10)
    assert b"EVENT remote-pyexec * x = 1 " in rv.received
    assert rv.received.endswith(b"MESSAGE 10 DISCONNECT")


def test_losing_the_answer_is_told_and_not_repeated(ports: Path) -> None:
    first, second = FakeRv(hang_up=True), FakeRv()
    try:
        os.utime(write_port(ports, second.port, pid=os.getppid()), (1, 1))
        path = write_port(ports, first.port)
        status, out, err = run("mu-eval-return", "x()")
        assert (status, out) == (4, "")
        assert "connection to running RV failed" in err
        assert path.exists()
        assert second.received == b""
    finally:
        first.close()
        second.close()


# -- whom it trusts --------------------------------------------------------------------


def test_tags_do_not_mix(ports: Path, rv: FakeRv) -> None:
    write_port(ports, rv.port, "a_b")
    assert run("mu-eval", "x")[0] == 11
    assert run("-tag", "a", "mu-eval", "x")[0] == 11
    assert run("-tag", "a_b", "mu-eval-return", "x") == (0, "12\n", "")


def test_a_refused_port_is_skipped_and_its_file_removed(ports: Path, rv: FakeRv) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    os.utime(write_port(ports, rv.port, pid=os.getppid()), (1, 1))
    stale = write_port(ports, port)
    status, out, err = run("mu-eval-return", "frame()")
    assert (status, out) == (0, "12\n")
    assert "refused" in err
    assert not stale.exists()


def test_files_of_dead_processes_go_and_strange_ones_stay(ports: Path) -> None:
    dead = write_port(ports, 45124, pid=dead_pid())
    strange = ports / "notes.txt"
    strange.write_text("45124\n")
    link = ports / f"{dead_pid()}_link"
    target = ports.parent / "precious"
    target.write_text("keep\n")
    link.symlink_to(target)
    assert run("mu-eval", "x")[0] == 11
    assert not dead.exists()
    assert strange.exists() and link.is_symlink() and target.exists()
    assert stat.S_ISDIR(ports.stat().st_mode)
