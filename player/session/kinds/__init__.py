"""What each node type does beyond carrying properties."""

from __future__ import annotations

from player.session.definitions import definition
from player.session.group import Adaptor
from player.session.kinds.cdl import Cdl
from player.session.kinds.dynamic import Dynamic
from player.session.kinds.filesource import FileSource
from player.session.kinds.imagesource import ImageSource
from player.session.kinds.layout import LayoutGroup
from player.session.kinds.luts import Color, Lut
from player.session.kinds.ocio import Ocio
from player.session.kinds.pipeline import PipelineGroup
from player.session.kinds.plain import Format, LensWarp, Plain, Unwritten
from player.session.kinds.retime import Retime, RetimeGroup
from player.session.kinds.sequence import Sequence, SequenceGroup
from player.session.kinds.shader import Shader, Transition
from player.session.kinds.source import SourceGroup
from player.session.kinds.stack import Stack, StackGroup
from player.session.kinds.switch import FolderGroup, Switch, SwitchGroup
from player.session.kinds.view import (
    AudioWaveform,
    DisplayGroup,
    DisplayStereo,
    OutputGroup,
    ViewGroup,
)
from player.session.node import Node

__all__ = ["KINDS", "kind_of"]

KINDS: dict[str, type[Node]] = {
    "Adaptor": Adaptor,
    "AudioWaveform": AudioWaveform,
    "Dynamic": Dynamic,
    "OCIO": Ocio,
    "OCIODisplay": Ocio,
    "OCIOFile": Ocio,
    "OCIOLook": Ocio,
    "PipelineGroup": PipelineGroup,
    "Root": Unwritten,
    "RVCacheLUT": Lut,
    "RVCDL": Cdl,
    "RVColor": Color,
    "RVColorPipelineGroup": PipelineGroup,
    "RVDisplayColor": Lut,
    "RVDisplayGroup": DisplayGroup,
    "RVDisplayPipelineGroup": PipelineGroup,
    "RVDisplayStereo": DisplayStereo,
    "RVFileSource": FileSource,
    "RVFolderGroup": FolderGroup,
    "RVFormat": Format,
    "RVImageSource": ImageSource,
    "RVLayoutGroup": LayoutGroup,
    "RVLensWarp": LensWarp,
    "RVLinearize": Lut,
    "RVLinearizePipelineGroup": PipelineGroup,
    "RVLookLUT": Lut,
    "RVLookPipelineGroup": PipelineGroup,
    "RVOutputGroup": OutputGroup,
    "RVRetime": Retime,
    "RVRetimeGroup": RetimeGroup,
    "RVSequence": Sequence,
    "RVSequenceGroup": SequenceGroup,
    "RVSession": Unwritten,
    "RVSourceGroup": SourceGroup,
    "RVStack": Stack,
    "RVStackGroup": StackGroup,
    "RVSwitch": Switch,
    "RVSwitchGroup": SwitchGroup,
    "RVViewGroup": ViewGroup,
    "RVViewPipelineGroup": PipelineGroup,
}


def kind_of(type: str) -> type[Node]:
    """The class of a node type."""
    found = KINDS.get(type)
    if found is None:
        known = definition(type)
        shader = known.shader if known is not None else ""
        found = Transition if shader == "transition" else Shader if shader else Plain
    return found
