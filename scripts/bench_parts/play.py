"""Reading while playing: movies against ffmpeg (and mpv), sequences against OpenImageIO.

Movies are played as the player does it in play-all-frames mode without a screen: workers
of the frame cache decode ahead, a consumer takes every frame in order.  `shown` adds what a
screen needs, the conversion to RGB; in a window that is smaller, of what it shows.  The
reference is the wall time that `ffmpeg -f null` itself reports for the same file, measured turn
by turn with what is compared to it.
"""

from __future__ import annotations

import ast
import asyncio
import hashlib
import itertools
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Hashable, Iterator
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
from harness import Result, side_by_side

from player.cache import FrameCache, framecache
from player.media import Picture, open_media
from player.media.images import read_image
from player.media.movies import MovieReader
from rvshell import Client

ROUNDS = 5
# the workers of the cache give way to everything else; here they compete with programs that
# do not, and what is compared is the technique
framecache._NICE = 0
BUDGET = 512 << 20
AHEAD = 48
WINDOW = 1280  # columns

MOVIES = {
    "H.264 1080p": ("a.mp4", "1920x1080", 10, ["-c:v", "libx264", "-preset", "medium", "-g", "24",
                    "-pix_fmt", "yuv420p"]),
    "H.264 UHD": ("b.mp4", "3840x2160", 4, ["-c:v", "libx264", "-preset", "veryfast", "-g", "24",
                  "-pix_fmt", "yuv420p"]),
    "ProRes 1080p": ("c.mov", "1920x1080", 5, ["-c:v", "prores_ks", "-profile:v", "3"]),
    "MJPEG 1080p": ("d.mov", "1920x1080", 8, ["-c:v", "mjpeg", "-q:v", "3",
                    "-pix_fmt", "yuvj420p"]),
}  # fmt: skip


def make_movie(path: Path, size: str, seconds: int, codec: list[str]) -> None:
    source = f"testsrc2=s={size}:r=24:d={seconds}"
    subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-y", "-f", "lavfi", "-i", source, *codec, str(path)],
        check=True,
    )  # fmt: skip


def by_ffmpeg(path: Path) -> float:
    """Seconds that ffmpeg takes to decode a file, without its start."""
    done = subprocess.run(
        ["ffmpeg", "-nostdin", "-benchmark", "-i", str(path), "-map", "0:v", "-f", "null", "-"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = re.search(r"rtime=([\d.]+)s", done.stderr)
    assert found is not None
    return float(found[1])


def by_mpv(path: Path) -> float:
    start = time.perf_counter()
    subprocess.run(
        ["mpv", "--vo=null", "--ao=null", "--untimed", "--no-audio", "--really-quiet", str(path)],
        check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - start


def play(reader: MovieReader, shown: bool, step: int = 1) -> float:
    """Seconds to take every frame of a movie, decoded ahead by the cache's workers; *step* is
    how many of its columns and rows the screen has one for."""

    def read(key: Hashable) -> Picture:
        assert isinstance(key, int)
        return reader.read(key)

    def passed(key: Hashable) -> list[tuple[Hashable, Picture]]:
        return [(frame, made) for frame, made in reader.take_passed()]

    cache = FrameCache(read, BUDGET, passed=passed)
    first, last = reader.facts.start, reader.facts.end
    begun = time.perf_counter()
    try:
        for frame in range(first, last + 1):
            if (frame - first) % 12 == 0:
                cache.want(range(frame, min(last, frame + AHEAD) + 1))
            picture = cache.get(frame)
            if shown:
                picture.developed(quick=True).thinned(step)
    finally:
        took = time.perf_counter() - begun
        cache.close()
    return took


def movies(folder: Path) -> Iterator[Result]:
    for name, (file, size, seconds, codec) in MOVIES.items():
        path = folder / file
        make_movie(path, size, seconds, codec)
        frames = seconds * 24
        reader = MovieReader(str(path))
        theirs: list[float] = []
        others: list[float] = []
        ours: dict[bool, list[float]] = {False: [], True: []}
        small: list[float] = []
        step = int(size.split("x")[0]) // WINDOW
        play(reader, False)
        for _ in range(ROUNDS):
            for shown, kept in ours.items():
                theirs.append(by_ffmpeg(path))
                kept.append(play(reader, shown))
            if step > 1:
                small.append(play(reader, True, step))
            if shutil.which("mpv"):
                others.append(by_mpv(path))
        reader.close()
        reference = statistics.median(theirs)
        for shown, goal in ((False, 1.0), (True, 0.9)):
            mine = statistics.median(ours[shown])
            yield Result(
                f"{name}, {'shown' if shown else 'decoded'}", f"{frames / mine:.0f} fps",
                f"ffmpeg {frames / reference:.0f} fps", reference / mine, goal,
            )  # fmt: skip
        if small:
            mine = statistics.median(small)
            yield Result(
                f"{name}, shown {WINDOW} wide", f"{frames / mine:.0f} fps",
                f"ffmpeg {frames / reference:.0f} fps", reference / mine, 0.9,
            )  # fmt: skip
        if others:
            mine = statistics.median(ours[False])
            yield Result(
                f"{name}, decoded", f"{frames / mine:.0f} fps",
                f"mpv {frames / statistics.median(others):.0f} fps",
                statistics.median(others) / mine,
            )  # fmt: skip
        if name == "H.264 1080p":
            yield scrub(path)
            yield pace(str(path), 24)
            yield pace(str(path), 60)


def scrub(path: Path) -> Result:
    """Random frames of a movie with a key frame every 24, against decoding 12 in a row."""
    reader = MovieReader(str(path))
    rng = np.random.default_rng(1)
    times: list[float] = []
    halves: list[float] = []
    for _ in range(40):
        start = int(rng.integers(1, reader.facts.end - 40))
        reader.read(start // 24 * 24 + 1)
        begun = time.perf_counter()
        for frame in range(start // 24 * 24 + 2, start // 24 * 24 + 14):
            reader.read(frame)
        halves.append(time.perf_counter() - begun)
        reader.take_passed()
        frame = int(rng.integers(1, reader.facts.end))
        begun = time.perf_counter()
        reader.read(frame)
        times.append(time.perf_counter() - begun)
    reader.close()
    mine, half = statistics.median(times), statistics.median(halves)
    return Result(
        "random frame, GOP 24", f"{mine * 1e3:.0f} ms", f"12 frames {half * 1e3:.0f} ms",
        mine / half, 1.2, "<=",
    )  # fmt: skip


def make_sequence(folder: Path, compression: str, frames: int = 24) -> list[str]:
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:1080, 0:1920].astype(np.float32)
    grain = rng.normal(0, 0.01, (1080, 1920, 1)).astype(np.float32)
    paths = []
    for n in range(1, frames + 1):
        base = np.stack(
            [np.sin(x / 90 + n / 7), np.cos(y / 70 + n / 9), (x + y) / 3000, np.ones_like(x)], -1
        )
        base[..., :3] = base[..., :3] * 0.5 + 0.5 + np.roll(grain, n * 37, 0)
        path = str(folder / f"{compression}.{n:04d}.exr")
        spec = oiio.ImageSpec(1920, 1080, 4, "half")
        spec.attribute("compression", compression)
        out = oiio.ImageOutput.create(path)
        out.open(path, spec)
        out.write_image(base.astype(np.float16))
        out.close()
        paths.append(path)
    return paths


def by_loop(paths: list[str]) -> None:
    """A plain loop of OpenImageIO on one thread."""
    oiio.attribute("threads", 1)
    for path in paths:
        inp = oiio.ImageInput.open(path)
        inp.read_image("half")
        inp.close()


def fill(paths: list[str]) -> None:
    """The cache's workers on the same files."""
    cache = FrameCache(lambda key: read_image(str(key)), 2 << 30)
    try:
        cache.want(paths)
        assert cache.wait_idle(120) and len(cache.keys()) == len(paths)
    finally:
        cache.close()


def stalls(paths: list[str]) -> float:
    """How late the event loop is at the 99th percentile while the cache is filled, seconds."""
    late: list[float] = []

    async def watch() -> None:
        cache = FrameCache(lambda key: read_image(str(key)), 2 << 30)
        try:
            cache.want(paths)
            while cache.busy:
                due = time.perf_counter() + 0.002
                await asyncio.sleep(0.002)
                late.append(max(0.0, time.perf_counter() - due))
        finally:
            cache.close()

    asyncio.run(watch())
    return float(np.percentile(late, 99))


def idle_lateness() -> float:
    """The same with nothing to do: what the machine itself takes."""
    late: list[float] = []

    async def watch() -> None:
        for _ in range(400):
            due = time.perf_counter() + 0.002
            await asyncio.sleep(0.002)
            late.append(max(0.0, time.perf_counter() - due))

    asyncio.run(watch())
    return float(np.percentile(late, 99))


_NOTE = """
import sys, rv.commands as c
sys.seen = []
def note(e):
    import sys, time, rv.commands as c
    sys.seen.append((time.monotonic(), c.frame()))
    e.reject()
c.bind("default", "global", "frame-changed", note, "")
"""


def pace(path: str, fps: int, seconds: float = 10.0) -> Result:
    """A player without a screen at a rate: how much of a frame its steps come late."""
    with tempfile.TemporaryDirectory() as name:
        port_file = Path(name) / "port"
        process = subprocess.Popen(
            [sys.executable, "-m", "player", "--port", "0", "--display", "null", "-playMode", "2",
             "-noaudio", "-fps", str(fps), "-flags", f"networkPortFile={port_file}", "--", path],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            while not port_file.exists() or not port_file.read_text().strip():
                time.sleep(0.02)
            with Client.connect("127.0.0.1", int(port_file.read_text()), timeout=30) as client:
                while client.eval_mu("frameEnd()") in ("1", "20"):
                    time.sleep(0.05)
                client.exec_python(_NOTE)
                client.eval_mu("play()")
                time.sleep(seconds)
                text = client.eval_python("__import__('sys').seen")
        finally:
            process.terminate()
            process.wait(10)
    seen: list[tuple[float, int]] = ast.literal_eval(text)
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(seen) if b[1] > a[1]]
    missed = sum(n - 1 for _, n in steps) / max(1, sum(n for _, n in steps))
    off = [abs(t - n / fps) for t, n in steps]
    return Result(
        f"{fps} fps without a screen, frames dropped", f"{missed * 100:.2f} %",
        f"jitter p99 {float(np.percentile(off, 99)) * 1e3:.1f} ms", missed, 0.01, "<=",
    )  # fmt: skip


def two_threads() -> Result:
    """What a second thread gives on this machine at this moment, with no lock between them."""
    data = bytes(32 << 20)

    def burn(count: int) -> None:
        for _ in range(count):
            hashlib.sha256(data).digest()

    def both() -> None:
        threads = [threading.Thread(target=burn, args=(4,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    mine, one = side_by_side(both, lambda: burn(8), ROUNDS)
    return Result(
        "two threads of SHA-256 (the most a fill can gain)", f"{mine * 1e3:.0f} ms",
        f"one thread {one * 1e3:.0f} ms", one / mine,
    )  # fmt: skip


def sequences(folder: Path) -> Iterator[Result]:
    for compression in ("zip", "piz"):
        paths = make_sequence(folder, compression)
        open_media(paths[0])
        by_loop(paths)  # the files are in the system's cache from here on
        most = two_threads()
        yield most
        mine, theirs = side_by_side(lambda p=paths: fill(p), lambda p=paths: by_loop(p), ROUNDS)
        yield Result(
            f"EXR {compression} 1080p, cache fill", f"{len(paths) / mine:.1f} fps",
            f"OpenImageIO loop {len(paths) / theirs:.1f} fps", theirs / mine, 1.8,
        )  # fmt: skip
        yield Result(
            f"EXR {compression} 1080p, of what a second thread gives now",
            f"{theirs / mine:.2f}", f"two threads {most.ratio:.2f}", theirs / mine / most.ratio,
        )  # fmt: skip
        worst = statistics.median(stalls(paths) for _ in range(3))
        yield Result(
            f"EXR {compression} 1080p, loop late at p99", f"{worst * 1e3:.1f} ms",
            f"idle {idle_lateness() * 1e3:.1f} ms", worst * 1e3, 5.0, "<=",
        )  # fmt: skip


def run() -> Iterator[Result]:
    with tempfile.TemporaryDirectory(prefix="bench-play-") as name:
        folder = Path(name)
        yield from sequences(folder)
        if shutil.which("ffmpeg"):
            yield from movies(folder)
        else:
            print("  (ffmpeg is not installed: no movies)")
