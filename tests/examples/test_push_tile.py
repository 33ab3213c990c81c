"""The wire recipe for other languages compiles as strict standard C and pushes a picture."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.pixels.running import REPO, RunningPlayer
from tests.pixels.test_push_verb import node_of, pixels_of
from tests.ports import free_port

SOURCE = REPO / "scripts" / "examples" / "push_tile.c"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler")
    out = tmp_path_factory.mktemp("c") / "push_tile"
    flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-D_POSIX_C_SOURCE=200112L"]
    subprocess.run([compiler, *flags, "-o", str(out), str(SOURCE)], check=True)
    return out


def test_every_pixel_arrives(program: Path, tmp_path: Path) -> None:
    with RunningPlayer(tmp_path) as player:
        subprocess.run([str(program), str(player.port), "gradient"], check=True, timeout=30)
        node = node_of(player, "gradient")
        got = pixels_of(player, node, "1", "Float", 320 * 180 * 4).reshape(180, 320, 4)
    x, y = np.arange(320, dtype=np.float32), np.arange(180, dtype=np.float32)
    np.testing.assert_array_equal(
        got[..., 0].astype(np.float32), np.tile(x / np.float32(320), (180, 1))
    )
    np.testing.assert_array_equal(
        got[..., 1].astype(np.float32), np.tile((y / np.float32(180))[:, None], (1, 320))
    )
    assert set(got[..., 3].reshape(-1)) == {1.0}


def test_nobody_listens(program: Path) -> None:
    done = subprocess.run([str(program), str(free_port())], capture_output=True, text=True)
    assert done.returncode == 1 and "push_tile" in done.stderr
