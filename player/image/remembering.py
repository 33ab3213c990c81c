"""What colours of pictures came out as, so that the next picture need not compute them again.

A ramp has few colours, and one that is looked at for a while has the same ones in each picture:
computing an exact view for a pixel takes a third of a microsecond, remembering it a twentieth of
that.  The memory is a table without chains or order: a colour goes to its place, or when that
is taken to the one beside it, whoever was there.

A place is one machine word, since several threads write to the table at once and none may find
another's colour with its own result.  Multiplying by an odd number only shuffles the 48 bits of
three stored values: the upper ones are the place, the lower ones stay with it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["Keys", "Memory", "channels_of", "keys_of"]

Keys = npt.NDArray[np.uint64]

_BITS: Final = 20  # of places: eight megabytes, of which only what is used is ever touched
_REST: Final = np.uint64(48 - _BITS)
_RESULT: Final = np.uint64(24)  # bits of it, below the rest of the colour
_ODD: Final = np.uint64(0x9E3779B97F4B)
_COLOUR: Final = np.uint64((1 << 48) - 1)
_RGB: Final = np.uint64((1 << 24) - 1)
_TAG: Final = np.uint64((1 << (48 - _BITS)) - 1)
_TAKEN: Final = np.uint64(1 << (48 - _BITS))  # an empty place is no colour's
_BESIDE: Final = np.uint64(2 << (48 - _BITS))


def keys_of(pixels: npt.NDArray[Any], which: npt.NDArray[np.intp]) -> Keys:
    """The colours of some of contiguous pixels (..., 3 or 4) of 8 or 16 bits as numbers: (n,)."""
    bits = pixels.view(f"u{pixels.itemsize}").reshape(-1, pixels.shape[-1]).take(which, axis=0)
    red, green, blue = (bits[:, c].astype(np.uint64) for c in range(3))
    keys: Keys = red | green << np.uint64(16) | blue << np.uint64(32)
    return keys


def channels_of(keys: Keys) -> list[npt.NDArray[np.uint64]]:
    """The stored values of colours: R, G and B, (n,) each."""
    return [keys >> np.uint64(16 * c) & np.uint64(0xFFFF) for c in range(3)]


class Memory:
    """Stored colours and the RGB bytes they came out as.  Thread-safe."""

    def __init__(self) -> None:
        self._words = np.zeros(1 << _BITS, np.uint64)

    def recall(self, keys: Keys) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.intp]]:
        """What (n,) colours are, as R + 256 G + 65,536 B, and the places in *keys* of those that
        are not known."""
        slot, tag = self._slots(keys)
        words = self._words.take(slot)
        missing = np.flatnonzero(words >> _RESULT != tag)
        if missing.size:
            beside = self._words.take(slot[missing] ^ 1)
            there = beside >> _RESULT == tag[missing] | _BESIDE
            words[missing[there]] = beside[there]
            missing = missing[~there]
        return (words & _RGB).astype(np.uint32), missing

    def keep(self, keys: Keys, rgb: npt.NDArray[np.uint32]) -> None:
        """Remember what (n,) colours came out as."""
        slot, tag = self._slots(keys)
        words = self._words.take(slot)
        others = (words != 0) & (words >> _RESULT != tag)
        slot[others] ^= 1
        tag[others] |= _BESIDE
        self._words[slot] = tag << _RESULT | rgb

    @staticmethod
    def _slots(keys: Keys) -> tuple[npt.NDArray[np.intp], Keys]:
        mixed = (keys * _ODD) & _COLOUR
        return (mixed >> _REST).astype(np.intp), (mixed & _TAG) | _TAKEN
