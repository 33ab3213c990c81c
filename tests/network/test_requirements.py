"""Every row of RV's manual on networking, with the test that shows it, printed as a table.

`requirements.tsv`: number, what the manual says, and the tests (files, or `file::test`), or
`no: ` and the reason why there is none.
"""

from __future__ import annotations

import ast
from pathlib import Path

from tests.telling import Tell

REPO = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).with_name("requirements.tsv")


def rows() -> list[tuple[str, str, str]]:
    lines = TABLE.read_text().splitlines()
    return [(n, item, shown) for n, item, shown in (line.split("\t") for line in lines)]


def functions_of(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
    return names


def test_every_row_is_there_and_each_test_exists(tell: Tell) -> None:
    table = rows()
    numbers = [number for number, _, _ in table]
    wanted = [str(i) for i in range(1, 101)]
    wanted[42:42] = ["42a", "42b", "42c", "42d"]
    assert numbers == wanted
    missing = []
    for number, _, shown in table:
        if shown.startswith("no: "):
            assert len(shown) > 10, number
            continue
        for word in shown.split():
            name, _, test = word.partition("::")
            path = REPO / name
            if not path.exists() or (test and test not in functions_of(path)):
                missing.append(f"{number}: {word}")
    assert not missing, missing
    lines = []
    for number, item, shown in table:
        missing_because = shown[4:] if shown.startswith("no: ") else ""
        mark = "[ ]" if missing_because else "[x]"
        said = missing_because or shown.split()[0]
        lines.append(f"{mark} {number:>3}  {item:<48.48}  {said}")
    tell("RV user manual, chapter 13", *lines)
