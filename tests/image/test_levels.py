"""Of a file that holds its picture in several sizes, the one that is enough is read; whatever is
asked or written is of the whole picture."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest

from player.display.png import NullSink, PngSink
from player.image import LookAhead
from player.image.scene import FetchKey
from player.media.images import image_header, read_image
from rvshell.errors import MediaError
from tests.image.room import Room, room

WIDTH, HEIGHT = 512, 256
SHADES = (0.9, 0.6, 0.4, 0.3)  # of level 0, 1, ...: each is told by its shade
MADE = (".exr", ".tif", ".tx")


def texture(path: Path, *, levels: int = 10, plain: bool = False, **attributes: Any) -> Path:
    """A tiled file whose levels have a shade each; the upper half is 0.1 darker.  *plain* is not
    compressed."""
    exr = path.suffix == ".exr"
    kind, more = ("half", "AppendMIPLevel") if exr else ("float", "AppendSubimage")
    out = oiio.ImageOutput.create("x.exr" if exr else "x.tif")
    for level in range(levels):
        height, width = (max(1, side >> level) for side in (HEIGHT, WIDTH))
        spec = oiio.ImageSpec(width, height, 3, kind)
        spec.tile_width = spec.tile_height = 64
        spec.attribute("compression", "none" if plain else "zip")
        spec.attribute("textureformat", "Plain Texture")
        spec.attribute("openexr:levelmode", 1)
        spec.attribute("Software", "OpenImageIO : maketx")
        for name, value in attributes.items():
            spec.attribute(name, value)
        pixels = np.full((height, width, 3), SHADES[min(level, 3)], np.float32)
        pixels[: height // 2] -= 0.1
        assert out.open(str(path), spec, more if level else "Create"), out.geterror()
        assert out.write_image(pixels), out.geterror()
    out.close()
    return path


def spoil_level_0(path: Path) -> None:
    """Nothing but zeros where most of level 0 lies."""
    data = bytearray(path.read_bytes())
    first, last = len(data) // 8, len(data) // 2
    data[first:last] = bytes(last - first)
    path.write_bytes(data)


def bottom(made: Room, size: tuple[int, int], *, quick: bool = False) -> float:
    """What is in the middle of the lower half of the picture."""
    shown = made.shown(size=size, quick=quick)
    return float(shown[size[1] // 4, size[0] // 2, 0]) / 255


def held(made: Room) -> list[int]:
    """The levels in the cache."""
    keys = made.renderer.cache.keys()
    return [k.level for k in keys if isinstance(k, FetchKey)]


def keep_whole_pictures(made: Room) -> None:
    keys = made.renderer.cache.keys()
    made.renderer.cache.keep_only([k for k in keys if isinstance(k, FetchKey) and not k.level])


@pytest.mark.parametrize("ending", MADE)
def test_a_level_is_the_picture_with_fewer_pixels(ending: str, tmp_path: Path) -> None:
    path = str(texture(tmp_path / f"a{ending}"))
    assert image_header(path).levels(0)[:3] == ((256, 128), (128, 64), (64, 32))
    for level, shade in enumerate(SHADES):
        made = read_image(path, level=level)
        assert made.pixels.shape == (HEIGHT >> level, WIDTH >> level, 3)
        assert made.stored == (HEIGHT, WIDTH) == (made.height, made.width)
        assert not made.is_cropped
        assert np.allclose(made.pixels[0], shade, atol=1e-3)
        assert np.allclose(made.pixels[-1], shade - 0.1, atol=1e-3)
    assert read_image(path, level=99).pixels.shape == (1, 1, 3)


def test_nothing_of_the_large_one_is_read_for_the_small_one(tmp_path: Path) -> None:
    path = texture(tmp_path / "a.exr", plain=True)
    good = read_image(str(path), level=2).pixels
    spoil_level_0(path)
    with suppress(MediaError):
        assert read_image(str(path)).problem  # it is damaged indeed
    assert np.array_equal(read_image(str(path), level=2).pixels, good)


@pytest.mark.parametrize("orientation", [1, 2, 3, 4])
def test_a_row_alone(orientation: int, tmp_path: Path) -> None:
    path = str(texture(tmp_path / "a.tif", Orientation=orientation))
    whole = read_image(path)
    for row in (0, 1, HEIGHT // 2 - 1, HEIGHT // 2, HEIGHT - 1):
        one = read_image(path, row=row)
        assert (one.y, one.pixels.shape) == (row, (1, WIDTH, 3))
        assert np.array_equal(one.pixels[0], whole.pixels[row])
    small = read_image(path, level=3)
    assert np.allclose(small.pixels[:, 0, 0], whole.pixels[:: HEIGHT // 32, 0, 0] - 0.6, atol=1e-3)


@pytest.mark.parametrize("quick", [False, True])
def test_a_small_screen_shows_a_small_level(tmp_path: Path, quick: bool) -> None:
    path = texture(tmp_path / "a.exr")
    with room(WIDTH, HEIGHT) as made:
        made.do.addSource(str(path))
        for size, level in (((64, 32), 3), ((100, 50), 2), ((128, 64), 2), ((300, 256), 0),
                            ((512, 256), 0), ((1024, 512), 0)):  # fmt: skip
            made.renderer.cache.clear()
            assert bottom(made, size, quick=quick) == pytest.approx(SHADES[level], abs=0.01)
            assert held(made) == [level]


def test_zooming_in_reads_the_finer_level_which_then_serves(tmp_path: Path) -> None:
    path = texture(tmp_path / "a.exr")
    with room(WIDTH, HEIGHT) as made:
        made.do.addSource(str(path))
        size = (128, 64)
        assert bottom(made, size) == pytest.approx(SHADES[2], abs=0.01)
        made.set("#RVDispTransform2D.transform.scale", 2.0, 2.0)
        made.set("#RVDispTransform2D.transform.translate", 0.0, 0.2)
        assert bottom(made, size) == pytest.approx(SHADES[1], abs=0.01)
        made.set("#RVDispTransform2D.transform.scale", 5.0, 5.0)
        assert bottom(made, size) == pytest.approx(SHADES[0], abs=0.01)
        assert sorted(held(made)) == [0, 1, 2]
        keep_whole_pictures(made)
        made.set("#RVDispTransform2D.transform.scale", 1.0, 1.0)
        made.set("#RVDispTransform2D.transform.translate", 0.0, 0.0)
        assert bottom(made, size) == pytest.approx(SHADES[0], abs=0.01)
        assert held(made) == [0]


def test_a_turned_image_and_one_in_a_layout(tmp_path: Path) -> None:
    path = texture(tmp_path / "a.exr")
    with room(WIDTH, HEIGHT) as made:
        made.do.addSource(str(path))
        made.set("#RVTransform2D.transform.rotate", 45.0)
        assert bottom(made, (128, 64)) == pytest.approx(SHADES[2], abs=0.01)
        made.set("#RVTransform2D.transform.rotate", 0.0)
        made.renderer.cache.clear()
        made.do.addSource(str(texture(tmp_path / "b.exr")))
        made.do.setViewNode("defaultLayout")
        made.shown(size=(256, 128))
        assert sorted(held(made)) == [2, 2]  # two of them, each half as large as the view


def test_what_looks_at_the_pixels_gets_them_all(tmp_path: Path) -> None:
    path = texture(tmp_path / "a.exr")
    with room(WIDTH, HEIGHT) as made:
        made.do.addSource(str(path))
        made.set("#RVFormat.crop.active", 1)
        made.set("#RVFormat.crop.xmax", 400)
        made.set("#RVFormat.crop.ymax", 200)
        made.shown(size=(64, 32))
        assert held(made) == [0]


def test_answers_are_of_the_whole_picture(tmp_path: Path) -> None:
    path = texture(tmp_path / "a.exr")
    with room(WIDTH, HEIGHT) as made:
        made.do.addSource(str(path))
        made.renderer.resize(64, 32)
        made.shown(size=(64, 32))
        assert held(made) == [3]
        info = made.do.sourceMediaInfo("sourceGroup000000_source")
        assert (info.width, info.height) == (WIDTH, HEIGHT)
        (image,) = [i for i in made.do.renderedImages() if "source" in i.node]
        assert (image.width, image.height) == (WIDTH, HEIGHT)
        at = made.do.imagesAtPixel((63.0, 31.0))[-1]
        assert (at.px, at.py) == pytest.approx((WIDTH, HEIGHT))
        corners = made.do.imageGeometry(image.name)
        assert [tuple(c) for c in corners] == [(0, 0), (64, 0), (64, 32), (0, 32)]
        for x, y in ((0.0, 0.0), (511.0, 0.0), (200.0, 100.0)):
            value = made.do.sourcePixelValue(image.name, x, y)
            assert value[0] == pytest.approx(SHADES[0], abs=1e-3)
        assert made.do.sourcePixelValue(image.name, 3.0, 200.0)[0] == pytest.approx(0.8, abs=1e-3)
        assert held(made) == [3]  # a row does for a question
        out = tmp_path / "shot.tif"
        made.do.exportCurrentFrame(str(out))
        pixels = oiio.ImageBuf(str(out)).get_pixels(oiio.FLOAT)
        assert float(pixels[-4, 30, 0]) == pytest.approx(SHADES[0], abs=0.01)
        assert made.renderer.light(64, 32)[-4, 30, 0] == pytest.approx(SHADES[0], abs=0.01)


def test_exact_pictures_are_made_of_all_pixels(tmp_path: Path) -> None:
    path = texture(tmp_path / "a.exr")
    with room(WIDTH, HEIGHT) as made:
        made.do.addSource(str(path))
        shown = made.shown(size=(64, 32), exact=True)
        assert shown[4, 30, 0] / 255 == pytest.approx(SHADES[0], abs=0.01)
        assert held(made) == [0]


def test_a_file_of_the_screen_is_made_of_all_pixels(tmp_path: Path) -> None:
    path = texture(tmp_path / "a.exr")
    with room(WIDTH, HEIGHT) as made:
        made.do.addSource(str(path))
        made.session.settle()
        job = made.renderer.job()
        small, whole = (job(64, 32, 1.0, whole=w)[-4, 30, 0] / 255 for w in (False, True))
        assert (small, whole) == (
            pytest.approx(SHADES[3], abs=0.01),
            pytest.approx(SHADES[0], abs=0.01),
        )
    assert PngSink.whole and not NullSink.whole


def test_what_is_read_ahead_is_what_will_be_shown(tmp_path: Path) -> None:
    for frame in range(1, 6):
        texture(tmp_path / f"a.{frame:04d}.exr")
    with room(WIDTH, HEIGHT) as made:
        ahead = LookAhead(made.renderer)
        ahead.attach(made.session)
        made.do.addSource(str(tmp_path / "a.#.exr"))
        screens = [(128, 64)]
        made.renderer.screens = lambda: tuple(screens)
        made.shown(size=(128, 64))

        def filled() -> list[int]:
            ahead.invalidate()
            while ahead.update():
                pass
            assert made.renderer.cache.wait_idle(60)
            assert ahead.frames() == [1, 2, 3, 4, 5]
            return sorted(held(made))

        assert filled() == [2] * 5
        small = made.renderer.cache.used
        assert small == 5 * (WIDTH // 4) * (HEIGHT // 4) * 3 * 2
        # a larger screen comes: what is held no longer does
        screens.append((WIDTH, HEIGHT))
        assert filled() == [0] * 5 + [2] * 5
        # and goes: what is held does, and nothing is read
        screens.pop()
        keep_whole_pictures(made)
        assert filled() == [0] * 5
        ahead.flush(1)
        assert held(made) == [0]


def test_a_level_that_is_not_there_after_all(tmp_path: Path) -> None:
    """OpenEXR's header promises all of them, whatever was written."""
    path = texture(tmp_path / "a.exr", levels=2)
    assert len(image_header(str(path)).levels(0)) == 9
    made = read_image(str(path), level=3)
    assert (made.pixels.shape, made.full, made.problem) == ((HEIGHT, WIDTH, 3), None, "")


def test_a_smaller_level_is_shown_until_the_finer_one_has_come(tmp_path: Path) -> None:
    path = texture(tmp_path / "a.exr")
    with room(WIDTH, HEIGHT) as made:
        ahead = LookAhead(made.renderer)
        ahead.attach(made.session)
        made.do.addSource(str(path))
        size = (64, 32)
        made.renderer.resize(*size)
        ahead.update()
        assert bottom(made, size) == pytest.approx(SHADES[3], abs=0.01)
        assert not made.renderer.unfinished
        gate, read = threading.Event(), made.renderer.cache._read

        def slow(key: Any) -> Any:
            assert gate.wait(60)
            return read(key)

        made.renderer.cache._read = slow
        made.set("#RVDispTransform2D.transform.scale", 10.0, 10.0)
        made.set("#RVDispTransform2D.transform.translate", 0.0, 0.2)
        assert bottom(made, size) == pytest.approx(SHADES[3], abs=0.01)
        assert made.renderer.unfinished
        gate.set()
        assert made.renderer.cache.wait_idle(60)
        assert bottom(made, size) == pytest.approx(SHADES[0], abs=0.01)
        assert not made.renderer.unfinished


def windowed(path: Path, x: int, y: int, width: int, height: int) -> Path:
    """A tiled EXR of a display window of 256 x 128 whose data window lies at *x*, *y* (from the
    upper left): smooth colours, each level the means of the one before."""
    v, u = np.mgrid[0:height, 0:width] + 0.5
    colours = (u / width, v / height, 0.5 + 0.5 * np.sin(u / 40) * np.cos(v / 30))
    pixels = np.stack(colours, -1).astype(np.float32)
    out = oiio.ImageOutput.create("x.exr")
    for level in range(12):
        spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], 3, "float")
        if not level:
            spec.x, spec.y, spec.full_width, spec.full_height = x, y, 256, 128
        spec.tile_width = spec.tile_height = 64
        spec.attribute("openexr:levelmode", 1)
        spec.attribute("textureformat", "Plain Texture")
        mode = "AppendMIPLevel" if level else "Create"
        assert out.open(str(path), spec, mode), out.geterror()
        assert out.write_image(pixels), out.geterror()
        if max(pixels.shape[:2]) == 1:
            break
        h, w = (max(1, side // 2) for side in pixels.shape[:2])
        pixels = np.ascontiguousarray(pixels[: 2 * h, : 2 * w])
        pixels = pixels.reshape(h, pixels.shape[0] // h, w, pixels.shape[1] // w, 3).mean((1, 3))
    out.close()
    return path


#: where the data window lies, and how many levels are of use
WINDOWS: dict[str, tuple[tuple[int, int, int, int], int]] = {
    "overscan": ((-32, -16, 320, 160), 4),
    "overscan of one side": ((0, -64, 256, 192), 6),
    "empty borders": ((31, 17, 128, 64), 7),
    "both": ((-8, 13, 128, 64), 3),
    "overscan that ends between pixels of the first level": ((-33, -16, 322, 160), 0),
    "nothing inside": ((300, 10, 64, 64), 0),
}


@pytest.mark.parametrize("case", list(WINDOWS))
def test_levels_of_a_data_window_of_its_own(tmp_path: Path, case: str) -> None:
    window, count = WINDOWS[case]
    path = str(windowed(tmp_path / "a.exr", *window))
    whole = read_image(path)
    assert not count or len(image_header(path).levels(0)) == count
    for level in range(1, min(count, 6) + 1):
        made = read_image(path, level=level)
        height, width = made.pixels.shape[:2]
        assert (made.x, made.y, made.full) == (whole.x, whole.y, whole.stored)
        assert (height << level, width << level) == whole.stored
        blocks = whole.pixels.reshape(height, 1 << level, width, 1 << level, 3)
        assert np.allclose(made.pixels, blocks.mean((1, 3)), atol=1e-5)
    if not count:
        assert np.array_equal(read_image(path, level=1).pixels, whole.pixels)


@pytest.mark.parametrize("case", ["overscan", "empty borders", "both"])
def test_a_level_of_a_data_window_lies_where_the_whole_one_does(tmp_path: Path, case: str) -> None:
    path = windowed(tmp_path / "a.exr", *WINDOWS[case][0])
    with room(256, 128) as made:
        made.do.addSource(str(path))
        for size, level in (((128, 64), 1), ((64, 32), 2)):
            made.renderer.cache.clear()
            small = made.shown(size=size)
            assert held(made) == [level]
            made.renderer.cache.clear()
            whole = made.shown(size=size, exact=True)
            assert held(made) == [0]
            off = np.abs(small - whole)
            inside = (small.min(-1) > 8) & (whole.min(-1) > 8)  # borders end within a pixel
            assert inside.mean() > 0.15 and off[inside].max() <= 6 * level
            assert ((small.max(-1) > 0) != (whole.max(-1) > 0)).mean() < 0.04


def test_levels_that_are_none(tmp_path: Path) -> None:
    flat = tmp_path / "flat.exr"
    spec = oiio.ImageSpec(WIDTH, HEIGHT, 3, "half")
    out = oiio.ImageOutput.create(str(flat))
    assert out.open(str(flat), spec)
    out.write_image(np.full((HEIGHT, WIDTH, 3), 0.5, np.float32))
    out.close()
    assert image_header(str(flat)).levels(0) == ()
    with room(WIDTH, HEIGHT) as made:
        made.do.addSource(str(flat))
        assert bottom(made, (64, 32)) == pytest.approx(0.5, abs=0.01)
        assert held(made) == [0]
