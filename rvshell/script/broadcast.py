"""`@all VERB`: one statement on many targets at once, and a table of what came of it.

Each target has a thread, a connection and a context of its own. Nobody waits for the slowest
beyond the deadline: a target that has not answered by then is told as such and let go.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rvshell.errors import EXIT_OK, EXIT_TIMEOUT, CommandFailed, RvshellError
from rvshell.verbs.context import Context, Options
from rvshell.verbs.performing import show
from rvshell.verbs.remote import Remote
from rvshell.verbs.targets import select, settings_of

if TYPE_CHECKING:
    from rvshell.verbs.target import Target

__all__ = ["broadcast"]


class _Job:
    """The statement on one target."""

    def __init__(self, ctx: Context, perform: Callable[[Context], None], target: Target) -> None:
        self.out = io.StringIO()
        self.status = EXIT_TIMEOUT
        self.seconds = 0.0
        self.value: Any = ""
        options = Options(form=ctx.options.form, timeout=ctx.options.timeout, yes=True, quiet=True)
        remote = Remote(target, name=ctx.remote.name, app=ctx.remote.app, timeout=options.timeout)
        self.ctx = Context(options, remote, out=self.out, err=io.StringIO())
        self.ctx.variables = dict(ctx.variables)
        self.ctx.aliases = dict(ctx.aliases)
        self.perform = perform
        self.thread = threading.Thread(target=self._run, daemon=True, name=f"at {target}")

    def _run(self) -> None:
        start = time.perf_counter()
        try:
            self.perform(self.ctx)
            shown = self.out.getvalue().rstrip("\n")
            self.value = self.ctx.last_value if shown and self.ctx.last_value is not None else shown
            status = EXIT_OK
        except RvshellError as error:
            self.value, status = error.describe(), error.exit_code
        except Exception as error:  # a thread's mistake must show in its row
            self.value, status = f"{type(error).__name__}: {error}", CommandFailed.exit_code
        self.seconds = time.perf_counter() - start
        self.status = status
        self.ctx.remote.close()


def broadcast(ctx: Context, selector: str, perform: Callable[[Context], None]) -> None:
    """Perform it on every target of *selector*, each in a context of its own; shows the table.

    Raises CommandFailed when a target failed.
    """
    settings = settings_of(ctx)
    deadline = float(ctx.variables.get("deadline", settings["deadline"]))
    jobs = {name: _Job(ctx, perform, t) for name, t in select(selector, settings).items()}
    end = time.monotonic() + deadline
    for job in jobs.values():
        job.thread.start()
    for job in jobs.values():
        job.thread.join(max(0.0, end - time.monotonic()))
    rows: list[dict[str, Any]] = []
    for name, job in jobs.items():
        late = job.thread.is_alive()
        rows.append(
            {
                "target": name,
                "status": EXIT_TIMEOUT if late else job.status,
                "ms": round((deadline if late else job.seconds) * 1000, 1),
                "result": f"no answer within {deadline:g} s" if late else job.value,
            }
        )
    show(ctx, rows)
    failed = [row for row in rows if row["status"] != EXIT_OK]
    if failed:
        error = CommandFailed(f"{len(failed)} of {len(rows)} targets failed")
        # the status of the run is that of the first failure
        error.exit_code = failed[0]["status"]  # type: ignore[misc]
        raise error
