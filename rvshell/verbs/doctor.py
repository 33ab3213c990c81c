"""The verb `doctor`: why a connection fails, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvshell.errors import CommandFailed
from rvshell.verbs.registry import verb
from rvshell.verbs.target import parse_target

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__: list[str] = []


@verb(
    "doctor [TARGET]",
    help="Explain step by step why a connection fails: name, port, greeting, permission, answer. "
    "TARGET is HOST:PORT, tls://… or ssh://…; without it the shell's own.",
    example="doctor render-wall:45124",
    scope="network",
)
def doctor(ctx: Context, target: str | None = None) -> Any:
    from rvshell.client.doctor import examine

    address = parse_target(target) if target is not None else ctx.remote.resolve()
    steps = []
    failed = ""
    for step in examine(**address._asdict(), timeout=min(ctx.options.timeout, 10.0)):
        steps.append({"step": step.name, "ok": step.ok, "found": step.found, "advice": step.advice})
        failed = "" if step.ok else step.found
    if failed:
        ctx.emit(steps)
        raise CommandFailed(f"{address}: {failed}", hint=str(steps[-1]["advice"]))
    return steps
