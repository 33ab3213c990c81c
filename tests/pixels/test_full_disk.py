"""A full disk under what is pushed and under snapshots: one line, nothing lost, nobody ends."""

from __future__ import annotations

from pathlib import Path

from tests.mounts import run_with_mounts


def test_pipes_and_snapshots_on_a_full_disk(tmp_path: Path) -> None:
    assert run_with_mounts("tests.pixels.full_disk", tmp_path).count("ok: ") == 3
