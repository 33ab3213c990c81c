"""A whole player on its screens: real keys, a real mouse, and screens that go away."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import shutil
import signal
import struct
import subprocess
import sys
import termios
import threading
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest

from rvshell import Client
from tests.audio.making import tone, write_movie
from tests.players import REPO, Player, running_player
from tests.screens import HAVE_XVFB, VirtualScreen, virtual_screen
from tests.waiting import DEADLINE, until

needs_xvfb = pytest.mark.skipif(not HAVE_XVFB, reason="Xvfb is not installed")
needs_xdotool = pytest.mark.skipif(shutil.which("xdotool") is None, reason="no xdotool")
RED = "solid,red=1,green=0,blue=0,width=640,height=360,start=1,end=100.movieproc"


class Hand:
    """xdotool on the only window of a screen."""

    def __init__(self, screen: VirtualScreen) -> None:
        self._env = {**os.environ, **screen.env}
        self.window = until(lambda: self("search", "--class", ".*").split()[-1:], "the window")[0]
        self("windowfocus", self.window)

    def __call__(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env=self._env, capture_output=True, text=True, timeout=DEADLINE
        )
        return done.stdout

    def place(self) -> tuple[int, int, int, int]:
        """x, y, width, height of the window."""
        lines = dict(
            line.split("=") for line in self("getwindowgeometry", "--shell", self.window).split()
            if "=" in line
        )  # fmt: skip
        return int(lines["X"]), int(lines["Y"]), int(lines["WIDTH"]), int(lines["HEIGHT"])

    def drag(self, button: str, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Press, move and release at pixels of the window."""
        x, y, _, _ = self.place()
        self("mousemove", str(x + start[0]), str(y + start[1]))
        self("mousedown", button)
        self("mousemove", str(x + end[0]), str(y + end[1]))
        self("mouseup", button)


def red(screen: VirtualScreen) -> np.ndarray:
    shot = screen.shot().astype(int)
    mask: np.ndarray = (shot[..., 0] > 200) & (shot[..., 1] < 40) & (shot[..., 2] < 40)
    return mask


def box(mask: np.ndarray) -> tuple[int, int]:
    """(width, height) of what is set."""
    return int(mask.any(axis=0).sum()), int(mask.any(axis=1).sum())


@needs_xvfb
@needs_xdotool
def test_a_window_takes_the_picture_s_size_and_rvs_keys_and_mouse(tmp_path: Path) -> None:
    with (
        virtual_screen(tmp_path) as screen,
        running_player(RED, display="window", env=screen.env) as player,
    ):
        until(lambda: box(red(screen)) == (640, 360), "the window in the picture's size")
        hand = Hand(screen)
        # a key of every kind: a letter, a shifted sign, a named one, one with control
        hand("key", "r")
        player.until('getIntProperty("@RVDisplayColor.color.channelFlood")', "int[] {1}")
        hand("key", "c", "Right", "Right")
        player.until("frame()", "3")
        hand("key", "bracketleft", "Home", "backslash")
        player.until("inPoint()", "1")
        hand("key", "shift+i")
        player.until('getIntProperty("#RVColor.color.invert")', "int[] {1}")
        hand("key", "shift+i", "space")
        player.until("isPlaying()", "true")
        hand("key", "space", "Home")
        player.until("isPlaying()", "false")
        # the mouse: scrub, pan, exposure
        hand.drag("1", (100, 100), (420, 100))
        player.until("frame()", "51")  # 100 frames over 640 pixels
        hand.drag("2", (100, 100), (136, 100))
        player.until(
            'getFloatProperty("#RVDispTransform2D.transform.translate")', "float[] {0.1, 0.0}"
        )
        until(lambda: 600 <= box(red(screen))[0] <= 606, "the picture moved to the right")
        hand("key", "f")
        player.until(
            'getFloatProperty("#RVDispTransform2D.transform.translate")', "float[] {0.0, 0.0}"
        )
        hand("key", "e")
        hand.drag("1", (100, 100), (260, 100))
        player.until('getFloatProperty("#RVColor.color.exposure")', "float[] {1.0, 1.0, 1.0}")
        # another size of the window is another picture
        hand("windowsize", hand.window, "320", "360")
        until(lambda: box(red(screen)) == (320, 180), "the picture in the smaller window")
        player.until("viewSize()", "<320, 360>")
        player.mu("fullScreenMode(true)")
        player.until("isFullScreen()", "true")


@needs_xvfb
@needs_xdotool
def test_closing_the_window_ends_the_player(tmp_path: Path) -> None:
    with virtual_screen(tmp_path) as screen:
        player = Player(RED, display="window", env=screen.env)
        try:
            until(lambda: red(screen).any(), "the picture")
            hand = Hand(screen)
            hand("key", "ctrl+q")  # RV's; the close button is told in test_window
            assert player.process.wait(DEADLINE) == 0
        finally:
            player.stop()


@needs_xvfb
def test_an_x_server_that_goes_away_takes_only_the_window(tmp_path: Path) -> None:
    folder = tmp_path / "screen"
    folder.mkdir()
    png = tmp_path / "out.png"
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "800x600x24", "-nolisten", "tcp"],
        pass_fds=[write], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as pipe:
        env = {"DISPLAY": f":{pipe.readline().strip()}", "SDL_VIDEODRIVER": "x11"}
    with running_player(
        "-play", "--snapshot", str(png), RED, display="window,png", env=env
    ) as player:
        player.until("isPlaying()", "true")
        server.kill()
        server.wait(10)
        player.wait_for("the X server went away; the player goes on without it")
        # everything goes on: the clock, the other screen, the answers
        first = int(player.mu("frame()"))
        until(lambda: int(player.mu("frame()")) != first, "the next frame")
        player.mu('setIntProperty("@RVDisplayColor.color.channelFlood", int[] {2})')

        def dark() -> bool:
            pixels = oiio.ImageBuf(str(png)).get_pixels("uint8")
            return pixels is not None and pixels.size > 3 and not pixels.any()

        until(dark, "the green channel of red in the file")


class Terminal:
    """A pseudo terminal with a player on it."""

    def __init__(self, *arguments: str, rows: int = 12, columns: int = 60) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(slave)
        self.slave = os.dup(slave)
        self.text = b""
        env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "TMUX")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "player", "--port", "0", *arguments], cwd=REPO,
            stdin=slave, stdout=slave, stderr=slave, env={**env, "TERM": "linux"},
            start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with suppress(OSError):
            while data := os.read(self.master, 65536):
                self.text += data

    def type(self, data: bytes) -> None:
        os.write(self.master, data)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        with suppress(OSError):
            os.close(self.slave)
        self._reader.join(10)
        with suppress(OSError):
            os.close(self.master)


@pytest.fixture
def terminal() -> Any:
    made: list[Terminal] = []

    def start(*arguments: str, columns: int = 60) -> Terminal:
        made.append(Terminal(*arguments, columns=columns))
        return made[-1]

    yield start
    for one in made:
        one.close()


def test_log_lines_stay_off_the_picture_and_are_not_lost(terminal: Any) -> None:
    t = terminal("--display", "terminal", RED)
    until(lambda: b"listening on port" in t.text, "the log line")
    until(lambda: t.text.count("▄".encode()) >= 60 * 11, "the picture")
    # the line was written into the last row, nowhere else
    at = t.text.index(b"INFO: listening on port")
    row = t.text.rfind(b"\x1b[12;1H", 0, at)
    assert row >= 0 and b"\n" not in t.text[row:at]
    t.type(b"\x1b[C")
    until(lambda: b" 2 [1-100]" in t.text, "the next frame in the last row")
    t.type(b"G7")
    until(lambda: b"Go To Frame: 7" in t.text, "what is typed")
    t.type(b"\r")
    until(lambda: b" 7 [1-100]" in t.text, "the frame that was typed")
    t.type(b"\x11")  # control-q
    assert t.process.wait(DEADLINE) == 0
    until(lambda: b"\x1b[?1049l" in t.text, "the old screen")
    after = t.text.rpartition(b"\x1b[?1049l")[2]
    assert b"INFO: listening on port" in after  # where it belongs, once the picture is gone
    assert termios.tcgetattr(t.slave) == t.before


def test_a_missing_frame_is_told_until_it_is_there(tmp_path: Path, terminal: Any) -> None:
    for n in (1, 2, 4):
        picture = oiio.ImageBuf(oiio.ImageSpec(16, 8, 3, "uint8"))
        assert picture.write(str(tmp_path / f"s.{n:04d}.png"))
    port_file = tmp_path / "port"
    t = terminal("--display", "terminal", f"{tmp_path}/s.#.png",
                 "-flags", f"networkPortFile={port_file}", columns=140)  # fmt: skip
    until(lambda: b" 1 [1-4]" in t.text, "the first frame")
    with Client.connect("127.0.0.1", int(port_file.read_text())) as rv:
        rv.eval_mu("""
            newProperty("rv.test.heard", StringType, 1);
            bind("default", "global", "missing-image", \\: (void; Event event)
            {
                insertStringProperty("rv.test.heard", string[] {event.contents()});
                event.reject();
            });""")
        t.type(b"\x1b[C\x1b[C")
        until(lambda: b"frame 3 is missing, 2 is shown" in t.text, "what is missing")
        heard = rv.eval_mu('getStringProperty("rv.test.heard")')
        assert heard == 'string[] {"3;sourceGroup000000_source.0/0/3"}'
    os.link(tmp_path / "s.0004.png", tmp_path / "s.0003.png")
    until(lambda: b"missing" not in t.text[t.text.rindex(b" 3 [1-4]") :], "the frame itself")


def test_control_c_leaves_the_terminal_as_it_was(terminal: Any) -> None:
    t = terminal("--display", "terminal", RED)
    until(lambda: "▄".encode() in t.text, "the picture")
    os.kill(t.process.pid, signal.SIGINT)
    assert t.process.wait(DEADLINE) == 130
    until(lambda: t.text.rstrip().endswith(b"\x1b[?1049l") or b"\x1b[?1049l" in t.text, "the end")
    assert termios.tcgetattr(t.slave) == t.before


def test_a_terminal_that_is_closed_takes_only_the_picture(tmp_path: Path) -> None:
    port_file = tmp_path / "port"
    t = Terminal(RED, "--display", "terminal", "-flags", f"networkPortFile={port_file}")
    try:
        port = int(until(lambda: port_file.exists() and port_file.read_text().strip(), "the port"))
        until(lambda: "▄".encode() in t.text, "the picture")
        os.kill(t.process.pid, signal.SIGHUP)  # what a terminal sends when its window closes
        os.close(t.slave)
        with Client.connect("127.0.0.1", port, timeout=DEADLINE) as client:
            until(lambda: client.eval_mu("frameEnd()") == "100", "the media")
            client.eval_mu("setFrame(7)")
            assert client.eval_mu("frame()") == "7"
        assert t.process.poll() is None
    finally:
        t.close()


@needs_xvfb
def test_several_screens_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "screen"
    folder.mkdir()
    png = tmp_path / "out.png"
    with (
        virtual_screen(folder) as screen,
        running_player(
            "--size", "640x360", "--snapshot", str(png), RED, display="window,png,web",
            env=screen.env,
        ) as player,
    ):  # fmt: skip
        (line,) = [x for x in player.log if "the picture is at" in x]
        address = line.split()[-1]
        until(lambda: box(red(screen)) == (640, 360), "the window")

        def shown() -> bool:
            pixels = oiio.ImageBuf(str(png)).get_pixels("uint8") if png.exists() else None
            return pixels is not None and bool((pixels[180, 320] == [255, 0, 0]).all())

        until(shown, "the picture in the file")
        with urllib.request.urlopen(f"{address}picture?after=0", timeout=DEADLINE) as answer:
            assert answer.headers["Content-Type"] in ("image/png", "image/jpeg")
            (tmp_path / "web").write_bytes(answer.read())
        # questions are about the first screen, whatever the others' sizes
        size = json.dumps([{"kind": "size", "width": 300, "height": 300}]).encode()
        urllib.request.urlopen(f"{address}input", size, timeout=DEADLINE).read()
        player.mu("setFrame(2)")
        until(
            lambda: urllib.request.urlopen(f"{address}picture?after=1", timeout=DEADLINE).headers[
                "X-Number"
            ] != "0", "a picture of that size",
        )  # fmt: skip
        player.until("viewSize()", "<640, 360>")
        player.mu("setFrame(1)")
        status = urllib.request.urlopen(f"{address}status", timeout=DEADLINE).read()
        assert b'"end": 100' in status


@needs_xvfb
def test_what_playing_needs_is_loaded_before_it_plays(tmp_path: Path) -> None:
    folder = tmp_path / "screen"
    folder.mkdir()
    movie = write_movie(tmp_path / "m.mov", tone(1, 48000), 24)
    with (
        virtual_screen(folder) as screen,
        running_player(
            "--audio-module", "null", RED, movie, display="window", env=screen.env
        ) as player,
    ):  # fmt: skip
        maps = Path(f"/proc/{player.process.pid}/maps")
        until(lambda: "miniaudio" in maps.read_text(), "the library of the sound")
        assert "PyOpenColorIO" in maps.read_text()  # what pictures of playing are made with
        assert player.mu("isPlaying()") == "false"
