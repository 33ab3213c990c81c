"""Profiles: the state of one node (a display pipeline, say) and its members in a file.

A profile is a GTO file: an object of protocol ``Profile`` that names the root object, then the
root and its members. A group's object lists its members and how they are connected. The names
of nodes are made unlike any session's (the node's own name is replaced by a random word), so a
profile is applied by structure and type, not by name.

Source: Open RV ``src/lib/ip/IPCore/Profile.cpp``, ``Session.cpp`` (writeProfile).
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from player.session.errors import SessionError
from player.session.group import Group
from player.session.kinds.pipeline import PipelineGroup
from player.session.node import Node
from player.session.properties import SCALAR, Property, PropType

from .container import read_gto, write_bytes
from .copying import copy_properties
from .errors import SessionFileError
from .model import GtoFile, GtoObject, GtoType
from .save import node_components
from .text_writer import format_text

if TYPE_CHECKING:
    from player.session.session import Session

__all__ = ["apply_profile", "find_profile", "save_profile"]

_PAIR = (2, 0, 0, 0)
_DEPTH = 64


def save_profile(session: Session, node: Node, path: str, comment: str = "") -> None:
    """Write a node, with all its members when it is a group.  Raises SessionFileError."""
    word = f"{secrets.randbits(32):x}"

    def munged(name: str) -> str:
        return name.replace(node.name, word)

    header = GtoObject(f"profile_{word}", "Profile", 1)
    header.set("root.name", GtoType.STRING, [word])
    header.set("root.comment", GtoType.STRING, [comment])
    nodes = [node, *node.collect_members()] if isinstance(node, Group) else [node]
    objects = [header]
    restore = session.paths.restorer()
    for one in sorted(nodes, key=lambda n: n.name):
        item = GtoObject(munged(one.name), one.type, one.version)
        item.components = node_components(one, False, restore)
        if isinstance(one, Group):
            members = sorted(one.members, key=lambda n: n.name)
            pairs = [munged(n.name) for m in members for i in m.inputs for n in (i, m)]
            root = munged(one.root.name) if one.root is not None else ""
            item.set("membership.contains", GtoType.STRING, [munged(m.name) for m in members])
            item.set("evaluation.connections", GtoType.STRING, pairs, _PAIR)
            item.set("evaluation.root", GtoType.STRING, [root])
        objects.append(item)
    write_bytes(path, [format_text(GtoFile(objects))])


def find_profile(name: str, tag: str = "") -> str:
    """The file of a profile: an absolute path that exists, else by name in the profile path.

    The path is the folder ``Profiles`` of ``~/.rv`` and of every folder in RV_SUPPORT_PATH. A
    file is called ``NAME.profile`` or ``NAME.TAG.profile``. "" when there is none.
    """
    if os.path.isabs(name) and os.path.exists(name):
        return name
    roots = [os.path.expanduser("~/.rv"), *os.environ.get("RV_SUPPORT_PATH", "").split(os.pathsep)]
    for root in filter(None, roots):
        folder = os.path.join(root, "Profiles")
        try:
            listed = sorted(os.listdir(folder))
        except OSError:
            continue
        for file in listed:
            stem, extension = os.path.splitext(file)
            if extension == ".profile" and name in (stem, stem.removesuffix(f".{tag}")):
                return os.path.join(folder, file)
    return ""


def apply_profile(
    session: Session, node: Node, name: str, use_path: bool = True, tag: str = ""
) -> bool:
    """Apply a profile to a node of the same type; False when no profile has that name.

    Raises SessionFileError for a file that is no profile, SessionError for another node type.
    """
    path = find_profile(name, tag) if use_path else name
    if not path:
        return False
    file = read_gto(path, warn=session.warn)
    header = next(iter(file.by_protocol("Profile")), None)
    if header is None:
        raise SessionFileError("contains no profile", path=path)
    root = next((file.find(n) for n in header.strings("root.name")), None)
    if root is None:
        raise SessionFileError("missing root", path=path)
    if root.protocol != node.type:
        raise SessionError(f"Profile: cannot apply {root.protocol} profile to {node.type} node.")
    _apply(session, file, node, root, [], 0)
    stem = os.path.splitext(os.path.basename(path))[0]
    for prop, value in (("profile.name", os.path.splitext(stem)[0]), ("profile.file", path)):
        if node.has(prop):
            node.assign(prop, [value])
        else:
            node.add(Property(prop, PropType.STRING, [value], dims=SCALAR, persistent=False))
    return True


def _apply(
    session: Session, file: GtoFile, node: Node, item: GtoObject, pairs: list[str], depth: int
) -> None:
    """Copy an object into a node, then its group's members and its inputs, by structure."""
    if item.protocol != node.type or depth > _DEPTH:
        return
    root = next((file.find(n) for n in item.strings("evaluation.root")), None)
    inner = item.strings("evaluation.connections")
    state = GtoObject(item.name, item.protocol, item.version)
    state.components = [c for c in item.components if c.name not in ("evaluation", "membership")]
    copy_properties(session, node, state)
    if isinstance(node, PipelineGroup):
        node.rebuild()
        node.set_inputs(list(node.inputs))
    if root is not None and isinstance(node, Group) and node.root is not None:
        _apply(session, file, node.root, root, inner, depth + 1)
    sources = [a for a, b in zip(pairs[0::2], pairs[1::2], strict=False) if b == item.name]
    if len(sources) == len(node.inputs):
        for target, name in zip(list(node.inputs), sources, strict=True):
            found = file.find(name)
            if found is not None:
                _apply(session, file, target, found, pairs, depth + 1)
