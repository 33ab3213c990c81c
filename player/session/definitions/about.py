"""What a node type says of itself: the properties that ``:Type.component.property`` names.

Source: Open RV ``src/lib/ip/IPCore/NodeDefinition.cpp``, ``src/lib/app/RvApp/
RvNodeDefinitions.cpp``.
"""

from __future__ import annotations

from typing import Any, Final

from player.session.definitions import NodeDefinition
from player.session.properties import Property, PropType

__all__ = ["definition_property"]

_GROUPS: Final = frozenset({"Dynamic", "PipelineGroup"})
_SUMMARIES: Final = {
    "RVSession": "Session container",
    "RVSequenceGroup": "Plays back inputs by EDL",
    "RVStackGroup": "Stacks inputs in time",
    "RVFolderGroup": "Multipurpose collection of nodes",
    "RVLayoutGroup": "Visaully layout inputs in various ways",
    "RVRetimeGroup": "Change input FPS, duration, or offset",
    "RVSwitchGroup": "Select one of several inputs",
    "RVSwitch": "Select one of several inputs",
    "RVColorPipelineGroup": "Managed Single Input Pipeline for Source Color",
    "RVLookPipelineGroup": "Managed Single Input Pipeline for Source Look",
    "RVLinearizePipelineGroup": "Managed Single Input Pipeline for Source Linearization",
    "RVDisplayPipelineGroup": "Managed Single Input Pipeline for Display",
    "RVViewPipelineGroup": "Managed Single Input Pipeline for View Group",
    "PipelineGroup": "Managed Single Input Pipeline",
}
_STACK: Final = {
    "defaults.stackType": "RVStack",
    "defaults.transformType": "RVTransform2D",
    "defaults.retimeType": "RVRetime",
    "defaults.paintType": "RVPaint",
}
_DISPLAY: Final = {
    "defaults.stereoType": "RVDisplayStereo",
    "defaults.pipelineType": "RVDisplayPipelineGroup",
}
_PRELUT: Final = {"defaults.preLUTSize": 2048}
_DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    "RVSequenceGroup": {
        "defaults.sequenceType": "RVSequence",
        "defaults.retimeType": "RVRetime",
        "defaults.paintType": "RVPaint",
    },
    "RVStackGroup": _STACK,
    "RVLayoutGroup": _STACK,
    "RVFolderGroup": {
        "folder.switch": "RVSwitch",
        "folder.stack": "RVStackGroup",
        "folder.layout": "RVLayoutGroup",
    },
    "RVRetimeGroup": {"defaults.retimeType": "RVRetime", "defaults.paintType": "RVPaint"},
    "RVSwitchGroup": {"defaults.switchType": "RVSwitch"},
    "RVDisplayGroup": _DISPLAY,
    "RVOutputGroup": _DISPLAY,
    "RVViewGroup": {
        "defaults.soundtrackType": "RVSoundTrack",
        "defaults.dispTransformType": "RVDispTransform2D",
        "defaults.waveformType": "AudioWaveform",
        "defaults.pipelineType": "RVViewPipelineGroup",
    },
    "RVDisplayColor": _PRELUT,
    "RVLinearize": _PRELUT,
    "RVFileSource": {"defaults.progressiveSourceLoading": 0, "defaults.missingMovieProc": "error"},
    "OCIO": {"defaults.function": "color"},
    "OCIOFile": {"defaults.function": "color"},
    "OCIOLook": {"defaults.function": "look"},
    "OCIODisplay": {"defaults.function": "display"},
    "SYNLinearize": {"defaults.function": "synlinearize"},
    "SYNDisplay": {"defaults.function": "syndisplay"},
    "RVSoundTrack": {"defaults.softClamp": 1},
    "RVSourceGroup": {
        "defaults.preCacheLUTType": "RVCacheLUT",
        "defaults.formatType": "RVFormat",
        "defaults.channelMapType": "RVChannelMap",
        "defaults.cacheType": "RVCache",
        "defaults.paintType": "RVPaint",
        "defaults.overlayType": "RVOverlay",
        "defaults.colorPipelineType": "RVColorPipelineGroup",
        "defaults.linearizePipelineType": "RVLinearizePipelineGroup",
        "defaults.lookPipelineType": "RVLookPipelineGroup",
        "defaults.stereoType": "RVSourceStereo",
        "defaults.transformType": "RVTransform2D",
        "defaults.cropType": "",
    },
}


def _is_group(type: str) -> bool:
    return type.endswith("Group") or type in _GROUPS


def _values(definition: NodeDefinition) -> dict[str, Any]:
    type, group = definition.type, _is_group(definition.type)
    return {
        "node.name": type,
        "node.version": definition.version,
        "node.isGroup": int(group),
        "node.defaultName": definition.default_name,
        "node.evaluationType": "group" if group else "merge",
        "node.author": "internal",
        "node.company": "",
        "node.comment": "",
        "node.date": "",
        "node.userVisible": int(definition.viewable),
        "function.fetches": 0,
        "documentation.summary": _SUMMARIES.get(type, ""),
        "documentation.html": "",
        **_DEFAULTS.get(type, {}),
    }


def definition_property(definition: NodeDefinition, name: str) -> Property | None:
    """A property of a node type, made for the asking; None when it has none of that name."""
    if name == "icon.RGBA":
        return Property(name, PropType.BYTE)
    if name == "defaults.pipeline" and "pipeline.nodes" in definition.specs:
        types = definition.specs["pipeline.nodes"].values
        return Property(name, PropType.STRING, types) if definition.type[:2] == "RV" else None
    value = _values(definition).get(name)
    if value is None:
        return None
    return Property(name, PropType.STRING if isinstance(value, str) else PropType.INT, [value])
