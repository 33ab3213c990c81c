"""What looks beyond its own pixel: RVLensWarp, RVUnsharpMask, RVSequence's angular masks.

The references are written out from the documentation of the models, pixel by pixel, and
evaluate a formula where the player samples stored pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.image.room import Array, Room, room
from tests.image.test_combining import bytes_of, flat, marked, same

W, H = 96, 64
LENS = "#RVLensWarp.warp"


def smooth(x: Array, y: Array, w: int = W, h: int = H) -> Array:
    """A picture by formula, at pixel coordinates from the lower left; its edge goes on."""
    x, y = np.clip(x, 0.5, w - 0.5) / w, np.clip(y, 0.5, h - 0.5) / h
    out = np.ones((*x.shape, 4))
    out[..., 0] = x
    out[..., 1] = y
    out[..., 2] = 0.5 + 0.4 * np.cos(3 * x) * np.sin(4 * y)
    return out


def grid(w: int = W, h: int = H) -> tuple[Array, Array]:
    y, x = np.mgrid[0:h, 0:w] + 0.5
    return x, y


def picture(w: int = W, h: int = H) -> Array:
    return smooth(*grid(w, h), w, h)


# -- lenses ----------------------------------------------------------------------------------


def polynomial(
    x: Array, y: Array, *, k: Any = (0, 0, 0), p: Any = (0, 0), d: float = 1.0,
    centre: Any = (0.5, 0.5), f: Any = (1.0, 1.0), size: Any = (W, H),
) -> tuple[Array, Array]:  # fmt: skip
    """Brown's model as the manual writes it; *centre* from the top left."""
    w, h = size
    fx, fy = max(w, h) * f[0], max(w, h) * f[1]
    dx, dy = w * centre[0] - x, h * (1 - centre[1]) - y
    u, v = dx / fx, dy / fy
    r2 = u**2 + v**2
    radial = d + k[0] * r2 + k[1] * r2**2 + k[2] * r2**3 if any(k) else 1.0
    du = u * radial + 2 * p[1] * u * v + p[0] * (r2 + 2 * u**2)
    dv = v * radial + p[1] * (r2 + 2 * v**2) + 2 * p[0] * u * v
    return x + dx - fx * du, y + dy - fy * dv


DIAGONAL = math.hypot(W, H) / 2

LENSES: dict[str, tuple[dict[str, Any], Callable[[Array, Array], tuple[Array, Array]]]] = {
    "barrel": ({"k1": 0.4}, lambda x, y: polynomial(x, y, k=(0.4, 0, 0))),
    "pincushion": ({"k1": -0.5, "k2": 0.3, "k3": -0.2},
                   lambda x, y: polynomial(x, y, k=(-0.5, 0.3, -0.2))),
    "constant": ({"k2": 0.5, "d": 0.9}, lambda x, y: polynomial(x, y, k=(0, 0.5, 0), d=0.9)),
    "no constant without k": ({"p1": 0.1, "d": 0.5}, lambda x, y: polynomial(x, y, p=(0.1, 0))),
    "tangential": ({"p1": 0.08, "p2": -0.15}, lambda x, y: polynomial(x, y, p=(0.08, -0.15))),
    "both": ({"k1": 0.3, "p1": 0.05, "p2": 0.1},
             lambda x, y: polynomial(x, y, k=(0.3, 0, 0), p=(0.05, 0.1))),
    "centre": ({"k1": 0.5, "center": (0.3, 0.2), "offset": (0.05, 0.1)},
               lambda x, y: polynomial(x, y, k=(0.5, 0, 0), centre=(0.35, 0.3))),
    "focal": ({"k1": 0.5, "fx": 0.8, "fy": 1.3, "cropRatioX": 0.9, "cropRatioY": 0.7},
              lambda x, y: polynomial(x, y, k=(0.5, 0, 0), f=(0.72, 0.91))),
    "opencv": ({"model": "opencv", "k1": 0.3, "k2": -0.1, "k3": 9.0, "p1": 0.02, "p2": 0.03,
                "offset": (0.2, 0.2)},
               lambda x, y: polynomial(x, y, k=(0.3, -0.1, 0), p=(0.02, 0.03))),
    "adobe": ({"model": "adobe", "k1": 0.2, "k2": 0.1, "k3": 0.05, "d": 0.5},
              lambda x, y: polynomial(x, y, k=(0.2, 0.1, 0.05), d=0.99)),
    "nuke": ({"model": "nuke", "k1": 0.2, "k2": 0.1, "p1": 5.0},
             lambda x, y: polynomial(x, y, k=(0.2, 0.1, 0))),
    "pfbarrel": ({"model": "pfbarrel", "k1": 0.3, "k2": 0.1, "fx": 7.0},
                 lambda x, y: polynomial(x, y, k=(0.3, 0.1, 0),
                                         f=(DIAGONAL / W, DIAGONAL / W))),
    "before 4.0.10": ({"model": "rv4.0.10", "k1": -0.1, "p1": 0.02, "p2": 0.04,
                       "offset": (0.1, 0.0)},
                      lambda x, y: polynomial(x, y, k=(0.1, 0, 0), p=(-0.04, -0.02),
                                              f=(0.5, 0.5), centre=(0.55, 0.5))),
    "unknown": ({"model": "fisheye", "k1": 0.5}, lambda x, y: (x, y)),
}  # fmt: skip


def write(r: Room, values: dict[str, Any]) -> None:
    for name, value in values.items():
        r.set(f"{LENS}.{name}", *(value if isinstance(value, tuple) else (value,)))


@pytest.mark.parametrize("case", LENSES)
def test_a_lens(case: str) -> None:
    values, model = LENSES[case]
    with room(W, H) as r:
        r.push(picture(), dtype=np.float32)
        write(r, values)
        expected = smooth(*model(*grid()))
        for way in ({}, {"exact": True}):
            same(r.shown(**way), expected)
        r.set("#RVLensWarp.node.active", 0)
        same(r.shown(), picture())


def test_the_anamorphic_lens() -> None:
    """3DE4, degree 6: cos of multiples of the angle, by half the diagonal, centre from below."""
    terms = {"02": (0.1, -0.05), "22": (0.05, 0.02), "04": (-0.04, 0.03), "24": (0.02, 0.01),
             "44": (0.01, -0.03), "06": (0.02, 0.01), "26": (-0.01, 0.02), "46": (0.015, 0.01),
             "66": (-0.02, 0.005)}  # fmt: skip
    values: dict[str, Any] = {"model": "tde4_ldp_anamorphic_deg_6", "center": (0.45, 0.6),
                              "offset": (0.05, 0.02), "fx": 0.9}  # fmt: skip
    for name, pair in terms.items():
        values[f"cx{name}"], values[f"cy{name}"] = pair
    expected = np.empty((H, W, 4))
    for row in range(H):
        for column in range(W):
            x, y = column + 0.5, row + 0.5
            dx, dy = W * 0.40 - x, H * 0.58 - y
            fx, fy = DIAGONAL * 0.9, DIAGONAL
            u, v = dx / fx, dy / fy
            r2, phi = u * u + v * v, math.atan2(v, u)
            moved = []
            for axis, (n, f, at, off) in enumerate(((u, fx, x, dx), (v, fy, y, dy))):
                c = {k: t[axis] for k, t in terms.items()}
                s = 1 + r2 * (c["02"] + c["22"] * math.cos(2 * phi))
                s += r2**2 * (c["04"] + c["24"] * math.cos(2 * phi) + c["44"] * math.cos(4 * phi))
                s += r2**3 * (c["06"] + c["26"] * math.cos(2 * phi) + c["46"] * math.cos(4 * phi)
                              + c["66"] * math.cos(6 * phi))  # fmt: skip
                moved.append(at + off - n * s * f)
            expected[row, column] = smooth(np.array(moved[0]), np.array(moved[1]))
    with room(W, H) as r:
        r.push(picture(), dtype=np.float32)
        write(r, values)
        same(r.shown(), expected)


def test_a_lens_comes_before_colour_and_paint_and_moves_with_the_image() -> None:
    with room(W, H) as r:
        r.push(picture(), dtype=np.float32)
        write(r, {"k1": 0.4})
        r.set("#RVLinearize.color.fileGamma", 2.0)
        r.set("#RVTransform2D.transform.flop", 1)
        x, y = polynomial(*grid(), k=(0.4, 0, 0))
        expected = smooth(x, y)
        expected[..., :3] **= 2
        same(r.shown(), expected[:, ::-1])


def test_a_lens_on_a_part_of_a_frame() -> None:
    """Outside of its data window an image has nothing to repeat."""
    whole = flat(0, 0, 0, 0, w=W, h=H)
    part = np.ones((32, 48, 4))
    whole[16:48, 24:72] = 1
    with room(W, H) as r:
        r.push(part, uncrop_width=W, uncrop_height=H, uncrop_x=24, uncrop_y=16)
        same(r.shown(), whole)
        write(r, {"k1": -0.6})
        x, y = polynomial(*grid(), k=(-0.6, 0, 0))
        distance = np.maximum(np.abs(x - W / 2) - 24, np.abs(y - H / 2) - 16)
        shown = r.shown()[..., 0]
        assert (distance < -1).sum() > 46 * 30  # more than without: it is spread
        assert (shown[distance < -1] >= 254).all() and (shown[distance > 1] <= 1).all()


# -- unsharp mask ----------------------------------------------------------------------------


def blurred(line: Array, radius: int) -> Array:
    """One row, sample by sample: a window cut at the ends; in pairs beyond a radius of 5."""
    n = len(line)
    out = np.empty_like(line)
    for i in range(n):
        left, right = min(i, radius), min(n - 1 - i, radius)
        if radius > 5:
            left, right = left - left % 2, right - right % 2
        places = np.arange(-left, right + 1)
        weights = np.exp(-3.0 * places.astype(float) ** 2 / radius**2)
        out[i] = (line[i + places] * weights[:, None]).sum(0) / weights.sum()
    return out


def sharpened(pixels: Array, amount: float, threshold: float, radius: int) -> Array:
    soft = np.array([blurred(row, radius) for row in pixels[..., :3]])
    soft = np.array([blurred(column, radius) for column in soft.swapaxes(0, 1)]).swapaxes(0, 1)
    away = pixels[..., :3] - soft
    out = pixels.copy()
    out[..., :3] = np.where(np.abs(away) > threshold / 255, away * amount + soft, pixels[..., :3])
    return out


def sharpen(r: Room, group: str, node: str, **values: float) -> None:
    r.do.setStringProperty(f"{group}.pipeline.nodes", [node, "RVUnsharpMask"], True)
    r.session.settle()
    for name, value in values.items():
        r.set(f"#RVUnsharpMask.node.{name}", value)


@pytest.mark.parametrize(("amount", "threshold", "radius"), [
    (2.0, 0.0, 5.0), (1.5, 20.0, 3.9), (3.0, 5.0, 8.0), (2.0, 1.0, 7.0), (2.0, 5.0, 1.0),
])  # fmt: skip
def test_unsharp_mask(amount: float, threshold: float, radius: float) -> None:
    pixels = 0.2 + 0.5 * marked(W, H)
    with room(W, H) as r:
        source = r.push(pixels, dtype=np.float32)
        group = f"{r.do.nodeGroup(source)}_colorPipeline"
        sharpen(r, group, "RVColor", amount=amount, threshold=threshold, unsharpRadius=radius)
        expected = sharpened(pixels, amount, threshold, int(radius))
        assert np.abs(bytes_of(expected) - bytes_of(pixels)).mean() > 3
        for way in ({}, {"quick": True}, {"exact": True}):
            same(r.shown(**way), expected)
        # half the size: the image is sharpened before it is drawn
        half = expected.reshape(H // 2, 2, W // 2, 2, 4).mean((1, 3))
        same(r.shown(size=(W // 2, H // 2)), half, 2.0)


@pytest.mark.parametrize("values", [
    {"amount": 1.0}, {"amount": 2.0, "unsharpRadius": 0.0}, {"amount": float("nan")},
])  # fmt: skip
def test_an_unsharp_mask_that_does_nothing(values: dict[str, float]) -> None:
    pixels = marked(W, H)
    with room(W, H) as r:
        source = r.push(pixels)
        sharpen(r, f"{r.do.nodeGroup(source)}_colorPipeline", "RVColor", **values)
        same(r.shown(), pixels)
        r.set("#RVUnsharpMask.node.amount", 2.0)
        r.set("#RVUnsharpMask.node.unsharpRadius", 5.0)
        assert np.abs(r.shown() - bytes_of(pixels)).max() > 10
        r.set("#RVUnsharpMask.node.active", 0)
        same(r.shown(), pixels)


def test_unsharp_mask_has_its_place_in_the_chain() -> None:
    """After the colour before it, before the colour after it, behind the lens."""
    with room(W, H) as r:
        source = r.push(picture(), dtype=np.float32)
        group = r.do.nodeGroup(source)
        sharpen(r, f"{group}_colorPipeline", "RVColor", amount=2.0, threshold=0.0,
                unsharpRadius=5.0)  # fmt: skip
        write(r, {"k1": 0.4})
        r.set("#RVLinearize.color.fileGamma", 2.0)
        r.set("#RVDisplayColor.color.gamma", 2.0)
        image = smooth(*polynomial(*grid(), k=(0.4, 0, 0)))
        image[..., :3] **= 2
        expected = sharpened(image, 2.0, 0.0, 5)
        expected[..., :3] = np.maximum(expected[..., :3], 0) ** 0.5
        same(r.shown(), expected)


def test_a_composite_is_sharpened_as_a_whole() -> None:
    pixels = 0.2 + 0.5 * marked(W, H)
    pixels[..., 3] = 1
    with room(W, H) as r:
        r.push(pixels, dtype=np.float32, name="a")
        r.push(flat(0, 0, 1, 1, w=W, h=H), name="b")
        node = r.do.newNode("RVUnsharpMask", "sharp")
        r.do.setNodeInputs(node, ["defaultStack"])
        r.set(f"{node}.node.amount", 2.0)
        r.do.setViewNode(node)
        same(r.shown(), sharpened(pixels, 2.0, 5.0, 5))


# -- angular masks ---------------------------------------------------------------------------

MASK = "defaultSequence_sequence.composite"


def masked(r: Room, x: float, y: float, angle: float, swap: int = 0) -> None:
    for name, value in (("PivotX", x), ("PivotY", y), ("AngleInRadians", angle)):
        r.set(f"{MASK}.inputAngularMask{name}", value)
    r.set(f"{MASK}.inputAngularMaskActive", 1)
    r.set(f"{MASK}.swapAngularMaskInput", swap)


@pytest.mark.parametrize("swap", [0, 1])
@pytest.mark.parametrize(("x", "y", "angle"), [
    (0.75, 0.5, math.pi / 2), (0.75, 0.5, 0.0), (0.3, 0.8, 0.7), (1.0, 0.2, -2.5),
])  # fmt: skip
def test_an_angular_mask(x: float, y: float, angle: float, swap: int) -> None:
    pixels = marked(W, H)
    with room(W, H) as r:
        r.push(pixels)
        masked(r, x, y, angle, swap)
        at_x, at_y = grid()
        # left of the line, seen along it: image height 1, origin at the lower left
        side = (at_y / H - y) * math.cos(angle) - (at_x / H - x) * math.sin(angle)
        keep = side <= 0 if swap else side > 0
        expected = np.where(keep[..., None], pixels, 0)
        for way in ({}, {"quick": True}):
            off = np.abs(r.shown(**way) - bytes_of(expected)).max(-1)
            assert off[np.abs(side) > 1e-6].max() <= 1.5
        r.set(f"{MASK}.inputAngularMaskActive", 0)
        same(r.shown(), pixels)


def test_masks_of_two_sequences_share_a_stack() -> None:
    """What such masks are for: an angular wipe."""
    a, b = marked(W, H, 1), marked(W, H, 2)
    with room(W, H) as r:
        for name, pixels in (("a", a), ("b", b)):
            source = r.push(pixels, name=name)
            made = r.do.newNode("RVSequenceGroup", f"seq_{name}")
            r.do.setNodeInputs(made, [r.do.nodeGroup(source)])
        stack = r.do.newNode("RVStackGroup", "wipe")
        r.do.setNodeInputs(stack, ["seq_a", "seq_b"])
        r.do.setViewNode(stack)
        for prop, value in (("inputAngularMaskPivotX", 0.75), ("inputAngularMaskPivotY", 0.5),
                            ("inputAngularMaskAngleInRadians", math.pi / 2),
                            ("inputAngularMaskActive", 1),
                            ("swapAngularMaskInput", 0)):  # fmt: skip
            r.set(f"seq_a_sequence.composite.{prop}", value)
        expected = b.copy()
        expected[:, : W // 2] = a[:, : W // 2]
        same(r.shown(), expected)
