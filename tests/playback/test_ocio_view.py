"""An OpenColorIO view is switched on with the lines that the README shows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from tests.players import REPO, running_player

ocio = pytest.importorskip("PyOpenColorIO")

CONFIG = "ocio://studio-config-latest"


def test_the_view_of_the_readme(tmp_path: Path) -> None:
    readme = (REPO / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^    (set '#.*(?:OCIO|Pipeline).*)$", readme, re.MULTILINE)
    view = lines[-1].rpartition(" '")[2].rstrip("'")
    light = np.random.default_rng(3).uniform(0, 1.5, (9, 16, 3)).astype(np.float16)
    path, script, shot = tmp_path / "a.exr", tmp_path / "view.rvs", tmp_path / "shot.png"
    made = oiio.ImageOutput.create(str(path))
    assert made is not None and made.open(str(path), oiio.ImageSpec(160, 90, 3, "half"))
    made.write_image(np.repeat(np.repeat(light, 10, 0), 10, 1))
    made.close()
    script.write_text("\n".join([*lines, f"snapshot {shot}"]))
    with running_player(str(path), "--size", "160x90", env={"OCIO": CONFIG}) as player:
        player.until("nodesOfType('RVFileSource').size()".replace("'", '"'), "1")
        done = subprocess.run(
            [sys.executable, "-m", "rvshell", f"127.0.0.1:{player.port}", "-f", str(script)],
            capture_output=True, text=True, cwd=REPO,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    config = ocio.Config.CreateFromFile(CONFIG)
    right = light.astype(np.float32)
    config.getProcessor(
        ocio.ROLE_SCENE_LINEAR, config.getDefaultDisplay(), view, ocio.TRANSFORM_DIR_FORWARD
    ).getDefaultCPUProcessor().applyRGB(right)
    file = oiio.ImageInput.open(str(shot))
    assert file is not None
    shown = np.asarray(file.read_image("uint8"), float)
    assert shown.shape[:2] == (90, 160)
    assert np.abs(shown[5::10, 5::10, :3] - np.clip(right, 0, 1) * 255).max() <= 2
