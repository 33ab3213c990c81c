"""Nodes of the graph: name, type, typed properties, inputs, and for groups their members.

A node knows who uses it (``outputs``), so that a change reaches what depends on it without a
search. ``revision`` grows with every change of the node's own properties or inputs; consumers
(image evaluation, caches) compare it instead of subscribing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from player.session.properties import Property

__all__ = ["Node"]


class Node:
    """One node. Group nodes have ``members``; every member's ``group`` is that node."""

    __slots__ = (
        "__dict__",
        "group",
        "inputs",
        "members",
        "name",
        "outputs",
        "props",
        "revision",
        "type",
        "version",
    )

    def __init__(self, name: str, type: str, *, group: Node | None = None, version: int = 1):
        self.name = name
        self.type = type
        self.version = version
        self.group = group
        self.inputs: list[Node] = []
        self.outputs: list[Node] = []
        self.members: list[Node] = []
        self.props: dict[str, Property] = {}
        self.revision = 0

    # -- properties ---------------------------------------------------------------------

    def prop(self, name: str) -> Property | None:
        """The property ``component.name``, or None."""
        return self.props.get(name)

    def get(self, name: str) -> list[Any]:
        """All numbers/strings of a property; [] when there is none."""
        p = self.props.get(name)
        return p.values if p is not None else []

    def one(self, name: str, default: Any = None) -> Any:
        """The first value of a property, or ``default`` when it is missing or empty."""
        p = self.props.get(name)
        return p.values[0] if p is not None and p.values else default

    def add(self, prop: Property) -> Property:
        """Attach a property (replacing one of the same name)."""
        self.props[prop.name] = prop
        self.revision += 1
        return prop

    def set_quietly(self, name: str, values: Iterable[Any]) -> None:
        """Write a property without events; for what the engine itself derives."""
        p = self.props.get(name)
        if p is not None:
            p.set(values)
            self.revision += 1

    def components(self) -> Iterator[str]:
        """Component names, each once, in order of first appearance."""
        seen: set[str] = set()
        for p in self.props.values():
            c = p.component
            if c not in seen:
                seen.add(c)
                yield c

    # -- structure ----------------------------------------------------------------------

    @property
    def is_group(self) -> bool:
        return False

    @property
    def ui_name(self) -> str:
        """The name shown to people: ``ui.name``, or the node's name."""
        text = self.one("ui.name", "")
        return text if text else self.name

    def __repr__(self) -> str:
        return f"<{self.type} {self.name}>"
