"""A full disk: the reason is told, nothing that was there is lost, nobody ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]


def test_pictures_that_do_not_fit(tmp_path: Path) -> None:
    probe = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", str(tmp_path)]
    try:
        if subprocess.run(probe, capture_output=True, timeout=60).returncode:
            pytest.skip("no namespaces of mounts here")
    except OSError:
        pytest.skip("no unshare here")
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-m", "tests.image.full_disk", str(tmp_path)],
        cwd=REPO, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok: ") == 8
    assert "a.jpg: No space left on device" in done.stdout
    assert "old.png: No space left on device" in done.stdout
