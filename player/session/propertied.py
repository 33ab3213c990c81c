"""Typed properties of a node, by the full name ``component.name``.

Properties that still have their default value cost nothing: they live in the type's definition
and are made when somebody asks for the :class:`Property` itself or writes it.

Source: Open RV ``src/lib/ip/IPCore/IPNode.cpp``, ``PropertyContainer``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from player.session.definitions import NODE_NAME, NodeDefinition
from player.session.properties import Property

__all__ = ["Propertied"]

_TITLE: Final = "ui.name"


class Propertied:
    """What has the properties of a definition, and others that scripts add."""

    __slots__ = ("_components", "_own", "_removed", "definition", "name", "revision", "type")

    def __init__(self, name: str, definition: NodeDefinition) -> None:
        self.name = name
        self.definition = definition
        self.type = definition.type
        self.revision = 0
        self._own: dict[str, Property] = {}
        self._removed: set[str] | None = None
        self._components: dict[str, None] | None = None

    def touch(self) -> None:
        """Note that something of it changed."""
        self.revision += 1

    def retitled(self) -> None:
        """``ui.name`` was written, added or removed."""

    def prop(self, name: str) -> Property | None:
        """The property ``component.name``, or None."""
        found = self._own.get(name)
        if found is not None:
            return found
        spec = self.definition.specs.get(name)
        if spec is None or (self._removed is not None and name in self._removed):
            return None
        made = self._own[name] = spec.make(self.name)
        return made

    def has(self, name: str) -> bool:
        """Whether the property exists."""
        if name in self._own:
            return True
        return name in self.definition.specs and not (self._removed and name in self._removed)

    def get(self, name: str) -> Sequence[Any]:
        """All numbers/strings of a property, not to be changed; () when there is none."""
        p = self._own.get(name)
        if p is not None:
            return p.values
        spec = self.definition.specs.get(name)
        if spec is None or (self._removed is not None and name in self._removed):
            return ()
        if NODE_NAME in spec.values:
            made = self.prop(name)
            return made.values if made is not None else ()
        return spec.values

    def one(self, name: str, default: Any = None) -> Any:
        """The first value of a property, or ``default`` when it is missing or empty."""
        values = self.get(name)
        return values[0] if values else default

    @property
    def lacks_some(self) -> bool:
        """Whether a declared property was removed."""
        return bool(self._removed)

    @property
    def props(self) -> dict[str, Property]:
        """Every property by full name, grouped by component in listing order."""
        specs = self.definition.specs
        order: dict[str, list[str]] = {n.rpartition(".")[0]: [] for n in specs}
        for component in self._components or ():  # one keeps its place when its first has gone
            order.setdefault(component, [])
        names = [n for n in specs if self.has(n)]
        names += [n for n in self._own if n not in specs]
        for n in names:
            order.setdefault(n.rpartition(".")[0], []).append(n)
        found: dict[str, Property] = {}
        for listed in order.values():
            for n in listed:
                p = self.prop(n)
                if p is not None:
                    found[n] = p
        return found

    def modified(self) -> dict[str, Property]:
        """The properties that were ever asked for or written, unordered; not to be changed."""
        return self._own

    def add(self, prop: Property) -> Property:
        """Attach a property (replacing one of the same name)."""
        self._own[prop.name] = prop
        if prop.name not in self.definition.specs:
            if self._components is None:
                self._components = {}
            self._components.setdefault(prop.name.rpartition(".")[0])
        if self._removed:
            self._removed.discard(prop.name)
        self.touch()
        if prop.name == _TITLE:
            self.retitled()
        return prop

    def remove(self, name: str) -> Property | None:
        """Detach a property; what it was, or None."""
        p = self.prop(name)
        if p is None:
            return None
        del self._own[name]
        if name in self.definition.specs:
            self._removed = self._removed or set()
            self._removed.add(name)
        self.touch()
        if name == _TITLE:
            self.retitled()
        return p

    def assign(self, name: str, values: Iterable[Any]) -> None:
        """Write a property without events: what the engine itself derives."""
        p = self.prop(name)
        if p is not None:
            p.set(values)
            self.touch()
            if name == _TITLE:
                self.retitled()

    def copy_state(self, other: Propertied) -> None:
        """Take over the property values of a node of the same type."""
        if other.type != self.type:
            return
        self._own = {n: p.copy() for n, p in other._own.items()}
        self._removed = set(other._removed) if other._removed else None
        self.touch()

    @property
    def ui_name(self) -> str:
        """``ui.name``, or the node's name when it has none."""
        values = self.get(_TITLE)
        return values[0] if values else self.name
