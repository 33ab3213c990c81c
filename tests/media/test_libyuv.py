"""Conversion by libyuv gives the colours of the formula, whatever the planes are."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from player.media import libyuv, moviepicture, swscale
from player.media.moviepicture import MoviePicture
from player.media.pool import ArrayPool

av = pytest.importorskip("av")

WEIGHTS = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
FORMATS = [
    "yuv420p", "yuv422p", "yuv444p", "yuvj420p", "yuva420p", "yuva444p", "yuv420p10le",
    "yuv422p10le", "yuv444p10le", "yuva422p10le", "yuva444p10le", "yuv420p12le",
]  # fmt: skip


def coloured(name: str, matrix: int, full: bool, size: tuple[int, int]) -> tuple[Any, Any, Any]:
    """A frame of greys over any colours, the RGB of its codes, and its alpha: 0 to 255."""
    width, height = size
    bits = 12 if "12" in name else 10 if "10" in name else 8
    scale, top = 1 << bits - 8, (1 << bits) - 1
    rng = np.random.default_rng(width)
    rgb = rng.random((height // 2 + 1, width // 2 + 1, 3)).repeat(2, 0).repeat(2, 1)
    rgb = rgb[:height, :width]
    ramp = np.linspace(0, 1, width // 2 + 1).repeat(2)[:width]
    ramp[width // 2 :] = ramp[-1] = 1.0
    rgb[: height // 4 * 2] = ramp[None, :, None]
    red, blue = WEIGHTS[matrix]
    green = 1 - red - blue
    y = rgb @ np.array([red, green, blue])
    u, v = (rgb[..., 2] - y) / 2 / (1 - blue), (rgb[..., 0] - y) / 2 / (1 - red)
    if full:
        codes = [y * top, u * top + 128 * scale, v * top + 128 * scale]
    else:
        codes = [(y * 219 + 16) * scale, (u * 224 + 128) * scale, (v * 224 + 128) * scale]
    alpha = rng.integers(0, top + 1, (height, width))
    across, along = 1 if "444" in name else 2, 2 if "420" in name else 1
    for number in (1, 2):
        codes[number] = codes[number][::along, ::across]
    codes = [np.clip(np.rint(c), 0, top) for c in codes]
    frame = av.VideoFrame(width, height, name)
    dtype = np.uint8 if bits == 8 else np.uint16
    for plane, values in zip(frame.planes, [*codes, alpha], strict=False):
        room = np.frombuffer(plane, dtype)
        room[:] = 77  # what lies beside the picture is not looked at
        room = room.reshape(-1, plane.line_size // room.itemsize)
        room[: values.shape[0], : values.shape[1]] = values
    for number in (1, 2):
        codes[number] = codes[number].repeat(along, 0).repeat(across, 1)[:height, :width]
    if full:
        y, u, v = codes[0] / top, *((c - 128 * scale) / top for c in codes[1:])
    else:
        y = (codes[0] - 16 * scale) / 219 / scale
        u, v = ((c - 128 * scale) / 224 / scale for c in codes[1:])
    r, b = y + 2 * (1 - red) * v, y + 2 * (1 - blue) * u
    right = np.stack([r, (y - red * r - blue * b) / green, b], -1)
    opaque = np.full((height, width), 255.0)
    return frame, np.clip(right, 0, 1) * 255, alpha / top * 255 if "a4" in name else opaque


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("matrix", [1, 5, 6, 9])
@pytest.mark.parametrize("full", [False, True], ids=["video", "full"])
@pytest.mark.parametrize("size", [(512, 1100), (33, 17), (2, 2)])
def test_colours(name: str, matrix: int, full: bool, size: tuple[int, int]) -> None:
    full = full or name.startswith("yuvj")
    frame, right, alpha = coloured(name, matrix, full, size)
    got = libyuv.to_rgba(frame, matrix, full)
    assert got is not None, "libyuv is not found"
    off = np.abs(got[..., :3] - right)
    assert off.max() <= (3.5 if frame.format.components[0].bits == 8 else 5)
    assert np.abs(got[..., 3] - alpha).max() < 1
    grey = slice(0, size[1] // 4 * 2)
    assert off[grey].max(initial=0) <= 1.5
    if size[1] > 2:
        assert off.mean() <= 1.2
        assert (got[0, 0, :3] == 0).all() and got[0, -1, :3].min() >= 254


def test_codes_beyond_the_range_stay_at_its_ends() -> None:
    """More contrast for U must not carry it round from one end to the other."""
    for name, top in (("yuv444p", 255), ("yuv444p10le", 1023)):
        frame = av.VideoFrame(64, 2, name)
        dtype = np.uint8 if top == 255 else np.uint16
        for plane, value in zip(frame.planes, (0.5, None, 0.5), strict=True):
            room = np.frombuffer(plane, dtype).reshape(2, -1)
            room[:] = 128 * (top + 1) // 256 if value else np.linspace(0, top, room.shape[1])
        frame_width = slice(0, 64)
        got = libyuv.to_rgba(frame, 1, False)
        assert got is not None
        blue = got[0, frame_width, 2].astype(int)
        assert (np.diff(blue) >= 0).all() and blue[0] == 0


def test_memory_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = ArrayPool()
    monkeypatch.setattr(libyuv, "shared_pool", pool)
    frame = coloured("yuv422p10le", 1, False, (640, 360))[0]
    first = libyuv.to_rgba(frame, 1, False)
    assert first is not None and pool.held == 0
    kept, place = first.copy(), first.ctypes.data
    del first
    assert pool.held == 640 * 360 * 4
    again = libyuv.to_rgba(frame, 1, False)
    assert again is not None and again.ctypes.data == place and (again == kept).all()


def test_threads_do_not_meet() -> None:
    frames = [
        coloured(name, matrix, False, size)[0]
        for name in ("yuv420p", "yuv422p10le", "yuva444p")
        for matrix, size in ((1, (640, 360)), (9, (320, 500)))
    ]
    matrices = [1, 9] * 3
    right = [libyuv.to_rgba(f, m, False) for f, m in zip(frames, matrices, strict=True)]
    with ThreadPoolExecutor(4) as pool:
        work = [
            (n, pool.submit(libyuv.to_rgba, frames[n], matrices[n], False))
            for _ in range(20)
            for n in range(len(frames))
        ]
        for n, job in work:
            assert np.array_equal(job.result(), right[n])


@pytest.mark.parametrize("name", ["nv12", "rgb24", "gbrp", "yuv440p", "yuv444p12le", "yuv410p"])
def test_what_it_has_no_quick_way_for(name: str) -> None:
    assert libyuv.to_rgba(av.VideoFrame(64, 32, name), 1, False) is None
    assert libyuv.to_rgba(av.VideoFrame(64, 32, "yuv420p"), 7, False) is None  # SMPTE 240M
    assert libyuv.to_rgba(av.VideoFrame(64, 32, "yuv420p"), None, False) is None


def picture(frame: Any) -> MoviePicture:
    return MoviePicture(
        frame, "h264", ("rgb24", np.uint8, ("R", "G", "B")), width=frame.width,
        height=frame.height, pixel_aspect=1.0, frame=1, attributes=(),
    )  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_without_it_ffmpeg_converts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = coloured(name, 1, name.startswith("yuvj"), (320, 64))[0]
    frame.colorspace = 1
    by_libyuv = picture(frame).developed(quick=True).pixels.astype(int)
    monkeypatch.setattr(libyuv, "_library", lambda: None)
    asked: list[str] = []
    for module, what in ((swscale, "to_rgba"), (moviepicture, "_reformatted")):
        original = getattr(module, what)

        def noted(*words: Any, original: Any = original, what: str = what) -> Any:
            asked.append(what)
            return original(*words)

        monkeypatch.setattr(module, what, noted)
    by_ffmpeg = picture(frame).developed(quick=True).pixels
    assert asked
    assert np.abs(by_libyuv - by_ffmpeg).mean() <= 2.5


def test_another_library_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    sdl2dll = pytest.importorskip("sdl2dll")
    other = os.path.join(os.path.dirname(sdl2dll.__file__), "dll", "libavif.so.16")
    if not os.path.exists(other):
        pytest.skip("this SDL brings no libavif along")
    with pytest.raises(OSError, match="without libyuv"):  # that one has none
        libyuv._Library(other)
    libyuv._library.cache_clear()
    monkeypatch.setattr(libyuv, "_places", lambda: ["/nowhere/libavif.so", "libm.so.6", other])
    try:
        assert not libyuv.takes(1)
    finally:
        libyuv._library.cache_clear()


def test_other_colours_than_known_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    library = libyuv._library()
    assert library is not None

    def wrong(image: Any, target: Any) -> int:
        image._obj.matrix = 9 if image._obj.matrix == 5 else 5
        image._obj.full = 1 - image._obj.full
        return int(library.convert(image, target))

    class Wrong:
        convert = staticmethod(wrong)

    libyuv._needs_contrast.cache_clear()
    monkeypatch.setattr(libyuv, "_library", Wrong)
    try:
        assert libyuv.to_rgba(av.VideoFrame(64, 32, "yuv420p"), 1, False) is None
    finally:
        libyuv._needs_contrast.cache_clear()
