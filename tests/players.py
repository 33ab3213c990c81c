"""Real players for tests: a process of its own, listening on a free port of this machine."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rvshell import Client
from tests.waiting import DEADLINE, until

__all__ = ["REPO", "Player", "running_player"]

REPO = Path(__file__).resolve().parents[1]


class Player:
    """A running `player`; `port` is where it listens, `log` what it wrote on stderr."""

    def __init__(
        self, *arguments: str, display: str = "null", env: dict[str, str] | None = None
    ) -> None:
        command = [sys.executable, "-m", "player", "--port", "0"]
        if display:
            command += ["--display", display]
        self.log: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            [*command, *arguments],
            cwd=REPO,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port = int(self.wait_for(r"listening on port (\d+)")[1])

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line.rstrip("\n"))
            self._lines.put(line)
        self._lines.put(None)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait for a line on stderr; fails when the player ends without it."""
        while True:
            try:
                line = self._lines.get(timeout=DEADLINE)
            except queue.Empty:
                raise AssertionError(f"no {pattern!r} in {self.log}") from None
            if line is None:
                raise AssertionError(f"the player ended: {self.log}")
            found = re.search(pattern, line)
            if found:
                return found

    def client(self, name: str = "test-1", timeout: float = DEADLINE) -> Client:
        """A new connection to it."""
        return Client.connect("127.0.0.1", self.port, name=name, timeout=timeout)

    def mu(self, code: str) -> str:
        """The reply to Mu code, over a connection of its own."""
        with self.client() as client:
            return client.eval_mu(code)

    def python(self, code: str) -> str:
        """The reply to a Python expression."""
        with self.client() as client:
            return client.eval_python(code)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it by a signal; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            status = self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the player did not end: {self.log}") from None
        self._reader.join(DEADLINE)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return status

    def until(self, code: str, reply: str) -> None:
        """Ask until the reply is the one expected."""
        with self.client() as client:
            until(lambda: client.eval_mu(code) == reply, f"{code} to be {reply}")


@contextmanager
def running_player(
    *arguments: str, display: str = "null", env: dict[str, str] | None = None
) -> Iterator[Player]:
    """A player for the length of a block; it must end cleanly unless it was ended inside."""
    player = Player(*arguments, display=display, env=env)
    try:
        yield player
    finally:
        ended = player.process.poll() is not None
        status = player.stop()
    assert ended or status == 0, player.log
