"""Claims of impossible sizes, wrong names and damaged movies: a picture or one clear reason.

All is read in a process of its own, which prints for each file what came of it and how much
memory that took: what is tested is that libraries written in C neither end it nor allocate
what a header asks for.
"""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.media.test_hostile_images import KINDS, damaged, good
from tests.media.test_movies import KINDS as MOVIES
from tests.media.test_movies import write
from tests.players import REPO

_READ = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from player.media import open_media
from rvshell.errors import MediaError
for line in sys.stdin:
    path, frames = line.rstrip("\\n").split("\\t")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    value = -1.0
    try:
        reader = open_media(path)
        for frame in range(1, int(frames) + 1):
            picture = reader.read(frame).developed()
            pixels = picture.pixels
            peak = {"u1": 255, "u2": 65535}.get(pixels.dtype.str[1:], 1)
            value = float(pixels[..., :3].astype("f4").mean()) / peak
        reader.close()
        text = "picture " + picture.problem
    except MediaError as error:
        text = "reason " + error.describe()
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(value, grown // 1024, text.replace("\\n", "<newline>"), sep="\\t", flush=True)
"""


class Came(NamedTuple):
    """Mean of the last picture (0..1), MiB that the process grew, what was said."""

    value: float
    grown: int
    text: str


def read_all(paths: list[Path], frames: int = 1) -> list[Came]:
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(REPO)], capture_output=True, timeout=300, text=True,
        input="".join(f"{p}\t{frames}\n" for p in paths), errors="replace",
    )  # fmt: skip
    lines = [line.split("\t", 2) for line in done.stdout.splitlines()]
    assert done.returncode == 0, (lines[-1:], done.stderr[-300:])
    assert len(lines) == len(paths)
    came = [Came(float(v), int(g), text) for v, g, text in lines]
    for path, one in zip(paths, came, strict=True):
        assert one.text.startswith(("picture ", "reason ")), (path.name, one)
        assert "<newline>" not in one.text, (path.name, one)
    return came


# -- claims ----------------------------------------------------------------------------------


def _patched(data: bytes, at: int, form: str, *values: int) -> bytes:
    made = bytearray(data)
    struct.pack_into(form, made, at, *values)
    return bytes(made)


def _png(d: bytes) -> bytes:
    made = _patched(d, 16, ">II", 40_000, 40_000)
    return _patched(made, 29, ">I", zlib.crc32(made[12:29]))


def _exr(d: bytes) -> bytes:
    for name in (b"dataWindow\0box2i\0", b"displayWindow\0box2i\0"):
        d = _patched(d, d.index(name) + len(name) + 4, "<4i", 0, 0, 39_999, 39_999)
    return d


def _tiff(d: bytes) -> bytes:
    order = "<" if d[:2] == b"II" else ">"
    at = struct.unpack_from(order + "I", d, 4)[0]
    for n in range(struct.unpack_from(order + "H", d, at)[0]):
        entry = at + 2 + 12 * n
        if struct.unpack_from(order + "H", d, entry)[0] in (256, 257):
            d = _patched(d, entry + 2, order + "HII", 4, 1, 40_000)
    return d


def _after(mark: bytes, skip: int, form: str, *values: int) -> Callable[[bytes], bytes]:
    return lambda d: _patched(d, d.index(mark) + len(mark) + skip, form, *values)


def _gif(d: bytes) -> bytes:
    d = _patched(d, 6, "<HH", 65_535, 65_535)
    return _patched(d, d.index(b"\x2c\0\0\0\0") + 5, "<HH", 65_535, 65_535)


def _jp2(d: bytes) -> bytes:
    d = _patched(d, d.index(b"ihdr") + 4, ">II", 40_000, 40_000)
    return _patched(d, d.index(b"\xff\x51") + 6, ">II", 40_000, 40_000)


def _rla(d: bytes) -> bytes:
    return _patched(d, 0, ">8h", 0, 32_766, 0, 32_766, 0, 32_766, 0, 32_766)


#: from a good file to one that claims far more than it has
PATCHES: dict[str, Callable[[bytes], bytes]] = {
    "png": _png, "exr": _exr, "tif": _tiff, "gif": _gif, "jp2": _jp2, "rla": _rla,
    "jpg": _after(b"\xff\xc0", 3, ">HH", 65_500, 65_500),
    "dpx": lambda d: _patched(d, 772, ">II" if d[:1] == b"S" else "<II", 40_000, 40_000),
    "iff": _after(b"TBHD", 4, ">II", 40_000, 40_000),
    "zfile": lambda d: _patched(d, 4, "<HH", 32_767, 32_767),
    "bmp": lambda d: _patched(d, 18, "<ii", 40_000, 40_000),
    "sgi": lambda d: _patched(d, 6, ">HH", 65_535, 65_535),
    "tga": lambda d: _patched(d, 12, "<HH", 65_535, 65_535),
    "hdr": lambda d: d.replace(b"-Y 48 +X 64", b"-Y 40000 +X 40000"),
    "j2k": _after(b"\xff\x51", 4, ">II", 40_000, 40_000),
    **dict.fromkeys(
        ("ppm", "pgm", "pbm", "pfm"), lambda d: re.sub(rb"64\s48", b"40000 40000", d, count=1)
    ),
}  # fmt: skip

#: what OpenImageIO does not write, by hand
MADE: dict[str, bytes] = {
    "cin": b"\x80\x2a\x5f\xd7" + struct.pack(">II", 2048, 128) + b"\0" * 180
    + b"\0\3\0\0" + (b"\0\1\x0a\0" + struct.pack(">II", 40_000, 40_000) + b"\0" * 16) * 3
    + b"\0" * 2000,
    "dds": b"DDS " + struct.pack("<IIIII", 124, 0x1007, 40_000, 40_000, 0) + b"\0" * 52
    + struct.pack("<II4sIIIII", 32, 4, b"DXT1", 0, 0, 0, 0, 0) + struct.pack("<I", 0x1000)
    + b"\0" * 200,
    "psd": b"8BPS\0\1" + b"\0" * 6 + struct.pack(">HIIHH", 3, 30_000, 30_000, 8, 3) + b"\0" * 200,
    "pic": b"\x53\x80\xf6\x34" + b"\0" * 84 + b"PICT" + struct.pack(">HH", 65_535, 65_535)
    + b"\0" * 8 + b"\0\x08\0\xe0" + b"\0" * 200,
    "webp": b"RIFF" + struct.pack("<I", 200) + b"WEBPVP8X" + struct.pack("<I", 10) + b"\0" * 4
    + (59_999).to_bytes(3, "little") + (59_999).to_bytes(3, "little") + b"\0" * 180,
    "jxl": bytes.fromhex("ff0a fee10400f00f270010") + b"\0" * 200,
    "fits": b"".join(
        f"{card:<80}".encode() for card in (
            "SIMPLE  =                    T", "BITPIX  =                    8",
            "NAXIS   =                    2", "NAXIS1  =               100000",
            "NAXIS2  =               100000", "END",
        )
    ).ljust(2880) + b"\0" * 2880,
}  # fmt: skip


def _claiming(folder: Path) -> Iterator[Path]:
    for kind, patch in PATCHES.items():
        path = folder / f"a.{kind}"
        assert good(path, KINDS[kind]), kind
        path.write_bytes(patch(path.read_bytes()))
        yield path
    for kind, data in MADE.items():
        path = folder / f"a.{kind}"
        path.write_bytes(data)
        yield path


@pytest.mark.parametrize("size", [0, 64 << 20], ids=["short", "long"])
def test_an_image_that_claims_a_thousand_million_pixels(tmp_path: Path, size: int) -> None:
    """Every format that has room for such a number: refused, and nothing is allocated.

    OpenImageIO refuses what claims far more than the file is long; so the same with long files
    (with holes, which take no room), where the limit is ours.
    """
    paths = list(_claiming(tmp_path))
    for path in paths if size else ():
        os.truncate(path, size)
    limited = set()
    for path, came in zip(paths, read_all(paths), strict=True):
        assert came.text.startswith("reason ") and str(path) in came.text, came
        assert came.grown < 150, (path.name, came)
        if "the limit is" in came.text:
            limited.add(path.suffix[1:])
    if size:
        assert limited >= {"png", "exr", "tif", "dpx", "bmp", "sgi", "hdr", "ppm"}, limited


def test_a_movie_that_claims_a_thousand_million_pixels(tmp_path: Path) -> None:
    def claim(name: str, codec: str, pix: str, mark: bytes, skip: int, form: str) -> Path:
        path = Path(write(tmp_path / name, codec, pix, 6, 4))
        data = path.read_bytes()
        at = data.index(mark) + len(mark) + skip
        path.write_bytes(_patched(data, at, form, 40_000, 40_000))
        return path

    y4m = tmp_path / "a.y4m"
    y4m.write_bytes(b"YUV4MPEG2 W40000 H40000 F24:1 C444\nFRAME\n" + b"\0" * 4000)
    paths = [
        y4m,
        # the sample entry of an uncompressed movie, the stream format of an AVI
        claim("a.mov", "rawvideo", "rgb24", b"stsd\0\0\0\0\0\0\0\1", 32, ">HH"),
        claim("a.avi", "rawvideo", "bgr24", b"strf", 8, "<ii"),
        claim("a.gif", "gif", "rgb8", b"GIF89a", 0, "<HH"),
    ]
    for path, came in zip(paths, read_all(paths), strict=True):
        assert came.text != "picture ", (path.name, came)
        assert came.grown < 250, (path.name, came)


# -- wrong names -----------------------------------------------------------------------------


def test_images_by_wrong_names(tmp_path: Path) -> None:
    """What a file is decides its content, whatever it is called."""
    names = ("exr", "png", "jpg", "dpx", "mov", "txt", "")
    paths, expected = [], []
    for kind, depth in KINDS.items():
        sample = tmp_path / f"good.{kind}"
        if not good(sample, depth):
            continue
        for name in names:
            path = tmp_path / f"{kind}_as_{name}{'.' if name else ''}{name}"
            path.write_bytes(sample.read_bytes())
            paths.append(path)
            expected.append(sample)
    own = dict(zip(dict.fromkeys(expected), read_all(list(dict.fromkeys(expected))), strict=True))
    shown = 0
    for path, sample, came in zip(paths, expected, read_all(paths), strict=True):
        assert own[sample].text == "picture "
        if came.text == "picture ":
            assert came.value == pytest.approx(own[sample].value, abs=0.02), path.name
            shown += 1
        else:
            assert str(path) in came.text
    # a few headers could be anything; what has a signature is known by it
    assert shown >= 0.8 * len(paths), [
        p.name for p, c in zip(paths, read_all(paths), strict=True) if c.text != "picture "
    ]


def test_movies_by_wrong_names(tmp_path: Path) -> None:
    paths = []
    for name, codec, pix in (("a.mp4", "libx264", "yuv420p"), ("a.mkv", "ffv1", "yuv444p"),
                             ("a.avi", "mjpeg", "yuvj420p")):  # fmt: skip
        data = Path(write(tmp_path / name, codec, pix, 6, 6)).read_bytes()
        for extension in (".mov", ".webm", ".png", ".exr", ".wav", ""):
            paths.append(tmp_path / f"{name[2:]}_as{extension}")
            paths[-1].write_bytes(data)
    for path, came in zip(paths, read_all(paths, 6), strict=True):
        if path.suffix in (".mov", ".webm", ".wav", ""):
            assert came.value == pytest.approx(20 / 255, abs=0.02), (path.name, came)
        else:
            assert came.text.startswith(("picture", f"reason {path}")), (path.name, came)


# -- damaged movies --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", MOVIES, ids=lambda k: k[0])
def test_damaged_movies(tmp_path: Path, kind: tuple[str, str, str, int, dict[str, str]]) -> None:
    """Empty, cut, doubled, and with changed bytes, most of them in the header."""
    name, codec, pix, gop, options = kind
    data = Path(write(tmp_path / name, codec, pix, gop, 8, options=options)).read_bytes()
    paths = []
    for n, made in enumerate(damaged(data, 16)):
        paths.append(tmp_path / f"{n:02d}-{name}")
        paths[-1].write_bytes(made)
    for path, came in zip(paths, read_all(paths, 3), strict=True):
        assert came.grown < 400, (path.name, came)
        assert came.text.startswith("picture") or str(path) in came.text
