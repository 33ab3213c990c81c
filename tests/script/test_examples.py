"""The examples do what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.shell.harness import BARS, PlayerProcess, environment, rvshell

EXAMPLES = Path(__file__).resolve().parents[2] / "scripts" / "examples"


def test_checking_media(bars: PlayerProcess, home: Path) -> None:
    script = str(EXAMPLES / "check_media.rvs")
    at = ("-t", bars.address, "-c", "clear; realtime on")
    done = rvshell(*at, "-c", f"set media={BARS}", "-f", script, home=home)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines == [f"{BARS}: frames 1 to 100 at 24.0", "first.png", "last.png"]
    assert (home / "last.png").read_bytes().startswith(b"\x89PNG")
    short = "smptebars,start=1,end=1.movieproc"
    done = rvshell(*at, "-c", f"set media={short}", "-f", script, home=home)
    assert done.returncode == 7 and "expect: not so: end is 1, start is 1" in done.stderr
    rvshell("-t", bars.address, "realtime", "on", home=home)


def test_a_jog_wheel(bars: PlayerProcess, home: Path) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "knob.py"), bars.address],
        input="+3\n+10\n-1\nnonsense\npress\npress\n",
        env=environment(home, PATH=path), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["play", "stop"]
    assert int(rvshell("-t", bars.address, "frame", home=home).stdout) >= 13
