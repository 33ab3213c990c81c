"""What is shown at a frame, as a tree from the display down to the media.

A :class:`Leaf` is one picture of one source; a :class:`Group` combines its children (``kind``
"stack", "layout", "sequence", "switch"). ``chain`` holds the nodes a picture passes on its way
up to the next combining node, in the order they act (nearest to the media first), and ``frames``
the frame that each was asked for; their properties say what each does. The image room reads
nothing else of the session.

Source: Open RV, the ``evaluate`` functions of ``src/lib/ip/IPBaseNodes``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from player.session.group import Adaptor
from player.session.group import Group as GroupNode
from player.session.kinds.dynamic import Dynamic
from player.session.kinds.filesource import FileSource
from player.session.kinds.imagesource import ImageSource
from player.session.kinds.layout import LayoutGroup
from player.session.kinds.sequence import Sequence
from player.session.kinds.stack import Stack
from player.session.kinds.switch import Switch
from player.session.node import Node

if TYPE_CHECKING:
    from player.session.session import Session

__all__ = ["Blank", "Group", "ImageTree", "Leaf", "evaluate"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A picture. ``frame`` is the number in the file; ``asked`` the source node's frame.

    ``index`` numbers the media of the source; ``view``, ``layer`` and ``channel`` are "" for the
    default; ``key`` is the pixel store key of a pushed picture ("" when none exists).
    """

    node: Node
    media: str
    frame: int
    asked: int
    index: int = 0
    view: str = ""
    layer: str = ""
    channel: str = ""
    key: str = ""
    pushed: bool = False
    missing: bool = False
    chain: tuple[Node, ...] = ()
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Children combined; ``size`` is the picture size (width, height) in pixels."""

    node: Node
    kind: str
    children: tuple[Leaf | Group | Blank, ...]
    inputs: tuple[int, ...]
    size: tuple[int, int]
    frame: int
    chain: tuple[Node, ...] = ()
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Blank:
    """No picture, and why."""

    node: Node
    reason: str
    chain: tuple[Node, ...] = ()
    frames: tuple[int, ...] = ()


ImageTree = Leaf | Group | Blank


def evaluate(session: Session, frame: int, eye: str | None = None) -> ImageTree:
    """The tree that the session's display shows at ``frame`` for an eye (None: mono)."""
    number = {"left": 0, "right": 1}.get(eye) if eye is not None else None
    return _tree(session.display, frame, number, 0)


def _passed(tree: ImageTree, node: Node, frame: int) -> ImageTree:
    return replace(tree, chain=(*tree.chain, node), frames=(*tree.frames, frame))


def _tree(node: Node, frame: int, eye: int | None, depth: int) -> ImageTree:
    if depth > 800:
        return Blank(node, "nested too deeply")
    if isinstance(node, Adaptor):
        if node.source is None:
            return Blank(node, "No Input")
        return _tree(node.source, frame, eye, depth + 1)
    if isinstance(node, GroupNode):
        if isinstance(node, LayoutGroup):
            node.settle_layout()
        if node.root is None:
            return Blank(node, "Empty")
        below = _tree(node.root, frame, eye, depth + 1)
        # the one group that has a part of its own in the picture
        return _passed(below, node, frame) if isinstance(node, Dynamic) else below
    if isinstance(node, FileSource):
        return _file(node, frame, eye)
    if isinstance(node, ImageSource):
        return _pushed(node, frame, eye)
    if isinstance(node, Sequence):
        return _sequence(node, frame, eye, depth)
    if isinstance(node, Stack):
        return _stack(node, frame, eye, depth)
    if isinstance(node, Switch):
        return _switch(node, frame, eye, depth)
    if not node.inputs:
        return Blank(node, "No Input")
    below = _tree(node.inputs[0], node.input_frame(0, frame), eye, depth + 1)
    return _passed(below, node, frame)


def _sequence(node: Sequence, frame: int, eye: int | None, depth: int) -> ImageTree:
    point = node.point_at(frame)
    if not node.inputs:
        return Blank(node, "No Inputs")
    if not 0 <= point.source < len(node.inputs):
        last = len(node.inputs) - 1
        text = f"Bad Sequence EDL source number {point.source} is not in range [0,{last}]"
        return Blank(node, text)
    child = _tree(node.inputs[point.source], point.frame, eye, depth + 1)
    s = node.struct_info(frame)
    return Group(node, "sequence", (child,), (point.source,), (s.width, s.height), frame)


def _stack(node: Stack, frame: int, eye: int | None, depth: int) -> ImageTree:
    if not node.inputs:
        return Blank(node, "No Inputs")
    strict = node.one("mode.strictFrameRanges", 0) != 0
    top = node.one("composite.type", "over") == "topmost"
    children: list[ImageTree] = []
    numbers: list[int] = []
    for i, below in enumerate(node.inputs):
        if strict and not node.in_range(i, frame):
            continue
        children.append(_tree(below, node.input_frame(i, frame), eye, depth + 1))
        numbers.append(i)
        if top:
            break
    s = node.struct_info(frame)
    kind = "layout" if isinstance(node.group, LayoutGroup) else "stack"
    return Group(node, kind, tuple(children), tuple(numbers), (s.width, s.height), frame)


def _switch(node: Switch, frame: int, eye: int | None, depth: int) -> ImageTree:
    node.settle()
    chosen = node.active_input
    if chosen is None:
        return Blank(node, "No Inputs")
    child = _tree(chosen, node.input_frame(node.active, frame), eye, depth + 1)
    s = node.struct_info(frame)
    return Group(node, "switch", (child,), (node.active,), (s.width, s.height), frame)


def _component(node: Node, eye: int | None) -> tuple[str, str, str]:
    """(view, layer, channel) that a source is asked for."""
    request = list(node.get("request.imageComponent"))
    view = layer = channel = ""
    if request:
        kind, names = request[0], request[1:]
        if kind == "view" and len(names) == 1:
            view = names[0]
        elif kind == "layer":
            view, layer = (names[0], names[1]) if len(names) >= 2 else ("", *names[:1])
        elif kind == "channel" and names:
            view, layer, channel = (["", "", *names])[-3:]
    if eye is not None:
        eyes = node.get("request.stereoViews")
        if len(eyes) >= 2:
            view = eyes[min(eye, len(eyes) - 1)]
    return view, layer, channel


def _swapped(node: Node, eye: int | None) -> int | None:
    """The eye after the source's own swap."""
    group = node.group
    stereo = node.graph.exact(f"{group.name}_sourceStereo") if group is not None else None
    if eye is not None and stereo is not None and stereo.one("stereo.swap", 0):
        return 1 - eye
    return eye


def _file(node: FileSource, frame: int, eye: int | None) -> ImageTree:
    eye = _swapped(node, eye)
    media = node.media
    if not media:
        return Blank(node, "No Media")
    view, layer, channel = _component(node, eye)
    pictures = [i for i, m in enumerate(media) if m.has_video] or [0]
    index = pictures[0]
    if eye is not None and len(pictures) > 1:
        index = pictures[min(eye, len(pictures) - 1)]
        if view not in media[index].views:
            view = ""
    if view:
        index = next((i for i in pictures if view in media[i].views), index)
    info = media[index]
    return Leaf(
        node,
        node.media_names[index],
        node.media_frame(frame),
        frame,
        index,
        view if view in info.views else "",
        layer,
        channel,
        missing=info.missing,
    )


def _pushed(node: ImageSource, frame: int, eye: int | None) -> ImageTree:
    view, layer, _ = _component(node, _swapped(node, eye))
    view = view or node.one("image.defaultView", "")
    layer = layer or node.one("image.defaultLayer", "")
    key = node.nearest_key(frame, view, layer)
    name = node.media_name
    return Leaf(
        node, name, frame, frame, view=view, layer=layer, key=key, pushed=True, missing=not key
    )
