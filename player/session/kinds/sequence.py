"""RVSequence and its group: inputs one after the other, by an edit list.

The edit list is four columns, ``edl.frame``, ``edl.source``, ``edl.in`` and ``edl.out``, with one
entry more than there are cuts: the last one only says where the sequence ends. With
``mode.autoEDL`` it is derived from the inputs, numbered from 1; appended inputs append entries,
any other change writes it anew, lazily. The ranges of the inputs are remembered so that
appending to thousands of inputs costs what was appended.

Source: Open RV ``src/lib/ip/IPBaseNodes/SequenceIPNode.cpp``, ``SequenceGroupIPNode.cpp``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import abc
from typing import Any, NamedTuple, Protocol

from player.session.group import FanInGroup
from player.session.kinds.inputfacts import InputFacts
from player.session.kinds.retime import Retime
from player.session.node import MetaVisitor, Node, RangeInfo, StructInfo
from player.session.properties import Property

__all__ = ["EDL", "EvalPoint", "Sequence", "SequenceGroup", "Tracker"]

EDL = ("edl.source", "edl.frame", "edl.in", "edl.out")
_PER_INPUT = frozenset(
    {
        "composite.inputBlendModes",
        "composite.inputOpacities",
        "composite.inputAngularMaskPivotX",
        "composite.inputAngularMaskPivotY",
        "composite.inputAngularMaskAngleInRadians",
        "composite.inputAngularMaskActive",
        "composite.swapAngularMaskInput",
    }
)
_DERIVED = frozenset({*EDL, "output.size", "output.fps"})
_EMPTY_SIZE = (854, 480)


class EvalPoint(NamedTuple):
    """What a frame shows: input number (-1: none), its frame, edit list entry."""

    source: int
    frame: int
    entry: int


class Tracker(Protocol):
    """Who wants to know when an edit list is derived anew."""

    @property
    def watching(self) -> bool: ...
    def before(self) -> None: ...
    def after(self) -> None: ...


class Sequence(Node):
    """RVSequence.

    ``_info_dirty`` and ``_edl_dirty`` are RV's flags: what is derived is derived again when
    somebody asks. ``_edl_from`` is the first entry that differs from the inputs. ``_pending``
    is work that RV does at once and that is done here when somebody looks: setting the same
    inputs again, which happens for every source of a session file.
    """

    __slots__ = (
        "_building",
        "_edl_dirty",
        "_edl_from",
        "_facts",
        "_info_dirty",
        "_pending",
        "_size",
        "tracker",
    )

    def _setup(self) -> None:
        self._edl_dirty = False
        self._info_dirty = False
        self._building = False
        self._pending = False
        self._edl_from = 0
        self._facts = InputFacts()
        self._size = _EMPTY_SIZE
        self.tracker: Tracker | None = None

    # -- properties that are derived ------------------------------------------------------------

    def prop(self, name: str) -> Property | None:
        if self._pending and name in _DERIVED:
            self._catch_up()
        return super().prop(name)

    def get(self, name: str) -> abc.Sequence[Any]:
        if self._pending and name in _DERIVED:
            self._catch_up()
        return super().get(name)

    def modified(self) -> dict[str, Property]:
        if self._pending:
            self._catch_up()
        return super().modified()

    def assign(self, name: str, values: abc.Iterable[Any]) -> None:
        if name in EDL:
            self._edl_from = 0
        super().assign(name, values)

    # -- building -----------------------------------------------------------------------------

    @property
    def fps(self) -> float:
        """``output.fps`` as it is, 0.0 before the first input."""
        values: abc.Sequence[float] = super().get("output.fps")
        return values[0] if values else 0.0

    @property
    def watched(self) -> bool:
        """Whether somebody follows what happens to the edit list."""
        return self.tracker is not None and self.tracker.watching

    def set_inputs(self, nodes: abc.Sequence[Node]) -> None:
        n = len(self.inputs)
        same = self.inputs is nodes or self.inputs == nodes
        if same and not self.watched:
            self._pending = True
        else:
            appending = 0 < n < len(nodes) and self.inputs == nodes[:n]
            if self._pending:
                self._catch_up()
            if not same:
                self._facts.replace(nodes, n if appending else 0)
                if not appending:
                    self._edl_from = 0
            self._update_info(nodes)
            if self.one("mode.autoEDL", 1):
                self._write_edl(nodes, len(nodes) - n if appending else 0)
            self._set_inputs(nodes)
        self.propagate_range()
        self.propagate_structure()

    def append_inputs(self, nodes: abc.Sequence[Node]) -> None:
        if not self.inputs or self.deleting:
            super().append_inputs(nodes)
            return
        if self._pending:
            self._catch_up()
        self._append_inputs(nodes)
        self._facts.replace(self.inputs, len(self.inputs) - len(nodes))
        self._update_info(self.inputs)
        if self.one("mode.autoEDL", 1):
            self._write_edl(self.inputs, len(nodes))
        self.propagate_range()
        self.propagate_structure()

    def remove_input_at(self, place: int) -> None:
        if self._pending:
            self._catch_up()
        if self.deleting or not self._facts.remove(self.inputs, place):
            super().remove_input_at(place)
            return
        rest = [*self.inputs[:place], *self.inputs[place + 1 :]]
        auto = self.one("mode.autoEDL", 1)
        if not (auto and self._cut_entry(place)):
            self._edl_from = min(self._edl_from, place)
        self._update_info(rest)
        if auto:
            self._write_edl(rest, 0)
        self._remove_input_at(place)
        self.propagate_range()
        self.propagate_structure()

    def _cut_entry(self, place: int) -> bool:
        """Take the entry of an input out of an edit list that is up to date; False when it is
        not, or when that would leave it empty."""
        n = len(self.inputs)
        columns = [self.prop(name) for name in EDL]
        lists = [c.values for c in columns if c is not None]
        if n < 2 or self._edl_from < n or [len(c) for c in lists] != [n + 1] * len(EDL):
            return False
        source, frame, first, last = lists
        gone = frame[place + 1] - frame[place]
        frame[place:] = [f - gone for f in frame[place + 1 :]]
        source[place:] = [*range(place, n - 1), 0]
        del first[place], last[place]
        self._edl_from = n - 1
        return True

    def _catch_up(self) -> None:
        self._pending = False
        self._update_info(self.inputs)
        if self.one("mode.autoEDL", 1):
            self._write_edl(self.inputs, 0)

    def _update_info(self, nodes: abc.Sequence[Node]) -> None:
        """Ranges and sizes of the inputs that are stale."""
        if self.deleting:
            return
        changed = self._facts.update(nodes)
        if changed:
            self._edl_from = min(self._edl_from, changed[0])
        if nodes:
            if self.one("output.fps", 0.0) == 0.0:
                self.assign("output.fps", [self._facts.ranges[0].fps])
            self._size = self._facts.size
        if self.one("output.autoSize", 1):
            if tuple(self.get("output.size")) != self._size:
                self.assign("output.size", self._size)
        else:
            size2 = self.get("output.size")
            if len(size2) >= 2:
                self._size = (size2[0], size2[1])
        self._info_dirty = False

    def _write_edl(self, nodes: abc.Sequence[Node], append: int) -> None:
        """Entries for the last ``append`` inputs; with 0 every entry that is out of date."""
        self._edl_dirty = False
        if self.deleting:
            return
        columns = [self.prop(name) for name in EDL]
        if any(c is None for c in columns):
            return
        source, frame, first, last = (c.values for c in columns if c is not None)
        if not nodes:
            for column in (source, frame, first, last):
                column.clear()
            self._edl_from = 0
            self.touch()
            return
        if append and frame:
            start = len(nodes) - append
            total = frame[-1]
            for column in (source, frame, first, last):
                if column:
                    column.pop()
        else:
            start = self._edl_from
            if any(len(column) != len(nodes) + 1 for column in (source, frame, first, last)):
                start = min(start, *(max(len(c) - 1, 0) for c in (source, frame, first, last)))
            start = min(start, len(nodes))
            if start == len(nodes) and len(frame) == start + 1:
                return
            total = frame[start] if start else 1
            for column in (source, frame, first, last):
                del column[start:]
            self._edl_from = len(nodes)
        cut = self.one("mode.useCutInfo", 1) != 0
        ranges = self._facts.ranges
        for i in range(start, len(nodes)):
            info = ranges[i]
            a, b = (info.cut_in, info.cut_out) if cut else (info.start, info.end)
            source.append(i)
            frame.append(total)
            first.append(a)
            last.append(b)
            total += b - a + 1
        for column, value in ((source, 0), (frame, total), (first, 0), (last, 0)):
            column.append(value)
        if append and self._edl_from >= len(nodes) - append:
            self._edl_from = len(nodes)
        self.touch()

    def settle(self) -> None:
        """Bring the derived state up to date."""
        if self._building or self.deleting:
            return
        if self._pending:
            self._catch_up()
        auto = self.one("mode.autoEDL", 1)
        if not (self._info_dirty or (self._edl_dirty and auto)):
            return
        self._building = True
        tracker = self.tracker
        try:
            if tracker is not None:
                tracker.before()
            if self._info_dirty:
                self._update_info(self.inputs)
            if self._edl_dirty and auto:
                self._write_edl(self.inputs, 0)
        finally:
            self._building = False
        if tracker is not None:
            tracker.after()

    def place_of_input(self, node: Node) -> int:
        place = self._facts.index(node)
        return super().place_of_input(node) if place is None else place

    def invalidate(self, chain: Node) -> None:
        """What is known of an input may be wrong."""
        self._facts.mark(chain)
        self._info_dirty = True

    def distrust_inputs(self) -> None:
        self._facts.mark_all()

    def input_range_stale(self, source: Node) -> None:
        self._facts.mark(source)

    def input_range_changed(self, source: Node) -> None:
        self._facts.mark(source)
        if self.one("mode.autoEDL", 1) and not self.deleting:
            self._info_dirty = self._edl_dirty = True

    def input_structure_changed(self, source: Node) -> None:
        self._facts.mark(source)
        if not self.deleting:
            self._info_dirty = True

    def changed(self, prop: Property) -> None:
        if not self.deleting:
            name = prop.name
            if name in EDL:
                self._edl_from = 0
            if name in ("mode.autoEDL", "mode.useCutInfo", "output.fps"):
                self._edl_dirty = True
                self._edl_from = 0
                self.propagate_range()
                self._tell_group(prop)
            elif name in ("output.size", "output.autoSize"):
                self._info_dirty = True
                self.propagate_structure()
                self._tell_group(prop)
            elif name in _PER_INPUT:
                self._tell_group(prop)
        super().changed(prop)

    def _tell_group(self, prop: Property) -> None:
        group = self.group
        if isinstance(group, SequenceGroup):
            group.member_changed(self, prop)
        elif group is not None:
            self.graph.property_changed(self, prop)

    # -- evaluation -----------------------------------------------------------------------------

    def entry_at(self, frame: int) -> int:
        """The edit list entry that shows ``frame`` (ends are held); -1 when there is none."""
        self.settle()
        frames = self.get("edl.frame")
        i = bisect_left(frames, frame)
        if i >= len(frames) or frame == frames[-1]:
            entry = len(frames) - 2
        elif frames[i] == frame:
            entry = i
        else:
            entry = i - 1
        entry = max(entry, 0)
        if self.inputs and any(entry >= len(self.get(c)) - 1 for c in EDL):
            return -1
        return entry

    def point_at(self, frame: int) -> EvalPoint:
        """Which input and which of its frames ``frame`` shows."""
        self.settle()
        columns = [self.get(c) for c in EDL]
        if not self.inputs or any(not c for c in columns):
            return EvalPoint(-1, 0, -1)
        entry = self.entry_at(frame)
        if entry < 0 or any(entry >= len(c) - 1 for c in columns):
            return EvalPoint(-1, 0, -1)
        source, frames, first, last = columns
        number = source[entry]
        if number < 0 or number > len(self.inputs):
            return EvalPoint(-1, 0, -1)
        shown = (frame - frames[entry]) + first[entry]
        return EvalPoint(number, max(min(shown, last[entry]), first[entry]), entry)

    def source_range(self, entry: int) -> tuple[RangeInfo, int] | None:
        """Range of input ``entry`` and the frame where its entry starts."""
        frames = self.get("edl.frame")
        ranges = self._facts.ranges
        if 0 <= entry < len(ranges) and entry < len(frames):
            return ranges[entry], frames[entry]
        return None

    def range_info(self) -> RangeInfo:
        self.settle()
        frames = self.get("edl.frame")
        fps = self.one("output.fps", 0.0)
        if self.inputs and frames:
            start, end = frames[0], frames[-1] - 1
            return RangeInfo(start, end, 1, fps, start, end)
        return RangeInfo(1, 1, 1, fps, 1)

    def struct_info(self, frame: int) -> StructInfo:
        self.settle()
        return StructInfo(*self._size)

    def meta(self, frame: int, visitor: MetaVisitor) -> None:
        self.settle()
        visitor.enter(frame, self)
        point = self.point_at(frame)
        if 0 <= point.source < len(self.inputs):
            child = self.inputs[point.source]
            if visitor.descend(self, child):
                child.meta(point.frame, visitor)
        visitor.leave(frame, self)

    def map_to_output(self, index: int, frames: abc.Sequence[int]) -> list[int]:
        self.settle()
        start, first = self.get("edl.frame"), self.get("edl.in")
        if index >= len(start) or index >= len(first):
            return list(frames)
        return [start[index] + f - first[index] for f in frames]


class SequenceGroup(FanInGroup):
    """RVSequenceGroup: adaptor, paint and retime for each input."""

    __slots__ = ("_sequence",)

    def build(self) -> None:
        node = self.new_member("RVSequence", "sequence")
        assert isinstance(node, Sequence)
        self._sequence = node
        self.fan_in = self.root = node
        self.settled = True

    @property
    def sequence(self) -> Sequence:
        return self._sequence

    def new_chain(self, index: int, nodes: abc.Sequence[Node]) -> Node:
        fps = self._sequence.range_info().fps
        if fps == 0.0 and nodes:
            fps = nodes[0].range_info().fps
        adaptor = self.new_adaptor(nodes[index])
        last: Node = self.new_member_for("RVPaint", nodes[index], "p")
        last.set_inputs([adaptor])
        if not self.one("timing.retimeInputs", 1):
            return last
        if fps == 0.0:
            self.settled = False
            return last
        return self._retimed(nodes[index], last, fps)

    def _retimed(self, source: Node, last: Node, fps: float) -> Node:
        retime = self.new_member_for("RVRetime", source, "rt")
        retime.set_inputs([last])
        assert isinstance(retime, Retime)
        retime.assign_fps(fps)
        return retime

    def refresh_chain(self, index: int, nodes: abc.Sequence[Node], chain: Node) -> Node:
        wanted = self.one("timing.retimeInputs", 1)
        if wanted and not isinstance(chain, Retime):
            chain = self._retimed(nodes[index], chain, nodes[index].range_info().fps)
        if isinstance(chain, Retime):
            if wanted:
                # RV derives the edit list anew for every chain; from the third on nothing changes
                fps = self._sequence.fps
                if fps == 0.0 or (self._sequence.watched and self.refreshed < 2):
                    fps = self._sequence.range_info().fps
            else:
                fps = nodes[index].range_info().fps
            chain.assign_fps(fps)
            self._sequence.invalidate(chain)
            self.refreshed += 1
        return chain

    def member_changed(self, member: Node, prop: Property) -> None:
        """A property of the sequence member changed: the group reacts and tells again."""
        if not self.deleting:
            if prop.name == "output.fps":
                self.rebuild()
                self.propagate_range()
                return
            if prop.name in ("output.size", "output.autoSize"):
                return
        self.graph.property_changed(member, prop)

    def changed(self, prop: Property) -> None:
        if not self.deleting:
            if prop.name == "timing.retimeInputs":
                self.rebuild()
                self.propagate_range()
            elif prop.name == "soundtrack.file":
                self.rebuild()
        super().changed(prop)

    def input_media_changed(self, source: Node) -> None:
        index = self.place_of(source)
        if index >= 0:
            chain = self.fan_in.inputs[index]
            if isinstance(chain, Retime):
                chain.reset_fps()
            self.rebuild(index)
