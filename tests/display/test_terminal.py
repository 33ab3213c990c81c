"""The terminal sink: what a terminal emulator and a real tmux pane make of its bytes."""

from __future__ import annotations

import base64
import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from player.display.base import InputEvent, SinkLost
from player.display.capture import Capture
from player.display.graphics import kitty, sixel
from player.display.halfblock import HalfBlocks
from player.display.lastrow import cells as columns_of
from player.display.lastrow import fitted, last_row
from player.display.terminal import TerminalSink, best_protocol
from player.display.ttykeys import TtyInput
from rvshell.errors import LocalError
from tests.waiting import until

REPO = Path(__file__).resolve().parents[2]


def cells(screen: pyte.Screen) -> np.ndarray:
    """(2 · rows, columns, 3) colours of a screen of half blocks."""
    out = np.zeros((screen.lines * 2, screen.columns, 3), np.uint8)
    for y in range(screen.lines):
        for x in range(screen.columns):
            char = screen.buffer[y][x]
            if char.data == "▄":
                out[2 * y, x] = tuple(bytes.fromhex(char.bg))
                out[2 * y + 1, x] = tuple(bytes.fromhex(char.fg))
    return out


def test_every_pixel_reaches_the_screen_and_changes_are_small() -> None:
    screen = pyte.Screen(40, 12)
    stream = pyte.ByteStream(screen)
    blocks = HalfBlocks()
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 256, (24, 40, 4), np.uint8)
    first = blocks.encode(picture)
    stream.feed(first)
    np.testing.assert_array_equal(cells(screen), picture[..., :3])
    assert blocks.encode(picture) == b""
    for _ in range(20):
        picture = picture.copy()
        for _ in range(int(rng.integers(1, 12))):
            picture[rng.integers(24), rng.integers(40)] = rng.integers(0, 256, 4)
        change = blocks.encode(picture)
        assert len(change) < len(first) / 3
        stream.feed(change)
        np.testing.assert_array_equal(cells(screen), picture[..., :3])


class Terminal:
    """A pseudo terminal: what the sink writes is read by a thread, answers can be typed."""

    def __init__(self, rows: int = 10, columns: int = 30, answer: bytes = b"\x1b[?62;22c") -> None:
        self.master, self.slave = pty.openpty()
        size = struct.pack("HHHH", rows, columns, columns * 10, rows * 20)
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, size)
        self.text = b""
        self._answer = answer
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        answered = False
        while True:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            self.text += data
            if not answered and b"\x1b[c" in self.text:
                answered = True
                os.write(self.master, self._answer)

    def type(self, data: bytes) -> None:
        os.write(self.master, data)

    def close(self) -> None:
        os.close(self.slave)
        self._reader.join(10)  # it reads from a number that the next terminal would get
        with suppress(OSError):
            os.close(self.master)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    yield made
    made.close()


def test_the_terminal_is_restored(terminal: Terminal) -> None:
    slave = terminal.slave
    before = termios.tcgetattr(slave)
    sink = TerminalSink(slave, protocol="blocks", keys=slave, on_input=lambda e: None)
    assert sink.size() == (30, 18)  # the last row belongs to the line on what is shown
    assert termios.tcgetattr(slave)[3] != before[3]
    sink.close()
    sink.close()
    assert termios.tcgetattr(slave) == before
    until(lambda: terminal.text.endswith(b"\x1b[?25h\x1b[?1049l"), "the old screen")
    assert terminal.text.startswith(b"\x1b[?1049h\x1b[?25l")


@pytest.mark.parametrize(("typed", "names"), [
    (b" ", ["key-down-- "]),
    (b"\x1b[C", ["key-down--right"]),
    (b"\x1bOD", ["key-down--left"]),
    (b"\x1b[1;5C", ["key-down--control--right"]),
    (b"\x1b[1;4D", ["key-down--alt-shift--left"]),
    (b"\x1b[5~\x1b[15~\x1bOP", ["key-down--page-up", "key-down--f5", "key-down--f1"]),
    (b"R?[\r\t\x7f", ["key-down--R", "key-down--?", "key-down--[", "key-down--enter",
                       "key-down--tab", "key-down--backspace"]),
    (b"\x11", ["key-down--control--q"]),
    (b"\x1bn", ["key-down--alt--n"]),
    (b"\x1b", ["key-down--escape"]),
    ("é".encode(), ["key-down--é"]),
    (b"\x1b[<0;6;3M\x1b[<32;11;3M\x1b[<0;11;3m",
     ["pointer-1--push", "pointer-1--drag", "pointer-1--release"]),
    (b"\x1b[<64;1;1M\x1b[<81;1;1M", ["pointer--wheelup", "pointer--control--wheeldown"]),
])  # fmt: skip
def test_keys_and_mouse_are_rv_events(terminal: Terminal, typed: bytes, names: list[str]) -> None:
    events: list[InputEvent] = []
    slave = terminal.slave
    sink = TerminalSink(slave, protocol="blocks", keys=slave, on_input=events.append)
    terminal.type(typed)
    until(lambda: sink.poll() and len(events) >= len(names))
    assert [e.name for e in events] == names
    sink.close()


def test_the_mouse_is_in_picture_pixels(terminal: Terminal) -> None:
    events: list[InputEvent] = []
    slave = terminal.slave
    sink = TerminalSink(slave, protocol="blocks", keys=slave, on_input=events.append)
    terminal.type(b"\x1b[<0;6;3M")
    until(lambda: sink.poll() and events)
    # sixth column of thirty, third row of nine, two pixels a row, from the bottom
    assert (events[0].x, events[0].y) == (5.5, 18 - 2.5 * 2)
    assert (events[0].width, events[0].height, events[0].buttons) == (30, 18, 1)
    sink.close()


def test_sequences_may_come_in_pieces() -> None:
    typed = b"a\x1b[1;5C\x1b[<0;6;3M\xc3\xa9\x1b_Gi=1;OK\x1b\\\x1b[?62;4cZ"
    whole: list[str] = []
    for cut in range(1, len(typed)):
        whole.clear()
        keys = TtyInput(lambda e: whole.append(e.name), lambda: (30, 9, 30, 18))
        keys.feed(typed[:cut])
        keys.feed(typed[cut:])
        keys.flush()
        assert whole == ["key-down--a", "key-down--control--right", "pointer-1--push",
                         "key-down--é", "key-down--Z"], cut  # fmt: skip


@given(st.binary(max_size=200))
def test_no_bytes_upset_the_keys(data: bytes) -> None:
    keys = TtyInput(lambda e: None, lambda: (30, 9, 30, 18))
    keys.feed(data)
    keys.flush()


@pytest.mark.parametrize(("answer", "protocol"), [
    (b"\x1b_Gi=31;OK\x1b\\\x1b[?62;c", "kitty"),
    (b"\x1b[?62;4;6c", "sixel"),
    (b"\x1b[?1;2c", "blocks"),
])  # fmt: skip
def test_the_terminal_is_asked(
    answer: bytes, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TMUX", "TERM_PROGRAM", "KITTY_WINDOW_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    terminal = Terminal(answer=answer)
    slave = terminal.slave
    sink = TerminalSink(slave, keys=slave, on_input=lambda e: None)
    picture = np.zeros((*sink.size()[::-1], 4), np.uint8)
    sink.show(picture)
    mark = {"kitty": b"\x1b_Ga=T", "sixel": b"\x1bPq", "blocks": b"\xe2\x96\x84"}[protocol]
    until(lambda: mark in terminal.text, protocol)
    assert sink.poll()
    sink.close()
    terminal.close()


def test_a_local_kitty_reads_shared_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMUX", "SSH_CONNECTION", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)
    terminal = Terminal(answer=b"\x1b_Gi=31;OK\x1b\\\x1b_Gi=32;OK\x1b\\\x1b[?62;c")
    slave = terminal.slave
    sink = TerminalSink(slave, protocol="kitty", keys=slave, on_input=lambda e: None)
    width, height = sink.size()
    picture = np.random.default_rng(3).integers(0, 256, (height, width, 4), np.uint8)
    sink.show(picture)
    found = until(lambda: re.search(rb"\x1b_Ga=T,[^;]*t=s[^;]*;([^\x1b]+)", terminal.text))
    path = Path("/dev/shm") / base64.b64decode(found[1]).decode()
    assert path.read_bytes() == picture.tobytes()
    assert path.stat().st_mode & 0o077 == 0
    for _ in range(5):
        sink.show(picture)
    assert not path.exists()  # nobody read it, and it is removed all the same
    sink.close()
    assert not list(path.parent.glob(path.name.rsplit("-", 1)[0] + "-*"))
    terminal.close()


def test_lines_of_standard_error_stay_off_the_picture(tmp_path: Path) -> None:
    out = os.open(tmp_path / "log", os.O_RDWR | os.O_CREAT)
    capture = Capture(out)
    os.write(out, b"INFO: one\nWARN")
    os.write(out, b"ING: two\x1b[2J\nrest")
    until(lambda: "two" in capture.newest(60.0))
    assert capture.newest(60.0) == "WARNING: two [2J"
    assert capture.newest(-1.0) == ""  # it is news for a while only
    assert (tmp_path / "log").read_bytes() == b""
    capture.close()
    assert (tmp_path / "log").read_bytes() == b"INFO: one\nWARNING: two\x1b[2J\nrest\n"
    os.close(out)


def test_messages_stand_beside_what_is_shown() -> None:
    status, info, keys = "clip.mov  1 [1-96]", "INFO: listening on port 45124", "space plays"
    assert last_row(status, info, keys, 100) == f" {status}   {info}   {keys}"
    assert last_row(status, info, keys, 60) == f" {status}   {info}"
    assert last_row(status, info, keys, 45) == f" {status}   {info[:22]}…"
    assert last_row(status, info, keys, 40) == f" {info}"
    assert last_row(status, info.replace("INFO", "WARNING"), "", 45).count(status) == 0
    assert last_row(status, info, keys, 20) == f" {info[:18]}…"
    assert last_row(status, "", "", 100) == f" {status}"
    assert last_row("", "", "", 100) == " "
    bad = "ERROR: clip.mov: no such file"
    red = f"\x1b[0;91m{bad}\x1b[0;2m"
    assert last_row(status, bad, "", 100) == f" {status}   {red}"
    assert last_row(f"{status}  clip.mov: no such file", bad, "", 100) == f" {status}   {red}"
    assert last_row(f"{status}  no such file", bad, "", 100) == f" {status}   {red}"


@pytest.mark.parametrize(
    "name",
    ["空を飛ぶ夢の長い名前.mov", "e\u0301te\u0301 " * 9, "👩‍🚀 " * 12],
    ids=["wide", "combining", "joined"],
)
def test_words_take_no_more_columns_than_there_are(name: str) -> None:
    """A row that is too long would go on in the next one, and everything would move up."""
    for columns in range(4, 60):
        assert columns_of(last_row(name, "", "", columns)) <= columns
        assert columns_of(last_row("clip", f"INFO: {name}", name, columns)) <= columns
        assert columns_of(fitted(name, columns)) == columns
    assert last_row(name, "", "", 100) == f" {name}"


def test_a_pipe_is_no_screen() -> None:
    read, write = os.pipe()
    try:
        with pytest.raises(LocalError, match="no terminal"):
            TerminalSink(write)
    finally:
        os.close(read)
        os.close(write)


def test_a_closed_terminal_is_a_lost_screen() -> None:
    master, slave = pty.openpty()
    sink = TerminalSink(slave, protocol="blocks", keys=slave, on_input=lambda e: None)
    os.close(master)
    with pytest.raises(SinkLost):
        until(lambda: sink.poll() and sink.show(np.zeros((18, 30, 4), np.uint8)), "the loss")
    sink.close()
    os.close(slave)


def test_graphics_are_for_those_who_have_them() -> None:
    assert best_protocol({"TERM": "xterm-kitty"}) == "kitty"
    assert best_protocol({"TERM": "xterm-kitty", "TMUX": "/tmp/x"}) == "blocks"
    assert best_protocol({"TERM": "foot"}) == "sixel"
    assert best_protocol({"TERM": "linux"}) == "blocks"
    assert best_protocol({"TERM": "xterm-256color"}) == ""  # it will be asked


def test_kitty_and_sixel_carry_the_picture() -> None:
    picture = np.random.default_rng(2).integers(0, 256, (30, 40, 4), np.uint8)
    data = kitty(picture, 10, 5)
    payload = b"".join(re.findall(rb"\x1b_G[^;]*;([^\x1b]*)\x1b\\", data))
    rgb = np.frombuffer(zlib.decompress(base64.b64decode(payload)), np.uint8)
    np.testing.assert_array_equal(rgb.reshape(30, 40, 3), picture[..., :3])
    flat = np.zeros((12, 8, 4), np.uint8)
    flat[..., 0] = 255
    text = sixel(flat)
    assert text.startswith(b'\x1bPq"1;1;8;12') and text.endswith(b"\x1b\\")
    assert text.count(b"#180!8~") == 2  # two bands of eight full columns of pure red
    assert text.count(b"-") == 1  # and none behind them


@pytest.mark.parametrize("rows", [8, 24, 50, 51])
def test_a_sixel_picture_leaves_the_last_row_alone(rows: int) -> None:
    """A band that reaches into it makes the terminal scroll, with each picture."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 60, 60 * 6, rows * 13))
    sink = TerminalSink(slave, protocol="sixel")
    try:
        width, height = sink.size()
        assert (width, height % 6) == (360, 0) and 0 <= (rows - 1) * 13 - height < 6
    finally:
        sink.close()
        os.close(slave)
        os.close(master)


PROGRAM = """
import sys, numpy as np
from player.display.terminal import TerminalSink
sink = TerminalSink(protocol="blocks")
w, h = sink.size()
picture = np.zeros((h, w, 4), np.uint8)
picture[: h // 2] = (200, 30, 40, 255)
picture[h // 2 :] = (10, 120, 220, 255)
sink.show(picture)
sys.stdin.readline()
sink.close()
print("restored")
sys.stdin.readline()
"""


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_in_a_tmux_pane(tmp_path: Path) -> None:
    socket = str(tmp_path / "tmux")
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(REPO)}
    script = tmp_path / "show.py"
    script.write_text(PROGRAM)

    def tmux(*words: str) -> str:
        done = subprocess.run(
            ["tmux", "-u", "-S", socket, "-f", "/dev/null", *words], env=environment,
            capture_output=True, text=True, timeout=20,
        )  # fmt: skip
        return done.stdout

    tmux("new-session", "-d", "-x", "40", "-y", "10", f"{sys.executable} {script}")
    try:
        shown = until(
            lambda: (t := tmux("capture-pane", "-p", "-e")).count("▄") >= 360 and t, "the picture"
        )
        assert "200;30;40" in shown.replace(":", ";") and "10;120;220" in shown.replace(":", ";")
        assert "▄" * 40 in tmux("capture-pane", "-p")
        tmux("send-keys", "Enter")
        after = until(lambda: "restored" in (t := tmux("capture-pane", "-p")) and t, "the end")
        assert "▄" not in after
    finally:
        tmux("kill-server")
