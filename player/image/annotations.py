"""What RVPaint draws at a frame, as plain shapes (`marks.py`).

Only components named in the `order` of some `frame:N` component are drawn; a mark is
there from its start frame for its duration.  With hold the marks of the nearest frame before
stay until there are new ones; with ghost those of the frames around are tinted red (before)
and green (after).  (Open RV, ``IPBaseNodes/PaintIPNode``.)
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

from player.image.glyphs import font_of
from player.image.marks import CLEAR, Colour, Component, Mark, Pen, Shape, Text

__all__ = ["Effects", "painted"]


@dataclass(frozen=True, slots=True)
class Effects:
    """`paintEffects.*` of the session."""

    hold: bool = False
    ghost: bool = False
    before: int = 5
    after: int = 5


_MODES = {1: "erase", 2: "scale"}


def _mark(node: Any, component: str) -> Mark | None:
    r = Component(node, component)
    kind = component.partition(":")[0]
    if kind == "pen":
        flat = [float(v) for v in r.values("points")]
        points = tuple(zip(flat[0::2], flat[1::2], strict=False))
        if not points:
            return None
        widths = tuple(float(v) for v in r.values("width")) or (0.01,)
        if len(widths) != len(points):
            widths = widths[:1]
        return Pen(
            points, widths, r.colour("color"), str(r.one("brush", "circle")) == "gauss",
            _MODES.get(int(r.one("mode", 0)), "over"), stamped=bool(r.one("splat", 0)),
        )  # fmt: skip
    if kind == "text":
        size = float(r.one("size", 0.01)) * 12.5 * float(r.one("scale", 1.0))
        size = float(r.one("fontSize", size) or size)
        text = str(r.one("text", ""))
        turned = float(r.one("rotation", 0.0))
        styles = str(r.one("fontWeight", "")) == "bold", str(r.one("fontStyle", "")) == "italic"
        font, slanted = font_of(str(r.one("fontFamily", "")), *styles)
        return Text(
            r.point("position"), text, size, r.colour("color"), turned, font, slanted,
            str(r.one("textDecoration", "")) == "underline",
        ) if text else None  # fmt: skip
    if kind in ("rect", "ellipse"):
        return Shape(
            kind, r.point("min"), r.point("max", (0.1, 0.1)), r.colour("innerColor", CLEAR),
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
        return replace(
            mark, border=colour, inner=(*colour[:3], colour[3] if mark.inner[3] > 0 else 0)
        )
    return replace(mark, colour=colour) if isinstance(mark, (Pen, Text)) else mark


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


def painted(node: Any, frame: int, eye: int | None, effects: Effects) -> list[Mark]:
    """The marks of an RVPaint node at a frame, in drawing order."""
    if node.one("paint.show", 1) != 1:
        return []
    now: list[tuple[int, Mark]] = []
    before: dict[int, list[tuple[int, int, Mark]]] = defaultdict(list)
    after: dict[int, list[tuple[int, int, Mark]]] = defaultdict(list)
    for component in _listed(node):
        r = Component(node, component)
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
