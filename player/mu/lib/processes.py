"""``io.process``: a program, its input and what it writes.

Starting one needs the context's permission. Reading waits for the program, at most as many
milliseconds as it was started with (negative: without end) from one piece of output to the next;
after that the stream is bad. The exit code can be asked for after ``close`` only, and is 0 then,
as in RV.
"""

from __future__ import annotations

import os
import select
import subprocess
import time
from typing import IO, Any, Final

from player.mu.lib.faults import foreign, nil_argument
from player.mu.lib.stream import BAD, Stream
from player.mu.lib.strings import encode
from player.mu.values import Context, MuCons, needs_context, throw

__all__ = ["PROCESSES"]

_PIECE: Final = 1 << 16
_SLICE: Final = 0.05  # how long a wait goes on before a deadline gets its turn, in seconds


class _Output(Stream):
    """What a program writes, as it comes."""

    def __init__(self, pipe: IO[bytes], seconds: float) -> None:
        super().__init__("io.process")
        self._pipe = pipe
        self._seconds = seconds
        self._ended = False

    def fill(self) -> bool:
        if self._ended or self._pipe.closed:
            return False
        until = time.monotonic() + self._seconds
        while not self.wait(_SLICE):
            if time.monotonic() > until:
                self.state |= BAD
                return False
        return not self._ended

    def wait(self, seconds: float) -> bool:
        """Take what comes within a time; whether something did, the end included."""
        if self._ended:
            time.sleep(seconds)
        elif not select.select([self._pipe], [], [], seconds)[0]:
            return False
        else:
            data = os.read(self._pipe.fileno(), _PIECE)
            self.data += data
            self._ended = not data
        return True


class _Input(Stream):
    """The program's input."""

    def __init__(self, pipe: IO[bytes]) -> None:
        super().__init__("io.process")
        self._pipe = pipe

    def put(self, data: bytes) -> Stream:
        if not self.state:
            try:
                self._pipe.write(data)
                self._pipe.flush()
            except (OSError, ValueError):
                self.state |= BAD
            self.at += len(data)
        return self


class _Process:
    """A running program; ``child`` is None after it was closed or killed."""

    def __init__(self, command: list[str], milliseconds: int) -> None:
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        self.child: subprocess.Popen[bytes] | None = child
        self.seconds = milliseconds / 1000 if milliseconds >= 0 else float("inf")
        self.input = _Input(child.stdin)
        self.output = _Output(child.stdout, self.seconds)
        self.errors = _Output(child.stderr, self.seconds)

    def close_input(self) -> bool:
        """Tell the program that nothing more comes."""
        if self.child is None or self.child.stdin is None:
            return True
        try:
            self.child.stdin.close()
        except OSError:
            return False
        return True

    def close(self) -> bool:
        """Wait for the end; whether it came in time. A program that goes on is ended."""
        child = self.child
        if child is None:
            return True
        self.close_input()
        until = time.monotonic() + self.seconds
        while child.poll() is None and time.monotonic() < until:
            self.output.wait(_SLICE / 2)  # what nobody reads must not block the program
            self.errors.wait(_SLICE / 2)
        ended = child.poll() is not None
        self.kill()
        return ended

    def kill(self) -> None:
        """End the program."""
        child, self.child = self.child, None
        if child is None:
            return
        if child.poll() is None:
            child.kill()
        self.input.state |= BAD
        for pipe in (child.stdin, child.stdout, child.stderr):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue
        child.wait()


@needs_context
def _start(context: Context, program: str, arguments: MuCons | None, timeout: int) -> _Process:
    if program is None:
        nil_argument()
    command = [program]
    while arguments is not None:
        command.append(arguments.value)
        arguments = arguments.next
    context.permit("io.process", " ".join(map(str, command)))
    try:
        return _Process(
            [encode(word).decode("utf-8", "surrogateescape") for word in command], timeout
        )
    except (OSError, ValueError):
        foreign()


def _running(process: _Process | None) -> _Process:
    if process is None:
        nil_argument()
    if process.child is None:
        throw("bad argument")
    return process


def _exit_code(process: _Process) -> int:
    if process.child is not None:
        foreign()
    return 0


PROCESSES: Final[dict[str, Any]] = {
    "io.process (io.process; string, [string], int64)": _start,
    "bool (bool; io.process)": lambda p: p.child is not None,
    "io.process.in (io.ostream; io.process)": lambda p: _running(p).input,
    "io.process.out (io.istream; io.process)": lambda p: _running(p).output,
    "io.process.err (io.istream; io.process)": lambda p: _running(p).errors,
    "io.process.close (bool; io.process)": lambda p: p.close(),
    "io.process.close_in (bool; io.process)": lambda p: p.close_input(),
    "io.process.kill (void; io.process)": lambda p: p.kill(),
    "io.process.exit_code (int; io.process)": _exit_code,
}
