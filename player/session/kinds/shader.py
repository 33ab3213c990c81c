"""Nodes of packages, which RV draws with GLSL that nothing here can run."""

from __future__ import annotations

from typing import ClassVar

from player.session.node import MetaVisitor, Node, RangeInfo, StructInfo
from player.session.properties import Property

__all__ = ["Shader", "Transition"]


class Shader(Node):
    """Carries properties; its first picture passes unchanged. A line says so, once a type."""

    __slots__ = ()

    told: ClassVar[set[str]] = set()

    def _setup(self) -> None:
        if self.type not in self.told:
            self.told.add(self.type)
            self.graph.warn(f"WARNING: {self.type} is GLSL, which is not run: pictures pass it")


class Transition(Shader):
    """Leads from its first input to its second, which begins at `parameters.startFrame`.

    Shown is the first until half of the `parameters.numFrames` are over, then the second.
    Source: Open RV ``IPCore/TransitionIPInstanceNode.cpp``.
    """

    __slots__ = ()

    def changed(self, prop: Property) -> None:
        super().changed(prop)
        if prop.name in _OF_RANGE:
            self.propagate_range()
        elif prop.name in ("output.autoSize", "output.size"):
            self.propagate_structure()

    def _ranges(self) -> list[RangeInfo]:
        infos = [node.range_info() for node in self.inputs[:2]]
        if self.one("mode.useCutInfo", 1):
            infos = [i._replace(start=i.cut_in, end=i.cut_out) for i in infos]
        return infos

    @property
    def _begin(self) -> int:
        return int(self.one("parameters.startFrame", 1.0))

    def range_info(self) -> RangeInfo:
        if len(self.inputs) != 2:
            return RangeInfo()
        first, second = self._ranges()
        lengths = [i.end - i.start + 1 for i in (first, second)]
        begin = self._begin
        overlap = 1 + lengths[0] - begin if begin <= first.end else 0
        end = sum(lengths) - overlap
        fps = self.one("output.fps", 0.0) or first.fps
        return RangeInfo(1, end, first.inc, fps, 1, end)

    def struct_info(self, frame: int) -> StructInfo:
        if len(self.inputs) != 2:
            return StructInfo()
        if not self.one("output.autoSize", 1):
            width, height = self.get("output.size")
            return StructInfo(width, height)
        starts = [node.range_info().start for node in self.inputs]
        sizes = [node.struct_info(at) for node, at in zip(self.inputs, starts, strict=True)]
        return StructInfo(max(s.width for s in sizes), max(s.height for s in sizes))

    def input_frame(self, index: int, frame: int) -> int:
        if len(self.inputs) != 2:
            return frame
        info = self._ranges()[index]
        at = min(max(frame, 1), self.range_info().end) - (1 if index == 0 else self._begin)
        return min(max(info.start + at, info.start), info.end)

    def meta(self, frame: int, visitor: MetaVisitor) -> None:
        visitor.enter(frame, self)
        for index, node in enumerate(self.inputs):
            if visitor.descend(self, node):
                node.meta(self.input_frame(index, frame), visitor)
        visitor.leave(frame, self)


_OF_RANGE = ("mode.useCutInfo", "output.fps", "parameters.startFrame", "parameters.numFrames")
