"""Makes ``tables.json`` from ``grammar.lark``: ``python -m player.mu.maketables``.

Lark builds the LALR table (half a second); the player only loads the result, so lark is needed
for development, not for playing. All conflicts of the grammar are shift/reduce and are resolved
as shift, as the original bison grammar does. A state's default reduction is its most common
reduce rule, except where ``ERROR`` can be shifted: bison's rule, on which the error replies
depend. A state that can only do one reduction does it without reading the next token, which
decides in what scope that token is looked up.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

__all__ = ["build", "main"]

_HERE = Path(__file__).parent


def build(grammar: str) -> dict[str, Any]:
    """The table as plain data.

    ``rules``: (left side, number of symbols, action or None). ``shifts[state]``: token -> state.
    ``reduces[state]``: token -> rule. ``gotos[state]``: left side -> state. ``defaults[state]``:
    the rule taken on any other token, or -1. ``consistent``: states that reduce without a look
    ahead. ``start`` and ``end``: the first and the accepting state.
    """
    from lark import Lark
    from lark.parsers.lalr_analysis import Shift

    lark = Lark(grammar, parser="lalr", lexer="basic", start="start", keep_all_tokens=True)
    parser: Any = lark.parser.parser  # lark's own LALR parser, below its front end
    table = parser._parse_table
    tokens = {d.name: d.pattern.value for d in lark.terminals if d.pattern.type == "str"}
    tokens = {k: v for k, v in tokens.items() if not v.startswith("\\x00")}
    rules: list[tuple[str, int, str | None]] = []
    index: dict[Any, int] = {}

    def rule_number(rule: Any) -> int:
        if rule not in index:
            index[rule] = len(rules)
            rules.append((str(rule.origin.name), len(rule.expansion), rule.alias))
        return index[rule]

    size = len(table.states)
    shifts: list[dict[str, int]] = [{} for _ in range(size)]
    reduces: list[dict[str, int]] = [{} for _ in range(size)]
    gotos: list[dict[str, int]] = [{} for _ in range(size)]
    defaults = [-1] * size
    consistent = []
    # rules are numbered as the grammar lists them, so that ties fall as bison's do
    for rule in sorted(lark.rules, key=lambda r: r.order):
        rule_number(rule)
    names = {r.origin.name for r in lark.rules}
    for number, actions in table.states.items():
        count: Counter[int] = Counter()
        for symbol, (action, argument) in actions.items():
            token = tokens.get(symbol, symbol)
            if action is Shift:
                (gotos if symbol in names else shifts)[number][str(token)] = argument
            else:
                rule = rule_number(argument)
                reduces[number][str(token)] = rule
                count[rule] += 1
        if count and "ERROR" not in shifts[number]:
            most = max(count.values())
            defaults[number] = min(r for r, n in count.items() if n == most)
        if len(count) == 1 and not shifts[number]:
            consistent.append(number)
    return {
        "start": table.start_states["start"],
        "end": table.end_states["start"],
        "rules": rules,
        "shifts": shifts,
        "reduces": reduces,
        "gotos": gotos,
        "defaults": defaults,
        "consistent": sorted(consistent),
    }


def main() -> None:
    """Write the table beside the grammar."""
    table = build((_HERE / "grammar.lark").read_text(encoding="utf-8"))
    text = json.dumps(table, separators=(",", ":"))
    (_HERE / "tables.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
