"""The test pictures of procedural media: bars, colour charts, noise.

Layouts and numbers are those RV draws (Open RV, MovieProcedural); the charts are the
published colours of the 24-patch chart.  All functions fill a float32 array of shape
(height, width, 4) whose row 0 is the lowest.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from player.media.picture import Chromaticities

__all__ = ["ACES", "MACBETH_ACES", "MACBETH_SRGB", "REC709", "SMPTE_C", "colour_chart", "noise",
           "smpte_bars"]  # fmt: skip

Array = npt.NDArray[np.float32]

SMPTE_C: Chromaticities = ((0.63, 0.34), (0.31, 0.595), (0.155, 0.07), (0.3127, 0.329))
REC709: Chromaticities = ((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.3127, 0.329))
ACES: Chromaticities = ((0.7347, 0.2653), (0.0, 1.0), (0.0001, -0.077), (0.32168, 0.33767))

_BARS = ((0.8, 0.8, 0.8), (0.8, 0.8, 0), (0, 0.8, 0.8), (0, 0.8, 0), (0.8, 0, 0.8),
         (0.8, 0, 0), (0, 0, 0.8))  # fmt: skip
_DARK = (0.075, 0.075, 0.075)
_SMALL = ((0, 0, 0.8), _DARK, (0.8, 0, 0.8), _DARK, (0, 0.8, 0.8), _DARK, (0.8, 0.8, 0.8))
_LOW = ((0.031373, 0.243137, 0.349020), (1.0, 1.0, 1.0), (0.227451, 0, 0.494118), _DARK,
        (0, 0, 0), _DARK, (0.15, 0.15, 0.15), _DARK)  # fmt: skip
_LOW_STOPS = (0.0, 111 / 640, 224 / 640, 336 / 640, 455 / 640, 488 / 640, 520 / 640, 546 / 640)

#: bottom row first, left to right, 8-bit sRGB
MACBETH_SRGB = np.array([
    (243, 243, 243), (200, 200, 200), (160, 160, 160), (122, 122, 122), (85, 85, 85),
    (52, 52, 52), (56, 61, 150), (70, 148, 73), (175, 54, 60), (231, 199, 31),
    (187, 86, 149), (8, 133, 161), (214, 126, 44), (80, 91, 166), (193, 90, 99),
    (94, 60, 108), (157, 188, 64), (224, 163, 46), (115, 82, 68), (194, 150, 130),
    (98, 122, 157), (87, 108, 67), (133, 128, 177), (103, 189, 170),
], np.float32) / np.float32(255)  # fmt: skip

#: the same patches in linear ACES2065-1
MACBETH_ACES = np.array([
    (0.8666992, 0.8676758, 0.8583984), (0.5737305, 0.5727539, 0.5717773),
    (0.3535156, 0.3532715, 0.3540039), (0.2025146, 0.2023926, 0.2028809),
    (0.09466553, 0.09521484, 0.09637451), (0.03744507, 0.03765869, 0.03894043),
    (0.08734131, 0.07440186, 0.2727051), (0.1536865, 0.2568359, 0.09069824),
    (0.2174072, 0.07067871, 0.05130005), (0.5893555, 0.5395508, 0.09155273),
    (0.309082, 0.1481934, 0.2741699), (0.1490479, 0.2337646, 0.359375),
    (0.3859863, 0.227417, 0.05776978), (0.1381836, 0.1303711, 0.3369141),
    (0.302002, 0.1375732, 0.1275635), (0.09307861, 0.06347656, 0.1352539),
    (0.348877, 0.4365234, 0.1061401), (0.4865723, 0.3669434, 0.08062744),
    (0.1187744, 0.08709717, 0.05895996), (0.4001465, 0.3190918, 0.2373047),
    (0.1848145, 0.2039795, 0.3129883), (0.1090088, 0.1351318, 0.06494141),
    (0.2668457, 0.246094, 0.4094238), (0.3227539, 0.4621582, 0.4060059),
], np.float32)  # fmt: skip


def smpte_bars(out: Array) -> None:
    """Seven bars, the reversed small bars, and the pluge at the bottom."""
    height, width = out.shape[:2]
    column = np.minimum(np.arange(width) // max(1, width // 7), 6)
    middle = int(height * 0.32)
    low = middle - int(height * 0.08)
    out[..., 3] = 1.0
    out[:, :, :3] = np.array(_BARS, np.float32)[column]
    out[: middle + 1, :, :3] = np.array(_SMALL, np.float32)[column]
    where = np.searchsorted(_LOW_STOPS, np.arange(width) / width, side="right") - 1
    out[: max(low, 0) + 1, :, :3] = np.array(_LOW, np.float32)[where]


def colour_chart(out: Array, patches: Array) -> None:
    """Four rows of six patches on black, in the proportions of the printed chart."""
    out[:] = (0, 0, 0, 1)
    height, width = out.shape[:2]
    px, py = width / 287.0, height / 203.0
    patch_w, left, gap_x = int(40 * px), int(6 * px), int(7 * px)
    patch_h, bottom, gap_y = int(40 * py), int(15 * py), int(7 * py)
    for n, colour in enumerate(patches):
        x = left + (n % 6) * (patch_w + gap_x)
        y = bottom + (n // 6) * (patch_h + gap_y)
        out[y : y + patch_h, x : x + patch_w, :3] = colour


def _gradient(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Perlin's gradient noise, about -1..1, for every pair of x (columns) and y (rows)."""
    rng = np.random.default_rng(20020614)  # one fixed texture
    table = np.tile(rng.permutation(256), 2)
    angle = rng.random(256) * 2 * math.pi
    gx, gy = np.cos(angle), np.sin(angle)
    xi, yi = np.floor(x).astype(int), np.floor(y).astype(int)
    fx, fy = x - xi, y - yi

    def fade(t: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        eased: npt.NDArray[np.float64] = t * t * t * (t * (t * 6 - 15) + 10)
        return eased

    def corner(dx: int, dy: int) -> npt.NDArray[np.float64]:
        h = table[table[(xi + dx)[None, :] & 255] + ((yi + dy)[:, None] & 255)]
        dot: npt.NDArray[np.float64] = gx[h] * (fx - dx)[None, :] + gy[h] * (fy - dy)[:, None]
        return dot

    u, v = fade(fx)[None, :], fade(fy)[:, None]
    low = corner(0, 0) * (1 - u) + corner(1, 0) * u
    high = corner(0, 1) * (1 - u) + corner(1, 1) * u
    result: npt.NDArray[np.float64] = low * (1 - v) + high * v
    result *= math.sqrt(2)
    return result


def noise(out: Array) -> None:
    """Octaves of gradient noise that meet at the left and right edge, so that it can pan."""
    height, width = out.shape[:2]
    size = min(width, height)
    octaves = math.log2(size) if size > 1 else 1.0
    x, y = np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64)
    blend = (x / max(1, width - 1)) ** 8
    total = np.zeros((height, width))
    for octave in range(int(octaves) + 1):
        scale = size / 2.0**octave
        amplitude = 1.0 - octave / octaves
        if amplitude <= 0:
            continue
        straight = _gradient(x / scale, y / scale)
        mirrored = _gradient((width - 1 - x) / scale, y / scale)
        total += amplitude * (straight * blend + mirrored * (1.0 - blend))
    out[..., :3] = ((total + 1.0) / 2.0)[..., None]
    out[..., 3] = 1.0
