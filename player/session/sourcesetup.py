"""Colour defaults for new media, as RV's always-loaded source_setup package applies them.

Decides the transfer function of a source from its attributes and file type, writes the
linearization, and once per display switches it to sRGB.

One thing is decided that RV leaves open: floating-point pixels that a program pushes are
scene-linear, as renderers make them, so the display goes to sRGB for them, as for an EXR file.
Pushed 16-bit integers are as in RV, which takes only 8 bits for sRGB: they are not linearised and
leave the display alone, and look too bright beside what has switched it, floats here, an EXR there.

Source: RV user manual, "Automatic colour"; behaviour of the package in RV.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from player.session.kinds.imagesource import ImageSource
from player.session.kinds.source import Source, SourceGroup
from player.session.node import Node
from player.session.ports import MediaInfo

if TYPE_CHECKING:
    from player.session.session import Session

__all__ = ["CREATION_CONTEXT", "LOG_TYPES", "SourceSetup", "transfer_of"]

#: 1 on nodes that a session file brought
CREATION_CONTEXT: Final = "internal.creationContext"

LOG_TYPES = {
    "Cineon Log": 1,
    "Kodak Log": 1,
    "Viper Log": 2,
    "ALEXA LogC": 3,
    "ALEXA LogC Film": 4,
    "Red Log": 6,
    "SMPTE-2084": 8,
    "Hybrid Log-Gamma": 9,
}
_MOVIES = frozenset({"jpg", "jpeg", "mov", "avi", "mp4"})
_ROTATIONS = {
    "right - top": 90.0,
    "left - top": 90.0,
    "right - bottom": -90.0,
    "left - bottom": -90.0,
}


def transfer_of(info: MediaInfo) -> str:
    """The transfer function of media, "" when unknown."""
    attributes = dict(info.attributes)
    given = attributes.get("ColorSpace/Transfer", "")
    extension = info.path.rpartition(".")[2].lower() if "." in info.path else ""
    if extension == "dpx" and given in ("", "Unknown", "Other (0)", "undefined"):
        return "Cineon Log"
    if given:
        return given
    if extension == "tif":
        return "sRGB" if info.bits == 8 else "Linear"
    if extension == "ari":
        return "ALEXA LogC"
    if extension in _MOVIES or "sRGB" in attributes.get("ColorSpace/ICC/Description", ""):
        return "sRGB"
    return "sRGB" if info.bits == 8 and not info.is_float else ""


class SourceSetup:
    """Applies the defaults; remembers whether the display was set already."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._display_done = False

    def reset(self) -> None:
        """A new display group exists."""
        self._display_done = False

    def _override(self, info: MediaInfo, name: str, with_bits: bool) -> str:
        extension = info.path.rpartition(".")[2].upper() if "." in info.path else ""
        keys = [f"{name}_{extension}"]
        if with_bits:
            keys.insert(0, f"{name}_{extension}_{info.bits}")
        flags = self._session.options.flags
        for where in (flags, os.environ):
            for key in keys:
                if where.get(key):
                    return str(where[key])
        return ""

    def apply(self, source: Source, group: SourceGroup) -> None:
        """Write the colour properties of a source whose media just changed.  While a session
        file is read it is not yet known which of them the file has: see `apply_read`."""
        if not self._session.reading:
            self._apply(source, group)

    def apply_read(self, source: Source, group: SourceGroup) -> None:
        """The same for a source that a session file brought: nodes that are in the file keep
        what it says, and the display is switched all the same."""
        linear = self._session.graph.exact(f"{group.name}_tolinPipeline_0")
        info = source.first_info
        if linear is None or not linear.one(CREATION_CONTEXT, 0):
            self._apply(source, group)
        elif info is not None and not info.missing and not self._session.options.no_packages:
            self._display()

    def _apply(self, source: Source, group: SourceGroup) -> None:
        session = self._session
        if session.options.no_packages:
            return
        info = source.first_info
        linear = session.graph.exact(f"{group.name}_tolinPipeline_0")
        if info is None or info.missing or linear is None or linear.type != "RVLinearize":
            return
        transfer = self._override(info, "RV_OVERRIDE_TRANSFER", True) or transfer_of(info)
        if not transfer and isinstance(source, ImageSource) and (info.is_float or info.bits == 32):
            transfer = "Linear"
        known = bool(transfer)
        primaries = self._override(info, "RV_OVERRIDE_IGNORE_PRIMARIES", False)
        if primaries and primaries.lower() != "false":
            self._write(linear, "color.ignoreChromaticities", [1])
        if known:
            gamma = 1.0
            if transfer.startswith("Gamma "):
                try:
                    gamma = float(transfer[6:])
                except ValueError:
                    session.warn(f"WARNING: unknown transfer function {transfer}")
            self._write(linear, "color.sRGB2linear", [int(transfer == "sRGB")])
            self._write(linear, "color.logtype", [LOG_TYPES.get(transfer, 0)])
            self._write(linear, "color.Rec709ToLinear", [int(transfer == "Rec709")])
            self._write(linear, "color.fileGamma", [gamma])
        self._rotate(info, group)
        if known or dict(info.attributes).get("ColorSpace") == "Linear":
            self._display()

    def _rotate(self, info: MediaInfo, group: SourceGroup) -> None:
        angle = _ROTATIONS.get(dict(info.attributes).get("EXIF/Orientation", ""))
        target = self._session.graph.exact(f"{group.name}_transform2D")
        if angle is not None and target is not None:
            self._write(target, "transform.rotate", [angle])

    def _display(self) -> None:
        if self._display_done:
            return
        self._display_done = True
        for node in self._session.graph.by_type("RVDisplayColor"):
            owner = node.group.group if node.group is not None else None
            if owner is None or owner.type != "RVDisplayGroup":
                continue
            one = node.one
            if one("color.sRGB") or one("color.Rec709") or one("lut.active"):
                continue
            if one("color.gamma") == 1.0:
                self._write(node, "color.sRGB", [1])

    @staticmethod
    def _write(node: Node, name: str, values: Iterable[Any]) -> None:
        prop = node.prop(name)
        if prop is not None:
            prop.set(values)
            node.changed(prop)
