"""RVLayoutGroup: inputs side by side, placed through their RVTransform2D members.

Units: the output's height is 1, the origin its centre. The placement is done lazily, when
something asks for it after mode, spacing, grid, inputs or sizes changed.

Source: Open RV ``src/lib/ip/IPBaseNodes/LayoutGroupIPNode.cpp``; RV manual, "RVLayoutGroup".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from player.session.floats import f32
from player.session.kinds.stack import StackFanIn
from player.session.node import MetaVisitor, Node
from player.session.properties import Property

__all__ = ["LayoutGroup", "Tile", "grid", "packed", "packed2"]

_PLACED = frozenset({"packed", "packed2", "row", "column", "grid"})
_EAGER = 100
"""Up to this many inputs are placed before another one is added, as RV does; more wait for the
next display, because placing all of them for every new one would be quadratic."""

_KEYS = frozenset({"layout.mode", "layout.spacing", "layout.gridRows", "layout.gridColumns"})


@dataclass(slots=True)
class Tile:
    """An item of ``width`` (height 1) and where it goes."""

    width: float
    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0


def grid(tiles: Sequence[Tile], aspect: float, columns: int, rows: int) -> None:
    """Equal cells as wide as the widest item; see the module's source for the choices."""
    n = len(tiles)
    if not n:
        return
    columns, rows = min(max(columns, 0), n), min(max(rows, 0), n)
    widest = max(t.width for t in tiles)
    by_columns = False
    if columns:
        rows = math.ceil(n / columns)
    elif rows:
        by_columns = True
        columns = math.ceil(n / rows)
    else:
        best = 0.0
        for c in range(1, n):
            r = math.ceil(n / c)
            scale = _cell(aspect, c, widest, r)
            if scale > best:
                best, columns, rows = scale, c, r
    if not columns or not rows:
        return
    scale = _cell(aspect, columns, widest, rows)
    for i, tile in enumerate(tiles):
        c, r = divmod(i, rows) if by_columns else (i % columns, i // columns)
        tile.x = f32(((columns - 1.0) / -2.0 + c) * widest * scale)
        tile.y = f32(-f32(((rows - 1.0) / -2.0 + r) * scale))
        tile.scale = scale


def _cell(aspect: float, columns: int, widest: float, rows: int) -> float:
    across = f32(aspect / f32(columns * widest)) if widest else math.inf
    return min(across, f32(1.0 / rows))


def _row(tiles: Sequence[Tile], y: float, scale: float, offset: float) -> None:
    at, offset = 0.0, f32(offset)
    for i, tile in enumerate(tiles):
        half = tile.width / 2.0
        if i:
            at = f32(at + half)
        tile.x = 0.0 if len(tiles) == 1 else f32(f32(at - offset) * scale)
        at = f32(at + half)
        tile.y, tile.scale = f32(y), scale


def _sum(tiles: Sequence[Tile]) -> float:
    total = 0.0
    for tile in tiles:
        total = f32(total + tile.width)
    return total


def _row_width(tiles: Sequence[Tile]) -> float:
    return _sum(tiles) if len(tiles) > 1 else 0.0


def _rows_for(total: float, aspect: float) -> int:
    return math.ceil(f32(math.sqrt(f32(total / aspect)))) if aspect > 0 else 1


def _rows_needed(tiles: Sequence[Tile], capacity: float, limit: int) -> int:
    """Rows of ``capacity`` that the items fill; 0 when more than ``limit``."""
    count, used = 1, 0.0
    for tile in tiles:
        if f32(used + tile.width) > capacity and used > 0.0:
            count, used = count + 1, 0.0
        if tile.width > capacity or count > limit:
            return 0
        used = f32(used + tile.width)
    return count


def packed(tiles: Sequence[Tile], aspect: float) -> None:
    """As few rows as hold everything, then evened out from top to bottom."""
    if not tiles or aspect <= 0:
        return
    # fewer rows than the widest item is pictures wide hold it not
    rows = max(_rows_for(_sum(tiles), aspect), int(max(t.width for t in tiles) / aspect) - 1, 1)
    used = _rows_needed(tiles, f32(rows * aspect), rows)
    for _ in range(10_000):
        if used:
            break
        rows += 1
        used = _rows_needed(tiles, f32(rows * aspect), rows)
    if not used:
        return
    capacity = f32(rows * aspect)
    marks, widths = [0], []
    i = 0
    for _ in range(used):
        width = 0.0
        while i < len(tiles) and f32(width + tiles[i].width) <= capacity:
            width = f32(width + tiles[i].width)
            i += 1
        marks.append(i)
        widths.append(width)
    _even_out(tiles, marks, widths, capacity)
    scale = f32(1.0 / rows)
    if used != rows:
        longest = max(widths)
        if 0 < longest < capacity:
            scale = f32(scale * f32(capacity / longest))
    for r in range(used):
        line = tiles[marks[r] : marks[r + 1]]
        if line:
            y = 0.5 * scale * used - 0.5 * scale - f32(r * scale)
            _row(line, y, scale, _row_width(line) / 2.0 - line[0].width / 2.0)


def _even_out(tiles: Sequence[Tile], marks: list[int], widths: list[float], room: float) -> None:
    """Move last items to the next row while that makes the larger gap smaller."""
    moved = True
    while moved:
        moved = False
        for r in range(len(widths) - 1):
            if marks[r + 1] - marks[r] < 1:
                continue
            w = tiles[marks[r + 1] - 1].width
            if f32(w + widths[r + 1]) > room:
                continue
            gap, below = f32(room - widths[r]), f32(room - widths[r + 1])
            if max(f32(below - w), f32(gap + w)) < max(below, gap):
                marks[r + 1] -= 1
                widths[r + 1] = f32(widths[r + 1] + w)
                widths[r] = f32(widths[r] - w)
                moved = True


def packed2(tiles: Sequence[Tile], aspect: float) -> None:
    """Rows filled from the left, the free width spread between the items."""
    rows = max(_rows_for(_row_width(tiles), aspect), 1)
    while True:
        scale = f32(1.0 / rows)
        i = 0
        for r in range(rows):
            line: list[Tile] = []
            used = 0.0
            while i < len(tiles):
                used = f32(used + f32(tiles[i].width * scale))
                if used > aspect:
                    break
                line.append(tiles[i])
                i += 1
            if not line:
                continue
            y = f32(f32(f32((rows - r - 1) * scale) - f32(rows * scale)) + scale)
            y = y + f32(rows * scale) / 2.0 - 1.0 / rows / 2.0
            _row(line, y, scale, aspect / 2.0 / scale - line[0].width / 2.0)
            if len(line) > 1:
                free = f32(aspect - f32(_row_width(line) * scale))
                gap = f32(free / (len(line) - 1))
                for q, tile in enumerate(line):
                    tile.x = f32(tile.x + f32(gap * q))
        if i >= len(tiles) or rows > len(tiles) + 1:
            return
        rows += 1


class _Transforms(MetaVisitor):
    """The closest RVTransform2D on each branch."""

    def __init__(self) -> None:
        self.found: list[Node] = []

    def enter(self, frame: int, node: Node) -> None:
        if node.type == "RVTransform2D":
            self.found.append(node)

    def descend(self, parent: Node, child: Node) -> bool:
        return not self.found or self.found[-1] is not parent


class LayoutGroup(StackFanIn):
    """RVLayoutGroup."""

    __slots__ = ("_wanted",)

    def build(self) -> None:
        self._wanted = False
        super().build()

    def settle_layout(self) -> None:
        """Place the inputs if something asked for it."""
        if self._wanted:
            self._wanted = False
            self.place()

    def place(self) -> None:
        """Write the transforms of the current mode (no events, as in RV)."""
        mode = self.one("layout.mode", "packed")
        if mode not in _PLACED:
            return
        frame = self.graph.frame()
        visitor = _Transforms()
        self.meta(frame, visitor)
        tiles = []
        for node in visitor.found:
            s = node.struct_info(frame)
            tiles.append(Tile(f32(s.width / s.height) if s.width > 0 and s.height > 0 else 0.0))
        size = self.struct_info(frame)
        known = size.width > 0 and size.height > 0
        aspect = f32(size.width / size.height) if known else f32(16.0 / 9.0)
        if mode == "packed":
            packed(tiles, aspect)
        elif mode == "packed2":
            packed2(tiles, aspect)
        elif mode == "row":
            grid(tiles, aspect, 0, 1)
        elif mode == "column":
            grid(tiles, aspect, 1, 0)
        else:
            columns = self.one("layout.gridColumns", 0)
            grid(tiles, aspect, columns, self.one("layout.gridRows", 0))
        spacing = self.one("layout.spacing", 1.0)
        for node, tile in zip(visitor.found, tiles, strict=True):
            scale = f32(tile.scale * spacing) if 0.0 < spacing < 1.0 else tile.scale
            for name, values in (
                ("transform.translate", [tile.x, tile.y]),
                ("transform.scale", [scale, scale]),
                ("transform.rotate", [0.0]),
            ):
                node.assign(name, values)

    def new_chain(self, index: int, nodes: Sequence[Node]) -> Node:
        if len(self.inputs) <= _EAGER:
            self.settle_layout()
        return super().new_chain(index, nodes)

    def refresh_chain(self, index: int, nodes: Sequence[Node], chain: Node) -> Node:
        if len(self.inputs) <= _EAGER:
            self.settle_layout()
        return super().refresh_chain(index, nodes, chain)

    def set_inputs(self, nodes: Sequence[Node]) -> None:
        super().set_inputs(nodes)
        if not self.deleting:
            self._wanted = True

    def append_inputs(self, nodes: Sequence[Node]) -> None:
        super().append_inputs(nodes)
        if not self.deleting:
            self._wanted = True

    def changed(self, prop: Property) -> None:
        if not self.deleting and prop.name in _KEYS:
            self._wanted = True
        super().changed(prop)

    def input_structure_changed(self, source: Node) -> None:
        super().input_structure_changed(source)
        if not self.deleting and self.one("layout.mode", "packed") in _PLACED:
            self._wanted = True
