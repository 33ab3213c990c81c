"""Lines that end with ` &` run beside the prompt, over a connection of their own.

What a job prints appears above the prompt when it is complete; its progress (of a push, say) is a
piece of the toolbar. A job ends with the shell.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from rvshell.errors import EXIT_OK, RvshellError
from rvshell.script.run import Leave, Runner
from rvshell.script.runners import runner_of
from rvshell.verbs.context import Context, Options
from rvshell.verbs.remote import Remote

if TYPE_CHECKING:
    from rvshell.shell.board import Board
    from rvshell.verbs.target import Target

__all__ = ["Job", "Jobs", "in_background"]


def in_background(text: str) -> str | None:
    """The command of a line that ends with ` &`, or None."""
    stripped = text.rstrip()
    if stripped.endswith(" &") and not stripped.endswith("&&"):
        return stripped[:-1].rstrip()
    return None


class _Progress(io.TextIOBase):
    """Standard error of a job: its progress line goes to *drawn*, messages to *said*."""

    def __init__(self, drawn: Callable[[str], None], said: Callable[[str], None]) -> None:
        self._drawn = drawn
        self._said = said

    def isatty(self) -> bool:
        return True  # a progress bar is wanted

    def write(self, text: str) -> int:
        if text.startswith("\r"):
            self._drawn(text.strip("\r").replace("\x1b[K", "").strip())
        elif text.strip():
            self._said(text.rstrip("\n"))
        return len(text)


class Job:
    """One line that runs beside the prompt."""

    def __init__(self, number: int, text: str) -> None:
        self.number = number
        self.text = text
        self.status: int | None = None  # None while it runs
        self.progress = ""


class Jobs:
    """The jobs of a shell."""

    def __init__(self, board: Board, show: Callable[[str], None]) -> None:
        self.board = board
        self.show = show
        self.jobs: list[Job] = []

    def start(self, text: str, ctx: Context, target: Target | None) -> Job:
        """Run *text* in a thread; variables and functions are those of now."""
        job = Job(len(self.jobs) + 1, text)
        self.jobs.append(job)

        def drawn(line: str) -> None:
            job.progress = line
            self._tell()

        out = io.StringIO()
        options = Options(
            form=ctx.options.form,
            timeout=ctx.options.timeout,
            yes=True,
            dry_run=ctx.options.dry_run,
        )
        remote = Remote(target, app=ctx.remote.app, timeout=options.timeout)
        remote.name = f"{ctx.remote.name}-{job.number}"
        child = Context(options, remote, out=out, err=_Progress(drawn, self.show))  # type: ignore[arg-type]
        child.variables, child.aliases = dict(ctx.variables), dict(ctx.aliases)
        child.extras["settings"] = ctx.extras.get("settings")
        parent: Runner = ctx.extras["runner"]
        runner = runner_of(child)
        runner.functions = dict(parent.functions)
        work = lambda: self._run(job, runner, out)  # noqa: E731
        threading.Thread(target=work, name=f"job {job.number}", daemon=True).start()
        return job

    def _run(self, job: Job, runner: Runner, out: io.StringIO) -> None:
        try:
            runner.run_text(job.text)
            job.status, end = EXIT_OK, "done"
        except Leave:
            job.status, end = EXIT_OK, "done"
        except RvshellError as error:
            job.status, end = error.exit_code, error.describe()
        except Exception as error:  # a job's mistake must be told
            job.status, end = 1, f"{type(error).__name__}: {error}"
        finally:
            runner.ctx.remote.close()
            job.progress = ""
            self._tell()
        shown = out.getvalue().rstrip("\n")
        self.show(f"{shown}\n[{job.number}] {end}: {job.text}".lstrip("\n"))

    def _tell(self) -> None:
        running = [j for j in self.jobs if j.status is None and j.progress]
        figures = [j.progress.rpartition("]")[2].strip() or j.progress for j in running]
        self.board.set(sending=", ".join(figures))
