"""OpenColorIO nodes: what they tell of the configuration they use.

Source: Open RV ``src/lib/ip/OCIONodes/OCIOIPNode.cpp`` (updateConfig).
"""

from __future__ import annotations

from player.session.node import Node

__all__ = ["Ocio"]


class Ocio(Node):
    """OCIO, OCIOFile, OCIOLook, OCIODisplay: by the configuration of ``$OCIO``."""

    __slots__ = ()

    def _setup(self) -> None:
        self.update_config()

    def update_config(self) -> None:
        """Write ``config.description`` and ``config.workingDir``; for who looks, nothing depends
        on them."""
        if "config.description" not in self.definition.specs:
            return
        description, folder = self.graph.hooks.colour_config()
        if description or folder:
            self.assign("config.description", [description])
            self.assign("config.workingDir", [folder])
        self.touch()
