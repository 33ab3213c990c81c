"""The example renderer runs against a real player, and what it computed is what arrives."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np

from tests.pixels.running import REPO, RunningPlayer

SCRIPT = REPO / "scripts" / "examples" / "progressive_render.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("progressive_render", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_frame_and_layer_arrives(tmp_path: Path) -> None:
    with RunningPlayer(tmp_path) as player:
        subprocess.run(
            [sys.executable, str(SCRIPT), f"127.0.0.1:{player.port}", "--size", "200x120",
             "--frames", "3", "--passes", "2"],
            check=True, timeout=60, cwd=REPO, capture_output=True,
        )  # fmt: skip
        (node,) = player.ask('nodesOfType("RVImageSource")').split('"')[1::2]
        assert player.numbers("(frameStart(), frameEnd())") == [1, 3]
        for frame in (1, 2, 3):
            image = np.zeros((2, 120, 200, 4), np.float32)
            for x, y, area in load().render(200, 120, frame, 2):
                image[:, y : y + area.shape[1], x : x + area.shape[2]] = area
            for index, layer in enumerate(("beauty", "normal")):
                got = player.numbers(
                    f'{{ let p = getFloatProperty("{node}.image.{frame};{layer}"); '
                    f"float[] r; for_each (i; int[] {{0, 1, 48000, 48001, 95996}}) "
                    f"r.push_back(p[i]); r; }}"
                )
                flat = image[index, ::-1].reshape(-1)[[0, 1, 48000, 48001, 95996]]
                np.testing.assert_allclose(got[-5:], flat, rtol=1e-5, atol=1e-7)


def test_pushing_takes_few_lines() -> None:
    tree = ast.parse(SCRIPT.read_text())
    (main,) = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "main"]
    (block,) = [n for n in main.body if isinstance(n, ast.With)]
    assert block.end_lineno is not None
    assert block.end_lineno - block.lineno + 1 < 30
