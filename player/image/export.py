"""Writing pictures to files by OpenImageIO."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["EXR_COMPRESSIONS", "can_write", "write_image"]

_TYPES = {"uint8": "uint8", "uint16": "uint16", "float16": "half", "float32": "float"}
#: three to four times as fast as what OpenImageIO does of itself; PNG grows by a tenth, TIFF
#: by a quarter, and all stay without loss
_QUICK: dict[str, tuple[tuple[str, Any], ...]] = {
    ".png": (("png:compressionLevel", 3),),
    ".tif": (("compression", "lzw"),),
    ".tiff": (("compression", "lzw"),),
}

#: as rvio's -codec names them
EXR_COMPRESSIONS = (
    "none", "rle", "zips", "zip", "piz", "pxr24", "b44", "b44a", "dwaa", "dwab",
)  # fmt: skip

_COPIED = 1 << 20  # bytes at a time
_BY_NAME = (".jp2", ".j2k", ".j2c")  # writers that look at the file's name


def can_write(extension: str) -> bool:
    """Whether pictures can be written to files of an extension (with its dot)."""
    import OpenImageIO as oiio

    if oiio.ImageOutput.create(f"x{extension}") is None:
        oiio.geterror()
        return False
    return True


def write_image(
    path: str, pixels: npt.NDArray[Any], pixel_aspect: float = 1.0, *, compression: str = ""
) -> None:
    """Write (height, width, channels), top row first; the format follows the extension.

    *compression* is OpenImageIO's word for it, "dwaa:45", where it is not to be the usual one.
    A format without half is given 16 bits, one without alpha RGB.  The file is replaced as
    a whole.  Raises OSError with the reason.
    """
    import OpenImageIO as oiio

    base, extension = os.path.splitext(path)
    beside = f"{base}.{os.getpid()}.part{extension}"
    out = oiio.ImageOutput.create(f"x{extension}")
    if out is None:
        oiio.geterror()
        raise OSError(f"{path}: {extension or 'no extension'} is not a format that can be written")
    data = np.ascontiguousarray(pixels)
    if not out.supports("alpha") and data.shape[2] == 4:
        data = np.ascontiguousarray(data[..., :3])
    spec = oiio.ImageSpec(data.shape[1], data.shape[0], data.shape[2], _TYPES[str(data.dtype)])
    if extension.lower() in (".jpg", ".jpeg") and data.shape[2] == 4:
        data = np.ascontiguousarray(data[..., :3])
        spec = oiio.ImageSpec(data.shape[1], data.shape[0], 3, _TYPES[str(data.dtype)])
    for name, value in _QUICK.get(extension.lower(), ()):
        spec.attribute(name, value)
    if compression:
        spec.attribute("compression", compression)
    if pixel_aspect != 1.0:
        spec.attribute("PixelAspectRatio", float(pixel_aspect))
    spec.attribute("oiio:UnassociatedAlpha", 1 if extension.lower() == ".png" else 0)
    try:
        with _encoded(beside) as name:
            if not out.open(name, spec) or not out.write_image(data) or not out.close():
                raise OSError(f"{path}: {' '.join(out.geterror().split())}")
        os.replace(beside, path)
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(f"{path}: {error.strerror}") from None
    finally:
        if os.path.exists(beside):
            os.unlink(beside)


@contextmanager
def _encoded(path: str) -> Iterator[str]:
    """A name to write to, whose contents become the file *path*.

    It is a file in memory where the system has these: when the disk is full libjpeg ends the
    program and libpng says nothing, while Python's own writing tells.  Raises OSError.
    """
    if not hasattr(os, "memfd_create") or path.lower().endswith(_BY_NAME):
        yield path
        if path.lower().endswith(_BY_NAME) and not Path(path).read_bytes().endswith(b"\xff\xd9"):
            raise OSError(errno.ENOSPC, "the file was cut short; is the disk full?")
        return
    memory = os.memfd_create("picture")
    with open(memory, "rb") as made:
        yield f"/proc/self/fd/{memory}"
        with open(path, "wb") as file:
            shutil.copyfileobj(made, file, _COPIED)
