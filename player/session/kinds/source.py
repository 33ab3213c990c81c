"""Source groups: a source node and the chain of members every source passes.

Source: Open RV ``src/lib/ip/IPBaseNodes/SourceGroupIPNode.cpp``, ``SourceIPNode.cpp``.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from typing import ClassVar

from player.session.group import Group
from player.session.node import Node
from player.session.ports import MediaInfo

__all__ = ["Source", "SourceGroup", "unique_ui_name"]

_NUMBERED = re.compile(r"(.*) \(([0-9]+)\)")
_LEADING = re.compile(r"\s*[+-]?[0-9]+")


def unique_ui_name(name: str, taken: dict[str, int], hints: dict[str, int]) -> str:
    """A name that is not taken, in RV's style: ``x``, ``x (2)``, ``x (2) (1)``, ``x (2) (2)``.

    ``hints`` remembers the last number given for a name; it is emptied when names are freed.
    """
    if not taken.get(name):
        return name
    match = _NUMBERED.search(name)
    if match is None:
        name = f"{name} (2)"
        if not taken.get(name):
            return name
        match = _NUMBERED.search(name)
    leading = _LEADING.match(match[1]) if match else None
    n = hints.get(name, int(leading[0]) if leading else 0)
    while True:
        n += 1
        if not taken.get(f"{name} ({n})"):
            hints[name] = n
            return f"{name} ({n})"


class Source(Node):
    """What file and image sources share."""

    __slots__ = ("action",)

    kind: ClassVar[str] = ""

    def _setup(self) -> None:
        self.action = "new"

    @property
    def media(self) -> Sequence[MediaInfo]:
        """The opened media, in order."""
        return ()

    @property
    def media_names(self) -> Sequence[str]:
        return ()

    @property
    def rep_name(self) -> str:
        value: str = self.one("media.repName", "")
        return value

    def media_active(self) -> bool:
        return bool(self.one("media.active", 1) != 0)

    def set_media_active(self, state: bool) -> None:
        if state != self.media_active():
            p = self.prop("media.active")
            if p is not None:
                p.set([int(state)])
                self.changed(p)

    def media_changed(self) -> None:
        self.graph.source_media_changed(self)

    def _update_stereo_views(self, views: Sequence[str]) -> None:
        if not views:
            return
        if "left" in views and "right" in views:
            chosen = ["left", "right"]
        elif len(views) > 1:
            chosen = [views[0], views[-1]]
        else:
            chosen = [views[0]]
        self.assign("request.stereoViews", chosen)

    @property
    def first_info(self) -> MediaInfo | None:
        return self.media[0] if self.media else None


class SourceGroup(Group):
    """RVSourceGroup. ``source`` is the source node; the other members follow it."""

    __slots__ = ("source",)

    source: Node | None

    MEMBERS = (
        ("cacheLUT", "RVCacheLUT"),
        ("channelMap", "RVChannelMap"),
        ("cache", "RVCache"),
        ("tolinPipeline", "RVLinearizePipelineGroup"),
        ("paint", "RVPaint"),
        ("overlay", "RVOverlay"),
        ("colorPipeline", "RVColorPipelineGroup"),
        ("lookPipeline", "RVLookPipelineGroup"),
        ("sourceStereo", "RVSourceStereo"),
        ("transform2D", "RVTransform2D"),
    )
    CHAIN = (
        "cacheLUT",
        "format",
        "channelMap",
        "cache",
        "tolinPipeline",
        "overlay",
        "paint",
        "colorPipeline",
        "lookPipeline",
        "sourceStereo",
        "transform2D",
    )

    def build(self) -> None:
        self.build_around(None)

    def build_around(self, source: Node | None) -> None:
        """Make the members; ``source`` is adopted (None: the group stays without media)."""
        if source is not None:
            source.group = self
            self.add_member(source)
        made = {stem: self.new_member(type, stem) for stem, type in self.MEMBERS}
        made["format"] = self.new_member("RVFormat", "format")
        self.source = source
        last = source
        for stem in self.CHAIN:
            node = made[stem]
            if last is not None:
                node.set_inputs([last])
            last = node
        self.root = last

    def name_from_media(self) -> None:
        """Set ``ui.name`` from the first media, made unique among the views."""
        source = self.source
        if not isinstance(source, Source):
            return
        names = source.media_names
        text = posixpath.basename(names[0]) if names else ""
        if source.rep_name:
            text += f" ({source.rep_name})"
        self.graph.set_ui_name(self, unique_ui_name(text, self.graph.ui_names, self.graph.ui_hints))
