"""Animated GIF, PNG and WebP files are movies: frame by frame as a browser shows them, with the
parts that are left, restored and seen through."""

from __future__ import annotations

import struct
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio
import pytest

av = pytest.importorskip("av")

from player.media import open_media  # noqa: E402
from player.media.movies import MovieReader  # noqa: E402
from player.media.reader import ImageReader  # noqa: E402
from rvshell.errors import MediaError  # noqa: E402
from tests.media.test_movies import write  # noqa: E402

Array = npt.NDArray[np.uint8]
WIDTH, HEIGHT = 16, 12
PALETTE = [(0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255)]
#: left, top, width, height, index of the colour, what becomes of it
PARTS = [
    (0, 0, 16, 12, 1, "keep"),
    (2, 2, 4, 4, 2, "restore"),
    (8, 2, 4, 4, 3, "clear"),
    (4, 6, 8, 4, 2, "keep"),
    (0, 0, 2, 2, 3, "keep"),
]
ORDER = (1, 2, 3, 4, 5, 3, 1, 5, 2, 4, 4, 3)


def expected(restores: bool = True) -> list[Array]:
    """The frames that PARTS make, RGBA, top row first.  In every part the first pixel is a
    hole."""
    canvas = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    shown = []
    for left, top, width, height, colour, after in PARTS:
        before = canvas.copy()
        box = canvas[top : top + height, left : left + width]
        hole = box[0, 0].copy()
        box[...] = (*PALETTE[colour], 255)
        box[0, 0] = hole
        shown.append(canvas.copy())
        if after == "restore" and restores:
            canvas = before
        elif after != "keep":
            box[...] = 0
    return shown


def gif(path: Path, delays: list[int]) -> str:
    """As many of PARTS as there are *delays* (hundredths of a second) as a GIF.  Index 0 is
    transparent."""
    out = b"GIF89a" + struct.pack("<HHBBB", WIDTH, HEIGHT, 0b10010001, 0, 0)
    out += b"".join(bytes(c) for c in PALETTE)
    for (left, top, width, height, colour, after), delay in zip(PARTS, delays, strict=False):
        disposal = {"keep": 1, "clear": 2, "restore": 3}[after]
        out += b"\x21\xf9\x04" + struct.pack("<BHBB", disposal << 2 | 1, delay, 0, 0)
        out += b"\x2c" + struct.pack("<HHHHB", left, top, width, height, 0)
        # codes of three bits, cleared before they would need four
        bits, count = 0, 0
        for n, code in enumerate([0] + [colour] * (width * height - 1)):
            for value in (4, code) if n % 2 == 0 else (code,):
                bits |= value << count
                count += 3
        bits |= 5 << count
        data = bits.to_bytes((count + 10) // 8, "little")
        blocks = [data[i : i + 255] for i in range(0, len(data), 255)]
        out += b"\x02" + b"".join(bytes([len(b)]) + b for b in blocks) + b"\0"
    path.write_bytes(out + b"\x3b")
    return str(path)


def apng(path: Path, delays: list[int]) -> str:
    """PARTS as an animated PNG; what is not seen through replaces what was there."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    out = b"\x89PNG\r\n\x1a\n"
    out += chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 6, 0, 0, 0))
    out += chunk(b"acTL", struct.pack(">II", len(PARTS), 0))
    number = 0
    for n, ((left, top, width, height, colour, after), delay) in enumerate(
        zip(PARTS, delays, strict=True)
    ):
        rest = {"keep": 0, "clear": 1, "restore": 2}[after]
        out += chunk(b"fcTL", struct.pack(
            ">IIIIIHHBB", number, width, height, left, top, delay, 100, rest, 1
        ))  # fmt: skip
        number += 1
        pixels = np.zeros((height, width, 4), np.uint8)
        pixels[...] = (*PALETTE[colour], 255)
        pixels[0, 0] = 0
        rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], 1)
        data = zlib.compress(rows.tobytes())
        if n:
            out += chunk(b"fdAT", struct.pack(">I", number) + data)
            number += 1
        else:
            out += chunk(b"IDAT", data)
    path.write_bytes(out + chunk(b"IEND", b""))
    return str(path)


def webp(path: Path, delays: list[int]) -> str:
    """PARTS as an animated WebP, which cannot restore: what would be is cleared."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)

    def three(*numbers: int) -> bytes:
        return b"".join(n.to_bytes(3, "little") for n in numbers)

    out = chunk(b"VP8X", b"\x12\0\0\0" + three(WIDTH - 1, HEIGHT - 1))
    out += chunk(b"ANIM", b"\0\0\0\0\0\0")
    for (left, top, width, height, colour, after), delay in zip(PARTS, delays, strict=True):
        pixels = np.zeros((height, width, 4), np.uint8)
        pixels[...] = (*PALETTE[colour], 255)
        pixels[0, 0] = 0
        encoder = av.CodecContext.create("libwebp", "w")
        encoder.width, encoder.height, encoder.pix_fmt = width, height, "bgra"
        encoder.time_base = Fraction(1, 25)
        encoder.options = {"lossless": "1"}
        frame = av.VideoFrame.from_ndarray(pixels, format="rgba").reformat(format="bgra", threads=1)
        still = b"".join(bytes(p) for p in [*encoder.encode(frame), *encoder.encode()])
        flags = int(after != "keep")
        out += chunk(b"ANMF", three(left // 2, top // 2, width - 1, height - 1, delay * 10)
                     + bytes([flags]) + still[still.index(b"VP8L"):])  # fmt: skip
    path.write_bytes(b"RIFF" + struct.pack("<I", len(out) + 4) + b"WEBP" + out)
    return str(path)


def seen(path: str, frame: int) -> Array:
    """A frame as it is shown: what is not there is 0."""
    picture = open_media(path).read(frame)
    assert picture.channels == ("R", "G", "B", "A") and not picture.problem
    pixels = np.array(picture.pixels[::-1])
    pixels[pixels[..., 3] == 0] = 0
    return pixels


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.apng"])
def test_what_is_left_restored_and_seen_through(tmp_path: Path, name: str) -> None:
    path = (gif if name.endswith("gif") else apng)(tmp_path / name, [10] * len(PARTS))
    facts = open_media(path).facts
    assert (facts.width, facts.height) == (WIDTH, HEIGHT)
    assert (facts.start, facts.end, facts.fps) == (1, len(PARTS), 10.0)
    wanted = expected()
    for frame in ORDER:
        assert np.array_equal(seen(path, frame), wanted[frame - 1]), f"frame {frame}"


@pytest.mark.parametrize("name", ["v.gif", "v.png"])
def test_delays_of_their_own(tmp_path: Path, name: str) -> None:
    """0.1, 0.1, 0.4, 0.1 and 0.1 seconds."""
    path = (gif if name.endswith("gif") else apng)(tmp_path / name, [10, 10, 40, 10, 10])
    wanted = expected()
    facts = open_media(path).facts
    begins = np.array([0.0, 0.1, 0.2, 0.6, 0.7])
    shown = []
    for frame in range(facts.start, facts.end + 1):
        index = next(n for n, w in enumerate(wanted) if np.array_equal(seen(path, frame), w))
        due = int(np.searchsorted(begins, (frame - 1) / facts.fps + 1e-6, side="right")) - 1
        assert abs(index - due) <= 1, f"frame {frame}"
        shown.append(index)
    assert shown == sorted(shown)
    assert facts.end >= len(PARTS)


def test_webp(tmp_path: Path) -> None:
    path = webp(tmp_path / "a.webp", [10] * len(PARTS))
    facts = open_media(path).facts
    assert (facts.width, facts.height, facts.fps) == (WIDTH, HEIGHT, 10.0)
    wanted = expected(restores=False)
    for frame in ORDER:
        assert np.array_equal(seen(path, frame), wanted[frame - 1]), f"frame {frame}"
    # every image has its own time, and is there for exactly as long
    path = webp(tmp_path / "v.webp", [10, 10, 40, 5, 10])
    facts = open_media(path).facts
    assert (facts.fps, facts.end) == (20.0, 15)
    times = [0, 0, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 4, 4]
    for frame in (15, *range(1, 16), 7, 3):
        assert np.array_equal(seen(path, frame), wanted[times[frame - 1]]), f"frame {frame}"


def test_webp_made_by_ffmpeg(tmp_path: Path) -> None:
    path = write(tmp_path / "f.webp", "libwebp_anim", "bgra", frames=30, rate=20,
                 options={"lossless": "1"})  # fmt: skip
    reader = open_media(path)
    assert (reader.facts.start, reader.facts.end, reader.facts.fps) == (1, 30, 20.0)
    for frame in (30, 1, 17, 16, 2, 29):
        assert int(reader.read(frame).pixels[24, 32, 0]) == (frame - 1) * 4


def test_webp_with_losses_and_alpha(tmp_path: Path) -> None:
    wanted = []
    for n in range(4):
        pixels = np.full((48, 64, 4), (200, 100, 50, 20 + n * 30), np.uint8)
        pixels[:, : 10 + 8 * n, 3] = 128
        wanted.append(pixels)
    path = tmp_path / "l.webp"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libwebp_anim", rate=10, options={"quality": "95"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuva420p"
        for pixels in wanted:
            frame = av.VideoFrame.from_ndarray(pixels, format="rgba")
            frame = frame.reformat(format="yuva420p", dst_colorspace=5, threads=1)
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    assert path.read_bytes().count(b"ALPH") == 4
    reader = open_media(str(path))
    for frame in (4, 1, 3, 2):
        made = reader.read(frame).pixels[::-1].astype(int)
        assert np.abs(made - wanted[frame - 1]).max() <= 3


def test_a_damaged_image_of_a_webp_is_left_out(tmp_path: Path) -> None:
    path = Path(webp(tmp_path / "a.webp", [10] * len(PARTS)))
    data = bytearray(path.read_bytes())
    at = [i for i in range(len(data)) if data[i : i + 4] == b"VP8L"][1]
    data[at + 8 : at + 12] = b"\0\0\0\0"
    path.write_bytes(data)
    reader = open_media(str(path))
    for _ in range(2):
        assert not reader.read(1).problem
        bad = reader.read(2)
        assert "image 2 cannot be decoded" in bad.problem and "\n" not in bad.problem
        assert np.array_equal(bad.pixels, reader.read(1).pixels)
        assert not reader.read(3).problem


def test_gifs_made_by_ffmpeg(tmp_path: Path) -> None:
    path = write(tmp_path / "f.gif", "gif", "gray", frames=30, rate=25)
    reader = open_media(path)
    assert (reader.facts.start, reader.facts.end, reader.facts.fps) == (1, 30, 25.0)
    for frame in (30, 1, 17, 16, 2, 29):
        assert abs(int(reader.read(frame).pixels[24, 32, 0]) - (frame - 1) * 4) <= 1


def test_one_image_is_a_still(tmp_path: Path) -> None:
    png = tmp_path / "still.0007.png"
    out = oiio.ImageOutput.create(str(png))
    assert out.open(str(png), oiio.ImageSpec(4, 4, 3, "uint8"))
    out.write_image(np.zeros((4, 4, 3), np.uint8))
    out.close()
    for path in (str(png), gif(tmp_path / "still.0007.gif", [10])):
        reader = open_media(path)
        assert isinstance(reader, ImageReader)
        assert (reader.facts.start, reader.facts.end) == (7, 7)


@pytest.mark.parametrize("make", [gif, apng, webp])
def test_damaged_ones_give_a_picture_or_a_reason(tmp_path: Path, make: Any) -> None:
    name = {gif: "cut.gif", apng: "cut.png", webp: "cut.webp"}[make]
    path = Path(make(tmp_path / name, [10] * len(PARTS)))
    whole = path.read_bytes()
    for length in range(0, len(whole), 7 if make is webp else 29):
        path.write_bytes(whole[:length])
        try:
            reader = open_media(str(path))
            made = reader.read(reader.facts.end)
        except MediaError as error:
            assert str(path) in str(error) and "\n" not in str(error)
            continue
        assert made.pixels.size
        reader.close()
    for place in range(12, len(whole), 5 if make is webp else 29):
        path.write_bytes(whole[:place] + b"\xff\xff" + whole[place + 2 :])
        try:
            made = open_media(str(path)).read(3)
        except MediaError as error:
            assert str(path) in str(error) and "\n" not in str(error)
            continue
        assert made.pixels.size


def test_an_animation_that_ffmpeg_does_not_take_shows_its_first_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no(self: object, path: str) -> None:
        raise MediaError(f"{path}: no")

    monkeypatch.setattr(MovieReader, "__init__", no)
    path = gif(tmp_path / "a.gif", [10] * len(PARTS))
    reader = open_media(path)
    assert isinstance(reader, ImageReader)
    assert np.array_equal(reader.read(1).pixels[::-1][5, 5], (255, 0, 0, 255))
