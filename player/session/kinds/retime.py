"""RVRetime: other speed, offset, rate, or an explicit list of frames; and its group.

``scale`` k is ``visual.scale`` times output rate over input rate. An output frame shows the input
frame ``int((f - inStart) / k) + inStart - offset``; the other way round the forward map is
corrected to a neighbour that maps back. Arithmetic is in 32-bit floats, as in RV, because the
truncations make the last bit visible.

As in RV the maps of a warp, and the inverse of an explicit list, are made when they are first
needed and again only after the range of the input changed: writing key frames, key rates or the
output rate of a warp that is already in use has no effect until then.

Source: Open RV ``src/lib/ip/IPBaseNodes/RetimeIPNode.cpp``; RV manual, "RVRetime".
"""

from __future__ import annotations

from collections.abc import Sequence

from player.session.floats import f32
from player.session.group import FanInGroup
from player.session.node import MetaVisitor, Node, RangeInfo, StructInfo
from player.session.properties import Property

__all__ = ["MAX_WARP_FRAMES", "Retime", "RetimeGroup"]

MAX_WARP_FRAMES = 1_000_000
"""A warp that produces more frames than this is cut short: rates near zero never end."""


class Retime(Node):
    __slots__ = ("_explicit", "_in", "_in_to_out", "_out_to_in")

    def _setup(self) -> None:
        self._in: RangeInfo | None = None
        self._in_to_out: list[int] | None = None
        self._out_to_in: list[int] = []
        self._explicit: tuple[int, list[int]] | None = None

    def _state(self) -> RangeInfo:
        """The input's range, remembered until it changes."""
        info = self._in
        if info is None:
            info = self._in = super().range_info()
        if info.fps != 0.0 and self.one("output.fps", 0.0) == 0.0:
            self.assign("output.fps", [info.fps])
        return info

    def set_inputs(self, nodes: Sequence[Node]) -> None:
        if nodes and list(nodes) != self.inputs:
            info = nodes[0].range_info()
            if self.inputs or self.one("output.fps", 0.0) == 0.0:
                self.assign("output.fps", [info.fps])
        self._in = None
        self._set_inputs(nodes)
        self._forget_maps()
        self.propagate_range()
        self.propagate_structure()

    def test_inputs(self, nodes: Sequence[Node]) -> str:
        if len(nodes) > 1:
            return f"{self.described} cannot have more than one input\n"
        return super().test_inputs(nodes)

    def _forget_maps(self) -> None:
        self._in = self._in_to_out = self._explicit = None

    def changed(self, prop: Property) -> None:
        self._in = None
        group = self.group
        if prop.name == "output.fps" and isinstance(group, FanInGroup):
            group.settled = False
        self.propagate_range()
        super().changed(prop)

    def input_range_changed(self, source: Node) -> None:
        self._forget_maps()
        self._state()

    def input_range_stale(self, source: Node) -> None:
        self._forget_maps()

    def reset_fps(self) -> None:
        """Forget the output rate: it is taken from the input again."""
        self.assign("output.fps", [0.0])
        self._in = None

    def assign_fps(self, fps: float) -> None:
        """Set the output rate without events."""
        if self.one("output.fps", 0.0) != fps:
            self.assign("output.fps", [fps])

    # -- the maps ---------------------------------------------------------------------------

    def _scale(self, info: RangeInfo) -> float:
        scale: float = self.one("visual.scale", 1.0)
        fps = self.one("output.fps", 0.0)
        if fps != info.fps and info.fps != 0.0:
            ratio = f32(fps / info.fps)
            if abs(f32(ratio - 1.0)) > 0.00001:
                scale = f32(scale * ratio)
        return scale

    @property
    def _explicit_ok(self) -> bool:
        return bool(self.get("explicit.inputFrames")) and bool(
            self.get("explicit.firstOutputFrame")
        )

    def to_input(self, frame: int) -> int:
        """The input frame shown at output ``frame``."""
        if self.one("explicit.active", 0):
            if not self._explicit_ok:
                return 1
            frames = self.get("explicit.inputFrames")
            i = frame - self.one("explicit.firstOutputFrame", 1)
            value: int = frames[min(max(i, 0), len(frames) - 1)]
            return value
        info = self._state()
        if self.one("warp.active", 0):
            self._warp(info)
            if not self._out_to_in:
                return info.start
            frame = min(max(frame, 1), len(self._out_to_in))
            return info.start + self._out_to_in[frame - 1]
        scale = self._scale(info) or 1.0
        position = f32((frame - info.start) / scale)
        offset = self.one("visual.offset", 0.0)
        return int(f32(int(position) + info.start - offset))

    def _forward(self, frame: int, info: RangeInfo) -> int:
        offset = self.one("visual.offset", 0.0)
        moved = f32(f32(frame - info.start + offset) * self._scale(info))
        return info.start + int(moved)

    def to_output(self, frame: int) -> int:
        """The first output frame that shows input ``frame``."""
        info = self._state()
        if self.one("explicit.active", 0):
            return self._explicit_output(frame)
        if self.one("warp.active", 0):
            self._warp(info)
            if not self._in_to_out:
                return 1
            i = max(min(max(frame, info.start), info.end) - info.start, 0)
            return 1 + self._in_to_out[min(i, len(self._in_to_out) - 1)]
        out = self._forward(frame, info)
        if self.to_input(out) != frame:
            low, high = sorted((self._forward(frame - 1, info), self._forward(frame + 1, info)))
            for candidate in range(low, min(high, low + 100_000) + 1):
                if self.to_input(candidate) == frame:
                    return candidate
        return out

    def _explicit_output(self, frame: int) -> int:
        """The first output frame of an explicit list that shows input ``frame`` (or the nearest
        earlier frame that is shown)."""
        if self._explicit is None:
            frames = self.get("explicit.inputFrames")
            first: int = self.one("explicit.firstOutputFrame", 1)
            if not frames:
                return first
            best: dict[int, int] = {}
            for i, f in enumerate(frames):
                best.setdefault(f, first + i)
            low, high = min(best), max(best)
            if high - low > MAX_WARP_FRAMES:
                known = [f for f in best if f <= frame] or [low]
                return best[max(known)]
            outputs = []
            for f in range(low, high + 1):
                first = best.get(f, first)
                outputs.append(first)
            self._explicit = low, outputs
        low, outputs = self._explicit
        return outputs[min(max(frame - low, 0), len(outputs) - 1)]

    def _warp(self, info: RangeInfo) -> None:
        """The maps of a warp: both time lines stepped together by the smaller step."""
        if self._in_to_out is not None:
            return
        keys: Sequence[int] = self.get("warp.keyFrames")
        rates: Sequence[float] = self.get("warp.keyRates")
        out_fps = self.one("output.fps", 0.0)
        if len(keys) != len(rates) or info.fps <= 0 or out_fps <= 0:
            return
        self._in_to_out, self._out_to_in = [0], [0]
        linear = self.one("warp.style", 0) == 0
        in_step = f32(1.0 / info.fps)
        in_gap = out_gap = 0.0
        epsilon = f32(0.0001)
        key = 0 if keys else -1
        while len(self._out_to_in) < MAX_WARP_FRAMES:
            n_in, n_out = len(self._in_to_out) - 1, len(self._out_to_in) - 1
            rate = 1.0
            if key >= 0:
                key, rate = _rate(keys, rates, key, n_in, info.start, linear)
            out_step = f32(rate / out_fps)
            step = min(out_step, in_step)
            in_gap = f32(in_gap + step)
            out_gap = f32(out_gap + step)
            need_in = in_gap > f32(in_step - epsilon)
            need_out = out_gap > f32(out_step - epsilon)
            if need_in and n_in + 1 > info.end - info.start + epsilon:
                break
            if not need_in and not need_out:
                break
            if need_in:
                self._in_to_out.append(n_out + 1 if need_out else self._in_to_out[-1])
                in_gap = 0.0
            if need_out:
                self._out_to_in.append(n_in + 1 if need_in else self._out_to_in[-1])
                out_gap = 0.0

    # -- what is asked ------------------------------------------------------------------------

    def range_info(self) -> RangeInfo:
        info = self._state()
        own = self._own
        fps: float = self.one("output.fps", 0.0)
        if (
            fps == info.fps
            and info.start <= info.end
            and info.cut_in <= info.cut_out
            and (not own or all(n == "output.fps" or own[n].is_default for n in own))
        ):
            return info
        if self.one("explicit.active", 0):
            first: int = self.one("explicit.firstOutputFrame", 1)
            last = first + len(self.get("explicit.inputFrames")) - 1
            return RangeInfo(first, last, info.inc, info.fps, first, last)
        start, end = self.to_output(info.start), self.to_output(info.end)
        cut_in = start if info.cut_in == info.start else self.to_output(info.cut_in)
        cut_out = end if info.cut_out == info.end else self.to_output(info.cut_out)
        scale = self.one("visual.scale", 1.0)
        if abs(scale) > 1.0 or info.fps != fps:
            step = 1 if scale > 0.0 else -1
            end = self._extended(end, info.end, step)
            cut_out = self._extended(cut_out, info.cut_out, step)
        if start > end:
            start, end = end, start
        if cut_in > cut_out:
            cut_in, cut_out = cut_out, cut_in
        return RangeInfo(start, end, info.inc, fps, cut_in, cut_out)

    def _extended(self, frame: int, source: int, step: int) -> int:
        """As far as the next output frames still show the same input frame."""
        warped = self.one("warp.active", 0)
        for _ in range(1_000_000):
            if self.to_input(frame + step) != source:
                break
            if warped and frame + step > len(self._out_to_in):
                break
            frame += step
        return frame

    def struct_info(self, frame: int) -> StructInfo:
        if not self.inputs:
            return StructInfo()
        return self.inputs[0].struct_info(self.to_input(frame))

    def meta(self, frame: int, visitor: MetaVisitor) -> None:
        super().meta(self.to_input(frame), visitor)

    def input_frame(self, index: int, frame: int) -> int:
        return self.to_input(frame)

    def map_to_output(self, index: int, frames: Sequence[int]) -> list[int]:
        return [self.to_output(f) for f in frames]


def _rate(
    keys: Sequence[int],
    rates: Sequence[float],
    key: int,
    frame: int,
    start: int,
    linear: bool,
) -> tuple[int, float]:
    """The key in force at input ``frame`` (counted from 0) and the rate there."""
    following = key
    while following < len(keys) and frame >= keys[following] - start:
        following += 1
    if following == len(keys):
        key = len(keys) - 1
        return key, rates[key]
    if key != following:
        key = following - 1
    a_rate, a_frame = rates[key], keys[key] - start
    last = key >= len(keys) - 1
    b_rate = a_rate if last else rates[key + 1]
    b_frame = a_frame if last else keys[key + 1] - start
    if linear:
        if frame < a_frame:
            return key, a_rate
        if frame >= b_frame:
            return key, b_rate
        t = f32((frame - a_frame) / (b_frame - a_frame))
        return key, f32((1.0 - t) * a_rate + f32(t * b_rate))
    return key, a_rate if frame < b_frame else b_rate


class RetimeGroup(FanInGroup):
    """RVRetimeGroup: one input through adaptor and paint into a retime node."""

    __slots__ = ()

    def build(self) -> None:
        self.fan_in = self.root = self.new_member("RVRetime", "retime")
        self.settled = True

    def new_chain(self, index: int, nodes: Sequence[Node]) -> Node:
        adaptor = self.new_adaptor(nodes[index])
        paint = self.new_member_for("RVPaint", nodes[index], "p")
        paint.set_inputs([adaptor])
        return paint
