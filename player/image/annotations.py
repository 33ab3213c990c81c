"""What RVPaint and RVOverlay draw at a frame, as plain shapes.

Only components named in the `order` of some `frame:N` component are drawn (RVPaint); a mark is
there from its start frame for its duration.  With hold the marks of the nearest frame before
stay until there are new ones; with ghost those of the frames around are tinted red (before)
and green (after).  Coordinates: image height = 1, origin at the image's centre, y up.
(Open RV, ``IPBaseNodes/PaintIPNode``.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["Effects", "Mark", "Pen", "Shape", "Text", "marks_of"]

Colour = tuple[float, float, float, float]
Point = tuple[float, float]
_WHITE: Colour = (1.0, 1.0, 1.0, 1.0)
_CLEAR: Colour = (1.0, 1.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Effects:
    """`paintEffects.*` of the session."""

    hold: bool = False
    ghost: bool = False
    before: int = 5
    after: int = 5


@dataclass(frozen=True, slots=True)
class Pen:
    """A stroke; `widths` has one entry for each point, or a single one."""

    points: tuple[Point, ...]
    widths: tuple[float, ...]
    colour: Colour = _WHITE
    soft: bool = False
    erase: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """Lines of text; `at` is where the baseline of the first begins, `size` its height."""

    at: Point
    text: str
    size: float
    colour: Colour = _WHITE
    rotation: float = 0.0


@dataclass(frozen=True, slots=True)
class Shape:
    """`rect` and `ellipse` between two corners, `arrow` and `line` between two ends."""

    kind: str
    a: Point
    b: Point
    inner: Colour = _CLEAR
    border: Colour = _WHITE
    width: float = 0.002
    thickness: float = 0.005


Mark = Pen | Text | Shape


class _Reader:
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

    def colour(self, name: str, default: Colour = _WHITE) -> Colour:
        v = self.values(name)
        return (float(v[0]), float(v[1]), float(v[2]), float(v[3])) if len(v) >= 4 else default


def _mark(node: Any, component: str) -> Mark | None:
    r = _Reader(node, component)
    kind = component.partition(":")[0]
    if kind == "pen":
        flat = [float(v) for v in r.values("points")]
        points = tuple(zip(flat[0::2], flat[1::2], strict=False))
        if not points:
            return None
        widths = tuple(float(v) for v in r.values("width")) or (0.01,)
        if len(widths) not in (1, len(points)):
            widths = (*widths, *[widths[-1]] * len(points))[: len(points)]
        soft = str(r.one("brush", "circle")).startswith("gauss") or bool(r.one("splat", 0))
        return Pen(points, widths, r.colour("color"), soft, int(r.one("mode", 0)) == 1)
    if kind == "text":
        size = float(r.one("size", 0.01)) * 12.5 * float(r.one("scale", 1.0))
        size = float(r.one("fontSize", size) or size)
        text = str(r.one("text", ""))
        turned = float(r.one("rotation", 0.0))
        return Text(r.point("position"), text, size, r.colour("color"), turned) if text else None
    if kind in ("rect", "ellipse"):
        return Shape(
            kind, r.point("min"), r.point("max", (0.1, 0.1)), r.colour("innerColor", _CLEAR),
            r.colour("borderColor"), float(r.one("borderWidth", 0.002)),
        )  # fmt: skip
    if kind in ("arrow", "line"):
        default = 0.001 if kind == "arrow" else 0.002
        return Shape(
            kind, r.point("startPos"), r.point("endPos", (0.1, 0.0)), r.colour("innerColor"),
            r.colour("borderColor"), float(r.one("borderWidth", default)),
            float(r.one("thickness", 0.005)),
        )  # fmt: skip
    return None


def _tinted(mark: Mark, colour: Colour) -> Mark:
    if isinstance(mark, Shape):
        return replace(mark, border=colour, inner=(*colour[:3], mark.inner[3] * colour[3]))
    return replace(mark, colour=colour)


def _named_frame(component: str) -> int:
    """The frame in `pen:ID:FRAME:USER`."""
    parts = component.split(":")
    try:
        return int(parts[2])
    except (IndexError, ValueError):
        return 0


def _listed(node: Any) -> list[str]:
    """Components in drawing order, frame by frame."""
    frames: list[tuple[int, str]] = []
    for name in node.props:
        component, _, prop = name.rpartition(".")
        if prop == "order" and component.startswith("frame:"):
            try:
                frames.append((int(component[6:]), name))
            except ValueError:
                continue
    out: list[str] = []
    for _, name in sorted(frames):
        out += [str(v) for v in node.get(name)]
    return list(dict.fromkeys(out))


def _ghost_opacity(frame: int, start: int, duration: int) -> float:
    away = abs(frame - start)
    return min(1.0, duration / away + 0.075) if away else 1.0


def _painted(node: Any, frame: int, eye: int | None, effects: Effects) -> list[Mark]:
    now: list[tuple[int, Mark]] = []
    before: dict[int, list[tuple[int, int, Mark]]] = defaultdict(list)
    after: dict[int, list[tuple[int, int, Mark]]] = defaultdict(list)
    for component in _listed(node):
        r = _Reader(node, component)
        seen_by = int(r.one("eye", 2))
        if seen_by not in (2, eye or 0):
            continue
        mark = _mark(node, component)
        if mark is None:
            continue
        start = int(r.one("startFrame", _named_frame(component)))
        duration = int(r.one("duration", 1))
        end = start + duration - 1
        if start <= frame <= end:
            now.append((start, mark))
        elif end < frame:
            before[frame - end].append((start, duration, mark))
        else:
            after[start - frame].append((start, duration, mark))
    out: list[Mark] = []
    held: list[Mark] = []
    fresh = any(start == frame for start, _ in now)
    for level, distance in enumerate(sorted(before), 1):
        for start, duration, mark in before[distance]:
            if level == 1 and effects.hold and not fresh:
                held.append(mark)
            depth = level - (1 if held else 0)
            if effects.ghost and depth <= effects.before:
                opacity = _ghost_opacity(frame, start, duration)
                out.append(_tinted(mark, (1.0, 0.0, 0.0, opacity)))
    for level, distance in enumerate(sorted(after), 1):
        for start, duration, mark in after[distance]:
            if effects.ghost and level <= effects.after:
                opacity = _ghost_opacity(frame, start, duration)
                out.append(_tinted(mark, (0.0, 1.0, 0.0, opacity)))
    return [*out, *held, *(mark for _, mark in now)]


def _overlaid(node: Any, frame: int, eye: int | None) -> Iterable[Mark]:
    """RVOverlay: `rect:NAME` filled boxes and `text:NAME`, one string for each frame (burn-in)."""
    components = dict.fromkeys(
        name.rpartition(".")[0] for name in node.props if name.startswith(("rect:", "text:"))
    )
    for component in components:
        r = _Reader(node, component)
        if int(r.one("eye", 2)) not in (2, eye or 0) or not r.one("active", 1):
            continue
        at, colour = r.point("position"), r.colour("color")
        if component.startswith("rect:"):
            width, height = float(r.one("width", 0.1)), float(r.one("height", 0.1))
            yield Shape("rect", at, (at[0] + width, at[1] + height), colour, _CLEAR, 0.0)
            continue
        texts = [str(v) for v in r.values("text")]
        if texts:
            index = min(max(0, frame - int(r.one("firstFrame", 1))), len(texts) - 1)
            size = float(r.one("size", 0.01)) * 12.5 * float(r.one("scale", 1.0))
            yield Text(at, texts[index], size, colour, float(r.one("rotation", 0.0)))


def marks_of(node: Any, frame: int, eye: int | None, effects: Effects) -> tuple[Mark, ...]:
    """The marks of an RVPaint or RVOverlay node at a frame, in drawing order."""
    if node.type == "RVPaint":
        if node.one("paint.show", 1) != 1:
            return ()
        return tuple(_painted(node, frame, eye, effects))
    if node.type == "RVOverlay" and node.one("overlay.show", 1):
        return tuple(_overlaid(node, frame, eye))
    return ()
