"""Any number in any property: a picture comes out, whatever it shows, and no exception."""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from player.commands.errors import EngineError
from tests.image.room import Room, room
from tests.image.test_combining import layer, marked, two_eyes
from tests.image.test_overlays import corners, window

W, H = 24, 16
FLOATS = (float("nan"), float("inf"), float("-inf"), 0.0, -1.0, 1e30, -1e30, 1e-30, 3e-3)
INTS = (0, 1, -1, 3, 2**31 - 1, -(2**31))
SKIPPED = (
    "image.", "media.", "edl.", "explicit.", "warp.key", "range", "cut.", "group.", "proxy.",
    "audio.", "visual.", "timing.", "output.", "markers.", "opengl.", "session.", "soundtrack.",
)  # fmt: skip


def numbers(r: Room, kinds: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """(name, type, values) of the numeric properties of nodes that a picture passes."""
    found = []
    for node in r.do.nodes():
        if r.do.nodeType(node) not in kinds:
            continue
        for prop in r.do.properties(node):
            info = r.do.propertyInfo(prop)
            inner = prop.partition(".")[2]
            if info.type in (1, 2) and not inner.startswith(SKIPPED):
                found.append((prop, info.type, max(1, info.size) * info.dimensions[0]))
    return found


def shake(r: Room, kinds: tuple[str, ...], seed: int) -> int:
    rng = np.random.default_rng(seed)
    tried = 0
    for prop, kind, count in numbers(r, kinds):
        getter = r.do.getFloatProperty if kind == 1 else r.do.getIntProperty
        setter = r.do.setFloatProperty if kind == 1 else r.do.setIntProperty
        before = list(getter(prop))
        pool: tuple[Any, ...] = FLOATS if kind == 1 else INTS
        for n in rng.permutation(len(pool))[:1]:
            values = [pool[n]] * count
            if rng.integers(2):
                values[int(rng.integers(count))] = pool[int(rng.integers(len(pool)))]
            with suppress(EngineError):  # RV refuses tables whose size isn't lut.size
                setter(prop, values, True)
            r.session.settle()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                shown = r.shown(quick=bool(n % 2))
            assert shown.shape == (H, W, 3), prop
            tried += 1
        setter(prop, before, True)
    return tried


SOURCE = ("RVLinearize", "RVLensWarp", "RVCacheLUT", "RVFormat")
LOOK = ("RVColor", "RVLookLUT", "RVTransform2D", "RVSourceStereo", "RVUnsharpMask")
VIEW = ("RVDisplayColor", "RVDispTransform2D", "RVDisplayStereo", "RVSession", "RVLayoutGroup",
        "RVStack", "RVSequence")  # fmt: skip


@pytest.mark.parametrize(("view", "kinds"), [
    ("defaultSequence", SOURCE), ("defaultLayout", SOURCE), ("defaultStack", LOOK),
    ("defaultLayout", VIEW),
], ids=["source", "tile", "look", "view"])  # fmt: skip
def test_nodes(view: str, kinds: tuple[str, ...]) -> None:
    with room(W, H) as r:
        group = r.do.nodeGroup(r.push(layer(1, W, H), name="a"))
        r.push(marked(W, H), name="b")
        r.do.setStringProperty(
            f"{group}_colorPipeline.pipeline.nodes", ["RVColor", "RVUnsharpMask"], True
        )
        r.session.settle()
        r.set("#RVUnsharpMask.node.amount", 2.0)
        r.set("rv.matte.show", 1)
        r.set("#RVLensWarp.warp.k1", 0.1)
        r.do.setViewNode(view)
        assert shake(r, kinds, 1) > 20


def test_stereo() -> None:
    with room(W, H) as r:
        two_eyes(r, marked(W, H, 1), marked(W, H, 2))
        for mode in ("pair", "anaglyph", "right"):
            r.set("#RVDisplayStereo.stereo.type", mode)
            assert shake(r, ("RVDisplayStereo", "RVSourceStereo"), 2) > 10


def test_marks() -> None:
    with room(W, H) as r:
        group = r.do.nodeGroup(r.push(marked(W, H)))
        window(r, f"{group}_overlay", windowActive=1, outlineActive=1, imageAspect=1.5,
               antialias=1, pixelScale=(24.0, 16.0), **corners(-0.3, -0.3, 0.3, 0.2))  # fmt: skip
        paint = f"{group}_paint"
        for name, values in {
            "pen:1:1:u": {"points": [0.0, 0.0, 0.3, 0.2], "width": [0.1, 0.2], "color": [1.0] * 4},
            "rect:2:1:u": {"min": [0.0, 0.0], "max": [0.2, 0.2], "innerColor": [0.5] * 4},
            "ellipse:3:1:u": {"min": [0.0, 0.0], "max": [0.2, 0.2], "innerColor": [0.5] * 4},
            "arrow:4:1:u": {"startPos": [0.0, 0.0], "endPos": [0.3, 0.2], "thickness": [0.02]},
            "line:5:1:u": {"startPos": [0.0, 0.0], "endPos": [0.3, 0.2], "borderWidth": [0.02]},
            "text:6:1:u": {"position": [0.0, 0.0], "size": [0.01], "rotation": [10.0]},
        }.items():
            for key, given in values.items():
                width = {"color": 4, "innerColor": 4}.get(key, 1 if len(given) == 1 else 2)
                if key == "width":
                    width = 1
                r.do.newProperty(f"{paint}.{name}.{key}", 1, width)
                r.set(f"{paint}.{name}.{key}", *given)
        r.do.newProperty(f"{paint}.text:6:1:u.text", 8, 1)
        r.set(f"{paint}.text:6:1:u.text", "ab")
        r.do.newProperty(f"{paint}.frame:1.order", 8, 1)
        r.set(f"{paint}.frame:1.order", "pen:1:1:u", "rect:2:1:u", "ellipse:3:1:u",
              "arrow:4:1:u", "line:5:1:u", "text:6:1:u")  # fmt: skip
        assert shake(r, ("RVPaint", "RVOverlay"), 3) > 15
