#!/usr/bin/env python3
"""Blender's Cycles, watched while it renders: progressive passes, and render passes as layers.

    pip install bpy                       # Blender as a Python module, or:
    blender -b [FILE.blend] --python blender_live.py -- [options]

    blender_live.py [HOST[:PORT]] [--scene FILE.blend] [--size WxH] [--passes N] [--spp N]
                    [--frames FIRST-LAST]

Without a scene it is Blender's own cube.  Each pass adds `spp` samples a pixel with another seed;
a render handler pushes the running mean after each, so the picture clears up in the viewer.
Layers: beauty, albedo, normal, depth.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import numpy as np

import rvshell.pixels

NEW = bpy.app.version >= (5, 0)  # compositor trees are node groups, sockets have other names
# layer: the socket of Blender's Render Layers node
LAYERS = {
    "beauty": "Image",
    "albedo": "Diffuse Color" if NEW else "DiffCol",
    "normal": "Normal",
    "depth": "Depth",
}


def prepare(scene: Any, size: str, spp: int, folder: Path) -> None:
    """Cycles on the processor, and a file for each pass of a layer when a frame is done."""
    if size:
        scene.render.resolution_x, scene.render.resolution_y = map(int, size.split("x"))
    scene.render.resolution_percentage = 100
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.samples = "CPU", spp
    scene.cycles.use_denoising = scene.cycles.use_adaptive_sampling = False
    layer = scene.view_layers[0]
    layer.use_pass_z = layer.use_pass_normal = layer.use_pass_diffuse_color = True
    if NEW:
        tree = scene.compositing_node_group = bpy.data.node_groups.new("Live", "CompositorNodeTree")
    else:
        scene.use_nodes = True  # makes the tree
        tree = scene.node_tree
    rendered = tree.nodes.new("CompositorNodeRLayers")
    files = tree.nodes.new("CompositorNodeOutputFile")
    if NEW:
        files.directory, files.file_name, files.format.media_type = str(folder), "", "IMAGE"
    else:
        files.base_path = str(folder)
        files.file_slots.clear()
    files.format.file_format, files.format.color_depth = "OPEN_EXR", "32"
    for layer_name, socket in LAYERS.items():
        if NEW:
            name = f"{layer_name}.####"
            files.file_output_items.new("RGBA", name)
        else:
            name = f"{layer_name}."  # the frame's number follows by itself
            files.file_slots.new(name)
        tree.links.new(rendered.outputs[socket], files.inputs[name])


def read(path: Path) -> np.ndarray:
    """A pass as Blender wrote it: (height, width, 3) float, bottom row first."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    shape = image.size[1], image.size[0], image.channels
    bpy.data.images.remove(image)
    return pixels.reshape(shape)[:, :, :3]


@contextlib.contextmanager
def watched(image: rvshell.pixels.Image, folder: Path) -> Iterator[None]:
    """Let a render handler push what is done: the mean of the passes of a frame."""
    means: dict[tuple[int, str], np.ndarray] = {}

    def push(scene: Any, *_: Any) -> None:
        frame, number = scene.frame_current, scene.cycles.seed
        for layer in LAYERS:
            new = read(folder / f"{layer}.{frame:04d}.exr")
            if layer == "depth":  # what is behind everything is 10,000,000,000 away
                new = np.where(new < 1e9, new, 0) / max(float(new[new < 1e9].max(initial=0)), 1e-6)
            mean = means.setdefault((frame, layer), np.zeros_like(new))
            mean += (new - mean) / (number + 1)
            image.send(mean, frame=frame, layer=layer, bottom_up=True)

    bpy.app.handlers.render_post.append(push)
    try:
        yield
    finally:
        bpy.app.handlers.render_post.remove(push)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", nargs="?", default="127.0.0.1:45124", metavar="HOST[:PORT]")
    parser.add_argument("--scene", default="", metavar="FILE.blend")
    parser.add_argument("--size", default="", metavar="WxH")
    parser.add_argument("--passes", type=int, default=16)
    parser.add_argument("--spp", type=int, default=4)
    parser.add_argument("--frames", default="", metavar="FIRST-LAST")
    inside = "--" in sys.argv  # behind it are our arguments when Blender runs this
    options = parser.parse_args(sys.argv[sys.argv.index("--") + 1 :] if inside else None)
    host, _, port = options.target.partition(":")
    if options.scene:
        bpy.ops.wm.open_mainfile(filepath=options.scene)
    scene = bpy.context.scene
    first, _, last = (options.frames or str(scene.frame_current)).partition("-")
    with tempfile.TemporaryDirectory() as name:
        prepare(scene, options.size, options.spp, Path(name))
        with rvshell.pixels.open_image(
            "blender", scene.render.resolution_x, scene.render.resolution_y, channels=3,
            layers=tuple(LAYERS), frames=(int(first), int(last or first)), fps=scene.render.fps,
            host=host or "127.0.0.1", port=int(port or 45124),
        ) as image:  # fmt: skip
            with watched(image, Path(name)):
                for frame in range(int(first), int(last or first) + 1):
                    scene.frame_set(frame)
                    for number in range(options.passes):
                        scene.cycles.seed = number
                        bpy.ops.render.render()
            image.sync()
            print(image.statistics[0])


if __name__ == "__main__":
    main()
