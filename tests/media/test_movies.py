"""Movies made here and read back: every frame is the one asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

av = pytest.importorskip("av")

from player.media import movies  # noqa: E402
from player.media.movies import MovieReader  # noqa: E402
from rvshell.errors import MediaError  # noqa: E402


def write(path: Path, codec: str, pix: str, gop: int = 12, frames: int = 60) -> str:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=24, options={"g": str(gop)})
        stream.width, stream.height, stream.pix_fmt = 64, 48, pix
        for n in range(frames):
            pixels = np.full((48, 64, 3), n * 4, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return str(path)


@pytest.mark.parametrize(("name", "codec", "pix", "gop"), [
    ("a.mp4", "libx264", "yuv420p", 24), ("b.mkv", "libx264", "yuv420p", 250),
    ("c.mov", "prores_ks", "yuv422p10le", 1), ("d.avi", "mjpeg", "yuvj420p", 1),
    ("e.webm", "libvpx", "yuv420p", 30), ("f.mov", "qtrle", "argb", 1),
])  # fmt: skip
def test_any_frame_in_any_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, codec: str, pix: str, gop: int
) -> None:
    monkeypatch.setattr(movies, "_KEEP_BYTES", 0)  # every read goes to the file
    reader = MovieReader(write(tmp_path / name, codec, pix, gop))
    assert (reader.facts.start, reader.facts.end, reader.facts.fps) == (1, 60, 24.0)
    order = [int(n) for n in np.random.default_rng(3).integers(1, 61, 25)]
    for frame in [*order, *range(60, 50, -1), *range(1, 12), 0, 99]:
        picture = reader.read(frame)
        clamped = min(max(frame, 1), 60)
        value = float(picture.pixels[24, 32, 0]) / (257 if picture.pixels.dtype == np.uint16 else 1)
        assert picture.frame == clamped
        assert abs(value - (clamped - 1) * 4) <= 2
    reader.close()


def test_no_movie(tmp_path: Path) -> None:
    path = tmp_path / "x.mov"
    path.write_bytes(b"nothing of the kind" * 40)
    with pytest.raises(MediaError, match="cannot be read as a movie"):
        MovieReader(str(path))
