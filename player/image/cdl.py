"""ASC CDL in the three spaces RV knows (Rec. 709, ACES, ACES log)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from player.image.ops import LUMA, Op, channelwise, general
from player.image.transfer import Array

__all__ = ["Cdl"]

_TO_ACES = np.array([[0.439633, 0.3829891, 0.1773786], [0.08977623, 0.8134389, 0.09678369],
                     [0.01754106, 0.1115466, 0.8709126]], np.float32)  # fmt: skip
_FROM_ACES = np.array([[2.521685, -1.134132, -0.3875561], [-0.2764794, 1.37272, -0.09623854],
                       [-0.01537779, -0.1529755, 1.168353]], np.float32)  # fmt: skip
_LUMA = LUMA.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Cdl:
    """Slope, offset, power per channel, saturation, and whether results are clamped."""

    slope: tuple[float, float, float] = (1.0, 1.0, 1.0)
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    power: tuple[float, float, float] = (1.0, 1.0, 1.0)
    saturation: float = 1.0
    clamp: bool = True
    space: str = "rec709"

    @property
    def is_neutral(self) -> bool:
        """With neutral values nothing happens, not even clamping."""
        return (self.slope, self.offset, self.power, self.saturation) == (
            (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), 1.0,
        )  # fmt: skip

    def _sop(self, x: Array) -> Array:
        y = x * np.asarray(self.slope, np.float32) + np.asarray(self.offset, np.float32)
        if self.clamp:
            y = np.clip(y, 0.0, 1.0)
        out: Array = np.power(y, np.asarray(self.power, np.float32))
        return out

    def _saturate(self, y: Array) -> Array:
        luma = (y @ _LUMA)[..., None]
        return (luma + np.float32(self.saturation) * (y - luma)).astype(np.float32, copy=False)

    def ops(self) -> tuple[Op, ...]:
        """The CDL as colour operations; none when it is neutral."""
        if self.is_neutral:
            return ()
        if self.space == "aces":
            return (general(("cdl", self), self._aces, rgb_only=True),)
        if self.space == "aceslog":
            return (general(("cdl", self), self._aces_log, rgb_only=True),)
        sop = channelwise(("sop", self), self._sop)
        if self.saturation == 1.0:
            return (sop,)

        def saturate(rgba: Array) -> Array:
            y = self._saturate(rgba[..., :3])
            rgba[..., :3] = np.clip(y, 0.0, 1.0) if self.clamp else y
            return rgba

        return (sop, general(("cdl sat", self), saturate, rgb_only=True))

    def _aces(self, rgba: Array) -> Array:
        low, high = np.float32(0.001185417175293), np.float32(222.875)
        v = rgba[..., :3] @ _TO_ACES.T
        n = self._saturate(self._sop((v - low) / (high - low)))
        rgba[..., :3] = (low + n * (high - low)) @ _FROM_ACES.T
        return rgba

    def _aces_log(self, rgba: Array) -> Array:
        low, high = np.float32(12860.643), np.float32(48742.586)
        tiny, half = np.float32(2.0**-16), np.float32(2.0**-15)
        v = np.maximum(rgba[..., :3] @ _TO_ACES.T, 0.0)
        v = np.where(v < half, tiny + v / 2, v)
        n = self._sop((np.log2(v) * 2048 + 32768 - low) / (high - low))
        v = np.exp2((low + n * (high - low) - 32768) / 2048).astype(np.float32)
        v = np.where(v < half, (v - tiny) * 2, v)
        rgba[..., :3] = self._saturate(v) @ _FROM_ACES.T
        return rgba
