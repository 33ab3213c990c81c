"""Runs the parts of the bench and prints one table, and JSON when asked.

A part is a module beside this one with ``run() -> Iterable[Result]``. A result is never a bare
time: it is a ratio against a reference that the part measured in the same run, turn by turn
with the thing itself, since the machine is noisy and never the same.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from player import heap

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Result:
    """One line of the table.

    ``ratio`` is what is judged: against ``goal`` it must be at least (``sense`` ">=") or at
    most ("<=") that; a goal of None only informs.
    """

    name: str
    measured: str
    reference: str
    ratio: float
    goal: float | None = None
    sense: str = ">="

    @property
    def met(self) -> bool | None:
        if self.goal is None:
            return None
        return self.ratio >= self.goal if self.sense == ">=" else self.ratio <= self.goal


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def side_by_side(
    ours: Callable[[], object], theirs: Callable[[], object], rounds: int = 5
) -> tuple[float, float]:
    """Median seconds of both, run in turns so that a slow moment hits both."""
    mine: list[float] = []
    other: list[float] = []
    for _ in range(rounds):
        other.append(seconds(theirs))
        mine.append(seconds(ours))
    return statistics.median(mine), statistics.median(other)


def parts() -> list[str]:
    return sorted(p.stem for p in HERE.glob("*.py") if p.stem != "harness" and p.stem[0] != "_")


def table(results: Iterable[Result]) -> str:
    rows = [("", "measured", "reference", "ratio", "goal", "")]
    for r in results:
        goal = "" if r.goal is None else f"{r.sense} {r.goal:g}"
        verdict = {None: "", True: "met", False: "MISSED"}[r.met]
        rows.append((r.name, r.measured, r.reference, f"{r.ratio:.3g}", goal, verdict))
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    return "\n".join(
        "  ".join(
            cell.ljust(w) if i in (0, 5) else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "part", nargs="*",
        help=f"one of: {', '.join(parts())} (default: all), or PART.FUNCTION for one of its lines",
    )  # fmt: skip
    parser.add_argument("--json", metavar="FILE", help="write the results there as well")
    options = parser.parse_args(argv)
    unknown = {name for name in options.part if name.partition(".")[0] not in parts()}
    if unknown:
        parser.error(f"no part named {', '.join(sorted(unknown))}; there are {', '.join(parts())}")
    everything: dict[str, list[Result]] = {}
    for name in options.part or parts():
        print(f"{name}:", flush=True)
        module, _, function = name.partition(".")
        run = getattr(importlib.import_module(module), function or "run", None)
        if run is None:
            parser.error(f"{module} has no {function}")
        everything[name] = list(run())
        print(table(everything[name]), end="\n\n", flush=True)
    if options.json:
        machine = {
            "python": platform.python_version(),
            "machine": platform.machine(),
            "cores": os.cpu_count(),
        }
        results = {
            name: [asdict(r) | {"met": r.met} for r in rows] for name, rows in everything.items()
        }
        Path(options.json).write_text(json.dumps({"machine": machine, "parts": results}, indent=1))
    return 0


if __name__ == "__main__":
    heap.settle()  # some parts play in this process, as a player does in its own
    # The parts import this module by its name: one Result class, not two.
    sys.path.insert(0, str(HERE))
    sys.exit(importlib.import_module("harness").main())
