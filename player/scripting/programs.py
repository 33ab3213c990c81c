"""Programs that Mu starts and goes on without: RV's ``external_qprocess`` on a QProcess.

The player's loop looks after them (:meth:`Programs.poll`): the lines they write and their end are
told to Mu functions. ``modules/external_qprocess.mu`` makes rvtypes' ExternalProcess of it, by
the module ``_programs``, which RV does not have.
"""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from player.mu import Interpreter
from player.mu.values import MuArray, throw

__all__ = ["Programs"]

_MODULE: Final = "_programs"
_PIECE: Final = 1 << 16


class _Program:
    """A running program. Its errors come with its output, as rvio is asked to do by itself."""

    def __init__(
        self, command: list[str], line: Callable[[str], object], ended: Callable[[int], object]
    ) -> None:
        self.child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.line = line
        self.ended = ended
        self.rest = b""

    def lines(self, seconds: float) -> list[str]:
        """The lines that are there within a time; the last one ends with the output."""
        pipe = self.child.stdout
        assert pipe is not None
        if pipe.closed:  # what is waited for is its end
            with suppress(subprocess.TimeoutExpired):
                self.child.wait(seconds)
            return []
        if not select.select([pipe], [], [], seconds)[0]:
            return []
        data = os.read(pipe.fileno(), _PIECE)
        if not data:
            pipe.close()
        *whole, self.rest = (self.rest + data).split(b"\n")
        if not data and self.rest:
            whole, self.rest = [self.rest], b""
        return [line.decode("utf-8", "replace") for line in whole]

    def over(self) -> bool:
        """Whether it wrote its last line and ended."""
        assert self.child.stdout is not None
        return self.child.stdout.closed and self.child.poll() is not None

    def kill(self) -> None:
        """End it; nobody is told."""
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        if self.child.stdout is not None:
            self.child.stdout.close()


class Programs:
    """The running programs of a player."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._running: list[_Program] = []

    def __bool__(self) -> bool:
        return bool(self._running)

    def register(
        self,
        mu: Interpreter,
        permit: Callable[[str, str], bool] | None,
        handler: Callable[[str], Callable[[Any], Callable[[Any], object]]],
    ) -> None:
        """Declare the module: its type ``Program`` and function ``start``.

        ``handler`` gives, for a Mu function type, what makes a callable of a function value.
        """
        line_handler, end_handler = handler("(void;string)"), handler("(void;int)")
        methods = [
            ("wait", "void", (), self._wait),
            ("kill", "void", (), self._kill),
        ]
        mu.register_opaque_class(f"{_MODULE}.Program", methods)

        def start(program: str, arguments: MuArray, line: Any, ended: Any) -> _Program:
            command = [program or "", *(word or "" for word in arguments.items)]
            if permit is None or not permit("system", " ".join(command)):
                throw("starting programs is not permitted")
            try:
                started = _Program(command, line_handler(line), end_handler(ended))
            except (OSError, ValueError) as error:
                throw(f"{program or 'program without a name'}: {error}")
            self._running.append(started)
            return started

        mu.register_function(
            _MODULE,
            "start",
            f"{_MODULE}.Program (string program, string[] arguments, (void;string) line,"
            " (void;int) ended)",
            start,
        )

    def poll(self) -> None:
        """Tell what the programs wrote, and which have ended."""
        for program in list(self._running):
            self._look(program, 0.0)

    def close(self) -> None:
        """End all of them."""
        for program in self._running:
            program.kill()
        self._running.clear()

    def _look(self, program: _Program, seconds: float) -> None:
        for line in program.lines(seconds):
            self._tell(program.line, line)
        if program.over() and program in self._running:
            self._running.remove(program)
            self._tell(program.ended, program.child.returncode)

    def _tell(self, func: Callable[[Any], object], value: Any) -> None:
        try:
            func(value)
        except Exception as error:
            self._report(f"ERROR: external_qprocess: {error}\n")

    def _wait(self, program: _Program) -> None:
        while program in self._running:
            self._look(program, 0.1)

    def _kill(self, program: _Program) -> None:
        if program in self._running:
            self._running.remove(program)
            program.kill()
