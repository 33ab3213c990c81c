"""Colour operations: what one step does to RGBA, and how steps are joined.

An `Op` maps float32 arrays of shape (..., 4).  Three kinds matter for speed:

- channel-wise: R, G and B each by a function of itself, alpha untouched.  Any run of these
  becomes one table over the 65,536 half values (`compiled.py`).
- colour matrix: 4x4 on (R, G, B, 1).  Neighbours multiply together, a diagonal one is
  channel-wise.
- general: anything else (CDL saturation, 3-D LUTs, premultiplication).

`key` is what a compiled pipeline is remembered by: equal keys, equal results.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from player.image.transfer import Array

__all__ = [
    "LUMA",
    "Matrix4",
    "Op",
    "PropertyReader",
    "channelwise",
    "general",
    "channel_matrix",
    "colour_matrix",
    "join",
    "run_ops",
]

Matrix4 = npt.NDArray[np.float64]

#: Rec. 709 luminance weights, used wherever RV weighs colours
LUMA = np.array([0.2126, 0.7152, 0.0722])


class PropertyReader(Protocol):
    """What is needed of a node: its properties."""

    def get(self, name: str) -> list[Any]: ...
    def one(self, name: str, default: Any = None) -> Any: ...


@dataclass(frozen=True, slots=True)
class Op:
    """One step.  `fn` gets (..., 4) float32 and returns the same shape; it may work in
    place.  `matrix` is set for a matrix step.  `rgb_only` says that the colour comes from the
    colour alone and alpha is kept, `heavy` that sampling it beforehand pays."""

    key: Hashable
    fn: Callable[[Array], Array] = field(compare=False, repr=False)
    per_channel: bool = False
    rgb_only: bool = False
    heavy: bool = False
    matrix: Matrix4 | None = field(default=None, compare=False, repr=False)


def channelwise(key: Hashable, fn: Callable[[Array], Array]) -> Op:
    """An op from a function of an (..., 3) RGB array whose channels do not mix."""

    def apply(rgba: Array) -> Array:
        with np.errstate(all="ignore"):
            rgba[..., :3] = fn(rgba[..., :3])
        return rgba

    return Op(key, apply, per_channel=True, rgb_only=True)


def general(
    key: Hashable, fn: Callable[[Array], Array], *, rgb_only: bool = False, heavy: bool = False
) -> Op:
    """An op that mixes channels."""

    def apply(rgba: Array) -> Array:
        with np.errstate(all="ignore"):
            return fn(rgba)

    return Op(key, apply, rgb_only=rgb_only, heavy=heavy)


def colour_matrix(matrix: npt.ArrayLike) -> Op:
    """A 4x4 matrix on the homogeneous colour (R, G, B, 1); alpha is restored afterwards.

    The last row has no effect on the result, the last column adds constants.
    """
    m = np.array(matrix, np.float64).reshape(4, 4)
    m[3] = (0, 0, 0, 1)
    key = ("colour", m.tobytes())
    linear, constant = m[:3, :3], m[:3, 3].astype(np.float32)
    if np.array_equal(linear, np.diag(np.diag(linear))):
        scale = np.diag(linear).astype(np.float32)
        op = channelwise(key, lambda rgb: rgb * scale + constant)
        return Op(key, op.fn, per_channel=True, rgb_only=True, matrix=m)
    # four by four on whole pixels: a strided 3-column operand costs BLAS a copy
    m32 = np.eye(4, dtype=np.float32)
    m32[:3, :3] = linear.T
    constant4 = np.append(constant, np.float32(0))
    biased = bool(constant.any())

    def apply(rgba: Array) -> Array:
        flat = rgba.reshape(-1, 4)
        with np.errstate(all="ignore"):
            if not np.isfinite(flat[:, 3].sum()):  # zero times a broken alpha is not zero
                flat[:, :3] = flat[:, :3] @ m32[:3, :3] + constant
                return rgba
            mixed: Array = flat @ m32
            if biased:
                mixed += constant4
        return mixed.reshape(rgba.shape)

    return Op(key, apply, rgb_only=True, matrix=m)


def channel_matrix(matrix: npt.ArrayLike) -> Op:
    """A 4x4 matrix on (R, G, B, A), alpha included (channel order and isolation)."""
    m = np.array(matrix, np.float64).reshape(4, 4)
    if not m[:3, 3].any() and (m[3] == (0, 0, 0, 1)).all():
        return colour_matrix(m)  # alpha has no part in it
    key = ("channels", m.tobytes())
    m32 = np.ascontiguousarray(m.T.astype(np.float32))

    def apply(rgba: Array) -> Array:
        with np.errstate(all="ignore"):
            mixed: Array = (rgba.reshape(-1, 4) @ m32).reshape(rgba.shape)
        return mixed

    return Op(key, apply)


def join(ops: Iterable[Op]) -> tuple[Op, ...]:
    """Multiply neighbouring colour matrices and drop identities."""
    out: list[Op] = []
    for op in ops:
        before = out[-1].matrix if out else None
        if op.matrix is not None and before is not None:
            out.pop()
            op = colour_matrix(op.matrix @ before)
        if op.matrix is not None and np.array_equal(op.matrix, np.eye(4)):
            continue
        out.append(op)
    return tuple(out)


def run_ops(ops: Iterable[Op], rgba: Array) -> Array:
    """Apply *ops* in order; *rgba* (..., 4) may be overwritten."""
    for op in ops:
        rgba = op.fn(rgba)
    return rgba
