"""`rvshell push --watch` as a process, for tests."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

from tests.pixels.running import REPO, RunningPlayer
from tests.waiting import until

__all__ = ["Watching"]


class Watching:
    """`rvshell push --watch …` as a process."""

    def __init__(self, player: RunningPlayer, what: Path, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rvshell", "-t", f"127.0.0.1:{player.port}", "push",
             "--watch", str(what), *words],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=REPO,
        )  # fmt: skip
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.lines.extend(self.process.stderr)

    def wait_for(self, text: str) -> None:
        until(lambda: any(text in line for line in self.lines), text)

    def close(self) -> int:
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(20)
        self._reader.join(5)
        assert self.process.stderr is not None
        self.process.stderr.close()
        assert not any("Traceback" in line for line in self.lines), self.lines
        return status
