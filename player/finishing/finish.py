"""A picture on its way into a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.finishing import curves
from player.image.halves import half_bits
from player.image.transfer import linear_to_rec709, linear_to_srgb, power

__all__ = ["Finish", "Finished", "finished"]

Pixels = npt.NDArray[Any]

_CURVES: Final[Mapping[str, Callable[[Pixels], Pixels]]] = {
    "outlog": curves.linear_to_cineon, "outlogc": curves.linear_to_logc,
    "outredlog": curves.linear_to_redlog, "outredlogfilm": curves.linear_to_cineon,
    "outsrgb": linear_to_srgb, "out709": linear_to_rec709,
}  # fmt: skip
"""By rvio's words, in rvio's order."""
_CURVED: Final = frozenset("RGBY")
_MANY: Final = 1 << 15  # values from which on tables are quicker
_LUMA: Final = (0.2126390, 0.7151687, 0.0721923)  # of Rec. 709's primaries


@dataclass(frozen=True, slots=True)
class Finish:
    """What is done to pictures.  `curves` are words of rvio; `white` is CIE x and y;
    `samples` are those of Y, RY, BY and A (0: left out) in each direction; `kind` is "uint8",
    "uint16", "float16", "float32", or "" for what the file takes."""

    gamma: float = 1.0
    curves: frozenset[str] = frozenset()
    aces: bool = False
    white: tuple[float, float] | None = None
    channels: tuple[str, ...] = ()
    alpha: str = ""  # "premult", "unpremult"
    samples: tuple[int, int, int, int] | None = None
    kind: str = ""

    @property
    def changes_colour(self) -> bool:
        """Whether there is more to do than the display's part of the rendering can."""
        return bool(
            self.curves - {"outsrgb", "out709"} or self.aces or self.white or self.alpha
            or len(self.curves) + (self.gamma != 1.0) > 1
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finished:
    """`pixels` is (height, width, channels), top row first; `planes` has those of fewer samples
    in place of it, by their names, each (height, width)."""

    pixels: Pixels
    channels: tuple[str, ...]
    planes: dict[str, Pixels] | None = None


def finished(pixels: Pixels, finish: Finish) -> Finished:
    """The picture of linear RGBA floats (height, width, 4), top row first."""
    made, mine = pixels, False  # whether it may be written to
    names: tuple[str, ...] = ("R", "G", "B", "A")
    matrix = _matrix(finish)
    if matrix is not None:
        made, mine = np.array(made, np.float32), True
        made[..., :3] = made[..., :3] @ matrix.T.astype(np.float32)
    if finish.channels:
        # a name that is not there is the first channel, as in rvio
        places = [names.index(name) if name in names else 0 for name in finish.channels]
        made, names, mine = np.ascontiguousarray(made[..., places]), finish.channels, True
    curved = [n for n, name in enumerate(names) if name in _CURVED]
    if not finish.alpha and finish.samples is None and made.size >= _MANY:
        return Finished(_by_tables(made, curved, finish), names)
    if not mine:
        made = np.array(made, np.float32)
    if curved:
        made[..., curved] = _curve(made[..., curved], finish)
    if finish.alpha and "A" in names and curved:
        made[..., curved] = _with_alpha(made[..., curved], made[..., [names.index("A")]], finish)
    if finish.samples is not None:
        return Finished(made, names, _planes(made, names, finish))
    return Finished(converted(made, finish.kind) if finish.kind else made, names)


def _curve(values: Pixels, finish: Finish) -> Pixels:
    """Linear light as code values, in rvio's order."""
    if finish.gamma != 1.0:
        values = power(values, 1.0 / finish.gamma)
    for word, curve in _CURVES.items():
        if word in finish.curves:
            values = curve(values)
    return values


def _by_tables(made: Pixels, curved: list[int], finish: Finish) -> Pixels:
    """The same by a look at tables: rvio's pictures are halves, of which there are few."""
    whole = finish.kind in ("uint8", "uint16")
    changed = bool(curved and (finish.curves or finish.gamma != 1.0))
    if not whole and not changed:
        if finish.kind != "float16":
            return made
        return half_bits(made).view(np.float16)
    bits = half_bits(made)
    plain, curve = _tables(replace(finish, aces=False, white=None, channels=()))
    if len(curved) == made.shape[2]:
        return np.asarray(curve[bits])
    out = plain[bits]
    if changed:
        for n in curved:
            out[..., n] = curve[bits[..., n]]
    return np.asarray(out)


@lru_cache(maxsize=8)
def _tables(finish: Finish) -> tuple[Pixels, Pixels]:
    """What every half becomes, without and with the curve."""
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)
    with np.errstate(all="ignore"):
        curve = np.where(np.isfinite(halves), _curve(halves, finish), halves)
    kind = finish.kind or "float32"
    return converted(halves, kind), converted(curve.astype(np.float32), kind)


def _matrix(finish: Finish) -> Pixels | None:
    white = curves.REC709[6:]
    new = finish.white
    if finish.aces:  # a white that is given is what ACES's becomes of
        from_white = (new[0], new[1]) if new else (white[0], white[1])
        return curves.adapted(curves.REC709, curves.ACES, from_white, curves.ACES[6:])
    if new is not None:
        return curves.adapted(curves.REC709, curves.REC709, (white[0], white[1]), new)
    return None


def _with_alpha(colour: Pixels, alpha: Pixels, finish: Finish) -> Pixels:
    if finish.alpha == "premult":
        return np.asarray(colour * alpha)
    there = alpha != 0
    return np.where(there, colour / np.where(there, alpha, 1), 1)


def _planes(made: Pixels, names: tuple[str, ...], finish: Finish) -> dict[str, Pixels]:
    """Luminance, and chroma as fractions of it, with their samples."""
    assert finish.samples is not None
    if made.shape[2] < 3:  # black and white
        rgb = np.repeat(made[..., :1], 3, 2)
    else:
        rgb = made[..., :3]
    rgb = np.maximum(rgb, 0).astype(np.float64)
    y = rgb @ np.array(_LUMA)
    grey = (rgb[..., 0] == rgb[..., 1]) & (rgb[..., 0] == rgb[..., 2])
    below = np.where(grey | (y == 0), 1, y)
    ry = np.where(grey, 0, (rgb[..., 0] - y) / below)
    by = np.where(grey, 0, (rgb[..., 2] - y) / below)
    planes = dict(zip(("Y", "RY", "BY"), (y, ry, by), strict=True))
    if "A" in names:
        planes["A"] = np.maximum(made[..., names.index("A")], 0)
    counts = dict(zip(("Y", "RY", "BY", "A"), finish.samples, strict=True))
    kind = finish.kind if finish.kind in ("float16", "float32") else "float16"
    return {
        name: _thinned(plane, counts[name]).astype(kind)
        for name, plane in planes.items() if counts[name]
    }  # fmt: skip


def _thinned(plane: Pixels, count: int) -> Pixels:
    """The means of squares of *count* pixels."""
    if count == 1:
        return plane
    height, width = (n // count * count for n in plane.shape)
    parts = plane[:height, :width].reshape(height // count, count, width // count, count)
    return np.asarray(parts.mean((1, 3)))


def converted(values: Pixels, kind: str) -> Pixels:
    """Floats as numbers of a kind: integers hold 0 to 1."""
    if kind in ("float16", "float32"):
        with np.errstate(over="ignore"):
            return values.astype(kind)
    top = 255 if kind == "uint8" else 65535
    made: Pixels = (np.clip(np.nan_to_num(values), 0, 1) * top + 0.5).astype(kind)
    return made
