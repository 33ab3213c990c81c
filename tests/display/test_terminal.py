"""The terminal sink: what a terminal emulator and a real tmux pane make of its bytes."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from pathlib import Path

import numpy as np
import pyte
import pytest

from player.display.graphics import kitty, sixel
from player.display.halfblock import HalfBlocks
from player.display.terminal import TerminalSink, best_protocol
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


def test_the_terminal_is_restored() -> None:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 30, 0, 0))
    before = termios.tcgetattr(slave)
    sink = TerminalSink(slave, protocol="blocks", keys=slave, on_input=lambda e: None)
    assert sink.size() == (30, 20)
    assert termios.tcgetattr(slave)[3] != before[3]
    sink.close()
    sink.close()
    assert termios.tcgetattr(slave) == before
    text = os.read(master, 65536)
    assert text.startswith(b"\x1b[?1049h\x1b[?25l") and text.endswith(b"\x1b[?25h\x1b[?1049l")
    os.close(master)
    os.close(slave)


def test_keys_are_rv_events() -> None:
    master, slave = pty.openpty()
    names: list[str] = []
    sink = TerminalSink(
        slave, protocol="blocks", keys=slave, on_input=lambda e: names.append(e.name)
    )
    os.write(master, b" ")
    until(lambda: sink.poll() and names)
    os.write(master, b"\x1b[C")
    until(lambda: sink.poll() and len(names) >= 2)
    assert names == ["key-down--space", "key-down--right"]
    sink.close()
    os.close(master)
    os.close(slave)


def test_graphics_are_for_those_who_have_them() -> None:
    assert best_protocol({"TERM": "xterm-kitty"}) == "kitty"
    assert best_protocol({"TERM": "xterm-kitty", "TMUX": "/tmp/x"}) == "blocks"
    assert best_protocol({"TERM": "foot"}) == "sixel"
    assert best_protocol({"TERM": "xterm-256color"}) == "blocks"


def test_kitty_and_sixel_carry_the_picture() -> None:
    import base64
    import zlib

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
            lambda: (t := tmux("capture-pane", "-p", "-e")).count("▄") >= 400 and t, "the picture"
        )
        assert "200;30;40" in shown.replace(":", ";") and "10;120;220" in shown.replace(":", ";")
        assert "▄" * 40 in tmux("capture-pane", "-p")
        tmux("send-keys", "Enter")
        after = until(lambda: "restored" in (t := tmux("capture-pane", "-p")) and t, "the end")
        assert "▄" not in after
    finally:
        tmux("kill-server")
