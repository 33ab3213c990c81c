#!/usr/bin/env python3
"""Mitsuba 3, watched while it renders: progressive passes, and its AOVs as layers.

    pip install mitsuba
    mitsuba_live.py [HOST[:PORT]] [--scene FILE.xml] [--size N] [--passes N] [--spp N]

Without a scene it is the Cornell box.  Each pass adds `spp` samples a pixel; the running mean is
pushed after each, so the picture clears up in the viewer.  Layers: beauty, albedo, normal, depth.
"""

from __future__ import annotations

import argparse

import mitsuba as mi
import numpy as np

import rvshell.pixels

AOVS = "albedo:albedo,normal:sh_normal,depth:depth"
LAYERS = {
    "beauty": slice(0, 3),
    "albedo": slice(3, 6),
    "normal": slice(6, 9),
    "depth": slice(9, 10),
}


def scene(path: str, size: int) -> mi.Scene:
    if path:
        return mi.load_file(path, res=size) if size else mi.load_file(path)
    box = mi.cornell_box()
    box["integrator"] = {"type": "aov", "aovs": AOVS, "image": {"type": "path", "max_depth": 6}}
    box["sensor"]["film"].update(width=size, height=size, rfilter={"type": "box"})
    return mi.load_dict(box)


def passes(what: mi.Scene, count: int, spp: int):  # type: ignore[no-untyped-def]
    """The running mean after each pass: (height, width, 10) float."""
    mean = 0.0
    for number in range(count):
        image = np.array(mi.render(what, spp=spp, seed=number), np.float32)
        if image.shape[2] == 11:  # the film has an alpha, which is not shown here
            image = np.delete(image, 3, axis=2)
        mean = mean + (image - mean) / (number + 1)
        yield np.asarray(mean, np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", nargs="?", default="127.0.0.1:45124", metavar="HOST[:PORT]")
    parser.add_argument("--scene", default="", metavar="FILE.xml")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--passes", type=int, default=32)
    parser.add_argument("--spp", type=int, default=2)
    options = parser.parse_args()
    host, _, port = options.target.partition(":")
    mi.set_variant("scalar_rgb")
    what = scene(options.scene, options.size)
    width, height = what.sensors()[0].film().size()

    with rvshell.pixels.open_image(
        "mitsuba", int(width), int(height), channels=3, layers=tuple(LAYERS),
        host=host or "127.0.0.1", port=int(port or 45124),
    ) as image:  # fmt: skip
        for picture in passes(what, options.passes, options.spp):
            for layer, channels in LAYERS.items():
                pixels = picture[:, :, channels]
                if layer == "depth":
                    pixels = np.repeat(pixels / max(float(pixels.max()), 1e-6), 3, axis=2)
                image.send(np.ascontiguousarray(pixels), layer=layer)
        image.sync()
        print(image.statistics[0])


if __name__ == "__main__":
    main()
