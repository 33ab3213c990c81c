"""What queries about the picture answer with: the structs of RV's commands by field name."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from player.image.scene import Matrix3

__all__ = ["ImageAtPoint", "RenderedImage", "flat"]


def flat(m: Matrix3) -> list[float]:
    """A 2-D matrix as RV's 4x4, row by row."""
    out = np.eye(4)
    out[:2, :2], out[:2, 3] = m[:2, :2], m[:2, 2]
    return [float(v) for v in out.ravel()]


def _identity() -> list[float]:
    return flat(np.eye(3))


@dataclass(slots=True)
class RenderedImage:
    """One drawn image, with the field names of `RenderedImageInfo`."""

    name: str = ""
    index: int = 0
    imageMin: tuple[float, float] = (0.0, 0.0)
    imageMax: tuple[float, float] = (1.0, 1.0)
    stencilMin: tuple[float, float] = (0.0, 0.0)
    stencilMax: tuple[float, float] = (1.0, 1.0)
    modelMatrix: list[float] = field(default_factory=_identity)
    globalMatrix: list[float] = field(default_factory=_identity)
    projectionMatrix: list[float] = field(default_factory=_identity)
    textureMatrix: list[float] = field(default_factory=_identity)
    orientationMatrix: list[float] = field(default_factory=_identity)
    placementMatrix: list[float] = field(default_factory=_identity)
    width: int = 0
    height: int = 0
    pixelAspect: float = 1.0
    bitDepth: int = 32
    floatingPoint: bool = True
    numChannels: int = 4
    planar: bool = False
    node: str = ""
    tags: list[tuple[str, str]] = field(default_factory=list)
    device: str = ""
    physicalDevice: str = ""
    serialNumber: int = 0
    imageNum: int = 0
    textureID: int = 0


@dataclass(slots=True)
class ImageAtPoint:
    """One drawn image seen from a point, with the field names of `PixelImageInfo`."""

    name: str = ""
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
    node: str = ""
    tags: list[tuple[str, str]] = field(default_factory=list)
    index: int = 0
    pixelAspect: float = 1.0
    device: str = ""
    physicalDevice: str = ""
    serialNumber: int = 0
    imageNum: int = 0
    textureID: int = 0
    initPixelAspect: float = 1.0
