"""Writing pictures to files by OpenImageIO."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["ACES_FLAG", "Attribute", "EXR_COMPRESSIONS", "can_write", "replaced", "write_image"]

Attribute = tuple[str, str, Any]
"""Name, type in OpenImageIO's words ("" for that of the value) and value, in a file's header."""

ACES_FLAG = "acesImageContainerFlag"
""" of SMPTE ST 2065-4, which OpenImageIO takes for files of its own strict kind only."""
_ALIKE = "acesImageContainerFlaX"

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

_VECTORS = {
    "vec2": ("FLOAT", "VEC2"), "vec2i": ("INT", "VEC2"), "vec3": ("FLOAT", "VEC3"),
    "vec3i": ("INT", "VEC3"),
}  # fmt: skip
"""Types of which OpenImageIO has no text."""
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
    path: str, pixels: npt.NDArray[Any], pixel_aspect: float = 1.0, *, compression: str = "",
    channels: Sequence[str] = (), attributes: Sequence[Attribute] = (), as_it_is: bool = False,
) -> None:  # fmt: skip
    """Write (height, width, channels), top row first; the format follows the extension.

    *compression* is OpenImageIO's word for it, "dwaa:45", where it is not to be the usual one.
    *channels* are their names where these are not R, G, B and A; *as_it_is*: values are not
    changed by alpha.  A format without half is given 16 bits, one without alpha RGB.  The file
    is replaced as a whole.  Raises OSError with the reason.
    """
    import OpenImageIO as oiio

    extension = os.path.splitext(path)[1]
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
    alone = extension.lower() == ".png" or (as_it_is and not extension.lower().startswith(".tif"))
    spec.attribute("oiio:UnassociatedAlpha", 1 if alone else 0)
    if len(channels) == spec.nchannels:
        spec.channelnames = tuple(channels)
        spec.alpha_channel = channels.index("A") if "A" in channels else -1
    _add(spec, attributes)
    with replaced(path) as beside, _encoded(beside) as name:
        if not out.open(name, spec) or not out.write_image(data) or not out.close():
            raise OSError(f"{path}: {' '.join(out.geterror().split())}")
        if any(attribute[0] == ACES_FLAG for attribute in attributes):
            _flag(name)


def _add(spec: Any, attributes: Sequence[Attribute]) -> None:
    import OpenImageIO as oiio

    for name, kind, value in attributes:
        name = _ALIKE if name == ACES_FLAG else name
        if kind in _VECTORS:
            base, aggregate = _VECTORS[kind]
            described = oiio.TypeDesc(getattr(oiio, base), getattr(oiio, aggregate))
            spec.attribute(name, described, value)
        elif kind:
            spec.attribute(name, oiio.TypeDesc(kind), value)
        else:
            spec.attribute(name, value)


def _flag(path: str) -> None:
    """Give the attribute that stands for it its name, which is as long."""
    with open(path, "r+b") as file:
        head = file.read(1 << 16)
        at = head.find(_ALIKE.encode())
        if at >= 0:
            file.seek(at)
            file.write(ACES_FLAG.encode())


@contextmanager
def replaced(path: str) -> Iterator[str]:
    """A name to write to, whose file takes the place of *path* when it is whole."""
    base, extension = os.path.splitext(path)
    beside = f"{base}.{os.getpid()}.part{extension}"
    try:
        yield beside
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
