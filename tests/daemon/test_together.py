"""The main job with everything at once: a renderer pushes, a command file is piped, somebody
types at a prompt, and the picture is seen in a window and in a terminal."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from tests.players import REPO, running_player
from tests.screens import HAVE_XVFB, virtual_screen
from tests.waiting import until

RENDERER = REPO / "scripts" / "examples" / "progressive_render.py"
SHELL = [sys.executable, "-m", "rvshell"]


class Tmux:
    """A tmux server of its own with one window."""

    def __init__(self, folder: Path, width: int, height: int, command: list[str]) -> None:
        self._base = ["tmux", "-S", str(folder / "tmux"), "-f", "/dev/null"]
        environment = {k: v for k, v in os.environ.items() if k not in ("TMUX", "DISPLAY")}
        environment |= {"XDG_STATE_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        subprocess.run(
            [*self._base, "new-session", "-d", "-x", str(width), "-y", str(height), "--", *command],
            check=True, cwd=REPO, env=environment,
        )  # fmt: skip

    def type(self, text: str) -> None:
        subprocess.run([*self._base, "send-keys", "-l", text], check=True)
        subprocess.run([*self._base, "send-keys", "Enter"], check=True)

    def screen(self, *, colours: bool = False) -> str:
        more = ["-e"] if colours else []
        done = subprocess.run(
            [*self._base, "capture-pane", "-p", *more], capture_output=True, text=True
        )
        return done.stdout

    def close(self) -> None:
        subprocess.run([*self._base, "kill-server"], capture_output=True)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """Left and right 1080p half float pictures: a red and a green ramp."""
    out = []
    for name, channel in (("left", 0), ("right", 1)):
        pixels = np.zeros((1080, 1920, 4), np.float16)
        pixels[..., channel] = np.linspace(0, 1, 1920, dtype=np.float16)
        pixels[..., 3] = 1
        path = tmp_path / f"{name}.exr"
        image = oiio.ImageBuf(pixels)
        assert image.write(str(path), "half")
        out.append(path)
    yield out[0], out[1]


def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments, input=stdin, capture_output=True, text=True, timeout=120, cwd=REPO
    )


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_prompt_pipe_and_renderer_on_one_player(tmp_path: Path) -> None:
    with running_player() as player:
        target = f"127.0.0.1:{player.port}"
        prompt = Tmux(tmp_path, 100, 30, [*SHELL, target])
        render = subprocess.Popen(
            [sys.executable, str(RENDERER), target, "--size", "320x180", "--frames", "3",
             "--passes", "4"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=REPO,
        )  # fmt: skip
        try:
            piped = "set way=pingpong\nmode $way\nmode\nmu 6 * 7\n"
            done = run(*SHELL, target, stdin=piped)
            assert (done.returncode, done.stderr) == (0, "")
            assert done.stdout.split() == ["pingpong", "42"]
            prompt.type('"typed " + string(6 * 7)')
            until(lambda: "typed 42" in prompt.screen(), "the answer at the prompt")
            _, complaints = render.communicate(timeout=120)
            assert render.returncode == 0, complaints
            # every one sees what the renderer made
            until(lambda: "sphere" in run(*SHELL, target, "sources").stdout, "the source")
            prompt.type("status")
            until(lambda: "defaultSequence" in prompt.screen(), "the status at the prompt")
            assert player.mu("frameEnd()") == "3"
            seen = player.mu('sourcePixelValue("sourceGroup000000_source", 160, 90)')
            assert seen.startswith("<") and seen.endswith(", 1>") and seen != "<0, 0, 0, 1>"
        finally:
            prompt.close()
            if render.poll() is None:
                render.kill()
                render.communicate()


@pytest.mark.skipif(not HAVE_XVFB, reason="Xvfb is not installed")
def test_a_stereo_push_is_seen_in_a_window(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    with (
        virtual_screen(tmp_path) as screen,
        running_player("--size", "960x540", display="window", env=screen.env) as player,
    ):
        target = f"127.0.0.1:{player.port}"
        done = run(*SHELL, "-t", target, "push", "--stereo", *map(str, pair), "--tiles", "10x10")
        assert done.returncode == 0, done.stderr
        player.mu('setStringProperty("#RVDisplayStereo.stereo.type", string[] {"pair"})')

        def reds_left_greens_right() -> bool:
            shot = screen.shot().astype(int)
            red = (shot[..., 0] > 100) & (shot[..., 1] < 30) & (shot[..., 2] < 30)
            green = (shot[..., 1] > 100) & (shot[..., 0] < 30) & (shot[..., 2] < 30)
            if red.sum() < 20_000 or green.sum() < 20_000:
                return False
            return bool(np.nonzero(red)[1].max() <= np.nonzero(green)[1].min())

        until(reds_left_greens_right, "both eyes side by side in the window")
        # the snapshot is what the window shows
        file = tmp_path / "seen.png"
        assert run(*SHELL, "-t", target, "snapshot", str(file)).returncode == 0
        pixels = oiio.ImageBuf(str(file)).get_pixels("uint8")
        assert pixels.shape[:2] == (540, 960)
        assert pixels[270, 470, 0] > 200 > 60 > pixels[270, 470, 1]
        assert pixels[270, 950, 1] > 200 > 60 > pixels[270, 950, 0]


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_a_stereo_push_is_seen_in_a_terminal(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    log = tmp_path / "log"
    command = f"{sys.executable} -m player --port 0 --display terminal 2>{log}"
    pane = Tmux(tmp_path, 80, 24, ["sh", "-c", command])
    try:
        line = until(
            lambda: next(
                (x for x in (log.read_text() if log.exists() else "").splitlines()
                 if "listening" in x), ""
            ),
            "the port",
        )  # fmt: skip
        target = f"127.0.0.1:{line.split()[-1]}"
        done = run(*SHELL, "-t", target, "push", "--stereo", *map(str, pair))
        assert done.returncode == 0, done.stderr

        def red_ramp() -> bool:
            row = pane.screen(colours=True).splitlines()[12]
            reds = [int(r) for r in re.findall(r"[34]8;2;(\d+);0;0m", row)]
            return "▄" in row and len(reds) > 40 and reds == sorted(reds) and reds[-1] > 240

        until(red_ramp, "the left eye in the terminal")
        run(*SHELL, "-t", target, "event", "remote-eval", "close()")
    finally:
        pane.close()
