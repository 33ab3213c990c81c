"""Showing a picture: the colour transform, a rendered window picture, half blocks."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
from harness import Result

from player.display.halfblock import HalfBlocks
from player.image.compiled import compile_ops
from player.image.ops import channelwise, colour_matrix
from player.image.render import render
from player.image.scene import FetchKey, Quad, View
from player.image.transfer import linear_to_srgb
from player.media import Picture

ROUNDS = 9


def beside(thing: Callable[[], object], reference: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of both, measured turn by turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for kept, call in zip(times, (thing, reference), strict=True):
            start = time.perf_counter()
            call()
            kept.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def line(name: str, pair: tuple[float, float], against: str, goal: float | None) -> Result:
    mine, other = pair
    return Result(
        name, f"{mine * 1e3:.2f} ms", f"{against} {other * 1e3:.2f} ms", other / mine, goal
    )


def run() -> Iterator[Result]:
    rng = np.random.default_rng(1)
    pixels = rng.random((1080, 1920, 4), np.float32).astype(np.float16)
    out = np.empty((1080, 1920, 4), np.uint8)
    chain = compile_ops(
        [colour_matrix(np.diag([2.0, 2.0, 2.0, 1.0])), channelwise("srgb", linear_to_srgb)]
    )

    def naive() -> np.ndarray:
        x = pixels.astype(np.float32)[..., :3] * 2
        y = np.where(x <= 0.0031308, x * 12.92, 1.055 * np.power(x, 1 / 2.4) - 0.055)
        return (np.clip(y, 0, 1) * 255 + 0.5).astype(np.uint8)

    chain.to_bytes(pixels, out)
    yield line(
        "1080p half RGBA to 8 bits", beside(lambda: chain.to_bytes(pixels, out), naive),
        "numpy float32", 9.0,
    )  # fmt: skip
    picture = Picture(pixels, ("R", "G", "B", "A"), 1920, 1080)
    view = View(Quad(FetchKey("s", "m", 1)), display=chain.ops)
    yield line(
        "1080p half to a 720p window picture",
        beside(lambda: render(view, 1280, 720, lambda key: picture, "nearest"), naive),
        "numpy float32 at 1080p", None,
    )  # fmt: skip
    blocks = HalfBlocks()
    frames = [rng.integers(0, 256, (120, 200, 4), np.uint8) for _ in range(2)]
    count = 0

    def encode() -> bytes:
        nonlocal count
        count += 1
        return blocks.encode(frames[count % 2])

    def plainly() -> bytes:
        p = frames[0]
        rows = [
            "".join(
                "\x1b[48;2;%d;%d;%d;38;2;%d;%d;%dm▄" % (*a[:3], *b[:3])  # noqa: UP031
                for a, b in zip(p[y].tolist(), p[y + 1].tolist(), strict=True)
            )
            for y in range(0, 120, 2)
        ]
        return "\n".join(rows).encode()

    yield line("200x60 half blocks, all cells", beside(encode, plainly), "string per cell", None)
