"""A pulled cable between two synced players, in network namespaces where the system allows."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]


def test_a_pulled_cable_heals() -> None:
    allowed = shutil.which("unshare") and shutil.which("ip")
    probe = ["unshare", "-rnm", "mount", "-t", "tmpfs", "tmpfs", "/run"]
    if not allowed or subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("this system allows no network namespaces (unshare -rnm)")
    done = subprocess.run(
        ["unshare", "-rnm", sys.executable, "-m", "tests.sync.partition"],
        cwd=REPO, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "ok: both show the same",
        "ok: the loss is noticed",
        "ok: both show the same again",
        "ok: silence",
    ]
