"""A picture on its way into a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.finishing import curves
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
    made: Pixels = np.array(pixels, np.float32)
    names: tuple[str, ...] = ("R", "G", "B", "A")
    matrix = _matrix(finish)
    if matrix is not None:
        made[..., :3] = made[..., :3] @ matrix.T.astype(np.float32)
    if finish.channels:
        # a name that is not there is the first channel, as in rvio
        places = [names.index(name) if name in names else 0 for name in finish.channels]
        made, names = np.ascontiguousarray(made[..., places]), finish.channels
    curved = [n for n, name in enumerate(names) if name in _CURVED]
    if finish.gamma != 1.0 and curved:
        made[..., curved] = power(made[..., curved], 1.0 / finish.gamma)
    for word, curve in _CURVES.items():
        if word in finish.curves and curved:
            made[..., curved] = curve(made[..., curved])
    if finish.alpha and "A" in names and curved:
        made[..., curved] = _with_alpha(made[..., curved], made[..., [names.index("A")]], finish)
    if finish.samples is not None:
        return Finished(made, names, _planes(made, names, finish))
    return Finished(converted(made, finish.kind) if finish.kind else made, names)


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
