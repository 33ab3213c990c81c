"""The structs of module ``commands``: field order is what Mu prints and Python keys follow.

Field names are RV's own (camel case) because scripts read them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

__all__ = [
    "ALIASES",
    "CLASSES",
    "STRUCTS",
    "ChannelInfo",
    "ChapterInfo",
    "IOFormat",
    "IOParameter",
    "LayerInfo",
    "MetaEvalInfo",
    "NodeImageGeometry",
    "NodeRangeInfo",
    "PixelImageInfo",
    "PropertyInfo",
    "RenderedImageInfo",
    "SourceMediaInfo",
    "VideoDeviceState",
    "ViewInfo",
]


def _identity() -> list[float]:
    return [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]


@dataclass(slots=True)
class ChannelInfo:
    name: str | None = None
    dataType: int = 0


@dataclass(slots=True)
class LayerInfo:
    name: str | None = None
    channels: list[ChannelInfo] = field(default_factory=list)


@dataclass(slots=True)
class ViewInfo:
    name: str | None = None
    layers: list[LayerInfo] = field(default_factory=list)
    noLayerChannels: list[ChannelInfo] = field(default_factory=list)


@dataclass(slots=True)
class ChapterInfo:
    title: str | None = None
    startFrame: int = 0
    endFrame: int = 0


@dataclass(slots=True)
class PixelImageInfo:
    name: str | None = None
    x: float = 0.0
    y: float = 0.0
    px: float = 0.0
    py: float = 0.0
    inside: bool = False
    edge: float = 0.0
    modelMatrix: list[float] = field(default_factory=_identity)
    globalMatrix: list[float] = field(default_factory=_identity)
    projectionMatrix: list[float] = field(default_factory=_identity)
    textureMatrix: list[float] = field(default_factory=_identity)
    orientationMatrix: list[float] = field(default_factory=_identity)
    placementMatrix: list[float] = field(default_factory=_identity)
    node: str | None = None
    tags: list[tuple[str, str]] = field(default_factory=list)
    index: int = 0
    pixelAspect: float = 0.0
    device: str | None = None
    physicalDevice: str | None = None
    serialNumber: int = 0
    imageNum: int = 0
    textureID: int = 0
    initPixelAspect: float = 0.0


@dataclass(slots=True)
class VideoDeviceState:
    module: str | None = None
    device: str | None = None
    videoFormat: str | None = None
    rate: float = 0.0
    width: int = 0
    height: int = 0
    dataFormat: str | None = None
    sync: str | None = None
    syncSource: str | None = None
    audioFormat: str | None = None
    audioRate: float = 0.0
    audioBits: int = 0
    audioChannels: int = 0
    audioFloat: bool = False
    displayMode: int = 0


@dataclass(slots=True)
class IOParameter:
    name: str | None = None
    description: str | None = None
    type: str | None = None


@dataclass(slots=True)
class NodeImageGeometry:
    width: int = 0
    height: int = 0
    pixelAspect: float = 0.0
    orientation: list[float] = field(default_factory=_identity)


@dataclass(slots=True)
class NodeRangeInfo:
    start: int = 0
    end: int = 0
    inc: int = 0
    fps: float = 0.0
    cutIn: int = 0
    cutOut: int = 0
    isUndiscovered: bool = False


@dataclass(slots=True)
class RenderedImageInfo:
    name: str | None = None
    index: int = 0
    imageMin: tuple[float, float] = (0.0, 0.0)
    imageMax: tuple[float, float] = (0.0, 0.0)
    stencilMin: tuple[float, float] = (0.0, 0.0)
    stencilMax: tuple[float, float] = (0.0, 0.0)
    modelMatrix: list[float] = field(default_factory=_identity)
    globalMatrix: list[float] = field(default_factory=_identity)
    projectionMatrix: list[float] = field(default_factory=_identity)
    textureMatrix: list[float] = field(default_factory=_identity)
    orientationMatrix: list[float] = field(default_factory=_identity)
    placementMatrix: list[float] = field(default_factory=_identity)
    width: int = 0
    height: int = 0
    pixelAspect: float = 0.0
    bitDepth: int = 0
    floatingPoint: bool = False
    numChannels: int = 0
    planar: bool = False
    node: str | None = None
    tags: list[tuple[str, str]] = field(default_factory=list)
    device: str | None = None
    physicalDevice: str | None = None
    serialNumber: int = 0
    imageNum: int = 0
    textureID: int = 0


@dataclass(slots=True)
class PropertyInfo:
    name: str | None = None
    type: int = 0
    dimensions: tuple[int, int, int, int] = (0, 0, 0, 0)
    size: int = 0
    userDefined: bool = False
    info: str | None = None


@dataclass(slots=True)
class MetaEvalInfo:
    node: str | None = None
    nodeType: str | None = None
    frame: int = 0


@dataclass(slots=True)
class IOFormat:
    extension: str | None = None
    description: str | None = None
    capabilities: int = 0
    imageCodecs: list[tuple[str, str]] = field(default_factory=list)
    audioCodecs: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class SourceMediaInfo:
    width: int = 0
    height: int = 0
    uncropWidth: int = 0
    uncropHeight: int = 0
    uncropX: int = 0
    uncropY: int = 0
    bitsPerChannel: int = 0
    channels: int = 0
    isFloat: bool = False
    planes: int = 0
    startFrame: int = 0
    endFrame: int = 0
    fps: float = 0.0
    audioChannels: int = 0
    audioRate: float = 0.0
    channelInfos: list[ChannelInfo] = field(default_factory=list)
    viewInfos: list[ViewInfo] = field(default_factory=list)
    defaultView: str | None = None
    file: str | None = None
    hasAudio: bool = False
    hasVideo: bool = False
    chapterInfos: list[ChapterInfo] = field(default_factory=list)
    pixelAspect: float = 0.0


STRUCTS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "ChannelInfo": (
        ("name", "string"),
        ("dataType", "int"),
    ),
    "LayerInfo": (
        ("name", "string"),
        ("channels", "ChannelInfo[]"),
    ),
    "ViewInfo": (
        ("name", "string"),
        ("layers", "LayerInfo[]"),
        ("noLayerChannels", "ChannelInfo[]"),
    ),
    "ChapterInfo": (
        ("title", "string"),
        ("startFrame", "int"),
        ("endFrame", "int"),
    ),
    "PixelImageInfo": (
        ("name", "string"),
        ("x", "float"),
        ("y", "float"),
        ("px", "float"),
        ("py", "float"),
        ("inside", "bool"),
        ("edge", "float"),
        ("modelMatrix", "float[4,4]"),
        ("globalMatrix", "float[4,4]"),
        ("projectionMatrix", "float[4,4]"),
        ("textureMatrix", "float[4,4]"),
        ("orientationMatrix", "float[4,4]"),
        ("placementMatrix", "float[4,4]"),
        ("node", "string"),
        ("tags", "(string,string)[]"),
        ("index", "int"),
        ("pixelAspect", "float"),
        ("device", "string"),
        ("physicalDevice", "string"),
        ("serialNumber", "int"),
        ("imageNum", "int"),
        ("textureID", "int"),
        ("initPixelAspect", "float"),
    ),
    "VideoDeviceState": (
        ("module", "string"),
        ("device", "string"),
        ("videoFormat", "string"),
        ("rate", "float"),
        ("width", "int"),
        ("height", "int"),
        ("dataFormat", "string"),
        ("sync", "string"),
        ("syncSource", "string"),
        ("audioFormat", "string"),
        ("audioRate", "float"),
        ("audioBits", "int"),
        ("audioChannels", "int"),
        ("audioFloat", "bool"),
        ("displayMode", "int"),
    ),
    "IOParameter": (
        ("name", "string"),
        ("description", "string"),
        ("type", "string"),
    ),
    "NodeImageGeometry": (
        ("width", "int"),
        ("height", "int"),
        ("pixelAspect", "float"),
        ("orientation", "float[4,4]"),
    ),
    "NodeRangeInfo": (
        ("start", "int"),
        ("end", "int"),
        ("inc", "int"),
        ("fps", "float"),
        ("cutIn", "int"),
        ("cutOut", "int"),
        ("isUndiscovered", "bool"),
    ),
    "RenderedImageInfo": (
        ("name", "string"),
        ("index", "int"),
        ("imageMin", "vector float[2]"),
        ("imageMax", "vector float[2]"),
        ("stencilMin", "vector float[2]"),
        ("stencilMax", "vector float[2]"),
        ("modelMatrix", "float[4,4]"),
        ("globalMatrix", "float[4,4]"),
        ("projectionMatrix", "float[4,4]"),
        ("textureMatrix", "float[4,4]"),
        ("orientationMatrix", "float[4,4]"),
        ("placementMatrix", "float[4,4]"),
        ("width", "int"),
        ("height", "int"),
        ("pixelAspect", "float"),
        ("bitDepth", "int"),
        ("floatingPoint", "bool"),
        ("numChannels", "int"),
        ("planar", "bool"),
        ("node", "string"),
        ("tags", "(string,string)[]"),
        ("device", "string"),
        ("physicalDevice", "string"),
        ("serialNumber", "int"),
        ("imageNum", "int"),
        ("textureID", "int"),
    ),
    "PropertyInfo": (
        ("name", "string"),
        ("type", "int"),
        ("dimensions", "(int,int,int,int)"),
        ("size", "int"),
        ("userDefined", "bool"),
        ("info", "string"),
    ),
    "MetaEvalInfo": (
        ("node", "string"),
        ("nodeType", "string"),
        ("frame", "int"),
    ),
    "IOFormat": (
        ("extension", "string"),
        ("description", "string"),
        ("capabilities", "int"),
        ("imageCodecs", "(string,string)[]"),
        ("audioCodecs", "(string,string)[]"),
    ),
    "SourceMediaInfo": (
        ("width", "int"),
        ("height", "int"),
        ("uncropWidth", "int"),
        ("uncropHeight", "int"),
        ("uncropX", "int"),
        ("uncropY", "int"),
        ("bitsPerChannel", "int"),
        ("channels", "int"),
        ("isFloat", "bool"),
        ("planes", "int"),
        ("startFrame", "int"),
        ("endFrame", "int"),
        ("fps", "float"),
        ("audioChannels", "int"),
        ("audioRate", "float"),
        ("channelInfos", "ChannelInfo[]"),
        ("viewInfos", "ViewInfo[]"),
        ("defaultView", "string"),
        ("file", "string"),
        ("hasAudio", "bool"),
        ("hasVideo", "bool"),
        ("chapterInfos", "ChapterInfo[]"),
        ("pixelAspect", "float"),
    ),
}
"""Mu name -> fields (name, Mu type) in order."""

CLASSES: Final[dict[str, type[Any]]] = {
    "ChannelInfo": ChannelInfo,
    "LayerInfo": LayerInfo,
    "ViewInfo": ViewInfo,
    "ChapterInfo": ChapterInfo,
    "PixelImageInfo": PixelImageInfo,
    "VideoDeviceState": VideoDeviceState,
    "IOParameter": IOParameter,
    "NodeImageGeometry": NodeImageGeometry,
    "NodeRangeInfo": NodeRangeInfo,
    "RenderedImageInfo": RenderedImageInfo,
    "PropertyInfo": PropertyInfo,
    "MetaEvalInfo": MetaEvalInfo,
    "IOFormat": IOFormat,
    "SourceMediaInfo": SourceMediaInfo,
}
"""Mu name -> dataclass."""

ALIASES: Final[dict[str, str]] = {
    "RenderedSourceInfo": "RenderedImageInfo",
    "PixelSourceInfo": "PixelImageInfo",
}
"""Names that RV keeps for older scripts."""
