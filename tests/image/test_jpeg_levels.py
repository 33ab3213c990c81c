"""JPEG files hold no smaller picture, but are read as if they did."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

pytest.importorskip("simplejpeg")

from player.image.scene import FetchKey
from player.media import jpeg
from player.media.images import image_header, read_image
from tests.image.room import room


def photo(
    path: Path, width: int, height: int, channels: int = 3, chroma: str = "4:2:0",
    orientation: int = 1,
) -> str:  # fmt: skip
    """Smooth colours, a white corner at the upper left."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    planes = [0.5 + 0.4 * np.sin(x / 61 + y / 91), 0.5 + 0.3 * np.cos(x / 53), y / height]
    pixels = np.stack(planes[:channels], -1)
    pixels[: height // 4, : width // 4] = 1
    spec = oiio.ImageSpec(width, height, channels, "uint8")
    spec.attribute("Compression", "jpeg:95")
    spec.attribute("jpeg:subsampling", chroma)
    spec.attribute("Orientation", orientation)
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), spec) and out.write_image(pixels), out.geterror()
    out.close()
    return str(path)


def smaller(pixels: np.ndarray, part: int) -> np.ndarray:
    """The mean of each block of *part* by *part* that is whole, from the upper left."""
    top_down = pixels[::-1].astype(np.float64)
    height, width = (side // part * part for side in top_down.shape[:2])
    blocks = top_down[:height, :width].reshape(height // part, part, width // part, part, -1)
    mean: np.ndarray = blocks.mean((1, 3))
    return mean


@pytest.mark.parametrize("chroma", ["4:2:0", "4:2:2", "4:4:4"])
@pytest.mark.parametrize("size", [(640, 360), (641, 359), (1, 1), (17, 9)])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_level_is_the_picture_with_fewer_pixels(
    tmp_path: Path, chroma: str, size: tuple[int, int], channels: int
) -> None:
    width, height = size
    path = photo(tmp_path / "a.jpg", width, height, channels, chroma)
    whole = read_image(path)
    assert whole.full is None
    for level, part in ((1, 2), (2, 4), (3, 8))[: len(image_header(path).levels(0))]:
        made = read_image(path, level=level)
        assert made.pixels.shape == (-(-height // part), -(-width // part), channels)
        assert made.stored == (height, width) and not made.is_cropped and not made.problem
        assert (made.channels, made.pixels.dtype) == (whole.channels, np.uint8)
        if min(size) > 100:
            wanted = smaller(whole.pixels, part)
            got = made.pixels[::-1][: wanted.shape[0], : wanted.shape[1]]
            assert np.abs(got - wanted).mean() < 0.7
            assert np.abs((got - wanted).mean()) < 0.3
    assert len(image_header(path).levels(0)) == (2 if chroma == "4:2:2" and channels == 3 else 3)
    assert read_image(path, channel=whole.channels[-1], level=2).pixels.shape[2] == 1


def test_it_lies_as_it_is_stored_as_the_whole_does(tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg", 64, 32, orientation=6)
    for level in range(4):
        pixels = read_image(path, level=level).pixels
        assert pixels[-1, 0].min() > 240 > pixels[0, 0].min()


def test_a_small_screen_reads_little_of_a_photograph(tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg", 1600, 800)
    with room(1600, 800) as made:
        made.do.addSource(path)
        for size, level in (((160, 80), 3), ((320, 160), 2), ((800, 400), 1), ((900, 450), 0)):
            made.renderer.cache.clear()
            made.shown(size=size)
            keys = made.renderer.cache.keys()
            assert [k.level for k in keys if isinstance(k, FetchKey)] == [level]


def test_what_is_damaged_is_read_whole(tmp_path: Path) -> None:
    path = Path(photo(tmp_path / "a.jpg", 640, 360))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    made = read_image(str(path), level=2)
    assert made.full is None and made.pixels.shape == (360, 640, 3)


def test_another_kind_of_colour_is_read_whole(tmp_path: Path) -> None:
    """Adobe's mark says that it is stored as RGB."""
    path = Path(photo(tmp_path / "a.jpg", 64, 32, chroma="4:4:4"))
    data = path.read_bytes()
    mark = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
    path.write_bytes(data[:2] + mark + data[20:] if data[2:4] == b"\xff\xe0" else data[:2] + mark)
    made = read_image(str(path), level=2)
    assert made.full is None and made.pixels.shape == (32, 64, 3)


def test_without_the_library_all_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jpeg, "find_spec", lambda name: None)
    path = photo(tmp_path / "b.jpg", 64, 32)
    assert image_header(path).levels(0) == ()
    assert read_image(path, level=2).full is None
