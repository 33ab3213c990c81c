"""RV's colour nodes as colour operations (those of the display in `displayops.py`).

One function per node type, from its properties to a tuple of `Op`.  The order inside each
is RV's and is not obvious: gamma of RVColor comes before its matrix, brightness of
RVDisplayColor after everything else, RVColor's invert has a matrix whose last row makes
the constants of offset and contrast depend on the colour.  (Open RV, ColorIPNode,
LinearizeIPNode and DisplayIPNode; reference manual, "Image processing".)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np

from player.image.cdl import Cdl
from player.image.colorspace import (
    D65,
    adapt,
    hue_matrix,
    rgb_to_xyz,
    saturation_matrix,
    to_rec709,
)
from player.image.displayops import display_ops, ocio_display_ops
from player.image.facts import ColourFacts
from player.image.lut import luminance_op, lut_ops
from player.image.ocio import OCIO_TYPES, ocio_ops
from player.image.ops import (
    Matrix4,
    Op,
    PropertyReader,
    channelwise,
    colour_matrix,
    general,
    join,
)
from player.image.reading import gamma_op, number, three
from player.image.transfer import (
    LOG_CURVES,
    Array,
    cineon_to_linear,
    hlg_to_linear,
    power,
    rec709_to_linear,
    srgb_to_linear,
)

__all__ = ["COLOUR_TYPES", "cdl_of", "color_ops", "color_matrix_of", "display_ops",
           "linearize_ops", "node_ops"]  # fmt: skip

_FILM = ((0.806165, 0.168534, 0.025301, 0), (0.091228, 0.765221, 0.143550, 0),
         (0.092241, 0.251418, 0.656341, 0), (0, 0, 0, 1))  # fmt: skip
_YUV = ((1, 0, 1.402, 0), (1, -0.344136, -0.714136, 0), (1, 1.772, 0, 0), (0, 0, 0, 1))

Chromaticities = Sequence[tuple[float, float]]


def cdl_of(node: PropertyReader, component: str = "CDL") -> Cdl:
    """The CDL component of a node; neutral when it is not active."""
    if not node.one(f"{component}.active", 0):
        return Cdl()
    return Cdl(
        three(node, f"{component}.slope", 1.0),
        three(node, f"{component}.offset", 0.0),
        three(node, f"{component}.power", 1.0),
        number(node, f"{component}.saturation", 1.0),
        not node.one(f"{component}.noClamp", 0),
        str(node.one(f"{component}.colorspace", "rec709")),
    )


PREMULTIPLY: Final = "premultiply"
"""The key of the operation that multiplies colour by alpha."""


def _unpremultiply(rgba: Array) -> Array:
    alpha = rgba[..., 3:4]
    rgba[..., :3] = np.where(
        alpha > 0, rgba[..., :3] / np.where(alpha > 0, alpha, 1), rgba[..., :3]
    )
    return rgba


def _premultiply(rgba: Array) -> Array:
    for channel in range(3):  # numpy takes three times as long for one value by three
        rgba[..., channel] *= rgba[..., 3]
    return rgba


def _repremultiply(rgba: Array) -> Array:
    alpha = rgba[..., 3:4]
    rgba[..., :3] = np.where(alpha > 0, rgba[..., :3] * alpha, rgba[..., :3])
    return rgba


# -- RVLinearize -----------------------------------------------------------------------


def linearize_ops(node: PropertyReader, image: ColourFacts | None = None) -> tuple[Op, ...]:
    """RVLinearize for an image that says this of itself."""
    image = image or ColourFacts()
    out: list[Op] = [*cdl_of(node).ops()]
    kind = int(node.one("color.alphaType", 0) or 0)
    loose = not image.premultiplied if kind == 0 else kind == 2
    active = bool(node.one("color.active", 1))
    if active:
        out += _log_ops(node, image)
    out += lut_ops(node)
    if active:
        if node.one("color.sRGB2linear", 0):
            out.append(channelwise("srgb2linear", srgb_to_linear))
        if node.one("color.Rec709ToLinear", 0):
            out.append(channelwise("rec709tolinear", rec709_to_linear))
        gamma = number(node, "color.fileGamma", 1.0)
        if gamma != 1.0:
            out.append(channelwise(("filegamma", gamma), lambda x: power(x, gamma)))
        matrix = np.eye(4)
        primaries = image.chromaticities
        if primaries is not None and not node.one("color.ignoreChromaticities", 0):
            matrix = _safe_to_rec709(primaries, image.neutral)
        matrix = np.diag([image.scale, image.scale, image.scale, 1.0]) @ matrix
        if node.one("color.YUV", 0):
            matrix = np.asarray(_YUV) @ matrix
        out.append(colour_matrix(matrix))
    if loose and image.has_alpha:
        out.append(general(PREMULTIPLY, _premultiply))
    return tuple(out)


def _safe_to_rec709(chromaticities: Chromaticities, neutral: tuple[float, float] | None) -> Matrix4:
    try:
        matrix = to_rec709(chromaticities, neutral)
    except (np.linalg.LinAlgError, ZeroDivisionError):
        return np.eye(4)
    if not np.isfinite(matrix).all() or np.allclose(matrix, np.eye(4), atol=1e-5):
        return np.eye(4)
    return matrix


def _log_ops(node: PropertyReader, image: ColourFacts) -> list[Op]:
    kind = int(node.one("color.logtype", 0) or 0)
    if kind == 1:
        white = number(node, "cineon.whiteCodeValue", 0) or image.white or 685.0
        black = number(node, "cineon.blackCodeValue", 0) or image.black or 95.0
        brk = number(node, "cineon.breakPointValue", 0) or image.break_point or white
        return [
            channelwise(
                ("cineon", white, black, brk), lambda x: cineon_to_linear(x, white, black, brk)
            )
        ]
    if kind == 9:

        def hlg(rgba: Array) -> Array:
            rgba[..., :3] = hlg_to_linear(rgba[..., :3])
            return rgba

        return [general("hlg", hlg, rgb_only=True)]
    if kind == 4:
        return [colour_matrix(_FILM), channelwise(("log", kind), LOG_CURVES[kind])]
    if kind in LOG_CURVES:
        return [channelwise(("log", kind), LOG_CURVES[kind])]
    return []


# -- RVColor ---------------------------------------------------------------------------


def color_matrix_of(node: PropertyReader, bounds: tuple[float, float] | None = None) -> Matrix4:
    """Saturation · Hue · Contrast · Exposure · Scale · Offset · Invert · Normalize."""
    matrix = np.eye(4)

    def then(scale: Sequence[float], constant: Sequence[float], last: Sequence[float]) -> None:
        nonlocal matrix
        step = np.diag([*scale, 1.0])
        step[:3, 3] = constant
        step[3] = last
        matrix = step @ matrix

    keep, none = (0, 0, 0, 1), (0.0, 0.0, 0.0)
    if bounds is not None and node.one("color.normalize", 0) == 1 and bounds[1] != bounds[0]:
        then([1.0 / (bounds[1] - bounds[0])] * 3, [-bounds[0]] * 3, keep)
    if node.one("color.invert", 0):
        then((-1, -1, -1), (1, 1, 1), (1, 1, 1, 0))
    offset = three(node, "color.offset", 0.0)
    if offset != none:
        then((1, 1, 1), offset, keep)
    scale = three(node, "color.scale", 1.0)
    if scale != (1.0, 1.0, 1.0):
        then(scale, none, keep)
    exposure = three(node, "color.exposure", 0.0)
    if exposure != none:
        then([2.0 ** min(e, 120.0) for e in exposure], none, keep)
    contrast = three(node, "color.contrast", 0.0)
    if contrast != none:
        then([1 + c for c in contrast], [-0.5 * c for c in contrast], keep)
    hue = number(node, "color.hue", 0.0)
    if hue:
        matrix = hue_matrix(hue) @ matrix
    saturation = number(node, "color.saturation", 1.0)
    if saturation != 1.0:
        matrix = saturation_matrix(saturation) @ matrix
    return matrix


def color_ops(node: PropertyReader, *, bounds: tuple[float, float] | None = None) -> tuple[Op, ...]:
    """RVColor."""
    out: list[Op] = []
    luminance = luminance_op(node)
    if luminance:
        out.append(luminance)
    body: list[Op] = []
    if node.one("color.active", 1):
        gamma = three(node, "color.gamma", 1.0)
        if gamma != (1.0, 1.0, 1.0):
            body.append(gamma_op(gamma))
        matrix = color_matrix_of(node, bounds)
        if not np.array_equal(matrix, np.eye(4)):
            body.append(_quirky(matrix))
    body += cdl_of(node).ops()
    if body and node.one("color.unpremult", 0):
        return (
            general("unpremultiply", _unpremultiply), *out, *body,
            general("repremultiply", _repremultiply),
        )  # fmt: skip
    return (*out, *body)


def _quirky(matrix: Matrix4) -> Op:
    """The product matrix on (R, G, B, 1); its own last row is never read, but what invert's
    last row did to the constants is already inside."""
    return colour_matrix(matrix)


# -- any node --------------------------------------------------------------------------


def _look_ops(node: PropertyReader) -> tuple[Op, ...]:
    return lut_ops(node)


def _cdl_node_ops(node: PropertyReader) -> tuple[Op, ...]:
    """RVCDL: a CDL of its own, in component `node`."""
    return cdl_of(node, "node").ops()


def _primary_ops(node: PropertyReader) -> tuple[Op, ...]:
    """RVPrimaryConvert: from some primaries to others, adapted between two whites."""
    if node.one("node.active", 0) != 1:
        return ()

    def pair(name: str) -> tuple[float, float]:
        values = node.get(name)
        return (float(values[0]), float(values[1])) if len(values) >= 2 else D65

    def primaries(side: str) -> list[tuple[float, float]]:
        return [pair(f"{side}Chromaticities.{c}") for c in ("red", "green", "blue", "white")]

    try:
        matrix = np.eye(4)
        change = np.eye(3)
        if node.one("illuminantAdaptation.useBradfordTransform", 1):
            change = adapt(
                pair("illuminantAdaptation.inIlluminantWhite"),
                pair("illuminantAdaptation.outIlluminantWhite"),
            )
        inverse = np.linalg.inv(rgb_to_xyz(primaries("out")))
        matrix[:3, :3] = inverse @ change @ rgb_to_xyz(primaries("in"))
    except (np.linalg.LinAlgError, ZeroDivisionError):
        return ()
    return (colour_matrix(matrix),)


_SIMPLE: dict[str, Callable[[PropertyReader], tuple[Op, ...]]] = {
    "RVColor": color_ops,
    "RVLookLUT": _look_ops,
    "RVCacheLUT": lambda node: lut_ops(node, conditioning=False),
    "RVDisplayColor": display_ops,
    "RVCDL": _cdl_node_ops,
    "RVPrimaryConvert": _primary_ops,
    "OCIODisplay": ocio_display_ops,
    **{kind: partial(ocio_ops, node_type=kind) for kind in OCIO_TYPES - {"OCIODisplay"}},
}

#: types whose operations `node_ops` gives
COLOUR_TYPES = frozenset(_SIMPLE)


_made: WeakKeyDictionary[Any, tuple[int, tuple[Op, ...]]] = WeakKeyDictionary()


def node_ops(node: PropertyReader, node_type: str) -> tuple[Op, ...]:
    """The colour operations of a node that needs nothing but its properties; none for a
    type that does not change colours.  Made again only when the node has changed."""
    make = _SIMPLE.get(node_type)
    if make is None:
        return ()
    revision = getattr(node, "revision", None)
    if revision is None:
        return join(make(node))
    held = _made.get(node)
    if held is None or held[0] != revision:
        held = _made[node] = (revision, join(make(node)))
    return held[1]
