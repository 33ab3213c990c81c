"""Habits of the house that a reader would otherwise have to watch for."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
TOP_LEVEL = {"pyproject.toml", "README.md", "LICENSE", "rvshell", "player", "tests", "scripts"}


def tracked() -> list[Path]:
    """Files of the checkout; without git (an unpacked archive), files of the known folders."""
    try:
        out = subprocess.run(
            ["git", "ls-files", "-z"], cwd=REPO, capture_output=True, check=True, text=True
        ).stdout
        return [REPO / name for name in out.split("\0") if name and (REPO / name).is_file()]
    except (OSError, subprocess.CalledProcessError):
        return [p for top in TOP_LEVEL for p in (REPO / top).rglob("*") if p.is_file()]


def test_top_level_is_what_was_agreed() -> None:
    names = {path.relative_to(REPO).parts[0] for path in tracked()}
    assert {n for n in names if not n.startswith(".")} <= TOP_LEVEL


def test_no_loose_ends_in_the_code() -> None:
    loose = re.compile(r"\b(TODO|FIXME|XXX)\b|NotImplementedError|pragma: no cover")
    found = [
        f"{path.relative_to(REPO)}:{number}: {line.strip()}"
        for path in tracked()
        if path.suffix == ".py" and path != Path(__file__).resolve()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if loose.search(line)
    ]
    assert not found, "\n".join(found)


def test_no_sleeping_in_tests() -> None:
    found = [
        str(path.relative_to(REPO))
        for path in tracked()
        if path.suffix == ".py"
        and path.is_relative_to(REPO / "tests")
        and path != Path(__file__).resolve()
        and "time.sleep(" in path.read_text()
    ]
    assert not found, "\n".join(found)
