"""A player for the bench, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Running:
    """`port`, and what the kernel says of its memory."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port

    def memory(self, key: str) -> int:
        """Bytes of a line of /proc/PID/status: VmRSS now, VmHWM at the most so far."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1]) * 1024
        raise KeyError(key)


@contextmanager
def player(*arguments: str) -> Iterator[Running]:
    """Start it on a free port, wait until it listens, end it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "player", "--display", "null", "--port", "0", *arguments],
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if "listening on port" in line:
                yield Running(process, int(line.rsplit(None, 1)[1]))
                break
        else:
            raise SystemExit("bench: the player did not start")
    finally:
        process.terminate()
        process.wait(10)
