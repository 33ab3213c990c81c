"""The end of the graph: what is viewed, and the display or output that shows it.

Source: Open RV ``src/lib/ip/IPCore/ViewGroupIPNode.cpp``, ``DisplayGroupIPNode.cpp``,
``OutputGroupIPNode.cpp``, ``DisplayStereoIPNode.cpp``, ``AudioTextureIPNode.cpp``.
"""

from __future__ import annotations

from collections.abc import Sequence

from player.session.group import Adaptor, Group
from player.session.kinds.plain import Unwritten
from player.session.node import MetaVisitor, Node

__all__ = ["AudioWaveform", "DisplayGroup", "DisplayStereo", "OutputGroup", "ViewGroup"]

_MONO = ("off", "mono", "left", "right")
_DUAL = ("hardware", "dual")


class _Fed(Group):
    """A group whose only input enters through one fixed adaptor."""

    __slots__ = ("_adaptor",)

    def _make_adaptor(self) -> Adaptor:
        node = self.new_member("Adaptor", "adaptor")
        assert isinstance(node, Adaptor)
        self._adaptor = node
        return node

    def set_inputs(self, nodes: Sequence[Node]) -> None:
        self._adaptor.set_source(nodes[0] if len(nodes) == 1 else None)
        self._set_inputs(nodes)

    def needs(self, member: Node) -> bool:
        return True


class ViewGroup(_Fed):
    """The view node goes through view pipeline, sound track and the view's pan and zoom."""

    __slots__ = ("soundtrack", "transform", "waveform")

    def build(self) -> None:
        adaptor = self._make_adaptor()
        pipeline = self.new_member("RVViewPipelineGroup", "viewPipeline")
        self.soundtrack = self.new_member("RVSoundTrack", "soundtrack")
        self.transform = self.new_member("RVDispTransform2D", "dxform")
        self.waveform = self.new_member("AudioWaveform", "audioWaveform")
        pipeline.set_inputs([adaptor])
        self.soundtrack.set_inputs([pipeline])
        self.transform.set_inputs([self.soundtrack])
        self.waveform.set_inputs([self.soundtrack])
        self.root = self.transform


class AudioWaveform(Unwritten):
    """Draws sound: no picture passes it, so questions about a frame do not either."""

    __slots__ = ()

    def meta(self, frame: int, visitor: MetaVisitor) -> None:
        return None


class DisplayStereo(Node):
    """RVDisplayStereo: what shows two eyes asks its input once for each."""

    __slots__ = ()

    @property
    def eyes(self) -> int:
        """How often the input is asked for one picture."""
        kind = self.one("stereo.type", "mono")
        if kind in _MONO or (kind in _DUAL and isinstance(self.group, DisplayGroup)):
            return 1
        return 2

    def meta(self, frame: int, visitor: MetaVisitor) -> None:
        visitor.enter(frame, self)
        for _ in range(self.eyes if self.inputs else 0):
            if visitor.descend(self, self.inputs[0]):
                self.inputs[0].meta(frame, visitor)
        visitor.leave(frame, self)


class DisplayGroup(_Fed):
    """Stereo and display colour of one display; not part of session files."""

    __slots__ = ("pipeline", "stereo")

    writable = False

    def build(self) -> None:
        adaptor = self._make_adaptor()
        self.pipeline = self.new_member("RVDisplayPipelineGroup", "colorPipeline")
        self.stereo = self.new_member("RVDisplayStereo", "stereo")
        self.stereo.set_inputs([adaptor])
        self.pipeline.set_inputs([self.stereo])
        self.root = self.pipeline

    def meta(self, frame: int, visitor: MetaVisitor) -> None:
        if self.root is None:
            return
        visitor.enter(frame, self)
        for _ in range(2 if self.stereo.one("stereo.type", "off") in _DUAL else 1):
            if visitor.descend(self, self.root):
                self.root.meta(frame, visitor)
        visitor.leave(frame, self)


class OutputGroup(DisplayGroup):
    """What is written to files; part of session files."""

    __slots__ = ()

    writable = True
