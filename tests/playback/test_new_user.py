"""`player clip.mov`, `player shot.####.exr`, `player https://.../clip.mp4` and `player session.rv`
with nothing else said: in a tmux pane, on a desktop, and where there is only a pipe."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

av = pytest.importorskip("av")
pytest.importorskip("trustme")

from rvshell import Client  # noqa: E402
from tests.media.servers import certified, serving  # noqa: E402
from tests.players import REPO  # noqa: E402
from tests.screens import HAVE_XVFB, virtual_screen  # noqa: E402
from tests.waiting import DEADLINE, until  # noqa: E402

FRAMES = 12
SESSION = """GTOa (3)
rv : RVSession (3) { session { string viewNode = "sourceGroup000000" } }
sourceGroup000000 : RVSourceGroup (1) { ui { string name = "clip" } }
sourceGroup000000_source : RVFileSource (1) { media { string movie = "clip.mov" } }
"""


def movie(path: Path) -> None:
    """Red, with a sound."""
    red = np.zeros((90, 160, 3), np.uint8)
    red[..., 0] = 255
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=24)
        video.width, video.height, video.pix_fmt = 160, 90, "yuv420p"
        sound = out.add_stream("aac", rate=48000)
        for _ in range(FRAMES):
            out.mux(video.encode(av.VideoFrame.from_ndarray(red).reformat(
                format="yuv420p", threads=1)))  # fmt: skip
        out.mux(video.encode())
        silence = np.zeros((1, 48000 * FRAMES // 24), np.float32)
        frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
        frame.sample_rate = 48000
        out.mux(sound.encode(frame))
        out.mux(sound.encode())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("shots")
    movie(made / "clip.mov")
    movie(made / "clip.mp4")
    red = np.zeros((90, 160, 3), np.float16)
    red[..., 0] = 1
    for n in range(1, FRAMES + 1):
        path = str(made / f"shot.{n:04d}.exr")
        out = oiio.ImageOutput.create(path)
        out.open(path, oiio.ImageSpec(160, 90, 3, "half"))
        out.write_image(red)
        out.close()
    (made / "session.rv").write_text(SESSION)
    return made


@pytest.fixture
def commands(folder: Path) -> Iterator[dict[str, list[str]]]:
    """By name, what a user types after `player`."""
    bundle = folder / "ca.pem"
    with serving(folder, context=certified(bundle)) as site:
        yield {
            "clip.mov": ["clip.mov"],
            "shot": ["shot.####.exr"],
            "clip.mp4": [f"{site.base}/clip.mp4", "--url-ca", str(bundle)],
            "session": ["session.rv"],
        }


def environment(home: Path, **more: str) -> dict[str, str]:
    left_out = ("DISPLAY", "WAYLAND_DISPLAY", "TMUX", "TERM")
    kept = {k: v for k, v in os.environ.items() if k not in left_out}
    return {**kept, "HOME": str(home), "PYTHONPATH": str(REPO), "LC_ALL": "C.UTF-8", **more}


@contextmanager
def started(words: list[str], folder: Path, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A player whose streams are pipes; it must end well when it is asked to."""
    process = subprocess.Popen(
        [sys.executable, "-m", "player", "--port", "0", *words], cwd=folder, env=env, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=DEADLINE)
        print(*words, said, sep="\n")
    assert process.returncode == 0, said
    assert "\x1b" not in said and "Traceback" not in said


def test_over_a_pipe(commands: dict[str, list[str]], folder: Path, tmp_path: Path) -> None:
    with ExitStack() as stack:
        players = [
            stack.enter_context(started(words, folder, environment(tmp_path)))
            for words in commands.values()
        ]
        for player in players:
            assert player.stdout is not None
            found = None
            while found is None:
                line = player.stdout.readline()
                assert line, "it ended"
                assert not line.startswith(("ERROR", "WARNING")), line
                found = re.search(r"listening on port (\d+)", line)
            assert "nothing is shown (--display)" in player.stdout.readline()
            with Client.connect("127.0.0.1", int(found[1]), timeout=DEADLINE) as client:
                until(lambda c=client: c.eval_mu("frameEnd()") == str(FRAMES), "the media")
                client.eval_mu("play()")
                until(lambda c=client: c.eval_mu("frame()") not in ("1", ""), "it to move")


@pytest.mark.skipif(not HAVE_XVFB, reason="Xvfb is not installed")
def test_on_a_desktop(commands: dict[str, list[str]], folder: Path, tmp_path: Path) -> None:
    with ExitStack() as stack:
        screens = []
        for name, words in commands.items():
            (tmp_path / name).mkdir()
            screen = stack.enter_context(virtual_screen(tmp_path / name))
            stack.enter_context(started(words, folder, environment(tmp_path, **screen.env)))
            screens.append((name, screen))
        for name, screen in screens:

            def red(screen=screen) -> int:
                shot = screen.shot().astype(int)
                return int(((shot[..., 0] > 200) & (shot[..., 1:].max(-1) < 60)).sum())

            # a window of 480 pixels: the smallest
            until(lambda: red() >= 480 * 270, f"the picture of {name}")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_in_a_tmux_pane(commands: dict[str, list[str]], folder: Path, tmp_path: Path) -> None:
    env = environment(tmp_path, TERM="xterm-256color")

    def tmux(*words: str) -> str:
        return subprocess.run(
            ["tmux", "-u", "-S", str(tmp_path / "tmux"), "-f", "/dev/null", *words], env=env,
            cwd=folder, capture_output=True, text=True, timeout=DEADLINE,
        ).stdout  # fmt: skip

    def red(pane: str) -> bool:
        found = re.findall(r"[34]8[;:]2[;:]+(\d+)[;:](\d+)[;:](\d+)", tmux(
            "capture-pane", "-p", "-e", "-t", pane))  # fmt: skip
        return any(int(r) > 200 and int(g) < 60 and int(b) < 60 for r, g, b in found)

    for number, words in enumerate(commands.values()):
        new = ["new-window"] if number else ["new-session", "-x", "80", "-y", "24"]
        tmux(*new, "-d", sys.executable, "-m", "player", "--port", "0", *words)
    try:
        names = ["clip.mov", "shot", "clip.mp4", "clip"]
        for number, name in enumerate(names):
            until(lambda n=number: red(f":{n}"), f"the picture of {name}")
            until(
                lambda n=number, t=name: t in tmux("capture-pane", "-p", "-t", f":{n}"),
                f"the line of {name}",
            )  # fmt: skip
        for number in range(len(names)):
            tmux("send-keys", "-t", f":{number}", "C-q")
        until(lambda: not tmux("list-windows"), "the players to end")
    finally:
        tmux("kill-server")
