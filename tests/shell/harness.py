"""A player in a process of its own, rvshell as a program, and a terminal that can be read."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pexpect
import pyte

from tests.waiting import DEADLINE

__all__ = ["PlayerProcess", "Terminal", "environment", "rvshell"]

# pyte does not know the keyboard modes and pictures of some terminals
_UNKNOWN = re.compile(rb"\x1b\[>[\d;]*[a-zA-Z]|\x1bP.*?\x1b\\|\x1b_.*?\x1b\\", re.DOTALL)
BARS = "smptebars,start=1,end=100.movieproc"


def environment(home: Path, **more: str) -> dict[str, str]:
    """A user's surroundings of their own: nothing of the machine's user is read or written."""
    mine = ("RVSHELL_", "XDG_", "NO_COLOR")
    env = {k: v for k, v in os.environ.items() if not k.startswith(mine)}
    env |= {
        "HOME": str(home),
        "TMPDIR": str(home),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
    }
    return env | more


class PlayerProcess:
    """`player --display null` on a free port of this machine."""

    def __init__(self, home: Path, *arguments: str, port: int = 0) -> None:
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, "-m", "player", "--display", "null", "--port", str(port), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(home),
        )
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if found := re.search(r"listening on port (\d+)", line):
                self.port = int(found.group(1))
                break
        else:
            raise AssertionError("the player did not start")
        self._drain = threading.Thread(target=self.process.stderr.read, daemon=True)
        self._drain.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def kill(self) -> None:
        """End it at once, as a crash does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(DEADLINE)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(DEADLINE)
        self._drain.join(DEADLINE)
        assert self.process.stderr is not None
        self.process.stderr.close()


def rvshell(
    *arguments: str,
    home: Path,
    stdin: str | None = "",
    cwd: Path | None = None,
    **more: str,
) -> subprocess.CompletedProcess[str]:
    """Run rvshell to its end; standard output and standard error are pipes."""
    return subprocess.run(
        [sys.executable, "-m", "rvshell", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(home, **more),
        cwd=cwd or home,
        check=False,
    )


class Terminal:
    """A program on a pseudo terminal, and what its screen shows (pyte)."""

    def __init__(
        self,
        argv: Sequence[str],
        home: Path,
        *,
        size: tuple[int, int] = (100, 30),
        cwd: Path | None = None,
        **more: str,
    ) -> None:
        columns, rows = size
        self.screen = pyte.HistoryScreen(columns, rows, history=2000)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self._rows: list[str] = []  # of the screen, which takes milliseconds to be told
        self.child = pexpect.spawn(
            argv[0],
            list(argv[1:]),
            env=environment(home, **more),
            cwd=str(cwd or home),
            dimensions=(rows, columns),
            timeout=DEADLINE,
        )
        self.child.delaybeforesend = None

    @classmethod
    def rvshell(cls, *arguments: str, home: Path, **more: object) -> Terminal:
        """rvshell on a terminal."""
        return cls([sys.executable, "-m", "rvshell", *arguments], home, **more)  # type: ignore[arg-type]

    def send(self, text: str) -> None:
        """Type."""
        self.child.send(text)

    def line(self, text: str) -> None:
        """Type a line and Enter."""
        self.child.send(text + "\r")

    def key(self, name: str) -> None:
        """Press a key by name."""
        self.child.send(KEYS[name])

    def resize(self, columns: int, rows: int) -> None:
        self.child.setwinsize(rows, columns)
        self.screen.resize(rows, columns)
        self._rows = []

    def pump(self, seconds: float = 0.05) -> None:
        """Take in what the program wrote, waiting a little for more."""
        try:
            while True:
                data = self.child.read_nonblocking(65536, timeout=seconds)
                self.raw += data
                self._rows = []
                # a terminal answers when it is asked where the cursor is: at that moment, whatever
                # was written behind the question
                before, *after = data.split(b"\x1b[6n")
                self.stream.feed(_UNKNOWN.sub(b"", before))
                for more in after:
                    self.child.send(f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R")
                    self.stream.feed(_UNKNOWN.sub(b"", more))
                seconds = 0.0
        except (pexpect.TIMEOUT, pexpect.EOF):
            pass

    @property
    def rows(self) -> list[str]:
        if not self._rows:
            self._rows = [line.rstrip() for line in self.screen.display]
        return self._rows

    @property
    def text(self) -> str:
        return "\n".join(self.rows).rstrip()

    def until(self, condition: str | Callable[[Terminal], object], what: str = "") -> str:
        """Wait until the screen shows a text, or a condition holds; returns the screen."""
        end = time.monotonic() + DEADLINE
        while True:
            self.pump()
            if condition in self.text if isinstance(condition, str) else condition(self):
                return self.text
            if time.monotonic() > end:
                raise AssertionError(f"waited for {what or condition!r}; the screen:\n{self.text}")

    @property
    def prompt(self) -> str:
        """The line the cursor is in."""
        return self.rows[self.screen.cursor.y]

    @property
    def toolbar(self) -> str:
        return self.rows[-1]

    def ended(self) -> int:
        """Wait for the end; its exit status."""
        end = time.monotonic() + DEADLINE
        while self.child.isalive():
            self.pump()
            assert time.monotonic() < end, f"it does not end; the screen:\n{self.text}"
        self.pump()
        self.child.close()
        status = self.child.exitstatus
        return status if status is not None else -(self.child.signalstatus or 0)

    def close(self) -> None:
        self.child.close(force=True)


KEYS = {
    "tab": "\t",
    "enter": "\r",
    "alt-enter": "\x1b\r",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "f7": "\x1b[18~",
    "ctrl-c": "\x03",
    "ctrl-d": "\x04",
    "ctrl-e": "\x05",
    "ctrl-r": "\x12",
    "ctrl-u": "\x15",
    "ctrl-x ctrl-e": "\x18\x05",
    "escape": "\x1b",
}
