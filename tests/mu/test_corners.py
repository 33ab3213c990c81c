"""Corners of the language: replies of the real interpreter beyond the conformance cases.

The files have the shape of the conformance files; each case is a session in one interpreter.
Those of ``corners`` and ``written`` were found by giving thousands of programs (mutations of the
conformance cases, every built-in function, every operator on every pair of types, written and
generated ones) to the real interpreter and to this one; ``library`` is about modules, ``combined``
are programs by hand that put several parts of the language together; ``inferred`` is about
functions without a return type, ``strings`` about NUL and lengths, ``printed`` has what each
program writes beside its reply.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from player.mu import Interpreter

DATA = Path(__file__).with_name("data")
PRELUDE = Path(__file__).resolve().parents[1] / "conformance" / "mu" / "prelude.mu"
CASES: list[dict[str, Any]] = [
    json.loads(line)
    for file in sorted(DATA.glob("*.jsonl"))
    for line in file.read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("case", CASES, ids=[c["case"] for c in CASES])
def test_replies_of_the_real_interpreter(case: dict[str, Any]) -> None:
    prelude = PRELUDE.read_text(encoding="utf-8") if case["env"] == "prelude" else None
    written: list[str] = []
    interpreter = Interpreter(prelude, output=written.append)
    replies, printed = [], []
    for program in case["programs"]:
        written.clear()
        replies.append(interpreter.reply(program))
        printed.append("".join(written))
    assert replies == case["replies"]
    assert printed == case.get("printed", printed)
