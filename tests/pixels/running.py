"""A real player process, for tests that push to it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Self

from rvshell.client import Client
from tests.waiting import until

__all__ = ["RunningPlayer", "rvshell"]

REPO = Path(__file__).resolve().parents[2]


class RunningPlayer:
    """`player` as a process of its own; `log` collects its messages."""

    def __init__(self, folder: Path, *arguments: str, port: int = 0, display: str = "null") -> None:
        self.environment = {**os.environ, "TMPDIR": str(folder), "HOME": str(folder)}
        self.log: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "player", "--display", display, "--port", str(port), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=REPO,
            env=self.environment,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port = until(self._port, "the player to listen")

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line)

    def _port(self) -> int:
        assert self.process.poll() is None, "".join(self.log)
        found = re.search(r"listening on port (\d+)", "".join(self.log))
        return int(found[1]) if found else 0

    def ask(self, code: str) -> str:
        """The reply to Mu code."""
        with Client.connect(port=self.port, name="asker") as client:
            return client.eval_mu(code)

    def numbers(self, code: str) -> list[float]:
        """The reply's numbers."""
        return [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?", self.ask(code))]

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        self._reader.join(5)
        assert self.process.stderr is not None
        self.process.stderr.close()
        assert not [line for line in self.log if "Traceback" in line], "".join(self.log)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def rvshell(
    *arguments: str, port: int = 0, data: bytes | None = None, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """`rvshell` with these words, to the player at *port*, without lines about its progress."""
    done = subprocess.run(
        [sys.executable, "-m", "rvshell", "--progress", "none", *arguments],
        input=data if data is not None else b"",
        capture_output=True,
        timeout=timeout,
        cwd=REPO,
        env={**os.environ, "RVSHELL_TARGET": f"127.0.0.1:{port}"},
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )
