"""Node types that packages bring along: ``NAME.gto`` in the ``Nodes`` of a support folder.

Each object of protocol ``IPNodeDefinition`` is a type: its parameters, and those of its GLSL
function that it does not mention, are the properties ``parameters.NAME`` of its nodes, beside
``node.active``; the function's pictures are the inputs. What it makes of them nothing here can
run; the nodes are there, with their properties, for the programs that make, connect and set
them, and pass the first picture on as it is.

Source: RV reference manual, "Writing a Custom GLSL Node"; Open RV ``IPCore/NodeManager.cpp``,
``IPCore/IPInstanceNode.cpp``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from player.session.definitions import NodeDefinition, PropSpec, definitions
from player.session.errors import SessionError
from player.session.files.container import read_gto
from player.session.files.model import GtoObject, GtoProperty
from player.session.properties import PropType

__all__ = ["add_packaged_nodes"]

_TYPES: Final = {t.word: t for t in PropType}
_FILE: Final = "file://"
_CODE_LIMIT: Final = 1 << 20
_COMMENT: Final = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_SPECIAL: Final = frozenset({"frame", "baseFrame", "stereoEye", "_offset"})
_FLOAT, _INT = PropType.FLOAT, PropType.INT


def _identity(size: int) -> tuple[float, ...]:
    return tuple(float(i % (size + 1) == 0) for i in range(size * size))


_GLSL: Final[dict[str, tuple[PropType, int, tuple[Any, ...]]]] = {
    "float": (_FLOAT, 1, (0.0,)),
    "vec2": (_FLOAT, 2, (0.0,) * 2),
    "vec3": (_FLOAT, 3, (0.0,) * 3),
    "vec4": (_FLOAT, 4, (0.0,) * 4),
    "int": (_INT, 1, (0,)),
    "bool": (_INT, 1, (0,)),
    "mat2": (_FLOAT, 1, _identity(2)),
    "mat3": (_FLOAT, 1, _identity(3)),
    "mat4": (_FLOAT, 1, _identity(4)),
}
"""Types of GLSL: property type, width and default (``IPInstanceNode::init``)."""
_ACTIVE: Final = PropSpec("node.active", PropType.INT, (1, 0, 0, 0), (1,))


def _fixed(name: str, type: PropType, *values: Any) -> PropSpec:
    return PropSpec(name, type, (1, 0, 0, 0), values)


_SIZE: Final = (
    _fixed("output.size", _INT, 720, 480),
    _fixed("output.autoSize", _INT, 1),
)
_BY_KIND: Final = {
    "transition": (
        _fixed("output.fps", _FLOAT, 0.0),
        *_SIZE,
        _fixed("mode.useCutInfo", _INT, 1),
    ),
    "merge": (
        _fixed("timing.useCutInfo", _INT, 1),
        _fixed("timing.alignStartFrames", _INT, 0),
        _fixed("output.outOfRangePolicy", PropType.STRING, "hold"),
        _fixed("output.activeAudioInput", PropType.STRING, ".all."),
        _fixed("output.fps", _FLOAT, 0.0),
        *_SIZE,
    ),
    "combine": _SIZE,
}
"""What RV's kinds of such nodes have besides (``IPCore/*IPInstanceNode.cpp``)."""


def _one(item: GtoObject, path: str, otherwise: object) -> object:
    found = item.find(path)
    return found.values[0] if found is not None and len(found.values) else otherwise


def _spec(prop: GtoProperty) -> PropSpec | None:
    type = _TYPES.get(prop.type.word)
    if type is None:
        return None
    return PropSpec(f"parameters.{prop.name}", type, prop.dims, tuple(prop.values))


def _code(item: GtoObject, folder: str) -> str:
    """The GLSL text of a definition, "" when it cannot be read."""
    text = str(_one(item, "function.glsl", ""))
    if not text.startswith(_FILE):
        return text
    path = text.removeprefix(_FILE).replace("${HERE}", folder)
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_CODE_LIMIT)
    except OSError:
        return ""


def _of_function(code: str, name: str) -> tuple[int, list[PropSpec]]:
    """How many pictures a GLSL function takes (-1: not known), and its other parameters."""
    code = _COMMENT.sub(" ", code)
    head = re.search(rf"\b{re.escape(name)}\s*\(([^)]*)\)\s*\{{", code)
    if head is None:
        return -1, []
    pictures, specs = 0, []
    for text in head[1].split(","):
        words = [w for w in text.split() if w not in ("const", "in")]
        if len(words) != 2 or words[1] in _SPECIAL:
            continue
        if words[0] == "inputImage":
            pictures += 1
        elif words[0] in _GLSL:
            type, width, values = _GLSL[words[0]]
            specs.append(PropSpec(f"parameters.{words[1]}", type, (width, 0, 0, 0), values))
    return pictures, specs


def _definition(item: GtoObject, folder: str) -> NodeDefinition:
    parameters = item.component("parameters")
    named = [_spec(p) for p in parameters.properties] if parameters is not None else []
    function = str(_one(item, "function.name", "main"))
    pictures, others = _of_function(_code(item, folder), function)
    specs = {s.name: s for s in (_ACTIVE, *named) if s is not None}
    kind = str(_one(item, "node.evaluationType", "")) or "color"
    specs |= {s.name: s for s in _BY_KIND.get(kind, ())}
    return NodeDefinition(
        item.name,
        max(item.version, 1),
        str(_one(item, "node.defaultName", "") or item.name),
        bool(_one(item, "node.userVisible", 1)),
        1 if kind == "combine" else pictures,  # one input, at several frames or for both eyes
        specs | {s.name: s for s in others if s.name not in specs},
        shader=kind,
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
                known[item.name] = _definition(item, os.path.dirname(path))
