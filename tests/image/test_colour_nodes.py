"""Every colour property, on a screen's pixels, against the formulas written out in numpy.

The references below are written from the documentation of the nodes alone, in double
precision, and share nothing with the player.  Each case is looked at three ways: as a still
picture, while playing (tables), and exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from tests.image.room import Array, Room, hdr_picture, noise, ramp, room

Properties = Sequence[tuple[Any, ...]]
Reference = Callable[[Array], Array]

Y = np.array([0.2126, 0.7152, 0.0722])


def rgb(function: Callable[[Array], Array]) -> Reference:
    def apply(x: Array) -> Array:
        out = x.copy()
        out[..., :3] = function(x[..., :3])
        return out

    return apply


def power(x: Array, e: Any) -> Array:
    return np.maximum(x, 0) ** np.asarray(e)


def srgb_to_linear(x: Array) -> Array:
    x = np.maximum(x, 0)
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(x: Array) -> Array:
    x = np.maximum(x, 0)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)


def rec709_to_linear(x: Array) -> Array:
    x = np.maximum(x, 0)
    return np.where(x <= 0.081, x / 4.5, ((x + 0.099) / 1.099) ** (1 / 0.45))


def linear_to_rec709(x: Array) -> Array:
    x = np.maximum(x, 0)
    return np.where(x <= 0.018, 4.5 * x, 1.099 * x**0.45 - 0.099)


def cineon(x: Array, white: float = 685, black: float = 95, brk: float = 0) -> Array:
    brk = brk or white
    c = np.minimum(x, 1) * 1023
    density = lambda code: 10 ** (code * 0.002 / 0.6)  # noqa: E731
    out = np.maximum(density(c) - density(black), 0) / (density(white) - density(black))
    if brk < white:
        s = (white - brk) / 100
        k0 = (density(brk) - density(black)) / (density(white) - density(black))
        k1 = (1 - k0) / (500 * s) ** s
        soft = np.maximum(c - brk, 0) ** s * k1 + k0
        out = np.where(c >= brk, soft, out)
    return out


def logc(x: Array) -> Array:
    high = 0.18 * 10 ** (4.0454770 * x - 1.5596811) - 0.0094090095
    return np.where(x <= 0.14965814, 0.18630110 * x - 0.017290485, high)


FILM = np.array([[0.806165, 0.168534, 0.025301], [0.091228, 0.765221, 0.143550],
                 [0.092241, 0.251418, 0.656341]])  # fmt: skip


def pq(x: Array) -> Array:
    y = np.maximum(x, 0) ** (1 / 78.84375)
    return 100 * (np.maximum(y - 0.8359375, 0) / (18.8515625 - 18.6875 * y)) ** (
        1 / 0.1593017578125
    )


def hlg(x: Array) -> Array:
    v = np.maximum(x, 0)
    e = np.where(v <= 0.5, v * v / 3, (np.exp((v - 0.55991073) / 0.17883277) + 0.28466892) / 12)
    luma = e @ np.array([0.2627, 0.6780, 0.0593])
    return e * np.maximum(luma, 0.0001 ** (1 / 1.2))[..., None] ** 0.2 * 10


def redlog(x: Array) -> Array:
    return np.sign(x) * (10 ** (2 * np.abs(x)) - 1) / 99


def cdl(slope: Any = 1.0, offset: Any = 0.0, exponent: Any = 1.0, saturation: float = 1.0,
        clamp: bool = True) -> Callable[[Array], Array]:  # fmt: skip
    def apply(x: Array) -> Array:
        y = x * np.asarray(slope) + np.asarray(offset)
        y = (np.clip(y, 0, 1) if clamp else y) ** np.asarray(exponent)
        luma = (y @ Y)[..., None]
        y = luma + saturation * (y - luma)
        return np.clip(y, 0, 1) if clamp and saturation != 1.0 else y

    return apply


ACES = np.array([[0.439633, 0.3829891, 0.1773786], [0.08977623, 0.8134389, 0.09678369],
                 [0.01754106, 0.1115466, 0.8709126]])  # fmt: skip
SECA = np.array([[2.521685, -1.134132, -0.3875561], [-0.2764794, 1.37272, -0.09623854],
                 [-0.01537779, -0.1529755, 1.168353]])  # fmt: skip


def cdl_aces(x: Array) -> Array:
    low, high = 0.001185417175293, 222.875
    n = (x @ ACES.T - low) / (high - low)
    n = np.clip(n * 1.2 + 0.01, 0, 1) ** 0.9
    luma = (n @ Y)[..., None]
    n = luma + 0.8 * (n - luma)
    return (low + n * (high - low)) @ SECA.T


def cdl_aceslog(x: Array) -> Array:
    low, high = 12860.643, 48742.586
    v = np.maximum(x @ ACES.T, 0)
    v = np.where(v < 2.0**-15, 2.0**-16 + v / 2, v)
    n = (np.log2(v) * 2048 + 32768 - low) / (high - low)
    n = np.clip(n * 1.2 + 0.01, 0, 1) ** 0.9
    v = 2 ** ((low + n * (high - low) - 32768) / 2048)
    v = np.where(v < 2.0**-15, (v - 2.0**-16) * 2, v)
    luma = (v @ Y)[..., None]
    return (luma + 0.8 * (v - luma)) @ SECA.T


def hue(h: float) -> Callable[[Array], Array]:
    def apply(x: Array) -> Array:
        k = np.ones(3) / np.sqrt(3)  # Rodrigues
        turned = (x * np.cos(h) + np.cross(np.broadcast_to(k, x.shape), x) * np.sin(h)
                  + k * (x @ k)[..., None] * (1 - np.cos(h)))  # fmt: skip
        return turned + ((x - turned) @ Y)[..., None]

    return apply


def premultiply(x: Array) -> Array:
    out = x.copy()
    out[..., :3] *= x[..., 3:]
    return out


def unpremultiplied(function: Callable[[Array], Array]) -> Reference:
    def apply(x: Array) -> Array:
        alpha = np.where(x[..., 3:] > 0, x[..., 3:], 1.0)
        return rgb(lambda v: function(v / alpha) * alpha)(x)

    return apply


LIN, COL, DIS = "#RVLinearize", "#RVColor", "#RVDisplayColor"
THREE = (0.8, 1.3, 2.0)

CASES: dict[str, tuple[Properties, Reference]] = {
    "nothing": ((), lambda x: x),
    # RVLinearize
    "srgb to linear": (((f"{LIN}.color.sRGB2linear", 1),), rgb(srgb_to_linear)),
    "rec709 to linear": (((f"{LIN}.color.Rec709ToLinear", 1),), rgb(rec709_to_linear)),
    "file gamma": (((f"{LIN}.color.fileGamma", 2.2),), rgb(lambda x: power(x, 2.2))),
    "inactive linearize": (
        ((f"{LIN}.color.fileGamma", 2.2), (f"{LIN}.color.sRGB2linear", 1),
         (f"{LIN}.color.active", 0)),
        lambda x: x,
    ),
    "curves stack": (
        ((f"{LIN}.color.sRGB2linear", 1), (f"{LIN}.color.fileGamma", 0.7)),
        rgb(lambda x: power(srgb_to_linear(x), 0.7)),
    ),
    "cineon": (((f"{LIN}.color.logtype", 1),), rgb(cineon)),
    "cineon codes": (
        ((f"{LIN}.color.logtype", 1), (f"{LIN}.cineon.whiteCodeValue", 700),
         (f"{LIN}.cineon.blackCodeValue", 80), (f"{LIN}.cineon.breakPointValue", 600)),
        rgb(lambda x: cineon(x, 700, 80, 600)),
    ),
    "viper": (
        ((f"{LIN}.color.logtype", 2),),
        rgb(lambda x: 10 ** (2.048 * np.minimum(x, 1)) * 0.0359824060427),
    ),
    "logc": (((f"{LIN}.color.logtype", 3),), rgb(logc)),
    "logc film": (((f"{LIN}.color.logtype", 4),), rgb(lambda x: logc(x @ FILM.T))),
    "logtype 5": (((f"{LIN}.color.logtype", 5),), lambda x: x),
    "redlog": (((f"{LIN}.color.logtype", 6),), rgb(redlog)),
    "redlog film": (((f"{LIN}.color.logtype", 7),), rgb(cineon)),
    "pq": (((f"{LIN}.color.logtype", 8),), rgb(lambda x: pq(np.minimum(x, 1)))),
    "hlg": (((f"{LIN}.color.logtype", 9),), rgb(hlg)),
    "yuv": (
        ((f"{LIN}.color.YUV", 1),),
        rgb(lambda x: x @ np.array([[1, 0, 1.402], [1, -0.344136, -0.714136], [1, 1.772, 0]]).T),
    ),
    "alpha type 2": (((f"{LIN}.color.alphaType", 2),), premultiply),
    "alpha type 1": (((f"{LIN}.color.alphaType", 1),), lambda x: x),
    "file cdl": (
        ((f"{LIN}.CDL.active", 1), (f"{LIN}.CDL.slope", 1.2, 0.9, 0.7),
         (f"{LIN}.CDL.offset", 0.05, 0.0, -0.05), (f"{LIN}.CDL.power", 1.1, 0.8, 1.0),
         (f"{LIN}.CDL.saturation", 0.6)),
        rgb(cdl((1.2, 0.9, 0.7), (0.05, 0.0, -0.05), (1.1, 0.8, 1.0), 0.6)),
    ),
    # RVColor
    "invert": (((f"{COL}.color.invert", 1),), rgb(lambda x: 1 - x)),
    "gamma": (((f"{COL}.color.gamma", *THREE),), rgb(lambda x: power(x, 1 / np.array(THREE)))),
    "offset": (((f"{COL}.color.offset", 0.1, -0.1, 0.2),),
               rgb(lambda x: x + np.array([0.1, -0.1, 0.2]))),
    "scale": (((f"{COL}.color.scale", *THREE),), rgb(lambda x: x * THREE)),
    "exposure": (((f"{COL}.color.exposure", 1.0, -1.0, 0.5),),
                 rgb(lambda x: x * 2 ** np.array([1, -1, 0.5]))),
    "contrast": (((f"{COL}.color.contrast", 0.3, -0.3, 0.0),),
                 rgb(lambda x: x * [1.3, 0.7, 1.0] - 0.5 * np.array([0.3, -0.3, 0.0]))),
    "saturation": (((f"{COL}.color.saturation", 0.4),),
                   rgb(lambda x: (x @ Y)[..., None] * 0.6 + x * 0.4)),
    "hue": (((f"{COL}.color.hue", 0.9),), rgb(hue(0.9))),
    "order": (
        ((f"{COL}.color.hue", 0.4), (f"{COL}.color.saturation", 1.5),
         (f"{COL}.color.exposure", 0.5, 0.5, 0.5), (f"{COL}.color.gamma", 1.2, 1.2, 1.2),
         (f"{COL}.color.contrast", 0.2, 0.2, 0.2), (f"{COL}.color.offset", 0.05, 0.05, 0.05),
         (f"{COL}.color.scale", 0.9, 0.9, 0.9)),
        rgb(lambda x: (lambda v: (v @ Y)[..., None] * -0.5 + v * 1.5)(
            hue(0.4)(((power(x, 1 / 1.2) + 0.05) * 0.9 * 2**0.5) * 1.2 - 0.1))),
    ),
    # invert's last row makes later constants depend on r + g + b
    "invert and offset": (
        ((f"{COL}.color.invert", 1), (f"{COL}.color.offset", 0.1, 0.2, 0.3)),
        rgb(lambda x: 1 - x + np.array([0.1, 0.2, 0.3]) * x.sum(-1, keepdims=True)),
    ),
    "inactive color": (((f"{COL}.color.exposure", 1.0, 1.0, 1.0), (f"{COL}.color.active", 0)),
                       lambda x: x),
    "look cdl": (
        ((f"{COL}.CDL.active", 1), (f"{COL}.CDL.slope", 1.2, 1.2, 1.2),
         (f"{COL}.CDL.saturation", 1.4)),
        rgb(cdl(1.2, saturation=1.4)),
    ),
    # where there is something to do: divided by alpha, done, multiplied; where alpha is 0 as it is
    "unpremultiplied": (
        ((f"{COL}.color.unpremult", 1), (f"{COL}.color.gamma", 2.0, 2.0, 2.0),
         (f"{COL}.color.offset", 0.1, 0.1, 0.1)),
        unpremultiplied(lambda x: power(x, 0.5) + 0.1),
    ),
    "unpremultiplied, nothing else": (((f"{COL}.color.unpremult", 1),), lambda x: x),
    "neutral cdl": (((f"{COL}.CDL.active", 1),), lambda x: x),
    "unclamped cdl": (
        ((f"{COL}.CDL.active", 1), (f"{COL}.CDL.slope", 1.2, 1.2, 1.2), (f"{COL}.CDL.noClamp", 1)),
        rgb(cdl(1.2, clamp=False)),
    ),
    "aces cdl": (
        ((f"{COL}.CDL.active", 1), (f"{COL}.CDL.colorspace", "aces"),
         (f"{COL}.CDL.slope", 1.2, 1.2, 1.2), (f"{COL}.CDL.offset", 0.01, 0.01, 0.01),
         (f"{COL}.CDL.power", 0.9, 0.9, 0.9), (f"{COL}.CDL.saturation", 0.8)),
        rgb(cdl_aces),
    ),
    "aceslog cdl": (
        ((f"{COL}.CDL.active", 1), (f"{COL}.CDL.colorspace", "aceslog"),
         (f"{COL}.CDL.slope", 1.2, 1.2, 1.2), (f"{COL}.CDL.offset", 0.01, 0.01, 0.01),
         (f"{COL}.CDL.power", 0.9, 0.9, 0.9), (f"{COL}.CDL.saturation", 0.8)),
        rgb(cdl_aceslog),
    ),
    # RVDisplayColor
    "srgb": (((f"{DIS}.color.sRGB", 1),), rgb(linear_to_srgb)),
    "rec709": (((f"{DIS}.color.Rec709", 1),), rgb(linear_to_rec709)),
    "display gamma": (((f"{DIS}.color.gamma", 2.2),), rgb(lambda x: power(x, 1 / 2.2))),
    "brightness is last": (
        ((f"{DIS}.color.brightness", -1.0), (f"{DIS}.color.sRGB", 1)),
        rgb(lambda x: linear_to_srgb(x) / 2),
    ),
    "out of range": (
        ((f"{DIS}.color.outOfRange", 1),),
        rgb(lambda x: np.where(x <= 0, 0.0, np.where(x < 1, 0.5, 1.0))),
    ),
    "red": (((f"{DIS}.color.channelFlood", 1),), rgb(lambda x: x[..., :1].repeat(3, -1))),
    "green": (((f"{DIS}.color.channelFlood", 2),), rgb(lambda x: x[..., 1:2].repeat(3, -1))),
    "blue": (((f"{DIS}.color.channelFlood", 3),), rgb(lambda x: x[..., 2:3].repeat(3, -1))),
    "no such flood": (((f"{DIS}.color.channelFlood", 6),), lambda x: x),
    "order, then flood": (
        ((f"{DIS}.color.channelOrder", "BGRA"), (f"{DIS}.color.channelFlood", 1)),
        rgb(lambda x: x[..., 2:3].repeat(3, -1)),
    ),
    # declared by RV, and never used
    "premult": (((f"{DIS}.color.premult", 1),), lambda x: x),
    "alpha": (((f"{DIS}.color.channelFlood", 4),),
              lambda x: np.concatenate([x[..., 3:].repeat(3, -1), x[..., 3:]], -1)),
    "luminance": (((f"{DIS}.color.channelFlood", 5),),
                  rgb(lambda x: (x @ Y)[..., None].repeat(3, -1))),
    "channel order": (((f"{DIS}.color.channelOrder", "BGRA"),), rgb(lambda x: x[..., ::-1])),
    "order 0": (((f"{DIS}.color.channelOrder", "G0BA"),),
                rgb(lambda x: np.stack([x[..., 1], 0 * x[..., 1], x[..., 2]], -1))),
    "order 1": (((f"{DIS}.color.channelOrder", "1GBA"),),
                lambda x: np.concatenate([x.sum(-1, keepdims=True), x[..., 1:]], -1)),
    "matrix": (
        ((f"{DIS}.color.matrix", 0.5, 0.5, 0.0, 0.1, 0.0, 1.0, 0.0, 0.0, 0.2, 0.0, 0.8, 0.0,
          0.0, 0.0, 0.0, 1.0),),
        rgb(lambda x: x @ np.array([[0.5, 0.5, 0], [0, 1, 0], [0.2, 0, 0.8]]).T + [0.1, 0, 0]),
    ),
    "inactive display": (((f"{DIS}.color.sRGB", 1), (f"{DIS}.color.active", 0)), lambda x: x),
    # from end to end
    "8-bit video": (
        ((f"{LIN}.color.sRGB2linear", 1), (f"{COL}.color.exposure", 0.5, 0.5, 0.5),
         (f"{DIS}.color.sRGB", 1)),
        rgb(lambda x: linear_to_srgb(srgb_to_linear(x) * 2**0.5)),
    ),
    "graded": (
        ((f"{COL}.color.saturation", 1.3), (f"{COL}.color.exposure", 0.5, 0.5, 0.5),
         (f"{DIS}.color.Rec709", 1), (f"{DIS}.color.gamma", 1.1)),
        rgb(lambda x: power(linear_to_rec709(
            (lambda v: (v @ Y)[..., None] * -0.3 + v * 1.3)(x * 2**0.5)), 1 / 1.1)),
    ),
}  # fmt: skip

SCENES = {"ramp": ramp, "noise": noise, "picture": hdr_picture}


def prepared(r: Room, pixels: Array, properties: Properties) -> None:
    r.push(pixels)
    for prop, *values in properties:
        if prop.endswith("color.matrix"):
            r.do.newProperty(f"@{prop[1:]}", 1, 4)
        r.set(prop, *values)


def wanted(pixels: Array, reference: Reference) -> Array:
    """0..255, not rounded."""
    with np.errstate(all="ignore"):
        out = np.nan_to_num(reference(pixels)[..., :3], posinf=1.0, neginf=0.0)
    return np.clip(out, 0, 1) * 255


WAYS: tuple[dict[str, bool], ...] = ({}, {"quick": True}, {"exact": True})


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("case", CASES)
def test_the_screen_shows_the_formula(case: str, scene: str) -> None:
    properties, reference = CASES[case]
    pixels = SCENES[scene]().astype(np.float16).astype(np.float64)
    if case == "hlg":
        pixels = np.minimum(pixels, 1.0)  # a signal; beyond it the curve leaves all numbers
    height, width = pixels.shape[:2]
    with room(width, height) as r:
        prepared(r, pixels, properties)
        expected = wanted(pixels, reference)
        for way in WAYS:
            off = np.abs(r.shown(**way) - expected)
            # half a step is the rounding to 8 bits itself
            assert off.max() <= 1.5, (way, off.max(), np.argwhere(off > 1.5)[:3])


ODD = (np.nan, np.inf, -np.inf, 65504.0, -65504.0, 6e-8)


@pytest.mark.parametrize("case", CASES)
def test_pixels_that_are_no_numbers(case: str) -> None:
    """They are shown the same in every way, and leave their neighbours alone."""
    properties, reference = CASES[case]
    pixels = noise().astype(np.float16).astype(np.float64)
    if case == "hlg":
        pixels = np.minimum(pixels, 1.0)
    expected = wanted(pixels, reference)
    odd = np.zeros(pixels.shape[:2], bool)
    for n, value in enumerate(ODD):
        for at, channels in enumerate(([0], [1], [2], [0, 1, 2])):
            pixels[5 + n, 9 * at + 7, channels] = value
            odd[5 + n, 9 * at + 7] = True
    height, width = pixels.shape[:2]
    with room(width, height) as r:
        prepared(r, pixels, properties)
        made = [r.shown(**way) for way in WAYS]
    for shown in made:
        assert np.abs(shown - expected)[~odd].max() <= 1.5
        assert np.abs(shown - made[0]).max() <= 2


def test_display_primaries() -> None:
    """Rec. 709 to DCI-P3 (D65): the matrix of the literature."""
    matrix = np.array([[0.8225, 0.1774, 0.0], [0.0332, 0.9669, 0.0], [0.0171, 0.0724, 0.9108]])
    pixels = noise().astype(np.float16).astype(np.float64)
    with room() as r:
        r.push(pixels)
        r.set(f"{DIS}.chromaticities.active", 1)
        r.set(f"{DIS}.chromaticities.red", 0.680, 0.320)
        r.set(f"{DIS}.chromaticities.green", 0.265, 0.690)
        r.set(f"{DIS}.chromaticities.blue", 0.150, 0.060)
        expected = np.clip(pixels[..., :3] @ matrix.T, 0, 1) * 255
        assert np.abs(r.shown() - expected).max() <= 1.5


def test_dither_is_noise_of_one_step() -> None:
    with room() as r:
        r.push(np.full((32, 256, 4), 0.5))
        r.set(f"{DIS}.color.dither", 4)
        # before the curve it goes through it
        r.set(f"{DIS}.color.sRGB", 1)
        late = r.shown()
        r.set(f"{DIS}.color.ditherLast", 0)
        early = r.shown()
        assert np.abs(late - 188).max() <= 255 * 0.5 / 15 + 1.5
        slope = (linear_to_srgb(np.array(0.501)) - linear_to_srgb(np.array(0.499))) / 0.002
        assert abs(early.std() / late.std() - slope) < 0.05
        r.set(f"{DIS}.color.sRGB", 0)
        r.set(f"{DIS}.color.ditherLast", 1)
        shown = r.shown()
        assert shown.std() > 2 and np.abs(shown - 127.5).max() <= 255 * 0.5 / 15 + 1
        assert abs(shown.mean() - 127.5) < 0.5


@pytest.mark.parametrize("where", ["sourceGroup000000_lookPipeline", "viewGroup_viewPipeline"])
def test_a_display_s_colour_node_elsewhere(where: str) -> None:
    """It is one among others there, before the display's own."""
    pixels = noise()
    with room() as r:
        r.push(pixels, dtype=np.float32)
        r.set(f"{where}.pipeline.nodes", "RVDisplayColor")
        r.set(f"{where}_0.color.brightness", -1.0)
        r.set("@RVDisplayColor.color.gamma", 2.0)  # the one that is nearest to the screen
        expected = 255 * np.sqrt(np.clip(pixels[..., :3], 0, None) / 2)
        assert np.abs(r.shown() - np.clip(expected, 0, 255)).max() <= 1.5
