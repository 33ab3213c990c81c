"""Programs of the tests that mount a disk of their own, to fill it or take it away."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.players import REPO

__all__ = ["run_with_mounts"]


def run_with_mounts(module: str, folder: Path) -> str:
    """Run a module of the tests where it may mount over the empty *folder*; what it printed.

    Skips where the system allows no mounts of one's own; fails when the program does.
    """
    probe = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", str(folder)]
    try:
        if subprocess.run(probe, capture_output=True, timeout=60).returncode:
            pytest.skip("this system allows no mounts of one's own (unshare -rm)")
    except OSError:
        pytest.skip("no unshare here")
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-m", module, str(folder)],
        cwd=REPO, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
