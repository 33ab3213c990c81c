"""Which changes are sent and which are accepted: the rows of RV's Sync settings.

A property change is looked at under two names, `node.component.property` and
`#Type.component.property`; a group is a pattern that is searched in both.  Pipeline groups
are a second way: a node inside an enabled one is sent whatever the patterns say.

Source: sync.md section 4; the words (`color`, `displayStereo`...) are RV's settings tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from player.session.node import Node

__all__ = ["GROUPS", "Groups", "PIPELINES", "TITLES"]

GROUPS: Final[dict[str, re.Pattern[str]]] = {
    name: re.compile(text)
    for name, text in {
        "color": r"#RVColor\.(color\.(gamma|exposure|contrast|scale|offset|hue|saturation)|CDL\.)",
        "view": r"#RVDispTransform2D\.",
        "stereo": r"#RVSourceStereo\.",
        "annotation": r"#RVPaint\.|#RVBrush\.",
        "displayStereo": r"#RVDisplayStereo\.",
        "displayColor": r"#RVDisplayColor\.|#OCIODisplay\.color\.",
        "matte": r"#RVSession\.matte\.",
        "format": r"#RVFormat\.|#RVTransform2D\.",
        "audio": r"#RVSoundTrack\.|#RVFileSource\.group\.(audioOffset|volume|balance|crossover)",
    }.items()
}
TITLES: Final = {
    "color": "Color",
    "view": "Pan and Zoom",
    "stereo": "Stereo",
    "annotation": "Annotation",
    "displayStereo": "Display Stereo Settings",
    "displayColor": "Display Color Settings",
    "matte": "Matte Settings",
    "format": "Image Format Settings",
    "audio": "Audio Settings",
}
PIPELINES: Final = ("Linearize", "Color", "Look", "View", "Display", "General")

ALWAYS: Final = re.compile(
    r"#RV(FolderGroup|StackGroup|SwitchGroup|SourceGroup|SequenceGroup|LayoutGroup|Stack|Sequence"
    r"|Switch|Transform2D|Retime)\."
    r"|(#RVFileSource|#RVImageSource)\.(cut|request)\.|#RVFileSource\.group\.(rangeOffset|rangeStart)"
)
NEVER: Final = re.compile(r"\.tag\.")
_GROWING: Final = re.compile(r"#RVPaint\..*\.(points|width)")


class Groups:
    """The switches of one player.  Unknown words are ignored, as in RV's settings."""

    def __init__(
        self,
        send: Iterable[str] = ("annotation", "color", "view", "stereo"),
        block: Iterable[str] = (),
        send_pipelines: Iterable[str] = ("Color", "Look", "View"),
        block_pipelines: Iterable[str] = (),
        *,
        send_media: bool = True,
        accept_media: bool = True,
    ) -> None:
        self.send = {w for w in send if w in GROUPS}
        self.block = {w for w in block if w in GROUPS}
        self.send_pipelines = {w for w in send_pipelines if w in PIPELINES}
        self.block_pipelines = {w for w in block_pipelines if w in PIPELINES}
        self.send_media = send_media
        self.accept_media = accept_media

    def sends(self, name: str, alt: str, node: Node) -> bool:
        """Whether a change of that property is sent."""
        return self.listed(name, alt) or _pipeline(node) in self.send_pipelines

    def listed(self, name: str, alt: str) -> bool:
        """Whether a pattern that is sent matches: creations and insertions look at no
        pipeline groups."""
        if ALWAYS.search(alt):
            return True
        return any(GROUPS[g].search(alt) or GROUPS[g].search(name) for g in self.send)

    def accepts(self, name: str, alt: str, node: Node | None) -> bool:
        """Whether a change of that property is applied."""
        if NEVER.search(name):
            return False
        if any(GROUPS[g].search(alt) or GROUPS[g].search(name) for g in self.block):
            return False
        return node is None or self.accepts_pipeline(node)

    def accepts_pipeline(self, node: Node) -> bool:
        """Whether the pipeline group that a node is in, if any, is accepted."""
        kind = _pipeline(node)
        return not kind or kind not in self.block_pipelines

    def sends_lut(self, node: Node) -> bool:
        """Whether a LUT read on that node is told of: outside of pipelines always."""
        kind = _pipeline(node)
        return not kind or kind in self.send_pipelines

    @staticmethod
    def inserted_only(alt: str) -> bool:
        """Points and widths of strokes are sent as they grow, never as a whole."""
        return _GROWING.search(alt) is not None


def _pipeline(node: Node) -> str:
    """The kind of pipeline group a node is in: `Color`, `Look`...; "" outside of all.

    RV looks for RVPipelineGroup as "General", a type that does not exist; PipelineGroup is
    meant.
    """
    at: Node | None = node
    while at is not None:
        if at.type.endswith("PipelineGroup"):
            return at.type.removeprefix("RV").removesuffix("PipelineGroup") or "General"
        at = at.group
    return ""
