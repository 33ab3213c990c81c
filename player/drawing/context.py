"""What Mu's modules ``gl``, ``glu``, ``gltext`` and ``image`` are while scripts draw."""

from __future__ import annotations

from typing import Any

from player.drawing.gl import Fixed
from player.drawing.pen import read_picture

__all__ = ["Context"]


class Context(Fixed):
    """A context of OpenGL that also opens pictures."""

    def call(self, name: str, args: tuple[Any, ...]) -> Any:
        if name != "image.image":
            return super().call(name, args)
        try:
            texels = read_picture(args[0])[::-1]
        except OSError:
            return None
        height, width = texels.shape[:2]
        return width, height, [tuple(t) for t in texels.reshape(-1, 4).tolist()]
