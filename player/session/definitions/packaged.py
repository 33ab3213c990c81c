"""Node types that packages bring along: ``NAME.gto`` in the ``Nodes`` of a support folder.

Each object of protocol ``IPNodeDefinition`` is a type: its parameters are the properties
``node.NAME`` of its nodes, beside ``node.active``. What it makes of the picture is written in
GLSL, which nothing here can run; the nodes are there, with their properties, for the programs
that make, connect and set them, and pass the picture on as it is.

Source: RV reference manual, "Writing a Custom GLSL Node"; Open RV ``IPCore/NodeManager.cpp``,
``IPCore/IPInstanceNode.cpp``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from player.session.definitions import NodeDefinition, PropSpec, definitions
from player.session.errors import SessionError
from player.session.files.container import read_gto
from player.session.files.model import GtoObject, GtoProperty
from player.session.properties import PropType

__all__ = ["add_packaged_nodes"]

_TYPES: Final = {t.word: t for t in PropType}
_ACTIVE: Final = PropSpec("node.active", PropType.INT, (1, 0, 0, 0), (1,))


def _one(item: GtoObject, path: str, otherwise: object) -> object:
    found = item.find(path)
    return found.values[0] if found is not None and len(found.values) else otherwise


def _spec(prop: GtoProperty) -> PropSpec | None:
    type = _TYPES.get(prop.type.word)
    if type is None:
        return None
    return PropSpec(f"node.{prop.name}", type, prop.dims, tuple(prop.values))


def _definition(item: GtoObject) -> NodeDefinition:
    parameters = item.component("parameters")
    specs = [_spec(p) for p in parameters.properties] if parameters is not None else []
    return NodeDefinition(
        item.name,
        max(item.version, 1),
        str(_one(item, "node.defaultName", "") or item.name),
        bool(_one(item, "node.userVisible", 1)),
        -1,
        {s.name: s for s in (_ACTIVE, *specs) if s is not None},
        shader=True,
    )


def _files(folders: Iterable[str]) -> Iterator[str]:
    for folder in folders:
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        yield from (os.path.join(folder, n) for n in names if n.lower().endswith(".gto"))


def add_packaged_nodes(folders: Iterable[str], warn: Callable[[str], None]) -> None:
    """Declare the node types of the files in folders. The player's own types stay as they are;
    groups, whose members are in the definition too, are left out. ``warn`` gets lines about
    files that cannot be read."""
    known = definitions()
    for path in _files(folders):
        try:
            objects = read_gto(path).objects
        except SessionError as error:
            warn(f"WARNING: node definitions: {error}")
            continue
        for item in objects:
            old = known.get(item.name)
            if item.protocol != "IPNodeDefinition" or (old is not None and not old.shader):
                continue
            if not _one(item, "node.isGroup", 0):
                known[item.name] = _definition(item)
