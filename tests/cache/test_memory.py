"""The budget is kept by the process, measured by its peak, not just by the book-keeping."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from tests.players import REPO

_FILL = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from player.cache import FrameCache
from player.media import open_media

paths, budget, frames = sys.argv[2].split(","), int(sys.argv[3]), int(sys.argv[4])
readers = [open_media(p) for p in paths]

def read(key):
    return readers[key % len(readers)].read(1 + key // len(readers))

def passed(key):
    reader = readers[key % len(readers)]
    taken = reader.take_passed() if hasattr(reader, "take_passed") else []
    return [((f - 1) * len(readers) + key % len(readers), p) for f, p in taken]

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

cache = FrameCache(read, budget, passed=passed)
for key in range(4 * len(readers)):
    read(key).developed()
before = peak()
for start in range(0, frames, 7):
    cache.want(range(start, min(frames, start + 60)))
    cache.get(start).developed()
    assert cache.wait_idle(60)
    assert cache.used <= budget
print(cache.used, peak() - before)
cache.close()
"""


def measure(paths: list[Path], budget: int, frames: int) -> tuple[int, int]:
    done = subprocess.run(
        [sys.executable, "-c", _FILL, str(REPO), ",".join(map(str, paths)), str(budget),
         str(frames)], capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    used, grown = map(int, done.stdout.split())
    return used, grown


def test_images_stay_within_the_budget(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    paths = []
    for n in range(3):
        paths.append(tmp_path / f"p{n}.exr")
        spec = oiio.ImageSpec(1280, 720, 4, "half")
        spec.attribute("compression", "none")
        out = oiio.ImageOutput.create(str(paths[-1]))
        out.open(str(paths[-1]), spec)
        out.write_image(rng.random((720, 1280, 4), np.float32).astype(np.float16))
        out.close()
    budget = 150 << 20
    used, grown = measure(paths, budget, 120)
    assert used > budget * 0.9
    assert grown <= budget * 1.1


def make_movie(path: Path, frames: int) -> Path:
    av = pytest.importorskip("av")
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=24, options={"preset": "ultrafast", "g": "24"}
        )
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for n in range(frames):
            pixels = np.full((720, 1280, 3), n, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def test_movies_stay_within_the_budget(tmp_path: Path) -> None:
    budget = 120 << 20
    used, grown = measure([make_movie(tmp_path / "m.mp4", 150)], budget, 150)
    assert used > budget * 0.6
    assert grown <= budget * 1.1


_ONE_AFTER_ANOTHER = """
import sys
sys.path.insert(0, sys.argv[1])
from player import heap
heap.settle()
from player.cache import FrameCache
from player.media.movies import MovieReader

paths, budget, frames = sys.argv[2].split(","), int(sys.argv[3]), int(sys.argv[4])
readers = [MovieReader(path) for path in paths]

def read(key):
    return readers[key // frames].read(1 + key % frames)

def passed(key):
    at = key // frames
    return [(f - 1 + at * frames, p) for f, p in readers[at].take_passed()]

def now():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

cache = FrameCache(read, budget, passed=passed)
sizes = []
for key in (*range(len(paths) * frames), *range(frames)):
    if key % 12 == 0:
        cache.want(range(key, min(len(paths) * frames, key + 48)))
    shown = cache.get(key).developed(True).thinned(8)[0, 0, 0]
    assert abs(int(shown) - key % frames) <= 3, (key, shown)
    sizes.append(now())
before = sizes[frames - 1]
print(max(sizes) - before, before)
cache.clear()
while now() > before - budget // 3:  # the caller has a time limit
    cache.wait_idle(0.01)
cache.close()
"""


def test_movies_one_after_another_share_the_budget(tmp_path: Path) -> None:
    """A decoder keeps the memory of its frames: the budget is not had by each of them.  What is
    let go of at once goes back to the system."""
    frames, budget = 240, 300 << 20
    first = make_movie(tmp_path / "0.mp4", frames)
    paths = [first]
    for n in range(1, 6):
        paths.append(tmp_path / f"{n}.mp4")
        paths[-1].write_bytes(first.read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", _ONE_AFTER_ANOTHER, str(REPO), ",".join(map(str, paths)),
         str(budget), str(frames)], capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    grown, _ = map(int, done.stdout.split())
    assert grown <= budget, grown  # of five more movies
