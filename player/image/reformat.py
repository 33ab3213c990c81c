"""RVFormat and RVChannelMap on a decoded picture: crop, canvas, size, bit depth, channels."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from player.image.compiled import to_float
from player.image.sample import Placement, sample
from player.image.scene import Reformat
from player.media.picture import Picture
from player.session.resolution import output_resolution

__all__ = ["MOST_PIXELS", "reformat"]

MOST_PIXELS: Final = 1 << 26
"""What a picture is resized to, or filtered as a whole, at most: 8192 x 8192, a GiB."""


def _target(r: Reformat, width: int, height: int) -> tuple[int, int]:
    if not np.isfinite(r.scale):
        return width, height
    w, h = output_resolution((width, height), r.resize, r.fit, r.scale)
    return max(1, min(65536, w)), max(1, min(65536, h))


def _depth(pixels: np.ndarray, r: Reformat) -> np.ndarray:
    floating = pixels.dtype.kind == "f"
    if floating and r.allow_float:
        if 16 <= r.max_bits <= 31 and pixels.dtype != np.float16:
            return pixels.astype(np.float16)
        return pixels
    small = 8 <= r.max_bits <= 15
    if not floating and (pixels.dtype == np.uint8 or not small):
        return pixels
    top, dtype = (255.0, np.uint8) if small else (65535.0, np.uint16)
    values = np.clip(np.nan_to_num(to_float(pixels)), 0.0, 1.0)
    return (values * np.float32(top) + np.float32(0.5)).astype(dtype)


def reformat(picture: Picture, r: Reformat) -> Picture:
    """Apply crop, uncrop, resize, depth and channel choice; the same picture when neutral."""
    if r.is_neutral or picture.blank:
        return picture
    p = picture.developed()
    if r.crop:
        x0, y0, x1, y1 = r.crop
        if 0 <= x0 <= x1 < p.width and 0 <= y0 <= y1 < p.height:
            left, bottom = max(0, x0 - p.x), max(0, y0 - p.y)
            part = p.pixels[bottom : max(bottom, y1 + 1 - p.y), left : max(left, x1 + 1 - p.x)]
            if part.size:
                p = replace(
                    p, pixels=part, width=x1 - x0 + 1, height=y1 - y0 + 1,
                    x=max(0, p.x - x0), y=max(0, p.y - y0),
                )  # fmt: skip
    if r.uncrop and r.uncrop[0] > 0 and r.uncrop[1] > 0:
        w, h, x, y = r.uncrop
        p = replace(p, width=w, height=h, x=x + p.x, y=h - y - p.height + p.y)
    else:
        w, h = _target(r, p.width, p.height)
        if w * h > MOST_PIXELS:
            problem = f"RVFormat asks for {w}x{h} pixels, the limit is {MOST_PIXELS:,}"
            p = p.with_problem(p.problem or problem)
        elif (w, h) != (p.width, p.height):
            sw = max(1, round(p.pixels.shape[1] * w / p.width))
            sh = max(1, round(p.pixels.shape[0] * h / p.height))
            inverse = np.diag([p.pixels.shape[1] / sw, p.pixels.shape[0] / sh, 1.0])
            values, _ = sample(
                p.pixels, p.channels, Placement(0, 0, sw, sh, inverse, True), "linear"
            )
            dtype = p.pixels.dtype
            if dtype.kind != "f":
                values = values * np.float32(np.iinfo(dtype).max) + np.float32(0.5)
            count = len(p.channels)
            kept = values[..., :count] if count >= 3 else values[..., [0, 3][:count]]
            p = replace(
                p, pixels=kept.astype(dtype), width=w, height=h,
                x=round(p.x * w / p.width), y=round(p.y * h / p.height),
            )  # fmt: skip
    p = replace(p, pixels=_depth(p.pixels, r))
    if r.channels:
        out = np.zeros((*p.pixels.shape[:2], len(r.channels)), p.pixels.dtype)
        for i, name in enumerate(r.channels):
            if name in p.channels:
                out[..., i] = p.pixels[..., p.channels.index(name)]
        names = tuple("RGBA"[: len(r.channels)]) if 3 <= len(r.channels) <= 4 else r.channels
        p = replace(p, pixels=out[..., :4], channels=names[:4])
    return p
