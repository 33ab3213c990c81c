"""RVFormat and RVChannelMap on a decoded picture: crop, canvas, size, bit depth, channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from player.image.compiled import to_float
from player.image.sample import Placement, sample
from player.image.scene import Reformat
from player.media.picture import Picture
from player.session.resolution import output_resolution

__all__ = ["MOST_PIXELS", "channel_planes", "reformat"]

MOST_PIXELS: Final = 1 << 26
"""What a picture is resized to, or filtered as a whole, at most: 8192 x 8192, a GiB."""

_MOST_PLANES: Final = 4
_NAMES: Final = {1: ("Y",), 2: ("Y", "A"), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}
"""What RV takes the planes of a picture for, by their number; of more it shows the first."""


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
    planes = channel_planes(r.channels, p.channels)
    if planes:
        shown = planes if len(planes) <= _MOST_PLANES else planes[:1]
        p = replace(p, pixels=p.pixels[..., shown], channels=_NAMES[len(shown)])
    return p


def channel_planes(wanted: Sequence[str], channels: Sequence[str]) -> list[int]:
    """The channels that a channel map makes planes of, in order; [] when it changes nothing.

    Names that the picture does not have are passed over. RV takes the picture apart into planes
    and chains them; a plane that is in the chain already is copied together with everything
    behind it, so a repeated name may bring others along (``TwkFB::channelMapToPlanar``).
    """
    chain: list[int] = []
    for name in wanted:
        if name not in channels:
            continue
        plane = channels.index(name)
        if plane in chain:
            chain.extend(chain[chain.index(plane) :])
        else:
            chain.append(plane)
        if len(chain) > _MOST_PLANES:
            return chain  # only the first one will show, whatever follows
    return chain
