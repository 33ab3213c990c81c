"""What completion may offer: names of the far end as last learnt, and the vocabulary.

A snapshot is only read by the engine and only replaced, field by field, by the refresher.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rvshell.verbs.rvcommands import RvCommand

__all__ = ["Snapshot"]


@dataclass
class Snapshot:
    """`nodes` and `properties` map names to types; `commands` maps `name` and `module.name` to
    the commands of that name (one for each set of argument types)."""

    nodes: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)  # '#Type.component.name'
    media: tuple[str, ...] = ()
    marks: tuple[int, ...] = ()
    frames: tuple[int, int, int] = (1, 1, 1)  # start, end, current
    contacts: tuple[str, ...] = ()
    targets: dict[str, str] = field(default_factory=dict)  # address or profile -> what it is
    commands: dict[str, list[RvCommand]] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)
    history: tuple[str, ...] = ()
    kept: dict[str, Any] = field(default_factory=dict)  # lists that the engine made of these
    asked: set[str] = field(default_factory=set)  # nodes whose properties are here
    wanted: set[str] = field(default_factory=set)  # nodes whose properties were looked for

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
