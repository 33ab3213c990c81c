"""RVSwitch (one of several inputs), its group, and the folder group built on it.

Source: Open RV ``src/lib/ip/IPBaseNodes/SwitchIPNode.cpp``, ``FolderGroupIPNode.cpp``.
"""

from __future__ import annotations

from collections.abc import Sequence

from player.session.group import Adaptor, FanInGroup
from player.session.kinds.stack import constrained_frame
from player.session.node import MetaVisitor, Node, RangeInfo, StructInfo
from player.session.properties import Property

__all__ = ["FolderGroup", "Switch", "SwitchGroup"]


class Switch(Node):
    __slots__ = ("_dirty", "_info", "_ranges", "_size", "active", "offset")

    def _setup(self) -> None:
        self._dirty = False
        self._info = RangeInfo()
        self._ranges: list[RangeInfo] = []
        self._size = (0, 0)
        self.active = 0
        self.offset = 0

    @property
    def active_input(self) -> Node | None:
        """The selected input."""
        return self.inputs[self.active] if self.active < len(self.inputs) else None

    def select(self) -> None:
        """Find the input that ``output.input`` names (unknown: the first) and activate it."""
        wanted = self.one("output.input", "")
        self.active = 0
        for i, node in enumerate(self.inputs):
            while node.inputs:
                node = node.inputs[0]
            if not isinstance(node, Adaptor) or node.source is None:
                continue
            if node.source.name == wanted:
                self.active = i
                break
        chosen = self.active_input
        if chosen is not None:
            chosen.set_media_active(True)

    def set_inputs(self, nodes: Sequence[Node]) -> None:
        self._set_inputs(nodes)
        if not self.deleting:
            if self.active >= len(self.inputs):
                self.active = 0
            self._compute()
            self.propagate_range()
            self.select()

    def changed(self, prop: Property) -> None:
        if not self.deleting:
            name = prop.name
            if name in (
                "mode.useCutInfo",
                "mode.alignStartFrames",
                "mode.autoEDL",
                "output.fps",
                "output.input",
            ):
                if name == "output.input":
                    self.select()
                self._dirty = True
                self.propagate_range()
                if self.group is not None:
                    self.graph.property_changed(self, prop)
            elif name in ("output.autoSize", "output.size"):
                self._dirty = True
                self.propagate_structure()
        super().changed(prop)

    def _compute(self) -> None:
        if self.deleting or not self.inputs:
            return
        self._ranges = [n.range_info() for n in self.inputs]
        chosen = self.active_input
        if chosen is None or not chosen.media_active():
            return
        own = self._ranges[self.active]
        size = chosen.struct_info(own.start)
        self._size = (int(size.width), int(size.height))
        cut = self.one("mode.useCutInfo", 1) != 0
        start, end = (own.cut_in, own.cut_out) if cut else (own.start, own.end)
        if self.one("mode.alignStartFrames", 0):
            end = max(end - start + 1, end - start) + start
        self.offset = start - 1 if self.one("mode.autoEDL", 1) else 0
        if self.one("output.fps", 0.0) == 0.0 and self._ranges[0].fps != 0.0:
            self.assign("output.fps", [self._ranges[0].fps])
        if self.one("output.autoSize", 1):
            if tuple(self.get("output.size")) != self._size:
                self.assign("output.size", self._size)
        else:
            given = self.get("output.size")
            if len(given) >= 2:
                self._size = (given[0], given[1])
        self._info = RangeInfo(start, end, own.inc, self.one("output.fps", 0.0), start, end)
        self._dirty = False

    def settle(self) -> None:
        if self._dirty:
            self._compute()

    def input_range_changed(self, source: Node) -> None:
        self._dirty = True

    def input_structure_changed(self, source: Node) -> None:
        self._dirty = True

    def input_frame(self, index: int, frame: int) -> int:
        if index >= len(self._ranges):
            return frame
        return constrained_frame(
            frame + self.offset,
            self._info,
            self._ranges[index],
            self.one("mode.useCutInfo", 1) != 0,
            self.one("mode.alignStartFrames", 0) != 0,
        )

    def range_info(self) -> RangeInfo:
        self.settle()
        return self._info.earlier(self.offset)

    def struct_info(self, frame: int) -> StructInfo:
        self.settle()
        return StructInfo(*self._size)

    def meta(self, frame: int, visitor: MetaVisitor) -> None:
        self.settle()
        visitor.enter(frame, self)
        chosen = self.active_input
        if chosen is not None and visitor.descend(self, chosen):
            chosen.meta(self.input_frame(self.active, frame), visitor)
        visitor.leave(frame, self)

    def map_to_output(self, index: int, frames: Sequence[int]) -> list[int]:
        if index != self.active:
            return []
        self.settle()
        moved = -self.offset
        if self.one("mode.alignStartFrames", 0):
            own = self._ranges[index]
            start = own.cut_in if self.one("mode.useCutInfo", 1) else own.start
            moved += self._info.start - start
        return [f + moved for f in frames]


class SwitchGroup(FanInGroup):
    """RVSwitchGroup: an adaptor for each input."""

    __slots__ = ()

    def build(self) -> None:
        self.fan_in = self.root = self.new_member("RVSwitch", "switch")
        self.settled = True

    @property
    def switch(self) -> Switch:
        assert isinstance(self.fan_in, Switch)
        return self.fan_in


class FolderGroup(FanInGroup):
    """RVFolderGroup: shows its inputs as a switch, stack or layout (``mode.viewType``)."""

    __slots__ = ("_helpers",)

    TYPES = (
        ("switch", "RVSwitch"),
        ("stack", "RVStackGroup"),
        ("layout", "RVLayoutGroup"),
    )

    def build(self) -> None:
        self._helpers: dict[str, Node] = {}
        self.settled = True
        self._update_type()

    def _update_type(self) -> None:
        wanted = self.one("mode.viewType", "switch")
        type = dict(self.TYPES).get(wanted)
        if type is None or (self.root is not None and self._helpers.get(wanted) is self.root):
            return
        helper = self._helpers.get(wanted)
        if helper is None:
            helper = self._helpers[wanted] = self.new_member(type, wanted)
        if self.root is not None:
            helper.set_inputs(list(self.root.inputs))
        self.root = self.fan_in = helper

    def set_inputs(self, nodes: Sequence[Node]) -> None:
        if not self.deleting:
            self._update_type()
        super().set_inputs(nodes)

    def changed(self, prop: Property) -> None:
        if not self.deleting and prop.name == "mode.viewType":
            self._update_type()
        super().changed(prop)
