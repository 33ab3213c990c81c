"""RVStack and its group: inputs on top of each other, input 0 uppermost.

The range is rebased to start at 1: the offset is the smallest start (or cut) minus 1.

Source: Open RV ``src/lib/ip/IPBaseNodes/StackIPNode.cpp``, ``StackGroupIPNode.cpp``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from player.session.group import FanInGroup
from player.session.kinds.inputfacts import Best, InputFacts
from player.session.kinds.retime import Retime
from player.session.node import MetaVisitor, Node, RangeInfo, StructInfo
from player.session.properties import Property

__all__ = ["Stack", "StackFanIn", "StackGroup", "constrained_frame"]


def constrained_frame(frame: int, total: RangeInfo, own: RangeInfo, cut: bool, align: bool) -> int:
    """The frame of an input for a frame of the combined range ``total`` (holding its ends)."""
    frame = min(max(frame, total.start), total.end)
    start, end = (own.cut_in, own.cut_out) if cut else (own.start, own.end)
    if align:
        return min(start + frame - total.start, end)
    if frame < start:
        return start
    return min(frame, end)


_DERIVED = frozenset({"output.size", "output.fps"})


class Stack(Node):
    """RVStack. ``_pending``: RV derives everything at once when the same inputs are set again;
    here it is done when somebody looks."""

    __slots__ = (
        "_cut",
        "_dirty",
        "_ends",
        "_facts",
        "_info",
        "_pending",
        "_size",
        "_spans",
        "_starts",
        "offset",
    )

    def _setup(self) -> None:
        self._dirty = False
        self._pending = False
        self._info = RangeInfo()
        self._facts = InputFacts()
        self._cut = True
        self._starts = Best(min)
        self._ends = Best(max)
        self._spans = Best(max)
        self._size = (0, 0)
        self.offset = 0

    @property
    def fps(self) -> float:
        """``output.fps`` as it is, 0.0 before the first input."""
        values: Sequence[float] = super().get("output.fps")
        return values[0] if values else 0.0

    def prop(self, name: str) -> Property | None:
        if self._pending and name in _DERIVED:
            self._compute()
        return super().prop(name)

    def get(self, name: str) -> Sequence[Any]:
        if self._pending and name in _DERIVED:
            self._compute()
        return super().get(name)

    def modified(self) -> dict[str, Property]:
        if self._pending:
            self._compute()
        return super().modified()

    def set_inputs(self, nodes: Sequence[Node]) -> None:
        n = len(self.inputs)
        if self.inputs is nodes or self.inputs == nodes:
            self._pending = self._dirty = not self.deleting
        else:
            if self._pending:
                self._compute()
            appending = 0 < n < len(nodes) and self.inputs == nodes[:n]
            self._facts.replace(nodes, n if appending else 0)
            if not appending:
                self._truncate(0)
            self._set_inputs(nodes)
            if not self.deleting:
                self._compute()
        if not self.deleting:
            self.propagate_range()

    def append_inputs(self, nodes: Sequence[Node]) -> None:
        if not self.inputs or self.deleting:
            super().append_inputs(nodes)
            return
        if self._pending:
            self._compute()
        self._append_inputs(nodes)
        self._facts.replace(self.inputs, len(self.inputs) - len(nodes))
        self._compute()
        self.propagate_range()

    def remove_input_at(self, place: int) -> None:
        if self._pending:
            self._compute()
        if self.deleting or len(self.inputs) < 2 or not self._facts.remove(self.inputs, place):
            super().remove_input_at(place)
            return
        for best in (self._starts, self._ends, self._spans):
            best.remove(place)
        self._remove_input_at(place)
        self._compute()
        self.propagate_range()

    def _truncate(self, count: int) -> None:
        for best in (self._starts, self._ends, self._spans):
            best.truncate(count)

    def _compute(self) -> None:
        """Range, size and offset, from the inputs that may have changed."""
        self._pending = self._dirty = False
        if self.deleting:
            return
        cut = self.one("mode.useCutInfo", 1) != 0
        changed = self._facts.update(self.inputs)
        if cut is not self._cut:
            self._cut = cut
            changed = list(range(len(self.inputs)))
            self._truncate(0)
        ranges = self._facts.ranges
        for i in changed:
            own = ranges[i]
            a, b = (own.cut_in, own.cut_out) if cut else (own.start, own.end)
            self._starts.put(i, a)
            self._ends.put(i, b)
            self._spans.put(i, b - a + 1)
        inc = self._info.inc
        start, end = self._info.start, self._info.end
        if self.inputs:
            inc = ranges[0].inc
            start, end = self._starts.value, self._ends.value
            self._size = self._facts.size
        if self.one("mode.alignStartFrames", 0):
            end = start + self._spans.value - 1
        self.offset = start - 1
        if self.one("output.fps", 0.0) == 0.0 and self.inputs and ranges[0].fps != 0.0:
            self.assign("output.fps", [ranges[0].fps])
        if self.one("output.autoSize", 1):
            if tuple(self.get("output.size")) != self._size:
                self.assign("output.size", self._size)
        else:
            given = self.get("output.size")
            if len(given) >= 2:
                self._size = (given[0], given[1])
        self._info = RangeInfo(start, end, inc, self.one("output.fps", 0.0), start, end)

    def settle(self) -> None:
        """Bring the derived state up to date."""
        if self._dirty:
            self._compute()

    def place_of_input(self, node: Node) -> int:
        place = self._facts.index(node)
        return super().place_of_input(node) if place is None else place

    def invalidate(self, chain: Node | None = None) -> None:
        """What is derived is to be derived again; what is known of ``chain`` may be wrong."""
        if chain is not None:
            self._facts.mark(chain)
        self._dirty = True
        self.propagate_range()

    def distrust_inputs(self) -> None:
        self._facts.mark_all()

    def input_range_stale(self, source: Node) -> None:
        self._facts.mark(source)  # RV asks every input, for whatever reason it looks again

    def input_range_changed(self, source: Node) -> None:
        self._facts.mark(source)
        self._dirty = True

    def input_structure_changed(self, source: Node) -> None:
        self._facts.mark(source)
        self._dirty = True

    def changed(self, prop: Property) -> None:
        if not self.deleting:
            name = prop.name
            if name in (
                "mode.useCutInfo",
                "mode.alignStartFrames",
                "mode.strictFrameRanges",
                "output.fps",
            ):
                self._dirty = True
                self.propagate_range()
                self.invalidate()
                if isinstance(self.group, StackFanIn):
                    self.group.member_changed(self, prop)
                elif self.group is not None:
                    self.graph.property_changed(self, prop)
            elif name in ("output.autoSize", "output.size"):
                self._dirty = True
                self.propagate_structure()
                self.invalidate()
            elif name == "composite.dissolveAmount":
                self.invalidate()
        super().changed(prop)

    # -- evaluation -----------------------------------------------------------------------------

    def input_frame(self, index: int, frame: int) -> int:
        self.settle()
        return constrained_frame(
            frame + self.offset,
            self._info,
            self._facts.ranges[index],
            self.one("mode.useCutInfo", 1) != 0,
            self.one("mode.alignStartFrames", 0) != 0,
        )

    def in_range(self, index: int, frame: int) -> bool:
        """Whether input ``index`` has a frame there (what strict ranges ask)."""
        self.settle()
        own = self._facts.ranges[index]
        cut = self.one("mode.useCutInfo", 1) != 0
        start, end = (own.cut_in, own.cut_out) if cut else (own.start, own.end)
        moved = frame + self.offset
        if self.one("mode.alignStartFrames", 0):
            moved = moved - self._info.start + start
        return start <= moved <= end

    def range_info(self) -> RangeInfo:
        self.settle()
        return self._info.earlier(self.offset)

    def struct_info(self, frame: int) -> StructInfo:
        self.settle()
        return StructInfo(*self._size)

    def meta(self, frame: int, visitor: MetaVisitor) -> None:
        self.settle()
        visitor.enter(frame, self)
        for i, child in enumerate(self.inputs):
            if visitor.descend(self, child):
                child.meta(self.input_frame(i, frame), visitor)
        visitor.leave(frame, self)

    def map_to_output(self, index: int, frames: Sequence[int]) -> list[int]:
        self.settle()
        moved = 0
        if self.one("mode.alignStartFrames", 0):
            own = self._facts.ranges[index]
            start = own.cut_in if self.one("mode.useCutInfo", 1) else own.start
            moved = self._info.start - start
        return [f + moved - self.offset for f in frames]


class StackFanIn(FanInGroup):
    """What stack and layout groups share: adaptor, transform and retime for each input."""

    __slots__ = ("_stack",)

    def build(self) -> None:
        stack = self.new_member("RVStack", "stack")
        assert isinstance(stack, Stack)
        self._stack = stack
        self.fan_in = stack
        paint = self.new_member("RVPaint", "paint")
        paint.set_inputs([stack])
        self.root = paint
        self.settled = True

    @property
    def stack(self) -> Stack:
        return self._stack

    def new_chain(self, index: int, nodes: Sequence[Node]) -> Node:
        fps = self._stack.range_info().fps
        source = nodes[index]
        if fps == 0.0:
            fps = source.range_info().fps
        adaptor = self.new_adaptor(source)
        last: Node = self.new_member_for("RVTransform2D", source, "t")
        last.set_inputs([adaptor])
        if not self.one("timing.retimeInputs", 1):
            return last
        if fps == 0.0:
            self.settled = False
            return last
        return self._retimed(source, last, fps)

    def _retimed(self, source: Node, last: Node, fps: float) -> Node:
        retime = self.new_member_for("RVRetime", source, "rt")
        retime.set_inputs([last])
        assert isinstance(retime, Retime)
        retime.assign_fps(fps)
        return retime

    def refresh_chain(self, index: int, nodes: Sequence[Node], chain: Node) -> Node:
        wanted = self.one("timing.retimeInputs", 1)
        if wanted and not isinstance(chain, Retime):
            chain = self._retimed(nodes[index], chain, nodes[index].range_info().fps)
        if isinstance(chain, Retime):
            if wanted:
                fps = self._stack.fps or self._stack.one("output.fps", 0.0)
            else:
                fps = nodes[index].range_info().fps
            chain.assign_fps(fps)
            self._stack.invalidate(chain)
            self.refreshed += 1
        return chain

    def appended(self) -> None:
        self._stack.propagate_range()

    def member_changed(self, member: Node, prop: Property) -> None:
        """A property of the stack member changed: the group reacts and tells again."""
        if not self.deleting and prop.name == "output.fps":
            self.rebuild()
            self.propagate_range()
            return
        self.graph.property_changed(member, prop)

    def changed(self, prop: Property) -> None:
        if not self.deleting and prop.name == "timing.retimeInputs":
            self.rebuild()
            self.propagate_range()
        super().changed(prop)

    def input_media_changed(self, source: Node) -> None:
        index = self.place_of(source)
        if index >= 0:
            self._before_rebuild(index)
            self.rebuild(index)

    def _before_rebuild(self, index: int) -> None:
        """Stack groups forget the rate of the retime node first."""


class StackGroup(StackFanIn):
    """RVStackGroup."""

    __slots__ = ()

    def _before_rebuild(self, index: int) -> None:
        chain = self.fan_in.inputs[index]
        if isinstance(chain, Retime):
            chain.reset_fps()
