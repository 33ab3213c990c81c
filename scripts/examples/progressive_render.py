#!/usr/bin/env python3
"""A small progressive renderer that is watched while it works.

    progressive_render.py [HOST[:PORT]] [--size WIDTHxHEIGHT] [--frames N] [--passes N]

Renders a turning, noisy sphere under a moving light by plain numpy, several passes a frame, in
buckets of 64 x 64, and pushes each bucket when it is done: float RGBA, layers `beauty` and
`normal`.  Everything that has to do with pushing is in `main`.
"""

from __future__ import annotations

import argparse

import numpy as np

import rvshell.pixels

BUCKET = 64


def shade(
    x: np.ndarray, y: np.ndarray, pixel: float, frame: int, rng: np.random.Generator
) -> np.ndarray:
    """Beauty and normal, (2, height, width, 4), of one jittered sample at each pixel centre."""
    u = x[None, :] + (rng.random((len(y), len(x)), np.float32) - 0.5) * pixel
    v = y[:, None] + (rng.random((len(y), len(x)), np.float32) - 0.5) * pixel
    z2 = 1.0 - u * u - v * v
    hit = z2 > 0
    normal = np.stack([u, v, np.sqrt(np.maximum(z2, 0))], axis=-1)
    angle = frame * 0.2
    spun = normal[..., 0] * np.cos(angle) + normal[..., 2] * np.sin(angle)
    checks = (np.floor(spun * 6) + np.floor(normal[..., 1] * 6)) % 2
    light = np.array([np.cos(angle * 1.7) * 0.7, 0.5, 0.6], np.float32)
    light /= np.linalg.norm(light)
    diffuse = np.maximum(normal @ light, 0)
    glossy = np.maximum(2 * diffuse * normal[..., 2] - light[2], 0) ** 40
    albedo = np.where(checks[..., None] > 0, (0.9, 0.35, 0.1), (0.1, 0.4, 0.85))
    out = np.zeros((2, len(y), len(x), 4), np.float32)
    out[0, ..., :3] = albedo * (0.06 + diffuse[..., None]) + 3 * glossy[..., None]
    out[1, ..., :3] = normal * 0.5 + 0.5
    out[..., 3] = 1
    out *= hit[None, ..., None]
    out[0, ..., :3] += np.where(hit, 0, 0.08 + 0.1 * np.abs(v))[..., None]
    out[0, ..., 3] = 1
    return out


def render(width: int, height: int, frame: int, passes: int):  # type: ignore[no-untyped-def]
    """Yield (x, y, pixels): buckets from the centre out, pass after pass; (2, h, w, 4) float."""
    rng = np.random.default_rng(frame)
    scale = 2.4 / height
    image = np.zeros((2, height, width, 4), np.float32)
    corners = [(x, y) for y in range(0, height, BUCKET) for x in range(0, width, BUCKET)]
    corners.sort(key=lambda c: (c[0] - width / 2) ** 2 + (c[1] - height / 2) ** 2)
    for number in range(1, passes + 1):
        for x, y in corners:
            area = image[:, y : y + BUCKET, x : x + BUCKET]
            xs = (np.arange(x, x + area.shape[2], dtype=np.float32) - width / 2) * scale
            ys = (height / 2 - np.arange(y, y + area.shape[1], dtype=np.float32)) * scale
            sample = shade(xs, ys, scale, frame, rng)
            area += (sample - area) / number
            yield x, y, area


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", nargs="?", default="127.0.0.1:45124", metavar="HOST[:PORT]")
    parser.add_argument("--size", default="960x540", metavar="WIDTHxHEIGHT")
    parser.add_argument("--frames", type=int, default=5)
    parser.add_argument("--passes", type=int, default=8)
    options = parser.parse_args()
    host, _, port = options.target.partition(":")
    width, height = map(int, options.size.split("x"))

    with rvshell.pixels.open_image(
        "sphere", width, height,
        layers=("beauty", "normal"), frames=(1, options.frames),
        host=host or "127.0.0.1", port=int(port or 45124),
    ) as image:  # fmt: skip
        for frame in range(1, options.frames + 1):
            for x, y, (beauty, normal) in render(width, height, frame, options.passes):
                image.send_tile(x, y, beauty, frame=frame, layer="beauty")
                image.send_tile(x, y, normal, frame=frame, layer="normal")
        image.sync()
        print(image.statistics[0])


if __name__ == "__main__":
    main()
