"""Properties of nodes that move, resize or name an image, as numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from player.image.scene import HalfPlane, Matrix3, Reformat, rotation, scaling, translation

__all__ = ["half_plane_of", "matrix_of", "pair_of", "reformat_of", "tags_of"]


def pair_of(node: Any, name: str, default: float) -> tuple[float, float]:
    values = node.get(name)
    return (float(values[0]), float(values[1])) if len(values) >= 2 else (default, default)


def matrix_of(node: Any, prefix: str = "transform") -> Matrix3:
    """flip/flop, then scale, rotate, translate."""
    m = scaling(
        -1.0 if node.one(f"{prefix}.flop", 0) == 1 else 1.0,
        -1.0 if node.one(f"{prefix}.flip", 0) == 1 else 1.0,
    )
    m = scaling(*pair_of(node, f"{prefix}.scale", 1.0)) @ m
    m = rotation(float(node.one(f"{prefix}.rotate", 0.0) or 0.0)) @ m
    return translation(*pair_of(node, f"{prefix}.translate", 0.0)) @ m


def reformat_of(node: Any, held: Reformat) -> Reformat:
    def integer(name: str) -> int:
        return int(node.one(name, 0) or 0)

    crop = uncrop = None
    if integer("crop.active"):
        c = (integer("crop.xmin"), integer("crop.ymin"), integer("crop.xmax"), integer("crop.ymax"))
        crop = c
    if integer("uncrop.active"):
        uncrop = (
            integer("uncrop.width"), integer("uncrop.height"),
            integer("uncrop.x"), integer("uncrop.y"),
        )  # fmt: skip
    return replace(
        held,
        crop=crop,
        uncrop=uncrop,
        fit=(integer("geometry.xfit"), integer("geometry.yfit")),
        resize=(integer("geometry.xresize"), integer("geometry.yresize")),
        scale=float(node.one("geometry.scale", 1.0) or 1.0),
        max_bits=integer("color.maxBitDepth"),
        allow_float=bool(node.one("color.allowFloatingPoint", 1)),
    )


def half_plane_of(node: Any, inputs: tuple[int, ...]) -> HalfPlane | None:
    """RVSequence's angular mask of an input; all five properties must reach to it."""
    values = [
        node.get(f"composite.{name}")
        for name in (
            "inputAngularMaskActive", "inputAngularMaskPivotX", "inputAngularMaskPivotY",
            "inputAngularMaskAngleInRadians", "swapAngularMaskInput",
        )
    ]  # fmt: skip
    if not inputs or any(inputs[0] >= len(v) for v in values):
        return None
    active, x, y, angle, swapped = (v[inputs[0]] for v in values)
    return HalfPlane((float(x), float(y)), float(angle), bool(swapped)) if active else None


def tags_of(node: Any) -> list[tuple[str, str]]:
    """The `tag.*` properties of a node, by which packages find its image again."""
    props = getattr(node, "props", {})
    return [(name[4:], str(node.one(name, ""))) for name in props if str(name).startswith("tag.")]
