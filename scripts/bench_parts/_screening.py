"""24 pictures a second on a real screen: what a player leaves out, alone and under load."""

from __future__ import annotations

import fcntl
import os
import pty
import shutil
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import numpy as np
import OpenImageIO as oiio

from rvshell import Client
from rvshell.protocol import PixelTile

__all__ = ["FRAMES", "flood", "playing", "sequence", "virtual_screen"]

FRAMES = 24


def sequence(folder: Path, width: int, height: int) -> str:
    """A half float EXR sequence: a bright gradient that moves; its pattern."""
    y, x = np.mgrid[0:height, 0:width]
    base = np.empty((height, width, 4), np.float16)
    base[..., 3] = 1
    for frame in range(1, FRAMES + 1):
        base[..., 0] = ((x + 40 * frame) % width) / width * 2
        base[..., 1] = y / height
        base[..., 2] = ((x + y) % 97) / 97
        spec = oiio.ImageSpec(width, height, 4, "half")
        spec.channelnames = ("R", "G", "B", "A")
        spec.attribute("compression", "zip")
        path = str(folder / f"s{width}.{frame:04d}.exr")
        out = oiio.ImageOutput.create(path)
        out.open(path, spec)
        out.write_image(base)
        out.close()
    return str(folder / f"s{width}.#.exr")


@contextmanager
def virtual_screen() -> Iterator[str | None]:
    """A DISPLAY for windows: Xvfb's; None when it is not installed."""
    if shutil.which("Xvfb") is None:
        yield None
        return
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"],
        pass_fds=[write], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            yield f":{pipe.readline().strip()}"
    finally:
        server.terminate()
        server.wait(10)


@contextmanager
def _player(display: str, pattern: str, env: dict[str, str]) -> Iterator[int]:
    """A player with a window, or on a terminal of 200 by 60; its port."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "player", "--display", display, "--size", "1280x720",
         "--port", "0", "-sRGB", "-c", "-cram", "4", pattern],
        stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **env},
    )  # fmt: skip
    os.close(slave)

    def drain() -> None:
        with suppress(OSError):
            while os.read(master, 1 << 16):
                pass

    threading.Thread(target=drain, daemon=True).start()
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if "listening on port" in line:
                yield int(line.rsplit(None, 1)[1])
                break
        else:
            raise SystemExit("bench: the player did not start")
    finally:
        process.terminate()
        process.wait(10)
        os.close(master)


@contextmanager
def flood(port: int) -> Iterator[list[int]]:
    """Tiles of 256 x 256 half RGBA pushed as fast as they are taken; bytes sent so far."""
    sent = [0]
    stop = threading.Event()
    payload = bytes(256 * 256 * 8)

    def push() -> None:
        with Client.connect("127.0.0.1", port, timeout=120) as client:
            size = "2048, 1024, 2048, 1024, 0, 0, 1.0"
            client.eval_mu(f'newImageSource("flood", {size}, 4, 16, true, 1, 1, 24.0)')
            while not stop.is_set():
                for at in range(32):
                    x, y = at % 8 * 256, at // 8 * 256
                    tile = PixelTile("flood", x=x, y=y, width=256, height=256, frame=1,
                                     size=len(payload))  # fmt: skip
                    client.send_tile(tile, payload)
                    sent[0] += len(payload)

    thread = threading.Thread(target=push, daemon=True)
    thread.start()
    try:
        yield sent
    finally:
        stop.set()
        thread.join(10)


def _cached(client: Client) -> None:
    end = time.monotonic() + 120
    while f"{{1, {FRAMES}}}" not in client.eval_mu("cacheInfo()"):
        if time.monotonic() > end:
            raise SystemExit("bench: the cache was not filled in two minutes")
        time.sleep(0.1)


def playing(
    display: str, pattern: str, seconds: float, *, tiles: bool = False, screen: str | None = None
) -> tuple[int, int, float]:
    """(frames due, frames left out, GB/s of tiles) while *pattern* plays from the cache, sRGB
    and an exposure on, in realtime."""
    env = {"DISPLAY": screen or "", "TERM": "xterm-256color", "TMUX": ""}
    with ExitStack() as stack:
        port = stack.enter_context(_player(display, pattern, env))
        with Client.connect("127.0.0.1", port, timeout=120) as client:
            client.eval_mu("setRealtime(true)")
            client.eval_mu('setFloatProperty("#RVColor.color.exposure", float[] {0.5, 0.5, 0.5})')
            _cached(client)
            client.eval_mu('setViewNode("sourceGroup000000")')
            sent = stack.enter_context(flood(port)) if tiles else [0]
            while tiles and not sent[0]:
                time.sleep(0.05)
            client.eval_mu("play()")
            time.sleep(1.0)
            before = sent[0]
            left_out = last = 0
            start = now = time.monotonic()
            while now - start < seconds:
                time.sleep(0.25)
                # it counts from the last start, and every turn of the loop is one
                count = int(client.eval_mu("skipped()"))
                left_out += count - last if count >= last else count
                last = count
                now = time.monotonic()
            rate = (sent[0] - before) / (now - start) / 1e9
            return round((now - start) * 24), left_out, rate
