"""Which runner a context has: one that does things, or one that only tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvshell.script.run import Runner

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__ = ["runner_of"]


def runner_of(ctx: Context) -> Runner:
    """The runner of a context: one that does things, or with `--dry-run` one that tells them."""
    if ctx.options.dry_run:
        from rvshell.script.rehearsal import Rehearsal

        return Rehearsal(ctx)
    return Runner(ctx)
