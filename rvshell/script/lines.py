"""`--lines`: a line protocol on standard input and output, for control devices and programs.

Each line that comes is a command, as a command file has them, or a JSON list of words
(`["frame", 10]`, so that a program needs no quoting). Each is answered by one line of JSON at
once, in order:

    frame 10                 {"n": 1, "ok": true}
    frame                    {"n": 2, "ok": true, "value": 10}
    frame ten                {"n": 3, "ok": false, "status": 2, "error": "frame: …"}
    ["add", "/a b/c.exr"]    {"n": 4, "ok": true}
    on play-stop             {"n": 5, "ok": true}
                             {"event": "play-stop", "contents": ""}       whenever it comes

Empty lines and comments are not answered. A command that is wrong ends nothing; the end of
standard input, or `quit`, ends it all. The exit status is then that of `quit` if it has one, else
that of the first command that failed, as with `--keep-going`: 0 when none did. Nothing else is
written on standard output.
"""

from __future__ import annotations

import json
import os
import select
import sys
from typing import TYPE_CHECKING, Any

from rvshell.errors import EXIT_FAILED, LinkError, RvshellError, UsageError
from rvshell.script.checks import place
from rvshell.script.handlers import Handlers
from rvshell.script.run import Leave
from rvshell.script.runners import runner_of
from rvshell.script.syntax import Source
from rvshell.verbs.output import shell_quote, to_json

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__ = ["run_lines"]

MAX_LINE = 1024 * 1024  # bytes
WAIT = 0.05  # seconds between two looks at what the far end tells, while no line comes


def run_lines(ctx: Context, descriptor: int | None = None) -> int:
    """Answer lines until the end of input; returns the exit status."""
    source = sys.stdin.fileno() if descriptor is None else descriptor
    ctx.options.form = ctx.options.form or "json"  # values, not texts, of what Mu answers
    served = _Lines(ctx)
    pending = b""
    while True:
        ready = bool(select.select([source], [], [], served.idle())[0])
        if not ready:
            continue
        data = os.read(source, 65536)
        if not data:
            break
        pending += data
        *lines, pending = pending.split(b"\n")
        if len(pending) > MAX_LINE:
            served.answer({"ok": False, "status": UsageError.exit_code, "error": "line too long"})
            return UsageError.exit_code
        for line in lines:
            if not served.line(line):
                return ctx.leave_status or served.status
    if pending.strip():
        served.line(pending)
    return ctx.leave_status or served.status


class _Lines:
    """The answers to lines, one after the other."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.runner = runner_of(ctx)
        self.number = 0
        self.status = 0  # of the first line that failed
        self.told: list[tuple[str, str]] = []
        ctx.remote.listeners.append(self.came)

    def came(self, name: str, contents: str) -> None:
        """An event; nobody waits for it before `on` was said."""
        if "handlers" in self.ctx.extras:
            self.told.append((name, contents))

    def answer(self, entry: dict[str, Any]) -> None:
        """One line of JSON."""
        self.ctx.out.write(to_json(entry) + "\n")
        self.ctx.out.flush()

    def idle(self) -> float | None:
        """Tell of events that came; how long to wait for a line before looking again."""
        if "handlers" not in self.ctx.extras:
            return None
        try:
            if self.ctx.remote.connected:
                self.ctx.remote.idle(0.0)
        except LinkError as error:
            self.answer({"event": "rvshell-disconnected", "contents": str(error)})
        handlers = Handlers.of(self.ctx)
        with self.ctx.capture():
            handlers.drain()
        while self.told:
            name, contents = self.told.pop(0)
            self.answer({"event": name, "contents": contents})
        return WAIT

    def line(self, data: bytes) -> bool:
        """Run one line and answer it; False when it was the last."""
        try:
            text = data.decode("utf-8-sig").strip()
        except UnicodeDecodeError:
            text = "\0"
        if not text or (text.startswith("#") and not text[1:2].isalpha()):
            return True
        self.number += 1
        answer: dict[str, Any] = {"n": self.number, "ok": True}
        self.ctx.last_value = None
        try:
            with self.ctx.capture() as pieces:
                self.run(text)
            if self.ctx.last_value is not None:
                answer["value"] = self.ctx.last_value
            elif shown := "".join(pieces).rstrip("\n"):
                answer["value"] = shown
        except Leave:
            self.answer(answer)
            return False
        except RvshellError as error:
            answer |= {"ok": False, "status": error.exit_code, "error": error.message}
            if error.hint:
                answer["hint"] = error.hint
        except RecursionError:
            answer |= {"ok": False, "status": EXIT_FAILED, "error": "nested too deeply"}
        self.status = self.status or answer.get("status", 0)
        self.answer(answer)
        return True

    def run(self, text: str) -> None:
        if "\0" in text:
            raise UsageError("a line must be UTF-8 text without NUL")
        if text.startswith("["):
            text = _from_json(text)
        source = Source(text)
        try:
            self.runner.run(self.runner.parse(source), source)
        except RvshellError as error:
            raise place(error, source, 0) from None


def _from_json(text: str) -> str:
    """A JSON list of words as a command line; a Mu text that begins with [ is left alone."""
    try:
        words = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(words, list) or not words or not isinstance(words[0], str):
        return text
    if not all(isinstance(w, str | int | float) for w in words):
        raise UsageError("a JSON command is a list of texts and numbers")
    return " ".join([words[0], *(shell_quote(str(w)) for w in words[1:])])
