"""Nodes with a look-up table in their properties."""

from __future__ import annotations

from typing import Final

from player.session.errors import SessionError
from player.session.node import Node
from player.session.properties import Property

__all__ = ["Color", "Lut"]

_TABLE: Final = {f"lut.{name}" for name in ("lut", "prelut", "size", "inMatrix", "outMatrix")}
_FILE: Final = ("lut.file", "lut.preLUTSize")
_LARGEST: Final = 65536


class Lut(Node):
    """A ``lut`` component; what it amounts to is kept in ``lut:output``.

    Writing ``lut.file`` reads the file into the other properties, without events for them.
    Cubes get sides that are powers of two, except those applied while caching.

    Source: Open RV ``src/lib/ip/IPCore/LUTIPNode.cpp``.
    """

    __slots__ = ()

    def changed(self, prop: Property) -> None:
        super().changed(prop)
        if prop.name in _FILE:
            self.read_table()
        elif prop.name in _TABLE:
            self._generate()

    def read_table(self) -> None:
        """Read ``lut.file`` again, when there is one; SessionError."""
        path = str(self.one("lut.file", "") or "")
        if path:
            samples = min(max(self.one("lut.preLUTSize", 2048), 2), _LARGEST)
            file, table = self.graph.hooks.table(path, self.type != "RVCacheLUT", samples)
            for name, values in (
                ("file", [file]),
                ("inMatrix", table.matrix),
                ("conditioningGamma", [table.gamma]),
                ("lut", table.values),
                ("prelut", table.pre),
                ("size", [*table.size, 0, 0, 0][:3]),
                ("type", ["RGB"]),
            ):
                self.assign(f"lut.{name}", values)
        self._generate()

    def _generate(self) -> None:
        sizes = [*self.get("lut.size")[:3], 0, 0, 0][:3]
        self.assign("lut.size", sizes)
        values, pre = self.get("lut.lut"), self.get("lut.prelut")
        if all(sizes):
            self.assign("lut:output.size", sizes)
            wanted = 3 * sizes[0] * sizes[1] * sizes[2]
            if wanted != len(values):
                raise SessionError(f"3D LUT size mismatch {wanted} != {len(values)}")
            self.assign("lut:output.lut", values)
            if pre:
                self.assign("lut:output.prelut", pre[: len(pre) // 3 * 3])
        elif sizes[0]:
            if not self.get("lut:output.size"):
                self.assign("lut:output.size", [len(values) // 3, 0, 0])
            self.assign("lut:output.lut", values[: len(values) // 3 * 3])
        else:
            return
        self.assign("lut.scale", [1.0])
        self.assign("lut.offset", [0.0])


class Color(Node):
    """RVColor: its luminance table is resampled for use.

    Source: Open RV ``src/lib/ip/IPBaseNodes/ColorIPNode.cpp`` (generateLUT).
    """

    __slots__ = ()

    def changed(self, prop: Property) -> None:
        super().changed(prop)
        if prop.name in ("luminanceLUT.lut", "luminanceLUT.size"):
            self._generate()

    def _generate(self) -> None:
        table = self.get("luminanceLUT.lut")
        if not table:
            return
        n = self.one("luminanceLUT:output.size", 0)
        if n == 0:
            n = 256
            self.assign("luminanceLUT:output.size", [n])
        last = len(table) // 3 - 1
        if not 2 <= n <= _LARGEST or last < 0:
            return
        out: list[float] = []
        for i in range(n):
            at = i / (n - 1) * last
            low = int(at)
            high = low if low >= last else low + 1
            part = at - low
            out += [table[low * 3 + c] * (1 - part) + table[high * 3 + c] * part for c in range(3)]
        self.assign("luminanceLUT:output.lut", out)
