"""The LALR parser, with bison's error recovery.

Theory of operation: a table-driven parser as in every textbook, whose reductions run the
assembler's actions at once, for three reasons. What a name is depends on what the actions before
it declared. An action may fail (:class:`Recover`), and then the parser recovers as from a syntax
error. And what a broken text declared before and after the error stays declared.

Mu's own grammar has two error productions (a statement ``ERROR ;`` and a program ``ERROR``), and
which of two replies a broken text gets, an error text or an empty one, follows from how bison
recovers with them. So the driver does what bison does: states that can only reduce do so without
reading a token; default reductions are taken on an unexpected token except where ``ERROR`` could
be shifted; after an error states are popped until ``ERROR`` can be shifted, tokens are dropped
until one fits, and three tokens must be shifted before a new error counts as new.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from player.mu.lexer import NAME, Token, scan
from player.mu.scoping import Recover

__all__ = ["parse"]


class Tables(NamedTuple):
    """The parse table; see ``maketables.build``."""

    start: int
    end: int
    rules: list[tuple[str, int, str | None]]
    shifts: list[dict[str, int]]
    reduces: list[dict[str, int]]
    gotos: list[dict[str, int]]
    defaults: list[int]
    consistent: list[bool]


@lru_cache(maxsize=1)
def tables() -> Tables:
    """The parse table, read when the first text is parsed."""
    text = Path(__file__).with_name("tables.json").read_text(encoding="utf-8")
    data = json.loads(text)
    alone = frozenset(data.pop("consistent"))
    return Tables(consistent=[n in alone for n in range(len(data["shifts"]))], **data)


_DEPTH: Final = 10000
"""bison's limit of its stack; beyond it the parser gives up."""


def parse(text: str, assembler: Any) -> bool:
    """Parse a text, running the assembler's actions.

    False when the parser gave up, which leaves nothing to run and nothing to report. Raises what
    actions raise.
    """
    table = tables()
    shifts, reduces, gotos = table.shifts, table.reduces, table.gotos
    defaults, rules, consistent = table.defaults, table.rules, table.consistent
    tokens = scan(text)
    feed = iter(tokens)
    end, end_state = Token("$END", "", len(text)), table.end
    classify = assembler.classify
    states: list[int] = [table.start]
    values: list[Any] = assembler.values
    state = table.start
    token: Token | None = None
    kind = ""
    value: Any = None
    grace = 0
    while True:
        rule = -1
        if consistent[state]:
            rule = defaults[state]
            if rule < 0:
                rule = next(iter(reduces[state].values()))
        else:
            if token is None:
                token = next(feed, end)
                kind = token.kind
                value = token
                if kind == NAME:
                    kind, value = classify(token.text)
                elif kind == "IDENTIFIER":
                    value = token.text
            to = shifts[state].get(kind)
            if to is not None:
                assembler.position = token.pos
                states.append(to)
                if len(states) > _DEPTH:
                    return False
                values.append(value)
                state = to
                token = None
                if grace:
                    grace -= 1
                continue
            found = reduces[state].get(kind)
            if found is None and state == end_state and kind == "$END":
                return True
            rule = defaults[state] if found is None else found
        if rule >= 0:
            left, size, action = rules[rule]
            if action is None:
                if size == 1:
                    states.pop()
                elif size:
                    made = values[-size]
                    del states[-size:]
                    del values[-size:]
                    values.append(made)
                else:
                    values.append(None)
            else:
                arguments = values[-size:] if size else ()
                try:
                    made = getattr(assembler, action)(*arguments)
                except Recover:
                    left_over = list(arguments)
                    if size:
                        del states[-size:]
                        del values[-size:]
                    if not _recover(states, values, left_over, shifts):
                        return False
                    assembler.left_over(left_over)
                    state = states[-1]
                    grace = 3
                    continue
                if size:
                    del states[-size:]
                    del values[-size:]
                values.append(made)
            state = gotos[states[-1]][left]
            states.append(state)
            continue
        # nothing fits: a syntax error
        assert token is not None
        if grace == 3:
            if kind == "$END":
                return False
            token = None
        elif not grace:
            assembler.position = token.pos
            assembler.report("syntax error")
        left_over = []
        if not _recover(states, values, left_over, shifts):
            return False
        assembler.left_over(left_over)
        state = states[-1]
        grace = 3


def _recover(
    states: list[int], values: list[Any], left_over: list[Any], shifts: list[dict[str, int]]
) -> bool:
    """Pop to where an error can be shifted, and shift it; ``left_over`` gets what is popped."""
    while "ERROR" not in shifts[states[-1]]:
        if len(states) == 1:
            return False
        states.pop()
        left_over.insert(0, values.pop())
    states.append(shifts[states[-1]]["ERROR"])
    values.append(None)
    return True
