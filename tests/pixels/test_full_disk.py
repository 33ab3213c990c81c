"""A full disk under what is pushed or watched and under snapshots: one line, nothing is lost."""

from __future__ import annotations

from pathlib import Path

from tests.mounts import run_with_mounts


def test_pipes_snapshots_and_watched_folders_on_a_full_disk(tmp_path: Path) -> None:
    assert run_with_mounts("tests.pixels.full_disk", tmp_path).count("ok: ") == 5
