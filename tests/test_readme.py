"""README.md is the manual: what it shows exists, and its table of verbs is the registry's."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
README = (REPO / "README.md").read_text(encoding="utf-8")


def test_the_table_of_verbs_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, REPO / "scripts" / "gen_readme", "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_it_names_exist() -> None:
    named = set(re.findall(r"\((scripts/[^)]+)\)", README))
    named |= set(re.findall(r"`((?:scripts|tests|player|rvshell)/[\w./]+)`", README))
    assert named
    assert not [name for name in named if not (REPO / name).exists()]


def test_verbs_and_options_in_its_examples_exist() -> None:
    from rvshell.cli import HELP
    from rvshell.script import flow
    from rvshell.verbs.registry import load

    registry = load()
    flow.install()
    known = set(registry.names()) | {"rvpush", "tap", "bridge"}
    lines = [line.strip() for line in README.splitlines() if line.startswith("    rvshell ")]
    first = [line.split("#")[0].split()[1:2] for line in lines]
    words = {word[0] for word in first if word}
    strange = {
        w
        for w in words
        if w not in known and ":" not in w and not w.startswith("-") and w != "import"
    }
    assert not strange
    for flag in re.findall(r"rvshell .*?(--[a-z-]+)", "\n".join(lines)):
        assert flag in HELP or any(
            flag == option.flag for verb in registry for option in verb.signature.options
        ), flag
