"""Whatever is shown, the ways to a picture agree: short, by parts, and all at once in floats."""

from __future__ import annotations

from importlib import import_module
from typing import Any
from unittest import mock

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from player.image.render import render, render_float
from player.image.tables import quantise
from tests.image.room import room
from tests.image.test_annotations import component
from tests.image.test_combining import H, W, layer, marked

MODES = ["off", "left", "right", "pair", "mirror", "hsqueezed", "vsqueezed", "anaglyph",
         "lumanaglyph", "checker", "scanline"]  # fmt: skip
KINDS = ["over", "add", "difference", "-difference", "replace", "topmost", "dissolve"]
SIZES = [(W, H), (48, 20), (20, 48), (128, 64)]
unit, about = st.floats(0, 1, width=16), st.floats(-0.5, 0.5, width=16)


def cut_out(w: int, h: int, seed: int) -> Any:
    """Premultiplied: clear to the left but for some light, opaque to the right, a soft edge."""
    out = layer(w=w, h=h, seed=seed)
    alpha = np.clip((np.linspace(0, w, w)[None, :] - w / 2) / 2 + 0.5, 0, 1)
    out[..., :3] *= alpha[..., None] / np.maximum(out[..., 3:], 0.01)
    out[..., 3] = alpha
    out[:2, :3, :3] = 0.25
    return np.clip(out, 0, 1).astype(np.float16).astype(np.float64)


ALPHA: dict[str, Any] = {"full": marked, "edges": cut_out, "soft": layer}
image = st.fixed_dictionaries({
    "size": st.sampled_from(SIZES), "dtype": st.sampled_from([np.uint8, np.uint16, np.float16]),
    "alpha": st.sampled_from(["full", "edges", "soft"]), "seed": st.integers(0, 9),
    "aspect": st.sampled_from([0.0, 0.0, 0.5, 2.0]),
})  # fmt: skip
#: of a Transform2D; each is left alone half of the time
transform = st.fixed_dictionaries({}, optional={
    "transform.rotate": st.floats(-180, 180, width=16).map(lambda v: (v,)),
    "transform.translate": st.tuples(about, about),
    "transform.scale": st.tuples(*[st.floats(0.25, 4, width=16)] * 2),
    "transform.flip": st.just((1,)),
    "stencil.visibleBox": st.tuples(about, unit, about, unit).map(
        lambda v: (abs(v[0]), 0.5 + v[1] / 2, abs(v[2]), 0.5 + v[3] / 2)
    ),
})  # fmt: skip
looks = st.fixed_dictionaries({}, optional={
    "@RVDisplayStereo.stereo.relativeOffset": about.map(lambda v: (v / 2,)),
    "#RVDisplayColor.color.sRGB": st.just((1,)),
    "#RVDisplayColor.color.channelFlood": st.integers(1, 5).map(lambda v: (v,)),
    "#RVColor.color.saturation": unit.map(lambda v: (v,)),
    "#RVLinearize.color.alphaType": st.just((2,)),  # not multiplied by alpha so far
    "#RVLinearize.color.sRGB2linear": st.just((1,)),
    "#RVColor.color.offset": about.map(lambda v: (v, 0.1, v)),
    "#RVColor.color.invert": st.just((1,)),
    "#RVFormat.uncrop.active": st.just((1,)),
    "rv.matte.show": st.just((1,)),
    "#RVColor.color.exposure": about.map(lambda v: (v, v, v)),
})  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(
    images=st.lists(image, min_size=1, max_size=3),
    transforms=st.lists(transform, min_size=3, max_size=3),
    looks=looks,
    view=st.sampled_from(["defaultStack", "defaultLayout", "defaultSequence"]),
    kind=st.sampled_from(KINDS),
    mode=st.sampled_from(MODES),
    background=st.sampled_from(["black", "checker", "crosshatch", "grey18"]),
    pen=st.booleans(),
    rows=st.sampled_from([1, 3, 7, H]),
    worth=st.booleans(),
)
def test_all_ways_lead_to_the_same_picture(
    images: list[dict[str, Any]], transforms: list[dict[str, Any]], looks: dict[str, Any],
    view: str, kind: str, mode: str, background: str, pen: bool, rows: int,
    worth: bool,
) -> None:  # fmt: skip
    with room(W, H) as r:
        for number, one in enumerate(images):
            w, h = one["size"]
            pixels = ALPHA[one["alpha"]](w=w, h=h, seed=one["seed"])
            dtype = np.dtype(one["dtype"])
            scale = np.iinfo(dtype).max if dtype.kind == "u" else 1
            r.push(pixels * scale, dtype, f"m{number}", pixel_aspect=one["aspect"])
        r.do.setViewNode(view)
        r.do.setBGMethod(background)
        r.set("#RVDisplayStereo.stereo.type", mode)
        if view == "defaultStack":
            r.set("#RVStack.composite.type", kind)
        for name, value in [("width", 90), ("height", 70), ("x", 4), ("y", 7)]:
            r.set(f"#RVFormat.uncrop.{name}", value)  # not active
        for name, values in looks.items():
            r.set(name, *values)
        for node, settings_ in zip(r.do.nodesOfType("RVTransform2D"), transforms, strict=False):
            for name, values in settings_.items():
                r.set(f"{node}.{name}", *values)
        if pen:
            component(r, "sourceGroup000000_paint", "pen:1:1:u", width=0.1,
                      points=[-0.7, -0.3, 0.1, 0.9], color=[1.0, 0.0, 0.0, 0.5])  # fmt: skip
        r.session.settle()
        some = 1 if worth else W * H + 1  # pixels that OpenColorIO is asked for
        with (
            mock.patch.object(import_module("player.image.render"), "_PART", rows * W),
            mock.patch.object(import_module("player.image.tables"), "_SOME", some),
        ):
            for filter in ("nearest", "linear"):
                scene, fetch = r.renderer.view(), r.renderer.fetch
                made = render(scene, W, H, fetch, filter)
                whole, drawn = render_float(scene, W, H, fetch, filter)
                off = np.abs(made.pixels[::-1].astype(int) - quantise(whole))[..., :3]
                assert off.max() <= 2
                assert [d.quad for d in made.drawn] == [d.quad for d in drawn]
