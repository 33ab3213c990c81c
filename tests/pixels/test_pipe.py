"""Streams of pictures: where each ends, what it holds, what is wrong with broken ones."""

from __future__ import annotations

import io
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rvshell.errors import MediaError, UsageError
from rvshell.pixels.pipe import Geometry, read_pictures

RNG = np.random.default_rng(5)


class Dribble(io.RawIOBase):
    """A pipe that gives a few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        self._data, self._step, self._at = data, step, 0

    def readable(self) -> bool:
        return True

    def readinto(self, memory) -> int:  # type: ignore[no-untyped-def]
        count = min(len(memory), self._step, len(self._data) - self._at)
        memory[:count] = self._data[self._at : self._at + count]
        self._at += count
        return count


def read(data: bytes, geometry: Geometry | None = None, step: int = 1 << 30):  # type: ignore[no-untyped-def]
    return list(read_pictures(io.BufferedReader(Dribble(data, step)), geometry))


def written(path: Path, pixels: np.ndarray, dtype: str, **attributes: object) -> bytes:
    height, width, channels = pixels.shape
    spec = oiio.ImageSpec(width, height, channels, dtype)
    tile = attributes.pop("tile", 0)
    if tile:
        spec.tile_width = spec.tile_height = tile  # type: ignore[assignment]
    for name, value in attributes.items():
        spec.attribute(name, value)
    out = oiio.ImageOutput.create(str(path))
    assert out and out.open(str(path), spec) and out.write_image(np.ascontiguousarray(pixels))
    out.close()
    return path.read_bytes()


KINDS = {
    "png8": ("a.png", "uint8", 4, {"oiio:UnassociatedAlpha": 1}),
    "png16": ("a.png", "uint16", 3, {}),
    "exr-none": ("a.exr", "half", 4, {"compression": "none"}),
    "exr-zip": ("a.exr", "half", 3, {"compression": "zip"}),
    "exr-piz": ("a.exr", "float", 4, {"compression": "piz"}),
    "exr-dwab": ("a.exr", "half", 4, {"compression": "dwab"}),
    "exr-tiled": ("a.exr", "half", 4, {"compression": "zips", "tile": 16}),
    "ppm": ("a.ppm", "uint8", 3, {}),
    "jpg": ("a.jpg", "uint8", 3, {"Compression": "jpeg:95"}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", [1 << 30, 7])
def test_three_pictures_in_a_row(kind: str, step: int, tmp_path: Path) -> None:
    name, dtype, channels, attributes = KINDS[kind]
    numpy = {"half": "float16", "float": "float32"}.get(dtype, dtype)
    data, pictures = b"", []
    for _ in range(3):
        pixels = RNG.random((37, 50, channels), np.float32)
        pixels = (
            (pixels * np.iinfo(numpy).max).astype(numpy) if "int" in dtype else pixels.astype(numpy)
        )
        data += written(tmp_path / name, pixels, dtype, **attributes)
        pictures.append(
            oiio.ImageBuf(str(tmp_path / name)).get_pixels(dtype)
            if kind in ("jpg", "exr-dwab")
            else pixels
        )
    found = read(data, step=step)
    assert [(p.width, p.height, p.dtype) for p in found] == [(50, 37, dtype)] * 3
    for picture, pixels in zip(found, pictures, strict=True):
        np.testing.assert_array_equal(picture.planes[0][2], pixels)


def test_layers_of_an_exr_in_a_pipe(tmp_path: Path) -> None:
    spec = oiio.ImageSpec(8, 6, 6, "half")
    spec.channelnames = ("R", "G", "B", "n.X", "n.Y", "n.Z")
    out = oiio.ImageOutput.create(str(tmp_path / "l.exr"))
    assert out.open(str(tmp_path / "l.exr"), spec)
    pixels = RNG.random((6, 8, 6)).astype(np.float16)
    assert out.write_image(pixels)
    out.close()
    (picture,) = read((tmp_path / "l.exr").read_bytes())
    assert [p[:2] for p in picture.planes] == [("", ""), ("", "n")]
    np.testing.assert_array_equal(picture.planes[1][2], pixels[..., 3:])


def test_raw_frames() -> None:
    pixels = RNG.random((3, 5, 7, 2)).astype(np.float16)
    found = read(pixels.tobytes(), Geometry(7, 5, 2, "half"))
    np.testing.assert_array_equal(np.stack([p.planes[0][2] for p in found]), pixels)
    with pytest.raises(MediaError, match="frame 2 has 10 bytes where 140 are needed"):
        read(bytes(150), Geometry(7, 5, 2, "half"))
    with pytest.raises(UsageError):
        read(b"x", Geometry(7, 5, 5, "half"))
    with pytest.raises(UsageError):
        read(b"x", Geometry(7, 5, 3, "double"))


def test_netpbm_variants() -> None:
    (one,) = read(b"P6\n# a comment\n2 1 # another\n15\n\x0f\x00\x07\x01\x02\x03")
    assert one.planes[0][2].tolist() == [[[255, 0, 119], [17, 34, 51]]]
    grey, again = read(b"P5 2 1 65535 \x01\x02\x03\x04" * 2)
    assert grey.dtype == "uint16" and again.planes[0][2][0, 0].tolist() == [0x0102] * 3
    both = read(b"P3 1 1 65535 258 259 260 \n\n P2\n2 2 3\n0 1\n2 3\n\n", step=1)
    assert [p.dtype for p in both] == ["uint16", "uint8"]
    assert both[0].planes[0][2].tolist() == [[[258, 259, 260]]]
    assert both[1].planes[0][2][..., 1].tolist() == [[0, 85], [170, 255]]
    (pfm,) = read(b"Pf\n1 2\n-1.0\n" + np.array([1.5, -2.0], "<f4").tobytes())
    assert pfm.planes[0][2][:, 0, 0].tolist() == [-2.0, 1.5]  # stored upward


@pytest.mark.parametrize(
    ("depth", "last", "shown"),
    [(1, 1, [0, 0, 0]), (2, 255, [0, 0, 0, 1]), (3, 65535, [0, 1, 2]), (4, 255, [0, 1, 2, 3])],
)
def test_pam(depth: int, last: int, shown: list[int]) -> None:
    pixels = RNG.integers(0, last + 1, (3, 4, depth))
    head = f"P7\nWIDTH 4\nHEIGHT 3\n# a comment\nDEPTH {depth}\nMAXVAL {last}\nTUPLTYPE X\nENDHDR\n"
    picture = head.encode() + pixels.astype(">u2" if last > 255 else np.uint8).tobytes()
    for found in read(picture * 2, step=5):
        wanted = (pixels * (255 if last == 1 else 1))[..., shown]
        np.testing.assert_array_equal(found.planes[0][2], wanted)


@pytest.mark.parametrize("chroma", ["C420jpeg", "C422", "C444", "Cmono", "C420p10", "C444alpha"])
def test_y4m(chroma: str) -> None:
    width, height, deep = 5, 3, "p10" in chroma
    small = {"C420": 6, "C422": 9, "C444": 15}.get(chroma[:4], 0)  # odd sizes round up
    unit = 4 if deep else 1
    values = [np.full(width * height, 235 * unit)]  # white
    values += [np.full(small, 128 * unit)] * (2 if small else 0)
    values += [np.full(width * height, 51)] if "alpha" in chroma else []
    plane = np.concatenate(values).astype("<u2" if deep else "u1").tobytes()
    data = f"YUV4MPEG2 W{width} H{height} F30000:1001 Ip A2:1 {chroma}\n".encode()
    found = read(data + b"FRAME\n" + plane + b"FRAME Ip\n" + plane)
    assert len(found) == 2
    picture = found[1]
    assert picture.fps == pytest.approx(float(Fraction(30000, 1001)))
    assert picture.pixel_aspect == 2.0
    pixels = picture.planes[0][2]
    top = 65535 if deep else 255
    assert pixels.shape == (height, width, 4 if "alpha" in chroma else 3)
    assert (pixels[..., :3] == top).all()
    if "alpha" in chroma:
        assert (pixels[..., 3] == 51).all()


def test_y4m_colours() -> None:
    red = b"YUV4MPEG2 W2 H2 C444\nFRAME\n" + b"\x51" * 4 + b"\x5a" * 4 + b"\xf0" * 4  # BT.601
    pixels = read(red)[0].planes[0][2]
    assert np.abs(pixels.astype(int) - (255, 0, 0)).max() <= 2


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "nothing came"),
        (b"hello world", "does not hold pictures"),
        (b"\x89PNG\r\n\x1a\n\0\0", "ends in the middle of a PNG"),
        (b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIDAT", "is broken"),
        (b"\x76\x2f\x31\x01\x02\0\0\0abc", "ends in the middle of an EXR"),
        (b"\x76\x2f\x31\x01\x02\0\0\0" + b"a" * 400, "attribute without an end"),
        (b"\x76\x2f\x31\x01\x02\0\0\0\0", "no table of chunks"),
        (b"P6 10 10 255 abc", "ends in the middle of a PNM"),
        (b"P6 " + b"9" * 3000, "header without end|ends in the middle"),
        (b"P6 x y z ", "header of"),
        (b"P6 1 1 nan abc", "header of"),
        (b"P3 2 2 255 1 2 3", "ends in the middle of a PNM"),
        (b"P3 1 1 255 1 2 x", "something else than its numbers"),
        (b"P3 1 1 255 1 2 256 ", "something else than its numbers"),
        (b"P3 1 1 255 1 2 -1 ", "something else than its numbers"),
        (b"P2 9 9 255 " + b"9" * 3000, "something else than its numbers"),
        (b"P7\nWIDTH 1\nENDHDR\n", "header of"),
        (b"P7\nWIDTH 1\nHEIGHT 1\nMAXVAL 255\nDEPTH 5\nENDHDR\n", "of 5 channels"),
        (b"P7\nWIDTH 1\n", "ends in the middle of a PAM"),
        (b"P7\n" + b"#\n" * 2000, "header without end"),
        (b"YUV4MPEG2 W4\n", "without a size"),
        (b"YUV4MPEG2 W4 H4 C420p99\n", "not understood"),
        (b"YUV4MPEG2 W4 H4\nFRAME\n123", "ends in the middle"),
        (b"YUV4MPEG2 W4 H4\nGRAME\n123", "without its mark"),
        (b"\xff\xd8\xff\xe0\x00\x04ab\x00\x00", "without a marker"),
    ],
)
def test_broken_streams(data: bytes, text: str) -> None:
    with pytest.raises(MediaError, match=text):
        read(data)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\x76\x2f\x31\x01", b"\xff\xd8\xff", b"P6 ", b"PF ",
                     b"P3 2 2 255 ", b"P7\n",
                     b"YUV4MPEG2 W2 H2", b""]),
    st.binary(max_size=200),
)  # fmt: skip
def test_garbage_is_refused_in_one_line(start: bytes, rest: bytes) -> None:
    try:
        read(start + rest)
    except MediaError as error:
        assert "\n" not in str(error)


def test_a_picture_that_cannot_be_kept_for_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = written(tmp_path / "a.png", np.zeros((2, 3, 4), np.uint8), "uint8")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(MediaError, match="cannot be kept for a moment: No such file") as caught:
        read(data)
    assert "TMPDIR" in caught.value.describe()
