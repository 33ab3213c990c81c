"""The real tevclient sends to the bridge, and a real player shows it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.pixels.running import REPO, RunningPlayer
from tests.pixels.test_newest import far_end
from tests.pixels.test_push_stereo import write
from tests.pixels.test_push_verb import node_of, pixels_of
from tests.ports import free_port
from tests.waiting import until

tevclient = pytest.importorskip("tevclient")

RNG = np.random.default_rng(8)


class Bridge:
    """`rvshell bridge tev` as a process."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rvshell", "bridge", "tev", *arguments],
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, cwd=REPO,
        )  # fmt: skip
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        assert "tev on" in line, line
        self.port = int(line.partition(",")[0].rpartition(":")[2])

    def close(self) -> str:
        """Ctrl-C; what it wrote."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(20) == 0
        assert self.process.stderr is not None
        with self.process.stderr:
            return self.process.stderr.read()


@pytest.fixture
def bridge(player: RunningPlayer) -> Iterator[Bridge]:
    running = Bridge(f"127.0.0.1:{player.port}", "--listen", "0")
    yield running
    if running.process.poll() is None:
        assert "Traceback" not in running.close()


def sources(player: RunningPlayer, kind: str = "RVImageSource") -> list[str]:
    return player.ask(f'nodesOfType("{kind}")').split('"')[1::2]


def image(player: RunningPlayer, name: str, key: str, shape: tuple[int, int, int]) -> np.ndarray:
    """The pixels of an image source, top row first; all zero before its first tile came."""
    height, width, channels = shape
    node = node_of(player, name)
    if player.ask(f'propertyExists("{node}.image.{key}")') != "true":
        return np.zeros(shape, np.float32)
    values = pixels_of(player, node, key, "Float", height * width * channels)
    return values.astype(np.float32).reshape(shape)[::-1]


def test_create_update_close(player: RunningPlayer, bridge: Bridge) -> None:
    pixels = RNG.random((150, 200, 3), np.float32)
    with tevclient.Ipc(port=bridge.port) as tev:
        tev.create_image("render", 200, 150, ["R", "G", "B"])
        tev.update_image("render", pixels, ["R", "G", "B"])
        until(lambda: sources(player) and np.array_equal(
            image(player, "render", "1", (150, 200, 3)), pixels))  # fmt: skip
        tev.close_image("render")
        until(lambda: not sources(player))


def test_images_that_are_never_closed_do_not_stay_connected(
    player: RunningPlayer, bridge: Bridge
) -> None:
    """Of many the newest are; the others are still there, to be updated and closed."""
    names = ["R", "G", "B", "A", "normal.X", "normal.Y", "normal.Z"]
    first, then = RNG.random((2, 4, 6, 7), np.float32)
    with tevclient.Ipc(port=bridge.port) as tev:
        tev.create_image("0", 6, 4, names)
        tev.update_image("0", first, names)
        for number in range(1, 60):
            tev.create_image(str(number), 6, 4, names)
            tev.update_image(str(number), first, names)
        until(lambda: len(sources(player)) == 60)
        until(lambda: player.ask("remoteConnections()").count("-push") == 32)
        tev.update_image("0", then[:2], names)
        for key, places, alpha in (("1;default", slice(0, 4), 0), ("1;normal", slice(4, 7), 1)):
            wanted = np.concatenate([then[:2], first[2:]])[..., places]
            wanted = np.concatenate([wanted, np.ones((4, 6, alpha), np.float32)], axis=2)
            until(lambda key=key, value=wanted: np.array_equal(
                image(player, "0", key, (4, 6, 4)), value), key)  # fmt: skip
        tev.close_image("1")
        until(lambda: len(sources(player)) == 59)
    assert player.ask("remoteConnections()").count("-push") == 32


def test_channels_one_by_one_and_groups(player: RunningPlayer, bridge: Bridge) -> None:
    names = ["R", "G", "B", "A", "albedo.R", "albedo.G", "albedo.B", "depth.Z"]
    pixels = RNG.random((40, 50, 8), np.float32)

    async def send() -> None:
        async with tevclient.IpcAsync(port=bridge.port) as tev:
            await tev.create_image("aovs", 50, 40, names)
            await tev.update_image("aovs", pixels[:20], names)  # all channels at once
            for number, name in enumerate(names):  # each by itself
                await tev.update_image("aovs", pixels[20:, :, number], [name], 0, 20)

    asyncio.run(send())
    alpha = np.ones((40, 50, 1), np.float32)
    expected = {
        "default": pixels[..., :4],
        "albedo": np.concatenate([pixels[..., 4:7], alpha], axis=2),
        "depth": np.concatenate([pixels[..., 7:].repeat(3, 2), alpha], axis=2),
    }
    for layer, wanted in expected.items():
        until(lambda key=f"1;{layer}", value=wanted: sources(player) and np.array_equal(
            image(player, "aovs", key, (40, 50, 4)), value), layer)  # fmt: skip


def test_planar_updates_of_older_senders(player: RunningPlayer, bridge: Bridge) -> None:
    pixels = RNG.random((3, 6, 9), np.float32)  # channel after channel, as pbrt-v4 sends
    body = b"\0old\0" + struct.pack("<i", 3) + b"R\0G\0B\0" + struct.pack("<4i", 0, 0, 9, 6)
    with tevclient.Ipc(port=bridge.port) as tev:
        tev.create_image("old", 9, 6, ["R", "G", "B"])
        data = body + pixels.tobytes()
        tev._socket.sendall(struct.pack("<IB", 5 + len(data), 5) + data)
    wanted = pixels.transpose(1, 2, 0)
    until(lambda: sources(player) and np.array_equal(
        image(player, "old", "1", (6, 9, 3)), wanted))  # fmt: skip


def test_files_are_opened_there(player: RunningPlayer, bridge: Bridge, tmp_path: Path) -> None:
    path = tmp_path / "a file.exr"
    write(path, np.ones((4, 6, 4), np.float16), "half")
    with tevclient.Ipc(port=bridge.port) as tev:
        tev.open_image(str(path))
        until(lambda: "a file.exr" in player.ask("sources()"))
        tev.reload_image(str(path))
        tev.close_image(str(path))
        until(lambda: "a file.exr" not in player.ask("sources()"))


def test_what_cannot_be_done_is_one_line(player: RunningPlayer, bridge: Bridge) -> None:
    with tevclient.Ipc(port=bridge.port) as tev:
        tev.update_image("nobody", np.zeros((4, 4, 3), np.float32), ["R", "G", "B"])
        tev.create_image("x", 8, 8, ["R", "G", "B"])
        tev.update_image("x", np.zeros((4, 4, 3), np.float32), ["R", "G", "B"], 6, 6)
        tev.update_image("x", np.zeros((4, 4, 1), np.float32), ["Q"])
        tev.update_vector_graphics("x", [tevclient.vg_begin_path()] * 3)
        tev.update_vector_graphics("x", [tevclient.vg_fill()])
        tev.reload_image("x")
    with socket.create_connection(("127.0.0.1", bridge.port)) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\n\r\n")
        raw.settimeout(20)
        with contextlib.suppress(ConnectionResetError):  # it did not read all of it
            assert raw.recv(10) == b""
    with tevclient.Ipc(port=bridge.port) as tev:  # the next one is served
        tev.create_image("after", 8, 8, ["R", "G", "B"])
        until(lambda: len(sources(player)) == 2)
    text = bridge.close()
    assert "Traceback" not in text
    for part in ("never created", "not inside 8 x 8", "no channels Q", "vector graphics are not",
                 "cannot be reloaded", "not tev's protocol"):  # fmt: skip
        assert text.count(part) == 1, (part, text)


def test_to_an_end_like_rv() -> None:
    """It gets Mu that RV has and plain tiles, y counted from the bottom."""
    told: list[str] = []
    with far_end([], [], told) as port:
        running = Bridge(f"127.0.0.1:{port}", "--listen", "0")
        with tevclient.Ipc(port=running.port) as tev:
            tev.create_image("render", 40, 30, ["R", "G", "B"])
            tev.update_image("render", np.ones((10, 20, 3), np.float32), ["R", "G", "B"], 5, 0)
            tev.update_vector_graphics("render", [tevclient.vg_begin_path()])
        until(lambda: {"20x10+5+20", "40x30+0+0"} & set(told))  # all of it, if it came first
        assert "vector graphics are not shown" in running.close()
    assert 'newImageSource("render", 40, 30, 40, 30, 0, 0, 1.0, 3, 32, true, 1, 1' in told[0]


def test_command_line() -> None:
    def run(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "rvshell", "bridge", *words],
            capture_output=True, text=True, cwd=REPO, timeout=30,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    assert run("--help")[0] == 0 and "--listen" in run("--help")[1]
    assert run()[0] == 2 and run("nuke")[0] == 2 and run("tev", "--listen")[0] == 2
    assert run("tev", "host:port")[0] == 2
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, text = run("tev", f"127.0.0.1:{free_port()}", "--listen", str(port))
        assert status == 3 and "cannot listen" in text and text.count("\n") == 1
