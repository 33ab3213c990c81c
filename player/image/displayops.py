"""RVDisplayColor and OCIODisplay as colour operations.

The order is RV's: brightness of RVDisplayColor comes after everything else, an OCIO display
reorders channels after its view.  (Open RV, DisplayIPNode and OCIOIPNode.)
"""

from __future__ import annotations

import numpy as np

from player.image.colorspace import primaries_matrix
from player.image.lut import lut_ops
from player.image.ocio import ocio_ops
from player.image.ops import (
    LUMA,
    Matrix4,
    Op,
    PropertyReader,
    channel_matrix,
    channelwise,
    colour_matrix,
    general,
)
from player.image.reading import gamma_op, number
from player.image.transfer import Array, linear_to_rec709, linear_to_srgb

__all__ = ["display_ops", "ocio_display_ops"]

_LETTERS = {"R": 0, "G": 1, "B": 2, "A": 3}


def _order_matrix(order: str) -> Matrix4:
    """Output channel i is the channel named by letter i; "1" is the sum of all four, as in
    RV; unknown and missing letters give 0."""
    m = np.zeros((4, 4))
    for row, letter in enumerate(order[:4]):
        if letter in _LETTERS:
            m[row, _LETTERS[letter]] = 1.0
        elif letter == "1":
            m[row] = 1.0
    return m


def _flood_matrix(flood: int) -> Matrix4:
    m = np.zeros((4, 4))
    m[3, 3] = 1.0
    if flood == 5:
        m[:3, :3] = LUMA
    elif 1 <= flood <= 4:
        m[:3, flood - 1] = 1.0
    else:
        return np.eye(4)
    return m


def _out_of_range(rgb: Array) -> Array:
    # neither above nor below: no number is black
    return np.where(rgb >= 1, 1.0, np.where(rgb > 0, 0.5, 0.0)).astype(np.float32)


def _dither(bits: int) -> Op:
    amount = 1.0 / (2.0**bits - 1.0)
    rng = np.random.default_rng(bits)

    def apply(rgba: Array) -> Array:
        noise = rng.random((*rgba.shape[:-1], 3), np.float32) - np.float32(0.5)
        rgba[..., :3] += noise * np.float32(amount)
        return rgba

    return general(("dither", bits), apply)


def display_ops(node: PropertyReader) -> tuple[Op, ...]:
    """RVDisplayColor."""
    if not node.one("color.active", 1):
        return ()
    out: list[Op] = []
    order = str(node.one("color.channelOrder", "RGBA"))
    channels = _order_matrix(order) if order else np.eye(4)
    channels = _flood_matrix(int(node.one("color.channelFlood", 0) or 0)) @ channels
    if not np.array_equal(channels, np.eye(4)):
        out.append(channel_matrix(channels))
    if node.one("chromaticities.active", 0):
        out += _display_primaries(node)
    matrix = node.get("color.matrix")
    if len(matrix) == 16:
        out.append(colour_matrix(matrix))
    bits = int(node.one("color.dither", 0) or 0)
    last = bool(node.one("color.ditherLast", 1))
    if 0 < bits <= 24 and not last:
        out.append(_dither(bits))
    out += lut_ops(node)
    if node.one("color.sRGB", 0):
        out.append(channelwise("srgb", linear_to_srgb))
    if node.one("color.Rec709", 0):
        out.append(channelwise("rec709", linear_to_rec709))
    gamma = number(node, "color.gamma", 1.0)
    if gamma != 1.0:
        out.append(gamma_op((gamma, gamma, gamma)))
    if node.one("color.outOfRange", 0):
        out.append(channelwise("outofrange", _out_of_range))
    if 0 < bits <= 24 and last:
        out.append(_dither(bits))
    brightness = number(node, "color.brightness", 0.0)
    if brightness:
        out.append(_scale(2.0 ** min(brightness, 120.0)))
    return tuple(out)


def _scale(factor: float) -> Op:
    return colour_matrix(np.diag([factor, factor, factor, 1.0]))


def _display_primaries(node: PropertyReader) -> list[Op]:
    def pair(name: str) -> tuple[float, float]:
        values = node.get(f"chromaticities.{name}")
        return (float(values[0]), float(values[1])) if len(values) >= 2 else (0.3127, 0.329)

    primaries = [pair("red"), pair("green"), pair("blue"), pair("white")]
    try:
        return [colour_matrix(primaries_matrix(primaries, pair("neutral")))]
    except (np.linalg.LinAlgError, ZeroDivisionError):
        return []


def ocio_display_ops(node: PropertyReader) -> tuple[Op, ...]:
    """OCIODisplay: the view, then channel order, flood and dither."""
    out = list(ocio_ops(node, "OCIODisplay"))
    if not node.one("ocio.active", 1) or node.one("ocio.function", "display") != "display":
        return tuple(out)
    order = str(node.one("color.channelOrder", "RGBA"))
    channels = _order_matrix(order) if order else np.eye(4)
    channels = _flood_matrix(int(node.one("color.channelFlood", 0) or 0)) @ channels
    if not np.array_equal(channels, np.eye(4)):
        out.append(channel_matrix(channels))
    bits = int(node.one("color.dither", 0) or 0)
    if 0 < bits <= 24:
        out.append(_dither(bits))
    return tuple(out)
