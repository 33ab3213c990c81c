"""What a file may claim before anything is allocated for it.

A header of a few bytes can ask for terabytes.  Every reader passes its geometry through
`check_geometry` first; the numbers are far above what is shown in practice (16K by 16K
with 64 channels) and far below what would bring a machine down.  Only regular files are opened.
"""

from __future__ import annotations

import os
import stat
from typing import Final

from rvshell.errors import MediaError

__all__ = ["MAX_CHANNELS", "MAX_DIMENSION", "MAX_PICTURE_BYTES", "MAX_PIXELS", "check_geometry",
           "check_regular"]  # fmt: skip

MAX_DIMENSION: Final = 65_536
MAX_PIXELS: Final = 1 << 28  # 16,384 x 16,384
MAX_CHANNELS: Final = 4_096  # a deep stack of AOVs stays well below
MAX_PICTURE_BYTES: Final = 4 << 30


def check_regular(path: str) -> None:
    """Raises MediaError for a pipe, a device or a socket, which nobody may ever write to, or which
    never ends.  A file that is not there is for who opens it to tell."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        kind = "pipe" if stat.S_ISFIFO(mode) else "socket" if stat.S_ISSOCK(mode) else "device"
        raise MediaError(f"{path}: is a {kind}, not a file", path=path)


def check_geometry(
    width: int, height: int, channels: int, bytes_per_channel: int, path: str
) -> int:
    """Bytes of such a picture.

    Raises MediaError when a size is not positive or over a limit.
    """
    if width < 1 or height < 1 or channels < 1:
        raise MediaError(
            f"{path}: {width}x{height} with {channels} channels is no picture", path=path
        )
    if channels > MAX_CHANNELS:
        raise MediaError(f"{path}: {channels} channels, the limit is {MAX_CHANNELS}", path=path)
    if max(width, height) > MAX_DIMENSION or width * height > MAX_PIXELS:
        raise MediaError(
            f"{path}: claims {width}x{height} pixels, the limit is {MAX_PIXELS:,}",
            path=path,
            hint="the file is damaged, or should be scaled down first",
        )
    size = width * height * channels * bytes_per_channel
    if size > MAX_PICTURE_BYTES:
        raise MediaError(
            f"{path}: needs {size >> 20} MiB, the limit is {MAX_PICTURE_BYTES >> 20}", path=path
        )
    return size
