"""Look-up tables of every node, against numpy, and LUT files against OpenColorIO."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio
import pytest

from player.commands.errors import EngineError
from tests.image.room import Array, Room, hdr_picture, noise, room

NODES = ("#RVLinearize", "#RVLookLUT", "#RVDisplayColor", "#RVCacheLUT")


def trilinear(x: Array, cube: Array) -> Array:
    """*cube* (b, g, r, 3) at x (..., 3), written out corner by corner."""
    n = cube.shape[0]
    at = np.clip(x, 0, 1) * (n - 1)
    low = np.minimum(np.floor(at).astype(int), n - 2)
    f = at - low
    out = np.zeros(x.shape)
    for dr in (0, 1):
        for dg in (0, 1):
            for db in (0, 1):
                w = (np.where(dr, f[..., 0], 1 - f[..., 0])
                     * np.where(dg, f[..., 1], 1 - f[..., 1])
                     * np.where(db, f[..., 2], 1 - f[..., 2]))  # fmt: skip
                entry = cube[low[..., 2] + db, low[..., 1] + dg, low[..., 0] + dr]
                out += w[..., None] * entry
    return out


def set_lut(r: Room, node: str, values: Array, size: tuple[int, ...], **more: Any) -> None:
    r.set(f"{node}.lut.lut", *map(float, values.ravel()))
    r.set(f"{node}.lut.size", *size)
    for name, value in more.items():
        r.set(f"{node}.lut.{name}", *map(float, np.ravel(value)))
    r.set(f"{node}.lut.active", 1)


@pytest.mark.parametrize("node", NODES)
def test_a_channel_table(node: str) -> None:
    pixels = noise().astype(np.float16).astype(np.float64)
    curves = np.stack([np.linspace(0, 1, 33) ** e for e in (0.5, 1.0, 2.0)])
    with room() as r:
        r.push(pixels)
        set_lut(r, node, curves.T, (33, 0, 0))
        grid = np.linspace(0, 1, 33)
        expected = np.stack(
            [np.interp(np.clip(pixels[..., c], 0, 1), grid, curves[c]) for c in range(3)], -1
        )
        for way in ({}, {"quick": True}, {"exact": True}):
            assert np.abs(r.shown(**way) - expected * 255).max() <= 1.5


@pytest.mark.parametrize("node", NODES)
@pytest.mark.parametrize("n", [2, 17])
def test_a_cube(node: str, n: int) -> None:
    pixels = noise().astype(np.float16).astype(np.float64)
    cube = np.random.default_rng(n).random((n, n, n, 3)).astype(np.float32).astype(np.float64)
    with room() as r:
        r.push(pixels)
        set_lut(r, node, cube, (n, n, n))
        expected = np.clip(trilinear(pixels[..., :3], cube), 0, 1) * 255
        for way in ({}, {"quick": True}, {"exact": True}):
            assert np.abs(r.shown(**way) - expected).max() <= 1.5, way


def test_a_cube_of_three_sizes() -> None:
    pixels = np.clip(noise(), 0, 1).astype(np.float16).astype(np.float64)
    b, g, red = np.meshgrid(np.linspace(0, 1, 4), np.linspace(0, 1, 3), np.linspace(0, 1, 2),
                            indexing="ij")  # fmt: skip
    cube = np.stack([b, red, g], -1)  # linear: interpolation is exact
    with room() as r:
        r.push(pixels)
        set_lut(r, "#RVLookLUT", cube, (2, 3, 4))
        expected = pixels[..., [2, 0, 1]] * 255
        assert np.abs(r.shown() - expected).max() <= 1.5
        assert np.abs(r.shown(quick=True) - expected).max() <= 1.5


def test_matrices_prelut_and_conditioning() -> None:
    pixels = np.clip(hdr_picture(), 0, 0.9).astype(np.float16).astype(np.float64)
    n = 9
    cube = np.random.default_rng(1).random((n, n, n, 3))
    pre = np.stack([np.linspace(0, 1, 65) ** e for e in (0.45, 0.5, 0.55)])
    before = np.array([[0.9, 0.1, 0, 0], [0, 1, 0, 0.05], [0, 0.2, 0.8, 0], [0, 0, 0, 1.0]])
    after = np.array([[1.1, 0, 0, 0], [0, 0.9, 0, 0], [0, 0, 1, 0.02], [0, 0, 0, 1.0]])
    with room(pixels.shape[1], pixels.shape[0]) as r:
        r.push(pixels)
        set_lut(
            r, "#RVLookLUT", cube, (n, n, n), prelut=pre.T, inMatrix=before, outMatrix=after,
            conditioningGamma=0.5,
        )  # fmt: skip
        x = np.maximum(pixels[..., :3], 0) ** 0.5
        x = x @ before[:3, :3].T + before[:3, 3]
        grid = np.linspace(0, 1, 65)
        x = np.stack([np.interp(np.clip(x[..., c], 0, 1), grid, pre[c]) for c in range(3)], -1)
        x = trilinear(x, cube) @ after[:3, :3].T + after[:3, 3]
        assert np.abs(r.shown(exact=True) - np.clip(x, 0, 1) * 255).max() <= 1.5
        assert np.abs(r.shown(quick=True) - np.clip(x, 0, 1) * 255).max() <= 2.5


def test_only_1_activates() -> None:
    pixels = noise().astype(np.float16).astype(np.float64)
    with room() as r:
        r.push(pixels)
        set_lut(r, "#RVLookLUT", np.zeros((2, 2, 2, 3)), (2, 2, 2))
        assert r.shown().max() == 0
        r.set("#RVLookLUT.lut.active", 2)
        assert np.abs(r.shown() - np.clip(pixels[..., :3], 0, 1) * 255).max() <= 1.5


@pytest.mark.parametrize("size", [256, 16])
def test_the_luminance_table_replaces_the_colour(size: int) -> None:
    pixels = noise().astype(np.float16).astype(np.float64)
    table = np.random.default_rng(4).random((256, 3))
    with room() as r:
        r.push(pixels)
        r.set("#RVColor.luminanceLUT.lut", *map(float, table.ravel()))
        r.set("#RVColor.luminanceLUT.active", 1)
        r.set("#RVColor.luminanceLUT:output.size", size)
        r.set("#RVColor.color.active", 0)  # it acts all the same
        # ip/IPCore/glsl/ColorLuminanceLUT.glsl: without the half texel of other tables
        y = np.clip(pixels[..., :3] @ [0.2126, 0.7152, 0.0722] - 0.5 / (size - 1), 0, 1)
        grid, whole = np.linspace(0, 1, size), np.linspace(0, 1, 256)
        curves = [np.interp(grid, whole, table[:, c]) for c in range(3)]
        expected = np.stack([np.interp(y, grid, curve) for curve in curves], -1) * 255
        for way in ({}, {"quick": True}, {"exact": True}):
            assert np.abs(r.shown(**way) - expected).max() <= 2.0, way


# with sides that are a power of two: RV resamples other cubes before it uses them
CUBE_FILE = "LUT_3D_SIZE 4\n" + "\n".join(
    f"{(r / 3) ** 0.7:.6f} {(g / 3) ** 1.3 * 0.9:.6f} {(b / 3 + r / 3) / 2:.6f}"
    for b in range(4) for g in range(4) for r in range(4)
)  # fmt: skip


def test_a_file_is_what_opencolorio_makes_of_it(tmp_path: Path) -> None:
    path = tmp_path / "look.cube"
    path.write_text(CUBE_FILE)
    transform = ocio.FileTransform(src=str(path), interpolation=ocio.INTERP_LINEAR)
    processor = ocio.Config.CreateRaw().getProcessor(transform).getDefaultCPUProcessor()
    pixels = np.clip(noise(), 0, 1).astype(np.float16)
    expected = np.ascontiguousarray(pixels, np.float32)
    processor.applyRGBA(expected.reshape(-1, 4))
    for node in ("#RVLookLUT", "#RVLinearize", "@RVDisplayColor"):
        with room() as r:
            r.push(pixels.astype(np.float64))
            r.do.readLUT(str(path), node, True)
            for way in ({}, {"quick": True}):
                off = np.abs(r.shown(**way) - np.clip(expected[..., :3], 0, 1) * 255)
                assert off.max() <= 1.5, (node, way)


def other_files() -> dict[str, str]:
    """Files that RV's own readers refuse, by extension."""
    group = ocio.GroupTransform()
    group.appendTransform(ocio.ExponentTransform(value=[2.2, 2.0, 1.8, 1.0]))
    group.appendTransform(ocio.MatrixTransform(matrix=np.diag([0.9, 0.8, 0.7, 1.0]).ravel()))
    raw, names = (
        ocio.Config.CreateRaw(),
        ("Academy/ASC Common LUT Format", "Color Transform Format"),
    )
    clf, ctf = (group.write(formatName=name, config=raw) for name in names)
    curve = "\n".join(f"{max(x, 0) ** 0.45:.6f}" for x in np.linspace(-0.5, 2, 256))
    entries = [line.split() for line in CUBE_FILE.splitlines()[1:]]
    places = [(r, g, b) for b in range(4) for g in range(4) for r in range(4)]
    cube = "\n".join(
        " ".join([*map(str, place), *entry]) for place, entry in zip(places, entries, strict=True)
    )
    return {
        "clf": clf,
        "ctf": ctf,
        "spi1d": f"Version 1\nFrom -0.5 2.0\nLength 256\nComponents 1\n{{\n{curve}\n}}\n",
        "spi3d": f"SPILUT 1.0\n3 3\n4 4 4\n{cube}\n",
        "spimtx": "0.8 0.1 0.1 0\n0.1 0.8 0.1 0\n0.1 0.1 0.8 6553.5\n",
    }


@pytest.mark.parametrize("extension", sorted(other_files()))
def test_what_only_opencolorio_reads_is_applied_without_a_word(
    tmp_path: Path, extension: str
) -> None:
    path = tmp_path / f"look.{extension}"
    path.write_text(other_files()[extension])
    pixels = np.clip(noise(), 0, 1).astype(np.float16)
    expected = np.ascontiguousarray(pixels, np.float32)
    transform = ocio.FileTransform(src=str(path), interpolation=ocio.INTERP_LINEAR)
    processor = ocio.Config.CreateRaw().getProcessor(transform).getDefaultCPUProcessor()
    processor.applyRGBA(expected.reshape(-1, 4))
    assert np.abs(expected - pixels).max() > 0.05
    with room() as r:
        said: list[str] = []
        r.session.warn = said.append
        r.push(pixels.astype(np.float64))
        r.do.readLUT(str(path), "#RVLookLUT", True)
        off = np.abs(r.shown() - np.clip(expected[..., :3], 0, 1) * 255)
        assert off.max() <= 1.5
        assert said == []
        # the numbers of an earlier table would be in its way
        cube = tmp_path / "look.cube"
        cube.write_text(CUBE_FILE)
        r.do.readLUT(str(cube), "#RVLookLUT", True)
        r.do.readLUT(str(path), "#RVLookLUT", True)
        assert np.abs(r.shown() - np.clip(expected[..., :3], 0, 1) * 255).max() <= 1.5


def test_a_file_that_is_not_there_leaves_the_picture(tmp_path: Path) -> None:
    pixels = np.clip(noise(), 0, 1).astype(np.float16)
    with room() as r:
        r.push(pixels.astype(np.float64))
        with pytest.raises(EngineError, match=r"none\.cube"):
            r.do.readLUT(str(tmp_path / "none.cube"), "#RVLookLUT", True)
        for way in ({"exact": True}, {}, {"quick": True}):
            assert np.abs(r.shown(**way) - pixels[..., :3] * 255.0).max() <= 1.5, way
