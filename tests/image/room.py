"""A session with a renderer and one pushed picture, for tests that compare a sink's pixels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from player.commands import Context, load_all
from player.commands.calling import Calls
from player.image.renderer import ImageRenderer
from player.media import PixelStore, Probe
from player.session.given import Options
from player.session.ports import MediaInfo, Ports
from player.session.session import Session

__all__ = ["Room", "hdr_picture", "noise", "ramp", "room"]

Array = npt.NDArray[np.float64]


def ramp(height: int = 32, width: int = 256) -> Array:
    """Grey to coloured ramps over six decades, some below 0: (h, w, 4), row 0 lowest."""
    x = np.geomspace(1e-4, 60.0, width)
    out = np.ones((height, width, 4))
    weights = np.linspace(0.2, 1.0, height)
    out[..., 0] = x[None, :]
    out[..., 1] = x[None, :] * weights[:, None]
    out[..., 2] = x[None, ::-1] * weights[::-1, None]
    out[:2, :, :3] *= -0.1
    return out


def noise(height: int = 32, width: int = 256, seed: int = 5) -> Array:
    """Uniform noise of -0.1 to 1.4, alpha too (0 to 1)."""
    rng = np.random.default_rng(seed)
    out = rng.uniform(-0.1, 1.4, (height, width, 4))
    out[..., 3] = np.where(rng.random((height, width)) < 0.2, 0.0, rng.random((height, width)))
    return out


def hdr_picture(height: int = 48, width: int = 160) -> Array:
    """A lit ball on a floor under a sky with a sun: smooth shades, highlights far above 1."""
    v, u = np.mgrid[0:height, 0:width]
    x, y = (u + 0.5) / height - width / height / 2, (v + 0.5) / height - 0.5
    out = np.ones((height, width, 4))
    sky = np.clip(y + 0.5, 0, 1)
    out[..., :3] = np.stack([0.25 + 0.5 * sky, 0.4 + 0.5 * sky, 0.9 + 0.2 * sky], -1)
    out[..., :3] += 40 * np.exp(-((x - 0.9) ** 2 + (y - 0.3) ** 2) * 300)[..., None]
    floor = y < -0.2
    out[floor, :3] = np.where((np.floor(x * 6) + np.floor(y * 9)) % 2, 0.02, 0.6)[floor][:, None]
    inside = (x + 0.3) ** 2 + (y + 0.05) ** 2 < 0.09
    z = np.sqrt(np.clip(0.09 - (x + 0.3) ** 2 - (y + 0.05) ** 2, 0, None)) / 0.3
    lit = np.clip(0.5 * (x + 0.3) / 0.3 + 0.5 * (y + 0.05) / 0.3 + 0.7 * z, 0, None)
    ball = lit[..., None] * np.array([0.9, 0.15, 0.08]) + 6 * lit[..., None] ** 40
    out[..., :3] = np.where(inside[..., None], ball, out[..., :3])
    return out


class Room:
    """`do` are RV's commands, `shown` what a screen of the picture's own size gets."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.probe, self.store = Probe(), PixelStore()
        self.renderer = ImageRenderer(self.probe.readers, self.store, size=size)
        ports = Ports(media=self.probe, pixels=self.store, renderer=self.renderer)
        # source_setup would choose a display curve by the media
        options = Options(no_packages=True)
        self.session = Session("display", ports=ports, options=options)
        self.renderer.attach(self.session)
        load_all()
        self.do: Any = Calls(Context(self.session), "commands")
        self.size = size

    def push(self, pixels: Array, dtype: Any = np.float16, name: str = "m", **info: Any) -> str:
        """A pushed picture (row 0 lowest); its source node."""
        h, w, c = pixels.shape
        made = np.dtype(dtype)
        facts: dict[str, Any] = {
            "width": w, "height": h, "uncrop_width": w, "uncrop_height": h, "channels": c,
            "bits": made.itemsize * 8, "is_float": made.kind == "f", "fps": 24.0, **info,
        }  # fmt: skip
        node: str = self.session.sources.add_image(MediaInfo(name, **facts)).name
        self.store.store(
            name, 1, "-", "-", 0, 0, w, h, np.ascontiguousarray(pixels, made).tobytes()
        )
        self.session.settle()
        return node

    def set(self, prop: str, *values: Any) -> None:
        """Write a property, by the type of the values."""
        if isinstance(values[0], str):
            self.do.setStringProperty(prop, list(values), True)
        elif isinstance(values[0], float):
            self.do.setFloatProperty(prop, list(values), True)
        else:
            self.do.setIntProperty(prop, [int(v) for v in values], True)

    def shown(self, *, quick: bool = False, exact: bool = False, size: Any = None) -> Array:
        """RGB as integers 0..255, row 0 lowest."""
        self.renderer.exact = exact
        self.session.settle()
        picture = self.renderer.job(quick=quick)(*(size or self.size), 1.0)
        out: Array = picture[::-1, :, :3].astype(np.float64)
        return out


@contextmanager
def room(width: int = 256, height: int = 32) -> Iterator[Room]:
    """A room whose view has this size; its workers end with it."""
    made = Room((width, height))
    try:
        yield made
    finally:
        made.renderer.close()
