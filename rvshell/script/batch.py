"""Batch runs: command texts, files and standard input, and the exit status they end with.

A file is parsed whole before its first command runs. Standard input is run statement by
statement as it comes, so that a device or another program can drive a player line by line; with
`--pipeline` it is read in gulps instead.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

from rvshell.errors import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK, RvshellError
from rvshell.script.checks import report
from rvshell.script.flow import read_script
from rvshell.script.handlers import Handlers
from rvshell.script.run import Leave, Runner
from rvshell.script.runners import runner_of
from rvshell.script.syntax import Incomplete, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rvshell.verbs.context import Context

__all__ = ["Step", "run_steps"]

MAX_PENDING = 1024 * 1024  # characters of one statement on standard input
BOM = "\ufeff"  # some editors put it in front of a text
GULP = 2000  # lines parsed together with --pipeline

# what to run: ("text", …) as given by -c or -e, ("file", path) by -f, ("stdin", "") by -
Step = tuple[str, str]


def run_steps(ctx: Context, steps: Sequence[Step], stdin: TextIO | None = None) -> int:
    """Run all steps in order; returns the exit status. Errors are shown, never raised."""
    runner = runner_of(ctx)

    def handle_events() -> None:
        if not ctx.capturing:  # what is caught for a $(…) or a file is not theirs
            Handlers.drain_of(ctx)

    runner.between = handle_events
    try:
        for kind, text in steps:
            action = _action(runner, kind, text, stdin)
            status = _guarded(ctx, action)
            runner.status = runner.status or status
            if status and not ctx.options.keep_going:
                return status
            if ctx.leaving:
                break
        ctx.out.flush()
    except BrokenPipeError:
        return _broken_pipe()
    except KeyboardInterrupt:
        ctx.complain("rvshell: interrupted")
        return EXIT_INTERRUPTED
    return ctx.leave_status or runner.status


def _action(runner: Runner, kind: str, text: str, stdin: TextIO | None) -> Callable[[], None]:
    def run() -> None:
        if kind == "file":
            runner.run_text(read_script(text), text)
        elif kind == "stdin":
            run_stream(runner, stdin if stdin is not None else sys.stdin)
        else:
            runner.run_text(text)

    return run


def _guarded(ctx: Context, action: Callable[[], None]) -> int:
    try:
        action()
    except Leave:
        return ctx.leave_status
    except RvshellError as error:
        report(ctx, error)
        return error.exit_code
    except RecursionError:
        ctx.complain("rvshell: nested too deeply")
        return EXIT_FAILED
    except UnicodeDecodeError:
        ctx.complain("rvshell: standard input is no text (UTF-8)")
        return EXIT_FAILED
    return EXIT_OK


def run_stream(runner: Runner, stream: TextIO) -> None:
    """Run statements as they become complete."""
    gulp = GULP if runner.ctx.options.pipeline else 1
    pending: list[str] = []
    first, number, size = 1, 0, 0
    ended = False
    while not ended:
        fresh = 0
        while fresh < gulp:
            line = stream.readline()
            if not line:
                ended = True
                break
            if not number:
                line = line.removeprefix(BOM)
            number += 1
            fresh += 1
            size += len(line)
            pending.append(line)
        if not pending:
            break
        source = Source("".join(pending), "stdin", first)
        try:
            block = runner.parse(source)
        except Incomplete:
            if not ended and size < MAX_PENDING:
                continue
            raise
        pending.clear()
        size, first = 0, number + 1
        runner.run(block, source)
        if gulp == 1:
            runner.ctx.out.flush()


def _broken_pipe() -> int:
    """Whoever read our output has gone: end quietly, as `head` expects."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    return 128 + 13  # what a program ended by SIGPIPE leaves
