"""The recorded answers of the real interpreter, one test for each case.

A case is a session: texts evaluated in order in one interpreter, and the exact reply to each.
The counts of the categories are printed at the end of the run (``-rP`` shows them).
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from player.mu import Interpreter
from tests.telling import Tell

DATA = Path(__file__).resolve().parents[1] / "conformance" / "mu"
PRELUDE = (DATA / "prelude.mu").read_text(encoding="utf-8")
FILES = sorted(DATA.glob("*.jsonl"))
CASES: list[dict[str, Any]] = [
    json.loads(line) for path in FILES for line in path.read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("case", CASES, ids=[c["case"] for c in CASES])
def test_replies_of_the_real_interpreter(case: dict[str, Any]) -> None:
    prelude = PRELUDE if case["env"] == "prelude" else None
    interpreter = Interpreter(prelude, output=lambda text: None)
    assert [interpreter.reply(program) for program in case["programs"]] == case["replies"]


def test_counts_of_the_categories(tell: Tell) -> None:
    counts = Counter(c["case"].partition("/")[0] for c in CASES)
    tell(
        "recorded replies of the real Mu interpreter",
        *(f"{count:5}  {name}" for name, count in sorted(counts.items())),
        f"{sum(counts.values()):5}  all",
    )
    assert sum(counts.values()) == 1957
    assert len({c["case"] for c in CASES}) == 1957
