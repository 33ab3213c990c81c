"""Real renderers push through the examples, where they are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tests.pixels.running import REPO, RunningPlayer
from tests.pixels.test_push_verb import node_of, pixels_of

EXAMPLES = REPO / "scripts" / "examples"


@pytest.mark.skipif(find_spec("mitsuba") is None, reason="mitsuba is not installed")
def test_mitsuba(tmp_path: Path) -> None:
    with RunningPlayer(tmp_path) as player:
        done = subprocess.run(
            [sys.executable, str(EXAMPLES / "mitsuba_live.py"), f"127.0.0.1:{player.port}",
             "--size", "48", "--passes", "3", "--spp", "2"],
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        node = node_of(player, "mitsuba")
        layers = {
            layer: pixels_of(player, node, f"1;{layer}", "Float", 48 * 48 * 3).reshape(48, 48, 3)
            for layer in ("beauty", "albedo", "normal", "depth")
        }
    # the Cornell box: rows run upward, the red wall is on the left, the lamp at the ceiling
    albedo = layers["albedo"]
    assert albedo[24, 2, 0] > 2 * albedo[24, 2, 1]
    assert albedo[24, 45, 1] > 2 * albedo[24, 45, 0]
    assert layers["beauty"][24:].max() > 5 and layers["beauty"].mean() > 0.05
    np.testing.assert_allclose(np.linalg.norm(layers["normal"][24, 24]), 1, atol=0.05)
    assert np.ptp(layers["depth"]) > 0.1


@pytest.mark.skipif(
    find_spec("bpy") is None and shutil.which("blender") is None,
    reason="neither bpy nor Blender is installed",
)
def test_blender(tmp_path: Path) -> None:
    example = str(EXAMPLES / "blender_live.py")
    start = [sys.executable, example]
    if find_spec("bpy") is None:
        start = ["blender", "-b", "--factory-startup", "--python", example, "--"]
    with RunningPlayer(tmp_path) as player:
        done = subprocess.run(
            [*start, f"127.0.0.1:{player.port}", "--size", "64x36", "--passes", "2",
             "--spp", "2", "--frames", "1-2"],
            capture_output=True, text=True, timeout=300, cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(REPO)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        node = node_of(player, "blender")
        layers = {
            layer: pixels_of(player, node, f"2;{layer}", "Float", 64 * 36 * 3).reshape(36, 64, 3)
            for layer in ("beauty", "albedo", "normal", "depth")
        }
        first = pixels_of(player, node, "1;beauty", "Float", 64 * 36 * 3)
    # a cube in the middle, lit from above, with nothing around it
    assert layers["albedo"][18, 32].min() > 0.5 and layers["albedo"][2, 2].max() == 0
    assert layers["depth"][18, 32, 0] > 0.1 and layers["depth"][2, 2, 0] == 0
    beauty = layers["beauty"]
    assert beauty[26, 32].mean() > 1.5 * beauty[18, 24].mean()  # its top, and the dark side
    assert layers["normal"][26, 32, 2] > 0.9
    assert np.abs(first - beauty.reshape(-1)).mean() < 0.05


@pytest.mark.skipif(shutil.which("povray") is None, reason="POV-Ray is not installed")
def test_povray(tmp_path: Path) -> None:
    with RunningPlayer(tmp_path) as player:
        done = subprocess.run(
            [str(EXAMPLES / "povray_live.sh"), f"127.0.0.1:{player.port}", "", "64", "36", "2"],
            capture_output=True, text=True, timeout=120, cwd=REPO,
            env={**os.environ, "RVSHELL": f"{sys.executable} -m rvshell"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        node = node_of(player, "povray")
        assert player.numbers(f'getIntProperty("{node}.image.bitsPerChannel")') == [16]
        assert player.numbers('getIntProperty("#RVDisplayColor.color.sRGB")') == [1]
        player.ask(f'exportCurrentFrame("{tmp_path}/now.png")')
        middle = player.numbers(f'sourcePixelValue("{node}", 32.0, 16.0)')[:3]
        sky = player.numbers(f'sourcePixelValue("{node}", 2.0, 34.0)')[:3]
    assert middle[0] > 2 * middle[2]  # the orange sphere
    assert sky[2] > sky[0]
