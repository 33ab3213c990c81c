"""What the prompt says of the verb or the call that is being typed: its signature with the current
parameter, and the grey rest of its usage. Pure, as the completion engine is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rvshell.shell.cursor import open_call
from rvshell.shell.engine import here_in
from rvshell.verbs.registry import REGISTRY, Verb

if TYPE_CHECKING:
    from rvshell.shell.snapshot import Snapshot

__all__ = ["Described", "describe", "hint_of"]


class Described(NamedTuple):
    """A signature in three parts, the middle one the current parameter, and one line about it."""

    before: str
    current: str
    after: str
    doc: str


def describe(text: str, cursor: int, snapshot: Snapshot, mode: str = "verbs") -> Described | None:
    """The signature of what is being typed at the cursor, or None."""
    before = text[:cursor]
    here = here_in(before, snapshot, mode)
    if here.kind in ("argument", "file") and here.verb:
        verb = REGISTRY.get(here.verb)
        if verb is None:
            return None
        param = verb.signature.param_at(verb.signature.positionals(here.words))
        return _split(verb.text, _shown(verb, param.name if param else ""), verb.summary)
    if here.kind in ("condition",) and (verb := REGISTRY.get(here.verb)):
        return _split(verb.text, "EXPR", verb.summary)
    found = open_call(before)
    if found is not None:
        name, index = found
        name = name.removeprefix("rv.")
        commands = snapshot.commands.get(name) or snapshot.commands.get(
            name.removeprefix("commands.")
        )
        if commands:
            command = next((c for c in commands if _arguments(c.signature) > index), commands[0])
            return _split(command.signature, _parameter(command.signature, index), command.doc)
    if here.kind in ("mu", "python") and (verb := REGISTRY.get(here.verb)):
        return _split(verb.text, "CODE", verb.summary)
    return None


def _shown(verb: Verb, name: str) -> str:
    """The parameter as the usage line writes it."""
    for piece in verb.text.split(" ")[1:]:
        if piece.strip("[]").rstrip("…") == name:
            return piece
    return ""


def _split(text: str, current: str, doc: str) -> Described:
    behind = text.find("(") + 1 if "(" in text else text.find(" ")
    at = text.find(current, behind) if current else -1
    if at < 0:
        return Described(text, "", "", doc)
    return Described(text[:at], current, text[at + len(current) :], doc)


def _parameters(signature: str) -> list[str]:
    """The parameters of `name(type a, [type] b=…) -> type`."""
    inner, depth, out, start = signature.partition("(")[2], 0, [], 0
    for i, c in enumerate(inner):
        if c in "([{<":
            depth += 1
        elif c in "]}>" or (c == ")" and depth):
            depth -= 1
        elif c == ")":
            out.append(inner[start:i].strip())
            break
        elif c == "," and not depth:
            out.append(inner[start:i].strip())
            start = i + 1
    return [p for p in out if p]


def _arguments(signature: str) -> int:
    return len(_parameters(signature))


def _parameter(signature: str, index: int) -> str:
    found = _parameters(signature)
    return found[index] if index < len(found) else ""


def hint_of(text: str, snapshot: Snapshot, mode: str = "verbs") -> str:
    """The grey rest of a usage line behind the text, as redis-cli shows it; "" for none."""
    if mode != "verbs" or "\n" in text:
        return ""
    here = here_in(text, snapshot, mode)
    verb = REGISTRY.get(here.verb) if here.verb else None
    if here.kind == "statement" and here.typed and here.start + len(here.typed) == len(text):
        verb = REGISTRY.get(here.typed)
        return " " + verb.text.partition(" ")[2] if verb and " " in verb.text else ""
    if verb is None or here.kind not in ("argument", "file", "condition", "mu", "python"):
        return ""
    if here.kind != "argument" and here.kind != "file":
        return (
            verb.text.partition(" ")[2]
            if text.endswith(" ") and not here.words and not here.typed
            else ""
        )
    signature = verb.signature
    used = signature.positionals(here.words) + bool(here.typed)
    rest: list[str] = []
    for index, param in enumerate(signature.params):
        if index >= used or (param.repeats and not here.typed):
            shown = param.name + ("…" if param.repeats else "")
            rest.append(shown if param.required and index >= used else f"[{shown}]")
    for option in signature.options:
        if option.flag not in here.words:
            rest.append(f"[{option.flag}{' ' + option.value if option.value else ''}]")
    if not rest:
        return ""
    return ("" if text.endswith(" ") else " ") + " ".join(rest)
