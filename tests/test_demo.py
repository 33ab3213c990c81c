"""`scripts/demo` without a terminal: the main job from set-up to picture, on real input."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import OpenImageIO as oiio

REPO = Path(__file__).resolve().parents[1]


def test_the_demo_runs_and_its_picture_is_the_scene() -> None:
    seen = REPO / "out" / "demo" / "seen.png"
    seen.unlink(missing_ok=True)
    done = subprocess.run(
        [REPO / "scripts" / "demo"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "RVSHELL_VENV": sys.prefix},
    )
    assert done.returncode == 0, done.stderr
    assert str(seen) in done.stderr
    assert "sources\t1" in done.stdout
    pixels = oiio.ImageBuf(str(seen)).get_pixels("uint8")
    red, mirror = pixels[335, 400][:3], pixels[280, 640][:3]
    assert red[0] > 150 and red[0] > 1.8 * red[1], "the red sphere is where it was traced"
    assert mirror[2] > mirror[0], "the mirror sphere shows the sky"
