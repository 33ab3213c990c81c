"""A full disk: the reason is told, nothing that was there is lost, nobody ends."""

from __future__ import annotations

from pathlib import Path

from tests.mounts import run_with_mounts


def test_pictures_that_do_not_fit(tmp_path: Path) -> None:
    shown = run_with_mounts("tests.image.full_disk", tmp_path)
    assert shown.count("ok: ") == 8
    assert "a.jpg: No space left on device" in shown
    assert "old.png: No space left on device" in shown
