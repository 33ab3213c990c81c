"""Keeping the snapshot fresh in the background, a few small questions at a time.

Nothing here is ever waited for by the user. After a change of the graph the questions are asked
a little later and once, however many events told of it. Properties are asked for node by node:
one big question would hold up a real RV's display. In a large session those of one node of each
type are asked for, and a node's own when somebody types its name and a dot.

A real RV's vocabulary may be another than the table of this package: its names are asked once,
by Python, after connecting; without an answer the table stands.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Coroutine
from itertools import islice
from typing import Any

from rvshell.client import AsyncClient
from rvshell.errors import RvshellError
from rvshell.shell.board import Board
from rvshell.shell.snapshot import Snapshot
from rvshell.verbs.muvalue import (
    MEDIA,
    NODE_TYPES,
    joined,
    lines,
    parse_value,
    quote,
    read_media,
    read_types,
)
from rvshell.verbs.rvcommands import RvCommand, commands

__all__ = ["Refresher", "read_me", "vocabulary"]

CALM = 0.3  # seconds after a change before its questions are asked
BATCH = 20  # nodes asked about together
MAX_NODES = 5000
EAGER = 300  # nodes whose properties are all asked for before anybody wants them
_NAMES = (
    "'\\n'.join(m.__name__.split('.')[-1] + '.' + n for m in (rv.commands, rv.extra_commands) "
    "for n in dir(m) if not n.startswith('_') and callable(getattr(m, n)))"
)


def vocabulary(extra: list[str] | None = None) -> dict[str, list[RvCommand]]:
    """The table's commands by `name` (module `commands`) and `module.name`; with *extra* names
    as the far end has them (`module.name`), those it lacks go and those we lack come."""
    found: dict[str, list[RvCommand]] = {}
    known = set(extra or ())
    asked = {name.partition(".")[0] for name in known}
    for command in commands():
        full = f"{command.module}.{command.name}"
        if command.module in asked and full not in known and command.name[:1].islower():
            continue
        if command.module == "commands":
            found.setdefault(command.name, []).append(command)
        found.setdefault(full, []).append(command)
    for full in sorted(known - set(found)):
        module, _, name = full.partition(".")
        command = RvCommand(module, name, f"{name}(…)", "known to the far end")
        if module == "commands":
            found.setdefault(name, []).append(command)
        found[full] = [command]
    return found


class Refresher:
    """Fills a snapshot and the board's lists."""

    def __init__(
        self, board: Board, snapshot: Snapshot, learnt: Callable[[], None] = lambda: None
    ) -> None:
        self.board = board
        self.snapshot = snapshot
        self.learnt = learnt  # called when nodes, and later properties, are new
        self._due = False

    async def learn(self, client: AsyncClient) -> None:
        """Everything, after connecting."""
        await self._who(client)
        await self.refresh(client)
        with contextlib.suppress(RvshellError):
            reply = await client.request("remote-pyeval", _NAMES)
            names = [n for n in reply.split("\n") if n.replace(".", "").replace("_", "").isalnum()]
            if len(names) > 50:  # anything less is an error text
                self.snapshot.commands = vocabulary(names)
                self.learnt()

    async def _who(self, client: AsyncClient) -> None:
        """Which program answers, and what it lets us do."""
        told, version = await client.request_many(
            [("player-admin", '{"do": "me"}'), ("remote-eval", "getVersion()")]
        )
        program, granted = read_me(told)
        if not program and _list(numbers := parse_value(version)):
            program = "RV " + ".".join(str(n) for n in numbers if isinstance(n, int))
        self.board.set(program=program, granted=granted)

    def soon(self, client: AsyncClient, spawn: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        """Refresh after things have calmed down."""
        if not self._due:
            self._due = True
            spawn(self._later(client))

    async def _later(self, client: AsyncClient) -> None:
        await asyncio.sleep(CALM)
        self._due = False
        with contextlib.suppress(RvshellError):
            await self.refresh(client)

    async def refresh(self, client: AsyncClient) -> None:
        """Nodes, media, marks, contacts, then properties."""
        replies = await client.request_many(
            [
                ("remote-eval", NODE_TYPES),
                ("remote-eval", MEDIA),
                ("remote-eval", "markedFrames()"),
                ("remote-eval", "remoteConnections()"),
            ]
        )
        nodes = read_types(replies[0])
        media = tuple(lines(replies[1]))
        if replies[0].startswith("ERROR"):  # loops are not granted to us
            nodes = await self._simply(client)
            media = tuple(read_media(await client.request("remote-eval", "sources()")))
        nodes = dict(islice(nodes.items(), MAX_NODES))
        marks = parse_value(replies[2])
        contacts = parse_value(replies[3])
        snapshot = self.snapshot
        snapshot.nodes = nodes
        snapshot.media = media
        snapshot.marks = tuple(m for m in marks if isinstance(m, int)) if _list(marks) else ()
        snapshot.contacts = tuple(map(str, contacts)) if _list(contacts) else ()
        self.board.set(media=media, contacts=snapshot.contacts)
        self.learnt()
        snapshot.properties = {}
        snapshot.asked.clear()
        names = list(nodes)
        if len(names) > EAGER:  # of each type one, for the addresses; the others when looked for
            names = list({node_type: name for name, node_type in reversed(nodes.items())}.values())
        await self.fetch(client, names)

    async def _simply(self, client: AsyncClient) -> dict[str, str]:
        """Nodes and types by calls alone."""
        names = lines(await client.request("remote-eval", joined("nodes()")))[:MAX_NODES]
        types = await client.request_many([("remote-eval", f"nodeType({quote(n)})") for n in names])
        return {n: str(parse_value(t)) for n, t in zip(names, types, strict=True)}

    async def fetch(self, client: AsyncClient, names: list[str]) -> None:
        """The properties of these nodes, a few nodes at a time."""
        nodes, found = self.snapshot.nodes, {}
        for at in range(0, len(names), BATCH):
            part = names[at : at + BATCH]
            texts = await client.request_many(
                [("remote-eval", joined(f"properties({quote(n)})")) for n in part]
            )
            for name, text in zip(part, texts, strict=True):
                for path in lines(text):
                    found[path] = nodes.get(name, "")
        self.snapshot.asked.update(names)
        self.snapshot.add_properties(found)
        self.learnt()

    async def fetch_wanted(self, client: AsyncClient) -> None:
        """The properties that completion looked for in vain."""
        names, self.snapshot.wanted = list(self.snapshot.wanted)[:BATCH], set()
        with contextlib.suppress(RvshellError):
            await self.fetch(client, names)


def read_me(reply: str) -> tuple[str, tuple[str, ...]]:
    """Program and granted scopes from a player's answer to `me`; "" and () from anything else."""
    try:
        told = json.loads(reply)["ok"]
        program = f"{told['program']} {told['version']}"
        return program[:40], tuple(str(s) for s in told["scopes"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return "", ()


def _list(value: Any) -> bool:
    return isinstance(value, list)
