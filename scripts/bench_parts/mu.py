"""Mu: evaluations inside the process, and programs against the same loop in Python."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count

from harness import Result, seconds, side_by_side

from player.mu import Interpreter
from player.mu.parser import tables

LIMIT = 4.0

BLOCK = """{ require commands; let media = "/shots/sh010/comp.mov"; bool found = false;
string src = ""; int frame = 1;
for_each (source; string[] {"sourceGroup000000", "sourceGroup000001"}) {
if (("%s.media.movie" % source) == media) { found = true; src = source; break; } }
if (!found) { src = "sourceGroup000002"; } else { frame = 3 + 1; }
string[] names; for (int i = 0; i < 3; i++) { names.push_back("%d" % i); } frame; }"""

ADDITIONS = "{ int s = 0; for (int i = 0; i < 1000000; i++) s += i; s; }"
FIB = (
    "{ \\: fib (int; int n) { if n < 2 then n else fib(n - 1) + fib(n - 2); } int k = 24; fib(k); }"
)
APPENDS = '{ string s; for (int i = 0; i < 100000; i++) s += "x"; s.size(); }'
QUICKSORT = """{ \\: sort (void; int[] a, int lo, int hi) {
    if (lo >= hi) return;
    int p = a[(lo + hi) / 2]; int i = lo; int j = hi;
    while (i <= j) {
        while (a[i] < p) i++;
        while (a[j] > p) j--;
        if (i <= j) { int t = a[i]; a[i] = a[j]; a[j] = t; i++; j--; }
    }
    sort(a, lo, j); sort(a, i, hi); }
int[] a; int x = 12345;
for (int i = 0; i < 20000; i++) { x = (x * 1103515245 + 12345) & 0x7fffffff; a.push_back(x); }
sort(a, 0, a.size() - 1); a[0]; }"""


def additions() -> int:
    s = i = 0
    while i < 1000000:
        s += i
        i += 1
    return s


def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def appends() -> int:
    s = ""
    for _ in range(100000):
        s += "x"
    return len(s)


def sort(a: list[int], lo: int, hi: int) -> None:
    if lo >= hi:
        return
    p, i, j = a[(lo + hi) // 2], lo, hi
    while i <= j:
        while a[i] < p:
            i += 1
        while a[j] > p:
            j -= 1
        if i <= j:
            a[i], a[j] = a[j], a[i]
            i += 1
            j -= 1
    sort(a, lo, j)
    sort(a, i, hi)


def quicksort() -> int:
    a = []
    x = 12345
    for _ in range(20000):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        a.append(x)
    sort(a, 0, len(a) - 1)
    return a[0]


def each(action: Callable[[], object], times: int) -> float:
    """Median seconds of an action, over a few rounds of many."""

    def repeat() -> None:
        for _ in range(times):
            action()

    return statistics.median(seconds(repeat) for _ in range(5)) / times


def evaluations(mu: Interpreter) -> Iterator[Result]:
    """Whole evaluations, against a Python expression that is compiled and run."""
    python = each(lambda: eval(compile("frame()", "<b>", "eval"), {"frame": lambda: 42}), 2000)
    number = count()

    def fresh(text: str) -> Callable[[], object]:
        # the same program, every time another text
        return lambda: mu.reply(text + " " * (next(number) % 500) + "\n" * (next(number) // 500))

    mu.reply("frame();")
    for name, action, times, goal in (
        ("frame(); seen before", lambda: mu.reply("frame();"), 5000, 25e-6),
        ("frame(); new", fresh("frame();"), 300, 500e-6),
        ("400-byte block, new", fresh(BLOCK), 60, 3e-3),
    ):
        took = each(action, times)
        yield Result(
            f"{name} (of the {goal * 1e6:g} µs aimed at)", f"{took * 1e6:.1f} µs",
            f"eval() {python * 1e6:.1f} µs", took / goal, 1.0, "<=",
        )  # fmt: skip


def programs(mu: Interpreter) -> Iterator[Result]:
    """Programs, against the same loop written by hand."""
    for name, text, python in (
        ("a million additions", ADDITIONS, additions),
        ("fib(24)", FIB, lambda: fib(24)),
        ("100,000 appends to a string", APPENDS, appends),
        ("quicksort of 20,000", QUICKSORT, quicksort),
    ):
        ours, theirs = side_by_side(lambda text=text: mu.reply(text), python)
        yield Result(name, f"{ours:.3f} s", f"Python {theirs:.3f} s", ours / theirs, LIMIT, "<=")


def start() -> Iterator[Result]:
    """What a player pays for the language when it starts."""
    empty, loaded = [], []
    for _ in range(7):
        for code, into in (("pass", empty), ("import player.mu as m; m.Interpreter()", loaded)):
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            into.append(time.perf_counter() - begin)
    base, full = statistics.median(empty), statistics.median(loaded)
    yield Result(
        "start of an interpreter", f"{full * 1e3:.0f} ms", f"python -c pass {base * 1e3:.0f} ms",
        full / base,
    )  # fmt: skip
    tables.cache_clear()
    took = seconds(tables)
    yield Result(
        "reading the parse table", f"{took * 1e3:.1f} ms", "building it 400 ms", took / 0.4, 0.05,
        "<=",
    )  # fmt: skip


def run() -> Iterator[Result]:
    mu = Interpreter()
    mu.register_function("commands", "frame", "int ()", lambda: 42)
    yield from evaluations(mu)
    yield from programs(mu)
    yield from start()
