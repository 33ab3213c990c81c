"""Conversion into memory that is used again gives PyAV's bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from player.media import libyuv, swscale
from player.media.moviepicture import MoviePicture
from player.media.pool import ArrayPool

av = pytest.importorskip("av")


def _frame(name: str, width: int, height: int) -> Any:
    made = av.VideoFrame(width, height, name)
    rng = np.random.default_rng(width)
    for plane in made.planes:
        samples = np.frombuffer(plane, np.uint8)
        samples[:] = rng.integers(0, 256, samples.size, np.uint8)
    return made


@pytest.mark.parametrize("name", ["yuv420p", "yuv422p", "yuv444p", "yuvj420p"])
@pytest.mark.parametrize("matrix", [1, 5, 9])
@pytest.mark.parametrize("full", [False, True])
def test_the_bytes_are_pyavs(name: str, matrix: int, full: bool) -> None:
    from av.video.reformatter import VideoReformatter

    frame = _frame(name, 64, 34)
    full = full or name.startswith("yuvj")
    out = VideoReformatter().reformat(
        frame, format="rgba", src_colorspace=matrix, interpolation=2,
        src_color_range=2 if full else 1, dst_color_range=2, threads=1,
    )  # fmt: skip
    plane = out.planes[0]
    right = np.frombuffer(plane, np.uint8).reshape(34, plane.line_size)[:, : 64 * 4]
    made = swscale.to_rgba(frame, 2, matrix, full)
    assert made is not None, "libswscale is not found"
    assert (made.reshape(34, -1) == right).all()


def test_memory_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = ArrayPool()
    monkeypatch.setattr(swscale, "shared_pool", pool)
    frame = _frame("yuv420p", 640, 360)
    first = swscale.to_rgba(frame, 2, 1, False)
    assert first is not None and pool.held == 0
    kept = first.copy()
    second = swscale.to_rgba(_frame("yuv420p", 640, 368), 2, 1, False)
    assert second is not None
    assert (first == kept).all()  # what somebody holds is not written over
    place = first.ctypes.data
    del first
    assert pool.held > 640 * 360 * 4
    again = swscale.to_rgba(frame, 2, 1, False)
    assert again is not None and again.ctypes.data == place and (again == kept).all()


@pytest.mark.parametrize("size", [(1920, 16), (640, 31), (50, 20)])
def test_without_the_library_pyav_converts(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = _frame("yuv420p", *size)
    picture = MoviePicture(
        frame, "h264", ("rgb24", np.uint8, ("R", "G", "B")), width=size[0], height=size[1],
        pixel_aspect=1.0, frame=1, attributes=(),
    )  # fmt: skip
    monkeypatch.setattr(libyuv, "_library", lambda: None)
    by_library = picture.developed(quick=True).pixels.copy()
    monkeypatch.setattr(swscale, "_library", lambda: None)
    assert swscale.to_rgba(frame, 2, 1, False) is None
    assert (picture.developed(quick=True).pixels == by_library).all()


def test_an_unknown_library_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    assert swscale._loaded("libswscale")
    monkeypatch.setattr(swscale, "_VERSIONS", range(2))
    with pytest.raises(OSError, match="another"):
        swscale._Library()
    monkeypatch.setattr(swscale, "_loaded", lambda name: None)
    with pytest.raises(OSError, match="not found"):
        swscale._Library()
