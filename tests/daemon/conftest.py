"""Players, one of their own for each test or one for a module, and small media."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from tests.players import Player, running_player


@pytest.fixture
def player() -> Iterator[Player]:
    """A fresh player without a screen."""
    with running_player() as made:
        yield made


@pytest.fixture(scope="module")
def _shared() -> Iterator[Player]:
    with running_player() as made:
        yield made


@pytest.fixture
def cleared(_shared: Player) -> Player:
    """The module's player, without sources, for tests that leave nothing else behind."""
    _shared.mu("clearSession()")
    _shared.log.clear()
    return _shared


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`grey.0001.tif` to `grey.0010.tif`, 64x36, grey that grows with the frame; `still.tif`."""
    folder = tmp_path_factory.mktemp("shots")

    def write(name: str, value: float) -> None:
        pixels = np.full((36, 64, 3), value, np.float32)
        spec = oiio.ImageSpec(64, 36, 3, "uint8")
        out = oiio.ImageOutput.create(str(folder / name))
        assert out.open(str(folder / name), spec)
        assert out.write_image(pixels)
        out.close()

    for frame in range(1, 11):
        write(f"grey.{frame:04d}.tif", frame / 20)
    write("still.tif", 0.5)
    return folder
