"""The recorded answers of the real interpreter.

Each file of ``tests/conformance/mu`` has a floor: the number of its cases that answer exactly
today. A change that loses one fails; one that gains some raises the floor here. Files without
cases left over are at their full count. The differences that remain are printed with ``-rP``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from player.mu import Interpreter

DATA = Path(__file__).resolve().parents[1] / "conformance" / "mu"
PRELUDE = (DATA / "prelude.mu").read_text(encoding="utf-8")
FLOORS = {
    "01_literals": 63, "02_multiline": 13, "03_operators": 71, "04_statements": 73,
    "05_declarations_scope": 60, "06_casts": 36, "07_strings": 36, "08_format": 44,
    "09_functions": 42, "10_lambda_partial": 19, "11_arrays": 53, "12_lists_tuples": 29,
    "13_patterns_case": 15, "14_classes": 24, "15_unions": 7, "16_modules": 20,
    "17_exceptions": 42, "18_regex": 19, "19_math_vec": 40, "20_rendering": 20,
    "21_errors": 54, "22_errors_order": 10, "23_clients": 64, "24_conversions": 52,
    "25_misc": 28, "26_programs": 105, "27_generated": 424, "28_mutated": 129,
    "29_sessions": 101,
}  # fmt: skip


def answers(case: dict[str, Any]) -> list[str]:
    interpreter = Interpreter(
        PRELUDE if case["env"] == "prelude" else None, output=lambda text: None
    )
    return [interpreter.reply(program) for program in case["programs"]]


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_replies_of_the_real_interpreter(name: str) -> None:
    cases = [
        json.loads(line)
        for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    exact, different = 0, []
    for case in cases:
        try:
            good = answers(case) == case["replies"]
        except Exception as error:
            good = False
            different.append(f"{case['case']}: {type(error).__name__}: {error}")
        else:
            if not good:
                different.append(case["case"])
        exact += good
    print(f"{name}: {exact} of {len(cases)} exact; others: {', '.join(different)}")
    assert exact >= FLOORS[name], f"{name}: {exact} exact, {FLOORS[name]} before; {different}"
