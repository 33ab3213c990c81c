"""The completion engine: text, cursor and a snapshot in; items out.

Pure and quick: it looks at nothing else, except that names of files are asked of *files*, which
the caller gives (and which may be slow: the engine runs beside the typing, never in its way).
It never raises for what a user can type.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from rvshell.script.parser import KEYWORDS
from rvshell.shell.cursor import Here, where
from rvshell.shell.rights import SCOPES
from rvshell.shell.words import rank, scattered
from rvshell.verbs.registry import REGISTRY, Verb
from rvshell.verbs.settings import SETTINGS
from rvshell.verbs.state import STATE
from rvshell.verbs.topics import TOPICS

if TYPE_CHECKING:
    from rvshell.shell.snapshot import Snapshot

__all__ = ["Answer", "Item", "complete", "here_in", "prepare"]

MAX_ITEMS = 300  # a longer menu helps nobody
MAX_FOUND = 100  # of what fits something typed: one more letter helps sooner than scrolling
_NUMBERED = re.compile(r"(.*?)(\d{1,8})(\.[A-Za-z]\w*)")
FEW = 20  # with fewer that fit, names that hold the letters in between fit as well
_INNER = ("node", "property")
Files = Callable[[str], Iterable[tuple[str, bool]]]


class Item(NamedTuple):
    """One line of the menu: the text that replaces, what it is, of which kind; `low` is the text
    in lower case when many of them are kept."""

    text: str
    meta: str = ""
    kind: str = ""
    low: str = ""


class Answer(NamedTuple):
    """`start` is the offset from which an item replaces the text up to the cursor."""

    start: int
    items: list[Item]


def complete(
    text: str, cursor: int, snapshot: Snapshot, files: Files, mode: str = "verbs"
) -> Answer:
    """What could stand at the cursor."""
    here = here_in(text[:cursor], snapshot, mode)
    found = list(_ranked(here.typed, _candidates(here, snapshot, files)))
    return Answer(here.start, found)


def here_in(before: str, snapshot: Snapshot, mode: str = "verbs") -> Here:
    """The place at the end of *before*, by the verbs, functions and aliases there are."""

    def tail(name: str) -> str | None:
        if name in snapshot.functions or name in snapshot.aliases:
            return "words"
        found = REGISTRY.get(name)
        return found.tail if found is not None else None

    return where(before, mode, tail)


def _ranked(typed: str, candidates: Iterable[Item]) -> list[Item]:
    """The candidates that fit, best first; what only has the letters somewhere is looked for
    when little else fits."""
    if not typed:
        first: dict[str, Item] = {}
        for item in candidates:
            first.setdefault(item.text, item)
        return list(first.values())[:MAX_ITEMS]
    low = typed.lower()
    everything = candidates if isinstance(candidates, list) else list(candidates)
    ranked: list[tuple[int, int, int, Item]] = []
    for order, item in enumerate(everything):
        found = rank(item.text, item.low or item.text.lower(), low)
        if found is not None:
            # nodes inside groups have an underscore: their groups come first
            inner = item.text.count("_") if item.kind in _INNER else 0
            ranked.append((found, inner, order, item))
    if len(ranked) < FEW and len(typed) > 1:
        known = {entry[2] for entry in ranked}
        ranked += (
            (3, 0, order, item)
            for order, item in enumerate(everything)
            if order not in known and scattered(item.low or item.text.lower(), low)
        )
    ranked.sort(key=lambda entry: entry[:3])
    unique = {item.text: item for _, _, _, item in reversed(ranked) if item.text != typed}
    return list(reversed(unique.values()))[:MAX_FOUND]


def _candidates(here: Here, snapshot: Snapshot, files: Files) -> Iterator[Item]:
    match here.kind:
        case "statement":
            yield from _statement(snapshot)
        case "argument":
            yield from _argument(here, snapshot, files)
        case "condition":
            for name, (_, doc) in STATE.items():
                yield Item(name, doc, "state")
            for word, doc in (("and", "both"), ("or", "one of them"), ("not", "not so")):
                yield Item(word, doc, "keyword")
            yield from _code(snapshot)
        case "variable":
            for name in snapshot.variables:
                yield Item("$" + name, "variable", "variable")
            for name, (_, doc) in STATE.items():
                yield Item("$" + name, doc, "state")
        case "mu":
            yield from _code(snapshot, dotted="." in here.typed)
        case "python":
            yield from _code(snapshot, "rv.", dotted=True)
            yield from _code(snapshot, dotted="." in here.typed)
        case "string":
            yield from _names_in_code(here, snapshot, files)
        case "file":
            yield from _files(here.typed, files)


def _statement(snapshot: Snapshot) -> Iterator[Item]:
    for name in REGISTRY.names():
        verb = REGISTRY.find(name)
        meta = verb.summary if name == verb.name else f"{verb.name}: {verb.summary}"
        yield Item(name, meta, "verb")
    for name, text in snapshot.aliases.items():
        yield Item(name, text, "alias")
    for name in snapshot.functions:
        yield Item(name, "function", "function")
    for name in KEYWORDS:
        yield Item(name, "", "keyword")
    yield from _code(snapshot)


def prepare(snapshot: Snapshot) -> None:
    """Make the long lists now: the next key stroke need not wait for them."""
    _code(snapshot)
    _node_items(snapshot)
    _property_items(snapshot)


def _kept(
    snapshot: Snapshot, key: str, of: object, make: Callable[[], Iterator[Item]]
) -> list[Item]:
    """A list of items that is made again only when *of*, what it is made of, is another."""
    kept = snapshot.kept.get(key)
    if kept is None or kept[0] is not of:
        kept = snapshot.kept[key] = (of, list(make()))
    found: list[Item] = kept[1]
    return found


def _code(snapshot: Snapshot, lead: str = "", *, dotted: bool = False) -> list[Item]:
    """RV's commands; `commands.frame` besides `frame` only when a dot is typed already."""

    def make() -> Iterator[Item]:
        for name, found in snapshot.commands.items():
            command = found[0]
            if ("." not in name) if lead else (not dotted and name.startswith("commands.")):
                continue
            meta = command.signature.removeprefix(command.name)
            full = lead + name
            yield Item(full, f"{meta}  {command.doc}", "command", full.lower())

    return _kept(snapshot, f"code {lead} {dotted}", snapshot.commands, make)


def _property_items(snapshot: Snapshot) -> list[Item]:
    def make() -> Iterator[Item]:
        for path, node_type in snapshot.addresses.items():
            yield Item(path, node_type, "property", path.lower())
        for path, node_type in snapshot.properties.items():
            yield Item(path, node_type, "property", path.lower())

    return _kept(snapshot, "properties", snapshot.properties, make)


def _node_items(snapshot: Snapshot) -> list[Item]:
    def make() -> Iterator[Item]:
        for name, node_type in snapshot.nodes.items():
            yield Item(name, node_type, "node", name.lower())
        for node_type in sorted(set(snapshot.nodes.values())):
            name = "#" + node_type
            yield Item(name, "nodes of this type at the frame", "node", name.lower())

    return _kept(snapshot, "nodes", snapshot.nodes, make)


def _argument(here: Here, snapshot: Snapshot, files: Files) -> Iterator[Item]:
    verb = REGISTRY.get(here.verb)
    if verb is None:
        yield from _files(here.typed, files)
        return
    signature = verb.signature
    if here.typed.startswith("-"):
        for other in signature.options:
            meta = f"{other.value} ({other.kind})" if other.value else "switch"
            yield Item(other.flag, meta, "option")
        yield Item("--help", "explain this verb", "option")
        return
    option = signature.option(here.words[-1]) if here.words else None
    if option is not None and option.value:
        kind, choices = option.kind, option.choices
    else:
        param = signature.param_at(signature.positionals(here.words))
        if param is None:
            for other in signature.options:
                yield Item(other.flag, other.value or "switch", "option")
            return
        kind, choices = param.kind, param.choices
    for word in choices:
        yield Item(word, "", "choice")
    yield from _of_kind(kind, here.typed, snapshot, files, verb)
    if not here.typed:
        for other in signature.options:
            yield Item(other.flag, other.value or "switch", "option")


def _of_kind(
    kind: str, typed: str, snapshot: Snapshot, files: Files, verb: Verb | None = None
) -> Iterator[Item]:
    match kind:
        case "path":
            if verb is None or verb.name != "source":
                for name in snapshot.media:
                    yield Item(name, "loaded", "media")
            yield from _files(typed, files)
        case "node":
            yield from _node_items(snapshot)
        case "nodetype":
            for node_type in sorted(set(snapshot.nodes.values())):
                yield Item(node_type, "node type", "node")
        case "property":
            node, dot, _ = typed.partition(".")
            if dot and node in snapshot.nodes and node not in snapshot.asked:
                snapshot.wanted.add(node)
            if not dot and typed.startswith("#"):  # a type first, then its properties
                types = {p.partition(".")[0] for p in snapshot.addresses}
                for node_type in sorted(types or {f"#{t}" for t in snapshot.nodes.values()}):
                    yield Item(node_type + ".", "nodes of this type at the frame", "property")
            yield from _property_items(snapshot)
            for name in snapshot.variables:
                yield Item(name + "=", "variable", "variable")
        case "frame" | "int":
            if kind == "frame":
                yield from _frames(snapshot)
        case "verb":
            for name in REGISTRY.names():
                yield Item(name, REGISTRY.find(name).summary, "verb")
        case "event":
            for name in snapshot.events:
                yield Item(name, "event", "event")
        case "target":
            for name, what in snapshot.targets.items():
                yield Item(name, what, "target")
        case "contact":
            for name in snapshot.contacts:
                yield Item(name, "connected", "contact")
        case "setting":
            for name, setting in SETTINGS.items():
                yield Item(name, setting.doc, "setting")
        case "help":
            yield from _of_kind("verb", typed, snapshot, files)
            for name in TOPICS:
                yield Item(name, "topic", "keyword")
            yield from _code(snapshot)
        case "scopes":
            done, comma, _ = typed.rpartition(",")
            for scope in SCOPES:
                yield Item(done + comma + scope, "scope", "choice")
        case _ if "|" in kind:  # one of these words
            for word in kind.split("|"):
                yield Item(word, "", "choice")


def _frames(snapshot: Snapshot) -> Iterator[Item]:
    start, end, now = snapshot.frames
    yield Item(str(now), "current frame", "frame")
    yield Item(str(start), "first frame", "frame")
    yield Item(str(end), "last frame", "frame")
    for frame in snapshot.marks:
        yield Item(str(frame), "mark", "frame")


def _names_in_code(here: Here, snapshot: Snapshot, files: Files) -> Iterator[Item]:
    """Inside a string of code: what the call around it could mean."""
    call = here.call.lower()
    if "property" in call or here.typed.startswith("#") or "." in here.typed:
        yield from _of_kind("property", here.typed, snapshot, files)
    if "media" in call or "source" in call or "/" in here.typed:
        yield from _of_kind("path", here.typed, snapshot, files)
    if "bind" in call or "event" in call:
        yield from _of_kind("event", here.typed, snapshot, files)
    yield from _of_kind("node", here.typed, snapshot, files)


def _files(typed: str, files: Files) -> Iterator[Item]:
    folder = typed[: typed.rfind("/") + 1]
    hidden = os.path.basename(typed).startswith(".")
    found = list(files(folder or "."))
    for name in sequences([name for name, is_folder in found if not is_folder]):
        yield Item(folder + name, "sequence", "file")
    for name, is_folder in found:
        if name.startswith(".") and not hidden:
            continue
        yield Item(
            folder + name + ("/" if is_folder else ""), "", "folder" if is_folder else "file"
        )


def sequences(names: Iterable[str]) -> list[str]:
    """The image sequences among *names*, as RV writes them: shot.1-10#.exr; # is four digits,
    @ one of any other number of them."""
    groups: dict[tuple[str, int, str], list[int]] = {}
    for name in names:
        match = _NUMBERED.fullmatch(name)
        if match:
            lead, digits, end = match.groups()
            groups.setdefault((lead, len(digits), end), []).append(int(digits))
    return [
        f"{lead}{min(n)}-{max(n)}{'#' if width == 4 else '@' * width}{end}"
        for (lead, width, end), n in groups.items()
        if len(n) > 1
    ]
