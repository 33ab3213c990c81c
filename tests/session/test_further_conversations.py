"""Further conversations in the form of ``tests/conformance/session``: as RV answers.

Corners the recordings do not reach: cut points that cross, colour files that are not there,
order of components, media of several kinds, groups of every kind, tables of bindings.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from .conversation import run_case

MEDIA = Path(__file__).resolve().parents[1] / "conformance" / "session" / "media"
DATA = Path(__file__).parent / "data" / "conversations.jsonl"
CASES = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def workdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("conversations")
    shutil.copytree(MEDIA, path / "media")
    return path


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["case"])
def test_conversation(case: dict[str, Any], workdir: Path) -> None:
    found = run_case(case, workdir)
    for kind in ("replies", "events", "events_after"):
        for text, got, wanted in zip(case["programs"], found[kind], case[kind], strict=True):
            assert got == wanted, f"{kind} of {text}"


def test_names_are_single() -> None:
    assert len({c["case"] for c in CASES}) == len(CASES) > 40
