"""Session files of RV 3: what their names and objects are called now.

Version 1 files name nodes `sequence` or `color000`; in version 1 and 2 files one RVColor
node does what RVColor and RVLinearize do now, and the pixel aspect ratio is part of the
transform.  The objects are changed before anything is made of them.

Source: Open RV src/lib/app/RvApp/RvSession.cpp, readGTO, pass 1.
"""

from __future__ import annotations

import copy
import re
from typing import Final

from .model import GtoComponent, GtoObject, GtoType

__all__ = ["modernise"]

_OLD_NAME: Final = re.compile(r"([a-zA-Z0-9]*[a-zA-Z])([0-9]{3})")
_NAMES: Final = {
    "sequence": "defaultSequence_sequence",
    "composite": "defaultStack_stack",
    "stack": "defaultStack_stack",
    "stereo": "displayGroup0_stereo",
    "display": "displayGroup0_display",
    "displayTransform": "viewGroup_dxform",
    "soundtrack": "viewGroup_soundtrack",
}
_PROTOCOLS: Final = {"RVStereo": "RVDisplayStereo", "RVSource": "RVFileSource"}

#: color.* of an old RVColor that belong to RVLinearize, and those that do not.
_LINEAR: Final = (
    "alphaType", "logtype", "YUV", "YIQ", "sRGB2linear", "Rec709ToLinear", "fileGamma",
    "ignoreChromaticities",
)  # fmt: skip
_COLOUR: Final = (
    "lut", "invert", "gamma", "YIQ", "offset", "scale", "exposure", "contrast", "saturation",
    "hue", "normalize",
)  # fmt: skip

_SELECTIONS: Final = (
    ("Layer", ("layer", "")),
    ("View", ("view",)),
    ("Channel", ("channel", "", "")),
)


def modernise(objects: list[GtoObject], version: int) -> list[GtoObject]:
    """The objects of a file of `version` under their present names; they are changed."""
    if version not in (1, 2):
        return objects
    added: list[GtoObject] = []
    for item in objects:
        item.components = [c.copy() for c in item.components]  # objects may share them
        if item.protocol in ("RVSession", "connection"):
            continue
        if version == 1:
            _rename(item)
        if item.protocol == "RVColor" and item.version == 1:
            added.append(_split_colour(item))
        elif item.protocol == "RVTransform2D":
            added.append(_split_aspect(item))
        elif item.protocol == "RVFileSource":
            _select(item)
        elif item.protocol == "RVSoundTrack":
            item.name = "viewGroup_soundtrack"
        elif item.protocol == "RVDispTransform2D":
            item.name = "viewGroup_dxform"
    return objects + added


def _rename(item: GtoObject) -> None:
    item.protocol = _PROTOCOLS.get(item.protocol, item.protocol)
    if match := _OLD_NAME.fullmatch(item.name):
        item.name = f"sourceGroup000{match[2]}_{match[1]}"
        return
    if item.name == "composite":
        item.protocol = "RVStack"
        item.components = [c for c in item.components if c.name not in ("single", "pip")]
        if item.strings("composite.type") == ["pip"]:
            item.set("composite.type", GtoType.STRING, ["replace"])
    item.name = _NAMES.get(item.name, item.name)


def _split_colour(item: GtoObject) -> GtoObject:
    group = item.name[: -len("_color")]
    linear = GtoObject(f"{group}_tolinPipeline_0", "RVLinearize", 1)
    for name in ("lut", "color", "cineon"):
        if component := item.component(name):
            linear.components.append(copy.deepcopy(component))
    for name in _COLOUR:
        if component := linear.component("color"):
            component.remove(name)
    item.name = f"{group}_colorPipeline_0"
    item.version = 2
    item.components = [c for c in item.components if c.name not in ("lut", "cineon")]
    for name in _LINEAR:
        if component := item.component("color"):
            component.remove(name)
    if component := item.component("luminanceLUT"):
        component.remove("type")
    return linear


def _split_aspect(item: GtoObject) -> GtoObject:
    warp = GtoObject(f"{item.name[: -len('_transform2D')]}_tolinPipeline_1", "RVLensWarp", 1)
    if ratio := item.numbers("pixel.aspectRatio"):
        warp.set("warp.pixelAspectRatio", GtoType.FLOAT, ratio[:1])
        item.components = [c for c in item.components if c.name != "pixel"]
    return warp


def _select(item: GtoObject) -> None:
    """The three old selections become request.imageComponent."""
    request: GtoComponent | None = item.component("request")
    if request is None:
        return
    if request.find("stereoViews"):
        item.set("request.stereoViews", GtoType.STRING, [])
    for kind, before in _SELECTIONS:
        name = f"image{kind}Selection"
        chosen = item.strings(f"request.{name}")
        if chosen:
            item.set("request.imageComponent", GtoType.STRING, [*before, chosen[0]])
        request.remove(name)
