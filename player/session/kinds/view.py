"""The end of the graph: what is viewed, and the display or output that shows it.

Source: Open RV ``src/lib/ip/IPCore/ViewGroupIPNode.cpp``, ``DisplayGroupIPNode.cpp``,
``OutputGroupIPNode.cpp``.
"""

from __future__ import annotations

from collections.abc import Sequence

from player.session.group import Adaptor, Group
from player.session.node import Node

__all__ = ["DisplayGroup", "OutputGroup", "ViewGroup"]


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


class OutputGroup(DisplayGroup):
    """What is written to files; part of session files."""

    __slots__ = ()

    writable = True
