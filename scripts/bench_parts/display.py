"""Showing a picture: colour transforms, a window, a terminal, 24 pictures a second."""

from __future__ import annotations

import math
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import PyOpenColorIO as ocio
from _screening import playing, sequence, virtual_screen
from harness import Result, seconds

from player.display.halfblock import HalfBlocks
from player.display.promptness import promptly
from player.image import refining
from player.image.compiled import compile_ops, quantise
from player.image.ocio import ocio_ops
from player.image.ops import LUMA, Op, channelwise, colour_matrix
from player.image.render import render, render_float
from player.image.scene import Composite, FetchKey, Quad, View, rotation, scaling, translation
from player.image.transfer import linear_to_srgb
from player.media import Picture

ROUNDS = 9
SECONDS = 30.0  # of each playback
CONFIG = "ocio://studio-config-latest"


def beside(
    thing: Callable[[], object], reference: Callable[[], object], rounds: int = ROUNDS
) -> tuple[float, float]:
    """Median seconds of both, measured turn by turn.

    Each turn's first call of *thing* does not count: a virtual machine's host takes memory away
    that was not touched while the reference ran, and gives it back page by page.
    """
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        thing()
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


def absolute(name: str, pair: tuple[float, float], goal: float) -> Result:
    """The time itself against the most it may be; the reference tells how quick the machine is."""
    mine, other = (one * 1e3 for one in pair)
    return Result(name, f"{mine:.2f} ms", f"reference {other:.2f} ms", mine, goal, "<=")


class _View:
    """An OCIODisplay node of an ACES view, as far as a transform reads it."""

    _VALUES: ClassVar = {"ocio.function": "display", "ocio.inColorSpace": "ACEScg"}

    def one(self, name: str, default: Any = None) -> Any:
        return self._VALUES.get(name, default)

    def get(self, name: str) -> list[Any]:
        return [self._VALUES[name]] if name in self._VALUES else []


def transforms() -> Iterator[Result]:
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

    pair = beside(lambda: chain.to_bytes(pixels, out), naive)
    yield line("1080p half RGBA to 8 bits", pair, "numpy float32", 9.0)
    yield absolute("... milliseconds", pair, 7.0)
    picture = Picture(pixels, ("R", "G", "B", "A"), 1920, 1080)
    view = View(Quad(FetchKey("s", "m", 1)), display=chain.ops)
    for filter, word in (("nearest", "playing"), ("linear", "still")):
        yield line(
            f"1080p half to a 720p window picture, {word}",
            beside(lambda f=filter: render(view, 1280, 720, lambda key: picture, f), naive),
            "numpy float32 at 1080p", None,
        )  # fmt: skip
    yield from combinations(picture, chain.ops)
    yield from aces_views()


def cut_out(pixels: np.ndarray) -> Picture:
    """A disc with a soft edge, premultiplied."""
    height, width = pixels.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    far = np.hypot(x - width / 2, y - height / 2) / (height / 2)
    made = pixels.copy()
    made[..., 3] = np.clip((1 - far) / 0.05, 0, 1)
    made[..., :3] *= made[..., 3:]
    return Picture(made, ("R", "G", "B", "A"), width, height)


def combinations(picture: Picture, display: tuple[Op, ...]) -> Iterator[Result]:
    """What needs more than one image, or its pixels elsewhere, while playing in a 720p window;
    beside the same on one canvas of floats."""
    one, other = (Quad(FetchKey(s, s, 1)) for s in "ab")
    element, plate = (Quad(FetchKey(s, s, 1)) for s in ("element", "plate"))
    quarters = tuple(
        replace(element, matrix=translation(x, y) @ scaling(0.5, 0.5))
        for x in (-4 / 9, 4 / 9) for y in (-0.25, 0.25)
    )  # fmt: skip
    grey = np.eye(4)
    grey[:3, :3] = 0.5 * np.eye(3) + 0.5 * LUMA
    views = {
        "saturation": View(one, display=(colour_matrix(grey), *display)),
        "anaglyph": View(one, other, "anaglyph", display=display),
        "difference": View(Composite((one, other), "difference"), display=display),
        "turned": View(replace(one, matrix=rotation(10.0)), display=display),
        "an element over a plate": View(Composite((element, plate)), display=display),
        "four elements side by side": View(Composite(quarters), display=display),
    }
    cut = cut_out(picture.pixels)
    rgb = np.ascontiguousarray(picture.pixels[..., :3])
    whole = replace(picture, pixels=rgb, channels=("R", "G", "B"))

    def fetch(key: FetchKey) -> Picture:
        return {"element": cut, "plate": whole}.get(key.media, picture)

    for name, view in views.items():
        yield line(
            f"1080p half to a 720p window picture, playing, {name}",
            beside(
                lambda v=view: render(v, 1280, 720, fetch, "nearest"),
                lambda v=view: quantise(render_float(v, 1280, 720, fetch, "nearest")[0]),
            ),
            "in one piece", None,
        )  # fmt: skip


def aces_views() -> Iterator[Result]:
    """An ACES view that has been on for a while, as it is played and as it stands still."""
    os.environ["OCIO"] = CONFIG
    aces = compile_ops(ocio_ops(_View(), "OCIODisplay"))
    config = ocio.Config.CreateFromFile(CONFIG)
    display = config.getDefaultDisplay()
    exact = config.getProcessor(
        ocio.DisplayViewTransform(
            src="ACEScg", display=display, view=config.getDefaultView(display)
        )
    ).getOptimizedCPUProcessor(ocio.BIT_DEPTH_F16, ocio.BIT_DEPTH_UINT8, ocio.OPTIMIZATION_DEFAULT)
    out, other = (np.empty((1080, 1920, 4), np.uint8) for _ in range(2))

    def off() -> int:
        return int(np.abs(out[..., :3].astype(int) - other[..., :3]).max())

    for name, light in view_pictures().items():

        def exactly(light: Any = light) -> None:
            exact.apply(
                ocio.PackedImageDesc(light, 1920, 1080, 4, ocio.BIT_DEPTH_F16, 2, 8, 8 * 1920),
                ocio.PackedImageDesc(other, 1920, 1080, 4, ocio.BIT_DEPTH_UINT8, 1, 4, 4 * 1920),
            )

        def played(light: Any = light) -> None:
            aces.to_bytes(light, out, until=time.monotonic() + 1 / 24)

        for _ in range(40):  # what there is to judge is judged
            played()
        refining.finished(120)
        for _ in range(40):
            played()
        speed = name in ("a lit scene", "all hues")
        mine, theirs = beside(played, exactly, 7)
        yield line(
            f"1080p half through an ACES 2 view, {name}", (mine, theirs), "OpenColorIO, exact",
            35.0 if speed else None,
        )  # fmt: skip
        yield Result("... off while playing", f"{off()} of 255", "exact", float(off()), 2.0, "<=")
        aces.to_bytes(light, out, until=math.inf)
        yield Result("... standing still", f"{off()} of 255", "exact", float(off()), 2.0, "<=")


def view_pictures() -> dict[str, Any]:
    """1080p half RGBA by name: ramps of six decades, noise, a lit scene, and every hue."""
    v, u = (np.mgrid[0:1080, 0:1920] + 0.5) / 1080
    rng = np.random.default_rng(1)
    grey = np.geomspace(1e-4, 60.0, 1920)
    tilt = np.linspace(0.2, 1.0, 1080)[:, None]
    ramps = np.stack([np.broadcast_to(grey, v.shape), grey * tilt, grey[::-1] * tilt[::-1]], -1)
    ramps[:40] = grey[:, None]
    noise = rng.uniform(-0.1, 1.4, (1080, 1920, 3))
    x, y = u - 0.9, v - 0.5
    lit = np.sqrt(np.clip(0.1 - x * x - y * y, 0, None))[..., None]  # a ball before a sky
    sky = np.stack([0.25 + 0.5 * v, 0.4 + 0.5 * v, 0.9 + 0.2 * v], -1)
    sun = 40 * np.exp(-((u - 1.6) ** 2 + (v - 0.2) ** 2) * 300)[..., None]
    scene = np.where(lit > 0, lit * [2.9, 0.5, 0.25] + 6 * (3 * lit) ** 40, sky) + sun
    scene *= 1 + 0.02 * rng.standard_normal((1080, 1920, 1))  # grain
    hues = np.stack([u / u.max() * 2, v, (np.floor((u + v) * 1080) % 397) / 397], -1)
    pictures = {"a lit scene": scene, "all hues": hues, "ramps": ramps, "noise": noise}
    return {
        name: np.concatenate([p, np.ones_like(p[..., :1])], -1).astype(np.float16)
        for name, p in pictures.items()
    }


def window(screen: str) -> Iterator[Result]:
    """A picture is made in the window's own memory: what is left to do then is to ask whether the
    server has read the last one, and to tell it of this one.  Only what lies over a picture, or
    several screens, make it one that is copied."""
    os.environ["DISPLAY"] = screen
    os.environ.pop("WAYLAND_DISPLAY", None)
    with ThreadPoolExecutor(1, initializer=promptly) as thread:  # as the display's is
        times = thread.submit(_window_times).result()
    update, served, there, elsewhere, copied, plain = times
    yield absolute("a 720p window brought up to date, 24 a second, ms", (update, plain), 0.5)
    for name, (mine, against, other) in {
        "... until the server has read it": (served, "a plain copy of it", plain),
        "... making the picture there": (there, "in an array", elsewhere),
        "... a picture from elsewhere": (copied, "a plain copy of it", plain),
    }.items():
        yield Result(
            name, f"{mine * 1e3:.2f} ms", f"{against} {other * 1e3:.2f} ms", mine / other
        )  # fmt: skip


def _window_times() -> list[float]:
    from player.display.window import WindowSink

    rng = np.random.default_rng(3)
    light = [rng.random((720, 1280, 4), np.float32).astype(np.float16) for _ in range(4)]
    array, copy = (np.zeros((720, 1280, 4), np.uint8) for _ in range(2))
    chain = compile_ops([channelwise("srgb", linear_to_srgb)])
    rows: list[list[float]] = []
    sink = WindowSink("bench", 1280, 720)
    try:
        for turn in range(72):
            one, other = light[turn % 4], light[(turn + 2) % 4]
            sink.poll()
            time.sleep(1 / 48)
            asked = seconds(sink.canvas)
            canvas = sink.canvas()
            assert canvas is not None, "no memory is shared with this X server"
            there = seconds(partial(chain.to_bytes, one, canvas))
            shown = seconds(partial(sink.show, canvas))
            served = shown + seconds(sink.canvas)  # which waits until it was read
            sink.poll()
            time.sleep(1 / 48)
            elsewhere = seconds(partial(chain.to_bytes, other, array))
            copied = seconds(partial(sink.show, array))
            sink.canvas()
            plain = seconds(partial(np.copyto, copy, array))
            rows.append([asked + shown, served, there, elsewhere, copied, plain])
    finally:
        sink.close()
    return [statistics.median(kept) for kept in zip(*rows[8:], strict=True)]


def terminal() -> Iterator[Result]:
    rng = np.random.default_rng(2)
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

    pair = beside(encode, plainly)
    yield line("200x60 half blocks, all cells", pair, "string per cell", 10.0)
    yield absolute("... milliseconds", pair, 2.0)


def playback(screen: str | None) -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as folder:
        hd = sequence(Path(folder), 1920, 1080)
        cases = [("terminal 200x60", "blocks", hd, False), ("terminal, tiles", "blocks", hd, True)]
        if screen is not None:
            uhd = sequence(Path(folder), 3840, 2160)
            cases += [
                ("720p window", "window", hd, False),
                ("720p window, tiles", "window", hd, True),
                ("UHD in a 720p window", "window", uhd, False),
            ]
        for name, display, pattern, tiles in cases:
            due, left_out, rate = playing(display, pattern, SECONDS, tiles=tiles, screen=screen)
            load = f"tiles at {rate:.1f} GB/s" if tiles else "nothing else"
            yield Result(
                f"24 fps, {name}", f"{left_out} of {due} left out", load,
                1 - left_out / due, 0.99,
            )  # fmt: skip


def run() -> Iterator[Result]:
    yield from transforms()
    yield from terminal()
    with virtual_screen() as screen:
        if screen is not None:
            yield from window(screen)
        yield from playback(screen)
