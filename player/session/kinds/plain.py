"""Nodes with no structure of their own; some change the size of what passes through."""

from __future__ import annotations

from player.session.floats import c_int, f32
from player.session.node import Node, StructInfo
from player.session.properties import Property
from player.session.resolution import output_resolution

__all__ = ["Format", "LensWarp", "Plain", "Unwritten"]


class Plain(Node):
    """Carries properties and passes its first input on."""

    __slots__ = ()


class Unwritten(Node):
    """Never part of a session file by itself."""

    __slots__ = ()

    writable = False


class Format(Node):
    """RVFormat: crop, uncrop and resize as far as the reported size goes.

    Source: Open RV ``src/lib/app/RvApp/FormatIPNode.cpp``.
    """

    __slots__ = ()

    def changed(self, prop: Property) -> None:
        super().changed(prop)
        self.propagate_structure()

    def struct_info(self, frame: int) -> StructInfo:
        if not self.inputs:
            return StructInfo()
        info = self.inputs[0].struct_info(frame)
        if not self._own:
            return info
        width, height = info.width, info.height
        one = self.one
        if one("crop.active", 0):
            width = one("crop.xmax", 0) - one("crop.xmin", 0) + 1
            height = one("crop.ymax", 0) - one("crop.ymin", 0) + 1
        if one("uncrop.active", 0):
            width, height = one("uncrop.width", 0), one("uncrop.height", 0)
        else:
            width, height = output_resolution(
                (width, height),
                (one("geometry.xresize", 0), one("geometry.yresize", 0)),
                (one("geometry.xfit", 0), one("geometry.yfit", 0)),
                one("geometry.scale", 1.0),
            )
        return info._replace(width=width, height=height)


class LensWarp(Node):
    """RVLensWarp: overrides the pixel aspect in the reported size.

    Source: Open RV ``src/lib/ip/IPBaseNodes/LensWarpIPNode.cpp``.
    """

    __slots__ = ()

    def changed(self, prop: Property) -> None:
        if prop.name == "warp.pixelAspectRatio":
            self.propagate_structure()
        super().changed(prop)

    def struct_info(self, frame: int) -> StructInfo:
        info = super().struct_info(frame)
        pa = self.one("warp.pixelAspectRatio", 0.0)
        old = info.pixel_aspect
        if pa == 0.0 or old == 0.0 or not self.one("node.active", 1):
            return info
        width, height = f32(info.width), f32(info.height)
        if pa > 1.0:
            width = f32(f32(width / old) * pa)
        elif pa < 1.0:
            height = f32(f32(height * old) / pa)
        elif old > 1.0:
            width = f32(width / old)
        elif old < 1.0:
            height = f32(height * old)
        return info._replace(width=c_int(width), height=c_int(height))
