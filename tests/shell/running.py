"""Commands run in this process against a real player: as a batch run does, without its start."""

from __future__ import annotations

import io
from typing import Any, NamedTuple

from rvshell.script.batch import run_steps
from rvshell.verbs.context import Context, Options
from rvshell.verbs.remote import Remote
from rvshell.verbs.target import Target

__all__ = ["Batch", "Ran"]


class Ran(NamedTuple):
    out: str
    err: str
    status: int


class Batch:
    """One connection; `run` runs a text as `-c` does, each time with fresh variables."""

    def __init__(self, port: int) -> None:
        self.remote = Remote(Target("127.0.0.1", port), name="batch", timeout=20.0)

    def run(self, text: str, *, stdin: str | None = None, **options: Any) -> Ran:
        out, err = io.StringIO(), io.StringIO()
        ctx = Context(Options(**{"timeout": 20.0} | options), self.remote, out=out, err=err)
        self.remote.timeout = ctx.options.timeout
        self.remote.say = ctx.say
        steps = [("text", text)] if stdin is None else [("stdin", "")]
        status = run_steps(ctx, steps, io.StringIO(stdin) if stdin is not None else None)
        return Ran(out.getvalue(), err.getvalue(), status)

    def out(self, text: str, **options: Any) -> str:
        """The standard output of a text that must succeed."""
        ran = self.run(text, **options)
        assert (ran.status, ran.err) == (0, ""), ran
        return ran.out

    def close(self) -> None:
        self.remote.close()
