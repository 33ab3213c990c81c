"""RVCDL: a colour correction that may come from a file.

Source: Open RV ``src/lib/ip/IPBaseNodes/ColorCDLIPNode.cpp`` (updateProperties).
"""

from __future__ import annotations

from player.session.errors import SessionError
from player.session.node import Node
from player.session.properties import Property

__all__ = ["Cdl"]


class Cdl(Node):
    """Writing ``node.file`` reads the first correction of that file into the node."""

    __slots__ = ()

    def changed(self, prop: Property) -> None:
        super().changed(prop)
        path = str(self.one("node.file", "") or "")
        if prop.name != "node.file" or not path:
            return
        try:
            values = self.graph.hooks.correction(path)
        except OSError as error:
            self.graph.warn(f"ERROR: cannot read {path}: {error.strerror or error}")
            return
        except SessionError as error:
            self.graph.warn(f"ERROR: {path}: {error}")
            return
        for name, numbers in values.items():
            self.assign(f"node.{name}", numbers)
