"""The table of node types: versions, default names, properties and their defaults.

The data is in ``nodes.txt`` beside this module; it is parsed once, at first use. Source: RV
reference manual, "Node Reference", and what RV itself lists with ``properties()``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from player.session.properties import Dims, Property, PropType, coerce_values

__all__ = ["NODE_NAME", "NodeDefinition", "PropSpec", "definition", "definitions"]

NODE_NAME: Final = "\0name"
"""Stands for the node's own name in a default value."""

_TYPES = {t.word: t for t in PropType}
_IDENTITY = tuple(float(i % 5 == 0) for i in range(16))


@dataclass(frozen=True, slots=True)
class PropSpec:
    """A declared property: what a fresh node of the type has."""

    name: str
    type: PropType
    dims: Dims
    values: tuple[Any, ...]
    persistent: bool = True

    def make(self, node_name: str) -> Property:
        """A property with the default value."""
        values = self.values
        if NODE_NAME in values:
            values = tuple(node_name if v == NODE_NAME else v for v in values)
        return Property(self.name, self.type, values, dims=self.dims, persistent=self.persistent)


@dataclass(frozen=True, slots=True)
class NodeDefinition:
    """One node type. ``max_inputs`` -1: any number. ``viewable``: listed by ``viewNodes``.
    ``shader``: the evaluation type (color, filter, transition, merge, combine) of one that comes
    from a package (``packaged``) and draws by GLSL."""

    type: str
    version: int
    default_name: str
    viewable: bool
    max_inputs: int
    specs: dict[str, PropSpec] = field(default_factory=dict)
    shader: str = ""


def _tokens(text: str) -> list[str]:
    """Blank-separated words; a quoted string is one word with its opening quote kept."""
    out: list[str] = []
    i = 0
    while i < len(text):
        if text[i] == " ":
            i += 1
        elif text[i] == '"':
            end = text.index('"', i + 1)
            out.append(text[i:end])
            i = end + 1
        else:
            end = text.find(" ", i)
            end = len(text) if end < 0 else end
            out.append(text[i:end])
            i = end
    return out


def _value(word: str, type: PropType) -> Any:
    if word == "@name":
        return NODE_NAME
    if word.startswith('"'):
        return word[1:].replace("\\n", "\n")
    if type in (PropType.FLOAT, PropType.HALF, PropType.DOUBLE):
        return coerce_values(type, [float(word)])[0]
    return int(word)


def _spec(line: str) -> PropSpec:
    persistent = not line.startswith("-")
    words = _tokens(line.lstrip("-"))
    name, type_text, rest = words[0], words[1], words[2:]
    base, _, width = type_text.partition("[")
    type = _TYPES[base]
    dims = (int(width[:-1]) if width else 1, 0, 0, 0)
    values: tuple[Any, ...]
    if rest == ["identity"]:
        values = _IDENTITY
    else:
        values = tuple(_value(w, type) for w in rest)
    return PropSpec(name, type, dims, values, persistent)


@cache
def definitions() -> dict[str, NodeDefinition]:
    """All node types by name, in the order of the table."""
    text = Path(__file__).with_name("nodes.txt").read_text(encoding="utf-8")
    blocks: dict[str, list[PropSpec]] = {}
    found: dict[str, NodeDefinition] = {}
    current: list[PropSpec] | dict[str, PropSpec] = []
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("{"):
            current = blocks.setdefault(line[1:-1], [])
        elif line.startswith("["):
            type, version, name, view, inputs = line[1:-1].split()
            limit = -1 if inputs == "*" else int(inputs)
            node = NodeDefinition(type, int(version), name, view == "view", limit)
            found[type] = node
            current = node.specs
        elif line.startswith("@"):
            assert isinstance(current, dict)
            current.update({s.name: s for s in blocks[line[1:]]})
        else:
            spec = _spec(line)
            if isinstance(current, dict):
                current[spec.name] = spec
            else:
                current.append(spec)
    return found


def definition(type: str) -> NodeDefinition | None:
    """The definition of a node type, or None."""
    return definitions().get(type)
