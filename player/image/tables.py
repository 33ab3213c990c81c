"""Tables from stored values to 8 bits.

Every value that half, 8 or 16 bits can hold has an entry, so the table is exact, whatever the
operations were that made it.  A picture goes through in one call of OpenColorIO's without the
interpreter: `numpy.take` is as quick, and only block by block, and a thread that asks for the
interpreter a hundred times a picture comes too late when another one receives pixels.
Small pictures are not worth a processor and are taken by numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.image.bands import in_bands
from player.image.byteorder import usual
from player.image.transfer import Array
from player.media.pool import shared_pool

__all__ = [
    "ByteTable",
    "Bytes",
    "FloatTable",
    "described",
    "large",
    "lut_of",
    "opaque",
    "packed",
    "processor_of",
    "quantise",
]

Bytes = npt.NDArray[np.uint8]
_BLOCK: Final = 1 << 14  # pixels per block: with the indices numpy makes of them, half a megabyte
_LARGE: Final = 1 << 16  # pixels from which OpenColorIO is worth its call,
_SOME: Final = 1 << 12  # and those of a part of a picture
_SIZE: Final = np.uint16(0x7FFF)  # of a half without its sign
_INFINITE: Final = np.uint16(0x7C00)


def quantise(x: Array) -> Bytes:
    """0..1 to 0..255, rounded; NaN becomes 0, infinities the ends."""
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = x * np.float32(255.0)
        scaled += np.float32(0.5)
        np.clip(scaled, np.float32(0.0), np.float32(255.5), out=scaled)
        out: Bytes = scaled.astype(np.uint8)  # what is no number becomes 0 on every processor
    return out


def _bit_depth(dtype: np.dtype[Any]) -> Any:
    """OpenColorIO's name of a type of pixels."""
    import PyOpenColorIO as ocio

    return {
        "float16": ocio.BIT_DEPTH_F16, "float32": ocio.BIT_DEPTH_F32,
        "uint8": ocio.BIT_DEPTH_UINT8, "uint16": ocio.BIT_DEPTH_UINT16,
    }[dtype.name]  # fmt: skip


def lut_of(values: npt.NDArray[Any], half: bool) -> Any:
    """OpenColorIO's table of (n, 3) values: even from 0 to 1, or one for each half."""
    import PyOpenColorIO as ocio

    lut = ocio.Lut1DTransform(length=len(values), inputHalfDomain=half)
    lut.setData(np.ascontiguousarray(values, np.float32).ravel())
    return lut


def processor_of(transforms: Sequence[Any], source: np.dtype[Any], target: np.dtype[Any]) -> Any:
    """OpenColorIO's processor of transforms, from pixels of a type to those of another."""
    import PyOpenColorIO as ocio

    # a configuration of its own: one remembers processors by no more of a cube than its extremes
    processor = ocio.Config.CreateRaw().getProcessor(ocio.GroupTransform(list(transforms)))
    return processor.getOptimizedCPUProcessor(
        _bit_depth(source), _bit_depth(target), ocio.OPTIMIZATION_DEFAULT
    )


def described(pixels: npt.NDArray[Any]) -> Any:
    """OpenColorIO's description of (height, width, 3 or 4) pixels where they lie; rows may run
    either way.  The array must outlive it."""
    import PyOpenColorIO as ocio

    height, width, channels = pixels.shape
    row, pixel, item = pixels.strides
    depth = _bit_depth(pixels.dtype)
    return ocio.PackedImageDesc(pixels, width, height, channels, depth, item, pixel, row)


def opaque(out: Bytes) -> None:
    """Alpha 255 in RGBA pixels (h, w, 4); not where a screen has no use for it."""
    if out.strides[2] != 1:
        return
    words = out.view("<u4")
    np.bitwise_or(words, np.uint32(0xFF000000), out=words)


def large(pixels: npt.NDArray[Any]) -> bool:
    """Whether colours (h, w, c) lie so, and are so many, that a call of OpenColorIO's pays."""
    h, w, c = pixels.shape
    return c in (3, 4) and h * w >= _LARGE and packed(pixels)


def packed(pixels: npt.NDArray[Any]) -> bool:
    """Whether the channels of a pixel and the pixels of a row lie one after the other."""
    _, width, channels = pixels.shape
    row, pixel, item = pixels.strides
    packed = item == pixels.itemsize and pixel >= item * channels
    return packed and abs(row) >= pixel * width


class ByteTable:
    """(3, n) bytes by stored value: n is 256 for uint8, 65,536 for uint16 and float16.
    Thread-safe."""

    def __init__(self, table: Bytes, dtype: np.dtype[Any]) -> None:
        self.table = table
        self.same = bool((table[0] == table[1]).all() and (table[0] == table[2]).all())
        self._half = dtype == np.float16
        self._dtype = dtype
        self._processor: Any = None
        self._lock = Lock()

    def apply(self, pixels: npt.NDArray[Any], out: Bytes) -> None:
        """Pixels (h, w, c) of the table's type to RGBA (h, w, 4), alpha 255.  One and two
        channels are grey."""
        if large(pixels):
            self._whole(pixels, out)
        else:
            self._by_blocks(pixels, out)

    def _whole(self, pixels: npt.NDArray[Any], out: Bytes) -> None:
        processor = self._made()
        alpha = pixels.shape[2] == 4  # with three OpenColorIO makes it full itself

        def work(first: int, end: int) -> None:
            rows = out[first:end]
            processor.apply(described(pixels[first:end]), described(rows))
            if alpha:
                opaque(rows)

        in_bands(work, pixels.shape[0])

    def _made(self) -> Any:
        with self._lock:
            if self._processor is None:
                lut = lut_of(self.table.T / np.float32(255), self._half)
                self._processor = processor_of([lut], self._dtype, np.dtype(np.uint8))
            return self._processor

    def _by_blocks(self, pixels: npt.NDArray[Any], out: Bytes) -> None:
        index = pixels.view(np.uint16) if self._half else pixels
        table = self.table
        h, w, c = index.shape
        rows = max(1, _BLOCK // max(1, w))
        for y in range(0, h, rows):
            part = index[y : y + rows]
            with usual(out[y : y + rows]) as dest:
                if c == 4 and self.same:
                    np.take(table[0], part, out=dest, mode="clip")
                elif c == 3 and self.same:
                    made = table[0].take(part, mode="clip")
                    for i in range(3):
                        dest[..., i] = made[..., i]
                else:
                    for i in range(3):
                        dest[..., i] = table[i].take(part[..., i if c >= 3 else 0], mode="clip")
                dest[..., 3] = 255  # while the block is in the cache


class FloatTable:
    """(3, n) float32 by stored value: n is 256 for uint8, 65,536 for uint16 and float16.
    Thread-safe."""

    def __init__(self, table: Array, dtype: np.dtype[Any]) -> None:
        self._table = table
        first, second, third = table
        self._same = np.array_equal(first, second, equal_nan=True) and np.array_equal(
            first, third, equal_nan=True
        )
        self._half = dtype == np.float16
        self._dtype = dtype
        known = table
        if self._half:
            known = table[:, np.isfinite(np.arange(table.shape[1], dtype=np.uint16).view(dtype))]
        #: OpenColorIO keeps what is no number, or infinite, out of its tables
        self._is_finite = bool(np.isfinite(known).all())
        self._processor: Any = None
        self._lock = Lock()

    def apply(self, pixels: npt.NDArray[Any]) -> Array:
        """Pixels (h, w, 3 or 4) of the table's type to RGBA (h, w, 4); alpha as it is, or 1."""
        h, w, c = pixels.shape
        out: Array = shared_pool.take((h, w, 4), np.float32)
        index = pixels.view(np.uint16) if self._half else pixels
        if self._is_finite and h * w >= _SOME and packed(pixels) and self._numbers(index):
            self._made().apply(described(pixels), described(out))
            return out
        if self._same and c == 4:
            np.take(self._table[0], index, out=out, mode="clip")
        else:
            for i in range(3):
                out[..., i] = self._table[i].take(index[..., i], mode="clip")
        if c == 3:
            out[..., 3] = 1.0
        elif self._half:
            out[..., 3] = pixels[..., 3]
        else:
            np.multiply(pixels[..., 3], np.float32(1 / (self._table.shape[1] - 1)), out=out[..., 3])
        return out

    def _numbers(self, index: npt.NDArray[Any]) -> bool:
        """Whether all stored values are numbers and finite."""
        if not self._half or index.max() < _INFINITE:  # and none of them is negative
            return True
        return bool((index & _SIZE).max() < _INFINITE)

    def _made(self) -> Any:
        with self._lock:
            if self._processor is None:
                lut = lut_of(np.where(np.isfinite(self._table), self._table, 0).T, self._half)
                self._processor = processor_of([lut], self._dtype, np.dtype(np.float32))
            return self._processor
