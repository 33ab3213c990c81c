"""A colour matrix among channel-wise operations, against computing every pixel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from player.image.compiled import Compiled, to_float
from player.image.mixed import Mixed
from player.image.ops import LUMA, Op, channel_matrix, channelwise, colour_matrix, run_ops
from player.image.tables import quantise
from player.image.transfer import linear_to_srgb, srgb_to_linear

SIZE = (260, 256)


def saturation(amount: float) -> Op:
    m = np.eye(4)
    m[:3, :3] = amount * np.eye(3) + (1 - amount) * LUMA
    return colour_matrix(m)


def only(channel: int) -> Op:
    m = np.zeros((4, 4))
    m[:3, channel] = m[3, 3] = 1
    return channel_matrix(m)


def power(exponent: float) -> Op:
    return channelwise(("power", exponent), lambda x: np.power(np.maximum(x, 0), exponent))


SRGB = channelwise("srgb", linear_to_srgb)
LINEAR = channelwise("linear", srgb_to_linear)
LIFT = colour_matrix([[0.5, 0, 0, 0.25], [0, 0.5, 0, 0.125], [0, 0, 2, -0.5], [0, 0, 0, 1]])
CHAINS: dict[str, list[Op]] = {
    "saturation": [saturation(0.5)],
    "to a screen": [saturation(1.5), SRGB],
    "from a screen": [LINEAR, saturation(0.3), SRGB],
    "exposure": [colour_matrix(np.diag([4.0, 4.0, 4.0, 1.0])), LINEAR, saturation(0.0), SRGB],
    "one channel": [LINEAR, only(1), SRGB],
    "gamma": [saturation(0.8), power(1 / 2.2)],
    "lifted": [saturation(0.8), LIFT],
    "inverted": [saturation(0.5), colour_matrix([*(np.c_[-np.eye(3), np.ones(3)]), [0, 0, 0, 1]])],
    "black": [saturation(0.5), channelwise("black", lambda x: x * 0)],
}


def pixels_of(dtype: Any, channels: int) -> Any:
    rng = np.random.default_rng(3)
    if np.dtype(dtype).kind == "u":
        return rng.integers(0, np.iinfo(dtype).max + 1, (*SIZE, channels), dtype)
    made = rng.normal(0.4, 1.0, (*SIZE, channels)).astype(dtype)
    made[0, :4, 0] = 0.0, 1.0, -0.0, 60000.0
    made[1] = np.geomspace(1e-7, 100, SIZE[1]).astype(dtype)[:, None]
    return made


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float16, np.float32])
@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize("channels", [3, 4])
def test_it_is_what_computing_gives(name: str, dtype: Any, channels: int) -> None:
    chain = Compiled(CHAINS[name])
    pixels = pixels_of(dtype, channels)
    out = np.full((*SIZE, 4), 7, np.uint8)
    chain.to_bytes(pixels, out)
    rgba = np.ones((*SIZE, 4), np.float32)
    rgba[..., :3] = to_float(pixels)[..., :3]
    expected = quantise(run_ops(CHAINS[name], rgba))
    assert np.abs(out[..., :3].astype(int) - expected[..., :3]).max() <= 1
    assert (out[..., 3] == 255).all()
    plain = not chain.ops[0].per_channel  # floats have no table of what comes before
    assert isinstance(chain._mixed(pixels.dtype), Mixed) == (dtype != np.float32 or plain)


@pytest.mark.parametrize("name", CHAINS)
def test_what_is_no_number_harms_its_own_pixel_only(name: str) -> None:
    pixels = pixels_of(np.float16, 4)
    clean, out = (np.zeros((*SIZE, 4), np.uint8) for _ in range(2))
    chain = Compiled(CHAINS[name])
    chain.to_bytes(pixels, clean)
    pixels[5, 5, 0], pixels[6, 6], pixels[7, 7, 3] = np.nan, np.inf, np.nan
    chain.to_bytes(pixels, out)
    changed = np.argwhere((out != clean).any(axis=-1))
    assert {tuple(at) for at in changed} <= {(5, 5), (6, 6)}
    assert (out[..., 3] == 255).all()


def test_steps_go_by_blocks() -> None:
    """No even table follows a staircase; the picture is right all the same."""
    steps = channelwise("steps", lambda x: np.floor(x * 4) / 4)
    chain = Compiled([saturation(0.5), steps])
    assert chain._mixed(np.dtype(np.float16)) is None
    pixels = pixels_of(np.float16, 4)
    out = np.zeros((*SIZE, 4), np.uint8)
    chain.to_bytes(pixels, out)
    assert set(np.unique(out[..., :3])) <= {0, 64, 128, 191, 255}
