"""Real image files, written by OpenImageIO."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest

from player.image.sample import expand
from player.media import open_media
from player.media.images import read_image
from rvshell.errors import MediaError

FORMATS = {"uint8": "uint8", "uint16": "uint16", "float16": "half", "float32": "float"}


def write(path: Path, pixels: np.ndarray, names: tuple[str, ...] = (), **attributes: Any) -> Path:
    spec = oiio.ImageSpec(
        pixels.shape[1], pixels.shape[0], pixels.shape[2], FORMATS[str(pixels.dtype)]
    )
    if names:
        spec.channelnames = names
    window = attributes.pop("window", None)
    if window:
        spec.x, spec.y, spec.full_width, spec.full_height = window
    for key, value in attributes.items():
        spec.attribute(key, value)
    out = oiio.ImageOutput.create(str(path))
    if attributes.get("tiled"):
        spec.tile_width = spec.tile_height = 32
    assert out.open(str(path), spec), out.geterror()
    assert out.write_image(pixels), out.geterror()
    out.close()
    return path


def noise(shape: tuple[int, int, int], dtype: str) -> np.ndarray:
    return (np.random.default_rng(5).random(shape) * 200).astype(dtype)


@pytest.mark.parametrize(("name", "dtype", "channels"), [
    ("a.exr", "float16", 4), ("a.exr", "float32", 3), ("a.exr", "float16", 1),
    ("a.tif", "uint8", 4), ("a.tif", "uint16", 3), ("a.tif", "float32", 4), ("a.png", "uint8", 3),
    ("a.png", "uint16", 3), ("a.dpx", "uint16", 3), ("a.tga", "uint8", 3), ("a.sgi", "uint8", 3),
    ("a.bmp", "uint8", 3), ("a.ppm", "uint8", 3),
])  # fmt: skip
def test_pixels_keep_their_depth(tmp_path: Path, name: str, dtype: str, channels: int) -> None:
    pixels = noise((150, 70, channels), dtype)
    got = read_image(str(write(tmp_path / name, pixels)))
    assert str(got.pixels.dtype) == dtype
    np.testing.assert_array_equal(got.pixels[::-1], pixels)
    assert (got.width, got.height, got.x, got.y, got.problem) == (70, 150, 0, 0, "")


def test_tiled_files(tmp_path: Path) -> None:
    pixels = noise((100, 90, 4), "float16")
    got = read_image(str(write(tmp_path / "t.exr", pixels, tiled=1)))
    np.testing.assert_array_equal(got.pixels[::-1], pixels)


@pytest.mark.parametrize(("x", "y"), [(10, 20), (-5, -6), (35, 90)])
def test_data_window_inside_the_display_window(tmp_path: Path, x: int, y: int) -> None:
    pixels = noise((40, 30, 4), "float16")
    path = write(tmp_path / "w.exr", pixels, window=(x, y, 60, 110))
    got = read_image(str(path))
    frame = np.zeros((110, 60, 4), np.float16)
    x0, y0 = max(0, x), max(0, y)
    x1, y1 = min(60, x + 30), min(110, y + 40)
    frame[y0:y1, x0:x1] = pixels[y0 - y : y1 - y, x0 - x : x1 - x]
    whole = np.zeros_like(frame)[::-1]
    h, w = got.pixels.shape[:2]
    whole[got.y : got.y + h, got.x : got.x + w] = got.pixels
    np.testing.assert_array_equal(whole[::-1], frame)
    assert (got.width, got.height) == (60, 110)


def test_layers_of_one_file(tmp_path: Path) -> None:
    names = ("R", "G", "B", "A", "diffuse.R", "diffuse.G", "diffuse.B", "depth.Z")
    pixels = noise((20, 10, 8), "float32")
    path = str(write(tmp_path / "l.exr", pixels, names))
    facts = open_media(path).facts
    assert facts.layers == ("depth", "diffuse") or facts.layers == ("diffuse", "depth")
    np.testing.assert_array_equal(read_image(path).pixels[::-1], pixels[:, :, :4])
    diffuse = read_image(path, layer="diffuse")
    assert diffuse.channels == ("R", "G", "B")
    np.testing.assert_array_equal(diffuse.pixels[::-1], pixels[:, :, 4:7])
    np.testing.assert_array_equal(
        read_image(path, layer="depth").pixels[::-1, :, 0], pixels[:, :, 7]
    )
    for layer, channel in (("diffuse", "G"), ("diffuse", "diffuse.G"), ("", "diffuse.G")):
        only = read_image(path, layer=layer, channel=channel)
        assert only.channels == ("G",)
        np.testing.assert_array_equal(only.pixels[::-1, :, 0], pixels[:, :, 5])


@pytest.mark.parametrize(("channels", "shown"), [
    (("N.X", "N.Y", "N.Z"), "XYZ"), (("N.x", "N.y", "N.z"), "xyz"), (("N.Z",), "Z"),
    (("N.U", "N.V"), "UV"), (("N.Y",), "Y"), (("N.A", "N.Y"), "YA"),
    (("N.a1", "N.a2", "N.a3", "N.a4"), "123"), (("N.G", "N.R"), "RG"), (("N.A", "N.R"), "RA"),
    (("N.Z", "N.G", "N.R"), "RGZ"), (("N.A", "N.B", "N.R"), "RBA"),
])  # fmt: skip
def test_a_layer_of_other_channels_than_colours(
    tmp_path: Path, channels: tuple[str, ...], shown: str
) -> None:
    """Normals and positions are seen in colours, X red; two channels as grey and its alpha, and
    what is no whole colour by its order, as RV reads EXR."""
    names = ("R", "G", "B", *channels)
    pixels = noise((6, 7, len(names)), "float16")
    path = write(tmp_path / "aov.exr", pixels, names=names)
    got = read_image(str(path), layer="N")
    order = [next(i for i, n in enumerate(names) if i > 2 and n[-1:] == c) for c in shown]
    np.testing.assert_array_equal(got.pixels[::-1], pixels[..., order])
    rgba, stored = expand(got.pixels, got.channels)[::-1], pixels.astype(np.float32)
    if len(order) == 3:
        np.testing.assert_array_equal(rgba[..., :3], stored[..., order])
    else:
        np.testing.assert_array_equal(rgba[..., :3], stored[..., order[:1] * 3])
    alpha = stored[..., order[1]] if len(order) == 2 else np.ones((6, 7))
    np.testing.assert_array_equal(rgba[..., 3], alpha)


def test_views_of_a_multi_part_file(tmp_path: Path) -> None:
    path = str(tmp_path / "v.exr")
    left, right = noise((8, 6, 3), "float16"), noise((8, 6, 3), "float16") + np.float16(1)
    specs = []
    for view in ("left", "right"):
        spec = oiio.ImageSpec(6, 8, 3, "half")
        spec.attribute("oiio:subimagename", view)
        spec.attribute("view", view)
        specs.append(spec)
    out = oiio.ImageOutput.create(path)
    assert out.open(path, specs)
    out.write_image(left)
    assert out.open(path, specs[1], "AppendSubimage")
    out.write_image(right)
    out.close()
    assert open_media(path).facts.views == ("left", "right")
    np.testing.assert_array_equal(read_image(path, view="right").pixels[::-1], right)
    np.testing.assert_array_equal(read_image(path).pixels[::-1], left)


def test_a_sequence_with_a_gap_shows_the_earlier_frame(tmp_path: Path) -> None:
    for n in (1, 2, 5):
        write(tmp_path / f"s.{n:04d}.tif", np.full((4, 4, 3), n, np.uint8))
    reader = open_media(str(tmp_path / "s.#.tif"))
    assert (reader.facts.start, reader.facts.end) == (1, 5)
    shown = [(reader.read(f).frame, int(reader.read(f).pixels[0, 0, 0])) for f in range(8)]
    assert [s for s, _ in shown] == [1, 1, 2, 2, 2, 5, 5, 5]
    assert all(s == v for s, v in shown)
    assert [reader.read(f).missing for f in range(8)] == [None, None, None, 3, 4, None, None, None]
    # nobody expects what lies between frames that were named
    assert open_media(str(tmp_path / "s.1-5x4#.tif")).read(3).missing is None


@pytest.mark.parametrize(("name", "asked", "right"), [
    ("s.8.tif", "s.#.tif", "s.@.tif"), ("s.0008.tif", "s.@.tif", "s.#.tif"),
    ("s.-08.tif", "s.#.tif", "s.@@@.tif"), ("s 008 b.tif", "s ### b.tif", "s @@@ b.tif"),
    ("s.8.tif", "s.1-9#.tif", ""), ("t.8.tif", "s.#.tif", ""),
])  # fmt: skip
def test_files_with_other_digits_are_named(
    tmp_path: Path, name: str, asked: str, right: str
) -> None:
    write(tmp_path / name, np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(MediaError, match="no such files") as caught:
        open_media(f"{tmp_path}/{asked}")
    assert caught.value.hint == (f"write {tmp_path}/{right}" if right else "")
    if right:
        assert open_media(f"{tmp_path}/{right}").facts.start in (8, -8)


def bad(tmp_path: Path, what: str) -> str:
    path = tmp_path / "bad.exr"
    if what == "text":
        path.write_text("not an image\n")
    elif what == "empty":
        path.write_bytes(b"")
    elif what == "huge":
        header = b"P6\n1000000 1000000\n255\n"
        path = tmp_path / "bad.ppm"
        path.write_bytes(header + b"\0" * 64)
    elif what == "directory":
        path.mkdir()
    return str(path)


@pytest.mark.parametrize("what", ["text", "empty", "huge", "directory", "missing"])
def test_bad_files_give_one_clear_line(tmp_path: Path, what: str) -> None:
    path = bad(tmp_path, what)
    with pytest.raises(MediaError) as caught:
        open_media(path).read(1)
    assert path in str(caught.value) and "\n" not in str(caught.value)


def test_a_truncated_file_keeps_its_good_rows(tmp_path: Path) -> None:
    pixels = noise((400, 300, 4), "float16")
    path = write(tmp_path / "cut.exr", pixels, compression="zip")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    try:
        got = read_image(str(path))
    except MediaError:
        return  # also allowed: refused with a reason
    assert got.problem
    np.testing.assert_array_equal(got.pixels[::-1][:16], pixels[:16])


@pytest.mark.parametrize(("orientation", "flip", "flop"), [
    (1, False, False), (2, False, True), (3, True, True), (4, True, False), (8, True, False),
])  # fmt: skip
@pytest.mark.parametrize("name", ["o.tif", "o.png"])
def test_orientation_mirrors(
    tmp_path: Path, name: str, orientation: int, flip: bool, flop: bool
) -> None:
    pixels = noise((6, 9, 3), "uint8")
    got = read_image(str(write(tmp_path / name, pixels, Orientation=orientation)))
    wanted = pixels[::-1] if flip else pixels
    wanted = wanted[:, ::-1] if flop else wanted
    np.testing.assert_array_equal(got.pixels[::-1], wanted)


def test_orientation_of_jpeg_is_only_told(tmp_path: Path) -> None:
    path = str(write(tmp_path / "o.jpg", noise((8, 8, 3), "uint8"), Orientation=3))
    plain = str(write(tmp_path / "p.jpg", noise((8, 8, 3), "uint8")))
    np.testing.assert_array_equal(read_image(path).pixels, read_image(plain).pixels)
    assert ("EXIF/Orientation", "bottom - right") in read_image(path).attributes


@pytest.mark.parametrize(("name", "attributes", "told"), [
    ("a.exr", {}, "top-left"), ("a.png", {}, "top-left"), ("a.hdr", {}, "top-left"),
    ("a.dpx", {}, "top-left"), ("a.tga", {}, "top-left"),
    ("a.jpg", {}, "natural"), ("a.sgi", {}, "natural"), ("a.tif", {}, "natural"),
    ("a.tif", {"Orientation": 2}, "bottom-right"), ("a.tif", {"Orientation": 4}, "natural"),
])  # fmt: skip
def test_where_the_first_pixel_is(
    tmp_path: Path, name: str, attributes: dict[str, int], told: str
) -> None:
    path = write(tmp_path / name, noise((6, 9, 3), "uint8"), **attributes)
    assert open_media(str(path)).facts.orientation == told


@pytest.mark.parametrize(("name", "attributes", "transfer"), [
    ("a.cin", {}, "Cineon Log"), ("a.dpx", {"dpx:Transfer": "Printing density"}, "Cineon Log"),
    ("a.dpx", {"dpx:Transfer": "Linear"}, "Linear"), ("a.exr", {}, "Linear"),
    ("a.dpx", {"dpx:Transfer": "ITU-R 709-4"}, "Rec709"),
])  # fmt: skip
def test_the_curve_of_film_files_is_recognised(
    tmp_path: Path, name: str, attributes: dict[str, Any], transfer: str
) -> None:
    kind = "float16" if name.endswith("exr") else "uint16"
    path = tmp_path / name
    if name.endswith("cin"):
        # a header of Cineon: magic, offsets, one 10-bit channel set of 4 x 2
        head = bytearray(2048)
        head[0:4] = b"\x80\x2a\x5f\xd7"
        head[4:8] = (2048).to_bytes(4, "big")
        head[192:194] = bytes([0, 3])
        for n in range(3):
            at = 196 + 28 * n
            head[at : at + 4] = bytes([0, n + 1, 10, 0])
            head[at + 4 : at + 8] = (4).to_bytes(4, "big")
            head[at + 8 : at + 12] = (2).to_bytes(4, "big")
        head[680:684] = bytes([0, 5, 0, 0])
        path.write_bytes(bytes(head) + b"\x40" * 32)
    else:
        write(path, noise((4, 4, 3), kind), **attributes)
    found = dict(open_media(str(path)).facts.attributes)
    assert found.get("ColorSpace/Transfer") == transfer


@pytest.mark.parametrize("name", ["shot", "shot.mov", "shot.unknown"])
def test_an_image_by_another_name_keeps_its_depth_and_layers(tmp_path: Path, name: str) -> None:
    """FFmpeg would take it for a movie of one frame, in integers up to 1."""
    path = tmp_path / "a.exr"
    spec = oiio.ImageSpec(16, 8, 4, "half")
    spec.channelnames = ("R", "G", "B", "diffuse.R")
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), spec)
    out.write_image(np.full((8, 16, 4), 12.5, np.float32))
    out.close()
    reader = open_media(str(path.rename(tmp_path / name)))
    picture = reader.read(1)
    assert picture.pixels.dtype == np.float16 and float(picture.pixels[3, 3, 0]) == 12.5
    assert "diffuse" in reader.facts.layers
