"""Pixels: what arrives in the player, what leaves a renderer, what both cost.

Ingest: the same encoded bytes into the player and into a bare `recv_into` loop that fills memory
of a frame's size, by the same `sendall`.  Push: `rvshell.pixels` and a C program into that bare
loop.  Show: a renderer at 24 frames a second, watched on the screen it ends on.
"""

from __future__ import annotations

import contextlib
import json
import math
import mmap
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from _fps import BLOCKS, LEVELS
from _pairs import ROUNDS, Bare, Player, Sink, count_tiles, in_turns, processor, records, running
from harness import Result

from rvshell.pixels import open_image

HERE = Path(__file__).resolve().parent

# name, width, height, tile, bits, float, goal, times per round
INGEST = [
    ("1080p RGBA8 full frames", 1920, 1080, (1920, 1080), 8, False, 0.95, 40),
    ("1080p RGBA8 strips of 64 rows", 1920, 1080, (1920, 64), 8, False, 0.95, 40),
    ("UHD RGBA half full frames", 3840, 2160, (3840, 2160), 16, True, 0.95, 8),
    ("UHD RGBA half 512x512", 3840, 2160, (512, 512), 16, True, 0.85, 8),
    ("1080p RGBA8 256x256", 1920, 1080, (256, 256), 8, False, 0.75, 40),
    ("1080p RGBA8 64x64", 1920, 1080, (64, 64), 8, False, 0.5, 30),
]


def ingest() -> Iterator[Result]:
    player = Player()
    with running(player):
        for index, (name, width, height, tile, bits, is_float, goal, times) in enumerate(INGEST):
            media = f"bench-{index}"
            player.source(media, width, height, bits, is_float)
            data = records(media, width, height, tile, bits // 2)
            size = sum(len(b) for b in data) * times
            with contextlib.closing(Bare(width * height * bits // 2)) as bare:
                pids = player.process.pid, bare.process.pid
                before = [processor(pid) for pid in pids]
                mine, other, ratio = in_turns(
                    lambda d=data, n=times: player.push(d, n),  # type: ignore[misc]
                    lambda d=data, n=times, b=bare: b.push(d, n),  # type: ignore[misc]
                )
                used = [processor(p) - b for p, b in zip(pids, before, strict=True)]
            yield Result(
                f"ingest, {name}", f"{size / mine / 1e9:.2f} GB/s",
                f"bare {size / other / 1e9:.2f} GB/s", ratio, goal,
            )  # fmt: skip
            # steadier than the clock where others use the machine
            ours, theirs = (seconds / (ROUNDS + 1) / size * 1e9 for seconds in used)
            yield Result(
                "    the receiver's processor", f"{ours:.3f} s/GB", f"bare {theirs:.3f} s/GB",
                theirs / ours,
            )  # fmt: skip
            player.client.eval_mu("clearSession();")
        player.source("small", 1920, 1080, 8, False)
        data = records("small", 1920, 1080, (16, 16), 4)
        tiles = count_tiles(1920, 1080, (16, 16)) * 20
        with contextlib.closing(Bare(1920 * 1080 * 4)) as bare:
            mine, other, _ = in_turns(
                lambda: player.push(data, 20), lambda: bare.push(data, 20), rounds=5
            )
        yield Result(
            "ingest, 16x16 RGBA8, tiles/s", f"{tiles / mine:,.0f}", f"bare {tiles / other:,.0f}",
            tiles / mine, 400_000,
        )  # fmt: skip


def push() -> Iterator[Result]:
    """Our sender and one in C, both into a process that only receives."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        program = f"{folder}/csender"
        source = str(HERE / "_sender.c")
        subprocess.run([compiler, "-O2", "-o", program, source], check=True)
        for name, width, height, tile, dtype, top_down, goal, times in (
            ("1080p RGBA8 full frames", 1920, 1080, (1920, 1080), "uint8", True, 0.95, 40),
            ("... kept bottom row first", 1920, 1080, (1920, 1080), "uint8", False, 0.95, 40),
            ("UHD RGBA half full frames", 3840, 2160, (3840, 2160), "half", True, 0.95, 6),
            ("1080p RGBA8 64x64", 1920, 1080, (64, 64), "uint8", True, None, 8),
        ):
            pixel = {"uint8": 4, "half": 8}[dtype]
            sizes = [str(n) for n in (width, height, *tile, pixel, times, int(top_down))]
            with contextlib.closing(Bare(width * height * pixel)) as bare:
                bare.sock.close()  # it serves one at a time: the C program is next

                def c_sender(port: int = bare.port, sizes: list[str] = sizes) -> float:
                    start = time.perf_counter()
                    subprocess.run([program, str(port), *sizes], check=True)
                    return time.perf_counter() - start

                sink = Sink(width * height * pixel)
                with contextlib.closing(sink):
                    image = open_image(
                        "bench", width, height, dtype=dtype, port=sink.port, reconnect=False,
                        frames=(1, times), memory=times * width * height * pixel,
                    )  # fmt: skip
                    image.require()
                    pixels = np.full((height, width, 4), 7, image.spec.numpy_dtype)
                    mine, other, ratio = in_turns(
                        lambda i=image, p=pixels, t=tile, d=top_down: ours(i, p, t, d),  # type: ignore[misc]
                        c_sender, rounds=5,
                    )  # fmt: skip
                    image.close(flush=False)
            size = width * height * pixel * times
            yield Result(
                f"push, {name}", f"{size / mine / 1e9:.2f} GB/s",
                f"C {size / other / 1e9:.2f} GB/s", ratio, goal,
            )  # fmt: skip


def ours(image, pixels, tile, top_down=True) -> float:  # type: ignore[no-untyped-def]
    """Seconds until the sink has had the picture as each of the image's frames."""
    height, width = pixels.shape[:2]
    first, last = image.spec.frames
    start = time.perf_counter()
    for frame in range(first, last + 1):
        if tile == (width, height):
            image.send(pixels, frame=frame, copy=False, bottom_up=not top_down)
        else:
            for y in range(0, height, tile[1]):
                for x in range(0, width, tile[0]):
                    tile_pixels = pixels[y : y + tile[1], x : x + tile[0]]
                    image.send_tile(x, y, tile_pixels, frame=frame)
    image.sync()
    return time.perf_counter() - start


def cost() -> Iterator[Result]:
    """What the render pays: the time of a call, and memory over 10 GB."""
    player = Player()
    with running(player):
        for dtype in ("uint8", "half", "float"):
            with open_image("cost", 1920, 1080, dtype=dtype, port=player.port) as image:
                tile = np.zeros((64, 64, 4), image.spec.numpy_dtype)
                image.send_tile(0, 0, tile)
                image.sync()
                took = []
                for number in range(4000):
                    x, y = number % 30 * 64, number // 30 % 16 * 64
                    start = time.perf_counter()
                    image.send_tile(x, y, tile)
                    took.append(time.perf_counter() - start)
                    if number % 16 == 0:
                        time.sleep(0.001)  # a render has something else to do as well
                image.sync()
            middle = statistics.median(took) * 1e6
            yield Result(
                f"send_tile of 64x64 {dtype}, µs at the median", f"{middle:.1f} µs",
                f"99 %: {sorted(took)[-40] * 1e6:.0f} µs", middle, 20, "<=",
            )  # fmt: skip
        code = (
            "import numpy, sys, resource; from rvshell.pixels import open_image\n"
            "image = open_image('mem', 1920, 1080, dtype='half', port=int(sys.argv[1]),"
            " frames=(1, 4), patience=None)\n"
            "tile = numpy.zeros((216, 1920, 4), 'f2')\n"
            "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
            "before = peak()\n"
            "for n in range(600):\n"
            "    for y in range(0, 1080, 216):\n"
            "        image.send_tile(0, y, tile, frame=n % 4 + 1)\n"
            "image.sync(); image.close(); print((peak() - before) * 1024)"
        )
        player.client.eval_mu("clearSession();")
        before = player.memory("VmRSS")
        done = subprocess.run(
            [sys.executable, "-c", code, str(player.port)], capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        grown = int(done.stdout)
        yield Result(
            "sender over 10 GB, MB above its start", f"{grown / 1e6:.0f} MB", "64 MB",
            grown / 1e6, 64, "<=",
        )  # fmt: skip
        over = player.memory("VmHWM") - before - 4 * 1920 * 1080 * 8
        yield Result(
            "player over 10 GB, MB above the stored frames", f"{over / 1e6:.0f} MB", "32 MB",
            over / 1e6, 32, "<=",
        )  # fmt: skip


def tev() -> Iterator[Result]:
    """Float RGBA: tevclient into the tev bridge into the player, and ours straight into it."""
    try:
        import tevclient
    except ImportError:
        return
    player = Player()
    with running(player):
        bridge = subprocess.Popen(
            [sys.executable, "-m", "rvshell", "bridge", "tev", f"127.0.0.1:{player.port}",
             "--listen", "0"],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert bridge.stderr is not None
            port = int(bridge.stderr.readline().partition(",")[0].rpartition(":")[2])
            pixels = np.random.default_rng(2).random((1080, 1920, 4), np.float32)
            names = ["R", "G", "B", "A"]

            def seen(value: float, node: str) -> None:
                while True:
                    reply = player.client.eval_mu(
                        f'getFloatProperty("{node}.image.1", {1920 * 4 - 4}, 1)[0]'
                    )
                    if abs(float(reply) - value) < 1e-3:
                        return

            with (
                tevclient.Ipc(port=port) as ipc,
                open_image("ours", 1920, 1080, port=player.port) as image,
            ):
                ipc.create_image("tev", 1920, 1080, names)
                image.send(pixels)
                image.sync()
                counter = [1000.0]

                def through_tev() -> float:
                    counter[0] += 1
                    pixels[-1, -1, 0] = counter[0]
                    nodes = player.client.eval_mu('nodesOfType("RVImageSource")').split('"')[1::2]
                    node = next(n for n in nodes if n != image.nodes[0])
                    start = time.perf_counter()
                    ipc.update_image("tev", pixels, names)
                    seen(counter[0], node)
                    return time.perf_counter() - start

                def straight() -> float:
                    start = time.perf_counter()
                    for y in range(0, 1080, 128):
                        for x in range(0, 1920, 128):
                            image.send_tile(x, y, pixels[y : y + 128, x : x + 128])
                    image.sync()
                    return time.perf_counter() - start

                while len(player.client.eval_mu('nodesOfType("RVImageSource")').split('"')) < 5:
                    time.sleep(0.05)
                mine, other, ratio = in_turns(straight, through_tev, rounds=5)
        finally:
            bridge.terminate()
            bridge.wait(10)
            if bridge.stderr is not None:
                bridge.stderr.close()
    yield Result(
        "a float 1080p frame in tiles: ours, and tevclient through the bridge",
        f"{mine * 1e3:.0f} ms", f"tevclient {other * 1e3:.0f} ms", ratio, None,
    )  # fmt: skip


def show(seconds: float = 60.0) -> Iterator[Result]:
    """1080p half at 24 fps on a virtual screen: when each frame is seen there."""
    if shutil.which("Xvfb") is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        read, write = os.pipe()
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x720x24", "-nolisten", "tcp",
             "-fbdir", folder],
            pass_fds=[write], stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(write)
        with os.fdopen(read) as pipe:
            os.environ["DISPLAY"] = ":" + pipe.readline().strip()
        os.environ["SDL_VIDEODRIVER"] = "x11"
        player = Player("--geometry", "0", "0", "1280", "720", display="window")
        try:
            yield from _watch(player, Path(folder) / "Xvfb_screen0", seconds)
        finally:
            player.close()
            server.terminate()
            server.wait(10)


def _delays(sent: list[float], seen: list[tuple[float, int]]) -> list[float]:
    """Seconds from the sending of each frame until the screen began to show it, infinite for one
    that was never seen.  A number that the screen showed before is another picture's."""
    first: dict[int, float] = {}
    for when, number in seen:
        if number < len(sent) and when >= sent[number]:
            first.setdefault(number, when)
    return [first.get(number, math.inf) - when for number, when in enumerate(sent)]


def _watch(player: Player, screen: Path, seconds: float) -> Iterator[Result]:
    renderer = subprocess.Popen(
        [sys.executable, str(HERE / "_fps.py"), str(player.port), str(seconds)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    seen: list[tuple[float, int]] = []  # when the screen began to show a number
    last, gap, looked = -1, 0.0, 0.0
    with open(screen, "r+b") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as memory:
        header, colours = int.from_bytes(memory[:4], "big"), int.from_bytes(memory[76:80], "big")
        start = header + colours * 12
        places = [
            start + (360 * 1280 + block * 1280 // BLOCKS + 1280 // BLOCKS // 2) * 4
            for block in range(BLOCKS)
        ]
        limits = [15, 100, 200]  # sRGB of the levels: 0, 70, 149, 255
        while renderer.poll() is None:
            digits = [sum(memory[at] > limit for limit in limits) for at in places]
            number = sum(digit << 2 * block for block, digit in enumerate(digits))
            now = time.monotonic()
            gap, looked = max(gap, now - looked if looked else 0.0), now
            # what is read while the screen changes is a mixture: two looks must agree
            if number == last and (not seen or seen[-1][1] != number):
                seen.append((now, number))
            last = number
            time.sleep(0.002)
    assert renderer.stdout is not None
    with renderer.stdout:
        report = json.loads(renderer.stdout.read())
    sent = report["sent"]
    delays = _delays(sent, seen)
    # usual is what the frames take that are seen; those that are not are late by any measure
    usual = statistics.median([d for d in delays if d < math.inf] or [0.0])
    late = sum(delay > usual + 1 / 24 for delay in delays) / len(sent)
    yield Result(
        "show, 1080p half at 24 fps, frames not seen, or a frame later than usual", f"{late:.1%}",
        f"seen {usual * 1e3:.0f} ms after sending, looked every {gap * 1e3:.0f} ms at the most",
        late, 0.01, "<=",
    )  # fmt: skip
    yield Result(
        "show, the sender's share of a core", f"{report['cpu']:.0%}", "25 %", report["cpu"], 0.25,
        "<=",
    )  # fmt: skip


assert len(LEVELS) == 4


def run() -> Iterator[Result]:
    yield from ingest()
    yield from push()
    yield from cost()
    yield from tev()
    yield from show()
