"""From linear light to code values, and between white points and gamuts.

Formulas are those of Open RV's ``TwkFB/Operations`` (Cineon's black at code 95 and white at 685
of 1023, RedLog, ARRI's LogC at EI 800, Bradford's adaptation of white).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["ACES", "ILLUMINANTS", "REC709", "adapted", "linear_to_cineon", "linear_to_logc",
           "linear_to_redlog"]  # fmt: skip

Values = npt.NDArray[Any]

_CODE: Final = 0.002 / 0.6  # density of a code value
_BLACK, _WHITE = 10.0 ** (95 * _CODE), 10.0 ** (685 * _CODE)

REC709: Final = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)
"""Chromaticities: x and y of red, green, blue and white."""
ACES: Final = (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)
_BRADFORD: Final = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)

ILLUMINANTS: Final = {
    "A": (0.44757, 0.40745), "B": (0.34842, 0.35161), "C": (0.31006, 0.31616),
    "D50": (0.34567, 0.35850), "D55": (0.33242, 0.34743), "D65": (0.31271, 0.32902),
    "D65REC709": (0.3127, 0.3290), "D75": (0.29902, 0.31485), "E": (1 / 3, 1 / 3),
    "F1": (0.31310, 0.33727), "F2": (0.37208, 0.37529), "F3": (0.40910, 0.39430),
    "F4": (0.44018, 0.40329), "F5": (0.31379, 0.34531), "F6": (0.37790, 0.38835),
    "F7": (0.31292, 0.32933), "F8": (0.34588, 0.35875), "F9": (0.37417, 0.37281),
    "F10": (0.34609, 0.35986), "F11": (0.38052, 0.37713), "F12": (0.43695, 0.40441),
}  # fmt: skip
"""The standard illuminants of ``-outillum``, CIE 1931 x and y."""


def linear_to_cineon(x: Values) -> Values:
    """Printing density, 0 to 1 for codes 0 to 1023; what is darker than code 0 is 0."""
    light = _BLACK + x.astype(np.float64) * (_WHITE - _BLACK)
    made: Values = (np.log10(np.maximum(light, 1.0)) / (1023 * _CODE)).astype(np.float32)
    return made


def linear_to_redlog(x: Values) -> Values:
    """RedLog, odd about 0."""
    curve = 0.5 * np.log10(99.0 * np.abs(x.astype(np.float64)) + 1.0)
    return (np.sign(x) * curve).astype(np.float32)


def linear_to_logc(x: Values) -> Values:
    """ARRI LogC at EI 800; negative light is 0."""
    x = np.maximum(x.astype(np.float64), 0.0)
    high = 0.247190 * np.log10(5.555556 * x + 0.052272) + 0.385537
    made: Values = np.where(x > 0.010591, high, 5.367655 * x + 0.092809).astype(np.float32)
    return made


def _to_xyz(chromaticities: tuple[float, ...]) -> Values:
    c = np.array(chromaticities, np.float64).reshape(4, 2)
    xyz = np.stack([c[:, 0], c[:, 1], 1 - c.sum(1)])  # columns r, g, b, w
    white = xyz[:, 3] / c[3, 1]
    return np.asarray(xyz[:, :3] * np.linalg.solve(xyz[:, :3], white))


def adapted(
    source: tuple[float, ...], target: tuple[float, ...], neutral: tuple[float, float],
    new_neutral: tuple[float, float],
) -> Values:  # fmt: skip
    """3x3 from RGB of *source*'s chromaticities to *target*'s, a white of *neutral* becoming one
    of *new_neutral*."""

    def cone(white: tuple[float, float]) -> Values:
        x, y = white
        return np.asarray(_BRADFORD @ np.array([x / y, 1.0, (1 - x - y) / y]))

    gain = np.diag(cone(new_neutral) / cone(neutral))
    change = np.linalg.inv(_BRADFORD) @ gain @ _BRADFORD
    return np.asarray(np.linalg.inv(_to_xyz(target)) @ change @ _to_xyz(source))
