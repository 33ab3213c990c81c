"""The LALR parser, with bison's error recovery.

Theory of operation: a table-driven parser as in every textbook, with one addition. Mu's own
grammar has two error productions (a statement ``ERROR ;`` and a program ``ERROR``), and which
of two replies a broken text gets, an error text or an empty one, follows from how bison
recovers with them. So the driver does what bison does: default reductions are taken on an
unexpected token except where ``ERROR`` could be shifted; after an error states are popped until
``ERROR`` can be shifted, tokens are dropped until one fits, and three tokens must be shifted
before a new error counts as new.

Nodes are ``Node(kind, kids, pos)``; kids are nodes, tokens, lists spliced in, or None for an
optional part that is absent.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import Any

from player.mu.lexer import Token, tokenize

__all__ = ["Node", "Outcome", "parse", "tables"]


class Node:
    """One construct; ``kind`` is the alias or rule name of the grammar."""

    __slots__ = ("kids", "kind", "pos")

    def __init__(self, kind: str, kids: list[Any], pos: int) -> None:
        self.kind = kind
        self.kids = kids
        self.pos = pos

    def __repr__(self) -> str:
        return f"{self.kind}({', '.join(map(repr, self.kids))})"


class Outcome:
    """What parsing gave: ``tree``, or an error.

    ``verdict`` is ``"ok"``, ``"error"`` (a syntax error reply) or ``"empty"`` (the parser gave
    up: an empty reply). ``pos`` is the offset of the first unexpected token, ``at_end`` whether
    that was the end of the text.
    """

    __slots__ = ("at_end", "pos", "tree", "verdict")

    def __init__(self, verdict: str, tree: Node | None, pos: int = -1, at_end: bool = False):
        self.verdict = verdict
        self.tree = tree
        self.pos = pos
        self.at_end = at_end


@lru_cache(maxsize=1)
def tables() -> dict[str, Any]:
    """The parse table (see ``maketables``)."""
    table: dict[str, Any] = json.loads(
        (files("player.mu") / "tables.json").read_text(encoding="utf-8")
    )
    for rule in table["rules"]:
        rule["size"] = len(rule["keep"])
        rule["inline"] = rule["origin"].startswith("_")
    return table


def _reduce(rule: dict[str, Any], values: list[Any], pos: int) -> Any:
    kids: list[Any] = []
    gaps = rule["gaps"]
    for i, value in enumerate(values):
        if gaps and gaps[i]:
            kids.extend([None] * gaps[i])
        if rule["splice"][i]:
            kids.extend(value)
        elif rule["keep"][i]:
            kids.append(value)
    if gaps and gaps[-1]:
        kids.extend([None] * gaps[-1])
    if rule["inline"]:
        return kids
    if rule["expand1"] and len(kids) == 1:
        return kids[0]
    return Node(rule["name"], kids, pos)


def _position(values: list[Any], default: int) -> int:
    for value in values:
        if isinstance(value, list):
            found = _position(value, -1)
            if found >= 0:
                return found
        elif value is not None and value.pos >= 0:
            return int(value.pos)
    return default


def parse(text: str, is_type: Callable[[str], bool]) -> Outcome:
    """Parse a program text."""
    table = tables()
    return _drive(tokenize(text, table["literals"], is_type), len(text), table)


def _drive(tokens: list[Token], length: int, table: dict[str, Any]) -> Outcome:
    states, rules, defaults = table["states"], table["rules"], table["defaults"]
    stack: list[int] = [table["start"]]
    values: list[Any] = []
    feed = [*tokens, Token("$END", "", length)]
    index, grace, first_error = 0, 0, -1
    at_end = False
    while True:
        token = feed[index]
        action = states[stack[-1]].get(token.kind)
        if action is None and defaults[stack[-1]] >= 0:
            action = -1 - defaults[stack[-1]]
        if action is not None:
            if action >= 0:
                stack.append(action)
                values.append(token)
                index += 1
                grace = max(0, grace - 1)
                continue
            rule = rules[-1 - action]
            size = rule["size"]
            taken = values[len(values) - size :] if size else []
            if size:
                del stack[-size:]
                del values[-size:]
            made = _reduce(rule, taken, _position(taken, token.pos))
            stack.append(states[stack[-1]][rule["origin"]])
            values.append(made)
            if rule["origin"] == "start" and rule["error"]:
                return Outcome("error", None, first_error, at_end)
            if token.kind == "$END" and stack[-1] == table["end"]:
                if first_error >= 0:
                    return Outcome("error", None, first_error, at_end)
                return Outcome("ok", made)
            continue
        if first_error < 0:
            first_error = token.pos
            at_end = token.kind == "$END"
        if grace == 3:
            if token.kind == "$END":
                return Outcome("empty", None, first_error, at_end)
            index += 1
        while states[stack[-1]].get("ERROR", -1) < 0:
            if len(stack) == 1:
                return Outcome("empty", None, first_error, at_end)
            stack.pop()
            values.pop()
        stack.append(states[stack[-1]]["ERROR"])
        values.append(Token("ERROR", "", token.pos))
        grace = 3
