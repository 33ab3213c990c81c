"""Frames for encoders against the equations of Rec. 709 and Rec. 601."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

pytest.importorskip("av")

from player.encoding.colours import Colours
from player.encoding.parameters import sorted_parameters, timecode
from player.encoding.wanted import rate_of
from rvshell.errors import LocalError, UsageError

BLOCK = 8


def wanted(rgb: np.ndarray, bits: int, *, old: bool, full: bool) -> list[np.ndarray]:
    """Y, Cb and Cr of colours from 0 to 1, not rounded."""
    red, blue = (0.299, 0.114) if old else (0.2126, 0.0722)
    r, g, b = np.moveaxis(rgb, -1, 0)
    y = red * r + (1 - red - blue) * g + blue * b
    cb, cr = (b - y) / (2 - 2 * blue), (r - y) / (2 - 2 * red)
    scale, middle = 1 << (bits - 8), 1 << (bits - 1)
    if full:
        return [y * 255 * scale, cb * 255 * scale + middle, cr * 255 * scale + middle]
    return [(16 + 219 * y) * scale, 224 * cb * scale + middle, 224 * cr * scale + middle]


@pytest.mark.parametrize(
    ("name", "codec", "bits", "off"),
    [
        ("yuv420p", "libx264", 8, 0.55), ("yuv422p", "dnxhd", 8, 0.55),
        ("yuv444p", "libx264", 8, 0.55), ("yuvj420p", "mjpeg", 8, 1.1),
        ("yuv420p", "mpeg4", 8, 0.55), ("yuv422p10le", "prores_ks", 10, 0.75),
        ("yuv420p10le", "libx265", 10, 0.75), ("yuva444p10le", "prores_ks", 10, 0.75),
        ("yuv444p12le", "libx265", 12, 1.6),
    ],
)  # fmt: skip
def test_yuv_is_rounded_from_what_was_rendered(
    name: str, codec: str, bits: int, off: float
) -> None:
    colours = Colours(name, codec, 48)
    assert colours.deep == (bits > 8)
    peak = 65535 if colours.deep else 255
    rng = np.random.default_rng(7)
    blocks = rng.integers(0, peak + 1, (6, 8, 4))
    blocks[0, 0], blocks[0, 1], blocks[..., 3] = peak, 0, peak
    pixels = np.repeat(np.repeat(blocks, BLOCK, 0), BLOCK, 1)
    frame = colours.frame(pixels.astype(np.uint16 if colours.deep else np.uint8))
    old, full = codec in ("mjpeg", "mpeg4"), name == "yuvj420p"
    assert (int(frame.colorspace), int(frame.color_range)) == (6 if old else 1, 1 + full)
    ideal = wanted(blocks[..., :3] / peak, bits, old=old, full=full)
    for plane, values in zip(frame.planes, ideal, strict=False):
        kind = np.uint16 if bits > 8 else np.uint8
        samples = np.frombuffer(plane, kind).reshape(plane.height, -1)[:, : plane.width]
        down, across = plane.height // 6, plane.width // 8
        middle = samples[down // 2 :: down, across // 2 :: across]
        assert np.abs(middle - values).max() <= off
    white = int(np.frombuffer(frame.planes[0], np.uint16 if bits > 8 else np.uint8)[0])
    assert white == (255 if full else 235 << (bits - 8))


def test_large_pictures_of_a_codec_that_says_nothing_are_709() -> None:
    assert Colours("yuv420p", "mpeg4", 720).matrix == 1
    assert Colours("yuv420p", "mpeg4", 719).matrix == 6
    assert Colours("yuv420p", "libx264", 48).matrix == 1


def test_an_odd_size_repeats_its_edge() -> None:
    pixels = np.zeros((3, 5, 4), np.uint8)
    pixels[-1], pixels[:, -1] = 255, 255
    colours = Colours("yuv420p", "libx264", 3)
    frame = colours.frame(pixels)
    assert (frame.width, frame.height) == (6, 4) == colours.padded((5, 3))
    luma = np.frombuffer(frame.planes[0], np.uint8).reshape(4, -1)[:, :6]
    assert (luma[2:] == 235).all() and (luma[:, 4:] == 235).all() and (luma[:2, :4] == 16).all()
    assert Colours("yuv422p", "dnxhd", 3).padded((5, 3)) == (6, 3)
    assert Colours("rgb24", "png", 3).padded((5, 3)) == (5, 3)


def test_a_pixel_format_that_is_none() -> None:
    with pytest.raises(LocalError, match="nosuch: FFmpeg has no such pixel format"):
        Colours("nosuch", "libx264", 8)


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        (24, Fraction(24)), (23.976, Fraction(24000, 1001)), (23.98, Fraction(24000, 1001)),
        (29.97, Fraction(30000, 1001)), (59.94, Fraction(60000, 1001)), (12.5, Fraction(25, 2)),
        (1, Fraction(1)), (0.5, Fraction(1, 2)), (119.88, Fraction(120000, 1001)),
    ],
)  # fmt: skip
def test_rates(fps: float, rate: Fraction) -> None:
    assert rate_of(fps) == rate


def test_parameters_are_told_apart() -> None:
    words = "vc:preset=slow vcc:g=5 ac:x=1 acc:b=9 of:movflags=a|b f:y=2 pix_fmt=p title=a=b z=1"
    found = sorted_parameters([*words.split(), "libx264autoresize"])
    assert found.video == {"preset": "slow", "g": "5"} and found.audio == {"x": "1", "b": "9"}
    assert found.container == {"movflags": "a|b", "y": "2"} and found.own == {"pix_fmt": "p"}
    assert found.metadata == {"title": "a=b"} and found.unknown == ["z"]
    with pytest.raises(UsageError, match="-outparams preset"):
        sorted_parameters(["preset"])


def test_timecodes() -> None:
    assert timecode("01:00:00:00", Fraction(24)) == "01:00:00:00"
    assert timecode("86410", Fraction(24000, 1001)) == "01:00:00:10"
    with pytest.raises(UsageError):
        timecode("x", Fraction(24))
