"""Every name of RV's vocabulary is there, with its exact signature and tier.

``vocabulary.tsv`` lists them: section, module, name, tier, Mu signatures (overloads separated by
`` ;; ``), Python signature ("" when Python has none) and whether Python's is a native function.
The table of all names, each with a test that proves it, is printed.
"""

from __future__ import annotations

import ast
import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from player.commands import load_all
from player.commands.registry import parse_signature
from player.scripting.natives import MU_ONLY
from player.scripting.pyhost import PythonHost
from tests.telling import Tell


@dataclass(frozen=True)
class Entry:
    section: str
    module: str
    name: str
    tier: str
    mu: tuple[str, ...]
    python: str
    native: bool


def _read() -> list[Entry]:
    path = Path(__file__).with_name("vocabulary.tsv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            Entry(
                row["section"],
                row["module"],
                row["name"],
                row["tier"],
                tuple(row["mu"].split(" ;; ")),
                row["python"],
                bool(row["native"]),
            )
            for row in rows
        ]


ENTRIES = _read()


def _same(signature: str) -> tuple[object, ...]:
    """A signature without accidents of spacing."""
    name, params, returns = parse_signature(signature)
    squeeze = re.compile(r"\s*([,\[\](){};])\s*")
    return (
        name,
        tuple((squeeze.sub(r"\1", p.type), p.name, p.default) for p in params),
        squeeze.sub(r"\1", returns),
    )


def _problems(entry: Entry) -> list[str]:
    found = load_all().overloads(entry.name, entry.module)
    if not found:
        return ["missing"]
    problems = []
    wanted = [_same(text) for text in entry.mu]
    got = [_same(command.signature) for command in found]
    if wanted != got:
        problems.append(f"signature {[c.signature for c in found]} instead of {list(entry.mu)}")
    tiers = {command.tier for command in found}
    if tiers != {entry.tier}:
        problems.append(f"tier {tiers} instead of {entry.tier}")
    if any(not command.doc for command in found):
        problems.append("no documentation")
    return problems


def _called(text: str) -> set[str]:
    return set(re.findall(r"\b([A-Za-z_]\w*)\s*\(", text))


def _proofs() -> dict[str, str]:
    """For each name one test that calls it: a recorded conversation, a call in both languages,
    else any test whose text mentions it."""
    tests = Path(__file__).resolve().parents[1]
    found: dict[str, str] = {}
    for line in (tests / "conformance/session/cases.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        for name in _called(" ".join(case["programs"])):
            found.setdefault(name, f"test_conversation[{case['case']}]")
    for line in (tests / "commands/agreement.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        for name in _called(row["mu"]):
            found.setdefault(name, f"test_mu_and_python_agree[{row['mu'][:40]}]")
    for path in sorted(tests.glob("*/test_*.py")):
        if path == Path(__file__):
            continue
        text = path.read_text("utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                where = f"{path.parent.name}/{path.stem}::{node.name}"
                # the cases of a test stand in its decorators, or in a table of the module
                start = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                lines = text.splitlines()[start - 1 : node.end_lineno]
                for name in re.findall(r"[A-Za-z_]\w*", "\n".join(lines)):
                    found.setdefault(name, where)
        for name in re.findall(r"[A-Za-z_]\w*", text):
            found.setdefault(name, f"{path.parent.name}/{path.stem}")
    return found


def test_the_table_of_all_names(tell: Tell) -> None:
    assert len(ENTRIES) == 399
    proofs = _proofs()
    lines = []
    broken = 0
    for entry in ENTRIES:
        problems = _problems(entry)
        proof = proofs.get(entry.name)
        if proof is None:
            problems.append("no test")
        broken += bool(problems)
        state = "; ".join(problems) or "ok"
        lines.append(f"{entry.tier}  {entry.module}.{entry.name:<36} {proof or '':<64} {state}")
    tell("RV's scripting vocabulary", *lines, f"{len(ENTRIES)} names, {broken} with problems")
    assert not broken, "\n".join(line for line in lines if not line.endswith(" ok"))


@pytest.mark.parametrize("tier", "ABC")
def test_every_name_is_there(tier: str) -> None:
    missing = [
        e.name for e in ENTRIES if e.tier == tier and not load_all().overloads(e.name, e.module)
    ]
    assert not missing


def test_nothing_else_is_called_a_command() -> None:
    known = {(e.module, e.name) for e in ENTRIES}
    extra = [
        f"{m}.{n}"
        for m in ("commands", "extra_commands")
        for n in load_all().names(m)
        if (m, n) not in known
    ]
    assert not extra


def test_python_has_exactly_its_names(python: PythonHost) -> None:
    wrong = []
    for entry in ENTRIES:
        module = python.package.modules[f"rv.{entry.module}"]
        named = entry.python.partition("(")[0]
        if named and not hasattr(module, named):
            wrong.append(f"{entry.module}.{entry.name}: Python's {named} is missing")
        if hasattr(module, entry.name) != (named == entry.name):
            wrong.append(f"{entry.module}.{entry.name}: python {entry.python or 'none'}")
    assert not wrong
    renamed = {e.name for e in ENTRIES if e.python.partition("(")[0] != e.name}
    assert renamed == MU_ONLY
