"""Damaged and hostile image files of every kind: a picture or one clear reason, never a crash.

The damaged copies are read in a process of their own, since what is tested is that a
library written in C does not take it down; it prints one line for each.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from player.image.export import write_image
from player.media import open_media
from rvshell.errors import MediaError
from rvshell.pixels.files import ImageFile
from tests.players import REPO

KINDS = {
    "exr": "half", "tif": "uint16", "png": "uint8", "jpg": "uint8", "dpx": "uint16",
    "tga": "uint8", "bmp": "uint8", "sgi": "uint8", "hdr": "float", "ppm": "uint8",
    "iff": "uint8", "gif": "uint8", "webp": "uint8", "jp2": "uint8", "rla": "uint8",
    "pic": "uint8", "zfile": "float", "psd": "uint8", "cin": "uint16", "dds": "uint8",
    "jxl": "uint8", "ico": "uint8", "fits": "float", "pfm": "float", "pgm": "uint8",
    "pbm": "uint8", "j2k": "uint16",
}  # fmt: skip

#: of the kinds that OpenImageIO reads but does not write: a picture of 64 x 48
BY_HAND = {
    "cin": b"\x80\x2a\x5f\xd7" + struct.pack(">II", 2048, 128) + bytes(180)
    + b"\0\3\0\0" + (b"\0\1\x0a\0" + struct.pack(">II", 64, 48) + bytes(16)) * 3
    + bytes(1760) + b"\x55" * (64 * 48 * 4),
    "dds": b"DDS " + struct.pack("<IIIII", 124, 0x1007, 48, 64, 64 * 3) + bytes(52)
    + struct.pack("<II4sIIIII", 32, 0x40, b"", 24, 0xFF0000, 0xFF00, 0xFF, 0)
    + struct.pack("<I", 0x1000) + bytes(16) + b"\x55" * (64 * 48 * 3),
    "psd": b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 48, 64, 8, 3) + bytes(14)
    + b"\x55" * (64 * 48 * 3),
    "pic": b"\x53\x80\xf6\x34" + bytes(84) + b"PICT" + struct.pack(">HHfHH", 64, 48, 1, 3, 0)
    + b"\0\x08\0\xe0" + b"\x55" * (64 * 48 * 3),
}  # fmt: skip

_READ = """
import sys
sys.path.insert(0, sys.argv[1])
from player.media import open_media
from rvshell.errors import MediaError
for line in sys.stdin:
    path = line.rstrip("\\n")
    try:
        picture = open_media(path).read(1)
        text = "picture" if picture.pixels.ndim == 3 else "what?"
    except MediaError as error:
        text = "reason" if "\\n" not in error.describe() else "two lines"
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
    print(path.rpartition("/")[2], text, flush=True)
"""


def good(path: Path, kind: str) -> bool:
    """A picture of 64 x 48 of that kind; False when this OpenImageIO cannot write it."""
    out = oiio.ImageOutput.create(str(path))
    if out is None:
        oiio.geterror()
        return False
    channels = 1 if path.suffix in (".zfile", ".fits", ".pgm", ".pbm") else 3
    spec = oiio.ImageSpec(64, 48, channels, kind)
    if not out.open(str(path), spec):
        out.geterror()
        return False
    pixels = (np.random.default_rng(1).random((48, 64, channels)) * 200).astype(np.float32) / 255
    out.write_image(pixels)
    out.close()
    out.geterror()
    back = oiio.ImageInput.open(str(path))  # some writers only say so when they are asked
    oiio.geterror()
    return back is not None


def damaged(data: bytes, count: int) -> list[bytes]:
    rng = np.random.default_rng(7)
    made = [b"", data[:1], data[:20], data[: len(data) // 2], data[:-1], data + data]
    for n in range(count):
        copy = bytearray(data)
        # the header is where the harm is: half of the changes go there
        for _ in range(1 + n % 6):
            limit = min(len(copy), 256) if rng.integers(2) else len(copy)
            copy[int(rng.integers(limit))] = int(rng.integers(256))
        made.append(bytes(copy))
    return made


@pytest.mark.parametrize("extension", KINDS)
def test_damaged_copies(tmp_path: Path, extension: str) -> None:
    sample = tmp_path / f"good.{extension}"
    if not good(sample, KINDS[extension]):
        sample.write_bytes(BY_HAND[extension])
    paths = [sample]
    for n, data in enumerate(damaged(sample.read_bytes(), 40)):
        paths.append(tmp_path / f"{n:03d}.{extension}")
        paths[-1].write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(REPO)], input="\n".join(map(str, paths)) + "\n",
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert done.returncode == 0, (lines[-1:], done.stderr[-300:])
    assert len(lines) == len(paths)
    assert {line.split(" ", 1)[1] for line in lines} <= {"picture", "reason"}
    assert lines[0].endswith("picture")


@pytest.mark.parametrize(("name", "head"), [
    ("a.ppm", b"P6\n100000 100000\n255\n"),
    ("a.bmp", b"BM" + (54).to_bytes(4, "little") + b"\0" * 4 + (54).to_bytes(4, "little")
     + (40).to_bytes(4, "little") + (70_000).to_bytes(4, "little")
     + (70_000).to_bytes(4, "little") + b"\1\0\x18\0" + b"\0" * 24),
    ("a.hdr", b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 90000 +X 90000\n"),
    ("a.tga", b"\0\0\2" + b"\0" * 9 + b"\xff\xff\xff\xff\x18\0"),
    ("a.sgi", b"\x01\xda\x00\x01\x00\x03\xff\xff\xff\xff\x00\x03" + b"\0" * 500),
])  # fmt: skip
def test_claims_are_refused_before_anything_is_allocated(
    tmp_path: Path, name: str, head: bytes
) -> None:
    """Each claims more than two thousand million pixels; the limit is named."""
    import tracemalloc

    from player.media import open_media
    from rvshell.errors import MediaError

    path = tmp_path / name
    path.write_bytes(head + b"\0" * 100)
    tracemalloc.start()
    with pytest.raises(MediaError) as caught:
        open_media(str(path)).read(1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50_000_000 and "\n" not in str(caught.value)


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    """OpenImageIO takes none, and says so with the signatures of its functions."""
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.exr")
    write_image(str(tmp_path / "a.exr"), np.zeros((2, 2, 3), np.float16))
    os.rename(tmp_path / "a.exr", path)
    for opened in (open_media, ImageFile):
        with pytest.raises(MediaError, match="not UTF-8") as error:
            opened(path)
        assert "argument types" not in str(error.value)
