"""Media representations (section 3 of the vocabulary)."""

from __future__ import annotations

from player.commands.context import Context
from player.commands.engine import engine
from player.commands.errors import CommandError
from player.commands.registry import command
from player.session.errors import SessionError
from player.session.node import Node
from player.session.sources import source_behind

__all__: list[str] = []


def _named(node: str | None, what: str = "source") -> str:
    if node is None:
        raise CommandError(f"nil {what} node arg")
    return node


@command(
    "addSourceMediaRep(string sourceNode, string mediaRepName, "
    "string[] mediaRepPathsAndOptions, string tag=nil) -> string",
    tier="B",
    doc="Add an alternative representation to a source; the new node.",
)
def add_source_media_rep(
    ctx: Context,
    sourceNode: str | None,
    mediaRepName: str | None,
    mediaRepPathsAndOptions: list[str],
    tag: str | None = None,
) -> str:
    source = _named(sourceNode)
    if mediaRepName is None:
        raise CommandError("nil media representation name arg")
    if mediaRepPathsAndOptions is None:
        raise CommandError("nil media representation paths arg")
    node = engine(
        lambda: ctx.session.sources.add_with_options(
            mediaRepPathsAndOptions, tag or "", mediaRepName, source
        )
    )
    return node.name if node is not None else ""


@command(
    "setActiveSourceMediaRep(string sourceNode, string mediaRepName, string tag=nil) -> void",
    tier="B",
    doc="Switch the representation of a source.",
)
def set_active_source_media_rep(
    ctx: Context, sourceNode: str | None, mediaRepName: str | None, tag: str | None = None
) -> None:
    name = _named(sourceNode)
    if mediaRepName is None:
        raise CommandError("nil media representation name arg")
    try:
        ctx.session.sources.activate(name, mediaRepName)
    except SessionError as error:
        raise CommandError(str(error)) from None


@command("sourceMediaRep(string sourceNode) -> string", tier="B", doc="The active representation.")
def source_media_rep(ctx: Context, sourceNode: str | None) -> str:
    switches = ctx.session.sources.switches(_named(sourceNode))
    if switches:
        chosen = switches[0].active_input
        active = source_behind(chosen) if chosen is not None else None
    else:
        active = ctx.session.source_node(_named(sourceNode))
    return active.rep_name if active is not None else ""


@command("sourceMediaReps(string sourceNode) -> string[]", tier="B", doc="All representations.")
def source_media_reps(ctx: Context, sourceNode: str | None) -> list[str]:
    return [rep for rep, _ in ctx.session.sources.representations(_named(sourceNode))]


@command(
    "sourceMediaRepsAndNodes(string sourceOrSwitchNode) -> (string,string)[]",
    tier="B",
    doc="(representation, source node) in switch order.",
)
def source_media_reps_and_nodes(
    ctx: Context, sourceOrSwitchNode: str | None
) -> list[tuple[str, str]] | None:
    return (
        ctx.session.sources.representations(_named(sourceOrSwitchNode, "source or switch")) or None
    )


def _switch(ctx: Context, name: str | None) -> Node | None:
    found = ctx.session.sources.switches(_named(name))
    return found[0] if found else None


@command("sourceMediaRepSwitchNode(string sourceNode) -> string", tier="B", doc="The switch node.")
def source_media_rep_switch_node(ctx: Context, sourceNode: str | None) -> str:
    switch = _switch(ctx, sourceNode)
    return switch.name if switch is not None else ""


@command(
    "sourceMediaRepSourceNode(string sourceNode) -> string",
    tier="B",
    doc="Source node of the switch's first input.",
)
def source_media_rep_source_node(ctx: Context, sourceNode: str | None) -> str:
    switch = _switch(ctx, sourceNode)
    source = source_behind(switch.inputs[0]) if switch is not None and switch.inputs else None
    return source.name if source is not None else ""
