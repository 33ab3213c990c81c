"""The exit status is the program's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]


INTERRUPTED = """
import sys

class Out:
    def __init__(self, stream):
        self._stream = stream

    def write(self, text):
        try:
            exec("raise KeyboardInterrupt")
        except KeyboardInterrupt:
            return self._stream.write(text)

    def __getattr__(self, name):
        return getattr(self._stream, name)

sys.stdout = Out(sys.stdout)
"""


@pytest.mark.parametrize("program", ["player", "rvshell"])
def test_an_interruption_that_was_caught_leaves_the_status_alone(
    program: str, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTED)
    done = subprocess.run(
        [sys.executable, "-m", program, "--version"], capture_output=True, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(REPO)])},
    )  # fmt: skip
    assert done.returncode == 0
