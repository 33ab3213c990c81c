"""Start-up times against ``python -c pass``."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from harness import Result

ROUNDS = 11


def timed(argv: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    return time.perf_counter() - start


def until_listening(argv: list[str]) -> tuple[float, subprocess.Popen[str], int]:
    start = time.perf_counter()
    process = subprocess.Popen(argv, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if "listening on port" in line:
            return time.perf_counter() - start, process, int(line.rsplit(None, 1)[1])
    raise SystemExit("bench: the player did not start")


def run() -> Iterator[Result]:
    python = sys.executable
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder  # port files of the bench are nobody else's business
        # installed programs have their bytecode; so do these, from the first run on
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = os.path.join(folder, "bytecode")
        player_argv = [python, "-m", "player", "--display", "null", "-networkPort", "45200"]
        elapsed, process, port = until_listening(player_argv)
        try:
            names = {
                "rvshell --help": ([python, "-m", "rvshell", "--help"], 6.0),
                "rvshell -c frame": (
                    [python, "-m", "rvshell", f"127.0.0.1:{port}", "-c", "frame"],
                    6.0,
                ),
            }
            times: dict[str, list[float]] = {name: [] for name in names}
            bare: list[float] = []
            for _ in range(ROUNDS):
                bare.append(timed([python, "-c", "pass"]))
                for name, (argv, _) in names.items():
                    times[name].append(timed(argv))
        finally:
            process.terminate()
            process.wait(10)
        reference = statistics.median(bare)
        for name, (_, goal) in names.items():
            value = statistics.median(times[name])
            yield Result(
                name,
                f"{value * 1e3:.0f} ms",
                f"python -c pass {reference * 1e3:.0f} ms",
                value / reference,
                goal,
                "<=",
            )
        starts = [elapsed]
        for _ in range(4):
            elapsed, process, _ = until_listening(player_argv)
            process.terminate()
            process.wait(10)
            starts.append(elapsed)
        value = statistics.median(starts)
        yield Result(
            "player to listening",
            f"{value * 1e3:.0f} ms",
            f"python -c pass {reference * 1e3:.0f} ms",
            value / reference,
            40.0,
            "<=",
        )
