"""A full disk under what is pushed and under snapshots: one line, nothing lost, nobody ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.pixels.running import REPO


def test_pipes_and_snapshots_on_a_full_disk(tmp_path: Path) -> None:
    probe = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", str(tmp_path)]
    try:
        if subprocess.run(probe, capture_output=True, timeout=60).returncode:
            pytest.skip("no namespaces of mounts here")
    except OSError:
        pytest.skip("no unshare here")
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-m", "tests.pixels.full_disk", str(tmp_path)],
        cwd=REPO, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok: ") == 3
