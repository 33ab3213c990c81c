"""Module ``sync``: what a syncing RV calls in its peers by remote-eval and remote-sync-eval."""

from __future__ import annotations

from player.commands.context import Context
from player.commands.registry import command

__all__: list[str] = []


@command(
    "acceptingMediaChanges() -> bool",
    tier="A",
    module="sync",
    doc="Whether media sent by sync peers is taken.",
)
def accepting_media_changes(ctx: Context) -> bool:
    return ctx.ports.sync.accepts_media()


@command(
    "remoteStartUp() -> void",
    tier="A",
    module="sync",
    doc="A peer starts sync mode with this player.",
)
def remote_start_up(ctx: Context) -> None:
    ctx.ports.sync.remote_start()


@command("startUp() -> void", tier="B", module="sync", doc="Switch sync mode on.")
def start_up(ctx: Context) -> None:
    ctx.ports.sync.start(everybody=True)
