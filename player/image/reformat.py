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
    small |= floating and r.max_bits >= 32  # there are no textures of 32 bit integers
    top, dtype = (255.0, np.uint8) if small else (65535.0, np.uint16)
    values = np.clip(np.nan_to_num(to_float(pixels)), 0.0, 1.0)
    return (values * np.float32(top) + np.float32(0.5)).astype(dtype)


def _cropped(p: Picture, box: tuple[int, int, int, int]) -> Picture:
    """A part of the stored pixels, which is all there is then; the picture itself when the box is
    not within them."""
    x0, y0, x1, y1 = box
    rows, columns = p.stored
    if not (0 <= x0 <= x1 < columns and 0 <= y0 <= y1 < rows):
        return p
    part = p.pixels[y0 : y1 + 1, x0 : x1 + 1]
    return replace(p, pixels=part, width=x1 - x0 + 1, height=y1 - y0 + 1, x=0, y=0)


def _resized(p: Picture, w: int, h: int) -> Picture:
    """With *w* x *h* stored pixels; the frame around them grows with them."""
    rows, columns = p.stored
    inverse = np.diag([p.pixels.shape[1] / w, p.pixels.shape[0] / h, 1.0])
    values, _ = sample(p.pixels, p.channels, Placement(0, 0, w, h, inverse, True), "linear")
    dtype = p.pixels.dtype
    if dtype.kind != "f":
        values = values * np.float32(np.iinfo(dtype).max) + np.float32(0.5)
    count = len(p.channels)
    kept = values[..., :count] if count >= 3 else values[..., [0, 3][:count]]

    def across(v: int) -> int:
        return int(v * w / columns + 0.49)

    def down(v: int) -> int:
        return int(v * h / rows + 0.49)

    height, above = down(p.height), down(p.height - p.y - rows)
    return replace(
        p, pixels=kept.astype(dtype), width=max(1, across(p.width)), height=max(1, height),
        x=across(p.x), y=height - above - h,
    )  # fmt: skip


def reformat(picture: Picture, r: Reformat) -> Picture:
    """Apply crop, uncrop, resize, depth and channel choice; the same picture when neutral.

    As in RV boxes and sizes are those of the stored pixels, also where these are a part of a
    frame only.
    """
    if r.is_neutral or picture.blank:
        return picture
    p = picture.developed()
    if r.crop:
        p = _cropped(p, r.crop)
    rows, columns = p.stored
    if r.uncrop and r.uncrop[0] > 0 and r.uncrop[1] > 0:
        w, h, x, y = r.uncrop
        p = replace(p, width=w, height=h, x=x, y=h - y - rows)
    else:
        w, h = _target(r, columns, rows)
        if w * h > MOST_PIXELS:
            problem = f"RVFormat asks for {w}x{h} pixels, the limit is {MOST_PIXELS:,}"
            p = p.with_problem(p.problem or problem)
        elif (w, h) != (columns, rows):
            p = _resized(p, w, h)
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
