"""RV's colour nodes as colour operations.

One function per node type, from its properties to a tuple of `Op`.  The order inside each
is RV's and is not obvious: gamma of RVColor comes before its matrix, brightness of
RVDisplayColor after everything else, RVColor's invert has a matrix whose last row makes
the constants of offset and contrast depend on the colour.  (Open RV, ColorIPNode,
LinearizeIPNode and DisplayIPNode; reference manual, "Image processing".)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from player.image.cdl import Cdl
from player.image.colorspace import (
    hue_matrix,
    primaries_matrix,
    saturation_matrix,
    to_rec709,
)
from player.image.lut import PropertyReader, luminance_op, lut_ops
from player.image.ops import (
    LUMA,
    Matrix4,
    Op,
    channel_matrix,
    channelwise,
    colour_matrix,
    general,
    join,
)
from player.image.transfer import (
    LOG_CURVES,
    Array,
    cineon_to_linear,
    hlg_to_linear,
    linear_to_rec709,
    linear_to_srgb,
    power,
    rec709_to_linear,
    srgb_to_linear,
)

__all__ = ["cdl_of", "color_ops", "color_matrix_of", "display_ops", "linearize_ops", "node_ops"]

_FILM = ((0.806165, 0.168534, 0.025301, 0), (0.091228, 0.765221, 0.143550, 0),
         (0.092241, 0.251418, 0.656341, 0), (0, 0, 0, 1))  # fmt: skip
_YUV = ((1, 0, 1.402, 0), (1, -0.344136, -0.714136, 0), (1, 1.772, 0, 0), (0, 0, 0, 1))

Chromaticities = Sequence[tuple[float, float]]


def _three(node: PropertyReader, name: str, default: float) -> tuple[float, float, float]:
    values = node.get(name)
    if len(values) == 1:
        return (float(values[0]),) * 3
    if len(values) < 3:
        return (default, default, default)
    return (float(values[0]), float(values[1]), float(values[2]))


def _number(node: PropertyReader, name: str, default: float) -> float:
    value = node.one(name, default)
    return float(default if value is None else value)


def cdl_of(node: PropertyReader, component: str = "CDL") -> Cdl:
    """The CDL component of a node; neutral when it is not active."""
    if not node.one(f"{component}.active", 0):
        return Cdl()
    return Cdl(
        _three(node, f"{component}.slope", 1.0),
        _three(node, f"{component}.offset", 0.0),
        _three(node, f"{component}.power", 1.0),
        _number(node, f"{component}.saturation", 1.0),
        not node.one(f"{component}.noClamp", 0),
        str(node.one(f"{component}.colorspace", "rec709")),
    )


def _gamma(values: tuple[float, float, float]) -> Op:
    exponents = [1.0 / g if g else math.inf for g in values]

    def apply(rgb: Array) -> Array:
        base = np.maximum(rgb, 0)
        return np.power(base, np.asarray(exponents, np.float32)).astype(np.float32, copy=False)

    return channelwise(("gamma", values), apply)


def _unpremultiply(rgba: Array) -> Array:
    alpha = rgba[..., 3:4]
    rgba[..., :3] = np.where(
        alpha > 0, rgba[..., :3] / np.where(alpha > 0, alpha, 1), rgba[..., :3]
    )
    return rgba


def _premultiply(rgba: Array) -> Array:
    rgba[..., :3] *= rgba[..., 3:4]
    return rgba


def _repremultiply(rgba: Array) -> Array:
    alpha = rgba[..., 3:4]
    rgba[..., :3] = np.where(alpha > 0, rgba[..., :3] * alpha, rgba[..., :3])
    return rgba


# -- RVLinearize -----------------------------------------------------------------------


def linearize_ops(
    node: PropertyReader,
    *,
    premultiplied: bool = True,
    has_alpha: bool = True,
    chromaticities: Chromaticities | None = None,
) -> tuple[Op, ...]:
    """RVLinearize for an image with these properties."""
    out: list[Op] = [*cdl_of(node).ops()]
    kind = int(node.one("color.alphaType", 0) or 0)
    loose = not premultiplied if kind == 0 else kind == 2
    active = bool(node.one("color.active", 1))
    if active:
        out += _log_ops(node)
    out += lut_ops(node)
    if active:
        if node.one("color.sRGB2linear", 0):
            out.append(channelwise("srgb2linear", srgb_to_linear))
        if node.one("color.Rec709ToLinear", 0):
            out.append(channelwise("rec709tolinear", rec709_to_linear))
        gamma = _number(node, "color.fileGamma", 1.0)
        if gamma != 1.0:
            out.append(channelwise(("filegamma", gamma), lambda x: power(x, gamma)))
        matrix = np.eye(4)
        if chromaticities is not None and not node.one("color.ignoreChromaticities", 0):
            matrix = _safe_to_rec709(chromaticities)
        if node.one("color.YUV", 0):
            matrix = np.asarray(_YUV) @ matrix
        out.append(colour_matrix(matrix))
    if loose and has_alpha:
        out.append(general("premultiply", _premultiply))
    return tuple(out)


def _safe_to_rec709(chromaticities: Chromaticities) -> Matrix4:
    try:
        matrix = to_rec709(chromaticities)
    except (np.linalg.LinAlgError, ZeroDivisionError):
        return np.eye(4)
    if not np.isfinite(matrix).all() or np.allclose(matrix, np.eye(4), atol=1e-5):
        return np.eye(4)
    return matrix


def _log_ops(node: PropertyReader) -> list[Op]:
    kind = int(node.one("color.logtype", 0) or 0)
    if kind == 1:
        white = _number(node, "cineon.whiteCodeValue", 0) or 685.0
        black = _number(node, "cineon.blackCodeValue", 0) or 95.0
        brk = _number(node, "cineon.breakPointValue", 0) or white
        return [
            channelwise(
                ("cineon", white, black, brk), lambda x: cineon_to_linear(x, white, black, brk)
            )
        ]
    if kind == 9:

        def hlg(rgba: Array) -> Array:
            rgba[..., :3] = hlg_to_linear(rgba[..., :3])
            return rgba

        return [general("hlg", hlg)]
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
    offset = _three(node, "color.offset", 0.0)
    if offset != none:
        then((1, 1, 1), offset, keep)
    scale = _three(node, "color.scale", 1.0)
    if scale != (1.0, 1.0, 1.0):
        then(scale, none, keep)
    exposure = _three(node, "color.exposure", 0.0)
    if exposure != none:
        then([2.0 ** min(e, 120.0) for e in exposure], none, keep)
    contrast = _three(node, "color.contrast", 0.0)
    if contrast != none:
        then([1 + c for c in contrast], [-0.5 * c for c in contrast], keep)
    hue = _number(node, "color.hue", 0.0)
    if hue:
        matrix = hue_matrix(hue) @ matrix
    saturation = _number(node, "color.saturation", 1.0)
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
        gamma = _three(node, "color.gamma", 1.0)
        if gamma != (1.0, 1.0, 1.0):
            body.append(_gamma(gamma))
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


# -- RVDisplayColor --------------------------------------------------------------------

_LETTERS = {"R": 0, "G": 1, "B": 2, "A": 3}


def _order_matrix(order: str) -> Matrix4:
    """Output channel i is the channel named by letter i; "1" is the sum of all four, as in
    RV; unknown and missing letters give 0."""
    m = np.zeros((4, 4))
    for row, letter in enumerate(order[:4]):
        if letter in _LETTERS:
            m[row, _LETTERS[letter]] = 1.0
        elif letter == "1":
            m[row] = 1.0
    return m


def _flood_matrix(flood: int) -> Matrix4:
    m = np.zeros((4, 4))
    m[3, 3] = 1.0
    if flood == 5:
        m[:3, :3] = LUMA
    elif 1 <= flood <= 4:
        m[:3, flood - 1] = 1.0
    else:
        return np.eye(4)
    return m


def _out_of_range(rgb: Array) -> Array:
    return np.where(rgb <= 0, 0.0, np.where(rgb < 1, 0.5, 1.0)).astype(np.float32)


def _dither(bits: int) -> Op:
    amount = 1.0 / (2.0**bits - 1.0)
    rng = np.random.default_rng(bits)

    def apply(rgba: Array) -> Array:
        noise = rng.random((*rgba.shape[:-1], 3), np.float32) - np.float32(0.5)
        rgba[..., :3] += noise * np.float32(amount)
        return rgba

    return general(("dither", bits), apply)


def display_ops(node: PropertyReader) -> tuple[Op, ...]:
    """RVDisplayColor."""
    if not node.one("color.active", 1):
        return ()
    out: list[Op] = []
    order = str(node.one("color.channelOrder", "RGBA"))
    channels = _order_matrix(order) if order else np.eye(4)
    channels = _flood_matrix(int(node.one("color.channelFlood", 0) or 0)) @ channels
    if not np.array_equal(channels, np.eye(4)):
        out.append(channel_matrix(channels))
    if node.one("chromaticities.active", 0):
        out += _display_primaries(node)
    matrix = node.get("color.matrix")
    if len(matrix) == 16:
        out.append(colour_matrix(matrix))
    bits = int(node.one("color.dither", 0) or 0)
    last = bool(node.one("color.ditherLast", 1))
    if 0 < bits <= 24 and not last:
        out.append(_dither(bits))
    out += lut_ops(node)
    if node.one("color.sRGB", 0):
        out.append(channelwise("srgb", linear_to_srgb))
    if node.one("color.Rec709", 0):
        out.append(channelwise("rec709", linear_to_rec709))
    gamma = _number(node, "color.gamma", 1.0)
    if gamma != 1.0:
        out.append(_gamma((gamma, gamma, gamma)))
    if node.one("color.outOfRange", 0):
        out.append(channelwise("outofrange", _out_of_range))
    if 0 < bits <= 24 and last:
        out.append(_dither(bits))
    brightness = _number(node, "color.brightness", 0.0)
    if brightness:
        out.append(_scale(2.0 ** min(brightness, 120.0)))
    return tuple(out)


def _scale(factor: float) -> Op:
    return colour_matrix(np.diag([factor, factor, factor, 1.0]))


def _display_primaries(node: PropertyReader) -> list[Op]:
    def pair(name: str) -> tuple[float, float]:
        values = node.get(f"chromaticities.{name}")
        return (float(values[0]), float(values[1])) if len(values) >= 2 else (0.3127, 0.329)

    primaries = [pair("red"), pair("green"), pair("blue"), pair("white")]
    try:
        return [colour_matrix(primaries_matrix(primaries, pair("neutral")))]
    except (np.linalg.LinAlgError, ZeroDivisionError):
        return []


# -- any node --------------------------------------------------------------------------


def _look_ops(node: PropertyReader) -> tuple[Op, ...]:
    return lut_ops(node)


_SIMPLE: dict[str, Callable[[PropertyReader], tuple[Op, ...]]] = {
    "RVColor": color_ops,
    "RVLookLUT": _look_ops,
    "RVCacheLUT": lambda node: lut_ops(node, conditioning=False),
    "RVDisplayColor": display_ops,
}


def node_ops(node: PropertyReader, node_type: str) -> tuple[Op, ...]:
    """The colour operations of a node that needs nothing but its properties; none for a
    type that does not change colours."""
    make = _SIMPLE.get(node_type)
    return join(make(node)) if make else ()
