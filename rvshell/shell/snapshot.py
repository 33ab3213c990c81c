"""What completion may offer: names of the far end as last learnt, and the vocabulary.

A snapshot is only read by the engine and only replaced, field by field, by the refresher.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rvshell.verbs.rvcommands import RvCommand

__all__ = ["Snapshot"]


class Snapshot:
    """`nodes` and `properties` map names to types; `commands` maps `name` and `module.name` to
    the commands of that name (one for each set of argument types)."""

    def __init__(
        self,
        *,
        nodes: dict[str, str] | None = None,
        commands: dict[str, list[RvCommand]] | None = None,
        events: tuple[str, ...] = (),
    ) -> None:
        self.nodes = nodes or {}
        self.properties: dict[str, str] = {}
        self.addresses: dict[str, str] = {}  # '#Type.component.name'
        self.media: tuple[str, ...] = ()
        self.marks: tuple[int, ...] = ()
        self.frames = (1, 1, 1)  # start, end, current
        self.contacts: tuple[str, ...] = ()
        self.targets: dict[str, str] = {}  # address or profile -> what it is
        self.commands = commands or {}
        self.events = events
        self.variables: tuple[str, ...] = ()
        self.functions: tuple[str, ...] = ()
        self.aliases: dict[str, str] = {}
        self.kept: dict[str, Any] = {}  # lists that the engine made of these
        self.asked: set[str] = set()  # nodes whose properties are here
        self.wanted: set[str] = set()  # nodes whose properties were looked for

    def set_properties(self, found: dict[str, str]) -> None:
        """Take in all property paths, and derive the addresses by type from them."""
        addresses: dict[str, str] = {}
        for path, kind in found.items():
            node, _, rest = path.partition(".")
            addresses.setdefault(f"#{self.nodes.get(node, node)}.{rest}", kind)
        self.properties, self.addresses = found, addresses

    def add_properties(self, found: dict[str, str]) -> None:
        """Take in the properties of more nodes."""
        self.set_properties(self.properties | found)
