"""Which sound is heard when: the audio half of evaluating the graph.

Time is seconds from the start of a node's range, at the rate the view is played at; each node
turns it into its inputs' time.  Sequences switch, stacks add (or take the chosen input),
retimes stretch without changing the pitch, sources read their files.  Volumes go through
RV's taper.  Source: the `audioFillBuffer` functions of Open RV's nodes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from player.session.group import Adaptor
from player.session.group import Group as GroupNode
from player.session.kinds.filesource import FileSource
from player.session.kinds.retime import Retime
from player.session.kinds.sequence import Sequence, SequenceGroup
from player.session.kinds.stack import Stack
from player.session.kinds.switch import Switch
from player.session.node import Node
from player.session.session import Session

__all__ = ["Voice", "has_sound", "master_gains", "tapered", "voices"]

_DEEPEST: Final = 800
_MOST: Final = 256  # voices at once; more is no mix


@dataclass(frozen=True, slots=True)
class Voice:
    """A file heard from `start` for `length` seconds of the view's time.

    `media_time` is where in the file, in seconds from its beginning, `start` is; `speed` the
    seconds of the file per second of the view (pitch is kept), negative for backwards.
    """

    path: str
    start: float
    length: float
    media_time: float
    speed: float = 1.0
    left: float = 1.0
    right: float = 1.0


def tapered(value: float) -> float:
    """RV's taper of a linear volume: 0 is 0, 1 is 1, and it never jumps."""
    return (1.0 - math.exp(-max(value, 0.0))) / (1.0 - math.exp(-1.0))


def _balanced(volume: float, balance: float) -> tuple[float, float]:
    b = min(max(balance, -1.0), 1.0)
    return (1.0 - b if b > 0 else 1.0) * volume, (1.0 + b if b < 0 else 1.0) * volume


def master_gains(session: Session) -> tuple[float, float]:
    """(left, right) of the session's volume, balance and mute."""
    node = session.view_group.soundtrack
    if node.one("audio.mute", 0):
        return 0.0, 0.0
    volume = (math.exp(float(node.one("audio.volume", 1.0))) - 1.0) / (math.e - 1.0)
    left, right = _balanced(max(volume, 0.0), float(node.one("audio.balance", 0.0)))
    if node.one("audio.softClamp", 1):
        return tapered(left), tapered(right)
    return left, right


def has_sound(session: Session) -> bool:
    """Whether any source of the session can be heard at all."""
    if any(n.has_audio for n in session.graph.by_type("RVFileSource") if isinstance(n, FileSource)):
        return True
    return any(n.one("soundtrack.file", "") for n in session.graph.by_type("RVSequenceGroup"))


def voices(session: Session, start: float, length: float) -> list[Voice]:
    """What is heard from `start` for `length` seconds after the start of the view's range."""
    node = session.view_group.soundtrack
    offset = float(node.one("audio.offset", 0.0)) + float(node.one("audio.internalOffset", 0.0))
    fps = session.playback.fps
    if fps <= 0 or length <= 0:
        return []
    found = _walk(session.view_group, start - offset, length, fps, 0)[:_MOST]
    return [replace(v, start=v.start + offset) for v in found]


def _walk(node: Node, start: float, length: float, fps: float, depth: int) -> list[Voice]:
    if depth > _DEEPEST or length <= 0:
        return []
    if isinstance(node, Adaptor):
        below = node.source
        return [] if below is None else _walk(below, start, length, fps, depth + 1)
    if isinstance(node, SequenceGroup):
        found = _walk(node.root, start, length, fps, depth + 1) if node.root is not None else []
        return found + _soundtrack(node, start, length)
    if isinstance(node, GroupNode):
        return [] if node.root is None else _walk(node.root, start, length, fps, depth + 1)
    if isinstance(node, FileSource):
        return _source(node, start, length, fps)
    if isinstance(node, Sequence):
        return _sequence(node, start, length, fps, depth)
    if isinstance(node, Stack):
        return _stack(node, start, length, fps, depth)
    if isinstance(node, Switch):
        chosen = node.active_input
        return [] if chosen is None else _walk(chosen, start, length, fps, depth + 1)
    if isinstance(node, Retime):
        return _retime(node, start, length, fps, depth)
    return _walk(node.inputs[0], start, length, fps, depth + 1) if node.inputs else []


def _stretched(
    below: Node, start: float, length: float, factor: float, fps: float, depth: int
) -> list[Voice]:
    """The sound of `below`, whose time runs `factor` times as fast."""
    return [
        replace(
            v, start=start + (v.start - start * factor) / factor, length=v.length / factor,
            speed=v.speed * factor,
        )
        for v in _walk(below, start * factor, length * factor, fps, depth + 1)
    ]  # fmt: skip


def _source(node: FileSource, start: float, length: float, fps: float) -> list[Voice]:
    files = [
        (name, info)
        for name, info in zip(node.media_names, node.media, strict=False)
        if info.has_audio and not (info.has_video and node.one("group.noMovieAudio", 0))
    ]
    if not files:
        return []
    volume = tapered(float(node.one("group.volume", 1.0))) / len(files)
    left, right = _balanced(volume, float(node.one("group.balance", 0.0)))
    offset = float(node.one("group.audioOffset", 0.0))
    # every frame is played, whatever the rate of the view: the sound is stretched with them
    speed = fps / node.fps if node.fps > 0 else 1.0
    return [
        Voice(name, start, length, start * speed - offset, speed, left, right)
        for name, _ in files
    ]  # fmt: skip


def _soundtrack(node: SequenceGroup, start: float, length: float) -> list[Voice]:
    file = str(node.one("soundtrack.file", "") or "")
    if not file:
        return []
    return [Voice(file, start, length, start - float(node.one("soundtrack.offset", 0.0)))]


def _sequence(
    node: Sequence, start: float, length: float, fps: float, depth: int
) -> list[Voice]:  # fmt: skip
    node.settle()
    source, frames, first = (node.get(f"edl.{c}") for c in ("source", "frame", "in"))
    entries = min(len(source), len(frames), len(first)) - 1
    found: list[Voice] = []
    for entry in range(entries):
        number = source[entry]
        if not 0 <= number < len(node.inputs):
            continue
        begins = (frames[entry] - frames[0]) / fps
        last = entry == entries - 1
        ends = math.inf if last else (frames[entry + 1] - frames[0]) / fps
        low, high = max(start, begins), min(start + length, ends)
        if entry == 0:
            low = min(start, high)
        if high <= low:
            continue
        below = node.inputs[number]
        skip = (first[entry] - below.range_info().start) / fps - begins
        for v in _walk(below, low + skip, high - low, fps, depth + 1):
            found.append(replace(v, start=v.start - skip))
    return found


def _stack(node: Stack, start: float, length: float, fps: float, depth: int) -> list[Voice]:
    node.settle()
    chosen = str(node.one("output.chosenAudioInput", ".all."))
    begin = node.range_info().start
    found: list[Voice] = []
    for index, below in enumerate(node.inputs):
        if chosen == ".first." and index > 0:
            break
        if chosen not in (".all.", ".first.", ".topmost.") and not _is_input(below, chosen):
            continue
        skip = (node.input_frame(index, begin) - below.range_info().start) / fps
        heard = _walk(below, start + skip, length, fps, depth + 1)
        found += [replace(v, start=v.start - skip) for v in heard]
        if chosen == ".topmost." and heard:
            break
    return found


def _is_input(node: Node, name: str) -> bool:
    """Whether the chain that ends in `node` comes from the node called `name`."""
    at: Node | None = node
    while at is not None:
        if at.name == name:
            return True
        at = at.source if isinstance(at, Adaptor) else (at.inputs[0] if at.inputs else None)
    return False


def _retime(node: Retime, start: float, length: float, fps: float, depth: int) -> list[Voice]:
    if not node.inputs:
        return []
    below = node.inputs[0]
    own = float(node.one("output.fps", 0.0)) or below.range_info().fps or fps
    scale = float(node.one("visual.scale", 1.0)) or 1.0
    factor = fps / own / scale * float(node.one("audio.scale", 1.0))
    moved = start - float(node.one("audio.offset", 0.0))
    delta = start - moved
    info = below.range_info()
    inner = info.fps or fps
    if factor == 0:
        return []
    if factor < 0:
        whole = (info.end - info.start) / inner
        backwards = _stretched(below, whole / -factor - moved - length, length, -factor, inner,
                               depth)  # fmt: skip
        mirror = whole / -factor
        return [
            replace(
                v, start=mirror - (v.start + v.length) + delta,
                media_time=v.media_time + v.length * v.speed, speed=-v.speed,
            )
            for v in backwards
        ]  # fmt: skip
    if factor == 1.0:
        found = _walk(below, moved, length, inner, depth + 1)
    else:
        found = _stretched(below, moved, length, factor, inner, depth)
    return [replace(v, start=v.start + delta) for v in found]
