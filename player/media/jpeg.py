"""JPEG files read at a half, a quarter or an eighth of their size.

The transform that JPEG stores makes smaller pictures of itself: libjpeg-turbo inverts it for fewer
samples of each block, which is the mean of the pixels that they stand for.  Measured on 24
megapixels: 66 ms for an eighth and 78 for a quarter, where OpenImageIO takes 184 ms for the whole
picture, and of the same colour (FFmpeg's `lowres` is not: 8 of 255 off where chroma is stored at
half size).  Without the library every JPEG is read whole.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

import numpy as np
import numpy.typing as npt

from player.media.pool import shared_pool
from rvshell.errors import MediaError

__all__ = ["jpeg_levels", "read_jpeg_level"]

#: levels by how chroma is stored: beyond these, where rows and columns of it are not as many, the
#: colours are 3 of 255 off
_LEVELS: Final = {"4:4:4": 3, "4:2:0": 3, "4:2:2": 2}
_KINDS: Final = {1: ("Gray", "GRAY"), 3: ("YCbCr", "RGB")}  # by channels: as stored, as read


def jpeg_levels(width: int, height: int, channels: int, chroma: str) -> tuple[tuple[int, int], ...]:
    """The sizes (width, height) in which a JPEG file can be read besides its own.

    *chroma* is how that is stored, "4:2:0" or the like.
    """
    if channels not in _KINDS or find_spec("simplejpeg") is None:
        return ()
    most = _LEVELS.get("4:4:4" if channels == 1 else chroma, 0)
    parts = (1 << level for level in range(1, most + 1))
    return tuple((-(-width // part), -(-height // part)) for part in parts)  # rounded up


def read_jpeg_level(path: str, width: int, height: int, channels: int) -> npt.NDArray[np.uint8]:
    """The pixels of one of these sizes: (height, width, channels), top row first.

    Raises MediaError when the file is damaged, or of a kind that is not read like this.
    """
    import simplejpeg

    stored, wanted = _KINDS[channels]
    try:
        with open(path, "rb") as file:
            data = file.read()
        tall, wide, kind, _ = simplejpeg.decode_jpeg_header(data, height, width)
        if (tall, wide, kind) != (height, width, stored):
            raise ValueError(f"{kind} of {wide}x{tall}")
        pixels: npt.NDArray[np.uint8] = shared_pool.take((height, width, channels), np.uint8)
        simplejpeg.decode_jpeg(data, wanted, min_height=height, min_width=width, buffer=pixels)
    except (OSError, ValueError) as error:
        raise MediaError(f"{path}: cannot be read smaller: {error}", path=path) from None
    return pixels
