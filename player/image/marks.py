"""Plain shapes that are drawn over an image, and what they are read from.

Coordinates: image height = 1, origin at the image's centre, y up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["CLEAR", "WHITE", "Colour", "Component", "Mark", "Matte", "Pen", "Point", "Polygon",
           "Shape", "Text"]  # fmt: skip

Colour = tuple[float, float, float, float]
Point = tuple[float, float]
WHITE: Colour = (1.0, 1.0, 1.0, 1.0)
CLEAR: Colour = (1.0, 1.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Pen:
    """A stroke; `widths`, which are those of one side, has one entry for each point, or a single
    one.  They count in image heights, or with `pixels` in pixels of the image, of whose width they
    are a part.  `mode` is over, erase or scale (what is there is multiplied by the colour);
    `stamped` strokes are made of stamps, which add up."""

    points: tuple[Point, ...]
    widths: tuple[float, ...]
    colour: Colour = WHITE
    soft: bool = False
    mode: str = "over"
    pixels: bool = False
    stamped: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """Lines of text; `at` is where the baseline of the first begins, `size` its height.  `font` is
    one of `glyphs.py`, which may have to be `slanted`."""

    at: Point
    text: str
    size: float
    colour: Colour = WHITE
    rotation: float = 0.0
    font: str = "DroidSans"
    slanted: bool = False
    underlined: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """`rect` and `ellipse` between two corners, `arrow` and `line` between two ends."""

    kind: str
    a: Point
    b: Point
    inner: Colour = CLEAR
    border: Colour = WHITE
    width: float = 0.002
    thickness: float = 0.005


@dataclass(frozen=True, slots=True)
class Polygon:
    """Corners joined in order: filled with hard edges, or with a line of one pixel round it."""

    points: tuple[Point, ...]
    colour: Colour = WHITE
    outline: bool = False


@dataclass(frozen=True, slots=True)
class Matte:
    """`matte.*`: what lies outside of a window of that aspect is darkened.  `height` is the
    share of the image's height that is left, or not positive: the whole width is, and what
    height goes with it."""

    aspect: float = 1.33
    opacity: float = 0.66
    height: float = -1.0
    centre: Point = (0.0, 0.0)


Mark = Pen | Text | Shape | Polygon | Matte


class Component:
    """The properties of one component."""

    def __init__(self, node: Any, component: str) -> None:
        self._node, self._component = node, component

    def values(self, name: str) -> Sequence[Any]:
        found: Sequence[Any] = self._node.get(f"{self._component}.{name}")
        return found

    def one(self, name: str, default: Any) -> Any:
        values = self.values(name)
        return values[0] if len(values) else default

    def point(self, name: str, default: Point = (0.0, 0.0)) -> Point:
        v = self.values(name)
        return (float(v[0]), float(v[1])) if len(v) >= 2 else default

    def colour(self, name: str, default: Colour = WHITE) -> Colour:
        v = self.values(name)
        return (float(v[0]), float(v[1]), float(v[2]), float(v[3])) if len(v) >= 4 else default
