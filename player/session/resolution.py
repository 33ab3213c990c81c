"""The size an RVFormat node gives a picture, in single precision as RV computes it."""

from __future__ import annotations

from typing import Final

from player.session.floats import c_int, f32

__all__ = ["output_resolution"]

_ROUND: Final = f32(0.49)


def output_resolution(
    size: tuple[int, int], resize: tuple[int, int], fit: tuple[int, int], scale: float
) -> tuple[int, int]:
    """The width and height a picture of `size` has after resizing, fitting or scaling.

    Zero stands for a side that isn't given. Source: Open RV
    ``src/lib/app/RvApp/FormatIPNode.cpp``, ``outResFromParams``.
    """
    fx, fy = f32(size[0]), f32(size[1])
    (xr, yr), (xf, yf) = resize, fit
    if fx == 0 or fy == 0:
        aspect = f32(xf / yf) if xf and yf else 1.0
    else:
        aspect = f32(fx / fy)

    def tall(x: int) -> tuple[float, float]:
        return f32(x), f32(f32(x) / aspect)

    def wide(y: int) -> tuple[float, float]:
        return f32(f32(y) * aspect), f32(y)

    if xr or yr:
        if xr and yr:
            fx, fy = f32(xr), f32(yr)
        else:
            fx, fy = tall(xr) if xr else wide(yr)
    elif xf and yf:
        fx, fy = wide(yf) if f32(xf / yf) >= aspect else tall(xf)
    elif xf or yf:
        fx, fy = tall(xf) if xf else wide(yf)
    elif scale != 1.0:
        fx, fy = f32(fx * scale), f32(fy * scale)
    return c_int(f32(fx + _ROUND)), c_int(f32(fy + _ROUND))
