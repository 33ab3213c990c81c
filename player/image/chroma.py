"""EXR files whose channels have fewer samples than the picture: luminance and chroma."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from player.image.export import Attribute, replaced
from rvshell.errors import MissingExtra

__all__ = ["require_writer", "write_planes"]


def require_writer() -> Any:
    """The module OpenEXR, which alone can write them.  Raises MissingExtra."""
    try:
        import OpenEXR
    except ImportError:
        raise MissingExtra("OpenEXR", "exr", purpose="writing Y RY BY") from None
    return OpenEXR


def write_planes(
    path: str, planes: Mapping[str, npt.NDArray[Any]], *, compression: str = "piz",
    aspect: float = 1.0, attributes: Sequence[Attribute] = (), stereo: bool = False,
) -> None:  # fmt: skip
    """Write planes (rows, columns) of half or float, top row first; the first has all samples.

    Raises OSError with the reason, MissingExtra without OpenEXR."""
    openexr = require_writer()
    word, _, level = compression.partition(":")
    packing = "NO" if word == "none" else word.upper()
    header: dict[str, Any] = {
        "compression": getattr(openexr, f"{packing}_COMPRESSION"), "type": openexr.scanlineimage,
        "pixelAspectRatio": float(aspect),
    }  # fmt: skip
    if level:
        header["dwaCompressionLevel"] = float(level)
    for name, kind, value in attributes:
        if name.startswith("openexr:"):
            continue  # a word to OpenImageIO
        if kind.startswith("string["):
            header[name] = list(value)
        elif kind.startswith(("vec", "matrix")):
            number = np.int32 if kind.endswith("i") else np.float32
            side = {"matrix33": (3, 3), "matrix44": (4, 4)}.get(kind, (len(value),))
            header[name] = np.array(value, number).reshape(side)
        elif kind.startswith("box"):
            number = np.int32 if kind.endswith("i") else np.float32
            header[name] = (np.array(value[:2], number), np.array(value[2:], number))
        else:
            header[name] = value
    if stereo:
        header["multiView"] = ["left", "right"]
    whole = next(iter(planes.values())).shape
    channels = {name: _channel(openexr, plane, whole) for name, plane in planes.items()}
    try:
        with replaced(path) as beside, openexr.File(header, channels) as file:
            file.write(beside)
    except (RuntimeError, TypeError, ValueError) as error:
        raise OSError(f"{path}: {error}") from None


def _channel(openexr: Any, plane: npt.NDArray[Any], whole: tuple[int, ...]) -> Any:
    """OpenEXR 3.5 wants an array as large as the picture, and takes its first values for the
    samples."""
    step = whole[0] // plane.shape[0]
    if step == 1:
        return openexr.Channel(np.ascontiguousarray(plane))
    large = np.zeros(whole[0] * whole[1], plane.dtype)
    large[: plane.size] = plane.ravel()
    return openexr.Channel(large.reshape(whole), step, step)
