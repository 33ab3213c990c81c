"""Whatever holds pixels, as an array of rows, columns and channels, without a copy.

Understood: numpy arrays; anything with DLPack (torch, jax, cupy: memory of a GPU is fetched);
`__array__`; and flat buffers (bytes, memoryview, array.array, ctypes) when their size fits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from rvshell.errors import PixelError

__all__ = ["Pixels", "as_pixels"]

Pixels = npt.NDArray[Any]  # (height, width, channels)

_SHOWN = ("uint8", "uint16", "float16", "float32")
_CPU = (1, 3)  # DLPack's kDLCPU and kDLCUDAHost


def as_pixels(
    data: Any, dtype: np.dtype[Any], channels: int, size: tuple[int, int] | None = None
) -> Pixels:
    """*data* as (height, width, channels) of *dtype*; a view of its memory where possible.

    (height, width) will do for one channel.  A flat buffer needs *size* (width, height).
    Raises PixelError for another component type, number of channels or dimensions: pixels
    are never converted behind the caller's back.
    """
    array = data if type(data) is np.ndarray else _array(data, dtype)
    if array.dtype != dtype:
        other = ", or open the image with that dtype" if str(array.dtype) in _SHOWN else ""
        raise PixelError(
            f"pixels of type {_told(array.dtype)} for an image of {dtype}",
            hint=f"convert them: array.astype(numpy.{dtype}){other}",
        )
    if array.ndim == 1 and size is not None:
        width, height = size
        if array.size != width * height * channels:
            raise PixelError(
                f"{array.size} values for {width} x {height} pixels of {channels} channels",
                hint=f"{width * height * channels} are needed",
            )
        array = array.reshape(height, width, channels)
    elif array.ndim == 2 and channels == 1:
        array = array[:, :, None]
    if array.ndim != 3 or array.shape[2] != channels:
        raise PixelError(
            f"an array of shape {array.shape} for an image of {channels} channels",
            hint=f"the shape is (height, width, {channels})",
        )
    if size is not None and (array.shape[1], array.shape[0]) != size:
        raise PixelError(
            f"{array.shape[1]} x {array.shape[0]} pixels where {size[0]} x {size[1]} are needed"
        )
    return array


def _told(dtype: np.dtype[Any]) -> str:
    return str(dtype) if dtype.isnative else f"{dtype.name} in the byte order of other machines"


def _array(data: Any, dtype: np.dtype[Any]) -> Pixels:
    if isinstance(data, np.ndarray):
        return data.view(np.ndarray)
    if isinstance(data, (bytes, bytearray, memoryview)):
        return _flat(memoryview(data), dtype)
    try:
        if hasattr(data, "__dlpack__"):
            return _from_dlpack(data)
        if hasattr(data, "__array__") or hasattr(data, "__array_interface__"):
            return np.asarray(data)
        return _flat(memoryview(data), dtype)
    except (PixelError, MemoryError):
        raise
    except Exception as error:  # whatever an object of somebody else raises
        what = type(data).__name__
        if hasattr(data, "is_floating_point"):
            mend = f"convert it: tensor.to(torch.{dtype}).cpu()"
        elif isinstance(data, (list, tuple)):
            mend = f"convert it: numpy.array(pixels, numpy.{dtype})"
        else:
            mend = "pass a numpy array, or anything with DLPack or the buffer protocol"
        raise PixelError(f"a {what} does not give its pixels: {error}", hint=mend) from error


def _flat(view: memoryview, dtype: np.dtype[Any]) -> Pixels:
    """Bytes are read as *dtype*; a typed buffer keeps its own type and shape."""
    if view.format in ("B", "b", "c") and (view.ndim == 1 or dtype.itemsize > 1):
        if not view.c_contiguous:
            raise PixelError(
                "the bytes of a buffer do not lie together",
                hint=f"numpy.frombuffer(buffer, numpy.{dtype}) first, then take the part of it",
            )
        if view.nbytes % dtype.itemsize:
            raise PixelError(
                f"a buffer of {view.nbytes} bytes holds no whole {dtype} values",
                hint=f"one takes {dtype.itemsize} bytes",
            )
        return np.frombuffer(view.cast("B"), dtype)
    return np.asarray(view)


def _from_dlpack(data: Any) -> Pixels:
    if getattr(data, "requires_grad", False):
        data = data.detach()
    if hasattr(data, "resolve_neg"):  # torch may keep a minus beside the memory
        data = data.resolve_neg()
    if data.__dlpack_device__()[0] not in _CPU:
        if hasattr(data, "cpu"):  # torch
            data = data.cpu()
        elif hasattr(data, "get"):  # cupy
            return np.asarray(data.get())
        else:
            return np.asarray(np.from_dlpack(data, device="cpu"))
    return np.asarray(np.from_dlpack(data))
