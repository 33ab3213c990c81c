"""EXR files of brightness and colour differences, which have a sample at every second pixel."""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from player.media import open_media
from player.media.limits import MAX_DIMENSION
from rvshell.chroma import luminance_weights
from rvshell.errors import MediaError

ACES = ((0.7347, 0.2653), (0.0, 1.0), (0.0001, -0.077), (0.32168, 0.33767))
REC709 = (0.2126, 0.7152, 0.0722)


def _attribute(name: str, kind: str, value: bytes) -> bytes:
    return f"{name}\0{kind}\0".encode() + struct.pack("<i", len(value)) + value


def exr(
    path: Path, planes: dict[str, tuple[Any, int]], *, window: tuple[int, int, int, int],
    display: tuple[int, int, int, int] | None = None, primaries: Any = None,
) -> str:  # fmt: skip
    """An uncompressed EXR file by its format: each plane with its samples, in half, one at every
    *n*-th pixel of every *n*-th row; *window* is (x0, y0, x1, y1), inclusive."""
    names = sorted(planes)
    listed = b"".join(
        name.encode() + b"\0" + struct.pack("<iB3xii", 1, 0, planes[name][1], planes[name][1])
        for name in names
    )
    head = struct.pack("<ii", 20000630, 2)
    head += _attribute("channels", "chlist", listed + b"\0")
    head += _attribute("compression", "compression", b"\0")
    head += _attribute("dataWindow", "box2i", struct.pack("<4i", *window))
    head += _attribute("displayWindow", "box2i", struct.pack("<4i", *(display or window)))
    head += _attribute("lineOrder", "lineOrder", b"\0")
    head += _attribute("owner", "string", b"nobody")
    head += _attribute("pixelAspectRatio", "float", struct.pack("<f", 1))
    head += _attribute("screenWindowCenter", "v2f", struct.pack("<2f", 0, 0))
    head += _attribute("screenWindowWidth", "float", struct.pack("<f", 1))
    if primaries:
        flat = [v for point in primaries for v in point]
        head += _attribute("chromaticities", "chromaticities", struct.pack("<8f", *flat))
    head += b"\0"
    rows, places = b"", []
    first, last = window[1], window[3]
    behind = len(head) + 8 * (last - first + 1)
    for y in range(first, last + 1):
        row = b"".join(
            np.asarray(planes[n][0][(y - first) // planes[n][1]], "<f2").tobytes()
            for n in names
            if y % planes[n][1] == 0
        )
        places.append(behind + len(rows))
        rows += struct.pack("<ii", y, len(row)) + row
    path.write_bytes(head + struct.pack(f"<{len(places)}Q", *places) + rows)
    return str(path)


def split(rgb: Any, weights: tuple[float, float, float]) -> dict[str, tuple[Any, int]]:
    """Brightness and, of every second pixel, the colour differences."""
    y = rgb @ np.asarray(weights)
    return {
        "Y": (y, 1),
        "RY": (((rgb[..., 0] - y) / y)[::2, ::2], 2),
        "BY": (((rgb[..., 2] - y) / y)[::2, ::2], 2),
    }


def shades(height: int, width: int) -> Any:
    """One colour, brighter from pixel to pixel: what the format holds exactly."""
    light = np.linspace(0.1, 4, height * width).reshape(height, width, 1)
    return light * np.array([0.9, 0.5, 0.2])


@pytest.mark.parametrize("primaries", [None, ACES])
def test_brightness_and_colour_become_red_green_and_blue(tmp_path: Path, primaries: Any) -> None:
    pytest.importorskip("OpenEXR")
    weights = luminance_weights(primaries)
    rgb = shades(130, 70)
    name = exr(tmp_path / "a.exr", split(rgb, weights), window=(0, 0, 69, 129), primaries=primaries)
    reader = open_media(name)
    assert (reader.facts.width, reader.facts.height, reader.facts.bits) == (70, 130, 16)
    assert reader.facts.channel_names == ("R", "G", "B") and reader.facts.is_float
    assert ("EXR/Copyright", "nobody") in reader.facts.attributes
    picture = reader.read(1)
    assert picture.pixels.dtype == np.float16 and not picture.problem
    assert np.allclose(picture.pixels[::-1], rgb, rtol=4e-3)
    if primaries:
        assert picture.chromaticities is not None
        assert np.allclose(picture.chromaticities, primaries)


def test_weights_are_those_of_the_primaries() -> None:
    assert luminance_weights(None) == pytest.approx(REC709, abs=2e-4)
    assert luminance_weights(ACES) == pytest.approx((0.3440, 0.7282, -0.0721), abs=2e-3)
    none = ((0.0, 0.0),) * 4
    assert luminance_weights(none) == luminance_weights(None)  # type: ignore[arg-type]


def test_colour_between_samples_is_between_them(tmp_path: Path) -> None:
    """A sample belongs to the even pixel; the last one reaches to the edge."""
    pytest.importorskip("OpenEXR")
    ry = np.array([[0.0, 1.0], [2.0, 3.0]])
    planes = {"Y": (np.ones((4, 4)), 1), "RY": (ry, 2), "BY": (np.zeros((2, 2)), 2)}
    picture = open_media(exr(tmp_path / "a.exr", planes, window=(0, 0, 3, 3))).read(1)
    expected = 1 + np.array([[0, 0.5, 1, 1], [1, 1.5, 2, 2], [2, 2.5, 3, 3], [2, 2.5, 3, 3]])
    assert np.allclose(picture.pixels[::-1, :, 0], expected, atol=2e-3)
    assert np.allclose(picture.pixels[..., 2], 1, atol=2e-3)


def test_windows_alpha_and_other_layers(tmp_path: Path) -> None:
    """The data window is cut to the display window; a layer has its own brightness and colour."""
    pytest.importorskip("OpenEXR")
    rgb = shades(40, 60)
    planes = split(rgb, REC709) | {"A": (np.full((40, 60), 0.25), 1)}
    planes |= {f"key.{n}": p for n, p in split(rgb[::-1], REC709).items()}
    name = exr(tmp_path / "a.exr", planes, window=(-4, 10, 55, 49), display=(0, 0, 79, 69))
    reader = open_media(name)
    picture = reader.read(1)
    assert (picture.width, picture.height, picture.x, picture.y) == (80, 70, 0, 20)
    assert reader.facts.channel_names == ("R", "G", "B", "A")
    assert np.allclose(picture.pixels[::-1, :, :3], rgb[:, 4:], rtol=6e-3)
    assert (picture.pixels[..., 3] == 0.25).all()
    key = reader.read(1, layer="key")
    assert np.allclose(key.pixels[::-1], rgb[::-1][:, 4:], rtol=6e-3)
    green = reader.read(1, channel="G")
    assert np.array_equal(green.pixels[..., 0], picture.pixels[..., 1])


def test_sizes_are_looked_at_before_anything_is_made(tmp_path: Path) -> None:
    pytest.importorskip("OpenEXR")
    path = tmp_path / "huge.exr"
    exr(path, split(shades(4, 4), REC709), window=(0, 0, 3, 3))
    edge = 2 * MAX_DIMENSION - 1
    small, large = struct.pack("<4i", 0, 0, 3, 3), struct.pack("<4i", 0, 0, edge, edge)
    path.write_bytes(path.read_bytes().replace(small, large))
    with pytest.raises(MediaError) as caught:
        open_media(str(path)).read(1)
    assert "\n" not in str(caught.value)


def test_without_the_package_the_reason_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = exr(tmp_path / "a.exr", split(shades(4, 4), REC709), window=(0, 0, 3, 3))
    monkeypatch.setitem(sys.modules, "OpenEXR", None)
    with pytest.raises(MediaError) as caught:
        open_media(name)
    assert str(caught.value).startswith(f"{name}: ")
    assert "pip install 'rvshell[exr]'" in str(caught.value) and "\n" not in str(caught.value)


def test_damage_is_said_in_one_line(tmp_path: Path) -> None:
    pytest.importorskip("OpenEXR")
    path = tmp_path / "a.exr"
    good = Path(exr(path, split(shades(64, 64), REC709), window=(0, 0, 63, 63))).read_bytes()
    path.write_bytes(good[: len(good) // 2])
    with pytest.raises(MediaError) as caught:
        open_media(str(path)).read(1)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    rng = np.random.default_rng(2)
    for n in range(60):
        data = bytearray(good)
        for at in rng.integers(8, 700, 1 + n % 4):
            data[at] = int(rng.integers(0, 256))
        path.write_bytes(data)
        try:
            assert open_media(str(path)).read(1).pixels.ndim == 3
        except MediaError as error:
            assert "\n" not in str(error)


def test_a_sequence_of_such_files_plays(tmp_path: Path) -> None:
    pytest.importorskip("OpenEXR")
    for frame in (1, 2, 3):
        planes = split(shades(16, 16) * frame, REC709)
        exr(tmp_path / f"s.{frame:04}.exr", planes, window=(0, 0, 15, 15))
    reader = open_media(str(tmp_path / "s.#.exr"))
    for frame in (3, 1, 2):
        pixels = reader.read(frame).pixels[::-1]
        assert np.allclose(pixels, shades(16, 16) * frame, rtol=6e-3)
