"""Nodes with no structure of their own; some change the size of what passes through."""

from __future__ import annotations

from player.session.floats import c_int
from player.session.node import Node, StructInfo
from player.session.properties import Property

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
            width, height = self._resized(width, height)
        return info._replace(width=width, height=height)

    def _resized(self, width: int, height: int) -> tuple[int, int]:
        one = self.one
        xr, yr = one("geometry.xresize", 0), one("geometry.yresize", 0)
        xf, yf = one("geometry.xfit", 0), one("geometry.yfit", 0)
        scale = one("geometry.scale", 1.0)
        w, h = float(width), float(height)
        if w <= 0 or h <= 0:
            return width, height
        if xr or yr:
            nw = float(xr) if xr else w * yr / h
            nh = float(yr) if yr else h * xr / w
        elif xf or yf:
            ratios = [f / s for f, s in ((xf, w), (yf, h)) if f]
            k = min(ratios)
            nw, nh = w * k, h * k
        elif scale != 1.0:
            nw, nh = w * scale, h * scale
        else:
            return width, height
        return c_int(nw + 0.49), c_int(nh + 0.49)


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
        if pa == 0.0 or old == 0.0:
            return info
        width, height = float(info.width), float(info.height)
        if pa > 1.0:
            width = width / old * pa
        elif pa < 1.0:
            height = height * old / pa
        elif old > 1.0:
            width = width / old
        elif old < 1.0:
            height = height * old
        return info._replace(width=c_int(width), height=c_int(height))
