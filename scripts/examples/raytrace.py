#!/usr/bin/env python3
"""Ray-traces a small scene in stereo and writes two EXRs: a real picture to push.

    raytrace.py OUTDIR [WIDTH HEIGHT]      writes OUTDIR/scene.left.exr and scene.right.exr

Glossy and diffuse spheres on a checker floor under a bright sun: half float RGBA, scene-linear,
with values well above 1.0, so that exposure and the display transform have something to do.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import OpenImageIO as oiio

Array = np.ndarray
EYE_DISTANCE = 0.12
SUN = np.array([0.55, 0.62, 0.42]) / np.linalg.norm([0.55, 0.62, 0.42])
# centre, radius, colour, mirror (0 diffuse, 1 perfect)
SPHERES = [
    ((0.0, 1.0, 0.0), 1.0, (0.95, 0.93, 0.88), 0.85),
    ((-2.2, 0.7, -0.4), 0.7, (0.85, 0.10, 0.06), 0.12),
    ((1.9, 0.55, -0.9), 0.55, (0.05, 0.25, 0.80), 0.20),
    ((0.9, 0.35, -2.0), 0.35, (0.95, 0.65, 0.08), 0.45),
    ((-0.8, 0.28, -2.1), 0.28, (0.10, 0.65, 0.25), 0.05),
    ((3.6, 1.3, 2.6), 1.3, (0.75, 0.72, 0.80), 0.30),
]


def sky(direction: Array) -> Array:
    """Radiance of the sky, shape (n, 3): a gradient and a sun forty times as bright."""
    up = np.clip(direction[:, 1:2], 0.0, 1.0)
    base = (1 - up) * np.array([0.85, 0.90, 1.0]) + up * np.array([0.18, 0.38, 0.85])
    glow = np.clip(direction @ SUN, 0.0, 1.0)[:, None]
    return base + np.array([40.0, 34.0, 25.0]) * glow**900 + 0.6 * glow**12


def nearest_hit(origin: Array, direction: Array) -> tuple[Array, Array]:
    """Distance to and index of the first thing hit; index -1 is the floor, -2 the sky."""
    best = np.full(len(origin), np.inf)
    what = np.full(len(origin), -2)
    with np.errstate(divide="ignore", invalid="ignore"):
        floor = -origin[:, 1] / direction[:, 1]
    hit = (floor > 1e-4) & np.isfinite(floor)
    best[hit], what[hit] = floor[hit], -1
    for index, (centre, radius, _, _) in enumerate(SPHERES):
        offset = origin - np.array(centre)
        half_b = np.einsum("ij,ij->i", offset, direction)
        root = half_b**2 - (np.einsum("ij,ij->i", offset, offset) - radius**2)
        distance = -half_b - np.sqrt(np.maximum(root, 0.0))
        hit = (root > 0) & (distance > 1e-4) & (distance < best)
        best[hit], what[hit] = distance[hit], index
    return best, what


def radiance(origin: Array, direction: Array, depth: int = 3) -> Array:
    distance, what = nearest_hit(origin, direction)
    colour = np.where((what == -2)[:, None], sky(direction), 0.0)
    solid = np.flatnonzero(what != -2)
    if not len(solid):
        return colour
    point = origin[solid] + direction[solid] * distance[solid, None]
    normal = np.zeros_like(point)
    albedo = np.zeros_like(point)
    mirror = np.zeros(len(solid))
    on_floor = what[solid] == -1
    checks = (np.floor(point[:, 0]) + np.floor(point[:, 2])).astype(int) % 2 == 0
    normal[on_floor] = (0.0, 1.0, 0.0)
    albedo[on_floor] = np.where(checks[on_floor, None], 0.55, 0.12)
    mirror[on_floor] = 0.08
    for index, (centre, radius, tint, gloss) in enumerate(SPHERES):
        mine = what[solid] == index
        normal[mine] = (point[mine] - np.array(centre)) / radius
        albedo[mine], mirror[mine] = tint, gloss
    start = point + normal * 1e-3
    _, blocker = nearest_hit(start, np.broadcast_to(SUN, start.shape))
    facing = np.clip(normal @ SUN, 0.0, 1.0) * (blocker == -2)
    ambient = 0.25 + 0.20 * normal[:, 1]
    diffuse = albedo * (2.6 * facing + ambient)[:, None]
    view = direction[solid]
    along = np.einsum("ij,ij->i", view, normal)
    fresnel = mirror + (1 - mirror) * (1 - np.clip(-along, 0, 1)) ** 5 * 0.5
    result = (1 - fresnel)[:, None] * diffuse
    if depth:
        bounce = view - 2 * along[:, None] * normal
        result += fresnel[:, None] * radiance(start, bounce, depth - 1)
    colour[solid] = result
    return colour


def render(width: int, height: int, eye: float) -> Array:
    """One picture, shape (height, width, 4), half float RGBA, top row first."""
    camera = np.array([eye, 1.35, -6.2])
    picture = np.ones((height, width, 4), np.float16)
    x = (np.arange(width) + 0.5 - width / 2) / height * 1.05
    for top in range(0, height, 64):
        rows = np.arange(top, min(top + 64, height))
        y = (height / 2 - rows - 0.5) / height * 1.05 - 0.07
        ray = np.stack(
            [
                np.broadcast_to(x - eye / 6.2, (len(rows), width)),
                np.broadcast_to(y[:, None], (len(rows), width)),
                np.ones((len(rows), width)),
            ],
            axis=-1,
        ).reshape(-1, 3)
        ray /= np.linalg.norm(ray, axis=1, keepdims=True)
        origin = np.broadcast_to(camera, ray.shape)
        picture[rows, :, :3] = radiance(origin, ray).reshape(len(rows), width, 3)
    return picture


def main(argv: list[str]) -> int:
    if len(argv) not in (1, 3):
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(argv[0])
    width, height = (int(argv[1]), int(argv[2])) if len(argv) == 3 else (960, 540)
    folder.mkdir(parents=True, exist_ok=True)
    for name, eye in (("left", -EYE_DISTANCE / 2), ("right", EYE_DISTANCE / 2)):
        path = folder / f"scene.{name}.exr"
        spec = oiio.ImageSpec(width, height, 4, "half")
        spec.attribute("compression", "zip")
        out = oiio.ImageOutput.create(str(path))
        if not (out and out.open(str(path), spec) and out.write_image(render(width, height, eye))):
            print(f"raytrace: cannot write {path}: {oiio.geterror()}", file=sys.stderr)
            return 1
        out.close()
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
